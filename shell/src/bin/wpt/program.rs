//! One test in another program: one that runs the scripts named on its command line, in order, in a realm with `WebSocket`.
//!
//! `PROGRAM [--base-url URL] [--ca-file FILE] FILE...`; it has `location`, timers, a `console.log` to standard output, and a
//! `quit()` that ends it.

use crate::checkout::{Checkout, Script, Test};
use crate::outcome::Outcome;
use std::collections::BTreeMap;
use std::error::Error;
use std::fs;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

const PROGRAM: &str = include_str!("program.js");
const SHELL: &str = include_str!("shell.js");

/// What the line with the result begins with.
const MARK: &str = "wpt result: ";
/// Beyond a test's own bound, for a program that does not end.
const GRACE: Duration = Duration::from_secs(10);
const LOOK: Duration = Duration::from_millis(10);

/// What the realm of such a program has not, by words in a script that give it away.
const NEEDS: &[(&str, &str)] = &[
    ("XMLHttpRequest", "an XMLHttpRequest"),
    ("fetch(", "fetch"),
    ("new URL", "URL"),
];

/// What a test needs and the program has not.
pub(crate) fn needs(checkout: &Checkout, test: &Test) -> io::Result<Option<&'static str>> {
    let scripts = checkout.scripts(test)?;
    let own = format!("/{}", test.path);
    let mut own = scripts.iter().filter(|script| script.name == own);
    Ok(own.find_map(|script| {
        let needs = NEEDS.iter().find(|(word, _)| script.source.contains(word));
        needs.map(|(_, needs)| *needs)
    }))
}

pub(crate) fn run(
    program: &Path,
    checkout: &Checkout,
    ca_file: Option<&str>,
    test: &Test,
) -> Result<Outcome, Box<dyn Error>> {
    let folder = Folder::new()?;
    let mut command = Command::new(program);
    command.args(["--base-url", &checkout.location(test)]);
    if let Some(file) = ca_file {
        command.args(["--ca-file", file]);
    }
    for (i, script) in files(checkout, test)?.iter().enumerate() {
        let name = script.name.rsplit('/').next().unwrap_or_default();
        let path = folder.0.join(format!("{i}-{name}.js"));
        fs::write(&path, &script.source)?;
        command.arg(path);
    }
    let mut child = command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(|error| format!("{}: {error}", program.display()))?;
    let (output, errors) = wait(&mut child, test.bound() + GRACE)?;
    match output.lines().find_map(|line| line.strip_prefix(MARK)) {
        Some(result) => Outcome::parse(result),
        None => Ok(Outcome::failed(format!(
            "the harness said nothing\n{output}{errors}"
        ))),
    }
}

/// A folder of the test's own, for as long as this is there.
struct Folder(PathBuf);

impl Folder {
    fn new() -> io::Result<Self> {
        static COUNT: AtomicUsize = AtomicUsize::new(0);
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        let path = std::env::temp_dir().join(format!("wpt-{}-{number}", std::process::id()));
        fs::create_dir(&path)?;
        Ok(Self(path))
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        // Whatever can't be removed is the system's to clean up.
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// The harness and the test's scripts, between those that stand for what the runner does in a realm of its own.
fn files(checkout: &Checkout, test: &Test) -> Result<Vec<Script>, Box<dyn Error>> {
    let script = |name: &str, source: String| Script {
        name: name.to_owned(),
        source,
    };
    let scripts = checkout.scripts(test)?;
    let answers = serde_json::json!({
        "kind": test.kind(),
        "title": checkout.title(test)?,
        "files": interfaces(checkout, &scripts),
        "mark": MARK,
        "bound": test.bound().as_millis() as u64,
    });
    let shell = format!("globalThis.wptPage = (\n{PROGRAM}\n)(\n{SHELL}\n, {answers});");
    let mut files = vec![
        script("shell", shell),
        checkout.harness()?,
        script("begin", "wptPage.begin()".to_owned()),
    ];
    files.extend(scripts);
    Ok(files)
}

/// The files of `interfaces` that a script names, with what is in them.
fn interfaces(checkout: &Checkout, scripts: &[Script]) -> BTreeMap<String, String> {
    let mut files = BTreeMap::new();
    for script in scripts
        .iter()
        .filter(|script| script.source.contains("idl_test("))
    {
        for name in script.source.split(['"', '\'']) {
            let path = format!("/interfaces/{name}.idl");
            let is_name = name
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
            if let Some(file) = is_name.then(|| checkout.file(&path).ok()).flatten() {
                files.insert(path, file.source);
            }
        }
    }
    files
}

/// What a program writes until it ends, which is soon enough.
fn wait(child: &mut Child, bound: Duration) -> io::Result<(String, String)> {
    let read = |stream: Option<Box<dyn Read + Send>>| {
        thread::spawn(move || {
            let mut bytes = Vec::new();
            if let Some(mut stream) = stream {
                stream.read_to_end(&mut bytes)?;
            }
            Ok::<_, io::Error>(String::from_utf8_lossy(&bytes).into_owned())
        })
    };
    let output = read(child.stdout.take().map(|stream| Box::new(stream) as _));
    let errors = read(child.stderr.take().map(|stream| Box::new(stream) as _));
    let end = Instant::now() + bound;
    while child.try_wait()?.is_none() {
        if Instant::now() > end {
            child.kill()?;
        }
        thread::sleep(LOOK);
    }
    let text = |thread: thread::JoinHandle<_>| thread.join().expect("it does not panic");
    Ok((text(output)?, text(errors)?))
}
