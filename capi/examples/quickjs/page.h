/* A page: what one JSContext has for its sockets and events, and how its script is called. */
#ifndef PAGE_H
#define PAGE_H

#include <domws.h>
#include <quickjs.h>

/* Each has a prototype of its own; objects of one class share a JSClassID. */
enum interface { EVENT_TARGET, WEB_SOCKET, EVENT, MESSAGE_EVENT, CLOSE_EVENT, ERROR_EVENT, BLOB, INTERFACES };

/* The getters by which bytes are reached, as they were before any script ran. */
enum intrinsic {
    BUFFER_IS_RESIZABLE,
    TYPED_ARRAY_BUFFER,
    TYPED_ARRAY_OFFSET,
    TYPED_ARRAY_LENGTH,
    DATA_VIEW_BUFFER,
    DATA_VIEW_OFFSET,
    DATA_VIEW_LENGTH,
    INTRINSICS
};

/* The events that a socket fires. */
enum event_type { OPEN, MESSAGE, ERROR, CLOSE, EVENT_TYPES };

struct page {
    JSContext *context;
    domws_loop *loop;
    domws_document *document;
    domws_user_agent *user_agent;
    JSClassID event_class, target_class, blob_class;
    JSValue prototypes[INTERFACES];
    JSValue intrinsics[INTRINSICS];
    JSValue is_trusted; /* The getter of each event's own property. */
    JSAtom event_types[EVENT_TYPES], symbol_iterator;
    JSValue global, global_target;
    struct runtime *runtime;
    struct rejection *rejections, **rejections_end;
    struct websocket *sockets;
    double clock_origin;
    int holders, script_depth;
    bool is_over, is_reporting;
};

/* Gives a context `WebSocket`, `EventTarget`, events and `Blob`. The loop has to stay as long as the page is used; the
 * document, which may be NULL, is taken over, and so is the user agent. A runtime has one page at a time, whose are all
 * promise jobs and rejections in it. NULL where it has one, and where memory is short. */
struct page *page_new(JSContext *context, domws_loop *loop, domws_document *document, domws_user_agent *user_agent);

/* Leaves the page: its sockets close without an event, and no script of it runs any more, but to the end of what is
 * running. In a script, or a handler, the rest of it goes when that has returned. The context is to be freed behind
 * it. */
void page_free(struct page *page);

/* Keeps a page, and its context, in memory, be it left meanwhile. */
void page_retain(struct page *page);
void page_release(struct page *page);

/* The page of a context: once it has gone, one that has nothing. */
struct page *page_of(JSContext *context);

/* Milliseconds, as `performance.now()` counts them. */
double page_now(const struct page *page);

/* HTML "prepare to run script" and "clean up after running script": promise jobs run when the outermost script has
 * ended. (`domws_loop_run_script` is the library's own of it, for where each listener of script's is one of the
 * library's.) */
void page_enter(struct page *page);
void page_leave(struct page *page);

/* Calls a function of script's; what it throws is reported. False where it throws, and where the page is left; `result`
 * may be NULL. */
bool page_call(struct page *page, JSValueConst function, JSValueConst this_value, int argc, JSValueConst *argv,
               JSValue *result);

/* HTML "report an exception", the pending one: an `error` event at the global object, and standard error. */
void page_report(struct page *page);

#endif
