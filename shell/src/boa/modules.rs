//! Boa's own modules.

use super::place::{at, at_position};
use super::{Boa, check_nesting};
use crate::modules::{ModuleType, read, resolve};
use crate::script::Modules;
use boa_engine::module::{Module, ModuleLoader, ModuleRequest, Referrer};
use boa_engine::object::builtins::JsPromise;
use boa_engine::{
    Context, JsError, JsNativeError, JsObject, JsResult, JsString, JsValue, NativeFunction, Source,
    js_string,
};
use std::cell::RefCell;
use std::collections::HashMap;
use std::path::Path;
use std::rc::Rc;
use url::Url;

/// The modules of [`modules`](crate::modules), by URL and the attribute `type`.
#[derive(Default)]
pub(super) struct Files {
    loaded: RefCell<HashMap<(Url, Option<String>), Module>>,
}

impl Files {
    /// The module that a program begins with may be imported as well.
    fn add(&self, name: &str, module: &Module) {
        if let Ok(url) = Url::parse(name) {
            let key = (url, None);
            self.loaded.borrow_mut().insert(key, module.clone());
        }
    }

    fn load(
        &self,
        referrer: &str,
        request: &ModuleRequest,
        context: &mut Context,
    ) -> JsResult<Module> {
        let specifier = request.specifier().to_std_string_lossy();
        let url = match resolve(&specifier, referrer) {
            Ok(url) => url,
            Err(why) => return Err(fail(why, referrer, context)),
        };
        let attribute = request.get_attribute("type");
        let attribute = attribute.map(JsString::to_std_string_lossy);
        let key = (url, attribute);
        if let Some(module) = self.loaded.borrow().get(&key) {
            return Ok(module.clone());
        }
        let url = key.0.as_str();
        let module = match read(&key.0, key.1.as_deref()) {
            Ok((ModuleType::JavaScript, source)) => declare(context, url, &source)?,
            Ok((ModuleType::Json, source)) => Module::parse_json(js_string!(source), context)
                .map_err(|error| at(error, url, context))?,
            Err(why) => return Err(fail(why, referrer, context)),
        };
        self.loaded.borrow_mut().insert(key, module.clone());
        Ok(module)
    }
}

impl ModuleLoader for Files {
    async fn load_imported_module(
        self: Rc<Self>,
        referrer: Referrer,
        request: ModuleRequest,
        context: &RefCell<&mut Context>,
    ) -> JsResult<Module> {
        let referrer = referrer.path().unwrap_or(Path::new("")).to_string_lossy();
        self.load(&referrer, &request, &mut context.borrow_mut())
    }

    fn init_import_meta(
        self: Rc<Self>,
        import_meta: &JsObject,
        module: &Module,
        context: &mut Context,
    ) {
        if let Some(url) = module.path().and_then(Path::to_str) {
            let url = js_string!(url);
            let is_set = import_meta.create_data_property(js_string!("url"), url, context);
            debug_assert!(is_set.is_ok(), "an object that is new takes a property");
        }
    }
}

fn fail(why: String, referrer: &str, context: &mut Context) -> JsError {
    let error = JsNativeError::typ().with_message(why);
    at(error.into(), referrer, context)
}

fn declare(context: &mut Context, name: &str, source: &str) -> JsResult<Module> {
    check_nesting(source.encode_utf16()).map_err(|error| at(error, name, context))?;
    let source = Source::from_bytes(source).with_path(Path::new(name));
    Module::parse(source, None, context).map_err(|error| at_position(error, name, context))
}

/// As `Module::load_link_evaluate`, but for where an error is from.
fn run(module: Module, context: &mut Context) -> JsResult<JsPromise> {
    let realm = context.realm().clone();
    let link = NativeFunction::from_copy_closure_with_captures(
        |_, _, module: &Module, context| match module.link(context) {
            Ok(()) => Ok(JsValue::undefined()),
            Err(error) => Err(at(error, &name(module), context)),
        },
        module.clone(),
    );
    let evaluate = NativeFunction::from_copy_closure_with_captures(
        |_, _, module: &Module, context| Ok(module.evaluate(context)?.into()),
        module.clone(),
    );
    module
        .load(context)
        .then(Some(link.to_js_function(&realm)), None, context)?
        .then(Some(evaluate.to_js_function(&realm)), None, context)
}

fn name(module: &Module) -> String {
    let path = module.path().unwrap_or(Path::new("<unknown>"));
    path.to_string_lossy().into_owned()
}

impl Modules for Boa {
    fn evaluate_module(&self, name: &str, source: &str, taker: &str) -> bool {
        self.page.run(|context| {
            let result = declare(context, name, source).and_then(|module| {
                self.files.add(name, &module);
                let promise = run(module, context)?;
                self.call_kept(context, taker, &[promise.into()])
            });
            self.succeeded(context, result)
        })
    }
}
