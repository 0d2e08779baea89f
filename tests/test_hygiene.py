"""What holds for every module: nothing evaluates text, every room is small and says what it is."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

from tests.sources import PACKAGES, ROOT, called, calls, statements, tree

SOURCES = {
    str(path.relative_to(ROOT)): path
    for package in PACKAGES
    for path in sorted((ROOT / package).rglob("*.py"))
}
TESTS = {str(path.relative_to(ROOT)): path for path in sorted((ROOT / "tests").rglob("*.py"))}

EVALUATING = {
    "eval", "exec", "compile", "__import__", "sympify", "parse_expr", "parse_latex", "lambdify",
    "from_string", "system", "popen",
}  # fmt: skip
"""Calls that untrusted text must never reach; what needs none of them cannot be misled into one."""

LOADING = {"pickle", "marshal", "shelve", "dill", "joblib", "subprocess"}
MOST_LINES = 500

OUTSIDERS = {"torch", "jax", "autograd", "casadi", "scipy", "numdifftools", "symengine"}
"""Witnesses that are compared with where they are installed; `pytest.importorskip` asks for them."""

DEFINITIONS = (ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)


def imported(nodes: Iterable[ast.AST]) -> set[str]:
    """The packages that these statements import."""
    found = set[str]()
    for node in nodes:
        if isinstance(node, ast.Import):
            found |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module.partition(".")[0])
    return found


def offences(paths: Mapping[str, Path], look: Callable[[Path], Iterable[object]]) -> dict[str, list[object]]:
    """What is found in files where nothing should be, by file; there have to be files."""
    assert paths
    found = {name: list(look(path)) for name, path in paths.items()}
    return {name: wrong for name, wrong in found.items() if wrong}


def test_nothing_evaluates_text() -> None:
    """What somebody writes is parsed by our own grammar into a closed set of nodes, and only so."""

    def evaluating(path: Path) -> Iterable[str]:
        # re.compile compiles a pattern, not a program
        yield from (n for n in called(path) if n.rpartition(".")[2] in EVALUATING and n != "re.compile")
        yield from (
            keyword.arg for call in calls(path) for keyword in call.keywords if keyword.arg == "shell"
        )

    assert offences(SOURCES, evaluating) == {}


def test_nothing_that_runs_what_it_loads_is_imported() -> None:
    """A pickle is a program, and so is a shell's line."""
    assert offences(SOURCES, lambda path: imported(statements(tree(path))) & LOADING) == {}


def test_a_test_file_can_be_read_without_the_witnesses_from_outside() -> None:
    """A fresh machine has none of them, and skips only what compares with them."""
    read = {name: path for name, path in TESTS.items() if "benchmarks" not in path.parts}
    assert offences(read, lambda path: imported(tree(path).body) & OUTSIDERS) == {}


def test_a_file_is_one_small_room() -> None:
    """What is longer has more than one thing in it."""

    def length(path: Path) -> Iterable[int]:
        lines = len(path.read_text(encoding="utf-8").splitlines())
        return (lines,) if lines > MOST_LINES else ()

    assert offences(SOURCES | TESTS, length) == {}


def test_every_module_says_what_it_is() -> None:
    """In the field's words, before any code."""
    assert offences(SOURCES | TESTS, lambda path: () if ast.get_docstring(tree(path)) else ("bare",)) == {}


def undocumented(nodes: Iterable[ast.AST]) -> list[object]:
    """The names of those definitions that say nothing of themselves."""
    return [node.name for node in nodes if isinstance(node, DEFINITIONS) and not ast.get_docstring(node)]


def test_every_public_function_and_class_has_a_docstring() -> None:
    """Its first sentence says what it is; methods whose name says it all may go without."""

    def bare(path: Path) -> Iterable[object]:
        return [name for name in undocumented(tree(path).body) if not str(name).startswith("_")]

    assert offences(SOURCES, bare) == {}


def test_every_test_says_why() -> None:
    """The name is the fact, the docstring the reason."""

    def bare(path: Path) -> Iterable[object]:
        return [name for name in undocumented(tree(path).body) if str(name).startswith("test")]

    assert offences(TESTS, bare) == {}


def test_no_check_is_silenced() -> None:
    """A rule that does not fit is discussed in pyproject.toml, once for all."""
    silencers = ("# no" + "qa", "# type:" + " ignore", "# pragma:" + " no cover")

    def silenced(path: Path) -> Iterable[str]:
        text = path.read_text(encoding="utf-8")
        return [word for word in silencers if word in text]

    assert offences(SOURCES | TESTS, silenced) == {}
