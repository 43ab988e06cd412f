//! What a second reader makes of the bytes, slowly and plainly.

use super::Input;
use super::player::{Message, Played};
use crate::frames::{self, Frame, Front, Inflater};
use crate::settings::AnyDelivery;
use dom_websocket::protocol::Delivery;

/// What there is in the bytes of a peer.
#[derive(Debug, Default)]
pub(super) struct Expected {
    messages: Vec<Message>,
    /// Of a message that is not compressed.
    partial: Vec<u8>,
    pings: Vec<Vec<u8>>,
    end: End,
    begun: Option<Begun>,
}

#[derive(Debug, Default)]
enum End {
    /// They end between frames.
    #[default]
    Open,
    /// They end, or get too strange, where it can't be told what was seen of a fault.
    Unknown,
    Close(Option<u16>, String),
    /// With this code.
    Failed(u16),
}

/// A message under way.
#[derive(Debug)]
struct Begun {
    /// So many pings came before it.
    pings: usize,
    is_text: bool,
    is_compressed: bool,
    payload: Vec<u8>,
}

impl Expected {
    pub(super) fn of(input: &Input<'_>, bytes: &[u8]) -> Self {
        let mut expected = Self::default();
        if let Err(end) = expected.read(input, bytes) {
            expected.end = end;
        }
        match expected.begun.take() {
            // It may be wrong as far as it has come, and that seen ahead of what came behind.
            Some(begun) if begun.is_compressed => {
                expected.end = End::Unknown;
                expected.pings.truncate(begun.pings);
            }
            Some(begun) => expected.partial = begun.payload,
            None => {}
        }
        expected
    }

    fn read(&mut self, input: &Input<'_>, mut bytes: &[u8]) -> Result<(), End> {
        let mut inflater = input.deflate().map(Inflater::new);
        while !bytes.is_empty() {
            let (frame, len) = match frames::front(bytes) {
                Front::Whole(frame, len) => (frame, len),
                Front::Wrong => return Err(End::Failed(1002)),
                Front::Part => return Err(End::Unknown),
                Front::Header(frame) => {
                    if !frame.is_control() {
                        self.go_on(input, frame, inflater.is_some())?;
                    }
                    return Err(End::Unknown);
                }
            };
            bytes = &bytes[len..];
            let is_final = frame.is_final();
            if frame.is_control() {
                self.control(input, frame)?;
                continue;
            }
            self.go_on(input, frame, inflater.is_some())?;
            match &mut self.begun {
                // It is judged when all of it is there.
                Some(begun) if begun.is_compressed && !is_final => continue,
                Some(begun) if begun.is_compressed => {
                    let inflated = inflater.as_mut().and_then(|i| i.inflate(&begun.payload));
                    begun.payload = inflated.ok_or(End::Unknown)?;
                }
                _ => {}
            }
            self.judge(input, is_final)?;
        }
        Ok(())
    }

    /// The message that this frame, all of which may not be there, begins or goes on with.
    fn go_on(&mut self, input: &Input<'_>, frame: Frame, inflates: bool) -> Result<(), End> {
        let is_begin = frame.opcode() != frames::CONTINUATION;
        if frame.mask.is_some() != input.is_server
            || frame.is_compressed() && !(inflates && is_begin)
            || is_begin == self.begun.is_some()
        {
            return Err(End::Failed(1002));
        }
        let pings = self.pings.len();
        let begun = self.begun.get_or_insert_with(|| Begun {
            is_text: frame.opcode() == frames::TEXT,
            is_compressed: frame.is_compressed(),
            payload: Vec::new(),
            pings,
        });
        begun.payload.extend(frame.payload);
        Ok(())
    }

    /// Whether it is right so far, byte by byte; and if it has ended, it is a message.
    fn judge(&mut self, input: &Input<'_>, is_final: bool) -> Result<(), End> {
        let Some(begun) = &self.begun else {
            return Ok(());
        };
        let options = input.options.options();
        let limit = match options.delivery {
            Delivery::Messages => options.limits.message,
            _ => usize::MAX,
        };
        let payload = &begun.payload;
        let is_too_long = payload.len() > limit;
        // Without compression the header says how long it is.
        let seen = match begun.is_compressed {
            true => &payload[..payload.len().min(limit)],
            false if is_too_long => &[],
            false => payload,
        };
        let error = std::str::from_utf8(seen)
            .err()
            .filter(|_| begun.is_text)
            .map(|error| error.error_len().is_some());
        let code = match error {
            Some(true) => 1007,
            _ if is_too_long => 1009,
            Some(false) if is_final => 1007,
            _ if !is_final => return Ok(()),
            _ => {
                self.messages.extend(self.begun.take().map(|begun| Message {
                    is_text: begun.is_text,
                    payload: begun.payload,
                }));
                return Ok(());
            }
        };
        if begun.is_compressed {
            // It may have been seen before all of it had come.
            self.pings.truncate(begun.pings);
        }
        self.begun = None;
        Err(End::Failed(code))
    }

    fn control(&mut self, input: &Input<'_>, frame: Frame) -> Result<(), End> {
        if frame.mask.is_some() != input.is_server || frame.is_compressed() {
            return Err(End::Failed(1002));
        }
        match (frame.opcode(), &frame.payload[..]) {
            (frames::PING, payload) => {
                self.pings.push(payload.to_vec());
                Ok(())
            }
            (frames::PONG, _) => Ok(()),
            (_, []) => Err(End::Close(None, String::new())),
            (_, [_]) => Err(End::Failed(1002)),
            (_, [high, low, reason @ ..]) => {
                let code = u16::from_be_bytes([*high, *low]);
                let reason = String::from_utf8(reason.to_vec());
                Err(match (code, reason) {
                    (0..=999 | 1004..=1006 | 1015..=2999 | 5000.., _) => End::Failed(1002),
                    (_, Err(_)) => End::Failed(1007),
                    (code, Ok(reason)) => End::Close(Some(code), reason),
                })
            }
        }
    }

    pub(super) fn compare(&self, input: &Input<'_>, played: &Played) {
        let told = &played.messages;
        let count = self.messages.len();
        assert!(told.len() >= count, "{self:?} {played:?}");
        assert_eq!(told[..count], self.messages);
        let sent = &played.sent;
        for frame in sent {
            assert_eq!(frame.mask.is_some(), !input.is_server);
        }
        let pongs: Vec<_> = sent
            .iter()
            .filter(|frame| frame.opcode() == frames::PONG)
            .collect();
        assert!(pongs.len() >= self.pings.len());
        for (pong, ping) in pongs.iter().zip(&self.pings) {
            assert_eq!(pong.payload, *ping);
        }
        let closure = played.closure.as_ref().expect("an end");
        let close = sent.iter().find(|frame| frame.opcode() == frames::CLOSE);
        if let Some(close) = close {
            assert_eq!(Some(close), sent.last(), "nothing follows a Close");
        }
        if matches!(self.end, End::Unknown) {
            return;
        }
        assert_eq!(told.len(), count);
        if !matches!(self.end, End::Failed(_)) {
            assert_eq!(pongs.len(), self.pings.len());
        }
        let code = close.and_then(|close| Some(u16::from_be_bytes(*close.payload.first_chunk()?)));
        match &self.end {
            End::Open => {
                assert_eq!(close, None);
                assert_eq!((closure.cleanly, closure.code), (false, 1006));
                assert!(!played.other.contains(&"violated"));
                if let AnyDelivery::Bytes = input.options.delivery() {
                    let partial = &self.partial;
                    // A character that is not whole has not been told.
                    let untold = partial.len() - played.partial.len();
                    assert!(untold < 4 && partial.starts_with(&played.partial));
                }
            }
            End::Close(expected, reason) => {
                assert_eq!((closure.cleanly, closure.failed), (true, false));
                assert_eq!(closure.code, expected.unwrap_or(1005));
                assert_eq!(closure.reason, *reason);
                assert!(close.is_some());
                assert_eq!(code, *expected);
            }
            End::Failed(expected) => {
                assert!(played.other.contains(&"violated"));
                assert_eq!((closure.cleanly, closure.failed), (false, true));
                assert_eq!((closure.code, &*closure.reason), (1006, ""));
                assert_eq!(code, Some(*expected));
            }
            End::Unknown => {}
        }
    }
}
