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
fn main() -> std::process::ExitCode {
    use std::process::ExitCode;

    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let result = match arguments[..] {
        ["--listen", address] => listen(address).map_err(|error| format!("{address}: {error}")),
        [url] if !url.starts_with('-') => talk(url).map_err(|error| error.to_string()),
        ["--help" | "-h"] => {
            println!("{HELP}");
            Ok(true)
        }
        _ => {
            eprintln!("portable: a URL or an address is needed\n\n{HELP}");
            return ExitCode::from(2);
        }
    };
    match result {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("portable: {error}");
            ExitCode::FAILURE
        }
    }
}

/// Until it is killed.
#[cfg(not(target_family = "wasm"))]
fn listen(address: &str) -> std::io::Result<bool> {
    let event_loop = dom_websocket::EventLoop::new();
    let server = portable::listen(&event_loop, address)?;
    println!("listening on {}", server.local_addr());
    event_loop.run();
    Ok(true)
}

/// Whether it ended cleanly.
#[cfg(not(target_family = "wasm"))]
fn talk(url: &str) -> Result<bool, dom_websocket::DomException> {
    use std::cell::Cell;
    use std::rc::Rc;

    let event_loop = dom_websocket::EventLoop::new();
    let socket = portable::talk(&event_loop, url, |line| println!("{line}"))?;
    let is_clean = Rc::new(Cell::new(false));
    let tells = is_clean.clone();
    socket.add_event_listener("close", move |event| {
        let close = event.as_close_event();
        tells.set(close.is_some_and(|close| close.was_clean()));
    });
    event_loop.run();
    Ok(is_clean.get())
}

/// A browser has no programs: `page.rs` is what it calls.
#[cfg(target_family = "wasm")]
fn main() {}
