//! The options of what is imported.

use super::not_here;
use syn::meta::ParseNestedMeta;
use syn::{Attribute, Expr, ExprLit, Lit, LitStr, Path, Result};

/// The options of an import: its own, or else its block's.
#[derive(Clone, Default)]
pub(super) struct Options {
    pub(super) namespace: Option<String>,
    pub(super) name: Option<String>,
    pub(super) catches: bool,
    pub(super) is_variadic: bool,
    pub(super) role: Role,
    /// The name that JavaScript has for the class of a constructor.
    pub(super) class: Option<String>,
    /// The classes that a class extends, nearest first.
    pub(super) ancestors: Vec<Path>,
}

/// What a function is to JavaScript.
#[derive(Clone, Default, PartialEq, Eq)]
pub(super) enum Role {
    /// A function, or a method.
    #[default]
    Callable,
    Method,
    /// Of a property, whose name the option may say.
    Getter(Option<String>),
    Setter(Option<String>),
    Constructor,
}

impl Options {
    pub(super) fn read_all(&mut self, attributes: &[Attribute]) -> Result<()> {
        let ours = attributes
            .iter()
            .filter(|attribute| attribute.path().is_ident("wasm_bindgen"));
        for attribute in ours {
            attribute.parse_nested_meta(|meta| self.read(&meta))?;
        }
        Ok(())
    }

    pub(super) fn read(&mut self, meta: &ParseNestedMeta<'_>) -> Result<()> {
        let Some(option) = meta.path.get_ident() else {
            return Err(not_here(&meta.path));
        };
        match option.to_string().as_str() {
            "catch" => self.catches = true,
            "variadic" => self.is_variadic = true,
            "js_namespace" => self.namespace = Some(text(meta.value()?.parse()?)?),
            "js_name" => self.name = Some(text(meta.value()?.parse()?)?),
            "js_class" => self.class = Some(text(meta.value()?.parse()?)?),
            "extends" => self.ancestors.push(meta.value()?.parse()?),
            // An accessor is said to be a method too.
            "method" if self.role == Role::Callable => self.role = Role::Method,
            "getter" => self.role = Role::Getter(property(meta)?),
            "setter" => self.role = Role::Setter(property(meta)?),
            "constructor" => self.role = Role::Constructor,
            // How a method is looked up, which is all the same here.
            "method" | "structural" | "final" => {}
            "typescript_type" => {
                meta.value()?.parse::<LitStr>()?;
            }
            _ => return Err(not_here(&meta.path)),
        }
        Ok(())
    }
}

/// The name that follows `getter` or `setter`, if there is one.
fn property(meta: &ParseNestedMeta<'_>) -> Result<Option<String>> {
    match meta.value() {
        Ok(value) => Ok(Some(text(value.parse()?)?)),
        Err(_) => Ok(None),
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
