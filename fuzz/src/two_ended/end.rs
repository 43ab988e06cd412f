//! One end, and what is on its way from it.

use super::account::Account;
use dom_websocket::protocol::{
    Closure, Delivery, Feedback, Limits, Payload, Protocol, Transport, Wire,
};
use std::collections::VecDeque;
use std::io::IoSlice;
use std::time::Instant;

/// One direction of the network.
#[derive(Default)]
pub(super) struct Pipe {
    bytes: VecDeque<u8>,
    has_ended: bool,
    /// Something was lost.
    is_cut: bool,
    /// Something was changed.
    is_false: bool,
}

impl Pipe {
    pub(super) fn len(&self) -> usize {
        self.bytes.len()
    }

    fn carry(&mut self, bytes: &[u8]) {
        if !self.has_ended {
            self.bytes.extend(bytes);
        }
    }

    pub(super) fn cut(&mut self) {
        self.bytes.clear();
        (self.has_ended, self.is_cut) = (true, true);
    }

    pub(super) fn flip(&mut self, at: usize, bit: u8) -> bool {
        let len = self.bytes.len().max(1);
        let byte = self.bytes.get_mut(at % len);
        if let Some(byte) = byte {
            *byte ^= 1 << (bit % 8);
            self.is_false = true;
        }
        self.is_false
    }
}

#[derive(Debug, PartialEq)]
struct Message {
    is_text: bool,
    bytes: Vec<u8>,
}

pub(super) struct End {
    pub(super) connection: Box<dyn Protocol>,
    wire: Wire,
    limits: Limits,
    /// Message by message, all the time.
    is_whole: bool,
    sent: Vec<Message>,
    account: Account,
    received: Vec<Message>,
    partial: Vec<u8>,
    is_established: bool,
    pub(super) is_abandoned: bool,
    closure: Option<Closure>,
    ready_state: u8,
    /// The transport has ended our direction behind all that was sent.
    has_finished: bool,
    has_heard_the_end: bool,
}

impl End {
    pub(super) fn new(
        connection: Box<dyn Protocol>,
        wire: Wire,
        is_compressed: bool,
        limits: Limits,
    ) -> Self {
        Self {
            connection,
            wire,
            limits,
            is_whole: true,
            sent: Vec::new(),
            account: Account::new(wire, is_compressed),
            received: Vec::new(),
            partial: Vec::new(),
            is_established: false,
            is_abandoned: false,
            closure: None,
            ready_state: 0,
            has_finished: false,
            has_heard_the_end: false,
        }
    }

    pub(super) fn set_delivery(&mut self, delivery: Delivery) {
        self.is_whole &= delivery == Delivery::Messages;
        self.connection.set_delivery(delivery);
    }

    /// Whether it was taken; `None`: it could not have been.
    pub(super) fn send(&mut self, is_text: bool, len: usize) -> Option<bool> {
        // No two are alike.
        let mut text = format!("{} ", self.sent.len());
        while text.len() < len {
            text.push_str("aé€😀");
        }
        let may_be_sent = is_text || self.wire != Wire::Hixie76;
        let payload = match is_text {
            true => Payload::Text(&text),
            false => Payload::Binary(text.as_bytes()),
        };
        let connection = &mut self.connection;
        let is_sending = connection.is_sending() && may_be_sent;
        let has_room = connection.has_room_for(text.len());
        let would_block = connection.would_block(text.len());
        if connection.buffered_amount() == 0 && connection.is_flushed() {
            assert!(!would_block, "nothing is ahead of it");
        }
        let is_taken = connection.send(payload);
        assert_eq!(is_taken, is_sending && has_room);
        if is_taken {
            self.account.take(text.len());
            let bytes = text.into_bytes();
            self.sent.push(Message { is_text, bytes });
            let is_bounded = self.account.is_compressed()
                || connection.buffered_amount() <= self.limits.send_queue;
            assert!(is_bounded, "more than the queue may hold");
        } else if is_sending {
            assert_eq!(
                connection.transport(),
                Transport::Released,
                "the queue is full"
            );
        }
        is_sending.then_some(is_taken)
    }

    pub(super) fn transmit(&mut self, pipe: &mut Pipe, most: usize, now: Instant) -> bool {
        let mut slices = [IoSlice::new(&[]); 5];
        let filled = self.connection.poll_transmit(&mut slices);
        let mut bytes: Vec<u8> = slices[..filled].iter().flat_map(|s| s.to_vec()).collect();
        bytes.truncate(most);
        if !bytes.is_empty() {
            self.account.depart(&bytes);
            pipe.carry(&bytes);
            self.connection.handle_transmitted(bytes.len(), now);
        }
        let is_empty = self.connection.poll_transmit(&mut [IoSlice::new(&[])]) == 0;
        match self.connection.transport() {
            Transport::Finishing if is_empty && !self.has_finished => {
                (self.has_finished, pipe.has_ended) = (true, true);
                self.connection.handle_end_of_output(now);
                return true;
            }
            Transport::Released => pipe.has_ended = true,
            _ => {}
        }
        !bytes.is_empty()
    }

    pub(super) fn receive(&mut self, pipe: &mut Pipe, most: usize, now: Instant) -> bool {
        let connection = &mut self.connection;
        if connection.transport() == Transport::Released || self.has_heard_the_end {
            pipe.bytes.clear();
            return false;
        }
        if !connection.wants_input() {
            connection.handle_pause(now);
            return false;
        }
        if connection.holds_input() {
            connection.handle_input(&[], now);
            return true;
        }
        let count = pipe.bytes.len().min(most).min(connection.read_size());
        if count > 0 {
            let bytes: Vec<u8> = pipe.bytes.drain(..count).collect();
            connection.handle_input(&bytes, now);
            return true;
        }
        if pipe.has_ended && pipe.bytes.is_empty() {
            self.has_heard_the_end = true;
            connection.handle_end_of_input(now);
            return true;
        }
        false
    }

    pub(super) fn poll(&mut self) -> Option<Feedback> {
        let len = self.connection.feedback_len();
        let is_message = self.connection.is_message_next();
        let feedback = self.connection.poll_feedback();
        assert_eq!(feedback.is_some(), len > 0);
        let is = matches!(
            feedback,
            Some(
                Feedback::Text(_)
                    | Feedback::TextPart(_)
                    | Feedback::Binary(_)
                    | Feedback::BinaryPart(_)
            )
        );
        assert_eq!(is_message, is);
        feedback
    }

    /// What was told, over this pipe from the other end. Whether it is no longer likely to end cleanly.
    pub(super) fn hear(
        &mut self,
        feedback: Feedback,
        there: &End,
        pipe: &Pipe,
        now: Instant,
    ) -> bool {
        assert_eq!(self.closure, None, "{feedback:?} behind the end");
        assert_eq!(
            self.is_established,
            !matches!(feedback, Feedback::Established { .. })
        );
        let (bytes, is_text, is_last) = match feedback {
            Feedback::Text(text) => (text.into_bytes(), true, true),
            Feedback::TextPart(text) => (text.into_bytes(), true, false),
            Feedback::Binary(bytes) => (bytes, false, true),
            Feedback::BinaryPart(bytes) => (bytes, false, false),
            other => return self.hear_other(other, there, pipe, now),
        };
        self.partial.extend(bytes);
        let is_lossy = self.is_abandoned || pipe.is_false;
        if is_last {
            let bytes = std::mem::take(&mut self.partial);
            self.received.push(Message { is_text, bytes });
            if !is_lossy {
                let index = self.received.len() - 1;
                assert_eq!(
                    self.received.last(),
                    there.sent.get(index),
                    "message {index}"
                );
            }
        } else if !is_lossy {
            match self.wire {
                Wire::Simplified => {
                    let mut sent = there.sent.iter().flat_map(|message| &message.bytes);
                    assert!(self.partial.iter().all(|byte| sent.next() == Some(byte)));
                }
                _ => {
                    let sent = &there.sent[self.received.len()];
                    assert!(sent.is_text == is_text && sent.bytes.starts_with(&self.partial));
                }
            }
        }
        false
    }

    fn hear_other(&mut self, other: Feedback, there: &End, pipe: &Pipe, now: Instant) -> bool {
        match other {
            Feedback::Established { .. } => self.is_established = true,
            Feedback::Violated => {
                self.connection.handle_tasks_done(now);
                return true;
            }
            Feedback::ErrorDetected => assert!(pipe.is_false, "no frame of an unknown type"),
            Feedback::PeerFinished(_) | Feedback::ClosingHandshakeStarted | Feedback::PeerEnded => {
            }
            Feedback::Closed(closure) => {
                if closure.cleanly && !pipe.is_false {
                    self.check_all_is_there(there, pipe);
                }
                if closure.failed {
                    assert!(!closure.cleanly);
                }
                let is_unclean = !closure.cleanly;
                self.closure = Some(closure);
                // A message that was too long, for one.
                return is_unclean && self.has_failed();
            }
            other => panic!("{other:?}"),
        }
        false
    }

    fn has_failed(&self) -> bool {
        self.closure.as_ref().is_some_and(|closure| closure.failed)
    }

    /// Closed cleanly: nothing was lost.
    fn check_all_is_there(&self, there: &End, pipe: &Pipe) {
        if self.is_abandoned {
            return;
        }
        match self.wire {
            // An end there is as good as another.
            Wire::Simplified if pipe.is_cut || !there.has_finished => {}
            Wire::Simplified => {
                let sent: usize = there.sent.iter().map(|message| message.bytes.len()).sum();
                assert_eq!(self.partial.len(), sent);
            }
            _ => {
                assert_eq!(self.received.len(), there.sent.len());
                assert!(self.partial.is_empty());
            }
        }
    }

    pub(super) fn tell_time(&mut self, now: Instant) {
        for _ in 0..10 {
            match self.connection.poll_timeout() {
                Some((_, at)) if at <= now => self.connection.handle_timeout(now),
                _ => return,
            }
        }
        let timer = self.connection.poll_timeout();
        panic!("a timer that goes on for ever: {timer:?}");
    }

    /// What holds at any time.
    pub(super) fn look(&mut self) {
        let connection = &self.connection;
        self.account.check(connection.buffered_amount());
        // As the object has it.
        let ready_state = match () {
            () if self.closure.is_some() => 3,
            () if !connection.is_sending() => 2,
            () if self.is_established => 1,
            () => 0,
        };
        assert!(
            ready_state >= self.ready_state,
            "it goes back to {ready_state}"
        );
        self.ready_state = ready_state;
        let is_released = connection.transport() == Transport::Released;
        assert_eq!(connection.is_established(), !is_released);
        if is_released {
            assert_eq!(connection.poll_timeout(), None);
            assert_eq!(connection.poll_transmit(&mut [IoSlice::new(&[])]), 0);
        }
    }

    pub(super) fn has_ended(&self) -> bool {
        self.closure.is_some() && self.connection.transport() == Transport::Released
    }

    pub(super) fn ended_cleanly(&self) -> bool {
        self.closure.as_ref().is_some_and(|closure| closure.cleanly)
    }

    /// What this test itself holds.
    pub(super) fn harness_memory(&self) -> usize {
        let all = self.sent.iter().chain(&self.received);
        all.map(|message| message.bytes.len() + 64).sum::<usize>() + self.partial.len()
    }
}
