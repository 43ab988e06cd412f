//! The editions, and every rule in which they differ.

use crate::protocol::opening::{Request, is_protocol_name, is_token};
use crate::protocol::{MAX_REASON, Wire};

/// Which text a `WebSocket` follows: it fixes both the rules of the object and the wire protocol.
///
/// ```
/// use dom_websocket::{Edition, EventLoop, WebSocket};
///
/// let event_loop = EventLoop::new();
/// assert_eq!(Edition::default(), Edition::Living);
/// // A page of 2010 has one subprotocol, and no relative URLs.
/// let mut builder = WebSocket::builder(&event_loop, "ws://example.com/");
/// builder.protocols(["chat", "superchat"]);
/// assert!(builder.edition(Edition::Living).open().is_ok());
/// assert!(builder.edition(Edition::Html5).open().is_err());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Edition {
    /// Today's: the WHATWG WebSockets Standard over RFC 6455, with permessage-deflate.
    #[default]
    Living,
    /// The `WebSocket` of HTML5 in March 2010 (Web Applications 1.0, r4820) over
    /// draft-hixie-thewebsocketprotocol-76.
    Html5,
}

impl Edition {
    /// The wire protocol that it is spoken over.
    pub(crate) fn wire(self) -> Wire {
        match self {
            Self::Living => Wire::Rfc6455,
            Self::Html5 => Wire::Hixie76,
        }
    }

    /// The edition of a client that speaks this wire, where it is of one.
    pub(crate) fn of_wire(wire: Wire) -> Option<Self> {
        match wire {
            Wire::Rfc6455 => Some(Self::Living),
            Wire::Hixie76 => Some(Self::Html5),
            Wire::Simplified => None,
        }
    }

    /// Where event handlers (`onmessage` and its kin) stand among the listeners that don't capture.
    pub(crate) fn handlers_run_first(self) -> bool {
        match self {
            // HTML "activate an event handler": where it was first set.
            Self::Living => false,
            // r4820 "event handlers": registered when the object is created, even while null.
            Self::Html5 => true,
        }
    }

    /// Whether a message that arrives after `close()` is dispatched.
    pub(crate) fn delivers_while_closing(self) -> bool {
        match self {
            // WebSockets "feedback from the protocol": OPEN only.
            Self::Living => false,
            // r4820 "feedback from the protocol": OPEN or CLOSING.
            Self::Html5 => true,
        }
    }

    /// Whether `error` comes before the `close` of a connection that failed.
    pub(crate) fn fires_error_on_failure(self) -> bool {
        match self {
            // WebSockets "feedback from the protocol", the connection is closed, step 2.
            Self::Living => true,
            // r4820: `error` is for unknown frames.
            Self::Html5 => false,
        }
    }

    /// Whether the constructor throws over a blocked port.
    pub(crate) fn throws_over_blocked_ports(self) -> bool {
        match self {
            // Fetch "should request be blocked due to a bad port": a network error.
            Self::Living => false,
            // r4820 constructor step 2: SECURITY_ERR.
            Self::Html5 => true,
        }
    }

    /// Whether these are valid subprotocols to ask for.
    pub(crate) fn allows_protocols(self, protocols: &[String]) -> bool {
        match self {
            // WebSockets constructor step 8: tokens, none of which occurs twice, in whatever case.
            Self::Living => protocols.iter().enumerate().all(|(i, protocol)| {
                is_token(protocol)
                    && !protocols[..i]
                        .iter()
                        .any(|p| p.eq_ignore_ascii_case(protocol))
            }),
            // r4820 constructor step 3: at most one, printable ASCII.
            Self::Html5 => protocols.len() <= 1 && protocols.iter().all(|p| is_protocol_name(p)),
        }
    }

    /// Whether unpaired surrogates can't be sent.
    pub(crate) fn throws_over_unpaired_surrogates(self) -> bool {
        match self {
            // WebIDL USVString: they become U+FFFD.
            Self::Living => false,
            // r4820 send(): SYNTAX_ERR.
            Self::Html5 => true,
        }
    }

    /// Whether a URL may be relative, and `http:` or `https:`.
    pub(crate) fn resolves_urls(self) -> bool {
        match self {
            // WebSockets constructor steps 1-4.
            Self::Living => true,
            // r4820 "parse a WebSocket URL's components" step 1.
            Self::Html5 => false,
        }
    }

    /// Whether an event's `origin` names the server.
    pub(crate) fn tells_message_origins(self) -> bool {
        match self {
            // WebSockets "feedback from the protocol", a message has been received, step 3.
            Self::Living => true,
            // r4820: only `data` is set.
            Self::Html5 => false,
        }
    }

    /// Whether interfaces have a member that is in one edition's IDL only.
    pub(crate) fn declares(self, only: Option<Self>) -> bool {
        only.is_none_or(|edition| edition == self)
    }

    /// Whether script's constructor takes a sequence of subprotocols.
    pub(crate) fn takes_many_protocols(self) -> bool {
        match self {
            // WebSockets IDL: (DOMString or sequence<DOMString>).
            Self::Living => true,
            // r4820 IDL: DOMString.
            Self::Html5 => false,
        }
    }

    /// Whether binary data can be sent. Where it can't, script's `send()` makes a string of it.
    pub(crate) fn sends_binary(self) -> bool {
        match self {
            // WebSockets IDL: (BufferSource or Blob or USVString).
            Self::Living => true,
            // r4820 send(): a string. Draft 76 carries text only.
            Self::Html5 => false,
        }
    }

    /// Whether script's `send()` returns if the message was sent.
    pub(crate) fn send_returns_a_boolean(self) -> bool {
        match self {
            // WebSockets IDL: undefined.
            Self::Living => false,
            // r4820 IDL: boolean.
            Self::Html5 => true,
        }
    }

    /// Whether script's `close()` looks at its arguments.
    pub(crate) fn closes_with_a_reason(self) -> bool {
        match self {
            // WebSockets close(): a code and a reason.
            Self::Living => true,
            // r4820 close() has none.
            Self::Html5 => false,
        }
    }

    /// Whether the data that script gives to `initMessageEvent()` is null in place of undefined.
    pub(crate) fn defaults_message_data(self) -> bool {
        match self {
            // HTML `MessageEvent` IDL: optional any data = null.
            Self::Living => true,
            // Web Applications 1.0 r4820, event definitions: any, and not optional.
            Self::Html5 => false,
        }
    }

    /// Whether a message event of script's that has no ports has null for them.
    pub(crate) fn lets_ports_be_null(self) -> bool {
        match self {
            // HTML `MessageEvent`: a frozen array, which is empty.
            Self::Living => false,
            // Web Applications 1.0 r4820, event definitions: an array or null. A WebSocket sets none.
            Self::Html5 => true,
        }
    }

    /// Whether script has `WebSocketStream` and `WebSocketError`.
    pub(crate) fn has_streams(self) -> bool {
        match self {
            // whatwg/websockets pull request 48, which is to be a part of the standard.
            Self::Living => true,
            // r4820 is from before there were streams, promises or dictionaries to make them of.
            Self::Html5 => false,
        }
    }

    /// What is wrong with the arguments of `close()`, if anything.
    pub(crate) fn check_close(self, code: Option<u16>, reason: &str) -> Result<(), CloseArgument> {
        match self {
            // WebSockets close() steps 1 and 2.
            Self::Living if !code.is_none_or(|code| matches!(code, 1000 | 3000..=4999)) => {
                Err(CloseArgument::Code)
            }
            Self::Living if reason.len() > MAX_REASON => Err(CloseArgument::Reason),
            Self::Living => Ok(()),
            // r4820 close() has none: both are ignored.
            Self::Html5 => Ok(()),
        }
    }

    /// Whether a document that goes away ends a connection whose closing handshake has started.
    pub(crate) fn unloading_ends_closing_handshakes(self) -> bool {
        match self {
            // WebSockets "make disappear": nothing is done to it.
            Self::Living => false,
            // r4820 "unloading document cleanup steps": whichever is open is closed.
            Self::Html5 => true,
        }
    }

    /// Whether a page with a secure origin is kept from `ws:` URLs.
    pub(crate) fn blocks_mixed_content(self) -> bool {
        match self {
            // Mixed Content section 4.4, by way of Fetch.
            Self::Living => true,
            // r4820 has no such rule.
            Self::Html5 => false,
        }
    }

    /// Whether the credentials of a URL are sent unasked.
    pub(crate) fn sends_credentials_unasked(self) -> bool {
        match self {
            // As other clients of RFC 6455 do.
            Self::Living => true,
            // Draft 76 never looks at them.
            Self::Html5 => false,
        }
    }
}

/// An argument of `close()` that is not allowed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum CloseArgument {
    /// The code is neither 1000 nor from 3000 to 4999.
    Code,
    /// The reason is longer than 123 bytes.
    Reason,
}

impl Request {
    /// The edition whose handshake this is. The [simplified wire](Wire::Simplified) is of none, and has no object
    /// whose rules could differ: for it this is the default.
    ///
    /// ```
    /// use dom_websocket::{Answer, Edition, Server};
    ///
    /// # let event_loop = dom_websocket::EventLoop::new();
    /// let server = Server::listen(&event_loop, "127.0.0.1:0")?;
    /// server.set_onrequest(|request| match request.edition() {
    ///     Edition::Html5 => Answer::Refuse,
    ///     _ => Answer::accept(),
    /// });
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn edition(&self) -> Edition {
        Edition::of_wire(self.wire()).unwrap_or_default()
    }
}
