//! The opening handshake with one client, and the object that comes of it.

use super::Inner;
use crate::connection::Opened;
use crate::dom::{ByteStream, WebSocket};
use crate::event_loop::{Shared, Target, TaskSource};
#[cfg(feature = "http2")]
use crate::net::Unread;
use crate::net::handshake::{self, HandshakeError};
use crate::net::{Budget, Elapsed, Place, Stream, TcpTransport};
use crate::protocol::opening::{
    AcceptOptions, Agreed, Answer, AwaitingAnswer, AwaitingRequest, HttpResponse, Refusal, Request,
    Responding,
};
use crate::protocol::{Delivery, Feedback, Timer, Wire};
use futures::channel::oneshot;
use rand::RngExt;
use std::cell::{Cell, OnceCell, RefCell};
use std::io;
use std::rc::{Rc, Weak};
use std::sync::Arc;
use std::time::Instant;
use url::Url;

/// A client whose opening handshake is under way: it has no `WebSocket` object yet.
pub(super) struct Handshake {
    pub(super) server: Weak<Inner>,
    pub(super) shared: Rc<Shared>,
    pub(super) settings: Rc<super::builder::Settings>,
    random: [u8; 32],
    source: OnceCell<Rc<TaskSource>>,
    request: RefCell<Option<Request>>,
}

/// How it comes to nothing. There is nobody to tell why.
pub(super) enum Failed {
    /// The client is turned away.
    Refused(Refusal),
    /// It speaks HTTP/2, whose first bytes these are: its handshakes are others.
    #[cfg(feature = "http2")]
    Http2(Vec<u8>),
    /// The client, or the loop, is gone, or its time is over.
    Lost,
}

impl From<Elapsed> for Failed {
    fn from(_: Elapsed) -> Self {
        Self::Lost
    }
}

impl From<HandshakeError<Refusal>> for Failed {
    fn from(error: HandshakeError<Refusal>) -> Self {
        match error {
            HandshakeError::Answer(refusal) => Self::Refused(refusal),
            HandshakeError::Ended | HandshakeError::Io(_) => Self::Lost,
        }
    }
}

impl Handshake {
    /// Begins the handshake over a connection that was accepted.
    pub(super) fn begin(server: &Rc<Inner>, stream: TcpTransport, place: Place) {
        Self::open(server, place, |handshake| handshake.perform(stream));
    }

    /// Begins one in this place that is performed so.
    pub(super) fn open<F>(server: &Rc<Inner>, place: Place, perform: impl FnOnce(Rc<Self>) -> F)
    where
        F: Future<Output = Result<Opened, Failed>> + 'static,
    {
        let handshake = Rc::new(Self {
            server: Rc::downgrade(server),
            shared: server.shared.clone(),
            settings: server.settings.clone(),
            random: server.random.borrow_mut().random(),
            source: OnceCell::new(),
            request: RefCell::default(),
        });
        // What is moved from future to future has room in each.
        let performing = Box::pin(perform(handshake.clone()));
        let end = server.end.clone();
        let opening = async move {
            let opened = end.cut(performing).await.and_then(Result::ok);
            drop(place);
            opened
        };
        let source = TaskSource::open(&server.shared, Box::pin(opening), None);
        let target: Rc<dyn Target> = handshake.clone();
        source.set_target(Rc::downgrade(&target));
        source.pin(Some(target));
        let _ = handshake.source.set(source);
    }

    /// Performs it, within its bound.
    async fn perform(self: Rc<Self>, stream: TcpTransport) -> Result<Opened, Failed> {
        let timeouts = &self.settings.connection.timeouts;
        let mut budget = Budget::new(Timer::OpeningHandshake, timeouts);
        let mut stream = budget.spend(self.secure(stream)).await?;
        let agreed = match budget.spend(self.shake_hands(&mut *stream)).await {
            Ok(agreed) => agreed,
            #[cfg(feature = "http2")]
            Err(Failed::Http2(begun)) => {
                let stream = Box::new(Unread::new(begun, stream));
                budget.spend(self.begin_http2(stream)).await?;
                return Err(Failed::Http2(Vec::new()));
            }
            Err(failed) => {
                if let Failed::Refused(refusal) = &failed {
                    let mut budget = Budget::new(Timer::EndOfStream, timeouts);
                    let most = self.settings.accept.limits.discarded;
                    budget.spend(refuse(&mut *stream, refusal, most)).await?;
                }
                return Err(failed);
            }
        };
        Ok(self.connect(stream, agreed))
    }

    /// What is opened.
    pub(super) fn connect(&self, stream: Box<dyn Stream>, agreed: Agreed) -> Opened {
        let mut options = self.settings.connection.clone();
        if agreed.wire == Wire::Simplified {
            // A stream of bytes is read to its end, and written to its own.
            let options = Arc::make_mut(&mut options);
            (options.half_open, options.delivery) = (true, Delivery::Bytes);
        }
        let protocol = agreed.connect(&options, self.random, Instant::now());
        Opened { stream, protocol }
    }

    /// TLS, where the server speaks it.
    async fn secure(&self, stream: TcpTransport) -> Result<Box<dyn Stream>, Failed> {
        #[cfg(feature = "tls")]
        if let Some(tls) = &self.settings.tls {
            return tls.accept(stream).await.map_err(|_| Failed::Lost);
        }
        Ok(Box::new(stream))
    }

    /// Reads the request, has the application answer it, and sends as much of the response as must leave
    /// before more is read.
    async fn shake_hands(self: &Rc<Self>, stream: &mut dyn Stream) -> Result<Agreed, Failed> {
        let mut awaiting = AwaitingRequest::new(self.accept_options());
        let read = |input: &mut &[u8]| {
            let awaiting = awaiting.read(input)?;
            Ok(awaiting.map(|awaiting| (awaiting, input.to_vec())))
        };
        #[cfg(feature = "http2")]
        let received = self.receive_unless_http2(stream, read);
        #[cfg(not(feature = "http2"))]
        let received = handshake::receive(stream, read);
        let (awaiting, unread) = received.await?;
        let mut responding = self.ask(awaiting).await?;
        if let Some(agreed) = responding.read(&mut &unread[..]) {
            return Ok(agreed);
        }
        // Where that fails, the client's part may have come still.
        let _ = handshake::send(stream, &responding.take_output()).await;
        Ok(handshake::receive(stream, |input| Ok(responding.read(input))).await?)
    }

    /// Clients of the simplified wire are accepted where somebody wants them.
    pub(super) fn accept_options(&self) -> AcceptOptions {
        let server = self.server.upgrade();
        let server = server.as_ref();
        AcceptOptions {
            simplified: server.is_some_and(|server| server.onbytestream.borrow().is_some()),
            http: server.is_some_and(|server| server.onhttp.borrow().is_some()),
            ..self.settings.accept.clone()
        }
    }

    /// Has the application answer the request, in a task.
    pub(super) async fn ask(
        self: &Rc<Self>,
        awaiting: AwaitingAnswer,
    ) -> Result<Responding, Failed> {
        let (sender, answered) = oneshot::channel();
        let this = self.clone();
        self.shared.queue_steps(Box::new(move || {
            let answer = match awaiting.is_http() {
                true => this.answer_http(awaiting.request()),
                false => this.answer(awaiting.request()),
            };
            let _ = sender.send(awaiting.answer(answer));
        }));
        // The task is gone only with the loop.
        let answered = answered.await.map_err(|_| Failed::Lost)?;
        let (request, responding) = answered.map_err(Failed::Refused)?;
        *self.request.borrow_mut() = Some(request);
        Ok(responding)
    }

    /// The server, unless it is closed.
    fn server(&self) -> Option<Rc<Inner>> {
        self.server
            .upgrade()
            .filter(|server| !server.is_closed.get())
    }

    fn answer(&self, request: &Request) -> Answer {
        let onrequest = self
            .server()
            .map(|server| server.onrequest.borrow().clone());
        match onrequest {
            // The server was closed meanwhile.
            None => Answer::Refuse,
            Some(_) if !self.admits(request) => Answer::Refuse,
            // The address that it names is none.
            Some(_) if self.url(request).is_none() => Answer::Refuse,
            Some(None) => Answer::Accept {
                protocol: request.protocols().next().map(str::to_owned),
            },
            Some(Some(onrequest)) => {
                let answer = Cell::new(Answer::Refuse);
                self.shared.run_callback(|| {
                    answer.set(onrequest(request));
                    Ok(())
                });
                match (answer.into_inner(), self.server()) {
                    // It has closed the server.
                    (Answer::Accept { .. }, None) => Answer::Refuse,
                    (answer, _) => answer,
                }
            }
        }
    }

    fn admits(&self, request: &Request) -> bool {
        let policy = &self.settings.policy;
        policy.allows_host(request, self.settings.accept.secure) && policy.allows_origin(request)
    }

    fn answer_http(&self, request: &Request) -> Answer {
        let server = self.server.upgrade();
        let Some(onhttp) = server.and_then(|server| server.onhttp.borrow().clone()) else {
            // The server was closed meanwhile.
            return Answer::Refuse;
        };
        // A page may be looked at from anywhere, by a name of ours (RFC 9110 section 15.5.20).
        let settings = &self.settings;
        if !settings.policy.allows_host(request, settings.accept.secure) {
            return Answer::Respond(HttpResponse::new(421));
        }
        let response = Cell::new(HttpResponse::new(500));
        self.shared.run_callback(|| {
            response.set(onhttp(request));
            Ok(())
        });
        Answer::Respond(response.into_inner())
    }

    /// The task of the connection that is established: makes the object.
    fn become_open(&self, protocol: Option<String>, extensions: String) {
        let (Some(request), Some(source)) = (self.request.take(), self.source.get()) else {
            return;
        };
        let Some(url) = self.url(&request) else {
            return;
        };
        if request.wire() == Wire::Simplified {
            return self.give_bytes(source, &url, &request);
        }
        let socket = WebSocket::adopt(
            request.edition(),
            &url,
            None,
            source.clone(),
            &self.settings.connection,
            self.settings.connection.half_open,
        );
        source.pin(None);
        let server = self.server.upgrade();
        if let Some(server) = &server {
            server.clients.add(&socket);
        }
        let onconnection = server.as_ref();
        let onconnection = onconnection.and_then(|server| server.onconnection.borrow().clone());
        socket.become_open(protocol, extensions, |socket| {
            if let Some(onconnection) = onconnection {
                let socket = socket.clone();
                self.shared.run_callback(|| {
                    onconnection(socket, &request);
                    Ok(())
                });
            }
        });
        if let Some(server) = server {
            server.clients.see_off(&socket);
        }
    }

    /// The same for a connection of the simplified wire, whose object is a stream.
    fn give_bytes(&self, source: &Rc<TaskSource>, url: &Url, request: &Request) {
        let options = &self.settings.connection;
        let stream = ByteStream::accepted(url.to_string(), options, source.clone());
        source.pin(None);
        let server = self.server.upgrade();
        let onbytestream = server.and_then(|server| server.onbytestream.borrow().clone());
        // Otherwise the server was closed meanwhile.
        if let Some(onbytestream) = onbytestream {
            self.shared.run_callback(|| {
                onbytestream(stream, request);
                Ok(())
            });
        }
    }

    /// The URL that the client opened.
    fn url(&self, request: &Request) -> Option<Url> {
        let url = request.url(self.settings.accept.secure)?;
        Url::parse(&url.construct()).ok()
    }
}

/// Turns the client away. Where there is nothing to say TCP is closed at once.
async fn refuse(stream: &mut dyn Stream, refusal: &Refusal, most: usize) -> Result<(), Failed> {
    if refusal.response().is_empty() {
        handshake::drain(stream).await;
        return Ok(());
    }
    let refusing = async {
        handshake::send(stream, refusal.response()).await?;
        handshake::finish(stream, most).await
    };
    refusing.await.map_err(|_: io::Error| Failed::Lost)
}

impl Target for Handshake {
    fn run(self: Rc<Self>, feedback: Feedback) {
        match (feedback, self.source.get()) {
            (
                Feedback::Established {
                    protocol,
                    extensions,
                },
                _,
            ) => self.become_open(protocol, extensions),
            // It never became a connection: nobody has to hear of its end.
            (Feedback::Closed(_), Some(source)) => source.pin(None),
            _ => {}
        }
    }

    fn release(&self) {}
}
