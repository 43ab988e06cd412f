//! What the embedder learns of each connection, and script does not.

use crate::error::quietly;
use crate::object::{Object, Thread, check_thread};
use crate::string::Text;
use crate::user_data::UserData;
use dom_websocket::{
    Failure as DomFailure, HandshakeFault, Observation as DomObservation, ProxyFailure,
    RedirectFailure, Step as DomStep, TransportError, WireFailure,
};
use std::cell::OnceCell;
use std::ffi::{c_int, c_void};

/// One step of one socket's connection, for as long as the observer runs.
pub struct Observation<'a> {
    thread: Thread,
    observation: &'a DomObservation<'a>,
    text: OnceCell<String>,
}

/// Hears of a step. It is called as things happen, inside of a turn and outside, and should be quick. Nothing that it
/// is told is a secret. One of a user agent is called as long as a socket of that is left. It must return: no C++
/// exception, no longjmp.
pub type ObserverCallback =
    Option<unsafe extern "C" fn(observation: *const Observation<'_>, data: *mut c_void)>;

/// What can happen to a connection.
#[repr(C)]
pub enum Step {
    /// Another one than these.
    Other = 0,
    /// A name has these addresses.
    Resolved = 1,
    /// A connection to an address is attempted.
    Connecting = 2,
    /// One of the attempts failed.
    NotConnected = 3,
    /// TCP is connected.
    Connected = 4,
    /// A proxy opened the tunnel.
    Proxied = 5,
    /// TLS is established.
    Secured = 6,
    /// The opening handshake is sent.
    Requested = 7,
    /// The server answered.
    Responded = 8,
    /// Credentials are sent with the next attempt.
    Authenticating = 9,
    /// The connection is established.
    Opened = 10,
    /// The connection is closed, cleanly.
    Closed = 11,
    /// The connection is closed, or never was, for a reason.
    Failed = 12,
}

/// Why a connection failed, or an attempt.
#[repr(C)]
pub enum Failure {
    /// It did not.
    None = 0,
    /// For another reason than these: see the text.
    Other = 1,
    /// The port is blocked.
    PortBlocked = 2,
    /// An `https:` page, a `ws:` URL.
    MixedContent = 3,
    /// The name has no address.
    NotResolved = 4,
    /// No address took the connection.
    NotConnected = 5,
    /// The TLS handshake failed: the certificate, for example, was not to be trusted.
    Tls = 6,
    /// Credentials with a control character.
    InvalidCredentials = 7,
    /// The opening handshake took too long.
    OpeningTimedOut = 8,
    /// The server's answer was not 101.
    Status = 9,
    /// There were more redirects than are followed.
    RedirectTooMany = 10,
    /// A redirect's location is no WebSocket URL.
    RedirectInvalidLocation = 11,
    /// A redirect from `wss:` to `ws:`.
    RedirectDowngrade = 12,
    /// The server's handshake is malformed.
    HandshakeMalformed = 13,
    /// The server's handshake is too long.
    HandshakeTooLarge = 14,
    /// A field of the server's handshake is not as it must be.
    HandshakeField = 15,
    /// The server did not solve our challenge (draft 76).
    HandshakeChallenge = 16,
    /// The server answers in TLS, or says that it expects TLS: the URL should begin with `wss:`.
    HandshakeTls = 17,
    /// Too many sockets wait for this host.
    TooManyWaiting = 18,
    /// The server ended the connection in the middle of its handshake.
    HandshakeIncomplete = 19,
    /// The proxy's name has no address.
    ProxyNotResolved = 20,
    /// The proxy could not be connected to.
    ProxyNotConnected = 21,
    /// TLS to the proxy failed.
    ProxyTls = 22,
    /// The proxy answered with another status than 200.
    ProxyStatus = 23,
    /// The proxy wants credentials that it takes.
    ProxyUnauthorized = 24,
    /// The proxy's answer is malformed, or too long.
    ProxyMalformed = 25,
    /// The proxy could not reach the server, or was not allowed to (SOCKS5).
    ProxyRefused = 26,
    /// The connection to the proxy was lost.
    ProxyTransport = 27,
    /// The server ended the connection, or it was lost, before a byte of its handshake came: a server that expects TLS, it may
    /// be, where the URL begins with `ws:`.
    Unanswered = 28,
    /// It was given up on this side.
    Cancelled = 40,
    /// Too much was waiting to be sent.
    QueueFull = 41,
    /// The peer broke the protocol.
    Violation = 42,
    /// The peer's text is not UTF-8, or its data could not be inflated.
    InvalidData = 43,
    /// The peer's message is too long.
    TooLarge = 44,
    /// All messages together were too long.
    Overloaded = 45,
    /// The peer's message did not come in time.
    MessageTimedOut = 46,
    /// The peer ended TCP without a closing handshake.
    EndOfStream = 47,
    /// The connection was lost: reset, for example.
    Transport = 48,
    /// Nothing came in answer to a ping.
    NoPong = 49,
    /// The peer did not answer the closing handshake.
    ClosingTimedOut = 50,
}

impl Object for Observation<'_> {
    const NAME: &'static str = "observation";

    fn thread(&self) -> Thread {
        self.thread
    }
}

impl From<&DomStep<'_>> for Step {
    fn from(step: &DomStep<'_>) -> Self {
        match step {
            DomStep::Resolved { .. } => Self::Resolved,
            DomStep::Connecting(_) => Self::Connecting,
            DomStep::NotConnected(_) => Self::NotConnected,
            DomStep::Connected(_) => Self::Connected,
            DomStep::Proxied { .. } => Self::Proxied,
            DomStep::Secured { .. } => Self::Secured,
            DomStep::Requested { .. } => Self::Requested,
            DomStep::Responded(_) => Self::Responded,
            DomStep::Authenticating { .. } => Self::Authenticating,
            DomStep::Opened => Self::Opened,
            DomStep::Closed(_) => Self::Closed,
            DomStep::Failed(_) => Self::Failed,
            _ => Self::Other,
        }
    }
}

impl From<&DomFailure> for Failure {
    fn from(failure: &DomFailure) -> Self {
        match failure {
            DomFailure::PortBlocked(_) => Self::PortBlocked,
            DomFailure::MixedContent => Self::MixedContent,
            DomFailure::NotResolved(_) => Self::NotResolved,
            DomFailure::NotConnected(_) => Self::NotConnected,
            DomFailure::Tls(_) => Self::Tls,
            DomFailure::InvalidCredentials => Self::InvalidCredentials,
            DomFailure::OpeningTimedOut => Self::OpeningTimedOut,
            DomFailure::Status(_) => Self::Status,
            DomFailure::Redirect(RedirectFailure::TooMany) => Self::RedirectTooMany,
            DomFailure::Redirect(RedirectFailure::InvalidLocation) => Self::RedirectInvalidLocation,
            DomFailure::Redirect(RedirectFailure::Downgrade) => Self::RedirectDowngrade,
            DomFailure::Handshake(HandshakeFault::Malformed) => Self::HandshakeMalformed,
            DomFailure::Handshake(HandshakeFault::TooLarge) => Self::HandshakeTooLarge,
            DomFailure::Handshake(HandshakeFault::Field(_)) => Self::HandshakeField,
            DomFailure::Handshake(HandshakeFault::Challenge) => Self::HandshakeChallenge,
            DomFailure::Handshake(HandshakeFault::Tls) => Self::HandshakeTls,
            DomFailure::Handshake(HandshakeFault::Incomplete) => Self::HandshakeIncomplete,
            DomFailure::Unanswered { .. } => Self::Unanswered,
            DomFailure::TooManyWaiting => Self::TooManyWaiting,
            DomFailure::Proxy(failure) => Self::of_proxy(failure),
            DomFailure::Wire(failure) => Self::of_wire(failure),
            _ => Self::Other,
        }
    }
}

impl Failure {
    fn of_proxy(failure: &ProxyFailure) -> Self {
        match failure {
            ProxyFailure::NotResolved(_) => Self::ProxyNotResolved,
            ProxyFailure::NotConnected(_) => Self::ProxyNotConnected,
            ProxyFailure::Tls(_) => Self::ProxyTls,
            ProxyFailure::Status(_) => Self::ProxyStatus,
            ProxyFailure::Unauthorized => Self::ProxyUnauthorized,
            ProxyFailure::Malformed | ProxyFailure::HeadTooLarge => Self::ProxyMalformed,
            ProxyFailure::Refused(_) => Self::ProxyRefused,
            ProxyFailure::Transport(_) => Self::ProxyTransport,
            _ => Self::Other,
        }
    }

    fn of_wire(failure: &WireFailure) -> Self {
        match failure {
            WireFailure::Cancelled => Self::Cancelled,
            WireFailure::QueueFull => Self::QueueFull,
            WireFailure::Violation => Self::Violation,
            WireFailure::InvalidData => Self::InvalidData,
            WireFailure::TooLarge => Self::TooLarge,
            WireFailure::Overloaded => Self::Overloaded,
            WireFailure::MessageTimedOut => Self::MessageTimedOut,
            WireFailure::EndOfStream => Self::EndOfStream,
            WireFailure::Transport(_) => Self::Transport,
            WireFailure::NoPong => Self::NoPong,
            WireFailure::ClosingTimedOut => Self::ClosingTimedOut,
            _ => Self::Other,
        }
    }
}

/// The system's error below a failure, if there is one.
fn transport_error(failure: &DomFailure) -> Option<&TransportError> {
    match failure {
        DomFailure::NotResolved(error)
        | DomFailure::NotConnected(error)
        | DomFailure::Tls(error)
        | DomFailure::Unanswered {
            error: Some(error), ..
        }
        | DomFailure::Wire(WireFailure::Transport(error))
        | DomFailure::Proxy(
            ProxyFailure::NotResolved(error)
            | ProxyFailure::NotConnected(error)
            | ProxyFailure::Tls(error)
            | ProxyFailure::Refused(error)
            | ProxyFailure::Transport(error),
        ) => Some(error),
        _ => None,
    }
}

impl Observation<'_> {
    fn failure(&self) -> Option<&DomFailure> {
        match self.observation.step {
            DomStep::NotConnected(failure) | DomStep::Failed(failure) => Some(failure),
            _ => None,
        }
    }
}

/// An observer that calls C.
pub(crate) fn observer(
    callback: unsafe extern "C" fn(*const Observation<'_>, *mut c_void),
    data: UserData,
) -> impl Fn(&DomObservation<'_>) + 'static {
    move |observation| {
        let observation = Observation {
            thread: Thread::current(),
            observation,
            text: OnceCell::new(),
        };
        // SAFETY: C gave both. The observation is valid until it returns.
        unsafe { callback(&raw const observation, data.get()) };
    }
}

/// Asks an observation; `otherwise` for NULL, and on another thread.
///
/// # Safety
///
/// `observation` is NULL, or valid.
unsafe fn ask<'a, T>(
    observation: *const Observation<'a>,
    otherwise: T,
    ask: impl FnOnce(&'a Observation<'a>) -> Option<T>,
) -> T {
    let answer = quietly(None, || {
        // SAFETY: as the caller promises.
        let Some(observation) = (unsafe { observation.as_ref() }) else {
            return Ok(None);
        };
        check_thread(observation, Observation::NAME)?;
        Ok(ask(observation))
    });
    answer.unwrap_or(otherwise)
}

/// The socket's number: a user agent counts those that it opens, from 1. NULL: 0. Thread: the observer's.
#[doc = safety!()]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn domws_observation_socket(observation: *const Observation<'_>) -> u64 {
    // SAFETY: as the header has it.
    unsafe { ask(observation, 0, |this| Some(this.observation.socket)) }
}

/// The URL that was asked for, without credentials and query. It is valid as long as the observation. NULL: empty.
/// Thread: the observer's.
#[doc = safety!()]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn domws_observation_url(observation: *const Observation<'_>) -> Text {
    // SAFETY: as the header has it.
    unsafe {
        ask(observation, Text::EMPTY, |this| {
            Some(Text::lend(this.observation.url))
        })
    }
}

/// What happened. NULL: OTHER. Thread: the observer's.
#[doc = safety!()]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn domws_observation_step(observation: *const Observation<'_>) -> Step {
    // SAFETY: as the header has it.
    unsafe {
        ask(observation, Step::Other, |this| {
            Some((&this.observation.step).into())
        })
    }
}

/// What happened, in words: a line for a log, with the real cause of a failure. It is valid as long as the
/// observation. NULL: empty. Thread: the observer's.
#[doc = safety!()]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn domws_observation_text(observation: *const Observation<'_>) -> Text {
    // SAFETY: as the header has it.
    unsafe {
        ask(observation, Text::EMPTY, |this| {
            let text = this.text.get_or_init(|| this.observation.step.to_string());
            Some(Text::lend(text))
        })
    }
}

/// Why it failed, of NOT_CONNECTED and FAILED. Otherwise, and for NULL: NONE. Thread: the observer's.
#[doc = safety!()]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn domws_observation_failure(observation: *const Observation<'_>) -> Failure {
    // SAFETY: as the header has it.
    unsafe {
        ask(observation, Failure::None, |this| {
            Some(this.failure()?.into())
        })
    }
}

/// The system's number (`errno`) for why it failed; 0 where there is none, and for NULL. Thread: the observer's.
#[doc = safety!()]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn domws_observation_os_error(observation: *const Observation<'_>) -> c_int {
    // SAFETY: as the header has it.
    unsafe {
        ask(observation, 0, |this| {
            transport_error(this.failure()?)?
                .as_io_error()
                .raw_os_error()
        })
    }
}

/// The status of the answer: RESPONDED's, or that of a failure over it (STATUS, PROXY_STATUS). 0 where there is none,
/// and for NULL. Thread: the observer's.
#[doc = safety!()]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn domws_observation_status(observation: *const Observation<'_>) -> u16 {
    // SAFETY: as the header has it.
    unsafe {
        ask(observation, 0, |this| match this.observation.step {
            DomStep::Responded(response) => Some(response.status()),
            _ => match this.failure()? {
                DomFailure::Status(response) => Some(response.status()),
                DomFailure::Proxy(ProxyFailure::Status(status)) => Some(*status),
                _ => None,
            },
        })
    }
}

/// The close code, of CLOSED. Otherwise, and for NULL: 0. Thread: the observer's.
#[doc = safety!()]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn domws_observation_code(observation: *const Observation<'_>) -> u16 {
    // SAFETY: as the header has it.
    unsafe {
        ask(observation, 0, |this| match this.observation.step {
            DomStep::Closed(code) => Some(code),
            _ => None,
        })
    }
}
