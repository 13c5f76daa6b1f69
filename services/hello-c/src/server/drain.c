#include "drain.h"

#include <signal.h>
#include <stddef.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "log.h"

/* Handled, not blocked: a debugger stops at Ctrl-C only when the signal is delivered. */
static void take_interrupt(int number)
{
    (void)number;
    (void)kill(getpid(), SIGTERM);
}

bool drain_open(struct drain *drain)
{
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGTERM);
    *drain = (struct drain){.until = INT64_MAX};
    if (sigaction(SIGINT, &(struct sigaction){.sa_handler = take_interrupt, .sa_flags = SA_RESTART}, NULL) != 0) {
        return false;
    }
    drain->signals = sigprocmask(SIG_BLOCK, &set, NULL) == 0 ? signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC) : -1;
    return drain->signals >= 0;
}

void drain_take_signal(struct drain *drain, int64_t delay, int64_t now)
{
    struct signalfd_siginfo info;
    if (read(drain->signals, &info, sizeof info) != sizeof info) {
        return;
    }
    if (drain->stage != STAGE_SERVING) {
        log_event(LOG_WARN, "second signal: ending at once");
        drain->stage = STAGE_FORCED;
        return;
    }
    log_event(LOG_INFO, "draining");
    drain->stage = STAGE_DRAINING;
    drain->until = now + delay;
}
