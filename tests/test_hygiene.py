"""What holds for every module: nothing evaluates text, every room is small and says what it is."""

from __future__ import annotations

import ast
from collections.abc import Iterable
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
SOURCES = {
    str(path.relative_to(ROOT)): path
    for package in ("derive", "numeric", "reports")
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


def tree(path: Path) -> ast.Module:
    """The module's syntax."""
    return ast.parse(path.read_text(encoding="utf-8"))


def imported(nodes: Iterable[ast.AST]) -> set[str]:
    """The packages that these statements import."""
    found = set[str]()
    for node in nodes:
        if isinstance(node, ast.Import):
            found |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module.partition(".")[0])
    return found


@pytest.mark.parametrize("path", SOURCES.values(), ids=SOURCES)
def test_nothing_evaluates_text(path: Path) -> None:
    """What somebody writes is parsed by our own grammar into a closed set of nodes, and only so."""
    calls = [node for node in ast.walk(tree(path)) if isinstance(node, ast.Call)]
    names = [ast.unparse(call.func) for call in calls]
    # re.compile compiles a pattern, not a program
    assert [n for n in names if n.rpartition(".")[2] in EVALUATING and n != "re.compile"] == []
    assert not any(keyword.arg == "shell" for call in calls for keyword in call.keywords)


@pytest.mark.parametrize("path", SOURCES.values(), ids=SOURCES)
def test_nothing_that_runs_what_it_loads_is_imported(path: Path) -> None:
    """A pickle is a program, and so is a shell's line."""
    assert imported(ast.walk(tree(path))) & LOADING == set()


@pytest.mark.parametrize("path", TESTS.values(), ids=TESTS)
def test_a_test_file_can_be_read_without_the_witnesses_from_outside(path: Path) -> None:
    """A fresh machine has none of them, and skips only what compares with them."""
    if "benchmarks" not in path.parts:
        assert imported(tree(path).body) & OUTSIDERS == set()


@pytest.mark.parametrize("path", SOURCES.values(), ids=SOURCES)
def test_a_file_is_one_small_room(path: Path) -> None:
    """What is longer has more than one thing in it."""
    assert len(path.read_text(encoding="utf-8").splitlines()) <= MOST_LINES


@pytest.mark.parametrize("path", (SOURCES | TESTS).values(), ids=SOURCES | TESTS)
def test_every_module_says_what_it_is(path: Path) -> None:
    """In the field's words, before any code."""
    assert ast.get_docstring(tree(path))


@pytest.mark.parametrize("path", SOURCES.values(), ids=SOURCES)
def test_every_public_function_and_class_has_a_docstring(path: Path) -> None:
    """Its first sentence says what it is; methods whose name says it all may go without."""
    public = [node for node in tree(path).body if isinstance(node, DEFINITIONS) and node.name[0] != "_"]
    assert [node.name for node in public if not ast.get_docstring(node)] == []


@pytest.mark.parametrize("path", TESTS.values(), ids=TESTS)
def test_every_test_says_why(path: Path) -> None:
    """The name is the fact, the docstring the reason."""
    bare = [
        node.name
        for node in tree(path).body
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test") and not ast.get_docstring(node)
    ]
    assert bare == []


@pytest.mark.parametrize("path", (SOURCES | TESTS).values(), ids=SOURCES | TESTS)
def test_no_check_is_silenced(path: Path) -> None:
    """A rule that does not fit is discussed in pyproject.toml, once for all."""
    text = path.read_text(encoding="utf-8")
    silencers = ("# no" + "qa", "# type:" + " ignore", "# pragma:" + " no cover")
    assert [word for word in silencers if word in text] == []
