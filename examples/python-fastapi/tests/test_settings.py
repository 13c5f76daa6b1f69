import pytest
from pydantic import ValidationError

from api.settings import Settings


def test_the_database_has_no_default(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DATABASE_URL", raising=False)
    with pytest.raises(ValidationError, match="database_url"):
        Settings()


def test_the_driver_is_psycopg(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://user:secret@db:5432/orders")
    assert Settings().sqlalchemy_url == "postgresql+psycopg://user:secret@db:5432/orders"
