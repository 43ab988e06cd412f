//! `Array`.

use super::{JsString, Object};
use crate::wasm_bindgen::{Host, JsCast, JsValue, class};
use std::any::Any;
use std::cell::RefCell;

class! {
    /// An array of values.
    Array: Object;
    |value| value.host::<ArrayHost>().is_some()
}

#[derive(Default)]
struct ArrayHost {
    values: RefCell<Vec<JsValue>>,
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

    fn items(&self) -> Option<Vec<JsValue>> {
        Some(self.values.borrow().clone())
    }

    fn as_any(&self) -> &dyn Any {
        self
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

    /// `Array.from(val)`, of an array or a string; of anything else an empty one.
    pub fn from(val: &JsValue) -> Self {
        match (val.host::<ArrayHost>(), val.as_str()) {
            (Some(host), _) => Self::of_values(host.values.borrow().clone()),
            (None, Some(text)) => text.chars().map(|c| JsValue::from(c.to_string())).collect(),
            (None, None) => Self::new(),
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
        let index = index as usize;
        let before = self.values(|values| {
            if values.len() <= index {
                values.resize(index + 1, JsValue::UNDEFINED);
            }
            std::mem::replace(&mut values[index], value)
        });
        drop(before);
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
        let texts = self.iter().map(|value| match value.is_null_or_undefined() {
            true => String::new(),
            false => value.to_js_string(),
        });
        JsString::from(texts.collect::<Vec<_>>().join(delimiter))
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
