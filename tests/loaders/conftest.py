from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.loaders.deliveries import Shelf
from tests.loaders.deliveries import shelf as open_shelf


@pytest.fixture
def shelf() -> Iterator[Shelf]:
    """A history in memory."""
    with open_shelf() as opened:
        yield opened
