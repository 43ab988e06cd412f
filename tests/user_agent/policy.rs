//! What a user agent does not let a page do, and what it adds to a request.

use dom_websocket::{Edition, EventLoop, Failure, InvalidHeader, Step, UserAgent, WebSocket};
use std::cell::RefCell;
use std::io::Read;
use std::net::TcpListener;
use std::rc::Rc;
use std::time::Duration;
use support::{CLOSING, FAILURE, Frame, Head, Peer, Recorder, bounded};

const SESSION: [&str; 2] = ["OPEN open", "CLOSED close clean 1000"];

fn events(url: &str, edition: Edition, origin: &str, agent: &UserAgent) -> Vec<String> {
    let event_loop = EventLoop::new();
    let socket = WebSocket::builder(&event_loop, url)
        .edition(edition)
        .origin(origin)
        .user_agent(agent)
        .open()
        .unwrap();
    let recorder = Recorder::of(&socket);
    event_loop.run();
    recorder.finished()
}

/// A server that opens a connection and closes it; the request.
fn server() -> Peer<Head> {
    Peer::serve(|mut wire| {
        let request = wire.accept_upgrade();
        wire.send_frame(&Frame::close(1000, ""));
        wire.expect_from_client(&Frame::close(1000, ""));
        wire.finish();
        wire.expect_end();
        request
    })
}

#[test]
fn a_secure_page_opens_no_insecure_socket() {
    bounded(|| {
        for (page, edition, blocks, is_blocked) in [
            ("https://page.example", Edition::Living, true, true),
            ("https://page.example", Edition::Living, false, false),
            ("http://page.example", Edition::Living, true, false),
            ("null", Edition::Living, true, false),
            // r4820 has no such rule.
            ("https://page.example", Edition::Html5, true, false),
        ] {
            let steps = Rc::new(RefCell::new(Vec::new()));
            let taken = steps.clone();
            let agent = UserAgent::builder()
                .block_mixed_content(blocks)
                .observer(move |observation| {
                    let cause = match observation.step {
                        Step::Failed(cause) => Some(cause.clone()),
                        _ => None,
                    };
                    taken.borrow_mut().push(cause);
                })
                .build();
            let events = events("ws://server.invalid/", edition, page, &agent);
            let what = format!("{page} {edition:?} {blocks}");
            let steps = steps.take();
            if is_blocked {
                assert_eq!(events, FAILURE, "{what}");
                // Nobody was asked for the name either.
                assert_eq!(steps, [Some(Failure::MixedContent)], "{what}");
            } else {
                let cause = steps.last().unwrap();
                assert!(
                    matches!(cause, Some(Failure::NotResolved(_))),
                    "{what}: {cause:?}"
                );
            }
        }
    });
}

#[test]
fn a_secure_page_may_speak_to_its_own_machine() {
    bounded(|| {
        for host in ["127.0.0.1", "localhost", "localhost.", "a.localhost"] {
            let peer = server();
            let url = format!("ws://{host}:{}/", peer.address().port());
            let page = "https://page.example";
            let addresses = Rc::new(RefCell::new(Vec::new()));
            let resolved = addresses.clone();
            let agent = UserAgent::builder()
                .observer(move |observation| {
                    if let Step::Resolved { addresses, .. } = observation.step {
                        resolved.borrow_mut().extend_from_slice(addresses);
                    }
                })
                .build();
            let events = events(&url, Edition::Living, page, &agent);
            assert_eq!(events, SESSION, "{host}");
            // Whatever the system's resolver says.
            let addresses = addresses.take();
            let are_ours = addresses.iter().all(|address| address.ip().is_loopback());
            assert!(are_ours && addresses.len() == 1 + usize::from(host != "127.0.0.1"));
            assert_eq!(peer.join().field("Origin"), Some(page));
        }
    });
}

#[test]
fn fields_are_added_to_every_request() {
    bounded(|| {
        let peer = server();
        let event_loop = EventLoop::new();
        let agent = UserAgent::builder()
            .header("User-Agent", "tests/1")
            .and_then(|agent| agent.header("X-Both", "agent"))
            .unwrap()
            .build();
        let socket = WebSocket::builder(&event_loop, &peer.url())
            .user_agent(&agent)
            .header("X-Both", "socket")
            .and_then(|builder| builder.header("X-Trimmed", "  a \t b\t "))
            .unwrap()
            .open()
            .unwrap();
        let recorder = Recorder::of(&socket);
        event_loop.run();
        assert_eq!(recorder.finished(), SESSION);
        let request = peer.join();
        assert_eq!(request.field("User-Agent"), Some("tests/1"));
        assert_eq!(request.field("X-Trimmed"), Some("a \t b"));
        let both: Vec<_> = request
            .fields
            .iter()
            .filter(|(name, _)| name == "X-Both")
            .map(|(_, value)| value.as_str())
            .collect();
        assert_eq!(both, ["agent", "socket"]);
    });
}

#[test]
fn fields_are_added_in_draft_76_too() {
    bounded(|| {
        let peer = Peer::serve(|mut wire| {
            let request = wire.accept_client();
            wire.send(CLOSING);
            wire.expect(CLOSING);
            wire.expect_end();
            request
        });
        let agent = UserAgent::builder()
            .header("X-Test", "yes")
            .unwrap()
            .build();
        let events = events(&peer.url(), Edition::Html5, "null", &agent);
        assert_eq!(events, ["OPEN open", "CLOSED close clean"]);
        assert_eq!(peer.join().field("X-Test"), Some("yes"));
    });
}

#[test]
fn the_handshakes_own_fields_cannot_be_set() {
    for name in [
        "Host",
        "host",
        "Upgrade",
        "Connection",
        "Origin",
        "Sec-WebSocket-Key",
        "Sec-WebSocket-Key1",
        "Sec-WebSocket-Version",
        "Sec-WebSocket-Protocol",
        "sec-websocket-extensions",
        "Sec-Fetch-Site",
        "Content-Length",
        "Transfer-Encoding",
        "Proxy-Authorization",
        "TE",
        "Trailer",
    ] {
        let error = UserAgent::builder().header(name, "x").err();
        assert_eq!(error, Some(InvalidHeader::Reserved), "{name}");
        let event_loop = EventLoop::new();
        let mut builder = WebSocket::builder(&event_loop, "ws://127.0.0.1:1/");
        assert_eq!(builder.header(name, "x").err(), error);
    }
}

#[test]
fn nothing_that_ends_a_line_can_be_added() {
    for bad in ["\r\n", "\n", "\r", "\0", "\u{7f}", "\u{1b}"] {
        for value in [
            format!("a{bad}X-Evil: yes"),
            format!("{bad}a"),
            format!("a{bad}"),
        ] {
            let error = UserAgent::builder().header("X-Test", &value).err();
            assert_eq!(error, Some(InvalidHeader::Value), "{value:?}");
        }
        let error = UserAgent::builder().header(&format!("X{bad}Y"), "a").err();
        assert_eq!(error, Some(InvalidHeader::Name));
    }
    for name in ["", " ", "X Y", "X:", "(X)", "\u{fc}"] {
        let error = UserAgent::builder().header(name, "a").err();
        assert_eq!(error, Some(InvalidHeader::Name), "{name:?}");
    }
}

/// Whatever is given to the constructor: it is refused, or harmless.
#[test]
fn nothing_gets_a_line_of_its_own() {
    bounded(|| {
        let event_loop = EventLoop::new();
        let mut opened = Vec::new();
        for control in ["\r\n", "\n", "\r", "\0", "\u{85}", "\u{2028}", "%0D%0A"] {
            let evil = format!("a{control}X-Evil: yes{control}{control}");
            for (url, protocol, origin) in [
                (format!("ws://PEER/{evil}"), None, None),
                (format!("ws://PEER/?{evil}"), None, None),
                (format!("ws://{evil}@PEER/"), None, None),
                (format!("ws://PEER{evil}/"), None, None),
                (format!("{evil}ws://PEER/"), None, None),
                ("ws://PEER/".to_owned(), Some(&evil), None),
                (
                    "ws://PEER/".to_owned(),
                    None,
                    Some(format!("http://{evil}/")),
                ),
                (
                    "ws://PEER/".to_owned(),
                    None,
                    Some(format!("http://a/{evil}")),
                ),
                ("ws://PEER/".to_owned(), None, Some(evil.clone())),
            ] {
                for edition in [Edition::Living, Edition::Html5] {
                    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
                    let address = listener.local_addr().unwrap().to_string();
                    // Each its own, for they would wait for one another.
                    let agent = UserAgent::builder()
                        .timeouts(support::short_timeouts())
                        .build();
                    let url = url.replace("PEER", &address);
                    let mut builder = WebSocket::builder(&event_loop, &url);
                    builder
                        .edition(edition)
                        .user_agent(&agent)
                        .protocols(protocol.map(String::as_str));
                    if let Some(origin) = &origin {
                        builder.origin(origin);
                    }
                    if let Ok(socket) = builder.open() {
                        opened.push((listener, socket));
                    }
                }
            }
        }
        event_loop.run();
        assert!(opened.len() > 20, "some are harmless");
        for (listener, socket) in opened {
            listener.set_nonblocking(true).unwrap();
            if let Ok((mut stream, _)) = listener.accept() {
                let mut request = Vec::new();
                stream.read_to_end(&mut request).unwrap();
                let request = String::from_utf8_lossy(&request).to_ascii_lowercase();
                let url = socket.url();
                for line in request.split(['\r', '\n', '\0']) {
                    assert!(!line.starts_with("x-evil"), "{url}: {request}");
                }
                assert_eq!(request.matches("\r\n\r\n").count(), 1, "{url}: {request}");
            }
        }
    });
}

#[test]
fn tcp_keep_alive_of_any_time_keeps_nobody_from_connecting() {
    bounded(|| {
        for idle in [0, 1, 2_000, 86_400_000] {
            let peer = Peer::serve(|mut wire| {
                wire.accept_upgrade();
                wire.send_frame(&Frame::close(1000, ""));
                wire.expect_from_client(&Frame::close(1000, ""));
                wire.finish();
                wire.expect_end();
            });
            let agent = UserAgent::builder()
                .tcp_keep_alive(Duration::from_millis(idle))
                .build();
            let event_loop = EventLoop::new();
            let socket = WebSocket::builder(&event_loop, &peer.url())
                .user_agent(&agent)
                .open()
                .unwrap();
            let recorder = Recorder::of(&socket);
            event_loop.run();
            peer.join();
            assert_eq!(
                recorder.finished(),
                ["OPEN open", "CLOSED close clean 1000"]
            );
        }
    });
}
