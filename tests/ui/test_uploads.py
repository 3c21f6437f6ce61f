"""Files dropped on a page: each is kept under its own name, whatever that is."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest

from ui.uploads import LONGEST_NAME, _save


@dataclass
class Dropped:
    name: str
    content: bytes

    def getvalue(self) -> bytes:
        return self.content


@pytest.mark.parametrize(
    ("names", "kept"),
    [
        (["risks.csv", "orders.csv"], ["orders.csv", "risks.csv"]),
        (["risks.csv", "risks.csv", "risks.csv"], ["2/risks.csv", "3/risks.csv", "risks.csv"]),
        (["../../risks.csv", "/etc/risks.csv"], ["2/risks.csv", "risks.csv"]),
        (["risks <b>**x**</b>.csv"], ["b>.csv"]),
    ],
)
def test_every_file_is_kept(tmp_path: Path, names: list[str], kept: list[str]) -> None:
    _save([Dropped(name, bytes([n])) for n, name in enumerate(names)], tmp_path)
    found = {p.relative_to(tmp_path).as_posix(): p.read_bytes() for p in tmp_path.rglob("*") if p.is_file()}
    assert sorted(found) == kept
    assert sorted(found.values()) == [bytes([n]) for n in range(len(names))]


def test_a_name_longer_than_a_file_may_have_keeps_its_kind(tmp_path: Path) -> None:
    _save([Dropped(f"risks_{'ñ' * 200}.csv", b"x")], tmp_path)
    (path,) = tmp_path.iterdir()
    assert path.name.startswith("risks_ñ")
    assert path.suffix == ".csv"
    assert LONGEST_NAME - 1 <= len(path.name.encode()) <= LONGEST_NAME
