//! Echoes every message until it is killed, and shows it to a browser that opens its address.
//!
//! `cargo run --example echo_server`, then <http://127.0.0.1:9001/>: the page connects back, and draws the time of
//! each round trip. `--help` lists the options.
#![allow(clippy::print_stderr)]

#[macro_use]
#[path = "../output/mod.rs"]
mod output;

#[path = "../command_line/mod.rs"]
mod command_line;

use dom_websocket::{Edition, EventLoop, HttpResponse, Limits, Request, Server, ServerBuilder};
use std::error::Error;
use std::process::ExitCode;

const HELP: &str = "\
echo_server: echoes every message, and shows it to a browser that opens its address

  --listen ADDR                where to listen; 127.0.0.1:9001
  --edition auto|html5|living  the protocols that are accepted: draft 76, RFC 6455, or both
  --no-compression             no permessage-deflate
  --tls-cert F --tls-key F     wss: with the certificates and the key of these PEM files (feature `tls`)
  --help                       this text

Built with the feature `http2` it speaks HTTP/2 at the same port: `cargo run --example echo_server --features http2,tls`.
Clients say so by ALPN, or without TLS by HTTP/2's preface, as `curl --http2-prior-knowledge` does.
";

const PAGE: &str = include_str!("page.html");

fn main() -> ExitCode {
    let options = Options::parse(std::env::args().skip(1));
    command_line::run("echo_server", HELP, options, |options| serve(&options))
}

struct Options {
    listen: String,
    edition: Option<Edition>,
    compression: bool,
    /// The files of the certificates and of the key.
    tls: Option<(String, String)>,
}

impl Options {
    /// `None` where help is wanted.
    fn parse(mut arguments: impl Iterator<Item = String>) -> Result<Option<Self>, String> {
        let mut options = Self {
            listen: "127.0.0.1:9001".to_owned(),
            edition: None,
            compression: true,
            tls: None,
        };
        let (mut certificates, mut key) = (None, None);
        while let Some(argument) = arguments.next() {
            let mut value = || arguments.next().ok_or(format!("{argument} needs a value"));
            match argument.as_str() {
                "--help" | "-h" => return Ok(None),
                "--listen" => options.listen = value()?,
                "--edition" => {
                    options.edition = match value()?.as_str() {
                        "auto" => None,
                        "html5" => Some(Edition::Html5),
                        "living" => Some(Edition::Living),
                        other => return Err(format!("unknown edition {other:?}")),
                    };
                }
                "--no-compression" => options.compression = false,
                "--tls-cert" => certificates = Some(value()?),
                "--tls-key" => key = Some(value()?),
                other => return Err(format!("unknown argument {other:?}")),
            }
        }
        options.tls = match (certificates, key) {
            (None, None) => None,
            (Some(certificates), Some(key)) => Some((certificates, key)),
            _ => return Err("both, please: --tls-cert, --tls-key".to_owned()),
        };
        Ok(Some(options))
    }
}

/// Until it is killed.
fn serve(options: &Options) -> Result<(), Box<dyn Error>> {
    let event_loop = EventLoop::new();
    let mut builder = Server::builder(&event_loop);
    // Whoever tests with it may send as much as a client may take back.
    builder
        .compression(options.compression)
        .limits(Limits::default());
    if let Some(edition) = options.edition {
        builder.edition(edition);
    }
    if let Some((certificates, key)) = &options.tls {
        secure(&mut builder, certificates, key)?;
    }
    let address = &options.listen;
    let server = builder
        .listen(address)
        .map_err(|error| format!("{address}: {error}"))?;
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
    let read = |file| std::fs::read(file).map_err(|error| format!("{file}: {error}"));
    let secured = builder.tls(&read(chain)?, &read(key)?);
    secured.map_err(|error| format!("{chain} and {key}: {error}"))?;
    Ok(())
}

#[cfg(not(feature = "tls"))]
fn secure(_: &mut ServerBuilder<'_>, _: &str, _: &str) -> Result<(), Box<dyn Error>> {
    Err("--tls-cert needs the feature `tls`".into())
}
