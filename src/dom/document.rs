//! The document that sockets belong to.

use super::DomException;
use std::cell::{Cell, RefCell};
use std::fmt;
use std::rc::{Rc, Weak};
use url::Url;

/// The document, or worker, whose script opens sockets: it gives them their origin, and closes them
/// when it goes away. Its address is also the base of relative URLs.
///
/// `Document` is a handle; its clones are the same document. Dropping it changes nothing: only
/// [`unload`](Self::unload) does.
///
/// ```
/// use dom_websocket::Document;
///
/// let document = Document::new("https://Example.com/page.html").unwrap();
/// assert_eq!(document.origin(), "https://example.com");
/// ```
#[derive(Clone)]
pub struct Document {
    inner: Rc<Inner>,
}

compare_by_identity!(Document, inner);

struct Inner {
    origin: String,
    base_url: Option<Url>,
    /// Whether somebody has said whose it is.
    #[cfg_attr(
        not(all(feature = "cookies", not(target_family = "wasm"))),
        allow(dead_code)
    )]
    is_a_page: bool,
    is_fully_active: Cell<bool>,
    sockets: RefCell<Vec<Weak<dyn Occupant>>>,
}

/// What goes away with its document.
pub(super) trait Occupant {
    /// Closes the connection. False if there was none left.
    fn go_away(&self) -> bool;
}

impl Default for Document {
    /// A document with an opaque origin, which is sent as `null`. In a browser: the page, or worker, that the program runs in.
    fn default() -> Self {
        #[cfg(target_family = "wasm")]
        if let Some(url) = crate::browser::page::base_url() {
            return Self::at(url);
        }
        Self::build("null".to_owned(), None, false)
    }
}

impl Document {
    /// The document at this address, or one with this origin; `"null"` for an opaque one.
    ///
    /// # Errors
    ///
    /// "SyntaxError" if it is neither an absolute URL nor `null`.
    ///
    /// ```
    /// use dom_websocket::Document;
    ///
    /// assert_eq!(Document::new("https://example.com/page").unwrap().origin(), "https://example.com");
    /// assert_eq!(Document::new("null").unwrap().origin(), "null");
    /// assert!(Document::new("/page").is_err());
    /// ```
    pub fn new(url: &str) -> Result<Self, DomException> {
        if url == "null" {
            return Ok(Self::build("null".to_owned(), None, true));
        }
        let url = Url::parse(url)
            .map_err(|_| DomException::syntax("the document's address is not an absolute URL"))?;
        Ok(Self::at(url))
    }

    /// The document at this address with an origin of its own, as a sandboxed one has.
    ///
    /// # Errors
    ///
    /// "SyntaxError" if the address is no absolute URL, or the origin is neither that nor `null`.
    ///
    /// ```
    /// use dom_websocket::{Document, EventLoop, WebSocket};
    ///
    /// let document = Document::with_origin("https://example.com/page", "null")?;
    /// let event_loop = EventLoop::new();
    /// let socket = WebSocket::builder(&event_loop, "chat").document(&document).open()?;
    /// assert_eq!((socket.url(), document.origin()), ("wss://example.com/chat", "null"));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn with_origin(url: &str, origin: &str) -> Result<Self, DomException> {
        let Self { inner: origin } = Self::new(origin)?;
        let url = Url::parse(url)
            .map_err(|_| DomException::syntax("the document's address is not an absolute URL"))?;
        Ok(Self::build(origin.origin.clone(), Some(url), true))
    }

    fn at(url: Url) -> Self {
        // HTML "ASCII serialization of an origin", which is in lower case.
        Self::build(url.origin().ascii_serialization(), Some(url), true)
    }

    fn build(origin: String, base_url: Option<Url>, is_a_page: bool) -> Self {
        Self {
            inner: Rc::new(Inner {
                origin,
                base_url,
                is_a_page,
                is_fully_active: Cell::new(true),
                sockets: RefCell::default(),
            }),
        }
    }

    /// The origin's ASCII serialization, as the `Origin` field carries it.
    ///
    /// Clause: [HTML, "origin"](https://html.spec.whatwg.org/multipage/browsers.html#concept-origin).
    ///
    /// ```
    /// assert_eq!(dom_websocket::Document::default().origin(), "null");
    /// ```
    #[must_use]
    pub fn origin(&self) -> &str {
        &self.inner.origin
    }

    /// The document's address, which relative URLs are resolved against; `None` for an opaque origin without one.
    ///
    /// Clause: [DOM, "URL"](https://dom.spec.whatwg.org/#concept-document-url).
    ///
    /// ```
    /// use dom_websocket::Document;
    ///
    /// let document = Document::new("https://Example.com/page").unwrap();
    /// assert_eq!(document.url(), Some("https://example.com/page"));
    /// assert_eq!(Document::new("null").unwrap().url(), None);
    /// ```
    #[must_use]
    pub fn url(&self) -> Option<&str> {
        self.base_url().map(Url::as_str)
    }

    /// 6265bis section 5.2.1, of a document that is no other's frame: its origin, a sandboxed one's that of its address.
    /// The default one is no page.
    #[cfg(all(feature = "cookies", not(target_family = "wasm")))]
    pub(super) fn site_for_cookies(&self) -> Option<String> {
        let site = match (self.origin(), self.base_url()) {
            ("null", Some(url)) => url.origin().ascii_serialization(),
            (origin, _) => origin.to_owned(),
        };
        self.inner.is_a_page.then_some(site)
    }

    /// What a relative URL is resolved against.
    pub(super) fn base_url(&self) -> Option<&Url> {
        self.inner.base_url.as_ref()
    }

    /// r4820 "unloading document cleanup steps", and WebSockets "make disappear": ends the connection of
    /// every socket of this document, in [`Edition::Html5`](crate::Edition::Html5) without a closing
    /// handshake, in [`Edition::Living`](crate::Edition::Living) with code 1001. None of their tasks runs
    /// any more, so no `close` event is dispatched.
    ///
    /// True if the document is still *salvageable*, which is to say that it had no connection open:
    /// one that had must not be shown again from a cache.
    ///
    /// ```
    /// use dom_websocket::{Document, EventLoop, WebSocket};
    ///
    /// let event_loop = EventLoop::new();
    /// let document = Document::new("https://example.com/page")?;
    /// let socket = WebSocket::builder(&event_loop, "/chat").document(&document).open()?;
    /// document.unload();
    /// // No event follows, and no socket can be opened any more.
    /// assert!(WebSocket::builder(&event_loop, "/chat").document(&document).open().is_err());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn unload(&self) -> bool {
        self.inner.is_fully_active.set(false);
        let sockets = self.inner.sockets.take();
        let mut is_salvageable = true;
        for socket in sockets.iter().filter_map(Weak::upgrade) {
            is_salvageable &= !socket.go_away();
        }
        is_salvageable
    }

    /// Whether [`unload`](Self::unload) has not been called.
    ///
    /// Clause: [HTML, "fully active"](https://html.spec.whatwg.org/multipage/document-sequences.html#fully-active).
    ///
    /// ```
    /// use dom_websocket::Document;
    ///
    /// let document = Document::default();
    /// assert!(document.is_fully_active());
    /// document.unload();
    /// assert!(!document.is_fully_active());
    /// ```
    #[must_use]
    pub fn is_fully_active(&self) -> bool {
        self.inner.is_fully_active.get()
    }

    /// The same for an object that was given a document, or none: then nobody can unload it.
    pub(super) fn is_active(of: Option<&Self>) -> bool {
        of.is_none_or(Self::is_fully_active)
    }

    pub(super) fn add(&self, socket: Weak<dyn Occupant>) {
        let mut sockets = self.inner.sockets.borrow_mut();
        // Those that are gone make room before the list grows.
        if sockets.len() == sockets.capacity() {
            sockets.retain(|socket| socket.strong_count() > 0);
        }
        sockets.push(socket);
    }
}

impl fmt::Debug for Document {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Document")
            .field("origin", &self.origin())
            .field("is_fully_active", &self.is_fully_active())
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Nobody(Cell<bool>);

    impl Occupant for Nobody {
        fn go_away(&self) -> bool {
            self.0.set(true);
            false
        }
    }

    #[test]
    fn sockets_that_are_gone_do_not_pile_up() {
        let document = Document::default();
        let kept = Rc::new(Nobody(Cell::new(false)));
        let known: Rc<dyn Occupant> = kept.clone();
        document.add(Rc::downgrade(&known));
        for _ in 0..1000 {
            let gone: Rc<dyn Occupant> = Rc::new(Nobody(Cell::new(false)));
            document.add(Rc::downgrade(&gone));
        }
        assert!(document.inner.sockets.borrow().capacity() <= 8);
        document.unload();
        assert!(kept.0.get(), "who is there is told");
    }

    #[test]
    fn an_address_and_an_origin_are_two_things() {
        let page = Document::new("https://example.com/a/page?query").unwrap();
        assert_eq!(page.url(), Some("https://example.com/a/page?query"));
        assert_eq!(page.origin(), "https://example.com");
        let sandboxed = Document::with_origin("https://example.com/page", "null").unwrap();
        assert_eq!(sandboxed.url(), Some("https://example.com/page"));
        assert_eq!(sandboxed.origin(), "null");
        assert_eq!(Document::default().url(), None);
    }
}
