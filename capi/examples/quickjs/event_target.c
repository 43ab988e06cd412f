#include "event_target.h"

#include "convert.h"
#include "event.h"
#include "interface.h"

#include <string.h>

struct listener {
    int holders; /* The list, each dispatch that is under way, and a signal. */
    JSRuntime *runtime;
    struct event_target *target; /* NULL, and so the callback undefined, once it is removed. */
    JSAtom type;
    JSValue callback;
    bool is_handler, captures, is_once, is_passive;
};

struct event_target *event_target_of(const struct page *page, JSValueConst value) {
    return JS_GetOpaque(value, page->target_class);
}

static void let_go(struct listener *listener) {
    if (--listener->holders > 0)
        return;
    JS_FreeAtomRT(listener->runtime, listener->type);
    js_free_rt(listener->runtime, listener);
}

/* Takes it from its target, whose list has it no more. The callback may be all that holds the target. */
static void detach(struct listener *listener) {
    JSValue callback = listener->callback;
    JSRuntime *runtime = listener->runtime;
    listener->target = NULL;
    listener->callback = JS_UNDEFINED;
    let_go(listener);
    JS_FreeValueRT(runtime, callback);
}

static void finalize(JSRuntime *runtime, JSValueConst object) {
    JSClassID class_id;
    struct event_target *target = JS_GetAnyOpaque(object, &class_id);
    if (!target)
        return;
    if (target->kind->finalize)
        target->kind->finalize(target);
    for (size_t i = 0; i < target->count; i++)
        detach(target->listeners[i]);
    js_free_rt(runtime, target->listeners);
    js_free_rt(runtime, target);
}

static void mark(JSRuntime *runtime, JSValueConst object, JS_MarkFunc *mark_value) {
    JSClassID class_id;
    const struct event_target *target = JS_GetAnyOpaque(object, &class_id);
    for (size_t i = 0; target && i < target->count; i++)
        JS_MarkValue(runtime, target->listeners[i]->callback, mark_value);
}

void event_target_attach(JSValueConst object, struct event_target *target, const struct event_target_kind *kind) {
    target->kind = kind;
    target->object = object;
    JS_SetOpaque(object, target);
}

/* The target of an operation: that of the global object where script names none. */
static struct event_target *this_target(JSContext *context, JSValueConst this_value, JSValueConst *object) {
    const struct page *page = page_of(context);
    bool is_global =
        JS_IsUndefined(this_value) || JS_IsNull(this_value) || JS_IsStrictEqual(context, this_value, page->global);
    *object = is_global ? page->global_target : this_value;
    return JS_GetOpaque2(context, *object, page->target_class);
}

bool event_target_listens(const struct event_target *target, JSAtom type) {
    for (size_t i = 0; i < target->count; i++)
        if (target->listeners[i]->type == type)
            return true;
    return false;
}

static void changed(struct page *page, struct event_target *target) {
    if (target->kind->changed)
        target->kind->changed(page, target);
}

static struct listener *find(JSContext *context, const struct event_target *target, JSAtom type, JSValueConst callback,
                             bool captures) {
    for (size_t i = 0; i < target->count; i++) {
        struct listener *listener = target->listeners[i];
        if (!listener->is_handler && listener->type == type && listener->captures == captures &&
            JS_IsStrictEqual(context, listener->callback, callback))
            return listener;
    }
    return NULL;
}

static struct listener *find_handler(const struct event_target *target, JSAtom type) {
    for (size_t i = 0; i < target->count; i++)
        if (target->listeners[i]->is_handler && target->listeners[i]->type == type)
            return target->listeners[i];
    return NULL;
}

/* Puts a listener at the end of the list. NULL, with an exception, where memory is short. */
static struct listener *append(JSContext *context, struct event_target *target, JSAtom type, JSValueConst callback) {
    size_t size = (target->count + 1) * sizeof *target->listeners;
    struct listener **listeners = js_realloc(context, target->listeners, size), *listener;
    if (!listeners)
        return NULL;
    target->listeners = listeners;
    listener = js_mallocz(context, sizeof *listener);
    if (!listener)
        return NULL;
    listener->holders = 1;
    listener->runtime = JS_GetRuntime(context);
    listener->target = target;
    listener->type = JS_DupAtom(context, type);
    listener->callback = JS_DupValue(context, callback);
    target->listeners[target->count++] = listener;
    return listener;
}

static void remove_listener(struct listener *listener) {
    struct event_target *target = listener->target;
    size_t i = 0;
    while (target->listeners[i] != listener)
        ++i;
    --target->count;
    memmove(&target->listeners[i], &target->listeners[i + 1], (target->count - i) * sizeof listener);
    detach(listener);
}

JSValue event_target_handler(JSContext *context, const struct event_target *target, JSAtom type) {
    const struct listener *listener = find_handler(target, type);
    return listener ? JS_DupValue(context, listener->callback) : JS_NULL;
}

/* A handler that replaces another takes its place among the listeners; null gives the place up. */
JSValue event_target_set_handler(JSContext *context, struct event_target *target, JSAtom type, JSValueConst handler) {
    struct listener *listener = find_handler(target, type);
    if (!JS_IsObject(handler)) {
        if (listener)
            remove_listener(listener);
    } else if (listener) {
        JSValue replaced = listener->callback;
        listener->callback = JS_DupValue(context, handler);
        JS_FreeValue(context, replaced);
    } else {
        listener = append(context, target, type, handler);
        if (!listener)
            return JS_EXCEPTION;
        listener->is_handler = true;
    }
    changed(page_of(context), target);
    return JS_UNDEFINED;
}

/* HTML "the event handler processing algorithm": a handler's false cancels. */
static void call_handler(struct page *page, JSValueConst callback, JSValueConst object, JSValueConst value) {
    JSContext *context = page->context;
    JSValue result;
    if (!JS_IsFunction(context, callback) || !page_call(page, callback, object, 1, &value, &result))
        return;
    if (JS_IsBool(result) && !JS_ToBool(context, result))
        event_cancel(event_of(page, value));
    JS_FreeValue(context, result);
}

/* WebIDL "call a user object's operation": a function, or an object that has one. */
static void call_listener(struct page *page, JSValueConst callback, JSValueConst object, JSValueConst event) {
    JSContext *context = page->context;
    JSValue method;
    if (JS_IsFunction(context, callback)) {
        page_call(page, callback, object, 1, &event, NULL);
        return;
    }
    page_enter(page);
    method = JS_GetPropertyStr(context, callback, "handleEvent");
    if (!JS_IsException(method) && !JS_IsFunction(context, method))
        JS_ThrowTypeError(context, "the listener's handleEvent is not a function");
    if (JS_IsFunction(context, method))
        page_call(page, method, callback, 1, &event, NULL);
    else
        page_report(page);
    JS_FreeValue(context, method);
    page_leave(page);
}

static void invoke(struct page *page, JSValueConst object, struct event_target *target, struct listener *listener,
                   JSValueConst value) {
    JSContext *context = page->context;
    struct event *event = event_of(page, value);
    JSValue callback = JS_DupValue(context, listener->callback);
    if (listener->is_once) {
        remove_listener(listener);
        changed(page, target);
    }
    event->is_in_passive_listener = listener->is_passive;
    if (listener->is_handler)
        call_handler(page, callback, object, value);
    else
        call_listener(page, callback, object, value);
    event->is_in_passive_listener = false;
    JS_FreeValue(context, callback);
}

void event_target_dispatch(struct page *page, JSValueConst object, struct event_target *target, JSValueConst value) {
    JSContext *context = page->context;
    struct event *event = event_of(page, value);
    size_t count = target->count;
    struct listener **listeners = js_malloc(context, count * sizeof *listeners + 1);
    if (!listeners) {
        page_report(page);
        return;
    }
    /* What is added meanwhile doesn't hear of it, and what is removed does not any more. */
    for (size_t i = 0; i < count; i++) {
        listeners[i] = target->listeners[i];
        ++listeners[i]->holders;
    }
    page_retain(page);
    event->is_dispatched = true;
    JS_FreeValue(context, event->target);
    event->target = JS_DupValue(context, object);
    for (int captures = 1; captures >= 0 && !event->is_stopped; captures--)
        for (size_t i = 0; i < count && !event->is_stopped_immediately && !page->is_over; i++)
            if (listeners[i]->target && listeners[i]->type == event->type && listeners[i]->captures == captures)
                invoke(page, object, target, listeners[i], value);
    event->is_dispatched = event->is_stopped = event->is_stopped_immediately = false;
    for (size_t i = 0; i < count; i++)
        let_go(listeners[i]);
    js_free(context, listeners);
    page_release(page);
}

static JSValue dispatch_event(JSContext *context, JSValueConst this_value, int argc, JSValueConst *argv) {
    struct page *page = page_of(context);
    JSValueConst object;
    struct event_target *target = this_target(context, this_value, &object);
    struct event *event;
    if (!target || interface_lacks(context, argc, 1))
        return JS_EXCEPTION;
    event = event_of(page, argv[0]);
    if (!event)
        return JS_ThrowTypeError(context, "the argument is not an Event");
    if (event->is_dispatched || !event->is_initialized)
        return JS_ThrowDOMException(context, "InvalidStateError", "the event is being dispatched");
    event->is_trusted = false;
    event_target_dispatch(page, target == event_target_of(page, page->global_target) ? page->global : object, target,
                          argv[0]);
    return JS_NewBool(context, !event->is_canceled);
}

/* WebIDL: a nullable callback interface. */
static bool is_callback(JSContext *context, JSValueConst value) {
    if (JS_IsObject(value) || JS_IsNull(value) || JS_IsUndefined(value))
        return true;
    JS_ThrowTypeError(context, "the listener is not an object");
    return false;
}

/* DOM "flatten". */
static bool flatten(JSContext *context, JSValueConst options, bool *captures) {
    if (JS_IsObject(options))
        return convert_boolean_member(context, options, "capture", captures);
    *captures = JS_ToBool(context, options);
    return true;
}

static JSValue remove_event_listener(JSContext *context, JSValueConst this_value, int argc, JSValueConst *argv) {
    JSValueConst object;
    struct event_target *target = this_target(context, this_value, &object);
    struct listener *listener;
    JSAtom type;
    bool captures;
    if (!target || interface_lacks(context, argc, 2) || (type = convert_to_atom(context, argv[0])) == JS_ATOM_NULL)
        return JS_EXCEPTION;
    if (!is_callback(context, argv[1]) || !flatten(context, interface_argument(argc, argv, 2), &captures)) {
        JS_FreeAtom(context, type);
        return JS_EXCEPTION;
    }
    listener = find(context, target, type, argv[1], captures);
    JS_FreeAtom(context, type);
    if (listener) {
        remove_listener(listener);
        changed(page_of(context), target);
    }
    return JS_UNDEFINED;
}

/* The options of addEventListener. The signal is of the realm's own AbortSignal, if it has one: undefined where none is
 * given. */
struct options {
    bool captures, is_once, is_passive, is_aborted;
    JSValue signal;
};

/* Only a chain of proxies is longer, which can be without an end. */
enum { LONGEST_CHAIN = 1000 };

/* Whether an object has the prototype of this constructor above it, or -1. */
static int is_instance(JSContext *context, JSValueConst object, JSValueConst constructor) {
    JSValue prototype = JS_GetPropertyStr(context, constructor, "prototype"), above = JS_DupValue(context, object);
    int result = JS_IsException(prototype) ? -1 : 0;
    for (int steps = 0; steps < LONGEST_CHAIN && !result && JS_IsObject(above); ++steps) {
        JSValue next = JS_GetPrototype(context, above);
        JS_FreeValue(context, above);
        above = next;
        result = JS_IsException(above) ? -1 : JS_IsObject(above) && JS_IsStrictEqual(context, above, prototype);
    }
    JS_FreeValue(context, above);
    JS_FreeValue(context, prototype);
    return result;
}

static bool read_signal(JSContext *context, struct options *options) {
    JSValue constructor, is_aborted;
    int is_signal;
    if (JS_IsUndefined(options->signal))
        return true;
    constructor = JS_GetPropertyStr(context, page_of(context)->global, "AbortSignal");
    is_signal = JS_IsObject(constructor) ? is_instance(context, options->signal, constructor) : false;
    JS_FreeValue(context, constructor);
    if (is_signal < 0)
        return false;
    if (!is_signal) {
        JS_ThrowTypeError(context, "the signal is not an AbortSignal");
        return false;
    }
    is_aborted = JS_GetPropertyStr(context, options->signal, "aborted");
    options->is_aborted = !JS_IsException(is_aborted) && JS_ToBool(context, is_aborted);
    JS_FreeValue(context, is_aborted);
    return !JS_IsException(is_aborted);
}

static bool read_options(JSContext *context, JSValueConst value, struct options *options) {
    if (!flatten(context, value, &options->captures))
        return false;
    if (!JS_IsObject(value))
        return true;
    if (!convert_boolean_member(context, value, "once", &options->is_once) ||
        !convert_boolean_member(context, value, "passive", &options->is_passive))
        return false;
    options->signal = convert_member(context, value, "signal");
    return !JS_IsException(options->signal) && read_signal(context, options);
}

/* The signal holds neither a target nor a callback, and of a listener that is removed nothing but its memory. */
static JSValue on_abort(JSContext *context, JSValueConst this_value, int argc, JSValueConst *argv, int magic,
                        void *data) {
    struct listener *listener = data;
    struct event_target *target = listener->target;
    (void)this_value, (void)argc, (void)argv, (void)magic;
    if (target) {
        JSValue object = JS_DupValue(context, target->object);
        remove_listener(listener);
        changed(page_of(context), target);
        JS_FreeValue(context, object);
    }
    return JS_UNDEFINED;
}

static void forget(void *listener) {
    let_go(listener);
}

/* The signal is script's object, so it is listened to as script would. */
static bool remove_on_abort(JSContext *context, JSValueConst signal, struct listener *listener) {
    JSValue arguments[] = {JS_NewString(context, "abort"),
                           JS_NewCClosure(context, on_abort, "", forget, 0, 0, listener)};
    JSAtom name = JS_NewAtom(context, "addEventListener");
    JSValue result = JS_EXCEPTION;
    if (!JS_IsException(arguments[1])) {
        ++listener->holders;
        result = JS_Invoke(context, signal, name, COUNT(arguments), arguments);
    }
    JS_FreeAtom(context, name);
    JS_FreeValue(context, arguments[0]);
    JS_FreeValue(context, arguments[1]);
    JS_FreeValue(context, result);
    return !JS_IsException(result);
}

static bool add(JSContext *context, struct event_target *target, JSAtom type, JSValueConst callback,
                const struct options *options) {
    struct listener *listener = append(context, target, type, callback);
    bool is_added;
    if (!listener)
        return false;
    listener->captures = options->captures;
    listener->is_once = options->is_once;
    listener->is_passive = options->is_passive;
    ++listener->holders;
    changed(page_of(context), target);
    is_added = JS_IsUndefined(options->signal) || remove_on_abort(context, options->signal, listener);
    let_go(listener);
    return is_added;
}

static JSValue add_event_listener(JSContext *context, JSValueConst this_value, int argc, JSValueConst *argv) {
    JSValueConst object;
    struct event_target *target = this_target(context, this_value, &object);
    struct options options = {.signal = JS_UNDEFINED};
    bool is_added;
    JSAtom type;
    if (!target || interface_lacks(context, argc, 2) || (type = convert_to_atom(context, argv[0])) == JS_ATOM_NULL)
        return JS_EXCEPTION;
    is_added = is_callback(context, argv[1]) && read_options(context, interface_argument(argc, argv, 2), &options) &&
               (options.is_aborted || !JS_IsObject(argv[1]) || find(context, target, type, argv[1], options.captures) ||
                add(context, target, type, argv[1], &options));
    JS_FreeValue(context, options.signal);
    JS_FreeAtom(context, type);
    return is_added ? JS_UNDEFINED : JS_EXCEPTION;
}

static JSValue construct(JSContext *context, JSValueConst new_target, int argc, JSValueConst *argv) {
    static const struct event_target_kind kind = {.interface = EVENT_TARGET};
    JSValue object = interface_construct(context, new_target, EVENT_TARGET, page_of(context)->target_class);
    struct event_target *target;
    (void)argc, (void)argv;
    if (JS_IsException(object))
        return object;
    target = js_mallocz(context, sizeof *target);
    if (!target) {
        JS_FreeValue(context, object);
        return JS_EXCEPTION;
    }
    event_target_attach(object, target, &kind);
    return object;
}

/* The global object is a target too, by one that stands for it. */
static bool make_global(struct page *page) {
    JSContext *context = page->context;
    JSValue constructor = JS_GetPropertyStr(context, page->prototypes[EVENT_TARGET], "constructor");
    page->global_target = construct(context, constructor, 0, NULL);
    JS_FreeValue(context, constructor);
    return !JS_IsException(page->global_target) &&
           JS_SetPrototype(context, page->global, page->prototypes[EVENT_TARGET]) >= 0;
}

static const JSCFunctionListEntry functions[] = {
    OPERATION("addEventListener", 2, add_event_listener),
    OPERATION("removeEventListener", 2, remove_event_listener),
    OPERATION("dispatchEvent", 1, dispatch_event),
    TO_STRING_TAG("EventTarget"),
};
static const struct interface_definition definition = {.name = "EventTarget",
                                                       .constructor = construct,
                                                       .parent = EVENT_TARGET,
                                                       .members = functions,
                                                       .member_count = COUNT(functions)};

bool event_target_define(struct page *page) {
    static const JSClassDef class = {"EventTarget", .finalizer = finalize, .gc_mark = mark};
    return interface_define_class(page, page->target_class, &class) &&
           interface_define(page, EVENT_TARGET, &definition) && make_global(page);
}
