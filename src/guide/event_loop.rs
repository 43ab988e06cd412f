//! The event loop: what a turn does, and how yours drives it.
//!
//! An [`EventLoop`](crate::EventLoop) belongs to one thread. It has a queue of tasks, as a browser's page has, and polls its connections
//! itself. **Nothing happens while nobody drives it**: no event, no write, no time-out.
//!
//! A *turn* takes in what the sockets have, runs the tasks that are queued by then, and sends what they sent, in one write for each connection.
//! So no event comes from inside `send()`, `close()` or a constructor, and tasks run one at a time, first in, first out.
//!
//! There are four ways to drive it. None needs another thread of yours.
//!
//! # `run()`: this thread has nothing else to do
//!
//! It blocks until nothing is left to wait for: no task, no connection, no server, no future of yours.
//!
//! ```
//! use dom_websocket::EventLoop;
//! use std::time::Duration;
//!
//! let event_loop = EventLoop::new();
//! event_loop.queue_task(|| println!("a task"));
//! let pause = event_loop.sleep(Duration::from_millis(5));
//! event_loop.spawn(async move {
//!     pause.await;
//!     println!("a future of mine, polled by the loop");
//! });
//! event_loop.run();
//! ```
//!
//! # `turn()`: a loop of your own goes round anyway
//!
//! A game's frame, a window's loop, a script runtime's. It never blocks. [`set_wake_up`](crate::EventLoop::set_wake_up) names a
//! callback, called from any thread, when there is something to do again.
//!
//! ```
//! use dom_websocket::{EventLoop, Turn};
//! use std::sync::mpsc;
//!
//! let event_loop = EventLoop::new();
//! let (wake, woken) = mpsc::channel();
//! // Posts an event to your loop; it does nothing else.
//! event_loop.set_wake_up(move || {
//!     let _ = wake.send(());
//! });
//! event_loop.queue_task(|| println!("a task"));
//!
//! // Your loop: here it knows of one kind of event only.
//! while woken.recv().is_ok() {
//!     while event_loop.turn() == Turn::More {}
//!     # break;
//! }
//! ```
//!
//! Where a loop goes round by itself (`cargo run --example frames`), take a turn when a frame begins, and another behind what it sends: else that
//! waits for the next frame.
//!
//! # `until_idle().await` and `drive().await`: an executor polls it
//!
//! [`until_idle`](crate::EventLoop::until_idle) is `run()` as a future, [`drive`](crate::EventLoop::drive) the same without an end, for
//! a task beside others. Any executor on this thread will do; here it is that of `futures` (`cargo add futures`).
//!
//! ```
//! use dom_websocket::{EventLoop, Server, WebSocket};
//! use futures::executor::block_on;
//! use futures::future::{Either, select};
//! use std::pin::pin;
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let event_loop = EventLoop::new();
//! let server = Server::listen(&event_loop, "127.0.0.1:0")?;
//! server.set_onconnection(|socket, _| {
//!     socket.set_onmessage(|event| println!("{}", event.data()));
//! });
//! let socket = WebSocket::new(&event_loop, &format!("ws://{}/", server.local_addr()))?;
//! let work = async {
//!     // True once the socket is open.
//!     assert!(socket.room_for(5).await);
//!     socket.send("hello")
//! };
//! match block_on(select(pin!(work), pin!(event_loop.drive()))) {
//!     Either::Left((sent, _)) => assert!(sent?),
//!     Either::Right(_) => unreachable!("drive() has no end"),
//! }
//! # Ok(())
//! # }
//! ```
//!
//! With tokio the feature `tokio` has sockets and timers come from tokio's runtime (`--no-default-features --features tokio`):
//! `examples/tokio_local.rs` is a loop in a `LocalSet`, `examples/tokio_threads.rs` one on a thread of its own beside tasks on many.
//!
//! # `descriptor()`: a loop of yours waits for descriptors
//!
//! poll, epoll, calloop, GLib, libuv, Qt. With the feature `native` on Unix (`--no-default-features --features native`, as async-std goes first
//! where it is on) the loop *is* a file descriptor, readable while `turn()` has something to do, and `next_timer()` says until when to wait. No
//! thread and no callback is in between. Here poll(2) waits, by rustix (`cargo add rustix --features event`).
//!
//! ```
//! # #[cfg(all(unix, feature = "native", not(any(feature = "async-std", feature = "smol"))))] {
//! use dom_websocket::{EventLoop, Turn};
//! use rustix::event::{PollFd, PollFlags, Timespec, poll};
//! use std::time::Instant;
//!
//! let event_loop = EventLoop::new();
//! event_loop.queue_task(|| println!("a task"));
//! while event_loop.turn() != Turn::Idle {
//!     let left = event_loop.next_timer().map(|due| due.saturating_duration_since(Instant::now()));
//!     let timeout = left.map(|left| Timespec::try_from(left).unwrap());
//!     // And your own descriptors.
//!     poll(&mut [PollFd::new(&event_loop, PollFlags::IN)], timeout.as_ref()).unwrap();
//! }
//! # }
//! ```
//!
//! # Which one, and recipes
//!
//! `spec-notes/event-loops.md` has them for poll, calloop, winit, tokio, GLib, libuv and a thread of its own; timers that keep the loop alive, promise
//! jobs, and the order in which things go.
//!
//! Work of yours that is under way elsewhere keeps a loop from ending by a [`KeepAlive`](crate::KeepAlive); other threads queue tasks by a
//! [`Handle`](crate::Handle).
//!
//! Next: [handlers and ownership](super::handlers).
