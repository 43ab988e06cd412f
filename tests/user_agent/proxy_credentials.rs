//! Names and passwords for proxies.

use super::proxied::{SESSION, URL, events, open, serve, session, user_agent};
use dom_websocket::{Challenge, Credentials, EventLoop, Proxy, Timeouts};
use std::cell::{Cell, RefCell};
use std::future::{Ready, ready};
use std::net::TcpStream;
use std::rc::Rc;
use std::thread;
use support::{AMPLE, FAILURE, Gate, Head, Peer, Wire, accept, bounded, run_until};

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
        let agent = user_agent(&format!("http://edna:capes@{}", peer.address())).build();
        assert_eq!(events(URL, &agent), FAILURE);
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
        let agent = user_agent(&format!("http://{address}"))
            .proxy_credentials({
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
            })
            .build();
        assert_eq!(events(URL, &agent), SESSION);
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
                .proxy_credentials(|_| ready(Credentials::new("edna", "mode").ok()))
                .build();
            assert_eq!(events(URL, &agent), FAILURE);
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
            let agent = user_agent(&format!("http://{}", peer.address()))
                .proxy_credentials(move |_| {
                    counted.set(counted.get() + 1);
                    ready(None)
                })
                .build();
            assert_eq!(events(URL, &agent), FAILURE);
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
        let all = [
            "Digest realm=\"a\", nonce=\"n\x01\"",
            "Digest realm=\"a\tb\\\"c\", nonce=\"n\"",
            "Digest realm=\"\u{85}\", nonce=\"n\"",
            "Digest realm=\"a\", nonce=\"n\\\r\n X: y\"",
        ];
        let ask = |challenge: &'static str| {
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
                    opening_handshake: AMPLE,
                    ..Timeouts::default()
                })
                .build();
            assert_eq!(events(URL, &agent), FAILURE);
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
        };
        for asking in all.map(|challenge| thread::spawn(move || ask(challenge))) {
            asking.join().unwrap();
        }
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
            .server_credentials(no_servers)
            .build();
        assert_eq!(events(URL, &agent), FAILURE);
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
            .server_credentials(no_servers)
            .build();
        assert_eq!(events(URL, &agent), FAILURE);
        assert_eq!(peer.join(), b"");
    });
}
