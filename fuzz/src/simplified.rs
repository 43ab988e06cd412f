//! One connection of the simplified wire, and whatever both its sides do with it.
//!
//! What it tells is what came, what it sends what was sent; each direction ends by itself; what is said of room, and of
//! what is buffered, is so.

use crate::settings::AnyOptions;
use arbitrary::Arbitrary;
use dom_websocket::protocol::opening::{Agreed, Role};
use dom_websocket::protocol::{
    Abandoned, Closure, Delivery, Feedback, Payload, Protocol, Transport, Wire, WireFailure,
};
use std::io::{ErrorKind, IoSlice};
use std::sync::Arc;
use std::time::{Duration, Instant};

#[derive(Arbitrary, Debug)]
pub struct Input<'a> {
    is_server: bool,
    options: AnyOptions,
    unread: &'a [u8],
    steps: Vec<Step<'a>>,
}

#[derive(Arbitrary, Debug)]
enum Step<'a> {
    Receive(&'a [u8]),
    ReceiveMuch(u16),
    Send(&'a [u8]),
    SendMuch(u16),
    SendText(&'a str),
    Transmit(u16),
    Poll(u8),
    PeerEnds,
    OurEnd,
    Close,
    Finish,
    HalfOpen(bool),
    InPieces(u8),
    Pause,
    Idle,
    Time(u16),
    Lose,
    Abandon,
    HandOver,
}

struct Player {
    connection: Box<dyn Protocol>,
    now: Instant,
    longest: usize,
    /// What came and is to be told.
    came: Vec<u8>,
    told: Vec<u8>,
    /// What was taken of `send()`, and how much of it has left.
    taken: Vec<u8>,
    left: usize,
    closure: Option<Closure>,
    has_ended: bool,
    peer_has_ended: bool,
    is_abandoned: bool,
    has_handed_over: bool,
    was_released: bool,
    was_sending: bool,
}

pub fn check(input: Input<'_>) {
    let role = match input.is_server {
        true => Role::Server,
        false => Role::Client,
    };
    let options = input.options.options();
    let (limits, delivery) = (options.limits.clone(), options.delivery);
    let now = Instant::now();
    let agreed = Agreed {
        unread: input.unread.to_vec(),
        ..Agreed::new(Wire::Simplified, role)
    };
    let mut player = Player {
        connection: agreed.connect(&Arc::new(options), [7; 32], now),
        now,
        longest: longest(delivery, limits.message),
        came: input.unread.to_vec(),
        told: Vec::new(),
        taken: Vec::new(),
        left: 0,
        closure: None,
        has_ended: false,
        peer_has_ended: false,
        is_abandoned: false,
        has_handed_over: false,
        was_released: false,
        was_sending: true,
    };
    let established = player.connection.poll_feedback();
    assert!(matches!(established, Some(Feedback::Established { .. })));
    for step in &input.steps {
        player.step(step, limits.message, limits.send_queue);
        player.look();
    }
    player.end();
}

fn longest(delivery: Delivery, message: usize) -> usize {
    match delivery {
        Delivery::Messages => message.max(1),
        Delivery::Pieces(len) => len.clamp(4, message.max(4)),
        _ => 64 * 1024,
    }
}

impl Player {
    fn step(&mut self, step: &Step<'_>, message: usize, send_queue: usize) {
        match step {
            Step::Receive(bytes) => self.receive(bytes),
            Step::ReceiveMuch(count) => self.receive(&counted(usize::from(*count))),
            Step::Send(bytes) => self.send(Payload::Binary(bytes), send_queue),
            Step::SendMuch(count) => {
                self.send(Payload::Binary(&counted(usize::from(*count))), send_queue);
            }
            Step::SendText(text) => self.send(Payload::Text(text), send_queue),
            Step::Transmit(count) => self.transmit(usize::from(*count)),
            Step::Poll(count) => (0..*count).for_each(|_| self.poll()),
            Step::PeerEnds => {
                self.peer_has_ended = true;
                self.connection.handle_end_of_input(self.now);
            }
            Step::OurEnd => self.end_ours(),
            Step::Close => self.connection.start_closing_handshake(None, self.now),
            Step::Finish => self.connection.finish(Some((4000, "x")), self.now),
            Step::HalfOpen(half_open) => self.connection.set_half_open(*half_open),
            Step::InPieces(len) => {
                let delivery = Delivery::Pieces(usize::from(*len));
                self.connection.set_delivery(delivery);
                // What came before was cut already.
                self.longest = self.longest.max(longest(delivery, message));
            }
            Step::Pause => self.connection.handle_pause(self.now),
            Step::Idle => self.connection.handle_idleness(),
            Step::Time(seconds) => {
                self.now += Duration::from_secs(u64::from(*seconds));
                self.tell_time();
            }
            Step::Lose => {
                let error = ErrorKind::ConnectionReset;
                self.connection.handle_transport_failure(error.into());
                assert_eq!(self.connection.transport(), Transport::Released);
            }
            Step::Abandon => {
                self.is_abandoned = true;
                self.connection.abandon(Abandoned::ByItsOwner, self.now);
            }
            Step::HandOver => self.hand_over(),
        }
    }

    fn receive(&mut self, bytes: &[u8]) {
        let is_read = self.connection.wants_input() && !self.peer_has_ended;
        if !is_read || self.connection.transport() == Transport::Released {
            return;
        }
        // Before its end the peer is listened to, whatever we have said.
        if self.closure.is_none() && !self.is_abandoned {
            self.came.extend_from_slice(bytes);
        }
        let before = self.connection.feedback_len();
        self.connection.handle_input(bytes, self.now);
        if self.is_abandoned {
            assert_eq!(self.connection.feedback_len(), before);
        }
    }

    fn send(&mut self, data: Payload<'_>, send_queue: usize) {
        let len = data.bytes().len();
        let (is_sending, has_room) = (
            self.connection.is_sending(),
            self.connection.has_room_for(len),
        );
        let is_taken = self.connection.send(data);
        assert_eq!(is_taken, is_sending && has_room);
        if is_taken {
            self.taken.extend_from_slice(data.bytes());
            assert!(self.connection.buffered_amount() <= send_queue);
        } else if is_sending {
            assert_eq!(
                self.connection.transport(),
                Transport::Released,
                "the queue is full"
            );
        }
    }

    /// The transport takes so much.
    fn transmit(&mut self, most: usize) {
        let mut slices = [IoSlice::new(&[]); 3];
        let filled = self.connection.poll_transmit(&mut slices);
        let mut shown: Vec<u8> = slices[..filled].iter().flat_map(|s| s.to_vec()).collect();
        shown.truncate(most);
        assert!(
            self.taken[self.left..].starts_with(&shown),
            "what leaves is what was sent"
        );
        self.left += shown.len();
        self.connection.handle_transmitted(shown.len(), self.now);
    }

    /// The transport ends our direction, if it is asked to.
    fn end_ours(&mut self) {
        let nothing_waits = self.connection.poll_transmit(&mut [IoSlice::new(&[])]) == 0;
        if self.connection.transport() == Transport::Finishing {
            assert!(nothing_waits, "our end is behind all that was queued");
            self.has_ended = true;
            self.connection.handle_end_of_output(self.now);
        }
    }

    fn tell_time(&mut self) {
        for _ in 0..10 {
            match self.connection.poll_timeout() {
                Some((_, at)) if at <= self.now => self.connection.handle_timeout(self.now),
                _ => return,
            }
        }
        panic!(
            "a timer that goes on for ever: {:?}",
            self.connection.poll_timeout()
        );
    }

    fn hand_over(&mut self) {
        let could = self.connection.is_sending() && self.left == self.taken.len();
        let unread = self.connection.hand_over();
        assert_eq!(unread.is_some(), could);
        if let Some(unread) = unread {
            self.has_handed_over = true;
            self.told.extend(unread);
            if !self.is_abandoned {
                assert_eq!(self.told, self.came, "nothing is left behind");
            }
            assert_eq!(self.connection.transport(), Transport::Released);
        }
    }

    fn poll(&mut self) {
        let len = self.connection.feedback_len();
        let is_message = self.connection.is_message_next();
        let feedback = self.connection.poll_feedback();
        assert_eq!(feedback.is_some(), len > 0);
        let Some(feedback) = feedback else { return };
        assert_eq!(self.closure, None, "{feedback:?} behind the end");
        assert_eq!(is_message, matches!(feedback, Feedback::BinaryPart(_)));
        match feedback {
            Feedback::BinaryPart(part) => {
                assert!((1..=self.longest).contains(&part.len()));
                self.told.extend(part);
                assert!(self.came.starts_with(&self.told));
            }
            Feedback::Closed(closure) => {
                assert!(closure.reason.is_empty());
                assert_eq!(closure.code, if closure.cleanly { 1005 } else { 1006 });
                if closure.cleanly && !self.has_handed_over {
                    assert!(self.peer_has_ended, "clean is what both have ended");
                    assert_eq!(self.left, self.taken.len());
                }
                if !closure.cleanly {
                    assert!(closure.cause.is_some());
                }
                self.closure = Some(closure);
            }
            Feedback::PeerEnded | Feedback::PeerFinished(_) => assert!(self.peer_has_ended),
            Feedback::ClosingHandshakeStarted => {}
            other => panic!("{other:?} is none of this wire's"),
        }
    }

    /// What holds at any time.
    fn look(&mut self) {
        let connection = &self.connection;
        assert_eq!(connection.buffered_amount(), self.taken.len() - self.left);
        let is_released = connection.transport() == Transport::Released;
        assert_eq!(connection.is_established(), !is_released);
        assert!(is_released || !self.was_released, "an end is for ever");
        assert!(
            self.was_sending || !connection.is_sending(),
            "it never sends again"
        );
        (self.was_released, self.was_sending) = (is_released, connection.is_sending());
        if is_released {
            assert_eq!(connection.poll_timeout(), None);
            assert_eq!(connection.poll_transmit(&mut [IoSlice::new(&[])]), 0);
        }
    }

    /// Whatever was done, it comes to an end within its bounds.
    fn end(&mut self) {
        self.connection.start_closing_handshake(None, self.now);
        for _ in 0..100 {
            (0..1000).for_each(|_| self.poll());
            if self.connection.transport() == Transport::Released {
                break;
            }
            let (_, at) = self.connection.poll_timeout().expect("a bound");
            self.now = at.max(self.now);
            self.connection.handle_timeout(self.now);
            self.look();
        }
        while self.connection.feedback_len() > 0 {
            self.poll();
        }
        assert_eq!(self.connection.transport(), Transport::Released);
        assert!(self.closure.is_some(), "there is an end");
        if !self.is_abandoned {
            assert_eq!(self.told, self.came, "all that came is told");
        }
        self.connection.fail(WireFailure::Cancelled);
        assert_eq!(self.connection.feedback_len(), 0);
    }
}

fn counted(count: usize) -> Vec<u8> {
    (0..count).map(|index| index as u8).collect()
}
