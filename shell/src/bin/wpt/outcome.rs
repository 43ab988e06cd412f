//! What a test came to.

use crate::expectations::Status;
use std::error::Error;

/// The subtests of a file, and the file as a whole where it was not run to its end.
pub(crate) struct Outcome {
    pub(crate) subtests: Vec<Subtest>,
}

pub(crate) struct Subtest {
    /// Empty for the file as a whole.
    pub(crate) name: String,
    pub(crate) status: Status,
    pub(crate) message: String,
}

impl Outcome {
    /// The file could not be run to its end.
    pub(crate) fn failed(message: String) -> Self {
        Self {
            subtests: vec![Subtest {
                name: String::new(),
                status: Status::Error,
                message,
            }],
        }
    }

    /// `[status, message, [[name, status, message], ...]]`, with the harness's numbers.
    pub(crate) fn parse(result: &str) -> Result<Self, Box<dyn Error>> {
        type Harness = (u8, Option<String>, Vec<(String, u8, Option<String>)>);
        let (status, message, subtests): Harness = serde_json::from_str(result)?;
        let mut outcome = Self {
            subtests: Vec::new(),
        };
        match status {
            0 => {}
            // Its subtests say which of them timed out.
            2 if !subtests.is_empty() => {}
            1 => outcome = Self::failed(message.unwrap_or_default()),
            other => outcome = Self::failed(format!("harness status {other}: {message:?}")),
        }
        for (name, status, message) in subtests {
            outcome.subtests.push(Subtest {
                // A name is one line in tables and expectations.
                name: name.split_whitespace().collect::<Vec<_>>().join(" "),
                status: match status {
                    0 => Status::Pass,
                    2 => Status::TimedOut,
                    3 => Status::NotRun,
                    4 => Status::PreconditionFailed,
                    _ => Status::Fail,
                },
                message: message.unwrap_or_default(),
            });
        }
        Ok(outcome)
    }
}
