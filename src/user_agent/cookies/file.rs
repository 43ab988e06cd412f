//! Cookie jars in files: the tab-separated format of Netscape, which curl, wget and others share.

use super::CookieJar;
use super::storage::is_text;
use cookie_store::{CookieDomain, CookieExpiration};
use std::io::{self, BufRead, Write};
use std::time::{SystemTime, UNIX_EPOCH};
use url::Url;

const HTTP_ONLY: &str = "#HttpOnly_";

impl CookieJar {
    /// Adds the cookies of a file: one a line, of seven fields between tabs (domain, whether subdomains
    /// have it too, path, whether it is Secure, when it expires in seconds since 1970 or 0, name,
    /// value), with `#HttpOnly_` before those that are. Lines that begin with `#` otherwise, and lines
    /// that are no cookie, are skipped.
    ///
    /// # Errors
    ///
    /// Those of the reader, and text that is not UTF-8.
    ///
    /// ```
    /// use dom_websocket::CookieJar;
    ///
    /// let jar = CookieJar::new();
    /// jar.load(&b"example.com\tFALSE\t/\tFALSE\t0\tsession\t31d4d96e\n"[..])?;
    /// assert_eq!(jar.cookies("ws://example.com/").as_deref(), Some("session=31d4d96e"));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn load(&self, file: impl BufRead) -> io::Result<()> {
        for line in file.lines() {
            self.load_line(line?.trim_end_matches('\r'));
        }
        Ok(())
    }

    fn load_line(&self, line: &str) -> Option<()> {
        let http_only = line.starts_with(HTTP_ONLY);
        let line = line.strip_prefix(HTTP_ONLY).unwrap_or(line);
        if line.starts_with('#') {
            return None;
        }
        let mut fields = line.split('\t');
        let mut next = || fields.next();
        let (domain, is_suffix, path) = (next()?, next()? == "TRUE", next()?);
        let (secure, expires, name) = (next()? == "TRUE", next()?, next()?);
        // Python's cookie jars leave it empty where others write 0.
        let expires: u64 = match expires {
            "" => 0,
            seconds => seconds.parse().ok()?,
        };
        let value = next().unwrap_or_default();
        let host = domain.trim_start_matches('.');
        let mut cookie = format!("{name}={value}; Path={path}");
        if is_suffix {
            cookie.push_str(&format!("; Domain={host}"));
        }
        if secure {
            cookie.push_str("; Secure");
        }
        if http_only {
            cookie.push_str("; HttpOnly");
        }
        if expires != 0 {
            let now = SystemTime::now().duration_since(UNIX_EPOCH).ok()?.as_secs();
            cookie.push_str(&format!("; Max-Age={}", expires.saturating_sub(now)));
        }
        // Where a field has a semicolon it would be read as an attribute.
        if [name, value, path].iter().any(|field| field.contains(';')) {
            return None;
        }
        let url = Url::parse(&format!("https://{host}/")).ok()?;
        self.store(&url, &cookie);
        Some(())
    }

    /// Writes the cookies as [`load`](Self::load) reads them, those that end with the session too.
    ///
    /// # Errors
    ///
    /// Those of the writer.
    ///
    /// ```
    /// use dom_websocket::CookieJar;
    ///
    /// let jar = CookieJar::new();
    /// jar.set("https://example.com/", "session=31d4d96e");
    /// let mut file = Vec::new();
    /// jar.save(&mut file)?;
    /// let other = CookieJar::new();
    /// other.load(&file[..])?;
    /// assert_eq!(other.cookies("https://example.com/"), jar.cookies("https://example.com/"));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn save(&self, mut file: impl Write) -> io::Result<()> {
        file.write_all(self.lines().as_bytes())
    }

    fn lines(&self) -> String {
        let mut lines = "# Netscape HTTP Cookie File\n".to_owned();
        for cookie in self.store.borrow().iter_unexpired() {
            let (domain, is_suffix) = match &cookie.domain {
                CookieDomain::HostOnly(host) => (host.clone(), "FALSE"),
                CookieDomain::Suffix(suffix) => (format!(".{suffix}"), "TRUE"),
                CookieDomain::NotPresent | CookieDomain::Empty => continue,
            };
            let expires = match &cookie.expires {
                CookieExpiration::AtUtc(time) => time.unix_timestamp().max(1),
                CookieExpiration::SessionEnd => 0,
            };
            let flag = |is_set| if is_set { "TRUE" } else { "FALSE" };
            let line = [
                domain.as_str(),
                is_suffix,
                &String::from(&cookie.path),
                flag(cookie.secure() == Some(true)),
                &expires.to_string(),
                cookie.name(),
                cookie.value(),
            ];
            if line
                .iter()
                .any(|field| field.contains('\t') || !is_text(field))
            {
                continue;
            }
            let http_only = if cookie.http_only() == Some(true) {
                HTTP_ONLY
            } else {
                ""
            };
            lines.push_str(&format!("{http_only}{}\n", line.join("\t")));
        }
        lines
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_jar_survives_its_file() {
        let jar = CookieJar::new();
        assert!(jar.set(
            "wss://a.example.com/",
            "s=1; Secure; HttpOnly; Max-Age=1000"
        ));
        assert!(jar.set("ws://a.example.com/", "d=2; Domain=example.com; Path=/x"));
        assert!(jar.set("ws://127.0.0.1/", "n=3"));
        let mut file = Vec::new();
        jar.save(&mut file).unwrap();
        let text = String::from_utf8(file.clone()).unwrap();
        assert!(
            text.contains("#HttpOnly_a.example.com\tFALSE\t/\tTRUE\t"),
            "{text}"
        );
        assert!(
            text.contains(".example.com\tTRUE\t/x\tFALSE\t0\td\t2\n"),
            "{text}"
        );
        let again = CookieJar::new();
        again.load(file.as_slice()).unwrap();
        for url in [
            "wss://a.example.com/x",
            "ws://a.example.com/",
            "ws://b.example.com/x",
            "ws://127.0.0.1/",
        ] {
            assert_eq!(again.cookies(url), jar.cookies(url), "{url}");
        }
    }

    #[test]
    fn lines_that_are_no_cookies_are_skipped() {
        let jar = CookieJar::new();
        let file = "# comment\n\nnot\tenough\nh\tFALSE\t/\tFALSE\tnever\ta\tb\n\
            h\tFALSE\t/\tFALSE\t1\tgone\tb\nh\tFALSE\t/\tFALSE\t0\ta\tb; Domain=x\n\
            h\tFALSE\t/\tFALSE\t0\tgood\tb\r\nh\tFALSE\t/\tFALSE\t\talso\tc\n";
        jar.load(file.as_bytes()).unwrap();
        assert_eq!(jar.cookies("ws://h/").as_deref(), Some("good=b; also=c"));
    }
    #[test]
    fn what_no_line_can_hold_is_left_out() {
        let jar = CookieJar::new();
        assert!(jar.set("ws://h/", "a=b\tc"));
        assert!(jar.set("ws://h/", "d=e"));
        let mut file = Vec::new();
        jar.save(&mut file).unwrap();
        let text = String::from_utf8(file).unwrap();
        assert!(
            text.ends_with("\td\te\n") && !text.contains("\ta\t"),
            "{text}"
        );
    }
}
