import pytest

from service.settings import Settings, SettingsError


def test_defaults() -> None:
    assert Settings.from_env({}) == Settings()
    assert Settings.from_env({"PORT": "", "WEB_CONCURRENCY": "", "PEERS": ""}) == Settings()


def test_everything_set() -> None:
    env = {
        "PORT": "8080",
        "WEB_CONCURRENCY": "3",
        "LOG_LEVEL": "WARN",
        "PEERS": "http://a:1/x, https://b/ http://[::1]:8080",
        "PEERS_TIMEOUT": "1.5s",
        "DRAIN_DELAY": "1m30s",
    }
    assert Settings.from_env(env) == Settings(
        port=8080,
        workers=3,
        log_level="warning",
        peers=("http://a:1/x", "https://b/", "http://[::1]:8080"),
        peers_timeout=1.5,
        drain_delay=90,
    )


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("0", 0), ("0s", 0), ("500ms", 0.5), ("2.5s", 2.5), ("1h", 3600), ("1m1s1ms", 61.001)],
)
def test_durations(text: str, seconds: float) -> None:
    assert Settings.from_env({"DRAIN_DELAY": text}).drain_delay == pytest.approx(seconds)


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("PORT", "abc", "PORT='abc': not a port; give a number from 1 to 65535"),
        ("PORT", "0", "not a port"),
        ("PORT", "65536", "not a port"),
        ("PORT", "-1", "not a port"),
        ("PORT", "\u0663", "not a port"),  # a digit, but not of ASCII
        (
            "WEB_CONCURRENCY",
            "abc",
            "WEB_CONCURRENCY='abc': not a number of workers; give one from 1 up",
        ),
        ("WEB_CONCURRENCY", "0", "not a number of workers"),
        ("WEB_CONCURRENCY", "-1", "not a number of workers"),
        ("WEB_CONCURRENCY", "1.5", "not a number of workers"),
        (
            "LOG_LEVEL",
            "loud",
            "LOG_LEVEL='loud': not a level; give one of debug, info, warning, error",
        ),
        ("DRAIN_DELAY", "2", "DRAIN_DELAY='2': not a duration; write it like 500ms, 2s or 1m30s"),
        ("DRAIN_DELAY", "-2s", "not a duration"),
        ("DRAIN_DELAY", "2s later", "not a duration"),
        ("DRAIN_DELAY", ".5s", "not a duration"),
        ("DRAIN_DELAY", "1.s", "not a duration"),
        ("DRAIN_DELAY", "5us", "not a duration"),
        ("DRAIN_DELAY", "2h", "give a duration from 0s to 1h"),
        ("PEERS_TIMEOUT", "0s", "give a duration from 0.001s to 1h"),
        ("PEERS", "localhost:80", "'localhost:80' is not a URL; write it like http://host:8080"),
        ("PEERS", "http://a, ftp://b", "'ftp://b' is not a URL"),
        ("PEERS", "http://a:99999/", "is not a URL"),
        ("PEERS", "http://[::1/", "is not a URL"),
        ("PEERS", "http:///x", "is not a URL"),
    ],
)
def test_unusable(name: str, value: str, message: str) -> None:
    with pytest.raises(SettingsError) as caught:
        Settings.from_env({name: value})
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


def test_passwords_are_not_repeated() -> None:
    with pytest.raises(SettingsError, match="a URL for host holds a password") as caught:
        Settings.from_env({"PEERS": "http://user:secret@host/"})
    assert "secret" not in str(caught.value)
