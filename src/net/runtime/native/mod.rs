//! The loop's own: sockets and timers of one event loop, for which its thread waits itself.
//!
//! Each loop has a poller of the system's, with which its sockets are registered once, edge-triggered. A turn
//! asks it what is ready, and `block_on` waits in it: so a wait is one system call, and no other thread has a
//! part in it. There are two that help. Names are looked up by a pool of threads (`blocking`), as the system's
//! resolver blocks. And where nobody blocks on a loop that has to call somebody, a wake-up or an executor of
//! others, a thread of that loop waits in its stead (`watcher`).
//!
//! The poller is mio's. That of `polling`, on which async-io stands, is as good, but registering a socket with it is
//! unsafe: it borrows the socket for as long. mio's sources own theirs.

mod poller;
mod reactor;
mod selector;
mod signal;
mod socket;
mod timers;
mod watcher;

use super::Runtime;
use futures::task::waker_ref;
use reactor::Reactor;
use signal::Alarm;
use socket::{NativeListener, NativeSocket};
use std::cell::RefCell;
use std::io;
use std::net::SocketAddr;
use std::pin::pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};
use std::time::{Duration, Instant};

thread_local! {
    /// That of the loop whose sockets and timers are being made.
    static ENTERED: RefCell<Option<Rc<Reactor>>> = const { RefCell::new(None) };
}

/// The loop's own runtime.
pub(crate) struct Native {
    reactor: Rc<Reactor>,
}

impl Native {
    /// When the next timer is over.
    #[cfg(unix)]
    pub(crate) fn next_timer(&self) -> Option<Instant> {
        self.reactor.next_timer()
    }

    /// Readable while there is something to do, and at first.
    #[cfg(unix)]
    pub(crate) fn descriptor(&self) -> std::os::fd::BorrowedFd<'_> {
        self.reactor.expose()
    }
}

impl Runtime for Native {
    type Socket = NativeSocket;
    type Listener = NativeListener;
    type Alarm = Alarm;

    fn new() -> io::Result<Self> {
        Ok(Self {
            reactor: Rc::new(Reactor::new()?),
        })
    }

    fn alarm(&self) -> Alarm {
        self.reactor.alarm()
    }

    fn enter(&self) -> impl Sized + '_ {
        let before = ENTERED.replace(Some(self.reactor.clone()));
        Entered { before }
    }

    fn look(&self) {
        self.reactor.look();
    }

    fn watch(&self, waker: &Waker) {
        self.reactor.watch(waker);
    }

    async fn connect(address: SocketAddr) -> io::Result<NativeSocket> {
        NativeSocket::connect(&entered(), address).await
    }

    fn listen(listener: std::net::TcpListener) -> io::Result<NativeListener> {
        NativeListener::new(&entered(), listener)
    }

    fn sleep(duration: Duration) -> impl Future<Output = ()> + 'static {
        let reactor = ENTERED.with_borrow(Option::clone);
        let sleep = async move |deadline| {
            // Perhaps it was made outside, and is polled inside.
            let reactor = reactor.unwrap_or_else(entered);
            reactor.sleep_until(deadline).await;
        };
        let deadline = Instant::now().checked_add(duration);
        async move {
            match deadline {
                Some(deadline) => sleep(deadline).await,
                None => std::future::pending().await,
            }
        }
    }

    fn unblock<T: Send + 'static>(
        function: impl FnOnce() -> T + Send + 'static,
    ) -> impl Future<Output = T> {
        blocking::unblock(function)
    }

    fn block_on<T>(&self, future: impl Future<Output = T>) -> T {
        let _entered = self.enter();
        let driving = self.reactor.drive();
        let signal = driving.signal().clone();
        let waker = waker_ref(&signal);
        let mut cx = Context::from_waker(&waker);
        let mut future = pin!(future);
        loop {
            signal.attend();
            if let Poll::Ready(output) = future.as_mut().poll(&mut cx) {
                return output;
            }
            driving.wait();
        }
    }
}

fn entered() -> Rc<Reactor> {
    match ENTERED.with_borrow(Option::clone) {
        Some(reactor) => reactor,
        None => unreachable!("sockets and timers are made where their runtime was entered"),
    }
}

/// Leaves a runtime when dropped, for the one before.
struct Entered {
    before: Option<Rc<Reactor>>,
}

impl Drop for Entered {
    fn drop(&mut self) {
        ENTERED.replace(self.before.take());
    }
}
