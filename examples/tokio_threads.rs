//! A loop on a thread of its own, and a runtime of tokio with many threads: their tasks send by `RemoteSocket`.
//!
//! ```text
//! cargo run --example tokio_threads --no-default-features --features tokio
//! ```
//!
//! What a socket receives goes to the tasks by a channel; what they send waits for room, in order.

#![allow(clippy::print_stderr)]

#[macro_use]
mod output;

mod command_line;
mod no_arguments;

use dom_websocket::{EventLoop, RemoteSocket, Server, UserAgent, WebSocket};
use futures::StreamExt;
use futures::channel::{mpsc, oneshot};
use std::error::Error;
use std::process::ExitCode;
use std::thread;
use tokio::runtime::{Builder, Handle};

/// Tasks that send at once.
const TASKS: usize = 4;

type Outcome = Result<(), Box<dyn Error + Send + Sync>>;

fn main() -> ExitCode {
    no_arguments::run("tokio_threads", "a loop on a thread of its own", || {
        program().map_err(|error| error as Box<dyn Error>)
    })
}

fn program() -> Outcome {
    let runtime = Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(async {
        let (opened, is_open) = oneshot::channel();
        let (received, mut messages) = mpsc::unbounded();
        let handle = Handle::current();
        let network = thread::spawn(move || serve_and_connect(&handle, opened, received));
        // Where that fails its cause is told below.
        if let Ok(remote) = is_open.await {
            let senders = (0..TASKS).map(|number| {
                let remote: RemoteSocket = remote.clone();
                tokio::spawn(async move { remote.send(format!("task {number}")).await })
            });
            for sender in senders.collect::<Vec<_>>() {
                sender.await??;
            }
            for _ in 0..TASKS {
                if let Some(message) = messages.next().await {
                    println!("received: {message}");
                }
            }
            remote.close();
        }
        let outcome = tokio::task::spawn_blocking(|| network.join()).await?;
        outcome.unwrap_or_else(|panic| std::panic::resume_unwind(panic))
    })
}

/// The loop's thread: its sockets are the runtime's, which waits for them on its threads.
fn serve_and_connect(
    handle: &Handle,
    opened: oneshot::Sender<RemoteSocket>,
    received: mpsc::UnboundedSender<String>,
) -> Outcome {
    let _entered = handle.enter();
    let event_loop = EventLoop::new();
    let server = Server::listen(&event_loop, "127.0.0.1:0")?;
    server.set_onconnection(|socket, _| {
        socket.set_onmessage(|event| event.target().send(event.data()));
    });
    let user_agent = UserAgent::builder().log_failures().build();
    let socket = WebSocket::builder(&event_loop, &format!("ws://{}/", server.local_addr()))
        .user_agent(&user_agent)
        .open()?;
    socket.set_onmessage(move |event| received.unbounded_send(event.data().to_string()));
    socket.set_onclose(move |event| {
        println!("closed, clean: {}", event.was_clean());
        server.close();
    });
    let _ = opened.send(socket.remote());
    drop(socket);
    event_loop.run();
    Ok(())
}
