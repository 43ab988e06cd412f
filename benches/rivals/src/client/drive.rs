//! The workloads, for a library whose user asks for each message.

use super::{Figures, Run};
use crate::payload::{Message, Payloads};
use crate::usage::{processor, resident};
use crate::workload::{Echo, Extent, Progress, Workload};
use futures::future::join_all;
use std::time::Duration;

/// How long memory may take to come back.
pub const SETTLING: Duration = Duration::from_secs(6);
pub const CONNECTIONS: usize = 1000;

/// A library, as it connects.
pub trait Library {
    type Connection: Connection;

    /// Whether it waits without blocking the thread, so that there can be many at once.
    const IS_ASYNC: bool = true;

    async fn connect(&self, port: u16, path: &str) -> Self::Connection;
}

/// A connection of a library's.
pub trait Connection {
    /// Sends, perhaps not before [`flush`](Self::flush). Who can't put it off sends at once.
    async fn feed(&mut self, message: Message);

    async fn flush(&mut self);

    /// Receives a message, text checked to be UTF-8. Returns its length.
    async fn receive(&mut self) -> usize;

    /// Receives a message, and compares it.
    async fn is_next(&mut self, expected: &[u8]) -> bool;

    /// The next ones are so long: for the floors, which have no frames.
    fn expect(&mut self, _message: Message) {}
}

pub async fn drive<L: Library>(library: L, run: Run) -> Option<Figures> {
    match run.workload {
        Workload::Echo(echo) => {
            let mut connection = library.connect(run.port, "/").await;
            check(&mut connection, echo.message, &Payloads::new()).await;
            send_back(&mut connection, echo, run.warm_up).await;
            let before = processor();
            let messages = send_back(&mut connection, echo, run.extent).await;
            Some(vec![(processor() - before) / messages as f64])
        }
        Workload::Receive => {
            receive(&library, run.port, run.warm_up).await;
            Some(vec![receive(&library, run.port, run.extent).await])
        }
        Workload::Send => {
            send(&library, run.port, run.warm_up).await;
            Some(vec![send(&library, run.port, run.extent).await])
        }
        Workload::Connect => {
            connect(&library, run.port, run.warm_up).await;
            Some(vec![connect(&library, run.port, run.extent).await])
        }
        Workload::Many if L::IS_ASYNC => Some(vec![many(&library, run).await]),
        Workload::Many => None,
        Workload::Memory => Some(memory(&library, run.port).await),
    }
}

async fn check(connection: &mut impl Connection, message: Message, payloads: &Payloads) {
    connection.expect(message);
    connection.feed(message).await;
    connection.flush().await;
    assert!(connection.is_next(payloads.bytes(message)).await);
}

async fn send_back(connection: &mut impl Connection, echo: Echo, extent: Extent) -> usize {
    let Echo {
        message,
        in_flight,
        at_once,
    } = echo;
    let mut progress = Progress::new(extent, message);
    for _ in 0..in_flight {
        connection.feed(message).await;
    }
    connection.flush().await;
    loop {
        for _ in 0..at_once {
            assert_eq!(connection.receive().await, message.len());
        }
        if progress.add(at_once) {
            break;
        }
        for _ in 0..at_once {
            connection.feed(message).await;
        }
        connection.flush().await;
    }
    for _ in 0..in_flight - at_once {
        assert_eq!(connection.receive().await, message.len());
    }
    progress.done() + in_flight - at_once
}

async fn receive(library: &impl Library, port: u16, extent: Extent) -> f64 {
    let messages = extent.messages(5_000_000).max(2);
    let path = format!("/push?{messages}");
    let mut connection = library.connect(port, &path).await;
    connection.expect(Message::Small);
    assert_eq!(connection.receive().await, Message::Small.len());
    let before = processor();
    for _ in 1..messages {
        assert_eq!(connection.receive().await, Message::Small.len());
    }
    (processor() - before) / (messages - 1) as f64
}

/// How many messages are sent for a flush, or in a task.
pub const SENT_AT_ONCE: usize = 128;

async fn send(library: &impl Library, port: u16, extent: Extent) -> f64 {
    let batches = extent.messages(4_000_000).max(1).div_ceil(SENT_AT_ONCE);
    let messages = batches * SENT_AT_ONCE;
    let mut connection = library.connect(port, &format!("/take?{messages}")).await;
    connection.expect(Message::Small);
    let before = processor();
    for _ in 0..batches {
        for _ in 0..SENT_AT_ONCE {
            connection.feed(Message::Small).await;
        }
        connection.flush().await;
    }
    // All of them have arrived.
    assert!(connection.is_next(b"ok").await);
    (processor() - before) / messages as f64
}

async fn connect(library: &impl Library, port: u16, extent: Extent) -> f64 {
    let connections = extent.messages(2_000);
    let mut kept = Vec::with_capacity(connections);
    let before = processor();
    for _ in 0..connections {
        kept.push(library.connect(port, "/").await);
    }
    (processor() - before) / connections as f64
}

async fn many<L: Library>(library: &L, run: Run) -> f64 {
    let mut connections = Vec::new();
    for _ in 0..CONNECTIONS {
        let mut connection = library.connect(run.port, "/").await;
        connection.expect(Message::Small);
        connections.push(connection);
    }
    let mut cost = 0.0;
    for extent in [run.warm_up, run.extent] {
        let extent = match extent {
            Extent::Messages(messages) => Extent::Messages(messages / CONNECTIONS),
            lasts => lasts,
        };
        let echo = Echo {
            message: Message::Small,
            in_flight: 1,
            at_once: 1,
        };
        let before = processor();
        let all = connections.iter_mut().map(|c| send_back(c, echo, extent));
        let messages: usize = join_all(all).await.into_iter().sum();
        cost = (processor() - before) / messages as f64;
    }
    cost
}

async fn memory(library: &impl Library, port: u16) -> Figures {
    let payloads = Payloads::new();
    for _ in 0..20 {
        drop(library.connect(port, "/").await);
    }
    let before = resident();
    let mut connections = Vec::with_capacity(CONNECTIONS);
    for _ in 0..CONNECTIONS {
        connections.push(library.connect(port, "/").await);
    }
    let growth = || (resident() - before) / CONNECTIONS as f64;
    // Nobody has a timer that would need this thread.
    std::thread::sleep(SETTLING);
    let idle = growth();
    for connection in &mut connections {
        check(connection, Message::Binary, &payloads).await;
    }
    std::thread::sleep(SETTLING);
    vec![idle, growth()]
}
