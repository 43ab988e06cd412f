//! The guide: a page for each thing that one has to know, in the order in which one needs them.
//!
//! 1. [First socket](first_socket): from nothing to a program that sends, hears an answer, and closes.
//! 2. [The event loop](event_loop): what a turn does, and how yours drives it.
//! 3. [Handlers and ownership](handlers): what a listener may hold, what keeps a socket alive, other threads.
//! 4. [Hosts](hosts): `WebSocket` for the scripts of an engine.
//! 5. [The user agent](user_agent): origins, proxies, cookies, passwords, certificates, limits.
//! 6. [Streams](streams): the same connections with backpressure and half close.
//! 7. [Editions](editions): today's object and that of 2010.
//! 8. [Errors and diagnosis](errors): what fails, who is told, and how to find out why.
//! 9. [Servers](servers): the listening side.
//! 10. [Performance](performance): what costs what, and which settings matter.
//!
//! Each example on these pages is compiled and run with the tests. Those without a `main` stand in one that returns
//! `Result<(), Box<dyn std::error::Error>>`, and ends with `Ok(())`. `PORTING.md` leads from each line of JavaScript to one of
//! Rust; `spec-notes/` says which sentence of which text each decision comes from.

pub mod editions;
pub mod errors;
pub mod event_loop;
pub mod first_socket;
pub mod handlers;
pub mod hosts;
pub mod performance;
pub mod servers;
pub mod streams;
pub mod user_agent;
