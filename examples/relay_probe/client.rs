//! The client's part of the conversation, and what it saw.

use super::lines::{self, Ask, Report};
use super::options::{Plan, Wire};
use super::payload::{Alphabet, Checker, Payload, Sender};
use super::stream::{Incoming, Meter, Outgoing, Stop};
use futures::channel::oneshot;
use futures::future::{Either, FutureExt, pending, select};
use futures::io::{AsyncRead, AsyncReadExt, AsyncWrite};
use std::cell::RefCell;
use std::pin::pin;
use std::time::{Duration, Instant};

/// What the client saw of a conversation.
#[derive(Debug, Default)]
pub(crate) struct Seen {
    /// How long the client held the second half back, because nothing had come at all.
    pub(crate) overdue: Option<Duration>,
    /// How much of the payload had been sent when the first line came, if it did.
    pub(crate) first_after: Option<u64>,
    /// Where the first byte of the server's payload lies that is another one than was sent.
    pub(crate) wrong: Option<u64>,
    /// The server could not read the first line.
    pub(crate) is_misread: bool,
    pub(crate) report: Option<Report>,
    /// Whether the digests are those that both ends found.
    pub(crate) is_digest_right: bool,
    /// Whether all had been said before the time was up.
    pub(crate) is_silent: bool,
    /// From the beginning to the report, or to whatever else was the end.
    pub(crate) took: Duration,
    /// Whether the server could still speak behind the client's end; `None`, where it never came to that.
    pub(crate) half_close: Option<bool>,
    /// Why reading stopped.
    pub(crate) stop: Option<Stop>,
}

/// How long the server's first line may take: many times what the opening took, and time for a packet to be lost
/// and for a busy machine. A relay that holds it back for longer is one that waits.
fn grace(opening: Duration, timeout: Duration) -> Duration {
    (Duration::from_secs(2) + 4 * opening).min(timeout / 3)
}

/// Speaks with the server. `opening` is how long it took to get here, `sleep` the loop's.
pub(crate) async fn converse<S, T>(
    stream: S,
    plan: &Plan,
    meter: &Meter,
    opening: Duration,
    sleep: impl Fn(Duration) -> T,
) -> Seen
where
    S: AsyncRead + AsyncWrite + Unpin,
    T: Future<Output = ()>,
{
    let talk = Talk {
        plan,
        meter,
        seen: RefCell::default(),
        sha1: RefCell::default(),
    };
    let (reader, writer) = stream.split();
    let (first, has_first) = oneshot::channel();
    let (report, has_report) = oneshot::channel();
    {
        let grace = || sleep(grace(opening, plan.timeout));
        let sending = talk.send(writer, has_first, has_report, &grace);
        // Where nothing can be sent any more, there may still be something to read.
        let sending = sending.then(|_| pending::<()>());
        let receiving = talk.receive(reader, first, report, &grace);
        let silence = meter.silence(plan.timeout, &sleep);
        let (receiving, sending, silence) = (pin!(receiving), pin!(sending), pin!(silence));
        let talking = select(receiving, sending);
        let is_silent = matches!(select(talking, silence).await, Either::Right(_));
        talk.seen.borrow_mut().is_silent = is_silent;
    }
    let mut seen = talk.seen.into_inner();
    if seen.report.is_none() {
        seen.took = meter.elapsed();
    }
    seen
}

struct Talk<'a> {
    plan: &'a Plan,
    meter: &'a Meter,
    seen: RefCell<Seen>,
    /// Of what was sent.
    sha1: RefCell<String>,
}

impl Talk<'_> {
    fn payload(&self, sender: Sender) -> Payload {
        Payload {
            alphabet: alphabet(self.plan.wire),
            len: match sender {
                Sender::Client => self.plan.send,
                Sender::Server => self.plan.receive,
            },
            sender,
        }
    }

    async fn send<W: AsyncWrite + Unpin, T: Future<Output = ()>>(
        &self,
        writer: W,
        has_first: oneshot::Receiver<()>,
        has_report: oneshot::Receiver<()>,
        grace: impl FnOnce() -> T,
    ) -> std::io::Result<()> {
        let payload = self.payload(Sender::Client);
        let mut outgoing = Outgoing::new(writer, self.meter, payload);
        let ask = Ask {
            upload: self.plan.send,
            download: self.plan.receive,
            alphabet: payload.alphabet,
        };
        outgoing.line(&ask.line()).await?;
        outgoing.payload(payload.len / 2).await?;
        // Behind a relay that waits for everything nothing comes, until everything is sent.
        let (held, grace) = (Instant::now(), pin!(grace()));
        let is_overdue = matches!(select(has_first, grace).await, Either::Right(_));
        if is_overdue {
            self.seen.borrow_mut().overdue = Some(held.elapsed());
        }
        outgoing.payload(payload.len).await?;
        self.sha1.replace(outgoing.digest());
        outgoing.line(&lines::digest(&outgoing.digest())).await?;
        if !is_overdue {
            // A relay that ends both directions at the end of one takes nothing with it then.
            let _ = has_report.await;
        }
        outgoing.finish().await
    }

    async fn receive<R: AsyncRead + Unpin, T: Future<Output = ()>>(
        &self,
        reader: R,
        first: oneshot::Sender<()>,
        report: oneshot::Sender<()>,
        grace: impl FnOnce() -> T,
    ) {
        let mut incoming = Incoming::new(reader, self.meter);
        if let Err(stop) = self.receive_report(&mut incoming, first).await {
            self.seen.borrow_mut().stop = Some(stop);
            return;
        }
        let _ = report.send(());
        let farewell = async {
            let bye = |line: &str| lines::is_bye(line).then_some(());
            let is_there = incoming.line(bye).await.is_ok();
            self.seen.borrow_mut().half_close = Some(is_there);
            incoming.end().await
        };
        // All is known but this, and some relays never pass on that a direction has ended.
        self.seen.borrow_mut().half_close = Some(false);
        let _ = select(pin!(farewell), pin!(grace())).await;
    }

    /// All up to the report.
    async fn receive_report<R: AsyncRead + Unpin>(
        &self,
        incoming: &mut Incoming<'_, R>,
        first: oneshot::Sender<()>,
    ) -> Result<(), Stop> {
        let ready = incoming.line(lines::is_ready).await;
        if let Ok(is_ready) = ready {
            let mut seen = self.seen.borrow_mut();
            seen.first_after = Some(self.meter.sent.get());
            seen.is_misread = !is_ready;
        }
        let _ = first.send(());
        if !ready? {
            return Err(Stop::End);
        }
        let mut checker = Checker::new(self.payload(Sender::Server));
        let came = incoming
            .payload(&mut checker, |position| self.meter.received.set(position))
            .await;
        self.seen.borrow_mut().wrong = checker.wrong();
        came?;
        if checker.wrong().is_some() {
            return Err(Stop::End);
        }
        let report = incoming.line(Report::parse).await?;
        let mut seen = self.seen.borrow_mut();
        seen.took = self.meter.elapsed();
        seen.is_digest_right =
            report.sent_sha1 == checker.digest() && report.received_sha1 == *self.sha1.borrow();
        seen.report = Some(report);
        Ok(())
    }
}

fn alphabet(wire: Wire) -> Alphabet {
    match wire {
        Wire::Html5 => Alphabet::Text,
        Wire::Simplified | Wire::Living => Alphabet::Bytes,
    }
}
