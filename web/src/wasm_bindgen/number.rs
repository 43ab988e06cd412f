//! Numbers as ECMAScript converts them.

use super::JsValue;
use super::value::Value;

impl JsValue {
    /// ECMAScript `ToNumber`; an object is NaN, as most are.
    pub(crate) fn to_number(&self) -> f64 {
        match &self.0 {
            Value::Undefined | Value::Object(_) => f64::NAN,
            Value::Null => 0.0,
            Value::Boolean(b) => f64::from(u8::from(*b)),
            Value::Number(n) => *n,
            Value::String(s) => string_to_number(s),
        }
    }
}

/// ECMAScript `StringToNumber`.
fn string_to_number(text: &str) -> f64 {
    let text = text.trim();
    let radix =
        |digits: &str, radix| u64::from_str_radix(digits, radix).map_or(f64::NAN, |n| n as f64);
    match (text, text.get(..2)) {
        ("", _) => 0.0,
        ("Infinity" | "+Infinity", _) => f64::INFINITY,
        ("-Infinity", _) => f64::NEG_INFINITY,
        (_, Some("0x" | "0X")) => radix(&text[2..], 16),
        (_, Some("0o" | "0O")) => radix(&text[2..], 8),
        (_, Some("0b" | "0B")) => radix(&text[2..], 2),
        // Rust knows words for what is no number.
        _ if text.contains(|c: char| c.is_ascii_alphabetic() && !matches!(c, 'e' | 'E')) => {
            f64::NAN
        }
        _ => text.parse().unwrap_or(f64::NAN),
    }
}

/// ECMAScript `ToInt32`, whose low bits are those of the narrower ones.
pub(crate) fn to_int32(n: f64) -> i32 {
    if n.is_finite() {
        (n.trunc() % 4_294_967_296.0) as i64 as i32
    } else {
        0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn conversions_are_ecmascripts() {
        let number = |text: &str| JsValue::from_str(text).to_number();
        for (text, expected) in [
            ("", 0.0),
            (" 12 ", 12.0),
            ("-1.5e3", -1500.0),
            (".5", 0.5),
            ("0x1F", 31.0),
            ("0b11", 3.0),
            ("-Infinity", f64::NEG_INFINITY),
        ] {
            assert_eq!(number(text), expected, "{text:?}");
        }
        for text in ["inf", "nan", "infinity", "12px", "0x", "1,5", "e"] {
            assert!(number(text).is_nan(), "{text:?}");
        }
        assert_eq!(JsValue::NULL.to_number(), 0.0);
        assert!(JsValue::UNDEFINED.to_number().is_nan());
        assert_eq!(to_int32(4_294_967_297.9), 1);
        assert_eq!(to_int32(2_147_483_648.0), i32::MIN);
        assert_eq!(to_int32(-1.9), -1);
        assert_eq!(to_int32(1e20) as u8, 0);
        assert_eq!(to_int32(f64::NAN), 0);
    }
}
