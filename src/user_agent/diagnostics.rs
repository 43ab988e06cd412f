//! What an embedder learns of each connection, and script does not.

use super::Failure;
use crate::console;
use crate::protocol::Feedback;
use crate::protocol::opening::Response;
use std::cell::RefCell;
use std::fmt;
use std::net::SocketAddr;
use std::rc::Rc;

/// One step of one socket's connection, as an [observer](super::UserAgentBuilder::observer) is told.
///
/// Nothing in it is a secret: URLs come without credentials and without their query, fields of a
/// request without values, and fields of a response without the values that can be secrets.
///
/// Its `Display` is a line for a log.
///
/// ```
/// use dom_websocket::{Observation, UserAgent};
///
/// fn log(observation: &Observation<'_>) {
///     eprintln!("socket {} to {}: {}", observation.socket, observation.url, observation.step);
/// }
///
/// let user_agent = UserAgent::builder().observer(log).build();
/// ```
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Observation<'a> {
    /// The socket's number: the user agent counts those that it opens, from 1.
    pub socket: u64,
    /// The URL that was asked for.
    pub url: &'a str,
    /// What happened.
    pub step: Step<'a>,
}

/// What can happen to a connection.
///
/// ```
/// use dom_websocket::{Step, UserAgent};
///
/// let user_agent = UserAgent::builder()
///     .observer(|observation| match observation.step {
///         Step::Connected(address) => eprintln!("connected to {address}"),
///         Step::Failed(failure) => eprintln!("{failure}"),
///         _ => {}
///     })
///     .build();
/// ```
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum Step<'a> {
    /// A name has these addresses: the server's, or the proxy's.
    Resolved {
        /// The name.
        name: &'a str,
        /// In the order of the resolver.
        addresses: &'a [SocketAddr],
    },
    /// A connection to this address is attempted.
    Connecting(SocketAddr),
    /// One of the attempts failed.
    NotConnected(&'a Failure),
    /// TCP is connected.
    Connected(SocketAddr),
    /// A proxy, named without its credentials, opened the tunnel.
    Proxied {
        /// As `scheme://host:port`.
        proxy: &'a str,
    },
    /// TLS is established.
    Secured {
        /// The name that the certificate was verified for.
        name: &'a str,
        /// `TLSv1.2` or `TLSv1.3`.
        version: &'a str,
    },
    /// HTTP/2: there is a place on a connection that other sockets may share. Where the connection was made for another, or is the
    /// host's own, nothing is told of how.
    Multiplexed,
    /// The opening handshake is sent.
    Requested {
        /// The URL, which a redirect can have changed.
        url: &'a str,
        /// The names of the fields beside the handshake's own.
        fields: &'a [String],
    },
    /// The server answered.
    Responded(&'a Response),
    /// Credentials were asked for, and are sent with the next attempt.
    Authenticating {
        /// Whether the proxy asked.
        proxy: bool,
        /// The number of the credentials that are sent, counted from 1; those of a URL are among them.
        attempt: u32,
    },
    /// The connection is established.
    Opened,
    /// The connection is closed, cleanly, with this code.
    Closed(u16),
    /// The connection is closed, or never was, for this reason.
    Failed(&'a Failure),
}

impl fmt::Display for Observation<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "#{} {} {}", self.socket, self.url, self.step)
    }
}

impl fmt::Display for Step<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Resolved { name, addresses } => {
                write!(f, "resolved {name}:")?;
                addresses.iter().try_for_each(|a| write!(f, " {}", a.ip()))
            }
            Self::Connecting(address) => write!(f, "connecting to {address}"),
            Self::NotConnected(failure) => failure.fmt(f),
            Self::Connected(address) => write!(f, "connected to {address}"),
            Self::Proxied { proxy } => write!(f, "proxied by {proxy}"),
            Self::Secured { name, version } => write!(f, "secured by {version} with {name}"),
            Self::Multiplexed => f.write_str("multiplexed by HTTP/2"),
            Self::Requested { url, fields } => {
                write!(f, "requested {url}")?;
                fields.iter().try_for_each(|name| write!(f, " +{name}"))
            }
            Self::Responded(response) => {
                write!(f, "responded {}", response.status())?;
                for (name, value) in response.fields() {
                    // A log's line is one line.
                    let is_shown = |c: &char| !c.is_control();
                    let (name, value): (String, String) = (
                        name.chars().filter(is_shown).collect(),
                        value.chars().filter(is_shown).collect(),
                    );
                    match value.as_str() {
                        "" => write!(f, " [{name}]")?,
                        value => write!(f, " [{name}: {value}]")?,
                    }
                }
                Ok(())
            }
            Self::Authenticating { proxy, attempt } => {
                let who = if *proxy { "the proxy" } else { "the server" };
                write!(f, "authenticating to {who}, attempt {attempt}")
            }
            Self::Opened => f.write_str("opened"),
            Self::Closed(code) => write!(f, "closed {code}"),
            Self::Failed(failure) => write!(f, "failed: {failure}"),
        }
    }
}

pub(crate) type Observer = Rc<dyn Fn(&Observation<'_>)>;

/// Hears of failures, and writes them to standard error.
pub(super) fn failure_log() -> Observer {
    Rc::new(|observation| {
        if let Step::Failed(cause) = observation.step {
            let url = observation.url;
            console::error(&format!("WebSocket connection to {url} failed: {cause}"));
        }
    })
}

/// Tells of one socket.
pub(super) struct Reporter {
    socket: u64,
    url: String,
    /// The user agent's, and the socket's own.
    observers: Vec<Observer>,
    /// A response, to be told with what comes of it: whoever hears of it may close the socket.
    pub(super) response: RefCell<Option<Response>>,
    /// Why the opening handshake failed, to be told with the end.
    pub(super) failure: RefCell<Option<Failure>>,
}

impl Reporter {
    pub(super) fn new(socket: u64, observers: Vec<Observer>, url: impl FnOnce() -> String) -> Self {
        let mut this = Self {
            socket,
            url: String::new(),
            observers,
            response: RefCell::default(),
            failure: RefCell::default(),
        };
        // Nobody else asks for it.
        if this.is_heard() {
            this.url = url();
        }
        this
    }

    /// Whether anybody wants to know.
    pub(super) fn is_heard(&self) -> bool {
        !self.observers.is_empty() || cfg!(feature = "tracing")
    }

    pub(super) fn tell(&self, step: Step<'_>) {
        let observation = Observation {
            socket: self.socket,
            url: &self.url,
            step,
        };
        #[cfg(feature = "tracing")]
        match step {
            Step::Failed(_) => tracing::info!(target: "dom_websocket", "{observation}"),
            _ => tracing::debug!(target: "dom_websocket", "{observation}"),
        }
        for observer in &self.observers {
            observer(&observation);
        }
    }

    /// Tells of the response, if there is one that has not been told.
    pub(super) fn tell_response(&self) {
        if let Some(response) = self.response.take() {
            self.tell(Step::Responded(&response));
        }
    }

    /// Tells of what has become of the opening handshake, and of the connection's end.
    pub(super) fn tell_feedback(&self, feedback: &Feedback) {
        match feedback {
            Feedback::Established { .. } => {
                self.tell_response();
                self.tell(Step::Opened);
            }
            Feedback::Closed(closure) => {
                self.tell_response();
                let cause = closure.cause.as_deref().cloned().map(Failure::Wire);
                match cause.or_else(|| self.failure.take()) {
                    Some(failure) => self.tell(Step::Failed(&failure)),
                    None => self.tell(Step::Closed(closure.code)),
                }
            }
            _ => {}
        }
    }
}
