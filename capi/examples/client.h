/* What the examples on other loops have in common: a client that sends messages, one after the other, as a timer of the
 * host's goes on, and prints what comes back. */
#ifndef CLIENT_H
#define CLIENT_H

#include <domws.h>

/* In milliseconds, between two ticks of the host's timer. */
enum { CLIENT_INTERVAL = 10 };

struct client {
    domws_socket *socket;
    char **messages; /* those that are left, up to a NULL */
    bool is_waiting; /* for the answer to the last one */
    unsigned ticks;
    int status; /* the program's, for exit() */
};

/* Opens the URL among the arguments. False, and the cause on standard error, where that can't be, and for --help: then the
 * status is the program's. */
bool client_open(struct client *client, domws_loop *loop, int argc, char **argv);

/* The host's timer: sends the next message, once the one before has been answered. */
void client_tick(struct client *client);

/* Lets go of the socket. */
void client_end(struct client *client);

#endif
