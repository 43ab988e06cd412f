//! Windows: whose they are, and what waits for them.

use super::peer::{Peer, end_beside, speaking, speaking_with};
use dom_websocket::{EventLoop, Limits, WebSocket};
use h2::server::Builder;
use std::cell::Cell;
use std::rc::Rc;
use support::{Frame, Recorder, bounded, run_until, settle};

#[test]
fn what_the_window_holds_back_is_buffered() {
    bounded(|| {
        let (looked, has_looked) = futures::channel::oneshot::channel();
        let peer = Peer::new(async |listener| {
            let mut builder = Builder::new();
            builder.enable_connect_protocol().initial_window_size(1000);
            let mut client = listener.accept_with(&builder).await;
            let mut stream = client.request().await.accept();
            // It takes no more than the window holds, until it is told.
            let first = client.during(async { stream.receive.data().await }).await;
            let mut len = first.unwrap().unwrap().len();
            stream.send(&Frame::text("go on"));
            client
                .during(async {
                    has_looked.await.unwrap();
                    stream.receive.flow_control().release_capacity(len).unwrap();
                    // Two heads of a frame with a mask.
                    while len < 2 * 50_000 + 2 * 8 {
                        let data = stream.receive.data().await.unwrap().unwrap();
                        let flow = stream.receive.flow_control();
                        flow.release_capacity(data.len()).unwrap();
                        len += data.len();
                    }
                    stream.close().await;
                })
                .await;
            client.drive().await;
        });
        let event_loop = EventLoop::new();
        let mut builder = speaking();
        builder.compression(false);
        let socket = peer.open(&event_loop, &builder.build());
        let recorder = Recorder::of(&socket);
        let waited = Rc::new(Cell::new(0));
        socket.set_onopen(|event| {
            event.target().send(vec![b'x'; 50_000]).unwrap();
            event.target().send(vec![b'y'; 50_000]).unwrap();
        });
        let saw = waited.clone();
        socket.set_onmessage(move |event| saw.set(event.target().buffered_amount()));
        run_until(&event_loop, || recorder.count() == 2);
        // The window is of frames, their heads included.
        assert_eq!(waited.get(), 100_000 - (1000 - 8));
        looked.send(()).unwrap();
        run_until(&event_loop, || socket.buffered_amount() == 0);
        socket.close();
        event_loop.run();
        assert_eq!(recorder.events()[2..], ["CLOSED close clean 1005"]);
        drop(event_loop);
        peer.end();
    });
}

#[test]
fn who_is_not_read_closes_no_window_but_its_own() {
    bounded(|| {
        let peer = Peer::new(async |listener| {
            let mut client = listener.accept().await;
            let (mut streams, mut read) = (Vec::new(), None);
            for _ in 0..4 {
                let asked = client.request().await;
                match asked.request.uri().path() {
                    "/chat" => read = Some(asked.accept()),
                    _ => streams.push(asked.accept()),
                }
            }
            let mut read = read.unwrap();
            // More than they take.
            for stream in &mut streams {
                for _ in 0..400 {
                    let frame = Frame::binary(vec![0; 10_000]).bytes();
                    stream.send.send_data(frame.into(), false).unwrap();
                }
            }
            client
                .during(async {
                    for _ in 0..100 {
                        read.send(&Frame::text("a message"));
                        assert_eq!(read.take_frame().await, Frame::text("heard"));
                    }
                    read.close().await;
                })
                .await;
        });
        let event_loop = EventLoop::new();
        let limits = Limits {
            undispatched: 100_000,
            ..Limits::default()
        };
        let mut builder =
            speaking_with(|options| (options.streams, options.window) = (4, 64 * 1024));
        let user_agent = builder.limits(limits).build();
        let url = format!("ws://{}/", peer.address);
        let unread: Vec<_> = (0..3)
            .map(|_| {
                let mut builder = WebSocket::builder(&event_loop, &url);
                builder.user_agent(&user_agent).open_stream().unwrap()
            })
            .collect();
        settle(&event_loop);
        let socket = peer.open(&event_loop, &user_agent);
        let recorder = Recorder::of(&socket);
        socket.set_onmessage(|event| event.target().send("heard"));
        let heard = recorder.clone();
        run_until(&event_loop, || heard.count_of("message") == 100);
        socket.close();
        // The end of its stream leaves behind the close event.
        end_beside(&event_loop, || peer.end());
        assert!(recorder.has_ended());
        drop(unread);
    });
}
