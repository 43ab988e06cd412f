//! `WebSocket` for script engines.
//!
//! The bindings are written once, over the trait [`Engine`]: WebIDL's conversions and checks, the event
//! objects, dispatch, and what keeps an object alive. An engine is a folder beside them, with an
//! implementation of it and of [`Entry`], which is how a task gets into the engine.

mod abort_controller;
mod abort_signal;
mod blob;
#[cfg(feature = "boa")]
pub mod boa;
mod close_event;
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
#[cfg(feature = "quickjs")]
pub mod quickjs;
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
