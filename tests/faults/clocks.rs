//! A clock that jumps, forward and back, below both ends of a connection: time is an argument there.

use dom_websocket::protocol::opening::{Agreed, Role};
use dom_websocket::protocol::{
    ConnectionOptions, Feedback, Payload, Protocol, Timeouts, Transport, Wire,
};
use proptest::prelude::*;
use std::io::IoSlice;
use std::sync::Arc;
use std::time::{Duration, Instant};

const MANY: Duration = Duration::from_secs(365 * 24 * 3600);

#[derive(Clone, Debug)]
enum Step {
    /// The clock jumps so many milliseconds.
    Jump(i64),
    Send(bool),
    Close(bool),
    /// What was sent crosses.
    Exchange,
    /// Whoever has a timer that is over is told.
    LookAtTheClock,
}

struct Ends {
    ends: [Box<dyn Protocol>; 2],
    now: Instant,
    is_closed: [bool; 2],
    sent: [usize; 2],
    told: [usize; 2],
}

impl Ends {
    fn new(wire: Wire, start: Instant) -> Self {
        let options = ConnectionOptions {
            timeouts: Timeouts {
                message: Some(Duration::from_secs(1)),
                ping: Some(Duration::from_secs(2)),
                pong: Duration::from_secs(2),
                ..Timeouts::default()
            },
            ..ConnectionOptions::default()
        };
        let options = Arc::new(options);
        let connect = |role, random| Agreed::new(wire, role).connect(&options, random, start);
        Self {
            ends: [
                connect(Role::Client, [1; 32]),
                connect(Role::Server, [2; 32]),
            ],
            now: start,
            is_closed: [false; 2],
            sent: [0; 2],
            told: [0; 2],
        }
    }

    fn hear(&mut self) {
        for end in 0..2 {
            while let Some(feedback) = self.ends[end].poll_feedback() {
                assert!(!self.is_closed[end], "{feedback:?} behind the end");
                match feedback {
                    Feedback::Text(text) => {
                        assert_eq!(text, self.told[end].to_string());
                        self.told[end] += 1;
                    }
                    Feedback::Violated => self.ends[end].handle_tasks_done(self.now),
                    Feedback::Closed(_) => self.is_closed[end] = true,
                    _ => {}
                }
            }
        }
    }

    fn exchange(&mut self) {
        loop {
            let mut nothing_crossed = true;
            for end in 0..2 {
                let mut slices = [IoSlice::new(&[]); 8];
                let filled = self.ends[end].poll_transmit(&mut slices);
                let bytes: Vec<u8> = slices[..filled].iter().flat_map(|s| s.to_vec()).collect();
                self.ends[end].handle_transmitted(bytes.len(), self.now);
                if !bytes.is_empty() && self.ends[1 - end].transport() != Transport::Released {
                    nothing_crossed = false;
                    self.ends[1 - end].handle_input(&bytes, self.now);
                }
                if self.ends[end].transport() != Transport::Open {
                    self.ends[1 - end].handle_end_of_input(self.now);
                }
                self.hear();
            }
            if nothing_crossed {
                return;
            }
        }
    }

    /// A timer that is over is not over for ever: each end comes to rest.
    fn look_at_the_clock(&mut self) {
        for end in 0..2 {
            for looked in 0.. {
                let due = self.ends[end].poll_timeout();
                if due.is_none_or(|(_, at)| at > self.now) {
                    break;
                }
                assert!(looked < 8, "the timer {due:?} does not go away");
                self.ends[end].handle_timeout(self.now);
                self.hear();
            }
        }
    }

    fn take(&mut self, step: &Step) {
        match *step {
            Step::Jump(by) => {
                let by_so_much = Duration::from_millis(by.unsigned_abs());
                self.now = match by {
                    0.. => self.now + by_so_much,
                    _ => self.now - by_so_much,
                };
            }
            Step::Send(by_client) => {
                let end = usize::from(!by_client);
                let text = self.sent[end].to_string();
                if self.ends[end].send(Payload::Text(&text)) {
                    self.sent[end] += 1;
                }
            }
            Step::Close(by_client) => {
                let end = usize::from(!by_client);
                self.ends[end].start_closing_handshake(None, self.now);
            }
            Step::Exchange => self.exchange(),
            Step::LookAtTheClock => self.look_at_the_clock(),
        }
        self.hear();
    }
}

fn step() -> impl Strategy<Value = Step> {
    let jump = prop_oneof![
        3 => 0..3_000_i64,
        1 => -3_000..0_i64,
        1 => 0..MANY.as_millis() as i64 / 8,
        1 => -(MANY.as_millis() as i64) / 8..0,
    ];
    prop_oneof![
        4 => jump.prop_map(Step::Jump),
        3 => any::<bool>().prop_map(Step::Send),
        1 => any::<bool>().prop_map(Step::Close),
        4 => Just(Step::Exchange),
        4 => Just(Step::LookAtTheClock),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_clock_that_jumps_ends_a_connection_at_most_once(
        steps in prop::collection::vec(step(), 0..40),
        wire in prop::sample::select(vec![Wire::Rfc6455, Wire::Hixie76]),
    ) {
        // Far enough from where instants begin.
        let mut ends = Ends::new(wire, Instant::now() + 10 * MANY);
        for step in &steps {
            ends.take(step);
        }
        // An hour after a close() nothing is open.
        ends.ends[0].start_closing_handshake(None, ends.now);
        ends.exchange();
        ends.now += Duration::from_secs(3600) + 10 * MANY;
        ends.look_at_the_clock();
        ends.exchange();
        prop_assert!(ends.is_closed[0]);
        prop_assert!(ends.told[0] <= ends.sent[1] && ends.told[1] <= ends.sent[0]);
    }
}
