//! Modules, for an engine that has none: each becomes a script, and `linker.js` does what ECMA-262 has engines do with
//! modules.

mod transform;

use crate::modules::{ModuleType, read, resolve};
use crate::natives::Natives;
use crate::script::Script;
use dom_websocket::EventLoop;
use serde_json::{Value, json};
use std::cell::RefCell;
use std::collections::HashSet;
use std::rc::Rc;
pub(crate) use transform::transform_script;
use transform::{LINKER, transform_module};

pub(crate) struct Linker {
    script: Rc<dyn Script>,
    /// What `linker.js` knows.
    known: RefCell<HashSet<String>>,
}

/// Why there is no module.
enum Failure {
    Thrown {
        kind: &'static str,
        message: String,
        place: String,
    },
    /// The engine has said so.
    Reported,
}

impl Failure {
    fn missing(message: String, place: &str) -> Self {
        Self::Thrown {
            kind: "TypeError",
            message,
            place: place.to_owned(),
        }
    }

    fn describe(self) -> Value {
        match self {
            Self::Thrown {
                kind,
                message,
                place,
            } => json!({ "kind": kind, "message": message, "place": place }),
            Self::Reported => {
                let message = "a module it imports is none for this engine";
                json!({ "kind": "SyntaxError", "message": message, "place": "<unknown>" })
            }
        }
    }
}

impl Linker {
    /// Brings modules to a realm.
    pub(crate) fn install(
        script: &Rc<dyn Script>,
        event_loop: &EventLoop,
        natives: &Natives,
    ) -> Rc<Self> {
        let linker = Rc::new(Self {
            script: script.clone(),
            known: RefCell::default(),
        });
        let (importing, event_loop) = (Rc::downgrade(&linker), event_loop.downgrade());
        natives.define("import module", move |parameters| {
            let parameters = parameters.to_vec();
            let importing = importing.clone();
            // The engine is in use.
            event_loop.upgrade()?.queue_task(move || {
                if let Some(linker) = importing.upgrade() {
                    linker.import(&parameters);
                }
            });
            None
        });
        script.prepare("linker.js", include_str!("linker.js"));
        linker
    }

    /// Runs a module and what it imports, and calls a function that was kept with the promise of its end. False if it
    /// comes to none; why was reported.
    pub(crate) fn evaluate(&self, name: &str, source: &str, taker: &str) -> bool {
        let (key, mut added) = (key(name, None), Vec::new());
        let is_known = self.known.borrow().contains(&key);
        let loaded = match is_known {
            true => Ok(()),
            false => self.add(&key, name, source, &mut added),
        };
        if loaded.is_err() {
            self.forget(&added);
        }
        match loaded {
            Ok(()) => {
                let script = format!("{LINKER}.evaluate({})", json!(key));
                self.script.evaluate("linker.js", &script, Some(taker))
            }
            Err(Failure::Reported) => false,
            Err(failure) => {
                self.script.call("fail", &failure.describe().to_string());
                false
            }
        }
    }

    /// The task of an `import()`: with its number, what it imports, who does and, if it says so, a type.
    fn import(&self, parameters: &[String]) {
        let (ticket, specifier, referrer, attribute) = match parameters {
            [ticket, specifier, referrer] => (ticket, specifier, referrer, None),
            [ticket, specifier, referrer, attribute] => {
                (ticket, specifier, referrer, Some(attribute.as_str()))
            }
            _ => return,
        };
        let mut added = Vec::new();
        match self.request(specifier, referrer, attribute, &mut added) {
            Ok(key) => self
                .script
                .call("loaded", &json!([ticket, key]).to_string()),
            Err(failure) => {
                self.forget(&added);
                let failure = json!([ticket, failure.describe()]);
                self.script.call("notLoaded", &failure.to_string());
            }
        }
    }

    /// They lack what they import.
    fn forget(&self, added: &[String]) {
        let mut known = self.known.borrow_mut();
        for key in added {
            known.remove(key);
        }
    }

    /// Has `linker.js` know what is imported, by the key that is returned.
    fn request(
        &self,
        specifier: &str,
        referrer: &str,
        attribute: Option<&str>,
        added: &mut Vec<String>,
    ) -> Result<String, Failure> {
        let missing = |why| Failure::missing(why, referrer);
        let url = resolve(specifier, referrer).map_err(missing)?;
        let key = key(url.as_str(), attribute);
        if self.known.borrow().contains(&key) {
            return Ok(key);
        }
        let (module_type, source) = read(&url, attribute).map_err(missing)?;
        match module_type {
            ModuleType::JavaScript => self.add(&key, url.as_str(), &source, added)?,
            ModuleType::Json => {
                self.known.borrow_mut().insert(key.clone());
                let json = json!({ "key": key, "url": url.as_str(), "text": source });
                self.script.call("defineJson", &json.to_string());
            }
        }
        Ok(key)
    }

    /// The same for a text, with all that it imports.
    fn add(
        &self,
        key: &str,
        url: &str,
        source: &str,
        added: &mut Vec<String>,
    ) -> Result<(), Failure> {
        let module = transform_module(key, url, source).map_err(|invalid| Failure::Thrown {
            kind: "SyntaxError",
            message: invalid.message,
            place: format!("{url}:{}:{}", invalid.line, invalid.column),
        })?;
        self.known.borrow_mut().insert(key.to_owned());
        added.push(key.to_owned());
        if !self.script.evaluate(url, &module.script, Some("define")) {
            return Err(Failure::Reported);
        }
        let requests = module
            .requests
            .iter()
            .map(|(specifier, attribute)| self.request(specifier, url, attribute.as_deref(), added))
            .collect::<Result<Vec<_>, _>>()?;
        self.script
            .call("setRequests", &json!([key, requests]).to_string());
        Ok(())
    }
}

fn key(url: &str, attribute: Option<&str>) -> String {
    format!("{} {url}", attribute.unwrap_or("javascript"))
}
