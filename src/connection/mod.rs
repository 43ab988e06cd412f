//! The connection floor: one connection as a future, from its opening to its end.

mod alarms;
mod channel;
mod link;
mod open;
mod scheduler;
mod shared_protocol;

pub(crate) use channel::{Channel, FeedbackObserver, FeedbackSink, Waiting};
pub(crate) use open::{Opened, open};
pub(crate) use scheduler::Scheduler;
