//! The browser is the user agent: what it has its own mind about has no setting.

mod failure;

pub use failure::Failure;

use crate::connection::{FeedbackObserver, Opened};
use crate::event_loop::Shared;
use crate::protocol::url::UrlComponents;
use crate::protocol::{ConnectionOptions, Delivery, Limits, Wire};
use futures::future::LocalBoxFuture;
use std::fmt;
use std::rc::Rc;
use std::sync::Arc;
use url::Url;

/// What sockets share, of what a browser leaves to a program: limits.
///
/// `UserAgent` is a handle; its clones are the same user agent. Sockets that are given none share one with the others of their
/// event loop.
#[derive(Clone)]
pub struct UserAgent {
    inner: Rc<Inner>,
}

compare_by_identity!(UserAgent, inner);

struct Inner {
    connection: Arc<ConnectionOptions>,
}

impl Default for UserAgent {
    /// One with the default settings.
    fn default() -> Self {
        Self::builder().build()
    }
}

impl UserAgent {
    /// Begins a user agent of its own.
    pub fn builder() -> UserAgentBuilder {
        UserAgentBuilder {
            connection: ConnectionOptions::default(),
        }
    }

    pub(crate) fn connection(&self) -> &Arc<ConnectionOptions> {
        &self.inner.connection
    }

    /// The browser says so itself, and only in an `error` event.
    pub(crate) fn blocks(&self, _port: u16) -> bool {
        false
    }

    /// "Establish a WebSocket connection".
    pub(crate) fn open(&self, _: &Rc<Shared>, request: ConnectRequest) -> Opening {
        Opening(Opened {
            url: request.record.into(),
            protocols: request.protocols,
            options: self.connection().clone(),
        })
    }
}

impl fmt::Debug for UserAgent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("UserAgent").finish_non_exhaustive()
    }
}

/// Makes a [`UserAgent`].
#[derive(Clone)]
#[must_use = "no user agent is made before `build` is called"]
pub struct UserAgentBuilder {
    connection: ConnectionOptions,
}

impl UserAgentBuilder {
    /// How much may be queued: [`Limits::send_queue`] and [`Limits::high_water`] hold here, the rest is the browser's.
    pub fn limits(&mut self, limits: Limits) -> &mut Self {
        self.connection.limits = limits;
        self
    }

    /// Changes nothing: a browser's console shows failed connections in any case.
    pub fn log_failures(&mut self) -> &mut Self {
        self
    }

    /// The user agent.
    pub fn build(&self) -> UserAgent {
        UserAgent {
            inner: Rc::new(Inner {
                connection: Arc::new(self.connection.clone()),
            }),
        }
    }
}

impl fmt::Debug for UserAgentBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("UserAgentBuilder").finish_non_exhaustive()
    }
}

/// What a socket asks for.
pub(crate) struct ConnectRequest {
    pub(crate) wire: Wire,
    pub(crate) record: Url,
    pub(crate) url: UrlComponents,
    pub(crate) origin: String,
    pub(crate) protocols: Vec<String>,
    pub(crate) half_open: bool,
    pub(crate) delivery: Delivery,
    pub(crate) headers: Headers,
    pub(crate) observer: Option<Observer>,
}

/// A browser sends no fields of the program's.
#[derive(Clone, Default)]
pub(crate) struct Headers;

/// A browser tells nobody of a connection's steps.
#[derive(Clone)]
pub(crate) enum Observer {}

/// What the browser is asked to open.
pub(crate) struct Opening(Opened);

impl Opening {
    pub(crate) fn feedback_observer(&self) -> Option<FeedbackObserver> {
        None
    }

    pub(crate) fn on_open(&self) -> Option<Box<dyn FnOnce()>> {
        None
    }

    pub(crate) fn perform(self) -> LocalBoxFuture<'static, Option<Opened>> {
        Box::pin(async { Some(self.0) })
    }
}
