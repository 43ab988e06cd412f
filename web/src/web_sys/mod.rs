//! The crate [`web_sys`](https://docs.rs/web-sys), as far as WebSocket code uses it.
//!
//! Only the names are grouped differently: there each class is a feature, here all are there.

mod abort;
mod blob;
pub mod console;
mod constructors;
mod dictionary;
mod dom_exception;
mod enumeration;
mod event;
mod event_target;
mod file_reader;
mod interfaces;
mod listeners;
mod location;
mod performance;
mod timers;
mod web_socket;
mod window;

pub use crate::{js_sys, wasm_bindgen};
pub use abort::{AbortController, AbortSignal};
pub use blob::Blob;
pub use dictionary::{
    AddEventListenerOptions, BlobPropertyBag, CloseEventInit, ErrorEventInit, EventInit,
    EventListenerOptions, MessageEventInit, ProgressEventInit,
};
pub use dom_exception::DomException;
pub use enumeration::TcpReadyState;
pub use event::Event;
pub use event_target::EventTarget;
pub use file_reader::FileReader;
pub use interfaces::{CloseEvent, ErrorEvent, MessageEvent, ProgressEvent};
pub use location::Location;
pub use performance::Performance;
pub use web_socket::{BinaryType, WebSocket};
pub use window::{Window, WorkerGlobalScope, window};

pub(crate) use dom_exception::legacy_code;
use enumeration::enumeration;
pub(crate) use listeners::Listeners;
use listeners::handlers;
pub(crate) use timers::{clear_timer, run_after, set_timer};
pub(crate) use window::queue_microtask;
