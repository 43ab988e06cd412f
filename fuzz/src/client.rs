//! A client's opening handshake on each wire, and a server whose answer somebody has changed.
//!
//! Any split of the answer gives the same; an honest answer opens the connection, on what both ends have agreed on; and
//! none does that does not prove that the server has read the request.

use crate::edit::{Edit, edited};
use crate::pieces::pieces;
use crate::settings::{AnyCompression, AnyWire};
use arbitrary::Arbitrary;
use dom_websocket::protocol::opening::{
    AcceptOptions, Agreed, Answer, AwaitingRequest, AwaitingResponse, ClientRequest, Reply,
};
use dom_websocket::protocol::{HandshakeFault, Limits, Wire};

#[derive(Arbitrary, Debug)]
pub struct Input<'a> {
    wire: AnyWire,
    seed: u8,
    is_secure: bool,
    has_port: bool,
    protocols: u8,
    accepts: u8,
    ours: Option<AnyCompression>,
    theirs: Option<AnyCompression>,
    /// The limits of a head, where they are not the library's own.
    head: Option<(u8, u8)>,
    /// Put in place of the server's answer.
    raw: Option<&'a [u8]>,
    edits: Vec<Edit<'a>>,
    behind: &'a [u8],
    cuts: &'a [u8],
}

/// What became of it.
#[derive(Debug, PartialEq)]
enum Outcome {
    Agreed(Agreed),
    Rejected {
        status: u16,
        fields: Result<Option<Vec<(String, String)>>, HandshakeFault>,
    },
    Fault(HandshakeFault),
    GoesOn,
}

impl Input<'_> {
    fn request(&self) -> ClientRequest {
        let scheme = if self.is_secure { "wss" } else { "ws" };
        let port = if self.has_port { ":8080" } else { "" };
        let path = match self.wire {
            AnyWire::Simplified => "/",
            _ => "/demo?x=y",
        };
        let url = format!("{scheme}://Example.com{port}{path}");
        let mut request = ClientRequest::new(self.wire.into(), &url).expect("a URL");
        request.origin = "http://example.com".to_owned();
        request.compression = self.ours.map(Into::into);
        let protocols = ["chat", "superchat", "x"];
        let most = match self.wire {
            AnyWire::Rfc6455 => 3,
            AnyWire::Hixie76 => 1,
            AnyWire::Simplified => 0,
        };
        let chosen = protocols.iter().enumerate();
        let chosen = chosen.filter(|(index, _)| self.protocols >> index & 1 == 1);
        request.protocols = chosen
            .map(|(_, name)| (*name).to_owned())
            .take(most)
            .collect();
        request
    }

    fn limits(&self) -> Limits {
        let mut limits = Limits::default();
        if let Some((head, fields)) = self.head {
            (limits.head, limits.head_fields) = (usize::from(head) * 4, usize::from(fields));
        }
        limits
    }

    fn client(&self) -> (AwaitingResponse, Vec<u8>) {
        AwaitingResponse::new(self.request(), &self.limits(), [self.seed; 32])
    }

    /// What a server of ours says, and has agreed on.
    fn answer(&self, request: &[u8]) -> (Vec<u8>, Agreed) {
        let mut options = AcceptOptions::default();
        options.simplified = true;
        options.secure = self.is_secure;
        options.compression = self.theirs.map(Into::into);
        let mut server = AwaitingRequest::new(options);
        let mut input = request;
        let asked = server.read(&mut input).expect("a request of ours");
        let asked = asked.expect("all of it");
        let offered: Vec<_> = asked.request().protocols().map(str::to_owned).collect();
        // A client that asks for some has to be told one.
        let protocol = offered.get(usize::from(self.accepts) % offered.len().max(1));
        let answer = protocol.map_or_else(Answer::accept, Answer::accept_with);
        let (_, mut responding) = asked.answer(answer).expect("an answer that may be given");
        let mut response = responding.take_output();
        let agreed = responding.read(&mut input).expect("all of the request");
        response.extend_from_slice(&agreed.unsent);
        (response, agreed)
    }
}

pub fn check(input: Input<'_>) {
    let (_, request) = input.client();
    let (honest, theirs) = input.answer(&request);
    let mut answer = match input.raw {
        Some(raw) => raw.to_vec(),
        None => edited(&honest, &input.edits),
    };
    let is_honest = answer == honest;
    let head_len = answer.len();
    answer.extend_from_slice(input.behind);
    let whole = read(&input, &answer, &[]);
    let cut = read(&input, &answer, input.cuts);
    assert_eq!(whole, cut, "a split changes something");
    match &whole {
        Outcome::Agreed(ours) => {
            proves(&input, &answer, &honest);
            let offered = input.request().protocols;
            if let Some(protocol) = &ours.protocol {
                assert!(offered.contains(protocol));
            }
            assert!(input.ours.is_some() || ours.extensions.as_str().is_empty());
            assert!(answer.ends_with(&ours.unread));
            if is_honest {
                assert_eq!(ours.protocol, theirs.protocol);
                assert_eq!(ours.extensions.as_str(), theirs.extensions.as_str());
                assert_eq!(ours.unread, answer[head_len..]);
            }
        }
        Outcome::GoesOn => {
            let limits = input.limits();
            let is_one = !answer
                .windows(2)
                .any(|pair| pair == b"\n\n" || pair == b"\n\r");
            assert!(
                !is_one || answer.len() <= limits.head + 20,
                "a head without end"
            );
        }
        Outcome::Rejected { .. } | Outcome::Fault(_) => {}
    }
    if is_honest && input.head.is_none() {
        assert!(matches!(whole, Outcome::Agreed(_)), "{whole:?}");
    }
}

/// The answer has what only somebody knows who has read the request.
fn proves(input: &Input<'_>, answer: &[u8], honest: &[u8]) {
    let proof = match Wire::from(input.wire) {
        Wire::Rfc6455 => {
            let field = b"Sec-WebSocket-Accept: ";
            let at = honest.windows(field.len()).position(|bytes| bytes == field);
            &honest[at.expect("the field") + field.len()..][..28]
        }
        Wire::Hixie76 => &honest[honest.len() - 16..],
        _ => b"101",
    };
    assert!(answer.windows(proof.len()).any(|bytes| bytes == proof));
}

fn read(input: &Input<'_>, answer: &[u8], cuts: &[u8]) -> Outcome {
    let (mut client, _) = input.client();
    let mut read = 0;
    for mut piece in pieces(answer, cuts) {
        read += piece.len();
        match client.read(&mut piece) {
            Ok(None) => assert!(piece.is_empty(), "it takes all where it goes on"),
            Ok(Some(Reply::Agreed(mut agreed))) => {
                agreed.unread.extend_from_slice(&answer[read..]);
                return Outcome::Agreed(agreed);
            }
            Ok(Some(Reply::Rejected(mut rejected))) => {
                let mut rest = &answer[read - piece.len()..];
                let status = rejected.status();
                assert_ne!(status, 101);
                let fields = rejected.read(&mut rest).map(|all_there| {
                    let fields = rejected.response().fields();
                    let fields = fields.map(|(name, value)| (name.to_owned(), value.to_owned()));
                    all_there.then(|| fields.collect())
                });
                return Outcome::Rejected { status, fields };
            }
            Err(fault) => return Outcome::Fault(fault),
        }
    }
    Outcome::GoesOn
}
