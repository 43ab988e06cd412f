//! What the object above and the loop see of one connection.

use super::*;
use crate::connection::channel::Nobody;
use crate::protocol::opening::{Agreed, Role};
use crate::protocol::{ConnectionOptions, Wire};
use futures::FutureExt;
use futures::task::noop_waker_ref;
use std::sync::Arc;
use std::time::Duration;

fn opening() -> Rc<SharedProtocol> {
    let nobody: Weak<dyn FeedbackSink> = Weak::<Nobody>::new();
    SharedProtocol::new(nobody)
}

fn established(options: ConnectionOptions) -> Rc<SharedProtocol> {
    let shared = opening();
    let agreed = Agreed::new(Wire::Rfc6455, Role::Server);
    let protocol = agreed.connect(&Arc::new(options), [0; 32], Instant::now());
    shared.finish_opening(Some(protocol));
    shared
}

fn room(shared: &SharedProtocol, waiting: &mut Waiting) -> Poll<bool> {
    shared.poll_room(waiting, &mut Context::from_waker(noop_waker_ref()))
}

fn flushed(shared: &SharedProtocol, waiting: &mut Waiting) -> Poll<()> {
    shared.poll_flushed(waiting, &mut Context::from_waker(noop_waker_ref()))
}

/// One that sends pings is woken for the next, however long nothing has happened.
#[test]
fn an_idle_connection_keeps_the_alarm_that_it_waits_for() {
    for ping in [Some(Duration::from_secs(3600)), None] {
        let mut options = ConnectionOptions::default();
        options.timeouts.ping = ping;
        let shared = established(options);
        shared.set_next_alarm(Some(Instant::now()));
        shared.become_busy();
        assert!(shared.stays_busy() && shared.next_alarm().is_some());
        assert!(!shared.stays_busy());
        assert_eq!(shared.next_alarm().is_some(), ping.is_some());
    }
}

#[test]
fn whoever_waits_for_room_is_told_of_it_where_the_connection_was_idle() {
    let shared = established(ConnectionOptions::default());
    let mut waiting = None;
    assert!(room(&shared, &mut waiting).is_pending());
    assert!(!shared.stays_busy());
    assert!(room(&shared, &mut waiting).is_pending());
    shared.tell_room();
    assert_eq!(room(&shared, &mut waiting), Poll::Ready(true));
}

#[test]
fn there_may_be_room_while_it_opens_and_is_none_once_it_has_failed() {
    let shared = opening();
    let (mut for_room, mut for_all) = (None, None);
    assert!(room(&shared, &mut for_room).is_pending());
    assert!(flushed(&shared, &mut for_all).is_pending());
    shared.fail(WireFailure::Cancelled);
    assert_eq!(room(&shared, &mut for_room), Poll::Ready(false));
    assert_eq!(flushed(&shared, &mut for_all), Poll::Ready(()));
}

#[test]
fn whoever_wants_the_transport_of_a_connection_that_ends_does_not_get_it() {
    let shared = established(ConnectionOptions::default());
    let mut taking = shared.take_socket();
    assert!((&mut taking).now_or_never().is_none());
    shared.carrier_has_ended();
    let why = taking.now_or_never().map(|taken| taken.unwrap_err().kind());
    assert_eq!(why, Some(io::ErrorKind::NotConnected));
}
