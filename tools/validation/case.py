"""What a test case becomes: the contract rows that say its inputs, and where the marts say what it expects."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from tools.validation.rows import Row, Tables
from tools.validation.vectors import Vector

PROGRAMME = """
    (select level_id as project_id, month_end as status_date, * exclude (level_id, month_end)
     from mart_rollup_status where level = 'programme' and basis = 'plan')
"""
"""The roll-up of a programme, under the names that a project's marts have."""
BY_DEFAULT, BUDGET_RATE, OTHER_READINGS = "default", "budget rate", "other readings"
RULES: Mapping[str, str] = {
    BY_DEFAULT: "".join(
        f'[[override]]\nrule = "{rule}"\nprogramme = "FEMA"\n'
        "green_from = 0.95\ngreen_to = 1.05\namber_from = 0.90\namber_to = 1.10\n"
        for rule in ("cost_cpi", "schedule_spi_t")
    ),
    BUDGET_RATE: '[settings]\neac_variant = "budget_rate"\n',
    OTHER_READINGS: '[settings]\neac_variant = "bottom_up"\nbei_variant = "discrete"\n',
}
"""The rules that cases run under, by name: as delivered (with FEMA's two-sided bands for one programme of cases),
and the other readings that the settings offer."""


@dataclass(frozen=True)
class Case:
    """A case as one project. `expected` by SQL expression over `mart`, at the newest status date, `where` holds."""

    mart: str
    tables: Tables
    expected: Mapping[str, float | str | bool | None]
    where: str = "true"
    rules: str = BY_DEFAULT
    rates: tuple[Row, ...] = ()


@dataclass(frozen=True)
class NotApplicable:
    """Why no contract table can hold a case."""

    reason: str


Builder = Callable[[Vector], Case | NotApplicable]
