/* A server that asks who we are, and the answers: at once, later, never. */
#include "meeting.h"

struct login {
    domws_loop *loop;
    domws_challenge *kept;
    int asked, destroyed, good_attempt;
    bool is_late, gives_up;
};

static void on_request(domws_request *request, void *data) {
    (void)data;
    /* user:right */
    if (is(domws_request_field(request, domws_str("authorization")), "Basic dXNlcjpyaWdodA==")) {
        CHECK(domws_request_accept(request, domws_str(""), NULL));
        return;
    }
    CHECK(domws_request_respond(request, 401, domws_str("text/plain"), (domws_bytes){NULL, 0}, NULL));
    CHECK(domws_request_add_response_field(request, domws_str("WWW-Authenticate"), domws_str("Basic realm=\"the sea\""), NULL));
}

static void answer(struct login *login, domws_challenge *challenge) {
    domws_error error;
    const char *password = login->asked < login->good_attempt ? "wrong" : "right";
    CHECK(!domws_challenge_answer(challenge, domws_str("a\nb"), domws_str("x"), &error));
    CHECK(error.kind == DOMWS_ERROR_KIND_INVALID_ARGUMENT);
    CHECK(domws_challenge_answer(challenge, domws_str("user"), domws_str(password), &error));
    CHECK(!domws_challenge_answer(challenge, domws_str("user"), domws_str("right"), &error));
    CHECK(error.kind == DOMWS_ERROR_KIND_GONE);
}

static void answer_late(void *data) {
    struct login *login = data;
    domws_challenge *challenge = login->kept;
    login->kept = NULL;
    if (!login->gives_up)
        answer(login, challenge);
    domws_challenge_release(challenge);
}

static void on_challenge(domws_challenge *challenge, void *data) {
    struct login *login = data;
    CHECK(domws_challenge_attempt(challenge) == (uint32_t)++login->asked);
    CHECK(is(domws_challenge_realm(challenge), "the sea") && !domws_challenge_is_proxy(challenge));
    CHECK(domws_challenge_scheme(challenge) == DOMWS_AUTH_SCHEME_BASIC && domws_challenge_host(challenge).len > 0);
    if (login->is_late) {
        login->kept = domws_challenge_retain(challenge);
        CHECK(domws_loop_queue_task_after(login->loop, 1, answer_late, login, NULL, NULL));
    } else if (!login->gives_up) {
        answer(login, challenge);
    }
}

static struct outcome log_in(struct login *login) {
    char url[64];
    domws_user_agent_options *settings = domws_user_agent_options_new(NULL);
    login->loop = new_loop();
    domws_server *server = listen_at(login->loop, NULL, url);
    CHECK(domws_server_set_onrequest(server, on_request, NULL, NULL, NULL));
    CHECK(domws_user_agent_options_set_server_credentials(settings, on_challenge, &login->destroyed, count, NULL));
    CHECK(domws_user_agent_options_set_server_credentials(settings, on_challenge, login, NULL, NULL));
    CHECK(login->destroyed == 1);
    struct outcome outcome = meet(login->loop, server, url, settings);
    domws_server_release(server);
    domws_loop_release(login->loop);
    return outcome;
}

/* The loop goes before the answer. */
static void keep(domws_challenge *challenge, void *data) {
    struct login *login = data;
    login->kept = domws_challenge_retain(challenge);
    domws_loop_release(login->loop);
}

static void the_loop_goes_first(void) {
    struct login login = {0};
    char url[64];
    domws_error error;
    domws_user_agent_options *settings = domws_user_agent_options_new(NULL);
    domws_socket_options *options = domws_socket_options_new(NULL);
    login.loop = new_loop();
    domws_server *server = listen_at(login.loop, NULL, url);
    CHECK(domws_server_set_onrequest(server, on_request, NULL, NULL, NULL));
    CHECK(domws_user_agent_options_set_server_credentials(settings, keep, &login, NULL, NULL));
    domws_user_agent *agent = domws_user_agent_new(settings, NULL);
    CHECK(domws_socket_options_set_user_agent(options, agent, NULL));
    domws_socket *socket = open_socket(login.loop, url, options);
    domws_socket_options_release(options);
    domws_user_agent_options_release(settings);
    CHECK(domws_loop_run(login.loop, NULL));
    domws_socket_release(socket);
    domws_server_release(server);
    CHECK(login.kept);
    CHECK(!domws_challenge_answer(login.kept, domws_str("user"), domws_str("right"), &error));
    CHECK(error.kind == DOMWS_ERROR_KIND_GONE);
    domws_challenge_release(login.kept);
    domws_user_agent_release(agent);
}

int main(void) {
    if (!domws_has(DOMWS_FEATURE_CREDENTIALS)) {
        domws_error error;
        domws_user_agent_options *settings = domws_user_agent_options_new(NULL);
        int destroyed = 0;
        CHECK(!domws_user_agent_options_set_server_credentials(settings, on_challenge, &destroyed, count, &error));
        CHECK(error.kind == DOMWS_ERROR_KIND_UNSUPPORTED && destroyed == 1);
        domws_user_agent_options_release(settings);
        return 0;
    }
    struct login at_once = {.good_attempt = 2}, late = {.good_attempt = 2, .is_late = true};
    struct login never = {.gives_up = true}, given_back = {.gives_up = true, .is_late = true};
    CHECK(log_in(&at_once).received == 1 && at_once.asked == 2);
    CHECK(log_in(&late).received == 1 && late.asked == 2);
    struct outcome outcome = log_in(&never);
    CHECK(outcome.opened == 0 && outcome.failure == DOMWS_FAILURE_STATUS && outcome.status == 401 && never.asked == 1);
    CHECK(log_in(&given_back).status == 401 && given_back.asked == 1);
    the_loop_goes_first();
    return 0;
}
