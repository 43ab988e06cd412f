//! A loop beside the tasks of a current-thread runtime of tokio.
//!
//! ```text
//! cargo run --example tokio_local --no-default-features --features tokio
//! ```
//!
//! `EventLoop` and its sockets stay on their thread, so they live in a `LocalSet`: one task drives the loop, others use its
//! sockets, and tokio's timers, channels and files, as they please.

#![allow(clippy::print_stderr)]

#[macro_use]
mod output;

mod command_line;
mod no_arguments;

use dom_websocket::{EventLoop, Server, UserAgent, WebSocket};
use std::error::Error;
use std::process::ExitCode;
use std::time::Duration;
use tokio::runtime::Builder;
use tokio::task::{LocalSet, spawn_local};
use tokio::time::sleep;

fn main() -> ExitCode {
    no_arguments::run("tokio_local", "a loop beside the tasks of tokio", program)
}

fn program() -> Result<(), Box<dyn Error>> {
    let runtime = Builder::new_current_thread().enable_all().build()?;
    LocalSet::new().block_on(&runtime, session())
}

async fn session() -> Result<(), Box<dyn Error>> {
    // Made inside the runtime, the loop takes its sockets and timers from it.
    let event_loop = EventLoop::new();
    let driving = event_loop.clone();
    spawn_local(async move { driving.drive().await });

    let server = Server::listen(&event_loop, "127.0.0.1:0")?;
    server.set_onconnection(|socket, _| {
        socket.set_onmessage(|event| event.target().send(format!("{}!", event.data())));
    });

    let user_agent = UserAgent::builder().log_failures().build();
    let url = format!("ws://{}/", server.local_addr());
    let socket = WebSocket::builder(&event_loop, &url)
        .user_agent(&user_agent)
        .open()?;
    socket.set_onmessage(|event| println!("received: {}", event.data()));
    socket.set_onclose(|event| println!("closed, clean: {}", event.was_clean()));

    for number in 1..=3 {
        // False once the socket is closing or closed.
        if !socket.room_for(16).await {
            break;
        }
        socket.send(format!("tick {number}"))?;
        sleep(Duration::from_millis(100)).await;
    }
    socket.close();
    server.close();
    // Nothing is left to wait for once both ends have closed.
    event_loop.until_idle().await;
    Ok(())
}
