#include "runtime.h"

#include <pthread.h>
#include <stdlib.h>

/* Of all threads: an engine's opaque pointer is its host's. */
static struct runtime *runtimes;
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;

static void finalize(JSRuntime *engine, void *data) {
    struct runtime **at = &runtimes;
    (void)engine;
    pthread_mutex_lock(&mutex);
    while (*at != data)
        at = &(*at)->next;
    *at = (*at)->next;
    pthread_mutex_unlock(&mutex);
    free(data);
}

static struct runtime *find(const JSRuntime *engine) {
    struct runtime *runtime;
    pthread_mutex_lock(&mutex);
    for (runtime = runtimes; runtime && runtime->engine != engine;)
        runtime = runtime->next;
    pthread_mutex_unlock(&mutex);
    return runtime;
}

struct runtime *runtime_of(JSRuntime *engine) {
    struct runtime *runtime = find(engine);
    if (runtime || !(runtime = calloc(1, sizeof *runtime)))
        return runtime;
    if (JS_AddRuntimeFinalizer(engine, finalize, runtime)) {
        free(runtime);
        return NULL;
    }
    runtime->engine = engine;
    JS_NewClassID(engine, &runtime->event_class);
    JS_NewClassID(engine, &runtime->target_class);
    JS_NewClassID(engine, &runtime->blob_class);
    pthread_mutex_lock(&mutex);
    runtime->next = runtimes;
    runtimes = runtime;
    pthread_mutex_unlock(&mutex);
    return runtime;
}
