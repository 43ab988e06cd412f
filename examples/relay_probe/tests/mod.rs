//! The verdicts, on relays that are scripted: real sockets, and both ends of ours.

mod relay;
mod verdicts;
