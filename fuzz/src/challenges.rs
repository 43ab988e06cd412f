//! Who asks for a password, and how: 401 and 407, one after the other.
//!
//! An answer is one line. Where Digest is offered no password is sent as it is; a digest is what a second reader of RFC
//! 7616 makes of the same; and nobody is asked for ever.

use arbitrary::Arbitrary;
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use dom_websocket::{AuthScheme, Credentials, fuzzing};
use futures::executor::block_on;
use md5::Md5;
use sha2::{Digest, Sha256, Sha512_256};
use std::cell::RefCell;
use std::rc::Rc;

#[derive(Arbitrary, Debug)]
pub struct Input<'a> {
    is_proxy: bool,
    user: &'a str,
    password: &'a str,
    has_url: bool,
    /// The provider gives another password each time.
    changes: bool,
    target: u8,
    responses: Vec<Vec<Challenge<'a>>>,
}

#[derive(Arbitrary, Debug)]
enum Challenge<'a> {
    Basic {
        realm: &'a str,
        charset: bool,
    },
    Digest {
        realm: &'a str,
        nonce: &'a str,
        opaque: Option<&'a str>,
        algorithm: u8,
        qop: u8,
        stale: bool,
        userhash: bool,
        charset: bool,
    },
    Raw(&'a str),
}

const ALGORITHMS: [Option<&str>; 8] = [
    None,
    Some("MD5"),
    Some("MD5-sess"),
    Some("SHA-256"),
    Some("SHA-256-sess"),
    Some("SHA-512-256"),
    Some("SHA-512-256-sess"),
    Some("ROT13"),
];
const QOPS: [Option<&str>; 5] = [
    None,
    Some("auth"),
    Some("auth,auth-int"),
    Some("auth-int"),
    Some("x"),
];

fn quoted(text: &str) -> String {
    let text: String = text.chars().filter(|c| !c.is_control()).collect();
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}

impl Challenge<'_> {
    fn text(&self) -> String {
        match self {
            Self::Basic { realm, charset } => {
                let charset = if *charset { ", charset=\"UTF-8\"" } else { "" };
                format!("Basic realm={}{charset}", quoted(realm))
            }
            Self::Digest {
                realm,
                nonce,
                opaque,
                algorithm,
                qop,
                stale,
                userhash,
                charset,
            } => {
                let mut text = format!("Digest realm={}, nonce={}", quoted(realm), quoted(nonce));
                if let Some(opaque) = opaque {
                    text += &format!(", opaque={}", quoted(opaque));
                }
                if let Some(algorithm) = ALGORITHMS[usize::from(*algorithm) % ALGORITHMS.len()] {
                    text += &format!(", algorithm={algorithm}");
                }
                if let Some(qop) = QOPS[usize::from(*qop) % QOPS.len()] {
                    text += &format!(", qop=\"{qop}\"");
                }
                for (is_set, parameter) in [
                    (stale, ", stale=true"),
                    (userhash, ", userhash=true"),
                    (charset, ", charset=UTF-8"),
                ] {
                    text += if *is_set { parameter } else { "" };
                }
                text
            }
            Self::Raw(text) => text.chars().filter(|c| !matches!(c, '\r' | '\n')).collect(),
        }
    }

    /// Whether it is one of Digest that can be answered.
    fn is_digest(&self) -> bool {
        matches!(self, Self::Digest { algorithm, qop, .. }
            if algorithm % 8 != 7 && matches!(qop % 5, 0..=2))
    }
}

pub fn check(input: Input<'_>) {
    let Ok(credentials) = Credentials::new(input.user, input.password) else {
        return;
    };
    let (status, field) = match input.is_proxy {
        true => (407, "proxy-authenticate"),
        false => (401, "www-authenticate"),
    };
    let responses: Vec<_> = input
        .responses
        .iter()
        .take(16)
        .map(|challenges| {
            let fields = challenges
                .iter()
                .map(|challenge| (field.to_owned(), challenge.text()));
            (status, fields.collect())
        })
        .collect();
    let method = if input.is_proxy { "CONNECT" } else { "GET" };
    let target = ["/", "/demo?x=y", "example.com:443"][usize::from(input.target) % 3];
    // The passwords that were given away, in order.
    let given = Rc::new(RefCell::new(Vec::new()));
    let provided = given.clone();
    let (user, password, changes) = (
        input.user.to_owned(),
        input.password.to_owned(),
        input.changes,
    );
    let is_proxy = input.is_proxy;
    let provide = move |challenge: dom_websocket::Challenge| {
        assert_eq!(challenge.is_proxy(), is_proxy);
        assert!((1..=10).contains(&challenge.attempt()));
        assert_ne!(challenge.scheme(), AuthScheme::Socks5);
        let mut provided = provided.borrow_mut();
        let password = match changes {
            true => format!("{password}{}", provided.len()),
            false => password.clone(),
        };
        provided.push(password.clone());
        Credentials::new(&user, password).ok()
    };
    let of_url = input.has_url.then_some(credentials);
    let answers = block_on(fuzzing::answers(
        responses,
        (method, target),
        of_url,
        provide,
    ));
    let mut passwords = given.borrow().clone();
    assert!(passwords.len() <= 10, "nobody is asked for ever");
    passwords.push(input.password.to_owned());
    for (challenges, answer) in input.responses.iter().zip(&answers) {
        let Some(answer) = answer else { continue };
        assert!(!answer.contains(char::is_control), "{answer:?}");
        if challenges
            .iter()
            .any(|challenge| matches!(challenge, Challenge::Raw(_)))
        {
            continue;
        }
        match answer.split_once(' ') {
            Some(("Basic", encoded)) => {
                assert!(
                    !challenges.iter().any(Challenge::is_digest),
                    "Digest was offered"
                );
                let decoded = BASE64_STANDARD.decode(encoded).expect("base64");
                let is_one =
                    |password: &String| format!("{}:{password}", input.user).as_bytes() == decoded;
                assert!(passwords.iter().any(is_one));
                assert!(!input.user.contains(':'));
            }
            Some(("Digest", parameters)) => {
                let digest = Answer::parse(parameters);
                let is_right = |password: &String| digest.is_right(input.user, password, method);
                assert_eq!(digest.get("uri"), Some(target));
                assert!(passwords.iter().any(is_right), "{answer}");
                assert!(
                    challenges.iter().any(|challenge| digest.answers(challenge)),
                    "{answer}"
                );
            }
            _ => panic!("{answer}"),
        }
    }
}

/// The parameters of an answer.
struct Answer(Vec<(String, String)>);

impl Answer {
    fn parse(text: &str) -> Self {
        let mut parameters = Vec::new();
        let mut rest = text;
        while !rest.is_empty() {
            let (name, behind) = rest.split_once('=').expect("a parameter");
            let name = name.trim_matches([',', ' ']).to_owned();
            let (mut value, mut end) = (String::new(), behind.len());
            let is_quoted = behind.starts_with('"');
            let mut characters = behind.char_indices().skip(usize::from(is_quoted));
            while let Some((at, character)) = characters.next() {
                match character {
                    '\\' if is_quoted => value.extend(characters.next().map(|(_, c)| c)),
                    '"' if is_quoted => {
                        end = at + 1;
                        break;
                    }
                    ',' if !is_quoted => {
                        end = at;
                        break;
                    }
                    other => value.push(other),
                }
            }
            rest = &behind[end..];
            parameters.push((name, value));
        }
        Self(parameters)
    }

    fn get(&self, name: &str) -> Option<&str> {
        let mut all = self.0.iter().filter(|(n, _)| n == name);
        let value = all.next().map(|(_, value)| value.as_str());
        assert_eq!(all.next(), None, "{name} stands twice");
        value
    }

    fn answers(&self, challenge: &Challenge<'_>) -> bool {
        let Challenge::Digest {
            realm,
            nonce,
            opaque,
            ..
        } = challenge
        else {
            return false;
        };
        let plain = |text: &str| text.chars().filter(|c| !c.is_control()).collect::<String>();
        let same = |name: &str, text: &str| self.get(name) == Some(&*plain(text));
        same("realm", realm)
            && same("nonce", nonce)
            // Nothing need not be sent back.
            && self.get("opaque").unwrap_or_default() == opaque.map(plain).unwrap_or_default()
    }

    /// RFC 7616 section 3.4.
    fn is_right(&self, user: &str, password: &str, method: &str) -> bool {
        let algorithm = self.get("algorithm").unwrap_or("MD5");
        let (name, is_of_session) = match algorithm.strip_suffix("-sess") {
            Some(name) => (name, true),
            None => (algorithm, false),
        };
        let hash = |text: String| match name {
            "MD5" => hex(&Md5::digest(text)),
            "SHA-256" => hex(&Sha256::digest(text)),
            "SHA-512-256" => hex(&Sha512_256::digest(text)),
            other => panic!("the algorithm {other}"),
        };
        let get = |name| self.get(name).unwrap_or_default();
        let (realm, nonce, cnonce) = (get("realm"), get("nonce"), get("cnonce"));
        let mut secret = hash(format!("{user}:{realm}:{password}"));
        if is_of_session {
            secret = hash(format!("{secret}:{nonce}:{cnonce}"));
        }
        let request = hash(format!("{method}:{}", get("uri")));
        let expected = match self.get("qop") {
            None => hash(format!("{secret}:{nonce}:{request}")),
            Some("auth") => hash(format!(
                "{secret}:{nonce}:{}:{cnonce}:auth:{request}",
                get("nc")
            )),
            Some(other) => panic!("the quality of protection {other}"),
        };
        get("response") == expected
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
