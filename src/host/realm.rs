//! What the bindings know of a realm, and the ways into it from outside the engine.

use super::engine::Engine;
use super::native::Interface;
use super::slots::Slots;
use crate::dom::Document;
use crate::edition::Edition;
use crate::event_loop::{self, EventLoop, Shared};
use crate::user_agent::UserAgent;
use futures::channel::oneshot;
use futures::future::{self, FutureExt};
use std::any::Any;
use std::cell::{Cell, OnceCell};
use std::fmt;
use std::rc::{Rc, Weak};
use std::time::Instant;

/// How an engine is entered from a task: the one thing beside [`Engine`] that an engine has to bring.
///
/// ```
/// # mod engine { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/examples/own_engine/engine/mod.rs")); }
/// # use dom_websocket::EventLoop;
/// # use engine::Scope;
/// use dom_websocket::host::{self, Entry, Options, Visit};
/// use std::cell::{Cell, RefCell};
/// use std::rc::{Rc, Weak};
///
/// struct Page {
///     engine: RefCell<Scope>,
/// }
///
/// impl Entry for Page {
///     fn enter(&self, visit: Visit<'_>) -> bool {
///         let Ok(mut cx) = self.engine.try_borrow_mut() else { return false };
///         visit.run(&mut *cx);
///         true
///     }
///
///     fn run_microtasks(&self) -> bool {
///         let Ok(mut cx) = self.engine.try_borrow_mut() else { return false };
///         let mut were_any = false;
///         while let Some(outcome) = cx.run_job() {
///             were_any = true;
///             if let Err(thrown) = outcome {
///                 host::report(&mut *cx, thrown);
///             }
///         }
///         were_any
///     }
/// }
///
/// let event_loop = EventLoop::new();
/// let realm = Options::new(&event_loop).realm()?;
/// let page = Rc::new(Page { engine: RefCell::new(Scope::new(realm.clone())) });
/// let entry: Weak<dyn Entry> = Rc::downgrade(&(page.clone() as Rc<dyn Entry>));
/// realm.set_entry(entry);
/// host::install(&mut *page.engine.borrow_mut())?;
///
/// // A script of the page's: Promise.resolve().then(() => { done = true; })
/// # use dom_websocket::host::{Engine, Key};
/// let done = Rc::new(Cell::new(false));
/// let sets = done.clone();
/// event_loop.run_script(|| {
///     let cx = &mut *page.engine.borrow_mut();
///     let [promise, resolve, _reject] = cx.new_promise()?;
///     cx.call(&resolve, &promise, &[])?;
///     let then = cx.get(&promise, Key::Name("then"))?;
///     let function = cx.function(move |cx, _| {
///         sets.set(true);
///         Ok(cx.undefined())
///     });
///     cx.call(&then, &promise, &[function])
/// })?;
/// // The microtask has followed it.
/// assert!(done.get());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub trait Entry {
    /// Enters the engine in the realm, and calls [`Visit::run`] there. If the engine is in use, it
    /// does nothing and returns false.
    fn enter(&self, visit: Visit<'_>) -> bool;
    /// Runs the engine's microtasks until none is left, and [reports](super::report) what they throw. The
    /// loop asks for it at each of its checkpoints, and nothing else runs them.
    ///
    /// True if there were any: they may have queued some of another engine's, which then get their turn in the
    /// same checkpoint, which goes on until no engine says so. If the engine is in use it does nothing and says false, as where it can't be known.
    fn run_microtasks(&self) -> bool;
    /// Has the engine collect garbage, all there is. The loop asks for it before it waits, now and then:
    /// a connection whose socket is garbage would keep it waiting for ever. If the engine is in use, it
    /// does nothing. An engine that lets go of each object as soon as nothing leads to it can do
    /// without.
    fn collect_garbage(&self) {}
}

/// What is to be done inside an engine, for an [`Entry`] to pass on.
// It is a `Steps` (in `task.rs`), which knows realms and so can't be known here.
pub struct Visit<'a>(pub(super) &'a mut dyn Any);

impl fmt::Debug for Visit<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Visit").finish_non_exhaustive()
    }
}

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
    pub fn realm(self) -> Result<Rc<Realm>, crate::DomException> {
        let document = match (self.document, &self.base_url, &self.origin) {
            (Some(document), _, _) => document,
            (None, Some(url), Some(origin)) => Document::with_origin(url, origin)?,
            (None, Some(url), None) | (None, None, Some(url)) => Document::new(url)?,
            (None, None, None) => Document::default(),
        };
        let shared = self.event_loop.shared().clone();
        let (leaving, left) = oneshot::channel();
        Ok(Rc::new(Realm {
            event_loop: self.event_loop,
            shared,
            user_agent: self.user_agent,
            edition: self.edition,
            document,
            entry: OnceCell::new(),
            begin: Instant::now(),
            pins: Slots::new(FIRST_PIN),
            foreign: Cell::new(0),
            leaving: Cell::new(Some(leaving)),
            left: left.shared(),
        }))
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

impl fmt::Debug for Realm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Realm")
            .field("edition", &self.edition)
            .field("document", &self.document)
            .finish_non_exhaustive()
    }
}

/// A realm that has sockets, without its engine.
///
/// ```
/// use dom_websocket::{EventLoop, host};
///
/// let event_loop = EventLoop::new();
/// // What an adapter for an engine keeps with its page.
/// let realm = host::Options::new(&event_loop).realm()?;
/// realm.unload();
/// assert!(!realm.document().is_fully_active());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Realm {
    event_loop: EventLoop,
    shared: Rc<Shared>,
    user_agent: Option<UserAgent>,
    edition: Edition,
    document: Document,
    entry: OnceCell<Weak<dyn Entry>>,
    begin: Instant,
    /// The registry's slots that keep values alive.
    pins: Slots,
    /// A bit for each interface that the realm has brought itself.
    foreign: Cell<u16>,
    /// Dropped when the page is left.
    leaving: Cell<Option<oneshot::Sender<()>>>,
    left: Left,
}

/// Ends when a page is left.
pub(super) type Left = future::Shared<oneshot::Receiver<()>>;

/// The registry's first slot that is not one of [`RealmSlot`], nor the engine's own.
const FIRST_PIN: usize = 64;

impl Realm {
    /// Says how the engine is entered. The engine's side owns the entry: once that is dropped, no
    /// event reaches the realm's script any more.
    ///
    /// ```
    /// use dom_websocket::host::{Entry, Realm, Visit};
    /// use std::rc::{Rc, Weak};
    ///
    /// /// An engine without a microtask.
    /// struct Page;
    ///
    /// impl Entry for Page {
    ///     fn enter(&self, _visit: Visit<'_>) -> bool {
    ///         false
    ///     }
    ///     fn run_microtasks(&self) -> bool {
    ///         false
    ///     }
    /// }
    ///
    /// # let event_loop = dom_websocket::EventLoop::new();
    /// # let realm = dom_websocket::host::Options::new(&event_loop).realm()?;
    /// // The host has it, and the realm knows it weakly.
    /// let page: Rc<dyn Entry> = Rc::new(Page);
    /// realm.set_entry(Rc::downgrade(&page));
    /// assert_eq!(Rc::strong_count(&page), 1);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn set_entry(&self, entry: Weak<dyn Entry>) {
        let agent = Rc::new(entry.clone());
        if self.entry.set(entry).is_ok() {
            self.shared.add_agent(agent);
        }
    }

    /// Ends the realm's connections, as when a page is left: see [`Document::unload`].
    ///
    /// ```
    /// # use dom_websocket::{EventLoop, host};
    /// let realm = host::Options::new(&EventLoop::new()).realm()?;
    /// realm.unload();
    /// assert!(!realm.document().is_fully_active());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn unload(&self) {
        self.document.unload();
        drop(self.leaving.take());
    }

    /// Ends when the page is left: what waits in its name ends with it.
    pub(super) fn left(&self) -> Left {
        self.left.clone()
    }

    /// The document that the realm's sockets belong to.
    ///
    /// ```
    /// # use dom_websocket::{EventLoop, host};
    /// let options = host::Options::new(&EventLoop::new()).base_url("https://example.com/page");
    /// assert_eq!(options.realm()?.document().origin(), "https://example.com");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn document(&self) -> &Document {
        &self.document
    }

    /// The loop that the realm's events are tasks of.
    ///
    /// ```
    /// # use dom_websocket::{EventLoop, host};
    /// let event_loop = EventLoop::new();
    /// assert_eq!(*host::Options::new(&event_loop).realm()?.event_loop(), event_loop);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn event_loop(&self) -> &EventLoop {
        &self.event_loop
    }

    pub(super) fn user_agent(&self) -> Option<&UserAgent> {
        self.user_agent.as_ref()
    }

    pub(super) fn edition(&self) -> Edition {
        self.edition
    }

    /// Whether the realm has brought this interface itself.
    pub(super) fn is_foreign(&self, interface: Interface) -> bool {
        self.foreign.get() & (1 << interface as usize) != 0
    }

    pub(super) fn set_foreign(&self, interface: Interface) {
        self.foreign
            .set(self.foreign.get() | (1 << interface as usize));
    }

    pub(super) fn shared(&self) -> &Rc<Shared> {
        &self.shared
    }

    /// High Resolution Time "relative high resolution time", in milliseconds.
    pub(super) fn now(&self) -> f64 {
        // A tenth of a millisecond is as fine as a page that is not isolated gets it.
        (self.begin.elapsed().as_secs_f64() * 10_000.0).floor() / 10.0
    }

    /// Enters the engine with a `Steps`. False if it is gone or in use.
    pub(super) fn enter(&self, steps: &mut dyn Any) -> bool {
        match self.entry.get().and_then(Weak::upgrade) {
            Some(entry) => entry.enter(Visit(steps)),
            None => false,
        }
    }

    /// Keeps a value alive until it is [unpinned](Self::unpin). The registry is this realm's, which
    /// need not be the one that the engine is in.
    pub(super) fn pin<E: Engine>(
        &self,
        cx: &mut E,
        registry: &E::Value,
        value: &E::Value,
    ) -> usize {
        self.pins.take(cx, registry, value)
    }

    pub(super) fn unpin<E: Engine>(&self, cx: &mut E, registry: &E::Value, slot: usize) {
        self.pins.free(cx, registry, slot);
    }
}

/// A realm's engine is an agent of the loop.
impl event_loop::Agent for Weak<dyn Entry> {
    fn run_microtasks(&self) -> bool {
        self.upgrade().is_some_and(|entry| entry.run_microtasks())
    }

    fn collect_garbage(&self) {
        if let Some(entry) = self.upgrade() {
            entry.collect_garbage();
        }
    }

    fn is_gone(&self) -> bool {
        self.strong_count() == 0
    }
}

/// What the registry has in its first slots.
#[derive(Clone, Copy)]
pub(super) enum RealmSlot {
    /// The prototype of an interface's objects, ours.
    Prototype(Interface),
    /// An interface's object: ours, or the one that the realm had.
    InterfaceObject(Interface),
    /// The getter of `isTrusted`.
    IsTrusted,
    /// `Function.prototype.bind`, as it was.
    Bind,
    /// The function that hears of exceptions, if there is one.
    Reporter,
    /// `ReadableStream`, as it was when `WebSocketStream` was installed.
    ReadableStream,
    /// `WritableStream`, as it was then.
    WritableStream,
    /// Objects that look as a message event does while it is made, without its property and with it: engines
    /// forget the hidden classes that no object has.
    BareLayout,
    WholeLayout,
}

impl RealmSlot {
    /// There is room for 16 interfaces.
    pub(super) fn number(self) -> usize {
        match self {
            Self::Prototype(interface) => interface as usize,
            Self::InterfaceObject(interface) => 16 + interface as usize,
            Self::IsTrusted => 32,
            Self::Bind => 33,
            Self::Reporter => 34,
            Self::ReadableStream => 35,
            Self::WritableStream => 36,
            Self::BareLayout => 37,
            Self::WholeLayout => 38,
        }
    }
}

/// The realm's data.
pub(super) fn realm<E: Engine>(cx: &mut E) -> Rc<Realm> {
    cx.registry_host_defined()
        .and_then(|host_defined| host_defined.downcast().ok())
        .expect("the registry's host-defined value is the realm")
}

/// What lies in a slot of the registry; undefined if it is empty.
pub(super) fn realm_slot<E: Engine>(cx: &mut E, slot: RealmSlot) -> E::Value {
    match cx.registry_slot(slot.number()) {
        Some(value) => value,
        None => cx.undefined(),
    }
}

pub(super) fn set_realm_slot<E: Engine>(cx: &mut E, slot: RealmSlot, value: E::Value) {
    let registry = cx.registry();
    cx.set_slot(&registry, slot.number(), Some(value));
}
