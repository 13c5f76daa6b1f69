from threading import Event

from fastapi.testclient import TestClient
from sqlalchemy.orm import Session, sessionmaker

from api import worker


def test_orders_are_packed_oldest_first(
    client: TestClient, sessions: sessionmaker[Session]
) -> None:
    for article in ("lamp", "chair"):
        client.post("/orders", json={"article": article, "quantity": 1})
    assert worker.pack_next(sessions)
    assert [order["status"] for order in client.get("/orders").json()] == ["new", "packed"]
    assert worker.pack_next(sessions)
    assert not worker.pack_next(sessions)


def test_the_worker_ends_when_asked(sessions: sessionmaker[Session]) -> None:
    stop = Event()
    stop.set()
    worker.run(sessions, 60, stop)
