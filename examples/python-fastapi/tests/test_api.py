from typing import Any

import pytest
from fastapi.testclient import TestClient


def test_an_order_is_taken_and_shown(client: TestClient) -> None:
    taken = client.post("/orders", json={"article": "lamp", "quantity": 2})
    assert taken.status_code == 201
    order = {"id": 1, "article": "lamp", "quantity": 2, "status": "new"}
    assert taken.json() == order
    assert client.get(taken.headers["location"]).json() == order
    assert client.get("/orders").json() == [order]


@pytest.mark.parametrize(
    "order",
    [{}, {"article": "lamp"}, {"article": "", "quantity": 1}, {"article": "x", "quantity": 0}],
)
def test_a_bad_order_is_refused(client: TestClient, order: dict[str, Any]) -> None:
    assert client.post("/orders", json=order).status_code == 422


def test_an_unknown_order(client: TestClient) -> None:
    assert client.get("/orders/7").status_code == 404


def test_health(client: TestClient) -> None:
    assert client.get("/healthz").status_code == 200
    assert client.get("/readyz").status_code == 200
