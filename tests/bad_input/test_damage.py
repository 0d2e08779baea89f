"""Whatever happens to a file, reading it ends in a problem or in messages."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from tests.bad_input.damage import KINDS, TEXTS, one
from tests.kinds import every

SEEDS = 160


@pytest.mark.parametrize("part", every(range(4), 4))
def test_random_damage_leads_to_messages_only(part: int, tmp_path: Path) -> None:
    """Never a traceback; the seeds are the same every time, and a long run takes others."""
    found = {one(tmp_path / "net.toml", seed, verified=False) for seed in range(part, SEEDS, 4)}
    assert "refused" in found


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_every_kind_of_damage_does_some(kind) -> None:
    """Or the test above would hold in vain."""
    chance = random.Random(1)
    assert any(kind(text, chance) != text for text in TEXTS.values())
