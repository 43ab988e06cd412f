//! The head of a handshake, told apart from the library's own code.

use super::wire::Wire;
use md5::{Digest, Md5};
use std::net::SocketAddr;

/// A first line, fields, and the bytes behind the empty line: a request's eight, a response's
/// sixteen.
#[derive(Clone, Debug)]
pub struct Head {
    pub first_line: String,
    pub fields: Vec<(String, String)>,
    pub tail: Vec<u8>,
}

impl Head {
    /// The request of the draft's overview, for this resource of this server.
    pub fn request(resource: &str, server: SocketAddr) -> Self {
        Self {
            first_line: format!("GET {resource} HTTP/1.1"),
            fields: Vec::new(),
            tail: b"^n:ds[4U".to_vec(),
        }
        .with("Host", &server.to_string())
        .with("Connection", "Upgrade")
        .with("Sec-WebSocket-Key2", "12998 5 Y3 1  .P00")
        .with("Upgrade", "WebSocket")
        .with("Sec-WebSocket-Key1", "4 @1  46546xW%0l 1 5")
        .with("Origin", "http://example.com")
    }

    /// A head, through its empty line, and what stands behind it.
    pub fn parse(head: &[u8], tail: &[u8]) -> Self {
        let head = std::str::from_utf8(head).unwrap();
        let mut lines = head.trim_end().split("\r\n");
        Self {
            first_line: lines.next().unwrap().to_owned(),
            fields: lines
                .map(|line| line.split_once(": ").unwrap())
                .map(|(name, value)| (name.to_owned(), value.to_owned()))
                .collect(),
            tail: tail.to_vec(),
        }
    }

    /// What a server has to answer to this request.
    pub fn response(&self) -> Self {
        let response = Self {
            first_line: "HTTP/1.1 101 WebSocket Protocol Handshake".into(),
            fields: Vec::new(),
            tail: self.reply().to_vec(),
        }
        .with("Upgrade", "WebSocket")
        .with("Connection", "Upgrade")
        .with("Sec-WebSocket-Origin", self.field("Origin").unwrap())
        .with(
            "Sec-WebSocket-Location",
            &format!("ws://{}{}", self.field("Host").unwrap(), self.resource()),
        );
        match self.field("Sec-WebSocket-Protocol") {
            Some(protocol) => response.with("Sec-WebSocket-Protocol", protocol),
            None => response,
        }
    }

    /// The answer to the challenge.
    fn reply(&self) -> [u8; 16] {
        let number = |key: &str| {
            let key = self.field(key).unwrap();
            let digits: String = key.chars().filter(char::is_ascii_digit).collect();
            let spaces = key.matches(' ').count() as u64;
            let digits: u64 = digits.parse().unwrap();
            assert_eq!(digits % spaces, 0, "{key:?}");
            u32::try_from(digits / spaces).unwrap().to_be_bytes()
        };
        let mut challenge = Md5::new();
        challenge.update(number("Sec-WebSocket-Key1"));
        challenge.update(number("Sec-WebSocket-Key2"));
        challenge.update(&self.tail);
        challenge.finalize().into()
    }

    /// Sets a field, in the place of one of this name if there is one.
    pub fn with(mut self, name: &str, value: &str) -> Self {
        let known = self
            .fields
            .iter_mut()
            .find(|(n, _)| n.eq_ignore_ascii_case(name));
        match known {
            Some(field) => field.1 = value.to_owned(),
            None => self.fields.push((name.to_owned(), value.to_owned())),
        }
        self
    }

    pub fn without(mut self, name: &str) -> Self {
        self.fields.retain(|(n, _)| !n.eq_ignore_ascii_case(name));
        self
    }

    pub fn with_first_line(mut self, first_line: &str) -> Self {
        self.first_line = first_line.to_owned();
        self
    }

    pub fn with_tail(mut self, tail: &[u8]) -> Self {
        self.tail = tail.to_vec();
        self
    }

    pub fn field(&self, name: &str) -> Option<&str> {
        self.fields
            .iter()
            .find(|(n, _)| n.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.as_str())
    }

    /// A request's resource name.
    pub fn resource(&self) -> &str {
        self.first_line.split(' ').nth(1).unwrap()
    }

    pub fn bytes(&self) -> Vec<u8> {
        let fields = self.fields.iter().map(|(n, v)| format!("{n}: {v}\r\n"));
        let head = format!("{}\r\n{}\r\n", self.first_line, fields.collect::<String>());
        [head.as_bytes(), &self.tail].concat()
    }
}

impl Wire {
    /// Reads a client's request with its eight bytes.
    #[track_caller]
    pub fn take_request(&mut self) -> Head {
        self.take_head(8)
    }

    /// Reads a server's response with its sixteen bytes.
    #[track_caller]
    pub fn take_response(&mut self) -> Head {
        self.take_head(16)
    }

    #[track_caller]
    pub(super) fn take_head(&mut self, tail: usize) -> Head {
        let head = self.take_through(b"\r\n\r\n");
        Head::parse(&head, &self.take(tail))
    }

    /// Server: goes through the opening handshake.
    #[track_caller]
    pub fn accept_client(&mut self) -> Head {
        let request = self.take_request();
        self.send(&request.response().bytes());
        request
    }

    /// Client: goes through the opening handshake.
    #[track_caller]
    pub fn open(&mut self, request: &Head) -> Head {
        self.send(&request.bytes());
        let response = self.take_response();
        assert_eq!(response.tail, request.response().tail);
        response
    }
}
