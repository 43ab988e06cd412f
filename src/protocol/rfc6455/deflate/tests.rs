//! Compressed messages, with machines that others use too.

use super::*;
use crate::protocol::opening::{Compression, Extensions};
use proptest::prelude::*;
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};

fn both(response: &str) -> DeflateParameters {
    both_at(response, 1)
}

fn both_at(response: &str, level: u8) -> DeflateParameters {
    let offered = Compression {
        level,
        ..Compression::default()
    };
    let extensions = Extensions::from_response(std::iter::once(response), Some(offered));
    extensions.unwrap().deflate().unwrap()
}

/// With so much time at once.
fn inflate_within(
    inflater: &mut Inflater,
    message: &[u8],
    budget: usize,
) -> Result<Vec<u8>, Violation> {
    let mut whole = Vec::new();
    let mut take = |bytes: &[u8]| {
        whole.extend_from_slice(bytes);
        Ok(())
    };
    for mut piece in message.chunks(3) {
        while !piece.is_empty() || inflater.is_stopped() {
            let taken = inflater.inflate(piece, &mut budget.clone(), &mut take)?;
            piece = &piece[taken..];
        }
    }
    while !inflater.finish(&mut budget.clone(), &mut take)? {}
    Ok(whole)
}

fn inflate_all(inflater: &mut Inflater, message: &[u8]) -> Result<Vec<u8>, Violation> {
    inflate_within(inflater, message, usize::MAX)
}

fn deflater(response: &str, role: Role) -> Deflater {
    Deflater::new(&both(response), role, &Resources::default())
}

fn inflater(response: &str, role: Role) -> Inflater {
    Inflater::new(&both(response), role, &Resources::default())
}

fn deflate(deflater: &mut Deflater, message: &[u8]) -> Option<Vec<u8>> {
    let deflated = deflater.deflate(message).map(<[u8]>::to_vec);
    deflater.finish();
    deflated
}

/// What hardly gets smaller.
fn noise(len: usize) -> Vec<u8> {
    let mut bytes = vec![0; len];
    StdRng::from_seed([7; 32]).fill(&mut bytes[..]);
    bytes
}

#[test]
fn the_examples_of_the_rfc() {
    let mut inflater = inflater("permessage-deflate", Role::Server);
    for message in [
        // 7.2.3.1, 7.2.3.2 twice with the window kept, 7.2.3.3, 7.2.3.4, 7.2.3.5.
        &b"\xf2\x48\xcd\xc9\xc9\x07\x00"[..],
        b"\xf2\x00\x11\x00\x00",
        b"\x00\x05\x00\xfa\xff\x48\x65\x6c\x6c\x6f\x00",
        b"\xf3\x48\xcd\xc9\xc9\x07\x00\x00",
        b"\xf2\x48\x05\x00\x00\x00\xff\xff\xca\xc9\xc9\x07\x00",
    ] {
        assert_eq!(inflate_all(&mut inflater, message), Ok(b"Hello".to_vec()));
    }
    assert_eq!(inflate_all(&mut inflater, b"\x00"), Ok(vec![]));
}

#[test]
fn what_is_not_deflated_data() {
    let mut inflater = inflater("permessage-deflate", Role::Client);
    assert_eq!(
        inflate_all(&mut inflater, b"\xff\xff\xff\xff"),
        Err(Violation::InvalidData)
    );
}

#[test]
fn what_grows_goes_out_as_it_is_and_spoils_nothing() {
    let (mut deflater, mut inflater) = (
        deflater("permessage-deflate", Role::Client),
        inflater("permessage-deflate", Role::Server),
    );
    let noise = noise(2000);
    let text = b"some text that is long enough, some text that is long enough".repeat(4);
    for message in [&text[..], &noise, &text, b"", &text] {
        match deflate(&mut deflater, message) {
            Some(deflated) => {
                assert_eq!(inflate_all(&mut inflater, &deflated), Ok(message.to_vec()))
            }
            None => assert!(message == noise || message.is_empty()),
        }
    }
}

#[test]
fn what_gets_smaller_by_little_does_so() {
    let message: Vec<u8> = noise(2000).iter().map(|byte| byte & 31).collect();
    let parameters = both_at("permessage-deflate", 6);
    let mut deflater = Deflater::new(&parameters, Role::Client, &Resources::default());
    let deflated = deflate(&mut deflater, &message).unwrap();
    assert!((1100..1800).contains(&deflated.len()), "{}", deflated.len());
    let mut inflater = inflater("permessage-deflate", Role::Server);
    assert_eq!(inflate_all(&mut inflater, &deflated), Ok(message));
}

/// zlib has no such small window, and a frame header is as long as what short messages save.
#[test]
fn what_can_not_be_deflated_and_what_is_short_goes_out_as_it_is() {
    for (bits, len, is_deflated) in [
        (8, 1000, false),
        (9, 1000, true),
        (15, SMALLEST, true),
        (15, SMALLEST - 1, false),
    ] {
        let response = format!("permessage-deflate; server_max_window_bits={bits}");
        let deflated = deflate(&mut deflater(&response, Role::Server), &vec![b'a'; len]);
        assert_eq!(deflated.is_some(), is_deflated, "{bits} bits, {len} bytes");
    }
}

/// Section 7.1.1: a message refers to those before it, also where others have had all machines meanwhile.
#[test]
fn what_was_said_before_is_not_said_again() {
    let resources = Resources::default();
    let both = both_at("permessage-deflate", 6);
    let connect = || Deflater::new(&both, Role::Server, &resources);
    let (mut deflater, mut inflater) = (connect(), inflater("permessage-deflate", Role::Client));
    let mut others: Vec<_> = (0..5).map(|_| connect()).collect();
    let message: Vec<u8> = noise(500).iter().map(|byte| byte & 31).collect();
    let mut lens = Vec::new();
    for _ in 0..2 {
        let deflated = deflate(&mut deflater, &message).unwrap();
        lens.push(deflated.len());
        assert_eq!(inflate_all(&mut inflater, &deflated), Ok(message.clone()));
        for other in &mut others {
            deflate(other, b"something else, something else").unwrap();
        }
    }
    assert!(lens[1] < lens[0] / 4, "{lens:?}");
}

/// A peer with a small window, or one that wants no compression, gets what it has agreed to from machines that are shared
/// with all others.
#[test]
fn machines_are_of_the_size_that_was_agreed_on() {
    let resources = Resources::default();
    let connect = |response: &str, level| {
        let parameters = both_at(response, level);
        Deflater::new(&parameters, Role::Server, &resources)
    };
    let have_all_machines = || {
        let mut others: Vec<_> = (0..5).map(|_| connect("permessage-deflate", 6)).collect();
        for other in &mut others {
            deflate(other, b"something else, something else").unwrap();
        }
        others
    };
    let small = "permessage-deflate; server_max_window_bits=9";
    let (mut deflater, mut inflater) = (connect(small, 6), inflater(small, Role::Client));
    let others = have_all_machines();
    let message: Vec<u8> = noise(600).iter().map(|byte| byte & 31).collect();
    for _ in 0..3 {
        let deflated = deflate(&mut deflater, &message).unwrap();
        assert_eq!(inflate_all(&mut inflater, &deflated), Ok(message.clone()));
        // It remembers no more than it has to.
        inflater.rest();
    }
    drop(others);
    let _others = have_all_machines();
    let text = b"some text that is long enough, ".repeat(10);
    assert_eq!(deflate(&mut connect("permessage-deflate", 0), &text), None);
}

/// All that can be inflated of what has come is handed on, however little at once.
#[test]
fn nothing_is_held_back() {
    let deflated = bomb(5000);
    let inflated_of = |mut rest: &[u8], most: usize| {
        let mut inflater = inflater("permessage-deflate", Role::Client);
        let (mut inflated, mut rounds) = (0, 0);
        while !rest.is_empty() || inflater.is_stopped() {
            let (mut budget, before) = (most, inflated);
            let taken = inflater.inflate(rest, &mut budget, |bytes| {
                inflated += bytes.len();
                Ok(())
            });
            rest = &rest[taken.unwrap()..];
            assert_eq!(inflated - before, most - budget);
            rounds += 1;
            assert!(rounds <= 5000 / most + 2, "{most}");
        }
        inflated
    };
    assert_eq!(inflated_of(&deflated, 5000), 5000);
    for len in 1..deflated.len() {
        let all = inflated_of(&deflated[..len], 5000);
        for most in [7, 100, 250] {
            assert_eq!(inflated_of(&deflated[..len], most), all, "{most} of {len}");
        }
    }
}

fn bomb(len: usize) -> Vec<u8> {
    let zeros = vec![0; len];
    deflate(&mut deflater("permessage-deflate", Role::Server), &zeros).unwrap()
}

#[test]
fn a_bomb_can_be_stopped() {
    let mut left = 100_000i64;
    let result = inflater("permessage-deflate", Role::Client).inflate(
        &bomb(50_000_000),
        &mut usize::MAX.clone(),
        |bytes| {
            left -= bytes.len() as i64;
            if left < 0 {
                Err(Violation::TooBig)
            } else {
                Ok(())
            }
        },
    );
    assert_eq!(result, Err(Violation::TooBig));
    assert!(left > -20_000, "it stops there and then");
}

#[test]
fn a_bomb_stops_at_the_budget_and_goes_on() {
    let bomb = bomb(50_000_000);
    let mut inflater = inflater("permessage-deflate", Role::Client);
    let (mut taken, mut inflated, mut times) = (0, 0, 0);
    while taken < bomb.len() || inflater.is_stopped() {
        let (mut budget, before) = (1_000_000, inflated);
        taken += inflater
            .inflate(&bomb[taken..], &mut budget, |bytes| {
                inflated += bytes.len();
                Ok(())
            })
            .unwrap();
        assert_eq!(inflated - before, 1_000_000 - budget);
        times += 1;
    }
    assert_eq!(inflater.finish(&mut 0, |_| Ok(())), Ok(false));
    assert_eq!(inflater.finish(&mut 1, |_| Ok(())), Ok(true));
    assert!((50..=51).contains(&times) && inflated == 50_000_000);
}

#[test]
fn an_idle_sender_holds_nothing_and_a_receiver_the_window() {
    let resources = Resources::default();
    let both = both("permessage-deflate; server_max_window_bits=11");
    let mut deflater = Deflater::new(&both, Role::Server, &resources);
    let mut inflater = Inflater::new(&both, Role::Client, &resources);
    let message = b"some text that is long enough, ".repeat(30);
    for round in 1..=5 {
        let deflated = deflate(&mut deflater, &message).unwrap();
        assert_eq!(inflate_all(&mut inflater, &deflated).as_ref(), Ok(&message));
        assert_eq!(resources.deflaters().len(), 1);
        assert_eq!(resources.inflaters().len(), 1);
        deflater.rest();
        inflater.rest();
        assert_eq!(deflater.history.capacity(), 0);
        let remembered = (round * message.len()).min(1 << 11);
        assert_eq!(inflater.window.capacity(), remembered);
        assert_eq!(resources.deflaters().len(), 0);
        assert_eq!(resources.inflaters().len(), 0);
    }
}

#[test]
fn many_connections_share_few_machines() {
    let resources = Resources::default();
    let both = both("permessage-deflate");
    let mut pairs: Vec<_> = (0..50)
        .map(|_| {
            (
                Deflater::new(&both, Role::Client, &resources),
                Inflater::new(&both, Role::Server, &resources),
            )
        })
        .collect();
    for round in 0..20 {
        for (number, (deflater, inflater)) in pairs.iter_mut().enumerate() {
            let message = format!("connection {number} says in round {round}: hello, hello")
                .repeat(1 + number * round / 10);
            let deflated = deflate(deflater, message.as_bytes()).unwrap();
            let inflated = inflate_all(inflater, &deflated);
            assert_eq!(inflated, Ok(message.into_bytes()));
            assert!(deflater.history.capacity() <= HISTORY);
            assert!(inflater.window.capacity() <= 1 << 15);
        }
    }
    assert!(resources.deflaters().len() <= 4 && resources.inflaters().len() <= 4);
    drop(pairs);
    assert_eq!(resources.deflaters().len() + resources.inflaters().len(), 0);
}

proptest! {
    #[test]
    fn messages_survive_any_agreement(
        messages in prop::collection::vec((prop::collection::vec(0u8..4, 0..3000), 0u8..4), 1..12),
        bits in 9u8..16, takeover: bool, budget in 1usize..3000,
    ) {
        let mut response = format!("permessage-deflate; server_max_window_bits={bits}");
        if !takeover {
            response.push_str("; server_no_context_takeover");
        }
        let both = both(&response);
        let resources = Resources::default();
        let mut deflater = Deflater::new(&both, Role::Server, &resources);
        let mut inflater = Inflater::new(&both, Role::Client, &resources);
        let others: Vec<_> = (0..5).map(|_| resources.tenant()).collect();
        for (message, meanwhile) in messages {
            match meanwhile {
                0 => deflater.rest(),
                1 => inflater.rest(),
                // Others have had all machines.
                2 => for other in &others {
                    let size = deflater.size();
                    let mut machine = deflater.machine().unwrap();
                    compress(&mut machine, b"something else, something else");
                    resources.deflaters().put(*other, size, machine);
                    resources.inflaters().put(*other, 0, Box::new(Decompress::new(false)));
                },
                _ => {}
            }
            if let Some(deflated) = deflate(&mut deflater, &message) {
                prop_assert_eq!(inflate_within(&mut inflater, &deflated, budget), Ok(message));
            }
        }
    }
}
