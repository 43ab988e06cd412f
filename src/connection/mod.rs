//! The connection floor: one protocol engine and one transport, driven as a future.

mod channel;
mod commons;
mod driver;
mod link;

pub(crate) use channel::{Channel, FeedbackSink};
pub(crate) use commons::Commons;
pub(crate) use driver::{Opened, Opener, drive};
