//! `Http2::Prefer`: over TLS a server chooses between HTTP/2 and HTTP/1.1 (RFC 9113 section 3.2).

use super::frames::{ok, settings};
use super::peer;
use dom_websocket::{EventLoop, Http2, UserAgent, UserAgentBuilder};
use futures_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject};
use futures_rustls::rustls::{ServerConfig, ServerConnection, StreamOwned};
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use support::http2::{self, DATA, ENABLE_CONNECT_PROTOCOL, END_STREAM, HEADERS, PREFACE, frame};
use support::{Frame, Head, PATIENCE, Peer, Recorder, bounded, run_until};

const SESSION: [&str; 2] = ["OPEN open", "CLOSED close clean 1000"];

/// A server that speaks these, and plays a script with each connection.
struct TlsListener {
    tcp: TcpListener,
    config: ServerConfig,
}

/// One connection of a client's.
struct Tls(StreamOwned<ServerConnection, TcpStream>);

/// A server that plays this script, and a user agent that believes it.
fn serve<T: Send + 'static>(
    script: impl FnOnce(TlsListener) -> T + Send + 'static,
) -> (Peer<T>, UserAgentBuilder) {
    let certified = rcgen::generate_simple_self_signed(["127.0.0.1".to_owned()]).unwrap();
    let (chain, key) = (certified.cert.pem(), certified.signing_key.serialize_pem());
    let certificate = CertificateDer::from_pem_slice(chain.as_bytes()).unwrap();
    let key = PrivateKeyDer::from_pem_slice(key.as_bytes()).unwrap();
    let config = ServerConfig::builder()
        .with_no_client_auth()
        .with_single_cert(vec![certificate], key)
        .unwrap();
    let peer = Peer::listen(|tcp| script(TlsListener { tcp, config }));
    let mut builder = UserAgent::builder();
    builder.root_certificates(chain.as_bytes()).unwrap();
    builder.http2(Http2::Prefer);
    (peer, builder)
}

/// One socket to it, from beginning to end.
fn socket<T: Send + 'static>(
    event_loop: &EventLoop,
    peer: &Peer<T>,
    user_agent: &UserAgent,
) -> Vec<String> {
    let url = format!("wss://{}/chat", peer.address());
    let recorder = Recorder::of(&peer::open(&url, event_loop, user_agent));
    event_loop.run();
    recorder.finished()
}

impl TlsListener {
    /// The next connection, if the client takes one of these.
    fn accept(&self, protocols: &[&str]) -> Tls {
        let mut config = self.config.clone();
        config.alpn_protocols = protocols.iter().map(|name| (*name).into()).collect();
        let session = ServerConnection::new(Arc::new(config)).unwrap();
        let (stream, _) = self.tcp.accept().unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        Tls(StreamOwned::new(session, stream))
    }

    /// One that begins HTTP/2, and hears what the server has to say of itself.
    fn begin(&self, settings: &[u8]) -> Tls {
        let mut tls = self.accept(&["h2"]);
        assert_eq!(tls.take(PREFACE.len()), PREFACE);
        assert_eq!(tls.0.conn.alpn_protocol(), Some(&b"h2"[..]));
        tls.send(settings);
        tls
    }

    /// One that asks by HTTP/1.1, and is let in: the request.
    fn upgrade(&self, protocols: &[&str]) -> Head {
        let mut tls = self.accept(protocols);
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            head.extend(tls.take(1));
        }
        let name = tls.0.conn.alpn_protocol();
        assert_eq!(name, Some(&b"http/1.1"[..]));
        let request = Head::parse(&head, b"");
        tls.send(&request.switching().bytes());
        tls.send(&Frame::close(1000, "").bytes());
        // The client's, masked.
        assert_eq!(tls.take(2)[0], 0x88);
        request
    }
}

impl Tls {
    fn send(&mut self, bytes: &[u8]) {
        self.0.write_all(bytes).unwrap();
        self.0.flush().unwrap();
    }

    fn take(&mut self, count: usize) -> Vec<u8> {
        let mut bytes = vec![0; count];
        self.0.read_exact(&mut bytes).unwrap();
        bytes
    }

    /// Waits for the next request: its stream.
    fn take_request(&mut self) -> u32 {
        loop {
            let head = self.take(9);
            let len = u32::from_be_bytes([0, head[0], head[1], head[2]]);
            self.take(usize::try_from(len).unwrap());
            if head[3] == HEADERS {
                return u32::from_be_bytes(head[5..].try_into().unwrap());
            }
        }
    }

    /// Opens a socket, and closes it.
    fn converse(&mut self) {
        let stream = self.take_request();
        let close = frame(DATA, END_STREAM, stream, Frame::close(1000, "").bytes());
        self.send(&[ok(stream), close].concat());
    }
}

#[test]
fn a_server_that_takes_it_has_all_sockets_on_one_connection() {
    bounded(|| {
        let (peer, builder) = serve(|listener| {
            let mut tls = listener.begin(&settings(2));
            tls.converse();
            tls.converse();
            tls
        });
        let (event_loop, user_agent) = (EventLoop::new(), builder.build());
        assert_eq!(socket(&event_loop, &peer, &user_agent), SESSION);
        assert_eq!(socket(&event_loop, &peer, &user_agent), SESSION);
        drop(peer.join());
    });
}

#[test]
fn one_that_chooses_http_1_1_is_spoken_to_over_that_connection() {
    bounded(|| {
        let (peer, builder) = serve(|listener| {
            listener.upgrade(&["http/1.1"]);
            // HTTP/2 is not offered any more.
            listener.upgrade(&["h2", "http/1.1"]);
        });
        let (event_loop, user_agent) = (EventLoop::new(), builder.build());
        assert_eq!(socket(&event_loop, &peer, &user_agent), SESSION);
        assert_eq!(socket(&event_loop, &peer, &user_agent), SESSION);
        peer.join();
    });
}

#[test]
fn one_that_takes_no_web_sockets_gets_another_connection() {
    bounded(|| {
        let (peer, builder) = serve(|listener| {
            let _without = listener.begin(&http2::settings(&[]));
            listener.upgrade(&["h2", "http/1.1"]);
            listener.upgrade(&["h2", "http/1.1"]);
        });
        let (event_loop, user_agent) = (EventLoop::new(), builder.build());
        assert_eq!(socket(&event_loop, &peer, &user_agent), SESSION);
        assert_eq!(socket(&event_loop, &peer, &user_agent), SESSION);
        peer.join();
    });
}

/// RFC 8441 section 3: it may not. Until then sockets go on, and later ones find out.
#[test]
fn one_that_takes_it_back_gets_another_connection() {
    bounded(|| {
        let (peer, builder) = serve(|listener| {
            let mut tls = listener.begin(&settings(2));
            let first = tls.take_request();
            tls.send(&[ok(first), http2::settings(&[(ENABLE_CONNECT_PROTOCOL, 0)])].concat());
            tls.send(&frame(DATA, 0, first, Frame::text("x").bytes()));
            // The second socket's.
            let _without = listener.begin(&http2::settings(&[]));
            listener.upgrade(&["h2", "http/1.1"]);
            let close = Frame::close(1000, "").bytes();
            tls.send(&frame(DATA, END_STREAM, first, close));
            tls
        });
        let (event_loop, user_agent) = (EventLoop::new(), builder.build());
        let url = format!("wss://{}/chat", peer.address());
        let recorder = Recorder::of(&peer::open(&url, &event_loop, &user_agent));
        run_until(&event_loop, || recorder.count_of("message") == 1);
        assert_eq!(socket(&event_loop, &peer, &user_agent), SESSION);
        let session = ["OPEN open", "OPEN message x", "CLOSED close clean 1000"];
        assert_eq!(recorder.finished(), session);
        drop(peer.join());
    });
}

/// RFC 9113 section 7: HTTP_1_1_REQUIRED can come at any time, and what was to be sent by CONNECT goes by GET.
#[cfg(feature = "credentials")]
#[test]
fn a_digest_is_of_the_method_that_it_is_sent_with() {
    use dom_websocket::Credentials;
    use md5::{Digest, Md5};
    use support::http2::{END_HEADERS, HTTP_1_1_REQUIRED, RST_STREAM, field};

    fn md5(text: &str) -> String {
        let bytes = Md5::digest(text);
        bytes.iter().map(|byte| format!("{byte:02x}")).collect()
    }

    bounded(|| {
        let (peer, mut builder) = serve(|listener| {
            let mut tls = listener.begin(&settings(2));
            let first = tls.take_request();
            let challenge = "Digest realm=\"r\", nonce=\"n\", qop=\"auth\", algorithm=MD5";
            let head = [
                field(":status", "401"),
                field("www-authenticate", challenge),
            ]
            .concat();
            tls.send(&frame(HEADERS, END_HEADERS | END_STREAM, first, head));
            let second = tls.take_request();
            let code = HTTP_1_1_REQUIRED.to_be_bytes();
            tls.send(&frame(RST_STREAM, 0, second, code));
            listener.upgrade(&["h2", "http/1.1"])
        });
        builder.server_credentials(|_| async { Credentials::new("user", "secret").ok() });
        let (event_loop, user_agent) = (EventLoop::new(), builder.build());
        assert_eq!(socket(&event_loop, &peer, &user_agent), SESSION);
        let request = peer.join();
        let digest = request.field("Authorization").unwrap().to_owned();
        let value = |name: &str| {
            let mut values = digest.split([',', ' ']).filter_map(|s| s.split_once('='));
            let (_, value) = values.find(|(n, _)| *n == name).unwrap();
            value.trim_matches('"').to_owned()
        };
        // The other one has been sent.
        assert_eq!(value("nc"), "00000002");
        let (secret, asked) = (md5("user:r:secret"), md5("GET:/chat"));
        let (nc, cnonce) = (value("nc"), value("cnonce"));
        let expected = md5(&format!("{secret}:n:{nc}:{cnonce}:auth:{asked}"));
        assert_eq!(value("response"), expected, "{digest}");
    });
}
