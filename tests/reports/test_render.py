"""Pages as files: right in every format, complete, harmless, and never half written."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections import Counter
from dataclasses import replace
from functools import cache
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from derive import StatementError, bundled, load_problem
from derive.writing.tree import Ident
from numeric import verify
from numeric.evidence import Evidence
from numeric.floats.claims import Claim
from reports.content.compose import compose
from reports.drawing.diagram import Diagram, Heading, Spot
from reports.drawing.svg import svg
from reports.rendering import FORMATS, LATER, render
from reports.results import as_json
from tests import examples
from tests.kinds import EXAMPLES, thinned

GOLDEN = Path(__file__).parent / "golden"
SMALL = {"graph": {"steps": ["J = 3*x"], "output": "J"}, "values": {"x": 2}}

HOSTILE = (
    "</title><script>alert(1)</script> \\input{/etc/passwd} $x_1$ | `rm` "
    "![i](http://e.example/i.png) 中\u202e"
)

CHILDREN = {"mfrac": 2, "msub": 2, "msup": 2, "munder": 2, "mover": 2, "msubsup": 3, "munderover": 3}

SOFTMAX = {
    "title": "softmax 3-4-4-2",
    "network": {
        "inputs": 3,
        "cost": "cross_entropy",
        "layers": [
            {
                "units": 4,
                "activation": "tanh",
                "weights": [["0.1", "-0.2", "0.3"]] * 4,
                "biases": ["0.1"] * 4,
            },
            {
                "units": 4,
                "activation": "relu",
                "weights": [["0.1", "0.2", "0.3", "-0.4"]] * 4,
                "biases": ["0.1"] * 4,
            },
            {
                "units": 2,
                "activation": "softmax",
                "weights": [["0.2", "0.4", "0.6", "0.8"]] * 2,
                "biases": [0, 1],
            },
        ],
    },
    "data": {"x": [["0.5", "-1.5", 2]], "y": [[1, 0]]},
}
BATCH = {
    "title": HOSTILE,
    "source": "https://example.org/" + "a" * 150,
    "network": {
        "inputs": 2,
        "cost": "mean_squared_error",
        "reduction": "mean",
        "l2": "0.1",
        "layers": [
            {
                "units": 3,
                "activation": "sigmoid",
                "weights": [["0.1", "-0.2"], [1, 2], [3, 4]],
                "biases": [1, 2, 3],
            },
            {"units": 1, "activation": "identity", "weights": [["0.3", "0.1", "-0.2"]], "biases": ["1e-12"]},
        ],
    },
    "data": {"x": [["0.5", -1], [1, 2], [3, 4]], "y": [[1], [0], [2]], "labels": ["<i>a</i>", "b|c", "d_e$"]},
    "training": {"rate": "0.1", "batch": 2},
}
ADAM = {
    "network": {
        "inputs": 2,
        "cost": "half_squared_error",
        "layers": [{"units": 1, "activation": "tanh", "weights": [["0.5", "-0.25"]], "biases": ["0.3"]}],
    },
    "data": {"x": [["0.5", 1], [1, -1]], "y": [["0.7"], ["0.1"]]},
    "training": {"rule": "adam", "rate": "0.1", "steps": 30},
}
FREE = {"network": {"inputs": 2, "cost": "squared_error", "layers": [{"units": 2, "activation": "general"}]}}
# One formula that TeX cannot break, and names that are wider than a table's column.
WIDE = {
    "graph": {
        "steps": ["J = sigmoid(tanh(relu(sin(cos(exp(log(sqrt(abs(x*y)+1))))))))^2/(1+exp(-min(x,y)))"],
        "output": "J",
    },
    "values": {"x": "2.5", "y": "-1.5"},
}
NAMES = {
    "graph": {
        "steps": ["x_1_sq = x_1^2", "Beta_hat = x_1_sq*alpha_12", "long_name_of_result = Beta_hat + x12"],
        "output": "long_name_of_result",
    },
    "values": {"x_1": 2, "alpha_12": 3, "x12": 1},
}
PAGED = EXAMPLES - {"embedding", "hours-of-study", "nnfs-crossentropy"}
HARD = {"softmax": SOFTMAX, "batch": BATCH, "free": FREE, "wide": WIDE, "names": NAMES, "adam": ADAM}


PAGES = [*thinned(bundled(), PAGED), *thinned(HARD, {"batch", "names"})]


@cache
def evidence_of(name: str) -> Evidence:
    return verify(load_problem(HARD[name])) if name in HARD else examples.evidence_of(name)


@cache
def page(name: str, suffix: str) -> str:
    if name not in HARD:
        return examples.page_of(name, suffix)
    evidence = evidence_of(name)
    return FORMATS[suffix](compose(evidence.problem, evidence), evidence)


class Reader(HTMLParser):
    """Ids, links and sources of a page, and whether its elements are closed in order."""

    VOID = frozenset({"meta", "mspace"})

    def __init__(self, text: str) -> None:
        super().__init__()
        self.ids: list[str] = []
        self.links: list[dict[str, str | None]] = []
        self.tags: Counter[str] = Counter()
        self.sources: list[str | None] = []
        self.open: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        self.tags[tag] += 1
        self.ids += [found["id"]] if found.get("id") else []
        self.links += [found] if tag == "a" and "href" in found else []
        self.sources += [
            found[key] for key in ("src", "srcset", "data", "action", "background") if key in found
        ]
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in self.VOID:
            self.open.pop()

    def handle_endtag(self, tag: str) -> None:
        assert self.open, f"</{tag}> closes nothing"
        assert self.open.pop() == tag, f"</{tag}> closes another element"


@cache
def read(name: str) -> Reader:
    """An HTML page's elements."""
    return Reader(page(name, ".html"))


# -- every example, every format -------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.parametrize("name", PAGES)
def test_every_link_of_a_page_leads_somewhere(name: str) -> None:
    """A link to a section that is not shown would do nothing, without a word."""
    reader = read(name)
    inner = [str(link["href"])[1:] for link in reader.links if str(link["href"]).startswith("#")]
    assert set(inner) <= set(reader.ids)
    assert len(reader.ids) == len(set(reader.ids))


@pytest.mark.parametrize("name", PAGES)
def test_a_page_loads_nothing_from_elsewhere(name: str) -> None:
    """One file that works offline: fonts and style are inside it, and there is no script."""
    text = page(name, ".html")
    reader = Reader(text)
    assert reader.sources == []
    assert not {"script", "link", "img", "iframe", "object", "embed"} & reader.tags.keys()
    assert all(url.startswith("data:font/") for url in re.findall(r"url\(([^)#][^)]*)\)", text))
    assert "@import" not in text


@pytest.mark.parametrize("name", PAGES)
def test_an_outer_link_is_a_web_address_and_tells_nobody_where_it_was_clicked(name: str) -> None:
    """A source may be an address; `javascript:` is none."""
    outer = [link for link in read(name).links if not str(link["href"]).startswith("#")]
    assert all(re.match(r"https?://", str(link["href"])) and link["rel"] == "noopener" for link in outer)


@pytest.mark.parametrize("name", PAGES)
def test_every_formula_of_a_page_is_well_formed(name: str) -> None:
    """Browsers do not complain of a fraction with three parts; they put one of them beside it."""
    formulas = re.findall(r"<math.*?</math>", page(name, ".html"), re.DOTALL)
    assert formulas
    for formula in formulas:
        for element in ElementTree.fromstring(formula).iter():
            expected = CHILDREN.get(element.tag)
            assert expected in (None, len(element)), formula


@pytest.mark.parametrize("name", PAGES)
def test_elements_are_closed_in_order(name: str) -> None:
    """One stray tag shifts all that follows it."""
    assert read(name).open == []


@pytest.mark.slow
@pytest.mark.parametrize("name", PAGES)
def test_markdown_holds_its_formulas_between_dollar_signs(name: str) -> None:
    """An odd dollar sign would swallow the rest of the page."""
    bare = re.sub(r"\\\$", "", page(name, ".md"))
    assert bare.count("$$") % 2 == 0
    assert bare.replace("$$", "").count("$") % 2 == 0


@pytest.mark.parametrize("name", PAGES)
def test_every_table_of_a_markdown_page_has_as_many_cells_as_its_head(name: str) -> None:
    """A bare | in a label or a formula would open a column of its own."""
    width = None
    for line in page(name, ".md").splitlines():
        cells = len(re.findall(r"(?<!\\)\|", line)) if line.startswith("|") else None
        assert cells is None or width is None or cells == width, line
        width = cells


@pytest.mark.slow
@pytest.mark.parametrize("name", bundled())
def test_latex_has_a_command_for_every_character(name: str) -> None:
    """[U+2076] stands for a character that pdflatex cannot set; our own words hold none."""
    assert "[U+" not in page(name, ".tex")


@pytest.mark.slow
@pytest.mark.parametrize("name", PAGES)
def test_json_holds_the_evidence_of_verify(name: str) -> None:
    """One contract for both commands."""
    found = json.loads(page(name, ".json"))
    assert found["evidence"] == json.loads(json.dumps(as_json(evidence_of(name))))
    assert len(found["derivations"]) <= len(found["evidence"]["gradients"])


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("pdflatex") is None, reason="pdflatex is not installed")
@pytest.mark.parametrize("name", sorted({*bundled(), *HARD}))
def test_pdflatex_sets_a_page_without_a_warning(name: str, tmp_path: Path) -> None:
    """No undefined command, no line in the margin, no box that had to be stretched."""
    (tmp_path / "page.tex").write_text(page(name, ".tex"), encoding="utf-8")
    command = ["pdflatex", "-halt-on-error", "-no-shell-escape", "-interaction=nonstopmode", "page.tex"]
    for _ in range(2):
        subprocess.run(command, cwd=tmp_path, check=True, capture_output=True)
    log = (tmp_path / "page.log").read_text(encoding="utf-8", errors="replace")
    assert re.findall(r".*(?:Warning|Overfull|Underfull).*", log) == []


# -- golden pages ----------------------------------------------------------------------------------


@cache
def golden_page(suffix: str) -> str:
    """Mazur's page; its float64 witnesses are replaced, whose last bits are the machine's own."""
    evidence = evidence_of("mazur")
    rows = tuple(
        replace(
            row,
            backprop=Claim(float(row.symbolic.mid) * (1 + 1e-15), 1e-16),
            difference=Claim(round(float(row.symbolic.mid), 12), 1e-11, step=2.0**-16),
            digits=8,
        )
        for row in evidence.rows
    )
    fixed = replace(evidence, rows=rows)
    text = FORMATS[suffix](compose(fixed.problem, fixed), fixed)
    return re.sub(r"<style>.*?</style>", "<style></style>", text, flags=re.DOTALL)


@pytest.mark.slow
@pytest.mark.parametrize("suffix", [".html", ".tex", ".md"])
def test_the_page_of_the_best_known_example_is_as_it_was_accepted(suffix: str, rewrite_golden: bool) -> None:
    """Every change of a page is seen; `--rewrite-golden` writes it, and whoever does so looks at it."""
    golden, text = GOLDEN / f"mazur{suffix}", golden_page(suffix)
    if rewrite_golden:
        golden.write_text(text, encoding="utf-8", newline="\n")
        pytest.fail(f"{golden.name} was written anew: look at it before it is accepted")
    assert text == golden.read_text(encoding="utf-8")


# -- hostile text ----------------------------------------------------------------------------------


def test_a_hostile_title_is_text_in_html() -> None:
    """Whoever opens somebody's problem runs nothing of theirs."""
    text = page("batch", ".html")
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in text
    assert "<script" not in text
    assert "&lt;i&gt;a&lt;/i&gt;" in text


def test_a_hostile_title_is_text_in_latex() -> None:
    """A title cannot read a file."""
    text = page("batch", ".tex")
    assert r"\textbackslash{}input\{/etc/passwd\}" in text
    assert r"\input{" not in text


def test_a_hostile_title_is_text_in_markdown() -> None:
    """Neither HTML, nor an image from elsewhere, nor a formula."""
    text = page("batch", ".md")
    assert not re.search(r"(?<!\\)<script", text)
    assert "![i](" not in text
    assert r"\$x\_1\$" in text


def test_a_character_that_turns_the_line_around_is_made_visible() -> None:
    """U+202E would let a title show something else than it is."""
    assert all("\u202e" not in page("batch", suffix) for suffix in (".html", ".tex", ".md"))


def test_a_hostile_name_is_text_in_a_drawing() -> None:
    """Names are identifiers today; the drawing does not rely on it."""
    spot = Spot("k", (0, 0), Ident("<script>"), value="<b>")
    drawn = svg(Diagram((9, 9), (spot,), (), (Heading((0, 0), "<i>"),), label='"<u>'))
    assert not re.search("<(script|b|i|u)>", drawn)
    ElementTree.fromstring(drawn)


# -- files -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("suffix", FORMATS)
def test_the_suffix_chooses_the_format(suffix: str, tmp_path: Path) -> None:
    """And the path comes back, for whoever wants to open it."""
    out = tmp_path / f"page{suffix}"
    assert render(SMALL, out) == out
    assert out.read_text(encoding="utf-8")


def test_a_format_can_be_asked_for_by_name(tmp_path: Path) -> None:
    """For a file whose name has no suffix."""
    render(SMALL, tmp_path / "page", fmt="md")
    assert (tmp_path / "page").read_text(encoding="utf-8").startswith("# problem")


@pytest.mark.parametrize("suffix", LATER)
def test_a_format_of_a_later_version_says_so(suffix: str, tmp_path: Path) -> None:
    """And says what to do instead."""
    with pytest.raises(StatementError, match="later version"):
        render(SMALL, tmp_path / f"page{suffix}")


@pytest.mark.parametrize("name", ["page.docx", "page"])
def test_an_unknown_format_names_those_that_are_known(name: str, tmp_path: Path) -> None:
    """Before anything is derived or written."""
    with pytest.raises(StatementError, match=r"\.html, \.tex, \.md, \.json"):
        render(SMALL, tmp_path / name)
    assert list(tmp_path.iterdir()) == []


def test_a_missing_folder_is_an_error_of_the_system(tmp_path: Path) -> None:
    """The command line words it; nothing is created on the way."""
    with pytest.raises(FileNotFoundError):
        render(SMALL, tmp_path / "missing" / "page.html")
    assert list(tmp_path.iterdir()) == []


def test_a_failure_while_writing_leaves_the_old_file_and_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A full disk must not cost the page that was there."""
    out = tmp_path / "page.html"
    out.write_text("the old page", encoding="utf-8")

    def full(*_: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", full)
    with pytest.raises(OSError, match="No space left"):
        render(SMALL, out)
    assert [(path.name, path.read_text(encoding="utf-8")) for path in tmp_path.iterdir()] == [
        ("page.html", "the old page")
    ]


def test_a_page_that_cannot_be_composed_touches_no_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The text is whole before a file is opened."""
    out = tmp_path / "page.md"
    out.write_text("the old page", encoding="utf-8")

    def broken(*_: Any) -> str:
        raise RuntimeError("half way")

    monkeypatch.setattr("reports.rendering.compose", broken)
    with pytest.raises(RuntimeError, match="half way"):
        render(SMALL, out)
    assert [path.read_text(encoding="utf-8") for path in tmp_path.iterdir()] == ["the old page"]


def test_a_new_page_has_the_rights_that_any_new_file_has(tmp_path: Path) -> None:
    """A temporary file is its owner's alone; a page may be read by those who may read its neighbours."""
    plain = tmp_path / "plain"
    plain.touch()
    out = render(SMALL, tmp_path / "page.md")
    assert out.stat().st_mode == plain.stat().st_mode
