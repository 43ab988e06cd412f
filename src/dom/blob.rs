//! `Blob` (File API section 3), as far as messages need it.

use futures::future::{FutureExt, LocalBoxFuture, Shared};
use std::fmt;
use std::future::Future;
use std::io;
use std::ops::Range;
use std::rc::Rc;

type Reading = Shared<LocalBoxFuture<'static, Result<Rc<Vec<u8>>, Rc<io::Error>>>>;

/// Immutable raw data.
///
/// A received one is in memory. One to send can be data that has yet to be read, from a file for
/// one: messages that are sent after it wait for it.
///
/// Clause: [File API, "Blob"](https://w3c.github.io/FileAPI/#blob-section).
///
/// ```
/// use dom_websocket::Blob;
///
/// let blob = Blob::new("abc");
/// assert_eq!((blob.size(), blob.as_bytes()), (3, Some(&b"abc"[..])));
/// ```
#[derive(Clone)]
pub struct Blob {
    size: usize,
    content: Content,
}

#[derive(Clone)]
enum Content {
    /// So much of what slices have in common.
    Read(Rc<Vec<u8>>, Range<usize>),
    Unread(Reading),
}

impl Blob {
    /// Data in memory.
    ///
    /// Clause: [File API, "new Blob()"](https://w3c.github.io/FileAPI/#constructorBlob).
    ///
    /// ```
    /// use dom_websocket::Blob;
    ///
    /// assert_eq!(Blob::new("abc"), Blob::new(vec![97, 98, 99]));
    /// ```
    pub fn new(bytes: impl Into<Vec<u8>>) -> Self {
        let bytes = bytes.into();
        let size = bytes.len();
        Self {
            size,
            content: Content::Read(Rc::new(bytes), 0..size),
        }
    }

    /// Data of a known size that has yet to be read. It is read when it is needed, once. Data of another
    /// size than was said is an error, as in File API's "NotReadableError".
    ///
    /// ```
    /// use dom_websocket::{Blob, DomException};
    ///
    /// # let event_loop = dom_websocket::EventLoop::new();
    /// # let server = dom_websocket::Server::listen(&event_loop, "127.0.0.1:0")?;
    /// # server.set_onconnection(|it, _| it.set_onmessage(|event| event.target().send(event.data())));
    /// # let url = format!("ws://{}/", server.local_addr());
    /// # let socket = dom_websocket::WebSocket::new(&event_loop, &url)?;
    /// # socket.add_event_listener("close", move |_| server.close());
    /// let file = Blob::unread(3, async { Ok(b"abc".to_vec()) });
    /// socket.set_onopen(move |event| {
    ///     event.target().send(&file)?;
    ///     event.target().send("this waits for it")?;
    ///     Ok::<_, DomException>(event.target().close())
    /// });
    /// # event_loop.run();
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn unread(size: usize, read: impl Future<Output = io::Result<Vec<u8>>> + 'static) -> Self {
        let reading = async move {
            let bytes = read.await?;
            if bytes.len() == size {
                Ok(Rc::new(bytes))
            } else {
                Err(Rc::new(io::Error::other("the blob's data has changed")))
            }
        };
        Self {
            size,
            content: Content::Unread(reading.boxed_local().shared()),
        }
    }

    /// The size in bytes.
    ///
    /// Clause: [File API, "size"](https://w3c.github.io/FileAPI/#dfn-size).
    ///
    /// ```
    /// assert_eq!(dom_websocket::Blob::new("abc").size(), 3);
    /// ```
    #[must_use]
    pub fn size(&self) -> usize {
        self.size
    }

    /// The data, if it is in memory.
    ///
    /// ```
    /// use dom_websocket::Blob;
    ///
    /// assert_eq!(Blob::new("abc").as_bytes(), Some(&b"abc"[..]));
    /// assert_eq!(Blob::unread(3, async { Ok(vec![1, 2, 3]) }).as_bytes(), None);
    /// ```
    #[must_use]
    pub fn as_bytes(&self) -> Option<&[u8]> {
        match &self.content {
            Content::Read(bytes, range) => bytes.get(range.clone()),
            Content::Unread(reading) => reading
                .peek()
                .and_then(|result| result.as_ref().ok())
                .map(|bytes| bytes.as_slice()),
        }
    }

    /// A part of data in memory, which both have from then on. Empty if it isn't there.
    pub(crate) fn slice(&self, part: Range<usize>) -> Self {
        let content = match &self.content {
            Content::Read(bytes, range) => Some((bytes.clone(), range.start)),
            Content::Unread(reading) => reading
                .peek()
                .and_then(|result| result.as_ref().ok())
                .map(|bytes| (bytes.clone(), 0)),
        };
        match content {
            Some((bytes, start)) if part.start < part.end && part.end <= self.size => Self {
                size: part.len(),
                content: Content::Read(bytes, start + part.start..start + part.end),
            },
            _ => Self::new([]),
        }
    }

    /// The data, if it is in memory, without a copy if nobody else has it.
    pub(crate) fn into_bytes(self) -> Option<Vec<u8>> {
        match self.content {
            Content::Read(bytes, range) if range.len() == bytes.len() => {
                Some(Rc::try_unwrap(bytes).unwrap_or_else(|bytes| bytes.to_vec()))
            }
            _ => self.as_bytes().map(<[u8]>::to_vec),
        }
    }

    /// Reads the data.
    ///
    /// Clause: [File API, "arrayBuffer()"](https://w3c.github.io/FileAPI/#dom-blob-arraybuffer).
    ///
    /// # Errors
    ///
    /// What reading it came to.
    ///
    /// ```
    /// use dom_websocket::Blob;
    /// use futures::executor::block_on;
    ///
    /// let blob = Blob::unread(3, async { Ok(vec![1, 2, 3]) });
    /// assert_eq!(**block_on(blob.read()).unwrap(), [1, 2, 3]);
    /// let short = Blob::unread(3, async { Ok(vec![1]) });
    /// assert!(block_on(short.read()).is_err());
    /// ```
    #[doc(alias = "arrayBuffer")]
    pub async fn read(&self) -> Result<Rc<Vec<u8>>, Rc<io::Error>> {
        match &self.content {
            Content::Read(bytes, range) if range.len() == bytes.len() => Ok(bytes.clone()),
            Content::Read(bytes, range) => Ok(Rc::new(bytes[range.clone()].to_vec())),
            Content::Unread(reading) => reading.clone().await,
        }
    }
}

/// Blobs are equal if their data is. One whose data is not in memory is equal to its clones alone.
impl PartialEq for Blob {
    fn eq(&self, other: &Self) -> bool {
        match (self.as_bytes(), other.as_bytes()) {
            (Some(a), Some(b)) => a == b,
            _ => match (&self.content, &other.content) {
                (Content::Unread(a), Content::Unread(b)) => a.ptr_eq(b),
                _ => false,
            },
        }
    }
}

impl Eq for Blob {}

impl fmt::Debug for Blob {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Blob")
            .field("size", &self.size)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures::FutureExt;

    #[test]
    fn a_part_of_a_blob_is_its_own_and_takes_no_copy() {
        let whole = Blob::new("abcdef");
        let part = whole.slice(1..5);
        assert_eq!(part.as_bytes(), Some(&b"bcde"[..]));
        let inner = part.slice(1..3);
        assert_eq!((inner.size(), inner.as_bytes()), (2, Some(&b"cd"[..])));
        assert_eq!(
            inner.as_bytes().unwrap().as_ptr(),
            whole.as_bytes().unwrap()[2..].as_ptr()
        );
        assert_eq!(*inner.read().now_or_never().unwrap().unwrap(), b"cd");
        assert_eq!(inner.into_bytes(), Some(b"cd".to_vec()));
        #[allow(clippy::reversed_empty_ranges)]
        for empty in [2..2, 3..2, 1..7, 6..9] {
            let part = whole.slice(empty);
            assert_eq!((part.size(), part.as_bytes()), (0, Some(&b""[..])));
        }
    }

    #[test]
    fn what_nobody_else_has_is_not_copied() {
        let bytes = b"abc".to_vec();
        let place = bytes.as_ptr();
        let blob = Blob::new(bytes);
        let read = || blob.read().now_or_never().unwrap().unwrap();
        assert!(Rc::ptr_eq(&read(), &read()));
        let bytes = blob.into_bytes().unwrap();
        assert_eq!(bytes.as_ptr(), place);
    }

    #[test]
    fn what_is_not_there_has_no_parts() {
        let unread = Blob::unread(3, async { Ok(b"abc".to_vec()) });
        assert_eq!(unread.slice(0..2), Blob::new([]));
        unread.read().now_or_never().unwrap().unwrap();
        assert_eq!(unread.slice(1..3), Blob::new("bc"));
        assert_eq!(unread.into_bytes(), Some(b"abc".to_vec()));
    }
}
