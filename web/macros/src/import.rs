//! What Rust imports: functions that the library has, and objects by their members' names.

mod class;
mod function;
mod options;

use options::Options;
use proc_macro2::TokenStream;
use syn::parse::Parser;
use syn::spanned::Spanned;
use syn::{Error, ForeignItem, ItemForeignMod, Result};

pub(crate) fn items(options: TokenStream, block: ItemForeignMod) -> Result<TokenStream> {
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
    let items = block.items.into_iter().map(|item| match item {
        ForeignItem::Fn(function) => function::import(function, shared.clone()),
        ForeignItem::Type(class) => class::import(&class, shared.clone()),
        other => Err(not_here(&other)),
    });
    items.collect()
}

fn not_here(what: &impl Spanned) -> Error {
    Error::new(
        what.span(),
        "there is no JavaScript natively to import this from: put it behind `#[cfg(target_arch = \"wasm32\")]`",
    )
}
