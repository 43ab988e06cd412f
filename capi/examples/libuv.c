/* libuv URL MESSAGE...: a client on libuv's loop, beside a timer of libuv's own.
 * libuv waits for the loop's descriptor, and for the time at which it has something to do by itself. */
#include "client.h"
#include <stdio.h>
#include <uv.h>

struct host {
    domws_loop *loop;
    uv_poll_t poll;
    uv_timer_t timer;
    uv_prepare_t prepare;
};

/* One turn: the descriptor stays readable while there is more to do. A callback of libuv's that opens a socket calls this
 * too, behind that: perhaps nothing else keeps libuv running. */
static void turn(struct host *host) {
    uv_handle_t *poll = (uv_handle_t *)&host->poll;
    /* libuv ends when no handle is left that is active and referred to. */
    if (domws_loop_turn(host->loop, NULL) == DOMWS_TURN_IDLE)
        uv_unref(poll);
    else
        uv_ref(poll);
}

static void on_readable(uv_poll_t *poll, int status, int events) {
    (void)status, (void)events;
    turn(poll->data);
}

static void on_due(uv_timer_t *timer) {
    turn(timer->data);
}

/* Before libuv waits: what ran may have changed the time. */
static void on_prepare(uv_prepare_t *prepare) {
    struct host *host = prepare->data;
    int timeout = domws_loop_timeout(host->loop);
    if (timeout < 0)
        uv_timer_stop(&host->timer);
    else
        uv_timer_start(&host->timer, on_due, (uint64_t)timeout, 0);
}

static void host_begin(struct host *host, uv_loop_t *uv, domws_loop *loop) {
    host->loop = loop;
    host->poll.data = host->timer.data = host->prepare.data = host;
    uv_poll_init(uv, &host->poll, domws_loop_descriptor(loop, NULL));
    uv_poll_start(&host->poll, UV_READABLE, on_readable);
    uv_timer_init(uv, &host->timer);
    uv_unref((uv_handle_t *)&host->timer);
    uv_prepare_init(uv, &host->prepare);
    uv_prepare_start(&host->prepare, on_prepare);
    uv_unref((uv_handle_t *)&host->prepare);
}

/* libuv lets go of the handles in its next round, and of the descriptor at once. */
static void host_end(struct host *host) {
    uv_close((uv_handle_t *)&host->poll, NULL);
    uv_close((uv_handle_t *)&host->timer, NULL);
    uv_close((uv_handle_t *)&host->prepare, NULL);
    domws_loop_release(host->loop);
}

static void on_tick(uv_timer_t *timer) {
    client_tick(timer->data);
}

int main(int argc, char **argv) {
    struct client client;
    struct host host;
    uv_loop_t uv;
    uv_timer_t ticks;
    domws_error error;
    domws_loop *loop = domws_loop_new(&error);
    if (!loop || domws_loop_descriptor(loop, &error) < 0) {
        fprintf(stderr, "%s: %s\n", domws_error_name(error.kind), error.message);
        domws_loop_release(loop);
        return 1;
    }
    uv_loop_init(&uv);
    host_begin(&host, &uv, loop);
    uv_timer_init(&uv, &ticks);
    uv_unref((uv_handle_t *)&ticks);
    ticks.data = &client;
    if (client_open(&client, loop, argc, argv)) {
        uv_timer_start(&ticks, on_tick, CLIENT_INTERVAL, CLIENT_INTERVAL);
        turn(&host);
        uv_run(&uv, UV_RUN_DEFAULT);
        client_end(&client);
    }
    uv_close((uv_handle_t *)&ticks, NULL);
    host_end(&host);
    uv_run(&uv, UV_RUN_DEFAULT);
    uv_loop_close(&uv);
    return client.status;
}
