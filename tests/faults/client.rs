//! One client's session: it says three things, hears them back, and closes.

use super::fault::Fault;
use super::relay::Relay;
use super::route::{Route, World};
use dom_websocket::{Edition, EventLoop, Timeouts, WebSocket};
use std::cell::Cell;
use std::rc::Rc;
use std::time::Duration;
use support::Recorder;

pub(crate) struct Client {
    pub(crate) route: Route,
    pub(crate) fault: Option<Fault>,
    pub(crate) socket: WebSocket,
    pub(crate) recorder: Recorder,
    pub(crate) relay: Relay,
}

/// Bounds of those who may have to wait for what never comes.
const IMPATIENT: Duration = Duration::from_millis(500);

fn texts() -> [String; 3] {
    ["first".into(), "ä世🎎".repeat(20), "last".into()]
}

impl Client {
    pub(crate) fn open(
        event_loop: &EventLoop,
        world: &World,
        route: Route,
        fault: Option<Fault>,
    ) -> Self {
        let relay = Relay::to(world.first(route), fault);
        let mut agent = world.user_agent(route, relay.address());
        if fault.is_some_and(|fault| fault.kind.may_last()) {
            agent.timeouts(Timeouts {
                opening_handshake: IMPATIENT,
                closing_handshake: IMPATIENT,
                end_of_stream: IMPATIENT,
                ..Timeouts::default()
            });
        }
        let socket = WebSocket::builder(event_loop, &world.url(route, relay.address()))
            .edition(route.edition)
            .user_agent(&agent.build())
            .open()
            .unwrap();
        let recorder = Recorder::of(&socket);
        socket.set_onopen(|event| {
            texts()
                .iter()
                .try_for_each(|t| event.target().send(t.as_str()).map(drop))
        });
        let heard = Rc::new(Cell::new(0));
        socket.set_onmessage(move |event| {
            heard.set(heard.get() + 1);
            if heard.get() == texts().len() {
                event.target().close();
            }
        });
        Self {
            route,
            fault,
            socket,
            recorder,
            relay,
        }
    }

    /// All events of a session in which nothing is lost.
    pub(crate) fn whole(edition: Edition) -> Vec<String> {
        let close = match edition {
            Edition::Living => "CLOSED close clean 1005",
            _ => "CLOSED close clean",
        };
        let heard = texts().map(|text| format!("OPEN message {text}"));
        [
            vec!["OPEN open".to_owned()],
            heard.to_vec(),
            vec![close.to_owned()],
        ]
        .concat()
    }

    /// These events are what may come of a session that lost something: all up to some point, and its end.
    pub(crate) fn may_be_cut_to(edition: Edition, events: &[String]) -> bool {
        let whole = Self::whole(edition);
        let told = events.iter().filter(|event| !event.starts_with("CLOSED"));
        // The html5 edition delivers behind a close(), too.
        let told: Vec<_> = told
            .map(|event| event.replace("CLOSING ", "OPEN "))
            .collect();
        let is_start = whole.iter().zip(&told).all(|(whole, told)| whole == told);
        is_start && told.len() < whole.len()
    }
}
