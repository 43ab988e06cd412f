//! A message that is put together over several inputs: what it may take, and how long.

use super::share::Share;
use super::timer::{Deadline, Timer};
use super::{ConnectionOptions, Delivery, Limits, Resources};
use std::time::Instant;

/// What the message under way takes of what all connections may, and since when it has been coming.
#[derive(Debug)]
pub(super) struct Assembly {
    resources: Resources,
    share: Share,
    deadline: Option<Deadline>,
}

/// All connections together put too much together.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Overload;

impl Assembly {
    pub(super) fn new(options: &ConnectionOptions) -> Self {
        Self {
            resources: options.resources.clone(),
            share: Share::new(),
            deadline: None,
        }
    }

    /// A message begins.
    pub(super) fn begin(&mut self) {
        self.deadline = None;
    }

    /// An input has been read, and so many bytes of a message are there; `None`: of none.
    pub(super) fn note(
        &mut self,
        len: Option<usize>,
        delivery: Delivery,
        options: &ConnectionOptions,
        now: Instant,
    ) -> Result<(), Overload> {
        let Some(len) = len else {
            self.deadline = None;
            return self.hold(0, &options.limits);
        };
        // What is told in parts may go on for ever.
        if delivery.is_in_parts() {
            self.deadline = None;
        } else if self.deadline.is_none() {
            self.deadline = Some(Deadline::start(Timer::Message, &options.timeouts, now));
        }
        self.hold(len, &options.limits)
    }

    /// The peer was not listened to: its time begins anew.
    pub(super) fn pause(&mut self, options: &ConnectionOptions, now: Instant) {
        if let Some(deadline) = &mut self.deadline {
            *deadline = Deadline::start(Timer::Message, &options.timeouts, now);
        }
    }

    /// When the message has to be there.
    pub(super) fn due(&self) -> Option<(Timer, Instant)> {
        self.deadline.and_then(Deadline::instant)
    }

    /// Its time is over.
    pub(super) fn is_late(&self, now: Instant) -> bool {
        self.deadline.is_some_and(|deadline| deadline.has_come(now))
    }

    fn hold(&mut self, len: usize, limits: &Limits) -> Result<(), Overload> {
        let total = self.resources.assembled();
        match self.share.hold(len, total, limits.all_messages) {
            true => Ok(()),
            false => Err(Overload),
        }
    }
}

impl Drop for Assembly {
    fn drop(&mut self) {
        self.share.fall(0, self.resources.assembled());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::Timeouts;
    use crate::protocol::share::OWN;
    use std::time::Duration;

    #[test]
    fn all_together_have_a_limit_and_each_has_a_little_of_its_own() {
        let options = ConnectionOptions {
            limits: Limits {
                all_messages: 300_000,
                ..Limits::default()
            },
            ..ConnectionOptions::default()
        };
        let now = Instant::now();
        let mut many: Vec<_> = (0..10).map(|_| Assembly::new(&options)).collect();
        for assembly in &mut many {
            assert_eq!(
                assembly.note(Some(OWN), Delivery::Messages, &options, now),
                Ok(())
            );
        }
        assert_eq!(
            many[0].note(Some(100_000), Delivery::Messages, &options, now),
            Ok(())
        );
        assert_eq!(
            many[1].note(Some(130_000), Delivery::Messages, &options, now),
            Ok(())
        );
        assert_eq!(
            many[2].note(Some(100_000), Delivery::Messages, &options, now),
            Err(Overload)
        );
        assert_eq!(
            many[1].note(None, Delivery::Messages, &options, now),
            Ok(())
        );
        assert_eq!(
            many[2].note(Some(100_000), Delivery::Messages, &options, now),
            Ok(())
        );
        many.remove(0);
        assert_eq!(
            many[0].note(Some(100_000), Delivery::Messages, &options, now),
            Ok(())
        );
        assert_eq!(
            many[1].note(Some(200_000), Delivery::Messages, &options, now),
            Err(Overload)
        );
    }

    #[test]
    fn a_message_has_its_time_and_parts_have_any() {
        let timeouts = Timeouts {
            message: Some(Duration::from_secs(10)),
            ..Timeouts::default()
        };
        let options = ConnectionOptions {
            timeouts,
            ..ConnectionOptions::default()
        };
        let start = Instant::now();
        let at = |offset| start + Duration::from_secs(offset);
        let mut assembly = Assembly::new(&options);
        assert_eq!(assembly.due(), None);
        for second in 0..10 {
            assembly
                .note(Some(1), Delivery::Messages, &options, at(second))
                .unwrap();
            assert_eq!(assembly.due(), Some((Timer::Message, at(10))));
        }
        assert!(!assembly.is_late(at(9)) && assembly.is_late(at(10)));
        assembly.begin();
        assembly
            .note(Some(1), Delivery::Messages, &options, at(9))
            .unwrap();
        assert_eq!(assembly.due(), Some((Timer::Message, at(19))));
        assembly.pause(&options, at(15));
        assert_eq!(assembly.due(), Some((Timer::Message, at(25))));
        let parts = Delivery::Bytes;
        assembly.note(Some(1), parts, &options, at(16)).unwrap();
        assert_eq!(assembly.due(), None);
    }
}
