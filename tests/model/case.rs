//! What happens to one socket.

use super::call::Call;
use super::item::{self, Item};
use dom_websocket::Edition;
use proptest::prelude::*;

#[derive(Clone, Debug)]
pub(crate) struct Case {
    pub(crate) edition: Edition,
    /// How many subprotocols are asked for.
    pub(crate) protocols: usize,
    /// permessage-deflate is agreed on.
    pub(crate) deflate: bool,
    /// Script, in the task of the constructor.
    pub(crate) at_first: Vec<Call>,
    /// And once the request has come.
    pub(crate) while_asking: Vec<Call>,
    pub(crate) opening: Opening,
    pub(crate) steps: Vec<Step>,
    /// The server neither says nor ends anything once a closing handshake has begun.
    pub(crate) is_silent: bool,
    /// What each call of a listener does, in the order of these calls.
    pub(crate) reactions: Vec<Vec<Call>>,
    /// How the server ends TCP at last.
    pub(crate) end: End,
}

/// The server's part of the opening handshake.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Opening {
    Accept {
        /// In one write with what comes first.
        with_frames: bool,
    },
    Refuse,
    /// Of RFC 6455, or of draft 76's challenge.
    WrongAnswer,
    UnaskedProtocol,
    UnaskedExtension,
    /// So many 256ths of the response, and no more.
    Cut(u8, End),
    Silence,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum End {
    Finish,
    Reset,
}

#[derive(Clone, Debug)]
pub(crate) enum Step {
    Server(Burst),
    Script(Vec<Call>),
    End(End),
    /// The document goes away.
    Unload,
}

/// What a server sends at once.
#[derive(Clone, Debug)]
pub(crate) struct Burst {
    pub(crate) items: Vec<Item>,
    /// Bits that are flipped on the way.
    pub(crate) flips: Vec<prop::sample::Index>,
    /// What is left over for a second write.
    pub(crate) cut: Option<prop::sample::Index>,
}

impl Burst {
    pub(crate) fn bytes(&self) -> Vec<u8> {
        let items = self.items.iter().flat_map(|item| &item.bytes);
        let mut bytes: Vec<u8> = items.copied().collect();
        if !bytes.is_empty() {
            for flip in &self.flips {
                let bit = flip.index(bytes.len() * 8);
                bytes[bit / 8] ^= 1 << (bit % 8);
            }
        }
        bytes
    }

    pub(crate) fn writes(&self) -> Vec<Vec<u8>> {
        let mut first = self.bytes();
        match self.cut {
            Some(cut) if !first.is_empty() => {
                let second = first.split_off(cut.index(first.len()));
                vec![first, second]
            }
            _ => vec![first],
        }
    }
}

fn calls(edition: Edition, len: std::ops::Range<usize>) -> impl Strategy<Value = Vec<Call>> {
    prop::collection::vec(Call::any(edition), len)
}

fn end() -> impl Strategy<Value = End> {
    prop_oneof![Just(End::Finish), Just(End::Reset)]
}

fn opening(edition: Edition) -> impl Strategy<Value = Opening> {
    let opening = prop_oneof![
        30 => any::<bool>().prop_map(|with_frames| Opening::Accept { with_frames }),
        1 => Just(Opening::Refuse),
        1 => Just(Opening::WrongAnswer),
        1 => Just(Opening::UnaskedProtocol),
        1 => Just(Opening::UnaskedExtension),
        2 => (any::<u8>(), end()).prop_map(|(at, end)| Opening::Cut(at, end)),
        1 => Just(Opening::Silence),
    ];
    opening.prop_map(move |opening| match opening {
        // Draft 76 doesn't look at them.
        Opening::UnaskedProtocol | Opening::UnaskedExtension if edition == Edition::Html5 => {
            Opening::Refuse
        }
        opening => opening,
    })
}

fn burst(edition: Edition) -> impl Strategy<Value = Burst> {
    let flips = prop_oneof![
        6 => Just(Vec::new()),
        1 => prop::collection::vec(any::<prop::sample::Index>(), 1..3),
    ];
    let cut = prop::option::weighted(0.3, any::<prop::sample::Index>());
    let items = prop::collection::vec(item::any(edition), 1..6);
    (items, flips, cut).prop_map(|(items, flips, cut)| Burst { items, flips, cut })
}

fn step(edition: Edition) -> impl Strategy<Value = Step> {
    prop_oneof![
        8 => burst(edition).prop_map(Step::Server),
        4 => calls(edition, 1..4).prop_map(Step::Script),
        1 => end().prop_map(Step::End),
        1 => Just(Step::Unload),
    ]
}

impl Case {
    pub(crate) fn of(edition: Edition) -> impl Strategy<Value = Self> {
        let most_protocols = match edition {
            Edition::Living => 2,
            _ => 1_usize,
        };
        let at_first = (
            prop::collection::vec(Call::to_prepare(), 0..8),
            prop_oneof![9 => Just(Vec::new()).boxed(), 1 => calls(edition, 1..4).boxed()],
        );
        let while_asking =
            prop_oneof![9 => Just(Vec::new()).boxed(), 1 => calls(edition, 1..4).boxed()];
        (
            (
                0..=most_protocols,
                prop::bool::weighted(0.3),
                opening(edition),
            ),
            at_first,
            while_asking,
            prop::collection::vec(step(edition), 0..6),
            prop::bool::weighted(0.04),
            prop::collection::vec(calls(edition, 0..3), 0..12),
            end(),
        )
            .prop_map(
                move |(
                    (protocols, deflate, opening),
                    (listen, calls),
                    while_asking,
                    steps,
                    is_silent,
                    reactions,
                    end,
                )| {
                    let case = Self {
                        edition,
                        protocols,
                        deflate: deflate && edition == Edition::Living,
                        at_first: [listen, calls].concat(),
                        while_asking,
                        opening,
                        steps,
                        is_silent,
                        reactions,
                        end,
                    };
                    match case.deflate {
                        true => case.without_noise(),
                        false => case,
                    }
                },
            )
    }

    /// Where permessage-deflate is agreed on, what is deflated comes as it was: how soon a defect in it shows is nobody's
    /// rule.
    fn without_noise(mut self) -> Self {
        for step in &mut self.steps {
            if let Step::Server(burst) = step {
                burst.items.retain(|item| !item.is_noise);
                burst.flips.clear();
            }
        }
        self
    }

    pub(crate) fn protocols(&self) -> &'static [&'static str] {
        &["chat", "superchat"][..self.protocols]
    }
}
