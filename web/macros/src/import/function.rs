//! A function that is imported: a global one, or a member of a class.

use super::not_here;
use super::options::{Options, Role};
use proc_macro2::TokenStream;
use quote::{ToTokens, quote};
use syn::{
    Attribute, FnArg, ForeignItemFn, GenericArgument, Ident, Pat, PathArguments, Result,
    ReturnType, Signature, Type,
};

const CONSOLE: [&str; 5] = ["log", "info", "debug", "warn", "error"];
const GLOBALS: [&str; 5] = [
    "setTimeout",
    "setInterval",
    "clearTimeout",
    "clearInterval",
    "queueMicrotask",
];
/// The classes that the global object has constructors of.
const CLASSES: [&str; 4] = ["WebSocket", "EventTarget", "Event", "MessageEvent"];

pub(super) fn import(function: ForeignItemFn, mut options: Options) -> Result<TokenStream> {
    options.read_all(&function.attrs)?;
    if let Some(asyncness) = function.sig.asyncness {
        return Err(not_here(&asyncness));
    }
    match options.role {
        Role::Callable => global(&function, options),
        Role::Constructor => constructor(&function, options),
        Role::Method | Role::Getter(_) | Role::Setter(_) => member(&function, options),
    }
}

/// `name(…)`, `namespace.name(…)`.
fn global(function: &ForeignItemFn, options: Options) -> Result<TokenStream> {
    let signature = &function.sig;
    let name = options.name.unwrap_or_else(|| signature.ident.to_string());
    let namespace = options.namespace.unwrap_or_default();
    let is_known = match namespace.as_str() {
        "console" => CONSOLE.contains(&name.as_str()),
        "" | "globalThis" | "window" | "self" => GLOBALS.contains(&name.as_str()),
        _ => false,
    };
    if !is_known {
        return Err(not_here(function));
    }
    let arguments = arguments(signature)?;
    let is_variadic = options.is_variadic;
    let call = quote! {
        wasm_bindgen::__rt::call_global(#namespace, #name, #is_variadic, #arguments)
    };
    Ok(definition(function, signature, &call, options.catches))
}

/// `new Class(…)`, an associated function of the type that it returns.
fn constructor(function: &ForeignItemFn, options: Options) -> Result<TokenStream> {
    let signature = &function.sig;
    let class = match &signature.output {
        ReturnType::Type(_, type_) if options.catches => ok_type(type_),
        ReturnType::Type(_, type_) => Some(&**type_),
        ReturnType::Default => None,
    };
    let class = class.ok_or_else(|| not_here(function))?;
    let name = match (options.class, class) {
        (Some(name), _) => name,
        (None, Type::Path(path)) => path.path.require_ident()?.to_string(),
        (None, other) => return Err(not_here(other)),
    };
    if !CLASSES.contains(&name.as_str()) {
        return Err(not_here(function));
    }
    let arguments = arguments(signature)?;
    let is_variadic = options.is_variadic;
    let call = quote!(wasm_bindgen::__rt::construct(#name, #is_variadic, #arguments));
    let constructor = definition(function, signature, &call, options.catches);
    Ok(quote!(impl #class { #constructor }))
}

/// `this.name(…)`, `this.name`, `this.name = …`: whatever object it is called on.
fn member(function: &ForeignItemFn, options: Options) -> Result<TokenStream> {
    let mut signature = function.sig.clone();
    let class = match signature.inputs.first() {
        Some(FnArg::Typed(this)) => match &*this.ty {
            Type::Reference(class) => class.elem.clone(),
            other => return Err(not_here(other)),
        },
        _ => return Err(not_here(function)),
    };
    signature.inputs = signature.inputs.into_iter().skip(1).collect();
    let arguments = arguments(&signature)?;
    let is_variadic = options.is_variadic;
    let own_name = signature.ident.to_string();
    let name = options.name;
    let this = quote!(::core::convert::AsRef::<wasm_bindgen::JsValue>::as_ref(
        self
    ));
    let call = match options.role {
        Role::Getter(property) => {
            let name = property.or(name).unwrap_or(own_name);
            quote!(wasm_bindgen::__rt::get(#this, #name))
        }
        Role::Setter(property) => {
            let name = property.or(name).or_else(|| {
                let name = own_name.strip_prefix("set_")?;
                Some(name.to_owned())
            });
            let name = name.ok_or_else(|| not_here(function))?;
            quote!(wasm_bindgen::__rt::set(#this, #name, #arguments))
        }
        _ => {
            let name = name.unwrap_or(own_name);
            quote!(wasm_bindgen::__rt::call_method(#this, #name, #is_variadic, #arguments))
        }
    };
    signature.inputs.insert(0, syn::parse_quote!(&self));
    let method = definition(function, &signature, &call, options.catches);
    Ok(quote!(impl #class { #method }))
}

/// The first argument of a `Result`.
fn ok_type(type_: &Type) -> Option<&Type> {
    let Type::Path(path) = type_ else {
        return None;
    };
    let PathArguments::AngleBracketed(arguments) = &path.path.segments.last()?.arguments else {
        return None;
    };
    match arguments.args.first()? {
        GenericArgument::Type(type_) => Some(type_),
        _ => None,
    }
}

/// The arguments as values.
fn arguments(signature: &Signature) -> Result<TokenStream> {
    let names = signature.inputs.iter().map(name_of);
    let names = names.collect::<Result<Vec<_>>>()?;
    Ok(quote! {
        vec![#(wasm_bindgen::convert::IntoArgument::into_argument(#names)),*]
    })
}

fn name_of(argument: &FnArg) -> Result<&Ident> {
    match argument {
        FnArg::Typed(argument) => match &*argument.pat {
            Pat::Ident(name) => Ok(&name.ident),
            other => Err(not_here(other)),
        },
        FnArg::Receiver(receiver) => Err(not_here(receiver)),
    }
}

/// The function, with what it throws made a panic if it isn't caught.
fn definition(
    function: &ForeignItemFn,
    signature: &Signature,
    call: &TokenStream,
    catches: bool,
) -> TokenStream {
    let body = match (&signature.output, catches) {
        (ReturnType::Default, _) => {
            quote!(#call.map_or_else(|thrown| wasm_bindgen::__rt::thrown(thrown), drop))
        }
        (ReturnType::Type(..), true) => {
            quote!(#call.map(wasm_bindgen::convert::FromWasmAbi::from_js))
        }
        (ReturnType::Type(..), false) => quote! {
            wasm_bindgen::convert::FromWasmAbi::from_js(
                #call.unwrap_or_else(|thrown| wasm_bindgen::__rt::thrown(thrown))
            )
        },
    };
    let kept = kept(&function.attrs);
    let mut signature = signature.clone();
    if signature.inputs.trailing_punct() {
        signature.inputs.pop_punct();
    }
    let vis = &function.vis;
    quote! {
        #(#kept)*
        #[allow(non_snake_case)]
        #vis #signature {
            #body
        }
    }
}

/// The attributes that are others'.
pub(super) fn kept(attributes: &[Attribute]) -> impl Iterator<Item: ToTokens> {
    attributes
        .iter()
        .filter(|attribute| !attribute.path().is_ident("wasm_bindgen"))
}
