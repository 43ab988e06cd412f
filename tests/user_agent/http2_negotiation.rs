//! What is spoken over TLS, HTTP/2 or HTTP/1.1.

use crate::tls::Authority;
use dom_websocket::{
    EventLoop, Failure, Http2, Http2Failure, Http2Options, Server, Step, UserAgent, WebSocket,
};
use futures_rustls::rustls::pki_types::pem::PemObject;
use futures_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};
use futures_rustls::rustls::{ServerConfig, ServerConnection, StreamOwned};
use std::cell::RefCell;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::rc::Rc;
use std::sync::Arc;
use std::thread;
use support::{Frame, Head, bounded, run_until};

/// ALPN says what a server speaks, and what it has said holds for the next socket.
#[test]
fn http2_is_preferred_where_a_server_speaks_it() {
    bounded(|| {
        let authority = Authority::new();
        let (chain, key) = authority.issue("localhost", |_| ());
        for (options, prefers, is_http2) in [
            (Some(Http2Options::default()), true, Some(true)),
            (None, true, Some(false)),
            (Some(Http2Options::default()), false, Some(true)),
            (None, false, None),
        ] {
            let event_loop = EventLoop::new();
            let server = Server::builder(&event_loop)
                .tls(chain.as_bytes(), key.as_bytes())
                .unwrap()
                .http2(options)
                .listen("127.0.0.1:0")
                .unwrap();
            let seen = Rc::new(RefCell::new(Vec::new()));
            server.set_onconnection({
                let seen = seen.clone();
                move |socket, request| {
                    seen.borrow_mut().push(request.is_http2());
                    socket.close();
                }
            });
            let failures = Rc::<RefCell<Vec<Failure>>>::default();
            let heard = failures.clone();
            let user_agent = UserAgent::builder()
                .root_certificates(authority.pem().as_bytes())
                .unwrap()
                .http2(match prefers {
                    true => Http2::Prefer,
                    false => Http2::PriorKnowledge,
                })
                .observer(move |observation| {
                    if let Step::Failed(failure) = observation.step {
                        heard.borrow_mut().push(failure.clone());
                    }
                })
                .build();
            for _ in 0..2 {
                let url = format!("wss://localhost:{}/", server.local_addr().port());
                let socket = WebSocket::builder(&event_loop, &url)
                    .user_agent(&user_agent)
                    .open()
                    .unwrap();
                run_until(&event_loop, || socket.ready_state() == WebSocket::CLOSED);
            }
            let expected: Vec<_> = is_http2.iter().flat_map(|is| [*is, *is]).collect();
            assert_eq!(seen.take(), expected);
            // This server says no to ALPN that has not what it speaks (RFC 7301 section 3.2).
            let failures = failures.take();
            let expected = if is_http2.is_some() { 0 } else { 2 };
            assert_eq!(failures.len(), expected);
            assert!(
                failures.iter().all(|f| matches!(f, Failure::Tls(_))),
                "{failures:?}"
            );
            server.close();
        }
    });
}

type Tls = StreamOwned<ServerConnection, TcpStream>;

/// The next client, and what it has agreed to speak.
fn accept(listener: &TcpListener, config: &Arc<ServerConfig>) -> (Tls, Option<Vec<u8>>) {
    let (tcp, _) = listener.accept().unwrap();
    let mut tls = StreamOwned::new(ServerConnection::new(config.clone()).unwrap(), tcp);
    tls.conn.complete_io(&mut tls.sock).unwrap();
    let spoken = tls.conn.alpn_protocol().map(<[u8]>::to_vec);
    (tls, spoken)
}

fn config(authority: &Authority) -> ServerConfig {
    let (chain, key) = authority.issue("localhost", |_| ());
    ServerConfig::builder()
        .with_no_client_auth()
        .with_single_cert(
            vec![CertificateDer::from_pem_slice(chain.as_bytes()).unwrap()],
            PrivateKeyDer::from_pem_slice(key.as_bytes()).unwrap(),
        )
        .unwrap()
}

/// It knows no ALPN: so HTTP/1.1 is spoken, or nothing with whoever insists.
#[test]
fn a_server_that_says_nothing_speaks_http_1_1() {
    bounded(|| {
        let authority = Authority::new();
        let config = Arc::new(config(&authority));
        for http2 in [Http2::Prefer, Http2::PriorKnowledge] {
            let listener = TcpListener::bind("127.0.0.1:0").unwrap();
            let url = format!("wss://localhost:{}/", listener.local_addr().unwrap().port());
            let config = config.clone();
            let server = thread::spawn(move || {
                let (mut tls, spoken) = accept(&listener, &config);
                assert_eq!(spoken, None);
                let mut sent = [0; 3];
                tls.read_exact(&mut sent).is_ok().then_some(sent)
            });
            let failures = Rc::<RefCell<Vec<Failure>>>::default();
            let heard = failures.clone();
            let user_agent = UserAgent::builder()
                .root_certificates(authority.pem().as_bytes())
                .unwrap()
                .http2(http2)
                .observer(move |observation| {
                    if let Step::Failed(failure) = observation.step {
                        heard.borrow_mut().push(failure.clone());
                    }
                })
                .build();
            let event_loop = EventLoop::new();
            let socket = WebSocket::builder(&event_loop, &url)
                .user_agent(&user_agent)
                .open()
                .unwrap();
            run_until(&event_loop, || socket.ready_state() == WebSocket::CLOSED);
            let (sent, failures) = (server.join().unwrap(), failures.take());
            match http2 {
                Http2::Prefer => assert_eq!(sent, Some(*b"GET")),
                _ => {
                    assert_eq!(sent, None);
                    assert_eq!(failures, [Failure::Http2(Http2Failure::NotSpoken)]);
                }
            }
        }
    });
}

/// RFC 9113 section 9.1.2 and its code HTTP_1_1_REQUIRED: a server that has HTTP/2 for all but this.
#[test]
fn a_server_that_wants_http_1_1_for_sockets_has_it() {
    const HEADERS: u8 = 1;
    const END_HEADERS: u8 = 4;
    bounded(|| {
        let authority = Authority::new();
        let mut config = config(&authority);
        config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        let config = Arc::new(config);
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("wss://localhost:{}/", listener.local_addr().unwrap().port());
        let server = thread::spawn(move || {
            let (mut tls, spoken) = accept(&listener, &config);
            assert_eq!(spoken.as_deref(), Some(&b"h2"[..]));
            let mut preface = [0; 24];
            tls.read_exact(&mut preface).unwrap();
            // SETTINGS_ENABLE_CONNECT_PROTOCOL.
            tls.write_all(&[0, 0, 6, 4, 0, 0, 0, 0, 0, 0, 8, 0, 0, 0, 1])
                .unwrap();
            loop {
                let mut head = [0; 9];
                tls.read_exact(&mut head).unwrap();
                let len = u32::from_be_bytes([0, head[0], head[1], head[2]]);
                let mut payload = vec![0; len as usize];
                tls.read_exact(&mut payload).unwrap();
                if head[3] == HEADERS && head[4] & END_HEADERS != 0 {
                    // RST_STREAM with HTTP_1_1_REQUIRED.
                    tls.write_all(&[0, 0, 4, 3, 0, 0, 0, 0, 1, 0, 0, 0, 13])
                        .unwrap();
                    break;
                }
            }
            for _ in 0..2 {
                let (mut tls, spoken) = accept(&listener, &config);
                assert_ne!(spoken.as_deref(), Some(&b"h2"[..]), "it remembers");
                let mut request = Vec::new();
                while !request.ends_with(b"\r\n\r\n") {
                    let mut byte = [0];
                    tls.read_exact(&mut byte).unwrap();
                    request.extend(byte);
                }
                let response = Head::parse(&request, b"").switching();
                tls.write_all(&response.bytes()).unwrap();
                tls.write_all(&Frame::close(1000, "").bytes()).unwrap();
                tls.conn.send_close_notify();
                let _ = tls.flush();
                let _ = tls.read_to_end(&mut Vec::new());
            }
        });
        let event_loop = EventLoop::new();
        let user_agent = UserAgent::builder()
            .root_certificates(authority.pem().as_bytes())
            .unwrap()
            .http2(Http2::Prefer)
            .build();
        for _ in 0..2 {
            let socket = WebSocket::builder(&event_loop, &url)
                .user_agent(&user_agent)
                .open()
                .unwrap();
            let codes = Rc::new(RefCell::new(Vec::new()));
            let told = codes.clone();
            socket.set_onclose(move |event| told.borrow_mut().push(event.code()));
            run_until(&event_loop, || socket.ready_state() == WebSocket::CLOSED);
            assert_eq!(codes.take(), [1000]);
        }
        drop(event_loop);
        server.join().unwrap();
    });
}
