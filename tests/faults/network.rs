//! Faults of the network itself, in a network of the test's own (`.ci/faults`): everything to and from 127.0.0.9 meets with
//! them. The bystanders' server is elsewhere.

use super::bystanders::Bystanders;
use super::route::World;
use super::server::EchoServer;
use dom_websocket::{Edition, EventLoop, Timeouts, UserAgent, WebSocket};
use std::process::Command;
use std::time::Duration;
use support::{FAILURE, Recorder, bounded_by, run_until};

const BOUND: Duration = Duration::from_millis(500);
const EDITIONS: [Edition; 2] = [Edition::Living, Edition::Html5];
/// The address that the rules are about.
const FAR: &str = "127.0.0.9:0";

fn nft(rules: &str) {
    let status = Command::new("nft").arg(rules).status().unwrap();
    assert!(status.success(), "nft {rules}");
}

/// While it lives, packets to and from that address meet with this.
struct Rule;

impl Rule {
    fn new(both_ways: &str) -> Self {
        nft(
            "add table inet faults; add chain inet faults out { type filter hook output priority 0; }",
        );
        for way in ["daddr", "saddr"] {
            nft(&format!(
                "add rule inet faults out ip {way} 127.0.0.9 {both_ways}"
            ));
        }
        Self
    }
}

impl Drop for Rule {
    fn drop(&mut self) {
        nft("delete table inet faults");
    }
}

fn open(
    event_loop: &EventLoop,
    url: &str,
    edition: Edition,
    agent: &UserAgent,
) -> (WebSocket, Recorder) {
    let socket = WebSocket::builder(event_loop, url)
        .edition(edition)
        .user_agent(agent)
        .open()
        .unwrap();
    let recorder = Recorder::of(&socket);
    (socket, recorder)
}

fn impatient() -> UserAgent {
    let mut agent = UserAgent::builder();
    agent.timeouts(Timeouts {
        opening_handshake: BOUND,
        closing_handshake: BOUND,
        ping: Some(BOUND),
        pong: BOUND,
        ..Timeouts::default()
    });
    agent.build()
}

/// So many messages there and back, then a clean end.
fn converse(socket: &WebSocket, count: usize) {
    socket.set_onopen(move |event| {
        (0..count).try_for_each(|n| event.target().send(n.to_string()).map(drop))
    });
    let last = (count - 1).to_string();
    socket.set_onmessage(move |event| {
        if *event.data() == *last {
            event.target().close();
        }
    });
}

#[track_caller]
fn assert_whole(recorder: &Recorder, count: usize) {
    let events = recorder.finished();
    assert_eq!(events.len(), count + 2);
    for (n, event) in events[1..=count].iter().enumerate() {
        assert_eq!(*event, format!("OPEN message {n}"));
    }
    assert!(events[count + 1].starts_with("CLOSED close clean"));
}

#[track_caller]
fn assert_failed(edition: Edition, events: &[String]) {
    match edition {
        Edition::Living => assert_eq!(events, FAILURE),
        _ => assert_eq!(events, ["CLOSED close unclean"]),
    }
}

/// Runs it with bystanders and a server at the far address; a new connection works behind it.
fn with_others(body: impl FnOnce(&EventLoop, &Bystanders, &str) + Send + 'static) {
    bounded_by(Duration::from_secs(120), || {
        let world = World::new();
        let event_loop = EventLoop::new();
        let bystanders = Bystanders::begin(&event_loop, &world);
        let far = EchoServer::start_at(FAR, |_| ());
        let url = format!("ws://{}/", far.address());
        body(&event_loop, &bystanders, &url);
        bystanders.advance(&event_loop);
        for edition in EDITIONS {
            let (socket, recorder) = open(&event_loop, &url, edition, &UserAgent::default());
            converse(&socket, 3);
            run_until(&event_loop, || recorder.has_ended());
            assert_whole(&recorder, 3);
        }
        bystanders.end(&event_loop);
        event_loop.run();
        // Its sockets whose clients were cut off are told so by the network, or by nobody.
        drop(far);
        world.join();
    });
}

#[test]
#[ignore = "wants a network of its own: .ci/faults"]
fn where_a_fifth_is_lost_all_arrives() {
    with_others(|event_loop, bystanders, url| {
        let rule = Rule::new("numgen random mod 100 < 20 drop");
        let all: Vec<_> = (0..8)
            .map(|at| {
                let agent = UserAgent::default();
                let (socket, recorder) = open(event_loop, url, EDITIONS[at % 2], &agent);
                converse(&socket, 50);
                (socket, recorder)
            })
            .collect();
        run_until(event_loop, || {
            all.iter().all(|(_, recorder)| recorder.has_ended())
        });
        bystanders.advance(event_loop);
        drop(rule);
        for (_, recorder) in all {
            assert_whole(&recorder, 50);
        }
    });
}

#[test]
#[ignore = "wants a network of its own: .ci/faults"]
fn a_network_that_resets_ends_connections_and_openings() {
    with_others(|event_loop, bystanders, url| {
        for edition in EDITIONS {
            let agent = UserAgent::default();
            let (socket, recorder) = open(event_loop, url, edition, &agent);
            run_until(event_loop, || recorder.count() == 1);
            let rule = Rule::new("tcp flags & rst == 0 reject with tcp reset");
            socket.send("lost").unwrap();
            run_until(event_loop, || recorder.has_ended());
            assert_failed(edition, &recorder.finished()[1..]);
            let (_socket, recorder) = open(event_loop, url, edition, &agent);
            run_until(event_loop, || recorder.has_ended());
            assert_failed(edition, &recorder.finished());
            bystanders.advance(event_loop);
            drop(rule);
        }
    });
}

#[test]
#[ignore = "wants a network of its own: .ci/faults"]
fn a_black_hole_is_left_at_the_bounds() {
    with_others(|event_loop, bystanders, url| {
        for edition in EDITIONS {
            let (socket, asked) = open(event_loop, url, edition, &impatient());
            let (closed_socket, closed) = open(event_loop, url, edition, &impatient());
            run_until(event_loop, || asked.count() == 1 && closed.count() == 1);
            let rule = Rule::new("drop");
            let (_opening, opening) = open(event_loop, url, edition, &impatient());
            closed_socket.send("lost").unwrap();
            closed_socket.close();
            // Draft 76 has no pings: there the application gives up.
            if edition == Edition::Html5 {
                socket.close();
            }
            let all = [&asked, &closed, &opening];
            run_until(event_loop, || {
                all.iter().all(|recorder| recorder.has_ended())
            });
            bystanders.advance(event_loop);
            drop(rule);
            assert_failed(edition, &asked.finished()[1..]);
            assert_failed(edition, &opening.finished());
            // A handshake that is not answered is no failure.
            let last = closed.finished().pop().unwrap();
            assert!(last.starts_with("CLOSED close unclean"));
            assert_eq!(closed.count_of("error"), 0);
        }
    });
}

#[test]
#[ignore = "wants a network of its own: .ci/faults"]
fn a_resolver_that_is_silent_costs_its_own_sockets_alone() {
    with_others(|event_loop, bystanders, _| {
        let rule = Rule::new("drop");
        let all: Vec<_> = (0..20)
            .map(|at| {
                let edition = EDITIONS[at % 2];
                let url = format!("ws://dead-{at}.example/");
                (edition, open(event_loop, &url, edition, &impatient()))
            })
            .collect();
        // A name that needs no resolver is found meanwhile.
        run_until(event_loop, || {
            all.iter().all(|(_, (_, recorder))| recorder.has_ended())
        });
        bystanders.advance(event_loop);
        for (edition, (_, recorder)) in all {
            assert_failed(edition, &recorder.finished());
        }
        drop(rule);
    });
}
