//! Objects of the bindings, as Boa has them.

use boa_engine::gc::{Finalize, GcRefCell, Trace};
use boa_engine::{JsData, JsValue};
use std::any::Any;
use std::rc::Rc;

/// What the bindings keep in an object, where Boa traces it.
#[derive(Trace, Finalize, JsData)]
pub(crate) struct HostObject {
    #[unsafe_ignore_trace]
    pub(crate) host_defined: HostDefined,
    pub(crate) slots: GcRefCell<Slots>,
}

/// No value of the engine's is in it.
#[derive(Clone)]
pub(crate) struct HostDefined(pub(crate) Rc<dyn Any>);

/// Values by number. The first two, which are all that an event has, need no memory of their own.
#[derive(Default, Trace, Finalize)]
pub(crate) struct Slots {
    first: Option<JsValue>,
    second: Option<JsValue>,
    others: Vec<Option<JsValue>>,
}

impl Slots {
    pub(crate) fn new([first, second]: [Option<JsValue>; 2]) -> Self {
        Self {
            first,
            second,
            others: Vec::new(),
        }
    }

    pub(crate) fn get(&self, slot: usize) -> Option<&JsValue> {
        match slot {
            0 => self.first.as_ref(),
            1 => self.second.as_ref(),
            _ => self.others.get(slot - 2)?.as_ref(),
        }
    }

    /// What lay there before.
    pub(crate) fn set(&mut self, slot: usize, value: Option<JsValue>) -> Option<JsValue> {
        let place = match slot {
            0 => &mut self.first,
            1 => &mut self.second,
            _ => {
                let other = slot - 2;
                if other >= self.others.len() && value.is_some() {
                    self.others.resize(other + 1, None);
                }
                self.others.get_mut(other)?
            }
        };
        std::mem::replace(place, value)
    }
}
