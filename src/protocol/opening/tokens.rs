//! Tokens and lists of them in HTTP fields (RFC 9110 section 5.6).

/// RFC 9110 section 5.6.2: one or more visible ASCII characters that are no delimiters.
pub(crate) fn is_token(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(is_token_byte)
}

fn is_token_byte(byte: u8) -> bool {
    byte.is_ascii_graphic()
        && !matches!(
            byte,
            b'(' | b')'
                | b'<'
                | b'>'
                | b'@'
                | b','
                | b';'
                | b':'
                | b'\\'
                | b'"'
                | b'/'
                | b'['
                | b']'
                | b'?'
                | b'='
                | b'{'
                | b'}'
        )
}

/// Whether a list (`1#token`) contains this token, compared without regard to ASCII case.
pub(super) fn list_contains(list: &str, token: &str) -> bool {
    list.split(',')
        .any(|element| trim(element).eq_ignore_ascii_case(token))
}

/// Without optional white space.
pub(super) fn trim(text: &str) -> &str {
    text.trim_matches([' ', '\t'])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_and_lists() {
        for token in ["chat", "a.b-c_d!#$%&'*+^`|~9", "x"] {
            assert!(is_token(token), "{token}");
        }
        for other in [
            "", "a b", "a,b", "a\t", "\u{fc}", "a;b", "(", "\"x\"", "a/b",
        ] {
            assert!(!is_token(other), "{other}");
        }
        assert!(list_contains("keep-alive, Upgrade", "upgrade"));
        assert!(list_contains("upgrade\t,x", "upgrade"));
        assert!(!list_contains("upgraded, not-upgrade", "upgrade"));
    }
}
