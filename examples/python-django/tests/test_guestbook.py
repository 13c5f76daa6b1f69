import pytest
from django.contrib.auth.models import User
from django.test import Client

from guestbook.models import Entry

pytestmark = pytest.mark.django_db


def test_empty(client: Client) -> None:
    response = client.get("/")
    assert response.status_code == 200
    assert "Nobody has signed yet." in response.text


def test_signed(client: Client) -> None:
    response = client.post("/", {"name": "Ada", "message": "First & foremost"}, follow=True)
    assert response.redirect_chain == [("/", 302)]
    assert "<h2>Ada</h2>" in response.text
    assert "First &amp; foremost" in response.text
    assert Entry.objects.get().name == "Ada"


@pytest.mark.parametrize(
    "form",
    [
        {},
        {"name": "Ada"},
        {"name": "A" * 61, "message": "too long a name"},
        {"name": "Ada", "message": "x" * 1001},
    ],
)
def test_refused(client: Client, form: dict[str, str]) -> None:
    response = client.post("/", form)
    assert response.status_code == 200
    assert "errorlist" in response.text
    assert not Entry.objects.exists()


def test_latest_first(client: Client) -> None:
    for name in ("Ada", "Grace"):
        Entry.objects.create(name=name, message="Hello")
    assert [entry.name for entry in client.get("/").context["entries"]] == ["Grace", "Ada"]


def test_other_sites_cannot_post() -> None:
    response = Client(enforce_csrf_checks=True).post("/", {"name": "Ada", "message": "Hello"})
    assert response.status_code == 403


def test_health(client: Client) -> None:
    response = client.get("/health/")
    assert (response.status_code, response.text) == (200, "ok")
    assert "no-cache" in response["Cache-Control"]


def test_unknown_host(client: Client) -> None:
    assert client.get("/", headers={"host": "example.com"}).status_code == 400


def test_admin(admin_client: Client, admin_user: User) -> None:
    Entry.objects.create(name="Ada", message="Hello")
    page = admin_client.get("/admin/guestbook/entry/", {"q": "Ada"}).text
    assert "1 entry" in page
    assert admin_user.username in page
