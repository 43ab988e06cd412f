#include "timers.h"

#include "interface.h"

#include <math.h>

struct timer {
    struct timer *next;
    int32_t id;
    double due, interval; /* Milliseconds; an interval is negative where there is none. */
    JSValue function;
    int argc;
    JSValue argv[];
};

struct timers {
    struct page *page;
    struct timer *first; /* By the time when they are due. */
    int32_t last_id, running;
};

static void free_timer(JSContext *context, struct timer *timer) {
    JS_FreeValue(context, timer->function);
    for (int i = 0; i < timer->argc; i++)
        JS_FreeValue(context, timer->argv[i]);
    js_free(context, timer);
}

static void insert(struct timers *timers, struct timer *timer) {
    struct timer **at = &timers->first;
    while (*at && (*at)->due <= timer->due)
        at = &(*at)->next;
    timer->next = *at;
    *at = timer;
}

/* One that no timer has. */
static int32_t next_id(struct timers *timers) {
    const struct timer *timer;
    do {
        timers->last_id = timers->last_id % INT32_MAX + 1;
        for (timer = timers->first; timer && timer->id != timers->last_id;)
            timer = timer->next;
    } while (timer || timers->last_id == timers->running);
    return timers->last_id;
}

/* setTimeout(function, delay, ...arguments) and setInterval, by `magic`. */
static JSValue set(JSContext *context, JSValueConst this_value, int argc, JSValueConst *argv, int is_interval,
                   void *data) {
    struct timers *timers = data;
    struct timer *timer;
    int32_t delay = 0;
    (void)this_value;
    if (interface_lacks(context, argc, 1) || (argc > 1 && JS_ToInt32(context, &delay, argv[1])))
        return JS_EXCEPTION;
    if (!JS_IsFunction(context, argv[0]))
        return JS_ThrowTypeError(context, "the handler is not a function");
    timer = js_malloc(context, sizeof *timer + (size_t)argc * sizeof *timer->argv);
    if (!timer)
        return JS_EXCEPTION;
    timer->id = next_id(timers);
    timer->interval = is_interval ? fmax(delay, 1) : -1;
    timer->due = page_now(timers->page) + fmax(delay, 0);
    timer->function = JS_DupValue(context, argv[0]);
    timer->argc = 0;
    for (int i = 2; i < argc; i++)
        timer->argv[timer->argc++] = JS_DupValue(context, argv[i]);
    insert(timers, timer);
    return JS_NewInt32(context, timer->id);
}

/* clearTimeout and clearInterval, which are the same. */
static JSValue clear(JSContext *context, JSValueConst this_value, int argc, JSValueConst *argv, int magic, void *data) {
    struct timers *timers = data;
    struct timer **at = &timers->first, *timer;
    int32_t id;
    (void)this_value, (void)magic;
    if (JS_ToInt32(context, &id, interface_argument(argc, argv, 0)))
        return JS_EXCEPTION;
    if (timers->running == id)
        timers->running = 0;
    while (*at && (*at)->id != id)
        at = &(*at)->next;
    timer = *at;
    if (timer) {
        *at = timer->next;
        free_timer(context, timer);
    }
    return JS_UNDEFINED;
}

void timers_run(struct timers *timers) {
    struct page *page = timers->page;
    double now = page_now(page);
    struct timer *timer;
    while ((timer = timers->first) && timer->due <= now) {
        timers->first = timer->next;
        timers->running = timer->id;
        page_call(page, timer->function, page->global, timer->argc, timer->argv, NULL);
        if (timer->interval >= 0 && timers->running == timer->id) {
            timer->due = page_now(page) + timer->interval;
            insert(timers, timer);
        } else {
            free_timer(page->context, timer);
        }
        timers->running = 0;
    }
}

int timers_timeout(const struct timers *timers) {
    double wait;
    if (!timers->first)
        return -1;
    wait = ceil(timers->first->due - page_now(timers->page));
    return (int)fmin(fmax(wait, 0), INT32_MAX);
}

struct timers *timers_new(struct page *page) {
    static const struct {
        const char *name;
        JSCClosure *function;
        int length, is_interval;
    } functions[] = {{"setTimeout", set, 1, 0},
                     {"setInterval", set, 1, 1},
                     {"clearTimeout", clear, 0, 0},
                     {"clearInterval", clear, 0, 0}};
    JSContext *context = page->context;
    struct timers *timers = js_mallocz(context, sizeof *timers);
    if (!timers)
        return NULL;
    timers->page = page;
    page_retain(page);
    for (int i = 0; i < COUNT(functions); i++) {
        const char *name = functions[i].name;
        JSValue function = JS_NewCClosure(context, functions[i].function, name, NULL, functions[i].length,
                                          functions[i].is_interval, timers);
        if (JS_IsException(function) || JS_SetPropertyStr(context, page->global, name, function) < 0) {
            timers_free(timers);
            return NULL;
        }
    }
    return timers;
}

void timers_free(struct timers *timers) {
    struct page *page = timers->page;
    JSContext *context = page->context;
    while (timers->first) {
        struct timer *timer = timers->first;
        timers->first = timer->next;
        free_timer(context, timer);
    }
    js_free(context, timers);
    page_release(page);
}
