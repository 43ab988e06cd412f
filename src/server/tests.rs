//! The simplified wire over real sockets: each end against a scripted peer, and both against each other.

use super::Server;
use crate::connection::Channel;
use crate::event_loop::{EventLoop, Handle, Target, TaskSource, Turn};
use crate::net::{TakenSocket, TakenTransport};
use crate::protocol::{Closure, Feedback, Payload, WireFailure};
use crate::user_agent::{ConnectRequest, Failure, Step, UserAgent};
use futures::FutureExt;
use futures::task::ArcWake;
use std::cell::{OnceCell, RefCell};
use std::io::{self, Read, Write};
use std::rc::Rc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, mpsc};
use std::task::{Context, Poll};
use std::time::Duration;
use support::{End, Peer, Wire, bounded, bounded_by};

const REQUEST: &str =
    "GET / HTTP/1.1\r\nHost: {}\r\nUpgrade: WebSocket\r\nConnection: Upgrade\r\n\r\n";
const RESPONSE: &str =
    "HTTP/1.1 101 Switching Protocols\r\nUpgrade: WebSocket\r\nConnection: Upgrade\r\n\r\n";
const MIB: usize = 1024 * 1024;

/// What an application is to a connection: it takes all that comes.
#[derive(Default)]
struct Application {
    source: OnceCell<Rc<TaskSource>>,
    heard: RefCell<Vec<u8>>,
    others: RefCell<Vec<Feedback>>,
}

impl Target for Application {
    fn run(self: Rc<Self>, feedback: Feedback) {
        match feedback {
            Feedback::BinaryPart(bytes) => self.heard.borrow_mut().extend(bytes),
            other => self.others.borrow_mut().push(other),
        }
    }

    fn release(&self) {}
}

impl Application {
    fn adopt(source: Rc<TaskSource>) -> Rc<Self> {
        let this = Rc::new(Self::default());
        let target: Rc<dyn Target> = this.clone();
        source.set_target(Rc::downgrade(&target));
        let _ = this.source.set(source);
        this
    }

    fn connect(event_loop: &EventLoop, user_agent: &UserAgent, url: &str) -> Rc<Self> {
        let request = ConnectRequest::simplified(url, None).unwrap();
        let opening = user_agent.open(request);
        let observer = opening.feedback_observer();
        assert!(opening.on_open().is_none());
        Self::adopt(TaskSource::open(
            event_loop.shared(),
            opening.perform(),
            observer,
        ))
    }

    fn channel(&self) -> &dyn Channel {
        self.source.get().unwrap().channel()
    }

    fn send(&self, bytes: &[u8]) {
        assert!(self.channel().send(Payload::Binary(bytes)));
    }

    fn is_open(&self) -> bool {
        self.channel().is_established()
    }

    fn is_told(&self, what: &Feedback) -> bool {
        self.others.borrow().contains(what)
    }

    fn closure(&self) -> Option<Closure> {
        match self.others.borrow().last() {
            Some(Feedback::Closed(closure)) => Some(closure.clone()),
            _ => None,
        }
    }
}

/// Takes turns until `is_so`, waiting for the loop's wake-up in between.
#[track_caller]
fn run_until(event_loop: &EventLoop, mut is_so: impl FnMut() -> bool) {
    let (wake, woken) = mpsc::channel();
    event_loop.set_wake_up(move || wake.send(()).unwrap_or_default());
    loop {
        let turn = event_loop.turn();
        if is_so() {
            event_loop.set_wake_up(|| ());
            return;
        }
        match turn {
            Turn::More => {}
            Turn::Waiting => assert!(woken.recv_timeout(support::PATIENCE).is_ok(), "in vain"),
            Turn::Idle => panic!("the loop is idle too early"),
        }
    }
}

/// Wakes the loop, from any thread.
struct Bell {
    handle: Handle,
    has_rung: AtomicBool,
}

impl Bell {
    fn new(event_loop: &EventLoop) -> Arc<Self> {
        Arc::new(Self {
            handle: event_loop.handle(),
            has_rung: AtomicBool::new(false),
        })
    }

    fn run(&self, event_loop: &EventLoop) {
        let _work = event_loop.keep_alive();
        run_until(event_loop, || self.has_rung.load(Ordering::SeqCst));
    }
}

impl ArcWake for Bell {
    fn wake_by_ref(this: &Arc<Self>) {
        this.has_rung.store(true, Ordering::SeqCst);
        this.handle.queue_task(|| ());
    }
}

fn serve(event_loop: &EventLoop) -> (Server, Rc<RefCell<Vec<Rc<Application>>>>) {
    accept(Server::listen(event_loop, "127.0.0.1:0").unwrap())
}

fn accept(server: Server) -> (Server, Rc<RefCell<Vec<Rc<Application>>>>) {
    let accepted = Rc::new(RefCell::new(Vec::new()));
    let all = accepted.clone();
    server.set_onbytestream_source(Rc::new(move |source, request| {
        assert_eq!(request.wire(), crate::protocol::Wire::Simplified);
        all.borrow_mut().push(Application::adopt(source));
    }));
    (server, accepted)
}

fn url(server: &Server) -> String {
    format!("ws://{}/", server.local_addr())
}

/// Both ends, and the loop that they share.
fn both() -> (EventLoop, Rc<Application>, Rc<Application>) {
    let event_loop = EventLoop::new();
    let (server, accepted) = serve(&event_loop);
    let client = Application::connect(&event_loop, &UserAgent::default(), &url(&server));
    run_until(&event_loop, || {
        client.is_open() && !accepted.borrow().is_empty()
    });
    let server = accepted.borrow_mut().pop().unwrap();
    (event_loop, client, server)
}

/// Bytes that are at no two places alike.
fn pattern(len: usize) -> Vec<u8> {
    let mut state = 1u32;
    let next = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 24) as u8
    };
    std::iter::repeat_with(next).take(len).collect()
}

#[test]
fn nothing_of_the_authors_but_the_host_leaves_and_nothing_before_the_server_has_said_who_it_is() {
    bounded(|| {
        let event_loop = EventLoop::new();
        let peer = Peer::serve(|mut wire| {
            let request = wire.take_through(b"\r\n\r\n");
            // Whatever else there were would come before our answer.
            std::thread::sleep(Duration::from_millis(100));
            wire.send(&[RESPONSE.as_bytes(), b"\0first"].concat());
            wire.expect(b"GET / HTTP/1.1\r\n\r\n");
            wire.finish();
            wire.expect_end();
            request
        });
        let mut builder = UserAgent::builder();
        builder.header("Authorization", "secret").unwrap();
        builder.header("Cookie", "secret").unwrap();
        builder.blocked_ports([peer.address().port()]);
        builder.follow_redirects(5);
        #[cfg(feature = "cookies")]
        {
            let jar = crate::CookieJar::new();
            jar.set(&peer.url(), "secret=secret");
            builder.cookie_jar(&jar);
        }
        let address = peer.address();
        let client = Application::connect(&event_loop, &builder.build(), &peer.url());
        run_until(&event_loop, || client.is_open());
        client.send(b"GET / HTTP/1.1\r\n\r\n");
        run_until(&event_loop, || client.is_told(&Feedback::PeerEnded));
        client.channel().finish(None);
        event_loop.run();
        assert_eq!(client.closure(), Some(Closure::clean()));
        assert_eq!(*client.heard.borrow(), b"\0first");
        let request = String::from_utf8(peer.join()).unwrap();
        assert_eq!(request, REQUEST.replace("{}", &address.to_string()));
    });
}

/// What becomes of a client whose server answers so.
fn failure(response: &'static [u8]) -> Failure {
    let event_loop = EventLoop::new();
    let peer = Peer::serve(move |mut wire| {
        wire.take_through(b"\r\n\r\n");
        wire.send(response);
        wire.finish();
        assert_eq!(wire.take_rest().0, b"");
    });
    let found = Rc::new(RefCell::new(None));
    let mut builder = UserAgent::builder();
    builder.follow_redirects(5).observer({
        let found = found.clone();
        move |observation| {
            if let Step::Failed(failure) = observation.step {
                found.replace(Some(failure.clone()));
            }
        }
    });
    let client = Application::connect(&event_loop, &builder.build(), &peer.url());
    event_loop.run();
    peer.join();
    assert_eq!(client.closure(), Some(Closure::failed(None)));
    assert!(client.heard.borrow().is_empty());
    found.take().unwrap()
}

#[test]
fn a_server_that_answers_anything_else_gets_nothing_more() {
    bounded(|| {
        for status in ["200 OK", "301 x", "401 x", "403 x", "426 x"] {
            let head = format!(
                "HTTP/1.1 {status}\r\nLocation: /\r\nWWW-Authenticate: Basic realm=x\r\n\
                 Content-Length: 0\r\n\r\n"
            );
            let failure = failure(head.leak().as_bytes());
            assert!(matches!(failure, Failure::Status(_)), "{failure:?}");
        }
        for response in [
            &b"HTTP/1.1 101 x\r\nUpgrade: h2c\r\nConnection: Upgrade\r\n\r\nbytes"[..],
            b"HTTP/1.0 101 x\r\nUpgrade: WebSocket\r\nConnection: Upgrade\r\n\r\nbytes",
            b"HTTP/1.1 101 x\r\nUpgrade: WebSocket\r\n\r\nbytes",
            b"HTTP/1.1 101 x\r\nUpgrade: WebSocket\r\nConnection: Upgrade\r\n\
              Sec-WebSocket-Origin: null\r\n\r\nbytes",
            b"220 mail ready\r\n\r\n",
        ] {
            let failure = failure(response);
            assert!(matches!(failure, Failure::Handshake(_)), "{failure:?}");
        }
        let ended = Failure::Wire(WireFailure::EndOfStream);
        assert_eq!(failure(b"HTTP/1.1 101 x\r\n"), ended);
    });
}

#[test]
fn clients_of_any_wire_come_to_one_port() {
    bounded(|| {
        let event_loop = EventLoop::new();
        let (server, accepted) = serve(&event_loop);
        let address = server.local_addr();
        let bell = Bell::new(&event_loop);
        let rope = bell.clone();
        let peer = Peer::call(address, move |mut wire| {
            wire.send(REQUEST.replace("{}", "h").as_bytes());
            wire.send(b"behind the head");
            wire.expect(RESPONSE.as_bytes());
            wire.expect(b"welcome");
            let mut living = Wire::connect(address);
            living.send(
                b"GET / HTTP/1.1\r\nHost: h\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
                  Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n",
            );
            let response = living.take_through(b"\r\n\r\n");
            assert!(memchr::memmem::find(&response, b"s3pPLMBiTxaQ9kYGzzhZRbK+xOo=").is_some());
            // Smuggling: refused, and what would be a second request is not answered.
            let mut hostile = Wire::connect(address);
            let request = REQUEST.replace("Host: {}", "Host: h\r\nContent-Length: 5");
            hostile.send(format!("{request}GET /").as_bytes());
            let (response, end) = hostile.take_rest();
            assert!(response.starts_with(b"HTTP/1.1 400 "));
            assert_eq!(end, End::Fin);
            wire.finish();
            wire.expect_end();
            ArcWake::wake(rope);
        });
        run_until(&event_loop, || accepted.borrow().len() == 1);
        let stream = accepted.borrow_mut().pop().unwrap();
        stream.send(b"welcome");
        run_until(&event_loop, || stream.is_told(&Feedback::PeerEnded));
        assert_eq!(*stream.heard.borrow(), b"behind the head");
        stream.channel().finish(None);
        bell.run(&event_loop);
        peer.join();
        assert_eq!(stream.closure(), Some(Closure::clean()));
    });
}

#[test]
fn a_server_that_nobody_gave_a_callback_answers_as_ever() {
    bounded(|| {
        let event_loop = EventLoop::new();
        let server = Server::listen(&event_loop, "127.0.0.1:0").unwrap();
        let bell = Bell::new(&event_loop);
        let rope = bell.clone();
        let peer = Peer::call(server.local_addr(), move |mut wire| {
            wire.send(REQUEST.replace("{}", "h").as_bytes());
            let response = wire.take_rest().0;
            ArcWake::wake(rope);
            response
        });
        bell.run(&event_loop);
        assert!(peer.join().starts_with(b"HTTP/1.1 426 "));
    });
}

/// One end finishes; the other then sends so much, and finishes too.
fn after_the_end(event_loop: &EventLoop, first: &Application, second: &Application) {
    let all = pattern(16 * MIB);
    first.send(b"last");
    first.channel().finish(None);
    run_until(event_loop, || second.is_told(&Feedback::PeerEnded));
    assert_eq!(*second.heard.borrow(), b"last");
    let mut sent = 0;
    run_until(event_loop, || {
        while sent < all.len() && !second.channel().would_block(64 * 1024) {
            second.send(&all[sent..sent + 64 * 1024]);
            sent += 64 * 1024;
        }
        sent == all.len()
    });
    second.channel().finish(None);
    run_until(event_loop, || {
        first.closure().is_some() && second.closure().is_some()
    });
    assert_eq!(first.closure(), Some(Closure::clean()));
    assert_eq!(second.closure(), Some(Closure::clean()));
    assert!(*first.heard.borrow() == all, "it is not what was sent");
}

#[test]
fn all_that_is_sent_after_the_peers_end_arrives() {
    bounded_by(Duration::from_secs(60), || {
        let (event_loop, client, server) = both();
        after_the_end(&event_loop, &client, &server);
        let (event_loop, client, server) = both();
        after_the_end(&event_loop, &server, &client);
    });
}

#[test]
fn both_directions_are_full_at_once() {
    bounded_by(Duration::from_secs(60), || {
        let (event_loop, client, server) = both();
        let all = pattern(8 * MIB);
        let mut sent = [0, 0];
        run_until(&event_loop, || {
            for (end, sent) in [&client, &server].into_iter().zip(&mut sent) {
                while *sent < all.len() && !end.channel().would_block(64 * 1024) {
                    end.send(&all[*sent..*sent + 64 * 1024]);
                    *sent += 64 * 1024;
                }
            }
            sent == [all.len(); 2]
        });
        client.channel().finish(None);
        server.channel().finish(None);
        run_until(&event_loop, || {
            client.closure().is_some() && server.closure().is_some()
        });
        for end in [&client, &server] {
            assert!(*end.heard.borrow() == all, "it is not what was sent");
        }
    });
}

/// All that a server says, cut behind each byte: by an orderly end, or by a reset.
#[test]
fn a_server_can_be_cut_off_behind_any_byte() {
    bounded(|| {
        let said = [RESPONSE.as_bytes(), b"all of it"].concat();
        let len = said.len();
        for resets in [false, true] {
            let event_loop = EventLoop::new();
            let said = said.clone();
            let peer = Peer::listen(move |listener| {
                for after in 0..=len {
                    let mut wire = support::accept(&listener);
                    wire.take_through(b"\r\n\r\n");
                    wire.send(&said[..after]);
                    if resets {
                        wire.reset();
                    } else {
                        wire.finish();
                        wire.take_rest();
                    }
                }
            });
            let user_agent = UserAgent::default();
            for after in 0..=len {
                let client = Application::connect(&event_loop, &user_agent, &peer.url());
                run_until(&event_loop, || {
                    client.closure().is_some() || client.is_told(&Feedback::PeerEnded)
                });
                client.channel().finish(None);
                run_until(&event_loop, || client.closure().is_some());
                let closure = client.closure().unwrap();
                let heard = after.saturating_sub(RESPONSE.len());
                let is_clean = after >= RESPONSE.len() && !resets;
                assert_eq!(closure.cleanly, is_clean, "{after} {resets}");
                assert_eq!(
                    *client.heard.borrow(),
                    b"all of it"[..heard],
                    "{after} {resets}"
                );
            }
            peer.join();
        }
    });
}

/// All that a client says, cut behind each byte.
#[test]
fn a_client_can_be_cut_off_behind_any_byte() {
    bounded(|| {
        let head = REQUEST.replace("{}", "h");
        let said = [head.as_bytes(), b"all of it"].concat();
        for resets in [false, true] {
            let event_loop = EventLoop::new();
            let (server, accepted) = serve(&event_loop);
            let address = server.local_addr();
            for after in 0..=said.len() {
                let bell = Bell::new(&event_loop);
                let rope = bell.clone();
                let bytes = said[..after].to_vec();
                let is_whole = after >= head.len();
                let peer = Peer::call(address, move |mut wire| {
                    wire.send(&bytes);
                    if is_whole {
                        wire.expect(RESPONSE.as_bytes());
                    }
                    if resets {
                        wire.reset();
                    } else {
                        wire.finish();
                        wire.expect_end();
                    }
                    ArcWake::wake(rope);
                });
                if !is_whole {
                    bell.run(&event_loop);
                    assert!(accepted.borrow().is_empty(), "{after} {resets}");
                    peer.join();
                    continue;
                }
                run_until(&event_loop, || accepted.borrow().len() == 1);
                let stream = accepted.borrow_mut().pop().unwrap();
                run_until(&event_loop, || {
                    stream.closure().is_some() || stream.is_told(&Feedback::PeerEnded)
                });
                stream.channel().finish(None);
                bell.run(&event_loop);
                run_until(&event_loop, || stream.closure().is_some());
                let closure = stream.closure().unwrap();
                assert_eq!(closure.cleanly, !resets, "{after} {resets}");
                let heard = &b"all of it"[..after - head.len()];
                assert_eq!(*stream.heard.borrow(), heard, "{after} {resets}");
                peer.join();
            }
        }
    });
}

/// Waits for what another end of the loop brings about.
fn wait<T>(event_loop: &EventLoop, future: impl Future<Output = T>) -> T {
    let mut future = Box::pin(future);
    let mut result = None;
    let _work = event_loop.keep_alive();
    let waker = futures::task::waker(Bell::new(event_loop));
    let mut context = Context::from_waker(&waker);
    run_until(event_loop, || {
        if let Poll::Ready(value) = future.poll_unpin(&mut context) {
            result = Some(value);
        }
        result.is_some()
    });
    result.unwrap()
}

#[test]
fn whoever_takes_the_socket_gets_all_that_came_and_nobody_read() {
    bounded(|| {
        let event_loop = EventLoop::new();
        let (server, accepted) = serve(&event_loop);
        let peer = Peer::call(server.local_addr(), |mut wire| {
            wire.send(REQUEST.replace("{}", "h").as_bytes());
            wire.send(b"unread");
            wire.expect(RESPONSE.as_bytes());
            let all = pattern(2 * MIB);
            assert!(wire.take(all.len()) == all);
            wire.send(b" and later");
            wire.expect(b"from another server");
            wire.finish();
            wire.expect_end();
        });
        run_until(&event_loop, || accepted.borrow().len() == 1);
        let stream = accepted.borrow_mut().pop().unwrap();
        // From here on nothing is taken: it is the next one's.
        stream.send(&pattern(2 * MIB));
        let taking = stream.channel().take_socket();
        let heard = stream.heard.borrow().len();
        let TakenSocket { unread, transport } = wait(&event_loop, taking).unwrap();
        let TakenTransport::Tcp(mut socket) = transport else {
            panic!("{transport:?}");
        };
        socket.set_nonblocking(false).unwrap();
        let came = [&stream.heard.borrow()[..], &unread].concat();
        assert!(came.len() >= heard);
        let mut rest = vec![0; b"unread and later".len() - came.len()];
        socket.read_exact(&mut rest).unwrap();
        assert_eq!([came, rest].concat(), b"unread and later");
        socket.write_all(b"from another server").unwrap();
        assert_eq!(socket.read_to_end(&mut Vec::new()).unwrap(), 0);
        drop(socket);
        peer.join();
        run_until(&event_loop, || stream.closure().is_some());
        assert_eq!(stream.closure(), Some(Closure::clean()));
        let again = stream.channel().take_socket();
        let error = again.now_or_never().unwrap().unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::NotConnected);
    });
}

#[test]
fn nothing_is_given_away_to_whoever_has_left() {
    bounded(|| {
        let (event_loop, client, server) = both();
        drop(client.channel().take_socket());
        client.send(b"goes on");
        run_until(&event_loop, || *server.heard.borrow() == b"goes on");
        client.channel().finish(None);
        let error = wait(&event_loop, client.channel().take_socket()).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::NotConnected);
        run_until(&event_loop, || server.is_told(&Feedback::PeerEnded));
        // It can write still, and whoever takes over can as well.
        let taken = wait(&event_loop, server.channel().take_socket()).unwrap();
        let TakenTransport::Tcp(mut socket) = taken.transport else {
            panic!("{taken:?}");
        };
        socket.write_all(b"the last word").unwrap();
        drop(socket);
        run_until(&event_loop, || client.closure().is_some());
        assert_eq!(client.closure(), Some(Closure::clean()));
        assert_eq!(*client.heard.borrow(), b"the last word");
    });
}

#[test]
fn a_wire_with_frames_is_not_given_away() {
    bounded(|| {
        let event_loop = EventLoop::new();
        let server = Server::listen(&event_loop, "127.0.0.1:0").unwrap();
        let sockets = RefCell::default();
        server.set_onconnection(move |socket, _| Vec::push(&mut sockets.borrow_mut(), socket));
        let request = |wire| ConnectRequest {
            wire,
            ..ConnectRequest::simplified(&url(&server), None).unwrap()
        };
        for wire in [
            crate::protocol::Wire::Rfc6455,
            crate::protocol::Wire::Hixie76,
        ] {
            let opening = UserAgent::default().open(request(wire));
            let source = TaskSource::open(event_loop.shared(), opening.perform(), None);
            let client = Application::adopt(source);
            run_until(&event_loop, || client.is_open());
            let error = wait(&event_loop, client.channel().take_socket()).unwrap_err();
            assert_eq!(error.kind(), io::ErrorKind::Unsupported);
            assert!(client.is_open());
        }
    });
}

#[cfg(feature = "proxies")]
#[test]
fn a_proxys_tunnel_carries_it() {
    bounded(|| {
        let event_loop = EventLoop::new();
        let peer = Peer::serve(|mut wire| {
            let connect = wire.accept_connect();
            assert_eq!(connect.target(), "example.invalid:80");
            let request = wire.take_through(b"\r\n\r\n");
            assert_eq!(
                String::from_utf8(request).unwrap(),
                REQUEST.replace("{}", "example.invalid")
            );
            wire.send(RESPONSE.as_bytes());
            wire.expect(b"all");
            wire.expect_end();
            wire.send(&pattern(MIB));
            wire.finish();
        });
        let mut builder = UserAgent::builder();
        builder.proxies(crate::Proxy::new(&format!("http://{}", peer.address())).unwrap());
        let user_agent = builder.build();
        let client = Application::connect(&event_loop, &user_agent, "ws://example.invalid/");
        run_until(&event_loop, || client.is_open());
        client.send(b"all");
        client.channel().finish(None);
        event_loop.run();
        peer.join();
        assert_eq!(client.closure(), Some(Closure::clean()));
        assert!(*client.heard.borrow() == pattern(MIB));
    });
}

#[cfg(feature = "tls")]
mod tls {
    use super::*;
    use futures::io::{AsyncReadExt, AsyncWriteExt};

    fn both() -> (EventLoop, Rc<Application>, Rc<Application>) {
        let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
        let (chain, key) = (made.cert.pem(), made.signing_key.serialize_pem());
        let event_loop = EventLoop::new();
        let mut builder = Server::builder(&event_loop);
        builder.tls(chain.as_bytes(), key.as_bytes()).unwrap();
        let (server, accepted) = accept(builder.listen("127.0.0.1:0").unwrap());
        let mut builder = UserAgent::builder();
        builder.root_certificates(chain.as_bytes()).unwrap();
        let url = format!("wss://localhost:{}/", server.local_addr().port());
        let client = Application::connect(&event_loop, &builder.build(), &url);
        run_until(&event_loop, || {
            client.is_open() && !accepted.borrow().is_empty()
        });
        let server = accepted.borrow_mut().pop().unwrap();
        (event_loop, client, server)
    }

    #[test]
    fn all_that_is_sent_after_the_peers_end_arrives() {
        bounded_by(Duration::from_secs(100), || {
            let (event_loop, client, server) = both();
            after_the_end(&event_loop, &client, &server);
            let (event_loop, client, server) = both();
            after_the_end(&event_loop, &server, &client);
        });
    }

    #[test]
    fn an_end_of_tcp_is_no_end_of_tls() {
        bounded(|| {
            let (event_loop, client, server) = both();
            server.send(b"part");
            run_until(&event_loop, || *client.heard.borrow() == b"part");
            // Without a word of TLS.
            server.channel().fail(WireFailure::Cancelled);
            run_until(&event_loop, || client.closure().is_some());
            assert_eq!(client.closure(), Some(Closure::failed(None)));
        });
    }

    #[test]
    fn whoever_takes_the_socket_goes_on_in_tls() {
        bounded(|| {
            let (event_loop, client, server) = both();
            client.send(b"read");
            run_until(&event_loop, || *server.heard.borrow() == b"read");
            let taken = wait(&event_loop, server.channel().take_socket()).unwrap();
            let TakenTransport::Tls(mut socket) = taken.transport else {
                panic!("{taken:?}");
            };
            assert_eq!(taken.unread, b"");
            client.send(b"later");
            client.channel().finish(None);
            let all = async {
                let mut all = Vec::new();
                socket.read_to_end(&mut all).await.unwrap();
                socket.write_all(b"from another server").await.unwrap();
                socket.close().await.unwrap();
                all
            };
            assert_eq!(wait(&event_loop, all), b"later");
            run_until(&event_loop, || client.closure().is_some());
            assert_eq!(client.closure(), Some(Closure::clean()));
            assert_eq!(*client.heard.borrow(), b"from another server");
        });
    }
}
