"""A query's answer on a page, asked for when it is first needed: a rerun has most of what it shows in memory."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from functools import cached_property
from typing import Any, TypeVar

import pandas as pd
import plotly.graph_objects as go

from locales import Translator
from ui import clicks, frame, quality, tables
from ui.charts import base, rows
from ui.charts.kept import Kept, kept
from ui.context import current
from ui.picks import Pick
from ui.store import ask

Made = TypeVar("Made")


def as_it_is(found: Any) -> Any:
    """The numbers of a figure that need no words."""
    return found


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


class Part(Answer):
    """One of the answers that a query finds together, by its name."""

    def __init__(self, whole: Answer, name: Hashable) -> None:
        super().__init__(whole._query, *whole._args, name)
        self._whole, self._name = whole, name

    @cached_property
    def found(self) -> Any:
        """The answer itself."""
        return self._whole.found[self._name]


def figure(
    screen: str,
    name: str,
    answer: Answer,
    draw: Callable[..., go.Figure],
    title: str,
    table: Callable[[Any], pd.DataFrame],
    columns: Callable[[Translator], dict[str, Any]],
    definition: str | None = None,
    *choice: Hashable,
    alt: str | None = None,
    select: bool = False,
    pick: Pick | None = None,
) -> list[Any]:
    """A figure of a screen, `draw(found, *choice, palette, t, f)`: what is clicked in it.

    `table(found)` are its numbers, `columns(t)` their headings; the rest is as in ui.charts.base.show.
    """
    page, key = current(), f"{screen}_{name}"
    fig = answer.drawn(key, lambda found: draw(found, *choice, page.palette, page.t, page.f), *choice)
    return rows.chosen(
        base.show(
            fig,
            title,
            alt or title,
            lambda: table(answer.found),
            key=key,
            columns=lambda: columns(page.t),
            definition=definition,
            select=select,
            pick=pick,
        )
    )


def listing(
    screen: str,
    name: str,
    answer: Answer,
    rows_of: Callable[[Any], pd.DataFrame],
    columns: Callable[[Translator], dict[str, Any]],
    title: str,
    *,
    file_name: str | None = None,
    **how: Any,
) -> Any:
    """A table of a screen, the answer as `rows_of` words it, with what is doubtful in it: what tables.table returns.

    `screen` is one of ui.quality.SCREENS; `file_name` is its name where that is not the file's.
    """
    page = current()
    listed = answer.told(
        f"{screen}_{name}_list", lambda found: quality.beside(rows_of(found), columns(page.t), screen)
    )
    if listed is None:
        return frame.empty(page.t.t("table.empty"))
    return tables.table(*listed, key=f"{screen}_{name}_list", file_name=file_name or name, alt=title, **how)
