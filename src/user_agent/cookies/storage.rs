//! The storage model (6265bis section 5.7) and the retrieval algorithm (section 5.8.3).

use super::cookie::{Cookie, path_matches};
use super::set_cookie::SetCookie;
use std::cell::Cell;
use std::cmp::Reverse;
use std::collections::HashMap;
use std::time::{SystemTime, UNIX_EPOCH};
use url::Url;

/// Section 6.1 asks for at least 3000 cookies, 50 of each domain. For more than these some make room.
pub(super) const MAX_COOKIES: usize = 3000;
pub(super) const MAX_OF_DOMAIN: usize = 180;

/// All cookies of a jar. Of the same name, domain, host-only-flag and path there is one.
#[derive(Clone, Default)]
pub(super) struct Store {
    /// By creation time.
    cookies: Vec<Cookie>,
    /// So often something was stored or sent.
    uses: Cell<u64>,
}

/// In seconds since 1970.
pub(super) fn now() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.map_or(0, |since| {
        i64::try_from(since.as_secs()).unwrap_or(i64::MAX)
    })
}

/// A WebSocket URL as the HTTP URL that cookies are for (Fetch "establish a WebSocket connection" step 1,
/// hixie-76 section 4.1 step 15).
pub(super) fn http(url: &Url) -> Option<Url> {
    let mut url = url.clone();
    match url.scheme() {
        "ws" => url.set_scheme("http").ok()?,
        "wss" => url.set_scheme("https").ok()?,
        "http" | "https" => {}
        _ => return None,
    }
    Some(url)
}

impl Store {
    /// A user agent "receives a cookie" from an [`http`] URL. False where it is ignored.
    pub(super) fn receive(&mut self, url: &Url, set_cookie: &str, is_same_site: bool) -> bool {
        // Steps 2 to 6, which are those of parsing too.
        SetCookie::parse(set_cookie, now())
            .is_some_and(|set_cookie| self.store(url, &set_cookie, is_same_site))
    }

    pub(super) fn store(&mut self, url: &Url, set: &SetCookie<'_>, is_same_site: bool) -> bool {
        let Some(cookie) = Cookie::new(url, set) else {
            return false;
        };
        // Steps 13 and 16. A connection that anybody could have written to neither sets what is Secure, nor hides it.
        if url.scheme() != "https" && (cookie.is_secure || self.has_secure_below(&cookie)) {
            return false;
        }
        // Steps 18 and 19. SameSite.
        let is_for_this_site = match cookie.is_for_all_sites {
            true => cookie.is_secure,
            false => is_same_site,
        };
        if !is_for_this_site || !cookie.keeps_promises(set.path.is_some()) {
            return false;
        }
        // Steps 23 and 24.
        let now = now();
        self.cookies.retain(|cookie| !cookie.is_over(now));
        let old = self
            .cookies
            .iter()
            .position(|old| old.is_replaced_by(&cookie));
        let is_over = cookie.is_over(now);
        cookie.last_use.set(self.next_use());
        match old {
            Some(index) if is_over => drop(self.cookies.remove(index)),
            Some(index) => self.cookies[index] = cookie,
            None if is_over => return false,
            None => {
                self.cookies.push(cookie);
                self.make_room();
            }
        }
        true
    }

    /// What a `Cookie` field to this [`http`] URL says, if there are cookies for it.
    pub(super) fn field(&self, url: &Url, is_same_site: bool) -> Option<String> {
        let (now, this_use) = (now(), self.next_use());
        // Step 3. A handshake is no navigation, so another site gets none but those for all.
        let mut cookies: Vec<_> = self
            .cookies
            .iter()
            .filter(|cookie| {
                !cookie.is_over(now)
                    && cookie.is_for_host(url)
                    && path_matches(url.path(), &cookie.path)
                    && (!cookie.is_secure || url.scheme() == "https")
                    && (cookie.is_for_all_sites || is_same_site)
            })
            .collect();
        // Step 4. Longer paths first, then those that were set earlier.
        cookies.sort_by_key(|cookie| Reverse(cookie.path.len()));
        // Steps 5 and 6.
        let pairs: Vec<_> = cookies
            .iter()
            .map(|cookie| {
                cookie.last_use.set(this_use);
                cookie.pair()
            })
            .collect();
        (!pairs.is_empty()).then(|| pairs.join("; "))
    }

    /// Those that have not expired.
    pub(super) fn iter(&self) -> impl Iterator<Item = &Cookie> {
        let now = now();
        self.cookies
            .iter()
            .filter(move |cookie| !cookie.is_over(now))
    }

    pub(super) fn clear(&mut self) {
        self.cookies.clear();
    }

    fn next_use(&self) -> u64 {
        self.uses.set(self.uses.get() + 1);
        self.uses.get()
    }

    /// Step 16: a Secure cookie of this name would be sent beside it, or be hidden behind it.
    fn has_secure_below(&self, new: &Cookie) -> bool {
        self.iter()
            .any(|old| old.is_secure && old.is_overlaid_by(new))
    }

    /// "Remove excess cookies", of which there is one, those that have expired having gone: of the domain that has too many,
    /// or the one that has most, one that is not Secure, and the one that was used least lately.
    fn make_room(&mut self) {
        let mut counts = HashMap::new();
        for cookie in &self.cookies {
            *counts.entry(cookie.domain.as_str()).or_insert(0) += 1;
        }
        if self.cookies.len() <= MAX_COOKIES && counts.values().all(|count| *count <= MAX_OF_DOMAIN)
        {
            return;
        }
        let first = self.cookies.iter().enumerate().min_by_key(|(_, cookie)| {
            let count = counts[cookie.domain.as_str()];
            (Reverse(count), cookie.is_secure, cookie.last_use.get())
        });
        if let Some((index, _)) = first {
            self.cookies.remove(index);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HERE: bool = true;
    const ELSEWHERE: bool = false;

    fn set(jar: &mut Store, url: &str, cookie: &str) -> bool {
        jar.receive(&Url::parse(url).unwrap(), cookie, HERE)
    }

    fn get(jar: &Store, url: &str) -> String {
        jar.field(&Url::parse(url).unwrap(), HERE)
            .unwrap_or_default()
    }

    #[test]
    fn a_secure_cookie_is_hidden_by_no_other() {
        let mut jar = Store::default();
        let secure = "sid=good; Secure; Domain=example.com; Path=/login";
        assert!(set(&mut jar, "https://a.example.com/", secure));
        for (url, cookie) in [
            ("http://a.example.com/", "sid=evil; Path=/login"),
            ("http://a.example.com/", "sid=evil; Path=/login/en"),
            ("http://a.example.com/login/x", "sid=evil"),
            ("http://example.com/", "sid=evil; Path=/login/"),
            (
                "http://b.example.com/",
                "sid=evil; Domain=example.com; Path=/login",
            ),
            ("http://c.b.example.com/", "sid=evil; Path=/login"),
            ("http://a.example.com/", "sid=evil; Secure; Path=/login"),
            (
                "http://a.example.com/",
                "sid=; Max-Age=0; Domain=example.com; Path=/login",
            ),
        ] {
            assert!(!set(&mut jar, url, cookie), "{url} {cookie}");
        }
        for (url, cookie) in [
            ("http://a.example.com/", "sid=other; Path=/"),
            ("http://a.example.com/", "sid=other; Path=/foo"),
            ("http://a.example.com/", "sid=other; Path=/loginx"),
            ("http://a.example.com/", "another=1; Path=/login"),
            ("http://other.com/", "sid=other; Path=/login"),
            ("https://a.example.com/", "sid=open; Path=/login/en"),
        ] {
            assert!(set(&mut jar, url, cookie), "{url} {cookie}");
        }
        assert_eq!(get(&jar, "https://x.example.com/login"), "sid=good");
    }

    #[test]
    fn prefixes() {
        // The draft's own examples, of section 5.4.
        for cookie in [
            "__Secure-SID=12345; Domain=site.example",
            "__secure-SID=12345; Domain=site.example",
            "__SECURE-SID=12345; Domain=site.example",
            "__Host-SID=12345",
            "__host-SID=12345; Secure",
            "__host-SID=12345; Domain=site.example",
            "__HOST-SID=12345; Domain=site.example; Path=/",
            "__Host-SID=12345; Secure; Domain=site.example; Path=/",
            "__host-SID=12345; Secure; Path=/x",
            "__Host-SID",
            "=__Host-SID=12345",
            "__Http-SID=12345; Secure",
            "__HTTP-SID=12345; HttpOnly",
            "=__Http-SID=12345; Secure; HttpOnly",
            "__Host-Http-SID=12345; Secure; Path=/",
            "__host-http-SID=12345; Secure; HttpOnly",
            "__Host-Http-SID=12345; Secure; HttpOnly; Domain=site.example; Path=/",
        ] {
            let mut jar = Store::default();
            assert!(!set(&mut jar, "https://site.example/", cookie), "{cookie}");
        }
        for cookie in [
            "__Secure-SID=12345; Domain=site.example; Secure",
            "__secure-SID=12345; Domain=site.example; Secure",
            "__Host-SID=12345; Secure; Path=/",
            "__HOST-SID=12345; Secure; Path=/",
            "__Host-SID=12345; Secure; Path=",
            "__Http-SID=12345; Secure; HttpOnly; Domain=site.example",
            "__http-SID=12345; Secure; HttpOnly; Path=/x",
            "__Host-Http-SID=12345; Secure; HttpOnly; Path=/",
            "__Hostile=1",
            "__Httpd=1",
        ] {
            let mut jar = Store::default();
            assert!(set(&mut jar, "https://site.example/", cookie), "{cookie}");
            let mut jar = Store::default();
            let is_plain = !cookie.contains("-SID");
            let is_set = set(&mut jar, "http://site.example/", cookie);
            assert_eq!(is_set, is_plain, "{cookie}");
        }
    }

    #[test]
    fn public_suffixes() {
        for (url, domain, is_stored) in [
            ("https://a.example.co.uk/", "example.co.uk", true),
            ("https://a.example.co.uk/", ".example.co.uk", true),
            ("https://a.example.co.uk/", "co.uk", false),
            ("https://a.example.co.uk/", "CO.UK", false),
            ("https://a.example.co.uk/", "uk", false),
            ("https://a.github.io/", "github.io", false),
            ("https://a.github.io/", "a.github.io", true),
            ("https://localhost/", "localhost", true),
            ("https://127.0.0.1/", "127.0.0.1", true),
            ("https://127.0.0.1/", "0.0.1", false),
            ("https://[::1]/", "[::1]", true),
            ("https://a.example.com./", "example.com.", true),
            ("https://a.example.com./", "example.com", false),
            ("https://a.example.com/", "example.com.", false),
            ("https://a.example.com./", "com.", false),
            ("https://a../", "..", false),
        ] {
            let mut jar = Store::default();
            let is_set = set(&mut jar, url, &format!("a=b; Domain={domain}"));
            assert_eq!(is_set, is_stored, "{url} {domain}");
        }
        // Its own, and nobody's below it.
        let mut jar = Store::default();
        assert!(set(&mut jar, "https://github.io/", "a=b; Domain=github.io"));
        assert_eq!(get(&jar, "https://github.io/"), "a=b");
        assert_eq!(get(&jar, "https://a.github.io/"), "");
    }

    #[test]
    fn another_site_has_only_what_is_for_all() {
        let url = Url::parse("https://example.com/").unwrap();
        for (cookie, is_for_all) in [
            ("a=b", false),
            ("a=b; SameSite=Lax; Secure", false),
            ("a=b; SameSite=Strict; Secure", false),
            ("a=b; SameSite=odd; Secure", false),
            ("a=b; SameSite=None; Secure", true),
            ("a=b; samesite=NONE; Secure", true),
        ] {
            let mut jar = Store::default();
            assert_eq!(jar.receive(&url, cookie, ELSEWHERE), is_for_all);
            assert!(jar.receive(&url, cookie, HERE), "{cookie}");
            assert_eq!(jar.field(&url, HERE).as_deref(), Some("a=b"));
            let sent = jar.field(&url, ELSEWHERE);
            assert_eq!(sent.is_some(), is_for_all, "{cookie}");
        }
        let mut jar = Store::default();
        assert!(!jar.receive(&url, "a=b; SameSite=None", HERE));
    }

    /// Sibling domains can add to what a host has for itself alone, and neither replace nor delete it.
    #[test]
    fn a_cookie_of_the_host_alone_is_another_one() {
        let mut jar = Store::default();
        let url = "https://example.com/";
        assert!(set(&mut jar, url, "sid=good"));
        let sibling = "https://evil.example.com/";
        let all = "sid=evil; Domain=example.com; Path=/";
        assert!(set(&mut jar, sibling, all));
        assert_eq!(get(&jar, url), "sid=good; sid=evil");
        assert_eq!(get(&jar, sibling), "sid=evil");
        assert!(set(&mut jar, sibling, &format!("{all}; Max-Age=0")));
        assert!(!set(&mut jar, sibling, &format!("{all}; Max-Age=0")));
        assert_eq!(get(&jar, url), "sid=good");
    }

    #[test]
    fn without_a_name() {
        let mut jar = Store::default();
        let (url, secure) = ("http://h.example/", "https://h.example/");
        assert!(set(&mut jar, url, "a"));
        assert!(set(&mut jar, url, "b=1"));
        assert!(set(&mut jar, url, "=c=2"));
        assert_eq!(get(&jar, url), "c=2; b=1", "there is one");
        for cookie in ["__Host-a=b", "=__Secure-a", "__secure-", "= __HOST-a=b"] {
            let cookie = format!("{cookie}; Secure; Path=/");
            let is_set = set(&mut jar, secure, &cookie);
            assert_eq!(is_set, cookie.starts_with("__Host-a="), "{cookie}");
        }
        // What looks as if it had a name hides none that is Secure.
        assert!(set(&mut jar, secure, "sid=good; Secure"));
        assert!(!set(&mut jar, url, "=sid=evil"));
        assert_eq!(get(&jar, url), "c=2; b=1");
    }

    /// There is one without a name, whatever its value looks like.
    #[test]
    fn a_secure_cookie_without_a_name_is_left_alone_too() {
        let (url, secure) = ("http://h.example/", "https://h.example/");
        for good in ["good", "=sid=good"] {
            for evil in [
                "evil",
                "=evil",
                "=x=evil",
                "=sid=evil",
                "=; Max-Age=0",
                "=x=; Max-Age=0",
            ] {
                let mut jar = Store::default();
                assert!(set(&mut jar, secure, &format!("{good}; Secure")));
                assert!(!set(&mut jar, url, evil), "{good} {evil}");
                assert_eq!(get(&jar, secure), good.trim_start_matches('='), "{evil}");
            }
        }
        // Nor does what has the name hide it that it looks as if it had.
        let mut jar = Store::default();
        assert!(set(&mut jar, secure, "=sid=good; Secure"));
        assert!(!set(&mut jar, url, "sid=evil"));
        assert!(set(&mut jar, url, "other=1"));
        assert_eq!(get(&jar, secure), "sid=good; other=1");
    }

    #[test]
    fn a_prefix_behind_a_space_is_one() {
        let mut jar = Store::default();
        for space in ["\u{2003}", "\u{a0}", "\u{3000}\u{2028}"] {
            let cookie = format!("{space}__Host-a=b; Secure; Domain=h.example; Path=/");
            assert!(!set(&mut jar, "https://h.example/", &cookie), "{cookie}");
        }
    }

    #[test]
    fn longer_paths_come_first_and_then_what_was_set_first() {
        let mut jar = Store::default();
        let url = "https://www.h.example/x/y/";
        for cookie in [
            "a=1; Domain=h.example; Path=/",
            "b=1; Path=/",
            "c=1; Domain=h.example; Path=/",
            "d=1; Path=/x",
            "e=1; Path=/x/y/",
            "f=1",
            "a=2; Domain=h.example; Path=/",
        ] {
            assert!(set(&mut jar, url, cookie), "{cookie}");
        }
        assert_eq!(get(&jar, url), "e=1; f=1; d=1; a=2; b=1; c=1");
        assert!(set(&mut jar, url, "b=; Path=/; Max-Age=0"));
        assert!(set(&mut jar, url, "b=2; Path=/"));
        assert_eq!(get(&jar, url), "e=1; f=1; d=1; a=2; c=1; b=2");
    }

    #[test]
    fn what_was_used_least_lately_makes_room_first() {
        let mut jar = Store::default();
        let url = "http://h.example/x";
        for i in 0..MAX_OF_DOMAIN {
            assert!(set(&mut jar, url, &format!("a{i}=b; Path=/{i}")));
        }
        assert_eq!(get(&jar, "http://h.example/0"), "a0=b");
        assert!(set(&mut jar, url, "new=1; Path=/new"));
        assert_eq!(get(&jar, "http://h.example/0"), "a0=b");
        assert_eq!(get(&jar, "http://h.example/1"), "");
    }

    #[test]
    fn default_paths() {
        for (path, default) in [
            ("", "/"),
            ("/", "/"),
            ("/x", "/"),
            ("/x/", "/x"),
            ("/x/y?/z", "/x"),
            ("//x", "/"),
        ] {
            let url = format!("https://h.example{path}");
            for cookie in ["a=b", "a=b; Path=", "a=b; Path=x", "a=b; Path=/y; Path"] {
                let mut jar = Store::default();
                assert!(set(&mut jar, &url, cookie));
                assert_eq!(jar.iter().next().unwrap().path, default, "{url} {cookie}");
            }
        }
    }

    #[test]
    fn what_is_not_secure_makes_room_first() {
        let mut jar = Store::default();
        assert!(set(&mut jar, "https://h.example/", "session=1; Secure"));
        for i in 0..2 * MAX_OF_DOMAIN {
            assert!(set(&mut jar, "http://h.example/", &format!("a{i}=b")));
        }
        assert!(get(&jar, "https://h.example/").starts_with("session=1; "));
    }

    #[test]
    fn whoever_has_the_most_makes_room_for_all() {
        let mut jar = Store::default();
        for i in 0..MAX_OF_DOMAIN {
            assert!(set(&mut jar, "http://crowded.example/", &format!("a{i}=b")));
        }
        let others = MAX_COOKIES - MAX_OF_DOMAIN;
        for i in 0..others {
            assert!(set(&mut jar, &format!("http://h{i}.example/"), "a=b"));
        }
        assert_eq!(jar.iter().count(), MAX_COOKIES);
        assert!(get(&jar, "http://crowded.example/").starts_with("a0=b; "));
        assert!(set(&mut jar, "http://last.example/", "a=b"));
        assert_eq!(jar.iter().count(), MAX_COOKIES);
        assert_eq!(get(&jar, "http://last.example/"), "a=b");
        assert!(get(&jar, "http://crowded.example/").starts_with("a1=b; "));
    }
}
