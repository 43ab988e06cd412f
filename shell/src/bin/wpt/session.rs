//! One test in a realm of its own.

use crate::checkout::{Checkout, Test};
use crate::outcome::Outcome;
use crate::program;
use dom_websocket::{Edition, Http2};
use dom_websocket_shell::{End, Engine, Natives, Realm, Settings, user_agent};
use std::cell::RefCell;
use std::error::Error;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::rc::Rc;
use std::sync::Arc;
use std::time::{Duration, Instant};
use url::{Position, Url};

const SHELL: &str = include_str!("shell.js");

/// For what the harness still does when time is up.
const GRACE: Duration = Duration::from_secs(5);
/// For what the server answers.
const ANSWER: Duration = Duration::from_secs(30);

/// What runs the tests.
#[derive(Clone, Copy)]
pub(crate) enum Runner<'a> {
    Engine(Engine),
    Program(&'a Path),
}

impl Runner<'_> {
    /// The name in tables and expectations.
    pub(crate) fn name(&self) -> &'static str {
        match self {
            Self::Engine(engine) => engine.name(),
            Self::Program(_) => "program",
        }
    }
}

/// What all tests of a run share.
#[derive(Clone, Copy)]
pub(crate) struct Session<'a> {
    pub(crate) runner: Runner<'a>,
    pub(crate) checkout: &'a Checkout,
    pub(crate) ca_file: Option<&'a str>,
    /// The script that brings streams.
    pub(crate) streams: Option<&'a str>,
}

impl Session<'_> {
    pub(crate) fn run(&self, test: &Test) -> Outcome {
        let outcome = match self.runner {
            Runner::Engine(engine) => try_run(*self, engine, test),
            Runner::Program(path) => program::run(path, self.checkout, self.ca_file, test),
        };
        outcome.unwrap_or_else(|error| Outcome::failed(error.to_string()))
    }
}

fn try_run(session: Session<'_>, engine: Engine, test: &Test) -> Result<Outcome, Box<dyn Error>> {
    let Session {
        checkout,
        ca_file,
        streams,
        ..
    } = session;
    // Tests of streams send megabytes of zeros, and count on that to take its time: most of their handlers turn compression off
    // themselves.
    let mut user_agent = user_agent(ca_file, !test.is_about_streams())?;
    if test.is_over_http2() {
        user_agent.http2(Http2::Prefer);
    }
    let settings = Settings {
        edition: Edition::Living,
        address: checkout.location(test).parse()?,
        origin: None,
        user_agent: user_agent.build(),
        ca_file: ca_file.map(str::to_owned),
        links_modules: false,
        interrupt: Arc::default(),
    };
    let result = Rc::<RefCell<Option<String>>>::default();
    let output = Rc::<RefCell<String>>::default();
    let realm = Realm::open(
        engine,
        &settings,
        &natives(checkout, test, &result, &output)?,
    )?;
    realm.prepare("shell.js", SHELL);
    if let Some(streams) = streams.filter(|_| test.is_about_streams()) {
        realm.evaluate("streams", streams);
        if !realm.install_streams() {
            return Err("the script of --streams brings no streams".into());
        }
    }

    let harness = checkout.harness()?;
    let scripts = checkout.scripts(test)?;
    realm.run_script(|| {
        realm.evaluate(&harness.name, &harness.source);
        realm.call("begin", "");
        for script in &scripts {
            realm.evaluate(&script.name, &script.source);
        }
    });

    let is_done = || result.borrow().is_some();
    if realm.run_until(Some(Instant::now() + test.bound()), is_done) != End::Done {
        realm.run_script(|| realm.call("timeOut", ""));
        realm.run_until(Some(Instant::now() + GRACE), is_done);
    }
    let result = result.take();
    drop(realm);
    match result {
        Some(result) => Outcome::parse(&result),
        None => Ok(Outcome::failed(format!(
            "the harness said nothing\n{}",
            output.borrow()
        ))),
    }
}

fn natives(
    checkout: &Checkout,
    test: &Test,
    result: &Rc<RefCell<Option<String>>>,
    output: &Rc<RefCell<String>>,
) -> Result<Natives, Box<dyn Error>> {
    let natives = Natives::default();
    let output = output.clone();
    natives.define("print", move |parameters| {
        output.borrow_mut().push_str(parameters.last()?);
        output.borrow_mut().push('\n');
        None
    });
    let title = checkout.title(test)?;
    natives.define("title", move |_| title.clone());
    let kind = test.kind();
    natives.define("kind", move |_| Some(kind.to_owned()));
    let root = checkout.clone();
    natives.define("file", move |parameters| {
        Some(root.file(parameters.first()?).ok()?.source)
    });
    let http = checkout.http();
    natives.define("get", move |parameters| get(parameters.first()?, http).ok());
    let result = result.clone();
    natives.define("result", move |parameters| {
        *result.borrow_mut() = parameters.first().cloned();
        None
    });
    Ok(natives)
}

/// What an HTTP server answers, head and all. What has TLS is asked at the port that has none: all of them have the same.
fn get(url: &str, http: u16) -> Result<String, Box<dyn Error>> {
    let url = Url::parse(url)?;
    let host = url.host_str().ok_or("no host")?;
    let port = match url.scheme() {
        "https" => http,
        _ => url.port_or_known_default().unwrap_or(80),
    };
    let mut connection = TcpStream::connect((host, port))?;
    connection.set_read_timeout(Some(ANSWER))?;
    let target = &url[Position::BeforePath..Position::AfterQuery];
    write!(connection, "GET {target} HTTP/1.0\r\nHost: {host}\r\n\r\n")?;
    let mut answer = String::new();
    connection.read_to_string(&mut answer)?;
    Ok(answer)
}
