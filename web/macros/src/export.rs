//! What Rust exports: it stays as it is.

use proc_macro2::{TokenStream, TokenTree};
use quote::{ToTokens, quote};
use syn::visit_mut::VisitMut;
use syn::{Attribute, Item, ItemFn, Signature};

pub(crate) fn item(options: &TokenStream, mut item: Item) -> syn::Result<TokenStream> {
    Strip.visit_item_mut(&mut item);
    match item {
        Item::Fn(function) if is_start(options) && function.sig.ident == "main" => {
            Ok(main(function))
        }
        item => Ok(item.into_token_stream()),
    }
}

fn is_start(options: &TokenStream) -> bool {
    let is_start =
        |token| matches!(token, TokenTree::Ident(name) if name == "start" || name == "main");
    options.clone().into_iter().any(is_start)
}

/// Nobody else would run the loop.
fn main(function: ItemFn) -> TokenStream {
    let ItemFn {
        attrs,
        vis,
        sig,
        block,
        ..
    } = function;
    let Signature {
        ident,
        output,
        asyncness,
        ..
    } = sig;
    let run = match asyncness {
        Some(_) => quote!(run_async_main(async move || #output #block)),
        None => quote!(run(move || #output #block)),
    };
    quote! {
        #(#attrs)*
        #vis fn #ident() #output {
            wasm_bindgen::__rt::#run
        }
    }
}

/// Takes off the attributes of members and arguments.
struct Strip;

impl VisitMut for Strip {
    fn visit_attributes_mut(&mut self, attributes: &mut Vec<Attribute>) {
        attributes.retain(|attribute| !attribute.path().is_ident("wasm_bindgen"));
    }
}
