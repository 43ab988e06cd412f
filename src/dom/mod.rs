//! What script sees.

mod abort;
mod builder;
mod document;
mod event;
mod event_listener;
mod event_target;
mod exception;
mod web_socket;

pub use abort::{AbortController, AbortSignal};
pub use builder::WebSocketBuilder;
pub use document::Document;
pub use event::{
    CloseEvent, CloseEventInit, Dispatch, Event, EventInit, MessageData, MessageEvent,
    MessageEventInit, SomeEvent,
};
pub use event_listener::{AddEventListenerOptions, Completion, EventListener, ReturnValue};
pub use exception::DomException;
pub use web_socket::WebSocket;
