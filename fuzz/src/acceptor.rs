//! A server's opening handshake, and a client of any wire whose request somebody has changed.
//!
//! Any split of the request gives the same; an honest one is understood as it was meant, and answered as its client
//! understands; and nothing of a request gets into the lines of an answer.

use crate::edit::{Edit, edited};
use crate::pieces::pieces;
use crate::settings::{AnyCompression, AnyWire};
use arbitrary::Arbitrary;
use dom_websocket::HttpResponse;
use dom_websocket::protocol::opening::{
    AcceptOptions, Agreed, Answer, AwaitingRequest, AwaitingResponse, ClientRequest, Reply,
};
use dom_websocket::protocol::{Limits, Wire};

#[derive(Arbitrary, Debug)]
pub struct Input<'a> {
    wire: AnyWire,
    only: Option<AnyWire>,
    simplified: bool,
    http: bool,
    is_secure: bool,
    seed: u8,
    protocols: u8,
    ours: Option<AnyCompression>,
    theirs: Option<AnyCompression>,
    head: Option<(u8, u8)>,
    answer: AnyAnswer<'a>,
    raw: Option<&'a [u8]>,
    edits: Vec<Edit<'a>>,
    behind: &'a [u8],
    cuts: &'a [u8],
}

#[derive(Arbitrary, Debug)]
enum AnyAnswer<'a> {
    Accept,
    AcceptFirst,
    AcceptWith(&'a str),
    Respond(u16, &'a str),
    Refuse,
}

#[derive(Debug, PartialEq)]
enum Outcome {
    Agreed {
        request: Seen,
        agreed: Agreed,
        response: Vec<u8>,
    },
    /// The third key of draft 76 has not come.
    AwaitsKey {
        request: Seen,
        response: Vec<u8>,
    },
    Refused(Vec<u8>),
    GoesOn,
}

/// What the application sees of a request.
#[derive(Debug, PartialEq)]
struct Seen {
    wire: Wire,
    is_http: bool,
    resource_name: String,
    fields: Vec<(String, String)>,
    address: Option<(String, u16)>,
}

impl Input<'_> {
    fn client(&self) -> (AwaitingResponse, Vec<u8>) {
        let scheme = if self.is_secure { "wss" } else { "ws" };
        let path = match self.wire {
            AnyWire::Simplified => "/",
            _ => "/demo?x=y",
        };
        let url = format!("{scheme}://example.com:8080{path}");
        let mut request = ClientRequest::new(self.wire.into(), &url).expect("a URL");
        request.origin = "http://example.com".to_owned();
        request.compression = self.theirs.map(Into::into);
        request.protocols = match (self.wire, self.protocols % 3) {
            (AnyWire::Simplified, _) | (_, 0) => Vec::new(),
            (AnyWire::Hixie76, _) | (_, 1) => vec!["chat".to_owned()],
            _ => vec!["superchat".to_owned(), "chat".to_owned()],
        };
        if self.wire != AnyWire::Simplified {
            request.fields.push(("Cookie".to_owned(), "a=b".to_owned()));
        }
        AwaitingResponse::new(request, &Limits::default(), [self.seed; 32])
    }

    fn limits(&self) -> Limits {
        let mut limits = Limits::default();
        if let Some((head, fields)) = self.head {
            (limits.head, limits.head_fields) = (usize::from(head) * 8, usize::from(fields));
        }
        limits
    }

    fn options(&self) -> AcceptOptions {
        let mut options = AcceptOptions::default();
        options.wire = self.only.map(Into::into);
        options.simplified = self.simplified;
        options.http = self.http;
        options.secure = self.is_secure;
        options.compression = self.ours.map(Into::into);
        options.limits = self.limits();
        options
    }

    fn is_allowed(&self) -> bool {
        match (self.wire, self.only) {
            (AnyWire::Simplified, only) => self.simplified || only == Some(AnyWire::Simplified),
            (wire, only) => only.is_none_or(|only| only == wire),
        }
    }
}

pub fn check(input: Input<'_>) {
    let (mut client, honest) = input.client();
    let mut request = match input.raw {
        Some(raw) => raw.to_vec(),
        None => edited(&honest, &input.edits),
    };
    let is_honest = request == honest;
    let end = request.len();
    request.extend_from_slice(input.behind);
    let whole = read(&input, &request, &[]);
    let cut = read(&input, &request, input.cuts);
    assert_eq!(whole, cut, "a split changes something");
    let limits = input.limits();
    match &whole {
        Outcome::Agreed { request: seen, .. } | Outcome::AwaitsKey { request: seen, .. } => {
            assert!(!seen.is_http);
            assert!(seen.fields.len() <= limits.head_fields);
            assert!(seen.resource_name.starts_with('/'));
            assert!(
                seen.resource_name
                    .bytes()
                    .all(|byte| byte.is_ascii_graphic())
            );
            for (name, value) in &seen.fields {
                assert!(!name.is_empty() && !name.contains(char::is_whitespace));
                assert!(!value.contains(['\r', '\n', '\0']));
            }
        }
        Outcome::Refused(response) => judge_refusal(&input, response),
        Outcome::GoesOn => assert!(request.len() <= limits.head, "a head without end"),
    }
    if let Outcome::Agreed {
        request: seen,
        agreed,
        response,
    } = &whole
    {
        judge_response(response, agreed);
        if is_honest {
            assert_eq!(seen.wire, Wire::from(input.wire));
            assert_eq!(seen.address, Some(("example.com".to_owned(), 8080)));
            assert_eq!(agreed.unread, request[end..]);
            let mut answer = &response[..];
            let reply = client.read(&mut answer);
            match reply {
                Ok(Some(Reply::Agreed(theirs))) => {
                    assert_eq!(theirs.extensions.as_str(), agreed.extensions.as_str());
                    if input.wire != AnyWire::Hixie76 {
                        assert_eq!(theirs.protocol, agreed.protocol);
                    }
                    assert_eq!(theirs.unread, b"");
                }
                // A client that has asked for a subprotocol gets one, or fails.
                other => assert!(
                    !input.protocols.is_multiple_of(3) || input.wire == AnyWire::Hixie76,
                    "{other:?}"
                ),
            }
        }
    }
    let may_accept = matches!(input.answer, AnyAnswer::Accept | AnyAnswer::AcceptFirst);
    if is_honest && input.is_allowed() && input.head.is_none() && may_accept {
        assert!(matches!(whole, Outcome::Agreed { .. }), "{whole:?}");
    }
}

fn read(input: &Input<'_>, request: &[u8], cuts: &[u8]) -> Outcome {
    let mut server = AwaitingRequest::new(input.options());
    let mut read = 0;
    for mut piece in pieces(request, cuts) {
        read += piece.len();
        let asked = match server.read(&mut piece) {
            Ok(None) => {
                assert!(piece.is_empty(), "it takes all where it goes on");
                continue;
            }
            Ok(Some(asked)) => asked,
            Err(refusal) => return Outcome::Refused(refusal.response().to_vec()),
        };
        let head = read - piece.len();
        assert!(head <= input.limits().head);
        let seen = asked.request();
        let address = dom_websocket::fuzzing::address(seen, input.is_secure);
        let seen = Seen {
            wire: seen.wire(),
            is_http: asked.is_http(),
            resource_name: seen.resource_name().to_owned(),
            fields: seen
                .fields()
                .map(|(n, v)| (n.to_owned(), v.to_owned()))
                .collect(),
            address: address.map(|address| (address.host, address.port)),
        };
        let first = asked.request().protocols().next().map(str::to_owned);
        let offers: Vec<_> = asked.request().protocols().map(str::to_owned).collect();
        let wire = seen.wire;
        let answer = match input.answer {
            AnyAnswer::AcceptFirst if wire != Wire::Simplified => {
                first.map_or_else(Answer::accept, Answer::accept_with)
            }
            AnyAnswer::Accept | AnyAnswer::AcceptFirst => Answer::accept(),
            AnyAnswer::AcceptWith(protocol) => Answer::accept_with(protocol),
            AnyAnswer::Respond(status, text) => Answer::Respond(response(status, text)),
            AnyAnswer::Refuse => Answer::Refuse,
        };
        let (_, mut responding) = match asked.answer(answer) {
            Ok(accepted) => accepted,
            Err(refusal) => return Outcome::Refused(refusal.response().to_vec()),
        };
        if let (AnyAnswer::AcceptWith(protocol), Wire::Rfc6455) = (&input.answer, wire) {
            assert!(
                offers.iter().any(|offer| offer == protocol),
                "it was not offered"
            );
        }
        assert!(!matches!(
            input.answer,
            AnyAnswer::Respond(..) | AnyAnswer::Refuse
        ));
        let (mut output, mut behind) = (responding.take_output(), &request[head..]);
        let mut agreed = None;
        // What is behind the head comes in pieces, too.
        if agreed.is_none() {
            agreed = responding.read(&mut &b""[..]);
        }
        if agreed.is_none() {
            for mut piece in pieces(behind, cuts) {
                behind = &behind[piece.len()..];
                agreed = responding.read(&mut piece);
                if agreed.is_some() {
                    break;
                }
            }
        }
        let Some(mut agreed) = agreed else {
            return Outcome::AwaitsKey {
                request: seen,
                response: output,
            };
        };
        agreed.unread.extend_from_slice(behind);
        output.append(&mut agreed.unsent);
        return Outcome::Agreed {
            request: seen,
            agreed,
            response: output,
        };
    }
    Outcome::GoesOn
}

fn response(status: u16, text: &str) -> HttpResponse {
    HttpResponse::new(400 + status % 200).body("text/plain", text)
}

/// It says what it has to say, and nothing that came from outside.
fn judge_response(response: &[u8], agreed: &Agreed) {
    if agreed.wire == Wire::Hixie76 {
        let (head, reply) = response.split_at(response.len() - 16);
        assert!(head.ends_with(b"\r\n\r\n"));
        assert_eq!(reply.len(), 16);
        let lines = head.split(|&byte| byte == b'\n').count();
        assert!((7..=8).contains(&lines), "{lines}");
        return;
    }
    let mut fields = [httparse::EMPTY_HEADER; 8];
    let mut head = httparse::Response::new(&mut fields);
    let parsed = head.parse(response);
    assert_eq!(parsed, Ok(httparse::Status::Complete(response.len())));
    assert_eq!(head.code, Some(101));
    for (index, field) in head.headers.iter().enumerate() {
        let is_known = matches!(
            field.name,
            "Upgrade"
                | "Connection"
                | "Sec-WebSocket-Accept"
                | "Sec-WebSocket-Protocol"
                | "Sec-WebSocket-Extensions"
        );
        assert!(is_known, "{}", field.name);
        let before = &head.headers[..index];
        assert!(before.iter().all(|other| other.name != field.name));
    }
}

fn judge_refusal(input: &Input<'_>, response: &[u8]) {
    if response.is_empty() {
        return;
    }
    let mut fields = [httparse::EMPTY_HEADER; 16];
    let mut head = httparse::Response::new(&mut fields);
    let Ok(httparse::Status::Complete(len)) = head.parse(response) else {
        panic!("{:?}", String::from_utf8_lossy(response));
    };
    assert!((400..600).contains(&head.code.expect("a status")));
    let body = &response[len..];
    let length = head
        .headers
        .iter()
        .find(|field| field.name.eq_ignore_ascii_case("content-length"));
    let length = length.map(|field| String::from_utf8_lossy(field.value).into_owned());
    assert_eq!(length, Some(body.len().to_string()));
    if !body.is_empty() {
        assert!(matches!(input.answer, AnyAnswer::Respond(_, text) if text.as_bytes() == body));
    }
}
