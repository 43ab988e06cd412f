/* setTimeout and setInterval, for the shell's own loop. */
#ifndef TIMERS_H
#define TIMERS_H

#include "page.h"

struct timers;

/* Puts the functions on the global object. NULL where memory is short. */
struct timers *timers_new(struct page *page);

/* Forgets all that are set. */
void timers_free(struct timers *timers);

/* Runs those that are due. */
void timers_run(struct timers *timers);

/* In how many milliseconds the next one is due, fit for poll(2). -1: there is none. */
int timers_timeout(const struct timers *timers);

#endif
