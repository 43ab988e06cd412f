//! The object that has what belongs to a realm.

use crate::object::{HostDefined, HostObject};
use boa_engine::gc::{Finalize, GcRefCell, Trace};
use boa_engine::realm::Realm;
use boa_engine::{JsData, JsObject};
use dom_websocket::host;
use std::rc::Rc;

/// One for a realm.
pub(crate) fn new_registry(realm: Rc<host::Realm>) -> JsObject {
    let object = HostObject {
        host_defined: HostDefined(realm),
        slots: GcRefCell::default(),
    };
    JsObject::from_proto_and_data(None, object)
}

/// Where a realm of the engine's keeps the registry of its page, the newest.
#[derive(Trace, Finalize, JsData)]
struct Registry(JsObject);

/// Has the registry found by its realm, for as long as that lives.
pub(crate) fn set_registry(realm: &Realm, registry: JsObject) {
    realm.host_defined_mut().insert(Registry(registry));
}

/// The registry of a realm's page, if it ever had one.
pub(crate) fn registry_of(realm: &Realm) -> Option<JsObject> {
    let host_defined = realm.host_defined();
    host_defined
        .get::<Registry>()
        .map(|registry| registry.0.clone())
}
