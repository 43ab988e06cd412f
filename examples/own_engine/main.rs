//! `WebSocket` for a script engine of one's own: all that has to be brought, on an engine that is as small as can be.
//!
//! `cargo run --example own_engine` has a script of it talk to a server. `engine/` implements `host::Engine`; `page.rs` has
//! `host::Entry`, and what a host keeps. An engine for others has a collector of garbage besides, and passes the tests that
//! the feature `conformance` brings.

#![allow(clippy::print_stderr)]

#[macro_use]
#[path = "../output/mod.rs"]
mod output;

#[path = "../command_line/mod.rs"]
mod command_line;
mod engine;
#[path = "../no_arguments/mod.rs"]
mod no_arguments;
mod page;

use dom_websocket::host::{Call, Engine, Key, Options};
use dom_websocket::{EventLoop, Server, UserAgent};
use engine::{Completion, Scope, Thrown, Value};
use page::Page;
use std::error::Error;
use std::process::ExitCode;

fn main() -> ExitCode {
    let what = "WebSocket for a script engine of one's own";
    no_arguments::run("own_engine", what, program)
}

fn program() -> Result<(), Box<dyn Error>> {
    let event_loop = EventLoop::new();
    let server = Server::listen(&event_loop, "127.0.0.1:0")?;
    server.set_onconnection(|socket, _| {
        socket.set_onmessage(|event| event.target().send(event.data()));
    });

    let user_agent = UserAgent::builder().log_failures().build();
    let page = Page::new(Options::new(&event_loop).user_agent(&user_agent))?;
    page.run(|cx| script(cx, server))?;
    event_loop.run();
    Ok(())
}

/// ```js
/// const socket = new WebSocket(url);
/// socket.onopen = () => socket.send("hello");
/// socket.onmessage = ({ data }) => { print("message", data); socket.close(1000); };
/// socket.onclose = ({ code }) => { server.close(); print("close", code); };
/// ```
fn script(cx: &mut Scope, server: Server) -> Result<(), Thrown> {
    let url = format!("ws://{}/", server.local_addr());
    let global = cx.global();
    let constructor = cx.get(&global, Key::Name("WebSocket"))?;
    let socket = cx.construct(&constructor, &[url.as_str().into()])?;

    let onopen = cx.function(|cx, call| cx.invoke(&call.this, "send", &["hello".into()]));
    cx.set(&socket, "onopen", onopen)?;
    let onmessage = cx.function(|cx, call| {
        print(cx, call, "data")?;
        cx.invoke(&call.this, "close", &[Value::Number(1000.0)])
    });
    cx.set(&socket, "onmessage", onmessage)?;
    let onclose = cx.function(move |cx, call| {
        server.close();
        print(cx, call, "code")
    });
    cx.set(&socket, "onclose", onclose)
}

/// Prints an event's type, and an attribute of it.
fn print(cx: &mut Scope, call: &Call<Scope>, attribute: &str) -> Completion {
    if let [event] = &call.arguments[..] {
        let mut text = |key| {
            let value = cx.get(event, Key::Name(key))?;
            cx.to_dom_string(&value)
        };
        let (type_, value) = (text("type")?, text(attribute)?);
        println!("{} {}", type_.to_usv_string(), value.to_usv_string());
    }
    Ok(Value::Undefined)
}
