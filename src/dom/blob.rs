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
    #[must_use]
    pub fn size(&self) -> usize {
        self.size
    }

    /// The data, if it is in memory.
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
    /// # Errors
    ///
    /// What reading it came to.
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
