//! Handlers and ownership: what a listener may hold, what keeps a socket alive, other threads.
//!
//! # A handler is `Fn`
//!
//! A listener can be called while it runs, for it may dispatch an event that it listens to itself. So it is `Fn`, not `FnMut`: keep what it
//! changes in a `Cell` or a `RefCell`, and what several of them share in an `Rc`. It is called on the loop's thread only, and needs to
//! be neither `Send` nor `Sync`.
//!
//! ```
//! use dom_websocket::{EventLoop, Server, WebSocket};
//! use std::cell::RefCell;
//! use std::rc::Rc;
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let event_loop = EventLoop::new();
//! let server = Server::listen(&event_loop, "127.0.0.1:0")?;
//! server.set_onconnection(|socket, _| {
//!     socket.set_onopen(|event| event.target().send("one"));
//!     socket.set_onmessage(|event| event.target().close());
//! });
//!
//! let received = Rc::new(RefCell::new(Vec::new()));
//! let socket = WebSocket::new(&event_loop, &format!("ws://{}/", server.local_addr()))?;
//! let messages = received.clone();
//! socket.set_onmessage(move |event| {
//!     messages.borrow_mut().push(event.data().to_string());
//!     event.target().send("thanks")
//! });
//! socket.set_onclose(move |_| server.close());
//! event_loop.run();
//! assert_eq!(*received.borrow(), ["one"]);
//! # Ok(())
//! # }
//! ```
//!
//! # What it returns
//!
//! Nothing, a `bool`, or a `Result` of these ([`Completion`](crate::Completion)). So a handler can end with `event.target().send(…)`, or use `?`
//! inside. An error is what an exception is in JavaScript: the other listeners run, and the loop's [`Host`](crate::Host) hears of it; without a host
//! it goes to standard error. A panic is the same to a host; without one it goes on, out of the `turn` or `run`, once the task is over.
//!
//! `false` from a handler cancels the event, as HTML has it.
//!
//! # Handlers, listeners, and taking them away
//!
//! [`set_onmessage`](crate::WebSocket::set_onmessage) is `onmessage = …`: one at a time, and `clear_onmessage()` is `onmessage = null`.
//! [`add_event_listener`](crate::WebSocket::add_event_listener) adds any number, and gives a listener that can be removed.
//!
//! ```
//! use dom_websocket::{AddEventListenerOptions, Event, EventInit, EventListener, EventLoop, WebSocket};
//!
//! # fn main() -> Result<(), dom_websocket::DomException> {
//! let event_loop = EventLoop::new();
//! let socket = WebSocket::new(&event_loop, "ws://example.com/")?;
//! let listener = socket.add_event_listener("hello", |event| println!("{}", event.type_()));
//! let once = EventListener::new(|_| println!("the first time only"));
//! let options = AddEventListenerOptions { once: true, ..Default::default() };
//! socket.add_event_listener_with("hello", &once, options);
//!
//! socket.dispatch_event(&Event::new("hello", EventInit::default()))?;
//! socket.remove_event_listener("hello", &listener, false);
//! # Ok(())
//! # }
//! ```
//!
//! One function can serve all of them: each kind of event [is an `Event`](crate::Dispatch) too.
//!
//! # What keeps a socket alive
//!
//! A [`WebSocket`](crate::WebSocket) is a handle; its clones are the same object, and are equal to each other and to nothing else. As in a browser
//! **the object lives while an event can still reach a listener of it**, whether you hold a handle or not. When the last handle of one without such
//! listeners goes, what was sent leaves, and the connection is closed.
//!
//! * In a listener reach the socket by [`event.target()`](crate::Dispatch::target). A clone of a socket in its own listener is a cycle, which
//!   ends when the connection is closed: a closed socket lets go of its listeners.
//! * A clone of the `EventLoop` in a listener, a task or a future of that loop keeps the loop for ever. Take
//!   [`downgrade()`](crate::EventLoop::downgrade), or a [`Handle`](crate::Handle).
//! * When the last handle of the loop goes, all connections are cut, and its sockets are `CLOSED`.
//!
//! # Other threads
//!
//! Sockets and loops stay on their thread. Others send by [`RemoteSocket`](crate::RemoteSocket), which is `Send`, `Sync` and `Clone`, keeps
//! messages in order, and makes who sends faster than the network wait.
//!
//! ```
//! use dom_websocket::{EventLoop, Server, WebSocket};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let event_loop = EventLoop::new();
//! let server = Server::listen(&event_loop, "127.0.0.1:0")?;
//! server.set_onconnection(|socket, _| {
//!     socket.set_onmessage(|event| println!("{}", event.data()));
//! });
//! let socket = WebSocket::new(&event_loop, &format!("ws://{}/", server.local_addr()))?;
//! socket.set_onclose(move |_| server.close());
//!
//! let remote = socket.remote();
//! let worker = std::thread::spawn(move || {
//!     remote.send_blocking("from another thread")?;
//!     remote.close();
//!     Ok::<_, dom_websocket::TrySendError<_>>(())
//! });
//! event_loop.run();
//! worker.join().expect("no panic")?;
//! # Ok(())
//! # }
//! ```
//!
//! Next: [hosts](super::hosts), or [the user agent](super::user_agent) where there is no script engine.
