"""What SIGTERM does.

The first one makes the service not ready at once, while it goes on serving for DRAIN_DELAY: the
time that load balancers need to notice. Then gunicorn closes the listener and ends what is in
flight. A second one ends everything now.
"""

import mmap
import os
import signal
from types import FrameType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from gunicorn.arbiter import Arbiter

SERVING, DRAINING, STOPPING = range(3)


class Drain:
    def __init__(self, delay: float) -> None:
        self.delay = delay
        # Memory that the workers, forked from the master, share with it.
        self._state = mmap.mmap(-1, 1)

    @property
    def draining(self) -> bool:
        return self._state[0] >= DRAINING

    @property
    def stopping(self) -> bool:
        return self._state[0] == STOPPING

    def install(self, master: "Arbiter") -> None:
        """Takes SIGTERM over from gunicorn's master, which would close its listener at once."""

        def stop(_signum: int, frame: FrameType | None) -> None:
            self._state[0] = STOPPING
            master.signal(signal.SIGTERM, frame)

        def on_term(signum: int, frame: FrameType | None) -> None:
            if os.getpid() != master.pid:
                return  # a worker that has just been forked: it will look at `stopping`
            if self.draining:
                for pid in master.WORKERS:
                    os.kill(pid, signal.SIGKILL)
                os._exit(128 + signum)
            self._state[0] = DRAINING
            if self.delay:
                signal.setitimer(signal.ITIMER_REAL, self.delay)
            else:
                stop(signum, frame)

        signal.signal(signal.SIGALRM, stop)
        signal.signal(signal.SIGTERM, on_term)
