//! Who holds an engine on this thread.
//!
//! JavaScriptCore runs its microtasks whenever the last lock on an engine goes. While it calls a function of the
//! host's, its locks have gone, and come back behind it; no microtasks run there. A lock also makes the engine's table
//! of names the thread's, so that the locks of several engines have to go in order: one that lies below another's can't be
//! taken once more.

use crate::ffi::*;
use std::cell::RefCell;

thread_local! {
    static HELD: RefCell<Vec<Held>> = const { RefCell::new(Vec::new()) };
}

struct Held {
    group: JSContextGroupRef,
    /// Not while the engine calls the host.
    is_live: bool,
}

/// The engine of a context, held.
pub(crate) struct Lock(JSContextRef);

impl Lock {
    /// `None` if it is held below another's, or the thread is on its way out. The context has to outlive it.
    pub(crate) fn of(ctx: JSContextRef) -> Option<Self> {
        let group = group_of(ctx);
        let is_free = HELD.try_with(|held| {
            let mut held = held.borrow_mut();
            let is_free = is_free_among(&held, group);
            if is_free {
                let is_live = true;
                held.push(Held { group, is_live });
            }
            is_free
        });
        is_free.is_ok_and(|is_free| is_free).then(|| {
            // SAFETY: the context is alive. A thread can lock more than once.
            unsafe { JSLock(ctx) };
            Self(ctx)
        })
    }
}

impl Drop for Lock {
    fn drop(&mut self) {
        // SAFETY: it was locked in `of`, on this thread, and is alive.
        unsafe { JSUnlock(self.0) };
        HELD.with_borrow_mut(Vec::pop);
    }
}

/// Whether the engine of a context, which is alive, is not held below another's.
pub(crate) fn is_free(ctx: JSContextRef) -> bool {
    let group = group_of(ctx);
    // A thread on its way out holds nothing.
    HELD.try_with(|held| is_free_among(&held.borrow(), group))
        .unwrap_or(true)
}

fn is_free_among(held: &[Held], group: JSContextGroupRef) -> bool {
    let mut live = held.iter().rev().filter(|held| held.is_live);
    match live.next() {
        Some(last) => last.group == group || live.all(|held| held.group != group),
        None => true,
    }
}

/// A call of a function of the host's, as long as it lasts: its engine's locks have gone.
pub(crate) struct Callback(Vec<usize>);

impl Callback {
    pub(crate) fn of(ctx: JSContextRef) -> Self {
        let group = group_of(ctx);
        let gone = HELD.try_with(|held| {
            let mut gone = Vec::new();
            for (index, held) in held.borrow_mut().iter_mut().enumerate() {
                if held.group == group && held.is_live {
                    held.is_live = false;
                    gone.push(index);
                }
            }
            gone
        });
        Self(gone.unwrap_or_default())
    }
}

impl Drop for Callback {
    fn drop(&mut self) {
        let gone = std::mem::take(&mut self.0);
        // A thread on its way out holds nothing.
        let _ = HELD.try_with(|held| {
            let mut held = held.borrow_mut();
            for index in gone {
                if let Some(held) = held.get_mut(index) {
                    held.is_live = true;
                }
            }
        });
    }
}

fn group_of(ctx: JSContextRef) -> JSContextGroupRef {
    // SAFETY: whoever has a context to lock or to call in keeps it alive.
    unsafe { JSContextGetGroup(ctx) }
}
