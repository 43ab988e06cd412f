/* A client's connection, and what becomes of it. */
#ifndef MEETING_H
#define MEETING_H

#include "check.h"

struct outcome {
    domws_server *server;
    int opened, received;
    unsigned status;
    domws_failure failure;
    int steps[DOMWS_STEP_FAILED + 1];
};

static inline void outcome_open(domws_socket *socket, domws_event *event, void *data) {
    (void)event;
    ++((struct outcome *)data)->opened;
    CHECK(domws_socket_send_text(socket, domws_str("hello"), NULL));
}

static inline void outcome_message(domws_socket *socket, domws_event *event, void *data) {
    CHECK(is(domws_event_text(event), "hello"));
    ++((struct outcome *)data)->received;
    CHECK(domws_socket_close(socket, NULL));
}

static inline void outcome_close(domws_socket *socket, domws_event *event, void *data) {
    (void)socket, (void)event;
    domws_server_close(((struct outcome *)data)->server);
}

static inline void outcome_observe(const domws_observation *observation, void *data) {
    struct outcome *outcome = data;
    ++outcome->steps[domws_observation_step(observation)];
    if (domws_observation_step(observation) == DOMWS_STEP_FAILED) {
        outcome->failure = domws_observation_failure(observation);
        outcome->status = domws_observation_status(observation);
    }
}

static inline void outcome_echo(domws_socket *socket, domws_event *event, void *data) {
    (void)data;
    CHECK(domws_socket_send_text(socket, domws_event_text(event), NULL));
}

static inline void outcome_connection(domws_socket *socket, domws_request *request, void *data) {
    (void)request, (void)data;
    CHECK(domws_socket_set_onmessage(socket, outcome_echo, NULL, NULL, NULL));
}

/* Opens the URL with these settings, which it gives back; says "hello" to the server, which is closed at the end. */
static inline struct outcome meet(domws_loop *loop, domws_server *server, const char *url, domws_user_agent_options *settings) {
    struct outcome outcome = {.server = server};
    domws_socket_options *options = domws_socket_options_new(NULL);
    domws_user_agent *agent;
    domws_socket *socket;
    CHECK(domws_server_set_onconnection(server, outcome_connection, NULL, NULL, NULL));
    CHECK(domws_user_agent_options_set_observer(settings, outcome_observe, &outcome, NULL, NULL));
    agent = domws_user_agent_new(settings, NULL);
    domws_user_agent_options_release(settings);
    CHECK(domws_socket_options_set_user_agent(options, agent, NULL));
    domws_user_agent_release(agent);
    socket = open_socket(loop, url, options);
    domws_socket_options_release(options);
    CHECK(domws_socket_set_onopen(socket, outcome_open, &outcome, NULL, NULL));
    CHECK(domws_socket_set_onmessage(socket, outcome_message, &outcome, NULL, NULL));
    CHECK(domws_socket_set_onclose(socket, outcome_close, &outcome, NULL, NULL));
    CHECK(domws_loop_run(loop, NULL));
    domws_socket_release(socket);
    return outcome;
}

#endif
