//! Cookies (RFC 6265).

mod file;

use crate::protocol::opening::Response;
use cookie_store::{Cookie, CookieDomain, CookieStore};
use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::convert::Infallible;
use std::fmt;
use std::rc::Rc;
use url::Url;

/// Section 6.1 asks for at least 3000 cookies, 50 of each domain, of 4096 bytes each. For more than these
/// some make room; longer ones are not kept.
const MAX_COOKIES: usize = 3000;
const MAX_OF_DOMAIN: usize = 180;
const MAX_COOKIE: usize = 4096;

/// The cookies that sockets send and set, HttpOnly ones too.
///
/// `CookieJar` is a handle; its clones are the same jar, which user agents can share. A server's cookies
/// are stored in the task that dispatches `open`, so a handshake that fails, or one that `close()` came
/// before, sets none. Without a jar no cookies are sent or kept.
///
/// There is no list of public suffixes: a server in `example.co.uk` can set cookies for `co.uk`, but
/// not for `uk`.
///
/// ```
/// use dom_websocket::{CookieJar, UserAgent};
///
/// let jar = CookieJar::new();
/// jar.set("https://example.com/login", "session=31d4d96e; Secure; HttpOnly; Path=/");
/// assert_eq!(jar.cookies("wss://example.com/chat").as_deref(), Some("session=31d4d96e"));
/// assert_eq!(jar.cookies("ws://example.com/chat"), None);
/// let user_agent = UserAgent::builder().cookie_jar(&jar).build();
/// ```
#[derive(Clone, Default)]
pub struct CookieJar {
    store: Rc<RefCell<CookieStore>>,
}

compare_by_identity!(CookieJar, store);

impl CookieJar {
    /// An empty jar.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Stores a cookie as if the server at this URL (`http:`, `https:`, `ws:` or `wss:`) had sent it in a
    /// `Set-Cookie` field. False where RFC 6265 has it ignored.
    // It does what it is for, whoever looks.
    #[allow(clippy::must_use_candidate)]
    pub fn set(&self, url: &str, set_cookie: &str) -> bool {
        Url::parse(url).is_ok_and(|url| self.store(&url, set_cookie))
    }

    /// What a `Cookie` field to this URL says, if there are cookies for it.
    #[must_use]
    pub fn cookies(&self, url: &str) -> Option<String> {
        field(&self.store.borrow(), &Url::parse(url).ok()?)
    }

    /// Forgets all cookies.
    pub fn clear(&self) {
        self.store.borrow_mut().clear();
    }

    fn store(&self, url: &Url, set_cookie: &str) -> bool {
        store(&mut self.store.borrow_mut(), url, set_cookie)
    }
}

/// The number of cookies; none of them is shown.
impl fmt::Debug for CookieJar {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let len = self.store.borrow().iter_unexpired().count();
        f.debug_struct("CookieJar").field("len", &len).finish()
    }
}

/// A WebSocket URL as the HTTP URL that cookies are for (hixie-76 section 4.1 step 15).
fn http(url: &Url) -> Option<Url> {
    let mut url = url.clone();
    match url.scheme() {
        "ws" => url.set_scheme("http").ok()?,
        "wss" => url.set_scheme("https").ok()?,
        "http" | "https" => {}
        _ => return None,
    }
    Some(url)
}

/// Section 5.3.
fn store(store: &mut CookieStore, url: &Url, set_cookie: &str) -> bool {
    let Some(url) = http(url).filter(|_| is_text(set_cookie)) else {
        return false;
    };
    let Ok(cookie) = Cookie::parse(set_cookie, &url) else {
        return false;
    };
    // A whole top-level domain's.
    let is_for_many = match &cookie.domain {
        CookieDomain::Suffix(domain) => {
            !domain.trim_end_matches('.').contains('.') && url.host_str() != Some(domain.as_str())
        }
        _ => false,
    };
    // From a connection that anybody could have written to.
    let is_forged = cookie.secure() == Some(true) && url.scheme() != "https";
    let is_too_long = cookie.name().len() + cookie.value().len() > MAX_COOKIE;
    if is_for_many || is_forged || is_too_long {
        return false;
    }
    let domain = String::from(&cookie.domain);
    let is_stored = store.insert(cookie.into_owned(), &url).is_ok();
    make_room(store, &domain);
    is_stored
}

/// Section 5.3: where there are too many, those that have expired go first, then those of a domain that has
/// too many, then those of the domain that has the most. Of one domain the first to have come is the
/// first to go.
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
    let first = store.iter_any().find(|cookie| domain_of(cookie) == crowded);
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

/// Section 5.4: longer paths first; of the same domain, then those that were set earlier.
fn field(store: &CookieStore, url: &Url) -> Option<String> {
    let url = http(url)?;
    let is_secure = url.scheme() == "https";
    let mut cookies = store.matches(&url);
    cookies.retain(|cookie| is_secure || cookie.secure() != Some(true));
    cookies.sort_by_key(|cookie| std::cmp::Reverse(String::from(&cookie.path).len()));
    let pairs: Vec<_> = cookies
        .iter()
        .map(|cookie| format!("{}={}", cookie.name(), cookie.value()))
        .filter(|pair| is_text(pair))
        .collect();
    (!pairs.is_empty()).then(|| pairs.join("; "))
}

/// Nothing that could end a line.
fn is_text(cookie: &str) -> bool {
    !cookie.chars().any(|c| c.is_control() && c != '\t')
}

/// The cookies of one handshake that has yet to succeed.
pub(super) struct PendingCookies {
    jar: CookieJar,
    /// Where the handshake has got to.
    url: RefCell<Url>,
    /// What has been received, and from where.
    received: RefCell<Vec<(Url, String)>>,
    is_stored: Cell<bool>,
}

impl PendingCookies {
    pub(super) fn new(jar: &CookieJar, url: &Url) -> Self {
        Self {
            jar: jar.clone(),
            url: RefCell::new(url.clone()),
            received: RefCell::default(),
            is_stored: Cell::new(false),
        }
    }

    /// The handshake goes on elsewhere.
    pub(super) fn redirect(&self, url: &Url) {
        *self.url.borrow_mut() = url.clone();
    }

    /// The `Cookie` field to send. What an answer before this one has set is in it.
    pub(super) fn field(&self) -> Option<String> {
        let url = self.url.borrow();
        let received = self.received.borrow();
        let jar = self.jar.store.borrow();
        if received.is_empty() {
            return field(&jar, &url);
        }
        let mut scratch = jar.clone();
        for (url, set_cookie) in received.iter() {
            store(&mut scratch, url, set_cookie);
        }
        field(&scratch, &url)
    }

    /// Keeps the cookies of an answer.
    pub(super) fn receive(&self, response: &Response) {
        let url = self.url.borrow();
        let cookies = response.all("set-cookie");
        self.received
            .borrow_mut()
            .extend(cookies.map(|cookie| (url.clone(), cookie.to_owned())));
    }

    /// The handshake has succeeded: the cookies count.
    pub(super) fn store(&self) {
        if !self.is_stored.replace(true) {
            for (url, set_cookie) in self.received.take() {
                self.jar.store(&url, &set_cookie);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn attributes() {
        let jar = CookieJar::new();
        let get = |url| jar.cookies(url);
        assert!(jar.set("ws://a.example.com/x/y", "host=1"));
        assert!(jar.set(
            "ws://a.example.com/",
            "domain=2; Domain=example.com; Path=/x"
        ));
        assert!(jar.set("wss://a.example.com/", "secure=3; Secure; HttpOnly"));
        assert_eq!(
            get("wss://a.example.com/x/z").as_deref(),
            Some("host=1; domain=2; secure=3")
        );
        assert_eq!(get("ws://b.example.com/x").as_deref(), Some("domain=2"));
        assert_eq!(get("ws://b.example.com/y"), None);
        assert_eq!(get("ws://a.example.com/"), None);
        assert!(jar.set("ws://a.example.com/x/", "host=; Max-Age=0; Path=/x"));
        assert_eq!(get("ws://a.example.com/x/").as_deref(), Some("domain=2"));
    }

    #[test]
    fn what_is_ignored() {
        let jar = CookieJar::new();
        for (url, cookie) in [
            ("ws://example.com/", "a=b; Domain=example.org"),
            ("ws://example.com/", "a=b; Domain=com"),
            ("ws://example.com./", "a=b; Domain=com."),
            ("ws://example.com/", "a=b; Secure"),
            ("ws://example.com/", "a=b\r\nX: y"),
            ("ws://example.com/", "a=b\0"),
            ("ws://example.com/", "a=b; Max-Age=-1"),
            ("ws://example.com/", ""),
            ("file:///", "a=b"),
            ("no URL", "a=b"),
        ] {
            assert!(!jar.set(url, cookie), "{cookie:?}");
        }
        assert!(!jar.set("ws://h/", &format!("a={}", "x".repeat(5000))));
        assert_eq!(jar.cookies("wss://example.com/"), None);
        assert!(jar.set("ws://localhost/", "a=b; Domain=localhost"));
    }

    #[test]
    fn a_jar_has_bounds() {
        let jar = CookieJar::new();
        let count = || jar.store.borrow().iter_any().count();
        assert!(jar.set("ws://other/", "mine=1"));
        for i in 0..1000 {
            assert!(jar.set("ws://h/", &format!("a{i}=b")));
        }
        assert_eq!(count(), 1 + MAX_OF_DOMAIN);
        let field = jar.cookies("ws://h/").unwrap();
        assert!(field.starts_with("a820=b; a821=b"), "the oldest have gone");
        assert!(jar.set("ws://h/", "a999=another"));
        assert_eq!(jar.cookies("ws://other/").as_deref(), Some("mine=1"));
        for i in 0..MAX_COOKIES {
            let host = Url::parse(&format!("http://h{i}/")).unwrap();
            let cookie = Cookie::parse("a=b", &host).unwrap().into_owned();
            jar.store.borrow_mut().insert(cookie, &host).unwrap();
        }
        let before = count();
        assert!(before > MAX_COOKIES);
        assert!(jar.set("ws://one-more/", "a=b"));
        assert_eq!(count(), before, "one of those of h has gone");
        assert_eq!(jar.cookies("ws://other/").as_deref(), Some("mine=1"));
    }

    #[test]
    fn expired_cookies_make_room_first() {
        let jar = CookieJar::new();
        assert!(jar.set("ws://h/", "keep=1"));
        for i in 1..MAX_OF_DOMAIN {
            assert!(jar.set("ws://h/", &format!("a{i}=b; Max-Age=1")));
        }
        std::thread::sleep(std::time::Duration::from_millis(1100));
        assert!(jar.set("ws://h/", "new=2"));
        assert_eq!(jar.cookies("ws://h/").as_deref(), Some("keep=1; new=2"));
        assert_eq!(jar.store.borrow().iter_any().count(), 2);
    }
}
