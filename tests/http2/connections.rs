//! Which sockets share a connection, and how long it is there.

use super::peer::{Peer, SESSION, end_beside, open, speaking, speaking_with};
use dom_websocket::{EventLoop, Http2Options, Server, UserAgent, WebSocket};
use h2::server::Builder;
use std::cell::Cell;
use std::rc::Rc;
use std::sync::mpsc::channel;
use std::time::Duration;
use support::{AMPLE, Frame, Recorder, bounded, run_until};

fn sockets(
    count: usize,
    url: &str,
    event_loop: &EventLoop,
    user_agent: &UserAgent,
) -> Vec<(WebSocket, Recorder)> {
    (0..count)
        .map(|_| {
            let socket = open(url, event_loop, user_agent);
            let recorder = Recorder::of(&socket);
            (socket, recorder)
        })
        .collect()
}

fn with(options: impl FnOnce(&mut Http2Options)) -> UserAgent {
    speaking_with(options).build()
}

#[test]
fn sockets_that_begin_together_share_what_one_of_them_makes() {
    bounded(|| {
        let peer = Peer::new(async |listener| {
            let mut client = listener.accept().await;
            let mut streams = Vec::new();
            for _ in 0..50 {
                streams.push(client.request().await.accept());
            }
            for stream in &mut streams {
                client.during(stream.close()).await;
            }
            client.drive().await;
        });
        let event_loop = EventLoop::new();
        let url = format!("ws://{}/", peer.address);
        let sockets = sockets(50, &url, &event_loop, &speaking().build());
        run_until(&event_loop, || {
            let states = sockets.iter().map(|(socket, _)| socket.ready_state());
            states.filter(|state| *state == WebSocket::OPEN).count() == 50
        });
        for (socket, _) in &sockets {
            socket.close();
        }
        event_loop.run();
        for (_, recorder) in &sockets {
            assert_eq!(recorder.finished(), SESSION);
        }
        drop(event_loop);
        peer.end();
    });
}

#[test]
fn another_connection_is_made_where_one_is_full() {
    bounded(|| {
        let peer = Peer::new(async |listener| {
            let mut builder = Builder::new();
            builder.enable_connect_protocol().max_concurrent_streams(2);
            let mut counts = Vec::new();
            for count in [2, 2, 1] {
                let mut client = listener.accept_with(&builder).await;
                let mut streams = Vec::new();
                for _ in 0..count {
                    streams.push(client.request().await.accept());
                }
                counts.push((client, streams));
            }
            for (client, streams) in &mut counts {
                for stream in streams {
                    let close = Frame::close(1000, "").bytes();
                    stream.send.send_data(close.into(), true).unwrap();
                    client.during(stream.take_frame()).await;
                    client.during(stream.end()).await;
                }
                client.drive().await;
            }
        });
        let event_loop = EventLoop::new();
        let url = format!("ws://{}/", peer.address);
        let user_agent = with(|options| options.idle = Duration::from_millis(20));
        let sockets = sockets(5, &url, &event_loop, &user_agent);
        event_loop.run();
        // Its last words leave while somebody drives it.
        end_beside(&event_loop, || peer.end());
        for (_, recorder) in &sockets {
            assert_eq!(
                recorder.finished(),
                ["OPEN open", "CLOSED close clean 1000"]
            );
        }
    });
}

#[test]
fn who_finds_no_place_waits_for_one() {
    bounded(|| {
        let event_loop = EventLoop::new();
        let mut options = Http2Options::default();
        options.streams = 3;
        let server = Server::builder(&event_loop)
            .http2(Some(options))
            .listen("127.0.0.1:0")
            .unwrap();
        let (open, most) = (Rc::new(Cell::new(0)), Rc::new(Cell::new(0)));
        server.set_onconnection({
            let most = most.clone();
            move |socket, request| {
                assert!(request.is_http2());
                open.set(open.get() + 1);
                most.set(most.get().max(open.get()));
                let open = open.clone();
                socket.set_onclose(move |_| open.set(open.get() - 1));
                socket.set_onmessage(|event| event.target().send(event.data()));
            }
        });
        let url = format!("ws://{}/", server.local_addr());
        let user_agent = with(|options| options.connections = 1);
        let sockets = sockets(20, &url, &event_loop, &user_agent);
        let left = Rc::new(Cell::new(sockets.len()));
        for (socket, _) in &sockets {
            socket.set_onopen(|event| event.target().send("x"));
            socket.set_onmessage(|event| event.target().close());
            let (left, server) = (left.clone(), server.clone());
            socket.set_onclose(move |_| {
                left.set(left.get() - 1);
                if left.get() == 0 {
                    server.close();
                }
            });
        }
        event_loop.run();
        assert_eq!(most.get(), 3);
        for (_, recorder) in &sockets {
            let session = ["OPEN open", "OPEN message x", "CLOSED close clean 1005"];
            assert_eq!(recorder.finished(), session);
        }
    });
}

#[test]
fn others_go_on_where_the_one_that_makes_the_connection_is_closed() {
    bounded(|| {
        let (begun, is_begun) = channel();
        let peer = Peer::new(async move |listener| {
            // The first connection gets no SETTINGS before its socket is gone.
            let first = listener.tcp().await;
            begun.send(()).unwrap();
            let mut client = listener.accept().await;
            drop(first);
            client.close_next().await;
            client.drive().await;
        });
        let event_loop = EventLoop::new();
        let user_agent = speaking().build();
        let first = peer.open(&event_loop, &user_agent);
        let recorders = (Recorder::of(&first), {
            let second = peer.open(&event_loop, &user_agent);
            second.set_onopen(|event| event.target().close());
            Recorder::of(&second)
        });
        while is_begun.try_recv().is_err() {
            event_loop.turn();
            std::thread::sleep(Duration::from_millis(1));
        }
        first.close();
        event_loop.run();
        assert_eq!(recorders.0.finished(), support::FAILURE);
        assert_eq!(recorders.1.finished(), SESSION);
        drop(event_loop);
        peer.end();
    });
}

#[test]
fn nobody_waits_for_an_idle_connection_and_it_is_used_again() {
    bounded(|| {
        let peer = Peer::new(async |listener| {
            let mut client = listener.accept().await;
            for _ in 0..3 {
                client.close_next().await;
            }
            client.drive().await;
        });
        let event_loop = EventLoop::new();
        let user_agent = with(|options| options.idle = Duration::from_secs(3600));
        for _ in 0..3 {
            // It ends though the connection is there.
            assert_eq!(peer.session(&event_loop, &user_agent), SESSION);
        }
        drop(event_loop);
        peer.end();
    });
}

#[test]
fn an_idle_connection_ends_after_its_time() {
    bounded(|| {
        let peer = Peer::new(async |listener| {
            let mut client = listener.accept().await;
            client.close_next().await;
            client.drive().await;
        });
        let event_loop = EventLoop::new();
        let user_agent = with(|options| options.idle = Duration::from_millis(30));
        let socket = peer.open(&event_loop, &user_agent);
        socket.set_onopen(|event| event.target().close());
        // Somebody has to drive it: the loop itself does not wait.
        end_beside(&event_loop, || peer.end());
    });
}

#[test]
fn loops_and_user_agents_share_nothing() {
    bounded(|| {
        let peer = Peer::new(async |listener| {
            let mut clients = Vec::new();
            for _ in 0..3 {
                let mut client = listener.accept().await;
                client.close_next().await;
                clients.push(client);
            }
            for client in &mut clients {
                client.drive().await;
            }
        });
        let loops = [EventLoop::new(), EventLoop::new()];
        let user_agents = [speaking().build(), speaking().build()];
        for (event_loop, user_agent) in [(0, 0), (1, 0), (1, 1)] {
            let events = peer.session(&loops[event_loop], &user_agents[user_agent]);
            assert_eq!(events, SESSION);
        }
        drop(loops);
        peer.end();
    });
}

#[test]
fn a_server_that_falls_silent_is_found_out() {
    bounded(|| {
        let peer = Peer::new(async |listener| {
            let mut client = listener.accept().await;
            let stream = client.request().await.accept();
            client
                .during(std::future::poll_fn(|_| std::task::Poll::Ready(())))
                .await;
            // It is there, and says no more.
            let _ = tokio::time::timeout(Duration::from_millis(20), client.drive()).await;
            (client, stream)
        });
        let event_loop = EventLoop::new();
        let user_agent = with(|options| {
            // Its silence begins before it is asked.
            options.ping = Some(AMPLE);
            options.pong = Duration::from_millis(100);
        });
        let recorder = Recorder::of(&peer.open(&event_loop, &user_agent));
        event_loop.run();
        let session = ["OPEN open", "CLOSED error", "CLOSED close unclean 1006"];
        assert_eq!(recorder.finished(), session);
        peer.end();
    });
}
