// Values of the language.

use super::Scope;
use super::promise::Promise;
use dom_websocket::host::{Call, DomString, Property, PropertyContent};
use std::any::Any;
use std::cell::RefCell;
use std::error::Error;
use std::fmt;
use std::rc::Rc;

/// A value. What it refers to lives as long as somebody does so.
#[derive(Clone)]
pub(crate) enum Value {
    Undefined,
    Null,
    Boolean(bool),
    Number(f64),
    String(DomString),
    Object(Rc<Object>),
}

/// What was thrown.
#[derive(Debug)]
pub(crate) struct Thrown(pub(crate) Value);

pub(crate) type Completion = Result<Value, Thrown>;

pub(crate) struct Object {
    pub(super) prototype: RefCell<Option<Value>>,
    pub(super) properties: RefCell<Vec<(String, Property<Value>)>>,
    pub(super) kind: Kind,
}

/// What an object has that no script sees.
pub(super) enum Kind {
    Ordinary,
    Function {
        body: Box<Body>,
        is_constructor: bool,
    },
    Promise(RefCell<Promise>),
    /// An `ArrayBuffer`, or a view of all of one.
    Bytes {
        bytes: Rc<Vec<u8>>,
        is_view: bool,
    },
    Host {
        host_defined: Rc<dyn Any>,
        slots: RefCell<Vec<Option<Value>>>,
    },
}

pub(super) type Body = dyn Fn(&mut Scope, &Call<Scope>) -> Completion;

impl Value {
    pub(super) fn new_object(prototype: &Self, kind: Kind) -> Self {
        let prototype = match prototype {
            Self::Object(_) => Some(prototype.clone()),
            _ => None,
        };
        Self::Object(Rc::new(Object {
            prototype: RefCell::new(prototype),
            properties: RefCell::default(),
            kind,
        }))
    }

    pub(super) fn kind(&self) -> Option<&Kind> {
        match self {
            Self::Object(object) => Some(&object.kind),
            _ => None,
        }
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::String(text.into())
    }
}

/// A property as a method is one.
pub(super) fn hidden(value: Value) -> Property<Value> {
    let writable = true;
    Property {
        content: PropertyContent::Data { value, writable },
        enumerable: false,
        configurable: true,
    }
}

pub(super) fn argument(call: &Call<Scope>, index: usize) -> Value {
    let argument = call.arguments.get(index);
    argument.cloned().unwrap_or(Value::Undefined)
}

impl fmt::Debug for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Undefined => f.write_str("undefined"),
            Self::Null => f.write_str("null"),
            Self::Boolean(value) => write!(f, "{value}"),
            Self::Number(value) => write!(f, "{value}"),
            Self::String(value) => write!(f, "{:?}", value.to_usv_string()),
            Self::Object(_) => f.write_str("an object"),
        }
    }
}

impl fmt::Display for Thrown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "thrown: {:?}", self.0)
    }
}

impl Error for Thrown {}
