//! Whatever is called, in whatever order.

use super::*;
use crate::protocol::pair::input_in_pieces;
use proptest::prelude::*;
use std::io::IoSlice;

/// One call of a connection's.
#[derive(Clone, Debug)]
enum Call {
    Input(Vec<u8>),
    EndOfInput,
    Transmit(usize),
    EndOfOutput,
    Send(Vec<u8>),
    Close,
    Finish,
    Abandon,
    Wait(u64),
    Fail,
}

fn call() -> impl Strategy<Value = Call> {
    let bytes = || prop::collection::vec(any::<u8>(), 0..50);
    prop_oneof![
        4 => bytes().prop_map(Call::Input),
        1 => Just(Call::EndOfInput),
        4 => (0usize..80).prop_map(Call::Transmit),
        2 => Just(Call::EndOfOutput),
        4 => bytes().prop_map(Call::Send),
        1 => Just(Call::Close),
        1 => Just(Call::Finish),
        1 => Just(Call::Abandon),
        1 => (0u64..30_000).prop_map(Call::Wait),
        1 => Just(Call::Fail),
    ]
}

proptest! {
    #[test]
    fn any_calls_keep_what_was_taken_and_the_end_always_comes(
        calls in prop::collection::vec(call(), 0..40),
        is_held: bool,
    ) {
        let mut pair = if is_held { half_open() } else { established_pair() };
        let connection = &mut *pair.client;
        let mut now = pair.now;
        let (mut taken, mut left) = (Vec::new(), Vec::new());
        let (mut came, mut heard) = (Vec::new(), Vec::new());
        let mut is_heard = true;
        let mut ends = 0;
        let mut hear = |connection: &mut dyn Protocol, heard: &mut Vec<u8>| {
            let (bytes, others) = told(connection);
            assert!(ends == 0 || (bytes.is_empty() && others.is_empty()), "nothing follows");
            heard.extend(bytes);
            ends += others.iter().filter(|f| matches!(f, Feedback::Closed(_))).count();
            ends
        };
        for call in calls {
            match call {
                Call::Input(bytes) => {
                    let is_open = is_heard && connection.is_established();
                    connection.handle_input(&bytes, now);
                    if is_open { came.extend(bytes); }
                }
                Call::EndOfInput => {
                    is_heard = false;
                    connection.handle_end_of_input(now);
                }
                Call::Transmit(count) => {
                    let mut slices = [IoSlice::new(&[]); 64];
                    let filled = connection.poll_transmit(&mut slices);
                    let bytes: Vec<u8> = slices[..filled].iter().flat_map(|s| s.to_vec()).collect();
                    let count = count.min(bytes.len());
                    left.extend(&bytes[..count]);
                    connection.handle_transmitted(count, now);
                }
                Call::EndOfOutput if connection.transport() == Transport::Finishing => {
                    connection.handle_end_of_output(now);
                }
                Call::EndOfOutput => {}
                Call::Send(bytes) => {
                    if connection.send(Payload::Binary(&bytes)) { taken.extend(bytes); }
                }
                Call::Close => connection.start_closing_handshake(None, now),
                Call::Finish => connection.finish(None, now),
                Call::Abandon => {
                    is_heard = false;
                    connection.abandon(Abandoned::ByItsOwner, now);
                }
                Call::Wait(ms) => {
                    now += Duration::from_millis(ms);
                    connection.handle_timeout(now);
                }
                Call::Fail => connection.fail(WireFailure::Cancelled),
            }
            if connection.transport() == Transport::Finishing {
                prop_assert_eq!(&left, &taken, "our end goes out behind all that was taken");
            }
            hear(connection, &mut heard);
            prop_assert_eq!(&heard, &came);
        }
        left.extend(transmit(connection, now));
        connection.handle_end_of_input(now);
        connection.finish(None, now);
        left.extend(transmit(connection, now));
        if connection.transport() == Transport::Finishing {
            prop_assert_eq!(&left, &taken);
            connection.handle_end_of_output(now);
        }
        prop_assert_eq!(hear(connection, &mut heard), 1);
        prop_assert_eq!(connection.transport(), Transport::Released);
        prop_assert!(taken.starts_with(&left));
    }

    #[test]
    fn any_split_of_a_session_gives_the_same_bytes(
        stream in prop::collection::vec(any::<u8>(), 0..300),
        cuts in prop::collection::vec(1usize..30, 1..40),
    ) {
        let mut pair = established_pair();
        input_in_pieces(&mut *pair.client, &stream, &cuts, pair.now);
        pair.client.handle_end_of_input(pair.now);
        let (bytes, others) = told(&mut *pair.client);
        prop_assert_eq!(bytes, stream);
        prop_assert_eq!(
            others,
            [Feedback::PeerEnded, Feedback::ClosingHandshakeStarted, closed(true)]
        );
    }
}
