//! The opening handshake with one client, and the object that comes of it.

use super::Inner;
use crate::connection::Opened;
use crate::dom::{Document, WebSocket};
use crate::event_loop::{Shared, Target, TaskSource};
use crate::net::handshake;
use crate::net::{Budget, Elapsed, Stream, TcpTransport};
use crate::protocol::opening::{
    Agreed, Answer, AwaitingAnswer, AwaitingRequest, Rejection, Request, Responding,
};
use crate::protocol::url::{Components, parse_host_field};
use crate::protocol::{Feedback, Timer};
use futures::channel::oneshot;
use std::cell::{Cell, OnceCell, RefCell};
use std::convert::Infallible;
use std::rc::{Rc, Weak};
use std::time::Instant;
use url::Url;

/// A client whose opening handshake is under way: it has no `WebSocket` object yet.
pub(super) struct Handshake {
    server: Weak<Inner>,
    shared: Rc<Shared>,
    settings: Rc<super::Settings>,
    source: OnceCell<Rc<TaskSource>>,
    request: RefCell<Option<Request>>,
}

/// It comes to nothing: there is nobody to tell why.
struct Failed;

impl From<Elapsed> for Failed {
    fn from(_: Elapsed) -> Self {
        Self
    }
}

impl Handshake {
    /// Begins the handshake over a connection that was accepted.
    pub(super) fn begin(server: &Rc<Inner>, stream: TcpTransport, random: [u8; 32]) {
        let handshake = Rc::new(Self {
            server: Rc::downgrade(server),
            shared: server.shared.clone(),
            settings: server.settings.clone(),
            source: OnceCell::new(),
            request: RefCell::default(),
        });
        let performed = handshake.clone();
        let opening = async move { performed.perform(stream, random).await.ok() };
        let source = TaskSource::open(&server.shared, Box::pin(opening), None);
        let target: Rc<dyn Target> = handshake.clone();
        source.set_target(Rc::downgrade(&target));
        source.pin(Some(target));
        let _ = handshake.source.set(source);
    }

    /// Performs it, within its bound.
    async fn perform(
        self: Rc<Self>,
        stream: TcpTransport,
        random: [u8; 32],
    ) -> Result<Opened, Failed> {
        let timeouts = &self.settings.timeouts;
        let mut budget = Budget::new(Timer::OpeningHandshake, timeouts);
        let mut stream = budget.spend(self.secure(stream)).await?;
        match budget.spend(self.shake_hands(&mut *stream)).await? {
            Ok(agreed) => {
                let limits = self.settings.accept.limits.clone();
                let protocol = agreed.connect(limits, timeouts.clone(), random, Instant::now());
                Ok(Opened { stream, protocol })
            }
            Err(rejection) => {
                let mut budget = Budget::new(Timer::EndOfStream, timeouts);
                budget.spend(reject(&mut *stream, &rejection)).await?;
                Err(Failed)
            }
        }
    }

    /// TLS, where the server speaks it.
    async fn secure(&self, stream: TcpTransport) -> Result<Box<dyn Stream>, Failed> {
        #[cfg(feature = "tls")]
        if let Some(tls) = &self.settings.tls {
            return tls.accept(stream).await.map_err(|_| Failed);
        }
        Ok(Box::new(stream))
    }

    /// Reads the request, has the application answer it, and sends the response.
    async fn shake_hands(
        self: &Rc<Self>,
        stream: &mut dyn Stream,
    ) -> Result<Result<Agreed, Rejection>, Failed> {
        let mut awaiting = AwaitingRequest::new(self.settings.accept.clone());
        let received = handshake::receive(stream, |input| match awaiting.read(input) {
            Ok(Some(awaiting)) => Ok::<_, Infallible>(Some(Ok((awaiting, input.to_vec())))),
            Ok(None) => Ok(None),
            Err(rejection) => Ok(Some(Err(rejection))),
        });
        let answered = match received.await.map_err(|_| Failed)? {
            Ok((awaiting, unread)) => self.ask(awaiting).await?.map(|it| (it, unread)),
            Err(rejection) => Err(rejection),
        };
        let (mut responding, unread) = match answered {
            Ok(accepted) => accepted,
            Err(rejection) => return Ok(Err(rejection)),
        };
        if let Some(agreed) = responding.read(&mut &unread[..]) {
            return Ok(Ok(agreed));
        }
        // Where that fails, the client's part may have come still.
        let _ = handshake::send(stream, &responding.take_output()).await;
        let awaited = |input: &mut &[u8]| Ok::<_, Infallible>(responding.read(input));
        let received = handshake::receive(stream, awaited).await;
        received.map(Ok).map_err(|_| Failed)
    }

    /// Has the application answer the request, in a task.
    async fn ask(
        self: &Rc<Self>,
        awaiting: AwaitingAnswer,
    ) -> Result<Result<Responding, Rejection>, Failed> {
        let (sender, answered) = oneshot::channel();
        let this = self.clone();
        self.shared.queue_steps(Box::new(move || {
            let answer = this.answer(awaiting.request());
            let _ = sender.send(awaiting.answer(answer));
        }));
        // The task is gone only with the loop.
        let answered = answered.await.map_err(|_| Failed)?;
        Ok(answered.map(|(request, responding)| {
            *self.request.borrow_mut() = Some(request);
            responding
        }))
    }

    fn answer(&self, request: &Request) -> Answer {
        let onrequest = self
            .server
            .upgrade()
            .filter(|server| !server.is_closed.get())
            .map(|server| server.onrequest.borrow().clone());
        match onrequest {
            // The server was closed meanwhile.
            None => Answer::Refuse,
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
                answer.into_inner()
            }
        }
    }

    /// The task of the connection that is established: makes the object.
    fn become_open(&self, protocol: Option<String>, extensions: String) {
        let (Some(request), Some(source)) = (self.request.take(), self.source.get()) else {
            return;
        };
        let Some(url) = self.url(&request) else {
            return;
        };
        let socket = WebSocket::adopt(
            request.edition(),
            &url,
            Document::default(),
            source.clone(),
            &self.settings.accept.limits,
        );
        source.pin(None);
        let onconnection = self
            .server
            .upgrade()
            .and_then(|server| server.onconnection.borrow().clone());
        socket.become_open(protocol, extensions, |socket| {
            if let Some(onconnection) = onconnection {
                let socket = socket.clone();
                self.shared.run_callback(|| {
                    onconnection(socket, &request);
                    Ok(())
                });
            }
        });
    }

    /// The URL that the client opened.
    fn url(&self, request: &Request) -> Option<Url> {
        let secure = self.settings.accept.secure;
        let (host, port) = parse_host_field(request.host()?, secure)?;
        let components = Components {
            host,
            port,
            resource_name: request.resource_name().to_owned(),
            secure,
        };
        Url::parse(&components.construct()).ok()
    }
}

/// Turns the client away. Where there is nothing to say TCP is closed at once.
async fn reject(stream: &mut dyn Stream, rejection: &Rejection) -> Result<(), Failed> {
    if !rejection.response().is_empty() {
        let sent = handshake::send(stream, rejection.response()).await;
        sent.map_err(|_| Failed)?;
        let finished = handshake::finish(stream).await;
        finished.map_err(|_| Failed)?;
    }
    Ok(())
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
