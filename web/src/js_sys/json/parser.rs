//! ECMAScript `JSON.parse`.

use super::DEEPEST;
use crate::js_sys::{Array, RangeError, SyntaxError};
use crate::wasm_bindgen::JsValue;
use std::collections::HashMap;

/// Reads a text from its beginning.
pub(super) struct Parser<'a> {
    text: &'a str,
    place: usize,
    /// The arrays and objects that the place is in.
    open: Vec<Open>,
}

/// An array or an object whose end has not come yet.
enum Open {
    Array(Vec<JsValue>),
    Object {
        members: Vec<(String, JsValue)>,
        /// Where each of them is: of two with the same name the second counts.
        places: HashMap<String, usize>,
        /// The name of the one that is being read.
        name: String,
    },
}

impl<'a> Parser<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        Self {
            text,
            place: 0,
            open: Vec::new(),
        }
    }

    pub(super) fn parse(mut self) -> Result<JsValue, JsValue> {
        loop {
            let Some(mut value) = self.begin_value()? else {
                continue;
            };
            // Each value may be the last one of what it is in.
            loop {
                match self.end_value(value)? {
                    End::Whole(value) => return Ok(value),
                    End::More => break,
                    End::Closed(closed) => value = closed,
                }
            }
        }
    }

    /// A value, unless it is an array or an object with something in it, which is then open.
    fn begin_value(&mut self) -> Result<Option<JsValue>, JsValue> {
        Ok(Some(match self.peek() {
            Some(b'"') => JsValue::from(self.string()?),
            Some(b'-' | b'0'..=b'9') => self.number()?,
            Some(b'[') => {
                self.open(Open::Array(Vec::new()))?;
                match self.take(b']') {
                    true => self.close(),
                    false => return Ok(None),
                }
            }
            Some(b'{') => {
                self.open(Open::Object {
                    members: Vec::new(),
                    places: HashMap::new(),
                    name: String::new(),
                })?;
                if self.take(b'}') {
                    self.close()
                } else {
                    self.name()?;
                    return Ok(None);
                }
            }
            _ if self.take_word("true") => JsValue::TRUE,
            _ if self.take_word("false") => JsValue::FALSE,
            _ if self.take_word("null") => JsValue::NULL,
            _ => return Err(self.unexpected()),
        }))
    }

    /// What follows a value.
    fn end_value(&mut self, value: JsValue) -> Result<End, JsValue> {
        let Some(open) = self.open.last_mut() else {
            return match self.peek() {
                None => Ok(End::Whole(value)),
                Some(_) => Err(self.unexpected()),
            };
        };
        let end = open.push(value);
        if self.take(end) {
            return Ok(End::Closed(self.close()));
        }
        if !self.take(b',') {
            return Err(self.unexpected());
        }
        if end == b'}' {
            self.name()?;
        }
        Ok(End::More)
    }

    fn open(&mut self, open: Open) -> Result<(), JsValue> {
        if self.open.len() == DEEPEST {
            return Err(RangeError::new("the JSON is too deep").into());
        }
        self.place += 1;
        self.open.push(open);
        Ok(())
    }

    fn close(&mut self) -> JsValue {
        match self.open.pop() {
            Some(Open::Array(values)) => Array::from_iter(values).into(),
            Some(Open::Object { members, .. }) => JsValue::plain(members),
            None => JsValue::UNDEFINED,
        }
    }

    /// The name of a member, with its colon.
    fn name(&mut self) -> Result<(), JsValue> {
        if self.peek() != Some(b'"') {
            return Err(self.unexpected());
        }
        let read = self.string()?;
        if let Some(Open::Object { name, .. }) = self.open.last_mut() {
            *name = read;
        }
        match self.take(b':') {
            true => Ok(()),
            false => Err(self.unexpected()),
        }
    }

    /// The next byte that is no white space.
    fn peek(&mut self) -> Option<u8> {
        let rest = &self.text.as_bytes()[self.place..];
        let is_space = |byte: &u8| matches!(byte, b' ' | b'\t' | b'\n' | b'\r');
        self.place += rest.iter().take_while(|byte| is_space(byte)).count();
        self.text.as_bytes().get(self.place).copied()
    }

    fn take(&mut self, byte: u8) -> bool {
        let is_there = self.peek() == Some(byte);
        self.place += usize::from(is_there);
        is_there
    }

    fn take_word(&mut self, word: &str) -> bool {
        let is_there = self.text[self.place..].starts_with(word);
        self.place += if is_there { word.len() } else { 0 };
        is_there
    }

    fn number(&mut self) -> Result<JsValue, JsValue> {
        let begin = self.place;
        self.place += usize::from(self.byte() == Some(b'-'));
        match self.byte() {
            Some(b'0') => self.place += 1,
            _ => self.digits()?,
        }
        if self.byte() == Some(b'.') {
            self.place += 1;
            self.digits()?;
        }
        if matches!(self.byte(), Some(b'e' | b'E')) {
            self.place += 1;
            self.place += usize::from(matches!(self.byte(), Some(b'+' | b'-')));
            self.digits()?;
        }
        let number = self.text[begin..self.place].parse::<f64>();
        number.map(JsValue::from).map_err(|_| self.unexpected())
    }

    fn byte(&self) -> Option<u8> {
        self.text.as_bytes().get(self.place).copied()
    }

    /// One at least.
    fn digits(&mut self) -> Result<(), JsValue> {
        let rest = &self.text.as_bytes()[self.place..];
        match rest.iter().take_while(|byte| byte.is_ascii_digit()).count() {
            0 => Err(self.unexpected()),
            count => {
                self.place += count;
                Ok(())
            }
        }
    }

    /// A string, from its first quotation mark on.
    fn string(&mut self) -> Result<String, JsValue> {
        self.place += 1;
        let mut read = String::new();
        loop {
            let rest = &self.text[self.place..];
            let end = rest.find(|c: char| matches!(c, '"' | '\\') || c < ' ');
            let end = end.unwrap_or(rest.len());
            read.push_str(&rest[..end]);
            self.place += end;
            match self.byte() {
                Some(b'"') => {
                    self.place += 1;
                    return Ok(read);
                }
                Some(b'\\') => {
                    self.place += 1;
                    read.push(self.escaped()?);
                }
                _ => return Err(self.unexpected()),
            }
        }
    }

    /// What follows a backslash. Half a surrogate pair is U+FFFD, as strings are UTF-8.
    fn escaped(&mut self) -> Result<char, JsValue> {
        let escaped = match self.byte() {
            Some(c @ (b'"' | b'\\' | b'/')) => char::from(c),
            Some(b'b') => '\u{8}',
            Some(b'f') => '\u{c}',
            Some(b'n') => '\n',
            Some(b'r') => '\r',
            Some(b't') => '\t',
            Some(b'u') => {
                self.place += 1;
                let unit = self.code_unit()?;
                return self.character(unit);
            }
            _ => return Err(self.unexpected()),
        };
        self.place += 1;
        Ok(escaped)
    }

    fn character(&mut self, unit: u16) -> Result<char, JsValue> {
        let mut units = vec![unit];
        let follows = self.text[self.place..].starts_with("\\u");
        if (0xd800..0xdc00).contains(&unit) && follows {
            let before = self.place;
            self.place += 2;
            let next = self.code_unit()?;
            match (0xdc00..0xe000).contains(&next) {
                true => units.push(next),
                false => self.place = before,
            }
        }
        let decoded = char::decode_utf16(units).next();
        Ok(decoded
            .and_then(Result::ok)
            .unwrap_or(char::REPLACEMENT_CHARACTER))
    }

    /// Four hexadecimal digits.
    fn code_unit(&mut self) -> Result<u16, JsValue> {
        let digits = self.text.as_bytes().get(self.place..self.place + 4);
        let digits = digits.filter(|digits| digits.iter().all(u8::is_ascii_hexdigit));
        let unit = digits.and_then(|digits| {
            u16::from_str_radix(std::str::from_utf8(digits).unwrap_or_default(), 16).ok()
        });
        let unit = unit.ok_or_else(|| self.unexpected())?;
        self.place += 4;
        Ok(unit)
    }

    fn unexpected(&self) -> JsValue {
        let words = match self
            .text
            .get(self.place..)
            .and_then(|rest| rest.chars().next())
        {
            Some(c) => format!("unexpected {c:?} in JSON at byte {}", self.place),
            None => "unexpected end of JSON".to_owned(),
        };
        SyntaxError::new(&words).into()
    }
}

/// What comes of a value.
enum End {
    /// It was all.
    Whole(JsValue),
    /// Another one follows.
    More,
    /// It was the last one of this.
    Closed(JsValue),
}

impl Open {
    /// Takes a value in, and yields what would end this.
    fn push(&mut self, value: JsValue) -> u8 {
        match self {
            Self::Array(values) => {
                values.push(value);
                b']'
            }
            Self::Object {
                members,
                places,
                name,
            } => {
                let name = std::mem::take(name);
                match places.get(&name) {
                    Some(place) => members[*place].1 = value,
                    None => {
                        places.insert(name.clone(), members.len());
                        members.push((name, value));
                    }
                }
                b'}'
            }
        }
    }
}
