//! What an object is made of: the properties that were set, and what is behind it.

use super::value::{Described, JsValue};
use crate::js_sys::ErrorHost;
use crate::web_sys::Listeners;
use std::any::Any;
use std::cell::RefCell;
use std::fmt;
use std::rc::Rc;

/// An object's platform side.
pub(crate) trait Host: Any {
    /// The name of its class.
    fn class(&self) -> &'static str;

    /// An attribute, for `Reflect`.
    fn attribute(&self, _name: &str) -> Option<JsValue> {
        None
    }

    /// Sets an attribute that script can set. False if there is none of this name: it becomes a property.
    fn set_attribute(&self, _object: &Rc<Instance>, _name: &str, _value: &JsValue) -> bool {
        false
    }

    /// What `toString()` yields, where that is more than the class.
    fn text(&self) -> Option<String> {
        None
    }

    /// What a console shows between brackets.
    fn items(&self) -> Option<Vec<JsValue>> {
        None
    }

    /// Its listeners, if it is an `EventTarget`.
    fn listeners(&self) -> Option<&Rc<Listeners>> {
        None
    }

    /// Listeners have come or gone.
    fn listeners_changed(&self, _object: &Rc<Instance>) {}

    fn as_any(&self) -> &dyn Any;
}

/// `{}`.
pub(crate) struct Plain;

impl Host for Plain {
    fn class(&self) -> &'static str {
        "Object"
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

impl JsValue {
    /// `{}`, with these properties, no two of one name.
    pub(crate) fn plain(properties: Vec<(String, JsValue)>) -> Self {
        Self::from_instance(Rc::new(Instance::with_properties(Plain, properties)))
    }
}

pub(crate) struct Instance {
    host: Box<dyn Host>,
    properties: RefCell<Vec<(String, JsValue)>>,
}

/// So deep does a console look into objects, which may hold themselves.
const DESCRIBED_DEPTH: usize = 4;

impl Instance {
    pub(crate) fn new(host: impl Host) -> Self {
        Self::with_properties(host, Vec::new())
    }

    /// One with these properties, no two of one name.
    fn with_properties(host: impl Host, properties: Vec<(String, JsValue)>) -> Self {
        Self {
            host: Box::new(host),
            properties: RefCell::new(properties),
        }
    }

    pub(crate) fn as_host(&self) -> &dyn Host {
        &*self.host
    }

    pub(crate) fn host<H: Host>(&self) -> Option<&H> {
        self.host.as_any().downcast_ref()
    }

    /// `object[name]`.
    pub(crate) fn get(&self, name: &str) -> Option<JsValue> {
        let properties = self.properties.borrow();
        let own = properties.iter().find(|(known, _)| known == name);
        match own {
            Some((_, value)) => Some(value.clone()),
            None => self.host.attribute(name),
        }
    }

    /// `object[name] = value`.
    pub(crate) fn set(self: &Rc<Self>, name: &str, value: JsValue) {
        if self.host.set_attribute(self, name, &value) {
            return;
        }
        let mut properties = self.properties.borrow_mut();
        let known = properties.iter_mut().find(|(known, _)| known == name);
        let before = match known {
            Some((_, place)) => Some(std::mem::replace(place, value)),
            None => {
                properties.push((name.to_owned(), value));
                None
            }
        };
        // What it was the last reference to may look here as it goes.
        drop(properties);
        drop(before);
    }

    /// `delete object[name]`.
    pub(crate) fn delete(&self, name: &str) {
        let mut properties = self.properties.borrow_mut();
        let place = properties.iter().position(|(known, _)| known == name);
        let before = place.map(|place| properties.remove(place));
        drop(properties);
        drop(before);
    }

    /// `Object.entries(object)`: the names that are places of an array come first, in their order.
    pub(crate) fn entries(&self) -> Vec<(String, JsValue)> {
        let mut entries = self.properties.borrow().clone();
        let place = |name: &str| {
            let place = name.parse::<u32>().ok();
            place.filter(|place| *place < u32::MAX && place.to_string() == name)
        };
        entries.sort_by_cached_key(|(name, _)| place(name).map_or((1, 0), |place| (0, place)));
        entries
    }

    pub(super) fn to_js_string(&self) -> String {
        let class = || format!("[object {}]", self.host.class());
        self.host.text().unwrap_or_else(class)
    }

    pub(super) fn describe(&self, f: &mut fmt::Formatter<'_>, depth: usize) -> fmt::Result {
        if let Some(items) = self.host.items() {
            return self.describe_items(f, &items, depth);
        }
        if self.host::<ErrorHost>().is_some() {
            return f.write_str(&self.to_js_string());
        }
        match self.host::<Plain>() {
            Some(_) if depth < DESCRIBED_DEPTH => self.describe_members(f, depth),
            _ => f.write_str(self.host.class()),
        }
    }

    fn describe_items(
        &self,
        f: &mut fmt::Formatter<'_>,
        items: &[JsValue],
        depth: usize,
    ) -> fmt::Result {
        if depth >= DESCRIBED_DEPTH {
            return f.write_str(self.host.class());
        }
        f.write_str("[")?;
        for (index, item) in items.iter().enumerate() {
            let separator = if index > 0 { ", " } else { "" };
            write!(f, "{separator}{}", Described(item, depth + 1))?;
        }
        f.write_str("]")
    }

    fn describe_members(&self, f: &mut fmt::Formatter<'_>, depth: usize) -> fmt::Result {
        f.write_str("Object({")?;
        for (index, (name, value)) in self.entries().iter().enumerate() {
            let separator = if index > 0 { "," } else { "" };
            write!(f, "{separator}{name:?}:{}", Described(value, depth + 1))?;
        }
        f.write_str("})")
    }
}
