//! The way into a context.

use boa_engine::Context;

/// How the host enters the context.
pub(crate) type Enter = dyn Fn(&mut dyn FnMut(&mut Context));

/// Enters the context. `None` if it is in use, or gone.
pub(crate) fn enter<T>(enter: &Enter, run: impl FnOnce(&mut Context) -> T) -> Option<T> {
    let (mut run, mut result) = (Some(run), None);
    enter(&mut |context| {
        if let Some(run) = run.take() {
            result = Some(run(context));
        }
    });
    result
}
