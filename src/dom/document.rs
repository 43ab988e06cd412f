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
    is_fully_active: Cell<bool>,
    sockets: RefCell<Vec<Weak<dyn Occupant>>>,
}

/// What goes away with its document.
pub(super) trait Occupant {
    /// Closes the connection. False if there was none left.
    fn go_away(&self) -> bool;
}

impl Default for Document {
    /// A document with an opaque origin, which is sent as `null`.
    fn default() -> Self {
        Self::build("null".to_owned(), None)
    }
}

impl Document {
    /// The document at this address, or one with this origin; `"null"` for an opaque one.
    ///
    /// # Errors
    ///
    /// "SyntaxError" if it is neither an absolute URL nor `null`.
    pub fn new(url: &str) -> Result<Self, DomException> {
        if url == "null" {
            return Ok(Self::default());
        }
        let url = Url::parse(url)
            .map_err(|_| DomException::syntax("the document's address is not an absolute URL"))?;
        // HTML "ASCII serialization of an origin", which is in lower case.
        Ok(Self::build(url.origin().ascii_serialization(), Some(url)))
    }

    /// The document at this address with an origin of its own, as a sandboxed one has.
    ///
    /// # Errors
    ///
    /// "SyntaxError" if the address is no absolute URL, or the origin is neither that nor `null`.
    pub fn with_origin(url: &str, origin: &str) -> Result<Self, DomException> {
        let Self { inner: origin } = Self::new(origin)?;
        let url = Url::parse(url)
            .map_err(|_| DomException::syntax("the document's address is not an absolute URL"))?;
        Ok(Self::build(origin.origin.clone(), Some(url)))
    }

    fn build(origin: String, base_url: Option<Url>) -> Self {
        Self {
            inner: Rc::new(Inner {
                origin,
                base_url,
                is_fully_active: Cell::new(true),
                sockets: RefCell::default(),
            }),
        }
    }

    /// The origin's ASCII serialization, as the `Origin` field carries it.
    #[must_use]
    pub fn origin(&self) -> &str {
        &self.inner.origin
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
