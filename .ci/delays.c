// Has a program wait at random where it calls the system: before and behind what is read, written, opened or closed, behind
// each wake-up of another thread, and where it looks at the clock. So its threads, and those of what it talks to, come
// in orders that no busy machine shows as soon. See .ci/delays.
//
// DELAYS="CALLS CLOCKS MILLISECONDS": how many of a million calls, and of a million looks at the clock, wait, and how long at most.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

static unsigned calls, clocks, milliseconds;

__attribute__((constructor)) static void configure(void) {
    const char *delays = getenv("DELAYS");
    if (delays) sscanf(delays, "%u %u %u", &calls, &clocks, &milliseconds);
}

static uint64_t random_number(void) {
    static _Thread_local uint64_t state;
    if (!state) {
        struct timespec now;
        timespec_get(&now, TIME_UTC);
        state = (uint64_t)now.tv_nsec * 2654435761u ^ (uint64_t)(uintptr_t)&state ^ 1;
    }
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return state >> 11;
}

static void delay(unsigned in_a_million) {
    if (!in_a_million || random_number() % 1000000 >= in_a_million) return;
    uint64_t microseconds = random_number() % (milliseconds * 1000ull + 1);
    struct timespec time = {microseconds / 1000000, microseconds % 1000000 * 1000};
    int error = errno;
    nanosleep(&time, NULL);
    errno = error;
}

#define NEXT(name) static typeof(name) *next; if (!next) next = (typeof(name) *)dlsym(RTLD_NEXT, #name)
#define DELAYED(result, name, parameters, arguments) \
    result name parameters { \
        NEXT(name); \
        delay(calls); \
        result value = next arguments; \
        delay(calls); \
        return value; \
    }

DELAYED(ssize_t, read, (int file, void *to, size_t length), (file, to, length))
DELAYED(ssize_t, readv, (int file, const struct iovec *to, int count), (file, to, count))
DELAYED(ssize_t, writev, (int file, const struct iovec *from, int count), (file, from, count))
DELAYED(ssize_t, recv, (int file, void *to, size_t length, int flags), (file, to, length, flags))
DELAYED(ssize_t, send, (int file, const void *from, size_t length, int flags), (file, from, length, flags))
DELAYED(ssize_t, sendmsg, (int file, const struct msghdr *message, int flags), (file, message, flags))
DELAYED(int, connect, (int file, const struct sockaddr *to, socklen_t length), (file, to, length))
DELAYED(int, accept4, (int file, struct sockaddr *from, socklen_t *length, int flags), (file, from, length, flags))
DELAYED(int, shutdown, (int file, int how), (file, how))
DELAYED(int, close, (int file), (file))

int clock_gettime(clockid_t clock, struct timespec *time) {
    NEXT(clock_gettime);
    delay(clocks);
    return next(clock, time);
}

// The standard library waits and wakes by it.
long syscall(long number, ...) {
    NEXT(syscall);
    va_list list;
    va_start(list, number);
    long a[6];
    for (int i = 0; i < 6; i++) a[i] = va_arg(list, long);
    va_end(list);
    long value = next(number, a[0], a[1], a[2], a[3], a[4], a[5]);
    if (number == SYS_futex) delay(calls);
    return value;
}
