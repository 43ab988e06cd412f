//! The protocol floor alone: a client and a server of each wire in one thread, with nothing between them
//! but two vectors.
//!
//! `cargo run --example in_memory` prints what crosses, and what each end makes of it: the opening handshake,
//! bytes both ways, feedback, time, and the end. A program of your own also stops reading where
//! `wants_input` says so, and tells `handle_tasks_done` when it has acted on all before a `Violated`.
#![allow(clippy::print_stderr)]

#[macro_use]
mod output;

mod command_line;
mod no_arguments;

use dom_websocket::protocol::opening::{
    AcceptOptions, Agreed, Answer, AwaitingRequest, AwaitingResponse, ClientRequest, Reply,
};
use dom_websocket::protocol::{
    ConnectionOptions, Feedback, Limits, Payload, Protocol, Transport, Wire,
};
use std::error::Error;
use std::io::IoSlice;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Instant;

fn main() -> ExitCode {
    no_arguments::run(
        "in_memory",
        "both ends of each wire, with no network",
        program,
    )
}

fn program() -> Result<(), Box<dyn Error>> {
    for wire in [Wire::Rfc6455, Wire::Hixie76, Wire::Simplified] {
        println!("{wire:?}");
        let (client, server) = open(wire)?;
        // Randomness is an argument, as the time is. A program of your own takes it from its system.
        let now = Instant::now();
        let options = Arc::new(ConnectionOptions::default());
        let connect = |agreed: Agreed, random| agreed.connect(&options, random, now);
        converse(connect(client, [3; 32]), connect(server, [4; 32]), now);
    }
    Ok(())
}

/// The opening handshake: what the client, and what the server has agreed on.
fn open(wire: Wire) -> Result<(Agreed, Agreed), Box<dyn Error>> {
    // The simplified wire sends no path, and knows no subprotocols.
    let (url, answer) = match wire {
        Wire::Simplified => ("ws://example.com/", Answer::accept()),
        _ => ("ws://example.com/chat", Answer::accept_with("chat")),
    };
    let mut request = ClientRequest::new(wire, url).ok_or("no WebSocket URL")?;
    request.origin = "https://example.com".to_owned();
    request.protocols = vec!["chat".to_owned()];
    request.compression = Some(Default::default());
    let (mut client, request) = AwaitingResponse::new(request, &Limits::default(), [1; 32]);
    println!("  client: {} bytes of request", request.len());

    // What came is taken off the front; what lies behind the head is draft 76's third key.
    let mut input = &request[..];
    let mut server = AwaitingRequest::new(options());
    let asked = server.read(&mut input).map_err(|_| "turned away")?;
    let asked = asked.ok_or("the head goes on")?;
    println!("  server: asked for {}", asked.request().resource_name());
    let (_, mut server) = asked.answer(answer).map_err(|_| "refused")?;
    let server = server.read(&mut input).ok_or("the handshake goes on")?;

    // The rest of the response is the connection's to send; here it is taken over by hand.
    let response = server.unsent.clone();
    println!("  server: {} bytes of response", response.len());
    let server = Agreed {
        unsent: Vec::new(),
        ..server
    };
    match client.read(&mut &response[..])? {
        Some(Reply::Agreed(client)) => Ok((client, server)),
        Some(Reply::Rejected(rejected)) => Err(format!("status {}", rejected.status()).into()),
        None => Err("the response goes on".into()),
    }
}

fn options() -> AcceptOptions {
    let mut options = AcceptOptions::default();
    options.simplified = true;
    options
}

/// A message each way, and the closing handshake.
fn converse(mut client: Box<dyn Protocol>, mut server: Box<dyn Protocol>, mut now: Instant) {
    client.send(Payload::Text("hello, server"));
    loop {
        let up = carry("client", &mut *client, &mut *server, now);
        while let Some(feedback) = server.poll_feedback() {
            println!("  server: {feedback:?}");
            match feedback {
                Feedback::Text(text) => {
                    server.send(Payload::Text(&format!("{text}, hello, client")));
                }
                // Some bytes of a stream.
                Feedback::BinaryPart(bytes) => {
                    server.send(Payload::Binary(&bytes));
                }
                _ => {}
            }
        }
        let down = carry("server", &mut *server, &mut *client, now);
        while let Some(feedback) = client.poll_feedback() {
            println!("  client: {feedback:?}");
            if let Feedback::Text(_) | Feedback::BinaryPart(_) = feedback {
                client.start_closing_handshake(Some((1000, "that is all")), now);
            }
        }
        let ends = [client.transport(), server.transport()];
        if ends == [Transport::Released; 2] {
            return;
        }
        if up || down {
            continue;
        }
        // Nothing is left to carry but the ends of both directions. Who has finished ends its own.
        if ends[1] != Transport::Open {
            server.handle_end_of_output(now);
            client.handle_end_of_input(now);
        }
        if ends[0] != Transport::Open {
            client.handle_end_of_output(now);
            server.handle_end_of_input(now);
        }
        // Where both wait, time passes.
        if ends == [Transport::Open; 2] {
            let timers = [client.poll_timeout(), server.poll_timeout()];
            let Some((timer, at)) = timers.into_iter().flatten().min_by_key(|(_, at)| *at) else {
                return;
            };
            println!("  {timer:?} runs down");
            now = at;
            client.handle_timeout(now);
            server.handle_timeout(now);
        }
    }
}

/// Carries what one end wants to send to the other. False if there was nothing.
fn carry(name: &str, from: &mut dyn Protocol, to: &mut dyn Protocol, now: Instant) -> bool {
    let mut slices = [IoSlice::new(&[]); 16];
    let filled = from.poll_transmit(&mut slices);
    let bytes: Vec<u8> = slices[..filled]
        .iter()
        .flat_map(|slice| slice.to_vec())
        .collect();
    from.handle_transmitted(bytes.len(), now);
    if bytes.is_empty() {
        return false;
    }
    println!("  {name}: sends {} bytes", bytes.len());
    to.handle_input(&bytes, now);
    while to.holds_input() && to.wants_input() {
        to.handle_input(&[], now);
    }
    true
}
