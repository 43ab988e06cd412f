//! Each fault, in either direction, at every step of each route: sessions whose bytes are all known, a few bytes apart.

use super::bystanders::Bystanders;
use super::client::Client;
use super::fault::{Direction, Fault, Kind};
use super::route::{ROUTES, Route, World};
use dom_websocket::{EventLoop, WebSocket};
use std::time::{Duration, Instant};
use support::{bounded_by, run_until};

/// So many places in each direction, from before the first byte to behind the last; most of a session are its handshakes.
const PLACES: usize = 16;
/// And within the end of the closing handshake, so many bytes from the last.
const CLOSING: [usize; 2] = [3, 1];
/// How long those are left alone who wait for what does not come. Nobody else waits for it.
const LEFT_ALONE: Duration = Duration::from_millis(700);

/// How many bytes a session without a fault takes, up and down.
fn measure(event_loop: &EventLoop, world: &World, route: Route) -> [usize; 2] {
    let client = Client::open(event_loop, world, route, None);
    run_until(event_loop, || client.recorder.has_ended());
    assert_eq!(
        client.recorder.finished(),
        Client::whole(route.edition),
        "{route:?}"
    );
    client.relay.join()
}

fn faults(kind: Kind, [up, down]: [usize; 2]) -> impl Iterator<Item = Fault> {
    Direction::BOTH.into_iter().flat_map(move |direction| {
        let len = match direction {
            Direction::Up => up,
            Direction::Down => down,
        };
        let places = (0..=PLACES).map(move |place| len * place / PLACES);
        let all = places.chain(CLOSING.map(|before| len - before));
        all.map(move |at| Fault {
            kind,
            direction,
            at,
        })
    })
}

fn check(client: &Client) {
    let events = client.recorder.finished();
    let context = || format!("{:?} {:?}: {events:#?}", client.route, client.fault);
    assert_eq!(client.socket.ready_state(), WebSocket::CLOSED);
    match client.fault.map(|fault| fault.kind) {
        Some(kind) if kind.is_harmless() => {
            assert_eq!(events, Client::whole(client.route.edition), "{}", context());
        }
        // Nothing tells that it is not what was sent. That its events are of a right order the recorder has seen to.
        Some(Kind::Flip) if !client.route.is_secure => {}
        _ => {
            let may_be = Client::may_be_cut_to(client.route.edition, &events);
            assert!(may_be, "{}", context());
        }
    }
}

fn try_all(kind: Kind) {
    let world = World::new();
    let event_loop = EventLoop::new();
    let bystanders = Bystanders::begin(&event_loop, &world);
    let lens = ROUTES.map(|route| measure(&event_loop, &world, route));
    let clients: Vec<_> = ROUTES
        .into_iter()
        .zip(lens)
        .flat_map(|(route, lens)| faults(kind, lens).map(move |fault| (route, fault)))
        .map(|(route, fault)| Client::open(&event_loop, &world, route, Some(fault)))
        .collect();
    let have_ended = || clients.iter().all(|client| client.recorder.has_ended());
    if kind.may_last() {
        // An application that hears nothing gives up.
        let begun = Instant::now();
        run_until(&event_loop, || have_ended() || begun.elapsed() > LEFT_ALONE);
        for client in &clients {
            client.recorder.calling(|| client.socket.close());
        }
    }
    run_until(&event_loop, have_ended);
    bystanders.advance(&event_loop);
    // Most of what does harm has done it.
    let is_harmed = |c: &&Client| c.recorder.events() != Client::whole(c.route.edition);
    let harmed = clients.iter().filter(is_harmed).count();
    let least = if kind.is_harmless() {
        0
    } else {
        clients.len() / 4
    };
    assert!(
        harmed >= least,
        "{kind:?} did harm to {harmed} of {}",
        clients.len()
    );
    for client in clients {
        check(&client);
        client.relay.join();
    }
    for route in ROUTES {
        measure(&event_loop, &world, route);
    }
    bystanders.end(&event_loop);
    event_loop.run();
    // Each socket of the servers has come to its one end, too.
    world.join();
}

macro_rules! faults {
    ($($name:ident: $kind:ident,)*) => {
        $(
            #[test]
            fn $name() {
                bounded_by(Duration::from_secs(120), || try_all(Kind::$kind));
            }
        )*
    };
}

faults! {
    delays_at_every_step: Delay,
    splits_at_every_step: Split,
    stalls_at_every_step: Stall,
    resets_at_every_step: Reset,
    half_closes_at_every_step: HalfClose,
    flipped_bits_at_every_step: Flip,
}
