//! How one socket gets from its URL to an open connection: by one attempt, or, where the user agent is
//! set to answer a 401 or to follow redirects, by several.

mod rejection;
mod tls_server;

#[cfg(feature = "credentials")]
use super::authentication::{Authentication, Proof};
#[cfg(feature = "cookies")]
use super::cookies::PendingCookies;
use super::diagnostics::{Observer, Reporter, Step, failure_log};
use super::dial::{Dialled, dial};
use super::headers::Headers;
#[cfg(feature = "http2")]
use super::http2::Http2Reply;
use super::mixed_content::is_mixed_content;
use super::{Failure, UserAgent};
use crate::connection::{FeedbackObserver, Opened};
use crate::edition::Edition;
use crate::event_loop::Shared;
use crate::net::handshake::{self, HandshakeError};
use crate::net::runtime;
use crate::net::{Alpn, Budget, Elapsed, Stream};
use crate::protocol::opening::{
    Agreed, AwaitingResponse, ClientRequest, Rejected, Reply, Response,
};
use crate::protocol::url::{InvalidUrl, UrlComponents, parse_bare};
use crate::protocol::{ConnectionOptions, Delivery, HandshakeFault, Timer, Wire, WireFailure};
use futures::future::LocalBoxFuture;
use std::rc::Rc;
#[cfg(feature = "http2")]
use std::rc::Weak;
use std::sync::Arc;
use std::time::Instant;
use url::Url;

/// What a socket asks of its user agent.
pub(crate) struct ConnectRequest {
    pub(crate) wire: Wire,
    pub(crate) record: Url,
    pub(crate) url: UrlComponents,
    pub(crate) origin: String,
    /// 6265bis section 5.2: the origin in the address bar, where there is a page.
    #[cfg(feature = "cookies")]
    pub(crate) site_for_cookies: Option<String>,
    pub(crate) protocols: Vec<String>,
    /// [`ConnectionOptions::half_open`](crate::protocol::ConnectionOptions::half_open)
    pub(crate) half_open: bool,
    /// In place of the user agent's.
    pub(crate) compression: Option<bool>,
    /// How what comes is told, at first.
    pub(crate) delivery: Delivery,
    /// Behind the user agent's.
    pub(crate) headers: Headers,
    pub(crate) observer: Option<Observer>,
}

/// An opening handshake, with all that leads to it.
pub(crate) struct Opening {
    pub(super) user_agent: UserAgent,
    pub(super) request: ConnectRequest,
    /// Who polls what it shares with others.
    #[cfg(feature = "http2")]
    pub(super) event_loop: Weak<Shared>,
    /// That of the last request.
    #[cfg(feature = "credentials")]
    method: &'static str,
    /// The origin that the `Origin` field names; redirects can make it opaque.
    origin: String,
    redirects_left: usize,
    /// What the next request authorizes itself with.
    authorization: Option<String>,
    /// Where that is the answer to a challenge.
    #[cfg(feature = "credentials")]
    proof: Option<Proof>,
    #[cfg(feature = "credentials")]
    authentication: Authentication,
    #[cfg(feature = "cookies")]
    cookies: Option<Rc<PendingCookies>>,
    pub(super) budget: Budget,
    pub(super) reporter: Rc<Reporter>,
}

/// What one attempt comes to.
enum Attempt {
    Opened(Opened),
    /// The server's status is not the one that opens a connection.
    Rejected(Box<Response>),
}

impl ConnectRequest {
    /// For a connection of the simplified wire, both of whose directions end by themselves.
    pub(crate) fn simplified(url: &str, observer: Option<Observer>) -> Result<Self, InvalidUrl> {
        let (record, url) = parse_bare(url)?;
        Ok(Self {
            wire: Wire::Simplified,
            record,
            url,
            origin: String::new(),
            #[cfg(feature = "cookies")]
            site_for_cookies: None,
            protocols: Vec::new(),
            half_open: true,
            compression: None,
            delivery: Delivery::Bytes,
            headers: Headers::default(),
            observer,
        })
    }

    /// The edition whose rules for pages hold. A wire of none is for no page: it has no blocked ports, cookies,
    /// credentials, redirects, and no fields of the application's.
    fn edition(&self) -> Option<Edition> {
        Edition::of_wire(self.wire)
    }
}

impl UserAgent {
    /// "Establish a WebSocket connection", up to the protocol.
    pub(crate) fn open(
        &self,
        #[cfg_attr(not(feature = "http2"), allow(unused_variables))] event_loop: &Rc<Shared>,
        mut request: ConnectRequest,
    ) -> Opening {
        let settings = self.settings();
        let is_for_a_page = request.edition().is_some();
        request.headers = if is_for_a_page {
            settings.headers.followed_by(&request.headers)
        } else {
            Headers::default()
        };
        #[cfg(feature = "cookies")]
        let cookies = settings
            .cookie_jar
            .as_ref()
            .filter(|_| is_for_a_page)
            .map(|jar| {
                let site = request.site_for_cookies.as_deref();
                Rc::new(PendingCookies::new(jar, site, &request.record))
            });
        let observers: Vec<_> = settings
            .observer
            .iter()
            .chain(&request.observer)
            .cloned()
            .chain(settings.logs_failures.then(failure_log))
            .collect();
        Opening {
            origin: request.origin.clone(),
            redirects_left: settings.redirects,
            authorization: None,
            #[cfg(feature = "credentials")]
            proof: None,
            #[cfg(feature = "credentials")]
            authentication: Authentication::default(),
            #[cfg(feature = "cookies")]
            cookies,
            budget: Budget::new(Timer::OpeningHandshake, &settings.connection.timeouts),
            reporter: Rc::new(Reporter::new(self.count_socket(), observers, || {
                shown(&request.url)
            })),
            user_agent: self.clone(),
            request,
            #[cfg(feature = "http2")]
            event_loop: Rc::downgrade(event_loop),
            #[cfg(feature = "credentials")]
            method: "GET",
        }
    }
}

impl Opening {
    /// Tells whoever observes what comes of it, if anybody does.
    pub(crate) fn feedback_observer(&self) -> Option<FeedbackObserver> {
        let reporter = self.reporter.clone();
        let is_heard = reporter.is_heard();
        is_heard.then(|| Rc::new(move |feedback: &_| reporter.tell_feedback(feedback)) as _)
    }

    /// What to do in the task that makes the socket open: a handshake's cookies count once it has
    /// succeeded (r5186).
    pub(crate) fn on_open(&self) -> Option<Box<dyn FnOnce()>> {
        #[cfg(feature = "cookies")]
        if let Some(cookies) = self.cookies.clone() {
            return Some(Box::new(move || cookies.store()));
        }
        None
    }

    /// Performs it. `None`: it failed.
    pub(crate) fn perform(mut self) -> LocalBoxFuture<'static, Option<Opened>> {
        Box::pin(async move {
            match self.establish().await {
                Ok(opened) => Some(opened),
                Err(failure) => {
                    self.reporter.failure.replace(Some(failure));
                    None
                }
            }
        })
    }

    /// Attempt after attempt, for as long as a response allows for another one.
    async fn establish(&mut self) -> Result<Opened, Failure> {
        self.take_credentials_of_url()?;
        loop {
            let response = match self.attempt().await? {
                Attempt::Opened(opened) => return Ok(opened),
                Attempt::Rejected(response) => response,
            };
            if !self.goes_on_after(response.status()) {
                return Err(Failure::Status(response));
            }
            self.reporter.tell_response();
            self.yield_to_observers().await;
            self.receive_cookies(&response);
            match response.status() {
                401 => self.authenticate(response).await?,
                _ => self.redirect(&response)?,
            }
        }
    }

    async fn attempt(&mut self) -> Result<Attempt, Failure> {
        let url = &self.request.url;
        if let Some(edition) = self.request.edition() {
            if self.user_agent.blocks(url.port) {
                return Err(Failure::PortBlocked(url.port));
            }
            if edition.blocks_mixed_content()
                && self.user_agent.settings().blocks_mixed_content
                && is_mixed_content(&self.request.origin, url)
            {
                return Err(Failure::MixedContent);
            }
        }
        #[cfg(feature = "http2")]
        let dialled = match self.request.wire {
            Wire::Rfc6455 => match self.ask_over_http2().await? {
                Http2Reply::Agreed(stream, agreed) => {
                    let options = self.user_agent.http2_connection();
                    return Ok(self.opened(stream, agreed, options));
                }
                Http2Reply::Rejected(response) => return Ok(Attempt::Rejected(response)),
                Http2Reply::Http1(dialled) => dialled,
            },
            _ => None,
        };
        #[cfg(not(feature = "http2"))]
        let dialled = None;
        let dialled = match dialled {
            Some(dialled) => dialled,
            None => {
                let (url, budget) = (&self.request.url, &mut self.budget);
                dial(&self.user_agent, url, Alpn::Http1, budget, &self.reporter).await?
            }
        };
        self.attempt_over(dialled).await
    }

    /// By HTTP/1.1. The permit is passed on once the handshake is over, whatever comes of it.
    async fn attempt_over(&mut self, dialled: Dialled) -> Result<Attempt, Failure> {
        let Dialled {
            mut stream,
            permit: _permit,
            ..
        } = dialled;
        self.ask_by("GET");
        let mut budget = self.budget.clone();
        let shaking_hands = self.shake_hands(&mut *stream);
        let reply = budget.spend(shaking_hands).await;
        self.budget = budget;
        match reply {
            Ok(Reply::Agreed(agreed)) => {
                Ok(self.opened(stream, agreed, self.user_agent.connection()))
            }
            Ok(Reply::Rejected(rejected)) => {
                handshake::drain(&mut *stream).await;
                Ok(Attempt::Rejected(rejected.into_response()))
            }
            Err(failure) => {
                handshake::drain(&mut *stream).await;
                Err(failure)
            }
        }
    }

    /// What both ends have agreed on is spoken from now on.
    fn opened(
        &self,
        stream: Box<dyn Stream>,
        agreed: Agreed,
        options: &Arc<ConnectionOptions>,
    ) -> Attempt {
        let mut options = options.clone();
        if (self.request.half_open, self.request.delivery) != (options.half_open, options.delivery)
        {
            let options = Arc::make_mut(&mut options);
            options.half_open = self.request.half_open;
            options.delivery = self.request.delivery;
        }
        let random = self.user_agent.random();
        let protocol = agreed.connect(&options, random, Instant::now());
        Attempt::Opened(Opened { stream, protocol })
    }

    /// Sends the request, and reads the response.
    async fn shake_hands(&self, stream: &mut dyn Stream) -> Result<Reply, Failure> {
        let settings = self.user_agent.settings();
        let secure = self.request.url.secure;
        // Made only now: the cookies are those of this moment.
        let request = self.client_request();
        let (mut awaiting, request) = AwaitingResponse::new(
            request,
            &settings.connection.limits,
            self.user_agent.random(),
        );
        self.yield_to_observers().await;
        let mut unsent = &request[..];
        let mut rejected: Option<Rejected> = None;
        let mut is_answered = false;
        let exchanged = handshake::exchange(stream, &mut unsent, |input| {
            is_answered = true;
            let mut rejection = match rejected.take() {
                Some(rejection) => rejection,
                None => {
                    let reply = awaiting.read(input);
                    self.hear_response(awaiting.response());
                    match reply? {
                        Some(Reply::Rejected(rejection)) => {
                            if rejection.status() == 400 && !secure && tls_server::says_so(input) {
                                return Err(HandshakeFault::Tls);
                            }
                            rejection
                        }
                        reply => return Ok(reply),
                    }
                }
            };
            if self.goes_on_after(rejection.status()) && !rejection.read(input)? {
                rejected = Some(rejection);
                return Ok(None);
            }
            Ok(Some(Reply::Rejected(rejection)))
        });
        let mut reply = exchanged.await.map_err(|error| match error {
            HandshakeError::Answer(fault) => Failure::Handshake(fault),
            HandshakeError::Ended if is_answered => Failure::Handshake(HandshakeFault::Incomplete),
            HandshakeError::Ended => Failure::Unanswered {
                secure,
                error: None,
            },
            HandshakeError::Io(error) if !is_answered && tls_server::is_hanging_up(&error) => {
                Failure::Unanswered {
                    secure,
                    error: Some(error.into()),
                }
            }
            HandshakeError::Io(error) => Failure::Wire(WireFailure::Transport(error.into())),
        })?;
        match &mut reply {
            Reply::Agreed(agreed) => {
                agreed.unsent = unsent.to_vec();
                if let Some(response) = awaiting.response() {
                    self.receive_cookies(response);
                }
            }
            Reply::Rejected(rejection) => self.hear_response(Some(rejection.response())),
        }
        Ok(reply)
    }

    /// Whoever heard of the last step may have given the connection up.
    pub(super) async fn yield_to_observers(&self) {
        if self.reporter.is_heard() {
            runtime::yield_now().await;
        }
    }

    #[cfg_attr(not(feature = "cookies"), allow(unused_variables, clippy::unused_self))]
    pub(super) fn receive_cookies(&self, response: &Response) {
        #[cfg(feature = "cookies")]
        if let Some(cookies) = &self.cookies {
            cookies.receive(response);
        }
    }

    /// A response, to be told with what comes of it.
    pub(super) fn hear_response(&self, response: Option<&Response>) {
        if self.reporter.is_heard() && self.reporter.response.borrow().is_none() {
            self.reporter.response.replace(response.cloned());
        }
    }

    pub(super) fn client_request(&self) -> ClientRequest {
        let ConnectRequest {
            wire,
            url,
            protocols,
            ..
        } = &self.request;
        let settings = self.user_agent.settings().compression;
        let fields = self.fields();
        if self.reporter.is_heard() {
            let names: Vec<_> = fields.iter().map(|(name, _)| name.clone()).collect();
            self.reporter.tell(Step::Requested {
                url: &shown(url),
                fields: &names,
            });
        }
        ClientRequest {
            wire: *wire,
            url: url.clone(),
            origin: self.origin.clone(),
            protocols: protocols.clone(),
            compression: match self.request.compression {
                Some(false) => None,
                Some(true) => Some(settings.unwrap_or_default()),
                None => settings,
            },
            fields,
        }
    }

    /// The next request is by this method: so is what answers a challenge, which may have come by the other one.
    #[cfg_attr(
        not(feature = "credentials"),
        allow(unused_variables, clippy::unused_self)
    )]
    pub(super) fn ask_by(&mut self, method: &'static str) {
        #[cfg(feature = "credentials")]
        if std::mem::replace(&mut self.method, method) != method {
            if let Some(proof) = &mut self.proof {
                let target = &self.request.url.resource_name;
                self.authorization = proof.field(method, target);
            }
        }
    }

    /// The fields beside the handshake's own.
    fn fields(&self) -> Vec<(String, String)> {
        let mut fields: Vec<_> = self.request.headers.iter().cloned().collect();
        let mut set = |name: &str, value: String| {
            fields.retain(|(n, _)| !n.eq_ignore_ascii_case(name));
            fields.push((name.to_owned(), value));
        };
        if let Some(authorization) = &self.authorization {
            set("Authorization", authorization.clone());
        }
        // RFC 6265 section 5.4: one field at the most.
        let mut cookies: Vec<_> = self
            .request
            .headers
            .all("cookie")
            .map(str::to_owned)
            .collect();
        #[cfg(feature = "cookies")]
        cookies.extend(self.cookies.as_ref().and_then(|cookies| cookies.field()));
        if !cookies.is_empty() {
            set("Cookie", std::mem::take(&mut cookies).join("; "));
        }
        fields
    }
}

impl From<Elapsed> for Failure {
    fn from(_: Elapsed) -> Self {
        Self::OpeningTimedOut
    }
}

/// A URL without what can be a secret: credentials, and the query.
fn shown(url: &UrlComponents) -> String {
    let shown = url.construct();
    shown.split('?').next().unwrap_or_default().to_owned()
}
