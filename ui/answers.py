"""A query's answer on a page, asked for when it is first needed: a rerun has most of what it shows in memory."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from functools import cached_property
from typing import Any, TypeVar

import plotly.graph_objects as go

from ui import clicks
from ui.charts.kept import Kept, kept
from ui.context import current
from ui.store import ask

Made = TypeVar("Made")


def as_it_is(frame: Any) -> Any:
    """The numbers of a figure that need no words."""
    return frame


class Answer:
    """What `query(con, scope, *args)` returns for this page's scope, and what is made of it.

    Whatever is made must depend on the answer, `args`, the scope, the language and the shared address alone.
    """

    def __init__(self, query: Callable[..., Any], *args: Hashable) -> None:
        self._query = query
        self._args = args

    @cached_property
    def found(self) -> Any:
        """The answer itself."""
        return ask(self._query, current().scope, *self._args)

    def told(self, name: str, make: Callable[[Any], Made], *choice: Hashable) -> Made | None:
        """What `make(found)` returns, remembered under `name` and `choice`; None where a frame holds no row."""
        return clicks.kept(name, lambda: None if self._is_empty() else make(self.found), self._key, choice)

    def drawn(self, name: str, draw: Callable[[Any], go.Figure], *choice: Hashable) -> Kept:
        """The figure that `draw(found)` makes, remembered under `name` and `choice`."""
        return kept(name, lambda: draw(self.found), self._key, choice)

    @property
    def _key(self) -> tuple[Hashable, ...]:
        return (self._query.__module__, self._query.__qualname__, self._args)

    def _is_empty(self) -> bool:
        return bool(getattr(self.found, "empty", False))
