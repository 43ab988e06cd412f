#include "interface.h"

bool interface_define_class(struct page *page, JSClassID class_id, const JSClassDef *class) {
    JSRuntime *runtime = JS_GetRuntime(page->context);
    return JS_IsRegisteredClass(runtime, class_id) || JS_NewClass(runtime, class_id, class) >= 0;
}

bool interface_define(struct page *page, enum interface interface, const struct interface_definition *definition) {
    JSContext *context = page->context;
    const char *name = definition->name;
    JSValue prototype, object;
    if (definition->parent == interface) {
        prototype = JS_NewObject(context);
        object = JS_NewCFunction2(context, definition->constructor, name, definition->length, JS_CFUNC_constructor, 0);
    } else {
        JSValueConst above = page->prototypes[definition->parent];
        JSValue parent = JS_GetPropertyStr(context, above, "constructor");
        prototype = JS_NewObjectProto(context, above);
        object = JS_NewCFunction3(context, definition->constructor, name, definition->length, JS_CFUNC_constructor, 0,
                                  parent, 0);
        JS_FreeValue(context, parent);
    }
    page->prototypes[interface] = prototype;
    if (JS_IsException(prototype) || JS_IsException(object) ||
        JS_SetPropertyFunctionList(context, object, definition->constants, definition->constant_count) ||
        JS_SetPropertyFunctionList(context, prototype, definition->constants, definition->constant_count) ||
        JS_SetPropertyFunctionList(context, prototype, definition->members, definition->member_count) ||
        JS_SetConstructor(context, object, prototype)) {
        JS_FreeValue(context, object);
        return false;
    }
    return JS_DefinePropertyValueStr(context, page->global, name, object, JS_PROP_CONFIGURABLE | JS_PROP_WRITABLE) >= 0;
}

JSValue interface_construct(JSContext *context, JSValueConst new_target, enum interface interface, JSClassID class_id) {
    JSValue object, prototype;
    if (interface_is_left(context))
        return JS_EXCEPTION;
    prototype = JS_GetPropertyStr(context, new_target, "prototype");
    if (JS_IsException(prototype))
        return prototype;
    if (!JS_IsObject(prototype)) {
        JS_FreeValue(context, prototype);
        prototype = JS_DupValue(context, page_of(context)->prototypes[interface]);
    }
    object = JS_NewObjectProtoClass(context, prototype, class_id);
    JS_FreeValue(context, prototype);
    return object;
}

bool interface_is_left(JSContext *context) {
    if (!page_of(context)->is_over)
        return false;
    JS_ThrowDOMException(context, "InvalidStateError", "the page has been left");
    return true;
}

bool interface_lacks(JSContext *context, int argc, int required) {
    if (argc >= required)
        return false;
    JS_ThrowTypeError(context, "%d argument%s required, but only %d present", required, required == 1 ? "" : "s", argc);
    return true;
}
