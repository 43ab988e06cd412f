//! Clients that speak HTTP/2 (RFC 8441): a connection of theirs has many handshakes, a stream for each.

use super::Inner;
use super::handshake::{Failed, Handshake};
use super::shutdown::End;
use crate::connection::Opened;
use crate::net::handshake;
use crate::net::http2::{Http2Asked, Http2Server, PREFACE};
use crate::net::{Budget, Place, Stream};
use crate::protocol::Timer;
use crate::protocol::opening::{AwaitingAnswer, Http2Head, Refusal};
use futures::future::{Either, select};
use std::pin::pin;
use std::rc::{Rc, Weak};

impl Handshake {
    /// As [`handshake::receive`], unless the client begins with HTTP/2's preface.
    pub(super) async fn receive_unless_http2<T>(
        &self,
        stream: &mut dyn Stream,
        mut take: impl FnMut(&mut &[u8]) -> Result<Option<T>, Refusal>,
    ) -> Result<T, Failed> {
        let mut begun = Vec::new();
        if self.settings.http2.is_some() {
            let is_open = |begun: &[u8]| begun.len() < PREFACE.len() && PREFACE.starts_with(begun);
            while is_open(&begun) {
                handshake::receive_more(stream, &mut begun).await?;
            }
            if begun.starts_with(PREFACE) {
                return Err(Failed::Http2(begun));
            }
        }
        if let Some(taken) = take(&mut &begun[..]).map_err(Failed::Refused)? {
            return Ok(taken);
        }
        Ok(handshake::receive(stream, take).await?)
    }

    /// Goes on with the whole connection in HTTP/2, beside the loop's others.
    pub(super) async fn begin_http2(&self, stream: Box<dyn Stream>) -> Result<(), Failed> {
        let (Some(options), Some(server)) = (&self.settings.http2, self.server.upgrade()) else {
            return Err(Failed::Lost);
        };
        let end = server.end.clone();
        drop(server);
        let head = self.settings.accept.limits.head;
        let patience = self.settings.connection.timeouts.opening_handshake;
        let begun = Http2Server::begin(stream, options, head, patience).await;
        let connection = begun.map_err(|_| Failed::Lost)?;
        let serving = serve(self.server.clone(), end, connection);
        self.shared.spawn_in_background(Box::pin(serving));
        Ok(())
    }

    /// Performs the handshake over a stream, which has a place among the server's connections.
    async fn perform_over_http2(
        self: Rc<Self>,
        head: Http2Head,
        asked: Http2Asked,
        place: Place,
    ) -> Result<Opened, Failed> {
        let has_body = head.method != "HEAD";
        let answered = match AwaitingAnswer::over_http2(head, &self.accept_options()) {
            Ok(awaiting) => self.ask(awaiting).await,
            Err(refusal) => Err(Failed::Refused(refusal)),
        };
        match answered {
            Ok(mut responding) => {
                let stream = asked.accept(&responding.http2_fields(), place);
                let agreed = responding.read(&mut &[][..]);
                let (stream, agreed) = stream.zip(agreed).ok_or(Failed::Lost)?;
                Ok(self.connect(Box::new(stream), agreed))
            }
            Err(Failed::Refused(refusal)) => {
                let mut response = refusal.into_http2();
                if !has_body {
                    response.body = Vec::new();
                }
                let timeouts = &self.settings.connection.timeouts;
                let mut budget = Budget::new(Timer::EndOfStream, timeouts);
                let turned_away = async {
                    let ended = asked.turn_away(&response).await;
                    ended.map_err(|_| Failed::Lost)
                };
                budget.spend(turned_away).await?;
                Err(Failed::Lost)
            }
            Err(failed) => Err(failed),
        }
    }
}

/// Takes requests until the server is closed, and waits for the end of those that were taken. Behind the end of its shutdown
/// nothing but they keeps the connection.
async fn serve(server: Weak<Inner>, end: Rc<End>, mut connection: Http2Server) {
    while let Some(closing) = Inner::closing(&server) {
        match select(pin!(connection.next()), closing).await {
            Either::Left((Some((head, asked)), _)) => begin(&server, head, asked),
            Either::Left((None, _)) => return,
            Either::Right(_) => break,
        }
    }
    connection.go_away();
    let refused = end.cut(pin!(refuse_all(&mut connection))).await;
    if refused.is_none() {
        connection.end_with_its_streams();
        refuse_all(&mut connection).await;
    }
}

/// Until the connection ends.
async fn refuse_all(connection: &mut Http2Server) {
    while let Some((_, asked)) = connection.next().await {
        asked.refuse();
    }
}

/// Begins the handshake with the client of a stream, where there is room for it.
fn begin(server: &Weak<Inner>, head: Http2Head, asked: Http2Asked) {
    let Some(server) = server.upgrade() else {
        return asked.refuse();
    };
    let (connection, handshake) = (server.connections.take(), server.handshakes.take());
    let Some((connection, handshake)) = connection.zip(handshake) else {
        return asked.refuse();
    };
    Handshake::open(&server, handshake, |handshake| {
        handshake.perform_over_http2(head, asked, connection)
    });
}
