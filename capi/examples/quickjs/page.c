#include "page.h"

#include "blob.h"
#include "event.h"
#include "event_target.h"
#include "runtime.h"
#include "websocket.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* A promise that was rejected, and that nobody has handled yet. */
struct rejection {
    struct rejection *next;
    JSValue promise, reason;
};

/* No object is of its classes, and none can be made. */
static struct page gone = {.is_over = true};

struct page *page_of(JSContext *context) {
    return JS_GetContextOpaque(context);
}

static double milliseconds(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * 1e3 + now.tv_nsec / 1e6;
}

double page_now(const struct page *page) {
    return milliseconds() - page->clock_origin;
}

static void print_exception(JSContext *context, const char *how, JSValueConst exception) {
    size_t length;
    const char *text = JS_ToCStringLen(context, &length, exception), *stack;
    JSValue value;
    fprintf(stderr, "%s ", how);
    if (text) {
        fwrite(text, 1, length, stderr);
    } else {
        JS_FreeValue(context, JS_GetException(context));
        fputs("exception that can't be told", stderr);
    }
    putc('\n', stderr);
    JS_FreeCString(context, text);
    if (!JS_IsObject(exception))
        return;
    value = JS_GetPropertyStr(context, exception, "stack");
    stack = JS_IsString(value) ? JS_ToCString(context, value) : NULL;
    if (stack)
        fputs(stack, stderr);
    JS_FreeCString(context, stack);
    JS_FreeValue(context, value);
    JS_FreeValue(context, JS_GetException(context));
}

/* Where an error was made: the first "(file:line:column)" of its stack. */
static void locate(struct page *page, JSValueConst event, JSValueConst exception) {
    JSContext *context = page->context;
    JSValue value = JS_IsObject(exception) ? JS_GetPropertyStr(context, exception, "stack") : JS_UNDEFINED;
    const char *stack = JS_IsString(value) ? JS_ToCString(context, value) : NULL;
    if (stack) {
        const char *end = strchr(stack, '\n'), *colon[2], *at;
        size_t length = end ? (size_t)(end - stack) : strlen(stack);
        int found = 0;
        for (at = stack + length; at > stack && found < 2; at--)
            if (at[-1] == ':')
                colon[found++] = at - 1;
        if (found == 2) {
            const char *start = colon[1];
            while (start > stack && start[-1] != '(' && start[-1] != ' ')
                --start;
            event_set(page, event, ERROR_FILE, JS_NewStringLen(context, start, (size_t)(colon[1] - start)));
            event_set(page, event, ERROR_LINE, JS_NewInt32(context, atoi(colon[1] + 1)));
            event_set(page, event, ERROR_COLUMN, JS_NewInt32(context, atoi(colon[0] + 1)));
        }
    }
    JS_FreeCString(context, stack);
    JS_FreeValue(context, value);
    JS_FreeValue(context, JS_GetException(context));
}

/* What an ErrorEvent says of an exception. */
static JSValue message_of(JSContext *context, JSValueConst exception) {
    static const char how[] = "Uncaught ";
    JSValue message = JS_EXCEPTION;
    size_t length;
    const char *text = JS_ToCStringLen(context, &length, exception);
    char *whole = text ? js_malloc(context, sizeof how + length) : NULL;
    if (whole) {
        memcpy(whole, how, strlen(how));
        memcpy(whole + strlen(how), text, length);
        message = JS_NewStringLen(context, whole, strlen(how) + length);
    }
    js_free(context, whole);
    JS_FreeCString(context, text);
    return message;
}

/* Whether a listener of the global object took care of it. */
static bool is_handled(struct page *page, JSValueConst exception) {
    JSContext *context = page->context;
    struct event_target *target = event_target_of(page, page->global_target);
    JSValue event, message;
    bool is_canceled;
    if (page->is_reporting || !event_target_listens(target, page->event_types[ERROR]))
        return false;
    event = event_new(page, ERROR_EVENT, page->event_types[ERROR]);
    if (JS_IsException(event)) {
        JS_FreeValue(context, JS_GetException(context));
        return false;
    }
    message = message_of(context, exception);
    if (JS_IsString(message))
        event_set(page, event, ERROR_MESSAGE, message);
    else
        JS_FreeValue(context, JS_GetException(context));
    event_set(page, event, ERROR_ERROR, JS_DupValue(context, exception));
    locate(page, event, exception);
    event_of(page, event)->cancelable = true;
    page->is_reporting = true;
    event_target_dispatch(page, page->global, target, event);
    page->is_reporting = false;
    is_canceled = event_of(page, event)->is_canceled;
    JS_FreeValue(context, event);
    return is_canceled;
}

void page_report(struct page *page) {
    JSValue exception = JS_GetException(page->context);
    if (!is_handled(page, exception))
        print_exception(page->context, "Uncaught", exception);
    JS_FreeValue(page->context, exception);
}

static void free_rejection(JSContext *context, struct rejection *rejection) {
    JS_FreeValue(context, rejection->promise);
    JS_FreeValue(context, rejection->reason);
    js_free(context, rejection);
}

static void add_rejection(struct page *page, JSValueConst promise, JSValueConst reason) {
    JSContext *context = page->context;
    struct rejection *rejection = js_malloc(context, sizeof *rejection);
    if (!rejection) {
        JS_FreeValue(context, JS_GetException(context));
        return;
    }
    *rejection = (struct rejection){NULL, JS_DupValue(context, promise), JS_DupValue(context, reason)};
    *page->rejections_end = rejection;
    page->rejections_end = &rejection->next;
}

static void remove_rejection(struct page *page, JSValueConst promise) {
    struct rejection **at = &page->rejections, *rejection;
    while (*at && !JS_IsStrictEqual(page->context, (*at)->promise, promise))
        at = &(*at)->next;
    rejection = *at;
    if (!rejection)
        return;
    *at = rejection->next;
    if (!*at)
        page->rejections_end = at;
    free_rejection(page->context, rejection);
}

/* HTML "HostPromiseRejectionTracker". */
static void track_rejection(JSContext *context, JSValueConst promise, JSValueConst reason, bool is_handled,
                            void *page) {
    (void)context;
    if (is_handled)
        remove_rejection(page, promise);
    else
        add_rejection(page, promise, reason);
}

/* HTML "notify about rejected promises". What is rejected while a reason is written comes the next time. */
static void notify_rejections(struct page *page) {
    struct rejection *rejection, *next = page->rejections;
    page->rejections = NULL;
    page->rejections_end = &page->rejections;
    while ((rejection = next)) {
        next = rejection->next;
        if (!page->is_over)
            print_exception(page->context, "Uncaught (in promise)", rejection->reason);
        free_rejection(page->context, rejection);
    }
}

void page_retain(struct page *page) {
    ++page->holders;
}

void page_enter(struct page *page) {
    page_retain(page);
    ++page->script_depth;
}

void page_leave(struct page *page) {
    JSContext *context;
    int status;
    if (page->script_depth == 1) {
        while (!page->is_over && (status = JS_ExecutePendingJob(JS_GetRuntime(page->context), &context)) != 0)
            if (status < 0)
                page_report(page);
        notify_rejections(page);
    }
    --page->script_depth;
    page_release(page);
}

bool page_call(struct page *page, JSValueConst function, JSValueConst this_value, int argc, JSValueConst *argv,
               JSValue *result) {
    JSValue value;
    bool has_returned;
    if (page->is_over)
        return false;
    page_enter(page);
    value = JS_Call(page->context, function, this_value, argc, argv);
    has_returned = !JS_IsException(value);
    if (!has_returned)
        page_report(page);
    if (result)
        *result = value;
    else
        JS_FreeValue(page->context, value);
    page_leave(page);
    return has_returned;
}

/* The getter of a property, by the path to its object. */
static JSValue getter(JSContext *context, JSValueConst global, const char *constructor, int above, const char *name) {
    JSValue object = JS_GetPropertyStr(context, global, constructor), prototype, get = JS_EXCEPTION;
    JSPropertyDescriptor descriptor;
    JSAtom atom = JS_NewAtom(context, name);
    prototype = JS_GetPropertyStr(context, object, "prototype");
    if (above) {
        JSValue heir = prototype;
        prototype = JS_GetPrototype(context, heir);
        JS_FreeValue(context, heir);
    }
    if (JS_IsObject(prototype) && JS_GetOwnProperty(context, &descriptor, prototype, atom) > 0) {
        get = descriptor.getter;
        JS_FreeValue(context, descriptor.setter);
        JS_FreeValue(context, descriptor.value);
    }
    JS_FreeAtom(context, atom);
    JS_FreeValue(context, prototype);
    JS_FreeValue(context, object);
    return get;
}

static bool take_intrinsics(struct page *page) {
    /* %TypedArray% is above any of them. */
    static const struct {
        const char *constructor;
        int above;
        const char *name;
    } paths[INTRINSICS] = {
        [BUFFER_IS_RESIZABLE] = {"ArrayBuffer", 0, "resizable"}, [TYPED_ARRAY_BUFFER] = {"Uint8Array", 1, "buffer"},
        [TYPED_ARRAY_OFFSET] = {"Uint8Array", 1, "byteOffset"},  [TYPED_ARRAY_LENGTH] = {"Uint8Array", 1, "byteLength"},
        [DATA_VIEW_BUFFER] = {"DataView", 0, "buffer"},          [DATA_VIEW_OFFSET] = {"DataView", 0, "byteOffset"},
        [DATA_VIEW_LENGTH] = {"DataView", 0, "byteLength"},
    };
    for (int i = 0; i < INTRINSICS; i++) {
        page->intrinsics[i] = getter(page->context, page->global, paths[i].constructor, paths[i].above, paths[i].name);
        if (!JS_IsFunction(page->context, page->intrinsics[i]))
            return false;
    }
    return true;
}

static bool take_names(struct page *page) {
    static const char *const names[EVENT_TYPES] = {"open", "message", "error", "close"};
    JSContext *context = page->context;
    JSValue symbols = JS_GetPropertyStr(context, page->global, "Symbol");
    JSValue iterator = JS_GetPropertyStr(context, symbols, "iterator");
    page->symbol_iterator = JS_ValueToAtom(context, iterator);
    for (int i = 0; i < EVENT_TYPES; i++)
        page->event_types[i] = JS_NewAtom(context, names[i]);
    JS_FreeValue(context, iterator);
    JS_FreeValue(context, symbols);
    return page->symbol_iterator != JS_ATOM_NULL;
}

/* Where `performance.now()` began to count. */
static void take_clock(struct page *page) {
    JSContext *context = page->context;
    JSValue performance = JS_GetPropertyStr(context, page->global, "performance");
    JSAtom name = JS_NewAtom(context, "now");
    JSValue now = JS_Invoke(context, performance, name, 0, NULL);
    double elapsed = 0;
    if (JS_IsException(now))
        JS_FreeValue(context, JS_GetException(context));
    else
        JS_ToFloat64(context, &elapsed, now);
    page->clock_origin = milliseconds() - elapsed;
    JS_FreeAtom(context, name);
    JS_FreeValue(context, now);
    JS_FreeValue(context, performance);
}

struct page *page_new(JSContext *context, domws_loop *loop, domws_document *document, domws_user_agent *user_agent) {
    struct runtime *runtime = runtime_of(JS_GetRuntime(context));
    struct page *page = runtime && !runtime->page ? js_mallocz(context, sizeof *page) : NULL;
    if (!page) {
        domws_document_release(document);
        domws_user_agent_release(user_agent);
        return NULL;
    }
    page->holders = 1;
    page->context = JS_DupContext(context);
    page->runtime = runtime;
    page->event_class = runtime->event_class;
    page->target_class = runtime->target_class;
    page->blob_class = runtime->blob_class;
    page->rejections_end = &page->rejections;
    runtime->page = page;
    page->loop = loop;
    page->document = document;
    page->user_agent = user_agent;
    for (int i = 0; i < INTERFACES; i++)
        page->prototypes[i] = JS_UNDEFINED;
    for (int i = 0; i < INTRINSICS; i++)
        page->intrinsics[i] = JS_UNDEFINED;
    page->is_trusted = page->global_target = JS_UNDEFINED;
    page->global = JS_GetGlobalObject(context);
    JS_SetContextOpaque(context, page);
    take_clock(page);
    if (!take_intrinsics(page) || !take_names(page) || !event_target_define(page) || !event_define(page) ||
        !blob_define(page) || !websocket_define(page)) {
        page_free(page);
        return NULL;
    }
    JS_SetHostPromiseRejectionTracker(JS_GetRuntime(context), track_rejection, page);
    return page;
}

void page_free(struct page *page) {
    page->is_over = true;
    domws_document_unload(page->document);
    websocket_close_all(page);
    page_release(page);
}

void page_release(struct page *page) {
    JSContext *context = page->context;
    if (--page->holders > 0)
        return;
    JS_SetHostPromiseRejectionTracker(JS_GetRuntime(context), NULL, NULL);
    notify_rejections(page);
    for (int i = 0; i < INTERFACES; i++)
        JS_FreeValue(context, page->prototypes[i]);
    for (int i = 0; i < INTRINSICS; i++)
        JS_FreeValue(context, page->intrinsics[i]);
    for (int i = 0; i < EVENT_TYPES; i++)
        JS_FreeAtom(context, page->event_types[i]);
    JS_FreeAtom(context, page->symbol_iterator);
    JS_FreeValue(context, page->is_trusted);
    JS_FreeValue(context, page->global_target);
    JS_FreeValue(context, page->global);
    domws_document_release(page->document);
    domws_user_agent_release(page->user_agent);
    page->runtime->page = NULL;
    JS_SetContextOpaque(context, &gone);
    js_free(context, page);
    JS_FreeContext(context);
}
