//! The value of a `Set-Cookie` field (6265bis section 5.6).

use super::date;

/// Step 5, in bytes.
const MAX_PAIR: usize = 4096;
/// Step 6 of the attributes, in bytes.
const MAX_ATTRIBUTE: usize = 1024;
/// Section 5.5: 400 days.
pub(super) const MAX_AGE: i64 = 34_560_000;

/// What a server says of a cookie: of an attribute that stands there more than once the last counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct SetCookie<'a> {
    /// May be empty, unless the value is.
    pub(super) name: &'a str,
    pub(super) value: &'a str,
    /// In seconds since 1970. `None`: with the session.
    pub(super) expires: Option<i64>,
    /// Without a dot in front. Empty: the host's alone.
    pub(super) domain: &'a str,
    /// `Some` if there is such an attribute, empty if it is the default.
    pub(super) path: Option<&'a str>,
    pub(super) is_secure: bool,
    pub(super) is_http_only: bool,
    /// `SameSite=None`.
    pub(super) is_for_all_sites: bool,
}

impl<'a> SetCookie<'a> {
    /// `None` where it has to be ignored.
    pub(super) fn parse(field: &'a str, now: i64) -> Option<Self> {
        if !is_text(field) {
            return None;
        }
        let mut parts = field.split(';');
        let pair = parts.next().unwrap_or_default();
        let (name, value) = pair.split_once('=').unwrap_or(("", pair));
        let mut cookie = Self::new(trim(name), trim(value))?;
        let (mut max_age, mut expires) = (None, None);
        for attribute in parts {
            let (name, value) = attribute.split_once('=').unwrap_or((attribute, ""));
            let value = trim(value);
            if value.len() > MAX_ATTRIBUTE {
                continue;
            }
            match trim(name).to_ascii_lowercase().as_str() {
                "expires" => expires = date::parse(value).or(expires),
                "max-age" => max_age = expiry_of(value, now).or(max_age),
                "domain" => cookie.domain = value.strip_prefix('.').unwrap_or(value),
                "path" => {
                    cookie.path = Some(value)
                        .filter(|path| path.starts_with('/'))
                        .or(Some(""))
                }
                "secure" => cookie.is_secure = true,
                "httponly" => cookie.is_http_only = true,
                "samesite" => cookie.is_for_all_sites = value.eq_ignore_ascii_case("none"),
                _ => {}
            }
        }
        cookie.expires = max_age.or(expires).map(|time| time.min(now + MAX_AGE));
        Some(cookie)
    }

    /// One that ends with the session, and is its host's. `None` if it says nothing, or too much.
    pub(super) fn new(name: &'a str, value: &'a str) -> Option<Self> {
        let len = name.len() + value.len();
        let cookie = Self {
            name,
            value,
            ..Self::default()
        };
        (1..=MAX_PAIR).contains(&len).then_some(cookie)
    }
}

/// Nothing that could end a line.
pub(super) fn is_text(cookie: &str) -> bool {
    !cookie.chars().any(|c| c.is_control() && c != '\t')
}

/// Section 5.6.2.
fn expiry_of(max_age: &str, now: i64) -> Option<i64> {
    let digits = max_age.strip_prefix('-').unwrap_or(max_age);
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    // More digits than a number has are a long time.
    let age = max_age.parse().unwrap_or(i64::MAX);
    let is_over = max_age.starts_with('-') || age == 0;
    Some(if is_over {
        i64::MIN
    } else {
        now.saturating_add(age)
    })
}

fn trim(text: &str) -> &str {
    text.trim_matches([' ', '\t'])
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: i64 = 1_000_000_000;

    fn parse(field: &str) -> SetCookie<'_> {
        SetCookie::parse(field, NOW).unwrap_or_else(|| panic!("{field:?} is ignored"))
    }

    #[test]
    fn names_and_values() {
        for (field, name, value) in [
            ("a=b", "a", "b"),
            (" a\t= b c\t;", "a", "b c"),
            ("a=", "a", ""),
            ("a==b=", "a", "=b="),
            ("a=\"b\"", "a", "\"b\""),
            ("a", "", "a"),
            ("=a", "", "a"),
            (" = a", "", "a"),
            ("\u{e4}=\u{2003}", "\u{e4}", "\u{2003}"),
        ] {
            let cookie = parse(field);
            assert_eq!((cookie.name, cookie.value), (name, value), "{field:?}");
            let plain = SetCookie::new(name, value).unwrap();
            assert_eq!(cookie, plain, "{field:?}");
        }
        for field in ["", "=", " = ; Path=/", ";", "a=\u{7f}", "a=b\n", "a=b; x\0"] {
            assert_eq!(SetCookie::parse(field, NOW), None, "{field:?}");
        }
    }

    #[test]
    fn the_last_of_each_attribute_counts() {
        let cookie =
            parse("a=b; Domain=x; DOMAIN = .Y ;Path=/x; path=/y;secure=no;httponly;SameSite=none");
        let all = SetCookie {
            domain: "Y",
            path: Some("/y"),
            is_secure: true,
            is_http_only: true,
            is_for_all_sites: true,
            ..SetCookie::new("a", "b").unwrap()
        };
        assert_eq!(cookie, all);
        assert_eq!(parse("a=b; Domain=x; Domain").domain, "");
        assert_eq!(parse("a=b; Path=/x; Path").path, Some(""));
        assert_eq!(parse("a=b; Path=x").path, Some(""));
        assert!(!parse("a=b; SameSite=None; SameSite=odd").is_for_all_sites);
    }

    #[test]
    fn lifetimes() {
        for (attributes, expires) in [
            ("", None),
            ("Max-Age=10", Some(NOW + 10)),
            ("Max-Age=010", Some(NOW + 10)),
            ("Max-Age=34560001", Some(NOW + MAX_AGE)),
            ("Max-Age=99999999999999999999999", Some(NOW + MAX_AGE)),
            ("Max-Age=0", Some(i64::MIN)),
            ("Max-Age=-1", Some(i64::MIN)),
            ("Max-Age=-99999999999999999999999", Some(i64::MIN)),
            ("Max-Age=", None),
            ("Max-Age", None),
            ("Max-Age=-", None),
            ("Max-Age=+1", None),
            ("Max-Age=1.5", None),
            ("Max-Age=1; Max-Age=x", Some(NOW + 1)),
            (
                "Max-Age=1; Expires=Thu, 01 Jan 1970 00:00:00 GMT",
                Some(NOW + 1),
            ),
            ("Expires=Thu, 01 Jan 1970 00:00:07", Some(7)),
            ("Expires=Thu, 01 Jan 1970 00:00:07; Expires=never", Some(7)),
            ("Expires=never", None),
            ("Expires=Fri, 31 Dec 9999 23:59:59 GMT", Some(NOW + MAX_AGE)),
        ] {
            let field = format!("a=b; {attributes}");
            assert_eq!(parse(&field).expires, expires, "{attributes}");
        }
    }

    #[test]
    fn lengths() {
        let long = "x".repeat(MAX_PAIR);
        assert_eq!(SetCookie::parse(&format!("a={long}"), NOW), None);
        assert_eq!(parse(&format!(" ={long} ")).value, long);
        let long = "x".repeat(MAX_ATTRIBUTE);
        assert_eq!(parse(&format!("a=b; Domain=y; Domain={long}")).domain, long);
        assert_eq!(parse(&format!("a=b; Domain=y; Domain=x{long}")).domain, "y");
        assert_eq!(
            parse(&format!("a=b; Path=/y; Path=/{long}")).path,
            Some("/y")
        );
    }
}
