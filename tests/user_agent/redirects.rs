//! Redirects: followed only if asked for, and then by the rules.

use dom_websocket::{Edition, EventLoop, Timeouts, UserAgent, UserAgentBuilder, WebSocket};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::thread;
use std::time::{Duration, Instant};
use support::{FAILURE, Frame, Head, PATIENCE, Peer, Recorder, Wire, accept, bounded};

const SESSION: [&str; 2] = ["OPEN open", "CLOSED close clean 1000"];

fn following(count: usize) -> UserAgentBuilder {
    let mut builder = UserAgent::builder();
    builder.follow_redirects(count);
    builder
}

fn events(url: &str, agent: &UserAgent) -> Vec<String> {
    let event_loop = EventLoop::new();
    let socket = WebSocket::builder(&event_loop, url)
        .origin("http://page.example")
        .user_agent(agent)
        .open()
        .unwrap();
    let recorder = Recorder::of(&socket);
    event_loop.run();
    assert_eq!(socket.url(), url, "the URL that was asked for");
    recorder.finished()
}

fn found(location: &str) -> Head {
    Head::status("302 Found").with("Location", location)
}

/// Takes one client's request, and sends it away.
fn turn_away(listener: &TcpListener, response: &Head) -> Head {
    let mut wire = accept(listener);
    let request = wire.take_upgrade();
    wire.send(&response.bytes());
    wire.take_rest();
    request
}

/// Opens one client's connection, and closes it.
fn serve(listener: &TcpListener) -> Head {
    let mut wire = accept(listener);
    let request = wire.accept_upgrade();
    close(&mut wire);
    request
}

fn close(wire: &mut Wire) {
    wire.send_frame(&Frame::close(1000, ""));
    wire.expect_from_client(&Frame::close(1000, ""));
    wire.finish();
    wire.expect_end();
}

#[track_caller]
fn was_not_called(listener: &TcpListener) {
    listener.set_nonblocking(true).unwrap();
    assert!(listener.accept().is_err(), "another client");
}

/// Sends a client from one server to another; both requests.
fn sent_away(
    url: impl FnOnce(SocketAddr) -> String,
    agent: &UserAgent,
    page: Option<&str>,
) -> (Head, Head) {
    let there = Peer::listen(|listener| serve(&listener));
    let address = there.address();
    let here = Peer::listen(move |listener| {
        turn_away(&listener, &found(&format!("ws://{address}/there?x")))
    });
    let event_loop = EventLoop::new();
    let page = page.map_or(format!("http://{}", here.address()), str::to_owned);
    let socket = WebSocket::builder(&event_loop, &url(here.address()))
        .origin(&page)
        .user_agent(agent)
        .open()
        .unwrap();
    let recorder = Recorder::of(&socket);
    event_loop.run();
    assert_eq!(recorder.finished(), SESSION);
    (here.join(), there.join())
}

#[test]
fn every_kind_is_followed_if_that_is_asked_for() {
    bounded(|| {
        for status in [
            "301 Moved",
            "302 Found",
            "303 See",
            "307 Temporary",
            "308 Permanent",
        ] {
            for follows in [true, false] {
                let peer = Peer::listen(move |listener| {
                    let location = format!("ws://{}/b", listener.local_addr().unwrap());
                    let response = Head::status(status).with("Location", &location);
                    turn_away(&listener, &response);
                    if follows {
                        assert_eq!(serve(&listener).resource(), "/b");
                    }
                    listener
                });
                let events = events(&peer.url(), &following(follows.into()).build());
                if follows {
                    assert_eq!(events, SESSION, "{status}");
                } else {
                    assert_eq!(events, FAILURE, "{status}");
                }
                was_not_called(&peer.join());
            }
        }
    });
}

#[test]
fn other_statuses_are_no_redirects() {
    bounded(|| {
        for status in [
            "300 Multiple Choices",
            "304 Not Modified",
            "305 Use Proxy",
            "306 x",
            "309 x",
            "201 Created",
            "200 OK",
        ] {
            let peer = Peer::listen(move |listener| {
                turn_away(&listener, &Head::status(status).with("Location", "/b"));
                listener
            });
            assert_eq!(
                events(&peer.url(), &following(5).build()),
                FAILURE,
                "{status}"
            );
            was_not_called(&peer.join());
        }
    });
}

#[test]
fn the_old_edition_follows_too() {
    bounded(|| {
        let peer = Peer::listen(|listener| {
            let mut wire = accept(&listener);
            let first = wire.take_request();
            wire.send(&found("/b").bytes());
            wire.take_rest();
            let mut wire = accept(&listener);
            let second = wire.accept_client();
            assert_eq!(second.resource(), "/b");
            for key in ["Sec-WebSocket-Key1", "Sec-WebSocket-Key2"] {
                assert_ne!(first.field(key), second.field(key));
            }
            wire.send(support::CLOSING);
            wire.expect(support::CLOSING);
            wire.expect_end();
        });
        let event_loop = EventLoop::new();
        let socket = WebSocket::builder(&event_loop, &peer.url())
            .edition(Edition::Html5)
            .user_agent(&following(1).build())
            .open()
            .unwrap();
        let recorder = Recorder::of(&socket);
        event_loop.run();
        peer.join();
        assert_eq!(recorder.finished(), ["OPEN open", "CLOSED close clean"]);
    });
}

#[test]
fn where_a_location_leads() {
    bounded(|| {
        for (location, resource) in [
            ("/b", "/b"),
            ("b?c", "/x/b?c"),
            ("?c", "/x/a?c"),
            ("../b#fragment", "/b"),
            ("#fragment", "/x/a?q"),
            ("", "/x/a?q"),
            ("//HERE/b", "/b"),
            ("http://HERE/b", "/b"),
            ("WS://HERE", "/"),
            ("/a b/\u{fc}", "/a%20b/%C3%BC"),
            ("^?^", "/x/%5E?^"),
        ] {
            let peer = Peer::listen(move |listener| {
                let here = listener.local_addr().unwrap().to_string();
                turn_away(&listener, &found(&location.replace("HERE", &here)));
                let request = serve(&listener);
                assert_eq!(request.resource(), resource);
                assert_eq!(request.field("Host"), Some(&*here));
            });
            assert_eq!(
                events(&peer.url_of("/x/a?q"), &following(1).build()),
                SESSION,
                "{location}"
            );
            peer.join();
        }
    });
}

#[test]
fn locations_that_lead_nowhere() {
    bounded(|| {
        for response in [
            Head::status("302 Found"),
            found("/b").and("Location", "/b"),
            found("/b").and("location", "/c"),
            found("ftp://127.0.0.1/"),
            found("file:///etc/passwd"),
            found("javascript:1"),
            found("ws://"),
            found("ws://["),
            found("ws://127.0.0.1:99999/"),
            found("ws://127.0.0.1:25/"),
            found("http://127.0.0.1:6667/"),
        ] {
            let peer = Peer::listen({
                let response = response.clone();
                move |listener| {
                    turn_away(&listener, &response);
                    listener
                }
            });
            assert_eq!(
                events(&peer.url(), &following(5).build()),
                FAILURE,
                "{response:?}"
            );
            was_not_called(&peer.join());
        }
    });
}

#[test]
fn so_many_are_followed_and_no_more() {
    bounded(|| {
        for count in [1, 3, 20] {
            for is_one_too_many in [false, true] {
                let peer = Peer::listen(move |listener| {
                    for i in 0..count + usize::from(is_one_too_many) {
                        let request = turn_away(&listener, &found(&format!("/{}", i + 1)));
                        assert_eq!(request.resource(), format!("/{i}"));
                    }
                    if !is_one_too_many {
                        serve(&listener);
                    }
                    listener
                });
                let events = events(&peer.url_of("/0"), &following(count).build());
                if is_one_too_many {
                    assert_eq!(events, FAILURE);
                } else {
                    assert_eq!(events, SESSION);
                }
                was_not_called(&peer.join());
            }
        }
    });
}

#[test]
fn all_attempts_share_one_bound() {
    bounded(|| {
        const BOUND: Duration = Duration::from_millis(300);
        let peer = Peer::listen(|listener| {
            loop {
                let mut wire = accept(&listener);
                match wire.take_some() {
                    // The client does not come any more: this is our own call.
                    Ok(request) if request.is_empty() => return,
                    Ok(_) => {}
                    // Its time was over right then.
                    Err(_) => continue,
                }
                thread::sleep(BOUND / 3);
                // The client may be gone.
                let _ = wire.try_send(&found("/").bytes());
                wire.take_rest();
            }
        });
        let start = Instant::now();
        let agent = following(1000)
            .timeouts(Timeouts {
                opening_handshake: BOUND,
                ..Timeouts::default()
            })
            .build();
        assert_eq!(events(&peer.url(), &agent), FAILURE);
        let lasted = start.elapsed();
        assert!(lasted >= BOUND && lasted < PATIENCE / 2, "{lasted:?}");
        // Where the last attempt gave up before it had said a word, that was it.
        let _ = TcpStream::connect(peer.address());
        peer.join();
    });
}

#[test]
fn each_request_has_a_key_of_its_own() {
    bounded(|| {
        let (first, second) =
            sent_away(|here| format!("ws://{here}/"), &following(1).build(), None);
        assert_eq!(second.resource(), "/there?x");
        assert_ne!(
            first.field("Sec-WebSocket-Key"),
            second.field("Sec-WebSocket-Key")
        );
    });
}

/// Fetch "HTTP-redirect fetch" step 10: who sends a page from one stranger to another does not speak for
/// it.
#[test]
fn the_origin_is_null_behind_two_strangers() {
    bounded(|| {
        let url = |here: SocketAddr| format!("ws://{here}/");
        let (first, second) = sent_away(url, &following(1).build(), Some("http://page.example"));
        assert_eq!(first.field("Origin"), Some("http://page.example"));
        assert_eq!(second.field("Origin"), Some("null"));
        // Its own server may.
        let (first, second) = sent_away(url, &following(1).build(), None);
        assert_eq!(first.field("Origin"), second.field("Origin"));
        // To the same one it is still the page that asks.
        let peer = Peer::listen(|listener| {
            turn_away(&listener, &found("/b"));
            serve(&listener)
        });
        assert_eq!(events(&peer.url(), &following(1).build()), SESSION);
        assert_eq!(peer.join().field("Origin"), Some("http://page.example"));
    });
}

#[test]
fn credentials_do_not_follow_to_another_server() {
    bounded(|| {
        let agent = following(1)
            .header("Authorization", "Bearer secret")
            .and_then(|agent| agent.header("Cookie", "secret=1"))
            .and_then(|agent| agent.header("X-Kept", "yes"))
            .unwrap()
            .build();
        let (first, second) = sent_away(|here| format!("ws://{here}/"), &agent, None);
        assert_eq!(first.field("Authorization"), Some("Bearer secret"));
        assert_eq!(first.field("Cookie"), Some("secret=1"));
        for field in ["Authorization", "Cookie"] {
            assert_eq!(second.field(field), None, "{field}");
        }
        assert_eq!(second.field("X-Kept"), Some("yes"));

        let (first, second) = sent_away(
            |here| format!("ws://edna:mode@{here}/"),
            &following(1).build(),
            None,
        );
        assert_eq!(first.field("Authorization"), Some("Basic ZWRuYTptb2Rl"));
        assert_eq!(second.field("Authorization"), None);
    });
}

#[test]
fn credentials_follow_to_the_same_server() {
    bounded(|| {
        let peer = Peer::listen(|listener| {
            turn_away(&listener, &found("/b"));
            serve(&listener)
        });
        let url = peer.url().replace("ws://", "ws://edna:mode@");
        let agent = following(1).header("Cookie", "a=b").unwrap().build();
        assert_eq!(events(&url, &agent), SESSION);
        let request = peer.join();
        assert_eq!(request.field("Cookie"), Some("a=b"));
        assert_eq!(request.field("Authorization"), Some("Basic ZWRuYTptb2Rl"));
    });
}

#[test]
fn a_location_can_bring_credentials_but_no_line_of_its_own() {
    bounded(|| {
        for (user, authorization) in [
            ("edna:mode", Some("Basic ZWRuYTptb2Rl")),
            ("edna%0D%0AX:mode", None),
            ("edna:%00", None),
        ] {
            let peer = Peer::listen(move |listener| {
                let here = listener.local_addr().unwrap();
                turn_away(&listener, &found(&format!("ws://{user}@{here}/b")));
                if authorization.is_some() {
                    assert_eq!(serve(&listener).field("Authorization"), authorization);
                }
                listener
            });
            let events = events(&peer.url(), &following(1).build());
            if authorization.is_some() {
                assert_eq!(events, SESSION);
            } else {
                assert_eq!(events, FAILURE);
            }
            was_not_called(&peer.join());
        }
    });
}

#[test]
fn a_redirect_waits_for_its_turn_like_anybody_else() {
    bounded(|| {
        let peer = Peer::listen(|listener| {
            turn_away(&listener, &found("/b"));
            // Whoever has waited goes first, and neither holds up the other for good.
            let mut resources =
                [serve(&listener), serve(&listener)].map(|r| r.resource().to_owned());
            resources.sort();
            assert_eq!(resources, ["/b", "/second"]);
        });
        let event_loop = EventLoop::new();
        let agent = following(1).build();
        let sockets = ["/", "/second"].map(|resource| {
            let socket = WebSocket::builder(&event_loop, &peer.url_of(resource))
                .user_agent(&agent)
                .open()
                .unwrap();
            (Recorder::of(&socket), socket)
        });
        event_loop.run();
        peer.join();
        for (recorder, _) in sockets {
            assert_eq!(recorder.finished(), SESSION);
        }
    });
}

#[test]
fn the_body_of_a_redirect_is_not_waited_for() {
    bounded(|| {
        let peer = Peer::listen(|listener| {
            let response = found("/b").with("Content-Length", "1000000");
            turn_away(&listener, &response);
            serve(&listener);
        });
        assert_eq!(events(&peer.url(), &following(1).build()), SESSION);
        peer.join();
    });
}
