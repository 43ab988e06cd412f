#include "event.h"

#include "convert.h"
#include "interface.h"

enum conversion { ANY, ANY_OR_NULL, DOM_STRING, USV_STRING, BOOLEAN, UNSIGNED_SHORT, UNSIGNED_LONG, PORTS, SOURCE };

struct member {
    const char *name;
    enum conversion conversion;
};

static const struct member message_members[] = {
    [MESSAGE_DATA] = {"data", ANY_OR_NULL},
    [MESSAGE_LAST_EVENT_ID] = {"lastEventId", DOM_STRING},
    [MESSAGE_ORIGIN] = {"origin", USV_STRING},
    [MESSAGE_PORTS] = {"ports", PORTS},
    [MESSAGE_SOURCE] = {"source", SOURCE},
};
static const struct member close_members[] = {
    [CLOSE_CODE] = {"code", UNSIGNED_SHORT},
    [CLOSE_REASON] = {"reason", USV_STRING},
    [CLOSE_WAS_CLEAN] = {"wasClean", BOOLEAN},
};
static const struct member error_members[] = {
    [ERROR_COLUMN] = {"colno", UNSIGNED_LONG},
    [ERROR_ERROR] = {"error", ANY},
    [ERROR_FILE] = {"filename", USV_STRING},
    [ERROR_LINE] = {"lineno", UNSIGNED_LONG},
    [ERROR_MESSAGE] = {"message", DOM_STRING},
};

static const struct member *members_of(enum interface interface, int *count) {
    switch (interface) {
    case MESSAGE_EVENT:
        return *count = COUNT(message_members), message_members;
    case CLOSE_EVENT:
        return *count = COUNT(close_members), close_members;
    case ERROR_EVENT:
        return *count = COUNT(error_members), error_members;
    default:
        return *count = 0, NULL;
    }
}

struct event *event_of(const struct page *page, JSValueConst value) {
    return JS_GetOpaque(value, page->event_class);
}

static struct event *this_event(JSContext *context, JSValueConst value) {
    return JS_GetOpaque2(context, value, page_of(context)->event_class);
}

void event_cancel(struct event *event) {
    event->is_canceled |= event->cancelable && !event->is_in_passive_listener;
}

static void set_member(JSContext *context, struct event *event, int member, JSValue value) {
    JSValue before = event->members[member];
    event->members[member] = value;
    JS_FreeValue(context, before);
}

void event_set(struct page *page, JSValueConst event, int member, JSValue value) {
    set_member(page->context, event_of(page, event), member, value);
}

static bool refuse(JSContext *context, JSValueConst value, void *data) {
    (void)value, (void)data;
    JS_ThrowTypeError(context, "there are no message ports");
    return false;
}

static JSValue no_ports(JSContext *context) {
    JSValue ports = JS_NewArray(context);
    if (!JS_IsException(ports) && JS_FreezeObject(context, ports) < 0) {
        JS_FreeValue(context, ports);
        ports = JS_EXCEPTION;
    }
    return ports;
}

/* A member that is absent. */
static JSValue default_of(JSContext *context, enum conversion conversion) {
    switch (conversion) {
    case DOM_STRING:
    case USV_STRING:
        return JS_NewString(context, "");
    case BOOLEAN:
        return JS_FALSE;
    case UNSIGNED_SHORT:
    case UNSIGNED_LONG:
        return JS_NewInt32(context, 0);
    case PORTS:
        return no_ports(context);
    case ANY:
        return JS_UNDEFINED;
    default:
        return JS_NULL;
    }
}

static JSValue convert(JSContext *context, JSValueConst value, enum conversion conversion) {
    uint32_t number;
    switch (conversion) {
    case DOM_STRING:
        return JS_ToString(context, value);
    case USV_STRING:
        return convert_to_usv_string(context, value);
    case BOOLEAN:
        return JS_NewBool(context, JS_ToBool(context, value));
    case UNSIGNED_SHORT:
    case UNSIGNED_LONG:
        if (!convert_to_unsigned(context, value, conversion == UNSIGNED_SHORT ? 16 : 32, &number))
            return JS_EXCEPTION;
        return JS_NewUint32(context, number);
    case PORTS:
        return convert_sequence(context, value, refuse, NULL, NULL) ? no_ports(context) : JS_EXCEPTION;
    case SOURCE:
        return JS_IsNull(value) ? JS_NULL : JS_ThrowTypeError(context, "the source is neither a window nor a port");
    default:
        return JS_DupValue(context, value);
    }
}

/* Reads what an interface's dictionary has beside `EventInit`. */
static bool read_members(JSContext *context, struct event *event, JSValueConst init) {
    int count;
    const struct member *members = members_of(event->interface, &count);
    for (int i = 0; i < count; i++) {
        enum conversion conversion = members[i].conversion;
        JSValue value = convert_member(context, init, members[i].name);
        if (JS_IsException(value))
            return false;
        event->members[i] =
            JS_IsUndefined(value) ? default_of(context, conversion) : convert(context, value, conversion);
        JS_FreeValue(context, value);
        if (JS_IsException(event->members[i]))
            return false;
    }
    return true;
}

static void free_event(JSRuntime *runtime, struct event *event) {
    JS_FreeAtomRT(runtime, event->type);
    JS_FreeValueRT(runtime, event->target);
    for (int i = 0; i < EVENT_MEMBERS; i++)
        JS_FreeValueRT(runtime, event->members[i]);
    js_free_rt(runtime, event);
}

static void finalize(JSRuntime *runtime, JSValueConst object) {
    JSClassID class_id;
    struct event *event = JS_GetAnyOpaque(object, &class_id);
    if (event)
        free_event(runtime, event);
}

static void mark(JSRuntime *runtime, JSValueConst object, JS_MarkFunc *mark_value) {
    JSClassID class_id;
    struct event *event = JS_GetAnyOpaque(object, &class_id);
    if (!event)
        return;
    JS_MarkValue(runtime, event->target, mark_value);
    for (int i = 0; i < EVENT_MEMBERS; i++)
        JS_MarkValue(runtime, event->members[i], mark_value);
}

/* An event without an object. It takes over the type. */
static struct event *allocate(struct page *page, enum interface interface, JSAtom type) {
    struct event *event = js_mallocz(page->context, sizeof *event);
    if (!event) {
        JS_FreeAtom(page->context, type);
        return NULL;
    }
    event->interface = interface;
    event->type = type;
    event->target = JS_NULL;
    event->is_initialized = true;
    event->time_stamp = page_now(page);
    for (int i = 0; i < EVENT_MEMBERS; i++)
        event->members[i] = JS_UNDEFINED;
    return event;
}

/* Gives an event its object, or frees it. */
static JSValue finish(struct page *page, JSValue object, struct event *event) {
    JSContext *context = page->context;
    JSAtom name;
    int is_defined;
    if (JS_IsException(object)) {
        free_event(JS_GetRuntime(context), event);
        return object;
    }
    JS_SetOpaque(object, event);
    /* [LegacyUnforgeable]: a property of its own. */
    name = JS_NewAtom(context, "isTrusted");
    is_defined =
        JS_DefineProperty(context, object, name, JS_UNDEFINED, page->is_trusted, JS_UNDEFINED,
                          JS_PROP_HAS_GET | JS_PROP_HAS_ENUMERABLE | JS_PROP_ENUMERABLE | JS_PROP_HAS_CONFIGURABLE);
    JS_FreeAtom(context, name);
    if (is_defined < 0) {
        JS_FreeValue(context, object);
        return JS_EXCEPTION;
    }
    return object;
}

JSValue event_new(struct page *page, enum interface interface, JSAtom type) {
    JSContext *context = page->context;
    struct event *event = allocate(page, interface, JS_DupAtom(context, type));
    if (!event)
        return JS_EXCEPTION;
    event->is_trusted = true;
    if (!read_members(context, event, JS_UNDEFINED)) {
        free_event(JS_GetRuntime(context), event);
        return JS_EXCEPTION;
    }
    return finish(page, JS_NewObjectProtoClass(context, page->prototypes[interface], page->event_class), event);
}

static JSValue construct(JSContext *context, JSValueConst new_target, int argc, JSValueConst *argv,
                         enum interface interface) {
    struct page *page = page_of(context);
    JSValueConst init = interface_argument(argc, argv, 1);
    struct event *event;
    JSAtom type;
    if (interface_is_left(context) || interface_lacks(context, argc, 1) ||
        (type = convert_to_atom(context, argv[0])) == JS_ATOM_NULL)
        return JS_EXCEPTION;
    event = allocate(page, interface, type);
    if (!event)
        return JS_EXCEPTION;
    if (!convert_is_dictionary(context, init) || !convert_boolean_member(context, init, "bubbles", &event->bubbles) ||
        !convert_boolean_member(context, init, "cancelable", &event->cancelable) ||
        !convert_boolean_member(context, init, "composed", &event->composed) || !read_members(context, event, init)) {
        free_event(JS_GetRuntime(context), event);
        return JS_EXCEPTION;
    }
    return finish(page, interface_construct(context, new_target, interface, page->event_class), event);
}

static JSValue construct_event(JSContext *context, JSValueConst new_target, int argc, JSValueConst *argv) {
    return construct(context, new_target, argc, argv, EVENT);
}

static JSValue construct_message_event(JSContext *context, JSValueConst new_target, int argc, JSValueConst *argv) {
    return construct(context, new_target, argc, argv, MESSAGE_EVENT);
}

static JSValue construct_close_event(JSContext *context, JSValueConst new_target, int argc, JSValueConst *argv) {
    return construct(context, new_target, argc, argv, CLOSE_EVENT);
}

static JSValue construct_error_event(JSContext *context, JSValueConst new_target, int argc, JSValueConst *argv) {
    return construct(context, new_target, argc, argv, ERROR_EVENT);
}

/* What `magic` stands for in the getters and operations that events have in common. */
enum attribute {
    TYPE,
    TARGET,
    CURRENT_TARGET,
    EVENT_PHASE,
    IS_STOPPED,
    BUBBLES,
    CANCELABLE,
    IS_NOT_CANCELED,
    IS_CANCELED,
    COMPOSED,
    IS_TRUSTED,
    TIME_STAMP,
};

static JSValue get(JSContext *context, JSValueConst this_value, int attribute) {
    const struct event *event = this_event(context, this_value);
    if (!event)
        return JS_EXCEPTION;
    switch ((enum attribute)attribute) {
    case TYPE:
        return JS_AtomToString(context, event->type);
    case TARGET:
        return JS_DupValue(context, event->target);
    case CURRENT_TARGET:
        return event->is_dispatched ? JS_DupValue(context, event->target) : JS_NULL;
    case EVENT_PHASE:
        return JS_NewInt32(context, event->is_dispatched ? 2 : 0); /* No target has a parent: AT_TARGET. */
    case IS_STOPPED:
        return JS_NewBool(context, event->is_stopped);
    case BUBBLES:
        return JS_NewBool(context, event->bubbles);
    case CANCELABLE:
        return JS_NewBool(context, event->cancelable);
    case IS_NOT_CANCELED:
        return JS_NewBool(context, !event->is_canceled);
    case IS_CANCELED:
        return JS_NewBool(context, event->is_canceled);
    case COMPOSED:
        return JS_NewBool(context, event->composed);
    case IS_TRUSTED:
        return JS_NewBool(context, event->is_trusted);
    case TIME_STAMP:
        return JS_NewFloat64(context, event->time_stamp);
    }
    return JS_UNDEFINED;
}

static JSValue set(JSContext *context, JSValueConst this_value, JSValueConst value, int attribute) {
    struct event *event = this_event(context, this_value);
    if (!event)
        return JS_EXCEPTION;
    if (attribute == IS_STOPPED)
        event->is_stopped |= JS_ToBool(context, value);
    else if (!JS_ToBool(context, value))
        event_cancel(event);
    return JS_UNDEFINED;
}

enum operation { STOP, STOP_IMMEDIATELY, PREVENT_DEFAULT };

static JSValue operate(JSContext *context, JSValueConst this_value, int argc, JSValueConst *argv, int operation) {
    struct event *event = this_event(context, this_value);
    (void)argc, (void)argv;
    if (!event)
        return JS_EXCEPTION;
    event->is_stopped |= operation != PREVENT_DEFAULT;
    event->is_stopped_immediately |= operation == STOP_IMMEDIATELY;
    if (operation == PREVENT_DEFAULT)
        event_cancel(event);
    return JS_UNDEFINED;
}

static JSValue composed_path(JSContext *context, JSValueConst this_value, int argc, JSValueConst *argv) {
    const struct event *event = this_event(context, this_value);
    JSValue path;
    (void)argc, (void)argv;
    if (!event)
        return JS_EXCEPTION;
    path = JS_NewArray(context);
    if (event->is_dispatched && !JS_IsException(path))
        JS_DefinePropertyValueUint32(context, path, 0, JS_DupValue(context, event->target), JS_PROP_C_W_E);
    return path;
}

/* One of a derived interface. NULL, with an exception, where a value is none. */
static struct event *this_derived(JSContext *context, JSValueConst value, enum interface interface) {
    struct event *event = event_of(page_of(context), value);
    if (event && event->interface == interface)
        return event;
    JS_ThrowTypeError(context, "this is no event of that interface");
    return NULL;
}

/* DOM "initialize". It takes over the type. */
static void initialize(JSContext *context, struct event *event, JSAtom type, bool bubbles, bool cancelable) {
    JS_FreeAtom(context, event->type);
    JS_FreeValue(context, event->target);
    event->type = type;
    event->target = JS_NULL;
    event->is_initialized = true;
    event->is_trusted = event->is_canceled = event->is_stopped = event->is_stopped_immediately = false;
    event->bubbles = bubbles;
    event->cancelable = cancelable;
}

/* An event that is being dispatched stays as it is. */
static JSValue init_event(JSContext *context, JSValueConst this_value, int argc, JSValueConst *argv) {
    struct event *event = this_event(context, this_value);
    JSAtom type;
    if (!event || interface_lacks(context, argc, 1) || (type = convert_to_atom(context, argv[0])) == JS_ATOM_NULL)
        return JS_EXCEPTION;
    if (event->is_dispatched)
        JS_FreeAtom(context, type);
    else
        initialize(context, event, type, JS_ToBool(context, interface_argument(argc, argv, 1)),
                   JS_ToBool(context, interface_argument(argc, argv, 2)));
    return JS_UNDEFINED;
}

/* initMessageEvent(type, bubbles, cancelable, data, origin, lastEventId, source, ports) */
static JSValue init_message_event(JSContext *context, JSValueConst this_value, int argc, JSValueConst *argv) {
    static const int order[] = {MESSAGE_DATA, MESSAGE_ORIGIN, MESSAGE_LAST_EVENT_ID, MESSAGE_SOURCE, MESSAGE_PORTS};
    struct event *event = this_derived(context, this_value, MESSAGE_EVENT);
    JSValue members[COUNT(order)];
    int count = 0;
    JSAtom type;
    if (!event || interface_lacks(context, argc, 1) || (type = convert_to_atom(context, argv[0])) == JS_ATOM_NULL)
        return JS_EXCEPTION;
    while (count < COUNT(order)) {
        JSValueConst value = interface_argument(argc, argv, 3 + count);
        enum conversion conversion = message_members[order[count]].conversion;
        members[count] = JS_IsUndefined(value) ? default_of(context, conversion) : convert(context, value, conversion);
        if (JS_IsException(members[count]))
            break;
        ++count;
    }
    if (count < COUNT(order) || event->is_dispatched) {
        for (int i = 0; i < count; i++)
            JS_FreeValue(context, members[i]);
        JS_FreeAtom(context, type);
        return count < COUNT(order) ? JS_EXCEPTION : JS_UNDEFINED;
    }
    initialize(context, event, type, JS_ToBool(context, interface_argument(argc, argv, 1)),
               JS_ToBool(context, interface_argument(argc, argv, 2)));
    for (int i = 0; i < COUNT(order); i++)
        set_member(context, event, order[i], members[i]);
    return JS_UNDEFINED;
}

/* An attribute of a derived interface: `magic` is the interface and the member. */
static JSValue get_member(JSContext *context, JSValueConst this_value, int magic) {
    const struct event *event = this_derived(context, this_value, (enum interface)(magic >> 8));
    return event ? JS_DupValue(context, event->members[magic & 0xff]) : JS_EXCEPTION;
}

#define EVENT_ATTRIBUTE(name, interface, member) ATTRIBUTE_MAGIC(name, get_member, NULL, (interface) << 8 | (member))

static const JSCFunctionListEntry event_functions[] = {
    ATTRIBUTE_MAGIC("type", get, NULL, TYPE),
    ATTRIBUTE_MAGIC("target", get, NULL, TARGET),
    ATTRIBUTE_MAGIC("srcElement", get, NULL, TARGET),
    ATTRIBUTE_MAGIC("currentTarget", get, NULL, CURRENT_TARGET),
    OPERATION("composedPath", 0, composed_path),
    ATTRIBUTE_MAGIC("eventPhase", get, NULL, EVENT_PHASE),
    OPERATION_MAGIC("stopPropagation", 0, operate, STOP),
    ATTRIBUTE_MAGIC("cancelBubble", get, set, IS_STOPPED),
    OPERATION_MAGIC("stopImmediatePropagation", 0, operate, STOP_IMMEDIATELY),
    ATTRIBUTE_MAGIC("bubbles", get, NULL, BUBBLES),
    ATTRIBUTE_MAGIC("cancelable", get, NULL, CANCELABLE),
    ATTRIBUTE_MAGIC("returnValue", get, set, IS_NOT_CANCELED),
    OPERATION_MAGIC("preventDefault", 0, operate, PREVENT_DEFAULT),
    ATTRIBUTE_MAGIC("defaultPrevented", get, NULL, IS_CANCELED),
    ATTRIBUTE_MAGIC("composed", get, NULL, COMPOSED),
    ATTRIBUTE_MAGIC("timeStamp", get, NULL, TIME_STAMP),
    OPERATION("initEvent", 1, init_event),
    TO_STRING_TAG("Event"),
};
static const JSCFunctionListEntry event_constants[] = {
    CONSTANT("NONE", 0),
    CONSTANT("CAPTURING_PHASE", 1),
    CONSTANT("AT_TARGET", 2),
    CONSTANT("BUBBLING_PHASE", 3),
};
static const JSCFunctionListEntry message_functions[] = {
    EVENT_ATTRIBUTE("data", MESSAGE_EVENT, MESSAGE_DATA),
    EVENT_ATTRIBUTE("origin", MESSAGE_EVENT, MESSAGE_ORIGIN),
    EVENT_ATTRIBUTE("lastEventId", MESSAGE_EVENT, MESSAGE_LAST_EVENT_ID),
    EVENT_ATTRIBUTE("source", MESSAGE_EVENT, MESSAGE_SOURCE),
    EVENT_ATTRIBUTE("ports", MESSAGE_EVENT, MESSAGE_PORTS),
    OPERATION("initMessageEvent", 1, init_message_event),
    TO_STRING_TAG("MessageEvent"),
};
static const JSCFunctionListEntry close_functions[] = {
    EVENT_ATTRIBUTE("wasClean", CLOSE_EVENT, CLOSE_WAS_CLEAN),
    EVENT_ATTRIBUTE("code", CLOSE_EVENT, CLOSE_CODE),
    EVENT_ATTRIBUTE("reason", CLOSE_EVENT, CLOSE_REASON),
    TO_STRING_TAG("CloseEvent"),
};
static const JSCFunctionListEntry error_functions[] = {
    EVENT_ATTRIBUTE("message", ERROR_EVENT, ERROR_MESSAGE),
    EVENT_ATTRIBUTE("filename", ERROR_EVENT, ERROR_FILE),
    EVENT_ATTRIBUTE("lineno", ERROR_EVENT, ERROR_LINE),
    EVENT_ATTRIBUTE("colno", ERROR_EVENT, ERROR_COLUMN),
    EVENT_ATTRIBUTE("error", ERROR_EVENT, ERROR_ERROR),
    TO_STRING_TAG("ErrorEvent"),
};

static const struct interface_definition definitions[] = {
    {"Event", construct_event, 1, EVENT, event_functions, event_constants, COUNT(event_functions),
     COUNT(event_constants)},
    {"MessageEvent", construct_message_event, 1, EVENT, message_functions, NULL, COUNT(message_functions), 0},
    {"CloseEvent", construct_close_event, 1, EVENT, close_functions, NULL, COUNT(close_functions), 0},
    {"ErrorEvent", construct_error_event, 1, EVENT, error_functions, NULL, COUNT(error_functions), 0},
};

bool event_define(struct page *page) {
    static const JSClassDef class = {"Event", .finalizer = finalize, .gc_mark = mark};
    JSCFunctionType getter = {.getter_magic = get};
    if (!interface_define_class(page, page->event_class, &class))
        return false;
    page->is_trusted =
        JS_NewCFunction2(page->context, getter.generic, "get isTrusted", 0, JS_CFUNC_getter_magic, IS_TRUSTED);
    if (JS_IsException(page->is_trusted))
        return false;
    for (int i = 0; i < COUNT(definitions); i++)
        if (!interface_define(page, EVENT + i, &definitions[i]))
            return false;
    return true;
}
