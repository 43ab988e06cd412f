// A script engine without a syntax: its script is Rust. It has what `host::Engine` asks of one: values, objects,
// functions, promises. It counts references, so that a cycle stays, and has one realm.
//
// The examples in the documentation of `host::Engine` include this file.

mod builtins;
mod promise;
mod value;

pub(crate) use value::{Completion, Thrown, Value};

use dom_websocket::host::{
    BufferSource, Call, DomString, Engine, ErrorKind, Intrinsic, Key, Native, Property,
    PropertyContent, Type,
};
use promise::Promise;
use std::any::Any;
use std::cell::RefCell;
use std::collections::VecDeque;
use std::rc::Rc;
use value::{Kind, Object, hidden};

/// The engine, entered: any number of scopes can be, one within the other.
#[derive(Clone)]
pub(crate) struct Scope {
    realm: Rc<Realm>,
}

struct Realm {
    global: Value,
    object_prototype: Value,
    function_prototype: Value,
    error_prototype: Value,
    promise_prototype: Value,
    uint8_array: Value,
    registry: Value,
    /// Functions to call, with an argument.
    jobs: RefCell<VecDeque<[Value; 2]>>,
}

impl Engine for Scope {
    type Value = Value;
    type Exception = Thrown;

    fn undefined(&mut self) -> Value {
        Value::Undefined
    }

    fn null(&mut self) -> Value {
        Value::Null
    }

    fn boolean(&mut self, value: bool) -> Value {
        Value::Boolean(value)
    }

    fn number(&mut self, value: f64) -> Value {
        Value::Number(value)
    }

    fn string(&mut self, value: &str) -> Completion {
        Ok(value.into())
    }

    fn dom_string(&mut self, value: &DomString) -> Completion {
        Ok(Value::String(value.clone()))
    }

    fn type_of(&mut self, value: &Value) -> Type {
        match value {
            Value::Undefined => Type::Undefined,
            Value::Null => Type::Null,
            Value::Boolean(_) => Type::Boolean,
            Value::Number(_) => Type::Number,
            Value::String(_) => Type::String,
            Value::Object(_) => Type::Object,
        }
    }

    fn is_callable(&mut self, value: &Value) -> bool {
        matches!(value.kind(), Some(Kind::Function { .. }))
    }

    fn is_same_object(&mut self, a: &Value, b: &Value) -> bool {
        match (a, b) {
            (Value::Object(a), Value::Object(b)) => Rc::ptr_eq(a, b),
            _ => false,
        }
    }

    fn to_boolean(&mut self, value: &Value) -> bool {
        match value {
            Value::Undefined | Value::Null => false,
            Value::Boolean(value) => *value,
            Value::Number(value) => *value != 0.0 && !value.is_nan(),
            Value::String(value) => *value != *"",
            Value::Object(_) => true,
        }
    }

    fn to_number(&mut self, value: &Value) -> Result<f64, Thrown> {
        Ok(match value {
            Value::Undefined => f64::NAN,
            Value::Null => 0.0,
            Value::Boolean(value) => f64::from(u8::from(*value)),
            Value::Number(value) => *value,
            Value::String(value) => match value.to_usv_string().trim() {
                "" => 0.0,
                text => text.parse().unwrap_or(f64::NAN),
            },
            Value::Object(_) => {
                let primitive = self.primitive_of(value, ["valueOf", "toString"])?;
                self.to_number(&primitive)?
            }
        })
    }

    fn to_dom_string(&mut self, value: &Value) -> Result<DomString, Thrown> {
        Ok(match value {
            Value::Undefined => "undefined".into(),
            Value::Null => "null".into(),
            Value::Boolean(value) => value.to_string().into(),
            Value::Number(value) => value.to_string().replace("inf", "Infinity").into(),
            Value::String(value) => value.clone(),
            Value::Object(_) => {
                let primitive = self.primitive_of(value, ["toString", "valueOf"])?;
                self.to_dom_string(&primitive)?
            }
        })
    }

    fn global(&mut self) -> Value {
        self.realm.global.clone()
    }

    fn intrinsic(&mut self, intrinsic: Intrinsic) -> Value {
        match intrinsic {
            Intrinsic::ObjectPrototype => self.realm.object_prototype.clone(),
            Intrinsic::FunctionPrototype => self.realm.function_prototype.clone(),
            Intrinsic::ErrorPrototype => self.realm.error_prototype.clone(),
            Intrinsic::Uint8Array => self.realm.uint8_array.clone(),
        }
    }

    fn get(&mut self, object: &Value, key: Key<'_>) -> Completion {
        match self.find(object, name(key))? {
            None => Ok(Value::Undefined),
            Some(PropertyContent::Data { value, .. }) => Ok(value),
            Some(PropertyContent::Accessor { get, .. }) => self.call(&get, object, &[]),
        }
    }

    fn define(
        &mut self,
        object: &Value,
        key: Key<'_>,
        property: Property<Value>,
    ) -> Result<(), Thrown> {
        let object = self.object(object)?;
        let mut properties = object.properties.borrow_mut();
        match properties.iter_mut().find(|(known, _)| known == name(key)) {
            Some((_, known)) if known.configurable => *known = property,
            // Strictly speaking, what changes nothing is no error.
            Some(_) => return Err(self.type_error("the property is not configurable")),
            None => properties.push((name(key).to_owned(), property)),
        }
        Ok(())
    }

    fn set_prototype_of(&mut self, object: &Value, prototype: &Value) -> Result<(), Thrown> {
        let object = self.object(object)?;
        object.prototype.replace(Some(prototype.clone()));
        Ok(())
    }

    fn prototype_of(&mut self, object: &Value) -> Result<Option<Value>, Thrown> {
        Ok(self.object(object)?.prototype.borrow().clone())
    }

    fn call(&mut self, function: &Value, this: &Value, arguments: &[Value]) -> Completion {
        let Some(Kind::Function { body, .. }) = function.kind() else {
            return Err(self.type_error("it is no function"));
        };
        let call = Call {
            this: this.clone(),
            arguments: arguments.to_vec(),
            new_target: None,
        };
        body(self, &call)
    }

    fn construct(&mut self, constructor: &Value, arguments: &[Value]) -> Completion {
        let Some(Kind::Function {
            body,
            is_constructor: true,
        }) = constructor.kind()
        else {
            return Err(self.type_error("it is no constructor"));
        };
        let call = Call {
            this: Value::Undefined,
            arguments: arguments.to_vec(),
            new_target: Some(constructor.clone()),
        };
        body(self, &call)
    }

    fn new_function(
        &mut self,
        native: Native,
        name: &str,
        length: u32,
        is_constructor: bool,
    ) -> Completion {
        let body = Box::new(move |cx: &mut Self, call: &Call<Self>| native.call(cx, call));
        let kind = Kind::Function {
            body,
            is_constructor,
        };
        let function = Value::new_object(&self.realm.function_prototype, kind);
        let length = Value::Number(length.into());
        self.define(&function, Key::Name("length"), hidden(length))?;
        self.define(&function, Key::Name("name"), hidden(name.into()))?;
        Ok(function)
    }

    fn new_object(&mut self, prototype: &Value) -> Completion {
        Ok(Value::new_object(prototype, Kind::Ordinary))
    }

    fn new_array(&mut self, items: &[Value], is_frozen: bool) -> Completion {
        let array = Value::new_object(&self.realm.object_prototype, Kind::Ordinary);
        let property = |value, enumerable| Property {
            content: PropertyContent::Data {
                value,
                writable: !is_frozen,
            },
            enumerable,
            configurable: enumerable && !is_frozen,
        };
        for (index, item) in items.iter().enumerate() {
            let item = property(item.clone(), true);
            self.define(&array, Key::Name(&index.to_string()), item)?;
        }
        let length = Value::Number(items.len() as f64);
        self.define(&array, Key::Name("length"), property(length, false))?;
        Ok(array)
    }

    fn new_error(&mut self, kind: ErrorKind, message: &str) -> Completion {
        let name = match kind {
            ErrorKind::Error => "Error",
            ErrorKind::Type => "TypeError",
            ErrorKind::Range => "RangeError",
        };
        let error = Value::new_object(&self.realm.error_prototype, Kind::Ordinary);
        self.define(&error, Key::Name("name"), hidden(name.into()))?;
        self.define(&error, Key::Name("message"), hidden(message.into()))?;
        Ok(error)
    }

    fn new_promise(&mut self) -> Result<[Value; 3], Thrown> {
        let pending = Kind::Promise(RefCell::new(Promise::Pending(Vec::new())));
        let promise = Value::new_object(&self.realm.promise_prototype, pending);
        let (resolve, reject) = (self.settler(&promise, Ok), self.settler(&promise, Err));
        Ok([promise, resolve, reject])
    }

    fn new_array_buffer(&mut self, bytes: Vec<u8>) -> Completion {
        let (bytes, is_view) = (Rc::new(bytes), false);
        let kind = Kind::Bytes { bytes, is_view };
        Ok(Value::new_object(&self.realm.object_prototype, kind))
    }

    fn buffer_source(&mut self, value: &Value) -> Result<Option<BufferSource>, Thrown> {
        Ok(match value.kind() {
            Some(Kind::Bytes { is_view, .. }) => Some(BufferSource {
                is_view: *is_view,
                is_shared: false,
                is_resizable: false,
            }),
            _ => None,
        })
    }

    fn with_bytes<T>(
        &mut self,
        source: &Value,
        read: impl FnOnce(&[u8]) -> T,
    ) -> Result<T, Thrown> {
        Ok(match source.kind() {
            Some(Kind::Bytes { bytes, .. }) => read(bytes),
            _ => read(&[]),
        })
    }

    fn throw(&mut self, value: Value) -> Thrown {
        Thrown(value)
    }

    fn catch(&mut self, Thrown(value): Thrown) -> Completion {
        Ok(value)
    }

    fn describe(&mut self, Thrown(value): Thrown) -> (String, Option<String>) {
        match self.to_dom_string(&value) {
            Ok(text) => (text.into_usv_string(), None),
            Err(_) => ("something without a text".to_owned(), None),
        }
    }

    fn new_host_object(&mut self, prototype: &Value, host_defined: Rc<dyn Any>) -> Completion {
        let slots = RefCell::default();
        Ok(Value::new_object(
            prototype,
            Kind::Host {
                host_defined,
                slots,
            },
        ))
    }

    fn host_defined(&mut self, value: &Value) -> Option<Rc<dyn Any>> {
        match value.kind() {
            Some(Kind::Host { host_defined, .. }) => Some(host_defined.clone()),
            _ => None,
        }
    }

    fn slot(&mut self, object: &Value, slot: usize) -> Option<Value> {
        match object.kind() {
            Some(Kind::Host { slots, .. }) => slots.borrow().get(slot)?.clone(),
            _ => None,
        }
    }

    fn set_slot(&mut self, object: &Value, slot: usize, value: Option<Value>) {
        if let Some(Kind::Host { slots, .. }) = object.kind() {
            let mut slots = slots.borrow_mut();
            let len = slots.len().max(slot + 1);
            slots.resize(len, None);
            slots[slot] = value;
        }
    }

    fn registry(&mut self) -> Value {
        self.realm.registry.clone()
    }
}

impl Scope {
    fn object(&mut self, value: &Value) -> Result<Rc<Object>, Thrown> {
        match value {
            Value::Object(object) => Ok(object.clone()),
            _ => Err(self.type_error("it is no object")),
        }
    }

    /// A property of the object, or of what it inherits from.
    fn find(
        &mut self,
        object: &Value,
        name: &str,
    ) -> Result<Option<PropertyContent<Value>>, Thrown> {
        let mut object = self.object(object)?;
        loop {
            let properties = object.properties.borrow();
            if let Some((_, property)) = properties.iter().find(|(known, _)| known == name) {
                return Ok(Some(property.content.clone()));
            }
            drop(properties);
            let Some(Value::Object(prototype)) = object.prototype.borrow().clone() else {
                return Ok(None);
            };
            object = prototype;
        }
    }

    /// ECMA-262 `OrdinaryToPrimitive`.
    fn primitive_of(&mut self, object: &Value, methods: [&str; 2]) -> Completion {
        for method in methods {
            let method = self.get(object, Key::Name(method))?;
            if self.is_callable(&method) {
                let value = self.call(&method, object, &[])?;
                if self.type_of(&value) != Type::Object {
                    return Ok(value);
                }
            }
        }
        Err(self.type_error("it has no primitive value"))
    }
}

/// A property's name. There are no symbols but these two.
fn name(key: Key<'_>) -> &str {
    match key {
        Key::Name(name) => name,
        Key::Iterator => "Symbol.iterator",
        Key::ToStringTag => "Symbol.toStringTag",
    }
}
