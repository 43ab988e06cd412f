//! The server's part of the conversation.

use super::lines::{self, Ask, Report};
use super::payload::{Alphabet, Checker, Payload, Sender};
use super::stream::{Incoming, Meter, Outgoing, Stop};
use futures::channel::oneshot;
use futures::future::{join, select};
use futures::io::{AsyncRead, AsyncReadExt, AsyncWrite};
use std::io;
use std::pin::pin;
use std::time::{Duration, Instant};

/// Speaks with one client, until both directions have ended or nothing has happened for the time of
/// `timeout`. `sleep` is the loop's.
pub(crate) async fn serve<S, T>(stream: S, timeout: Duration, sleep: impl Fn(Duration) -> T)
where
    S: AsyncRead + AsyncWrite + Unpin,
    T: Future<Output = ()>,
{
    let meter = Meter::new();
    let conversation = pin!(converse(stream, &meter));
    let silence = pin!(meter.silence(timeout, sleep));
    // Who is gone can't be told why.
    let _ = select(conversation, silence).await;
}

async fn converse<S>(stream: S, meter: &Meter) -> io::Result<()>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let (reader, writer) = stream.split();
    let mut incoming = Incoming::new(reader, meter);
    let ask = match incoming.line(Ask::parse).await {
        Ok(ask) => ask,
        Err(Stop::Misread(_)) => {
            let mut outgoing = Outgoing::new(writer, meter, nothing());
            outgoing.line(&lines::ready(false)).await?;
            outgoing.finish().await?;
            return incoming.end().await;
        }
        Err(Stop::End) => return Err(io::ErrorKind::UnexpectedEof.into()),
        Err(Stop::Lost(error)) => return Err(error),
    };
    let asked = Instant::now();
    let payload = |len, sender| Payload {
        alphabet: ask.alphabet,
        len,
        sender,
    };
    let mut checker = Checker::new(payload(ask.upload, Sender::Client));
    let mut outgoing = Outgoing::new(writer, meter, payload(ask.download, Sender::Server));
    outgoing.line(&lines::ready(true)).await?;
    let ready = Instant::now();

    let (half, has_half) = oneshot::channel::<()>();
    let (all, has_all) = oneshot::channel();
    let (end, has_ended) = oneshot::channel::<()>();
    let receiving = async {
        let mut half = Some(half);
        let came = incoming.payload(&mut checker, |position| {
            meter.received.set(position);
            if position > ask.upload / 2 {
                half.take();
            }
        });
        // Whatever ends it, what came is what there is to report.
        let digest = match came.await {
            Ok(()) if checker.wrong().is_none() => incoming.line(lines::parse_digest).await,
            Ok(()) => Err(Stop::End),
            Err(stop) => Err(stop),
        };
        let is_altered = match digest {
            Ok(sha1) => sha1 != checker.digest(),
            Err(Stop::Misread(_)) => true,
            Err(Stop::End | Stop::Lost(_)) => false,
        };
        // What is wrong behind a payload that is right follows it.
        let wrong = checker.wrong().or(is_altered.then_some(ask.upload));
        let _ = all.send((wrong, checker, Instant::now()));
        drop(half);
        let ended = incoming.end().await;
        drop(end);
        ended
    };
    let sending = async {
        outgoing.payload(ask.download / 2).await?;
        let _ = has_half.await;
        outgoing.payload(ask.download).await?;
        let Ok((wrong, checker, complete)) = has_all.await else {
            return Ok(());
        };
        let report = Report {
            received: checker.position(),
            wrong,
            received_sha1: checker.digest(),
            sent_sha1: outgoing.digest(),
            ready_delay: ready - asked,
            complete_after: complete - ready,
        };
        outgoing.line(&report.line()).await?;
        let _ = has_ended.await;
        outgoing.line(&lines::bye()).await?;
        outgoing.finish().await
    };
    let (ended, sent) = join(receiving, sending).await;
    ended.and(sent)
}

fn nothing() -> Payload {
    Payload {
        alphabet: Alphabet::Bytes,
        len: 0,
        sender: Sender::Server,
    }
}
