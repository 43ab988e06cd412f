//! SOCKS5 proxies.

use super::proxied::{EDITIONS, SESSION, URL, events, failure, serve, session, user_agent};
use dom_websocket::{Credentials, Edition, EventLoop, Failure, ProxyFailure, Step, WebSocket};
use std::cell::RefCell;
use std::future::ready;
use std::io::ErrorKind;
use std::rc::Rc;
use support::{CLOSING, FAILURE, Peer, Recorder, SOCKS_TUNNEL, Wire, accept, bounded};

#[test]
fn socks5_leaves_names_to_the_proxy() {
    bounded(|| {
        for edition in EDITIONS {
            for (scheme, url, kind, address, port) in [
                ("socks5", URL, 3, &b"server.invalid"[..], 80),
                ("socks5h", "ws://localhost:8080/", 3, b"localhost", 8080),
                ("socks5", "ws://192.0.2.1:443/", 1, &[192, 0, 2, 1], 443),
                (
                    "socks5",
                    "ws://[2001:db8::1]/",
                    4,
                    b"\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\x01",
                    80,
                ),
            ] {
                let peer = Peer::serve(move |mut wire| {
                    assert_eq!(wire.take_socks_methods(), [0]);
                    wire.send(&[5, 0]);
                    let request = wire.take_socks_request();
                    wire.send(SOCKS_TUNNEL);
                    if edition == Edition::Html5 {
                        wire.accept_client();
                        wire.send(CLOSING);
                        wire.expect(CLOSING);
                        wire.expect_end();
                    } else {
                        serve(&mut wire);
                    }
                    request
                });
                let event_loop = EventLoop::new();
                let agent = user_agent(&format!("{scheme}://{}", peer.address())).build();
                let socket = WebSocket::builder(&event_loop, url)
                    .edition(edition)
                    .user_agent(&agent)
                    .open()
                    .unwrap();
                let recorder = Recorder::of(&socket);
                event_loop.run();
                let request = peer.join();
                assert_eq!(recorder.finished()[0], "OPEN open", "{edition:?} {url}");
                assert_eq!(request, (kind, address.to_vec(), port));
            }
        }
    });
}

#[test]
fn socks5_with_a_password() {
    bounded(|| {
        // Whoever knows a password does not insist on being asked.
        for asks in [true, false] {
            let (events, ()) = session("socks5://%C3%A9dna:a%40b@PEER", URL, move |mut wire| {
                assert_eq!(wire.take_socks_methods(), [0, 2]);
                if asks {
                    wire.send(&[5, 2]);
                    let password = wire.take_socks_password();
                    assert_eq!(password, ("édna".into(), b"a@b".to_vec()));
                    wire.send(&[1, 0]);
                } else {
                    wire.send(&[5, 0]);
                }
                wire.take_socks_request();
                wire.send(SOCKS_TUNNEL);
                serve(&mut wire);
            });
            assert_eq!(events, SESSION);
        }
    });
}

#[test]
fn socks5_asks_the_provider() {
    bounded(|| {
        let peer = Peer::listen(|listener| {
            let mut wire = accept(&listener);
            assert_eq!(wire.take_socks_methods(), [0]);
            wire.send(&[5, 0xff]);
            for _ in 0..2 {
                let mut wire = accept(&listener);
                wire.take_socks_methods();
                wire.send(&[5, 2]);
                if wire.take_socks_password().1 == b"1" {
                    wire.send(&[1, 1]);
                    continue;
                }
                wire.send(&[1, 0]);
                wire.take_socks_request();
                wire.send(SOCKS_TUNNEL);
                serve(&mut wire);
            }
        });
        let agent = user_agent(&format!("socks5://{}", peer.address()))
            .proxy_credentials(|challenge| {
                let password = challenge.attempt().to_string();
                ready(Credentials::new("edna", password).ok())
            })
            .build();
        assert_eq!(events(URL, &agent), SESSION);
        peer.join();
    });
}

#[test]
fn socks5_answers_that_open_a_tunnel() {
    bounded(|| {
        let name = [&[5, 0, 0, 3, 9][..], b"localhost", &[0, 80]].concat();
        let ipv6 = [&[5, 0, 0, 4][..], &[0; 18]].concat();
        let long = [&[5, 0, 0, 3, 255][..], &[b'x'; 255], &[0, 80]].concat();
        let empty = vec![5, 0, 0, 3, 0, 0, 80];
        for answer in [SOCKS_TUNNEL.to_vec(), name, ipv6, long, empty] {
            for in_pieces in [false, true] {
                let answer = answer.clone();
                let (events, _) = session("socks5://PEER", URL, move |mut wire| {
                    wire.accept_socks();
                    wire.take_socks_request();
                    if in_pieces {
                        wire.send_one_by_one(&answer);
                    } else {
                        wire.send(&answer);
                    }
                    serve(&mut wire)
                });
                assert_eq!(events, SESSION);
            }
        }
    });
}

#[test]
fn socks5_answers_that_open_no_tunnel() {
    bounded(|| {
        for method in [
            &[5, 0xff][..],
            &[5, 1],
            &[5, 2],
            &[4, 0],
            &[0, 0x5a],
            b"HTTP/1.1 400",
        ] {
            let rest = failure("socks5://PEER", move |wire| {
                wire.take_socks_methods();
                wire.send(method);
                wire.finish();
            });
            assert_eq!(rest, b"", "{method:x?}");
        }
        for reply in 1..=10 {
            let rest = failure("socks5://PEER", move |wire| {
                wire.accept_socks();
                wire.take_socks_request();
                wire.send(&[5, reply, 0, 1, 0, 0, 0, 0, 0, 0]);
            });
            assert_eq!(rest, b"", "{reply}");
        }
        for answer in [
            &[4, 0, 0, 1, 0, 0, 0, 0, 0, 0][..],
            &[5, 0, 0, 2, 0, 0],
            &[5, 0, 0],
        ] {
            let rest = failure("socks5://PEER", move |wire| {
                wire.accept_socks();
                wire.take_socks_request();
                wire.send(answer);
                wire.finish();
            });
            assert_eq!(rest, b"", "{answer:x?}");
        }
        for answer in [&[1, 1][..], &[5, 0], &[1]] {
            let rest = failure("socks5://edna:mode@PEER", move |wire| {
                wire.take_socks_methods();
                wire.send(&[5, 2]);
                wire.take_socks_password();
                wire.send(answer);
                wire.finish();
            });
            assert_eq!(rest, b"", "{answer:x?}");
        }
    });
}

/// The proxy's reason is the embedder's.
#[test]
fn socks5_says_why() {
    bounded(|| {
        for (reply, kind) in [
            (1, ErrorKind::Other),
            (2, ErrorKind::PermissionDenied),
            (3, ErrorKind::NetworkUnreachable),
            (4, ErrorKind::HostUnreachable),
            (5, ErrorKind::ConnectionRefused),
            (6, ErrorKind::TimedOut),
            (7, ErrorKind::Other),
        ] {
            let peer = Peer::serve(move |mut wire| {
                wire.accept_socks();
                wire.take_socks_request();
                wire.send(&[5, reply, 0, 1, 0, 0, 0, 0, 0, 0]);
                wire.take_rest();
            });
            let failures = Rc::new(RefCell::new(Vec::new()));
            let heard = failures.clone();
            let agent = user_agent(&format!("socks5://{}", peer.address()))
                .observer(move |observation| {
                    if let Step::Failed(Failure::Proxy(ProxyFailure::Refused(error))) =
                        observation.step
                    {
                        heard.borrow_mut().push(error.kind());
                    }
                })
                .build();
            assert_eq!(events(URL, &agent), FAILURE);
            assert_eq!(failures.take(), [kind], "{reply}");
            peer.join();
        }
    });
}

#[test]
fn what_socks5_has_no_room_for_is_not_sent() {
    bounded(|| {
        // With 63 bytes between dots it even is a name.
        for len in [256, 300, 506, 507, 1000, 70_000] {
            let label = format!("{}.", "x".repeat(63));
            let mut name = label.repeat(len / 64 + 1);
            name.truncate(len - 1);
            let url = format!("ws://{name}y/");
            let peer = Peer::listen(|listener| {
                loop {
                    let mut wire = accept(&listener);
                    let _ = wire.try_send(&[5, 0]);
                    let (bytes, _) = wire.take_rest();
                    if bytes == b"over" {
                        return;
                    }
                    // It may have begun.
                    assert!([5, 1, 0].starts_with(&bytes), "{}", bytes.escape_ascii());
                }
            });
            let agent = user_agent(&format!("socks5://{}", peer.address())).build();
            assert_eq!(events(&url, &agent), FAILURE, "{len}");
            Wire::connect(peer.address()).send(b"over");
            peer.join();
        }
        let long = "x".repeat(256);
        for password in [format!("{long}:y"), format!("x:{long}"), "x:".to_owned()] {
            let peer = Peer::serve(|mut wire| {
                wire.send(&[5, 2]);
                let (rest, _) = wire.take_rest();
                assert!(rest.len() <= 4, "{}", rest.escape_ascii());
            });
            let agent = user_agent(&format!("socks5://{password}@{}", peer.address())).build();
            assert_eq!(events(URL, &agent), FAILURE);
            peer.join();
        }
    });
}
