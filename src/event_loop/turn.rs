//! Turns of a loop, and the ways to take one after the other.

use super::EventLoop;
use crate::net::runtime::{Current, Runtime};
use futures::task::waker_ref;
use std::convert::Infallible;
use std::future::poll_fn;
use std::task::{Context, Poll};

/// What a turn left behind.
///
/// ```
/// use dom_websocket::{EventLoop, Turn};
///
/// let event_loop = EventLoop::new();
/// event_loop.queue_task(|| ());
/// while event_loop.turn() == Turn::More {}
/// assert_eq!(event_loop.turn(), Turn::Idle);
/// let work = event_loop.keep_alive();
/// assert_eq!(event_loop.turn(), Turn::Waiting);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Turn {
    /// More is ready: take another turn when it suits you.
    More,
    /// Nothing is ready. The wake-up callback says when something is, and so does the descriptor.
    Waiting,
    /// Nothing is ready, and nothing is left that could become ready: no task, no connection, no
    /// server, no future of the host's own, no [`KeepAlive`](super::KeepAlive).
    Idle,
}

impl EventLoop {
    /// Runs tasks and waits for connections until nothing is left to wait for, blocking this thread.
    ///
    /// A listening server is always waited for; so is a connection that is open. Called from inside
    /// a task it returns at once. In a browser, where nobody can block, it returns at once too, and the browser drives
    /// the loop to its end.
    ///
    /// # Panics
    ///
    /// With the feature `tokio`: inside a task of a runtime of tokio's, as [`Handle::block_on`] there does, and where the loop
    /// was made inside a current-thread runtime, which would stand still: await [`until_idle`](Self::until_idle) there.
    ///
    /// [`Handle::block_on`]: https://docs.rs/tokio/latest/tokio/runtime/struct.Handle.html#method.block_on
    ///
    /// ```
    /// use dom_websocket::EventLoop;
    /// use std::cell::Cell;
    /// use std::rc::Rc;
    ///
    /// let event_loop = EventLoop::new();
    /// let done = Rc::new(Cell::new(false));
    /// let sets = done.clone();
    /// event_loop.queue_task(move || sets.set(true));
    /// assert!(!done.get());
    /// event_loop.run();
    /// assert!(done.get());
    /// ```
    #[cfg(not(target_family = "wasm"))]
    pub fn run(&self) {
        if self.is_running() {
            return;
        }
        self.block_on(self.until_idle());
    }

    /// [`run`](Self::run) as a future, for an executor of your own on this thread. Dropping it stops
    /// nothing: the loop goes on where it was when it is driven again. Until then all of it stands still, as between
    /// two [turns](Self::turn).
    ///
    /// Somebody has to wake it who is not on this thread: with the feature `native` that is a thread which waits in the
    /// loop's stead, and [`run`](Self::run) does without. So it is with `tokio` where the loop was made outside of its
    /// runtimes.
    ///
    /// # Panics
    ///
    /// With the features `native` and `tokio`, if the system has no thread left for that, as [`std::thread::spawn`].
    ///
    /// ```
    /// use dom_websocket::EventLoop;
    ///
    /// let event_loop = EventLoop::new();
    /// event_loop.queue_task(|| println!("a task"));
    /// futures::executor::block_on(event_loop.until_idle());
    /// ```
    pub async fn until_idle(&self) {
        let mut turns = 0;
        loop {
            match self.turn() {
                Turn::More => {
                    turns += 1;
                    if turns == Current::TURNS_IN_A_ROW {
                        turns = 0;
                        Current::yield_turn().await;
                    }
                }
                Turn::Waiting => {
                    turns = 0;
                    self.runtime().watch(&waker_ref(self.remote()));
                    self.remote().woken().await;
                }
                Turn::Idle => return,
            }
        }
    }

    /// Drives the loop for as long as it is polled: unlike [`until_idle`](Self::until_idle) it waits for more where
    /// nothing is left to wait for. For a task, or a branch of a `select!`, beside which sockets come and go. Polled from
    /// inside a turn of this loop it does nothing.
    ///
    /// # Panics
    ///
    /// As [`until_idle`](Self::until_idle).
    ///
    /// ```
    /// use dom_websocket::EventLoop;
    /// use futures::executor::block_on;
    /// use futures::future::select;
    /// use std::pin::pin;
    ///
    /// let event_loop = EventLoop::new();
    /// let (tell, told) = futures::channel::oneshot::channel();
    /// event_loop.queue_task(move || tell.send("a task has run").unwrap());
    /// block_on(select(pin!(told), pin!(event_loop.drive())));
    /// ```
    pub async fn drive(&self) -> Infallible {
        loop {
            // Whoever polls it there drives the loop, or waits for it to be driven.
            poll_fn(|_| match self.is_running() {
                true => Poll::Pending,
                false => Poll::Ready(()),
            })
            .await;
            self.until_idle().await;
            self.remote().woken().await;
        }
    }

    /// Whether whoever asks is called by this loop, or by script of its host.
    fn is_running(&self) -> bool {
        self.remote().is_in_turn() || self.owner.shared.is_in_script()
    }

    /// One turn: takes in what the connections have, runs the tasks that are queued by then, and
    /// sends what they sent. Never blocks. Tasks that tasks queue run in the next turn, so that no
    /// chain of tasks keeps the connections waiting.
    ///
    /// Between turns nothing happens: no event is dispatched, no message leaves, no time-out ends anything, and peers
    /// wait. A loop that is driven once per frame has its messages that much later: where that matters, take another turn
    /// after the frame's own `send()`s.
    ///
    /// Called from inside a task, a listener or a microtask it does nothing and says [`Turn::Idle`].
    ///
    /// ```
    /// use dom_websocket::{EventLoop, Turn};
    ///
    /// let event_loop = EventLoop::new();
    /// event_loop.queue_task(|| println!("a task"));
    /// while event_loop.turn() == Turn::More {}
    /// ```
    // Who is woken for the next one anyway has no use for it.
    #[allow(clippy::must_use_candidate)]
    pub fn turn(&self) -> Turn {
        let shared = &self.owner.shared;
        if shared.is_in_script() {
            return Turn::Idle;
        }
        let Some(turn) = self.remote().begin_turn() else {
            return Turn::Idle;
        };
        self.runtime().look();
        let _entered = self.runtime().enter();
        shared.take_remote_tasks();
        shared.scheduler().begin_round();
        self.poll_connections();
        shared.run_tasks();
        shared.scheduler().begin_round();
        turn.everything_so_far_is_seen();
        shared.take_remote_tasks();
        self.poll_connections();
        let is_another_round_wanted = shared.scheduler().is_another_round_wanted();
        let watching = usize::from(shared.scheduler().is_watching());
        let unwaited_for = watching + shared.in_background();
        let connections = self.owner.executor.borrow().len() - unwaited_for;
        let is_idle = connections == 0 && !shared.is_waited_for();
        let is_more = turn.end() || shared.has_tasks() || is_another_round_wanted;
        match (is_more, is_idle) {
            (true, _) => {
                self.remote().ring();
                Turn::More
            }
            (false, false) => {
                let waker = waker_ref(self.remote());
                if shared.scheduler().are_all_idle() {
                    self.owner.executor.borrow_mut().rest();
                }
                shared.before_waiting(&mut Context::from_waker(&waker));
                if self.remote().has_wake_up() {
                    self.runtime().watch(&waker);
                }
                Turn::Waiting
            }
            (false, true) => {
                shared.garbage().forget();
                Turn::Idle
            }
        }
    }

    /// Polls every connection that was woken, and those that were opened meanwhile.
    fn poll_connections(&self) {
        let spawned = self.owner.shared.take_spawned();
        let mut executor = self.owner.executor.borrow_mut();
        spawned.into_iter().for_each(|future| executor.push(future));
        executor.poll();
        while let Some(watching) = self.owner.shared.scheduler().watch() {
            executor.push(watching);
            executor.poll();
        }
        drop(executor);
        self.owner.shared.resume_panic();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::cell::Cell;
    use std::rc::Rc;

    #[test]
    fn steps_that_others_queue_are_for_another_turn() {
        let event_loop = EventLoop::new();
        let shared = event_loop.owner.shared.clone();
        let turns = Rc::new(Cell::new(0));
        let queued = (shared.clone(), turns.clone());
        shared.queue_steps(Box::new(move || {
            let (shared, turns) = queued;
            let seen = turns.clone();
            shared.queue_steps(Box::new(move || seen.set(seen.get() + 10)));
            turns.set(turns.get() + 1);
        }));
        event_loop.turn();
        assert_eq!(turns.get(), 1);
        event_loop.turn();
        assert_eq!(turns.get(), 11);
    }
}
