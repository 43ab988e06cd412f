//! How an opening gets its stream and the answer to its request.

use super::Http2;
use super::origin::Origin;
use crate::net::http2::{Http2Client, Http2Request, Lease, Refused};
use crate::net::{Alpn, Elapsed, Stream};
use crate::protocol::opening::{Agreed, ClientRequest, Response};
use crate::protocol::{HandshakeFault, TransportError, WireFailure};
use crate::user_agent::diagnostics::Step;
use crate::user_agent::dial::{Dialled, dial};
use crate::user_agent::opening::Opening;
use crate::user_agent::{Failure, Http2Failure};
use futures::future::FutureExt;
use std::io;
use std::rc::Rc;

/// What HTTP/2 comes to.
pub(in crate::user_agent) enum Http2Reply {
    Agreed(Box<dyn Stream>, Agreed),
    Rejected(Box<Response>),
    /// HTTP/1.1 is spoken with this server: over this transport, where there is one already.
    Http1(Option<Dialled>),
}

/// Over what a request is sent.
enum Way {
    Http2(Lease),
    Http1(Option<Dialled>),
}

/// Why there is no answer.
enum Unanswered {
    /// The request may be sent once more.
    Unprocessed(Failure),
    /// The server wants HTTP/1.1 for it.
    Http1Required,
    Failed(Failure),
}

impl From<Elapsed> for Unanswered {
    fn from(elapsed: Elapsed) -> Self {
        Self::Failed(elapsed.into())
    }
}

/// A transport's error, as one of an opening.
fn lost(error: io::Error) -> Failure {
    Failure::Wire(WireFailure::Transport(TransportError::from(error)))
}

impl Opening {
    /// Asks over HTTP/2, if that is to be spoken: over what the host lends, or what there is, or what is made for it.
    pub(in crate::user_agent) async fn ask_over_http2(&mut self) -> Result<Http2Reply, Failure> {
        if let Some(reply) = self.ask_over_lent().await? {
            return Ok(reply);
        }
        let http2 = self.user_agent.settings().http2;
        let Some(alpn) = http2.alpn(self.request.url.secure) else {
            return Ok(Http2Reply::Http1(None));
        };
        let (record, url) = (&self.request.record, &self.request.url);
        let pool = self.user_agent.pool();
        let origin = pool.origin(&self.event_loop, record, url);
        let mut may_repeat = true;
        loop {
            let lease = match self.way(&origin, alpn).await? {
                Way::Http2(lease) => lease,
                Way::Http1(dialled) => return Ok(Http2Reply::Http1(dialled)),
            };
            match self.exchange(lease).await {
                Ok(reply) => return Ok(reply),
                // Once: another refusal is what the server means.
                Err(Unanswered::Unprocessed(_)) if may_repeat => may_repeat = false,
                Err(Unanswered::Http1Required) if http2 == Http2::Prefer => {
                    origin.remember_http1();
                }
                Err(Unanswered::Http1Required) => {
                    return Err(Failure::Http2(Http2Failure::NoWebSockets));
                }
                Err(Unanswered::Unprocessed(failure) | Unanswered::Failed(failure)) => {
                    return Err(failure);
                }
            }
        }
    }

    /// Over which connection. Sockets that begin together wait for the one that makes it.
    async fn way(&mut self, origin: &Rc<Origin>, alpn: Alpn) -> Result<Way, Failure> {
        loop {
            if origin.is_http1() {
                return Ok(Way::Http1(None));
            }
            if let Some(lease) = origin.lease() {
                let asking = async { Ok::<_, Failure>(lease.client().is_there().await) };
                if self.budget.spend(asking).await? {
                    self.reporter.tell(Step::Multiplexed);
                    return Ok(Way::Http2(lease));
                }
                continue;
            }
            let options = &self.user_agent.settings().http2_options;
            let Some(_dialling) = origin.begin_dialling(options) else {
                let waiting = origin.wait().map_err(|_| Failure::TooManyWaiting)?;
                let waiting = waiting.map(Ok::<_, Failure>);
                self.budget.spend(waiting).await?;
                continue;
            };
            let url = &self.request.url;
            let (user_agent, reporter) = (&self.user_agent, &self.reporter);
            let dialled = dial(user_agent, url, alpn, &mut self.budget, reporter).await?;
            if url.secure && !dialled.is_http2 {
                if alpn == Alpn::Http2 {
                    return Err(Failure::Http2(Http2Failure::NotSpoken));
                }
                origin.remember_http1();
                return Ok(Way::Http1(Some(dialled)));
            }
            let connected = self.connect_http2(origin, dialled).await?;
            if let Some(connection) = connected {
                origin.add(connection);
            } else {
                if alpn == Alpn::Http2 {
                    return Err(Failure::Http2(Http2Failure::NoWebSockets));
                }
                origin.remember_http1();
            }
        }
    }

    /// Begins HTTP/2 over a transport, for all sockets to this origin, if the server takes WebSockets.
    async fn connect_http2(
        &mut self,
        origin: &Rc<Origin>,
        dialled: Dialled,
    ) -> Result<Option<Http2Client>, Failure> {
        let settings = self.user_agent.settings();
        let (options, head) = (&settings.http2_options, settings.connection.limits.head);
        let event_loop = origin.event_loop().upgrade();
        let beginning = async {
            let client = Http2Client::begin(dialled.stream, options, head, origin.queue());
            let (client, driver) = client.await.map_err(lost)?;
            if let Some(event_loop) = event_loop {
                event_loop.spawn_in_background(driver);
            }
            Ok::<_, Failure>(client.taking_web_sockets().await)
        };
        self.budget.spend(beginning).await?.map_err(|error| {
            if self.request.url.secure {
                lost(error)
            } else {
                // Nobody has said that it would, and it has not.
                Failure::Http2(Http2Failure::NotSpoken)
            }
        })
    }

    /// Sends the request, and reads the response.
    async fn exchange(&mut self, lease: Lease) -> Result<Http2Reply, Unanswered> {
        let (request, sent) = self.http2_request().await;
        let asking = async {
            lease.request(sent).await.map_err(|refused| match refused {
                Refused::Unprocessed(error) => Unanswered::Unprocessed(lost(error)),
                Refused::Http1Required => Unanswered::Http1Required,
                Refused::Unsayable => {
                    Unanswered::Failed(Failure::Handshake(HandshakeFault::TooLarge))
                }
                Refused::Upgraded => {
                    Unanswered::Failed(Failure::Handshake(HandshakeFault::Malformed))
                }
                Refused::Failed(error) => Unanswered::Failed(lost(error)),
            })
        };
        let answer = self.budget.spend(asking).await?;
        let response = Response {
            status: answer.status,
            fields: answer.fields,
        };
        self.conclude(request, response, Box::new(answer.stream))
            .map_err(Unanswered::Failed)
    }

    /// The same over a stream of the host's, if it has one for us.
    async fn ask_over_lent(&mut self) -> Result<Option<Http2Reply>, Failure> {
        let Some(lender) = self.user_agent.settings().http2_lender.clone() else {
            return Ok(None);
        };
        let (request, sent) = self.http2_request().await;
        let asking = async { lender(sent).await.map_err(lost) };
        let Some(lent) = self.budget.spend(asking).await? else {
            return Ok(None);
        };
        self.reporter.tell(Step::Multiplexed);
        let response = Response {
            status: lent.status,
            fields: lent.fields,
        };
        self.conclude(request, response, lent.stream).map(Some)
    }

    /// The request of this moment, and its form in HTTP/2.
    async fn http2_request(&mut self) -> (ClientRequest, Http2Request) {
        self.ask_by("CONNECT");
        let request = self.client_request();
        self.yield_to_observers().await;
        let lower = |(name, value): (String, String)| (name.to_ascii_lowercase(), value);
        let sent = Http2Request {
            secure: request.url.secure,
            authority: request.url.host_and_port(),
            path: request.url.resource_name.clone(),
            fields: request.http2_fields().into_iter().map(lower).collect(),
        };
        (request, sent)
    }

    /// RFC 9110 section 9.3.6: any status of 2xx succeeds, where HTTP/1.1 has 101.
    fn conclude(
        &self,
        request: ClientRequest,
        response: Response,
        stream: Box<dyn Stream>,
    ) -> Result<Http2Reply, Failure> {
        let limits = &self.user_agent.settings().connection.limits;
        self.hear_response(Some(&response));
        if response.fields.len() > limits.head_fields {
            return Err(Failure::Handshake(HandshakeFault::TooLarge));
        }
        if !(200..300).contains(&response.status) {
            return Ok(Http2Reply::Rejected(Box::new(response)));
        }
        let agreed = request
            .agree_over_http2(&response)
            .map_err(Failure::Handshake)?;
        self.receive_cookies(&response);
        Ok(Http2Reply::Agreed(stream, agreed))
    }
}
