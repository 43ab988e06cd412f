//! The openings over HTTP/2: a server's reading of a request's fields, and a client's of an answer's, which somebody has
//! changed.
//!
//! What is asked for and agreed on is what the same fields come to over HTTP/1.1, beside those that HTTP/2 has not; an honest
//! request is understood as it was meant, and answered as its client understands; and nothing of a request gets into an answer but
//! what it offered.

use crate::settings::AnyCompression;
use arbitrary::Arbitrary;
use dom_websocket::fuzzing::{
    Http2Pseudo, http2_accepted, http2_agreed, http2_asked, http2_fields,
};
use dom_websocket::protocol::opening::{
    AcceptOptions, Agreed, Answer, AwaitingAnswer, AwaitingRequest, AwaitingResponse,
    ClientRequest, Reply,
};
use dom_websocket::protocol::{HandshakeFault, Limits, Wire};

#[derive(Arbitrary, Debug)]
pub struct Input<'a> {
    protocols: u8,
    accepts: u8,
    ours: Option<AnyCompression>,
    theirs: Option<AnyCompression>,
    head_fields: Option<u8>,
    serves_pages: bool,
    method: Change<'a>,
    protocol: Change<'a>,
    path: Change<'a>,
    authority: Change<'a>,
    request: Vec<Edit<'a>>,
    response: Vec<Edit<'a>>,
}

/// What is in place of what there would be.
#[derive(Arbitrary, Clone, Copy, Debug)]
enum Change<'a> {
    Kept,
    Gone,
    Word(u8),
    Text(&'a str),
}

#[derive(Arbitrary, Debug)]
struct Edit<'a> {
    at: u8,
    what: What<'a>,
}

#[derive(Arbitrary, Debug)]
enum What<'a> {
    Remove,
    Replace(Change<'a>),
    Insert(u8, Change<'a>),
    Name(&'a str, &'a str),
}

const NAMES: &[&str] = &[
    "sec-websocket-protocol",
    "sec-websocket-extensions",
    "sec-websocket-version",
    "sec-websocket-key",
    "origin",
    "cookie",
    "host",
    "x",
    "content-length",
];
const WORDS: &[&str] = &[
    "chat",
    "chat, superchat",
    "x",
    "",
    "13",
    "8",
    " 13",
    "permessage-deflate",
    "permessage-deflate; client_max_window_bits",
    "permessage-deflate; server_no_context_takeover; client_no_context_takeover",
    "permessage-deflate; server_max_window_bits=10",
    "permessage-deflate, permessage-deflate",
    "a b;;",
    "http://example.com",
    "null",
    "example.com",
    "EXAMPLE.com:80",
    "evil.example",
    "dGhlIHNhbXBsZSBub25jZQ==",
    "a=b",
    "GET",
    "HEAD",
    "POST",
    "CONNECT",
    "websocket",
    "WebSocket",
    "/",
    "*",
    "/a?b",
];

fn word(index: u8) -> &'static str {
    WORDS[usize::from(index) % WORDS.len()]
}

impl<'a> Change<'a> {
    fn of(self, kept: &'a str) -> Option<&'a str> {
        match self {
            Self::Kept => Some(kept),
            Self::Gone => None,
            Self::Word(index) => Some(word(index)),
            Self::Text(text) => Some(text),
        }
    }
}

type Fields = Vec<(String, String)>;

fn edited(mut fields: Fields, edits: &[Edit<'_>]) -> Fields {
    for edit in edits {
        let at = usize::from(edit.at) % (fields.len() + 1);
        let field = match &edit.what {
            What::Name(name, value) => Some(((*name).to_owned(), (*value).to_owned())),
            What::Insert(name, value) => {
                let name = NAMES[usize::from(*name) % NAMES.len()];
                Some((name.to_owned(), value.of("").unwrap_or_default().to_owned()))
            }
            What::Remove | What::Replace(_) => None,
        };
        match (&edit.what, field) {
            (_, Some(field)) => fields.insert(at, field),
            (What::Replace(change), None) if at < fields.len() => {
                let before = fields[at].1.clone();
                match change.of(&before) {
                    Some(value) => fields[at].1 = value.to_owned(),
                    None => drop(fields.remove(at)),
                }
            }
            (_, None) if at < fields.len() => drop(fields.remove(at)),
            _ => {}
        }
    }
    fields
}

/// As both of HTTP would have them, so that they can be compared: HTTP/2 has no empty line to end in a value, nor another name's case.
fn are_said_by_both(fields: &Fields) -> bool {
    fields.iter().all(|(name, value)| {
        let is_token = |byte: u8| byte.is_ascii_lowercase() || byte == b'-';
        let is_visible = |byte: u8| (0x20..0x7f).contains(&byte);
        !name.is_empty()
            && name.bytes().all(is_token)
            && value.bytes().all(is_visible)
            && !["connection", "upgrade", "transfer-encoding"].contains(&&**name)
    })
}

/// The names of one stand together in HTTP/2.
fn in_groups(fields: &Fields) -> Fields {
    let mut grouped = Fields::new();
    for (index, (name, _)) in fields.iter().enumerate() {
        if fields[..index].iter().all(|(before, _)| before != name) {
            grouped.extend(fields.iter().filter(|(n, _)| n == name).cloned());
        }
    }
    grouped
}

impl Input<'_> {
    fn client(&self) -> ClientRequest {
        let url = "ws://example.com/demo?x=y";
        let mut request = ClientRequest::new(Wire::Rfc6455, url).expect("a URL");
        request.origin = "http://example.com".to_owned();
        request.compression = self.ours.map(Into::into);
        let protocols = ["chat", "superchat", "x"].iter().enumerate();
        let chosen = protocols.filter(|(index, _)| self.protocols >> index & 1 == 1);
        request.protocols = chosen.map(|(_, name)| (*name).to_owned()).collect();
        request
    }

    fn options(&self) -> AcceptOptions {
        let mut options = AcceptOptions::default();
        options.compression = self.theirs.map(Into::into);
        options.http = self.serves_pages;
        options.limits.head = usize::MAX;
        options.limits.head_fields = self.head_fields.map_or(usize::MAX, Into::into);
        options
    }

    /// The subprotocol that the application chooses.
    fn answer(&self, asked: &AwaitingAnswer) -> Answer {
        let offered: Vec<_> = asked.request().protocols().map(str::to_owned).collect();
        let chosen = offered.get(usize::from(self.accepts) % offered.len().max(1));
        chosen.map_or_else(Answer::accept, Answer::accept_with)
    }
}

pub fn check(input: Input<'_>) {
    let client = input.client();
    let lower = |(name, value): (String, String)| (name.to_ascii_lowercase(), value);
    let honest: Fields = http2_fields(&client).into_iter().map(lower).collect();
    let fields = edited(honest.clone(), &input.request);
    let pseudo = Http2Pseudo {
        method: input.method.of("CONNECT").unwrap_or("GET"),
        protocol: input.protocol.of("websocket"),
        scheme: "http",
        authority: input.authority.of("example.com"),
        path: input.path.of("/demo?x=y").unwrap_or("/"),
    };
    let is_honest = fields == honest
        && (pseudo.method, pseudo.protocol) == ("CONNECT", Some("websocket"))
        && (pseudo.authority, pseudo.path) == (Some("example.com"), "/demo?x=y");
    let options = input.options();
    let Some(asked) = http2_asked(pseudo, &fields, &options) else {
        assert!(!is_honest, "an honest request can be said");
        return;
    };
    let accepted = match asked {
        Ok(asked) if asked.is_http() => {
            assert!(options.http && ["GET", "HEAD"].contains(&pseudo.method));
            return;
        }
        Ok(asked) => {
            assert_eq!(pseudo.method, "CONNECT");
            assert!(
                pseudo
                    .protocol
                    .is_some_and(|p| p.eq_ignore_ascii_case("websocket"))
            );
            let answer = input.answer(&asked);
            let asked = asked.answer(answer);
            let (request, mut responding) = asked.expect("an answer that may be given");
            assert!(request.is_http2());
            let accepted = http2_accepted(&responding);
            let agreed = responding.read(&mut &[][..]).expect("nothing is awaited");
            (accepted, agreed)
        }
        Err((status, refusal)) => {
            assert!([400, 405, 431, 501].contains(&status), "{status}");
            assert!(!is_honest || input.head_fields.is_some());
            let is_of_connections = |name: &str| ["connection", "upgrade"].contains(&name);
            assert!(!refusal.iter().any(|(name, _)| is_of_connections(name)));
            if pseudo.method == "CONNECT" && input.head_fields.is_none() {
                as_over_http1(&input, pseudo, &fields, None);
            }
            return;
        }
    };
    if input.head_fields.is_none() {
        as_over_http1(&input, pseudo, &fields, Some(&accepted.1));
    }
    answered(&input, &client, accepted, is_honest);
}

/// What the same request over HTTP/1.1 comes to.
fn as_over_http1(
    input: &Input<'_>,
    pseudo: Http2Pseudo<'_>,
    fields: &Fields,
    agreed: Option<&Agreed>,
) {
    let hosts = fields.iter().filter(|(name, _)| name == "host").count();
    let protocol = pseudo.protocol.unwrap_or_default();
    if !are_said_by_both(fields)
        // A fragment is cut off by who reads HTTP/2 for us.
        || !pseudo.path.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'#')
        || !protocol.eq_ignore_ascii_case("websocket")
        || hosts > 0
        || pseudo.authority.is_none_or(str::is_empty)
    {
        return;
    }
    let mut head = format!(
        "GET {} HTTP/1.1\r\nHost: {}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
         Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n",
        pseudo.path,
        pseudo.authority.unwrap_or_default(),
    );
    for (name, value) in in_groups(fields) {
        if name != "sec-websocket-key" {
            head.push_str(&format!("{name}: {value}\r\n"));
        }
    }
    head.push_str("\r\n");
    let mut options = input.options();
    options.http = false;
    let asked = AwaitingRequest::new(options).read(&mut head.as_bytes());
    match (asked, agreed) {
        (Err(_), None) => {}
        (Ok(Some(asked)), Some(agreed)) => {
            let answer = input.answer(&asked);
            let (_, mut responding) = asked.answer(answer).expect("the same answer");
            let over_http1 = responding.read(&mut &[][..]).expect("all is there");
            assert_eq!(agreed.protocol, over_http1.protocol);
            assert_eq!(agreed.extensions.as_str(), over_http1.extensions.as_str());
        }
        (asked, agreed) => panic!("{head:?}: {:?}, {agreed:?}", asked.map(drop)),
    }
}

/// What the client makes of the answer.
fn answered(
    input: &Input<'_>,
    client: &ClientRequest,
    (accepted, theirs): (Fields, Agreed),
    is_honest: bool,
) {
    let ours = [
        "sec-websocket-accept",
        "sec-websocket-protocol",
        "sec-websocket-extensions",
    ];
    let lower = |(name, value): (String, String)| (name.to_ascii_lowercase(), value);
    let accepted: Fields = accepted.into_iter().map(lower).collect();
    for (name, value) in &accepted {
        assert!(ours.contains(&&**name), "{name}");
        assert!(!value.chars().any(char::is_control), "{value:?}");
    }
    let fields = edited(accepted.clone(), &input.response);
    let agreed = http2_agreed(client, fields.clone());
    if is_honest && fields == accepted {
        let agreed = agreed.as_ref().expect("an honest answer");
        assert_eq!(agreed.protocol, theirs.protocol);
        assert_eq!(agreed.extensions.as_str(), theirs.extensions.as_str());
    }
    let has_accept = fields
        .iter()
        .any(|(name, _)| name == "sec-websocket-accept");
    if are_said_by_both(&fields) && !has_accept {
        assert_eq!(agreed.map(of), over_http1(client, &fields).map(of));
    }
}

fn of(agreed: Agreed) -> (Option<String>, String) {
    (agreed.protocol, agreed.extensions.as_str().to_owned())
}

/// The same answer over HTTP/1.1.
fn over_http1(client: &ClientRequest, fields: &Fields) -> Result<Agreed, HandshakeFault> {
    let limits = Limits {
        head: usize::MAX,
        head_fields: usize::MAX,
        ..Limits::default()
    };
    let (mut awaiting, request) = AwaitingResponse::new(client.clone(), &limits, [7; 32]);
    let mut server = AwaitingRequest::new(AcceptOptions::default());
    let asked = server.read(&mut &request[..]).expect("a request of ours");
    let asked = asked.expect("all of it").answer(Answer::accept());
    let (_, mut responding) = asked.expect("an answer that may be given");
    let honest = String::from_utf8(responding.take_output()).expect("ASCII");
    let is_of_the_upgrade = |line: &&str| {
        ["HTTP/1.1", "Upgrade", "Connection", "Sec-WebSocket-Accept"]
            .iter()
            .any(|begin| line.starts_with(begin))
    };
    let lines = honest.lines().filter(is_of_the_upgrade);
    let mut head: String = lines.map(|line| format!("{line}\r\n")).collect();
    for (name, value) in fields {
        head.push_str(&format!("{name}: {value}\r\n"));
    }
    head.push_str("\r\n");
    match awaiting.read(&mut head.as_bytes())? {
        Some(Reply::Agreed(agreed)) => Ok(agreed),
        _ => panic!("neither: {head:?}"),
    }
}
