/* `WebSocket` (WebSockets section 3) for QuickJS-ng, over domws.h: begin to read here. */
#ifndef WEBSOCKET_H
#define WEBSOCKET_H

#include "page.h"

/* Defines the interface. False with an exception pending. */
bool websocket_define(struct page *page);

/* Closes a page's sockets, of which script hears nothing more, and lets go of those kept for their listeners alone. */
void websocket_close_all(struct page *page);

#endif
