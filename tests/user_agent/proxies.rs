//! Proxies by CONNECT, good and hostile, and which of them is chosen.

use super::proxied::{
    EDITIONS, SESSION, URL, close, events, failure, lasts, open, serve, session, user_agent,
};
use dom_websocket::{
    Credentials, Edition, EventLoop, Limits, Proxies, Proxy, UserAgent, WebSocket,
};
use std::future::ready;
use std::net::TcpListener;
use std::thread;
use std::time::{Duration, Instant};
use support::{
    AMPLE, CLOSING, FAILURE, Gate, Head, PATIENCE, Peer, Recorder, SOCKS_TUNNEL, TUNNEL, Wire,
    accept, bounded, run_until, settle,
};

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
            let agent = user_agent(&format!("http://{}", peer.address()))
                .limits(Limits {
                    head: 2000,
                    ..Limits::default()
                })
                .build();
            assert_eq!(events(URL, &agent), FAILURE);
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
        let agent = user_agent(&format!("http://{}", peer.address())).build();
        assert_eq!(events(URL, &agent), FAILURE);
        peer.join();
    });
}

#[test]
fn a_proxy_that_is_slow_or_silent_is_left_at_the_bound() {
    bounded(|| {
        fn slowly(mut wire: Wire, bytes: &[u8]) {
            let mut bytes = bytes.iter().cycle();
            while wire.try_send(&[*bytes.next().unwrap()]).is_ok() {
                thread::sleep(Duration::from_millis(20));
            }
        }
        type Script = fn(Wire);
        // All at once.
        let mut lasting = Vec::new();
        let mut lasts = |proxy: &'static str, script: Script| {
            lasting.push(thread::spawn(move || lasts(proxy, script)));
        };
        lasts("http://PEER", |mut wire| drop(wire.take_rest()));
        lasts("socks5://PEER", |mut wire| drop(wire.take_rest()));
        lasts("http://PEER", |mut wire| {
            wire.take_upgrade();
            slowly(wire, b"HTTP/1.1 200 Connection established, in a way");
        });
        lasts("socks5://PEER", |mut wire| {
            wire.accept_socks();
            wire.take_rest();
        });
        lasts("socks5://PEER", |mut wire| {
            wire.accept_socks();
            wire.take_socks_request();
            // A name of 255 bytes, which it never finishes.
            wire.send(&[5, 0, 0, 3, 255]);
            slowly(wire, b"x");
        });
        // What the proxy used up the server does not get again.
        lasts("http://PEER", |mut wire| {
            wire.take_upgrade();
            thread::sleep(AMPLE / 4);
            let _ = wire.try_send(TUNNEL);
            wire.take_rest();
        });
        for lasting in lasting {
            let lasted = lasting.join().unwrap();
            assert!(lasted >= AMPLE && lasted < PATIENCE / 2, "{lasted:?}");
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
            .unwrap()
            .build();
        assert_eq!(
            events("ws://user:secret@server.invalid/chat?secret", &agent),
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
        let agent = user_agent(&format!("http://{}", peer.address()))
            .follow_redirects(5)
            .build();
        assert_eq!(events(URL, &agent), FAILURE);
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
            .follow_redirects(1)
            .build();
        assert_eq!(events(URL, &agent), SESSION);
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
        assert_eq!(
            events(URL, &UserAgent::builder().proxies(proxies).build()),
            SESSION
        );
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
        assert_eq!(
            events(URL, &UserAgent::builder().proxies(proxies).build()),
            SESSION
        );
        socks.join();
        let http = connect();
        let proxies = Proxies::new().http(proxy(&format!("http://{}", http.address())));
        assert_eq!(
            events(URL, &UserAgent::builder().proxies(proxies).build()),
            SESSION
        );
        http.join();
    });
}

#[test]
fn what_is_bypassed_is_reached_without_the_proxy() {
    bounded(|| {
        let peer = Peer::serve(|mut wire| drop(serve(&mut wire)));
        let proxies =
            Proxies::from(Proxy::new("http://127.0.0.1:1").unwrap()).bypass("127.0.0.0/8");
        let agent = UserAgent::builder().proxies(proxies).build();
        assert_eq!(events(&peer.url(), &agent), SESSION);
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
            assert_eq!(events(URL, &user_agent(proxy).build()), FAILURE);
        }
    });
}

#[test]
fn a_blocked_port_is_blocked_through_a_proxy_too() {
    bounded(|| {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let agent = user_agent(&format!("http://{}", listener.local_addr().unwrap())).build();
        assert_eq!(events("ws://server.invalid:25/", &agent), FAILURE);
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
