/* An interface of WebIDL: its object on the global, its prototype, its instances. */
#ifndef INTERFACE_H
#define INTERFACE_H

#include "page.h"

#define MEMBER (JS_PROP_CONFIGURABLE | JS_PROP_ENUMERABLE)
#define ATTRIBUTE(name, get, set) JS_CGETSET_DEF2(name, get, set, MEMBER)
#define ATTRIBUTE_MAGIC(name, get, set, magic) JS_CGETSET_MAGIC_DEF2(name, get, set, magic, MEMBER)
#define OPERATION(name, length, function) JS_CFUNC_DEF2(name, length, function, MEMBER | JS_PROP_WRITABLE)
#define OPERATION_MAGIC(name, length, function, magic) \
    { \
        name, MEMBER | JS_PROP_WRITABLE, JS_DEF_CFUNC, magic, { \
            .func = {length, JS_CFUNC_generic_magic, {.generic_magic = function}} \
        } \
    }
#define TO_STRING_TAG(name) JS_PROP_STRING_DEF("[Symbol.toStringTag]", name, JS_PROP_CONFIGURABLE)
#define CONSTANT(name, value) JS_PROP_INT32_DEF(name, value, JS_PROP_ENUMERABLE)
#define COUNT(array) ((int)(sizeof(array) / sizeof *(array)))

/* It and its lists have to stay: the engine makes members when they are first asked for. */
struct interface_definition {
    const char *name;
    JSCFunction *constructor;
    int length;
    enum interface parent; /* The interface itself, where it has none. */
    const JSCFunctionListEntry *members, *constants;
    int member_count, constant_count;
};

/* Makes the class of instances, unless the runtime has it of an earlier page. */
bool interface_define_class(struct page *page, JSClassID class_id, const JSClassDef *class);

/* Puts it on the global object, behind its parent. False with an exception pending. */
bool interface_define(struct page *page, enum interface interface, const struct interface_definition *definition);

/* An instance whose prototype is what `new.target` says, or the interface's own. */
JSValue interface_construct(JSContext *context, JSValueConst new_target, enum interface interface, JSClassID class_id);

/* An InvalidStateError if the page is left, of which there are no instances any more, and true. */
bool interface_is_left(JSContext *context);

/* A TypeError if there are fewer arguments than that, and true. */
bool interface_lacks(JSContext *context, int argc, int required);

/* An argument, or undefined. */
static inline JSValueConst interface_argument(int argc, JSValueConst *argv, int index) {
    return index < argc ? argv[index] : JS_UNDEFINED;
}

#endif
