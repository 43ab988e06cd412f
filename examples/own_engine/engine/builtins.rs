// What the realm has before anything is installed.

use super::value::{Body, Completion, Kind, Thrown, Value, argument, hidden};
use super::{Realm, Scope};
use dom_websocket::host::{self, Call, DomString, Engine, ErrorKind, Key, PropertyContent};
use std::cell::RefCell;
use std::rc::Rc;

impl Scope {
    /// An engine whose registry belongs to this realm of the host's.
    pub(crate) fn new(realm: Rc<host::Realm>) -> Self {
        let ordinary = |prototype: &Value| Value::new_object(prototype, Kind::Ordinary);
        let object_prototype = ordinary(&Value::Null);
        let function_prototype = ordinary(&object_prototype);
        let slots = RefCell::default();
        let registry = Kind::Host {
            host_defined: realm,
            slots,
        };
        let (body, is_constructor): (Box<Body>, _) = (Box::new(new_view), true);
        let uint8_array = Kind::Function {
            body,
            is_constructor,
        };
        let scope = Self {
            realm: Rc::new(Realm {
                global: ordinary(&object_prototype),
                error_prototype: ordinary(&object_prototype),
                promise_prototype: ordinary(&object_prototype),
                uint8_array: Value::new_object(&function_prototype, uint8_array),
                registry: Value::new_object(&object_prototype, registry),
                jobs: RefCell::default(),
                object_prototype,
                function_prototype,
            }),
        };
        scope.define_methods();
        scope
    }

    /// The methods that the bindings and the engine itself can't do without.
    fn define_methods(&self) {
        let realm = &self.realm;
        self.method(&realm.object_prototype, "toString", |_, _| {
            Ok("[object Object]".into())
        });
        self.method(&realm.error_prototype, "toString", |cx, call| {
            let mut part = |key| {
                let part = cx.get(&call.this, Key::Name(key))?;
                cx.to_dom_string(&part).map(DomString::into_usv_string)
            };
            let text = format!("{}: {}", part("name")?, part("message")?);
            Ok(text.as_str().into())
        });
        self.method(&realm.function_prototype, "bind", |cx, call| {
            let (function, this) = (call.this.clone(), argument(call, 0));
            Ok(cx.function(move |cx, call| cx.call(&function, &this, &call.arguments)))
        });
        self.method(&realm.promise_prototype, "then", |cx, call| cx.then(call));
    }

    fn method(
        &self,
        object: &Value,
        name: &str,
        body: impl Fn(&mut Self, &Call<Self>) -> Completion + 'static,
    ) {
        if let Value::Object(object) = object {
            let method = (name.to_owned(), hidden(self.function(body)));
            object.properties.borrow_mut().push(method);
        }
    }

    /// A function whose script is Rust.
    pub(crate) fn function(
        &self,
        body: impl Fn(&mut Self, &Call<Self>) -> Completion + 'static,
    ) -> Value {
        let (body, is_constructor) = (Box::new(body), false);
        let kind = Kind::Function {
            body,
            is_constructor,
        };
        Value::new_object(&self.realm.function_prototype, kind)
    }

    /// `object.key = value`.
    pub(crate) fn set(&mut self, object: &Value, key: &str, value: Value) -> Result<(), Thrown> {
        match self.find(object, key)? {
            Some(PropertyContent::Accessor { set: Some(set), .. }) => {
                self.call(&set, object, &[value]).map(drop)
            }
            Some(PropertyContent::Accessor { .. }) => Err(self.type_error("it has no setter")),
            _ => self.define(object, Key::Name(key), hidden(value)),
        }
    }

    /// `object.method(...arguments)`.
    pub(crate) fn invoke(
        &mut self,
        object: &Value,
        method: &str,
        arguments: &[Value],
    ) -> Completion {
        let method = self.get(object, Key::Name(method))?;
        self.call(&method, object, arguments)
    }

    pub(super) fn type_error(&mut self, message: &str) -> Thrown {
        match self.new_error(ErrorKind::Type, message) {
            Ok(error) => Thrown(error),
            Err(thrown) => thrown,
        }
    }
}

/// `new Uint8Array(buffer)`.
fn new_view(cx: &mut Scope, call: &Call<Scope>) -> Completion {
    match argument(call, 0).kind() {
        Some(Kind::Bytes { bytes, .. }) => {
            let (bytes, is_view) = (bytes.clone(), true);
            let kind = Kind::Bytes { bytes, is_view };
            Ok(Value::new_object(&cx.realm.object_prototype, kind))
        }
        _ => Err(cx.type_error("it is no buffer")),
    }
}
