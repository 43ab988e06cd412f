/* `EventTarget`: listeners, event handlers, and the dispatch of events to them (DOM sections 2.7 to 2.10). */
#ifndef EVENT_TARGET_H
#define EVENT_TARGET_H

#include "page.h"

struct event_target;

/* What an interface that inherits from EventTarget adds. */
struct event_target_kind {
    enum interface interface;
    void (*changed)(struct page *page, struct event_target *target); /* A listener came or went. NULL: nothing. */
    void (*finalize)(struct event_target *target);                   /* Its object is gone. NULL: nothing. */
};

/* What an object has that is an EventTarget: the first member of what an heir has. */
struct event_target {
    const struct event_target_kind *kind;
    JSValue object; /* Not held. */
    struct listener **listeners;
    size_t count;
};

/* Defines the interface. False with an exception pending. */
bool event_target_define(struct page *page);

/* Gives an object, of the class of targets, what it has. `target` is zeroed memory of js_malloc, taken over. */
void event_target_attach(JSValueConst object, struct event_target *target, const struct event_target_kind *kind);

/* What an object has. NULL for anything else; no exception is thrown. */
struct event_target *event_target_of(const struct page *page, JSValueConst value);

/* Whether an event of this type would be heard. */
bool event_target_listens(const struct event_target *target, JSAtom type);

/* DOM "dispatch". The object has to be held by the caller; what listeners throw is reported. */
void event_target_dispatch(struct page *page, JSValueConst object, struct event_target *target, JSValueConst event);

/* An event handler IDL attribute: the handler, or null. */
JSValue event_target_handler(JSContext *context, const struct event_target *target, JSAtom type);
JSValue event_target_set_handler(JSContext *context, struct event_target *target, JSAtom type, JSValueConst handler);

#endif
