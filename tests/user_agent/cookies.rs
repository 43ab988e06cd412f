//! Cookies: which are sent, which are kept, and when.

use dom_websocket::{CookieJar, Document, Edition, EventLoop, UserAgent, WebSocket};
use std::cell::RefCell;
use std::net::TcpListener;
use std::rc::Rc;
use std::sync::mpsc;
use std::thread;
use support::{
    CLOSING, FAILURE, Frame, Gate, Head, Peer, Recorder, Wire, accept, bounded, short_timeouts,
};

const SESSION: [&str; 2] = ["OPEN open", "CLOSED close clean 1000"];

fn agent(jar: &CookieJar) -> UserAgent {
    UserAgent::builder().cookie_jar(jar).build()
}

fn open(event_loop: &EventLoop, url: &str, agent: &UserAgent) -> (WebSocket, Recorder) {
    let socket = WebSocket::builder(event_loop, url)
        .user_agent(agent)
        .open()
        .unwrap();
    let recorder = Recorder::of(&socket);
    (socket, recorder)
}

fn events(url: &str, agent: &UserAgent) -> Vec<String> {
    let event_loop = EventLoop::new();
    let (_socket, recorder) = open(&event_loop, url, agent);
    event_loop.run();
    recorder.finished()
}

/// Opens one client's connection with these cookies, and closes it; those that it came with.
fn serve(listener: &TcpListener, cookies: &[&str]) -> Vec<String> {
    let mut wire = accept(listener);
    let request = wire.accept_upgrade_with(|head| setting(head, cookies));
    close(&mut wire);
    cookies_of(&request)
}

fn close(wire: &mut Wire) {
    wire.send_frame(&Frame::close(1000, ""));
    wire.expect_from_client(&Frame::close(1000, ""));
    wire.finish();
    wire.expect_end();
}

fn setting(head: Head, cookies: &[&str]) -> Head {
    cookies
        .iter()
        .fold(head, |head, cookie| head.and("Set-Cookie", cookie))
}

fn cookies_of(request: &Head) -> Vec<String> {
    let fields = request.fields.iter();
    fields
        .filter(|(name, _)| name.eq_ignore_ascii_case("Cookie"))
        .map(|(_, value)| value.clone())
        .collect()
}

#[test]
fn without_a_jar_none_are_sent_or_kept() {
    bounded(|| {
        let peer = Peer::listen(|listener| [serve(&listener, &["a=b"]), serve(&listener, &[])]);
        let agent = UserAgent::default();
        assert_eq!(events(&peer.url(), &agent), SESSION);
        assert_eq!(events(&peer.url(), &agent), SESSION);
        assert_eq!(peer.join(), [[""; 0]; 2]);
    });
}

#[test]
fn those_that_fit_are_sent_in_one_field() {
    bounded(|| {
        let peer = Peer::listen(|listener| serve(&listener, &[]));
        let jar = CookieJar::new();
        let http = peer.url_of("/chat/").replace("ws:", "http:");
        for cookie in [
            "all=1; Path=/",
            "script=2; Path=/; HttpOnly",
            "elsewhere=3; Path=/elsewhere",
            "here=4",
            "gone=5; Max-Age=0",
        ] {
            jar.set(&http, cookie);
        }
        jar.set("http://example.com/", "foreign=6");
        jar.set(&http.replace("http:", "https:"), "secure=7; Secure; Path=/");
        assert_eq!(events(&peer.url_of("/chat/room"), &agent(&jar)), SESSION);
        assert_eq!(peer.join(), ["here=4; all=1; script=2"]);
    });
}

/// The document is the site: to another's socket the jar is shut but for what is for all.
#[test]
fn another_sites_page_has_none() {
    bounded(|| {
        let peer = Peer::listen(|listener| {
            [
                serve(&listener, &["set=1", "all=1; SameSite=None"]),
                serve(&listener, &["evil=1"]),
                serve(&listener, &["set=1"]),
                serve(&listener, &[]),
                serve(&listener, &[]),
            ]
        });
        let jar = CookieJar::new();
        jar.set(&peer.url(), "first=0");
        let event_loop = EventLoop::new();
        let here = Document::new("http://127.0.0.1:1/page").unwrap();
        let sandboxed = Document::with_origin("http://127.0.0.1:1/page", "null").unwrap();
        for document in [
            Some(&Document::new("http://page.example/").unwrap()),
            Some(&Document::new("null").unwrap()),
            Some(&here),
            Some(&sandboxed),
            None,
        ] {
            let url = peer.url();
            let mut builder = WebSocket::builder(&event_loop, &url);
            if let Some(document) = document {
                builder.document(document);
            }
            let socket = builder.user_agent(&agent(&jar)).open().unwrap();
            let recorder = Recorder::of(&socket);
            event_loop.run();
            assert_eq!(recorder.finished(), SESSION);
        }
        let (first, both) = (vec!["first=0"], vec!["first=0; set=1"]);
        assert_eq!(peer.join(), [vec![], vec![], first, both.clone(), both]);
    });
}

#[test]
fn a_field_of_ones_own_stays() {
    bounded(|| {
        let peer = Peer::listen(|listener| serve(&listener, &[]));
        let jar = CookieJar::new();
        jar.set(&peer.url(), "jar=1");
        let event_loop = EventLoop::new();
        let socket = WebSocket::builder(&event_loop, &peer.url())
            .header("Cookie", "own=2")
            .unwrap()
            .user_agent(&agent(&jar))
            .open()
            .unwrap();
        let recorder = Recorder::of(&socket);
        event_loop.run();
        assert_eq!(recorder.finished(), SESSION);
        assert_eq!(peer.join(), ["own=2; jar=1"]);
    });
}

#[test]
fn a_handshakes_cookies_are_those_of_the_next_one() {
    bounded(|| {
        let peer = Peer::listen(|listener| {
            serve(
                &listener,
                &["a=1", "b=2; HttpOnly", "b=3; HttpOnly", "c=4; Secure"],
            );
            [
                serve(&listener, &["a=; Expires=Thu, 01 Jan 1970 00:00:00 GMT"]),
                serve(&listener, &[]),
            ]
        });
        let jar = CookieJar::new();
        // Two user agents can share a jar.
        for _ in 0..3 {
            assert_eq!(events(&peer.url(), &agent(&jar)), SESSION);
        }
        assert_eq!(peer.join(), [["a=1; b=3"], ["b=3"]]);
    });
}

/// It could not be sent back as it came.
#[test]
fn a_cookie_that_is_no_text_is_not_kept() {
    bounded(|| {
        let peer = Peer::listen(|listener| {
            let mut wire = accept(&listener);
            let request = wire.take_upgrade();
            let head = setting(request.switching(), &["a=?", "b=\u{fc}", "?=c"]);
            let bytes = head.bytes().into_iter();
            let bytes: Vec<_> = bytes.map(|b| if b == b'?' { 0xfc } else { b }).collect();
            wire.send(&bytes);
            close(&mut wire);
            serve(&listener, &[])
        });
        let agent = agent(&CookieJar::new());
        for _ in 0..2 {
            assert_eq!(events(&peer.url(), &agent), SESSION);
        }
        assert_eq!(peer.join(), ["b=\u{fc}"]);
    });
}

#[test]
fn draft_76_has_them_too() {
    bounded(|| {
        let peer = Peer::listen(|listener| {
            [(); 2].map(|()| {
                let mut wire = accept(&listener);
                let request = wire.take_request();
                let response = request.response().and("Set-Cookie", "a=1; HttpOnly");
                wire.send(&response.bytes());
                wire.send(CLOSING);
                wire.expect(CLOSING);
                wire.expect_end();
                cookies_of(&request)
            })
        });
        let agent = agent(&CookieJar::new());
        for _ in 0..2 {
            let event_loop = EventLoop::new();
            let socket = WebSocket::builder(&event_loop, &peer.url())
                .edition(Edition::Html5)
                .user_agent(&agent)
                .open()
                .unwrap();
            let recorder = Recorder::of(&socket);
            event_loop.run();
            assert_eq!(recorder.finished(), ["OPEN open", "CLOSED close clean"]);
        }
        assert_eq!(peer.join(), [vec![], vec!["a=1".to_owned()]]);
    });
}

#[test]
fn they_are_kept_with_open_and_not_before() {
    bounded(|| {
        let event_loop = EventLoop::new();
        let is_asked = Gate::new(&event_loop);
        let asked = is_asked.clone();
        let (go, may_go) = mpsc::channel();
        let (sent, was_sent) = mpsc::channel();
        let peer = Peer::serve(move |mut wire| {
            let response = wire.take_upgrade().switching();
            asked.open();
            may_go.recv().unwrap();
            wire.send(&setting(response, &["a=1"]).bytes());
            sent.send(()).unwrap();
            close(&mut wire);
        });
        let jar = CookieJar::new();
        let (socket, recorder) = open(&event_loop, &peer.url(), &agent(&jar));
        let seen = Rc::new(RefCell::new(None));
        socket.set_onopen({
            let (jar, seen) = (jar.clone(), seen.clone());
            move |event| {
                *seen.borrow_mut() = jar.cookies(event.target().url());
            }
        });
        is_asked.run(&event_loop);
        go.send(()).unwrap();
        was_sent.recv().unwrap();
        assert_eq!(jar.cookies(&peer.url()), None);
        event_loop.run();
        assert_eq!(
            seen.borrow().as_deref(),
            Some("a=1"),
            "script can rely on it"
        );
        assert_eq!(recorder.finished(), SESSION);
        peer.join();
    });
}

#[test]
fn a_handshake_that_fails_sets_none() {
    bounded(|| {
        for change in [
            |head: Head| head.with("Sec-WebSocket-Accept", "wrong"),
            |head: Head| head.with("Sec-WebSocket-Protocol", "unasked"),
            |head: Head| head.with_first_line("HTTP/1.1 403 Forbidden"),
            |head: Head| head.with_first_line("HTTP/1.1 200 OK"),
            |head: Head| {
                head.with_first_line("HTTP/1.1 302 Found")
                    .with("Location", "/")
            },
            |head: Head| head.with_first_line("HTTP/1.1 401 Unauthorized"),
            |head: Head| head.without("Upgrade"),
        ] {
            let peer = Peer::serve(move |mut wire| {
                wire.accept_upgrade_with(|head| change(setting(head, &["a=1"])));
                wire.take_rest();
            });
            let jar = CookieJar::new();
            assert_eq!(events(&peer.url(), &agent(&jar)), FAILURE);
            assert_eq!(jar.cookies(&peer.url()), None);
            peer.join();
        }
    });
}

/// Two sockets, whose handshakes end at the same moment, and each of which closes the other when it
/// opens: one of them is closed with its `open` under way.
#[test]
fn close_before_open_keeps_none() {
    bounded(|| {
        let event_loop = EventLoop::new();
        let jar = CookieJar::new();
        let agent = UserAgent::builder()
            .cookie_jar(&jar)
            .timeouts(short_timeouts())
            .build();
        // Two addresses, for one does not wait for the other.
        let ends = ["127.0.0.1", "127.0.0.2"].map(|address| {
            let listener = TcpListener::bind((address, 0)).unwrap();
            let url = format!("ws://{}/", listener.local_addr().unwrap());
            let is_asked = Gate::new(&event_loop);
            let asked = is_asked.clone();
            let (go, may_go) = mpsc::channel();
            let (sent, was_sent) = mpsc::channel();
            let peer = thread::spawn(move || {
                let mut wire = accept(&listener);
                let response = wire.take_upgrade().switching();
                asked.open();
                may_go.recv().unwrap();
                wire.send(&setting(response, &["a=1"]).bytes());
                sent.send(()).unwrap();
                wire.take_rest();
            });
            let (socket, recorder) = open(&event_loop, &url, &agent);
            (url, socket, recorder, is_asked, go, was_sent, peer)
        });
        for (i, end) in ends.iter().enumerate() {
            let other = ends[1 - i].1.clone();
            end.1.set_onopen(move |event| {
                other.close();
                event.target().close();
            });
            end.3.run(&event_loop);
        }
        for (.., go, was_sent, _) in &ends {
            go.send(()).unwrap();
            was_sent.recv().unwrap();
        }
        event_loop.run();
        let mut opened = 0;
        for (url, _, recorder, .., peer) in ends {
            let has_opened = recorder.count_of("open");
            opened += has_opened;
            assert_eq!(jar.cookies(&url).is_some(), has_opened == 1, "{url}");
            recorder.finished();
            peer.join().unwrap();
        }
        assert_eq!(opened, 1);
    });
}

#[test]
fn those_of_a_redirect_go_with_it_and_stay_only_if_it_succeeds() {
    bounded(|| {
        for succeeds in [true, false] {
            let peer = Peer::listen(move |listener| {
                let mut wire = accept(&listener);
                wire.take_upgrade();
                let found = Head::status("302 Found").with("Location", "/b");
                wire.send(&setting(found, &["hop=1", "other=2; Path=/other"]).bytes());
                wire.take_rest();
                if succeeds {
                    return serve(&listener, &["end=3"]);
                }
                let mut wire = accept(&listener);
                let request = wire.take_upgrade();
                wire.send(&Head::status("403 Forbidden").bytes());
                wire.take_rest();
                cookies_of(&request)
            });
            let jar = CookieJar::new();
            let agent = UserAgent::builder()
                .cookie_jar(&jar)
                .follow_redirects(1)
                .build();
            let events = events(&peer.url_of("/a"), &agent);
            let kept = jar.cookies(&peer.url());
            assert_eq!(peer.join(), ["hop=1"]);
            if succeeds {
                assert_eq!(events, SESSION);
                assert_eq!(kept.as_deref(), Some("hop=1; end=3"));
            } else {
                assert_eq!(events, FAILURE);
                assert_eq!(kept, None);
            }
        }
    });
}

#[test]
fn a_redirect_to_another_server_has_that_ones_cookies() {
    bounded(|| {
        let there = TcpListener::bind("127.0.0.2:0").unwrap();
        let location = format!("ws://{}/", there.local_addr().unwrap());
        let here = Peer::serve({
            let location = location.clone();
            move |mut wire| {
                let request = wire.take_upgrade();
                let found = Head::status("302 Found").with("Location", &location);
                wire.send(&setting(found, &["from=here"]).bytes());
                wire.take_rest();
                cookies_of(&request)
            }
        });
        let there = thread::spawn(move || serve(&there, &["from=there"]));
        let jar = CookieJar::new();
        jar.set(&here.url(), "for=here");
        jar.set(&location, "for=there");
        let agent = UserAgent::builder()
            .cookie_jar(&jar)
            .follow_redirects(1)
            .build();
        let url = here.url();
        assert_eq!(events(&url, &agent), SESSION);
        assert_eq!(here.join(), ["for=here"]);
        assert_eq!(there.join().unwrap(), ["for=there"]);
        let kept = [url, location].map(|url| jar.cookies(&url).unwrap());
        assert_eq!(kept, ["for=here; from=here", "for=there; from=there"]);
    });
}

#[test]
fn nothing_that_ends_a_line_gets_into_the_jar_or_out_of_it() {
    bounded(|| {
        let jar = CookieJar::new();
        let url = "ws://127.0.0.1/";
        for control in ["\r\n", "\n", "\r", "\0", "\u{7f}", "\u{1}"] {
            for cookie in [
                format!("a={control}X-Evil: yes"),
                format!("a{control}=b"),
                format!("a=b; Path=/{control}"),
                format!("a=b; Domain=127.0.0.1{control}"),
                format!("a=b{control}"),
                format!("{control}a=b"),
            ] {
                assert!(!jar.set(url, &cookie), "{cookie:?}");
            }
        }
        // Nor by way of a file.
        let lines = "127.0.0.1\tFALSE\t/\tFALSE\t0\ta\tb\0c\n\
            127.0.0.1\tFALSE\t/\tFALSE\t0\ta\rX\tb\n\
            127.0.0.1\tFALSE\t/\u{1}\tFALSE\t0\ta\tb\n";
        jar.load(lines.as_bytes()).unwrap();
        assert_eq!(jar.cookies(url), None);
        // Escapes stay what they are.
        assert!(jar.set(url, "a=%0D%0AX-Evil:%20yes"));
        let peer = Peer::listen(|listener| serve(&listener, &[]));
        assert_eq!(events(&peer.url(), &agent(&jar)), SESSION);
        assert_eq!(peer.join(), ["a=%0D%0AX-Evil:%20yes"]);
    });
}

#[test]
fn a_servers_odd_cookies_do_no_harm() {
    bounded(|| {
        let long = format!("long={}", "x".repeat(5000));
        let odd = [
            "",
            "=",
            "=nameless",
            "valueless",
            ";",
            "; Path=/",
            "a=b; Domain=.",
            "a=b; Domain=",
            "a=b; Domain=com",
            "a=b; Max-Age=x",
            "a=b; Expires=x",
            "a=\"q;u\"; Path=relative",
            "\u{e4}=\u{f6}",
            "t=\tx",
            &long,
        ]
        .map(str::to_owned);
        let peer = Peer::listen(move |listener| {
            let cookies: Vec<_> = odd.iter().map(String::as_str).collect();
            serve(&listener, &cookies);
            serve(&listener, &[])
        });
        let agent = agent(&CookieJar::new());
        assert_eq!(events(&peer.url(), &agent), SESSION);
        assert_eq!(events(&peer.url(), &agent), SESSION);
        let sent = peer.join();
        assert!(sent.len() <= 1, "one field: {sent:?}");
        assert!(sent.concat().len() < 4096, "{sent:?}");
    });
}
