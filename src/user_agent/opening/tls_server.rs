//! How servers that expect TLS take a request without it. Most of them end the connection, or send an alert of TLS.

use std::io;

/// What some of those say that answer in HTTP, with 400, in lower case.
const WORDS: [&str; 4] = [
    // nginx, and what stands on it: "The plain HTTP request was sent to HTTPS port".
    "https port",
    // Go: "Client sent an HTTP request to an HTTPS server."
    "https server",
    // Apache: "You're speaking plain HTTP to an SSL-enabled server port."
    "ssl-enabled server",
    // Tomcat: "This combination of host and port requires TLS."
    "requires tls",
];

/// Whether a body says so, of which this is the beginning.
pub(super) fn says_so(body: &[u8]) -> bool {
    let body = String::from_utf8_lossy(body).to_ascii_lowercase();
    WORDS.iter().any(|words| body.contains(words))
}

/// Whether it is the peer's way to end a connection, or may be.
pub(super) fn is_hanging_up(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::ConnectionReset
            | io::ErrorKind::ConnectionAborted
            | io::ErrorKind::BrokenPipe
            | io::ErrorKind::UnexpectedEof
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn servers_say_that_they_expect_tls() {
        for said in [
            "<head><title>400 The plain HTTP request was sent to HTTPS port</title></head>",
            "Client sent an HTTP request to an HTTPS server.\n",
            "Reason: You're speaking plain HTTP to an SSL-enabled server port.<br />",
            "Bad Request\nThis combination of host and port requires TLS.\n",
        ] {
            assert!(says_so(said.as_bytes()), "{said}");
        }
        for said in ["", "Bad Request", "Server: Apache/2.4 OpenSSL/3.0\r\n\r\n"] {
            assert!(!says_so(said.as_bytes()), "{said}");
        }
    }

    #[test]
    fn a_peer_hangs_up_in_several_ways() {
        use io::ErrorKind::{ConnectionReset, InvalidData};
        assert!(is_hanging_up(&ConnectionReset.into()));
        assert!(!is_hanging_up(&InvalidData.into()));
    }
}
