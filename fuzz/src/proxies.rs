//! Proxies: which hosts need none, and what one may answer.
//!
//! `no_proxy` is what a plain reader of it makes of the same; a proxy's URL shows no secret and leads where it led; and
//! however an answer to CONNECT or SOCKS5 is cut, the same comes of it, with every byte behind it the server's.

use crate::edit::{Edit, edited};
use crate::pipe::{Direction, Transport};
use arbitrary::Arbitrary;
use dom_websocket::protocol::Limits;
use dom_websocket::{Credentials, Failure, Proxies, Proxy, fuzzing};
use futures::AsyncReadExt;
use futures::executor::block_on;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

#[derive(Arbitrary, Debug)]
pub enum Input<'a> {
    Bypass {
        exempt: Vec<Exempt>,
        raw: Option<&'a str>,
        host: Host,
        port: u8,
    },
    Url(&'a str),
    Connect {
        status: u16,
        edits: Vec<Edit<'a>>,
        behind: &'a [u8],
        most: u8,
        head: Option<u8>,
    },
    Socks5 {
        host: Host,
        has_password: bool,
        method: u8,
        reply: u8,
        address: u8,
        edits: Vec<Edit<'a>>,
        behind: &'a [u8],
        most: u8,
    },
}

/// One that is reached without a proxy.
#[derive(Arbitrary, Debug)]
pub struct Exempt {
    host: Host,
    /// Of a network.
    prefix: Option<u8>,
    has_dot: bool,
    is_upper: bool,
    has_brackets: bool,
    port: Option<u8>,
}

#[derive(Arbitrary, Debug)]
pub enum Host {
    /// Some labels of a few.
    Name(u8, u8, bool),
    Ipv4(u8, u8),
    Ipv6(u8, u8),
}

impl Host {
    fn address(&self) -> Option<IpAddr> {
        Some(match *self {
            Self::Name(..) => return None,
            Self::Ipv4(third, last) => Ipv4Addr::new(10, 0, third, last).into(),
            Self::Ipv6(first, last) => {
                Ipv6Addr::new(0x2001, first.into(), 0, 0, 0, 0, 0, last.into()).into()
            }
        })
    }

    fn name(&self) -> String {
        const LABELS: [&str; 4] = ["a", "b", "example", "com"];
        match *self {
            Self::Name(first, second, is_long) => {
                let label = |index: u8| LABELS[usize::from(index) % LABELS.len()];
                let more = if is_long { "example.com" } else { "com" };
                format!("{}.{}.{more}", label(first), label(second))
            }
            _ => self
                .address()
                .map(|address| address.to_string())
                .unwrap_or_default(),
        }
    }

    /// As a URL has it.
    fn of_url(&self) -> String {
        match self {
            Self::Ipv6(..) => format!("[{}]", self.name()),
            _ => self.name(),
        }
    }
}

const PORTS: [u16; 3] = [80, 443, 8080];

fn port(index: u8) -> u16 {
    PORTS[usize::from(index) % PORTS.len()]
}

impl Exempt {
    fn is_network(&self) -> Option<u8> {
        match self.host {
            Host::Name(..) => None,
            Host::Ipv4(..) => self.prefix.map(|prefix| prefix % 33),
            Host::Ipv6(..) => self.prefix.map(|prefix| prefix % 129),
        }
    }

    fn text(&self) -> String {
        let mut text = self.host.name();
        if self.host.address().is_none() {
            if self.has_dot {
                text.insert(0, '.');
            }
            if self.is_upper {
                text = text.to_uppercase();
            }
        }
        if let Some(prefix) = self.is_network() {
            text += &format!("/{prefix}");
        } else if matches!(self.host, Host::Ipv6(..)) && (self.has_brackets || self.port.is_some())
        {
            text = format!("[{text}]");
        }
        if let Some(index) = self.port() {
            text += &format!(":{}", port(index));
        }
        text
    }

    /// A network of IPv6 has none: it could not be told from its last digits.
    fn port(&self) -> Option<u8> {
        let is_network = matches!(self.host, Host::Ipv6(..)) && self.is_network().is_some();
        self.port.filter(|_| !is_network)
    }

    fn has(&self, host: &Host, its_port: u16) -> bool {
        if self.port().is_some_and(|index| port(index) != its_port) {
            return false;
        }
        match (self.host.address(), host.address()) {
            (None, None) => {
                let (ours, theirs) = (self.host.name(), host.name());
                theirs == ours || theirs.ends_with(&format!(".{ours}"))
            }
            (Some(IpAddr::V4(ours)), Some(IpAddr::V4(theirs))) => {
                let prefix = u32::from(self.is_network().unwrap_or(32));
                (ours.to_bits() ^ theirs.to_bits()).leading_zeros() >= prefix
            }
            (Some(IpAddr::V6(ours)), Some(IpAddr::V6(theirs))) => {
                let prefix = u32::from(self.is_network().unwrap_or(128));
                (ours.to_bits() ^ theirs.to_bits()).leading_zeros() >= prefix
            }
            _ => false,
        }
    }
}

pub fn check(input: Input<'_>) {
    match input {
        Input::Bypass {
            exempt,
            raw,
            host,
            port: index,
        } => bypass(&exempt, raw, &host, port(index)),
        Input::Url(text) => url(text),
        Input::Connect {
            status,
            edits,
            behind,
            most,
            head,
        } => connect(status, &edits, behind, most, head),
        Input::Socks5 {
            host,
            has_password,
            method,
            reply,
            address,
            edits,
            behind,
            most,
        } => {
            let honest = socks_answer(has_password, method, reply, address);
            let is_granted =
                reply % 9 == 0 && (method % 3 != 2) && (has_password || method % 3 == 0);
            let answer = edited(&honest, &edits);
            let is_honest = answer == honest;
            let all = [&*answer, behind].concat();
            let whole = socks5(&host, has_password, &all, usize::MAX);
            let cut = socks5(&host, has_password, &all, most.into());
            assert_eq!(whole, cut, "a split changes something");
            if let (Ok((rest, _)), true) = (&whole, is_honest) {
                assert_eq!(rest, behind);
            }
            if is_honest {
                assert_eq!(whole.is_ok(), is_granted, "{whole:?}");
            }
        }
    }
}

fn bypass(exempt: &[Exempt], raw: Option<&str>, host: &Host, port: u16) {
    let proxy = Proxy::new("http://proxy.example:3128").expect("a proxy");
    if let Some(raw) = raw {
        // Whatever it is it is read, and a star is everything.
        let proxies = Proxies::from(proxy.clone()).bypass(raw);
        let chosen = fuzzing::choose(&proxies, &host.of_url(), port);
        if raw.split(',').any(|entry| entry.trim() == "*") {
            assert_eq!(chosen, None);
        }
    }
    let text: Vec<_> = exempt.iter().map(Exempt::text).collect();
    let text = text.join(", ");
    let proxies = Proxies::from(proxy).bypass(&text);
    let is_exempt = exempt.iter().any(|exempt| exempt.has(host, port));
    let chosen = fuzzing::choose(&proxies, &host.of_url(), port);
    assert_eq!(
        chosen.is_none(),
        is_exempt,
        "{text:?} {}:{port}",
        host.of_url()
    );
}

fn url(text: &str) {
    let with_secret = text.replacen("://", "://user:s3cr3t@", 1);
    for text in [text, &with_secret] {
        let Ok(proxy) = Proxy::new(text) else {
            continue;
        };
        let shown = proxy.to_string();
        assert_eq!(format!("{proxy:?}"), format!("Proxy({shown})"));
        assert!(
            !shown.contains(['@', ' ']) && !shown.contains(char::is_control),
            "{shown}"
        );
        let again = Proxy::new(&shown).expect("what is shown is a proxy");
        assert_eq!(again.to_string(), shown);
        let proxies = Proxies::from(proxy);
        assert_eq!(fuzzing::choose(&proxies, "example.com", 80), Some(shown));
    }
}

/// A transport on which all of the answer is there already, and so many bytes of it are read at once.
fn transport(answer: &[u8], most: usize) -> Transport {
    let (input, output) = (Direction::new(0, most), Direction::new(1 << 20, usize::MAX));
    input.borrow_mut().bytes.extend(answer);
    input.borrow_mut().has_ended = true;
    Transport { input, output }
}

/// What came of it: what is read behind the answer, and what was written.
type Outcome = Result<(Vec<u8>, Vec<u8>), String>;

fn connect(status: u16, edits: &[Edit<'_>], behind: &[u8], most: u8, head: Option<u8>) {
    let status = status % 600;
    let honest = format!("HTTP/1.1 {status:03} Is so\r\nVia: 1.1 proxy\r\n\r\n").into_bytes();
    let answer = edited(&honest, edits);
    let is_honest = answer == honest && head.is_none() && status >= 200;
    let all = [&*answer, behind].concat();
    let mut limits = Limits::default();
    if let Some(head) = head {
        limits.head = usize::from(head);
    }
    let ask = |most| -> Outcome {
        let transport = transport(&all, most);
        let output = transport.output.clone();
        let asking = fuzzing::connect(transport, "example.com:443", Some("Basic eDp5"), &limits);
        let outcome = block_on(async {
            match asking.await {
                Ok(Some(mut tunnel)) => {
                    let mut rest = Vec::new();
                    tunnel
                        .read_to_end(&mut rest)
                        .await
                        .map_err(|error| error.to_string())?;
                    Ok(rest)
                }
                Ok(None) => Err("unauthorized".to_owned()),
                Err(Failure::Proxy(failure)) => Err(format!("{failure:?}")),
                Err(other) => panic!("{other:?}"),
            }
        });
        let written: Vec<u8> = output.borrow().bytes.iter().copied().collect();
        outcome.map(|rest| (rest, written))
    };
    let whole = ask(usize::MAX);
    assert_eq!(whole, ask(most.into()), "a split changes something");
    if let Ok((rest, written)) = &whole {
        assert!(all.ends_with(rest));
        let request = "CONNECT example.com:443 HTTP/1.1\r\nHost: example.com:443\r\n\
            Proxy-Authorization: Basic eDp5\r\n\r\n";
        assert_eq!(*written, request.as_bytes());
        if is_honest {
            assert_eq!(rest, behind);
        }
    }
    if is_honest {
        assert_eq!(whole.is_ok(), status < 300, "{status} {whole:?}");
    }
}

fn socks_answer(has_password: bool, method: u8, reply: u8, address: u8) -> Vec<u8> {
    let method = [0, 2, 0xff][usize::from(method) % 3];
    let mut answer = vec![5, method];
    if method == 2 && has_password {
        answer.extend([1, 0]);
    }
    answer.extend([5, reply % 9, 0]);
    match address % 3 {
        0 => answer.extend([1, 127, 0, 0, 1]),
        1 => answer.extend([3, 1, b'x']),
        _ => {
            answer.push(4);
            answer.extend([0; 16]);
        }
    }
    answer.extend([0, 80]);
    answer
}

fn socks5(host: &Host, has_password: bool, answer: &[u8], most: usize) -> Outcome {
    let transport = transport(answer, most);
    let output = transport.output.clone();
    let credentials = has_password.then(|| Credentials::new("user", "secret").expect("a name"));
    let name = host.name();
    let asking = fuzzing::socks5(transport, &name, 443, credentials.as_ref());
    let outcome = block_on(async {
        let mut tunnel = asking.await.map_err(|failure| format!("{failure:?}"))?;
        let mut rest = Vec::new();
        tunnel
            .read_to_end(&mut rest)
            .await
            .map_err(|error| error.to_string())?;
        Ok(rest)
    });
    let written: Vec<u8> = output.borrow().bytes.iter().copied().collect();
    outcome.map(|rest: Vec<u8>| {
        assert!(answer.ends_with(&rest));
        let address = match host.address() {
            Some(IpAddr::V4(address)) => [&[1], &address.octets()[..]].concat(),
            Some(IpAddr::V6(address)) => [&[4], &address.octets()[..]].concat(),
            None => [&[3, name.len() as u8], name.as_bytes()].concat(),
        };
        let request = [&[5, 1, 0], &address[..], &443u16.to_be_bytes()].concat();
        assert!(
            written.starts_with(&[5]) && written.ends_with(&request),
            "{written:x?}"
        );
        (rest, written)
    })
}
