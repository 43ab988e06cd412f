#include "websocket.h"

#include "blob.h"
#include "convert.h"
#include "event.h"
#include "event_target.h"
#include "interface.h"

#include <string.h>

struct websocket {
    struct event_target target;
    domws_socket *socket;
    struct page *page; /* NULL once that is left. */
    bool is_pinned;    /* Then its object is held. */
    bool is_over;
    struct websocket *next, *previous; /* Of the page's. */
};

/* Script need not hold a socket that it can still hear of ("Garbage collection"): it is pinned meanwhile. */
static bool can_be_heard(const struct websocket *websocket) {
    const struct event_target *target = &websocket->target;
    const JSAtom *types;
    if (websocket->is_over)
        return false;
    types = websocket->page->event_types;
    switch (domws_socket_ready_state(websocket->socket)) {
    case DOMWS_READY_STATE_CONNECTING:
        if (event_target_listens(target, types[OPEN]))
            return true; /* fall through */
    case DOMWS_READY_STATE_OPEN:
        if (event_target_listens(target, types[MESSAGE]))
            return true; /* fall through */
    default:
        return event_target_listens(target, types[ERROR]) || event_target_listens(target, types[CLOSE]);
    }
}

static void update_pin(struct websocket *websocket) {
    bool is_pinned = can_be_heard(websocket);
    if (is_pinned == websocket->is_pinned)
        return;
    websocket->is_pinned = is_pinned;
    if (is_pinned)
        JS_DupValue(websocket->page->context, websocket->target.object);
    else
        JS_FreeValue(websocket->page->context, websocket->target.object); /* Which may be the end of it. */
}

static void changed(struct page *page, struct event_target *target) {
    (void)page;
    update_pin((struct websocket *)target);
}

static void link_to_page(struct websocket *websocket, struct page *page) {
    websocket->page = page;
    websocket->next = page->sockets;
    if (page->sockets)
        page->sockets->previous = websocket;
    page->sockets = websocket;
}

static void unlink_from_page(struct websocket *websocket) {
    if (!websocket->page)
        return;
    if (websocket->next)
        websocket->next->previous = websocket->previous;
    if (websocket->previous)
        websocket->previous->next = websocket->next;
    else
        websocket->page->sockets = websocket->next;
    websocket->page = NULL;
}

static void unhook(domws_socket *socket) {
    domws_socket_set_onopen(socket, NULL, NULL, NULL, NULL);
    domws_socket_set_onmessage(socket, NULL, NULL, NULL, NULL);
    domws_socket_set_onerror(socket, NULL, NULL, NULL, NULL);
    domws_socket_set_onclose(socket, NULL, NULL, NULL, NULL);
}

void websocket_close_all(struct page *page) {
    while (page->sockets) {
        struct websocket *websocket = page->sockets;
        bool is_pinned = websocket->is_pinned;
        unlink_from_page(websocket);
        unhook(websocket->socket);
        domws_socket_close(websocket->socket, NULL);
        websocket->is_over = true;
        websocket->is_pinned = false;
        if (is_pinned)
            JS_FreeValue(page->context, websocket->target.object);
    }
}

/* The library closes a socket that nobody has any more. */
static void finalize(struct event_target *target) {
    struct websocket *websocket = (struct websocket *)target;
    unlink_from_page(websocket);
    unhook(websocket->socket);
    domws_socket_release(websocket->socket);
}

static const struct event_target_kind kind = {WEB_SOCKET, changed, finalize};

/* Fills in what a MessageEvent or CloseEvent has. False with an exception pending. */
typedef bool fill_event(struct websocket *websocket, JSValueConst event, const domws_event *source);

/* DOM "fire an event". It is not made where nobody would hear of it. */
static void fire(struct websocket *websocket, enum event_type type, enum interface interface, fill_event *fill,
                 const domws_event *source) {
    struct page *page = websocket->page;
    JSContext *context = page->context;
    JSAtom atom = page->event_types[type];
    JSValue object = JS_DupValue(context, websocket->target.object), event;
    page_retain(page);
    if (event_target_listens(&websocket->target, atom)) {
        event = event_new(page, interface, atom);
        if (JS_IsException(event) || (fill && !fill(websocket, event, source)))
            page_report(page);
        else
            event_target_dispatch(page, object, &websocket->target, event);
        JS_FreeValue(context, event);
    }
    websocket->is_over |= type == CLOSE;
    update_pin(websocket);
    JS_FreeValue(context, object);
    page_release(page);
}

static bool set(struct page *page, JSValueConst event, int member, JSValue value) {
    event_set(page, event, member, value);
    return !JS_IsException(value);
}

static JSValue new_string(JSContext *context, domws_string text) {
    return JS_NewStringLen(context, text.data ? text.data : "", text.len);
}

static JSValue message_data(struct page *page, const domws_event *source) {
    domws_bytes bytes = domws_event_bytes(source);
    switch (domws_event_data_type(source)) {
    case DOMWS_DATA_TYPE_TEXT:
        return new_string(page->context, domws_event_text(source));
    case DOMWS_DATA_TYPE_ARRAY_BUFFER:
        return JS_NewArrayBufferCopy(page->context, bytes.data, bytes.len);
    default:
        return blob_new(page, bytes);
    }
}

static bool fill_message(struct websocket *websocket, JSValueConst event, const domws_event *source) {
    struct page *page = websocket->page;
    return set(page, event, MESSAGE_DATA, message_data(page, source)) &&
           set(page, event, MESSAGE_ORIGIN, new_string(page->context, domws_event_origin(source)));
}

static bool fill_close(struct websocket *websocket, JSValueConst event, const domws_event *source) {
    struct page *page = websocket->page;
    return set(page, event, CLOSE_WAS_CLEAN, JS_NewBool(page->context, domws_event_was_clean(source))) &&
           set(page, event, CLOSE_CODE, JS_NewInt32(page->context, domws_event_code(source))) &&
           set(page, event, CLOSE_REASON, new_string(page->context, domws_event_reason(source)));
}

static void on_open(domws_socket *socket, domws_event *event, void *data) {
    (void)socket;
    fire(data, OPEN, EVENT, NULL, event);
}

static void on_message(domws_socket *socket, domws_event *event, void *data) {
    (void)socket;
    fire(data, MESSAGE, MESSAGE_EVENT, fill_message, event);
}

static void on_error(domws_socket *socket, domws_event *event, void *data) {
    (void)socket;
    fire(data, ERROR, EVENT, NULL, event);
}

static void on_close(domws_socket *socket, domws_event *event, void *data) {
    (void)socket;
    fire(data, CLOSE, CLOSE_EVENT, fill_close, event);
}

static bool add_protocol(JSContext *context, JSValueConst value, void *data) {
    size_t length;
    const char *protocol = JS_ToCStringLen(context, &length, value);
    domws_error error;
    bool is_added;
    if (!protocol)
        return false;
    is_added = domws_socket_options_add_protocol(data, (domws_string){protocol, length}, &error);
    JS_FreeCString(context, protocol);
    if (!is_added)
        convert_throw(context, &error);
    return is_added;
}

/* (DOMString or sequence<DOMString>) protocols = [] */
static bool read_protocols(JSContext *context, JSValueConst value, domws_socket_options *options) {
    bool is_sequence;
    return JS_IsUndefined(value) || (convert_sequence(context, value, add_protocol, options, &is_sequence) &&
                                     (is_sequence || add_protocol(context, value, options)));
}

static bool hook(struct websocket *websocket, domws_error *error) {
    domws_socket *socket = websocket->socket;
    return domws_socket_set_onopen(socket, on_open, websocket, NULL, error) &&
           domws_socket_set_onmessage(socket, on_message, websocket, NULL, error) &&
           domws_socket_set_onerror(socket, on_error, websocket, NULL, error) &&
           domws_socket_set_onclose(socket, on_close, websocket, NULL, error);
}

/* Has the library open a socket for an object. False with an exception pending, and the object is as it was. */
static bool open_socket(struct page *page, JSValueConst object, domws_string url, const domws_socket_options *options) {
    JSContext *context = page->context;
    struct websocket *websocket = js_mallocz(context, sizeof *websocket);
    domws_error error;
    if (!websocket)
        return false;
    websocket->socket = domws_socket_new(page->loop, url, options, &error);
    if (!websocket->socket) {
        js_free(context, websocket);
        convert_throw(context, &error);
        return false;
    }
    if (!hook(websocket, &error)) {
        unhook(websocket->socket);
        domws_socket_release(websocket->socket);
        js_free(context, websocket);
        convert_throw(context, &error);
        return false;
    }
    link_to_page(websocket, page);
    event_target_attach(object, &websocket->target, &kind);
    return true;
}

static JSValue construct(JSContext *context, JSValueConst new_target, int argc, JSValueConst *argv) {
    struct page *page = page_of(context);
    JSValue object = JS_EXCEPTION;
    domws_socket_options *options;
    domws_error error;
    const char *url;
    size_t length;
    if (interface_lacks(context, argc, 1))
        return JS_EXCEPTION;
    options = domws_socket_options_new(&error);
    if (!options || !domws_socket_options_set_document(options, page->document, &error) ||
        !domws_socket_options_set_user_agent(options, page->user_agent, &error)) {
        domws_socket_options_release(options);
        return convert_throw(context, &error);
    }
    url = JS_ToCStringLen(context, &length, argv[0]);
    if (url && read_protocols(context, interface_argument(argc, argv, 1), options))
        object = interface_construct(context, new_target, WEB_SOCKET, page->target_class);
    if (!JS_IsException(object) && !open_socket(page, object, (domws_string){url, length}, options)) {
        JS_FreeValue(context, object);
        object = JS_EXCEPTION;
    }
    JS_FreeCString(context, url);
    domws_socket_options_release(options);
    return object;
}

/* NULL, with an exception, where a value is no socket. */
static struct websocket *this_websocket(JSContext *context, JSValueConst value) {
    struct event_target *target = event_target_of(page_of(context), value);
    if (target && target->kind == &kind)
        return (struct websocket *)target;
    JS_ThrowTypeError(context, "this is no WebSocket");
    return NULL;
}

enum attribute { URL, READY_STATE, BUFFERED_AMOUNT, EXTENSIONS, PROTOCOL, BINARY_TYPE };

static JSValue get(JSContext *context, JSValueConst this_value, int attribute) {
    const struct websocket *websocket = this_websocket(context, this_value);
    const domws_socket *socket;
    if (!websocket)
        return JS_EXCEPTION;
    socket = websocket->socket;
    switch ((enum attribute)attribute) {
    case URL:
        return new_string(context, domws_socket_url(socket));
    case READY_STATE:
        return JS_NewInt32(context, (int32_t)domws_socket_ready_state(socket));
    case BUFFERED_AMOUNT:
        return JS_NewInt64(context, (int64_t)domws_socket_buffered_amount(socket));
    case EXTENSIONS:
        return new_string(context, domws_socket_extensions(socket));
    case PROTOCOL:
        return new_string(context, domws_socket_protocol(socket));
    case BINARY_TYPE:
        return JS_NewString(context,
                            domws_socket_binary_type(socket) == DOMWS_BINARY_TYPE_BLOB ? "blob" : "arraybuffer");
    }
    return JS_UNDEFINED;
}

/* WebIDL enumeration: an attribute that is set to anything else stays as it is. */
static JSValue set_binary_type(JSContext *context, JSValueConst this_value, JSValueConst value, int attribute) {
    const struct websocket *websocket = this_websocket(context, this_value);
    const char *type = websocket ? JS_ToCString(context, value) : NULL;
    domws_error error;
    bool is_set = true;
    (void)attribute;
    if (!type)
        return JS_EXCEPTION;
    if (strcmp(type, "blob") == 0)
        is_set = domws_socket_set_binary_type(websocket->socket, DOMWS_BINARY_TYPE_BLOB, &error);
    else if (strcmp(type, "arraybuffer") == 0)
        is_set = domws_socket_set_binary_type(websocket->socket, DOMWS_BINARY_TYPE_ARRAY_BUFFER, &error);
    JS_FreeCString(context, type);
    return is_set ? JS_UNDEFINED : convert_throw(context, &error);
}

static JSValue get_handler(JSContext *context, JSValueConst this_value, int type) {
    const struct websocket *websocket = this_websocket(context, this_value);
    if (!websocket)
        return JS_EXCEPTION;
    return event_target_handler(context, &websocket->target, page_of(context)->event_types[type]);
}

static JSValue set_handler(JSContext *context, JSValueConst this_value, JSValueConst value, int type) {
    struct websocket *websocket = this_websocket(context, this_value);
    if (!websocket)
        return JS_EXCEPTION;
    return event_target_set_handler(context, &websocket->target, page_of(context)->event_types[type], value);
}

/* send((BufferSource or Blob or USVString) data) */
static JSValue send(JSContext *context, JSValueConst this_value, int argc, JSValueConst *argv) {
    struct websocket *websocket = this_websocket(context, this_value);
    domws_bytes bytes;
    domws_error error;
    bool is_binary;
    if (!websocket || interface_lacks(context, argc, 1))
        return JS_EXCEPTION;
    is_binary = blob_bytes(page_of(context), argv[0], &bytes);
    if (!is_binary && !convert_to_bytes(context, argv[0], &bytes, &is_binary))
        return JS_EXCEPTION;
    if (is_binary) {
        domws_socket_send_bytes(websocket->socket, bytes, &error);
    } else {
        size_t length;
        const char *text = JS_ToCStringLen(context, &length, argv[0]);
        if (!text)
            return JS_EXCEPTION;
        domws_socket_send_text(websocket->socket, (domws_string){text, length}, &error);
        JS_FreeCString(context, text);
    }
    return error.kind == DOMWS_ERROR_KIND_NONE ? JS_UNDEFINED : convert_throw(context, &error);
}

/* close(optional [Clamp] unsigned short code, optional USVString reason) */
static JSValue close(JSContext *context, JSValueConst this_value, int argc, JSValueConst *argv) {
    struct websocket *websocket = this_websocket(context, this_value);
    JSValueConst code = interface_argument(argc, argv, 0), reason = interface_argument(argc, argv, 1);
    uint16_t number;
    size_t length = 0;
    const char *text = NULL;
    domws_error error;
    if (!websocket || (!JS_IsUndefined(code) && !convert_to_clamped_unsigned_short(context, code, &number)))
        return JS_EXCEPTION;
    if (!JS_IsUndefined(reason) && !(text = JS_ToCStringLen(context, &length, reason)))
        return JS_EXCEPTION;
    domws_socket_close_with(websocket->socket, JS_IsUndefined(code) ? DOMWS_NO_CODE : number,
                            (domws_string){text, length}, &error);
    JS_FreeCString(context, text);
    update_pin(websocket);
    return error.kind == DOMWS_ERROR_KIND_NONE ? JS_UNDEFINED : convert_throw(context, &error);
}

static const JSCFunctionListEntry functions[] = {
    ATTRIBUTE_MAGIC("url", get, NULL, URL),
    ATTRIBUTE_MAGIC("readyState", get, NULL, READY_STATE),
    ATTRIBUTE_MAGIC("bufferedAmount", get, NULL, BUFFERED_AMOUNT),
    ATTRIBUTE_MAGIC("onopen", get_handler, set_handler, OPEN),
    ATTRIBUTE_MAGIC("onerror", get_handler, set_handler, ERROR),
    ATTRIBUTE_MAGIC("onclose", get_handler, set_handler, CLOSE),
    ATTRIBUTE_MAGIC("extensions", get, NULL, EXTENSIONS),
    ATTRIBUTE_MAGIC("protocol", get, NULL, PROTOCOL),
    OPERATION("close", 0, close),
    ATTRIBUTE_MAGIC("onmessage", get_handler, set_handler, MESSAGE),
    ATTRIBUTE_MAGIC("binaryType", get, set_binary_type, BINARY_TYPE),
    OPERATION("send", 1, send),
    TO_STRING_TAG("WebSocket"),
};
static const JSCFunctionListEntry constants[] = {
    CONSTANT("CONNECTING", DOMWS_READY_STATE_CONNECTING),
    CONSTANT("OPEN", DOMWS_READY_STATE_OPEN),
    CONSTANT("CLOSING", DOMWS_READY_STATE_CLOSING),
    CONSTANT("CLOSED", DOMWS_READY_STATE_CLOSED),
};
static const struct interface_definition definition = {.name = "WebSocket",
                                                       .constructor = construct,
                                                       .length = 1,
                                                       .parent = EVENT_TARGET,
                                                       .members = functions,
                                                       .constants = constants,
                                                       .member_count = COUNT(functions),
                                                       .constant_count = COUNT(constants)};

bool websocket_define(struct page *page) {
    return interface_define(page, WEB_SOCKET, &definition);
}
