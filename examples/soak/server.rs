//! A server: a process of its own, so that it can be killed.

use dom_websocket::{Edition, EventLoop, MessageData, Server};
use std::error::Error;
use std::io::{BufRead, BufReader, Read};
use std::net::{Ipv4Addr, SocketAddr};
use std::process::{Child, Command, Stdio};
use std::thread;

/// What has a server close the connection.
pub(crate) const GOODBYE: &str = "goodbye";
/// With which code it does, where it can say one.
pub(crate) const GOODBYE_CODE: u16 = 4001;

/// Serves until standard input ends, as it does with the parent, or it is killed.
pub(crate) fn serve(address: SocketAddr) -> Result<(), Box<dyn Error>> {
    let event_loop = EventLoop::new();
    let server = Server::listen(&event_loop, address)?;
    server.set_onconnection(|socket, _| {
        socket.set_onmessage(|event| match event.data() {
            MessageData::Text(text) if text.as_str() == GOODBYE => {
                match event.target().edition() {
                    Edition::Living => event.target().close_with(GOODBYE_CODE, GOODBYE)?,
                    _ => event.target().close(),
                }
                Ok(true)
            }
            data => event.target().send(data),
        });
    });
    println!("listening on {}", server.local_addr());
    thread::spawn(|| {
        let _ = std::io::stdin().read_to_end(&mut Vec::new());
        std::process::exit(0);
    });
    event_loop.run();
    Ok(())
}

/// Ports that systems give to no client, so that a server that starts anew finds its own free.
const PORTS: std::ops::Range<u16> = 20_000..30_000;

/// A server that runs, at its address.
pub(crate) struct Process {
    child: Child,
    pub(crate) address: SocketAddr,
}

impl Process {
    /// Starts one at the first port from this on that is free.
    pub(crate) fn start_from(port: u16) -> Result<Self, Box<dyn Error>> {
        let mut last = "there are no ports left".into();
        for port in port..PORTS.end {
            match Self::start((Ipv4Addr::LOCALHOST, port).into()) {
                Ok(process) => return Ok(process),
                Err(error) => last = error,
            }
        }
        Err(last)
    }

    pub(crate) fn first_port() -> u16 {
        PORTS.start
    }

    /// Starts one at this address. Blocks until it listens.
    pub(crate) fn start(address: SocketAddr) -> Result<Self, Box<dyn Error>> {
        let mut command = Command::new(std::env::current_exe()?);
        command.args(["serve", &address.to_string()]);
        command.stdin(Stdio::piped()).stdout(Stdio::piped());
        command.stderr(Stdio::null());
        let mut child = command.spawn()?;
        let mut line = String::new();
        BufReader::new(child.stdout.take().expect("it is a pipe")).read_line(&mut line)?;
        if line.is_empty() {
            child.wait()?;
            return Err(format!("nobody can listen on {address}").into());
        }
        Ok(Self { child, address })
    }

    /// SIGKILL.
    pub(crate) fn kill(mut self) -> std::io::Result<()> {
        self.child.kill()?;
        self.child.wait().map(|_| ())
    }

    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
