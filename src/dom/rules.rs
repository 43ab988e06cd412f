//! The rules of the object in which the editions differ.

use crate::protocol::Edition;

impl Edition {
    /// Whether interfaces have a member that is in the IDL of one edition only.
    pub(crate) fn declares(self, only: Option<Self>) -> bool {
        only.is_none_or(|edition| edition == self)
    }

    /// Whether the constructor takes a sequence of subprotocols.
    pub(crate) fn takes_many_protocols(self) -> bool {
        match self {
            // WebSockets IDL: (DOMString or sequence<DOMString>).
            Self::Living => true,
            // r4820 IDL: DOMString.
            Self::Html5 => false,
        }
    }

    /// Whether `send()` takes binary data as such; else it is made a string like any other object.
    pub(crate) fn sends_binary(self) -> bool {
        match self {
            // WebSockets IDL: (BufferSource or Blob or USVString).
            Self::Living => true,
            // r4820 IDL: DOMString. Draft 76 carries text only.
            Self::Html5 => false,
        }
    }

    /// Whether `send()` returns if the message was sent.
    pub(crate) fn send_returns_a_boolean(self) -> bool {
        match self {
            // WebSockets IDL: undefined.
            Self::Living => false,
            // r4820 IDL: boolean.
            Self::Html5 => true,
        }
    }

    /// Whether `close()` takes a code and a reason.
    pub(crate) fn close_takes_a_reason(self) -> bool {
        match self {
            // WebSockets "close(code, reason)".
            Self::Living => true,
            // r4820 "close()". Draft 76 carries neither.
            Self::Html5 => false,
        }
    }

    /// Whether the data that `initMessageEvent()` is given is null in place of undefined.
    pub(crate) fn defaults_message_data(self) -> bool {
        match self {
            // HTML `MessageEvent` IDL: optional any data = null.
            Self::Living => true,
            // Web Applications 1.0 r4820, event definitions: any, and not optional.
            Self::Html5 => false,
        }
    }

    /// Whether a message event without ports has null for them.
    pub(crate) fn lets_ports_be_null(self) -> bool {
        match self {
            // HTML `MessageEvent`: a frozen array, which is empty.
            Self::Living => false,
            // Web Applications 1.0 r4820, event definitions: an array or null. A WebSocket sets none.
            Self::Html5 => true,
        }
    }
}
