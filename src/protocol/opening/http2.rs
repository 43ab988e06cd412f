//! The server's opening handshake over HTTP/2 (RFC 8441 sections 4 and 5), whose own frames somebody else reads and writes.

use super::acceptor::{Handshake, Stage};
use super::head::is_resource_name;
use super::request::Version;
use super::response::ResponseReader;
use super::rfc6455::{self, BAD_REQUEST};
use super::{AcceptOptions, AwaitingAnswer, HttpResponse, Refusal, Request, Responding};
use crate::protocol::{Limits, Wire};

/// What a client asks for: HTTP/2's own fields, and the others.
pub(crate) struct Http2Head {
    pub(crate) method: String,
    /// What an extended CONNECT is for.
    pub(crate) protocol: Option<String>,
    pub(crate) path: String,
    /// Names in lower case; `:authority` is `host`.
    pub(crate) fields: Vec<(String, String)>,
}

/// A whole response.
pub(crate) struct Http2Response {
    pub(crate) status: u16,
    pub(crate) fields: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

impl AwaitingAnswer {
    /// What a request over HTTP/2 comes to.
    ///
    /// # Errors
    ///
    /// If it can't be accepted.
    pub(crate) fn over_http2(head: Http2Head, options: &AcceptOptions) -> Result<Self, Refusal> {
        let Http2Head {
            method,
            protocol,
            path,
            fields,
        } = head;
        if fields.len() > options.limits.head_fields {
            return Err(HttpResponse::new(431).into());
        }
        let request = Request {
            wire: Wire::Rfc6455,
            version: Version::Http2,
            resource_name: path,
            fields,
        };
        // RFC 9113 section 8.3.1: whoever says two things means neither.
        if request.fields_named("host").nth(1).is_some() {
            return Err(BAD_REQUEST);
        }
        let handshake = match (method.as_str(), protocol.as_deref()) {
            ("CONNECT", Some(protocol)) => {
                // RFC 9110 section 7.8: names of protocols are compared so. RFC 9220 section 3: 501 for others.
                if !protocol.eq_ignore_ascii_case("websocket") {
                    return Err(HttpResponse::new(501).into());
                }
                let is_accepted = options.wire.is_none_or(|wire| wire == Wire::Rfc6455);
                if !is_accepted || !is_resource_name(&request.resource_name) {
                    return Err(BAD_REQUEST);
                }
                let handshake = rfc6455::Http2Handshake::new(&request, options.compression)?;
                Handshake::Http2(handshake)
            }
            ("GET" | "HEAD", None) if is_resource_name(&request.resource_name) && options.http => {
                Handshake::Http
            }
            ("GET" | "HEAD", _) => return Err(BAD_REQUEST),
            // RFC 9110 sections 9.1 and 15.5.6.
            ("CONNECT" | "DELETE" | "OPTIONS" | "PATCH" | "POST" | "PUT" | "TRACE", _) => {
                return Err(HttpResponse::new(405).field("Allow", "GET, HEAD").into());
            }
            _ => return Err(HttpResponse::new(501).into()),
        };
        Ok(Self { request, handshake })
    }
}

impl Responding {
    /// The fields of the response, whose status is 200.
    pub(crate) fn http2_fields(&self) -> Vec<(String, String)> {
        let Stage::Http2(handshake) = &self.stage else {
            return Vec::new();
        };
        handshake
            .fields(self.protocol.as_deref())
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect()
    }
}

impl Refusal {
    /// The same over HTTP/2.
    pub(crate) fn into_http2(self) -> Http2Response {
        let unlimited = Limits {
            head: usize::MAX,
            head_fields: usize::MAX,
            ..Limits::default()
        };
        let mut body = self.response();
        match ResponseReader::new(&unlimited).read(&mut body) {
            Ok(Some(head)) => Http2Response {
                status: head.response.status,
                fields: (head.response.fields.into_iter())
                    .filter(|(name, _)| !is_of_connections(name))
                    .collect(),
                body: body.to_vec(),
            },
            // Draft 76's has no words, and is none of HTTP/2.
            Ok(None) | Err(_) => Http2Response {
                status: 403,
                fields: Vec::new(),
                body: Vec::new(),
            },
        }
    }
}

/// RFC 9113 section 8.2.2: fields that HTTP/2 has not.
fn is_of_connections(name: &str) -> bool {
    matches!(
        name,
        "connection" | "keep-alive" | "proxy-connection" | "te" | "transfer-encoding" | "upgrade"
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::opening::request::changed_fields;
    use crate::protocol::opening::{Agreed, Answer, Role};

    fn request(method: &str, protocol: Option<&str>, changed: (&str, Option<&str>)) -> Http2Head {
        let fields = [
            ("host", "server.example.com"),
            ("sec-websocket-version", "13"),
            ("sec-websocket-protocol", "chat, superchat"),
            ("sec-websocket-extensions", "permessage-deflate"),
            ("origin", "http://www.example.com"),
        ];
        Http2Head {
            method: method.to_owned(),
            protocol: protocol.map(str::to_owned),
            path: "/chat".to_owned(),
            fields: changed_fields(&fields, changed),
        }
    }

    fn status(request: Http2Head, options: &AcceptOptions) -> u16 {
        AwaitingAnswer::over_http2(request, options)
            .map_or_else(|refusal| refusal.into_http2().status, |_| 200)
    }

    /// RFC 8441 section 5.1.
    #[test]
    fn the_example() {
        let asked = request("CONNECT", Some("websocket"), ("", None));
        let Ok(asked) = AwaitingAnswer::over_http2(asked, &AcceptOptions::default()) else {
            panic!("it is as it has to be")
        };
        assert!(asked.request().is_http2() && !asked.is_http());
        let (request, mut responding) = asked.answer(Answer::accept_with("chat")).unwrap();
        assert_eq!(request.origin(), Some("http://www.example.com"));
        let field = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        assert_eq!(
            responding.http2_fields(),
            [
                field("Sec-WebSocket-Protocol", "chat"),
                field("Sec-WebSocket-Extensions", "permessage-deflate"),
            ]
        );
        let agreed = responding.read(&mut &b""[..]).expect("nothing is awaited");
        assert_eq!(
            agreed,
            Agreed {
                protocol: Some("chat".to_owned()),
                extensions: agreed.extensions.clone(),
                ..Agreed::new(Wire::Rfc6455, Role::Server)
            }
        );
        assert_eq!(agreed.extensions.as_str(), "permessage-deflate");
    }

    /// Not asked for by RFC 8441, and by undici all the same: the key of RFC 6455 section 1.3.
    #[test]
    fn a_client_that_sends_a_key_gets_the_answer_to_it() {
        for (key, accept) in [
            (
                "dGhlIHNhbXBsZSBub25jZQ==",
                Some("s3pPLMBiTxaQ9kYGzzhZRbK+xOo="),
            ),
            ("c2hvcnQ=", None),
            ("", None),
        ] {
            let mut asked = request("CONNECT", Some("websocket"), ("", None));
            let field = ("sec-websocket-key".to_owned(), key.to_owned());
            asked.fields.push(field.clone());
            let twice = Http2Head {
                fields: [asked.fields.clone(), vec![field]].concat(),
                ..request("CONNECT", Some("websocket"), ("", None))
            };
            for (asked, accept) in [(asked, accept), (twice, None)] {
                let options = AcceptOptions::default();
                let asked = AwaitingAnswer::over_http2(asked, &options).unwrap();
                let (_, responding) = asked.answer(Answer::accept()).unwrap();
                let fields = responding.http2_fields();
                let field = fields
                    .iter()
                    .find(|(name, _)| name == "Sec-WebSocket-Accept");
                assert_eq!(field.map(|(_, value)| value.as_str()), accept);
            }
        }
    }

    #[test]
    fn requests_that_are_turned_away() {
        let options = AcceptOptions::default();
        let pages = AcceptOptions {
            http: true,
            ..options.clone()
        };
        let connect = |changed| request("CONNECT", Some("websocket"), changed);
        for (changed, expected) in [
            (("", None), 200),
            (("origin", None), 200),
            (("host", None), 400),
            (("sec-websocket-version", None), 400),
            (("sec-websocket-version", Some("8")), 400),
            (("sec-websocket-protocol", Some("a b")), 400),
            (("sec-websocket-extensions", Some("a b;;")), 400),
        ] {
            assert_eq!(status(connect(changed), &options), expected, "{changed:?}");
        }
        for (method, protocol, expected) in [
            ("CONNECT", Some("WebSocket"), 200),
            ("CONNECT", Some("connect-udp"), 501),
            ("CONNECT", None, 405),
            ("POST", None, 405),
            ("BREW", None, 501),
            ("GET", None, 400),
            ("HEAD", None, 400),
        ] {
            let asked = request(method, protocol, ("", None));
            assert_eq!(status(asked, &options), expected, "{method} {protocol:?}");
        }
        for method in ["CONNECT", "GET"] {
            let protocol = Some("websocket").filter(|_| method == "CONNECT");
            let mut asked = request(method, protocol, ("", None));
            let other = ("host".to_owned(), "other.example".to_owned());
            asked.fields.push(other);
            assert_eq!(status(asked, &pages), 400, "{method}");
        }
        let other = connect(("sec-websocket-version", Some("8")));
        let refusal = AwaitingAnswer::over_http2(other, &options).unwrap_err();
        let fields = refusal.into_http2().fields;
        let version = ("sec-websocket-version".to_owned(), "13".to_owned());
        assert!(fields.contains(&version), "{fields:?}");
        for path in ["", "*", "chat", "/a b", "/a#b"] {
            let asked = Http2Head {
                path: path.to_owned(),
                ..connect(("", None))
            };
            assert_eq!(status(asked, &options), 400, "{path:?}");
        }
        let draft_76 = AcceptOptions {
            wire: Some(Wire::Hixie76),
            ..options.clone()
        };
        assert_eq!(status(connect(("", None)), &draft_76), 400);
        let mut few = options;
        for (most, expected) in [(4, 431), (5, 200)] {
            few.limits.head_fields = most;
            assert_eq!(status(connect(("", None)), &few), expected, "{most}");
        }
    }

    #[test]
    fn pages_and_the_applications_words() {
        let options = AcceptOptions {
            http: true,
            ..AcceptOptions::default()
        };
        for method in ["GET", "HEAD"] {
            let asked = AwaitingAnswer::over_http2(request(method, None, ("", None)), &options);
            let asked = asked.unwrap();
            assert!(asked.is_http() && asked.request().is_http2());
            let page = HttpResponse::new(200).body("text/plain", "a\r\n\r\nb");
            let page = page.field("Upgrade", "h2c").field("X-Y", "z");
            let response = asked
                .answer(Answer::Respond(page))
                .unwrap_err()
                .into_http2();
            assert_eq!(
                (response.status, &*response.body),
                (200, &b"a\r\n\r\nb"[..])
            );
            let names: Vec<_> = response.fields.iter().map(|(name, _)| &**name).collect();
            assert_eq!(names, ["content-length", "content-type", "x-y"]);
        }
        // What the application says has no limit.
        let long = "x".repeat(Limits::default().head);
        let fields = 2 * Limits::default().head_fields;
        let page = (0..fields).fold(HttpResponse::new(404).field("X", &long), |page, _| {
            page.field("Set-Cookie", "a=b")
        });
        let response = Refusal::from(page).into_http2();
        assert_eq!(response.status, 404);
        assert!(response.fields.contains(&("x".to_owned(), long)));
        assert!(response.fields.len() > fields);
        let asked = request("CONNECT", Some("websocket"), ("", None));
        let asked = AwaitingAnswer::over_http2(asked, &options).unwrap();
        let refusal = asked.answer(Answer::accept_with("other")).unwrap_err();
        assert_eq!(refusal.into_http2().status, 403);
    }
}
