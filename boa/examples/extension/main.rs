//! A host of boa_runtime whose scripts have `WebSocket`, by an extension beside boa_runtime's own.
//!
//! `cargo run -p dom-websocket-boa --example extension -- FILE`
//!
//! The context is a plain value of the host's, as in most hosts of Boa, and the host's job executor runs everything:
//! `Context::run_jobs` returns when no job, no timer and no socket is left. The script has what boa_runtime brings (`console`,
//! timers, `queueMicrotask`, `structuredClone`, `URL`, `TextEncoder`), `fetch` for files beside it, and `quit()`, which leaves the
//! page: sockets close, and what waits is forgotten. What nobody catches is written to standard error and makes the exit
//! status 1.
//!
//! With `cargo run --example echo_server` beside it, `boa/examples/extension/echo.js` is a script to begin with.
#![allow(clippy::print_stdout, clippy::print_stderr)]

mod executor;
mod files;
#[cfg(test)]
mod tests;
mod uncaught;
mod web_socket;

use boa_engine::{
    Context, Finalize, JsData, JsResult, JsString, JsValue, NativeFunction, Source, Trace,
};
use boa_runtime::console::{ConsoleState, Logger};
use boa_runtime::extensions::{ConsoleExtension, FetchExtension};
use dom_websocket::{EventLoop, UserAgent, host};
use dom_websocket_boa::Loan;
use executor::Executor;
use files::Files;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::{ExitCode, exit};
use std::rc::Rc;
use uncaught::{Listeners, Printer, Rejections, Uncaught};
use web_socket::{WebSocketExtension, leave_page};

const HELP: &str = "extension FILE: runs a script that has WebSocket, console, timers and fetch";

fn main() -> ExitCode {
    let arguments: Vec<_> = std::env::args_os().skip(1).collect();
    let file = match &arguments[..] {
        [help] if help == "--help" || help == "-h" => {
            println!("{HELP}");
            return ExitCode::SUCCESS;
        }
        [file] => PathBuf::from(file),
        _ => {
            eprintln!("{HELP}");
            return ExitCode::from(2);
        }
    };
    let source = match std::fs::read_to_string(&file) {
        Ok(source) => source,
        Err(error) => {
            eprintln!("{}: {error}", file.display());
            return ExitCode::from(2);
        }
    };
    let directory = file.parent().unwrap_or(Path::new("")).to_owned();
    let output = Rc::new(print);
    let errors = Rc::new(|line: &str| eprintln!("{line}"));
    let uncaught = App::new(directory, output, errors).and_then(|mut app| {
        app.run(&file, &source)?;
        Ok(app.shut_down())
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

/// Where nobody reads any more it ends, as SIGPIPE would end it: `extension FILE | head`.
fn print(line: &str) {
    if writeln!(io::stdout(), "{line}").is_err() {
        exit(128 + 13);
    }
}

/// A host: a context, and what it needs.
struct App {
    context: Context,
    executor: Rc<Executor>,
    uncaught: Rc<Uncaught>,
    event_loop: EventLoop,
}

impl App {
    fn new(directory: PathBuf, output: Printer, errors: Printer) -> JsResult<Self> {
        let uncaught = Uncaught::new(errors.clone());
        let event_loop = EventLoop::with_host(Listeners(uncaught.clone()));
        let loan = Loan::new()?;
        // Script is not told why a connection failed.
        let user_agent = UserAgent::builder().log_failures().build();
        let executor = Executor::new(&event_loop, &loan, &uncaught);
        let mut context = Context::builder()
            .job_executor(executor.clone())
            .host_hooks(Rc::new(Rejections(uncaught.clone())))
            .build()?;
        let extensions = (
            ConsoleExtension(Lines { output, errors }),
            FetchExtension(Files { directory }),
            WebSocketExtension {
                options: host::Options::new(&event_loop).user_agent(&user_agent),
                loan,
            },
        );
        boa_runtime::register(extensions, None, &mut context)?;
        let quit = NativeFunction::from_fn_ptr(quit);
        context.register_global_callable(JsString::from("quit"), 0, quit)?;
        Ok(Self {
            context,
            executor,
            uncaught,
            event_loop,
        })
    }

    /// Runs a script, and what comes of it, until nothing is left.
    fn run(&mut self, path: &Path, source: &str) -> JsResult<()> {
        let source = Source::from_bytes(source).with_path(path);
        let result = self.context.eval(source);
        self.uncaught.check(result, &mut self.context);
        self.context.run_jobs()
    }

    /// Leaves the page, and waits for its connections to close. How often nobody caught something.
    fn shut_down(mut self) -> usize {
        self.executor.stop();
        leave_page(&mut self.context);
        // There is no more script: the loop can be run without the context.
        self.event_loop.run();
        self.uncaught.count()
    }
}

/// Ends the run, wherever it is.
fn quit(_: &JsValue, _: &[JsValue], context: &mut Context) -> JsResult<JsValue> {
    if let Some(executor) = context.downcast_job_executor::<Executor>() {
        executor.stop();
    }
    Ok(JsValue::undefined())
}

/// What the console writes to.
#[derive(Trace, Finalize, JsData)]
struct Lines {
    #[unsafe_ignore_trace]
    output: Printer,
    #[unsafe_ignore_trace]
    errors: Printer,
}

impl std::fmt::Debug for Lines {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Lines").finish_non_exhaustive()
    }
}

impl Logger for Lines {
    fn log(&self, text: String, state: &ConsoleState, _: &mut Context) -> JsResult<()> {
        let indent = state.indent();
        (self.output)(&format!("{:indent$}{text}", ""));
        Ok(())
    }

    fn info(&self, text: String, state: &ConsoleState, context: &mut Context) -> JsResult<()> {
        self.log(text, state, context)
    }

    fn warn(&self, text: String, state: &ConsoleState, context: &mut Context) -> JsResult<()> {
        self.error(text, state, context)
    }

    fn error(&self, text: String, _: &ConsoleState, _: &mut Context) -> JsResult<()> {
        (self.errors)(&text);
        Ok(())
    }
}
