//! Cookies as browsers keep them: draft-ietf-httpbis-rfc6265bis, "6265bis" below.

mod cookie;
mod date;
mod file;
mod set_cookie;
mod site;
mod storage;

use crate::protocol::opening::Response;
use site::is_same_site;
use std::cell::{Cell, RefCell};
use std::fmt;
use std::rc::Rc;
use storage::{Store, http};
use url::Url;

/// The cookies that sockets send and set, HttpOnly ones too.
///
/// `CookieJar` is a handle; its clones are the same jar, which user agents can share. A server's cookies
/// are stored in the task that dispatches `open`, so a handshake that fails, or one that `close()` came
/// before, sets none. Without a jar no cookies are sent or kept.
///
/// They are kept as in browsers (draft-ietf-httpbis-rfc6265bis): a server can't set a cookie for a public suffix such as
/// `co.uk`; a server without TLS neither sets nor hides a `Secure` one; the prefixes `__Secure-`, `__Host-`, `__Http-` and
/// `__Host-Http-` hold.
/// A socket whose [`Document`](crate::Document) is of another site neither sends nor sets cookies but those with
/// `SameSite=None; Secure`, and one with an opaque origin is of no site; what belongs to no document, or to the default one, is of
/// every site.
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
    store: Rc<RefCell<Store>>,
}

compare_by_identity!(CookieJar, store);

impl CookieJar {
    /// An empty jar.
    ///
    /// ```
    /// use dom_websocket::CookieJar;
    ///
    /// assert_eq!(CookieJar::new().cookies("ws://example.com/"), None);
    /// ```
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Stores a cookie as if the server at this URL (`http:`, `https:`, `ws:` or `wss:`) had sent it in a
    /// `Set-Cookie` field, to a page of its own site. False where it has to be ignored.
    ///
    /// ```
    /// use dom_websocket::CookieJar;
    ///
    /// let jar = CookieJar::new();
    /// assert!(jar.set("http://example.com/", "session=31d4d96e; HttpOnly"));
    /// assert!(!jar.set("http://example.com/", "session=31d4d96e; Domain=example.org"));
    /// ```
    // It does what it is for, whoever looks.
    #[allow(clippy::must_use_candidate)]
    pub fn set(&self, url: &str, set_cookie: &str) -> bool {
        Url::parse(url).is_ok_and(|url| self.store(&url, set_cookie))
    }

    /// What a `Cookie` field to this URL says, from a page of the same site, if there are cookies for it.
    ///
    /// ```
    /// use dom_websocket::CookieJar;
    ///
    /// let jar = CookieJar::new();
    /// jar.set("https://example.com/", "session=31d4d96e");
    /// assert_eq!(jar.cookies("wss://example.com/chat").as_deref(), Some("session=31d4d96e"));
    /// assert_eq!(jar.cookies("wss://example.org/chat"), None);
    /// ```
    #[must_use]
    pub fn cookies(&self, url: &str) -> Option<String> {
        let url = http(&Url::parse(url).ok()?)?;
        self.store.borrow().field(&url, true)
    }

    /// Forgets all cookies.
    ///
    /// ```
    /// use dom_websocket::CookieJar;
    ///
    /// let jar = CookieJar::new();
    /// jar.set("https://example.com/", "session=31d4d96e");
    /// jar.clear();
    /// assert_eq!(jar.cookies("https://example.com/"), None);
    /// ```
    pub fn clear(&self) {
        self.store.borrow_mut().clear();
    }

    fn store(&self, url: &Url, set_cookie: &str) -> bool {
        http(url).is_some_and(|url| self.store.borrow_mut().receive(&url, set_cookie, true))
    }
}

/// The number of cookies; none of them is shown.
impl fmt::Debug for CookieJar {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let len = self.store.borrow().iter().count();
        f.debug_struct("CookieJar").field("len", &len).finish()
    }
}

/// The cookies of one handshake that has yet to succeed.
pub(super) struct PendingCookies {
    jar: CookieJar,
    /// That of the page, if it is one's.
    site: Option<String>,
    /// Where the handshake has got to.
    url: RefCell<Url>,
    /// What has been received, and from where.
    received: RefCell<Vec<(Url, String)>>,
    is_stored: Cell<bool>,
}

impl PendingCookies {
    pub(super) fn new(jar: &CookieJar, site: Option<&str>, url: &Url) -> Self {
        Self {
            jar: jar.clone(),
            site: site.map(str::to_owned),
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
        let url = http(&self.url.borrow())?;
        let is_same_site = is_same_site(self.site.as_deref(), &url);
        let jar = self.jar.store.borrow();
        if self.received.borrow().is_empty() {
            return jar.field(&url, is_same_site);
        }
        let mut scratch = jar.clone();
        self.store_in(&mut scratch);
        scratch.field(&url, is_same_site)
    }

    /// Keeps the cookies of an answer.
    pub(super) fn receive(&self, response: &Response) {
        let url = self.url.borrow();
        // What was no text could not be sent back as it came.
        let is_text = |cookie: &&str| !cookie.contains(char::REPLACEMENT_CHARACTER);
        let cookies = response.all("set-cookie").filter(is_text);
        self.received
            .borrow_mut()
            .extend(cookies.map(|cookie| (url.clone(), cookie.to_owned())));
    }

    /// The handshake has succeeded: the cookies count.
    pub(super) fn store(&self) {
        if !self.is_stored.replace(true) {
            self.store_in(&mut self.jar.store.borrow_mut());
            self.received.take();
        }
    }

    fn store_in(&self, store: &mut Store) {
        for (url, set_cookie) in self.received.borrow().iter() {
            if let Some(url) = http(url) {
                let is_same_site = is_same_site(self.site.as_deref(), &url);
                store.receive(&url, set_cookie, is_same_site);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::storage::{MAX_COOKIES, MAX_OF_DOMAIN};
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
        let count = || jar.store.borrow().iter().count();
        assert!(jar.set("ws://other/", "mine=1"));
        for i in 0..1000 {
            assert!(jar.set("ws://h/", &format!("a{i}=b")));
        }
        assert_eq!(count(), 1 + MAX_OF_DOMAIN);
        let field = jar.cookies("ws://h/").unwrap();
        assert!(field.starts_with("a820=b; a821=b"), "the oldest have gone");
        assert!(jar.set("ws://h/", "a999=another"));
        assert_eq!(jar.cookies("ws://other/").as_deref(), Some("mine=1"));
        for i in 2..MAX_COOKIES {
            assert!(jar.set(&format!("ws://h{i}/"), "a=b"));
        }
        assert_eq!(count(), MAX_COOKIES);
        // Of those that h had too many of the one that was used last is left.
        assert_eq!(jar.cookies("ws://h/").as_deref(), Some("a999=another"));
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
        assert_eq!(jar.store.borrow().iter().count(), 2);
    }
}
