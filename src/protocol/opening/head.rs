//! Reads the head of a client's handshake: a request line and fields, up to an empty line.

use super::request::Version;
use super::{Request, simplified};
use crate::protocol::{Limits, Wire};
use std::borrow::Cow;

/// Collects a head from a byte stream.
pub(crate) struct RequestReader {
    head: Vec<u8>,
    bytes_limit: usize,
    fields_limit: usize,
}

/// What came is no head of a handshake, or too much of one.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Malformed;

const END: &[u8] = b"\r\n\r\n";

impl RequestReader {
    pub(crate) fn new(limits: &Limits) -> Self {
        Self {
            head: Vec::new(),
            bytes_limit: limits.head,
            fields_limit: limits.head_fields,
        }
    }

    /// Takes the head's bytes off the front of `input`. `None`: it took all, and the head goes on.
    pub(crate) fn read(&mut self, input: &mut &[u8]) -> Result<Option<Request>, Malformed> {
        let before = self.head.len();
        // One byte over the limit is enough to see that the head exceeds it.
        let room = self.bytes_limit.saturating_add(1).saturating_sub(before);
        self.head.extend_from_slice(&input[..room.min(input.len())]);
        // RFC 8446 section 5.1, a ClientHello: what follows may never come to the end of a line.
        if self.head.starts_with(&[22, 3]) {
            return Err(Malformed);
        }
        // The end can begin in what came earlier.
        let search_from = before.saturating_sub(END.len() - 1);
        match memchr::memmem::find(&self.head[search_from..], END) {
            Some(found) => {
                let end = search_from + found + END.len();
                if end > self.bytes_limit {
                    return Err(Malformed);
                }
                *input = &input[end - before..];
                self.head.truncate(end - 2);
                let request = parse(&self.head, self.fields_limit)?;
                self.head = Vec::new();
                Ok(Some(request))
            }
            None if self.head.len() > self.bytes_limit => Err(Malformed),
            None => {
                *input = &[];
                Ok(None)
            }
        }
    }
}

impl RequestReader {
    /// Whether what has come is of draft 76, which wants no answer where it is wrong.
    pub(crate) fn is_of_draft_76(&self) -> bool {
        let head = self.head.to_ascii_lowercase();
        memchr::memmem::find(&head, b"\nsec-websocket-key1:").is_some()
            || memchr::memmem::find(&head, b"\nsec-websocket-key2:").is_some()
    }
}

/// hixie-76 section 5.1; each line of `head` ends with CR LF.
fn parse(head: &[u8], fields_limit: usize) -> Result<Request, Malformed> {
    let head = String::from_utf8_lossy(head);
    let mut lines = head.split_terminator("\r\n");
    // "GET", a space, the resource name up to the next space; what follows it in the line is ignored.
    let (target, version) = lines
        .next()
        .and_then(|line| line.strip_prefix("GET "))
        .and_then(|line| line.split_once(' '))
        .ok_or(Malformed)?;
    let (authority, resource_name) = authority_and_path(target);
    if !is_resource_name(&resource_name) || authority == Some("") {
        return Err(Malformed);
    }
    let mut fields = lines.map(parse_field).collect::<Result<Vec<_>, _>>()?;
    // RFC 9112 section 3.2: whom a request is for is said once; a target that says it is to be believed.
    let mut hosts = fields.iter_mut().filter(|(name, _)| name == "host");
    if let (Some((_, host)), Some(authority)) = (hosts.next(), authority) {
        authority.clone_into(host);
    }
    if hosts.next().is_some() || fields.len() > fields_limit {
        return Err(Malformed);
    }
    let wire = wire(&fields);
    Ok(Request {
        wire,
        version: version_of(version),
        resource_name: resource_name.into_owned(),
        fields,
    })
}

/// Path and query: visible ASCII characters.
pub(super) fn is_resource_name(name: &str) -> bool {
    name.starts_with('/') && name.bytes().all(|b| b.is_ascii_graphic())
}

/// RFC 6455 section 4.1: the target is a resource name, or an absolute HTTP or HTTPS URI that has one.
fn authority_and_path(target: &str) -> (Option<&str>, Cow<'_, str>) {
    let absolute = target
        .strip_prefix("http://")
        .or_else(|| target.strip_prefix("https://"));
    let Some(rest) = absolute else {
        return (None, target.into());
    };
    let (authority, path) = rest.split_at(rest.find(['/', '?', '#']).unwrap_or(rest.len()));
    let path = match path.strip_prefix('/') {
        Some(_) => path.into(),
        None => format!("/{path}").into(),
    };
    (Some(authority), path)
}

/// RFC 9112 section 2.3: one digit each; any later minor version of HTTP/1 has all that 1.1 has.
fn version_of(version: &str) -> Version {
    let minor = version.strip_prefix("HTTP/1.").map(str::as_bytes);
    match minor {
        Some([b'1'..=b'9']) => Version::Http1_1,
        _ => Version::Other,
    }
}

/// RFC 6455 names its version; draft 76 sends two keys; who asks for an Upgrade without any of it wants bytes.
fn wire(fields: &[(String, String)]) -> Wire {
    let has = |name| fields.iter().any(|(n, _)| n == name);
    let has_a_key = has("sec-websocket-key1") || has("sec-websocket-key2");
    if has_a_key && !has("sec-websocket-version") {
        Wire::Hixie76
    } else if simplified::is_meant(fields) {
        Wire::Simplified
    } else {
        Wire::Rfc6455
    }
}

/// Section 1.2: `field = 1*name-char colon [ space ] *any-char`; section 5.1 narrows the name's
/// characters to U+0021-U+0039 and U+003B-U+007E.
fn parse_field(line: &str) -> Result<(String, String), Malformed> {
    let (name, value) = line.split_once(':').ok_or(Malformed)?;
    let value = value.strip_prefix(' ').unwrap_or(value);
    if name.is_empty()
        || !name.bytes().all(|b| b.is_ascii_graphic())
        || value.contains(['\r', '\n', '\0'])
    {
        return Err(Malformed);
    }
    Ok((name.to_ascii_lowercase(), value.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read_in_chunks(bytes: &str, size: usize) -> Result<Option<(Request, String)>, Malformed> {
        let limits = Limits {
            head: 100,
            head_fields: 3,
            ..Limits::default()
        };
        let mut reader = RequestReader::new(&limits);
        let mut rest = bytes.as_bytes();
        while !rest.is_empty() {
            let (mut chunk, later) = rest.split_at(size.min(rest.len()));
            if let Some(request) = reader.read(&mut chunk)? {
                let left = [chunk, later].concat();
                return Ok(Some((request, String::from_utf8(left).unwrap())));
            }
            assert!(chunk.is_empty());
            rest = later;
        }
        Ok(None)
    }

    fn read(bytes: &str) -> Result<Option<(Request, String)>, Malformed> {
        let whole = read_in_chunks(bytes, bytes.len());
        for size in [1, 2, 3, 5] {
            assert_eq!(read_in_chunks(bytes, size), whole, "{bytes:?} by {size}");
        }
        whole
    }

    #[test]
    fn a_head_and_what_follows_it() {
        let (request, rest) = read("GET /a?b HTTP/1.1\r\nHost: h\r\nX:y\r\n\r\n12345678")
            .unwrap()
            .unwrap();
        assert_eq!(request.resource_name(), "/a?b");
        assert_eq!(request.host(), Some("h"));
        #[cfg(feature = "http2")]
        assert!(!request.is_http2());
        assert_eq!(
            request.fields().collect::<Vec<_>>(),
            [("host", "h"), ("x", "y")]
        );
        assert_eq!(rest, "12345678");
    }

    #[test]
    fn the_rest_of_the_request_line_is_ignored() {
        assert!(read("GET / whatever this is\r\n\r\n").unwrap().is_some());
        assert_eq!(read("GET / HTTP/1.1\r\nHost: h"), Ok(None));
    }

    /// RFC 9112 section 3.2.2: the field Host is not looked at.
    #[test]
    fn a_target_that_says_whom_it_means_is_believed() {
        for (target, host, resource_name) in [
            ("/a?b", "field", "/a?b"),
            ("http://h:81/a?b", "h:81", "/a?b"),
            ("https://h", "h", "/"),
            ("http://h?b", "h", "/?b"),
            ("http://user@h/a", "user@h", "/a"),
        ] {
            let head = format!("GET {target} HTTP/1.1\r\nA: b\r\nHost: field\r\n\r\n");
            let (request, _) = read(&head).unwrap().unwrap();
            assert_eq!(request.host(), Some(host), "{target}");
            assert_eq!(request.resource_name(), resource_name, "{target}");
        }
        let (request, _) = read("GET http://h/ HTTP/1.1\r\n\r\n").unwrap().unwrap();
        assert_eq!(request.host(), None);
    }

    #[test]
    fn what_is_no_handshake() {
        for head in [
            "POST / HTTP/1.1",
            "get / HTTP/1.1",
            "GET  / HTTP/1.1",
            "GET x HTTP/1.1",
            "GET /",
            "GET /\u{fc} HTTP/1.1",
            "GET http:///x HTTP/1.1",
            "GET / HTTP/1.1\r\nHost: h\r\nhost: h",
            "GET / HTTP/1.1\r\nno colon",
            "GET / HTTP/1.1\r\n: no name",
            "GET / HTTP/1.1\r\nna me: x",
            "GET / HTTP/1.1\r\nx: a\rb",
            "GET / HTTP/1.1\r\nx: a\nb: c",
            "\r\n",
        ] {
            assert_eq!(read(&format!("{head}\r\n\r\n")), Err(Malformed), "{head:?}");
        }
    }

    #[test]
    fn one_key_tells_draft_76() {
        for (name, is_of_draft_76) in [
            ("Sec-WebSocket-Key1", true),
            ("sec-websocket-key2", true),
            ("Sec-WebSocket-Key", false),
        ] {
            let mut reader = RequestReader::new(&Limits::default());
            let head = format!("GET / HTTP/1.1\r\n{name}: 1 2\r\nno colon\r\n\r\n");
            assert_eq!(reader.read(&mut head.as_bytes()), Err(Malformed));
            assert_eq!(reader.is_of_draft_76(), is_of_draft_76, "{name}");
        }
    }

    #[test]
    fn tls_is_known_by_its_first_bytes() {
        let mut reader = RequestReader::new(&Limits::default());
        assert_eq!(reader.read(&mut [22].as_slice()), Ok(None));
        assert_eq!(reader.read(&mut [3, 1, 2].as_slice()), Err(Malformed));
    }

    #[test]
    fn a_head_has_bounds() {
        assert!(read("GET / HTTP/1.1\r\na: b\r\nc: d\r\ne: f\r\n\r\n").is_ok());
        assert!(read("GET / HTTP/1.1\r\na: b\r\nc: d\r\ne: f\r\ng: h\r\n\r\n").is_err());
        let padded = |len: usize| {
            let head = "GET / HTTP/1.1\r\nx: ";
            format!("{head}{}\r\n\r\n", "y".repeat(len - head.len() - 4))
        };
        assert!(read(&padded(100)).unwrap().is_some());
        assert_eq!(read(&padded(101)), Err(Malformed));
        assert_eq!(read(&"x".repeat(500)), Err(Malformed));
    }
}
