//! `WebSocket` for script engines.
//!
//! The bindings are written once, over the trait [`Engine`]: WebIDL's conversions and checks, the event
//! objects, dispatch, and what keeps an object alive. An engine comes by a crate of its own, an *adapter*,
//! with an implementation of it and of [`Entry`], which is how a task gets into the engine. The crates
//! `dom-websocket-quickjs` and `dom-websocket-boa` are adapters, and use nothing but what is public here. The
//! feature `conformance` brings the tests of one, in `host::conformance`. `examples/own_engine` has a small engine with all that it
//! needs of an adapter.

// Each file imports only from those above it here.
//
// the engine:    string, language, property, native, engine, call, convert, close_info, slots
// the realm:     idl, entry, realm, options, object, report
// host-defined values:      event_data, listener, abort_state, target, stream_state
// dispatch:      task, liveness, event_handler, dispatch; stream_object
// interfaces:    dom_exception, web_socket_error, event, close_event, error_event, blob, message_event, web_socket,
//                abort_signal, abort_controller, event_target, web_socket_stream, stream_feedback
// all of them:   interface_object, bindings; visit

mod abort_controller;
mod abort_signal;
mod abort_state;
mod bindings;
mod blob;
mod call;
mod close_event;
mod close_info;
#[cfg(feature = "conformance")]
pub mod conformance;
mod convert;
mod dispatch;
mod dom_exception;
mod engine;
mod entry;
mod error_event;
mod event;
mod event_data;
mod event_handler;
mod event_target;
mod idl;
mod interface_object;
mod language;
mod listener;
mod liveness;
mod message_event;
mod native;
mod object;
mod options;
mod property;
mod realm;
mod report;
mod slots;
mod stream_feedback;
mod stream_object;
mod stream_state;
mod string;
mod target;
mod task;
mod timeout;
mod visit;
mod web_socket;
mod web_socket_error;
mod web_socket_stream;

pub use bindings::{install, install_streams};
pub use call::Call;
pub use engine::Engine;
pub use entry::{Entry, Visit};
pub use language::{BufferSource, ErrorKind, Intrinsic, Type};
pub use native::Native;
pub use options::Options;
pub use property::{Key, Property, PropertyContent};
pub use realm::Realm;
pub use report::{ScriptError, report, set_reporter};
pub use string::DomString;
