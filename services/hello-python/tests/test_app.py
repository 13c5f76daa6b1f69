import pytest
from flask.testing import FlaskClient

from service.app import create_app
from service.settings import Settings


@pytest.fixture
def client() -> FlaskClient:
    return create_app(Settings()).test_client()


def test_hello(client: FlaskClient) -> None:
    response = client.get("/")
    assert response.status_code == 200
    assert response.json == {"message": "Hello from multi-stage Python!"}
    assert response.content_type == "application/json"


@pytest.mark.parametrize("path", ["/", "/healthz", "/readyz", "/peers"])
def test_head(client: FlaskClient, path: str) -> None:
    response = client.head(path)
    assert response.status_code == 200
    assert response.data == b""


def test_unknown_path(client: FlaskClient) -> None:
    response = client.get("/nowhere")
    assert response.status_code == 404
    assert response.json is not None
    assert "not found" in response.json["error"]


@pytest.mark.parametrize("path", ["/", "/healthz", "/readyz", "/peers"])
def test_other_method(client: FlaskClient, path: str) -> None:
    response = client.delete(path)
    assert response.status_code == 405
    assert set(response.headers["Allow"].split(", ")) == {"GET", "HEAD", "OPTIONS"}
    assert response.is_json


def test_draining() -> None:
    draining = False
    client = create_app(Settings(), draining=lambda: draining).test_client()
    assert client.get("/readyz").status_code == 200
    draining = True
    assert client.get("/readyz").status_code == 503
    assert client.get("/healthz").status_code == 200
    assert client.get("/").status_code == 200
