//! What a page has, in each engine: the scripts beside this file say what that is. One prints `done` as its last word; what
//! it prints otherwise, but for those that are about printing, is a failure.

mod server;

use dom_websocket::Edition;
use dom_websocket_shell::{End, Engine, Natives, Realm, Settings, user_agent};
use std::cell::RefCell;
use std::fmt::Write;
use std::rc::Rc;
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

/// Longer than anything takes.
const BOUND: Duration = Duration::from_secs(60);

/// As much as a program's first thread has: engines keep to that, not to a test thread's.
const STACK: usize = 8 * 1024 * 1024;

/// All that was printed, a stream's name before each text.
fn printed_by(engine: Engine, address: &str, name: &str, source: &str) -> String {
    let output = Rc::<RefCell<String>>::default();
    let natives = Natives::default();
    let printed = output.clone();
    natives.define("print", move |parameters| {
        if let [stream, text] = parameters {
            writeln!(printed.borrow_mut(), "{stream}: {text}").ok()?;
        }
        None
    });
    let settings = Settings {
        edition: Edition::Living,
        address: address.parse().unwrap(),
        origin: None,
        user_agent: user_agent(None, true).unwrap().build(),
        ca_file: None,
        links_modules: false,
        interrupt: Arc::default(),
    };
    let realm = Realm::open(engine, &settings, &natives).unwrap();
    realm.evaluate("assert.js", include_str!("assert.js"));
    realm.evaluate(name, source);
    let end = realm.run_until(Some(Instant::now() + BOUND), || false);
    if end != End::Idle {
        output.borrow_mut().push_str("it did not end\n");
    }
    drop(realm);
    output.take()
}

/// Runs a script in all engines that were built.
fn run(address: &str, name: &str, source: &str, expected: &str) {
    let engines = ["boa", "jsc", "quickjs"]
        .into_iter()
        .filter_map(|name| name.parse::<Engine>().ok());
    let mut count = 0;
    for engine in engines {
        count += 1;
        let printed = thread::scope(|scope| {
            let run = || printed_by(engine, address, name, source);
            let thread = thread::Builder::new().stack_size(STACK);
            thread.spawn_scoped(scope, run).unwrap().join().unwrap()
        });
        assert_eq!(printed, expected, "{} in {}", name, engine.name());
    }
    assert!(count > 0);
}

macro_rules! scripts {
    ($($test:ident)*) => {
        $(
            #[test]
            fn $test() {
                let name = concat!(stringify!($test), ".js");
                let source = include_str!(concat!(stringify!($test), ".js"));
                run("https://example.com/page?q#f", name, source, "out: done\n");
            }
        )*
    };
}

scripts!(base64 crypto encoding events globals headers message_channel requests structured_clone timers url);

#[test]
fn console() {
    let (source, expected) = (include_str!("console.js"), include_str!("console.txt"));
    run("about:blank", "console.js", source, expected);
}

#[test]
fn exceptions() {
    let (source, expected) = (
        include_str!("exceptions.js"),
        include_str!("exceptions.txt"),
    );
    run("about:blank", "exceptions.js", source, expected);
}

#[test]
fn fetch() {
    let address = server::listen();
    run(
        &address,
        "fetch.js",
        include_str!("fetch.js"),
        "out: done\n",
    );
}
