//! What a room and its terminals say to each other: a line of JSON each.

use serde_json::{Value, json};

/// The subprotocol by which a terminal asks for a room.
pub(crate) const PROTOCOL: &str = "chat-room";

/// The longest name, in characters.
pub(crate) const NAME: usize = 24;
/// The longest text, in characters.
const TEXT: usize = 2000;

/// From a terminal to its room.
#[derive(Debug, PartialEq)]
pub(crate) enum ToRoom {
    /// The first: who it is.
    Join(String),
    Say(String),
    /// Something stands on the line, or no longer.
    Typing(bool),
}

/// From a room to its terminals.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum ToTerminal {
    /// The first: that it is a room.
    Hello,
    /// The name that the terminal has here. What came before was said before.
    Welcome(String),
    Joined(String),
    Left(String),
    Said {
        name: String,
        text: String,
    },
    /// All who are typing.
    Typing(Vec<String>),
}

impl ToRoom {
    /// What a room would tell everybody of this line. `None`: nothing, and so it would not answer.
    pub(crate) fn say(line: &str) -> Option<Self> {
        let text = shown(line, TEXT);
        (!text.is_empty()).then_some(Self::Say(text))
    }

    pub(crate) fn write(&self) -> String {
        match self {
            Self::Join(name) => json!({ "join": name }),
            Self::Say(text) => json!({ "say": text }),
            Self::Typing(is_typing) => json!({ "typing": is_typing }),
        }
        .to_string()
    }

    /// `None`: it is none of these.
    pub(crate) fn read(line: &str) -> Option<Self> {
        let line: Value = serde_json::from_str(line).ok()?;
        let text = |key: &str, limit| Some(shown(line.get(key)?.as_str()?, limit));
        if let Some(name) = text("join", NAME) {
            return Some(Self::Join(name));
        }
        if let Some(text) = text("say", TEXT) {
            return Some(Self::Say(text));
        }
        line.get("typing")?.as_bool().map(Self::Typing)
    }
}

impl ToTerminal {
    pub(crate) fn write(&self) -> String {
        match self {
            Self::Hello => json!({ "hello": "room" }),
            Self::Welcome(name) => json!({ "welcome": name }),
            Self::Joined(name) => json!({ "joined": name }),
            Self::Left(name) => json!({ "left": name }),
            Self::Said { name, text } => json!({ "from": name, "say": text }),
            Self::Typing(names) => json!({ "typing": names }),
        }
        .to_string()
    }

    /// `None`: it is none of these.
    pub(crate) fn read(line: &str) -> Option<Self> {
        let line: Value = serde_json::from_str(line).ok()?;
        let text = |key: &str, limit| Some(shown(line.get(key)?.as_str()?, limit));
        if text("hello", NAME).is_some() {
            return Some(Self::Hello);
        }
        if let Some(name) = text("welcome", NAME) {
            return Some(Self::Welcome(name));
        }
        if let Some(name) = text("joined", NAME) {
            return Some(Self::Joined(name));
        }
        if let Some(name) = text("left", NAME) {
            return Some(Self::Left(name));
        }
        if let (Some(name), Some(text)) = (text("from", NAME), text("say", TEXT)) {
            return Some(Self::Said { name, text });
        }
        let names = line.get("typing")?.as_array()?.iter();
        let names = names
            .filter_map(Value::as_str)
            .map(|name| shown(name, NAME));
        Some(Self::Typing(names.collect()))
    }
}

/// What may stand on a terminal: nothing that moves its cursor, or turns round what stands behind it.
pub(crate) fn shown(text: &str, limit: usize) -> String {
    let is_direction = |c| matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    let characters = text.chars();
    let characters = characters.filter(|c| !c.is_control() && !is_direction(*c));
    characters.take(limit).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_is_read_as_it_was_written() {
        for message in [
            ToRoom::Join("Ada".into()),
            ToRoom::Say("Grüße!".into()),
            ToRoom::Typing(true),
        ] {
            assert_eq!(ToRoom::read(&message.write()), Some(message));
        }
        for message in [
            ToTerminal::Hello,
            ToTerminal::Welcome("Ada".into()),
            ToTerminal::Joined("Ada".into()),
            ToTerminal::Left("Ada".into()),
            ToTerminal::Said {
                name: "Ada".into(),
                text: "hello".into(),
            },
            ToTerminal::Typing(vec!["Ada".into(), "Bob".into()]),
        ] {
            assert_eq!(ToTerminal::read(&message.write()), Some(message));
        }
    }

    #[test]
    fn a_line_without_anything_to_show_says_nothing() {
        for line in ["", "\u{7}", "\u{1b}\r\t"] {
            assert_eq!(ToRoom::say(line), None, "{line:?}");
        }
        assert_eq!(ToRoom::say("a\u{7}b"), Some(ToRoom::Say("ab".into())));
    }

    #[test]
    fn what_others_write_moves_no_cursor_and_fills_no_screen() {
        let line = json!({ "say": "a\u{1b}[2J\u{202e}b\r\nc\u{2067}".repeat(1000) }).to_string();
        let Some(ToRoom::Say(text)) = ToRoom::read(&line) else {
            panic!("it says something");
        };
        assert!(text.starts_with("a[2Jbc"));
        assert_eq!(text.chars().count(), TEXT);
        for line in [
            "",
            "{}",
            "[]",
            "\"say\"",
            "{\"say\":1}",
            "{\"typing\":\"x\"}",
        ] {
            assert_eq!(ToRoom::read(line), None, "{line}");
            assert_eq!(ToTerminal::read(line), None, "{line}");
        }
    }
}
