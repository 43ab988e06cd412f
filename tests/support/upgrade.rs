//! The opening handshake of RFC 6455, told apart from the library's own code.

use super::head::Head;
use super::wire::Wire;
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use sha1::{Digest, Sha1};
use std::net::SocketAddr;

/// What is answered to a client that offers permessage-deflate.
pub const DEFLATE: (&str, &str) = ("Sec-WebSocket-Extensions", "permessage-deflate");

impl Head {
    /// The request of the text's overview, for this resource of this server.
    pub fn upgrade(resource: &str, server: SocketAddr) -> Self {
        Self {
            first_line: format!("GET {resource} HTTP/1.1"),
            fields: Vec::new(),
            tail: Vec::new(),
        }
        .with("Host", &server.to_string())
        .with("Upgrade", "websocket")
        .with("Connection", "Upgrade")
        .with("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ==")
        .with("Origin", "http://example.com")
        .with("Sec-WebSocket-Version", "13")
    }

    /// What a server answers to this request: with the first subprotocol, and no extension.
    pub fn switching(&self) -> Self {
        let response = Self {
            first_line: "HTTP/1.1 101 Switching Protocols".into(),
            fields: Vec::new(),
            tail: Vec::new(),
        }
        .with("Upgrade", "websocket")
        .with("Connection", "Upgrade")
        .with("Sec-WebSocket-Accept", &self.accept());
        match self.field("Sec-WebSocket-Protocol") {
            Some(list) => response.with("Sec-WebSocket-Protocol", list.split(", ").next().unwrap()),
            None => response,
        }
    }

    /// The answer to the key.
    fn accept(&self) -> String {
        let mut digest = Sha1::new();
        digest.update(self.field("Sec-WebSocket-Key").unwrap());
        digest.update("258EAFA5-E914-47DA-95CA-C5AB0DC85B11");
        BASE64_STANDARD.encode(digest.finalize())
    }
}

impl Wire {
    /// Reads a head, of either side.
    #[track_caller]
    pub fn take_upgrade(&mut self) -> Head {
        self.take_head(0)
    }

    /// Server: goes through the opening handshake.
    #[track_caller]
    pub fn accept_upgrade(&mut self) -> Head {
        self.accept_upgrade_with(|response| response)
    }

    /// Server: goes through the opening handshake with a response of its own.
    #[track_caller]
    pub fn accept_upgrade_with(&mut self, change: impl FnOnce(Head) -> Head) -> Head {
        let request = self.take_upgrade();
        self.send(&change(request.switching()).bytes());
        request
    }

    /// Client: goes through the opening handshake.
    #[track_caller]
    pub fn upgrade(&mut self, request: &Head) -> Head {
        self.send(&request.bytes());
        let response = self.take_upgrade();
        assert_eq!(response.first_line, "HTTP/1.1 101 Switching Protocols");
        assert_eq!(
            response.field("Sec-WebSocket-Accept"),
            Some(&*request.accept())
        );
        response
    }
}
