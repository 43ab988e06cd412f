/* many [IN_A_ROW AT_ONCE]: so many sockets are opened and closed one behind the other, then so many are open at once. What is
 * allocated is not a byte more than before. (It wants GLIBC_TUNABLES=glibc.malloc.tcache_count=0: glibc counts what a thread keeps
 * for its next allocation as in use.) */
#include "check.h"
#include <malloc.h>
#include <sys/resource.h>

struct crowd {
    domws_loop *loop;
    domws_server *server;
    char url[64];
    size_t to_open, at_once, open, received, closed, destroyed;
    domws_socket **sockets;
};

static size_t in_use(void) {
    return mallinfo2().uordblks;
}

static void destroy(void *data) {
    ++((struct crowd *)data)->destroyed;
}

static void open_next(struct crowd *crowd);

static void echo(domws_socket *socket, domws_event *event, void *data) {
    (void)data;
    CHECK(domws_socket_send_text(socket, domws_event_text(event), NULL));
}

static void on_connection(domws_socket *socket, domws_request *request, void *data) {
    (void)request;
    CHECK(domws_socket_set_onmessage(socket, echo, data, destroy, NULL));
}

static void on_open(domws_socket *socket, domws_event *event, void *data) {
    struct crowd *crowd = data;
    (void)event;
    ++crowd->open;
    CHECK(domws_socket_send_text(socket, domws_str("hello"), NULL));
}

static void on_message(domws_socket *socket, domws_event *event, void *data) {
    struct crowd *crowd = data;
    CHECK(is(domws_event_text(event), "hello"));
    ++crowd->received;
    if (!crowd->at_once) {
        CHECK(domws_socket_close(socket, NULL));
    } else if (crowd->received == crowd->at_once) {
        CHECK(crowd->open == crowd->at_once);
        for (size_t i = 0; i < crowd->at_once; i++)
            CHECK(domws_socket_close(crowd->sockets[i], NULL));
    }
}

static void on_close(domws_socket *socket, domws_event *event, void *data) {
    struct crowd *crowd = data;
    (void)socket;
    CHECK(domws_event_was_clean(event));
    ++crowd->closed;
    if (crowd->to_open)
        open_next(crowd);
    else if (!crowd->at_once || crowd->closed == crowd->at_once)
        domws_server_close(crowd->server);
}

static domws_socket *open_one(struct crowd *crowd) {
    domws_socket *socket = open_socket(crowd->loop, crowd->url, NULL);
    CHECK(domws_socket_set_onopen(socket, on_open, crowd, destroy, NULL));
    CHECK(domws_socket_set_onmessage(socket, on_message, crowd, destroy, NULL));
    CHECK(domws_socket_set_onclose(socket, on_close, crowd, destroy, NULL));
    return socket;
}

static void open_next(struct crowd *crowd) {
    --crowd->to_open;
    domws_socket_release(open_one(crowd));
}

static struct crowd begin(void) {
    struct crowd crowd = {0};
    crowd.loop = new_loop();
    crowd.server = listen_at(crowd.loop, NULL, crowd.url);
    return crowd;
}

static void run(struct crowd *crowd) {
    CHECK(domws_server_set_onconnection(crowd->server, on_connection, crowd, destroy, NULL));
    CHECK(domws_loop_run(crowd->loop, NULL));
    domws_server_release(crowd->server);
    domws_loop_release(crowd->loop);
}

static void in_a_row(size_t count) {
    struct crowd crowd = begin();
    crowd.to_open = count;
    open_next(&crowd);
    run(&crowd);
    CHECK(crowd.closed == count && crowd.destroyed == 4 * count + 1);
}

static void at_once(size_t count) {
    struct crowd crowd = begin();
    crowd.at_once = count;
    crowd.sockets = calloc(count, sizeof *crowd.sockets);
    for (size_t i = 0; i < count; i++)
        crowd.sockets[i] = open_one(&crowd);
    run(&crowd);
    CHECK(crowd.closed == count && crowd.destroyed == 4 * count + 1);
    for (size_t i = 0; i < count; i++)
        domws_socket_release(crowd.sockets[i]);
    free(crowd.sockets);
}

int main(int argc, char **argv) {
    size_t row = argc > 2 ? (size_t)atol(argv[1]) : 100, crowd = argc > 2 ? (size_t)atol(argv[2]) : 50, before;
    struct rlimit limit;
    CHECK(getrlimit(RLIMIT_NOFILE, &limit) == 0);
    limit.rlim_cur = limit.rlim_max;
    CHECK(setrlimit(RLIMIT_NOFILE, &limit) == 0);
    /* What is made once has been made. */
    in_a_row(10);
    at_once(10);
    before = in_use();
    in_a_row(row);
    CHECK(in_use() <= before);
    at_once(crowd);
    CHECK(in_use() <= before);
    return 0;
}
