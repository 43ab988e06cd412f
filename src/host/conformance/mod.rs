//! The tests of an adapter: what every engine's `WebSocket` has to do, for the adapter to run on itself.
//!
//! Say by [`Subject`] how your adapter is set up, and call [`host_conformance_tests!`] in a file of the
//! adapter's `tests/`: each case is a `#[test]` there, by its name.
//!
//! ```
//! # mod hidden {
//! use dom_websocket::host::Options;
//! use dom_websocket::host::conformance::Subject;
//!
//! struct Mine;
//!
//! impl Subject for Mine {
//! #   fn open(_: &str, _: Options) -> Self { Self }
//! #   fn open_beside(&self, _: Options) -> Option<Self> { None }
//! #   fn install_again(&self, _: Options) -> Box<dyn std::any::Any> { Box::new(()) }
//! #   fn evaluate(&self, _: &str) -> Result<String, String> { Ok(String::new()) }
//! #   fn define(&self, _: &str, _: Box<dyn Fn()>) {}
//! #   fn set_reporter(&self, _: &str) {}
//! #   fn collect_garbage(&self) {}
//!     // …
//! }
//!
//! dom_websocket::host_conformance_tests!(Mine);
//! # }
//! ```
//!
//! The macro takes a name that is in scope beside the call, not a path that begins with `self` or `super`.
//!
//! [`many_sockets`] is for a test program of its own.
//!
//! A harness of another kind goes over [`names`] and calls [`run`]. A case that fails panics.
//!
//! The cases use sockets of the loopback interface, and nothing of the engine but what the language and
//! [`install`](super::install) bring: no timers, no console. [`Fixture`] is what they stand on, and good
//! for tests of the adapter's own too.
//!
//! [`host_conformance_tests!`]: crate::host_conformance_tests

mod cases;
mod conversions;
mod events;
mod existing;
mod fixture;
mod gc;
mod hostile;
mod html5;
mod load;
mod loops;
mod realms;
mod reporter;
mod shape;
mod signals;
mod sockets;
mod stream_gc;
mod stream_interfaces;
mod streams;
mod subject;

pub use cases::{names, run};
pub use fixture::Fixture;
pub use load::many_sockets;
pub use subject::Subject;
