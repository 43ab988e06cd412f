//! What script does.

use dom_websocket::{BinaryType, Edition};
use proptest::prelude::*;

/// More than the queue takes.
pub(crate) const HUGE: usize = SEND_QUEUE + 1;
pub(crate) const SEND_QUEUE: usize = 4 * 1024 * 1024;

#[derive(Clone, Debug)]
pub(crate) enum Call {
    Send(Data),
    /// `close()`.
    Close,
    CloseWith(Option<u16>, String),
    SetBinaryType(BinaryType),
    Listen(Type, Slot),
    StopListening(Type, Slot),
    /// Of the event whose listener this is.
    StopImmediatePropagation,
    QueueTask(u8),
    /// The first blob that is being read ends like this.
    EndReading(Reading),
}

/// How a blob's read ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reading {
    Right,
    /// With more than was said.
    WrongSize,
    Fails,
}

#[derive(Clone, Debug)]
pub(crate) enum Data {
    Text(usize),
    /// UTF-16 with an unpaired surrogate.
    Surrogate,
    Bytes(usize),
    Blob(usize),
    /// A blob that is yet to be read.
    Unread(usize),
}

impl Data {
    /// A text of so many bytes in UTF-8.
    pub(crate) fn text(len: usize) -> String {
        match len {
            0 | 1 => "x".repeat(len),
            _ => format!("é{}", "x".repeat(len - 2)),
        }
    }

    pub(crate) fn bytes(len: usize) -> Vec<u8> {
        (0..len).map(|at| (at * 7) as u8).collect()
    }

    pub(crate) const SURROGATE: [u16; 3] = [0x68, 0xd83d, 0x69];
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Type {
    Open,
    Message,
    Error,
    Close,
}

impl Type {
    pub(crate) const ALL: [Self; 4] = [Self::Open, Self::Message, Self::Error, Self::Close];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Message => "message",
            Self::Error => "error",
            Self::Close => "close",
        }
    }
}

/// Which of a type's listeners.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Slot {
    /// There from the beginning to the end; it captures.
    Always,
    Capturing,
    Plain,
    Once,
    /// `onopen` and its like.
    Handler,
}

impl Slot {
    pub(crate) fn captures(self) -> bool {
        matches!(self, Self::Always | Self::Capturing)
    }
}

fn data(edition: Edition) -> impl Strategy<Value = Data> {
    let len = || {
        prop_oneof![
            8 => prop::sample::select(vec![0, 1, 5, 125, 126, 300]),
            1 => prop::sample::select(vec![65_535, 65_536]),
        ]
    };
    let binary = match edition {
        Edition::Living => 3,
        _ => 1,
    };
    prop_oneof![
        6 => len().prop_map(Data::Text),
        1 => Just(Data::Text(HUGE)),
        1 => Just(Data::Surrogate),
        binary => len().prop_map(Data::Bytes),
        binary => len().prop_map(Data::Blob),
        1 => (1..300_usize).prop_map(Data::Unread),
    ]
}

fn close_with() -> impl Strategy<Value = Call> {
    let code = prop_oneof![
        Just(None),
        Just(Some(1000)),
        prop::sample::select(vec![3000, 4000, 4999]).prop_map(Some),
        prop::sample::select(vec![0, 999, 1001, 2999, 5000]).prop_map(Some),
    ];
    let reason = prop_oneof![
        4 => Just(String::new()),
        4 => Just("that is all".to_owned()),
        1 => Just("é".repeat(61) + "x"),
        1 => Just("é".repeat(62)),
    ];
    (code, reason).prop_map(|(code, reason)| Call::CloseWith(code, reason))
}

fn reading() -> impl Strategy<Value = Reading> {
    prop_oneof![
        8 => Just(Reading::Right),
        1 => Just(Reading::WrongSize),
        1 => Just(Reading::Fails),
    ]
}

fn listener() -> impl Strategy<Value = (Type, Slot)> {
    let slot = prop::sample::select(vec![
        Slot::Capturing,
        Slot::Plain,
        Slot::Once,
        Slot::Handler,
    ]);
    (prop::sample::select(Type::ALL.to_vec()), slot)
}

impl Call {
    pub(crate) fn any(edition: Edition) -> impl Strategy<Value = Self> {
        prop_oneof![
            8 => data(edition).prop_map(Self::Send),
            2 => Just(Self::Close),
            2 => close_with(),
            2 => prop::sample::select(vec![BinaryType::Blob, BinaryType::ArrayBuffer])
                .prop_map(Self::SetBinaryType),
            6 => listener().prop_map(|(type_, slot)| Self::Listen(type_, slot)),
            3 => listener().prop_map(|(type_, slot)| Self::StopListening(type_, slot)),
            1 => Just(Self::StopImmediatePropagation),
            2 => any::<u8>().prop_map(Self::QueueTask),
            2 => reading().prop_map(Self::EndReading),
        ]
    }

    /// Before there is an event.
    pub(crate) fn to_prepare() -> impl Strategy<Value = Self> {
        prop_oneof![
            8 => listener().prop_map(|(type_, slot)| Self::Listen(type_, slot)),
            1 => Just(Self::SetBinaryType(BinaryType::ArrayBuffer)),
        ]
    }
}
