//! Requests that may be sent once more, and those that may not (RFC 9113 section 8.7).

use super::peer::{Peer, SESSION, speaking};
use dom_websocket::EventLoop;
use h2::Reason;
use support::{FAILURE, Frame, Recorder, bounded};

#[test]
fn a_refused_stream_is_asked_for_once_more() {
    bounded(|| {
        let peer = Peer::new(async |listener| {
            let mut client = listener.accept().await;
            client.reset_next(Reason::REFUSED_STREAM).await;
            client.close_next().await;
            client.reset_next(Reason::REFUSED_STREAM).await;
            client.reset_next(Reason::REFUSED_STREAM).await;
            client.drive().await;
        });
        let event_loop = EventLoop::new();
        let user_agent = speaking().build();
        for session in [&SESSION[..], &FAILURE] {
            assert_eq!(peer.session(&event_loop, &user_agent), session);
        }
        drop(event_loop);
        peer.end();
    });
}

#[test]
fn what_may_have_been_processed_is_not_asked_for_again() {
    bounded(|| {
        for reason in [Reason::CANCEL, Reason::INTERNAL_ERROR, Reason::NO_ERROR] {
            let peer = Peer::new(async move |listener| {
                let mut client = listener.accept().await;
                client.reset_next(reason).await;
                client.drive().await;
            });
            let event_loop = EventLoop::new();
            let recorder = Recorder::of(&peer.open(&event_loop, &speaking().build()));
            event_loop.run();
            assert_eq!(recorder.finished(), FAILURE, "{reason:?}");
            drop(event_loop);
            peer.end();
        }
    });
}

#[test]
fn behind_goaway_sockets_go_on_and_new_ones_have_another_connection() {
    bounded(|| {
        let peer = Peer::new(async |listener| {
            let mut first = listener.accept().await;
            let mut old = first.request().await.accept();
            first.connection.graceful_shutdown();
            let another = async {
                let mut second = listener.accept().await;
                let new = second.request().await.accept();
                (second, new)
            };
            let (mut second, mut new) = first.during(another).await;
            old.send(&Frame::text("still here"));
            first.during(old.close()).await;
            first.drive().await;
            second.during(new.close()).await;
            second.drive().await;
        });
        let event_loop = EventLoop::new();
        let user_agent = speaking().build();
        let old = peer.open(&event_loop, &user_agent);
        let old_events = Recorder::of(&old);
        support::run_until(&event_loop, || old_events.count() == 1);
        // GOAWAY comes meanwhile, or on the way.
        for _ in 0..20 {
            event_loop.turn();
            std::thread::sleep(std::time::Duration::from_millis(2));
        }
        let new = peer.open(&event_loop, &user_agent);
        let new_events = Recorder::of(&new);
        for socket in [&old, &new] {
            socket.set_onmessage(|event| event.target().close());
        }
        new.set_onopen(|event| event.target().close());
        event_loop.run();
        let session = [
            "OPEN open",
            "OPEN message still here",
            "CLOSED close clean 1005",
        ];
        assert_eq!(old_events.finished(), session);
        assert_eq!(new_events.finished(), SESSION);
        drop(event_loop);
        peer.end();
    });
}

#[test]
fn a_connection_that_is_lost_is_the_end_of_all_its_sockets() {
    bounded(|| {
        let peer = Peer::new(async |listener| {
            let mut client = listener.accept().await;
            let mut streams = Vec::new();
            for _ in 0..3 {
                streams.push(client.request().await.accept());
            }
            client.during(tokio::task::yield_now()).await;
            let _ =
                tokio::time::timeout(std::time::Duration::from_millis(30), client.drive()).await;
        });
        let event_loop = EventLoop::new();
        let user_agent = speaking().build();
        let recorders: Vec<_> = (0..3)
            .map(|_| Recorder::of(&peer.open(&event_loop, &user_agent)))
            .collect();
        event_loop.run();
        for recorder in recorders {
            let session = ["OPEN open", "CLOSED error", "CLOSED close unclean 1006"];
            assert_eq!(recorder.finished(), session);
        }
        peer.end();
    });
}
