//! Why a connection failed, as far as a browser tells.

use crate::protocol::WireFailure;
use std::error::Error;
use std::fmt;

/// The cause of a connection's unclean end, as far as a browser lets a program know: that it was this side.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Failure {
    /// The connection was ended here, before or after it was established.
    Wire(WireFailure),
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Wire(failure) => failure.fmt(f),
        }
    }
}

impl Error for Failure {}
