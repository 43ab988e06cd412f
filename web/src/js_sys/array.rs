//! `Array`.

use super::{JsString, Object, Uint8Array};
use crate::wasm_bindgen::{Host, Instance, JsCast, JsValue, class, to_int32};
use std::any::Any;
use std::cell::{Cell, RefCell};
use std::rc::Rc;

class! {
    /// An array of values.
    Array: Object;
    |value| value.host::<ArrayHost>().is_some()
}

#[derive(Default)]
struct ArrayHost {
    values: RefCell<Vec<JsValue>>,
    is_joined: Cell<bool>,
}

impl Host for ArrayHost {
    fn class(&self) -> &'static str {
        "Array"
    }

    fn attribute(&self, name: &str) -> Option<JsValue> {
        let values = self.values.borrow();
        match name {
            "length" => Some(values.len().into()),
            _ => values.get(name.parse::<usize>().ok()?).cloned(),
        }
    }

    fn set_attribute(&self, _object: &Rc<Instance>, name: &str, value: &JsValue) -> bool {
        let before = match (name, name.parse::<u32>()) {
            ("length", _) => {
                let length = to_int32(value.to_number()) as u32;
                self.set_length(length as usize)
            }
            (_, Ok(index)) => vec![self.set(index as usize, value.clone())],
            (_, Err(_)) => return false,
        };
        // What it was the last reference to may look here as it goes.
        drop(before);
        true
    }

    fn text(&self) -> Option<String> {
        Some(self.join(","))
    }

    fn items(&self) -> Option<Vec<JsValue>> {
        Some(self.values.borrow().clone())
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

impl ArrayHost {
    /// An array inside of itself is empty.
    fn join(&self, delimiter: &str) -> String {
        if self.is_joined.replace(true) {
            return String::new();
        }
        let values = self.values.borrow().clone();
        let texts = values
            .iter()
            .map(|value| match value.is_null_or_undefined() {
                true => String::new(),
                false => value.to_js_string(),
            });
        let text = texts.collect::<Vec<_>>().join(delimiter);
        self.is_joined.set(false);
        text
    }

    fn set(&self, index: usize, value: JsValue) -> JsValue {
        let mut values = self.values.borrow_mut();
        if values.len() <= index {
            values.resize(index + 1, JsValue::UNDEFINED);
        }
        std::mem::replace(&mut values[index], value)
    }

    fn set_length(&self, length: usize) -> Vec<JsValue> {
        let mut values = self.values.borrow_mut();
        let end = values.len().min(length);
        let behind = values.split_off(end);
        values.resize(length, JsValue::UNDEFINED);
        behind
    }
}

impl Array {
    /// `[]`.
    #[allow(clippy::new_without_default)] // There is one there too, below.
    pub fn new() -> Self {
        Self::of_values(Vec::new())
    }

    /// An array of so many `undefined`.
    pub fn new_with_length(len: u32) -> Self {
        Self::of_values(vec![JsValue::UNDEFINED; len as usize])
    }

    fn of_values(values: Vec<JsValue>) -> Self {
        JsValue::of(ArrayHost {
            values: RefCell::new(values),
            is_joined: Cell::new(false),
        })
        .unchecked_into()
    }

    /// `[a]`.
    pub fn of1(a: &JsValue) -> Self {
        Self::of_values(vec![a.clone()])
    }

    /// `[a, b]`.
    pub fn of2(a: &JsValue, b: &JsValue) -> Self {
        Self::of_values(vec![a.clone(), b.clone()])
    }

    /// `[a, b, c]`.
    pub fn of3(a: &JsValue, b: &JsValue, c: &JsValue) -> Self {
        Self::of_values(vec![a.clone(), b.clone(), c.clone()])
    }

    /// `[a, b, c, d]`.
    pub fn of4(a: &JsValue, b: &JsValue, c: &JsValue, d: &JsValue) -> Self {
        Self::of_values(vec![a.clone(), b.clone(), c.clone(), d.clone()])
    }

    /// `Array.from(val)`, of an array, a `Uint8Array` or a string; of anything else an empty one.
    pub fn from(val: &JsValue) -> Self {
        if let Some(host) = val.host::<ArrayHost>() {
            Self::of_values(host.values.borrow().clone())
        } else if let Some(text) = val.as_str() {
            text.chars().map(|c| JsValue::from(c.to_string())).collect()
        } else if let Some(view) = val.dyn_ref::<Uint8Array>() {
            view.to_vec().into_iter().map(JsValue::from).collect()
        } else {
            Self::new()
        }
    }

    /// `Array.isArray(value)`.
    pub fn is_array(value: &JsValue) -> bool {
        value.is_array()
    }

    fn values<T>(&self, f: impl FnOnce(&mut Vec<JsValue>) -> T) -> T {
        match self.host::<ArrayHost>() {
            Some(host) => f(&mut host.values.borrow_mut()),
            None => f(&mut Vec::new()),
        }
    }

    /// The value at this place; `undefined` behind the end.
    pub fn get(&self, index: u32) -> JsValue {
        let value = self.values(|values| values.get(index as usize).cloned());
        value.unwrap_or_default()
    }

    /// Sets the value at this place, and fills up to there with `undefined`.
    pub fn set(&self, index: u32, value: JsValue) {
        let host = self.host::<ArrayHost>();
        let before = host.map(|host| host.set(index as usize, value));
        drop(before);
    }

    /// Cuts it off, or fills it up with `undefined`.
    pub fn set_length(&self, value: u32) {
        let host = self.host::<ArrayHost>();
        let before = host.map(|host| host.set_length(value as usize));
        drop(before);
    }

    /// The value at this place, which counts from the end if it is negative; `undefined` where there is none.
    pub fn at(&self, index: i32) -> JsValue {
        let index = match index < 0 {
            true => i64::from(self.length()) + i64::from(index),
            false => index.into(),
        };
        u32::try_from(index).map_or(JsValue::UNDEFINED, |index| self.get(index))
    }

    /// Puts a value before the others and yields the new length.
    pub fn unshift(&self, value: &JsValue) -> u32 {
        self.values(|values| {
            values.insert(0, value.clone());
            values.len() as u32
        })
    }

    /// An array of the values of both.
    pub fn concat(&self, array: &Array) -> Self {
        self.iter().chain(array).collect()
    }

    /// An array of the values from here to there.
    pub fn slice(&self, start: u32, end: u32) -> Self {
        self.iter()
            .take(end as usize)
            .skip(start as usize)
            .collect()
    }

    /// Whether this value is there, from this place on, which counts from the end if it is negative.
    pub fn includes(&self, value: &JsValue, from_index: i32) -> bool {
        self.index_of(value, from_index) >= 0
    }

    /// Where this value is, from this place on, which counts from the end if it is negative; -1 if it isn't there.
    pub fn index_of(&self, value: &JsValue, from_index: i32) -> i32 {
        let from = match from_index < 0 {
            true => self.length().saturating_sub(from_index.unsigned_abs()),
            false => from_index.unsigned_abs(),
        };
        let place = self
            .iter()
            .skip(from as usize)
            .position(|known| known == *value);
        place.map_or(-1, |place| (from as usize + place) as i32)
    }

    /// Appends a value and yields the new length.
    pub fn push(&self, value: &JsValue) -> u32 {
        self.values(|values| {
            values.push(value.clone());
            values.len() as u32
        })
    }

    /// Takes the last value; `undefined`, if there is none.
    pub fn pop(&self) -> JsValue {
        self.values(Vec::pop).unwrap_or_default()
    }

    /// Takes the first value; `undefined`, if there is none.
    pub fn shift(&self) -> JsValue {
        let first = self.values(|values| (!values.is_empty()).then(|| values.remove(0)));
        first.unwrap_or_default()
    }

    /// How many values there are.
    pub fn length(&self) -> u32 {
        self.values(|values| values.len() as u32)
    }

    /// The values.
    pub fn to_vec(&self) -> Vec<JsValue> {
        self.values(|values| values.clone())
    }

    /// The texts of the values with this between them; `null` and `undefined` are empty.
    pub fn join(&self, delimiter: &str) -> JsString {
        let host = self.host::<ArrayHost>();
        host.map_or_else(String::new, |host| host.join(delimiter))
            .into()
    }

    /// The values, one by one.
    pub fn iter(&self) -> ArrayIter<'_> {
        ArrayIter {
            array: self,
            range: 0..self.length(),
        }
    }
}

impl Default for Array {
    fn default() -> Self {
        Self::new()
    }
}

/// What [`Array::iter`] yields.
#[derive(Clone, Debug)]
pub struct ArrayIter<'a> {
    array: &'a Array,
    range: std::ops::Range<u32>,
}

/// What an [`Array`] iterates as.
#[derive(Clone, Debug)]
pub struct ArrayIntoIter {
    array: Array,
    range: std::ops::Range<u32>,
}

macro_rules! iterators {
    ($($iterator:ty),*) => {$(
        impl Iterator for $iterator {
            type Item = JsValue;

            fn next(&mut self) -> Option<JsValue> {
                self.range.next().map(|index| self.array.get(index))
            }

            fn size_hint(&self) -> (usize, Option<usize>) {
                self.range.size_hint()
            }
        }

        impl DoubleEndedIterator for $iterator {
            fn next_back(&mut self) -> Option<JsValue> {
                self.range.next_back().map(|index| self.array.get(index))
            }
        }

        impl ExactSizeIterator for $iterator {}
    )*};
}

iterators!(ArrayIter<'_>, ArrayIntoIter);

impl<'a> IntoIterator for &'a Array {
    type Item = JsValue;
    type IntoIter = ArrayIter<'a>;

    fn into_iter(self) -> ArrayIter<'a> {
        self.iter()
    }
}

impl IntoIterator for Array {
    type Item = JsValue;
    type IntoIter = ArrayIntoIter;

    fn into_iter(self) -> ArrayIntoIter {
        ArrayIntoIter {
            range: 0..self.length(),
            array: self,
        }
    }
}

impl<A: AsRef<JsValue>> FromIterator<A> for Array {
    fn from_iter<I: IntoIterator<Item = A>>(values: I) -> Self {
        Self::of_values(
            values
                .into_iter()
                .map(|value| value.as_ref().clone())
                .collect(),
        )
    }
}

impl<A: AsRef<JsValue>> Extend<A> for Array {
    fn extend<I: IntoIterator<Item = A>>(&mut self, values: I) {
        for value in values {
            self.push(value.as_ref());
        }
    }
}
