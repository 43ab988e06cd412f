//! Why a connection failed, or ended.

use crate::diagnostics::{Heard, run};
use dom_websocket::{
    Edition, Failure, HandshakeFault, Limits, RedirectFailure, Timeouts, UserAgent,
    UserAgentBuilder, WireFailure,
};
use std::io::ErrorKind;
use std::time::Duration;
use support::{FAILURE, Frame, Head, Peer, Wire, bounded};

/// Why a socket fails whose server does this.
#[track_caller]
fn cause(
    edition: Edition,
    agent: &mut UserAgentBuilder,
    script: impl FnOnce(Wire) + Send + 'static,
) -> Failure {
    let peer = Peer::serve(script);
    let heard = Heard::default();
    let events = run(&peer.url(), edition, &heard.by(agent));
    assert!(
        events
            .last()
            .is_some_and(|last| last.contains("close unclean")),
        "{events:?}"
    );
    peer.join();
    heard.cause()
}

fn living(script: impl FnOnce(Wire) + Send + 'static) -> Failure {
    cause(Edition::Living, &mut UserAgent::builder(), script)
}

fn answered(change: impl FnOnce(Head) -> Head + Send + 'static) -> Failure {
    living(|mut wire| {
        wire.accept_upgrade_with(change);
        wire.take_rest();
    })
}

#[test]
fn why_a_handshake_failed() {
    bounded(|| {
        for (field, value) in [
            ("upgrade", "h2c"),
            ("connection", "close"),
            ("sec-websocket-accept", "x"),
            ("sec-websocket-protocol", "x"),
            ("sec-websocket-extensions", "x"),
        ] {
            let fault = HandshakeFault::Field(field);
            assert_eq!(
                answered(|head| head.with(field, value)),
                Failure::Handshake(fault)
            );
        }
        let malformed = Failure::Handshake(HandshakeFault::Malformed);
        assert_eq!(
            answered(|head| head.with_first_line("HTTP/1.1 x")),
            malformed
        );
        assert_eq!(
            answered(|head| head.with_first_line("HTTP/1.0 101 x")),
            malformed
        );
        let mut small = UserAgent::builder();
        small.limits(Limits {
            head: 100,
            ..Limits::default()
        });
        let too_large = cause(Edition::Living, &mut small, |mut wire| {
            wire.accept_upgrade();
            wire.take_rest();
        });
        assert_eq!(too_large, Failure::Handshake(HandshakeFault::TooLarge));
        let ended = living(|mut wire| {
            wire.take_upgrade();
            wire.finish();
            wire.take_rest();
        });
        assert!(
            matches!(ended, Failure::Unanswered { error: None, .. }),
            "{ended:?}"
        );
        let reset = living(|mut wire| {
            wire.take_upgrade();
            wire.reset();
        });
        let Failure::Unanswered {
            error: Some(error), ..
        } = reset
        else {
            panic!("{reset:?}");
        };
        assert_eq!(error.kind(), ErrorKind::ConnectionReset);
    });
}

#[test]
fn why_draft_76s_handshake_failed() {
    bounded(|| {
        let answered = |change: fn(Head) -> Head| {
            cause(
                Edition::Html5,
                &mut UserAgent::builder(),
                move |mut wire| {
                    let request = wire.take_request();
                    wire.send(&change(request.response()).bytes());
                    wire.take_rest();
                },
            )
        };
        assert_eq!(
            answered(|head| head.with_tail(&[b'x'; 16])),
            Failure::Handshake(HandshakeFault::Challenge)
        );
        assert_eq!(
            answered(|head| head.with("Sec-WebSocket-Location", "ws://x/")),
            Failure::Handshake(HandshakeFault::Field("sec-websocket-location"))
        );
        let status = answered(|head| head.with_first_line("HTTP/1.1 404 Not Found"));
        assert!(
            matches!(&status, Failure::Status(response) if response.status() == 404),
            "{status:?}"
        );
    });
}

#[test]
fn why_there_was_no_connection() {
    bounded(|| {
        let why = |url: &str, agent: &mut UserAgentBuilder| {
            let heard = Heard::default();
            assert_eq!(run(url, Edition::Living, &heard.by(agent)), FAILURE);
            heard.cause()
        };
        let refused = why("ws://127.0.0.1:1/", UserAgent::builder().blocked_ports([]));
        let Failure::NotConnected(error) = refused else {
            panic!("{refused:?}");
        };
        assert_eq!(error.kind(), ErrorKind::ConnectionRefused);
        assert_eq!(error.address(), Some(([127, 0, 0, 1], 1).into()));
        let unknown = why("ws://server.invalid/", &mut UserAgent::builder());
        assert!(matches!(unknown, Failure::NotResolved(_)), "{unknown:?}");
        let blocked = why("ws://127.0.0.1:25/", &mut UserAgent::builder());
        assert_eq!(blocked, Failure::PortBlocked(25));
        let control = why("ws://%00@127.0.0.1/", &mut UserAgent::builder());
        assert_eq!(control, Failure::InvalidCredentials);
        let silent = cause(
            Edition::Living,
            UserAgent::builder().timeouts(support::short_timeouts()),
            |mut wire| drop(wire.take_rest()),
        );
        assert_eq!(silent, Failure::OpeningTimedOut);
        #[cfg(feature = "tls")]
        {
            let peer = Peer::serve(|mut wire| {
                wire.take(1);
                wire.send(b"HTTP/1.1 400 Bad Request\r\n\r\n");
                wire.take_rest();
            });
            let tls = why(
                &peer.url().replace("ws:", "wss:"),
                &mut UserAgent::builder(),
            );
            assert!(matches!(tls, Failure::Tls(_)), "{tls:?}");
            peer.join();
        }
    });
}

#[test]
fn why_a_redirect_was_not_followed() {
    bounded(|| {
        for (count, location, failure) in [
            (0, "/", None),
            (1, "/", Some(RedirectFailure::TooMany)),
            (1, "ftp://x/", Some(RedirectFailure::InvalidLocation)),
        ] {
            let peer = Peer::listen(move |listener| {
                for _ in 0..=usize::from(failure == Some(RedirectFailure::TooMany)) {
                    let mut wire = support::accept(&listener);
                    wire.take_upgrade();
                    let found = Head::status("302 Found").with("Location", location);
                    wire.send(&found.bytes());
                    wire.take_rest();
                }
            });
            let heard = Heard::default();
            let agent = heard.by(UserAgent::builder().follow_redirects(count));
            assert_eq!(run(&peer.url(), Edition::Living, &agent), FAILURE);
            peer.join();
            match (heard.cause(), failure) {
                (Failure::Status(response), None) => assert_eq!(response.status(), 302),
                (Failure::Redirect(cause), Some(failure)) => assert_eq!(cause, failure),
                other => panic!("{other:?}"),
            }
        }
    });
}

#[test]
fn why_an_open_connection_ended() {
    bounded(|| {
        let opened = |script: fn(&mut Wire)| {
            living(move |mut wire| {
                wire.accept_upgrade();
                script(&mut wire);
                wire.finish();
                wire.take_rest();
            })
        };
        assert_eq!(opened(|_| ()), Failure::Wire(WireFailure::EndOfStream));
        assert_eq!(
            opened(|wire| wire.send(&[0x83, 0])),
            Failure::Wire(WireFailure::Violation)
        );
        assert_eq!(
            opened(|wire| wire.send(&[0x81, 1, 0xff])),
            Failure::Wire(WireFailure::InvalidData)
        );
        let mut small = UserAgent::builder();
        small.limits(Limits {
            message: 10,
            ..Limits::default()
        });
        let too_large = cause(Edition::Living, &mut small, |mut wire| {
            wire.accept_upgrade();
            wire.send_frame(&Frame::text("x".repeat(11)));
            wire.take_rest();
        });
        assert_eq!(too_large, Failure::Wire(WireFailure::TooLarge));
        let mut pinging = UserAgent::builder();
        pinging.timeouts(Timeouts {
            ping: Some(Duration::from_millis(50)),
            pong: Duration::from_millis(50),
            ..Timeouts::default()
        });
        let no_pong = cause(Edition::Living, &mut pinging, |mut wire| {
            wire.accept_upgrade();
            wire.take_rest();
        });
        assert_eq!(no_pong, Failure::Wire(WireFailure::NoPong));
    });
}
