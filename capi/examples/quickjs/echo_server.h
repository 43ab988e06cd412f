/* A server on a thread and a loop of its own, which sends every message back. */
#ifndef ECHO_SERVER_H
#define ECHO_SERVER_H

#include <domws.h>

struct echo_server;

/* Starts it at a free port. NULL where that fails. */
struct echo_server *echo_server_start(void);

uint16_t echo_server_port(const struct echo_server *server);

/* Ends its connections, and waits for the thread. NULL: nothing is done. */
void echo_server_stop(struct echo_server *server);

#endif
