//! The page: how a task gets into the engine, and what the host keeps.

use crate::engine::Scope;
use dom_websocket::host::{self, Entry, Options, ScriptError, Visit};
use std::error::Error;
use std::rc::Rc;

/// A realm with `WebSocket`, whose sockets go with it.
pub(crate) struct Page {
    scope: Scope,
    realm: Rc<host::Realm>,
}

impl Page {
    pub(crate) fn new(options: Options) -> Result<Rc<Self>, Box<dyn Error>> {
        let realm = options.realm()?;
        let mut scope = Scope::new(realm.clone());
        if let Err(thrown) = host::install(&mut scope) {
            return Err(ScriptError::new(&mut scope, thrown).into());
        }
        let page = Rc::new(Self { scope, realm });
        let entry: Rc<dyn Entry> = page.clone();
        page.realm.set_entry(Rc::downgrade(&entry));
        Ok(page)
    }

    /// Runs a script. Its microtasks run once it is over.
    pub(crate) fn run<T>(&self, script: impl FnOnce(&mut Scope) -> T) -> T {
        let event_loop = self.realm.event_loop();
        event_loop.run_script(|| script(&mut self.scope.clone()))
    }
}

impl Entry for Page {
    fn enter(&self, visit: Visit<'_>) -> bool {
        // An engine that can't be entered twice says false here where it is in use.
        visit.run(&mut self.scope.clone());
        true
    }

    fn run_microtasks(&self) -> bool {
        let mut scope = self.scope.clone();
        let mut were_any = false;
        while let Some(done) = scope.run_job() {
            were_any = true;
            if let Err(thrown) = done {
                host::report(&mut scope, thrown);
            }
        }
        were_any
    }
}

impl Drop for Page {
    fn drop(&mut self) {
        self.realm.unload();
    }
}
