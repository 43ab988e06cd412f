//! What the page's script asks of Rust: one function, which takes a name and strings.

use std::cell::RefCell;
use std::collections::HashMap;
use std::fmt::{self, Display};
use std::rc::Rc;

/// Answers a call. None is `undefined`.
type Native = Rc<dyn Fn(&[String]) -> Option<String>>;

/// The functions by name.
#[derive(Clone, Default)]
pub struct Natives {
    functions: Rc<RefCell<HashMap<&'static str, Native>>>,
}

impl fmt::Debug for Natives {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set()
            .entries(self.functions.borrow().keys())
            .finish()
    }
}

impl Natives {
    /// Gives a name to a function, which takes strings.
    pub fn define(
        &self,
        name: &'static str,
        function: impl Fn(&[String]) -> Option<String> + 'static,
    ) {
        self.functions.borrow_mut().insert(name, Rc::new(function));
    }

    /// `parameters` begins with the name. A name that nobody defined answers `undefined`.
    pub(crate) fn call(&self, parameters: &[String]) -> Option<String> {
        let (name, parameters) = parameters.split_first()?;
        let function = self.functions.borrow().get(&**name).cloned()?;
        function(parameters)
    }

    /// Prints what the page's script can't be told, or what it threw.
    pub(crate) fn print_error(&self, error: &dyn Display) {
        self.call(&[
            "print".into(),
            "uncaught".into(),
            format!("Uncaught {error}"),
        ]);
    }
}
