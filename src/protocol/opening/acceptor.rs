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
    request: Request,
    handshake: Handshake,
}

enum Handshake {
    Rfc6455(rfc6455::ServerHandshake),
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
    protocol: Option<String>,
    output: Vec<u8>,
    stage: Stage,
}

enum Stage {
    /// Nothing more: there is the whole response.
    Rfc6455(rfc6455::ServerHandshake),
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
    response: Cow<'static, [u8]>,
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
    #[must_use]
    pub fn request(&self) -> &Request {
        &self.request
    }

    /// Whether it asks for no upgrade: there is nothing to accept.
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
                if protocol
                    .as_deref()
                    .is_none_or(|protocol| request.protocols().any(|p| p == protocol)) =>
            {
                let response = handshake.response(protocol.as_deref());
                (response, protocol, Stage::Rfc6455(handshake))
            }
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
    pub fn take_output(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.output)
    }

    /// Takes what the handshake still awaits off the front of `input`, which may be nothing. `None`: it
    /// goes on, or is over. What lies behind it is [unread](Agreed::unread), and what is still to be sent
    /// [unsent](Agreed::unsent).
    pub fn read(&mut self, input: &mut &[u8]) -> Option<Agreed> {
        let agreed = match &mut self.stage {
            Stage::Rfc6455(handshake) => Agreed {
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
mod tests {
    use super::*;

    const REQUEST: &str = "GET / HTTP/1.1\r\nHost: h\r\nUpgrade: websocket\r\n\
        Connection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\
        Sec-WebSocket-Version: 13\r\nSec-WebSocket-Protocol: a, b\r\n\r\n";
    const DRAFT_76: &str = "GET /demo HTTP/1.1\r\nHost: example.com\r\nConnection: Upgrade\r\n\
        Sec-WebSocket-Key2: 12998 5 Y3 1  .P00\r\nUpgrade: WebSocket\r\n\
        Sec-WebSocket-Key1: 4 @1  46546xW%0l 1 5\r\nOrigin: http://example.com\r\n\r\n";

    fn read(request: &str, wire: Option<Wire>) -> Result<AwaitingAnswer, Refusal> {
        let options = AcceptOptions {
            wire,
            ..AcceptOptions::default()
        };
        let mut input = request.as_bytes();
        let awaiting = AwaitingRequest::new(options).read(&mut input)?;
        assert_eq!(input, b"");
        Ok(awaiting.expect("a whole head"))
    }

    #[test]
    fn clients_that_are_turned_away_get_an_answer() {
        for (request, status) in [
            ("GET / HTTP/1.1\r\nHost: h\r\n\r\n", "400"),
            ("nonsense\r\n\r\n", "400"),
            (&REQUEST.replace("Version: 13", "Version: 8"), "426"),
            (&REQUEST.replace(": a, b", ": a\u{1}, b"), "400"),
            (&REQUEST.replace(": a, b", ": a b"), "400"),
        ] {
            let rejection = read(request, None).unwrap_err();
            assert_eq!(&rejection.response[9..12], status.as_bytes(), "{request}");
        }
        for answer in [Answer::Refuse, Answer::accept_with("c")] {
            let rejection = read(REQUEST, None).unwrap().answer(answer).unwrap_err();
            assert_eq!(rejection, FORBIDDEN);
        }
    }

    #[test]
    fn draft_76_has_no_such_answers() {
        for (request, wire) in [
            (&DRAFT_76.replace("GET /", "GET x"), None),
            (&DRAFT_76.replace("Upgrade: WebSocket", "Upgrade: x"), None),
            (&DRAFT_76.to_owned(), Some(Wire::Rfc6455)),
            (&REQUEST.to_owned(), Some(Wire::Hixie76)),
        ] {
            let is_other = wire == Some(Wire::Hixie76);
            let rejection = read(request, wire).unwrap_err();
            assert_eq!(rejection.response(), b"", "{request} {is_other}");
        }
        for answer in [
            Answer::Refuse,
            Answer::accept_with("x\r\nSet-Cookie: a=b"),
            Answer::accept_with(""),
        ] {
            let rejection = read(DRAFT_76, None).unwrap().answer(answer).unwrap_err();
            assert_eq!(rejection.response(), b"");
        }
    }

    #[test]
    fn what_lies_behind_the_handshake_is_left() {
        let awaiting = read(REQUEST, None).unwrap();
        let (_, mut responding) = awaiting.answer(Answer::accept_with("b")).unwrap();
        let agreed = responding.read(&mut &b"\x81\x80"[..]).unwrap();
        assert!(agreed.unsent.starts_with(b"HTTP/1.1 101 "));
        assert_eq!(agreed.protocol.as_deref(), Some("b"));
        assert_eq!((agreed.wire, agreed.role), (Wire::Rfc6455, Role::Server));
        assert_eq!(agreed.unread, b"\x81\x80");
    }

    #[test]
    fn the_head_leaves_before_the_eight_bytes_have_come() {
        let awaiting = read(DRAFT_76, None).unwrap();
        let (request, mut responding) = awaiting.answer(Answer::accept()).unwrap();
        assert_eq!(request.resource_name(), "/demo");
        assert_eq!(responding.read(&mut &b""[..]), None);
        assert!(responding.take_output().ends_with(b"\r\n\r\n"));
        assert_eq!(responding.read(&mut &b"^n:ds[4"[..]), None);
        assert_eq!(responding.take_output(), b"");
        let agreed = responding.read(&mut &b"U\0x\xff"[..]).unwrap();
        assert_eq!(agreed.unread, b"\0x\xff");
        assert_eq!(agreed.unsent, b"8jKS'y:G*Co,Wxa-");
        assert_eq!(responding.read(&mut &b"more"[..]), None, "it is over");
    }
}
