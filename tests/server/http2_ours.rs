//! Both ends of the library.

use dom_websocket::{
    Answer, EventLoop, Http2, Http2Options, HttpResponse, Server, UserAgent, WebSocket,
};
use futures::{SinkExt, StreamExt};
use std::cell::Cell;
use std::rc::Rc;
use std::time::Duration;
use support::{FAILURE, Recorder, bounded, run_until};

fn user_agent() -> UserAgent {
    UserAgent::builder().http2(Http2::PriorKnowledge).build()
}

fn open(event_loop: &EventLoop, server: &Server, user_agent: &UserAgent) -> WebSocket {
    WebSocket::builder(event_loop, &format!("ws://{}/", server.local_addr()))
        .user_agent(user_agent)
        .half_open(true)
        .open()
        .unwrap()
}

#[test]
fn sockets_share_a_connection() {
    bounded(|| {
        let event_loop = EventLoop::new();
        // All of them, and one of TCP.
        let server = Server::builder(&event_loop)
            .max_connections(21)
            .listen("127.0.0.1:0")
            .unwrap();
        server.set_onconnection(|socket, request| {
            assert!(request.is_http2());
            socket.set_onmessage(|event| event.target().send(event.data()));
        });
        let user_agent = user_agent();
        let recorders: Vec<_> = (0..20)
            .map(|index| {
                let socket = open(&event_loop, &server, &user_agent);
                // From less than a window to more.
                let text = index.to_string().repeat(1 << index);
                let sent = text.clone();
                socket.set_onopen(move |event| event.target().send(&*sent));
                socket.set_onmessage(move |event| {
                    assert_eq!(event.data(), &*text);
                    event.target().close_with(1000, "")
                });
                Recorder::of(&socket)
            })
            .collect();
        run_until(&event_loop, || recorders.iter().all(Recorder::has_ended));
        for recorder in recorders {
            let events = recorder.finished();
            assert_eq!(events.len(), 3, "{events:?}");
            assert_eq!(events[2], "CLOSED close clean 1000");
        }
        // Nothing is left to wait for, though the connection is there.
        server.close();
        event_loop.run();
    });
}

#[test]
fn a_direction_ends_before_the_other() {
    bounded(|| {
        let event_loop = EventLoop::new();
        let server = Server::builder(&event_loop)
            .half_open(true)
            .listen("127.0.0.1:0")
            .unwrap();
        server.set_onconnection(|socket, _| {
            socket.set_onend(|event| {
                event.target().send("the answer")?;
                event.target().finish()
            });
        });
        let socket = open(&event_loop, &server, &user_agent());
        socket.set_onopen(|event| event.target().finish());
        let answer = Rc::new(Cell::new(false));
        let heard = answer.clone();
        socket.set_onmessage(move |event| heard.set(event.data() == "the answer"));
        socket.set_onerror(|_| panic!("nothing is wrong"));
        run_until(&event_loop, || socket.ready_state() == WebSocket::CLOSED);
        assert!(answer.get());
    });
}

#[test]
fn streams_push_back() {
    const MESSAGES: usize = 300;
    bounded(|| {
        let event_loop = EventLoop::new();
        let server = Server::listen(&event_loop, "127.0.0.1:0").unwrap();
        let spawner = event_loop.downgrade();
        server.set_onconnection(move |socket, _| {
            let (Ok(stream), Some(event_loop)) = (socket.into_stream(), spawner.upgrade()) else {
                return;
            };
            event_loop.spawn(async move {
                let mut ends = stream.opened().await.unwrap();
                while let Some(Ok(message)) = ends.readable.next().await {
                    ends.writable.send(message).await.unwrap();
                }
            });
        });
        let user_agent = user_agent();
        let done = Rc::new(Cell::new(0));
        for _ in 0..3 {
            let stream = open(&event_loop, &server, &user_agent)
                .into_stream()
                .unwrap();
            let done = done.clone();
            event_loop.spawn(async move {
                let ends = stream.opened().await.unwrap();
                let (mut readable, mut writable) = (ends.readable, ends.writable);
                let sending = async {
                    for _ in 0..MESSAGES {
                        writable.send("x".repeat(10_000).into()).await.unwrap();
                    }
                };
                let receiving = async {
                    for _ in 0..MESSAGES {
                        let message = readable.next().await.unwrap().unwrap();
                        assert_eq!(message.as_text().map(str::len), Some(10_000));
                    }
                };
                futures::future::join(sending, receiving).await;
                done.set(done.get() + 1);
            });
        }
        run_until(&event_loop, || done.get() == 3);
    });
}

/// It ends with its last stream, and not before its first.
#[test]
fn a_server_that_keeps_no_connection_serves_all_the_same() {
    bounded(|| {
        let event_loop = EventLoop::new();
        let mut options = Http2Options::default();
        options.idle = Duration::ZERO;
        let server = Server::builder(&event_loop)
            .http2(options.clone())
            .listen("127.0.0.1:0")
            .unwrap();
        server.set_onconnection(|socket, request| {
            assert!(request.is_http2());
            socket.set_onmessage(|event| event.target().send(event.data()));
        });
        server.set_onrequest(|request| match request.resource_name() {
            "/" => Answer::accept(),
            _ => Answer::Respond(HttpResponse::new(404)),
        });
        let url = format!("ws://{}", server.local_addr());
        for of_user_agent in [options, Http2Options::default()] {
            let mut builder = UserAgent::builder();
            builder.http2(Http2::PriorKnowledge);
            let user_agent = builder.http2_options(of_user_agent).build();
            for round in 0..5 {
                let recorders = ["/", "/other", "/"].map(|path| {
                    let url = format!("{url}{path}");
                    let mut builder = WebSocket::builder(&event_loop, &url);
                    let socket = builder.user_agent(&user_agent).open().unwrap();
                    socket.set_onopen(|event| event.target().send("hello"));
                    socket.set_onmessage(|event| event.target().close());
                    Recorder::of(&socket)
                });
                run_until(&event_loop, || recorders.iter().all(Recorder::has_ended));
                let session = ["OPEN open", "OPEN message hello", "CLOSED close clean 1005"];
                for (recorder, expected) in recorders.iter().zip([&session[..], &FAILURE, &session])
                {
                    assert_eq!(recorder.finished(), expected, "{round}");
                }
            }
        }
        server.close();
        event_loop.run();
    });
}
