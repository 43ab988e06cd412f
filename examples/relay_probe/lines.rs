//! What both ends say to each other besides the payload: a line each time, whichever the wire.
//!
//! ```text
//! client  ASK     the amounts                             at once
//!         payload, its first half
//!         payload, its second half                        when READY is here, or is overdue
//!         DIGEST  of the payload                          behind it
//!         its end                                         when REPORT is here; at once where READY was overdue
//! server  READY                                           when ASK is here
//!         payload, its first half
//!         payload, its second half                        when more than half of the client's is here
//!         REPORT  what came, and a digest of what was sent   when DIGEST is here too
//!         BYE, and its end                                when the client's end is here
//! ```
//!
//! So nothing has to be guessed from buffers' sizes. A relay that passes on what it gets shows READY long
//! before the client has sent everything, however little that is; behind one that waits for all of a
//! direction, READY is overdue. And whatever is lost for the two ends' sake of ending one direction first
//! (many relays end both then) is lost when all else has been told.

use super::payload::Alphabet;
use std::time::Duration;

/// Longer than any of the lines.
pub(crate) const LONGEST: u64 = 400;

/// Whatever is no line of ours begins otherwise.
const NAME: &str = "relay_probe/1";

/// What the client wants.
#[derive(Debug, PartialEq)]
pub(crate) struct Ask {
    /// Bytes that the client sends.
    pub(crate) upload: u64,
    /// Bytes that the server sends.
    pub(crate) download: u64,
    pub(crate) alphabet: Alphabet,
}

impl Ask {
    pub(crate) fn line(&self) -> String {
        let alphabet = match self.alphabet {
            Alphabet::Bytes => "bytes",
            Alphabet::Text => "text",
        };
        let (upload, download) = (self.upload, self.download);
        format!("{NAME} ask upload={upload} download={download} alphabet={alphabet}\n")
    }

    pub(crate) fn parse(line: &str) -> Option<Self> {
        let mut fields = Fields::of(line, "ask")?;
        let ask = Self {
            upload: fields.next("upload")?.parse().ok()?,
            download: fields.next("download")?.parse().ok()?,
            alphabet: match fields.next("alphabet")? {
                "bytes" => Alphabet::Bytes,
                "text" => Alphabet::Text,
                _ => return None,
            },
        };
        fields.end().then_some(ask)
    }
}

/// The server's answer. Where what came is no [`Ask`], it is not ready, and ends.
pub(crate) fn ready(is_ready: bool) -> String {
    let word = if is_ready { "ready" } else { "misread" };
    format!("{NAME} {word}\n")
}

/// The reverse of [`ready`].
pub(crate) fn is_ready(line: &str) -> Option<bool> {
    [true, false]
        .into_iter()
        .find(|is| line == ready(*is).trim_end())
}

/// The last line of all.
pub(crate) fn bye() -> String {
    format!("{NAME} bye\n")
}

pub(crate) fn is_bye(line: &str) -> bool {
    line == bye().trim_end()
}

/// The digest of what the client sent.
pub(crate) fn digest(sha1: &str) -> String {
    format!("{NAME} digest sha1={sha1}\n")
}

/// The reverse of [`digest`].
pub(crate) fn parse_digest(line: &str) -> Option<String> {
    let mut fields = Fields::of(line, "digest")?;
    let sha1 = sha1(fields.next("sha1")?)?;
    fields.end().then_some(sha1)
}

/// What the server has to say at the end.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Report {
    /// How many bytes of the client's payload came.
    pub(crate) received: u64,
    /// Where the first byte lies that is another one than was sent.
    pub(crate) wrong: Option<u64>,
    /// Of what came.
    pub(crate) received_sha1: String,
    /// Of what the server sent.
    pub(crate) sent_sha1: String,
    /// From the ASK to the READY: the server's own delay.
    pub(crate) ready_delay: Duration,
    /// From the READY to the end of what came.
    pub(crate) complete_after: Duration,
}

impl Report {
    pub(crate) fn line(&self) -> String {
        let wrong = self.wrong.map_or("-".to_owned(), |wrong| wrong.to_string());
        format!(
            "{NAME} report received={} wrong={wrong} received_sha1={} sent_sha1={} ready_ms={} complete_ms={}\n",
            self.received,
            self.received_sha1,
            self.sent_sha1,
            self.ready_delay.as_millis(),
            self.complete_after.as_millis(),
        )
    }

    pub(crate) fn parse(line: &str) -> Option<Self> {
        let mut fields = Fields::of(line, "report")?;
        let milliseconds = |text: &str| text.parse().ok().map(Duration::from_millis);
        let report = Self {
            received: fields.next("received")?.parse().ok()?,
            wrong: match fields.next("wrong")? {
                "-" => None,
                offset => Some(offset.parse().ok()?),
            },
            received_sha1: sha1(fields.next("received_sha1")?)?,
            sent_sha1: sha1(fields.next("sent_sha1")?)?,
            ready_delay: milliseconds(fields.next("ready_ms")?)?,
            complete_after: milliseconds(fields.next("complete_ms")?)?,
        };
        fields.end().then_some(report)
    }
}

fn sha1(text: &str) -> Option<String> {
    let is_hex = text.bytes().all(|byte| byte.is_ascii_hexdigit());
    (text.len() == 40 && is_hex).then(|| text.to_owned())
}

/// The fields of a line, in their order.
struct Fields<'a>(std::str::Split<'a, char>);

impl<'a> Fields<'a> {
    fn of(line: &'a str, word: &str) -> Option<Self> {
        let mut words = line.split(' ');
        (words.next() == Some(NAME) && words.next() == Some(word)).then_some(Self(words))
    }

    fn next(&mut self, name: &str) -> Option<&'a str> {
        let (found, value) = self.0.next()?.split_once('=')?;
        (found == name).then_some(value)
    }

    fn end(mut self) -> bool {
        self.0.next().is_none()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn report() -> Report {
        Report {
            received: 5,
            wrong: None,
            received_sha1: "0123456789".repeat(4),
            sent_sha1: "abcdef0123".repeat(4),
            ready_delay: Duration::from_millis(7),
            complete_after: Duration::from_secs(8),
        }
    }

    #[test]
    fn each_line_is_read_as_it_was_written() {
        for alphabet in [Alphabet::Bytes, Alphabet::Text] {
            let ask = Ask {
                upload: u64::MAX,
                download: 0,
                alphabet,
            };
            assert_eq!(Ask::parse(ask.line().trim_end()), Some(ask));
        }
        for wrong in [None, Some(3)] {
            let report = Report { wrong, ..report() };
            let line = report.line();
            assert!(line.len() < LONGEST as usize);
            assert_eq!(Report::parse(line.trim_end()), Some(report));
        }
        for is in [true, false] {
            assert_eq!(is_ready(ready(is).trim_end()), Some(is));
        }
        let sha1 = report().sent_sha1;
        assert_eq!(parse_digest(digest(&sha1).trim_end()), Some(sha1));
        assert!(is_bye(bye().trim_end()));
    }

    #[test]
    fn a_line_with_anything_else_in_it_is_none_of_ours() {
        let line = report().line();
        let line = line.trim_end();
        assert!(Report::parse(line).is_some());
        for end in 0..line.len() - 1 {
            let is_whole_number = line[..end].ends_with(|c: char| c.is_ascii_digit())
                && line[..end].contains("complete_ms=");
            assert!(is_whole_number || Report::parse(&line[..end]).is_none());
        }
        assert_eq!(Report::parse(&format!("{line} ")), None);
        assert_eq!(Report::parse(&line.replace("wrong=-", "wrong=no")), None);
        assert_eq!(Ask::parse(line), None);
        assert_eq!(is_ready(line), None);
    }
}
