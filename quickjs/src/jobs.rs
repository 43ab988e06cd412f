//! QuickJS's jobs: the promises' reactions and `queueMicrotask`.

use crate::registries;
use crate::scope::Scope;
use dom_websocket::host;
use rquickjs::{Ctx, qjs};
use std::ptr::null_mut;

/// Whether the runtime has jobs.
#[allow(unsafe_code)]
pub(crate) fn are_pending(ctx: &Ctx<'_>) -> bool {
    // SAFETY: whoever has a `Ctx` has the runtime's lock and its thread.
    unsafe { qjs::JS_IsJobPending(qjs::JS_GetRuntime(ctx.as_raw().as_ptr())) }
}

/// Runs the runtime's jobs until none is left, and reports what they throw. Whether there were any.
pub(crate) fn run_pending(scope: &mut Scope<'_, '_>) -> bool {
    let mut have_run = false;
    loop {
        let (ran, of_job) = run_one(scope.ctx);
        have_run |= ran != 0;
        match ran {
            0 => return have_run,
            1.. => {}
            // The exception is the runtime's, whichever context the job was of. Who hears of it is not.
            _ => {
                let exception = scope.ctx.catch();
                match registries::find(scope.ctx, of_job) {
                    Some(registry) => host::report(&mut Scope::of(&registry), exception),
                    None => host::report(scope, exception),
                }
            }
        }
    }
}

/// 0 if there is no job, 1 if one has run, less if it threw; and the job's context, which may have gone with
/// it. `Ctx::execute_pending_job` loses what is thrown; the runtime's own function can't be called from inside.
#[allow(unsafe_code)]
fn run_one(ctx: &Ctx<'_>) -> (i32, *mut qjs::JSContext) {
    let mut of_job = null_mut();
    // SAFETY: whoever has a `Ctx` has the runtime's lock and its thread. What is written to `of_job` is not
    // followed.
    let ran = unsafe {
        qjs::JS_ExecutePendingJob(qjs::JS_GetRuntime(ctx.as_raw().as_ptr()), &mut of_job)
    };
    (ran, of_job)
}
