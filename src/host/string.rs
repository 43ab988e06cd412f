//! WebIDL `DOMString` and `USVString`.

use std::borrow::Cow;

/// WebIDL `DOMString`: a sequence of UTF-16 code units, which may have unpaired surrogates.
///
/// Two are equal if their code units are.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct DomString(Content);

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Content {
    /// Every string without an unpaired surrogate.
    Text(Cow<'static, str>),
    /// Every string with one.
    Units(Vec<u16>),
}

impl DomString {
    /// A string of these code units.
    #[must_use]
    pub fn from_utf16(units: &[u16]) -> Self {
        match String::from_utf16(units) {
            Ok(text) => Self::from(text),
            Err(_) => Self(Content::Units(units.to_vec())),
        }
    }

    /// A string that the program has.
    pub(super) const fn from_static(text: &'static str) -> Self {
        Self(Content::Text(Cow::Borrowed(text)))
    }

    /// The string, if it has no unpaired surrogate.
    #[must_use]
    pub fn as_str(&self) -> Option<&str> {
        match &self.0 {
            Content::Text(text) => Some(text),
            Content::Units(_) => None,
        }
    }

    /// The code units.
    #[must_use]
    pub fn to_utf16(&self) -> Vec<u16> {
        match &self.0 {
            Content::Text(text) => text.encode_utf16().collect(),
            Content::Units(units) => units.clone(),
        }
    }

    /// WebIDL `USVString`: unpaired surrogates become U+FFFD.
    #[must_use]
    pub fn to_usv_string(&self) -> Cow<'_, str> {
        match &self.0 {
            Content::Text(text) => Cow::Borrowed(text),
            Content::Units(units) => Cow::Owned(String::from_utf16_lossy(units)),
        }
    }

    /// As [`to_usv_string`](Self::to_usv_string), of a string that is not needed any more.
    #[must_use]
    pub fn into_usv_string(self) -> String {
        match self.0 {
            Content::Text(text) => text.into_owned(),
            Content::Units(units) => String::from_utf16_lossy(&units),
        }
    }
}

impl Default for DomString {
    fn default() -> Self {
        Self::from_static("")
    }
}

impl From<String> for DomString {
    fn from(text: String) -> Self {
        Self(Content::Text(text.into()))
    }
}

impl From<&str> for DomString {
    fn from(text: &str) -> Self {
        Self::from(text.to_owned())
    }
}

impl PartialEq<str> for DomString {
    fn eq(&self, other: &str) -> bool {
        self.as_str() == Some(other)
    }
}
