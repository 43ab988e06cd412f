//! The server's opening handshake, of whichever wire the client speaks.

use super::head::{Malformed, RequestReader};
use super::rfc6455::{BAD_REQUEST, FORBIDDEN};
use super::{
    Agreed, Answer, Compression, HttpResponse, Request, Role, hixie76, is_protocol_name, rfc6455,
    simplified,
};
use crate::protocol::{Limits, Wire};
use std::borrow::Cow;
use std::fmt;

/// What a server accepts and offers.
///
/// ```
/// use dom_websocket::protocol::opening::AcceptOptions;
///
/// let mut options = AcceptOptions::default();
/// options.simplified = true;
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct AcceptOptions {
    /// The only wire to accept; otherwise those of both editions.
    pub wire: Option<Wire>,
    /// Whether the simplified wire is accepted beside. Where it is not, its client is taken for one of RFC 6455
    /// that lacks a field.
    pub simplified: bool,
    /// Whether the application answers GET requests that ask for no upgrade. Where it does not, they are turned away as
    /// handshakes of RFC 6455 that lack a field.
    pub http: bool,
    /// Whether clients reach the server by `wss:`: in draft 76 it tells them its own address.
    pub secure: bool,
    /// How permessage-deflate is agreed to, if it is.
    pub compression: Option<Compression>,
    /// How long a request's head may be, and how many fields it may have.
    pub limits: Limits,
}

impl Default for AcceptOptions {
    /// The wires of both editions, not secure, with compression.
    fn default() -> Self {
        Self {
            wire: None,
            simplified: false,
            http: false,
            secure: false,
            compression: Some(Compression::default()),
            limits: Limits::default(),
        }
    }
}

/// A server that a client has connected to.
///
/// ```
/// use dom_websocket::protocol::opening::{AcceptOptions, AwaitingRequest};
///
/// let mut server = AwaitingRequest::new(AcceptOptions::default());
/// let mut input = &b"GET /chat HTTP/1.1\r\n"[..];
/// assert!(matches!(server.read(&mut input), Ok(None)), "the head goes on");
/// ```
pub struct AwaitingRequest {
    reader: RequestReader,
    options: AcceptOptions,
}

/// A server that has the client's request; the application may accept it.
///
/// ```
/// use dom_websocket::Answer;
/// use dom_websocket::protocol::opening::{AwaitingAnswer, Responding};
///
/// fn accept_chat(asked: AwaitingAnswer) -> Option<Responding> {
///     let answer = match asked.request().resource_name() {
///         "/chat" => Answer::accept(),
///         _ => Answer::Refuse,
///     };
///     asked.answer(answer).ok().map(|(_, responding)| responding)
/// }
/// ```
pub struct AwaitingAnswer {
    pub(super) request: Request,
    pub(super) handshake: Handshake,
}

pub(super) enum Handshake {
    Rfc6455(rfc6455::ServerHandshake),
    /// The same over HTTP/2.
    #[cfg(all(feature = "http2", not(target_family = "wasm")))]
    Http2(rfc6455::Http2Handshake),
    Hixie76(hixie76::ServerHandshake),
    Simplified,
    /// There is none.
    Http,
}

/// A server that has accepted the client.
///
/// ```
/// use dom_websocket::protocol::opening::{Agreed, Responding};
///
/// /// What leaves first, and what was agreed on once `input` is enough.
/// fn go_on(server: &mut Responding, input: &mut &[u8]) -> (Vec<u8>, Option<Agreed>) {
///     (server.take_output(), server.read(input))
/// }
/// ```
pub struct Responding {
    pub(super) protocol: Option<String>,
    output: Vec<u8>,
    pub(super) stage: Stage,
}

pub(super) enum Stage {
    /// Nothing more: there is the whole response.
    Rfc6455(rfc6455::ServerHandshake),
    /// As above.
    #[cfg(all(feature = "http2", not(target_family = "wasm")))]
    Http2(rfc6455::Http2Handshake),
    /// As above.
    Simplified,
    /// The eight bytes behind the fields.
    AwaitingKey3 {
        handshake: hixie76::ServerHandshake,
        key3: Vec<u8>,
    },
    /// It is agreed.
    Over,
}

/// The client is turned away.
///
/// ```
/// use dom_websocket::protocol::opening::Refusal;
///
/// /// What is sent before TCP is ended.
/// fn last_words(refusal: &Refusal) -> &[u8] {
///     refusal.response()
/// }
/// ```
#[derive(PartialEq, Eq)]
pub struct Refusal {
    pub(super) response: Cow<'static, [u8]>,
}

impl Refusal {
    pub(super) const fn with(response: &'static str) -> Self {
        Self {
            response: Cow::Borrowed(response.as_bytes()),
        }
    }

    /// Draft 76 "abort the WebSocket connection": without a word.
    const ABORT: Self = Self::with("");

    /// The bytes to send before TCP is ended. Draft 76 has none.
    ///
    /// ```
    /// use dom_websocket::protocol::opening::{AcceptOptions, AwaitingRequest};
    ///
    /// let mut server = AwaitingRequest::new(AcceptOptions::default());
    /// let refusal = server.read(&mut &b"nonsense\r\n\r\n"[..]).expect_err("it is no request");
    /// assert!(refusal.response().starts_with(b"HTTP/1.1 400 "));
    /// ```
    #[must_use]
    pub fn response(&self) -> &[u8] {
        &self.response
    }
}

impl From<HttpResponse> for Refusal {
    fn from(response: HttpResponse) -> Self {
        Self {
            response: Cow::Owned(response.into_bytes()),
        }
    }
}

/// Its status line: what follows may be a secret of the application's.
impl fmt::Debug for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let line = self.response.split(|&byte| byte == b'\r').next();
        let line = String::from_utf8_lossy(line.unwrap_or_default());
        f.debug_tuple("Refusal").field(&line).finish()
    }
}

impl fmt::Debug for AwaitingRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AwaitingRequest")
            .field("options", &self.options)
            .finish_non_exhaustive()
    }
}

impl AwaitingRequest {
    /// Nothing has been read.
    ///
    /// ```
    /// use dom_websocket::protocol::opening::{AcceptOptions, AwaitingRequest};
    ///
    /// let server = AwaitingRequest::new(AcceptOptions::default());
    /// ```
    #[must_use]
    pub fn new(options: AcceptOptions) -> Self {
        Self {
            reader: RequestReader::new(&options.limits),
            options,
        }
    }

    /// Takes the head of the client's request off the front of `input`. `None`: it took all, and the head
    /// goes on.
    ///
    /// # Errors
    ///
    /// If it is no request that can be accepted.
    ///
    /// ```
    /// use dom_websocket::protocol::opening::{AcceptOptions, AwaitingRequest};
    ///
    /// let mut server = AwaitingRequest::new(AcceptOptions::default());
    /// let mut input = &b"GET / HTTP/1.1\r\nHost: example.com\r\n\r\n"[..];
    /// let refusal = server.read(&mut input).expect_err("it asks for no WebSocket");
    /// assert!(refusal.response().starts_with(b"HTTP/1.1 4"));
    /// ```
    pub fn read(&mut self, input: &mut &[u8]) -> Result<Option<AwaitingAnswer>, Refusal> {
        let mut request = match self.reader.read(input) {
            Ok(Some(request)) => request,
            Ok(None) => return Ok(None),
            Err(Malformed) => {
                let of_draft_76 = self.reader.is_of_draft_76();
                return Err(self.turn_away(of_draft_76));
            }
        };
        let allows_simplified =
            self.options.simplified || self.options.wire == Some(Wire::Simplified);
        if request.wire == Wire::Simplified && !allows_simplified {
            request.wire = Wire::Rfc6455;
        }
        if self.options.http && is_http(&request) {
            return Ok(Some(AwaitingAnswer {
                request,
                handshake: Handshake::Http,
            }));
        }
        let is_other = |only| only != request.wire() && request.wire() != Wire::Simplified;
        if self.options.wire.is_some_and(is_other) {
            return Err(self.turn_away(request.wire() == Wire::Hixie76));
        }
        let handshake = match request.wire() {
            Wire::Rfc6455 => Handshake::Rfc6455(rfc6455::ServerHandshake::new(
                &request,
                self.options.compression,
            )?),
            Wire::Hixie76 => Handshake::Hixie76(
                hixie76::ServerHandshake::new(&request, self.options.secure)
                    .ok_or(Refusal::ABORT)?,
            ),
            Wire::Simplified if simplified::is_acceptable(&request) => Handshake::Simplified,
            Wire::Simplified => return Err(BAD_REQUEST),
        };
        Ok(Some(AwaitingAnswer { request, handshake }))
    }

    /// RFC 6455 section 4.2.1: a request that can't be accepted is answered with an error. Draft 76 has
    /// no such answer: the connection is closed.
    fn turn_away(&self, of_draft_76: bool) -> Refusal {
        if of_draft_76 || self.options.wire == Some(Wire::Hixie76) {
            Refusal::ABORT
        } else {
            BAD_REQUEST
        }
    }
}

/// RFC 9110 section 7.8: it stays with HTTP.
fn is_http(request: &Request) -> bool {
    request.wire() == Wire::Rfc6455
        && request.field("upgrade").is_none()
        && request.field("sec-websocket-key").is_none()
}

impl fmt::Debug for AwaitingAnswer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AwaitingAnswer")
            .field("request", &self.request)
            .finish_non_exhaustive()
    }
}

/// Without the subprotocol and the response, which can be secrets.
impl fmt::Debug for Responding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Responding").finish_non_exhaustive()
    }
}

impl AwaitingAnswer {
    /// What the client asks for.
    ///
    /// ```
    /// # use dom_websocket::protocol::{opening::*, *};
    /// # let request = ClientRequest::new(Wire::Rfc6455, "ws://example.com/chat").expect("a URL");
    /// # let (_, bytes) = AwaitingResponse::new(request, &Limits::default(), [1; 32]);
    /// let mut server = AwaitingRequest::new(AcceptOptions::default());
    /// // The whole head of a client's request.
    /// let Ok(Some(asked)) = server.read(&mut &bytes[..]) else { unreachable!() };
    /// assert_eq!(asked.request().resource_name(), "/chat");
    /// ```
    #[must_use]
    pub fn request(&self) -> &Request {
        &self.request
    }

    /// Whether it asks for no upgrade: there is nothing to accept.
    ///
    /// ```
    /// use dom_websocket::protocol::opening::{AcceptOptions, AwaitingRequest};
    ///
    /// let mut options = AcceptOptions::default();
    /// options.http = true;
    /// let mut server = AwaitingRequest::new(options);
    /// let mut input = &b"GET /favicon.ico HTTP/1.1\r\nHost: example.com\r\n\r\n"[..];
    /// let Ok(Some(asked)) = server.read(&mut input) else { unreachable!() };
    /// assert!(asked.is_http());
    /// ```
    #[must_use]
    pub fn is_http(&self) -> bool {
        matches!(self.handshake, Handshake::Http)
    }

    /// Goes on as the application has decided.
    ///
    /// # Errors
    ///
    /// If it refuses, or accepts with a subprotocol that the client can't be told: in RFC 6455 one that it
    /// did not offer, in draft 76 one that is empty or not printable ASCII, in the simplified wire any.
    ///
    /// ```
    /// use dom_websocket::Answer;
    /// # use dom_websocket::protocol::{opening::*, *};
    /// # let request = ClientRequest::new(Wire::Rfc6455, "ws://example.com/chat").expect("a URL");
    /// # let (_, bytes) = AwaitingResponse::new(request, &Limits::default(), [1; 32]);
    /// let mut server = AwaitingRequest::new(AcceptOptions::default());
    /// // The whole head of a client's request.
    /// let Ok(Some(asked)) = server.read(&mut &bytes[..]) else { unreachable!() };
    /// // The client has not offered that.
    /// let refusal = asked.answer(Answer::accept_with("chat")).expect_err("it is refused");
    /// assert!(refusal.response().starts_with(b"HTTP/1.1 403 "));
    /// ```
    pub fn answer(self, answer: Answer) -> Result<(Request, Responding), Refusal> {
        let Self { request, handshake } = self;
        let (output, protocol, stage) = match (handshake, answer) {
            // hixie-76 section 6.2: abort the connection.
            (Handshake::Hixie76(_), Answer::Respond(_)) => return Err(Refusal::ABORT),
            // RFC 6455 section 4.2.2 step 4 and on: an appropriate status.
            (_, Answer::Respond(response)) => return Err(response.into()),
            (Handshake::Http, _) => return Err(BAD_REQUEST),
            // RFC 6455 section 4.2.2 step 5.5.
            (Handshake::Rfc6455(handshake), Answer::Accept { protocol })
                if request.offers(protocol.as_deref()) =>
            {
                let response = handshake.response(protocol.as_deref());
                (response, protocol, Stage::Rfc6455(handshake))
            }
            #[cfg(all(feature = "http2", not(target_family = "wasm")))]
            (Handshake::Http2(handshake), Answer::Accept { protocol })
                if request.offers(protocol.as_deref()) =>
            {
                (String::new(), protocol, Stage::Http2(handshake))
            }
            #[cfg(all(feature = "http2", not(target_family = "wasm")))]
            (Handshake::Http2(_), _) => return Err(FORBIDDEN),
            (Handshake::Simplified, Answer::Accept { protocol: None }) => {
                (simplified::RESPONSE.to_owned(), None, Stage::Simplified)
            }
            (Handshake::Rfc6455(_) | Handshake::Simplified, _) => return Err(FORBIDDEN),
            // The fields leave before the eight bytes have come: some proxies hold those back until they
            // have seen a 101.
            (Handshake::Hixie76(handshake), Answer::Accept { protocol })
                if protocol.as_deref().is_none_or(is_protocol_name) =>
            {
                let head = handshake.head(protocol.as_deref());
                let key3 = Vec::with_capacity(8);
                (head, protocol, Stage::AwaitingKey3 { handshake, key3 })
            }
            // hixie-76 section 6.2: abort the connection.
            (Handshake::Hixie76(_), _) => return Err(Refusal::ABORT),
        };
        let responding = Responding {
            protocol,
            output: output.into_bytes(),
            stage,
        };
        Ok((request, responding))
    }
}

impl Responding {
    /// The bytes to send before more is read; none the second time.
    ///
    /// ```
    /// # use dom_websocket::Answer;
    /// # use dom_websocket::protocol::{opening::*, *};
    /// # let request = ClientRequest::new(Wire::Rfc6455, "ws://example.com/chat").expect("a URL");
    /// # let (_, bytes) = AwaitingResponse::new(request, &Limits::default(), [1; 32]);
    /// let mut server = AwaitingRequest::new(AcceptOptions::default());
    /// // The whole head of a client's request.
    /// let Ok(Some(asked)) = server.read(&mut &bytes[..]) else { unreachable!() };
    /// let Ok((_, mut server)) = asked.answer(Answer::accept()) else { unreachable!() };
    /// assert!(server.take_output().starts_with(b"HTTP/1.1 101 "));
    /// assert!(server.take_output().is_empty());
    /// ```
    pub fn take_output(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.output)
    }

    /// Takes what the handshake still awaits off the front of `input`, which may be nothing. `None`: it
    /// goes on, or is over. What lies behind it is [unread](Agreed::unread), and what is still to be sent
    /// [unsent](Agreed::unsent).
    ///
    /// ```
    /// # use dom_websocket::Answer;
    /// # use dom_websocket::protocol::{opening::*, *};
    /// # let request = ClientRequest::new(Wire::Rfc6455, "ws://example.com/chat").expect("a URL");
    /// # let (_, bytes) = AwaitingResponse::new(request, &Limits::default(), [1; 32]);
    /// let mut server = AwaitingRequest::new(AcceptOptions::default());
    /// // The whole head of a client's request.
    /// let Ok(Some(asked)) = server.read(&mut &bytes[..]) else { unreachable!() };
    /// let Ok((_, mut server)) = asked.answer(Answer::accept()) else { unreachable!() };
    /// // The client's first frame came along.
    /// let agreed = server.read(&mut &b"\x81\x82\0\0\0\0hi"[..]).expect("RFC 6455 awaits nothing more");
    /// assert_eq!(agreed.unread, b"\x81\x82\0\0\0\0hi");
    /// assert!(agreed.unsent.starts_with(b"HTTP/1.1 101 "));
    /// ```
    pub fn read(&mut self, input: &mut &[u8]) -> Option<Agreed> {
        let agreed = match &mut self.stage {
            Stage::Rfc6455(handshake) => Agreed {
                extensions: handshake.extensions(),
                ..Agreed::new(Wire::Rfc6455, Role::Server)
            },
            #[cfg(all(feature = "http2", not(target_family = "wasm")))]
            Stage::Http2(handshake) => Agreed {
                extensions: handshake.extensions(),
                ..Agreed::new(Wire::Rfc6455, Role::Server)
            },
            Stage::Simplified => Agreed::new(Wire::Simplified, Role::Server),
            // hixie-76 section 5.2 steps 8, 9 and 13.
            Stage::AwaitingKey3 { handshake, key3 } => {
                let (bytes, rest) = input.split_at(input.len().min(8 - key3.len()));
                key3.extend_from_slice(bytes);
                *input = rest;
                let key3 = <[u8; 8]>::try_from(key3.as_slice()).ok()?;
                self.output.extend(handshake.response(key3));
                Agreed::new(Wire::Hixie76, Role::Server)
            }
            Stage::Over => return None,
        };
        self.stage = Stage::Over;
        Some(Agreed {
            protocol: self.protocol.take(),
            unread: std::mem::take(input).to_vec(),
            unsent: self.take_output(),
            ..agreed
        })
    }
}

#[cfg(test)]
mod tests;
