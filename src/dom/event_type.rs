//! An event's type: the name that listeners ask for it by.

use std::borrow::Cow;

/// The events that have a handler (`onopen` and its kin).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum HandlerType {
    Open,
    Message,
    Error,
    Close,
    /// No standard has it: the peer has sent all.
    End,
    /// No standard has it: there is room again.
    Drain,
}

impl HandlerType {
    fn name(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Message => "message",
            Self::Error => "error",
            Self::Close => "close",
            Self::End => "end",
            Self::Drain => "drain",
        }
    }

    /// One of its own.
    pub(super) fn bit(self) -> u8 {
        1 << self as u8
    }

    fn of(name: &str) -> Option<Self> {
        match name {
            "open" => Some(Self::Open),
            "message" => Some(Self::Message),
            "error" => Some(Self::Error),
            "close" => Some(Self::Close),
            "end" => Some(Self::End),
            "drain" => Some(Self::Drain),
            _ => None,
        }
    }
}

/// A type. One that has a handler is known by that, so that no names are compared for each event.
#[derive(PartialEq, Eq)]
pub(super) enum EventType {
    Handled(HandlerType),
    /// Any other name.
    Other(Cow<'static, str>),
}

impl EventType {
    pub(super) fn name(&self) -> &str {
        match self {
            Self::Handled(type_) => type_.name(),
            Self::Other(name) => name,
        }
    }

    pub(super) fn handler(&self) -> Option<HandlerType> {
        match self {
            Self::Handled(type_) => Some(*type_),
            Self::Other(_) => None,
        }
    }
}

impl From<HandlerType> for EventType {
    fn from(type_: HandlerType) -> Self {
        Self::Handled(type_)
    }
}

impl From<Cow<'static, str>> for EventType {
    fn from(name: Cow<'static, str>) -> Self {
        HandlerType::of(&name).map_or(Self::Other(name), Self::Handled)
    }
}

impl From<&str> for EventType {
    fn from(name: &str) -> Self {
        let handler = HandlerType::of(name);
        handler.map_or_else(|| Self::Other(name.to_owned().into()), Self::Handled)
    }
}
