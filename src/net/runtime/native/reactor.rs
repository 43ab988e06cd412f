//! Who waits for which socket of a loop, and for when.

use super::poller::Poller;
use super::signal::{Alarm, Signal};
use super::timers::{Sleep, Timers};
use mio::event::{Event, Source as Pollable};
use mio::{Events, Interest, Poll, Registry, Token, Waker as PollWaker};
use slab::Slab;
use std::cell::{Cell, RefCell};
use std::io;
use std::rc::Rc;
use std::sync::Arc;
use std::task::{self, Context, Waker};
use std::time::{Duration, Instant};

/// That of the poller's own waker: no socket has it.
const WAKER: Token = Token(usize::MAX);

pub(super) struct Reactor {
    registry: Registry,
    poller: RefCell<Poller>,
    sources: RefCell<Slab<Rc<Source>>>,
    timers: Timers,
    signal: Arc<Signal>,
    /// How many `block_on`s are on the stack.
    depth: Cell<usize>,
    /// `block_on` has just looked: the turn that it is for need not.
    has_looked: Cell<bool>,
    /// Somebody has the descriptor.
    is_exposed: Cell<bool>,
    /// Memory for those who are to be woken.
    due: RefCell<Vec<Waker>>,
}

impl Reactor {
    pub(super) fn new() -> io::Result<Self> {
        let poll = Poll::new()?;
        Ok(Self {
            registry: poll.registry().try_clone()?,
            signal: Signal::new(PollWaker::new(poll.registry(), WAKER)?),
            poller: RefCell::new(Poller::new(poll)),
            sources: RefCell::default(),
            timers: Timers::default(),
            depth: Cell::new(0),
            has_looked: Cell::new(false),
            is_exposed: Cell::new(false),
            due: RefCell::default(),
        })
    }

    pub(super) fn alarm(&self) -> Alarm {
        Alarm::new(&self.signal)
    }

    pub(super) fn timers(&self) -> &Timers {
        &self.timers
    }

    #[cfg(unix)]
    pub(super) fn next_timer(&self) -> Option<Instant> {
        self.timers.next()
    }

    pub(super) fn sleep_until(self: Rc<Self>, deadline: Instant) -> Sleep {
        Sleep::new(self, deadline)
    }

    /// A timer that is set while another thread waits may be the first to be over.
    pub(super) fn timer_was_set(&self, deadline: Instant) {
        if self.timers.next() == Some(deadline) && self.poller.borrow().is_lent() {
            self.signal.interrupt();
        }
    }

    #[cfg(unix)]
    pub(super) fn expose(&self) -> std::os::fd::BorrowedFd<'_> {
        if !self.is_exposed.replace(true) && self.depth.get() == 0 {
            self.signal.set_exposed(true);
            self.signal.interrupt();
        }
        std::os::fd::AsFd::as_fd(&self.registry)
    }

    /// Wakes those who wait for what is ready, without a wait.
    pub(super) fn look(&self) {
        if !self.has_looked.take() {
            let due = self.wait(Some(Duration::ZERO));
            self.wake(due);
        }
    }

    /// Has another thread wait, where this one doesn't.
    pub(super) fn watch(&self, waker: &Waker) {
        if self.depth.get() == 0 {
            let timeout = self.until_next_timer();
            self.poller.borrow_mut().lend(timeout, waker);
        }
    }

    /// Until the result is dropped, this thread waits for the loop, by means of it.
    pub(super) fn drive(&self) -> Driving<'_> {
        if self.depth.get() == 0 {
            self.signal.set_exposed(false);
        }
        self.depth.set(self.depth.get() + 1);
        self.has_looked.set(false);
        Driving { reactor: self }
    }

    fn until_next_timer(&self) -> Option<Duration> {
        let next = self.timers.next()?;
        Some(next.saturating_duration_since(Instant::now()))
    }

    /// Waits, at most for so long. Those who waited for what is ready are to be [woken](Self::wake).
    fn wait(&self, timeout: Option<Duration>) -> Vec<Waker> {
        let mut due = self.due.take();
        let mut poller = self.poller.borrow_mut();
        if let Some(events) = poller.reclaim(&self.signal) {
            self.find_due(events, &mut due);
        }
        let timeout = if due.is_empty() {
            timeout
        } else {
            Some(Duration::ZERO)
        };
        if let Some(events) = poller.wait(timeout) {
            self.find_due(events, &mut due);
        }
        self.timers.expire(&mut due);
        due
    }

    /// Whoever is woken may come back here.
    fn wake(&self, mut due: Vec<Waker>) {
        due.drain(..).for_each(Waker::wake);
        *self.due.borrow_mut() = due;
    }

    fn find_due(&self, events: &Events, due: &mut Vec<Waker>) {
        let sources = self.sources.borrow();
        for event in events {
            // None: the poller's own waker, or a socket that is gone.
            if let Some(source) = sources.get(event.token().0) {
                source.take_in(event, due);
            }
        }
    }

    pub(super) fn register(
        self: &Rc<Self>,
        socket: &mut impl Pollable,
        interest: Interest,
    ) -> io::Result<Registration> {
        let source = Rc::<Source>::default();
        let key = self.sources.borrow_mut().insert(source.clone());
        let registration = Registration {
            reactor: self.clone(),
            source,
            key,
        };
        self.registry.register(socket, Token(key), interest)?;
        Ok(registration)
    }
}

impl Drop for Reactor {
    fn drop(&mut self) {
        // Its descriptor does not outlive it elsewhere.
        self.poller.get_mut().reclaim(&self.signal);
    }
}

/// This thread waits for a loop.
pub(super) struct Driving<'a> {
    reactor: &'a Reactor,
}

impl<'a> Driving<'a> {
    pub(super) fn signal(&self) -> &'a Arc<Signal> {
        &self.reactor.signal
    }

    /// Waits until the future is to be polled again, at least for a look at what is ready.
    pub(super) fn wait(&self) {
        let reactor = self.reactor;
        let due = reactor.signal.block(|is_idle| {
            let timeout = if is_idle {
                reactor.until_next_timer()
            } else {
                Some(Duration::ZERO)
            };
            reactor.wait(timeout)
        });
        reactor.wake(due);
        reactor.has_looked.set(true);
    }
}

impl Drop for Driving<'_> {
    fn drop(&mut self) {
        let reactor = self.reactor;
        reactor.has_looked.set(false);
        reactor.depth.set(reactor.depth.get() - 1);
        if reactor.depth.get() > 0 {
            // What was to notify the one around this may have come here.
            reactor.signal.notify();
        } else if reactor.is_exposed.get() {
            reactor.signal.set_exposed(true);
            // There may be something to do that nobody was told of.
            reactor.signal.interrupt();
        }
    }
}

/// A socket, as the poller knows it.
#[derive(Default)]
struct Source {
    reader: Cell<Option<Waker>>,
    writer: Cell<Option<Waker>>,
    /// There has been an event since somebody last asked.
    is_readable: Cell<bool>,
    is_writable: Cell<bool>,
    /// There is an end to read, or an error, and no event says so again.
    has_ended: Cell<bool>,
}

impl Source {
    fn take_in(&self, event: &Event, due: &mut Vec<Waker>) {
        if event.is_read_closed() || event.is_error() {
            self.has_ended.set(true);
        }
        if event.is_readable() || self.has_ended.get() {
            self.is_readable.set(true);
            due.extend(self.reader.take());
        }
        if event.is_writable() || event.is_write_closed() || event.is_error() {
            self.is_writable.set(true);
            due.extend(self.writer.take());
        }
    }
}

/// Has `slot` hold this waker.
fn keep(slot: &Cell<Option<Waker>>, cx: &Context<'_>) {
    let waker = match slot.take() {
        Some(waker) if waker.will_wake(cx.waker()) => waker,
        _ => cx.waker().clone(),
    };
    slot.set(Some(waker));
}

/// A socket's place in the poller, which its descriptor leaves when it is closed.
pub(super) struct Registration {
    reactor: Rc<Reactor>,
    source: Rc<Source>,
    key: usize,
}

impl Registration {
    pub(super) fn reactor(&self) -> &Rc<Reactor> {
        &self.reactor
    }

    /// From now on events of this kind come, of what there is already too.
    pub(super) fn change(&self, socket: &mut impl Pollable, interest: Interest) -> io::Result<()> {
        let registry = &self.reactor.registry;
        registry.reregister(socket, Token(self.key), interest)
    }

    /// For a socket that goes on without the loop.
    pub(super) fn end(&self, socket: &mut impl Pollable) -> io::Result<()> {
        self.reactor.registry.deregister(socket)
    }

    /// Ready if something may have come since the last time that it was.
    pub(super) fn poll_readable(&self, cx: &Context<'_>) -> task::Poll<()> {
        if self.source.has_ended.get() || self.source.is_readable.take() {
            return task::Poll::Ready(());
        }
        self.await_readable(cx);
        task::Poll::Pending
    }

    pub(super) fn poll_writable(&self, cx: &Context<'_>) -> task::Poll<()> {
        if self.source.is_writable.take() {
            return task::Poll::Ready(());
        }
        self.await_writable(cx);
        task::Poll::Pending
    }

    /// Reading would block: the next event wakes.
    pub(super) fn await_readable(&self, cx: &Context<'_>) {
        keep(&self.source.reader, cx);
    }

    /// Writing would block: the next event wakes.
    pub(super) fn await_writable(&self, cx: &Context<'_>) {
        keep(&self.source.writer, cx);
    }
}

impl Drop for Registration {
    fn drop(&mut self) {
        let source = self.reactor.sources.borrow_mut().try_remove(self.key);
        drop(source);
    }
}
