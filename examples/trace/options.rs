//! The command line.

use crate::user_agent::Settings;
use dom_websocket::Edition;
use std::time::Duration;

/// What `--help` prints.
pub(crate) const HELP: &str = "\
Opens a socket, does what standard input says, and prints one JSON object a line for each event, exception and result.

trace URL [--edition html5|living] [--subprotocol P]... [--origin O] [--timeout S] [--header \"NAME: VALUE\"]...
      [--follow-redirects N] [--proxy URL] [--ca-file F] [--client-cert F --client-key F] [--user USER:PASSWORD]
      [--cookie-jar FILE] [--http2 off|prefer|prior-knowledge] [--diagnose]
trace URL --wire simplified [--timeout S] [--proxy URL] [--ca-file F] [--client-cert F --client-key F] [--diagnose]

--wire simplified  speaks the simplified wire, whose URL has a host and a port alone: bytes without boundaries, which
                   are no events, but wait for `read`; `open` and `close` are all the events it has
--diagnose         prints each step of the connection on standard error, and not the cause of a failure alone
--proxy URL        goes through a proxy (http:, https: or socks5:); without it, through that of the environment
--ca-file F        trusts the certificates of a PEM file in place of the system's
--client-cert F --client-key F
                   shows a certificate to a server that asks for one
--http2 MODE       speaks HTTP/2: never (off, the default), where a wss: server chooses it (prefer), or whatever the server
                   says (prior-knowledge)
--user U:P         answers a server's 401
--cookie-jar FILE  sends and keeps cookies, in Netscape's format

Commands, one a line. Those in a row are one task; events are delivered inside `wait`, `read` and `sleep` and after the
last command.

send TEXT                              {\"send\":true}, or false
send-hex HEX                           the same, of bytes
close [CODE [REASON]]
finish                                 ends this direction, and goes on receiving: {\"finish\":true}, or false where
                                       there was nothing to finish
read N                                 the next bytes of what was received, N at the most, wherever messages begin and
                                       end; waits for the first of them: {\"read\":COUNT,\"data\":TEXT}, with `hex` in place
                                       of `data` where it is no UTF-8; {\"read\":0} at the end
wait open|message|error|close [COUNT]  until there have been so many, or `close`
sleep MS
state                                  {\"state\":READYSTATE,\"bufferedAmount\":BYTES}

It ends when the commands are done and `close` has been dispatched, or the constructor throws, with exit status 0, whatever the
events say; 1 if that takes longer than the timeout (60 seconds); 2 if it can't be used like this.";

pub(crate) struct Options {
    pub(crate) url: String,
    pub(crate) wire: Wire,
    pub(crate) subprotocols: Vec<String>,
    pub(crate) origin: Option<String>,
    pub(crate) settings: Settings,
    pub(crate) timeout: Duration,
}

/// What is spoken.
#[derive(Clone, Copy)]
pub(crate) enum Wire {
    Edition(Edition),
    Simplified,
}

impl Options {
    /// `None` where help is wanted.
    pub(crate) fn parse(
        mut arguments: impl Iterator<Item = String>,
    ) -> Result<Option<Self>, String> {
        let (mut url, mut edition, mut is_simplified) = (None, None, false);
        let mut options = Self {
            url: String::new(),
            wire: Wire::Simplified,
            subprotocols: Vec::new(),
            origin: None,
            settings: Settings::default(),
            timeout: Duration::from_secs(60),
        };
        let settings = &mut options.settings;
        while let Some(argument) = arguments.next() {
            let mut value = || arguments.next().ok_or(format!("{argument} needs a value"));
            match argument.as_str() {
                "--help" | "-h" => return Ok(None),
                "--edition" => {
                    edition = match value()?.as_str() {
                        "html5" => Some(Edition::Html5),
                        "living" => Some(Edition::Living),
                        other => return Err(format!("unknown edition {other:?}")),
                    }
                }
                "--wire" => match value()?.as_str() {
                    "simplified" => is_simplified = true,
                    other => return Err(format!("unknown wire {other:?}")),
                },
                "--subprotocol" => options.subprotocols.push(value()?),
                "--origin" => options.origin = Some(value()?),
                "--proxy" => settings.proxy = Some(value()?),
                "--ca-file" => settings.ca_file = Some(value()?),
                "--client-cert" => settings.client_cert = Some(value()?),
                "--client-key" => settings.client_key = Some(value()?),
                "--header" => settings.headers.push(value()?),
                "--cookie-jar" => settings.cookie_jar = Some(value()?),
                "--http2" => settings.http2 = Some(value()?),
                "--user" => settings.user = Some(value()?),
                "--diagnose" => settings.diagnose = true,
                "--follow-redirects" => {
                    let count = value()?.parse();
                    settings.redirects = count.map_err(|_| "--follow-redirects takes a number")?;
                }
                "--timeout" => {
                    options.timeout = value()?
                        .parse()
                        .ok()
                        .and_then(|seconds| Duration::try_from_secs_f64(seconds).ok())
                        .ok_or("--timeout takes seconds")?;
                }
                other if other.starts_with("--") => {
                    return Err(format!("unknown argument {other:?}"));
                }
                _ if url.is_some() => return Err("one URL, please".into()),
                _ => url = Some(argument),
            }
        }
        options.url = url.ok_or("a URL is missing")?;
        if is_simplified {
            options.check_simplified(edition)?;
        } else {
            options.wire = Wire::Edition(edition.unwrap_or_default());
        }
        Ok(Some(options))
    }

    /// The simplified wire carries nothing of the author's but the host.
    fn check_simplified(&self, edition: Option<Edition>) -> Result<(), String> {
        let Settings {
            headers,
            cookie_jar,
            redirects,
            user,
            http2,
            ..
        } = &self.settings;
        let is_more = edition.is_some()
            || !self.subprotocols.is_empty()
            || self.origin.is_some()
            || !headers.is_empty()
            || cookie_jar.is_some()
            || *redirects > 0
            || user.is_some()
            || http2.is_some();
        if is_more {
            return Err("--wire simplified sends nothing but the host".into());
        }
        Ok(())
    }
}
