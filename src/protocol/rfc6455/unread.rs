//! What there was neither time nor room for of an input.

/// Bytes that are read some at a time. What is left is not copied each time: messages that are taken one by one would have all
/// that is behind them copied for each.
#[derive(Default)]
pub(super) struct Unread(Option<Box<Rest>>);

struct Rest {
    bytes: Vec<u8>,
    /// So many of them have been read.
    read: usize,
}

impl Unread {
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_none()
    }

    /// What there is, and this input behind it.
    pub(super) fn with<'a>(&'a mut self, input: &'a [u8]) -> &'a [u8] {
        let Some(rest) = &mut self.0 else {
            return input;
        };
        if !input.is_empty() {
            rest.bytes.drain(..std::mem::take(&mut rest.read));
            rest.bytes.extend_from_slice(input);
        }
        &rest.bytes[rest.read..]
    }

    /// All but so many of them have been read.
    pub(super) fn leave(&mut self, input: &[u8], left: usize) {
        match &mut self.0 {
            _ if left == 0 => self.0 = None,
            Some(rest) => rest.read = rest.bytes.len() - left,
            None => {
                let bytes = input[input.len() - left..].to_vec();
                self.0 = Some(Box::new(Rest { bytes, read: 0 }));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_left_is_read_ahead_of_what_comes() {
        let mut unread = Unread::default();
        assert_eq!(unread.with(b"abcd"), b"abcd");
        unread.leave(b"abcd", 3);
        assert_eq!(unread.with(b""), b"bcd");
        unread.leave(b"", 2);
        assert_eq!(unread.with(b"ef"), b"cdef");
        unread.leave(b"ef", 1);
        assert_eq!(unread.with(b""), b"f");
        unread.leave(b"", 0);
        assert!(unread.is_empty());
        assert_eq!(unread.with(b"g"), b"g");
        unread.leave(b"g", 0);
        assert!(unread.is_empty());
    }
}
