//! What the bindings know of a realm.

use super::engine::Engine;
use super::entry::{Entry, Visit};
use super::native::Interface;
use super::slots::Slots;
use super::target::Target;
use super::timeout::Timeouts;
use crate::dom::Document;
use crate::edition::Edition;
use crate::event_loop::{EventLoop, Shared};
use crate::user_agent::UserAgent;
use futures::channel::oneshot;
use futures::future::{self, FutureExt};
use std::any::Any;
use std::cell::{Cell, OnceCell};
use std::fmt;
use std::rc::{Rc, Weak};
use std::time::Instant;

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
    timeouts: Rc<Timeouts<Target>>,
}

/// Ends when a page is left.
pub(super) type Left = future::Shared<oneshot::Receiver<()>>;

/// The registry's first slot that is not one of [`RealmSlot`], nor the engine's own.
const FIRST_PIN: usize = 64;

impl Realm {
    pub(super) fn new(
        event_loop: EventLoop,
        user_agent: Option<UserAgent>,
        edition: Edition,
        document: Document,
    ) -> Self {
        let shared = event_loop.shared().clone();
        let (leaving, left) = oneshot::channel();
        let timeouts = Rc::new(Timeouts::new(shared.clone()));
        Self {
            event_loop,
            shared,
            user_agent,
            edition,
            document,
            entry: OnceCell::new(),
            begin: Instant::now(),
            pins: Slots::new(FIRST_PIN),
            foreign: Cell::new(0),
            leaving: Cell::new(Some(leaving)),
            left: left.shared(),
            timeouts,
        }
    }

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

    /// Of its signals.
    pub(super) fn timeouts(&self) -> &Rc<Timeouts<Target>> {
        &self.timeouts
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

impl fmt::Debug for Realm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Realm")
            .field("edition", &self.edition)
            .field("document", &self.document)
            .finish_non_exhaustive()
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
