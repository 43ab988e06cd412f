//! What Rust imports: functions that the library has.

use proc_macro2::TokenStream;
use quote::quote;
use syn::meta::ParseNestedMeta;
use syn::parse::Parser;
use syn::spanned::Spanned;
use syn::{
    Attribute, Error, Expr, ExprLit, FnArg, ForeignItem, ForeignItemFn, ItemForeignMod, Lit, Pat,
    Result, ReturnType,
};

const CONSOLE: [&str; 5] = ["log", "info", "debug", "warn", "error"];
const GLOBALS: [&str; 5] = [
    "setTimeout",
    "setInterval",
    "clearTimeout",
    "clearInterval",
    "queueMicrotask",
];

pub(crate) fn functions(options: TokenStream, block: ItemForeignMod) -> Result<TokenStream> {
    let mut shared = Options::default();
    syn::meta::parser(|meta| {
        // Another module's function may have the name of a global one.
        if meta.path.is_ident("js_namespace") {
            shared.read(&meta)
        } else {
            Err(not_here(&meta.path))
        }
    })
    .parse2(options)?;
    let functions = block.items.into_iter().map(|item| match item {
        ForeignItem::Fn(function) => import(function, shared.clone()),
        other => Err(not_here(&other)),
    });
    functions.collect()
}

fn not_here(what: &impl Spanned) -> Error {
    Error::new(
        what.span(),
        "there is no JavaScript natively to import this from: put it behind `#[cfg(target_arch = \"wasm32\")]`",
    )
}

/// The options of an import: its own, or else its block's.
#[derive(Clone, Default)]
struct Options {
    namespace: Option<String>,
    name: Option<String>,
    catches: bool,
    is_variadic: bool,
}

impl Options {
    fn read_all(&mut self, attributes: &[Attribute]) -> Result<()> {
        let ours = attributes
            .iter()
            .filter(|attribute| attribute.path().is_ident("wasm_bindgen"));
        for attribute in ours {
            attribute.parse_nested_meta(|meta| self.read(&meta))?;
        }
        Ok(())
    }

    fn read(&mut self, meta: &ParseNestedMeta<'_>) -> Result<()> {
        if meta.path.is_ident("catch") {
            self.catches = true;
        } else if meta.path.is_ident("variadic") {
            self.is_variadic = true;
        } else if meta.path.is_ident("js_namespace") {
            self.namespace = Some(text(meta.value()?.parse()?)?);
        } else if meta.path.is_ident("js_name") {
            self.name = Some(text(meta.value()?.parse()?)?);
        } else {
            return Err(not_here(&meta.path));
        }
        Ok(())
    }
}

/// `name`, `"name"` or `["name"]`.
fn text(value: Expr) -> Result<String> {
    match value {
        Expr::Lit(ExprLit {
            lit: Lit::Str(text),
            ..
        }) => Ok(text.value()),
        Expr::Path(path) => Ok(path.path.require_ident()?.to_string()),
        Expr::Array(array) if array.elems.len() == 1 => text(array.elems[0].clone()),
        other => Err(not_here(&other)),
    }
}

fn import(function: ForeignItemFn, mut options: Options) -> Result<TokenStream> {
    options.read_all(&function.attrs)?;
    let signature = &function.sig;
    let name = options.name.unwrap_or_else(|| signature.ident.to_string());
    let namespace = options.namespace.unwrap_or_default();
    let is_known = match namespace.as_str() {
        "console" => CONSOLE.contains(&name.as_str()),
        "" | "globalThis" | "window" | "self" => GLOBALS.contains(&name.as_str()),
        _ => false,
    };
    if !is_known {
        return Err(not_here(&function));
    }
    let arguments = signature.inputs.iter().map(|argument| match argument {
        FnArg::Typed(argument) => match &*argument.pat {
            Pat::Ident(name) => Ok(&name.ident),
            other => Err(not_here(other)),
        },
        FnArg::Receiver(receiver) => Err(not_here(receiver)),
    });
    let arguments = arguments.collect::<Result<Vec<_>>>()?;
    let is_variadic = options.is_variadic;
    let call = quote! {
        wasm_bindgen::__rt::call_global(
            #namespace,
            #name,
            #is_variadic,
            vec![#(wasm_bindgen::JsValue::from(#arguments)),*],
        )
    };
    let body = match (&signature.output, options.catches) {
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
    let kept = function
        .attrs
        .iter()
        .filter(|attribute| !attribute.path().is_ident("wasm_bindgen"));
    let mut signature = signature.clone();
    if signature.inputs.trailing_punct() {
        signature.inputs.pop_punct();
    }
    let vis = &function.vis;
    Ok(quote! {
        #(#kept)*
        #[allow(non_snake_case)]
        #vis #signature {
            #body
        }
    })
}
