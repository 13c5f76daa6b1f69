"""Tests of dockerfiles/debian, on small roots made of this system's files. Run from the top of the repository."""

import shutil
import subprocess
import tempfile
import unittest
from pathlib import Path

SCRIPTS = Path("dockerfiles/debian").resolve()
LIBRARIES = next(Path("/usr/lib").glob("*-linux-gnu"))
RECORDS = "var/lib/dpkg/status.d"


class Scripts(unittest.TestCase):
    def setUp(self) -> None:
        self.root = Path(self.enterContext(tempfile.TemporaryDirectory()))
        self.base = Path(self.enterContext(tempfile.TemporaryDirectory()))

    def run_script(self, name: str, *arguments: object) -> subprocess.CompletedProcess[str]:
        return subprocess.run([SCRIPTS / name, *map(str, arguments)], capture_output=True, text=True, check=False)

    def write(self, path: str, text: str = "", root: Path | None = None) -> Path:
        file = (root or self.root) / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
        return file

    def fill(self, root: Path, *libraries: str) -> Path:
        folder = root / LIBRARIES.relative_to("/")
        folder.mkdir(parents=True)
        (root / "usr/bin").mkdir()
        for name in libraries:
            shutil.copy(LIBRARIES / name, folder)
        loader = next(LIBRARIES.glob("ld-linux-*.so.*"))
        shutil.copy(loader, folder)
        for link in ("lib", "lib64"):
            (root / link).symlink_to("usr/lib")
        # An absolute link starts at the root's own top, not at this system's.
        (root / "usr/lib" / loader.name).symlink_to(LIBRARIES / loader.name)
        return folder


class DebianLibraries(Scripts):
    def setUp(self) -> None:
        super().setUp()
        self.folder = self.fill(self.root, "libc.so.6", "libm.so.6", "libz.so.1", "libexpat.so.1", "liblzma.so.5")
        self.program = Path(shutil.copy("/usr/bin/python3.13", self.root / "usr/bin/program"))

    def libraries(self, *arguments: object) -> subprocess.CompletedProcess[str]:
        return self.run_script("debian-libraries", self.root, *arguments)

    def test_removes_what_nothing_needs(self) -> None:
        done = self.libraries()
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertFalse((self.folder / "liblzma.so.5").exists())
        self.assertTrue((self.folder / "libexpat.so.1").exists())

    def test_keeps_what_is_named(self) -> None:
        self.assertEqual(self.libraries("--keep", "liblzma.so.5").returncode, 0)
        self.assertTrue((self.folder / "liblzma.so.5").exists())

    def test_keeps_the_libraries_of_named_packages(self) -> None:
        file = (self.folder / "liblzma.so.5").relative_to(self.root)
        self.write(f"{RECORDS}/liblzma5.md5sums", f"11  {file}\n22  usr/share/doc/liblzma5/copyright\n")
        self.assertEqual(self.libraries("--packages", "liblzma5").returncode, 0)
        self.assertTrue((self.folder / "liblzma.so.5").exists())
        done = self.libraries("--packages", "libnone1")
        self.assertEqual(done.returncode, 1)
        self.assertIn("keep the libraries of libnone1: it was not unpacked into", done.stderr)

    def test_missing_libraries(self) -> None:
        for name in ("libexpat.so.1", "libm.so.6"):
            (self.folder / name).unlink()
        done = self.libraries()
        self.assertEqual(done.returncode, 1)
        self.assertIn("not in the image: libexpat.so.1 (needed by /usr/bin/program), libm.so.6 (needed by", done.stderr)
        self.assertIn("write `packages: [libc6", done.stderr)
        self.assertEqual(done.stderr.count("\n"), 1)

    def test_missing_kept_library(self) -> None:
        done = self.libraries("--keep", "libnone.so.1")
        self.assertEqual(done.returncode, 1)
        self.assertIn("keep libnone.so.1: it is not in", done.stderr)

    def test_missing_loader(self) -> None:
        next((self.root / "usr/lib").glob("ld-linux-*")).unlink()
        done = self.libraries()
        self.assertEqual(done.returncode, 1)
        self.assertIn("ld-linux", done.stderr)

    def test_other_machine(self) -> None:
        other = bytearray(self.program.read_bytes())
        other[18:20] = (243).to_bytes(2, "little")  # e_machine: RISC-V
        (self.root / "usr/bin/other").write_bytes(other)
        done = self.libraries()
        self.assertEqual(done.returncode, 1)
        self.assertIn("built for different machines", done.stderr)

    def test_section_headers_are_not_needed(self) -> None:
        stripped = bytearray(self.program.read_bytes())
        stripped[0x28:0x30] = bytes(8)  # e_shoff
        stripped[0x3C:0x40] = bytes(4)  # e_shnum, e_shstrndx
        self.program.write_bytes(stripped)
        (self.folder / "libexpat.so.1").unlink()
        self.assertIn("libexpat.so.1 (needed by /usr/bin/program)", self.libraries().stderr)

    def test_over_a_base(self) -> None:
        self.fill(self.base, "libc.so.6", "libm.so.6", "libz.so.1")
        shutil.rmtree(self.root / "usr/lib")
        for link in ("lib", "lib64"):
            (self.root / link).unlink()
        self.folder.mkdir(parents=True)
        for name in ("libexpat.so.1", "liblzma.so.5"):
            shutil.copy(LIBRARIES / name, self.folder)
        done = self.libraries("--over", self.base)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertEqual([path.name for path in self.folder.iterdir()], ["libexpat.so.1"])
        self.assertTrue((self.base / LIBRARIES.relative_to("/") / "libz.so.1").exists())
        (self.base / LIBRARIES.relative_to("/") / "libz.so.1").unlink()
        self.assertIn("libz.so.1 (needed by /usr/bin/program)", self.libraries("--over", self.base).stderr)

    def test_a_library_that_a_package_loads_first(self) -> None:
        # Wheels open their own libraries by path, and then those that need them.
        own = self.root / "usr/local/lib/package"
        own.mkdir(parents=True)
        shutil.move(self.folder / "libexpat.so.1", own)
        self.assertEqual(self.libraries().returncode, 0)


class DebianLibrariesFromASysroot(Scripts):
    """The program in a folder of its own, and what it was linked with."""

    def setUp(self) -> None:
        super().setUp()
        self.programs = Path(self.enterContext(tempfile.TemporaryDirectory()))
        self.sysroot = Path(self.enterContext(tempfile.TemporaryDirectory()))
        (self.programs / "usr/bin").mkdir(parents=True)
        shutil.copy("/usr/bin/python3.13", self.programs / "usr/bin/program")
        self.fill(self.base, "libc.so.6", "libm.so.6")
        self.fill(self.sysroot)
        self.package("libexpat1", "libexpat.so.1", "usr/lib/expat/plug-in")
        self.package("zlib1g", "libz.so.1", "usr/lib/zlib/data")
        self.package("libpcre2-8-0", "libpcre2-8.so.0")
        # A licence may be a link to that of another package; no list has a path below such a link.
        licence = self.sysroot / "usr/share/doc/zlib1g"
        shutil.move(licence, licence.with_name("zlib-base"))
        licence.symlink_to("zlib-base")
        self.write(f"{RECORDS}/zlib-base", root=self.sysroot)
        records = self.sysroot / RECORDS / "zlib1g.md5sums"
        records.write_text("".join(line for line in records.read_text().splitlines(True) if "copyright" not in line))

    def package(self, name: str, library: str, *files: str) -> None:
        folder = LIBRARIES.relative_to("/")
        source = LIBRARIES / library
        shutil.copy(source if source.exists() else LIBRARIES / "liblzma.so.5", self.sysroot / folder / f"{library}.99")
        (self.sysroot / folder / library).symlink_to(f"{library}.99")
        (self.sysroot / folder / library[: library.index(".so") + 3]).symlink_to(library)
        paths = [f"{folder}/{library}.99", f"usr/share/doc/{name}/copyright", *files]
        for path in paths[1:]:
            self.write(path, root=self.sysroot)
        self.write(f"{RECORDS}/{name}", root=self.sysroot)
        self.write(f"{RECORDS}/{name}.md5sums", "".join(f"11  {path}\n" for path in paths), self.sysroot)

    def libraries(self, *arguments: object) -> subprocess.CompletedProcess[str]:
        roots = ("--with", self.programs, "--over", self.base, "--from", self.sysroot)
        return self.run_script("debian-libraries", self.root, *roots, *arguments)

    def test_copies_whole_packages(self) -> None:
        done = self.libraries()
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        copied = sorted(path.name for path in (self.root / LIBRARIES.relative_to("/")).iterdir())
        self.assertEqual(copied, ["libexpat.so.1", "libexpat.so.1.99", "libz.so.1", "libz.so.1.99"])
        self.assertTrue((self.root / "usr/lib/expat/plug-in").exists())
        self.assertTrue((self.root / "usr/share/doc/zlib1g").is_symlink())
        self.assertTrue((self.root / "usr/share/doc/zlib1g/copyright").exists())
        self.assertTrue((self.root / RECORDS / "zlib-base").exists())

    def test_of_a_package_in_the_base_the_library_alone(self) -> None:
        self.write(f"{RECORDS}/zlib1g", root=self.base)
        done = self.libraries()
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertFalse((self.root / "usr/lib/zlib/data").exists())
        self.assertTrue((self.root / LIBRARIES.relative_to("/") / "libz.so.1").exists())

    def test_what_a_plug_in_needs(self) -> None:
        shutil.copy(LIBRARIES / "libselinux.so.1", self.sysroot / "usr/lib/expat/plug-in")
        done = self.libraries()
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertTrue((self.root / LIBRARIES.relative_to("/") / "libpcre2-8.so.0").exists())

    def test_a_library_that_is_not_in_the_sysroot(self) -> None:
        (self.sysroot / LIBRARIES.relative_to("/") / "libexpat.so.1").unlink()
        done = self.libraries()
        self.assertEqual(done.returncode, 1)
        self.assertIn("not in the image: libexpat.so.1 (needed by /usr/bin/program)", done.stderr)


class DebianRecords(Scripts):
    def record(self, package: str, *files: str) -> None:
        self.write(f"{RECORDS}/{package}", f"Package: {package}\n")
        self.write(f"{RECORDS}/{package}.md5sums", "".join(f"11  {file}\n" for file in files))

    def records(self) -> list[str]:
        return sorted(path.name for path in (self.root / RECORDS).iterdir())

    def test_names_what_is_left(self) -> None:
        for name in ("kept", "gone"):
            self.write(f"usr/share/doc/{name}/copyright")
            self.record(name, f"usr/lib/{name}", f"usr/lib/{name}-pruned", f"usr/share/doc/{name}/copyright")
        self.write("usr/lib/kept")
        self.assertEqual(self.run_script("debian-records", self.root).returncode, 0)
        self.assertEqual((self.root / RECORDS / "kept.md5sums").read_text(), "11  usr/lib/kept\n11  usr/share/doc/kept/copyright\n")
        self.assertEqual(self.records(), ["kept", "kept.md5sums"])
        self.assertFalse((self.root / "usr/share/doc/gone").exists())

    def test_a_licence_that_others_link_to(self) -> None:
        for name in ("a-base", "b", "c"):
            self.record(name, f"usr/lib/{name}", "usr/share/doc/a-base/copyright")
        self.write("usr/share/doc/a-base/copyright")
        for name in ("b", "c"):
            (self.root / f"usr/share/doc/{name}").symlink_to("a-base")
        used = self.write("usr/lib/b")
        self.assertEqual(self.run_script("debian-records", self.root).returncode, 0)
        self.assertEqual(self.records(), ["a-base", "a-base.md5sums", "b", "b.md5sums"])
        used.unlink()
        self.assertEqual(self.run_script("debian-records", self.root).returncode, 0)
        self.assertEqual(self.records(), [])

    def test_over_a_base(self) -> None:
        for name in ("same", "changed"):
            self.write(f"usr/lib/{name}", name)
            self.write(f"usr/lib/{name}", "same", self.base)
            self.record(name, f"usr/lib/{name}")
        for root in (self.root, self.base):
            (root / "usr/lib/link").symlink_to("same")
        self.record("part", "usr/lib/same", "usr/lib/new", "usr/lib/pruned")
        self.write("usr/lib/new")
        self.assertEqual(self.run_script("debian-records", self.root, self.base).returncode, 0)
        self.assertEqual(sorted(path.name for path in (self.root / "usr/lib").iterdir()), ["changed", "new"])
        self.assertEqual(self.records(), ["changed", "changed.md5sums", "part", "part.md5sums"])
        self.assertEqual((self.root / RECORDS / "part.md5sums").read_text(), "11  usr/lib/same\n11  usr/lib/new\n")


if __name__ == "__main__":
    unittest.main()
