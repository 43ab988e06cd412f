//! A connection that the browser carries.

mod carrier;
#[path = "../../connection/channel.rs"]
mod channel;
mod scheduler;
mod socket;

pub(crate) use carrier::{Opened, open};
pub(crate) use channel::{Channel, FeedbackObserver, FeedbackSink, Waiting};
pub(crate) use scheduler::Scheduler;
