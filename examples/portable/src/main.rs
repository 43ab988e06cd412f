//! The client as a program: `portable URL`. `portable --listen ADDR` is what the tests in a browser talk to.
#![allow(clippy::print_stderr)]

#[cfg(not(target_family = "wasm"))]
#[macro_use]
#[path = "../../output/mod.rs"]
mod output;

#[cfg(not(target_family = "wasm"))]
const HELP: &str = "\
portable URL            says hello to a server that echoes
portable --listen ADDR  is one";

#[cfg(not(target_family = "wasm"))]
fn main() -> Result<(), Box<dyn std::error::Error>> {
    use dom_websocket::EventLoop;

    let event_loop = EventLoop::new();
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match arguments[..] {
        ["--listen", address] => {
            let server = portable::listen(&event_loop, address)?;
            println!("listening on {}", server.local_addr());
            event_loop.run();
        }
        [url] if !url.starts_with('-') => {
            let _socket = portable::talk(&event_loop, url, |line| println!("{line}"))?;
            event_loop.run();
        }
        ["--help" | "-h"] => println!("{HELP}"),
        _ => {
            eprintln!("portable: a URL or an address is needed\n\n{HELP}");
            std::process::exit(2);
        }
    }
    Ok(())
}

/// A browser has no programs: `page.rs` is what it calls.
#[cfg(target_family = "wasm")]
fn main() {}
