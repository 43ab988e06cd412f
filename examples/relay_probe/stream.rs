//! One end of the conversation: lines and payload, in and out, and how far they have come.

use super::lines::LONGEST;
use super::payload::{Checker, Payload, hex};
use futures::io::{AsyncBufReadExt, AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, BufReader};
use sha1::{Digest, Sha1};
use std::cell::Cell;
use std::io;
use std::time::{Duration, Instant};

/// How much is read or written at once.
const CHUNK: usize = 64 * 1024;

/// How far it is, for whoever looks on.
pub(crate) struct Meter {
    pub(crate) began: Instant,
    /// Bytes of payload.
    pub(crate) sent: Cell<u64>,
    pub(crate) received: Cell<u64>,
    /// When anything last went or came.
    touched: Cell<Instant>,
}

impl Meter {
    pub(crate) fn new() -> Self {
        let now = Instant::now();
        Self {
            began: now,
            sent: Cell::new(0),
            received: Cell::new(0),
            touched: Cell::new(now),
        }
    }

    fn touch(&self) {
        self.touched.set(Instant::now());
    }

    pub(crate) fn elapsed(&self) -> Duration {
        self.began.elapsed()
    }

    /// Ends when nothing has gone or come for so long. `sleep` is the loop's.
    pub(crate) async fn silence<S>(&self, timeout: Duration, sleep: impl Fn(Duration) -> S)
    where
        S: Future<Output = ()>,
    {
        loop {
            let left = timeout.saturating_sub(self.touched.get().elapsed());
            if left.is_zero() {
                return;
            }
            sleep(left).await;
        }
    }
}

/// Why reading stopped.
#[derive(Debug)]
pub(crate) enum Stop {
    /// The peer's end, where more was to come.
    End,
    /// This is no line of the conversation.
    Misread(String),
    Lost(io::Error),
}

impl From<io::Error> for Stop {
    fn from(error: io::Error) -> Self {
        Self::Lost(error)
    }
}

pub(crate) struct Incoming<'a, R> {
    reader: BufReader<R>,
    meter: &'a Meter,
}

impl<'a, R: AsyncRead + Unpin> Incoming<'a, R> {
    pub(crate) fn new(reader: R, meter: &'a Meter) -> Self {
        let reader = BufReader::with_capacity(CHUNK, reader);
        Self { reader, meter }
    }

    /// The next line, if `parse` takes it.
    pub(crate) async fn line<T>(
        &mut self,
        parse: impl FnOnce(&str) -> Option<T>,
    ) -> Result<T, Stop> {
        let mut line = Vec::new();
        let mut limited = (&mut self.reader).take(LONGEST);
        limited.read_until(b'\n', &mut line).await?;
        if !line.is_empty() {
            self.meter.touch();
        }
        let text = std::str::from_utf8(&line).ok();
        match text.and_then(|text| text.strip_suffix('\n')) {
            Some(text) => parse(text).ok_or_else(|| Stop::Misread(text.escape_debug().to_string())),
            None if line.len() < LONGEST as usize && text.is_some() => Err(Stop::End),
            None => Err(Stop::Misread(line.escape_ascii().to_string())),
        }
    }

    /// The next of the payload, until `checker` has it all, or has found something wrong. `progress` hears of each
    /// part.
    pub(crate) async fn payload(
        &mut self,
        checker: &mut Checker,
        mut progress: impl FnMut(u64),
    ) -> Result<(), Stop> {
        while checker.missing() > 0 && checker.wrong().is_none() {
            let part = self.reader.fill_buf().await?;
            if part.is_empty() {
                return Err(Stop::End);
            }
            let len = part
                .len()
                .min(usize::try_from(checker.missing()).unwrap_or(usize::MAX));
            checker.take(&part[..len]);
            self.reader.consume_unpin(len);
            self.meter.touch();
            progress(checker.position());
        }
        Ok(())
    }

    /// Until the peer's end; whatever comes before it is thrown away.
    pub(crate) async fn end(&mut self) -> io::Result<()> {
        loop {
            let len = self.reader.fill_buf().await?.len();
            if len == 0 {
                return Ok(());
            }
            self.reader.consume_unpin(len);
            self.meter.touch();
        }
    }
}

pub(crate) struct Outgoing<'a, W> {
    writer: W,
    meter: &'a Meter,
    payload: Payload,
    digest: Sha1,
}

impl<'a, W: AsyncWrite + Unpin> Outgoing<'a, W> {
    pub(crate) fn new(writer: W, meter: &'a Meter, payload: Payload) -> Self {
        Self {
            writer,
            meter,
            payload,
            digest: Sha1::new(),
        }
    }

    pub(crate) async fn line(&mut self, line: &str) -> io::Result<()> {
        self.writer.write_all(line.as_bytes()).await?;
        self.writer.flush().await?;
        self.meter.touch();
        Ok(())
    }

    /// The payload, from where it stopped to `end`.
    pub(crate) async fn payload(&mut self, end: u64) -> io::Result<()> {
        let mut chunk = vec![0; CHUNK];
        loop {
            let position = self.meter.sent.get();
            let left = end.saturating_sub(position);
            if left == 0 {
                return self.writer.flush().await;
            }
            let len = usize::try_from(left).unwrap_or(CHUNK).min(CHUNK);
            self.payload.fill(position, &mut chunk[..len]);
            let mut rest = &chunk[..len];
            while !rest.is_empty() {
                let written = self.writer.write(rest).await?;
                if written == 0 {
                    return Err(io::ErrorKind::WriteZero.into());
                }
                self.digest.update(&rest[..written]);
                let sent = self.meter.sent.get() + written as u64;
                self.meter.sent.set(sent);
                self.meter.touch();
                rest = &rest[written..];
            }
        }
    }

    /// SHA-1 of the payload so far, in hexadecimal.
    pub(crate) fn digest(&self) -> String {
        hex(self.digest.clone())
    }

    /// This direction's end.
    pub(crate) async fn finish(&mut self) -> io::Result<()> {
        self.writer.close().await
    }
}
