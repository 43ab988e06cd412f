//! How much application data has left, as a reader of the wire sees it.

use crate::frames::{self, Front};
use dom_websocket::protocol::Wire;

pub(super) struct Account {
    wire: Wire,
    is_compressed: bool,
    /// The lengths of the messages that were taken.
    taken: Vec<usize>,
    /// Bytes of a frame that has not left as a whole.
    begun: Vec<u8>,
    /// So many messages have.
    whole: usize,
    /// The simplified wire has none: so many bytes.
    bytes: usize,
}

impl Account {
    pub(super) fn new(wire: Wire, is_compressed: bool) -> Self {
        Self {
            wire,
            is_compressed,
            taken: Vec::new(),
            begun: Vec::new(),
            whole: 0,
            bytes: 0,
        }
    }

    /// What waits is shorter than what it stands for.
    pub(super) fn is_compressed(&self) -> bool {
        self.is_compressed
    }

    pub(super) fn take(&mut self, len: usize) {
        self.taken.push(len);
    }

    pub(super) fn depart(&mut self, bytes: &[u8]) {
        if self.wire == Wire::Simplified {
            self.bytes += bytes.len();
            return;
        }
        self.begun.extend_from_slice(bytes);
        let mut read = 0;
        while let Some((len, is_message)) = self.frame(&self.begun[read..]) {
            read += len;
            self.whole += usize::from(is_message);
        }
        self.begun.drain(..read);
    }

    /// The length of the frame at the front, if all of it is there, and whether it is a message.
    fn frame(&self, bytes: &[u8]) -> Option<(usize, bool)> {
        match self.wire {
            Wire::Rfc6455 => match frames::front(bytes) {
                Front::Whole(frame, len) => Some((len, !frame.is_control())),
                Front::Wrong => panic!("no frame that may be sent: {bytes:x?}"),
                Front::Header(..) | Front::Part => None,
            },
            _ => match bytes {
                [0xff, 0, ..] => Some((2, false)),
                [0, data @ ..] => {
                    let end = data.iter().position(|&byte| byte == 0xff)?;
                    Some((end + 2, true))
                }
                [0xff] | [] => None,
                other => panic!("no frame that may be sent: {other:x?}"),
            },
        }
    }

    /// The bytes of a message that have left of the frame that has begun to.
    fn of_begun(&self) -> usize {
        match self.wire {
            Wire::Rfc6455 => match frames::front(&self.begun) {
                Front::Header(frame) if !frame.is_control() => frame.payload.len(),
                _ => 0,
            },
            _ => match &*self.begun {
                [0, data @ ..] => data.len(),
                _ => 0,
            },
        }
    }

    /// `buffered` is what waits.
    pub(super) fn check(&self, buffered: usize) {
        let taken: usize = self.taken.iter().sum();
        if self.wire == Wire::Simplified {
            assert_eq!(buffered, taken - self.bytes);
            return;
        }
        let waiting: usize = self.taken[self.whole..].iter().sum();
        let begun = self.of_begun();
        if self.is_compressed {
            // How much of a message is in some of its bytes nobody knows: all of it or nothing.
            let first = self.taken.get(self.whole).copied().unwrap_or(0);
            let least = if begun > 0 { waiting - first } else { waiting };
            assert!(
                (least..=waiting).contains(&buffered),
                "{buffered} of {waiting}"
            );
        } else {
            assert_eq!(buffered, waiting - begun);
        }
    }
}
