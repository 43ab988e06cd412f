//! What a realm is made of.

use super::realm::Realm;
use crate::dom::{Document, DomException};
use crate::edition::Edition;
use crate::event_loop::EventLoop;
use crate::user_agent::UserAgent;
use std::fmt;
use std::rc::Rc;

/// What WebSockets take from their surroundings, for a realm to [install](super) them in.
///
/// ```
/// use dom_websocket::{Edition, EventLoop, host};
///
/// let event_loop = EventLoop::new();
/// let options = host::Options::new(&event_loop)
///     .base_url("https://example.com/page.html")
///     .edition(Edition::Html5);
/// ```
#[derive(Clone)]
#[must_use]
pub struct Options {
    event_loop: EventLoop,
    user_agent: Option<UserAgent>,
    edition: Edition,
    base_url: Option<String>,
    origin: Option<String>,
    document: Option<Document>,
}

impl Options {
    /// Today's edition, the loop's own user agent, an opaque origin and no base URL.
    ///
    /// ```
    /// use dom_websocket::{EventLoop, host};
    ///
    /// let event_loop = EventLoop::new();
    /// let options = host::Options::new(&event_loop);
    /// ```
    pub fn new(event_loop: &EventLoop) -> Self {
        Self {
            event_loop: event_loop.clone(),
            user_agent: None,
            edition: Edition::default(),
            base_url: None,
            origin: None,
            document: None,
        }
    }

    /// The user agent, whose limits apply.
    ///
    /// ```
    /// use dom_websocket::{EventLoop, UserAgent, host};
    ///
    /// let event_loop = EventLoop::new();
    /// // Script is not told why a connection fails.
    /// let user_agent = UserAgent::builder().log_failures().build();
    /// let options = host::Options::new(&event_loop).user_agent(&user_agent);
    /// ```
    pub fn user_agent(mut self, user_agent: &UserAgent) -> Self {
        self.user_agent = Some(user_agent.clone());
        self
    }

    /// The text to follow.
    ///
    /// ```
    /// use dom_websocket::{Edition, EventLoop, host};
    ///
    /// let options = host::Options::new(&EventLoop::new()).edition(Edition::Html5);
    /// ```
    pub fn edition(mut self, edition: Edition) -> Self {
        self.edition = edition;
        self
    }

    /// The address of the script's page or worker: what relative URLs are resolved against, and what
    /// gives sockets their origin.
    ///
    /// ```
    /// use dom_websocket::{EventLoop, host};
    ///
    /// let options = host::Options::new(&EventLoop::new()).base_url("https://example.com/page");
    /// ```
    pub fn base_url(mut self, url: impl Into<String>) -> Self {
        self.base_url = Some(url.into());
        self
    }

    /// An origin other than that of the base URL: a URL, or `null`.
    ///
    /// ```
    /// use dom_websocket::{EventLoop, host};
    ///
    /// let options = host::Options::new(&EventLoop::new()).base_url("https://example.com/page").origin("null");
    /// ```
    pub fn origin(mut self, origin: impl Into<String>) -> Self {
        self.origin = Some(origin.into());
        self
    }

    /// The document, in place of a base URL and an origin.
    ///
    /// ```
    /// use dom_websocket::{Document, EventLoop, host};
    ///
    /// let document = Document::new("https://example.com/page")?;
    /// let options = host::Options::new(&EventLoop::new()).document(&document);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn document(mut self, document: &Document) -> Self {
        self.document = Some(document.clone());
        self
    }

    /// The loop.
    ///
    /// ```
    /// use dom_websocket::{EventLoop, host};
    ///
    /// let event_loop = EventLoop::new();
    /// assert_eq!(*host::Options::new(&event_loop).event_loop(), event_loop);
    /// ```
    #[must_use]
    pub fn event_loop(&self) -> &EventLoop {
        &self.event_loop
    }

    /// The realm that these make.
    ///
    /// # Errors
    ///
    /// "SyntaxError" for a base URL or an origin that is no absolute URL.
    ///
    /// ```
    /// use dom_websocket::{EventLoop, host};
    ///
    /// let event_loop = EventLoop::new();
    /// let realm = host::Options::new(&event_loop).base_url("https://example.com/page").realm()?;
    /// assert_eq!(realm.document().origin(), "https://example.com");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn realm(self) -> Result<Rc<Realm>, DomException> {
        let document = match (self.document, &self.base_url, &self.origin) {
            (Some(document), _, _) => document,
            (None, Some(url), Some(origin)) => Document::with_origin(url, origin)?,
            (None, Some(url), None) | (None, None, Some(url)) => Document::new(url)?,
            (None, None, None) => Document::default(),
        };
        Ok(Rc::new(Realm::new(
            self.event_loop,
            self.user_agent,
            self.edition,
            document,
        )))
    }
}

/// Without the base URL, which may hold a secret.
impl fmt::Debug for Options {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Options")
            .field("edition", &self.edition)
            .field("document", &self.document)
            .finish_non_exhaustive()
    }
}
