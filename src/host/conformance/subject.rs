//! What is tested.

use crate::host::Options;
use std::any::Any;

/// An adapter under test: a realm of its engine, with sockets in it.
///
/// Whatever goes wrong in setting it up may panic. The [module](super) has an implementation in outline. Whole ones are in
/// `tests/adapter/subject.rs` of the three adapters' sources, where each method is a few lines.
pub trait Subject: Sized + 'static {
    /// How many of a thousand objects that nothing leads to may outlive [`collect_garbage`]: none, but for
    /// a collector that takes what it finds on the stack for a reference.
    ///
    /// [`collect_garbage`]: Self::collect_garbage
    const SPARED: usize = 0;

    /// A new engine with one realm: runs a script there, which may leave it with interfaces of its own,
    /// and then installs.
    fn open(script: &str, options: Options) -> Self;

    /// Installs in a second realm of the same engine, whose objects script of both can use, and gives
    /// the first realm a global property `other`: the second's global object. `None` if the engine has
    /// no more than one realm.
    fn open_beside(&self, options: Options) -> Option<Self>;

    /// Installs once more in the same realm; what is returned keeps the second page.
    fn install_again(&self, options: Options) -> Box<dyn Any>;

    /// Runs a script as the page's `run` does, microtasks included.
    ///
    /// # Errors
    ///
    /// What the script threw, as a string; so too if its value is none.
    fn evaluate(&self, script: &str) -> Result<String, String>;

    /// Gives the realm a global function that calls this one.
    fn define(&self, name: &str, function: Box<dyn Fn()>);

    /// Has the global function of this name hear of the realm's exceptions, by
    /// [`host::set_reporter`](crate::host::set_reporter).
    fn set_reporter(&self, name: &str);

    /// Has the engine collect all its garbage now.
    fn collect_garbage(&self);
}
