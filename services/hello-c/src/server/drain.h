#ifndef DRAIN_H
#define DRAIN_H

#include <stdbool.h>
#include <stdint.h>

enum stage {
    STAGE_SERVING,
    STAGE_DRAINING, /* not ready, but all is served */
    STAGE_ENDING,   /* no new connections */
    STAGE_FORCED    /* a second signal: out */
};

/* From the first SIGTERM or SIGINT to the end. */
struct drain {
    enum stage stage;
    int signals;   /* readable when a signal has come: works as PID 1 too, where default actions do not */
    int64_t until; /* STAGE_DRAINING: when it is over; else never */
};

/* False and errno when it cannot. Blocks SIGTERM, so that it only shows on `signals`; SIGINT becomes a SIGTERM. */
bool drain_open(struct drain *drain);

/* `signals` is readable. */
void drain_take_signal(struct drain *drain, int64_t delay, int64_t now);

#endif
