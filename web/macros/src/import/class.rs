//! A class that is imported: a type for objects that are looked into by their members' names.

use super::function::kept;
use super::options::Options;
use proc_macro2::TokenStream;
use quote::quote;
use syn::{ForeignItemType, Path, Result, parse_quote};

pub(super) fn import(class: &ForeignItemType, mut options: Options) -> Result<TokenStream> {
    options.read_all(&class.attrs)?;
    let (attributes, vis, ident) = (kept(&class.attrs), &class.vis, &class.ident);
    let js_value: Path = parse_quote!(wasm_bindgen::JsValue);
    let parent = options.ancestors.first().unwrap_or(&js_value);
    let name = options.name.unwrap_or_else(|| ident.to_string());
    let ancestors = options.ancestors.iter().map(|ancestor| {
        quote! {
            impl ::core::convert::AsRef<#ancestor> for #ident {
                fn as_ref(&self) -> &#ancestor {
                    wasm_bindgen::JsCast::unchecked_ref(self)
                }
            }

            impl ::core::convert::From<#ident> for #ancestor {
                fn from(value: #ident) -> Self {
                    wasm_bindgen::JsCast::unchecked_into(value)
                }
            }
        }
    });
    Ok(quote! {
        #(#attributes)*
        #[derive(wasm_bindgen::__rt::bytemuck::TransparentWrapper)]
        #[bytemuck(crate = "wasm_bindgen::__rt::bytemuck")]
        #[repr(transparent)]
        #vis struct #ident {
            obj: #parent,
        }

        impl wasm_bindgen::JsCast for #ident {
            fn instanceof(val: &wasm_bindgen::JsValue) -> bool {
                wasm_bindgen::__rt::is_instance_of(val, #name)
            }

            fn unchecked_from_js(val: wasm_bindgen::JsValue) -> Self {
                Self { obj: wasm_bindgen::JsCast::unchecked_from_js(val) }
            }

            fn unchecked_from_js_ref(val: &wasm_bindgen::JsValue) -> &Self {
                let obj = wasm_bindgen::JsCast::unchecked_from_js_ref(val);
                wasm_bindgen::__rt::bytemuck::TransparentWrapper::<#parent>::wrap_ref(obj)
            }
        }

        impl ::core::ops::Deref for #ident {
            type Target = #parent;

            fn deref(&self) -> &#parent {
                &self.obj
            }
        }

        impl ::core::convert::AsRef<#ident> for #ident {
            fn as_ref(&self) -> &#ident {
                self
            }
        }

        impl ::core::convert::AsRef<wasm_bindgen::JsValue> for #ident {
            fn as_ref(&self) -> &wasm_bindgen::JsValue {
                ::core::convert::AsRef::as_ref(&self.obj)
            }
        }

        impl ::core::convert::From<#ident> for wasm_bindgen::JsValue {
            fn from(value: #ident) -> Self {
                ::core::convert::Into::into(value.obj)
            }
        }

        impl ::core::convert::From<wasm_bindgen::JsValue> for #ident {
            fn from(value: wasm_bindgen::JsValue) -> Self {
                wasm_bindgen::JsCast::unchecked_from_js(value)
            }
        }

        #(#ancestors)*
    })
}
