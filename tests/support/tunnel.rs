//! A proxy's part, told apart from the library's own code.

use super::head::Head;
use super::wire::Wire;

/// What opens a tunnel.
pub const TUNNEL: &[u8] = b"HTTP/1.1 200 Connection established\r\n\r\n";
/// What SOCKS5 calls success, with a bound address that says nothing.
pub const SOCKS_TUNNEL: &[u8] = &[5, 0, 0, 1, 0, 0, 0, 0, 0, 0];

impl Head {
    /// A response that is nothing but this status line.
    pub fn status(line: &str) -> Self {
        Self {
            first_line: format!("HTTP/1.1 {line}"),
            fields: Vec::new(),
            tail: Vec::new(),
        }
    }

    /// Appends a field, even if there is one of this name.
    pub fn and(mut self, name: &str, value: &str) -> Self {
        self.fields.push((name.to_owned(), value.to_owned()));
        self
    }

    /// A 407 of these challenges.
    pub fn asking(challenges: &[&str]) -> Self {
        let head = Self::status("407 Proxy Authentication Required").with("Content-Length", "0");
        challenges.iter().fold(head, |head, challenge| {
            head.and("Proxy-Authenticate", challenge)
        })
    }

    /// What a request for a tunnel asks for.
    #[track_caller]
    pub fn target(&self) -> &str {
        let target = self.first_line.strip_prefix("CONNECT ");
        target.and_then(|t| t.strip_suffix(" HTTP/1.1")).unwrap()
    }
}

impl Wire {
    /// HTTP proxy: reads a request for a tunnel, and opens it.
    #[track_caller]
    pub fn accept_connect(&mut self) -> Head {
        let request = self.take_head(0);
        request.target();
        self.send(TUNNEL);
        request
    }

    /// SOCKS5 proxy: chooses to ask for nothing.
    #[track_caller]
    pub fn accept_socks(&mut self) {
        let methods = self.take_socks_methods();
        assert!(methods.contains(&0), "{methods:?}");
        self.send(&[5, 0]);
    }

    /// SOCKS5 proxy: reads the methods that are offered.
    #[track_caller]
    pub fn take_socks_methods(&mut self) -> Vec<u8> {
        self.expect(&[5]);
        let count = self.take(1)[0];
        self.take(count.into())
    }

    /// SOCKS5 proxy: reads the name and the password.
    #[track_caller]
    pub fn take_socks_password(&mut self) -> (Vec<u8>, Vec<u8>) {
        self.expect(&[1]);
        let len = self.take(1)[0];
        let user = self.take(len.into());
        let len = self.take(1)[0];
        (user, self.take(len.into()))
    }

    /// SOCKS5 proxy: reads the request for a tunnel; the type of its address, the address and the port.
    #[track_caller]
    pub fn take_socks_request(&mut self) -> (u8, Vec<u8>, u16) {
        self.expect(&[5, 1, 0]);
        let kind = self.take(1)[0];
        let len = match kind {
            1 => 4,
            3 => self.take(1)[0].into(),
            4 => 16,
            other => panic!("an address of type {other}"),
        };
        let address = self.take(len);
        let port = self.take(2);
        (kind, address, u16::from_be_bytes([port[0], port[1]]))
    }
}
