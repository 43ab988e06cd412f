/* glib URL MESSAGE...: a client on GLib's main loop, beside a timeout of GLib's own.
 * A source has GLib wait for the loop's descriptor, and for the time at which it has something to do by itself. */
#include "client.h"
#include <glib.h>
#include <stdio.h>

struct host {
    GSource source;
    domws_loop *loop;
    GMainLoop *glib;
};

static gboolean prepare(GSource *source, gint *timeout) {
    *timeout = domws_loop_timeout(((struct host *)source)->loop);
    return *timeout == 0;
}

/* GLib looks at the descriptor itself. */
static gboolean check(GSource *source) {
    return domws_loop_timeout(((struct host *)source)->loop) == 0;
}

static gboolean dispatch(GSource *source, GSourceFunc callback, gpointer data) {
    struct host *host = (struct host *)source;
    (void)callback, (void)data;
    /* One turn: the descriptor stays readable while there is more to do. */
    if (domws_loop_turn(host->loop, NULL) == DOMWS_TURN_IDLE)
        g_main_loop_quit(host->glib); /* or not, if anything else is left */
    return G_SOURCE_CONTINUE;
}

static void finalize(GSource *source) {
    struct host *host = (struct host *)source;
    domws_loop_release(host->loop);
    g_main_loop_unref(host->glib);
}

static GSourceFuncs functions = {.prepare = prepare, .check = check, .dispatch = dispatch, .finalize = finalize};

static struct host *host_new(domws_loop *loop) {
    struct host *host = (struct host *)g_source_new(&functions, sizeof *host);
    host->loop = loop;
    host->glib = g_main_loop_new(NULL, FALSE);
    g_source_add_unix_fd(&host->source, domws_loop_descriptor(loop, NULL), G_IO_IN);
    g_source_attach(&host->source, NULL);
    return host;
}

static gboolean on_tick(gpointer data) {
    client_tick(data);
    return G_SOURCE_CONTINUE;
}

int main(int argc, char **argv) {
    struct client client;
    domws_error error;
    domws_loop *loop = domws_loop_new(&error);
    if (!loop || domws_loop_descriptor(loop, &error) < 0) {
        fprintf(stderr, "%s: %s\n", domws_error_name(error.kind), error.message);
        domws_loop_release(loop);
        return 1;
    }
    struct host *host = host_new(loop);
    if (client_open(&client, loop, argc, argv)) {
        guint timer = g_timeout_add(CLIENT_INTERVAL, on_tick, &client);
        g_main_loop_run(host->glib);
        g_source_remove(timer);
        client_end(&client);
    }
    g_source_destroy(&host->source);
    g_source_unref(&host->source);
    return client.status;
}
