//! The command line.

use std::fmt;
use std::time::Duration;

/// What `--help` prints.
pub(crate) const HELP: &str = "\
What does a relay do to a connection? Both ends push bytes at each other at once, and see what arrives.

relay_probe [--send BYTES] [--receive BYTES] [--timeout S] [--json]
    Both ends in this process, with nothing between them, over each wire; a table at the end.

relay_probe --listen ADDR [--timeout S]
    The server, for all wires; prints `listening on ADDR` and serves until it is killed.

relay_probe --connect URL [--wire simplified|living|html5] [--send BYTES] [--receive BYTES] [--proxy URL]
            [--ca-file F] [--timeout S] [--json]
    The client, which says how the relay between it and that server treated the connection:
      passed    all arrived, both ways, while it was sent
      buffered  all arrived, but nothing before everything was sent
      cut       it ended early, or nothing more came
      altered   what arrived is not what was sent
      refused   the proxy, or the opening handshake, failed

--wire W       what is spoken: living, today's WebSocket (the default); html5, that of 2010; simplified, a bare
               upgrade with unframed bytes behind it. The URL of the last has a host and a port alone
--send N       how much the client sends; k, M and G behind the number are powers of 1024. Default: 16M
--receive N    how much the server sends. Default: 16M
--proxy URL    asks this proxy for a tunnel: http:, https: or socks5:. The environment's is not looked at
--ca-file F    for wss: and https:, trusts the certificates of this PEM file in place of the system's
--timeout S    how many seconds of silence are the end: of the opening, and of both ways after it. Default: 60
--json         the last line of standard output is an object: wire, sent, received, intact, seconds, relay

The exit status is 0 if the relay passed all, 1 if it did not, 2 if the command can't be run.";

/// What to do.
#[derive(Debug, PartialEq)]
pub(crate) enum Command {
    Help,
    /// Both ends here.
    Alone {
        plan: Plan,
        json: bool,
    },
    Listen {
        address: String,
        timeout: Duration,
    },
    Connect {
        plan: Plan,
        route: Route,
        json: bool,
    },
}

/// What is pushed.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Plan {
    pub(crate) wire: Wire,
    /// Bytes of payload, from the client.
    pub(crate) send: u64,
    /// Bytes of payload, from the server.
    pub(crate) receive: u64,
    /// How long silence may last.
    pub(crate) timeout: Duration,
}

/// Where to.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Route {
    pub(crate) url: String,
    pub(crate) proxy: Option<String>,
    pub(crate) ca_file: Option<String>,
}

/// What is spoken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Wire {
    Simplified,
    Living,
    Html5,
}

impl Wire {
    pub(crate) const ALL: [Self; 3] = [Self::Simplified, Self::Living, Self::Html5];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Simplified => "simplified",
            Self::Living => "living",
            Self::Html5 => "html5",
        }
    }
}

impl fmt::Display for Wire {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl Command {
    pub(crate) fn parse(mut arguments: impl Iterator<Item = String>) -> Result<Self, String> {
        let (mut listen, mut connect, mut proxy, mut ca_file) = (None, None, None, None);
        let (mut wire, mut send, mut receive) = (None, None, None);
        let mut timeout = Duration::from_secs(60);
        let mut json = false;
        while let Some(argument) = arguments.next() {
            let mut value = || arguments.next().ok_or(format!("{argument} needs a value"));
            match argument.as_str() {
                "--help" | "-h" => return Ok(Self::Help),
                "--listen" => listen = Some(value()?),
                "--connect" => connect = Some(value()?),
                "--proxy" => proxy = Some(value()?),
                "--ca-file" => ca_file = Some(value()?),
                "--json" => json = true,
                "--send" => send = Some(amount(&value()?).ok_or("--send takes bytes")?),
                "--receive" => receive = Some(amount(&value()?).ok_or("--receive takes bytes")?),
                "--wire" => {
                    let name = value()?;
                    let found = Wire::ALL.into_iter().find(|wire| wire.name() == name);
                    wire = Some(found.ok_or(format!("unknown wire {name:?}"))?);
                }
                "--timeout" => {
                    timeout = value()?
                        .parse()
                        .ok()
                        .and_then(|seconds| Duration::try_from_secs_f64(seconds).ok())
                        .filter(|timeout| !timeout.is_zero())
                        .ok_or("--timeout takes seconds")?;
                }
                other => return Err(format!("unknown argument {other:?}")),
            }
        }
        let is_default = (wire.is_none(), send.is_none() && receive.is_none() && !json);
        let plan = Plan {
            wire: wire.unwrap_or(Wire::Living),
            send: send.unwrap_or(16 << 20),
            receive: receive.unwrap_or(16 << 20),
            timeout,
        };
        match (listen, connect, is_default) {
            (None, Some(url), _) => Ok(Self::Connect {
                plan,
                route: Route {
                    url,
                    proxy,
                    ca_file,
                },
                json,
            }),
            _ if proxy.is_some() || ca_file.is_some() => {
                Err("--proxy and --ca-file go with --connect".into())
            }
            (None, None, (true, _)) => Ok(Self::Alone { plan, json }),
            (Some(address), None, (true, true)) => Ok(Self::Listen { address, timeout }),
            (Some(_), Some(_), _) => Err("--listen or --connect, not both".into()),
            (Some(_), ..) => Err("the client says what is sent, and by which wire".into()),
            (None, ..) => Err("--wire goes with --connect".into()),
        }
    }
}

/// `12`, `12k`, `12M` or `12G`.
fn amount(text: &str) -> Option<u64> {
    let (digits, shift) = match text.as_bytes().last()? {
        b'k' | b'K' => (&text[..text.len() - 1], 10),
        b'M' => (&text[..text.len() - 1], 20),
        b'G' => (&text[..text.len() - 1], 30),
        _ => (text, 0),
    };
    let is_number = digits.bytes().all(|digit| digit.is_ascii_digit());
    let number: u64 = digits.parse().ok().filter(|_| is_number)?;
    number.checked_mul(1 << shift)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(line: &str) -> Result<Command, String> {
        Command::parse(line.split_whitespace().map(str::to_owned))
    }

    #[test]
    fn amounts() {
        for (text, expected) in [
            ("0", Some(0)),
            ("7", Some(7)),
            ("3k", Some(3072)),
            ("256M", Some(256 << 20)),
            ("2G", Some(2 << 30)),
            ("", None),
            ("M", None),
            ("+1", None),
            ("-1", None),
            ("1T", None),
            ("1.5M", None),
            ("17179869184G", None),
        ] {
            assert_eq!(amount(text), expected, "{text}");
        }
    }

    #[test]
    fn command_lines() {
        let plan = Plan {
            wire: Wire::Living,
            send: 16 << 20,
            receive: 16 << 20,
            timeout: Duration::from_secs(60),
        };
        let (both, json) = (plan.clone(), false);
        assert_eq!(parse(""), Ok(Command::Alone { plan: both, json }));
        assert_eq!(
            parse("--listen 127.0.0.1:0 --timeout 1.5"),
            Ok(Command::Listen {
                address: "127.0.0.1:0".into(),
                timeout: Duration::from_millis(1500),
            })
        );
        assert_eq!(
            parse(
                "--connect wss://h --wire html5 --send 1k --receive 0 --proxy http://p --ca-file f --json"
            ),
            Ok(Command::Connect {
                plan: Plan {
                    wire: Wire::Html5,
                    send: 1024,
                    receive: 0,
                    ..plan
                },
                route: Route {
                    url: "wss://h".into(),
                    proxy: Some("http://p".into()),
                    ca_file: Some("f".into()),
                },
                json: true,
            })
        );
        assert_eq!(parse("--nonsense --help").ok(), None);
        assert_eq!(parse("--json --help"), Ok(Command::Help));
    }

    #[test]
    fn command_lines_that_make_no_sense() {
        for line in [
            "--wire living",
            "--wire",
            "--connect ws://h --wire other",
            "--connect ws://h --send much",
            "--connect ws://h --timeout 0",
            "--connect ws://h --timeout -1",
            "--connect ws://h --listen a",
            "--listen a --send 1",
            "--listen a --wire html5",
            "--listen a --json",
            "--listen a --proxy http://p",
            "--proxy http://p",
            "ws://h",
        ] {
            assert!(parse(line).is_err(), "{line}");
        }
    }
}
