/* Sockets that other threads send on. */
#include "check.h"
#include <pthread.h>
#include <stdatomic.h>

enum { THREADS = 4, MESSAGES = 300, HIGH_WATER = 2048 };

struct crowd {
    domws_server *server;
    domws_remote *remote;
    atomic_int begun, ended, blocked;
    int next[THREADS], opened, closed;
};

struct member {
    struct crowd *crowd;
    int number;
};

static domws_bytes as_bytes(const char *text) {
    return (domws_bytes){(const uint8_t *)text, strlen(text)};
}

/* In one of the three ways. */
static void send_one(struct member *member, domws_remote *remote, int message) {
    char text[128];
    domws_error error;
    snprintf(text, sizeof text, "%d %d %80s", member->number, message, ".");
    if (message % 3 == 0) {
        CHECK(domws_remote_send_text(remote, domws_str(text), &error) && error.kind == DOMWS_ERROR_KIND_NONE);
    } else if (message % 3 == 1) {
        CHECK(domws_remote_send_bytes(remote, as_bytes(text), NULL));
    } else {
        while (!domws_remote_try_send_text(remote, domws_str(text), &error)) {
            CHECK(error.kind == DOMWS_ERROR_KIND_WOULD_BLOCK);
            ++member->crowd->blocked;
            CHECK(domws_remote_buffered_amount(remote) <= HIGH_WATER);
        }
    }
}

static void *send_all(void *data) {
    struct member *member = data;
    domws_remote *remote = domws_remote_retain(member->crowd->remote);
    CHECK(remote == member->crowd->remote);
    /* All at once. */
    for (++member->crowd->begun; member->crowd->begun < THREADS;) {}
    for (int i = 0; i < MESSAGES; i++)
        send_one(member, remote, i);
    if (++member->crowd->ended == THREADS) {
        domws_error error;
        CHECK(!domws_remote_close_with(remote, 1001, domws_str(""), &error));
        CHECK(error.kind == DOMWS_ERROR_KIND_INVALID_ACCESS && !domws_remote_is_closed(remote));
        CHECK(domws_remote_close_with(remote, 4001, domws_str("all"), NULL) && domws_remote_is_closed(remote));
        CHECK(!domws_remote_send_text(remote, domws_str("late"), &error) && error.kind == DOMWS_ERROR_KIND_CLOSED);
    }
    domws_remote_release(remote);
    return NULL;
}

static void on_message(domws_socket *socket, domws_event *event, void *data) {
    struct crowd *crowd = data;
    int number, message;
    domws_bytes bytes = domws_event_bytes(event);
    char text[128] = "";
    (void)socket;
    CHECK(bytes.len < sizeof text);
    memcpy(text, bytes.data, bytes.len);
    CHECK(sscanf(text, "%d %d", &number, &message) == 2 && number >= 0 && number < THREADS);
    CHECK(message == crowd->next[number]++);
    CHECK((domws_event_data_type(event) == DOMWS_DATA_TYPE_TEXT) == (message % 3 != 1));
}

static void on_close(domws_socket *socket, domws_event *event, void *data) {
    struct crowd *crowd = data;
    (void)socket;
    ++crowd->closed;
    CHECK(domws_event_was_clean(event) && domws_event_code(event) == 4001 && is(domws_event_reason(event), "all"));
    domws_server_close(crowd->server);
}

static void on_connection(domws_socket *socket, domws_request *request, void *data) {
    (void)request;
    ++((struct crowd *)data)->opened;
    CHECK(domws_socket_set_onmessage(socket, on_message, data, NULL, NULL));
    CHECK(domws_socket_set_onclose(socket, on_close, data, NULL, NULL));
}

/* Of little patience: its queues are short. */
static domws_socket *open_short(domws_loop *loop, const char *url) {
    domws_user_agent_options *settings = domws_user_agent_options_new(NULL);
    domws_socket_options *options = domws_socket_options_new(NULL);
    domws_user_agent *agent;
    domws_socket *socket;
    CHECK(domws_user_agent_options_set_limit(settings, DOMWS_LIMIT_HIGH_WATER, HIGH_WATER, NULL));
    CHECK(domws_user_agent_options_set_limit(settings, DOMWS_LIMIT_SEND_QUEUE, 4 * HIGH_WATER, NULL));
    CHECK(domws_user_agent_options_set_timeout(settings, DOMWS_TIMEOUT_LINGER, 600000, NULL));
    CHECK(domws_user_agent_options_set_timeout(settings, DOMWS_TIMEOUT_LINGER, DOMWS_FOREVER, NULL));
    agent = domws_user_agent_new(settings, NULL);
    CHECK(domws_socket_options_set_user_agent(options, agent, NULL));
    socket = open_socket(loop, url, options);
    domws_socket_options_release(options);
    domws_user_agent_release(agent);
    domws_user_agent_options_release(settings);
    return socket;
}

static void many_threads(void) {
    struct crowd crowd = {0};
    struct member members[THREADS];
    pthread_t threads[THREADS];
    char url[64];
    domws_error error;
    domws_loop *loop = new_loop();
    domws_socket *socket;
    crowd.server = listen_at(loop, NULL, url);
    CHECK(domws_server_set_onconnection(crowd.server, on_connection, &crowd, NULL, NULL));
    socket = open_short(loop, url);
    crowd.remote = domws_socket_remote(socket, &error);
    CHECK(crowd.remote && error.kind == DOMWS_ERROR_KIND_NONE);
    /* It is a handle of the socket. */
    domws_socket_release(socket);
    /* The loop's own thread would wait for itself. */
    CHECK(!domws_remote_send_text(crowd.remote, domws_str("x"), &error));
    CHECK(error.kind == DOMWS_ERROR_KIND_WRONG_THREAD);
    for (int i = 0; i < THREADS; i++) {
        members[i] = (struct member){&crowd, i};
        CHECK(pthread_create(&threads[i], NULL, send_all, &members[i]) == 0);
    }
    CHECK(domws_loop_run(loop, NULL));
    for (int i = 0; i < THREADS; i++) {
        pthread_join(threads[i], NULL);
        CHECK(crowd.next[i] == MESSAGES);
    }
    CHECK(crowd.opened == 1 && crowd.closed == 1 && domws_remote_buffered_amount(crowd.remote) == 0);
    CHECK(!domws_remote_try_send_text(crowd.remote, domws_str("x"), &error) && error.kind == DOMWS_ERROR_KIND_CLOSED);
    domws_server_release(crowd.server);
    domws_loop_release(loop);
    domws_remote_release(crowd.remote);
}

static void *wait_for_room(void *data) {
    struct crowd *crowd = data;
    char text[HIGH_WATER];
    domws_error error;
    memset(text, 'x', sizeof text);
    domws_string message = {text, sizeof text};
    /* Where nothing is queued there is room. */
    CHECK(domws_remote_send_text(crowd->remote, message, NULL));
    ++crowd->begun;
    CHECK(!domws_remote_send_text(crowd->remote, message, &error) && error.kind == DOMWS_ERROR_KIND_CLOSED);
    domws_remote_release(crowd->remote);
    return NULL;
}

/* A loop that nobody turns, and that ends, ends the waits for it. */
static void the_loop_ends(void) {
    struct crowd crowd = {0};
    pthread_t thread;
    domws_loop *loop = new_loop();
    domws_socket *socket = open_short(loop, "ws://127.0.0.1:65531/");
    crowd.remote = domws_socket_remote(socket, NULL);
    CHECK(pthread_create(&thread, NULL, wait_for_room, &crowd) == 0);
    while (!crowd.begun) {}
    domws_loop_release(loop);
    pthread_join(thread, NULL);
    domws_socket_release(socket);
}

static void *leave_a_remote(void *data) {
    domws_loop *loop = new_loop();
    domws_socket *socket = open_short(loop, "ws://127.0.0.1:65531/");
    ((struct crowd *)data)->remote = domws_socket_remote(socket, NULL);
    domws_socket_release(socket);
    domws_loop_release(loop);
    return NULL;
}

static void *send_late(void *data) {
    domws_remote *remote = ((struct crowd *)data)->remote;
    domws_error error;
    CHECK(!domws_remote_send_text(remote, domws_str("x"), &error) && error.kind == DOMWS_ERROR_KIND_CLOSED);
    domws_remote_release(remote);
    return NULL;
}

/* A thread can have the place of the loop's, once that has ended. */
static void the_thread_ends(void) {
    struct crowd crowd = {0};
    pthread_t thread;
    CHECK(pthread_create(&thread, NULL, leave_a_remote, &crowd) == 0);
    pthread_join(thread, NULL);
    CHECK(pthread_create(&thread, NULL, send_late, &crowd) == 0);
    pthread_join(thread, NULL);
}

static void refusals(void) {
    static char text[4 * HIGH_WATER + 1];
    domws_error error;
    domws_loop *loop = new_loop();
    domws_socket_options *options = domws_socket_options_new(NULL);
    domws_socket *socket = open_short(loop, "ws://127.0.0.1:65531/");
    domws_remote *remote = domws_socket_remote(socket, NULL), *other;
    CHECK(!domws_remote_try_send_text(remote, (domws_string){text, sizeof text}, &error));
    CHECK(error.kind == DOMWS_ERROR_KIND_TOO_LONG);
    CHECK(domws_remote_close(remote, NULL) && domws_remote_is_closed(remote));
    CHECK(domws_socket_ready_state(socket) == DOMWS_READY_STATE_CONNECTING);
    /* Another one has a queue of its own. */
    other = domws_socket_remote(socket, NULL);
    CHECK(other != remote && !domws_remote_is_closed(other));
    domws_socket_release(socket);
    domws_remote_release(remote);
    domws_remote_release(other);
    CHECK(domws_socket_options_set_edition(options, DOMWS_EDITION_HTML5, NULL));
    socket = open_socket(loop, "ws://127.0.0.1:65531/", options);
    domws_socket_options_release(options);
    remote = domws_socket_remote(socket, NULL);
    CHECK(!domws_remote_try_send_bytes(remote, as_bytes("x"), &error));
    CHECK(error.kind == DOMWS_ERROR_KIND_NOT_SUPPORTED);
    CHECK(!domws_remote_try_send_text(remote, domws_str("\xff"), &error) && error.kind == DOMWS_ERROR_KIND_SYNTAX);
    CHECK(domws_remote_try_send_text(remote, domws_str("x"), NULL) && domws_remote_buffered_amount(remote) == 1);
    domws_socket_release(socket);
    domws_loop_release(loop);
    CHECK(domws_remote_is_closed(remote));
    domws_remote_release(remote);
}

int main(void) {
    many_threads();
    the_loop_ends();
    the_thread_ends();
    refusals();
    return 0;
}
