//! Handles are compared as JavaScript's objects are: by identity.

/// Makes a handle, whose clones share what this field points to, equal to its clones and to nothing else.
macro_rules! compare_by_identity {
    ($handle:ty, $shared:ident) => {
        /// The same one, not merely one like it.
        impl PartialEq for $handle {
            fn eq(&self, other: &Self) -> bool {
                std::rc::Rc::ptr_eq(&self.$shared, &other.$shared)
            }
        }

        impl Eq for $handle {}

        /// By identity, as an object is a key of a `Map`.
        impl std::hash::Hash for $handle {
            fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
                // Without what a pointer to a trait object has beside the address: `Rc::ptr_eq` ignores it too.
                let address = std::rc::Rc::as_ptr(&self.$shared).cast::<()>();
                std::hash::Hash::hash(&address, state);
            }
        }
    };
}
