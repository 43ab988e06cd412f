/* Events of C's own, at sockets that are connected to nothing. */
#include "check.h"

struct heard {
    domws_event *made, *copy;
    domws_socket *socket;
    int called, inner;
};

static domws_socket *any_socket(domws_loop *loop) {
    return open_socket(loop, "ws://127.0.0.1:65531/", NULL);
}

static void prevent(domws_socket *socket, domws_event *event, void *data) {
    struct heard *heard = data;
    domws_error error;
    ++heard->called;
    CHECK(socket == heard->socket && is(domws_event_type(event), "greeting"));
    CHECK(domws_event_interface(event) == DOMWS_EVENT_INTERFACE_KIND_EVENT && !domws_event_is_trusted(event));
    /* It is under way: by either pointer. */
    CHECK(!domws_socket_dispatch_event(socket, event, &error) && error.kind == DOMWS_ERROR_KIND_INVALID_STATE);
    CHECK(!domws_socket_dispatch_event(socket, heard->made, &error) && error.kind == DOMWS_ERROR_KIND_INVALID_STATE);
    domws_event_prevent_default(event);
    /* It stays until all have heard of it. */
    domws_event_release(heard->made);
    heard->made = NULL;
    CHECK(is(domws_event_type(event), "greeting"));
}

static void also(domws_socket *socket, domws_event *event, void *data) {
    (void)socket;
    ++((struct heard *)data)->called;
    CHECK(domws_event_default_prevented(event) == domws_event_cancelable(event));
    domws_event_stop_immediate_propagation(event);
}

static void never(domws_socket *socket, domws_event *event, void *data) {
    (void)socket, (void)event, (void)data;
    CHECK(!"this is called");
}

static bool listen_to(domws_socket *socket, const char *type, domws_event_callback callback, void *data) {
    return domws_socket_add_event_listener(socket, domws_str(type), callback, data, NULL, 0, NULL, NULL);
}

static void plain_events(void) {
    struct heard heard = {0};
    domws_error error;
    domws_loop *loop = new_loop();
    heard.socket = any_socket(loop);
    CHECK(listen_to(heard.socket, "greeting", prevent, &heard) && listen_to(heard.socket, "greeting", also, &heard));
    CHECK(listen_to(heard.socket, "greeting", never, &heard));
    heard.made = domws_event_new(domws_str("greeting"), DOMWS_EVENT_CANCELABLE, &error);
    CHECK(heard.made && error.kind == DOMWS_ERROR_KIND_NONE && !domws_event_bubbles(heard.made));
    CHECK(!domws_socket_dispatch_event(heard.socket, heard.made, &error) && error.kind == DOMWS_ERROR_KIND_NONE);
    CHECK(heard.called == 2);
    heard.made = domws_event_new(domws_str("greeting"), DOMWS_EVENT_BUBBLES, NULL);
    CHECK(domws_event_bubbles(heard.made) && !domws_event_cancelable(heard.made));
    CHECK(domws_socket_dispatch_event(heard.socket, heard.made, &error) && heard.called == 4);
    domws_socket_release(heard.socket);
    domws_loop_release(loop);
}

static void on_message(domws_socket *socket, domws_event *event, void *data) {
    struct heard *heard = data;
    (void)socket;
    ++heard->called;
    CHECK(domws_event_data_type(event) == DOMWS_DATA_TYPE_TEXT && is(domws_event_text(event), "\xef\xbf\xbdy"));
    CHECK(is(domws_event_origin(event), "https://example.com"));
    domws_event_prevent_default(event);
    domws_event_release(heard->copy);
    heard->copy = domws_event_copy(event);
    /* Nobody gave this one. */
    domws_event_release(event);
}

static void on_close(domws_socket *socket, domws_event *event, void *data) {
    (void)socket;
    ++((struct heard *)data)->called;
    CHECK(domws_event_was_clean(event) && domws_event_code(event) == 4001 && is(domws_event_reason(event), "why"));
}

static void messages_and_ends(void) {
    struct heard heard = {0};
    domws_error error;
    domws_bytes data = {(const uint8_t *)"\xff" "y", 2};
    domws_loop *loop = new_loop();
    domws_event *event;
    heard.socket = any_socket(loop);
    CHECK(domws_socket_set_onmessage(heard.socket, on_message, &heard, NULL, NULL));
    CHECK(domws_socket_set_onclose(heard.socket, on_close, &heard, NULL, NULL));
    CHECK(!domws_event_new_message(domws_str("message"), 0, DOMWS_DATA_TYPE_NONE, data, domws_str(""), &error));
    CHECK(error.kind == DOMWS_ERROR_KIND_INVALID_ARGUMENT);
    event = domws_event_new_message(domws_str("message"), DOMWS_EVENT_CANCELABLE, DOMWS_DATA_TYPE_TEXT, data,
                                    domws_str("https://example.com"), &error);
    CHECK(!domws_socket_dispatch_event(heard.socket, event, NULL) && domws_event_default_prevented(event));
    /* It can be dispatched again, elsewhere too. */
    CHECK(!domws_socket_dispatch_event(heard.socket, event, NULL) && heard.called == 2);
    domws_event_release(event);
    /* A copy is no event. */
    CHECK(domws_event_default_prevented(heard.copy) && domws_event_cancelable(heard.copy));
    CHECK(!domws_socket_dispatch_event(heard.socket, heard.copy, &error));
    CHECK(error.kind == DOMWS_ERROR_KIND_INVALID_ARGUMENT && is(domws_event_text(heard.copy), "\xef\xbf\xbdy"));
    event = domws_event_copy(heard.copy);
    CHECK(is(domws_event_origin(event), "https://example.com"));
    domws_event_release(event);
    for (int type = DOMWS_DATA_TYPE_BLOB; type <= DOMWS_DATA_TYPE_ARRAY_BUFFER; type++) {
        event = domws_event_new_message(domws_str("other"), 0, (domws_data_type)type, data, domws_str(""), NULL);
        CHECK((int)domws_event_data_type(event) == type && domws_event_text(event).len == 0);
        CHECK(domws_event_bytes(event).len == 2 && memcmp(domws_event_bytes(event).data, data.data, 2) == 0);
        CHECK(domws_socket_dispatch_event(heard.socket, event, NULL));
        domws_event_release(event);
    }
    event = domws_event_new_close(domws_str("close"), 0, true, 4001, domws_str("why"), NULL);
    CHECK(domws_event_interface(event) == DOMWS_EVENT_INTERFACE_KIND_CLOSE);
    CHECK(domws_socket_dispatch_event(heard.socket, event, NULL) && heard.called == 3);
    /* The socket's own state is another thing. */
    CHECK(domws_socket_ready_state(heard.socket) == DOMWS_READY_STATE_CONNECTING);
    domws_loop_release(loop);
    /* Nobody hears it any more. */
    CHECK(domws_socket_dispatch_event(heard.socket, event, &error) && error.kind == DOMWS_ERROR_KIND_NONE);
    CHECK(heard.called == 3);
    domws_event_release(event);
    domws_event_release(heard.copy);
    domws_socket_release(heard.socket);
}

int main(void) {
    plain_events();
    messages_and_ends();
    return 0;
}
