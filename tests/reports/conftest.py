"""The command line in the tests' own process, small problems, and the option that rewrites golden pages."""

from __future__ import annotations

import signal
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from reports.cli import main
from tests.commands import Ran
from tests.reports.small import PROBLEMS, Run


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--rewrite-golden",
        action="store_true",
        help="write the golden pages anew, and fail, so that somebody looks at them",
    )


@pytest.fixture
def rewrite_golden(request: pytest.FixtureRequest) -> bool:
    return bool(request.config.getoption("--rewrite-golden", default=False))


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Iterator[Run]:
    """The command line in this process; the signals' handlers are put back afterwards."""
    numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGPIPE)
    before = {number: signal.getsignal(number) for number in numbers}

    def run(*arguments: str | Path) -> Ran:
        with pytest.raises(SystemExit) as stop:
            main([str(argument) for argument in arguments])
        out, err = capsys.readouterr()
        return Ran(int(stop.value.code or 0), out, err)

    yield run
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.fixture
def files(tmp_path: Path) -> Mapping[str, str]:
    """The paths of the small problems, by name."""
    paths = {name: tmp_path / f"{name}.toml" for name in PROBLEMS}
    for name, path in paths.items():
        path.write_text(PROBLEMS[name])
    return {name: str(path) for name, path in paths.items()}
