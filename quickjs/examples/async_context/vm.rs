//! The host: a runtime, a context, and the loop of their sockets.

use crate::uncaught::{self, Printer};
use crate::web_socket::{self, WebSocketModule};
use crate::{console, timers};
use dom_websocket::{EventLoop, Turn, UserAgent, host};
use dom_websocket_quickjs::Page;
use futures::future::FutureExt;
use futures::task::AtomicWaker;
use rquickjs::function::Func;
use rquickjs::loader::{BuiltinResolver, FileResolver, ModuleLoader, ScriptLoader};
use rquickjs::{AsyncContext, AsyncRuntime, Ctx, Module, Result};
use std::cell::{Cell, RefCell};
use std::future::poll_fn;
use std::pin::pin;
use std::rc::Rc;
use std::sync::Arc;
use std::task::{Context, Poll};

pub(crate) struct Vm {
    pub(crate) page: Rc<RefCell<Option<Page>>>,
    pub(crate) context: AsyncContext,
    pub(crate) runtime: AsyncRuntime,
    pub(crate) event_loop: EventLoop,
    /// Whoever waits, to be woken when the loop has something to do.
    woken: Arc<AtomicWaker>,
    is_over: Rc<Cell<bool>>,
    uncaught: Rc<Cell<usize>>,
}

impl Vm {
    pub(crate) async fn new(output: Printer, errors: Printer) -> Result<Self> {
        let event_loop = EventLoop::new();
        let woken = Arc::<AtomicWaker>::default();
        event_loop.set_wake_up({
            let woken = woken.clone();
            move || woken.wake()
        });
        let runtime = AsyncRuntime::new()?;
        let resolver = (
            BuiltinResolver::default().with_module("websocket"),
            FileResolver::default().with_path("."),
        );
        let loader = (
            ModuleLoader::default().with_module("websocket", WebSocketModule),
            ScriptLoader::default(),
        );
        runtime.set_loader(resolver, loader).await;
        let tracker = Box::new(uncaught::track_rejection);
        runtime
            .set_host_promise_rejection_tracker(Some(tracker))
            .await;
        let context = AsyncContext::full(&runtime).await?;
        let vm = Self {
            page: Rc::default(),
            context,
            runtime,
            event_loop,
            woken,
            is_over: Rc::default(),
            uncaught: Rc::default(),
        };
        let init = vm.context.with(|ctx| vm.init(&ctx, output, errors));
        init.await?;
        Ok(vm)
    }

    fn init(&self, ctx: &Ctx<'_>, output: Printer, errors: Printer) -> Result<()> {
        uncaught::init(ctx, errors.clone(), self.uncaught.clone())?;
        console::init(ctx, output, errors)?;
        timers::init(ctx)?;
        // Script is not told why a connection failed.
        let user_agent = UserAgent::builder().log_failures().build();
        let options = host::Options::new(&self.event_loop).user_agent(&user_agent);
        let page = web_socket::init(ctx, &self.context, options)?;
        self.page.replace(Some(page));
        // A page owns its engine: what script can reach must not own the page.
        let (page, is_over) = (Rc::downgrade(&self.page), self.is_over.clone());
        let quit = move || {
            is_over.set(true);
            // From here on no event reaches script.
            drop(page.upgrade().and_then(|page| page.take()));
        };
        ctx.globals().set("quit", Func::from(quit))
    }

    /// Evaluates a module; a promise that it leaves rejected is reported as others are.
    pub(crate) async fn run(&self, name: &str, source: &str) {
        let evaluate = |ctx: Ctx<'_>| {
            let promise = Module::evaluate(ctx.clone(), name, source);
            uncaught::check(&ctx, promise);
        };
        self.context.with(evaluate).await;
    }

    /// Ends when nothing is left: no job, no future of the runtime's, such as a timer, and no socket.
    ///
    /// It takes the place of `AsyncRuntime::idle`, which knows the runtime alone, and has its lock until it ends.
    pub(crate) async fn idle(&self) {
        poll_fn(|cx| {
            self.woken.register(cx.waker());
            let turn = self.event_loop.turn();
            let has_run = self.run_jobs(cx);
            if self.is_over.get() {
                return Poll::Ready(());
            }
            if turn == Turn::More || has_run {
                cx.waker().wake_by_ref();
                return Poll::Pending;
            }
            // Jobs have run: what there may be are futures.
            let is_busy = self.runtime.is_job_pending().now_or_never() != Some(false);
            match turn == Turn::Idle && !is_busy {
                true => Poll::Ready(()),
                false => Poll::Pending,
            }
        })
        .await;
    }

    /// Runs promise jobs, and polls the runtime's futures, until there is nothing to do for now. True if there was something.
    ///
    /// `AsyncRuntime::drive` does so too, but loses what jobs throw.
    fn run_jobs(&self, cx: &mut Context<'_>) -> bool {
        let mut has_run = false;
        loop {
            match pin!(self.runtime.execute_pending_job()).poll(cx) {
                Poll::Ready(Ok(true)) => has_run = true,
                Poll::Ready(Err(thrown)) => {
                    let report = |ctx: Ctx<'_>| uncaught::report(&ctx, &ctx.catch());
                    let _ = thrown.0.with(report).now_or_never();
                }
                // Nothing is ready, or others are to have their turn: then we are woken.
                Poll::Ready(Ok(false)) | Poll::Pending => break,
            }
        }
        let notify = |ctx: Ctx<'_>| uncaught::notify_about_rejected_promises(&ctx);
        let _ = self.context.with(notify).now_or_never();
        has_run
    }

    /// Leaves the page, and waits for its connections to close. How often nobody caught something.
    pub(crate) async fn shut_down(self) -> usize {
        drop(self.page.take());
        // There is no more script: the loop can do without the runtime.
        self.event_loop.until_idle().await;
        self.uncaught.get()
    }
}
