//! The server as a process of its own.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};

const PROCESSOR: &str = "1";

/// It is killed when this is dropped.
pub struct Server {
    child: Child,
    pub port: String,
}

impl Server {
    pub fn start(program: &str) -> Self {
        let mut child = Command::new("taskset")
            .args(["-c", PROCESSOR, program, "server"])
            .stdout(Stdio::piped())
            .spawn()
            .expect("util-linux is there");
        let output = child.stdout.take().expect("it is piped");
        let mut port = String::new();
        BufReader::new(output)
            .read_line(&mut port)
            .expect("it tells its port");
        let port = port.trim().to_owned();
        Self { child, port }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
