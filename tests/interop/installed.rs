//! Servers and clients that nobody here wrote, as `.ci/run` installs and starts them.

use dom_websocket::{EventLoop, Server};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// A server as its table describes it: name, URL, process, traits.
pub(crate) struct Installed {
    pub(crate) name: String,
    pub(crate) url: String,
    traits: Vec<String>,
    /// What it prints.
    log: PathBuf,
}

impl Installed {
    /// The server of this name in the table that the environment names.
    pub(crate) fn server(table: &str, name: &str) -> Self {
        let table = std::env::var(table).unwrap_or_else(|_| panic!("{table} names the table"));
        let table = Path::new(&table);
        let edition = table.file_name().and_then(|file| file.to_str());
        let edition = edition.and_then(|file| file.strip_suffix("-servers.tsv"));
        let edition = edition.expect("the table is named after what its servers speak");
        let log = table.with_file_name(format!("logs/{edition}-{name}.log"));
        let table = std::fs::read_to_string(table).expect("the table can be read");
        let row = table
            .lines()
            .map(|line| line.split('\t').collect::<Vec<_>>())
            .find(|row| row[0] == name)
            .expect("the server is in the table");
        Self {
            name: name.to_owned(),
            url: row[1].to_owned(),
            traits: row[3].split(',').map(str::to_owned).collect(),
            log,
        }
    }

    pub(crate) fn is(&self, wanted: &str) -> bool {
        self.traits.iter().any(|t| t == wanted)
    }

    /// Waits until the server has printed this line.
    pub(crate) fn await_line(&self, line: &str) {
        let end = Instant::now() + Duration::from_secs(60);
        loop {
            let printed = std::fs::read(&self.log).expect("what it prints is kept");
            let printed = String::from_utf8_lossy(&printed);
            if printed.lines().any(|printed| printed == line) {
                return;
            }
            assert!(Instant::now() < end, "no {line:?} in {printed:?}");
            std::thread::sleep(Duration::from_millis(20));
        }
    }
}

/// Runs a client of the folder that the environment names against this server, which has this URL, and the
/// loop until both have ended. The client says whether all was as it should be.
pub(crate) fn run_client(
    event_loop: &EventLoop,
    server: Server,
    url: &str,
    folder: &str,
    client: &str,
    mode: &str,
) {
    let folder = std::env::var(folder).unwrap_or_else(|_| panic!("{folder} names the folder"));
    let mut command = Command::new(Path::new(&folder).join(client));
    command.args([url, mode]).stdin(Stdio::null());
    // The client's end stops the server.
    let (status, ended) = futures::channel::oneshot::channel();
    std::thread::spawn(move || status.send(command.output()));
    event_loop.spawn(async move {
        let output = ended.await.expect("the thread lives").expect("it starts");
        assert!(output.status.success(), "{output:?}");
        server.close();
    });
    event_loop.run();
}
