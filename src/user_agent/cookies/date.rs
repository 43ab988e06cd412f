//! Dates as servers write them (6265bis section 5.1.1).

const MONTHS: [&[u8; 3]; 12] = [
    b"jan", b"feb", b"mar", b"apr", b"may", b"jun", b"jul", b"aug", b"sep", b"oct", b"nov", b"dec",
];

/// In seconds since 1970, before which they are negative.
pub(super) fn parse(text: &str) -> Option<i64> {
    let (mut time, mut day, mut month, mut year) = (None, None, None, None);
    let tokens = text.as_bytes().split(|&byte| is_delimiter(byte));
    // Steps 1 and 2. The first token of each kind counts, and a token is of one kind.
    for token in tokens {
        if time.is_none() {
            time = time_of_day(token);
            if time.is_some() {
                continue;
            }
        }
        if day.is_none() {
            day = number(token, 1..=2);
            if day.is_some() {
                continue;
            }
        }
        if month.is_none() {
            month = month_of(token);
            if month.is_some() {
                continue;
            }
        }
        if year.is_none() {
            year = number(token, 2..=4);
        }
    }
    // Steps 3 to 6.
    let ((hour, minute, second), day, month) = (time?, day?, month?);
    let year = match year? {
        year @ 70..=99 => year + 1900,
        year @ 0..=69 => year + 2000,
        year => year,
    };
    let is_date = year >= 1601 && (1..=days_of(month, year)).contains(&day);
    if !is_date || hour > 23 || minute > 59 || second > 59 {
        return None;
    }
    let days = days_before(year) + (1..month).map(|m| days_of(m, year)).sum::<i64>() + day - 1;
    Some(((days * 24 + hour) * 60 + minute) * 60 + second)
}

fn is_delimiter(byte: u8) -> bool {
    matches!(byte, b'\t' | b' '..=b'/' | b';'..=b'@' | b'['..=b'`' | b'{'..=b'~')
}

/// So many digits at the front, and no further one.
fn digits(token: &[u8], count: std::ops::RangeInclusive<usize>) -> Option<(i64, &[u8])> {
    let end = token.iter().position(|byte| !byte.is_ascii_digit());
    let (digits, rest) = token.split_at(end.unwrap_or(token.len()));
    let value = |value, digit: &u8| value * 10 + i64::from(digit - b'0');
    count
        .contains(&digits.len())
        .then(|| (digits.iter().fold(0, value), rest))
}

fn number(token: &[u8], count: std::ops::RangeInclusive<usize>) -> Option<i64> {
    digits(token, count).map(|(number, _)| number)
}

fn time_of_day(token: &[u8]) -> Option<(i64, i64, i64)> {
    let (hour, rest) = digits(token, 1..=2)?;
    let (minute, rest) = digits(rest.strip_prefix(b":")?, 1..=2)?;
    let (second, _) = digits(rest.strip_prefix(b":")?, 1..=2)?;
    Some((hour, minute, second))
}

/// From 1 on.
fn month_of(token: &[u8]) -> Option<i64> {
    let name = token.get(..3)?;
    (1..)
        .zip(MONTHS)
        .find(|(_, month)| name.eq_ignore_ascii_case(*month))
        .map(|(number, _)| number)
}

fn is_leap(year: i64) -> bool {
    year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
}

fn days_of(month: i64, year: i64) -> i64 {
    match month {
        2 if is_leap(year) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// From the beginning of 1970 to that of this year.
fn days_before(year: i64) -> i64 {
    let leap_days = |year: i64| year / 4 - year / 100 + year / 400;
    (year - 1970) * 365 + leap_days(year - 1) - leap_days(1969)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates() {
        for (text, seconds) in [
            ("Thu, 01 Jan 1970 00:00:00 GMT", 0),
            ("Sun, 06 Nov 1994 08:49:37 GMT", 784_111_777),
            ("Sunday, 06-Nov-94 08:49:37 GMT", 784_111_777),
            ("Sun Nov  6 08:49:37 1994", 784_111_777),
            ("06 Nov 1994 08:49:37", 784_111_777),
            ("1994 nov 6 8:49:37", 784_111_777),
            ("08:49:37 6th November 1994 +0100", 784_111_777),
            ("Tue, 29 Feb 2000 23:59:59 GMT", 951_868_799),
            ("29 Feb 2024 00:00:00", 1_709_164_800),
            ("31 Dec 9999 23:59:59", 253_402_300_799),
            ("1 Jan 1601 00:00:00", -11_644_473_600),
            ("31 Dec 69 23:59:59", 3_155_759_999),
            ("1 Jan 70 00:00:00", 0),
            ("1 Jan 1970 00:00:01GMT", 1),
        ] {
            assert_eq!(parse(text), Some(seconds), "{text}");
        }
    }

    #[test]
    fn what_is_no_date() {
        for text in [
            "",
            "0",
            "-1",
            "tomorrow",
            "Thu, 01 Jan 1970",
            "01 Jan 00:00:00",
            "Jan 1970 00:00:00",
            "01 1970 00:00:00",
            "01 Jan 1600 00:00:00",
            "00 Jan 1970 00:00:00",
            "32 Jan 1970 00:00:00",
            "31 Apr 1970 00:00:00",
            "29 Feb 1900 00:00:00",
            "30 Feb 2000 00:00:00",
            "01 Jan 1970 24:00:00",
            "01 Jan 1970 00:60:00",
            "01 Jan 1970 00:00:60",
            "01 Jan 1970 00:00",
            "01 Jan 1970 000:00:00",
            "01 Jan 12345 00:00:00",
            "001 Jan 1970 00:00:00",
            "01 Ja 1970 00:00:00",
        ] {
            assert_eq!(parse(text), None, "{text}");
        }
    }
}
