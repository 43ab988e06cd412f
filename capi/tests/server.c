/* What a server is told, how it answers, and what an observer learns of that. */
#include "check.h"

struct meeting {
    domws_server *server;
    int requests, connections, opened, closed, refused;
    domws_failure failure;
    unsigned status;
};

static void on_request(domws_request *request, void *data) {
    struct meeting *meeting = data;
    domws_error error;
    size_t fields = domws_request_field_count(request);
    bool found = false;
    ++meeting->requests;
    CHECK(is(domws_request_origin(request), "https://example.com"));
    CHECK(domws_request_host(request).len > strlen("127.0.0.1:"));
    CHECK(is(domws_request_field(request, domws_str("X-TEST")), "a b"));
    CHECK(!domws_request_field(request, domws_str("x-none")).data);
    for (size_t i = 0; i < fields; i++)
        found |= is(domws_request_field_name(request, i), "x-test") && is(domws_request_field_value(request, i), "a b");
    CHECK(found && domws_request_field_name(request, fields).len == 0);
    CHECK(is(domws_request_cookie(request, domws_str("session")), "31d4"));
    CHECK(is(domws_request_cookie(request, domws_str("empty")), ""));
    CHECK(!domws_request_cookie(request, domws_str("none")).data);
    if (domws_request_edition(request) == DOMWS_EDITION_LIVING) {
        CHECK(is(domws_request_protocol(request, 0), "chat") && is(domws_request_protocol(request, 1), "superchat"));
        CHECK(domws_request_protocol(request, 2).len == 0);
    }
    if (is(domws_request_resource_name(request), "/refused?x=y")) {
        CHECK(domws_request_accept(request, domws_str(""), &error));
        CHECK(domws_request_refuse(request, &error));
    } else if (!is(domws_request_resource_name(request), "/unanswered")) {
        CHECK(domws_request_accept(request, domws_str("superchat"), &error));
    }
}

static void on_message(domws_socket *socket, domws_event *event, void *data) {
    (void)data;
    CHECK(domws_event_data_type(event) == DOMWS_DATA_TYPE_BLOB && domws_event_text(event).len == 0);
    CHECK(domws_event_bytes(event).len == 3 && !memcmp(domws_event_bytes(event).data, "\0\1\2", 3));
    CHECK(domws_socket_close_with(socket, 3000, domws_str("be\xc3\xa9n"), NULL));
}

static void on_connection(domws_socket *socket, domws_request *request, void *data) {
    struct meeting *meeting = data;
    domws_error error;
    ++meeting->connections;
    CHECK(!domws_request_accept(request, domws_str(""), &error) && error.kind == DOMWS_ERROR_KIND_GONE);
    CHECK(domws_socket_ready_state(socket) == DOMWS_READY_STATE_OPEN);
    CHECK(is(domws_socket_protocol(socket), "superchat"));
    CHECK(domws_socket_set_onmessage(socket, on_message, NULL, NULL, NULL));
}

static void on_open(domws_socket *socket, domws_event *event, void *data) {
    struct meeting *meeting = data;
    domws_bytes bytes = {(const uint8_t *)"\0\1\2", 3};
    domws_error error;
    (void)event;
    ++meeting->opened;
    CHECK(is(domws_socket_protocol(socket), "superchat"));
    CHECK(domws_socket_extensions(socket).len > 0);
    CHECK(domws_socket_send_bytes(socket, bytes, NULL));
    CHECK(domws_socket_buffered_amount(socket) == 3);
    CHECK(!domws_socket_close_with(socket, 1001, domws_str(""), &error) && error.kind == DOMWS_ERROR_KIND_INVALID_ACCESS);
    CHECK(!domws_socket_close_with(socket, 100000, domws_str(""), &error) && error.kind == DOMWS_ERROR_KIND_INVALID_ACCESS);
    CHECK(domws_socket_set_binary_type(socket, DOMWS_BINARY_TYPE_ARRAY_BUFFER, NULL));
    CHECK(domws_socket_binary_type(socket) == DOMWS_BINARY_TYPE_ARRAY_BUFFER);
}

static void on_close(domws_socket *socket, domws_event *event, void *data) {
    struct meeting *meeting = data;
    ++meeting->closed;
    if (meeting->opened) {
        CHECK(domws_event_was_clean(event) && domws_event_code(event) == 3000);
        CHECK(is(domws_event_reason(event), "be\xc3\xa9n"));
    } else {
        CHECK(!domws_event_was_clean(event) && domws_event_code(event) == 1006);
        CHECK(domws_socket_protocol(socket).len == 0);
    }
    domws_server_close(meeting->server);
}

static void observe(const domws_observation *observation, void *data) {
    struct meeting *meeting = data;
    CHECK(domws_observation_socket(observation) == 1 && domws_observation_url(observation).len > 0);
    CHECK(domws_observation_text(observation).len > 0);
    if (domws_observation_step(observation) == DOMWS_STEP_FAILED) {
        meeting->failure = domws_observation_failure(observation);
        meeting->status = domws_observation_status(observation);
    }
}

static struct meeting meet(const char *path, domws_edition edition) {
    struct meeting meeting = {0};
    char url[64], whole[128];
    domws_error error;
    domws_loop *loop = new_loop();
    domws_socket_options *options = domws_socket_options_new(NULL);
    domws_user_agent_options *settings = domws_user_agent_options_new(NULL);
    domws_user_agent *agent;
    domws_socket *socket;
    meeting.server = listen_at(loop, NULL, url);
    snprintf(whole, sizeof whole, "ws://127.0.0.1:%u%s", domws_server_port(meeting.server), path);
    CHECK(domws_server_set_onrequest(meeting.server, on_request, &meeting, NULL, NULL));
    CHECK(domws_server_set_onconnection(meeting.server, on_connection, &meeting, NULL, NULL));
    CHECK(domws_user_agent_options_set_observer(settings, observe, &meeting, NULL, NULL));
    CHECK(domws_user_agent_options_add_header(settings, domws_str("X-Test"), domws_str("a b"), NULL));
    CHECK(!domws_user_agent_options_add_header(settings, domws_str("Host"), domws_str("x"), &error));
    CHECK(error.kind == DOMWS_ERROR_KIND_INVALID_ARGUMENT);
    agent = domws_user_agent_new(settings, NULL);
    domws_user_agent_options_release(settings);
    CHECK(domws_socket_options_set_user_agent(options, agent, NULL));
    domws_user_agent_release(agent);
    CHECK(domws_socket_options_set_edition(options, edition, NULL));
    CHECK(domws_socket_options_set_origin(options, domws_str("https://example.com"), NULL));
    CHECK(domws_socket_options_add_header(options, domws_str("Cookie"), domws_str("session=31d4; empty="), NULL));
    CHECK(!domws_socket_options_add_header(options, domws_str("a\nb"), domws_str("x"), NULL));
    CHECK(domws_socket_options_add_protocol(options, domws_str("chat"), NULL));
    if (edition == DOMWS_EDITION_LIVING)
        CHECK(domws_socket_options_add_protocol(options, domws_str("superchat"), NULL));
    socket = domws_socket_new(loop, domws_str(whole), options, &error);
    CHECK(error.kind == DOMWS_ERROR_KIND_NONE);
    domws_socket_options_release(options);
    CHECK(domws_socket_set_onopen(socket, on_open, &meeting, NULL, NULL));
    CHECK(domws_socket_set_onclose(socket, on_close, &meeting, NULL, NULL));
    CHECK(domws_loop_run(loop, NULL));
    domws_socket_release(socket);
    domws_server_release(meeting.server);
    domws_loop_release(loop);
    CHECK(meeting.requests == 1 && meeting.closed == 1);
    return meeting;
}

int main(void) {
    struct meeting meeting = meet("/chat", DOMWS_EDITION_LIVING);
    CHECK(meeting.connections == 1 && meeting.opened == 1 && meeting.failure == DOMWS_FAILURE_NONE);
    meeting = meet("/refused?x=y", DOMWS_EDITION_LIVING);
    CHECK(meeting.opened == 0 && meeting.failure == DOMWS_FAILURE_STATUS && meeting.status == 403);
    meeting = meet("/unanswered", DOMWS_EDITION_LIVING);
    CHECK(meeting.opened == 0 && meeting.failure == DOMWS_FAILURE_STATUS && meeting.status == 403);
    meeting = meet("/refused?x=y", DOMWS_EDITION_HTML5);
    CHECK(meeting.opened == 0 && meeting.failure != DOMWS_FAILURE_NONE);
    return 0;
}
