//! What script sees.

mod abort;
mod blob;
mod builder;
mod close_event;
mod dispatch;
mod document;
mod establishment;
mod event;
mod event_listener;
mod event_state;
mod event_target;
mod event_type;
mod exception;
mod listener_list;
mod message_event;
mod protocols;
mod stream;
mod web_socket;
mod wrapper;

pub use abort::{AbortController, AbortSignal};
pub use blob::Blob;
pub use builder::WebSocketBuilder;
pub use close_event::{CloseEvent, CloseEventInit};
pub use dispatch::{Dispatch, SomeEvent};
pub use document::Document;
pub use event::{Event, EventInit};
pub use event_listener::{
    AddEventListenerOptions, Completion, EventListener, ReturnValue, WeakEventListener,
};
pub use exception::{DomException, DomExceptionKind};
pub use message_event::{MessageData, MessageEvent, MessageEventInit};
pub use protocols::IntoProtocols;
#[cfg(not(target_family = "wasm"))]
pub use stream::{ByteStream, ByteStreamBuilder};
pub use stream::{
    Message, Piece, WebSocketCloseInfo, WebSocketError, WebSocketErrorKind, WebSocketOpenInfo,
    WebSocketPieces, WebSocketReadable, WebSocketStream, WebSocketWritable,
};
pub use web_socket::{AsData, BinaryType, Data, RemoteSocket, TrySendError, WebSocket};

pub(crate) use event_state::EventState;
pub(crate) use listener_list::{ListenerList, Registration};
pub(crate) use message_event::ReceivedMessage;
#[cfg(not(target_family = "wasm"))]
pub(crate) use web_socket::WeakWebSocket;
pub(crate) use wrapper::{TrustedEvent, Wrapper};
