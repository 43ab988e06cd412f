//! Proxies, good and hostile, and what goes over the wire to them.
#![cfg(feature = "proxies")]

mod support;

use dom_websocket::{
    Challenge, Credentials, Edition, EventLoop, Limits, Proxies, Proxy, Timeouts, UserAgent,
    UserAgentBuilder, WebSocket,
};
use std::cell::{Cell, RefCell};
use std::future::{Ready, ready};
use std::net::{TcpListener, TcpStream};
use std::rc::Rc;
use std::thread;
use std::time::{Duration, Instant};
use support::{
    CLOSING, FAILURE, Frame, Gate, Head, PATIENCE, Peer, Recorder, SOCKS_TUNNEL, TUNNEL, Wire,
    accept, bounded, run_until, settle,
};

const EDITIONS: [Edition; 2] = [Edition::Living, Edition::Html5];
/// Nobody resolves this but a proxy.
const URL: &str = "ws://server.invalid/chat";
const SESSION: [&str; 2] = ["OPEN open", "CLOSED close clean 1000"];
/// Time enough for a handshake, and not much for a test.
const BOUND: Duration = Duration::from_millis(150);

fn user_agent(proxy: &str) -> UserAgentBuilder {
    UserAgent::builder().proxies(Proxies::from(Proxy::new(proxy).unwrap()))
}

/// All events of a living socket of this URL, and what became of the proxy. `PEER` in its URL stands for
/// where this script runs.
fn session<T: Send + 'static>(
    proxy: &str,
    url: &str,
    script: impl FnOnce(Wire) -> T + Send + 'static,
) -> (Vec<String>, T) {
    let peer = Peer::serve(script);
    let agent = user_agent(&proxy.replace("PEER", &peer.address().to_string()));
    let events = events(url, agent);
    (events, peer.join())
}

fn events(url: &str, agent: UserAgentBuilder) -> Vec<String> {
    let event_loop = EventLoop::new();
    let socket = open(&event_loop, url, &agent.build());
    event_loop.run();
    socket.1.finished()
}

fn open(event_loop: &EventLoop, url: &str, agent: &UserAgent) -> (WebSocket, Recorder) {
    let socket = WebSocket::builder(event_loop, url)
        .user_agent(agent)
        .open()
        .unwrap();
    let recorder = Recorder::of(&socket);
    (socket, recorder)
}

/// The server behind a tunnel: opens the connection and closes it.
fn serve(wire: &mut Wire) -> Head {
    let request = wire.accept_upgrade();
    close(wire);
    request
}

fn close(wire: &mut Wire) {
    wire.send_frame(&Frame::close(1000, ""));
    wire.expect_from_client(&Frame::close(1000, ""));
    wire.finish();
    wire.expect_end();
}

#[test]
fn a_tunnel_is_asked_for_and_the_handshake_goes_through_it() {
    bounded(|| {
        for edition in EDITIONS {
            for (url, target, host) in [
                (URL, "server.invalid:80", "server.invalid"),
                (
                    "ws://Server.Invalid:443/chat",
                    "server.invalid:443",
                    "server.invalid:443",
                ),
                (
                    "ws://192.0.2.1:8080/chat",
                    "192.0.2.1:8080",
                    "192.0.2.1:8080",
                ),
                (
                    "ws://[2001:db8::1]/chat",
                    "[2001:db8::1]:80",
                    "[2001:db8::1]",
                ),
            ] {
                let peer = Peer::serve(move |mut wire| {
                    let connect = wire.accept_connect();
                    let request = if edition == Edition::Html5 {
                        let request = wire.accept_client();
                        wire.send(CLOSING);
                        wire.expect(CLOSING);
                        wire.expect_end();
                        request
                    } else {
                        serve(&mut wire)
                    };
                    (connect, request)
                });
                let event_loop = EventLoop::new();
                let agent = user_agent(&format!("http://{}", peer.address())).build();
                let socket = WebSocket::builder(&event_loop, url)
                    .edition(edition)
                    .user_agent(&agent)
                    .open()
                    .unwrap();
                let recorder = Recorder::of(&socket);
                event_loop.run();
                let (connect, request) = peer.join();
                assert_eq!(recorder.finished()[0], "OPEN open", "{edition:?} {url}");
                assert_eq!(connect.target(), target);
                assert_eq!(connect.field("Host"), Some(target));
                assert_eq!(connect.fields.len(), 1, "{connect:?}");
                assert_eq!(request.first_line, "GET /chat HTTP/1.1");
                assert_eq!(request.field("Host"), Some(host));
                assert_eq!(request.field("Proxy-Authorization"), None);
            }
        }
    });
}

#[test]
fn whatever_is_behind_the_head_is_the_servers() {
    bounded(|| {
        // A part of the server's answer comes with the proxy's.
        let (start, rest) = (
            b"HTTP/1.1 101 Switching Protocols\r\nUpgr",
            b"ade: websocket\r\n",
        );
        let answer = |wire: &mut Wire| {
            let accept = wire.take_upgrade().switching();
            let accept = accept.field("Sec-WebSocket-Accept").unwrap();
            wire.send(rest);
            wire.send(b"Connection: Upgrade\r\nSec-WebSocket-Accept: ");
            wire.send(format!("{accept}\r\n\r\n").as_bytes());
            close(wire);
        };
        let (events, ()) = session("http://PEER", URL, move |mut wire| {
            wire.take_upgrade();
            wire.send(&[TUNNEL, start].concat());
            answer(&mut wire);
        });
        assert_eq!(events, SESSION);
        let (events, ()) = session("socks5://PEER", URL, move |mut wire| {
            wire.accept_socks();
            wire.take_socks_request();
            wire.send(&[SOCKS_TUNNEL, start].concat());
            answer(&mut wire);
        });
        assert_eq!(events, SESSION);
    });
}

#[test]
fn answers_that_open_a_tunnel() {
    bounded(|| {
        for answer in [
            "HTTP/1.0 200 OK\r\n\r\n",
            "HTTP/1.1 200\r\n\r\n",
            "HTTP/1.1 204 No Content\r\n\r\n",
            "HTTP/1.1 299 x\r\nX: y\r\n\r\n",
            // RFC 9110 section 9.3.6: a client ignores what these say.
            "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
            "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n",
            // And what is only information.
            "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 x\r\nA: b\r\n\r\nHTTP/1.1 200 OK\r\n\r\n",
        ] {
            for in_pieces in [false, true] {
                let (events, _) = session("http://PEER", URL, move |mut wire| {
                    wire.take_upgrade();
                    if in_pieces {
                        wire.send_one_by_one(answer.as_bytes());
                    } else {
                        wire.send(answer.as_bytes());
                    }
                    serve(&mut wire)
                });
                assert_eq!(events, SESSION, "{answer:?}");
            }
        }
    });
}

/// What a proxy is sent whose part ends before there is a tunnel; the socket fails like any other.
#[track_caller]
fn failure(proxy: &str, script: impl FnOnce(&mut Wire) + Send + 'static) -> Vec<u8> {
    let start = Instant::now();
    let (events, rest) = session(proxy, URL, |mut wire| {
        script(&mut wire);
        wire.take_rest().0
    });
    assert_eq!(events, FAILURE);
    assert!(start.elapsed() < PATIENCE / 2, "it is over at once");
    rest
}

#[test]
fn answers_that_open_no_tunnel() {
    bounded(|| {
        for answer in [
            "HTTP/1.1 101 Switching Protocols\r\n\r\n",
            "HTTP/1.1 302 Found\r\nLocation: http://example.com/\r\n\r\n",
            "HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: Basic realm=\"x\"\r\n\r\n",
            "HTTP/1.1 403 Forbidden\r\n\r\n",
            "HTTP/1.1 405 Method Not Allowed\r\n\r\n",
            "HTTP/1.1 407 Proxy Authentication Required\r\n\r\n",
            "HTTP/1.1 407 x\r\nProxy-Authenticate: Basic realm=\"x\"\r\n\r\n",
            "HTTP/1.1 503 Service Unavailable\r\nContent-Length: 100000\r\n\r\n",
            "HTTP/1.1 600 x\r\n\r\n",
            "HTTP/1.1 2000 OK\r\n\r\n",
            "HTTP/1.1 +20 OK\r\n\r\n",
            "HTTP/1.1 200 OK\r\nno colon\r\n\r\n",
            "HTTP/1.1 200 OK\r\n : x\r\n\r\n",
            "HTTP/2 200 OK\r\n\r\n",
            "ICY 200 OK\r\n\r\n",
            "SSH-2.0-OpenSSH_9.6\r\n\r\n",
            "\x05\x00\n\n",
        ] {
            let rest = failure("http://PEER", move |wire| {
                wire.take_upgrade();
                wire.send(answer.as_bytes());
            });
            assert_eq!(rest, b"", "{answer:?}");
        }
    });
}

#[test]
fn a_proxy_that_ends_the_connection() {
    bounded(|| {
        for answer in ["", "HTTP/1.1 200 OK\r\n", "HTTP/1.1 200 OK\r\n\r"] {
            failure("http://PEER", move |wire| {
                wire.take_upgrade();
                wire.send(answer.as_bytes());
                wire.finish();
            });
            let (events, ()) = session("http://PEER", URL, move |mut wire| {
                wire.take_upgrade();
                wire.send(answer.as_bytes());
                wire.reset();
            });
            assert_eq!(events, FAILURE);
        }
        // Behind the tunnel it is the server's end.
        let rest = failure("http://PEER", |wire| {
            wire.accept_connect();
            wire.take_upgrade();
            wire.finish();
        });
        assert_eq!(rest, b"");
    });
}

#[test]
fn a_proxy_that_says_too_much_is_left_at_the_limit() {
    bounded(|| {
        for unit in ["X: yyyyyyyyyy\r\n", "y"] {
            let peer = Peer::serve(move |mut wire| {
                wire.take_upgrade();
                wire.send(b"HTTP/1.1 200 OK\r\nX: ");
                let start = Instant::now();
                while wire.try_send(unit.repeat(1000).as_bytes()).is_ok() {
                    assert!(start.elapsed() < PATIENCE, "it takes it all");
                }
            });
            let agent = user_agent(&format!("http://{}", peer.address())).limits(Limits {
                head: 2000,
                ..Limits::default()
            });
            assert_eq!(events(URL, agent), FAILURE);
            peer.join();
        }
        // Informational answers are no way around it.
        let peer = Peer::serve(move |mut wire| {
            wire.take_upgrade();
            let start = Instant::now();
            while wire.try_send(b"HTTP/1.1 100 Continue\r\n\r\n").is_ok() {
                assert!(start.elapsed() < PATIENCE, "it takes it all");
            }
        });
        let agent = user_agent(&format!("http://{}", peer.address()));
        assert_eq!(events(URL, agent), FAILURE);
        peer.join();
    });
}

/// How long a socket lasts whose proxy does this, under a bound.
fn lasts(proxy: &str, script: impl FnOnce(Wire) + Send + 'static) -> Duration {
    let peer = Peer::serve(script);
    let proxy = proxy.replace("PEER", &peer.address().to_string());
    let agent = user_agent(&proxy).timeouts(Timeouts {
        opening_handshake: BOUND,
        ..Timeouts::default()
    });
    let start = Instant::now();
    assert_eq!(events(URL, agent), FAILURE);
    let lasted = start.elapsed();
    peer.join();
    lasted
}

#[test]
fn a_proxy_that_is_slow_or_silent_is_left_at_the_bound() {
    bounded(|| {
        let slowly = |mut wire: Wire, bytes: &[u8]| {
            let mut bytes = bytes.iter().cycle();
            while wire.try_send(&[*bytes.next().unwrap()]).is_ok() {
                thread::sleep(Duration::from_millis(20));
            }
        };
        let mut lasted = Vec::new();
        lasted.push(lasts("http://PEER", |mut wire| drop(wire.take_rest())));
        lasted.push(lasts("socks5://PEER", |mut wire| drop(wire.take_rest())));
        lasted.push(lasts("http://PEER", move |mut wire| {
            wire.take_upgrade();
            slowly(
                wire,
                b"HTTP/1.1 200 Connection established, in a way, at last",
            );
        }));
        lasted.push(lasts("socks5://PEER", |mut wire| {
            wire.accept_socks();
            wire.take_rest();
        }));
        lasted.push(lasts("socks5://PEER", move |mut wire| {
            wire.accept_socks();
            wire.take_socks_request();
            // A name of 255 bytes, which it never finishes.
            wire.send(&[5, 0, 0, 3, 255]);
            slowly(wire, b"x");
        }));
        // What the proxy used up the server does not get again.
        lasted.push(lasts("http://PEER", |mut wire| {
            wire.take_upgrade();
            thread::sleep(BOUND / 2);
            wire.send(TUNNEL);
            wire.take_rest();
        }));
        for lasted in lasted {
            assert!(lasted >= BOUND && lasted < PATIENCE / 2, "{lasted:?}");
        }
    });
}

#[test]
fn a_password_in_the_proxys_url_is_sent_by_basic() {
    bounded(|| {
        for (user, field) in [
            ("ednamode:nocapes!", "Basic ZWRuYW1vZGU6bm9jYXBlcyE="),
            ("%C3%A9dna:a%40b%3A%2F", "Basic w6lkbmE6YUBiOi8="),
            ("edna", "Basic ZWRuYTo="),
        ] {
            let (events, connect) = session(&format!("http://{user}@PEER"), URL, |mut wire| {
                let connect = wire.accept_connect();
                assert_eq!(serve(&mut wire).field("Authorization"), None);
                connect
            });
            assert_eq!(events, SESSION);
            assert_eq!(connect.field("Proxy-Authorization"), Some(field));
        }
    });
}

#[test]
fn a_wrong_password_in_the_url_is_sent_once() {
    bounded(|| {
        let peer = Peer::listen(|listener| {
            let mut wire = accept(&listener);
            let connect = wire.take_upgrade();
            assert!(connect.field("Proxy-Authorization").is_some());
            wire.send(&Head::asking(&["Basic realm=\"x\""]).bytes());
            wire.take_rest();
            listener
        });
        let agent = user_agent(&format!("http://edna:capes@{}", peer.address()));
        assert_eq!(events(URL, agent), FAILURE);
        let listener = peer.join();
        listener.set_nonblocking(true).unwrap();
        assert!(listener.accept().is_err(), "another try");
    });
}

#[test]
fn the_provider_is_asked_as_often_as_the_proxy_asks() {
    bounded(|| {
        let peer = Peer::listen(|listener| {
            let ask = |challenges: &[&str]| {
                let mut wire = accept(&listener);
                let connect = wire.take_upgrade();
                wire.send(&Head::asking(challenges).bytes());
                connect.field("Proxy-Authorization").map(str::to_owned)
            };
            assert_eq!(ask(&["Basic realm=\"first\""]), None);
            let first = ask(&["Negotiate", "Basic realm=\"second\""]);
            assert_eq!(first.as_deref(), Some("Basic dXNlcjE6MQ=="));
            let second =
                ask(&["Digest realm=\"third\", nonce=\"n\", qop=\"auth\", Basic realm=\"x\""]);
            assert_eq!(second.as_deref(), Some("Basic dXNlcjI6Mg=="));
            let mut wire = accept(&listener);
            let connect = wire.accept_connect();
            let third = connect.field("Proxy-Authorization").unwrap();
            assert!(third.starts_with("Digest "), "{third}");
            for part in [
                "username=\"user3\"",
                "uri=\"server.invalid:80\"",
                "realm=\"third\"",
            ] {
                assert!(third.contains(part), "{third}");
            }
            assert!(!third.contains("cnonce=\"\""), "{third}");
            serve(&mut wire);
        });
        let asked = Rc::new(RefCell::new(Vec::new()));
        let address = peer.address().to_string();
        let agent = user_agent(&format!("http://{address}")).proxy_credentials({
            let asked = asked.clone();
            move |challenge| {
                assert!(challenge.is_proxy());
                assert_eq!(challenge.host(), address);
                let attempt = challenge.attempt();
                asked
                    .borrow_mut()
                    .push((attempt, challenge.realm().to_owned()));
                ready(Credentials::new(format!("user{attempt}"), attempt.to_string()).ok())
            }
        });
        assert_eq!(events(URL, agent), SESSION);
        peer.join();
        let realms = ["first", "second", "third"].map(str::to_owned);
        assert_eq!(*asked.borrow(), (1..).zip(realms).collect::<Vec<_>>());
    });
}

#[test]
fn a_proxy_that_asks_for_ever_is_given_up() {
    bounded(|| {
        for (proxy, challenge) in [
            ("http://PEER", "Basic realm=\"x\""),
            (
                "http://PEER",
                "Digest realm=\"x\", nonce=\"n\", qop=\"auth\", stale=true",
            ),
            (
                "http://edna:mode@PEER",
                "Digest realm=\"x\", nonce=\"n\", qop=\"auth\"",
            ),
        ] {
            let peer = Peer::listen(move |listener| {
                let mut asked = 0;
                loop {
                    let mut wire = accept(&listener);
                    // The client does not come any more: this is our own call.
                    if wire.take_some().unwrap().is_empty() {
                        return asked;
                    }
                    wire.send(&Head::asking(&[challenge]).bytes());
                    wire.take_rest();
                    asked += 1;
                }
            });
            let address = peer.address();
            let proxy = proxy.replace("PEER", &peer.address().to_string());
            let agent = user_agent(&proxy)
                .proxy_credentials(|_| ready(Credentials::new("edna", "mode").ok()));
            assert_eq!(events(URL, agent), FAILURE);
            TcpStream::connect(address).unwrap();
            let asked = peer.join();
            assert!((2..=20).contains(&asked), "{asked}");
        }
    });
}

#[test]
fn a_provider_that_knows_nothing_or_is_asked_for_nothing_it_could_know() {
    bounded(|| {
        for (challenges, is_asked) in [
            (&["Basic realm=\"x\""][..], true),
            (&["Negotiate"], false),
            (&["Bearer realm=\"x\""], false),
            (&[], false),
            (&["Digest realm=\"x\", nonce=\"n\", algorithm=ROT13"], false),
            (&["Digest realm=\"x"], false),
        ] {
            let peer = Peer::serve(move |mut wire| {
                wire.take_upgrade();
                wire.send(&Head::asking(challenges).bytes());
                wire.take_rest();
            });
            let count = Rc::new(Cell::new(0));
            let counted = count.clone();
            let agent =
                user_agent(&format!("http://{}", peer.address())).proxy_credentials(move |_| {
                    counted.set(counted.get() + 1);
                    ready(None)
                });
            assert_eq!(events(URL, agent), FAILURE);
            peer.join();
            assert_eq!(count.get(), u32::from(is_asked), "{challenges:?}");
        }
    });
}

#[test]
fn close_while_the_provider_thinks() {
    bounded(|| {
        let event_loop = EventLoop::new();
        let peer = Peer::serve(|mut wire| {
            wire.take_upgrade();
            wire.send(&Head::asking(&["Basic realm=\"x\""]).bytes());
            wire.take_rest();
        });
        let is_asked = Gate::new(&event_loop);
        let asked = is_asked.clone();
        let agent = user_agent(&format!("http://{}", peer.address()))
            .proxy_credentials(move |_| {
                asked.open();
                std::future::pending()
            })
            .build();
        let (socket, recorder) = open(&event_loop, URL, &agent);
        is_asked.run(&event_loop);
        socket.close();
        event_loop.run();
        peer.join();
        assert_eq!(recorder.finished(), FAILURE);
    });
}

#[test]
fn others_go_on_while_the_provider_thinks() {
    bounded(|| {
        let event_loop = EventLoop::new();
        let peer = Peer::listen(|listener| {
            let mut wire = accept(&listener);
            wire.take_upgrade();
            wire.send(&Head::asking(&["Basic realm=\"x\""]).bytes());
            wire.take_rest();
            let mut wire = accept(&listener);
            wire.accept_connect();
            serve(&mut wire);
        });
        let is_asked = Gate::new(&event_loop);
        let asked = is_asked.clone();
        let agent = user_agent(&format!("http://{}", peer.address()))
            .proxy_credentials(move |_| {
                asked.open();
                std::future::pending()
            })
            .build();
        let (first_socket, first) = open(&event_loop, URL, &agent);
        is_asked.run(&event_loop);
        // To the same server.
        let (_socket, second) = open(&event_loop, URL, &agent);
        run_until(&event_loop, || second.has_ended());
        assert_eq!(second.finished(), SESSION);
        first_socket.close();
        event_loop.run();
        assert_eq!(first.finished(), FAILURE);
        peer.join();
    });
}

#[test]
fn nothing_that_ends_a_line_reaches_the_proxy() {
    bounded(|| {
        for control in ["%0D%0A", "%0A", "%00", "%7F"] {
            assert!(Proxy::new(&format!("http://edna{control}X:mode@proxy.invalid")).is_err());
            assert!(Proxy::new(&format!("socks5://edna:mode{control}@proxy.invalid")).is_err());
        }
        for control in ["\r\n", "\n", "\r", "\0"] {
            assert!(Credentials::new(format!("edna{control}"), "").is_err());
            assert!(Credentials::new("", format!("mode{control}")).is_err());
        }
        // What a challenge says comes back in the answer, if there is one.
        for challenge in [
            "Digest realm=\"a\", nonce=\"n\x01\"",
            "Digest realm=\"a\tb\\\"c\", nonce=\"n\"",
            "Digest realm=\"\u{85}\", nonce=\"n\"",
            "Digest realm=\"a\", nonce=\"n\\\r\n X: y\"",
        ] {
            let peer = Peer::listen(move |listener| {
                let mut wire = accept(&listener);
                wire.take_upgrade();
                wire.send(&Head::asking(&[challenge]).bytes());
                wire.take_rest();
                listener
            });
            let agent = user_agent(&format!("http://{}", peer.address()))
                .proxy_credentials(|_| ready(Credentials::new("edna", "mode").ok()))
                .timeouts(Timeouts {
                    opening_handshake: BOUND,
                    ..Timeouts::default()
                });
            assert_eq!(events(URL, agent), FAILURE);
            let listener = peer.join();
            listener.set_nonblocking(true).unwrap();
            if let Ok((stream, _)) = listener.accept() {
                stream.set_nonblocking(false).unwrap();
                let (request, _) = Wire::new(stream).take_rest();
                let request = String::from_utf8(request).unwrap();
                let lines: Vec<_> = request.split("\r\n").collect();
                assert_eq!(lines.len(), 5, "{request}");
                assert!(!lines.concat().contains(char::is_control), "{request:?}");
            }
        }
    });
}

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
        let agent =
            user_agent(&format!("socks5://{}", peer.address())).proxy_credentials(|challenge| {
                let password = challenge.attempt().to_string();
                ready(Credentials::new("edna", password).ok())
            });
        assert_eq!(events(URL, agent), SESSION);
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
            let agent = user_agent(&format!("socks5://{}", peer.address()));
            assert_eq!(events(&url, agent), FAILURE, "{len}");
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
            let agent = user_agent(&format!("socks5://{password}@{}", peer.address()));
            assert_eq!(events(URL, agent), FAILURE);
            peer.join();
        }
    });
}

#[test]
fn a_proxy_learns_nothing_that_is_the_servers() {
    bounded(|| {
        let peer = Peer::listen(|listener| {
            let mut wire = accept(&listener);
            wire.take_upgrade();
            // Nor does it set cookies for the server.
            let asking = Head::asking(&["Basic realm=\"x\""]).and("Set-Cookie", "proxy=1");
            wire.send(&asking.bytes());
            let mut wire = accept(&listener);
            let connect = wire.take_upgrade();
            wire.send(b"HTTP/1.1 200 OK\r\nSet-Cookie: proxy=2\r\n\r\n");
            (connect, serve(&mut wire))
        });
        let agent = user_agent(&format!("http://{}", peer.address()))
            .proxy_credentials(|_| ready(Credentials::new("edna", "mode").ok()))
            .header("User-Agent", "tests/1")
            .and_then(|agent| agent.header("X-Token", "secret"))
            .and_then(|agent| agent.header("Cookie", "secret=1"))
            .unwrap();
        assert_eq!(
            events("ws://user:secret@server.invalid/chat?secret", agent),
            SESSION
        );
        let (connect, request) = peer.join();
        let names: Vec<_> = connect.fields.iter().map(|(name, _)| &name[..]).collect();
        assert_eq!(names, ["Host", "Proxy-Authorization", "User-Agent"]);
        assert!(!connect.first_line.contains("secret"));
        assert_eq!(request.field("Cookie"), Some("secret=1"));
        assert_eq!(request.field("Proxy-Authorization"), None);
    });
}

#[test]
fn each_asks_for_its_own_credentials() {
    bounded(|| {
        let no_proxys = |challenge: Challenge| -> Ready<Option<Credentials>> {
            panic!("{challenge:?} for a proxy's");
        };
        let no_servers = |challenge: Challenge| -> Ready<Option<Credentials>> {
            panic!("{challenge:?} for a server's");
        };
        // 407 is a proxy's word, and 401 a server's.
        let peer = Peer::serve(|mut wire| {
            wire.accept_connect();
            wire.take_upgrade();
            wire.send(&Head::asking(&["Basic realm=\"x\""]).bytes());
            wire.take_rest().0
        });
        let agent = user_agent(&format!("http://{}", peer.address()))
            .proxy_credentials(no_proxys)
            .server_credentials(no_servers);
        assert_eq!(events(URL, agent), FAILURE);
        assert_eq!(peer.join(), b"");
        let peer = Peer::serve(|mut wire| {
            wire.take_upgrade();
            let asking = Head::status("401 Unauthorized");
            let asking = asking.with("WWW-Authenticate", "Basic realm=\"x\"");
            wire.send(&asking.bytes());
            wire.take_rest().0
        });
        let agent = user_agent(&format!("http://{}", peer.address()))
            .proxy_credentials(no_proxys)
            .server_credentials(no_servers);
        assert_eq!(events(URL, agent), FAILURE);
        assert_eq!(peer.join(), b"");
    });
}

/// A proxy that redirects would lead the client to whomever it likes.
#[test]
fn redirects_of_a_proxy_are_not_followed() {
    bounded(|| {
        let peer = Peer::listen(|listener| {
            let mut wire = accept(&listener);
            wire.take_upgrade();
            wire.send(
                &Head::status("302 Found")
                    .with("Location", "ws://127.0.0.1/")
                    .bytes(),
            );
            wire.take_rest();
            listener
        });
        let agent = user_agent(&format!("http://{}", peer.address())).follow_redirects(5);
        assert_eq!(events(URL, agent), FAILURE);
        let listener = peer.join();
        listener.set_nonblocking(true).unwrap();
        assert!(listener.accept().is_err(), "it was followed");
    });
}

/// Whether there is a proxy is asked again for each server.
#[test]
fn a_redirect_can_lead_past_the_proxy() {
    bounded(|| {
        let server = Peer::serve(|mut wire| serve(&mut wire));
        let there = server.url_of("/there");
        let proxy = Peer::serve(move |mut wire| {
            wire.accept_connect();
            wire.take_upgrade();
            wire.send(&Head::status("302 Found").with("Location", &there).bytes());
            wire.take_rest();
        });
        let proxies = Proxies::from(Proxy::new(&proxy.address().to_string()).unwrap());
        let agent = UserAgent::builder()
            .proxies(proxies.bypass("127.0.0.1"))
            .follow_redirects(1);
        assert_eq!(events(URL, agent), SESSION);
        proxy.join();
        assert_eq!(server.join().resource(), "/there");
    });
}

#[test]
fn socks_goes_before_https_and_https_before_http() {
    bounded(|| {
        let none = "http://127.0.0.1:1";
        let proxy = |url: &str| Proxy::new(url).unwrap();
        let connect = || {
            Peer::serve(|mut wire| {
                wire.accept_connect();
                serve(&mut wire);
            })
        };
        let https = connect();
        let proxies = Proxies::new()
            .http(proxy(none))
            .https(proxy(&format!("http://{}", https.address())));
        assert_eq!(events(URL, UserAgent::builder().proxies(proxies)), SESSION);
        https.join();
        let socks = Peer::serve(|mut wire| {
            wire.accept_socks();
            wire.take_socks_request();
            wire.send(SOCKS_TUNNEL);
            serve(&mut wire);
        });
        let proxies = Proxies::new()
            .http(proxy(none))
            .https(proxy(none))
            .socks(proxy(&format!("socks5://{}", socks.address())));
        assert_eq!(events(URL, UserAgent::builder().proxies(proxies)), SESSION);
        socks.join();
        let http = connect();
        let proxies = Proxies::new().http(proxy(&format!("http://{}", http.address())));
        assert_eq!(events(URL, UserAgent::builder().proxies(proxies)), SESSION);
        http.join();
    });
}

#[test]
fn what_is_bypassed_is_reached_without_the_proxy() {
    bounded(|| {
        let peer = Peer::serve(|mut wire| drop(serve(&mut wire)));
        let proxies =
            Proxies::from(Proxy::new("http://127.0.0.1:1").unwrap()).bypass("127.0.0.0/8");
        let agent = UserAgent::builder().proxies(proxies);
        assert_eq!(events(&peer.url(), agent), SESSION);
        peer.join();
    });
}

#[test]
fn a_proxy_that_is_not_there() {
    bounded(|| {
        for proxy in [
            "http://127.0.0.1:1",
            "socks5://127.0.0.1:1",
            "http://proxy.invalid",
        ] {
            assert_eq!(events(URL, user_agent(proxy)), FAILURE);
        }
    });
}

#[test]
fn a_blocked_port_is_blocked_through_a_proxy_too() {
    bounded(|| {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let agent = user_agent(&format!("http://{}", listener.local_addr().unwrap()));
        assert_eq!(events("ws://server.invalid:25/", agent), FAILURE);
        listener.set_nonblocking(true).unwrap();
        assert!(listener.accept().is_err(), "the proxy was called");
    });
}

#[test]
fn behind_a_proxy_each_name_is_a_host_of_its_own() {
    bounded(|| {
        let event_loop = EventLoop::new();
        let is_asked = Gate::new(&event_loop);
        let peer = Peer::listen({
            let is_asked = is_asked.clone();
            move |listener| {
                // The first of each name; nobody else comes before one of them is through.
                let mut first = [accept(&listener), accept(&listener)];
                let mut targets = first.each_mut().map(|wire| wire.take_upgrade());
                targets.sort_by_key(|head| head.target().to_owned());
                assert_eq!(targets[0].target(), "a.invalid:80");
                assert_eq!(targets[1].target(), "b.invalid:80");
                listener.set_nonblocking(true).unwrap();
                thread::sleep(Duration::from_millis(50));
                assert!(listener.accept().is_err(), "a third one");
                listener.set_nonblocking(false).unwrap();
                is_asked.open();
                for wire in &mut first {
                    wire.send(TUNNEL);
                    serve(wire);
                }
                let mut last = accept(&listener);
                assert_eq!(last.accept_connect().target(), "a.invalid:81");
                serve(&mut last);
            }
        });
        let agent = user_agent(&format!("http://{}", peer.address())).build();
        let sockets = ["ws://a.invalid/", "ws://a.invalid:81/", "ws://b.invalid/"]
            .map(|url| open(&event_loop, url, &agent));
        is_asked.run(&event_loop);
        event_loop.run();
        peer.join();
        for (_, recorder) in sockets {
            assert_eq!(recorder.finished(), SESSION);
        }
        settle(&event_loop);
    });
}

#[test]
fn a_whole_pool_of_sockets_through_one_proxy() {
    bounded(|| {
        let event_loop = EventLoop::new();
        let peer = Peer::listen(|listener| {
            for _ in 0..20 {
                let mut wire = accept(&listener);
                wire.accept_connect();
                serve(&mut wire);
            }
        });
        let agent = user_agent(&format!("http://{}", peer.address())).build();
        let sockets: Vec<_> = (0..20).map(|_| open(&event_loop, URL, &agent)).collect();
        run_until(&event_loop, || sockets.iter().all(|(_, r)| r.has_ended()));
        peer.join();
        for (_, recorder) in sockets {
            assert_eq!(recorder.finished(), SESSION);
        }
    });
}
