import logging

import pytest

from servicekit.settings import Settings, duration


def test_defaults(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PORT", "")  # empty is unset
    with Settings() as settings:
        own = settings.read("LIMIT", int, 3)
    assert (settings.port, settings.log_level, settings.drain_delay) == (8080, logging.INFO, 0)
    assert own == 3


def test_everything_set(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {"PORT": "1", "LOG_LEVEL": "WARN", "DRAIN_DELAY": "1s"}.items():
        monkeypatch.setenv(name, value)
    with Settings() as settings:
        pass
    assert (settings.port, settings.log_level, settings.drain_delay) == (1, logging.WARNING, 1)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("0", 0), ("0s", 0), ("500ms", 0.5), ("2.5s", 2.5), ("1h", 3600), ("1m1s1ms", 61.001)],
)
def test_durations(text: str, seconds: float) -> None:
    assert duration(text) == pytest.approx(seconds)


def message(environment: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> str:
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(SystemExit) as caught, Settings() as settings:
        settings.read("LIMIT", int, 3)
    assert isinstance(caught.value.code, str)  # Python writes it to stderr, and exits with 1
    return caught.value.code


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("PORT", "abc", "reading PORT: 'abc' is not a port: set a number from 1 to 65535"),
        ("PORT", "0", "is not a port"),
        ("PORT", "65536", "is not a port"),
        ("PORT", "-1", "is not a port"),
        ("PORT", "\u0663", "is not a port"),  # a digit, but not of ASCII
        ("LOG_LEVEL", "loud", "'loud' is not a level: set debug, info, warn, error"),
        ("LOG_LEVEL", "warning", "is not a level"),
        ("DRAIN_DELAY", "2", "'2' is not a duration: write it like 500ms, 2s or 1m30s"),
        ("DRAIN_DELAY", "-2s", "is not a duration"),
        ("DRAIN_DELAY", "2s later", "is not a duration"),
        ("DRAIN_DELAY", ".5s", "is not a duration"),
        ("DRAIN_DELAY", "1.s", "is not a duration"),
        ("DRAIN_DELAY", "5us", "is not a duration"),
        ("DRAIN_DELAY", "61m", "'61m' is too long: set at most 1h"),
        ("LIMIT", "many", "reading LIMIT: invalid literal"),
    ],
)
def test_wrong(name: str, value: str, expected: str, monkeypatch: pytest.MonkeyPatch) -> None:
    text = message({name: value}, monkeypatch)
    assert expected in text
    assert "\n" not in text


def test_every_wrong_one_has_a_line(monkeypatch: pytest.MonkeyPatch) -> None:
    wrong = {"PORT": "x", "LOG_LEVEL": "x", "DRAIN_DELAY": "x", "LIMIT": "x"}
    lines = message(wrong, monkeypatch).split("\n")
    assert [line.split()[1] for line in lines] == [f"{name}:" for name in wrong]
