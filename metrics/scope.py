"""Scope: everything a query is asked under; nothing else decides what is seen."""

from __future__ import annotations

import re
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any, Literal

from metrics.settings import STALE_AFTER_DAYS

Currency = Literal["USD", "EUR", "MXN", "COP", "project"]
RateBasis = Literal["plan", "average", "closing"]

CURRENCIES: tuple[Currency, ...] = ("USD", "EUR", "MXN", "COP", "project")
RATE_BASES: tuple[RateBasis, ...] = ("plan", "average", "closing")

UNASSIGNED = "(unassigned)"
"""The programme id that a scope uses for projects without one."""

_FILTERS = {
    "countries": "country",
    "programmes": f"coalesce(programme_id, '{UNASSIGNED}')",
    "customers": "customer",
    "phases": "phase",
    "business_lines": "business_line",
}
"""The scope's lists, and what of a project's identity columns each is about."""

IN_SCOPE = "({})".format(
    " and ".join(f"(len(${name}) = 0 or list_contains(${name}, {what}))" for name, what in _FILTERS.items())
)
"""The condition on a project's identity columns that keeps what the filters ask for."""

RUNNING = "(len($phases) > 0 or coalesce(phase, '') not in ('bid', 'closed', 'cancelled'))"
"""What a portfolio figure is about: running projects, unless the viewer chose phases."""

_PARAMETER = re.compile(r"\$([a-z_][a-z0-9_]*)", re.IGNORECASE)


@dataclass(frozen=True)
class Scope:
    """Who looks, as of when, compared with when, at which part of the portfolio, in which money.

    An empty tuple means no restriction. `currency` "project" leaves every amount in its project's own.
    `compared_with` is None when there is nothing earlier to compare with. `stale_after_days` is the store's setting:
    an older status cannot be green, and its project has not reported.
    """

    viewer: str
    as_of: date
    compared_with: date | None = None
    countries: tuple[str, ...] = ()
    programmes: tuple[str, ...] = ()
    customers: tuple[str, ...] = ()
    phases: tuple[str, ...] = ()
    business_lines: tuple[str, ...] = ()
    currency: Currency = "USD"
    basis: RateBasis = "plan"
    stale_after_days: int = STALE_AFTER_DAYS

    def params(self) -> dict[str, Any]:
        """The scope as query parameters: dates, texts and lists (an empty list restricts nothing).

        In SQL: `$as_of`, `$compared_with`, `$currency`, `$basis`; the lists are
        compared by the condition IN_SCOPE.
        """
        return {name: list(v) if isinstance(v, tuple) else v for name, v in asdict(self).items()}

    def bind(self, sql: str, /, **more: Any) -> dict[str, Any]:
        """The parameters that `sql` names, from the scope and `more`: DuckDB refuses any other."""
        named = set(_PARAMETER.findall(sql))
        return {name: value for name, value in {**self.params(), **more}.items() if name in named}

    def shortened(self, sql: str) -> str:
        """`sql` without what its conditions IN_SCOPE and RUNNING say of filters that nobody has set."""
        asked = [f"list_contains(${name}, {what})" for name, what in _FILTERS.items() if getattr(self, name)]
        running = "true" if self.phases else RUNNING.partition(" or ")[2].removesuffix(")")
        return sql.replace(IN_SCOPE, f"({' and '.join(asked)})" if asked else "true").replace(
            RUNNING, running
        )
