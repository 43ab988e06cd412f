//! x
mod protocol;
