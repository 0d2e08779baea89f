"""The table of malformed files with what is said of each, as Markdown: python -m tests.bad_input"""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

from tests.bad_input.table import TABLE

with TemporaryDirectory() as folder:
    print(f"# {len(TABLE)} malformed files and what is said of each\n")
    for row in TABLE:
        ran = row.verified(Path(folder))
        said = (ran.err or ran.out).replace(f"{folder}/", "").rstrip()
        print(f"**{row.wrong}** (exit code {ran.code})\n\n```\n{said}\n```\n")
