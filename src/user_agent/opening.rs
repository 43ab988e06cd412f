//! How one socket gets from its URL to an open connection: by one attempt, or, where the user agent is
//! set to answer a 401 or to follow redirects, by several.

use super::UserAgent;
#[cfg(feature = "credentials")]
use super::authentication::{Authentication, Request};
#[cfg(feature = "cookies")]
use super::cookies::PendingCookies;
use super::credentials::Credentials;
use super::diagnostics::{Observed, Observer, Reporter, Step};
use super::dial::dial;
use super::headers::Headers;
use super::mixed_content::is_mixed_content;
use super::redirect;
use crate::connection::{FeedbackSink, Opened, Opener};
use crate::net::Budget;
use crate::protocol::url::Components;
use crate::protocol::{
    ClientHandshake, Edition, Failure, Protocol, RedirectFailure, Response, Retries,
};
use futures::future::LocalBoxFuture;
use std::cell::RefCell;
use std::rc::Rc;
use std::time::Instant;
use url::Url;

/// What a socket wants opened.
pub(crate) struct Wanted {
    pub(crate) edition: Edition,
    pub(crate) record: Url,
    pub(crate) url: Components,
    pub(crate) origin: String,
    pub(crate) protocols: Vec<String>,
    /// Behind the user agent's.
    pub(crate) headers: Headers,
    pub(crate) observer: Option<Observer>,
}

pub(crate) struct Opening {
    user_agent: UserAgent,
    wanted: Wanted,
    /// The origin that the `Origin` field names; redirects can make it opaque.
    origin: String,
    redirects_left: usize,
    /// What the next request authorizes itself with.
    authorization: Option<String>,
    #[cfg(feature = "credentials")]
    authentication: Authentication,
    #[cfg(feature = "cookies")]
    cookies: Option<Rc<PendingCookies>>,
    budget: Budget,
    /// When the last request was made.
    requested: Option<Instant>,
    reporter: Rc<Reporter>,
}

impl UserAgent {
    /// "Establish a WebSocket connection", up to the protocol.
    pub(crate) fn open(&self, mut wanted: Wanted) -> Opening {
        let settings = self.settings();
        wanted.headers = settings.headers.followed_by(&wanted.headers);
        #[cfg(feature = "cookies")]
        let cookies = settings
            .cookie_jar
            .as_ref()
            .map(|jar| Rc::new(PendingCookies::new(jar, &wanted.record)));
        Opening {
            origin: wanted.origin.clone(),
            redirects_left: settings.redirects,
            authorization: None,
            #[cfg(feature = "credentials")]
            authentication: Authentication::default(),
            #[cfg(feature = "cookies")]
            cookies,
            budget: Budget::new(settings.timeouts.opening_handshake),
            requested: None,
            reporter: Rc::new(Reporter {
                socket: self.count_socket(),
                url: shown(&wanted.url),
                observers: RefCell::new(
                    settings
                        .observer
                        .iter()
                        .chain(&wanted.observer)
                        .cloned()
                        .collect(),
                ),
            }),
            user_agent: self.clone(),
            wanted,
        }
    }
}

impl Opener for Opening {
    fn open(
        &mut self,
        rejection: Option<Box<Response>>,
    ) -> LocalBoxFuture<'_, Result<Opened, Failure>> {
        Box::pin(async move {
            match rejection {
                None => self.take_credentials_of_url()?,
                Some(response) => self.go_on_after(response).await?,
            }
            self.attempt().await
        })
    }
}

impl Opening {
    /// Where the connection's feedback goes, by way of whoever observes it.
    pub(crate) fn observed(&self, sink: Rc<dyn FeedbackSink>) -> Rc<dyn FeedbackSink> {
        if !self.reporter.is_heard() {
            return sink;
        }
        Rc::new(Observed {
            reporter: self.reporter.clone(),
            sink,
        })
    }

    /// The cookies to store once the connection is open.
    #[cfg(feature = "cookies")]
    pub(crate) fn cookies(&self) -> Option<Rc<PendingCookies>> {
        self.cookies.clone()
    }

    /// One attempt: a transport, and an engine whose request is ready to be sent over it.
    async fn attempt(&mut self) -> Result<Opened, Failure> {
        let Wanted { edition, url, .. } = &self.wanted;
        if self.user_agent.blocks(url.port) {
            return Err(Failure::PortBlocked(url.port));
        }
        // r4820 has no such rule.
        if *edition != Edition::Html5
            && self.user_agent.settings().blocks_mixed_content
            && is_mixed_content(&self.wanted.origin, url)
        {
            return Err(Failure::MixedContent);
        }
        let dialled = dial(&self.user_agent, url, &mut self.budget, &self.reporter).await?;
        self.requested = Some(Instant::now());
        Ok(Opened {
            stream: dialled.stream,
            engine: Some(self.engine()),
            turn: Some(Box::new(dialled.turn)),
            spent: self.budget.spent(),
        })
    }

    /// Made only now: the cookies are those of this moment.
    fn engine(&self) -> Box<dyn Protocol> {
        let settings = self.user_agent.settings();
        let Wanted { edition, url, .. } = &self.wanted;
        let fields = self.fields();
        let names: Vec<_> = fields.iter().map(|(name, _)| name.clone()).collect();
        self.reporter.tell(Step::Requested {
            url: &shown(url),
            fields: &names,
        });
        let handshake = ClientHandshake {
            url: url.clone(),
            origin: self.origin.clone(),
            protocols: self.wanted.protocols.clone(),
            compression: settings.compression,
            fields,
            retries: Retries {
                unauthorized: self.can_answer(),
                redirects: settings.redirects > 0,
            },
        };
        handshake.engine(
            *edition,
            settings.limits.clone(),
            settings.timeouts.clone(),
            self.user_agent.random(),
        )
    }

    /// The fields beside the handshake's own.
    fn fields(&self) -> Vec<(String, String)> {
        let mut fields: Vec<_> = self.wanted.headers.iter().cloned().collect();
        let mut set = |name: &str, value: String| {
            fields.retain(|(n, _)| !n.eq_ignore_ascii_case(name));
            fields.push((name.to_owned(), value));
        };
        if let Some(authorization) = &self.authorization {
            set("Authorization", authorization.clone());
        }
        // RFC 6265 section 5.4: one field at the most.
        let mut cookies: Vec<_> = self
            .wanted
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

    /// The `user:password@` of the URL. In the living edition they are sent unasked, as other clients do;
    /// draft 76 never looks at them, so there they only answer a 401, where that is answered.
    fn take_credentials_of_url(&mut self) -> Result<(), Failure> {
        let is_unasked = self.wanted.edition != Edition::Html5;
        let credentials = if is_unasked || self.is_set_to_answer() {
            Credentials::of_url(&self.wanted.record).map_err(|_| Failure::InvalidCredentials)?
        } else {
            None
        };
        // A field that the application added is not overridden.
        let is_unasked = is_unasked && self.wanted.headers.all("authorization").next().is_none();
        self.authorization = credentials
            .as_ref()
            .filter(|_| is_unasked)
            .and_then(Credentials::basic);
        #[cfg(feature = "credentials")]
        {
            let provider = self.user_agent.settings().server_credentials.clone();
            self.authentication = Authentication::new(credentials, provider);
            if is_unasked {
                self.authentication.preempt();
            }
        }
        Ok(())
    }

    /// Another attempt follows this response, or the failure that it comes to.
    async fn go_on_after(&mut self, response: Box<Response>) -> Result<(), Failure> {
        if let Some(requested) = self.requested {
            self.budget.use_up(requested.elapsed());
        }
        #[cfg(feature = "cookies")]
        if let Some(cookies) = &self.cookies {
            cookies.receive(&response);
        }
        if response.status() == 401 {
            self.authenticate(response).await
        } else {
            self.redirect(&response)
        }
    }

    #[cfg(feature = "credentials")]
    fn is_set_to_answer(&self) -> bool {
        self.user_agent.settings().server_credentials.is_some()
    }

    #[cfg(not(feature = "credentials"))]
    fn is_set_to_answer(&self) -> bool {
        false
    }

    /// Whether there is an answer to a 401: what the user agent is set to give, or the URL's credentials.
    #[cfg(feature = "credentials")]
    fn can_answer(&self) -> bool {
        self.authentication.can_answer()
    }

    #[cfg(not(feature = "credentials"))]
    fn can_answer(&self) -> bool {
        false
    }

    #[cfg(feature = "credentials")]
    async fn authenticate(&mut self, response: Box<Response>) -> Result<(), Failure> {
        let request = Request {
            method: "GET",
            target: &self.wanted.url.resource_name,
            host: &self.wanted.url.host_and_port(),
        };
        self.authorization = self.authentication.answer(&response, request).await;
        if self.authorization.is_none() {
            return Err(Failure::Status(response));
        }
        self.reporter.tell(Step::Authenticating {
            proxy: false,
            attempt: self.authentication.attempts(),
        });
        Ok(())
    }

    #[cfg(not(feature = "credentials"))]
    async fn authenticate(&mut self, response: Box<Response>) -> Result<(), Failure> {
        Err(Failure::Status(response))
    }

    /// Fetch "HTTP-redirect fetch".
    fn redirect(&mut self, response: &Response) -> Result<(), Failure> {
        let wanted = &mut self.wanted;
        let (record, url) =
            redirect::location(&wanted.record, response).map_err(Failure::Redirect)?;
        self.redirects_left = self
            .redirects_left
            .checked_sub(1)
            .ok_or(Failure::Redirect(RedirectFailure::TooMany))?;
        let (from, to) = (
            redirect::http_origin(&wanted.record),
            redirect::http_origin(&record),
        );
        if from != to {
            // Step 10: who sends us from one stranger to another does not speak for the page.
            if self.origin != from.ascii_serialization() {
                self.origin = "null".to_owned();
            }
            // Step 13.
            wanted.headers.forget_credentials();
        }
        #[cfg(feature = "cookies")]
        if let Some(cookies) = &self.cookies {
            cookies.redirect(&record);
        }
        (wanted.record, wanted.url) = (record, url);
        self.take_credentials_of_url()
    }
}

/// A URL without what can be a secret: credentials, and the query.
fn shown(url: &Components) -> String {
    let shown = url.construct();
    shown.split('?').next().unwrap_or_default().to_owned()
}
