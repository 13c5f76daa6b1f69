import json
import shutil
import tomllib
from importlib.metadata import version
from pathlib import Path
from zipfile import ZipFile

import pytest
from django.core.management import call_command
from hatchling.build import build_wheel

ROOT = Path(__file__).parent.parent


@pytest.mark.django_db
def test_models_have_migrations() -> None:
    call_command("makemigrations", check=True, dry_run=True)


def test_built_with_locked_versions() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    for requirement in project["build-system"]["requires"]:
        name, pinned = requirement.split("==")
        assert pinned == version(name), f"[build-system] pins {requirement}: change it with uv.lock"


def test_static_files_are_in_the_wheel(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    project = tmp_path / "project"
    shutil.copytree(ROOT, project, ignore=shutil.ignore_patterns(".*_cache", ".venv"))
    monkeypatch.chdir(project)
    monkeypatch.setenv("DJANGO_SETTINGS_MODULE", "config.settings")
    with ZipFile(tmp_path / build_wheel(str(tmp_path))) as wheel:
        names = set(wheel.namelist())
        manifest = json.loads(wheel.read("config/staticfiles/staticfiles.json"))
    style = manifest["paths"]["guestbook/style.css"]
    assert style != "guestbook/style.css"
    assert {f"config/staticfiles/{style}", f"config/staticfiles/{style}.gz"} <= names
    assert "config/staticfiles/guestbook/style.css" not in names
    assert {
        "guestbook/migrations/0001_initial.py",
        "guestbook/templates/guestbook/index.html",
    } <= names
