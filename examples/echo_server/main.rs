//! Echoes every message until it is killed, and shows it to a browser that opens its address.
//!
//! `cargo run --example echo_server`, then <http://127.0.0.1:9001/>: the page connects back, and draws the time of
//! each round trip. `--help` lists the options.
#![allow(clippy::print_stdout, clippy::print_stderr)]

use dom_websocket::{Edition, EventLoop, HttpResponse, Limits, Request, Server, ServerBuilder};
use std::error::Error;

const HELP: &str = "\
echo_server: echoes every message, and shows it to a browser that opens its address

  --listen ADDR                where to listen; 127.0.0.1:9001
  --edition auto|html5|living  the protocols that are accepted: draft 76, RFC 6455, or both
  --no-compression             no permessage-deflate
  --tls-cert F --tls-key F     wss: with the certificates and the key of these PEM files (feature `tls`)
  --help                       this text
";

const PAGE: &str = include_str!("page.html");

fn main() -> Result<(), Box<dyn Error>> {
    let mut listen = "127.0.0.1:9001".to_owned();
    let mut edition = None;
    let mut compression = true;
    let (mut certificates, mut key) = (None, None);
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
        let mut value = || arguments.next().ok_or(format!("{argument} needs a value"));
        match argument.as_str() {
            "--help" | "-h" => {
                print!("{HELP}");
                return Ok(());
            }
            "--listen" => listen = value()?,
            "--edition" => {
                edition = match value()?.as_str() {
                    "auto" => None,
                    "html5" => Some(Edition::Html5),
                    "living" => Some(Edition::Living),
                    other => return Err(format!("unknown edition {other:?}").into()),
                };
            }
            "--no-compression" => compression = false,
            "--tls-cert" => certificates = Some(value()?),
            "--tls-key" => key = Some(value()?),
            other => return Err(format!("unknown argument {other:?}").into()),
        }
    }

    let event_loop = EventLoop::new();
    let mut builder = Server::builder(&event_loop);
    // Whoever tests with it may send as much as a client may take back.
    builder.compression(compression).limits(Limits::default());
    if let Some(edition) = edition {
        builder.edition(edition);
    }
    if certificates.is_some() || key.is_some() {
        let (certificates, key) = certificates
            .zip(key)
            .ok_or("both, please: --tls-cert, --tls-key")?;
        secure(&mut builder, &certificates, &key)?;
    }
    let server = builder.listen(&listen)?;
    server.set_onconnection(|socket, _| {
        socket.set_onmessage(|event| event.target().send(event.data()));
    });
    server.set_onhttp(show);
    println!("listening on {}", server.local_addr());
    event_loop.run();
    Ok(())
}

fn show(request: &Request) -> HttpResponse {
    let path = request.resource_name().split('?').next();
    match path.unwrap_or_default() {
        "/favicon.ico" => HttpResponse::new(404),
        _ => HttpResponse::new(200)
            .body("text/html; charset=utf-8", PAGE)
            // The page needs nothing from anywhere else.
            .field(
                "Content-Security-Policy",
                "default-src 'none'; connect-src 'self'; style-src 'unsafe-inline'; script-src 'unsafe-inline'",
            ),
    }
}

#[cfg(feature = "tls")]
fn secure(builder: &mut ServerBuilder<'_>, chain: &str, key: &str) -> Result<(), Box<dyn Error>> {
    builder.tls(&std::fs::read(chain)?, &std::fs::read(key)?)?;
    Ok(())
}

#[cfg(not(feature = "tls"))]
fn secure(_: &mut ServerBuilder<'_>, _: &str, _: &str) -> Result<(), Box<dyn Error>> {
    Err("--tls-cert needs the feature `tls`".into())
}
