//! The clients' loop, what happens to the servers meanwhile, and the end.

use crate::ledger::Ledger;
use crate::messages::Messages;
use crate::options::Plan;
use crate::server::Process;
use crate::session;
use dom_websocket::{EventLoop, UserAgent, WeakEventLoop};
use futures::channel::oneshot;
use futures::future::{Either, select};
use rand::SeedableRng;
use rand::rngs::StdRng;
use std::cell::{Cell, RefCell};
use std::error::Error;
use std::net::SocketAddr;
use std::pin::pin;
use std::rc::Rc;
use std::thread;
use std::time::{Duration, Instant};

/// What all sockets know.
pub(crate) struct Soak {
    pub(crate) plan: Plan,
    pub(crate) event_loop: WeakEventLoop,
    pub(crate) random: RefCell<StdRng>,
    pub(crate) messages: Messages,
    pub(crate) servers: Vec<Server>,
    /// Several, as the sockets of one wait for each other's handshakes.
    pub(crate) agents: Vec<UserAgent>,
    pub(crate) ledger: Ledger,
    /// Nobody begins anew.
    pub(crate) is_over: Cell<bool>,
}

/// A server's place.
pub(crate) struct Server {
    pub(crate) address: SocketAddr,
    process: RefCell<Option<Process>>,
    kills: Cell<u64>,
}

impl Server {
    /// How often it has been killed; `None` while it is not there.
    pub(crate) fn lives(&self) -> Option<u64> {
        self.process.borrow().as_ref().map(|_| self.kills.get())
    }
}

const AGENTS: usize = 16;
/// How long a killed server is gone.
const GONE: Duration = Duration::from_millis(300);
/// In this time all sockets end once no more begin. A handshake and what is queued have time-outs of their own.
const PATIENCE: Duration = Duration::from_secs(120);

/// Whether all went as it should.
pub(crate) fn run(plan: &Plan) -> Result<bool, Box<dyn Error>> {
    let mut servers = Vec::new();
    let mut port = Process::first_port();
    for _ in 0..plan.servers {
        let process = Process::start_from(port)?;
        port = process.address.port() + 1;
        servers.push(Server {
            address: process.address,
            process: RefCell::new(Some(process)),
            kills: Cell::default(),
        });
    }
    let event_loop = EventLoop::new();
    let mut random = StdRng::seed_from_u64(plan.seed);
    let soak = Rc::new(Soak {
        plan: plan.clone(),
        event_loop: event_loop.downgrade(),
        messages: Messages::new(&mut random),
        random: RefCell::new(random),
        servers,
        agents: (0..AGENTS).map(|_| UserAgent::default()).collect(),
        ledger: Ledger::default(),
        is_over: Cell::default(),
    });
    println!(
        "{} sockets, {} servers, {} s, seed {}",
        plan.sockets,
        plan.servers,
        plan.time.as_secs(),
        plan.seed
    );
    for _ in 0..plan.sockets {
        session::begin(&soak);
    }
    event_loop.block_on(async {
        let watching = pin!(watch(&event_loop, &soak));
        let _: Either<_, _> = select(watching, pin!(event_loop.drive())).await;
    });
    println!("memory    {}", soak.memory());
    Ok(soak.ledger.report())
}

/// Tells how it goes, and kills servers, until the time is over and all sockets have ended.
async fn watch(event_loop: &EventLoop, soak: &Rc<Soak>) {
    let start = Instant::now();
    let mut next_kill = soak.plan.kill_every;
    let mut victims = (0..soak.servers.len()).cycle();
    let mut end = None;
    for second in 1.. {
        let next = start + Duration::from_secs(second);
        event_loop
            .sleep(next.saturating_duration_since(Instant::now()))
            .await;
        println!("{}", soak.ledger.line(second, &soak.memory()));
        let now = start.elapsed();
        if now >= soak.plan.time && end.is_none() {
            soak.is_over.set(true);
            end = Some(now + PATIENCE);
        }
        match (end, next_kill) {
            (Some(end), _) if now >= end || soak.ledger.live() == 0 => return,
            (None, Some(due)) if now >= due => {
                soak.kill(event_loop, victims.next().unwrap_or_default());
                next_kill = soak.plan.kill_every.map(|every| due + every);
            }
            _ => {}
        }
    }
}

impl Soak {
    fn kill(self: &Rc<Self>, event_loop: &EventLoop, index: usize) {
        let server = &self.servers[index];
        // It may not be back yet.
        let Some(process) = server.process.take() else {
            return;
        };
        server.kills.set(server.kills.get() + 1);
        self.ledger.kills.add(1);
        let (address, (back, is_back)) = (server.address, oneshot::channel());
        thread::spawn(move || {
            let killed = process.kill();
            thread::sleep(GONE);
            let started = killed
                .map_err(Into::into)
                .and_then(|()| Process::start(address));
            let _ = back.send(started.map_err(|error: Box<dyn Error>| error.to_string()));
        });
        let soak = self.clone();
        event_loop.spawn(async move {
            match is_back.await.expect("the thread answers") {
                Ok(process) => *soak.servers[index].process.borrow_mut() = Some(process),
                Err(error) => soak.ledger.problem(error),
            }
        });
    }

    /// What the system says that this process and the servers take.
    fn memory(&self) -> String {
        let of_servers = self.servers.iter().filter_map(|server| {
            let process = server.process.borrow();
            resident(&process.as_ref()?.id().to_string())
        });
        let of_servers: u64 = of_servers.sum();
        match resident("self") {
            Some(own) => format!("{:>5} MiB, servers {of_servers:>5} MiB", own),
            None => String::new(),
        }
    }
}

/// Resident memory in MiB, where the system has /proc.
fn resident(process: &str) -> Option<u64> {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmRSS:"))?;
    let kib: u64 = line.trim().strip_suffix(" kB")?.parse().ok()?;
    Some(kib / 1024)
}
