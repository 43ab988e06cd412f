/* What other threads may do, and what they are kept from. */
#include "check.h"
#include <dirent.h>
#include <pthread.h>
#include <stdatomic.h>

struct work {
    domws_loop *loop;
    domws_socket *socket;
    domws_socket_options *options;
    domws_handle *handle;
    domws_keep_alive *keep_alive;
    pthread_t thread;
    atomic_int woken, run, destroyed;
};

static void run(void *data) {
    struct work *work = data;
    CHECK(pthread_equal(pthread_self(), work->thread));
    ++work->run;
}

static void destroy(void *data) {
    ++((struct work *)data)->destroyed;
}

static void wake(void *data) {
    ++((struct work *)data)->woken;
}

static void *elsewhere(void *data) {
    struct work *work = data;
    domws_error error;
    CHECK(domws_loop_turn(work->loop, &error) == DOMWS_TURN_IDLE);
    CHECK(error.kind == DOMWS_ERROR_KIND_WRONG_THREAD && strstr(error.message, "thread"));
    CHECK(!domws_loop_queue_task(work->loop, run, work, NULL, &error));
    CHECK(error.kind == DOMWS_ERROR_KIND_WRONG_THREAD);
    CHECK(!domws_socket_send_text(work->socket, domws_str("x"), &error));
    CHECK(error.kind == DOMWS_ERROR_KIND_WRONG_THREAD);
    CHECK(!domws_socket_options_set_half_open(work->options, true, &error));
    CHECK(error.kind == DOMWS_ERROR_KIND_WRONG_THREAD);
    CHECK(!domws_loop_handle(work->loop, &error) && error.kind == DOMWS_ERROR_KIND_WRONG_THREAD);
    CHECK(domws_socket_url(work->socket).len == 0);
    CHECK(!domws_socket_retain(work->socket));
    /* Not given back. */
    domws_socket_release(work->socket);
    domws_socket_options_release(work->options);
    domws_loop_release(work->loop);
    return NULL;
}

static void *queue(void *data) {
    struct work *work = data;
    domws_handle *handle = domws_handle_retain(work->handle);
    for (int i = 0; i < 100; i++)
        CHECK(domws_handle_queue_task(handle, run, work, destroy, NULL));
    domws_handle_release(handle);
    return NULL;
}

static void *let_go(void *data) {
    struct work *work = data;
    CHECK(domws_handle_queue_task(work->handle, run, work, destroy, NULL));
    domws_keep_alive_release(work->keep_alive);
    return NULL;
}

static pthread_t start(void *(*function)(void *), struct work *work) {
    pthread_t thread;
    CHECK(pthread_create(&thread, NULL, function, work) == 0);
    return thread;
}

static void others_are_kept_out(void) {
    struct work work = {0};
    work.loop = new_loop();
    work.socket = open_socket(work.loop, "ws://127.0.0.1:9/", NULL);
    work.options = domws_socket_options_new(NULL);
    pthread_join(start(elsewhere, &work), NULL);
    CHECK(domws_socket_url(work.socket).len > 0);
    domws_socket_options_release(work.options);
    domws_socket_release(work.socket);
    domws_loop_release(work.loop);
}

static void tasks_come_from_any_thread(void) {
    enum { THREADS = 4 };
    struct work work = {0};
    pthread_t threads[THREADS];
    domws_error error;
    work.thread = pthread_self();
    work.loop = new_loop();
    work.handle = domws_loop_handle(work.loop, NULL);
    CHECK(domws_loop_set_wake_up(work.loop, wake, &work, destroy, NULL));
    CHECK(domws_loop_turn(work.loop, NULL) == DOMWS_TURN_IDLE);
    for (int i = 0; i < THREADS; i++)
        threads[i] = start(queue, &work);
    for (int i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
    CHECK(work.woken > 0);
    CHECK(domws_loop_run(work.loop, NULL));
    CHECK(work.run == 100 * THREADS && work.destroyed == 100 * THREADS);
    /* A loop that would be idle waits for the one that it is kept alive for. */
    work.keep_alive = domws_handle_keep_alive(work.handle, NULL);
    threads[0] = start(let_go, &work);
    CHECK(domws_loop_run(work.loop, NULL));
    pthread_join(threads[0], NULL);
    CHECK(work.run == 100 * THREADS + 1);
    /* What is queued and not run goes with the loop; behind it nothing is taken. */
    CHECK(domws_handle_queue_task(work.handle, run, &work, destroy, NULL));
    domws_loop_release(work.loop);
    CHECK(work.destroyed == 100 * THREADS + 3);
    CHECK(!domws_handle_queue_task(work.handle, run, &work, destroy, &error));
    CHECK(error.kind == DOMWS_ERROR_KIND_GONE && work.destroyed == 100 * THREADS + 4);
    domws_keep_alive_release(domws_handle_keep_alive(work.handle, NULL));
    domws_handle_release(work.handle);
    CHECK(work.run == 100 * THREADS + 1);
}

static void *a_loop_of_its_own(void *data) {
    int run = 0;
    domws_loop *loop = new_loop();
    (void)data;
    CHECK(domws_loop_queue_task_after(loop, 20, count, &run, NULL, NULL));
    CHECK(domws_loop_timeout(loop) == -1 || domws_loop_timeout(loop) <= 20);
    CHECK(domws_loop_run(loop, NULL) && run == 1);
    domws_loop_release(loop);
    return NULL;
}

static void each_thread_has_its_loop(void) {
    pthread_t threads[4];
    for (int i = 0; i < 4; i++)
        threads[i] = start(a_loop_of_its_own, NULL);
    for (int i = 0; i < 4; i++)
        pthread_join(threads[i], NULL);
}

static int count_threads(void) {
    int threads = 0;
    DIR *tasks = opendir("/proc/self/task");
    CHECK(tasks);
    for (struct dirent *task; (task = readdir(tasks));)
        threads += *task->d_name != '.';
    closedir(tasks);
    return threads;
}

static void change_wake_up(void *data) {
    struct work *work = data;
    CHECK(domws_loop_set_wake_up(work->loop, wake, work, destroy, NULL));
    CHECK(domws_loop_set_wake_up(work->loop, NULL, NULL, NULL, NULL) && work->destroyed == 1);
    CHECK(domws_loop_set_wake_up(work->loop, NULL, work, destroy, NULL) && work->destroyed == 2);
}

/* So no thread waits in place of this one. */
static void nobody_is_called(void) {
    struct work work = {0};
    char url[64];
    int threads = count_threads();
    work.loop = new_loop();
    domws_server *server = listen_at(work.loop, NULL, url);
    CHECK(domws_loop_set_wake_up(work.loop, NULL, NULL, NULL, NULL));
    CHECK(domws_loop_queue_task(work.loop, change_wake_up, &work, NULL, NULL));
    while (domws_loop_turn(work.loop, NULL) == DOMWS_TURN_MORE) {}
    CHECK(work.destroyed == 2 && work.woken == 0 && count_threads() == threads);
    domws_server_release(server);
    domws_loop_release(work.loop);
}

int main(void) {
    nobody_is_called();
    others_are_kept_out();
    tasks_come_from_any_thread();
    each_thread_has_its_loop();
    return 0;
}
