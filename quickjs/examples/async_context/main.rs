//! A host on tokio whose scripts have `WebSocket`: an `AsyncRuntime` and an `AsyncContext` of rquickjs, as LLRT is built.
//!
//! `cargo run -p dom-websocket-quickjs --example async_context -- FILE`
//!
//! Timers are futures that the runtime polls, on tokio's clock; promise jobs are rquickjs's; sockets are the loop's, which
//! turns where nobody is in the runtime (`Vm::idle`). Each part is a file with an `init(&ctx)`, and `websocket` is a module, too.
//! With `--no-default-features --features tokio` the sockets are tokio's, and all of it waits in one place.
//!
//! The file is a module. It has `console`, timers, `queueMicrotask`, and `quit()`, which leaves the page: sockets close, and
//! what waits is forgotten. What nobody catches is written to standard error and makes the exit status 1.
//!
//! With `cargo run --example echo_server` beside it, `quickjs/examples/async_context/echo.js` is a script to begin with.
#![allow(clippy::print_stdout, clippy::print_stderr)]

// Each file imports only from those above it here.
mod uncaught;

mod console;
mod timers;
mod web_socket;

mod vm;

#[cfg(test)]
mod tests;

use std::io::{self, Write};
use std::process::{ExitCode, exit};
use std::rc::Rc;
use vm::Vm;

const HELP: &str = "async_context FILE: runs a module that has WebSocket, console and timers";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let file = match &arguments[..] {
        [help] if help == "--help" || help == "-h" => {
            println!("{HELP}");
            return ExitCode::SUCCESS;
        }
        [file] => file,
        _ => {
            eprintln!("{HELP}");
            return ExitCode::from(2);
        }
    };
    let source = match std::fs::read_to_string(file) {
        Ok(source) => source,
        Err(error) => {
            eprintln!("{file}: {error}");
            return ExitCode::from(2);
        }
    };
    let output = Rc::new(print);
    let errors = Rc::new(|line: &str| eprintln!("{line}"));
    let runtime = match tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
    {
        Ok(runtime) => runtime,
        Err(error) => {
            eprintln!("{error}");
            return ExitCode::from(2);
        }
    };
    let uncaught = runtime.block_on(async {
        let vm = Vm::new(output, errors).await?;
        vm.run(file, &source).await;
        vm.idle().await;
        Ok::<_, rquickjs::Error>(vm.shut_down().await)
    });
    match uncaught {
        Ok(0) => ExitCode::SUCCESS,
        Ok(_) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::from(2)
        }
    }
}

/// Where nobody reads any more it ends, as SIGPIPE would end it: `async_context FILE | head`.
fn print(line: &str) {
    if writeln!(io::stdout(), "{line}").is_err() {
        exit(128 + 13);
    }
}
