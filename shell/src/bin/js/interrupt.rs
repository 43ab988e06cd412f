//! Ctrl-C while script runs: what is typed at the prompt hears of it as a key.

use dom_websocket::Handle;
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};

/// Whether it was pressed. An engine that looks at it gives up what runs.
#[derive(Clone, Default)]
pub(crate) struct Interrupt(Arc<AtomicBool>);

impl Interrupt {
    pub(crate) fn flag(&self) -> Arc<AtomicBool> {
        self.0.clone()
    }

    pub(crate) fn has_come(&self) -> bool {
        self.0.load(SeqCst)
    }

    pub(crate) fn reset(&self) {
        self.0.store(false, SeqCst);
    }

    /// Hears of it from now on, and wakes the loop. The second one ends the program, if nothing has taken the first.
    #[cfg(unix)]
    pub(crate) fn listen(&self, event_loop: Handle) -> io::Result<()> {
        use signal_hook::consts::SIGINT;
        use signal_hook::iterator::Signals;
        use signal_hook::low_level::emulate_default_handler;

        let mut signals = Signals::new([SIGINT])?;
        let has_come = self.0.clone();
        std::thread::spawn(move || {
            for signal in signals.forever() {
                if has_come.swap(true, SeqCst) {
                    let _ = emulate_default_handler(signal);
                }
                event_loop.queue_task(|| {});
            }
        });
        Ok(())
    }

    /// Where there are no signals, it ends the program.
    #[cfg(not(unix))]
    pub(crate) fn listen(&self, _: Handle) -> io::Result<()> {
        Ok(())
    }
}
