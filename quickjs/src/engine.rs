//! What the bindings need, of QuickJS.

use crate::function::HostFunction;
use crate::helpers::{Helper, escape, unescape};
use crate::object::{Accessor, HostDefined, HostObject, Slots};
use crate::scope::{Scope, host_object, set_slot};
use dom_websocket::host::{
    BufferSource, DomString, Engine, ErrorKind, Intrinsic, Key, Native, Property, PropertyContent,
    Type,
};
use rquickjs::function::Args;
use rquickjs::object::Property as DataProperty;
use rquickjs::{Array, ArrayBuffer, Class, Coerced, Function, Object, Value};
use std::any::Any;
use std::cell::RefCell;
use std::rc::Rc;

impl<'js> Engine for Scope<'_, 'js> {
    type Value = Value<'js>;
    type Exception = Value<'js>;

    fn undefined(&mut self) -> Value<'js> {
        Value::new_undefined(self.ctx.clone())
    }

    fn null(&mut self) -> Value<'js> {
        Value::new_null(self.ctx.clone())
    }

    fn boolean(&mut self, value: bool) -> Value<'js> {
        Value::new_bool(self.ctx.clone(), value)
    }

    fn number(&mut self, value: f64) -> Value<'js> {
        Value::new_number(self.ctx.clone(), value)
    }

    fn string(&mut self, value: &str) -> Result<Value<'js>, Value<'js>> {
        let string = rquickjs::String::from_str(self.ctx.clone(), value);
        Ok(self.check(string)?.into_value())
    }

    fn dom_string(&mut self, value: &DomString) -> Result<Value<'js>, Value<'js>> {
        match value.as_str() {
            Some(text) => self.string(text),
            // The engine takes unpaired surrogates as JSON has them.
            None => self.check(self.ctx.json_parse(escape(&value.to_utf16()))),
        }
    }

    fn type_of(&mut self, value: &Value<'js>) -> Type {
        if value.is_undefined() {
            Type::Undefined
        } else if value.is_null() {
            Type::Null
        } else if value.is_bool() {
            Type::Boolean
        } else if value.is_number() {
            Type::Number
        } else if value.is_string() {
            Type::String
        } else if value.is_symbol() {
            Type::Symbol
        } else if value.is_object() {
            Type::Object
        } else {
            Type::BigInt
        }
    }

    fn is_callable(&mut self, value: &Value<'js>) -> bool {
        value.is_function()
    }

    fn is_same_object(&mut self, a: &Value<'js>, b: &Value<'js>) -> bool {
        a.is_object() && a == b
    }

    fn to_boolean(&mut self, value: &Value<'js>) -> bool {
        value.get::<Coerced<bool>>().is_ok_and(|value| value.0)
    }

    fn to_number(&mut self, value: &Value<'js>) -> Result<f64, Value<'js>> {
        Ok(self.check(value.get::<Coerced<f64>>())?.0)
    }

    fn to_dom_string(&mut self, value: &Value<'js>) -> Result<DomString, Value<'js>> {
        let string = self.check(value.get::<Coerced<rquickjs::String<'js>>>())?.0;
        match string.to_string() {
            // Unpaired surrogates: JSON has them escaped.
            Err(rquickjs::Error::Utf8(_)) => {
                let json = self.check(self.ctx.json_stringify(string))?;
                let json = match json {
                    Some(json) => self.check(json.to_string())?,
                    None => String::new(),
                };
                Ok(DomString::from_utf16(&unescape(&json)))
            }
            text => Ok(DomString::from(self.check(text)?)),
        }
    }

    fn global(&mut self) -> Value<'js> {
        self.ctx.globals().into_value()
    }

    fn intrinsic(&mut self, intrinsic: Intrinsic) -> Value<'js> {
        match intrinsic {
            Intrinsic::ObjectPrototype => self.helper(Helper::ObjectPrototype),
            Intrinsic::FunctionPrototype => Function::prototype(self.ctx.clone()).into_value(),
            Intrinsic::ErrorPrototype => self.helper(Helper::ErrorPrototype),
            Intrinsic::Uint8Array => self.helper(Helper::Uint8Array),
        }
    }

    fn get(&mut self, object: &Value<'js>, key: Key<'_>) -> Result<Value<'js>, Value<'js>> {
        let object = self.object(object)?;
        match key {
            Key::Name(name) => self.check(object.get(name)),
            key => {
                let key = self.key(key)?;
                self.check(object.get(key))
            }
        }
    }

    fn define(
        &mut self,
        object: &Value<'js>,
        key: Key<'_>,
        property: Property<Value<'js>>,
    ) -> Result<(), Value<'js>> {
        let Property {
            content,
            enumerable,
            configurable,
        } = property;
        match content {
            PropertyContent::Data { value, writable } => {
                let mut property = DataProperty::from(value);
                if writable {
                    property = property.writable();
                }
                if enumerable {
                    property = property.enumerable();
                }
                if configurable {
                    property = property.configurable();
                }
                self.define_as(object, key, property)
            }
            PropertyContent::Accessor { get, set } => {
                let set = set.unwrap_or_else(|| Value::new_undefined(self.ctx.clone()));
                let property = Accessor {
                    get,
                    set,
                    enumerable,
                    configurable,
                };
                self.define_as(object, key, property)
            }
        }
    }

    fn set_prototype_of(
        &mut self,
        object: &Value<'js>,
        prototype: &Value<'js>,
    ) -> Result<(), Value<'js>> {
        let object = self.object(object)?;
        self.check(object.set_prototype(prototype.as_object()))
    }

    fn prototype_of(&mut self, object: &Value<'js>) -> Result<Option<Value<'js>>, Value<'js>> {
        // `Object::get_prototype` takes what a proxy throws for a prototype.
        let prototype = self.call_helper(Helper::GetPrototypeOf, std::slice::from_ref(object))?;
        Ok(prototype.is_object().then_some(prototype))
    }

    fn call(
        &mut self,
        function: &Value<'js>,
        this: &Value<'js>,
        arguments: &[Value<'js>],
    ) -> Result<Value<'js>, Value<'js>> {
        self.apply(function, this, arguments)
    }

    fn construct(
        &mut self,
        constructor: &Value<'js>,
        arguments: &[Value<'js>],
    ) -> Result<Value<'js>, Value<'js>> {
        let Some(constructor) = constructor.as_constructor() else {
            rquickjs::Exception::throw_type(self.ctx, "not a constructor");
            return Err(self.ctx.catch());
        };
        let mut args = Args::new(self.ctx.clone(), arguments.len());
        for argument in arguments {
            self.check(args.push_arg(argument.clone()))?;
        }
        self.check(args.construct(constructor))
    }

    fn new_function(
        &mut self,
        native: Native,
        name: &str,
        length: u32,
        is_constructor: bool,
    ) -> Result<Value<'js>, Value<'js>> {
        let prototype = Function::prototype(self.ctx.clone());
        let function = HostFunction {
            native,
            registry: self.registry.clone(),
        };
        let function = self.check(Class::instance_proto(function, prototype))?;
        let Some(function) = function.into_value().into_function() else {
            return Err(Value::new_undefined(self.ctx.clone()));
        };
        function.set_constructor(is_constructor);
        self.check(function.set_length(length as usize))?;
        self.check(function.set_name(name))?;
        Ok(function.into_value())
    }

    fn new_object(&mut self, prototype: &Value<'js>) -> Result<Value<'js>, Value<'js>> {
        let object = Object::new_proto(self.ctx.clone(), prototype.as_object());
        Ok(self.check(object)?.into_value())
    }

    fn new_array(
        &mut self,
        items: &[Value<'js>],
        is_frozen: bool,
    ) -> Result<Value<'js>, Value<'js>> {
        let array = self.check(Array::new(self.ctx.clone()))?;
        for (index, item) in items.iter().enumerate() {
            self.check(array.set(index, item.clone()))?;
        }
        if is_frozen {
            self.call_helper(Helper::Freeze, &[array.clone().into_value()])?;
        }
        Ok(array.into_value())
    }

    fn new_error(&mut self, kind: ErrorKind, message: &str) -> Result<Value<'js>, Value<'js>> {
        let constructor = self.helper(match kind {
            ErrorKind::Error => Helper::Error,
            ErrorKind::Type => Helper::TypeError,
            ErrorKind::Range => Helper::RangeError,
        });
        let message = self.string(message)?;
        self.construct(&constructor, &[message])
    }

    fn new_promise(&mut self) -> Result<[Value<'js>; 3], Value<'js>> {
        let (promise, resolve, reject) = self.check(self.ctx.promise())?;
        Ok([
            promise.into_value(),
            resolve.into_value(),
            reject.into_value(),
        ])
    }

    fn new_array_buffer(&mut self, bytes: Vec<u8>) -> Result<Value<'js>, Value<'js>> {
        let buffer = self.check(ArrayBuffer::new(self.ctx.clone(), bytes))?;
        Ok(buffer.into_value())
    }

    fn buffer_source(&mut self, value: &Value<'js>) -> Result<Option<BufferSource>, Value<'js>> {
        self.kind_of_bytes(value)
    }

    fn with_bytes<T>(
        &mut self,
        source: &Value<'js>,
        read: impl FnOnce(&[u8]) -> T,
    ) -> Result<T, Value<'js>> {
        self.read_bytes(source, read)
    }

    fn throw(&mut self, value: Value<'js>) -> Value<'js> {
        value
    }

    fn catch(&mut self, exception: Value<'js>) -> Result<Value<'js>, Value<'js>> {
        if exception.is_uncatchable_error() {
            Err(exception)
        } else {
            Ok(exception)
        }
    }

    fn describe(&mut self, exception: Value<'js>) -> (String, Option<String>) {
        let message = match self.to_dom_string(&exception) {
            Ok(message) => message.into_usv_string(),
            Err(_) => "an exception that is no string".to_owned(),
        };
        let stack = exception.as_object().and_then(|object| {
            let stack = self.check(object.get::<_, Value<'js>>("stack")).ok()?;
            stack.as_string()?.to_string().ok()
        });
        (message, stack)
    }

    fn new_host_object(
        &mut self,
        prototype: &Value<'js>,
        host_defined: Rc<dyn Any>,
    ) -> Result<Value<'js>, Value<'js>> {
        let object = HostObject {
            host_defined: HostDefined(host_defined),
            slots: RefCell::default(),
            is_trusted: None,
        };
        Ok(self.new_object_of(prototype, object)?.into_value())
    }

    fn host_defined(&mut self, value: &Value<'js>) -> Option<Rc<dyn Any>> {
        Some(
            self.find_host_object(value)?
                .borrow()
                .host_defined
                .0
                .clone(),
        )
    }

    fn slot(&mut self, object: &Value<'js>, slot: usize) -> Option<Value<'js>> {
        let object = host_object(object)?.borrow();
        let slots = object.slots.borrow();
        slots.get(slot).cloned()
    }

    fn set_slot(&mut self, object: &Value<'js>, slot: usize, value: Option<Value<'js>>) {
        if let Some(object) = host_object(object) {
            set_slot(object, slot, value);
        }
    }

    fn registry(&mut self) -> Value<'js> {
        self.registry.clone().into_value()
    }

    fn registry_host_defined(&mut self) -> Option<Rc<dyn Any>> {
        Some(self.registry.borrow().host_defined.0.clone())
    }

    fn registry_slot(&mut self, slot: usize) -> Option<Value<'js>> {
        let registry = self.registry.borrow();
        let slots = registry.slots.borrow();
        slots.get(slot).cloned()
    }

    fn new_event(
        &mut self,
        [prototype, is_trusted]: [usize; 2],
        host_defined: Rc<dyn Any>,
        slots: [Option<Value<'js>>; 2],
    ) -> Result<Value<'js>, Value<'js>> {
        let object = HostObject {
            host_defined: HostDefined(host_defined),
            slots: RefCell::new(Slots::new(slots)),
            is_trusted: None,
        };
        let registry = self.registry.borrow();
        let of_registry = registry.slots.borrow();
        let [prototype, get] = [prototype, is_trusted].map(|slot| of_registry.get(slot));
        let (Some(prototype), Some(get), Some(key)) = (prototype, get, &registry.is_trusted) else {
            rquickjs::Exception::throw_type(self.ctx, "the realm has no events");
            return Err(self.ctx.catch());
        };
        let event = self.new_object_of(prototype, object)?;
        let property = Accessor {
            get: get.clone(),
            set: Value::new_undefined(self.ctx.clone()),
            enumerable: true,
            configurable: false,
        };
        self.check(event.prop(key.clone(), property))?;
        Ok(event.into_value())
    }
}
