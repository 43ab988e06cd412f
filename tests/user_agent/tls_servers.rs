//! `ws:` to servers that expect TLS, each with the answer of real ones: the words name `wss:`.

use crate::diagnostics::{Heard, run};
use dom_websocket::{Edition, Failure, HandshakeFault, UserAgent};
use std::io::ErrorKind;
use support::{Peer, Wire, bounded};

const REMEDY: &str = "should begin with wss: in place of ws:";

/// Why a socket of each edition fails whose server does this with its request. Nobody waits for a bound.
fn causes(script: fn(Wire)) -> Vec<Failure> {
    let editions = [Edition::Living, Edition::Html5];
    let cause = |edition| {
        let peer = Peer::serve(script);
        let heard = Heard::default();
        let agent = heard.by(&mut UserAgent::builder());
        let events = run(&peer.url(), edition, &agent);
        assert!(events.concat().contains("close unclean"), "{events:?}");
        peer.join();
        heard.cause()
    };
    editions.map(cause).into()
}

/// OpenSSL's `s_server`, Node, HAProxy, lighttpd, Python's asyncio.
#[test]
fn a_server_that_hangs_up_may_expect_tls() {
    bounded(|| {
        for cause in causes(|mut wire| {
            wire.take_through(b"\r\n\r\n");
            wire.finish();
            wire.take_rest();
        }) {
            let is_so = matches!(
                cause,
                Failure::Unanswered {
                    secure: false,
                    error: None,
                    ..
                }
            );
            assert!(is_so, "{cause:?}");
            let words = cause.to_string();
            assert!(words.contains("without an answer"), "{words}");
            assert!(words.contains(REMEDY), "{words}");
        }
    });
}

/// Python's http.server, and whoever ends with something unread.
#[test]
fn a_server_that_resets_the_connection_may_expect_tls() {
    bounded(|| {
        for cause in causes(|mut wire| {
            wire.take_through(b"\r\n\r\n");
            wire.reset();
        }) {
            let Failure::Unanswered {
                secure: false,
                error: Some(error),
                ..
            } = &cause
            else {
                panic!("{cause:?}");
            };
            assert_eq!(error.kind(), ErrorKind::ConnectionReset);
            let words = cause.to_string();
            assert!(words.contains("before an answer came"), "{words}");
            assert!(words.contains(REMEDY), "{words}");
        }
    });
}

/// rustls, Java, Schannel.
#[test]
fn an_alert_is_of_tls() {
    bounded(|| {
        for cause in causes(|mut wire| {
            wire.take_through(b"\r\n\r\n");
            // Fatal, unexpected_message. It stays connected.
            wire.send(&[21, 3, 3, 0, 2, 2, 10]);
            wire.take_rest();
        }) {
            assert_eq!(cause, Failure::Handshake(HandshakeFault::Tls));
            assert!(cause.to_string().contains(REMEDY), "{cause}");
        }
    });
}

/// nginx.
#[test]
fn a_server_that_says_it_expects_tls_is_taken_at_its_word() {
    bounded(|| {
        for cause in causes(|mut wire| {
            wire.take_through(b"\r\n\r\n");
            wire.send(
                b"HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n\
                  <title>400 The plain HTTP request was sent to HTTPS port</title>",
            );
            wire.take_rest();
        }) {
            assert_eq!(cause, Failure::Handshake(HandshakeFault::Tls));
        }
        for cause in causes(|mut wire| {
            wire.take_through(b"\r\n\r\n");
            wire.send(b"HTTP/1.1 400 Bad Request\r\nServer: x OpenSSL/3\r\n\r\nBad Request");
            wire.take_rest();
        }) {
            assert_eq!(cause.to_string(), "the server answered 400");
        }
    });
}

/// Where all of a site is for TLS, its plain port is there to send elsewhere.
#[test]
fn a_redirect_says_whereto() {
    bounded(|| {
        let causes = causes(|mut wire| {
            wire.take_through(b"\r\n\r\n");
            wire.send(b"HTTP/1.1 301 x\r\nLocation: HTTPS://secret/?secret\r\n\r\n");
            wire.take_rest();
        });
        let [living, html5] = &causes[..] else {
            unreachable!();
        };
        assert_eq!(
            living.to_string(),
            "the server answered 301 (a redirect to https:; `UserAgentBuilder::follow_redirects` has it followed)"
        );
        // Draft 76 looks no further than the status.
        assert_eq!(html5.to_string(), "the server answered 301");
    });
}

#[test]
fn an_answer_that_ends_in_the_middle_is_no_matter_of_tls() {
    bounded(|| {
        for cause in causes(|mut wire| {
            wire.take_through(b"\r\n\r\n");
            wire.send(b"HTTP/1.1 101 x\r\n");
            wire.finish();
            wire.take_rest();
        }) {
            assert_eq!(cause, Failure::Handshake(HandshakeFault::Incomplete));
            assert!(cause.to_string().ends_with("it ends in the middle"));
        }
    });
}
