from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from metrics.scope import Scope
from ui.store import remembered_as

SCOPE = Scope("", date(2025, 8, 31))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (("a", "b"), ("a, b",)),
        (("a", "b"), (("a", "b"),)),
        (("1",), (1,)),
        ((None,), ("None",)),
        ((date(2025, 8, 31),), ("2025-08-31",)),
        ((SCOPE,), (replace(SCOPE, countries=("MX",)),)),
        ((replace(SCOPE, countries=("MX", "CO")),), (replace(SCOPE, countries=("MX, CO",)),)),
    ],
)
def test_what_differs_is_remembered_apart(one: tuple[object, ...], other: tuple[object, ...]) -> None:
    assert remembered_as(*one) != remembered_as(*other)  # type: ignore[arg-type]


def test_the_same_is_remembered_as_the_same() -> None:
    assert remembered_as("a", SCOPE, (1, None)) == remembered_as("a", replace(SCOPE), (1, None))
