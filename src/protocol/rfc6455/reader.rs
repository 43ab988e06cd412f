//! The receiving half between messages.

use super::deflate::Inflater;
use super::message::Receiver;
use crate::protocol::opening::Role;
use crate::protocol::{ConnectionOptions, Delivery};
use std::time::Instant;

/// Has a receiver while something comes; of one that rests it knows what to make the next of.
pub(super) enum Reader {
    Receiving(Box<Receiver>),
    Resting(Option<Box<Inflater>>, Delivery),
}

impl Reader {
    pub(super) fn new(inflater: Option<Box<Inflater>>, delivery: Delivery) -> Self {
        Self::Resting(inflater, delivery)
    }

    /// `None`: nothing has come since it last rested.
    pub(super) fn get(&self) -> Option<&Receiver> {
        match self {
            Self::Receiving(receiver) => Some(receiver),
            Self::Resting(..) => None,
        }
    }

    /// Something comes.
    #[inline]
    pub(super) fn receiver(&mut self, role: Role, options: &ConnectionOptions) -> &mut Receiver {
        if let Self::Resting(inflater, delivery) = self {
            let receiver = Receiver::new(role, inflater.take(), *delivery, options);
            *self = Self::Receiving(Box::new(receiver));
        }
        match self {
            Self::Receiving(receiver) => receiver,
            Self::Resting(..) => unreachable!("it has just been made"),
        }
    }

    /// The peer was not listened to.
    pub(super) fn pause(&mut self, options: &ConnectionOptions, now: Instant) {
        if let Self::Receiving(receiver) = self {
            receiver.assembly.pause(options, now);
        }
    }

    /// Gives back what only a busy connection needs.
    pub(super) fn rest(&mut self) {
        match self {
            Self::Receiving(receiver) => {
                receiver.rest();
                if receiver.is_between_messages() {
                    let (inflater, delivery) = receiver.take_apart();
                    *self = Self::Resting(inflater, delivery);
                }
            }
            Self::Resting(inflater, _) => {
                if let Some(inflater) = inflater {
                    inflater.rest();
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::feedback_queue::FeedbackQueue;

    #[test]
    fn it_rests_between_messages_and_nowhere_else() {
        let options = ConnectionOptions::default();
        let mut reader = Reader::new(None, options.delivery);
        let mut told = FeedbackQueue::default();
        for (mut input, rests) in [
            (&b"\x81\x01a"[..], true),
            (b"\x02", false),
            (b"\x01", false),
            (b"b", false),
            (b"\x80\x01", false),
            (b"c", true),
        ] {
            let receiver = reader.receiver(Role::Client, &options);
            assert_eq!(receiver.next(&mut input, &mut told), Ok(None));
            reader.rest();
            assert_eq!(reader.get().is_none(), rests, "{input:?}");
        }
    }
}
