"""The wheel, used as somebody who installed it uses it: elsewhere, and without the checkout."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import sysconfig
import zipfile
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[1]
PACKAGES = ("derive", "numeric", "reports")


def ran(*command: str | Path, cwd: Path) -> str:
    """What a command printed; a failure shows what it said."""
    outside = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    done = subprocess.run(command, cwd=cwd, env=outside, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Built from the checkout with the build tools that are installed, so no network is needed."""
    folder = tmp_path_factory.mktemp("wheel")
    ran(sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", folder, ROOT, cwd=folder)
    (path,) = folder.glob("backproof-*.whl")
    return path


@pytest.fixture(scope="module")
def contents(wheel: Path) -> frozenset[str]:
    """The names of the files in the wheel."""
    with zipfile.ZipFile(wheel) as archive:
        return frozenset(archive.namelist())


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A fresh environment's folder of programs; libraries are borrowed from the present one."""
    home = tmp_path_factory.mktemp("installed") / "venv"
    ran(sys.executable, "-m", "venv", "--without-pip", home, cwd=home.parent)
    python = home / "bin" / "python"
    ran(
        sys.executable, "-m", "pip", "--python", python, "install", "--no-deps", "--no-index", wheel, cwd=ROOT
    )
    site = Path(ran(python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))", cwd=home).strip())
    # A .pth file adds the folder, and not what that folder's own .pth files add: our checkout stays out.
    (site / "borrowed.pth").write_text(sysconfig.get_path("purelib"))
    return home / "bin"


def test_every_file_of_the_packages_is_in_the_wheel(contents: frozenset[str]) -> None:
    """Examples, templates, fonts and type markers are read at run time, or by type checkers."""
    wanted = {
        path.relative_to(ROOT).as_posix()
        for package in PACKAGES
        for path in (ROOT / package).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    assert {"reports/fonts/OFL.txt", "derive/examples/mazur.toml"} <= wanted
    assert wanted <= contents


def test_the_wheel_holds_the_packages_and_nothing_else(contents: frozenset[str]) -> None:
    """No tests, no configuration: they would land in everybody's site-packages."""
    tops = {name.partition("/")[0] for name in contents}
    assert {top for top in tops if not top.endswith(".dist-info")} == set(PACKAGES)


def test_both_licences_are_in_the_wheel(contents: frozenset[str]) -> None:
    """The fonts come under one of their own, which must go with them."""
    texts = {name.partition(".dist-info/licenses/")[2] for name in contents}
    assert {"LICENSE", "reports/fonts/OFL.txt"} <= texts


def test_the_installed_packages_are_the_wheels(installed: Path, tmp_path: Path) -> None:
    """Or the tests below would run the checkout."""
    script = "import derive, numeric, reports; print(derive.__file__, numeric.__file__, reports.__file__)"
    for path in ran(installed / "python", "-c", script, cwd=tmp_path).split():
        assert Path(path).is_relative_to(installed.parent)


def test_an_installed_command_writes_the_report_of_the_readme(installed: Path, tmp_path: Path) -> None:
    """The first thing that anybody does with it."""
    ran(installed / "backproof", "report", "mazur", "-o", "out.html", cwd=tmp_path)
    page = (tmp_path / "out.html").read_text(encoding="utf-8")
    assert "A step by step backpropagation example" in page
    assert page.rstrip().endswith("</html>")


def test_an_installed_command_lists_the_examples(installed: Path, tmp_path: Path) -> None:
    """They are package data, found without the checkout."""
    rows = json.loads(ran(installed / "backproof", "examples", "--json", cwd=tmp_path))
    assert "mazur" in [row["name"] for row in rows]
