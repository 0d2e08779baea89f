"""Texts sent as answers, steered by what code they reach: each byte is a piece of notation.

    python -m tests.benchmarks.answer_guided [-max_total_time=60] [-seed=1]

Needs atheris, which is not among the requirements; the options are libFuzzer's. An
exception, or a text that takes longer than a second, ends the run and leaves its bytes.
"""

from __future__ import annotations

import sys
from importlib.util import find_spec

ROOMS = ["derive.answers", "derive.formula", "numeric.answers", "numeric.deciding"]
"""Whose branches count as reached."""


def main() -> int:
    if find_spec("atheris") is None:
        print("atheris is not installed, so no text is steered; answer_fuzz needs nothing")
        return 0
    import atheris

    with atheris.instrument_imports(include=ROOMS, enable_loader_override=False):
        from tests.answers.table import ROWS
        from tests.benchmarks.answer_fuzz import judge
        from tests.benchmarks.random_texts import operands
        from tests.reading.test_hostile import PIECES

    def sent(data: bytes) -> None:
        if len(data) > 1:
            row = ROWS[int.from_bytes(data[:2]) % len(ROWS)]
            pieces = [*PIECES, *operands(row.where)]
            judge(row, "".join(pieces[byte % len(pieces)] for byte in data[2:]))

    atheris.Setup([*sys.argv, "-max_len=40", "-timeout=5", "-verbosity=0"], sent)
    atheris.Fuzz()
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
