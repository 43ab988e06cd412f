/* Texts of all kinds, both ways, in both editions. */
#include "check.h"

struct conversation {
    const domws_string *expected;
    size_t count, received;
    void (*speak)(domws_socket *);
    domws_server *server;
};

static void echo(domws_socket *socket, domws_event *event, void *data) {
    (void)data;
    CHECK(domws_socket_send_text(socket, domws_event_text(event), NULL));
}

static void on_connection(domws_socket *socket, domws_request *request, void *data) {
    (void)request, (void)data;
    CHECK(domws_socket_set_onmessage(socket, echo, NULL, NULL, NULL));
}

static void on_open(domws_socket *socket, domws_event *event, void *data) {
    struct conversation *conversation = data;
    CHECK(is(domws_event_type(event), "open") && domws_event_is_trusted(event));
    conversation->speak(socket);
}

static void on_message(domws_socket *socket, domws_event *event, void *data) {
    struct conversation *conversation = data;
    domws_string expected = conversation->expected[conversation->received++];
    domws_string text = domws_event_text(event);
    domws_event *copy = domws_event_copy(event);
    CHECK(text.len == expected.len && memcmp(text.data, expected.data, text.len) == 0);
    domws_event_release(event); /* It is not ours: nothing happens. */
    CHECK(domws_event_text(event).data == text.data);
    CHECK(domws_event_text(copy).len == text.len && (!text.len || domws_event_text(copy).data != text.data));
    domws_event_release(copy);
    if (conversation->received == conversation->count)
        CHECK(domws_socket_close(socket, NULL));
}

static void on_close(domws_socket *socket, domws_event *event, void *data) {
    struct conversation *conversation = data;
    (void)socket;
    CHECK(domws_event_interface(event) == DOMWS_EVENT_INTERFACE_KIND_CLOSE && domws_event_was_clean(event));
    domws_server_close(conversation->server);
}

static void converse(domws_edition edition, void (*speak)(domws_socket *), const domws_string *expected, size_t count) {
    struct conversation conversation = {expected, count, 0, speak, NULL};
    char url[64];
    domws_error error;
    domws_loop *loop = new_loop();
    domws_socket_options *options = domws_socket_options_new(NULL);
    domws_socket *socket;
    conversation.server = listen_at(loop, NULL, url);
    CHECK(domws_server_set_onconnection(conversation.server, on_connection, NULL, NULL, NULL));
    CHECK(domws_socket_options_set_edition(options, edition, NULL));
    CHECK(!domws_socket_options_set_edition(options, (domws_edition)77, &error));
    CHECK(error.kind == DOMWS_ERROR_KIND_INVALID_ARGUMENT);
    socket = open_socket(loop, url, options);
    domws_socket_options_release(options);
    CHECK(domws_socket_edition(socket) == edition);
    CHECK(!domws_socket_send_text(socket, domws_str("x"), &error) && error.kind == DOMWS_ERROR_KIND_INVALID_STATE);
    CHECK(!strcmp(domws_error_name(error.kind), "InvalidStateError") && domws_error_code(error.kind) == 11);
    CHECK(domws_socket_set_onopen(socket, on_open, &conversation, NULL, NULL));
    CHECK(domws_socket_set_onmessage(socket, on_message, &conversation, NULL, NULL));
    CHECK(domws_socket_set_onclose(socket, on_close, &conversation, NULL, NULL));
    CHECK(domws_loop_run(loop, NULL));
    CHECK(conversation.received == count);
    CHECK(domws_socket_ready_state(socket) == DOMWS_READY_STATE_CLOSED);
    domws_socket_release(socket);
    domws_server_release(conversation.server);
    domws_loop_release(loop);
}

static const uint16_t lone[] = {'a', 0xd800, 'b', 0xdc00, 0xd83d, 0xde00};
static const domws_utf16 lone_units = {lone, 6};
/* The same surrogates, as engines write them in bytes. */
static const domws_string lone_bytes = {"a\xed\xa0\x80"
                                        "b\xed\xb0\x80\xf0\x9f\x98\x80",
                                        12};
static const domws_string replaced = {"a\xef\xbf\xbd"
                                      "b\xef\xbf\xbd\xf0\x9f\x98\x80",
                                      12};
static const domws_string with_nuls = {"a\0b\0", 4};
static const domws_string empty = {NULL, 0};
static const domws_string cut = {"\xe2\x82", 2};
static const domws_string not_cut = {"\xef\xbf\xbd", 3};

static void speak_living(domws_socket *socket) {
    CHECK(domws_socket_send_utf16(socket, lone_units, NULL));
    CHECK(domws_socket_send_text(socket, lone_bytes, NULL));
    CHECK(domws_socket_try_send_utf16(socket, lone_units, NULL));
    CHECK(domws_socket_try_send_text(socket, lone_bytes, NULL));
    CHECK(domws_socket_send_text(socket, with_nuls, NULL));
    CHECK(domws_socket_send_text(socket, empty, NULL));
    CHECK(domws_socket_send_text(socket, cut, NULL));
}

static void speak_html5(domws_socket *socket) {
    domws_error error;
    domws_bytes bytes = {(const uint8_t *)"x", 1};
    CHECK(!domws_socket_send_utf16(socket, lone_units, &error) && error.kind == DOMWS_ERROR_KIND_SYNTAX);
    CHECK(!domws_socket_send_text(socket, lone_bytes, &error) && error.kind == DOMWS_ERROR_KIND_SYNTAX);
    CHECK(!domws_socket_try_send_utf16(socket, lone_units, &error) && error.kind == DOMWS_ERROR_KIND_SYNTAX);
    CHECK(!domws_socket_try_send_text(socket, lone_bytes, &error) && error.kind == DOMWS_ERROR_KIND_SYNTAX);
    CHECK(!domws_socket_send_bytes(socket, bytes, &error) && error.kind == DOMWS_ERROR_KIND_NOT_SUPPORTED);
    CHECK(domws_socket_send_text(socket, with_nuls, NULL));
    CHECK(domws_socket_send_text(socket, empty, NULL));
}

static void conversions(void) {
    uint16_t units[6];
    char bytes[16];
    CHECK(domws_string_to_utf16(replaced, NULL, 0) == 6);
    CHECK(domws_string_to_utf16(lone_bytes, units, 6) == 6);
    CHECK(units[1] == 0xfffd && units[3] == 0xfffd && units[4] == 0xd83d && units[5] == 0xde00);
    memset(bytes, '!', sizeof bytes);
    CHECK(domws_string_from_utf16(lone_units, bytes, 5) == 12);
    CHECK(memcmp(bytes, "a\xef\xbf\xbd"
                        "b!",
                 6) == 0);
    CHECK(domws_string_from_utf16(lone_units, bytes, sizeof bytes) == 12 && !memcmp(bytes, replaced.data, 12));
    /* What there can't be. */
    CHECK(domws_string_to_utf16((domws_string){NULL, 1}, units, 6) == 0);
    CHECK(domws_string_to_utf16((domws_string){"x", (size_t)-1}, units, 6) == 0);
    CHECK(domws_string_from_utf16((domws_utf16){(const uint16_t *)(lone_bytes.data + 1 - ((uintptr_t)lone_bytes.data & 1)), 1},
                                  NULL, 0) == 0);
}

int main(void) {
    const domws_string living[] = {replaced, replaced, replaced, replaced, with_nuls, empty, not_cut};
    const domws_string html5[] = {with_nuls, empty};
    converse(DOMWS_EDITION_LIVING, speak_living, living, 7);
    converse(DOMWS_EDITION_HTML5, speak_html5, html5, 2);
    conversions();
    CHECK(!strcmp(domws_error_name((domws_error_kind)77), "UnknownError"));
    return 0;
}
