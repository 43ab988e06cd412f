//! The program `js`, as a shell runs it, in each engine that it was built with.
#![allow(clippy::print_stdout)]

mod errors;
mod folder;
mod modules;
mod options;
#[cfg(all(unix, feature = "prompt"))]
mod prompt;

use dom_websocket_shell::Engine;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

/// What a run came to.
#[derive(Debug)]
struct Run {
    /// None if a signal ended it.
    status: Option<i32>,
    out: String,
    err: String,
}

/// Runs the program in a folder, with something at its standard input.
fn js_with(folder: &Path, arguments: &[&str], input: &str) -> Run {
    let mut child = Command::new(env!("CARGO_BIN_EXE_js"))
        .args(arguments)
        .current_dir(folder)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program starts");
    let mut stdin = child.stdin.take().expect("its input");
    // It may not read it.
    let _ = stdin.write_all(input.as_bytes());
    drop(stdin);
    let output = child.wait_with_output().expect("it ends");
    let text = |bytes| String::from_utf8(bytes).expect("UTF-8");
    Run {
        status: output.status.code(),
        out: text(output.stdout),
        err: text(output.stderr),
    }
}

fn js(arguments: &[&str]) -> Run {
    js_with(Path::new("."), arguments, "")
}

/// Calls with what chooses each engine.
fn for_each_engine(run: impl Fn(&[&str])) {
    for engine in Engine::all() {
        println!("in {}", engine.name());
        run(&["--engine", engine.name()]);
    }
}

/// And with its own modules as well as the program's, where it has any.
fn for_all_modules(run: impl Fn(&[&str])) {
    for_each_engine(|engine| {
        run(engine);
        if cfg!(feature = "parser") {
            println!("with linked modules");
            run(&[engine, &["--link-modules"]].concat());
        }
    });
}
