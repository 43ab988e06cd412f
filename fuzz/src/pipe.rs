//! A transport in memory, for what polls one.

use futures::io::{AsyncRead, AsyncWrite};
use std::cell::RefCell;
use std::collections::VecDeque;
use std::io;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

/// One direction.
#[derive(Default)]
pub(crate) struct Direction {
    pub(crate) bytes: VecDeque<u8>,
    pub(crate) has_ended: bool,
    /// What a reader hears behind the bytes, and a writer at once.
    pub(crate) error: Option<io::ErrorKind>,
    /// At most so many bytes wait; more have to.
    pub(crate) capacity: usize,
    /// At most so many are read or written at once.
    pub(crate) most: usize,
    reader: Option<Waker>,
    writer: Option<Waker>,
}

impl Direction {
    pub(crate) fn new(capacity: usize, most: usize) -> Rc<RefCell<Self>> {
        Rc::new(RefCell::new(Self {
            capacity: capacity.max(1),
            most: most.max(1),
            ..Self::default()
        }))
    }

    /// Who waits looks again.
    pub(crate) fn wake(&mut self) {
        let both = [self.reader.take(), self.writer.take()];
        both.into_iter().flatten().for_each(Waker::wake);
    }
}

/// One end of both.
pub(crate) struct Transport {
    pub(crate) input: Rc<RefCell<Direction>>,
    pub(crate) output: Rc<RefCell<Direction>>,
}

impl AsyncRead for Transport {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut [u8],
    ) -> Poll<io::Result<usize>> {
        let mut input = self.input.borrow_mut();
        let count = input.bytes.len().min(buffer.len()).min(input.most);
        if count > 0 {
            for (place, byte) in buffer.iter_mut().zip(input.bytes.drain(..count)) {
                *place = byte;
            }
            if let Some(writer) = input.writer.take() {
                writer.wake();
            }
            return Poll::Ready(Ok(count));
        }
        match (input.error, input.has_ended) {
            (Some(error), _) => Poll::Ready(Err(error.into())),
            (None, true) => Poll::Ready(Ok(0)),
            (None, false) => {
                input.reader = Some(cx.waker().clone());
                Poll::Pending
            }
        }
    }
}

impl AsyncWrite for Transport {
    fn poll_write(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let mut output = self.output.borrow_mut();
        if let Some(error) = output.error {
            return Poll::Ready(Err(error.into()));
        }
        if output.has_ended {
            return Poll::Ready(Err(io::ErrorKind::BrokenPipe.into()));
        }
        let room = output.capacity.saturating_sub(output.bytes.len());
        let count = bytes.len().min(room).min(output.most);
        if count == 0 && !bytes.is_empty() {
            output.writer = Some(cx.waker().clone());
            return Poll::Pending;
        }
        output.bytes.extend(&bytes[..count]);
        if let Some(reader) = output.reader.take() {
            reader.wake();
        }
        Poll::Ready(Ok(count))
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_close(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        let mut output = self.output.borrow_mut();
        output.has_ended = true;
        output.wake();
        Poll::Ready(Ok(()))
    }
}

/// As with TCP, whoever lets go of it ends both directions.
impl Drop for Transport {
    fn drop(&mut self) {
        let mut output = self.output.borrow_mut();
        output.has_ended = true;
        output.wake();
        drop(output);
        let mut input = self.input.borrow_mut();
        input.has_ended = true;
        input.wake();
    }
}
