//! `WebSocket` for script engines.
//!
//! The bindings are written once, over the trait [`Engine`]: WebIDL's conversions and checks, the event
//! objects, dispatch, and what keeps an object alive. An engine comes by a crate of its own, an *adapter*,
//! with an implementation of it and of [`Entry`], which is how a task gets into the engine. The crates
//! `dom-websocket-quickjs` and `dom-websocket-boa` are adapters, and use nothing but what is public here. The
//! feature `conformance` brings the tests of one, in `host::conformance`.

mod abort_controller;
mod abort_signal;
mod blob;
mod close_event;
#[cfg(feature = "conformance")]
pub mod conformance;
mod convert;
mod dispatch;
mod dom_exception;
mod engine;
mod error_event;
mod event;
mod event_target;
mod interface;
mod message_event;
mod native;
mod realm;
mod signal;
mod string;
mod web_socket;

pub use dispatch::{ScriptError, Visit, report, set_reporter};
pub use engine::{
    BufferSource, Engine, ErrorKind, Intrinsic, Key, Property, PropertyContent, Type,
};
pub use interface::install;
pub use native::{Call, Native};
pub use realm::{Entry, Options, Realm};
pub use string::DomString;
