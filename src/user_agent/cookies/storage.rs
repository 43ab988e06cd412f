//! The storage model (6265bis section 5.7) and the retrieval algorithm (section 5.8.3).

use super::site::is_public_suffix;
use cookie_store::{Cookie, CookieDomain, CookieExpiration, CookieStore};
use std::cmp::Reverse;
use std::collections::HashMap;
use std::convert::Infallible;
use url::Url;

/// Section 6.1 asks for at least 3000 cookies, 50 of each domain. For more than these some make room.
pub(super) const MAX_COOKIES: usize = 3000;
pub(super) const MAX_OF_DOMAIN: usize = 180;
/// Step 4, in bytes.
const MAX_COOKIE: usize = 4096;
/// Section 5.6: the value of a longer attribute is not taken, in bytes.
const MAX_ATTRIBUTE: usize = 1024;
/// Section 5.5: 400 days.
const MAX_AGE: u64 = 34_560_000;

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

/// A user agent "receives a cookie" from an [`http`] URL. False where it is ignored.
pub(super) fn store(
    store: &mut CookieStore,
    url: &Url,
    set_cookie: &str,
    is_same_site: bool,
) -> bool {
    // Steps 2 to 4, with section 5.6: what the cookie says. One without a name is ignored.
    if !is_text(set_cookie) {
        return false;
    }
    let Ok(mut cookie) = Cookie::parse(without_long_attributes(set_cookie), url) else {
        return false;
    };
    if cookie.name().len() + cookie.value().len() > MAX_COOKIE {
        return false;
    }
    // Step 6. The expiry time.
    let longest = CookieExpiration::from(MAX_AGE);
    if let (CookieExpiration::AtUtc(time), CookieExpiration::AtUtc(last)) =
        (&cookie.expires, &longest)
        && time > last
    {
        cookie.expires = longest;
    }
    // Steps 7 to 10. The domain, which is the host's where it is nobody's alone.
    if let CookieDomain::Suffix(domain) = &cookie.domain
        && is_public_suffix(domain)
    {
        if url.host_str() != Some(domain) {
            return false;
        }
        cookie.domain = CookieDomain::HostOnly(domain.clone());
    }
    // Steps 12, 13 and 16. A connection that anybody could have written to neither sets what is Secure, nor
    // hides it.
    let is_secure = cookie.secure() == Some(true);
    if url.scheme() != "https" && (is_secure || overlays_secure(store, &cookie)) {
        return false;
    }
    // Steps 17 to 19. SameSite.
    let is_for_all_sites = is_for_all_sites(&cookie);
    if is_for_all_sites && !is_secure || !is_for_all_sites && !is_same_site {
        return false;
    }
    // Steps 20 and 21. The names' prefixes.
    let has_prefix = |prefix: &str| {
        let start = cookie.name().as_bytes().get(..prefix.len());
        start.is_some_and(|start| start.eq_ignore_ascii_case(prefix.as_bytes()))
    };
    let is_of_host = matches!(cookie.domain, CookieDomain::HostOnly(_))
        && cookie.path().is_some()
        && String::from(&cookie.path) == "/";
    if has_prefix("__Secure-") && !is_secure || has_prefix("__Host-") && !(is_secure && is_of_host)
    {
        return false;
    }
    // Steps 23 and 24.
    let domain = domain_of(&cookie).to_owned();
    let is_stored = store.insert(cookie.into_owned(), url).is_ok();
    make_room(store, &domain);
    is_stored
}

/// What a `Cookie` field to this [`http`] URL says, if there are cookies for it.
pub(super) fn field(store: &CookieStore, url: &Url, is_same_site: bool) -> Option<String> {
    // Step 3. A handshake is no navigation, so another site gets none but those for all.
    let is_secure = url.scheme() == "https";
    let mut cookies = store.matches(url);
    cookies.retain(|cookie| {
        (is_secure || cookie.secure() != Some(true)) && (is_same_site || is_for_all_sites(cookie))
    });
    // Step 4. Longer paths first; of the same domain, then those that were set earlier.
    cookies.sort_by_key(|cookie| Reverse(String::from(&cookie.path).len()));
    // Step 6.
    let pairs: Vec<_> = cookies
        .iter()
        .map(|cookie| format!("{}={}", cookie.name(), cookie.value()))
        .filter(|pair| is_text(pair))
        .collect();
    (!pairs.is_empty()).then(|| pairs.join("; "))
}

/// Nothing that could end a line.
pub(super) fn is_text(cookie: &str) -> bool {
    !cookie.chars().any(|c| c.is_control() && c != '\t')
}

/// Section 5.6, step 6 of the attributes.
fn without_long_attributes(set_cookie: &str) -> String {
    let mut parts = set_cookie.split(';');
    let mut kept = parts.next().unwrap_or_default().to_owned();
    for attribute in parts {
        let value = attribute.split_once('=').map_or("", |(_, value)| value);
        if value.trim_matches([' ', '\t']).len() <= MAX_ATTRIBUTE {
            kept.push(';');
            kept.push_str(attribute);
        }
    }
    kept
}

/// The same-site-flag is "None".
fn is_for_all_sites(cookie: &Cookie<'_>) -> bool {
    cookie.same_site().is_some_and(|flag| flag.is_none())
}

/// Step 16: a Secure cookie of this name would be sent beside it, or be hidden behind it.
fn overlays_secure(store: &CookieStore, new: &Cookie<'_>) -> bool {
    let (domain, path) = (domain_of(new), String::from(&new.path));
    store.iter_unexpired().any(|old| {
        old.name() == new.name()
            && old.secure() == Some(true)
            && (domain_matches(domain_of(old), domain) || domain_matches(domain, domain_of(old)))
            && path_matches(&path, &String::from(&old.path))
    })
}

/// Section 5.1.3. An address has no domains above it that could be a cookie's.
fn domain_matches(host: &str, domain: &str) -> bool {
    let above = host.strip_suffix(domain);
    above.is_some_and(|above| above.is_empty() || above.ends_with('.'))
}

/// Section 5.1.4.
fn path_matches(path: &str, of_cookie: &str) -> bool {
    path.strip_prefix(of_cookie)
        .is_some_and(|below| below.is_empty() || below.starts_with('/') || of_cookie.ends_with('/'))
}

/// "Remove excess cookies": those that have expired go first, then those of a domain that has too many, then those of
/// the domain that has the most; of one domain those that are not Secure, and of these the first to have come.
fn make_room(store: &mut CookieStore, domain: &str) {
    let of_domain = |store: &CookieStore| {
        let cookies = store.iter_any();
        cookies.filter(|cookie| domain_of(cookie) == domain).count()
    };
    let is_over = |store: &CookieStore| {
        let all = store.iter_any().count();
        all > MAX_COOKIES || all > MAX_OF_DOMAIN && of_domain(store) > MAX_OF_DOMAIN
    };
    if !is_over(store) {
        return;
    }
    let unexpired = store.iter_unexpired().cloned().map(Ok::<_, Infallible>);
    let Ok(unexpired) = CookieStore::from_cookies(unexpired.collect::<Vec<_>>(), false);
    *store = unexpired;
    if !is_over(store) {
        return;
    }
    let crowded = if of_domain(store) > MAX_OF_DOMAIN {
        domain.to_owned()
    } else {
        let mut counts = HashMap::new();
        for cookie in store.iter_any() {
            *counts.entry(domain_of(cookie)).or_insert(0) += 1;
        }
        let most = counts.into_iter().max_by_key(|(_, count)| *count);
        most.map(|(domain, _)| domain.to_owned())
            .unwrap_or_default()
    };
    let of_crowded = || store.iter_any().filter(|c| domain_of(c) == crowded);
    let first = of_crowded()
        .find(|cookie| cookie.secure() != Some(true))
        .or_else(|| of_crowded().next());
    if let Some((path, name)) =
        first.map(|cookie| (String::from(&cookie.path), cookie.name().to_owned()))
    {
        store.remove(&crowded, &path, &name);
    }
}

fn domain_of<'a>(cookie: &'a Cookie<'_>) -> &'a str {
    match &cookie.domain {
        CookieDomain::HostOnly(domain) | CookieDomain::Suffix(domain) => domain,
        CookieDomain::NotPresent | CookieDomain::Empty => "",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HERE: bool = true;
    const ELSEWHERE: bool = false;

    fn set(jar: &mut CookieStore, url: &str, cookie: &str) -> bool {
        store(jar, &Url::parse(url).unwrap(), cookie, HERE)
    }

    fn get(jar: &CookieStore, url: &str) -> String {
        field(jar, &Url::parse(url).unwrap(), HERE).unwrap_or_default()
    }

    #[test]
    fn a_secure_cookie_is_hidden_by_no_other() {
        let mut jar = CookieStore::default();
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
        ] {
            let mut jar = CookieStore::default();
            assert!(!set(&mut jar, "https://site.example/", cookie), "{cookie}");
        }
        for cookie in [
            "__Secure-SID=12345; Domain=site.example; Secure",
            "__secure-SID=12345; Domain=site.example; Secure",
            "__Host-SID=12345; Secure; Path=/",
            "__HOST-SID=12345; Secure; Path=/",
            "__Host-SID=12345; Secure; Path=",
            "__Hostile=1",
        ] {
            let mut jar = CookieStore::default();
            assert!(set(&mut jar, "https://site.example/", cookie), "{cookie}");
            let mut jar = CookieStore::default();
            let is_plain = cookie.starts_with("__Hostile");
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
        ] {
            let mut jar = CookieStore::default();
            let is_set = set(&mut jar, url, &format!("a=b; Domain={domain}"));
            assert_eq!(is_set, is_stored, "{url} {domain}");
        }
        // Its own, and nobody's below it.
        let mut jar = CookieStore::default();
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
            let mut jar = CookieStore::default();
            assert_eq!(store(&mut jar, &url, cookie, ELSEWHERE), is_for_all);
            assert!(store(&mut jar, &url, cookie, HERE), "{cookie}");
            assert_eq!(field(&jar, &url, HERE).as_deref(), Some("a=b"));
            let sent = field(&jar, &url, ELSEWHERE);
            assert_eq!(sent.is_some(), is_for_all, "{cookie}");
        }
        let mut jar = CookieStore::default();
        assert!(!store(&mut jar, &url, "a=b; SameSite=None", HERE));
    }

    #[test]
    fn lengths_and_lifetimes() {
        let mut jar = CookieStore::default();
        let long = "x".repeat(MAX_ATTRIBUTE + 1);
        let cookie = format!("a=b; Path=/{long}; Max-Age=99999999999");
        assert!(set(&mut jar, "https://h.example/y", &cookie));
        assert_eq!(get(&jar, "https://h.example/z"), "a=b");
        let cookie = jar.iter_any().next().unwrap();
        let CookieExpiration::AtUtc(expires) = cookie.expires else {
            panic!("it ends with the session");
        };
        let CookieExpiration::AtUtc(latest) = CookieExpiration::from(MAX_AGE) else {
            panic!("there is no latest time");
        };
        assert!(expires <= latest);
        let value = "x".repeat(MAX_COOKIE);
        assert!(!set(&mut jar, "https://h.example/", &format!("a={value}")));
        let value = &value[1..];
        assert!(set(&mut jar, "https://h.example/", &format!("a={value}")));
    }

    #[test]
    fn what_is_not_secure_makes_room_first() {
        let mut jar = CookieStore::default();
        assert!(set(&mut jar, "https://h.example/", "session=1; Secure"));
        for i in 0..2 * MAX_OF_DOMAIN {
            assert!(set(&mut jar, "http://h.example/", &format!("a{i}=b")));
        }
        assert!(get(&jar, "https://h.example/").starts_with("session=1; "));
    }
    #[test]
    fn whoever_has_the_most_makes_room_for_all() {
        let mut jar = CookieStore::default();
        for i in 0..MAX_OF_DOMAIN {
            assert!(set(&mut jar, "http://crowded.example/", &format!("a{i}=b")));
        }
        let others = MAX_COOKIES - MAX_OF_DOMAIN;
        for i in 0..others {
            assert!(set(&mut jar, &format!("http://h{i}.example/"), "a=b"));
        }
        assert_eq!(jar.iter_any().count(), MAX_COOKIES);
        assert!(get(&jar, "http://crowded.example/").starts_with("a0=b; "));
        assert!(set(&mut jar, "http://last.example/", "a=b"));
        assert_eq!(jar.iter_any().count(), MAX_COOKIES);
        assert_eq!(get(&jar, "http://last.example/"), "a=b");
        assert!(get(&jar, "http://crowded.example/").starts_with("a1=b; "));
    }
}
