//! The command line.

use dom_websocket::Edition;
use std::error::Error;
use std::net::SocketAddr;
use std::str::FromStr;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// What `--help` prints.
pub(crate) const HELP: &str = "\
soak: many sockets for a while, and an account of every message

  --sockets N     sockets at once; 1000
  --servers M     processes that echo; 4
  --seconds S     how long sockets are opened anew; 60
  --kill-every S  how often a server is killed; 0 is never; 5
  --pause MS      the longest that a socket waits before it sends more; half as many as there are sockets
  --edition E     living, html5, or both; both
  --seed N        what chance begins with; by the clock
  --help          this text

The exit status is 1 if anything was lost, doubled, changed or out of turn.
";

pub(crate) enum Command {
    Help,
    /// One of the servers.
    Serve(SocketAddr),
    Soak(Plan),
}

#[derive(Clone, Debug)]
pub(crate) struct Plan {
    pub(crate) sockets: usize,
    pub(crate) servers: usize,
    pub(crate) time: Duration,
    /// `None`: never.
    pub(crate) kill_every: Option<Duration>,
    pub(crate) longest_pause: Duration,
    /// One of these each.
    pub(crate) editions: Vec<Edition>,
    pub(crate) seed: u64,
}

pub(crate) fn parse(
    mut arguments: impl Iterator<Item = String>,
) -> Result<Command, Box<dyn Error>> {
    let mut plan = Plan {
        sockets: 1000,
        servers: 4,
        time: Duration::from_secs(60),
        kill_every: Some(Duration::from_secs(5)),
        longest_pause: Duration::ZERO,
        editions: vec![Edition::Living, Edition::Html5],
        seed: SystemTime::now()
            .duration_since(UNIX_EPOCH)?
            .subsec_nanos()
            .into(),
    };
    let mut pause = None;
    while let Some(argument) = arguments.next() {
        let mut value = || arguments.next().ok_or(format!("{argument} needs a value"));
        match argument.as_str() {
            "--help" | "-h" => return Ok(Command::Help),
            "serve" => return Ok(Command::Serve(value()?.parse()?)),
            "--sockets" => plan.sockets = number(&argument, &value()?)?,
            "--servers" => plan.servers = number(&argument, &value()?)?,
            "--seconds" => plan.time = Duration::from_secs(number(&argument, &value()?)?),
            "--kill-every" => {
                let seconds = Duration::from_secs(number(&argument, &value()?)?);
                plan.kill_every = Some(seconds).filter(|seconds| !seconds.is_zero());
            }
            "--pause" => pause = Some(Duration::from_millis(number(&argument, &value()?)?)),
            "--edition" => match value()?.as_str() {
                "both" => {}
                "living" => plan.editions = vec![Edition::Living],
                "html5" => plan.editions = vec![Edition::Html5],
                other => return Err(format!("there is no edition {other:?}").into()),
            },
            "--seed" => plan.seed = number(&argument, &value()?)?,
            other => return Err(format!("unknown argument {other:?}").into()),
        }
    }
    if plan.sockets == 0 || plan.servers == 0 {
        return Err("without sockets or servers there is nothing to see".into());
    }
    plan.longest_pause = pause.unwrap_or(Duration::from_millis(plan.sockets as u64 / 2));
    Ok(Command::Soak(plan))
}

fn number<T: FromStr>(option: &str, value: &str) -> Result<T, String> {
    value
        .parse()
        .map_err(|_| format!("{option} takes a number"))
}
