//! How much of what waits to be sent is application data.

use std::collections::VecDeque;

/// What one frame is made of, in bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Frame {
    pub(super) before: usize,
    pub(super) payload: usize,
    pub(super) after: usize,
    /// The application data that it stands for: more than its payload if that is compressed.
    pub(super) amount: usize,
}

impl Frame {
    /// What one costs beside its bytes.
    pub(super) const COST: usize = 32;

    fn len(&self) -> usize {
        self.before + self.payload + self.after
    }

    /// So much of it leaves; how much application data that is.
    fn send(&mut self, mut count: usize) -> usize {
        let payload = self.payload;
        for part in [&mut self.before, &mut self.payload, &mut self.after] {
            let gone = count.min(*part);
            *part -= gone;
            count -= gone;
        }
        let sent = if self.payload == 0 {
            self.amount
        } else {
            // A control frame's payload is no application data.
            (payload - self.payload).min(self.amount)
        };
        self.amount -= sent;
        sent
    }
}

/// Like frames, one behind the other.
#[derive(Debug, Default)]
struct Run {
    frame: Frame,
    frames: usize,
}
const _: () = assert!(size_of::<Frame>() <= Frame::COST);

/// Memory for so many is kept when there are none.
const KEPT: usize = 1024;

/// The frames that wait, and the application data in them.
#[derive(Debug, Default)]
pub(super) struct Account {
    /// The first may be what is left of a frame that has begun to leave.
    runs: VecDeque<Run>,
    /// The last one, which may be of no frames.
    last: Run,
    /// All frames.
    frames: usize,
    amount: usize,
}

impl Account {
    pub(super) const fn new() -> Self {
        Self {
            runs: VecDeque::new(),
            last: Run {
                frame: Frame {
                    before: 0,
                    payload: 0,
                    after: 0,
                    amount: 0,
                },
                frames: 0,
            },
            frames: 0,
            amount: 0,
        }
    }

    /// A frame, which has some bytes, waits behind the others.
    #[inline]
    pub(super) fn add(&mut self, frame: Frame) {
        self.frames += 1;
        self.amount += frame.amount;
        if self.last.frame == frame {
            self.last.frames += 1;
        } else {
            self.begin_run(frame);
        }
    }

    fn begin_run(&mut self, frame: Frame) {
        let before = std::mem::replace(&mut self.last, Run { frame, frames: 1 });
        if before.frames > 0 {
            self.runs.push_back(before);
        }
    }

    /// So many bytes have left.
    pub(super) fn settle(&mut self, mut count: usize) {
        while count > 0 {
            let run = self.runs.front_mut().unwrap_or(&mut self.last);
            if run.frames == 0 {
                break;
            }
            let len = run.frame.len().max(1);
            let whole = (count / len).min(run.frames);
            count -= whole * len;
            run.frames -= whole;
            self.frames -= whole;
            self.amount -= whole * run.frame.amount;
            if run.frames == 0 {
                self.runs.pop_front();
            } else if count > 0 {
                self.begin(count);
                break;
            }
        }
        if self.runs.is_empty() && self.runs.capacity() > KEPT {
            self.runs = VecDeque::new();
        }
    }

    /// So many bytes of the first frame, which are not all, have left.
    fn begin(&mut self, count: usize) {
        let run = self.runs.front_mut().unwrap_or(&mut self.last);
        run.frames -= 1;
        let (mut frame, is_alone) = (run.frame, run.frames == 0);
        self.amount -= frame.send(count);
        if is_alone {
            run.frames = 1;
            run.frame = frame;
        } else {
            self.runs.push_front(Run { frame, frames: 1 });
        }
    }

    /// Nothing will leave any more. The application data stays counted.
    pub(super) fn discard(&mut self) {
        *self = Self {
            amount: self.amount,
            ..Self::new()
        };
    }

    /// Gives back what only a busy one needs.
    pub(super) fn rest(&mut self) {
        self.runs.shrink_to_fit();
    }

    /// How many frames wait, of which one may have left in part.
    pub(super) fn frames(&self) -> usize {
        self.frames
    }

    /// The application data that waits.
    pub(super) fn amount(&self) -> usize {
        self.amount
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn frame() -> impl Strategy<Value = Frame> {
        let payload = prop_oneof![Just(0usize), Just(5), 0..200usize];
        (payload, any::<bool>()).prop_map(|(payload, is_control)| Frame {
            before: 2,
            payload,
            after: 1,
            amount: if is_control { 0 } else { payload },
        })
    }

    #[test]
    fn memory_for_many_goes_back_when_all_have_left_and_that_for_few_stays() {
        for (frames, is_kept) in [(4, true), (2 * KEPT, false)] {
            let mut account = Account::new();
            for payload in 0..frames {
                // No two are alike.
                account.add(Frame {
                    payload: 1 + payload,
                    ..Frame::default()
                });
            }
            account.settle(frames * (frames + 1) / 2);
            assert_eq!(account.frames(), 0);
            assert_eq!(account.runs.capacity() > 0, is_kept, "{frames}");
            account.rest();
            assert_eq!(account.runs.capacity(), 0, "{frames}");
        }
    }

    #[test]
    fn what_will_not_leave_is_counted_and_takes_nothing() {
        let mut account = Account::new();
        for payload in [3, 4] {
            account.add(Frame {
                payload,
                amount: payload,
                ..Frame::default()
            });
        }
        account.discard();
        assert_eq!((account.amount(), account.frames()), (7, 0));
        assert_eq!(account.runs.capacity(), 0);
    }

    proptest! {
        #[test]
        fn what_waits_is_what_a_count_byte_by_byte_leaves(
            frames in prop::collection::vec(frame(), 1..20),
            steps in prop::collection::vec(0usize..300, 0..20),
        ) {
            // What each byte takes away with it.
            let bytes: Vec<usize> = frames
                .iter()
                .flat_map(|frame| {
                    let of_payload = usize::from(frame.amount > 0);
                    let payload = std::iter::repeat_n(of_payload, frame.payload);
                    [0, 0].into_iter().chain(payload).chain([0])
                })
                .collect();
            let mut account = Account::new();
            frames.iter().for_each(|frame| account.add(*frame));
            let mut left = &bytes[..];
            for step in steps {
                let step = step.min(left.len());
                left = &left[step..];
                account.settle(step);
                prop_assert_eq!(account.amount(), left.iter().sum::<usize>());
            }
            account.settle(left.len());
            prop_assert_eq!((account.amount(), account.frames()), (0, 0));
        }
    }
}
