"""Packs orders, each once, however many workers there are."""

import logging
import signal
import sys
from threading import Event, Thread

from pydantic import ValidationError
from sqlalchemy import select
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session, sessionmaker

from api.database import connect
from api.models import Order, Status
from api.settings import Settings

log = logging.getLogger("api.worker")


def pack_next(sessions: sessionmaker[Session]) -> bool:
    """Packs the oldest new order that no other worker has; whether there was one."""
    with sessions.begin() as session:
        query = select(Order).where(Order.status == Status.NEW).order_by(Order.id).limit(1)
        order = session.scalar(query.with_for_update(skip_locked=True))
        if order is None:
            return False
        order.status = Status.PACKED
        log.info("packed order %d: %d x %s", order.id, order.quantity, order.article)
    return True


def run(sessions: sessionmaker[Session], poll_seconds: float, stop: Event) -> None:
    while not stop.is_set():
        try:
            busy = pack_next(sessions)
        except OperationalError as error:
            log.warning("the database does not answer: %s", error.orig)
            busy = False
        if not busy:
            stop.wait(poll_seconds)


def set_at_sigterm(stop: Event) -> None:
    signal.sigwait({signal.SIGTERM})
    stop.set()


def main() -> None:
    logging.basicConfig(level=logging.INFO, format="%(levelname)s %(name)s: %(message)s")
    try:
        settings = Settings()
    except ValidationError as error:
        sys.exit(f"worker: read the settings: {error}")
    stop = Event()
    # No handler: it would run within stop.wait(), which may hold the lock that stop.set() needs.
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM})
    Thread(target=set_at_sigterm, args=[stop], daemon=True).start()
    engine, sessions = connect(settings)
    run(sessions, settings.poll_seconds, stop)
    engine.dispose()


if __name__ == "__main__":
    main()
