//! The browser's event loop drives ours.

use crate::event_loop::EventLoop;
use wasm_bindgen_futures::spawn_local;

impl EventLoop {
    /// Has the browser drive the loop until nothing is left to wait for, and returns at once: nobody can block there. The loop
    /// stays until then, also where no handle of it is left, so that a program can end its `main` with it as elsewhere.
    ///
    /// Tasks run as microtasks of the browser's, behind the callback that brought them; a chain of them that has no end lets the
    /// browser do other things in between.
    ///
    /// In a place of its own a program [`turn`](Self::turn)s it, in a callback of `requestAnimationFrame` say, or awaits
    /// [`until_idle`](Self::until_idle).
    pub fn run(&self) {
        let this = self.clone();
        spawn_local(async move { this.until_idle().await });
    }
}
