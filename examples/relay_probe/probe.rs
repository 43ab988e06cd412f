//! Both ends on the library: how a stream of each wire is opened, and how it is accepted.

use super::client::converse;
use super::options::{Plan, Route, Wire};
use super::outcome::Outcome;
use super::progress;
use super::server::serve;
use super::stream::{Meter, Stop};
use super::verdict::End;
use dom_websocket::{
    ByteStream, Edition, EventLoop, Observation, Server, Step, Timeouts, UserAgent,
    UserAgentBuilder, WebSocket,
};
use futures::channel::oneshot;
use futures::future::{Either, select};
use std::cell::Cell;
use std::error::Error;
use std::io;
use std::pin::pin;
use std::time::Duration;

/// How long the end of a connection is waited for that is over for the conversation.
const LINGER: Duration = Duration::from_secs(2);

/// A server of all wires.
pub(crate) fn listen(
    event_loop: &EventLoop,
    address: &str,
    timeout: Duration,
) -> io::Result<Server> {
    // What looks random is not to be compressed.
    let server = Server::builder(event_loop)
        .compression(false)
        .timeouts(timeouts(timeout))
        .listen(address)?;
    let weak = event_loop.downgrade();
    let accept = move |stream: ByteStream| {
        let Some(event_loop) = weak.upgrade() else {
            return;
        };
        let weak = weak.clone();
        event_loop.spawn(async move {
            let Some(event_loop) = weak.upgrade() else {
                return;
            };
            serve(stream, timeout, |duration| event_loop.sleep(duration)).await;
        });
    };
    let accept_bytes = accept.clone();
    server.set_onbytestream(move |stream, _| accept_bytes(stream));
    server.set_onconnection(move |socket, _| {
        // One that has closed already has nothing to say.
        if let Ok(stream) = socket.into_byte_stream() {
            accept(stream);
        }
    });
    Ok(server)
}

/// Opens a connection, and speaks with the server. Whatever the network does is an outcome.
pub(crate) async fn probe(
    event_loop: &EventLoop,
    plan: &Plan,
    route: &Route,
) -> Result<Outcome, Box<dyn Error>> {
    let opening = Meter::new();
    let (ended, has_ended) = oneshot::channel();
    let stream = open(event_loop, plan, route, ended)?;
    if let Err(error) = stream.opened().await {
        let cause = error.get_ref().and_then(|error| error.source());
        let reason = cause.map_or_else(|| error.to_string(), ToString::to_string);
        return Ok(Outcome::refused(plan, reason, opening.elapsed()));
    }
    let meter = Meter::new();
    let seen = {
        let sleep = |duration| event_loop.sleep(duration);
        let talk = converse(stream, plan, &meter, opening.elapsed(), sleep);
        let bars = pin!(progress::draw(plan, &meter, sleep));
        match select(pin!(talk), bars).await {
            Either::Left((seen, _)) => seen,
            Either::Right((never, _)) => match never {},
        }
    };
    // The stream is gone, and the connection follows.
    let end = match seen.stop {
        Some(Stop::End | Stop::Lost(_)) => {
            match select(has_ended, pin!(event_loop.sleep(LINGER))).await {
                Either::Left((end, _)) => end.ok(),
                Either::Right(_) => None,
            }
        }
        _ => None,
    };
    Ok(Outcome::of(plan, &meter, &seen, end.as_ref()))
}

/// `ended` hears how the connection ends.
fn open(
    event_loop: &EventLoop,
    plan: &Plan,
    route: &Route,
    ended: oneshot::Sender<End>,
) -> Result<ByteStream, Box<dyn Error>> {
    let user_agent = user_agent(plan, route)?;
    let ended = Cell::new(Some(ended));
    let observer = move |observation: &Observation<'_>| {
        let end = match observation.step {
            Step::Closed(code) => End::Closed(code),
            Step::Failed(failure) => End::Failed(failure.clone()),
            _ => return,
        };
        if let Some(ended) = ended.take() {
            let _ = ended.send(end);
        }
    };
    let edition = match plan.wire {
        Wire::Simplified => {
            let mut builder = ByteStream::builder(event_loop, &route.url);
            return Ok(builder.user_agent(&user_agent).observer(observer).open()?);
        }
        Wire::Living => Edition::Living,
        Wire::Html5 => Edition::Html5,
    };
    let mut builder = WebSocket::builder(event_loop, &route.url);
    builder.user_agent(&user_agent).observer(observer);
    Ok(builder.edition(edition).open_byte_stream()?)
}

fn timeouts(timeout: Duration) -> Timeouts {
    Timeouts {
        opening_handshake: timeout,
        finished: Some(timeout),
        ..Timeouts::default()
    }
}

fn user_agent(plan: &Plan, route: &Route) -> Result<UserAgent, Box<dyn Error>> {
    let mut builder = UserAgent::builder();
    // A probe may go anywhere.
    builder
        .timeouts(timeouts(plan.timeout))
        .compression(false)
        .blocked_ports([]);
    set_proxy(&mut builder, route)?;
    set_roots(&mut builder, route)?;
    Ok(builder.build())
}

#[cfg(feature = "proxies")]
fn set_proxy(builder: &mut UserAgentBuilder, route: &Route) -> Result<(), Box<dyn Error>> {
    if let Some(proxy) = &route.proxy {
        builder.proxies(dom_websocket::Proxy::new(proxy)?);
    }
    Ok(())
}

#[cfg(not(feature = "proxies"))]
fn set_proxy(_: &mut UserAgentBuilder, route: &Route) -> Result<(), Box<dyn Error>> {
    match route.proxy {
        Some(_) => Err("--proxy needs the feature `proxies`".into()),
        None => Ok(()),
    }
}

#[cfg(feature = "tls")]
fn set_roots(builder: &mut UserAgentBuilder, route: &Route) -> Result<(), Box<dyn Error>> {
    if let Some(file) = &route.ca_file {
        let certificates = std::fs::read(file).map_err(|error| format!("{file}: {error}"))?;
        let trusted = builder.root_certificates(&certificates);
        trusted.map_err(|error| format!("{file}: {error}"))?;
    }
    Ok(())
}

#[cfg(not(feature = "tls"))]
fn set_roots(_: &mut UserAgentBuilder, route: &Route) -> Result<(), Box<dyn Error>> {
    match route.ca_file {
        Some(_) => Err("--ca-file needs the feature `tls`".into()),
        None => Ok(()),
    }
}
