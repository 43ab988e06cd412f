/* Handles that are given back in every order, in callbacks too, and loops that end in the midst of things. */
#include "check.h"

struct world {
    domws_loop *loop;
    domws_server *server;
    domws_socket *socket;
    domws_listener *listener;
    int called, registered, destroyed;
    /* What the next `message` does. */
    void (*act)(struct world *);
};

static void destroy(void *data) {
    ++((struct world *)data)->destroyed;
}

static void never(domws_socket *socket, domws_event *event, void *data) {
    (void)socket, (void)event, (void)data;
    CHECK(!"this is called");
}

static void abort_never(void *data) {
    (void)data;
    CHECK(!"this is called");
}

static void greet(domws_socket *socket, domws_event *event, void *data) {
    (void)event, (void)data;
    CHECK(domws_socket_send_text(socket, domws_str("one"), NULL));
    CHECK(domws_socket_send_text(socket, domws_str("two"), NULL));
}

static void on_connection(domws_socket *socket, domws_request *request, void *data) {
    struct world *world = data;
    (void)request;
    domws_socket_set_onopen(socket, greet, world, destroy, NULL);
    ++world->registered;
}

static void on_message(domws_socket *socket, domws_event *event, void *data) {
    struct world *world = data;
    CHECK(!world->socket || socket == world->socket);
    CHECK(domws_event_text(event).len == 3);
    ++world->called;
    if (world->act) {
        void (*act)(struct world *) = world->act;
        world->act = NULL;
        act(world);
        /* Both are valid still, whatever was given back. */
        CHECK(domws_event_text(event).len == 3);
        CHECK(domws_socket_url(socket).len > 0);
    }
}

static struct world begin(void (*act)(struct world *)) {
    static char url[64];
    struct world world = {0};
    world.loop = new_loop();
    world.server = listen_at(world.loop, NULL, url);
    world.socket = open_socket(world.loop, url, NULL);
    world.act = act;
    return world;
}

static void listen_to(struct world *world) {
    CHECK(domws_server_set_onconnection(world->server, on_connection, world, destroy, NULL));
    CHECK(domws_socket_set_onmessage(world->socket, on_message, world, destroy, NULL));
    CHECK(domws_socket_add_event_listener(world->socket, domws_str("close"), never, world, destroy, 0,
                                          &world->listener, NULL));
    CHECK(domws_socket_remove_event_listener(world->socket, world->listener, NULL));
    world->registered += 3;
}

static void end(struct world *world) {
    domws_listener_release(world->listener);
    domws_socket_release(world->socket);
    domws_server_release(world->server);
    domws_loop_release(world->loop);
    CHECK(world->registered == world->destroyed);
}

/* Until nothing is left; a connection that stays is closed. */
static void run(struct world *world) {
    CHECK(domws_loop_run(world->loop, NULL));
}

static void close_all(struct world *world) {
    domws_server_close(world->server);
    CHECK(domws_socket_close(world->socket, NULL));
}

static void release_socket(struct world *world) {
    close_all(world);
    domws_socket_release(world->socket);
    world->socket = NULL;
}

static void release_server(struct world *world) {
    CHECK(!world->socket || domws_socket_close(world->socket, NULL));
    domws_server_release(world->server);
    world->server = NULL;
}

static void release_loop(struct world *world) {
    domws_loop_release(world->loop);
    world->loop = NULL;
}

static void release_all(struct world *world) {
    release_loop(world);
    release_socket(world);
    release_server(world);
}

static void replace_handler(struct world *world) {
    int destroyed = world->destroyed;
    CHECK(domws_socket_set_onmessage(world->socket, never, world, destroy, NULL));
    ++world->registered;
    /* The one that runs is kept until it returns. */
    CHECK(world->destroyed == destroyed);
    CHECK(domws_socket_set_onmessage(world->socket, NULL, world, destroy, NULL));
    ++world->registered;
    close_all(world);
}

static void turn_in_a_turn(struct world *world) {
    domws_error error;
    CHECK(domws_loop_turn(world->loop, &error) == DOMWS_TURN_IDLE && error.kind == DOMWS_ERROR_KIND_NONE);
    CHECK(domws_loop_run(world->loop, &error) && error.kind == DOMWS_ERROR_KIND_NONE);
    CHECK(world->called == 1);
    close_all(world);
}

static void stop(struct world *world) {
    domws_loop_stop(world->loop);
}

static void test_in_a_callback(void (*act)(struct world *), int called) {
    struct world world = begin(act);
    listen_to(&world);
    run(&world);
    CHECK(called < 0 || world.called == called);
    end(&world);
}

static void release_two(void *data) {
    struct world *world = data;
    ++world->destroyed;
    domws_socket_release(world->socket);
    domws_server_release(world->server);
    world->socket = NULL;
    world->server = NULL;
}

/* `order` names what is given back: l, s (server), w (socket). */
static void test_order(const char *order, int turns) {
    struct world world = begin(NULL);
    listen_to(&world);
    while (turns--)
        domws_loop_turn(world.loop, NULL);
    for (; *order; order++) {
        switch (*order) {
        case 'l':
            domws_loop_release(world.loop);
            world.loop = NULL;
            break;
        case 's':
            domws_server_release(world.server);
            world.server = NULL;
            break;
        case 'w':
            domws_socket_release(world.socket);
            world.socket = NULL;
            break;
        }
    }
    end(&world);
}

static void use_after_the_loop(void) {
    domws_error error;
    struct world world = begin(NULL);
    listen_to(&world);
    release_loop(&world);
    /* All of these are answered, and none does anything. */
    CHECK(domws_socket_ready_state(world.socket) == DOMWS_READY_STATE_CLOSED);
    CHECK(domws_socket_close(world.socket, &error));
    CHECK(!domws_socket_send_text(world.socket, domws_str("x"), &error) && error.kind == DOMWS_ERROR_KIND_NONE);
    CHECK(!domws_socket_try_send_text(world.socket, domws_str("x"), &error) && error.kind == DOMWS_ERROR_KIND_CLOSED);
    CHECK(domws_socket_set_onclose(world.socket, never, &world, destroy, NULL));
    ++world.registered;
    domws_server_close(world.server);
    CHECK(domws_server_port(world.server) != 0);
    end(&world);
}

static void tasks_go_with_the_loop(void) {
    int destroyed = 0;
    domws_loop *loop = new_loop();
    CHECK(domws_loop_queue_task(loop, count, &destroyed, NULL, NULL));
    CHECK(domws_loop_run(loop, NULL) && destroyed == 1);
    CHECK(domws_loop_queue_task(loop, abort_never, &destroyed, count, NULL));
    CHECK(domws_loop_queue_task_after(loop, 1000000, abort_never, &destroyed, count, NULL));
    CHECK(domws_loop_set_microtask_checkpoint(loop, abort_never, &destroyed, count, NULL));
    domws_loop_release(loop);
    CHECK(destroyed == 4);
}

static void a_failed_registration_destroys(void) {
    int destroyed = 0;
    domws_error error;
    domws_loop *loop = new_loop();
    CHECK(!domws_loop_queue_task(loop, NULL, &destroyed, count, &error));
    CHECK(error.kind == DOMWS_ERROR_KIND_INVALID_ARGUMENT && destroyed == 1);
    CHECK(!domws_socket_set_onopen(NULL, never, &destroyed, count, &error) && destroyed == 2);
    domws_loop_release(loop);
}

static void give_listener_back(void *data) {
    struct world *world = data;
    ++world->destroyed;
    domws_listener_release(world->listener);
    world->listener = NULL;
}

/* Which has only the listener to be removed by: data can own it. */
static void a_listeners_handle_keeps_nothing(void) {
    int destroyed = 0;
    domws_listener *listener;
    struct world world = {0};
    world.loop = new_loop();
    world.socket = open_socket(world.loop, "ws://127.0.0.1:65531/", NULL);
    CHECK(domws_socket_add_event_listener(world.socket, domws_str("x"), never, &destroyed, count, 0, &listener, NULL));
    CHECK(domws_socket_remove_event_listener(world.socket, listener, NULL) && destroyed == 1);
    CHECK(domws_socket_remove_event_listener(world.socket, listener, NULL));
    domws_listener_release(listener);
    CHECK(domws_socket_add_event_listener(world.socket, domws_str("x"), never, &world, give_listener_back, 0,
                                          &world.listener, NULL));
    domws_loop_release(world.loop);
    CHECK(world.destroyed == 1 && !world.listener);
    domws_socket_release(world.socket);
}

static void destroying_gives_back(void) {
    struct world world = begin(NULL);
    CHECK(domws_socket_set_onopen(world.socket, never, &world, release_two, NULL));
    domws_loop_release(world.loop);
    CHECK(world.destroyed == 1 && !world.socket && !world.server);
}

static void checkpoint(void *data) {
    struct world *world = data;
    ++world->called;
}

static void checkpoints_follow_callbacks(void) {
    struct world world = {0};
    world.loop = new_loop();
    CHECK(domws_loop_set_microtask_checkpoint(world.loop, checkpoint, &world, destroy, NULL));
    world.registered = 1;
    CHECK(domws_loop_run_script(world.loop, checkpoint, &world, NULL));
    CHECK(world.called == 2);
    end(&world);
}

int main(void) {
    static const char *const orders[] = {"", "lsw", "lws", "slw", "swl", "wls", "wsl"};
    for (size_t i = 0; i < sizeof orders / sizeof *orders; i++)
        for (int turns = 0; turns < 8; turns++)
            test_order(orders[i], turns);
    test_in_a_callback(close_all, 1);
    test_in_a_callback(release_socket, 1);
    test_in_a_callback(release_server, 1);
    test_in_a_callback(release_loop, 1);
    test_in_a_callback(release_all, 1);
    test_in_a_callback(replace_handler, 1);
    test_in_a_callback(turn_in_a_turn, 1);
    test_in_a_callback(stop, -1);
    use_after_the_loop();
    tasks_go_with_the_loop();
    a_failed_registration_destroys();
    a_listeners_handle_keeps_nothing();
    destroying_gives_back();
    checkpoints_follow_callbacks();
    return 0;
}
