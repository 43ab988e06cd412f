//! WebIDL definitions: how an interface looks to script, and what its functions are.

use super::call::{Call, Completion, This, type_error};
use super::engine::Engine;
use super::native::{Interface, Native};
use crate::edition::Edition;

/// Defines an interface, much as its IDL does: each line has a member and, behind the arrow, the
/// function in Rust that it calls. A member whose arguments or place are not the same in both editions
/// has a line for each.
///
/// ```text
/// interface Example: Parent {
///     constructor(1) => constructor;       // the least number of arguments
///     constants NAMES_AND_VALUES;
///     function NAME => function;           // nowhere for script to find: NAME is its `Native`
///     this: Payload;                       // what an object that implements it has
///     this: Payload as Part => part_of;    // or has in a part of that
///
///     attribute size => size;              // readonly
///     attribute name => name, set_name;
///     operation close(0) => close;
///     promise text(0) => text;             // an operation: what it returns or throws settles a promise
///     static any(1) => any;                // an operation of the interface object
///     [Html5] attribute URL => url;        // in one edition only
/// }
/// ```
macro_rules! interface {
    (interface $interface:ident $(: $parent:ident)? {
        $(constructor($length:literal) => $constructor:expr;)?
        $(constants $constants:expr;)?
        $(function $native:ident => $function:expr;)*
        this: $payload:ty $(as $part:ty => $part_of:expr)?;
        $(
            $([$edition:ident])? $kind:ident $member:ident $(($required:literal))?
                => $get:expr $(, $set:expr)?;
        )*
    }) => {
        pub(super) const DEFINITION: $crate::host::idl::Definition = $crate::host::idl::Definition {
            interface: $crate::host::native::Interface::$interface,
            name: stringify!($interface),
            parent: interface!(@parent $($parent)?),
            constructor_length: interface!(@length $($length)?),
            constants: interface!(@constants $($constants)?),
            members: &[$(
                $crate::host::idl::Member {
                    name: stringify!($member),
                    kind: interface!(@kind $kind),
                    length: interface!(@length $($required)?),
                    is_settable: interface!(@is_settable $($set)?),
                    only: interface!(@only $($edition)?),
                },
            )*],
            first_function: Number::Members as u8,
        };

        /// The numbers of the functions.
        #[allow(non_camel_case_types, clippy::upper_case_acronyms)]
        #[allow(dead_code)]
        enum Number {
            Constructor,
            $($native,)*
            Members,
        }

        $(
            pub(super) const $native: $crate::host::native::Native = $crate::host::native::Native {
                interface: $crate::host::native::Interface::$interface,
                function: Number::$native as u8,
            };
        )*

        /// Calls a function of the interface by its number.
        pub(super) fn call_function<E: $crate::host::engine::Engine>(
            function: u8,
            cx: &mut E,
            call: &$crate::host::call::Call<E>,
        ) -> $crate::host::call::Completion<E> {
            use $crate::host::idl::Function;
            let functions: &[Function<E, $payload, interface!(@part $payload $(, $part)?)>] = &[
                interface!(@constructor $($length, $constructor)?),
                $(Function::Static(0, $function),)*
                $(
                    interface!(@function $kind, interface!(@length $($required)?), $get),
                    $(Function::Member(0, $set),)?
                )*
            ];
            let function = &functions[usize::from(function)];
            function.call(cx, call, DEFINITION.name, interface!(@part_of $($part_of)?))
        }
    };
    (@parent) => { None };
    (@parent $parent:ident) => { Some($crate::host::native::Interface::$parent) };
    (@length) => { 0 };
    (@length $length:literal) => { $length };
    (@constants) => { &[] };
    (@constants $constants:expr) => { $constants };
    (@kind attribute) => { $crate::host::idl::MemberKind::Attribute };
    (@kind operation) => { $crate::host::idl::MemberKind::Operation };
    (@kind promise) => { $crate::host::idl::MemberKind::Operation };
    (@kind static) => { $crate::host::idl::MemberKind::StaticOperation };
    (@is_settable) => { false };
    (@is_settable $set:expr) => { true };
    (@only) => { None };
    (@only $edition:ident) => { Some($crate::edition::Edition::$edition) };
    (@part $payload:ty) => { $payload };
    (@part $payload:ty, $part:ty) => { $part };
    (@part_of) => { |payload| Some(payload) };
    (@part_of $part_of:expr) => { $part_of };
    (@constructor) => { Function::NoConstructor };
    (@constructor $length:literal, $constructor:expr) => { Function::Constructor($length, $constructor) };
    (@function attribute, $required:expr, $get:expr) => { Function::Member($required, $get) };
    (@function operation, $required:expr, $function:expr) => { Function::Member($required, $function) };
    (@function promise, $required:expr, $function:expr) => { Function::Promise($required, $function) };
    (@function static, $required:expr, $function:expr) => { Function::Static($required, $function) };
}

pub(super) use interface;

/// How an interface looks to script.
pub(super) struct Definition {
    pub(super) interface: Interface,
    pub(super) name: &'static str,
    pub(super) parent: Option<Interface>,
    pub(super) constructor_length: u8,
    pub(super) constants: &'static [(&'static str, u16)],
    pub(super) members: &'static [Member],
    /// The number of the first member's function. The others' follow.
    pub(super) first_function: u8,
}

/// A member of an interface.
pub(super) struct Member {
    pub(super) name: &'static str,
    pub(super) kind: MemberKind,
    /// How many arguments an operation requires.
    pub(super) length: u8,
    pub(super) is_settable: bool,
    /// The edition whose IDL has it, if it is not both.
    pub(super) only: Option<Edition>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum MemberKind {
    Attribute,
    Operation,
    StaticOperation,
}

impl Definition {
    /// The interface object's function.
    pub(super) fn constructor(&self) -> Native {
        self.native(0)
    }

    /// The members that an edition has, in their order, and the function of each, behind which comes an
    /// attribute's setter.
    pub(super) fn members(&self, edition: Edition) -> impl Iterator<Item = (&Member, Native)> {
        let mut next = self.native(self.first_function);
        let numbered = self.members.iter().map(move |member| {
            let function = next;
            let last = if member.is_settable {
                function.next()
            } else {
                function
            };
            next = last.next();
            (member, function)
        });
        numbered.filter(move |(member, _)| edition.declares(member.only))
    }

    fn native(&self, function: u8) -> Native {
        Native {
            interface: self.interface,
            function,
        }
    }
}

/// A function of an interface whose objects have a payload `P`, which has a `T` in it. Those that take
/// arguments say how many they require.
pub(super) enum Function<E: Engine, P, T> {
    /// It gets `new.target`, too.
    Constructor(u8, fn(&mut E, &Call<E>, &E::Value) -> Completion<E>),
    /// The interface object of an interface without a constructor.
    NoConstructor,
    /// It looks at `this` itself, if at all.
    Static(u8, fn(&mut E, &Call<E>) -> Completion<E>),
    Member(u8, fn(&mut E, This<'_, E, P, T>) -> Completion<E>),
    /// As `Member`, of an operation that returns a promise.
    Promise(u8, fn(&mut E, This<'_, E, P, T>) -> Completion<E>),
}

impl<E: Engine, P: 'static, T> Function<E, P, T> {
    /// `part_of` finds the `T` in a payload: where there is none, the object is of another interface.
    #[inline]
    pub(super) fn call(
        &self,
        cx: &mut E,
        call: &Call<E>,
        interface: &str,
        part_of: fn(&P) -> Option<&T>,
    ) -> Completion<E> {
        match *self {
            // WebIDL "create an interface object", the constructor's steps.
            Self::Constructor(required, constructor) => match &call.new_target {
                Some(new_target) => {
                    call.require(cx, required)?;
                    constructor(cx, call, new_target)
                }
                None => Err(type_error(
                    cx,
                    &format!("Failed to construct '{interface}': please use the 'new' operator"),
                )),
            },
            Self::NoConstructor => Err(type_error(cx, "Illegal constructor")),
            Self::Static(required, function) => {
                call.require(cx, required)?;
                function(cx, call)
            }
            Self::Member(required, function) => call_member(cx, call, required, function, part_of),
            Self::Promise(required, function) => {
                let [promise, resolve, reject] = cx.new_promise()?;
                let result = call_member(cx, call, required, function, part_of);
                let (settle, value) = match result {
                    Ok(value) => (resolve, value),
                    Err(exception) => (reject, cx.catch(exception)?),
                };
                let undefined = cx.undefined();
                cx.call(&settle, &undefined, &[value])?;
                Ok(promise)
            }
        }
    }
}

/// WebIDL "create an operation function", "attribute getter" and "attribute setter": the checks that
/// come first.
#[inline]
fn call_member<E: Engine, P: 'static, T>(
    cx: &mut E,
    call: &Call<E>,
    required: u8,
    function: fn(&mut E, This<'_, E, P, T>) -> Completion<E>,
    part_of: fn(&P) -> Option<&T>,
) -> Completion<E> {
    let payload = call.payload::<P>(cx)?;
    let Some(implementation) = part_of(&payload) else {
        return Err(type_error(cx, "Illegal invocation"));
    };
    call.require(cx, required)?;
    let this = This {
        call,
        payload: &payload,
        implementation,
    };
    function(cx, this)
}
