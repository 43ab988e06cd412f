//! `WebSocket` for script engines, and their hosts: ECMA-262's word for the program around an engine.
//!
//! The bindings are written once, over the trait [`Engine`]: WebIDL's conversions and checks, the event
//! objects, dispatch, and what keeps an object alive. An engine is a folder beside them, with an
//! implementation of it and of [`Entry`], which is how a task gets into the engine.

// Each file imports only from those above it here.
//
// the engine:    string, native, engine, call, convert, slots
// the realm:     idl, realm, object, report
// payloads:      event_data, listener, abort_state, target
// dispatch:      task, liveness, event_handler, dispatch
// interfaces:    dom_exception, event, close_event, error_event, blob, message_event, web_socket,
//                abort_signal, abort_controller, event_target
// all of them:   interface_object, bindings; visit

mod abort_controller;
mod abort_signal;
mod abort_state;
mod bindings;
mod blob;
#[cfg(feature = "boa")]
pub mod boa;
mod call;
mod close_event;
mod convert;
mod dispatch;
mod dom_exception;
mod engine;
mod error_event;
mod event;
mod event_data;
mod event_handler;
mod event_target;
mod idl;
mod interface_object;
mod listener;
mod liveness;
mod message_event;
mod native;
mod object;
#[cfg(feature = "quickjs")]
pub mod quickjs;
mod realm;
mod report;
mod slots;
mod string;
mod target;
mod task;
mod visit;
mod web_socket;

pub use bindings::install;
pub use call::Call;
pub use engine::{
    BufferSource, Engine, ErrorKind, Intrinsic, Key, Property, PropertyContent, Type,
};
pub use native::Native;
pub use realm::{Entry, Options, Realm, Visit};
pub use report::{ScriptError, report, set_reporter};
pub use string::DomString;
