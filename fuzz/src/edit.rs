//! What somebody in between does to a handshake.

use arbitrary::Arbitrary;

/// One change of a head.
#[derive(Arbitrary, Debug)]
pub struct Edit<'a> {
    at: u16,
    /// So many bytes are taken out.
    cut: u8,
    put: Put<'a>,
}

#[derive(Arbitrary, Debug)]
enum Put<'a> {
    Bytes(&'a [u8]),
    /// One of [`WORDS`], at the beginning of a line.
    Line(u8),
    /// One of them, where it is.
    Word(u8),
    Repeated(u8, u16),
}

/// What heads are made of.
const WORDS: [&str; 32] = [
    "\r\n",
    "\n",
    "\r\n\r\n",
    "HTTP/1.1 101 Switching Protocols\r\n",
    "HTTP/1.1 100 Continue\r\n\r\n",
    "HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: Basic realm=\"x\"\r\n",
    "HTTP/1.1 302 Found\r\nLocation: ws://example.com/\r\n",
    "HTTP/1.0 101 x\r\n",
    "GET / HTTP/1.1\r\n",
    "GET http://example.com HTTP/1.1\r\n",
    "Upgrade: websocket\r\n",
    "Upgrade: WebSocket\r\n",
    "Connection: keep-alive, Upgrade\r\n",
    "Connection: close\r\n",
    "Host: example.org\r\n",
    "Origin: http://example.com\r\n",
    "Content-Length: 5\r\n",
    "Transfer-Encoding: chunked\r\n",
    "Sec-WebSocket-Version: 13\r\n",
    "Sec-WebSocket-Version: 8\r\n",
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n",
    "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n",
    "Sec-WebSocket-Key1: 4 @1  46546xW%0l 1 5\r\n",
    "Sec-WebSocket-Key2: 12998 5 Y3 1  .P00\r\n",
    "Sec-WebSocket-Protocol: chat, superchat\r\n",
    "Sec-WebSocket-Protocol: chat\r\n",
    "Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits=10\r\n",
    "Sec-WebSocket-Extensions: permessage-deflate; server_no_context_takeover\r\n",
    "Sec-WebSocket-Extensions: x; y=\"a,b\", permessage-deflate\r\n",
    "Sec-WebSocket-Origin: http://example.com\r\n",
    "Sec-WebSocket-Location: ws://example.com/demo\r\n",
    "Set-Cookie: a=b\r\n",
];

/// The head with these changes.
pub(crate) fn edited(head: &[u8], edits: &[Edit<'_>]) -> Vec<u8> {
    let mut head = head.to_vec();
    for edit in edits {
        let mut at = usize::from(edit.at) % (head.len() + 1);
        if let Put::Line(_) = edit.put {
            // The line that this byte is in begins behind the last line feed.
            let begin = head[..at].iter().rposition(|&byte| byte == b'\n');
            at = begin.map_or(0, |begin| begin + 1);
        }
        let end = (at + usize::from(edit.cut)).min(head.len());
        let word = |index: u8| WORDS[usize::from(index) % WORDS.len()].as_bytes().to_vec();
        let put = match &edit.put {
            Put::Bytes(bytes) => bytes.to_vec(),
            Put::Line(index) | Put::Word(index) => word(*index),
            Put::Repeated(byte, count) => vec![*byte; usize::from(*count)],
        };
        head.splice(at..end, put);
    }
    head
}
