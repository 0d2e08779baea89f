"""Who may import whom: one direction, three witnesses that cannot collude, and nothing heavy at the start."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from functools import cache

import pytest

from tests.sources import PACKAGES, ROOT, called, tree

MODULES = {
    ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"): path
    for package in PACKAGES
    for path in (ROOT / package).rglob("*.py")
}

MAY_IMPORT = {"derive": {"derive"}, "numeric": {"numeric", "derive"}, "reports": set(PACKAGES)}

WITNESSES = ("numeric.floats.backprop", "numeric.floats.differences")
SYMBOLIC_GRADIENT = {
    *("derive.sweep", "derive.gradient", "derive.slips", "derive.training.update"),
    *(module for module in MODULES if module.startswith("derive.views")),
}

OPEN_FILES = {
    "derive.files.load",
    "reports.answers.files",
    "reports.cli",
    "reports.gradient_file",
    "reports.new_file",  # the package's own patterns
    "reports.placing",
    "reports.writers.html",  # the package's own style sheet and fonts
}
OPENING = {"open", "fdopen", "read_text", "read_bytes", "write_text", "write_bytes"}


@cache
def imported(module: str) -> frozenset[str]:
    """Everything that a module names in an import, wherever it stands, but for what only types need."""
    return frozenset(_named(tree(MODULES[module])))


def _named(node: ast.AST) -> Iterator[str]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.If) and ast.unparse(child.test) == "TYPE_CHECKING":
            continue
        if isinstance(child, ast.Import):
            yield from (alias.name for alias in child.names)
        elif isinstance(child, ast.ImportFrom):
            assert child.level == 0, "relative imports hide their direction"
            assert child.module is not None
            inner = [f"{child.module}.{alias.name}" for alias in child.names]
            yield from (name if name in MODULES else child.module for name in inner)
        if not isinstance(child, ast.expr):  # no import stands in an expression
            yield from _named(child)


@cache
def reached(module: str) -> frozenset[str]:
    """Our modules that are loaded with this one, itself included."""
    found, waiting = set[str](), [module]
    while waiting:
        current = waiting.pop()
        if current not in found:
            found.add(current)
            waiting += sorted(imported(current) & MODULES.keys())
    return frozenset(found)


def tops(module: str) -> set[str]:
    """The packages that a module imports from."""
    return {name.partition(".")[0] for name in imported(module)}


def test_imports_go_in_one_direction() -> None:
    """problem → derivation → evidence → report: nothing looks back."""
    backward = {
        module: seen
        for module in MODULES
        if (seen := tops(module) & set(PACKAGES) - MAY_IMPORT[module.partition(".")[0]])
    }
    assert backward == {}


def test_no_module_needs_itself_to_be_loaded() -> None:
    """A cycle of imports is two rooms with one wall missing."""
    pairs = [(module, other) for module in MODULES for other in imported(module) & MODULES.keys() - {module}]
    assert [pair for pair in pairs if pair[0] in reached(pair[1])] == []


@pytest.mark.parametrize("witness", WITNESSES)
def test_a_numeric_witness_cannot_see_the_symbolic_gradient(witness: str) -> None:
    """Neither by itself nor through anything that it imports: their agreement would prove nothing."""
    assert reached(witness) & SYMBOLIC_GRADIENT == set()


@pytest.mark.parametrize("witness", WITNESSES)
def test_the_numeric_witnesses_do_not_see_each_other(witness: str) -> None:
    """Two copies of one computation are one witness."""
    assert reached(witness) & set(WITNESSES) == {witness}


def test_the_modules_that_must_not_be_seen_exist() -> None:
    """A renamed module would make the tests above hold in vain."""
    assert {*WITNESSES, *SYMBOLIC_GRADIENT, *OPEN_FILES} <= MODULES.keys()


def test_files_are_opened_at_the_border_only() -> None:
    """Everything else is functions of its arguments."""
    opened = {
        module: call
        for module in sorted(MODULES.keys() - OPEN_FILES)
        for call in called(MODULES[module])
        if call.rpartition(".")[2] in OPENING and not call.startswith("sp.Interval.")
    }
    assert opened == {}


def test_no_result_depends_on_the_clock() -> None:
    """The same problem gives the same page, today and tomorrow."""
    assert [module for module in MODULES if "time" in tops(module)] == []
    asked = {
        module: call
        for module in MODULES
        for call in called(MODULES[module])
        if call.rpartition(".")[2] in {"now", "today", "utcnow"}
    }
    assert asked == {}


def test_importing_the_packages_is_light() -> None:
    """A command's help and a test run's start do not pay for what they do not use."""
    script = "import sys, derive, numeric, reports, reports.cli; print(*sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert {"sympy", "numpy", "pydantic", "flint", "jinja2"} & set(done.stdout.split()) == set()


@pytest.mark.slow
def test_every_public_name_can_be_imported() -> None:
    """The packages give their names when asked, so a wrong one would show only then."""
    names = "; ".join(f"import {p}; [getattr({p}, name) for name in {p}.__all__]" for p in PACKAGES)
    subprocess.run([sys.executable, "-c", names], cwd=ROOT, check=True)


def test_no_module_names_for_types_what_needs_it_to_be_loaded() -> None:
    """Two modules that name each other are one; what both need to know stands in a third."""
    pairs = [
        (module, name)
        for module, path in MODULES.items()
        if path.name != "__init__.py"
        for part in ast.walk(tree(path))
        if isinstance(part, ast.If) and ast.unparse(part.test) == "TYPE_CHECKING"
        for node in ast.walk(part)
        if isinstance(node, ast.ImportFrom) and (name := node.module or "") in MODULES
    ]
    assert [pair for pair in pairs if pair[0] in reached(pair[1])] == []
