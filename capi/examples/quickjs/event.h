/* `Event`, `MessageEvent`, `CloseEvent` and `ErrorEvent` (DOM section 2.2, HTML, WebSockets section 6). */
#ifndef EVENT_H
#define EVENT_H

#include "page.h"

/* Where the attributes of each interface lie in `event.members`: in the order in which a dictionary is read. */
enum { MESSAGE_DATA, MESSAGE_LAST_EVENT_ID, MESSAGE_ORIGIN, MESSAGE_PORTS, MESSAGE_SOURCE };
enum { CLOSE_CODE, CLOSE_REASON, CLOSE_WAS_CLEAN };
enum { ERROR_COLUMN, ERROR_ERROR, ERROR_FILE, ERROR_LINE, ERROR_MESSAGE };
enum { EVENT_MEMBERS = 5 };

struct event {
    enum interface interface;
    JSAtom type;
    JSValue target, members[EVENT_MEMBERS];
    double time_stamp;
    bool bubbles, cancelable, composed, is_trusted, is_canceled;
    bool is_initialized, is_dispatched, is_stopped, is_stopped_immediately, is_in_passive_listener;
};

/* Defines the interfaces. False with an exception pending. */
bool event_define(struct page *page);

/* A trusted event, whose members are those of an empty dictionary. */
JSValue event_new(struct page *page, enum interface interface, JSAtom type);

/* Sets a member, and takes over the value. */
void event_set(struct page *page, JSValueConst event, int member, JSValue value);

/* What an object has that is an event. NULL for anything else; no exception is thrown. */
struct event *event_of(const struct page *page, JSValueConst value);

/* DOM "set the canceled flag". */
void event_cancel(struct event *event);

#endif
