"""Which figures a data-quality finding touches, and the findings in force of the projects on a screen.

`mart_data_quality.metric` names the figure that is wrong or may be. What is computed from it is in doubt as well:
RESTS_ON says what rests on what, so that a finding on the earned value stands beside the CPI too.
"""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd
from duckdb import DuckDBPyConnection

from metrics.queries.asking import ask
from metrics.queries.standing import standing
from metrics.scope import Scope

_EARNED = ("ev", "bac", "percent_complete")
_IN_TIME = ("pv", "earned_schedule", *_EARNED)
_SOLD = ("revenue_as_sold", "cost_as_sold")
_FORECAST = ("revenue_forecast", "cost_forecast")
_MILESTONES = ("milestones_met", "milestones_due")

RESTS_ON: Mapping[str, tuple[str, ...]] = {
    "percent_complete": ("ev", "bac"),
    "percent_planned": ("pv", "bac"),
    "percent_spent": ("ac", "bac"),
    "earned_schedule": ("pv", *_EARNED),
    "es_forecast_finish": ("spi_t", *_IN_TIME),
    "cv": ("ac", *_EARNED),
    "cv_pct": ("ac", *_EARNED),
    "sv": ("pv", *_EARNED),
    "sv_pct": ("pv", *_EARNED),
    "sv_t": _IN_TIME,
    "cpi": ("ac", *_EARNED),
    "spi": ("pv", *_EARNED),
    "spi_t": _IN_TIME,
    "eac": ("ac", "cpi", *_EARNED),
    "etc": ("ac", "cpi", *_EARNED),
    "vac": ("ac", "cpi", *_EARNED),
    "tcpi": ("ac", *_EARNED),
    "tcpi_bac": ("ac", *_EARNED),
    "tcpi_eac": ("ac", "cpi", *_EARNED),
    "cost_over_baseline": ("cost_forecast", "bac"),
    "cost_over_original": ("cost_forecast", "bac"),
    "margin_as_sold": _SOLD,
    "margin_pct_as_sold": _SOLD,
    "margin_pct_baseline": ("revenue_baseline", "cost_baseline"),
    "margin_forecast": _FORECAST,
    "margin_pct_forecast": _FORECAST,
    "margin_erosion_pp": (*_SOLD, *_FORECAST),
    "margin_lost_pp": (*_SOLD, *_FORECAST),
    "margin_pct_budget": ("revenue_budget", "cost_budget"),
    "cost_without_order_share": ("cost_without_order", "contract_value", "current_contract_value"),
    "unapproved_change_share": ("open_changes_value", "contract_value", "current_contract_value"),
    "upsell_weighted": ("upsell_pipeline",),
    "slip_days": ("forecast_finish", "baseline_finish"),
    "slip_days_original": ("forecast_finish", "baseline_finish"),
    "slip_days_contract": ("forecast_finish",),
    "slip_working_days": ("forecast_finish", "baseline_finish"),
    "slip_share": ("forecast_finish", "baseline_finish"),
    "slip_share_original": ("forecast_finish", "baseline_finish"),
    "contract_days_late": ("forecast_finish", *_MILESTONES),
    "damages_running": ("forecast_finish", *_MILESTONES),
    "ld_probable": ("forecast_finish", *_MILESTONES, "contract_value"),
    "ld_maximum": ("contract_value",),
    "milestone_hit_rate": _MILESTONES,
    "bei": _MILESTONES,
    "current_contract_value": ("contract_value",),
    "sites_accepted": ("sites_on_air",),
}
"""A column of mart_project_status → the columns that it is computed from and a finding may name."""


def touched_by(metric: str) -> frozenset[str]:
    """The metrics whose findings touch a figure: its own, and those it rests on."""
    return frozenset((metric, *RESTS_ON.get(metric, ())))


COLUMNS = """
    q.check_id, q.severity, q.metric, q.value::double as value, q.unit, q.detail, q.sentence_key, p.currency"""
WORST_FIRST = "list_position(['error', 'warning', 'info'], q.severity) nulls last, q.check_id"


def findings(con: DuckDBPyConnection, scope: Scope, project_ids: tuple[str, ...]) -> pd.DataFrame:
    """The findings on the statuses in force of these projects, the worst of each project first.

    project_id, check_id, severity (error, warning, info), metric, value in `unit` (money in `currency`), detail,
    sentence_key; projects outside the scope have none.
    """
    sql = f"""
        with {standing()}
        select q.project_id, {COLUMNS}
        from mart_data_quality q
        join status p using (project_id, status_date)
        where q.project_id = any($project_ids)
        order by q.project_id, {WORST_FIRST}
    """
    return ask(con, scope, sql, project_ids=list(project_ids)).df()
