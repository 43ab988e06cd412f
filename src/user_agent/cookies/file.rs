//! Cookie jars in files: the tab-separated format of Netscape, which curl, wget and others share.

use super::CookieJar;
use super::set_cookie::{MAX_AGE, SetCookie, is_text};
use super::storage::now;
use std::io::{self, BufRead, Write};
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
        let is_http_only = line.starts_with(HTTP_ONLY);
        let line = line.strip_prefix(HTTP_ONLY).unwrap_or(line);
        if line.starts_with('#') {
            return None;
        }
        let mut fields = line.split('\t');
        let mut next = || fields.next();
        // Not everybody writes it in capitals, and a Secure cookie is to stay one.
        let is_true = |field: &str| field.eq_ignore_ascii_case("TRUE");
        let (domain, is_suffix, path) = (next()?, is_true(next()?), next()?);
        let (is_secure, expires, name) = (is_true(next()?), next()?, next()?);
        // Python's cookie jars leave it empty where others write 0.
        let expires: i64 = match expires {
            "" => 0,
            seconds => seconds.parse().ok()?,
        };
        let expires = Some(expires).filter(|seconds| *seconds != 0);
        let value = next().unwrap_or_default();
        // Where a field has a semicolon it would be read as an attribute elsewhere.
        let is_plain = |field: &str| is_text(field) && !field.contains(';');
        let (now, host) = (now(), domain.trim_start_matches('.'));
        if ![name, value, path].into_iter().all(is_plain) || expires.is_some_and(|at| at <= now) {
            return None;
        }
        let pair = format!("{name}={value}");
        let set_cookie = SetCookie {
            expires: expires.map(|at| at.min(now.saturating_add(MAX_AGE))),
            domain: if is_suffix { host } else { "" },
            path: Some(if path.starts_with('/') { path } else { "" }),
            is_secure,
            is_http_only,
            ..SetCookie::parse(&pair, now)?
        };
        let url = Url::parse(&format!("https://{host}/")).ok()?;
        self.store.borrow_mut().store(&url, &set_cookie, true);
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
        let flag = |is_set| if is_set { "TRUE" } else { "FALSE" };
        for cookie in self.store.borrow().iter() {
            let dot = if cookie.is_host_only { "" } else { "." };
            let line = [
                &format!("{dot}{}", cookie.domain),
                flag(!cookie.is_host_only),
                &cookie.path,
                flag(cookie.is_secure),
                &cookie.expires.unwrap_or_default().to_string(),
                &cookie.name,
                &cookie.value,
            ];
            if line
                .iter()
                .any(|field| field.contains('\t') || !is_text(field))
            {
                continue;
            }
            let http_only = if cookie.is_http_only { HTTP_ONLY } else { "" };
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
        assert!(jar.set("ws://[::1]/", "nameless"));
        assert!(jar.set("ws://example.com/", "d=both; Path=/x"));
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
            "ws://b.example.com/x",
            "ws://127.0.0.1/",
            "ws://[::1]/",
            "ws://example.com/x",
        ] {
            assert!(jar.cookies(url).is_some(), "{url}");
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
    fn what_is_true_may_be_written_in_small_letters() {
        let jar = CookieJar::new();
        let file = "h.example\tTrue\t/\ttrue\t0\ta\tb\n";
        jar.load(file.as_bytes()).unwrap();
        assert_eq!(jar.cookies("ws://h.example/"), None);
        assert_eq!(jar.cookies("wss://x.h.example/").as_deref(), Some("a=b"));
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
