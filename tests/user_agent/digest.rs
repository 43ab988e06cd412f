//! Passwords that are proved, and not told.

use crate::credentials::{BASIC, SESSION, ask, ednamode, living, serve, was_not_called};
use dom_websocket::{Credentials, UserAgent};
use md5::{Digest, Md5};
use std::future::ready;
use support::{FAILURE, Peer, bounded};

fn md5(text: &str) -> String {
    let digest = Md5::digest(text);
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The parameters of a Digest.
fn parameter<'a>(digest: &'a str, name: &str) -> &'a str {
    let parameters = digest.strip_prefix("Digest ").unwrap();
    parameters
        .split(", ")
        .flat_map(|parameter| parameter.split(','))
        .filter_map(|parameter| parameter.trim().split_once('='))
        .find(|(n, _)| *n == name)
        .map(|(_, value)| value.trim_matches('"'))
        .unwrap_or_else(|| panic!("no {name} in {digest}"))
}

/// RFC 7616 section 3.4.1.
#[test]
fn a_digest_proves_the_password() {
    bounded(|| {
        let peer = Peer::listen(|listener| {
            let challenge =
                "Digest realm=\"capes\", nonce=\"dcd98b\", qop=\"auth\", opaque=\"5ccc\"";
            // Basic would tell it.
            assert_eq!(ask(&listener, &[BASIC, challenge]), None);
            serve(&listener).unwrap()
        });
        let url = peer.url_of("/chat?a=b");
        assert_eq!(living(&url, &ednamode()), SESSION);
        let digest = peer.join();
        let value = |name| parameter(&digest, name);
        assert_eq!(value("username"), "ednamode");
        assert_eq!(value("realm"), "capes");
        assert_eq!(value("nonce"), "dcd98b");
        assert_eq!(value("opaque"), "5ccc");
        assert_eq!(value("uri"), "/chat?a=b");
        assert_eq!(value("qop"), "auth");
        assert_eq!(value("nc"), "00000001");
        let expected = md5(&[
            &*md5("ednamode:capes:nocapes!"),
            "dcd98b",
            value("nc"),
            value("cnonce"),
            "auth",
            &md5("GET:/chat?a=b"),
        ]
        .join(":"));
        assert_eq!(value("response"), expected);
        assert!(!digest.contains("nocapes"));
        assert!(digest.matches("algorithm").count() <= 1, "{digest}");
    });
}

/// RFC 7616 section 3.4: `username*` is for those that know UTF-8.
#[test]
fn a_name_that_is_not_ascii_goes_as_the_server_can_read_it() {
    for (charset, sent) in [
        ("", "Digest username=\"é\\\"dna\\\\\", "),
        (
            ", charset=UTF-8",
            "Digest username*=UTF-8''%C3%A9%22dna%5C, ",
        ),
    ] {
        bounded(move || {
            let peer = Peer::listen(move |listener| {
                let challenge =
                    format!("Digest realm=\"capes\", nonce=\"n\", qop=\"auth\"{charset}");
                ask(&listener, &[&challenge]);
                serve(&listener).unwrap()
            });
            let agent = UserAgent::builder()
                .server_credentials(|_| ready(Credentials::new("é\"dna\\", "nocapes!").ok()))
                .build();
            assert_eq!(living(&peer.url_of("/x"), &agent), SESSION);
            let digest = peer.join();
            assert!(digest.starts_with(sent), "{digest}");
            let value = |name| parameter(&digest, name);
            let expected = md5(&[
                &*md5("é\"dna\\:capes:nocapes!"),
                "n",
                value("nc"),
                value("cnonce"),
                "auth",
                &md5("GET:/x"),
            ]
            .join(":"));
            assert_eq!(value("response"), expected);
        });
    }
}

/// Some servers would have the request's body in the digest, too: without one they are not told so.
#[test]
fn a_digest_is_of_the_request_alone() {
    bounded(|| {
        let peer = Peer::listen(|listener| {
            let challenge = "Digest realm=\"capes\", nonce=\"n\", qop=\"auth,auth-int\"";
            ask(&listener, &[challenge]);
            serve(&listener).unwrap()
        });
        assert_eq!(living(&peer.url_of("/x"), &ednamode()), SESSION);
        let digest = peer.join();
        let value = |name| parameter(&digest, name);
        assert_eq!(value("qop"), "auth");
        let expected = md5(&[
            &*md5("ednamode:capes:nocapes!"),
            "n",
            value("nc"),
            value("cnonce"),
            "auth",
            &md5("GET:/x"),
        ]
        .join(":"));
        assert_eq!(value("response"), expected);
    });
}

#[test]
fn the_urls_password_can_be_digested_too() {
    bounded(|| {
        let peer = Peer::listen(|listener| {
            ask(
                &listener,
                &["Digest realm=\"capes\", nonce=\"n\", qop=\"auth\""],
            );
            serve(&listener).unwrap()
        });
        let url = format!("ws://ednamode:nocapes!@{}/", peer.address());
        let agent = UserAgent::builder()
            .server_credentials(|_| ready(None))
            .build();
        assert_eq!(living(&url, &agent), SESSION);
        assert_eq!(parameter(&peer.join(), "username"), "ednamode");
    });
}

#[test]
fn those_of_the_url_answer_without_a_provider() {
    bounded(|| {
        let peer = Peer::listen(|listener| {
            ask(&listener, &["Digest realm=\"capes\", nonce=\"n\""]);
            serve(&listener).unwrap()
        });
        let url = format!("ws://ednamode:nocapes!@{}/", peer.address());
        assert_eq!(living(&url, &UserAgent::default()), SESSION);
        assert_eq!(parameter(&peer.join(), "username"), "ednamode");
        // Basic has been tried.
        let peer = Peer::listen(|listener| {
            ask(&listener, &[BASIC]);
            was_not_called(&listener);
        });
        let url = format!("ws://ednamode:nocapes!@{}/", peer.address());
        assert_eq!(living(&url, &UserAgent::default()), FAILURE);
        peer.join();
    });
}

/// RFC 7616 section 3.4: it is told again, also to a server that knows no `qop`.
#[test]
fn a_digest_says_by_which_algorithm_it_is() {
    for algorithm in ["SHA-256", "SHA-512-256"] {
        bounded(move || {
            let peer = Peer::listen(move |listener| {
                let challenge =
                    format!("Digest realm=\"capes\", nonce=\"n\", algorithm={algorithm}");
                ask(&listener, &[&challenge]);
                serve(&listener).unwrap()
            });
            assert_eq!(living(&peer.url_of("/x"), &ednamode()), SESSION);
            assert_eq!(parameter(&peer.join(), "algorithm"), algorithm);
        });
    }
}

/// Each parameter is there once, also where the crate below does not tell the algorithm by itself.
#[test]
fn what_was_asked_for_is_told_once() {
    for (qop, algorithm) in [
        (", qop=\"auth\"", "SHA-256"),
        (", qop=\"auth\"", "SHA-512-256"),
        ("", "SHA-256"),
        ("", "SHA-512-256"),
    ] {
        bounded(move || {
            let peer = Peer::listen(move |listener| {
                let challenge =
                    format!("Digest realm=\"capes\", nonce=\"n\", algorithm={algorithm}{qop}");
                ask(&listener, &[&challenge]);
                serve(&listener).unwrap()
            });
            assert_eq!(living(&peer.url_of("/x"), &ednamode()), SESSION);
            let digest = peer.join();
            assert_eq!(parameter(&digest, "algorithm"), algorithm);
            assert_eq!(digest.matches("algorithm").count(), 1, "{digest}");
        });
    }
}
