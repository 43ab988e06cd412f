//! tokio.
//!
//! A loop that is made inside a runtime of tokio belongs to it: whoever drives that runtime waits for the loop's sockets and
//! timers. One that is made outside has a runtime of its own, of the current thread, which `block_on` drives and each
//! turn looks into. Where nobody does either, and the loop has to call somebody, a thread drives it.

use super::{Listener, NoAlarm, Runtime, Socket};
use ::tokio::io::{AsyncRead as _, AsyncWrite as _, ReadBuf};
use ::tokio::net::{TcpListener, TcpStream};
use ::tokio::runtime::{self, Handle, RuntimeFlavor};
use ::tokio::task::{coop, spawn_blocking, yield_now};
use futures::channel::oneshot;
use futures::io::{AsyncRead, AsyncWrite, IoSlice};
use socket2::SockRef;
use std::cell::{Cell, OnceCell};
use std::future::{Future, poll_fn};
use std::io;
use std::net::SocketAddr;
use std::panic::resume_unwind;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll, Waker};
use std::thread::{self, JoinHandle};
use std::time::Duration;

/// tokio, as one loop has it.
pub(crate) struct Tokio {
    handle: Handle,
    own: Option<Own>,
}

/// A runtime that nobody else knows of.
struct Own {
    runtime: Arc<OwnRuntime>,
    /// The loop's thread drives it.
    is_driven: Cell<bool>,
    /// A thread drives it.
    watcher: OnceCell<Watcher>,
}

impl Runtime for Tokio {
    type Socket = TokioSocket;
    type Listener = TcpListener;
    type Alarm = NoAlarm;

    fn new() -> io::Result<Self> {
        if let Ok(handle) = Handle::try_current() {
            return Ok(Self { handle, own: None });
        }
        let runtime = OwnRuntime::new()?;
        Ok(Self {
            handle: runtime.get().handle().clone(),
            own: Some(Own {
                runtime: Arc::new(runtime),
                is_driven: Cell::new(false),
                watcher: OnceCell::new(),
            }),
        })
    }

    fn alarm(&self) -> NoAlarm {
        NoAlarm
    }

    fn enter(&self) -> impl Sized + '_ {
        self.handle.enter()
    }

    fn look(&self) {
        if let Some(own) = &self.own {
            own.look();
        }
    }

    fn watch(&self, _: &Waker) {
        // The sockets' own wakers tell the loop.
        if let Some(own) = &self.own {
            own.watch();
        }
    }

    async fn connect(address: SocketAddr) -> io::Result<TokioSocket> {
        let stream = coop::unconstrained(TcpStream::connect(address)).await?;
        Ok(TokioSocket { stream })
    }

    fn listen(listener: std::net::TcpListener) -> io::Result<TcpListener> {
        listener.set_nonblocking(true)?;
        TcpListener::from_std(listener)
    }

    fn sleep(duration: Duration) -> impl Future<Output = ()> + 'static {
        coop::unconstrained(::tokio::time::sleep(duration))
    }

    async fn unblock<T: Send + 'static>(function: impl FnOnce() -> T + Send + 'static) -> T {
        match coop::unconstrained(spawn_blocking(function)).await {
            Ok(result) => result,
            Err(error) => match error.try_into_panic() {
                Ok(panic) => resume_unwind(panic),
                // The runtime is shutting down: nobody polls this again.
                Err(_) => std::future::pending().await,
            },
        }
    }

    fn block_on<T>(&self, future: impl Future<Output = T>) -> T {
        match &self.own {
            Some(own) => own.block_on(future),
            None => {
                assert!(
                    self.handle.runtime_flavor() != RuntimeFlavor::CurrentThread,
                    "the loop belongs to a current-thread runtime of tokio, which stands still while its thread is \
                     blocked: await `until_idle` in it"
                );
                self.handle.block_on(future)
            }
        }
    }
}

impl Own {
    fn look(&self) {
        if self.is_driven.get() || self.watcher.get().is_some() {
            return;
        }
        if Handle::try_current().is_ok() {
            // A thread that runs another runtime's tasks must not drive this one.
            return self.watch();
        }
        self.runtime.get().block_on(yield_now());
    }

    fn watch(&self) {
        if self.is_driven.get() {
            return;
        }
        self.watcher
            .get_or_init(|| Watcher::start(self.runtime.clone()));
    }

    fn block_on<T>(&self, future: impl Future<Output = T>) -> T {
        let _driving = Driving {
            is_driven: &self.is_driven,
            before: self.is_driven.replace(true),
        };
        self.runtime.get().block_on(future)
    }
}

/// A thread that drives a loop's runtime until this is dropped.
struct Watcher {
    end: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Watcher {
    fn start(runtime: Arc<OwnRuntime>) -> Self {
        let (end, is_over) = oneshot::channel();
        let thread = thread::Builder::new().name("dom-websocket".to_owned());
        let watch = move || {
            let _ = runtime.get().block_on(is_over);
        };
        // As `thread::spawn` does.
        let thread = thread.spawn(watch).expect("no thread to watch a loop");
        Self {
            end: Some(end),
            thread: Some(thread),
        }
    }
}

impl Drop for Watcher {
    /// The loop's descriptors are closed when the loop is gone, and not soon after.
    fn drop(&mut self) {
        drop(self.end.take());
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// The loop's thread drives its runtime, until this is dropped.
struct Driving<'a> {
    is_driven: &'a Cell<bool>,
    before: bool,
}

impl Drop for Driving<'_> {
    fn drop(&mut self) {
        self.is_driven.set(self.before);
    }
}

/// Ends without waiting for anybody, so that it may do so within a task of another.
struct OwnRuntime(Option<runtime::Runtime>);

impl OwnRuntime {
    fn new() -> io::Result<Self> {
        let runtime = runtime::Builder::new_current_thread()
            .enable_all()
            .build()?;
        Ok(Self(Some(runtime)))
    }

    fn get(&self) -> &runtime::Runtime {
        match &self.0 {
            Some(runtime) => runtime,
            None => unreachable!("it is there until it is dropped"),
        }
    }
}

impl Drop for OwnRuntime {
    fn drop(&mut self) {
        if let Some(runtime) = self.0.take() {
            runtime.shutdown_background();
        }
    }
}

/// A TCP connection.
pub(crate) struct TokioSocket {
    stream: TcpStream,
}

/// Polls what belongs to the loop, which has its own way of letting others have their turn: tokio's would have a socket
/// say that it is not ready, and wake the loop at once.
fn poll_unconstrained<T>(
    cx: &mut Context<'_>,
    poll: impl FnMut(&mut Context<'_>) -> Poll<T>,
) -> Poll<T> {
    pin!(coop::unconstrained(poll_fn(poll))).poll(cx)
}

impl Socket for TokioSocket {
    fn as_socket(&self) -> SockRef<'_> {
        SockRef::from(&self.stream)
    }

    fn into_std(self) -> io::Result<std::net::TcpStream> {
        self.stream.into_std()
    }
}

impl AsyncRead for TokioSocket {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut [u8],
    ) -> Poll<io::Result<usize>> {
        let mut buffer = ReadBuf::new(buffer);
        let stream = &mut self.stream;
        let polled = poll_unconstrained(cx, |cx| Pin::new(&mut *stream).poll_read(cx, &mut buffer));
        polled.map_ok(|()| buffer.filled().len())
    }
}

impl AsyncWrite for TokioSocket {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let stream = &mut self.stream;
        poll_unconstrained(cx, |cx| Pin::new(&mut *stream).poll_write(cx, bytes))
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let stream = &mut self.stream;
        poll_unconstrained(cx, |cx| {
            Pin::new(&mut *stream).poll_write_vectored(cx, slices)
        })
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        // TCP keeps nothing back.
        Poll::Ready(Ok(()))
    }

    /// Ends our direction (FIN).
    fn poll_close(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(self.as_socket().shutdown(std::net::Shutdown::Write))
    }
}

impl Listener<TokioSocket> for TcpListener {
    async fn accept(&self) -> io::Result<TokioSocket> {
        let (stream, _) = coop::unconstrained(self.accept()).await?;
        Ok(TokioSocket { stream })
    }
}
