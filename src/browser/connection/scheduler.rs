//! How the connections of one event loop take turns: the browser sees to that.

use futures::future::LocalBoxFuture;
use std::rc::Rc;

/// Has nothing to do.
#[derive(Default)]
pub(crate) struct Scheduler;

impl Scheduler {
    pub(crate) fn begin_round(&self) {}

    pub(crate) fn watch(self: &Rc<Self>) -> Option<LocalBoxFuture<'static, ()>> {
        None
    }

    pub(crate) fn is_watching(&self) -> bool {
        false
    }

    pub(crate) fn are_all_idle(&self) -> bool {
        true
    }

    pub(crate) fn is_another_round_wanted(&self) -> bool {
        false
    }
}
