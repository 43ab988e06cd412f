//! A realm in which inputs are run, one behind the other.

use crate::options::{Input, Options, Place};
use crate::output::Output;
use crate::terminal::Terminal;
use dom_websocket_shell::{Natives, Realm, address};
use serde_json::json;
use std::cell::Cell;
use std::error::Error;
use std::io::{read_to_string, stdin};
use std::process::exit;
use std::rc::Rc;

/// A script or a module that is read.
pub(crate) struct Source {
    /// A path, or where else it is from; the URL of a module.
    name: String,
    text: String,
    is_module: bool,
}

/// Reads an input.
pub(crate) fn read(input: &Input) -> Result<Source, Box<dyn Error>> {
    let (name, text) = match &input.place {
        Place::File(path) => {
            let text = std::fs::read(path).map_err(|error| format!("{path}: {error}"))?;
            (path.as_str(), String::from_utf8_lossy(&text).into_owned())
        }
        Place::Code(code) => ("[eval]", code.clone()),
        Place::StandardInput => ("[stdin]", read_to_string(stdin())?),
    };
    let name = if input.is_module {
        address(name)?.into()
    } else {
        name.to_owned()
    };
    Ok(Source {
        name,
        text,
        is_module: input.is_module,
    })
}

/// What script has told of how the run goes.
#[derive(Default)]
struct Progress {
    /// An exception was not caught, or a rejection not handled.
    has_uncaught: Cell<bool>,
    /// How the module ended that runs, once it has.
    module_ended: Cell<Option<ModuleEnd>>,
}

#[derive(Clone, Copy, PartialEq)]
enum ModuleEnd {
    Well,
    Badly,
}

/// What runs the inputs.
pub(crate) struct Program {
    realm: Realm,
    is_strict: bool,
    progress: Rc<Progress>,
}

impl Program {
    pub(crate) fn open(
        options: &Options,
        natives: &Natives,
        output: &Rc<Output>,
    ) -> Result<Self, Box<dyn Error>> {
        let progress = Rc::<Progress>::default();
        let (output, printing) = (output.clone(), progress.clone());
        natives.define("print", move |parameters| {
            let [stream, text] = parameters else {
                return None;
            };
            output.print(stream, text);
            if stream == "uncaught" {
                printing.has_uncaught.set(true);
            }
            None
        });
        let terminal = Terminal::save();
        let is_interactive = options.is_interactive;
        natives.define("quit", move |parameters| {
            if is_interactive {
                terminal.restore();
            }
            let status = parameters.first().and_then(|status| status.parse().ok());
            exit(status.unwrap_or(0));
        });
        let arguments = json!(options.script_arguments).to_string();
        natives.define("script arguments", move |_| Some(arguments.clone()));
        let ending = progress.clone();
        natives.define("module ended", move |parameters| {
            ending.module_ended.set(Some(match parameters {
                [how] if how == "well" => ModuleEnd::Well,
                _ => ModuleEnd::Badly,
            }));
            None
        });
        let realm = Realm::open(options.engine, &options.settings, natives)?;
        realm.prepare("program.js", include_str!("program.js"));
        Ok(Self {
            realm,
            is_strict: options.is_strict,
            progress,
        })
    }

    /// Runs inputs, one behind the other. False if one failed.
    pub(crate) fn run(&self, sources: &[Source]) -> bool {
        let mut is_fine = true;
        for source in sources {
            is_fine &= if source.is_module {
                self.run_module(source)
            } else {
                self.realm.evaluate(&source.name, &source.text)
            };
            if self.has_to_stop() {
                return false;
            }
            // It may have been a polyfill of streams.
            self.realm.install_streams();
        }
        is_fine
    }

    /// Goes on until nothing is left that could happen. False if it had to stop before.
    pub(crate) fn finish(&self) -> bool {
        if !self.has_to_stop() {
            self.realm.run_until(None, || self.has_to_stop());
        }
        !self.has_to_stop()
    }

    /// What follows waits for all that a module awaits at its top level.
    fn run_module(&self, source: &Source) -> bool {
        let ended = &self.progress.module_ended;
        ended.set(None);
        if !self
            .realm
            .evaluate_module(&source.name, &source.text, "moduleEnds")
        {
            return false;
        }
        self.realm
            .run_until(None, || ended.get().is_some() || self.has_to_stop());
        if ended.get().is_none() && !self.has_to_stop() {
            eprintln!("js: {} awaits what never comes", source.name);
        }
        ended.get() == Some(ModuleEnd::Well)
    }

    #[cfg(feature = "prompt")]
    pub(crate) fn realm(&self) -> &Realm {
        &self.realm
    }

    fn has_to_stop(&self) -> bool {
        self.is_strict && self.progress.has_uncaught.get()
    }
}
