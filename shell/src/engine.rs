//! The engines that there are.

#[cfg(feature = "boa")]
use crate::boa;
use crate::natives::Natives;
#[cfg(feature = "quickjs")]
use crate::quickjs;
use crate::script::{Script, Settings};
use dom_websocket::EventLoop;
use std::error::Error;
use std::str::FromStr;

/// What opens a realm in an engine.
type Open = fn(&Settings, Natives) -> Result<(EventLoop, Box<dyn Script>), Box<dyn Error>>;

/// A script engine.
#[derive(Clone, Copy, Debug)]
pub struct Engine {
    name: &'static str,
    open: Open,
}

/// Those that the program was built with. The first is the default.
const ENGINES: &[Engine] = &[
    #[cfg(feature = "quickjs")]
    Engine {
        name: "quickjs",
        open: quickjs::open,
    },
    #[cfg(feature = "boa")]
    Engine {
        name: "boa",
        open: boa::open,
    },
];

/// Those that it can be built with; each is a feature.
const NAMES: [&str; 2] = ["quickjs", "boa"];

impl Default for Engine {
    fn default() -> Self {
        ENGINES[0]
    }
}

impl Engine {
    /// All that the program was built with.
    pub fn all() -> &'static [Self] {
        ENGINES
    }

    /// Its name.
    pub fn name(self) -> &'static str {
        self.name
    }

    pub(crate) fn open(
        self,
        settings: &Settings,
        natives: &Natives,
    ) -> Result<(EventLoop, Box<dyn Script>), Box<dyn Error>> {
        (self.open)(settings, natives.clone())
    }
}

impl FromStr for Engine {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, String> {
        if let Some(engine) = ENGINES.iter().find(|engine| engine.name == name) {
            return Ok(*engine);
        }
        Err(match NAMES.contains(&name) {
            true => {
                format!("this program was built without {name}: the feature `{name}` is needed")
            }
            false => format!("unknown engine {name:?}: there are {}", NAMES.join(" and ")),
        })
    }
}
