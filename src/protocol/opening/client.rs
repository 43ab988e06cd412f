//! The client's opening handshake.

use super::hixie76::{self, Challenge, ResponseFields};
use super::response::ResponseReader;
use super::{Agreed, Compression, Response, Role};
use super::{rfc6455, simplified};
use crate::protocol::url::UrlComponents;
use crate::protocol::{HandshakeFault, Limits, Wire, url};
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use std::fmt;

/// What a client asks a server for.
///
/// ```
/// use dom_websocket::protocol::Wire;
/// use dom_websocket::protocol::opening::ClientRequest;
///
/// let mut request = ClientRequest::new(Wire::Rfc6455, "wss://example.com/chat").expect("a URL");
/// request.origin = "https://example.com".to_owned();
/// request.protocols = vec!["chat".to_owned()];
/// ```
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ClientRequest {
    /// The wire to speak.
    pub wire: Wire,
    /// Where the URL leads. The simplified wire sends its host and port, and nothing of what follows here.
    pub url: UrlComponents,
    /// The origin's ASCII serialization, in lower case; `null` for an opaque one. No control character may be
    /// in it, nor in what follows.
    pub origin: String,
    /// The subprotocols to offer, in order of preference. Draft 76 knows one at the most.
    pub protocols: Vec<String>,
    /// How permessage-deflate is offered, if it is, where the wire has extensions.
    pub compression: Option<Compression>,
    /// Fields beside the handshake's own: cookies, credentials.
    pub fields: Vec<(String, String)>,
}

impl ClientRequest {
    /// A request for this URL, with an opaque origin and nothing else; `None` if it is no WebSocket URL, or has
    /// a fragment. It is parsed as the standard of the wire has it: for RFC 6455 `http:` stands for `ws:`, and
    /// an empty query is left out of the resource name. For the simplified wire, which has no standard, it is as in
    /// draft 76, but with the path `/` at the most, and without a query, a user or a password.
    ///
    /// ```
    /// use dom_websocket::protocol::Wire;
    /// use dom_websocket::protocol::opening::ClientRequest;
    ///
    /// assert!(ClientRequest::new(Wire::Rfc6455, "wss://example.com/chat").is_some());
    /// assert!(ClientRequest::new(Wire::Rfc6455, "ftp://example.com/").is_none());
    /// ```
    #[must_use]
    pub fn new(wire: Wire, url: &str) -> Option<Self> {
        let parsed = match wire {
            Wire::Rfc6455 => url::parse_living(url, None),
            Wire::Hixie76 => url::parse(url),
            Wire::Simplified => url::parse_bare(url),
        };
        let (_, url) = parsed.ok()?;
        Some(Self {
            wire,
            url,
            origin: "null".to_owned(),
            protocols: Vec::new(),
            compression: None,
            fields: Vec::new(),
        })
    }
}

/// RFC 8441 section 5: the same over HTTP/2, whose request has a form of its own.
#[cfg(all(feature = "http2", not(target_family = "wasm")))]
impl ClientRequest {
    /// All of its fields.
    pub(crate) fn http2_fields(&self) -> Vec<(String, String)> {
        rfc6455::http2_fields(self)
    }

    /// What a response that accepts it comes to.
    pub(crate) fn agree_over_http2(&self, response: &Response) -> Result<Agreed, HandshakeFault> {
        rfc6455::validate_http2(self, response)
    }
}

/// Without what can be a secret: the query, and the values of the added fields.
impl fmt::Debug for ClientRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<_> = self.fields.iter().map(|(name, _)| name).collect();
        f.debug_struct("ClientRequest")
            .field("url", &url::without_secrets(&self.url.construct()))
            .field("origin", &self.origin)
            .field("compression", &self.compression)
            .field("fields", &names)
            .finish_non_exhaustive()
    }
}

/// A client that has sent its request, or is about to.
///
/// ```
/// use dom_websocket::protocol::opening::{AwaitingResponse, ClientRequest};
/// use dom_websocket::protocol::{Limits, Wire};
///
/// let request = ClientRequest::new(Wire::Rfc6455, "ws://example.com/chat").expect("a URL");
/// let (client, bytes) = AwaitingResponse::new(request, &Limits::default(), [1; 32]);
/// assert!(bytes.starts_with(b"GET /chat HTTP/1.1\r\n"));
/// ```
pub struct AwaitingResponse {
    request: ClientRequest,
    response: Option<Box<Response>>,
    state: State,
}

enum State {
    Rfc6455 {
        key: String,
        reader: ResponseReader,
    },
    Hixie76 {
        expected: [u8; 16],
        fields: Box<ResponseFields>,
    },
    Simplified(ResponseReader),
}

/// The server's answer.
///
/// ```
/// use dom_websocket::protocol::opening::Reply;
///
/// fn is_open(reply: &Reply) -> bool {
///     matches!(reply, Reply::Agreed(_))
/// }
/// ```
#[derive(Debug)]
pub enum Reply {
    /// It opens the connection.
    Agreed(Agreed),
    /// It turns us away: its status is not 101.
    Rejected(Rejected),
}

/// An answer that opens no connection.
///
/// ```
/// use dom_websocket::protocol::opening::Rejected;
///
/// fn wants_a_password(rejected: &Rejected) -> bool {
///     rejected.status() == 401
/// }
/// ```
pub struct Rejected {
    response: Box<Response>,
    /// Draft 76 judges the status line before it has seen the fields.
    rest: Option<Box<ResponseFields>>,
}

impl fmt::Debug for AwaitingResponse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AwaitingResponse")
            .field("request", &self.request)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for Rejected {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Rejected")
            .field("response", &self.response)
            .finish_non_exhaustive()
    }
}

impl AwaitingResponse {
    /// The handshake, and the bytes to send. `random` must not be predictable.
    ///
    /// ```
    /// use dom_websocket::protocol::opening::{AwaitingResponse, ClientRequest};
    /// use dom_websocket::protocol::{Limits, Wire};
    ///
    /// let request = ClientRequest::new(Wire::Hixie76, "ws://example.com/chat").expect("a URL");
    /// // Where does its random part come from? In a program, from the system.
    /// let (client, bytes) = AwaitingResponse::new(request, &Limits::default(), [1; 32]);
    /// ```
    #[must_use]
    pub fn new(request: ClientRequest, limits: &Limits, random: [u8; 32]) -> (Self, Vec<u8>) {
        let mut random = StdRng::from_seed(random);
        match request.wire {
            Wire::Rfc6455 => {
                let key = rfc6455::key(random.random());
                let bytes = rfc6455::request(&request, &key);
                (Self::of_rfc_6455(request, key, limits), bytes)
            }
            Wire::Hixie76 => {
                let challenge = Challenge::new(&mut random);
                let bytes = hixie76::request(&request, &challenge, &mut random);
                (
                    Self::of_draft_76(request, challenge.expected, limits),
                    bytes,
                )
            }
            Wire::Simplified => {
                let bytes = simplified::request(&request);
                let awaiting = Self {
                    request,
                    response: None,
                    state: State::Simplified(ResponseReader::new(limits)),
                };
                (awaiting, bytes)
            }
        }
    }

    pub(super) fn of_rfc_6455(request: ClientRequest, key: String, limits: &Limits) -> Self {
        let reader = ResponseReader::new(limits);
        Self {
            request,
            response: None,
            state: State::Rfc6455 { key, reader },
        }
    }

    pub(super) fn of_draft_76(request: ClientRequest, expected: [u8; 16], limits: &Limits) -> Self {
        let fields = Box::new(ResponseFields::new(limits));
        Self {
            request,
            response: None,
            state: State::Hixie76 { expected, fields },
        }
    }

    /// Takes bytes off the front of `input`: all of them, or those up to the end of the handshake, or to
    /// where it is known to have failed. `None`: it goes on. What lies behind an answer that opens the
    /// connection is [unread](Agreed::unread).
    ///
    /// # Errors
    ///
    /// If the answer is not what the wire's text demands: "fail the WebSocket connection".
    ///
    /// ```
    /// use dom_websocket::protocol::opening::{AwaitingResponse, ClientRequest, Reply};
    /// use dom_websocket::protocol::{Limits, Wire};
    ///
    /// let request = ClientRequest::new(Wire::Rfc6455, "ws://example.com/chat").expect("a URL");
    /// let (mut client, _) = AwaitingResponse::new(request, &Limits::default(), [1; 32]);
    /// let mut input = &b"HTTP/1.1 404 Not Found\r\n\r\n"[..];
    /// match client.read(&mut input) {
    ///     Ok(Some(Reply::Rejected(rejected))) => assert_eq!(rejected.status(), 404),
    ///     other => unreachable!("{other:?}"),
    /// }
    /// ```
    pub fn read(&mut self, input: &mut &[u8]) -> Result<Option<Reply>, HandshakeFault> {
        let answered = match &mut self.state {
            State::Rfc6455 { reader, .. } | State::Simplified(reader) => {
                let Some(head) = reader.read(input)? else {
                    return Ok(None);
                };
                // WebSockets "establish a WebSocket connection" step 11.1.
                if head.response.status() != 101 {
                    return Ok(Some(Reply::Rejected(Rejected {
                        response: Box::new(head.response),
                        rest: None,
                    })));
                }
                let response = self.response.insert(Box::new(head.response));
                match &self.state {
                    State::Rfc6455 { key, .. } => {
                        rfc6455::validate(&self.request, key, head.is_http_1_1, response)?
                    }
                    _ => simplified::validate(head.is_http_1_1, response)?,
                }
            }
            State::Hixie76 { expected, fields } => loop {
                match fields.read(input)? {
                    None => return Ok(None),
                    // 4.1 step 31.
                    Some(hixie76::Read::Status(status)) if status != 101 => {
                        return Ok(Some(Reply::Rejected(Rejected {
                            response: Box::new(fields.response().clone()),
                            rest: Some(std::mem::take(fields)),
                        })));
                    }
                    Some(hixie76::Read::Status(_)) => {}
                    Some(hixie76::Read::Fields) => {
                        let response = fields.response().clone();
                        let response = self.response.insert(Box::new(response));
                        hixie76::check_fields(&self.request, response)?;
                    }
                    // 4.1 steps 44-46.
                    Some(hixie76::Read::Reply(reply)) if reply != *expected => {
                        return Err(HandshakeFault::Challenge);
                    }
                    Some(hixie76::Read::Reply(_)) => {
                        break Agreed {
                            protocol: self.request.protocols.first().cloned(),
                            ..Agreed::new(Wire::Hixie76, Role::Client)
                        };
                    }
                }
            },
        };
        Ok(Some(Reply::Agreed(Agreed {
            unread: std::mem::take(input).to_vec(),
            ..answered
        })))
    }

    /// The server's head, once it is there and its status is 101, whatever else is wrong with it.
    ///
    /// ```
    /// # use dom_websocket::protocol::{opening::*, *};
    /// let request = ClientRequest::new(Wire::Rfc6455, "ws://example.com/").expect("a URL");
    /// let (mut client, _) = AwaitingResponse::new(request, &Limits::default(), [1; 32]);
    /// let head = b"HTTP/1.1 101 Switching Protocols\r\nServer: nginx\r\n\r\n";
    /// client.read(&mut &head[..]).expect_err("it does not upgrade");
    /// let response = client.response().expect("the head is there");
    /// assert_eq!(response.field("server"), Some("nginx"));
    /// ```
    #[must_use]
    pub fn response(&self) -> Option<&Response> {
        self.response.as_deref()
    }
}

impl Rejected {
    /// The status code.
    ///
    /// ```
    /// # use dom_websocket::protocol::{opening::*, *};
    /// let request = ClientRequest::new(Wire::Rfc6455, "ws://example.com/").expect("a URL");
    /// let (mut client, _) = AwaitingResponse::new(request, &Limits::default(), [1; 32]);
    /// let mut input = &b"HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: Basic realm=chat\r\n\r\n"[..];
    /// let Ok(Some(Reply::Rejected(rejected))) = client.read(&mut input) else { unreachable!() };
    /// assert_eq!(rejected.status(), 401);
    /// ```
    #[must_use]
    pub fn status(&self) -> u16 {
        self.response.status()
    }

    /// Reads the fields, where they have not been read. True once they are all there.
    ///
    /// # Errors
    ///
    /// If they are no fields, or longer than the limits allow.
    ///
    /// ```
    /// # use dom_websocket::protocol::{opening::*, *};
    /// let request = ClientRequest::new(Wire::Hixie76, "ws://example.com/").expect("a URL");
    /// let (mut client, _) = AwaitingResponse::new(request, &Limits::default(), [1; 32]);
    /// let mut input = &b"HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: Basic realm=chat\r\n\r\n"[..];
    /// let Ok(Some(Reply::Rejected(mut rejected))) = client.read(&mut input) else { unreachable!() };
    /// // Draft 76 looks no further than the status line.
    /// assert_eq!(rejected.response().field("www-authenticate"), None);
    /// assert!(rejected.read(&mut input)?);
    /// assert_eq!(rejected.response().field("www-authenticate"), Some("Basic realm=chat"));
    /// # Ok::<(), HandshakeFault>(())
    /// ```
    pub fn read(&mut self, input: &mut &[u8]) -> Result<bool, HandshakeFault> {
        if let Some(rest) = &mut self.rest {
            if rest.read(input)?.is_none() {
                return Ok(false);
            }
            *self.response = rest.response().clone();
            self.rest = None;
        }
        Ok(true)
    }

    /// What has been read of the response.
    ///
    /// ```
    /// # use dom_websocket::protocol::{opening::*, *};
    /// let request = ClientRequest::new(Wire::Rfc6455, "ws://example.com/").expect("a URL");
    /// let (mut client, _) = AwaitingResponse::new(request, &Limits::default(), [1; 32]);
    /// let mut input = &b"HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: Basic realm=chat\r\n\r\n"[..];
    /// let Ok(Some(Reply::Rejected(rejected))) = client.read(&mut input) else { unreachable!() };
    /// assert_eq!(rejected.response().field("www-authenticate"), Some("Basic realm=chat"));
    /// ```
    #[must_use]
    pub fn response(&self) -> &Response {
        &self.response
    }

    /// What has been read of the response, by value.
    ///
    /// ```
    /// # use dom_websocket::protocol::{opening::*, *};
    /// let request = ClientRequest::new(Wire::Rfc6455, "ws://example.com/").expect("a URL");
    /// let (mut client, _) = AwaitingResponse::new(request, &Limits::default(), [1; 32]);
    /// let mut input = &b"HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: Basic realm=chat\r\n\r\n"[..];
    /// let Ok(Some(Reply::Rejected(rejected))) = client.read(&mut input) else { unreachable!() };
    /// assert_eq!(rejected.into_response().status(), 401);
    /// ```
    #[must_use]
    pub fn into_response(self) -> Box<Response> {
        self.response
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_shows_no_secret() {
        let mut request =
            ClientRequest::new(Wire::Rfc6455, "ws://secret@example.com/chat?secret").unwrap();
        let authorization = ("Authorization".to_owned(), "secret".to_owned());
        request.fields.push(authorization);
        request.protocols.push("secret".to_owned());
        let shown = format!("{request:?}");
        assert!(shown.contains("ws://example.com/chat"), "{shown}");
        assert!(shown.contains("Authorization"), "{shown}");
        assert!(!shown.contains("secret"), "{shown}");
        let limits = Limits::default();
        let (awaiting, _) = AwaitingResponse::new(request, &limits, [7; 32]);
        assert!(!format!("{awaiting:?}").contains("secret"));
    }

    #[test]
    fn a_rejection_is_known_as_early_as_the_text_has_it_and_read_as_far_as_is_wanted() {
        let response = b"HTTP/1.1 401 x\r\nWWW-Authenticate: Basic realm=a\r\n\r\nbody";
        for (wire, known_after) in [(Wire::Rfc6455, response.len() - 4), (Wire::Hixie76, 16)] {
            let request = ClientRequest::new(wire, "ws://example.com/").unwrap();
            let (mut awaiting, _) = AwaitingResponse::new(request, &Limits::default(), [7; 32]);
            let (mut early, mut rest) = response.split_at(known_after - 1);
            assert!(awaiting.read(&mut early).unwrap().is_none(), "{wire:?}");
            let Ok(Some(Reply::Rejected(mut rejected))) = awaiting.read(&mut rest) else {
                panic!("{wire:?}");
            };
            assert_eq!(rejected.status(), 401);
            for byte in std::mem::take(&mut rest) {
                if rejected.read(&mut &[*byte][..]).unwrap() {
                    break;
                }
            }
            let response = rejected.into_response();
            assert_eq!(
                response.only("www-authenticate"),
                Ok(Some("Basic realm=a")),
                "{wire:?}"
            );
            assert!(awaiting.response().is_none(), "{wire:?}");
        }
    }

    #[test]
    fn urls_are_those_of_the_wires_standard() {
        let resource = |wire, url| Some(ClientRequest::new(wire, url)?.url.resource_name);
        for (url, living, html5) in [
            ("ws://h/x?", Some("/x"), Some("/x?")),
            ("ws://h/a^b", Some("/a%5Eb"), Some("/a^b")),
            ("https://h/", Some("/"), None),
            ("ws://h/#", None, None),
        ] {
            assert_eq!(resource(Wire::Rfc6455, url).as_deref(), living, "{url}");
            assert_eq!(resource(Wire::Hixie76, url).as_deref(), html5, "{url}");
        }
    }

    #[test]
    fn what_speaks_another_protocol_is_not_waited_for() {
        let read = |wire, bytes: &[u8]| {
            let request = ClientRequest::new(wire, "ws://h/").unwrap();
            let (mut client, _) = AwaitingResponse::new(request, &Limits::default(), [7; 32]);
            client.read(&mut &*bytes).map(|reply| reply.is_some())
        };
        for wire in [Wire::Rfc6455, Wire::Hixie76, Wire::Simplified] {
            assert_eq!(read(wire, &[21]), Ok(false));
            assert_eq!(
                read(wire, &[21, 3, 3, 0, 2, 2, 22]),
                Err(HandshakeFault::Tls)
            );
        }
        for wire in [Wire::Rfc6455, Wire::Simplified] {
            assert_eq!(read(wire, b"\r\nHTTP/1.1"), Ok(false));
            assert_eq!(read(wire, b"SSH-2.0-x"), Err(HandshakeFault::Malformed));
        }
    }

    #[test]
    fn nothing_is_read_behind_the_end() {
        let request = ClientRequest::new(Wire::Hixie76, "ws://h/").unwrap();
        let mut awaiting = AwaitingResponse::of_draft_76(request, [0; 16], &Limits::default());
        let head = "HTTP/1.1 101 x\r\nUpgrade: WebSocket\r\nConnection: Upgrade\r\n\
            Sec-WebSocket-Origin: null\r\nSec-WebSocket-Location: ws://h/\r\n\r\n";
        let mut input = head.as_bytes();
        assert!(awaiting.read(&mut input).unwrap().is_none());
        let challenge = awaiting.read(&mut &[1; 16][..]);
        assert_eq!(challenge.unwrap_err(), HandshakeFault::Challenge);
        let again = awaiting.read(&mut &[0; 16][..]);
        assert_eq!(again.unwrap_err(), HandshakeFault::Malformed);
    }
}
