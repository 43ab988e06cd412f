//! The Close frame's body (RFC 6455 sections 5.5.1 and 7.4).

use super::Violation;

/// The largest reason that fits a control frame behind the code.
pub(crate) const MAX_REASON: usize = 123;

/// A Close frame that was received.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Close {
    /// `None` if the body was empty.
    pub(super) code: Option<u16>,
    pub(super) reason: String,
}

impl Close {
    /// Reads a received body.
    pub(super) fn parse(body: &[u8]) -> Result<Self, Violation> {
        let (code, reason) = match body {
            [] => (None, body),
            [_] => return Err(Violation::Protocol),
            [high, low, reason @ ..] => (Some(u16::from_be_bytes([*high, *low])), reason),
        };
        if !code.is_none_or(may_be_received) {
            return Err(Violation::Protocol);
        }
        let reason = std::str::from_utf8(reason).map_err(|_| Violation::InvalidData)?;
        Ok(Self {
            code,
            reason: reason.to_owned(),
        })
    }
}

/// Section 7.4: the codes that may be in a Close frame. 1004 is undefined; 1005, 1006 and 1015 are
/// never on the wire; 1012 to 1014 were registered later.
fn may_be_received(code: u16) -> bool {
    matches!(code, 1000..=1003 | 1007..=1014 | 3000..=4999)
}

/// A body to send: empty without a code, or with one that may not be on the wire. A longer reason than fits is
/// cut at a character's end.
pub(super) fn body(close: Option<(u16, &str)>) -> Vec<u8> {
    let mut body = Vec::new();
    if let Some((code, reason)) = close.filter(|(code, _)| may_be_received(*code)) {
        let mut end = reason.len().min(MAX_REASON);
        while !reason.is_char_boundary(end) {
            end -= 1;
        }
        body.extend(code.to_be_bytes());
        body.extend(&reason.as_bytes()[..end]);
    }
    body
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bodies() {
        let close = |code, reason: &str| {
            Ok(Close {
                code,
                reason: reason.into(),
            })
        };
        assert_eq!(Close::parse(b""), close(None, ""));
        assert_eq!(Close::parse(b"\x03\xe8"), close(Some(1000), ""));
        assert_eq!(Close::parse(b"\x0f\xa0bye"), close(Some(4000), "bye"));
        assert_eq!(Close::parse(b"\x03"), Err(Violation::Protocol));
        assert_eq!(Close::parse(b"\x03\xe8\xff"), Err(Violation::InvalidData));
        assert_eq!(body(None), b"");
        assert_eq!(body(Some((4000, "bye"))), b"\x0f\xa0bye");
        assert_eq!(body(Some((1006, "bye"))), b"");
        let long = "x".repeat(122) + "é";
        assert_eq!(body(Some((4000, &long)))[2..], long.as_bytes()[..122]);
    }

    #[test]
    fn codes_that_may_not_be_on_the_wire() {
        for code in [
            0, 999, 1004, 1005, 1006, 1015, 1016, 2000, 2999, 5000, 65535,
        ] {
            let body = u16::to_be_bytes(code);
            assert_eq!(Close::parse(&body), Err(Violation::Protocol), "{code}");
        }
        for code in [1000, 1003, 1007, 1011, 1014, 3000, 4999] {
            assert!(Close::parse(&u16::to_be_bytes(code)).is_ok(), "{code}");
        }
    }
}
