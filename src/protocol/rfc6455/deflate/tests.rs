//! Compressed messages, with machines that others use too.

use super::*;
use crate::protocol::opening::Extensions;
use proptest::prelude::*;

fn both(response: &str) -> DeflateParameters {
    let offered = Some(Default::default());
    let extensions = Extensions::from_response(std::iter::once(response), offered);
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
    let noise: Vec<u8> = (0..2000u32)
        .map(|i| (i.wrapping_mul(2_654_435_761) >> 13) as u8)
        .collect();
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
