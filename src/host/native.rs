//! The functions of the bindings, as plain data.

/// A function of the bindings: plain data, for an engine to keep beside the function object that it
/// makes of it.
///
/// ```
/// use dom_websocket::host::{Engine, Native};
///
/// /// What an engine keeps of a function object.
/// struct Function {
///     native: Native,
///     is_constructor: bool,
/// }
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Native {
    pub(super) interface: Interface,
    /// Its number among the interface's.
    pub(super) function: u8,
}

impl Native {
    /// The interface's function behind it.
    pub(super) fn next(self) -> Self {
        Self {
            function: self.function + 1,
            ..self
        }
    }
}

/// An interface.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Interface {
    EventTarget,
    Event,
    MessageEvent,
    CloseEvent,
    ErrorEvent,
    DOMException,
    WebSocketError,
    Blob,
    AbortSignal,
    AbortController,
    WebSocket,
    WebSocketStream,
}
