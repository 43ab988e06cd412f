//! The crate [`wasm_bindgen_futures`](https://docs.rs/wasm-bindgen-futures): futures and promises.

pub use crate::{js_sys, wasm_bindgen};

use crate::event_loop::spawn;
use crate::js_sys::Promise;
use crate::wasm_bindgen::JsValue;
use futures::channel::oneshot;
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

/// Polls a future on this thread's loop, in microtasks, as soon as the loop is driven. A panic in it goes on out of
/// [`run`](crate::run).
pub fn spawn_local(future: impl Future<Output = ()> + 'static) {
    spawn(future);
}

/// A promise for what a future comes to.
pub fn future_to_promise(
    future: impl Future<Output = Result<JsValue, JsValue>> + 'static,
) -> Promise {
    let promise = Promise::pending();
    let resolved = promise.clone();
    spawn(async move { resolved.resolve_with(future.await) });
    promise
}

/// What a promise comes to, as a future.
pub struct JsFuture {
    outcome: oneshot::Receiver<Result<JsValue, JsValue>>,
}

impl From<Promise> for JsFuture {
    fn from(promise: Promise) -> Self {
        let (sender, outcome) = oneshot::channel();
        promise.when_settled(move |outcome| {
            // Nobody may be left who waits for it.
            let _ = sender.send(outcome);
        });
        Self { outcome }
    }
}

/// A promise can be awaited itself.
impl IntoFuture for Promise {
    type Output = Result<JsValue, JsValue>;
    type IntoFuture = JsFuture;

    fn into_future(self) -> JsFuture {
        self.into()
    }
}

impl Future for JsFuture {
    type Output = Result<JsValue, JsValue>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        match Pin::new(&mut self.outcome).poll(cx) {
            Poll::Ready(Ok(outcome)) => Poll::Ready(outcome),
            // A promise that nobody can settle any more stays pending.
            Poll::Ready(Err(_)) | Poll::Pending => Poll::Pending,
        }
    }
}

impl fmt::Debug for JsFuture {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JsFuture { ... }")
    }
}
