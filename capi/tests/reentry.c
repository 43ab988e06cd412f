/* A host that does the wrong thing at any time. A client and a server meet, and each time that C is called, be it by an
 * event, an observer, a task, a checkpoint, or a destructor, is once the time for each of the acts below. */
#include "check.h"

struct world {
    domws_loop *loop;
    domws_server *server;
    domws_socket *socket;
    domws_user_agent *agent;
    domws_document *document;
    domws_handle *handle;
    domws_listener *listener;
    int called, when, registered, destroyed;
    void (*act)(struct world *);
};

static domws_error error;
/* What fails does so for a reason, which is no defect. */
#define TRY(call) ((void)(call), CHECK(error.kind != DOMWS_ERROR_KIND_PANIC))

/* C is called. */
static void now(struct world *world) {
    if (++world->called == world->when)
        world->act(world);
}

static void destroy(void *data) {
    ++((struct world *)data)->destroyed;
    now(data);
}

static void on_event(domws_socket *socket, domws_event *event, void *data) {
    domws_string type = domws_event_type(event);
    size_t len = type.len;
    now(data);
    /* Both are valid still, whatever was given back. */
    CHECK(domws_event_type(event).len == len && domws_socket_url(socket).len > 0);
}

static void on_task(void *data) {
    now(data);
}

static void observe(const domws_observation *observation, void *data) {
    now(data);
    CHECK(domws_observation_text(observation).len > 0);
}

static void on_report(domws_string message, void *data) {
    (void)data;
    fprintf(stderr, "%.*s\n", (int)message.len, message.data);
    CHECK(!"this is called");
}

static void greet(domws_socket *socket, domws_event *event, void *data) {
    (void)event;
    now(data);
    domws_socket_send_text(socket, domws_str("hello"), NULL);
}

static void answer(domws_socket *socket, domws_event *event, void *data) {
    domws_string text = domws_event_text(event);
    now(data);
    domws_socket_send_text(socket, text, NULL);
}

static void on_request(domws_request *request, void *data) {
    now(data);
    CHECK(domws_request_accept(request, domws_str(""), NULL) && domws_request_host(request).len > 0);
}

static void on_connection(domws_socket *socket, domws_request *request, void *data) {
    struct world *world = data;
    ++world->registered;
    domws_socket_set_onmessage(socket, answer, world, destroy, NULL);
    now(data);
    CHECK(domws_socket_url(socket).len > 0 && domws_request_host(request).len > 0);
}

static void hang_up(domws_socket *socket, domws_event *event, void *data) {
    struct world *world = data;
    (void)event;
    now(world);
    domws_server_close(world->server);
    domws_socket_close(socket, NULL);
}

static void close_all(struct world *world) {
    domws_server_close(world->server);
    TRY(domws_socket_close(world->socket, &error));
}

/* A destructor may want to give the same back. */
#define GIVE_BACK(kind, place)      \
    do {                            \
        domws_##kind *had = place;  \
        place = NULL;               \
        domws_##kind##_release(had); \
    } while (0)

static void release_loop(struct world *world) {
    GIVE_BACK(loop, world->loop);
}

static void release_socket(struct world *world) {
    close_all(world);
    GIVE_BACK(socket, world->socket);
}

static void release_server(struct world *world) {
    TRY(domws_socket_close(world->socket, &error));
    GIVE_BACK(server, world->server);
}

static void release_all(struct world *world) {
    GIVE_BACK(user_agent, world->agent);
    GIVE_BACK(document, world->document);
    release_socket(world);
    release_server(world);
    GIVE_BACK(listener, world->listener);
    GIVE_BACK(handle, world->handle);
    release_loop(world);
}

static void turn(struct world *world) {
    TRY(domws_loop_turn(world->loop, &error));
    TRY(domws_loop_run(world->loop, &error));
    close_all(world);
}

static void stop(struct world *world) {
    domws_loop_stop(world->loop);
}

static void set_handlers(struct world *world, domws_event_callback callback) {
    world->registered += 6;
    TRY(domws_socket_set_onopen(world->socket, callback, world, destroy, &error));
    TRY(domws_socket_set_onmessage(world->socket, callback, world, destroy, &error));
    TRY(domws_socket_set_onerror(world->socket, callback, world, destroy, &error));
    TRY(domws_socket_set_onclose(world->socket, callback, world, destroy, &error));
    TRY(domws_socket_set_onend(world->socket, callback, world, destroy, &error));
    TRY(domws_socket_set_ondrain(world->socket, callback, world, destroy, &error));
    TRY(domws_socket_remove_event_listener(world->socket, world->listener, &error));
    close_all(world);
}

static void clear_handlers(struct world *world) {
    set_handlers(world, NULL);
}

static void replace_handlers(struct world *world) {
    set_handlers(world, on_event);
    world->registered += 2;
    TRY(domws_server_set_onrequest(world->server, on_request, world, destroy, &error));
    TRY(domws_server_set_onconnection(world->server, on_connection, world, destroy, &error));
}

static void open_another(struct world *world) {
    domws_socket *socket = domws_socket_new(world->loop, domws_str("ws://127.0.0.1:65531/"), NULL, &error);
    TRY(domws_socket_close_with(socket, 3000, domws_str("x"), &error));
    domws_socket_release(socket);
    close_all(world);
}

static void run_another_loop(struct world *world) {
    int run = 0;
    domws_loop *loop = new_loop();
    CHECK(domws_loop_queue_task(loop, count, &run, count, &error));
    CHECK(domws_loop_run(loop, &error) && run == 2);
    domws_loop_release(loop);
    close_all(world);
}

static void dispatch(struct world *world) {
    domws_event *event = domws_event_new(domws_str("message"), 0, &error);
    TRY(domws_socket_dispatch_event(world->socket, event, &error));
    domws_event_release(event);
    close_all(world);
}

static void run_script(struct world *world) {
    TRY(domws_loop_run_script(world->loop, on_task, world, &error));
    close_all(world);
}

static void queue(struct world *world) {
    world->registered += 3;
    TRY(domws_loop_queue_task(world->loop, on_task, world, destroy, &error));
    TRY(domws_loop_queue_task_after(world->loop, 0, on_task, world, destroy, &error));
    TRY(domws_handle_queue_task(world->handle, on_task, world, destroy, &error));
    ++world->registered;
    TRY(domws_loop_set_microtask_checkpoint(world->loop, NULL, world, destroy, &error));
    close_all(world);
}

static void send_from_afar(struct world *world) {
    domws_remote *remote = domws_socket_remote(world->socket, &error);
    TRY(domws_socket_send_text(world->socket, domws_str("x"), &error));
    TRY(domws_remote_try_send_text(remote, domws_str("y"), &error));
    TRY(domws_socket_finish(world->socket, &error));
    TRY(domws_remote_close(remote, &error));
    domws_remote_release(remote);
    close_all(world);
}

static void unload(struct world *world) {
    domws_document_unload(world->document);
    domws_server_close(world->server);
}

static void (*const ACTS[])(struct world *) = {
    close_all,
    release_loop,
    release_socket,
    release_server,
    release_all,
    turn,
    stop,
    clear_handlers,
    replace_handlers,
    open_another,
    run_another_loop,
    dispatch,
    run_script,
    queue,
    send_from_afar,
    unload,
};

static void open_client(struct world *world, const char *url) {
    domws_user_agent_options *settings = domws_user_agent_options_new(NULL);
    domws_socket_options *options = domws_socket_options_new(NULL);
    world->registered += 2;
    TRY(domws_user_agent_options_set_observer(settings, observe, world, destroy, &error));
    world->agent = domws_user_agent_new(settings, NULL);
    domws_user_agent_options_release(settings);
    world->document = domws_document_new(domws_str("http://example.com/"), domws_str(""), NULL);
    TRY(domws_socket_options_set_observer(options, observe, world, destroy, &error));
    TRY(domws_socket_options_set_user_agent(options, world->agent, &error));
    TRY(domws_socket_options_set_document(options, world->document, &error));
    world->socket = domws_socket_new(world->loop, domws_str(url), options, &error);
    domws_socket_options_release(options);
    world->registered += 4;
    TRY(domws_socket_set_onopen(world->socket, greet, world, destroy, &error));
    TRY(domws_socket_set_onmessage(world->socket, hang_up, world, destroy, &error));
    TRY(domws_socket_set_onclose(world->socket, on_event, world, destroy, &error));
    TRY(domws_socket_add_event_listener(world->socket, domws_str("message"), on_event, world, destroy,
                                        DOMWS_LISTENER_CAPTURE, &world->listener, &error));
}

/* The act at that time. False where nothing was called so often. */
static bool meet(void (*act)(struct world *), int when) {
    struct world world = {.act = act, .when = when};
    char url[64];
    world.loop = new_loop();
    world.handle = domws_loop_handle(world.loop, NULL);
    world.server = listen_at(world.loop, NULL, url);
    world.registered = 5;
    TRY(domws_loop_set_report(world.loop, on_report, &world, destroy, &error));
    TRY(domws_loop_set_microtask_checkpoint(world.loop, on_task, &world, destroy, &error));
    TRY(domws_loop_queue_task(world.loop, on_task, &world, destroy, &error));
    TRY(domws_server_set_onrequest(world.server, on_request, &world, destroy, &error));
    TRY(domws_server_set_onconnection(world.server, on_connection, &world, destroy, &error));
    open_client(&world, url);
    /* It may have been stopped. */
    for (int i = 0; i < 2; i++) {
        TRY(domws_loop_run(world.loop, &error));
        close_all(&world);
    }
    GIVE_BACK(user_agent, world.agent);
    GIVE_BACK(document, world.document);
    GIVE_BACK(listener, world.listener);
    GIVE_BACK(socket, world.socket);
    GIVE_BACK(server, world.server);
    GIVE_BACK(loop, world.loop);
    GIVE_BACK(handle, world.handle);
    CHECK(world.registered == world.destroyed);
    return world.called >= when;
}

int main(void) {
    for (size_t i = 0; i < sizeof ACTS / sizeof *ACTS; i++) {
        int when = 1;
        while (meet(ACTS[i], when))
            ++when;
        CHECK(when > 20);
    }
    return 0;
}
