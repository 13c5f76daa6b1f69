"""Tests of dockerfiles/python, without a network, in a container: they write to /opt/build. Run from the top of the repository."""

import hashlib
import os
import shutil
import subprocess
import sys
import sysconfig
import tempfile
import unittest
from pathlib import Path

SCRIPTS = Path("dockerfiles/python").resolve()
SITE = "usr/local/lib/python3.13/dist-packages"
BUILD_SYSTEM = '[build-system]\nrequires = ["uv_build"]\nbuild-backend = "uv_build"\n'


class Scripts(unittest.TestCase):
    def setUp(self) -> None:
        self.top = Path(self.enterContext(tempfile.TemporaryDirectory()))
        self.root = self.top / "root"
        self.environment = {
            "PATH": f"{SCRIPTS}:{os.environ['PATH']}",
            "HOME": str(self.top),
            "UV_OFFLINE": "1",
            "UV_PYTHON_DOWNLOADS": "never",
            "GIT_CONFIG_GLOBAL": os.devnull,
        }

    def run_script(self, *command: object, folder: Path | None = None, stdin: str = "") -> subprocess.CompletedProcess[str]:
        words = [str(word) for word in command]
        return subprocess.run(words, cwd=folder, env=self.environment, input=stdin, capture_output=True, text=True, check=False)

    def succeeds(self, *command: object, folder: Path | None = None) -> str:
        done = self.run_script(*command, folder=folder)
        self.assertEqual(done.returncode, 0, done.stderr)
        return done.stderr

    def write(self, path: str, text: str = "", root: Path | None = None) -> Path:
        file = (root or self.root) / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
        return file

    def left(self, folder: str = "") -> set[str]:
        """The files in the root that are not compiled ones."""
        top = self.root / folder
        return {str(path.relative_to(top)) for path in top.rglob("*") if path.is_file() and path.suffix != ".pyc"}


class Prune(Scripts):
    packages = "usr/local/lib/python3.13/site-packages"

    def prune(self, *files: str) -> str:
        for file in files:
            self.write(f"{self.packages}/{file}")
        return self.succeeds("python-prune", self.root)

    def test_data_stays(self) -> None:
        data = {"p/__init__.py", "p/descr/iris.rst", "p/README.md", "p/a.csv", "p/zone/UTC", "p/static/a.js.map", "p/a.pyi"}
        self.prune(*data)
        self.assertEqual(self.left(SITE), data)

    def test_what_only_a_build_reads_goes(self) -> None:
        self.write("usr/local/include/p/p.h")
        self.write("usr/local/share/man/man1/p.1")
        self.write("usr/local/share/p/data")
        self.prune("p/__init__.py", "p/include/p.h", "p/a.pyx", "p/a.c", "p/lib.a", "q.dist-info/uv_build.json")
        self.assertEqual(self.left("usr/local"), {"lib/python3.13/dist-packages/p/__init__.py", "share/p/data"})

    def test_tests_go(self) -> None:
        self.prune(
            "p/__init__.py", "p/tests/__init__.py", "p/tests/test_a.py", "p/tests/data/big.bin", "q/test/a_test.py", "q/__init__.py"
        )
        self.assertEqual(self.left(SITE), {"p/__init__.py", "q/__init__.py"})

    def test_folders_that_are_only_called_test_stay(self) -> None:
        files = {"django/__init__.py", "django/test/__init__.py", "django/test/client.py", "p/tests.py"}
        self.prune(*files)
        self.assertEqual(self.left(SITE), files)

    def test_what_others_import_from_tests_stays(self) -> None:
        for line in (
            "from p.tests import _natype",
            "from p.tests._natype import x",
            "import p.tests._natype",
            "from .tests import _natype",
        ):
            with self.subTest(line):
                self.write(f"{self.packages}/p/__init__.py", f"def late():\n    {line}\n")
                self.write(f"{self.packages}/p/tests/_natype.py", "from .helper import y\n")
                self.prune("p/tests/__init__.py", "p/tests/helper.py", "p/tests/test_a.py", "p/tests/other.py")
                self.assertEqual(self.left(f"{SITE}/p/tests") - {"__init__.py"}, {"_natype.py", "helper.py"})
                shutil.rmtree(self.root)

    def test_records_name_what_is_left(self) -> None:
        self.write(
            f"{self.packages}/p-1.dist-info/RECORD",
            'p/__init__.py,sha256=x,0\np/tests/test_a.py,,\n"p/a,b.txt",,\n../../../bin/p,,\n',
        )
        self.write("usr/local/bin/p", "#!/usr/bin/python3.13\n")
        self.prune("p/__init__.py", "p/tests/test_a.py", "p/a,b.txt")
        record = (self.root / SITE / "p-1.dist-info/RECORD").read_text()
        self.assertEqual(record, 'p/__init__.py,sha256=x,0\n"p/a,b.txt",,\n../../../bin/p,,\n')

    def test_console_scripts_stay_and_others_are_named(self) -> None:
        self.write("usr/local/bin/good", "#!/usr/bin/python3.13\n")
        self.write("usr/local/bin/bad", "#!/bin/sh\n")
        said = self.prune("p/__init__.py")
        self.assertEqual(self.left("usr/local/bin"), {"good"})
        self.assertEqual(said, "python-prune: left out bad: it needs /bin/sh\n")

    def test_modules_that_are_scripts_are_not_executable(self) -> None:
        script = self.write(f"{self.packages}/p/tool.py", "#!/usr/bin/env python\n")
        script.chmod(0o755)
        self.prune()
        self.assertEqual((self.root / SITE / "p/tool.py").stat().st_mode & 0o111, 0)

    def test_compiled_files_do_not_depend_on_time(self) -> None:
        def compiled() -> dict[str, str]:
            self.write(f"{self.packages}/p/a.py", "x = 1\n")
            self.write("app/b.py", "x = 2\n")
            self.write(f"{self.packages}/p/template.py", "{% x %}\n")
            self.prune()
            files = {
                str(path.relative_to(self.root)): hashlib.sha256(path.read_bytes()).hexdigest() for path in self.root.rglob("*.pyc")
            }
            shutil.rmtree(self.root)
            return files

        first = compiled()
        self.assertEqual(set(first), {f"{SITE}/p/__pycache__/a.cpython-313.pyc", "app/__pycache__/b.cpython-313.pyc"})
        self.assertEqual(compiled(), first)


class Stdlib(Scripts):
    def test_the_source_goes_and_the_records_follow(self) -> None:
        library = "usr/lib/python3.13"
        for name in ("a.py", "package/__init__.py", "test/test_a.py", "curses/__init__.py"):
            self.write(f"{library}/{name}", "x = 1\n")
        record = self.write("var/lib/dpkg/status.d/libpython3.13-stdlib.md5sums", f"11  {library}/a.py\n22  usr/share/doc/x\n")
        self.succeeds("python-stdlib", self.root)
        files = {str(path.relative_to(self.root / library)) for path in (self.root / library).rglob("*") if path.is_file()}
        self.assertEqual(files, {"a.pyc", "package/__init__.pyc"})
        md5 = hashlib.md5((self.root / library / "a.pyc").read_bytes(), usedforsecurity=False).hexdigest()
        self.assertEqual(record.read_text(), f"{md5}  {library}/a.pyc\n22  usr/share/doc/x\n")


class Entry(Scripts):
    def setUp(self) -> None:
        super().setUp()
        for file in ("usr/bin/python3", "usr/bin/python3.13", "usr/lib/python3.13/http/server.pyc", "usr/local/bin/uvicorn"):
            self.write(file)
        for file in ("uvicorn/__init__.py", "uvicorn/__main__.py", "flask/__init__.py"):
            self.write(f"{SITE}/{file}")
        for file in ("app/api/worker.py", "app/manage.py"):
            self.write(file, root=self.top / "service")

    def entry(self, *commands: str) -> subprocess.CompletedProcess[str]:
        return self.run_script("python-entry", self.root, self.top / "service", stdin="\n".join(commands))

    def test_what_is_there(self) -> None:
        done = self.entry(
            '["python3", "-m", "uvicorn", "api.main:app", "--port=8000"]',
            '["python3", "-m", "api.worker"]',
            '["python3", "-Xdev", "-W", "error", "-u", "manage.py", "migrate"]',
            '["/usr/bin/python3", "/app/manage.py"]',
            '["python3.13", "-c", "pass"]',
            '["python3", "-um", "http.server"]',
            '["uvicorn", "api.main:app"]',
        )
        self.assertEqual((done.returncode, done.stderr), (0, ""))

    def test_what_is_not(self) -> None:
        for command, reason in {
            '["python3", "-m", "service"]': "module service is not in the image",
            '["python3", "-Im", "api.workers"]': "module api.workers is not in the image",
            '["python3", "-m", "flask"]': "package flask has no __main__.py",
            '["python3", "mange.py"]': "script /app/mange.py is not in the image",
            '["gunicorn", "api:app"]': "there is no program gunicorn in /usr/local/bin or /usr/bin of the image",
            '["./run"]': "there is no program ./run in /app/. of the image",
            '["python3", "-m"]': "no module follows -m",
        }.items():
            with self.subTest(command):
                done = self.entry('["python3", "manage.py"]', command)
                self.assertEqual(done.returncode, 1)
                self.assertIn(f"{reason}; correct `command` or `commands` in service.yaml", done.stderr)
                self.assertEqual(done.stderr.count("\n"), 1)


@unittest.skipUnless(shutil.which("uv"), "needs uv")
class Projects(Scripts):
    def setUp(self) -> None:
        super().setUp()
        self.src = self.top / "src"
        self.service = self.src / "services/api"
        self.environment["UV_CACHE_DIR"] = str(self.top / "cache")

    def project(self, folder: Path, name: str, more: str = "", dependencies: str = "") -> None:
        text = f'[project]\nname = "{name}"\nversion = "1"\nrequires-python = ">=3.13"\ndependencies = [{dependencies}]\n{more}'
        self.write("pyproject.toml", text, root=folder)

    def library(self, folder: Path, name: str) -> None:
        self.project(folder, name, BUILD_SYSTEM)
        self.write(f"src/{name}/__init__.py", "x = 1\n", root=folder)

    def install(self, *files: str) -> None:
        self.succeeds("uv", "lock", "-q", folder=self.service)
        self.succeeds("uv", "venv", "-q", "/opt/build", "--clear")
        self.succeeds("python-project", self.root, *files, folder=self.service)

    def test_modules_in_src(self) -> None:
        self.project(self.service, "api")
        for file in ("src/api/__init__.py", "src/api/page.html", "src/manage.py", "tests/test_a.py", "other/__init__.py"):
            self.write(file, root=self.service)
        self.install()
        self.assertEqual(self.left(), {"app/api/__init__.py", "app/api/page.html", "app/manage.py"})

    def test_modules_at_the_top(self) -> None:
        self.project(self.service, "api")
        wanted = {"manage.py", "shop/__init__.py", "shop/templates/a.html", "migrations/a.sql", "alembic.ini"}
        for file in {*wanted, "tests/__init__.py", "test_a.py", "conftest.py", "notes/a.txt"}:
            self.write(file, root=self.service)
        self.install("migrations", "alembic.ini")
        self.assertEqual(self.left("app"), wanted)

    def test_a_package_and_shared_projects(self) -> None:
        sources = '[tool.uv.sources]\nshared = { path = "../../libs/shared", editable = true }\n'
        more = f'scripts = {{ api = "api:main" }}\n{BUILD_SYSTEM}{sources}'
        self.project(self.service, "api", more, '"shared"')
        self.write("src/api/__init__.py", root=self.service)
        self.write("tests/test_a.py", root=self.service)
        self.library(self.src / "libs/shared", "shared")
        self.install()
        files = {file for file in self.left() if ".dist-info" not in file}
        self.assertEqual(files, {f"{SITE}/api/__init__.py", f"{SITE}/shared/__init__.py", "usr/local/bin/api"})
        self.assertTrue((self.root / "usr/local/bin/api").read_text().startswith("#!/usr/bin/python3"))

    def packages(self) -> subprocess.CompletedProcess[str]:
        machine = {"x86_64-linux-gnu": "amd64", "aarch64-linux-gnu": "arm64"}[sysconfig.get_config_var("MULTIARCH")]
        return self.run_script("python-packages", machine, self.root, folder=self.service)

    def test_a_package_from_git_and_one_that_is_a_source_distribution(self) -> None:
        git = self.top / "git"
        self.library(git, "fromgit")
        for command in ("init -q", "add -A", "-c user.name=a -c user.email=a@example.com commit -qm one"):
            self.succeeds("git", *command.split(), folder=git)
        self.library(self.top / "fromsdist", "fromsdist")
        self.succeeds("uv", "build", "-q", "--sdist", "-o", self.top / "index", folder=self.top / "fromsdist")
        self.project(self.src / "libs/shared", "shared", '[build-system]\nrequires = []\nbuild-backend = "setuptools"\n')
        more = (
            f'[[tool.uv.index]]\nname = "local"\nurl = "{self.top}/index"\nformat = "flat"\ndefault = true\n'
            f'[tool.uv.sources]\nfromgit = {{ git = "file://{git}" }}\nshared = {{ path = "../../libs/shared" }}\n'
        )
        self.project(self.service, "api", more, '"fromgit", "fromsdist", "shared"')
        self.succeeds("uv", "lock", "-q", folder=self.service)
        done = self.packages()
        self.assertEqual(done.returncode, 0, done.stderr)
        files = {file for file in self.left() if ".dist-info" not in file}
        self.assertEqual(files, {f"{SITE}/fromgit/__init__.py", f"{SITE}/fromsdist/__init__.py"})

    def test_a_package_that_needs_a_compiler(self) -> None:
        folder = self.top / "compiled"
        backend = '[build-system]\nrequires = []\nbuild-backend = "backend"\nbackend-path = ["."]\n'
        self.project(folder, "compiled", backend)
        self.write("backend.py", "def build_wheel(*_): raise SystemExit('no compiler')\n", root=folder)
        for command in ("init -q", "add -A", "-c user.name=a -c user.email=a@example.com commit -qm one"):
            self.succeeds("git", *command.split(), folder=folder)
        self.project(self.service, "api", f'[tool.uv.sources]\ncompiled = {{ git = "file://{folder}" }}\n', '"compiled"')
        self.succeeds("uv", "lock", "-q", folder=self.service)
        done = self.packages()
        self.assertEqual(done.returncode, 1)
        self.assertRegex(
            done.stderr.splitlines()[-1], r"^python-packages: install compiled.*: PyPI has no wheel of it for .*`uv add`"
        )

    def test_no_packages_at_all(self) -> None:
        self.project(self.service, "api")
        self.succeeds("uv", "lock", "-q", folder=self.service)
        done = self.packages()
        self.assertEqual(done.returncode, 0, done.stderr)


class Ldconfig(unittest.TestCase):
    def test_find_library_understands_it(self) -> None:
        said = subprocess.run(
            [sys.executable, "-IS", SCRIPTS / "image-ldconfig"], capture_output=True, text=True, check=True
        ).stdout
        name = next(line for line in said.splitlines() if "libz.so.1 " in line)
        self.assertRegex(name, r"^\tlibz\.so\.1 \(libc6,(x86-64|AArch64)\) => /usr/lib/[a-z0-9_]+-linux-gnu/libz\.so\.1$")


if __name__ == "__main__":
    unittest.main()
