//! Whether a connection is idle, or silent.

use super::Http2Options;
use super::carrier::Traffic;
use crate::net::runtime;
use futures::future::LocalBoxFuture;
use h2::{Ping, PingPong};
use std::rc::Rc;
use std::task::{Context, Poll, ready};
use std::time::{Duration, Instant};

/// What has come may be seen only behind the next look at the sockets, which a busy loop has not come to: one is waited for.
const LAST_LOOK: Duration = Duration::from_millis(10);

/// Why a connection is to be ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reason {
    /// Nobody has used it for its time.
    Idle,
    /// A PING was not answered, nor did anything else come.
    Silent,
}

/// What there is to do in time.
enum Due {
    Ask,
    LastLook,
    End(Reason),
}

/// Looks at the clock for one connection.
pub(super) struct Watch {
    options: Http2Options,
    traffic: Rc<Traffic>,
    ping_pong: Option<PingPong>,
    /// When the PING was sent whose answer is awaited.
    pinged: Option<Instant>,
    /// It leaves with the next look at the connection, which a busy loop may not come to for a while.
    is_leaving: bool,
    /// When it was found that the answer is late.
    late: Option<Instant>,
    /// Since when there have been no streams.
    idle: Option<Instant>,
    /// How long there may be none.
    idle_for: Duration,
    /// When it rings, and what for.
    timer: Option<(Instant, LocalBoxFuture<'static, ()>)>,
}

impl Watch {
    /// Whoever opens the first stream has `patience` for it, at least.
    pub(super) fn new(
        options: Http2Options,
        traffic: Rc<Traffic>,
        ping_pong: Option<PingPong>,
        patience: Duration,
    ) -> Self {
        Self {
            idle_for: options.idle.max(patience),
            options,
            traffic,
            ping_pong,
            pinged: None,
            is_leaving: false,
            late: None,
            idle: None,
            timer: None,
        }
    }

    /// Asks whether the peer is there, if that has not been asked.
    pub(super) fn ask(&mut self) {
        if self.pinged.is_some() {
            return;
        }
        let sent = self.ping_pong.as_mut().map(|p| p.send_ping(Ping::opaque()));
        match sent {
            Some(Ok(())) => (self.pinged, self.is_leaving) = (Some(Instant::now()), true),
            // The connection is ending.
            Some(Err(_)) | None => self.ping_pong = None,
        }
    }

    /// Without streams the connection is to end, whatever was said before.
    pub(super) fn keep_no_longer(&mut self) {
        self.options.idle = Duration::ZERO;
        self.idle_for = Duration::ZERO;
    }

    /// Ends when the connection should, which was polled before.
    pub(super) fn poll(&mut self, has_streams: bool, cx: &mut Context<'_>) -> Poll<Reason> {
        if std::mem::take(&mut self.is_leaving) {
            self.pinged = self.pinged.map(|_| Instant::now());
        }
        if let (Some(_), Some(ping_pong)) = (self.pinged, &mut self.ping_pong) {
            if ping_pong.poll_pong(cx).is_ready() {
                self.pinged = None;
            }
        }
        self.idle = match (has_streams, self.idle) {
            (true, _) => {
                self.idle_for = self.options.idle;
                None
            }
            (false, since) => since.or_else(|| Some(Instant::now())),
        };
        loop {
            let Some((due, what)) = self.next() else {
                self.timer = None;
                return Poll::Pending;
            };
            let now = Instant::now();
            if due <= now {
                match what {
                    Due::End(reason) => return Poll::Ready(reason),
                    Due::LastLook => self.late = Some(now),
                    Due::Ask => self.ask(),
                }
                continue;
            }
            // One that rings too early is set anew then.
            if self.timer.as_ref().is_none_or(|(at, _)| *at > due) {
                self.timer = Some((due, Box::pin(runtime::sleep(due - now))));
            }
            if let Some((_, timer)) = &mut self.timer {
                ready!(timer.as_mut().poll(cx));
                self.timer = None;
            }
        }
    }

    /// The next instant that something is due at.
    fn next(&self) -> Option<(Instant, Due)> {
        let after = |instant: Instant, duration| instant.checked_add(duration);
        let silent = self.pinged.and_then(|pinged| {
            // Whatever came since says as much.
            let heard = pinged.max(self.traffic.last_read());
            let due = after(heard, self.options.pong)?;
            Some(match self.late.filter(|late| *late >= due) {
                Some(late) => (after(late, LAST_LOOK)?, Due::End(Reason::Silent)),
                None => (due, Due::LastLook),
            })
        });
        let idle = self
            .idle
            .and_then(|since| Some((after(since, self.idle_for)?, Due::End(Reason::Idle))));
        let can_ask = self.idle.is_none() && self.pinged.is_none() && self.ping_pong.is_some();
        let ping = self.options.ping.filter(|_| can_ask);
        let ask = ping.and_then(|ping| Some((after(self.traffic.last_read(), ping)?, Due::Ask)));
        [silent, idle, ask]
            .into_iter()
            .flatten()
            .min_by_key(|(due, _)| *due)
    }
}
