"""The rules file: its defaults, what is refused with which sentence, and what the store keeps of it."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pytest

from metrics import settings
from metrics.build import build_marts
from metrics.queries.definitions import rules_in_force
from metrics.rules import (
    HIGHER_IS_BETTER,
    LOWER_IS_BETTER,
    Bounds,
    InvalidRules,
    Rules,
    gaps,
    idle_overrides,
    judged,
    load_rules,
    rule_effects,
    write_default_settings,
    write_rules,
)
from metrics.scope import Scope
from tests.metrics.portfolio import APR, FEB, JAN, MAR, Tables, built, earned, one, portfolio, rows
from tests.metrics.timeline import timeline

# The published table: dimension, metric, green and amber bounds, whether the upper bound is exclusive.
TABLE = [
    ("cost", "cpi", (0.95, None), (0.90, None), False),
    ("cost", "cost_over_baseline", (None, 0.05), (None, 0.15), True),
    ("cost", "cost_over_original", (None, 0.15), (None, 0.30), True),
    ("cost", "margin_lost_pp", (None, 1), (None, 3), True),
    ("cost", "margin_pct_forecast", (0, None), (None, None), False),
    ("cost", "cost_without_order_share", (None, 0.01), (None, 0.05), True),
    ("schedule", "spi_t", (0.95, None), (0.90, None), False),
    ("schedule", "slip_days", (None, 30), (None, 90), True),
    ("schedule", "slip_share", (None, 0.10), (None, 0.20), True),
    ("schedule", "slip_share_original", (None, 0.10), (None, 0.20), True),
    ("schedule", "contract_days_late", (None, 0), (None, 30), False),
    ("schedule", "damages_running", (None, 0), (None, None), False),
    ("scope", "unapproved_change_share", (None, 0.02), (None, 0.05), True),
    ("scope", "unapproved_work", (None, 0), (None, None), False),
    ("scope", "notices_missed", (None, 0), (None, None), False),
    ("scope", "handover_checks_overdue", (None, 0), (None, 2), False),
    ("quality", "defects_critical", (None, 0), (None, 2), False),
    ("quality", "tests_passed_pct", (0.95, None), (0.85, None), False),
    ("quality", "lost_time_incidents", (None, 0), (None, None), False),
    ("quality", "fatalities", (None, 0), (None, None), False),
    ("quality", "satisfaction", (8, None), (6, None), False),
]


def read(tmp_path: Path, text: str) -> Rules:
    path = tmp_path / "rules.toml"
    path.write_text(text, encoding="utf-8")
    return load_rules(path)


def test_default_rules_are_the_published_table() -> None:
    said = [
        (
            r.dimension,
            r.metric,
            (r.bounds.green_from, r.bounds.green_to),
            (r.bounds.amber_from, r.bounds.amber_to),
            r.bounds.upper == "exclusive",
        )
        for r in load_rules().rules
    ]
    assert said == TABLE
    late = {r.id for r in load_rules().rules if r.bounds.from_percent_complete}
    assert late == {"cost_cpi", "schedule_spi_t"}
    assert {r.id for r in load_rules().rules if r.only_red} == {
        "cost_margin_pct_forecast",
        "schedule_damages_running",
    }


def test_every_rule_names_its_dimension_and_metric() -> None:
    for rule in load_rules().rules:
        assert rule.id.startswith(f"{rule.dimension}_")
        assert rule.id in (rule.metric, f"{rule.dimension}_{rule.metric}")
        assert rule.source


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("[rules", "rules.toml: is not well-formed TOML"),
        ("thresholds = 1", "thresholds is no part of a rules file"),
        ("valid_from = 'soon'", "valid_from: has to be a date such as 2026-01-31"),
        (
            "[settings]\nimprove_after = 2",
            "settings: improve_after is no setting; there are improve_after_reports",
        ),
        ("[settings]\nimprove_after_reports = 0", "improve_after_reports has to be a number from 1 to 12"),
        ("[settings]\nimprove_after_reports = 1.5", "improve_after_reports has to be a whole number"),
        ("[settings]\nstale_after_days = '35'", "stale_after_days has to be a number"),
        ("[settings]\nhistory_by_rules_of_its_time = 1", "has to be true or false"),
        ("[settings]\neac_variant = 'guess'", "eac_variant has to be one of cpi, budget_rate"),
        ("rules = 3", "rules: has to be a section, [rules]"),
        ("[rules]\ncost_cpi = 3", "cost_cpi: has to be a section, [rules.cost_cpi]"),
        ("[rules.cost_cpi]\ngren_from = 0.9", "cost_cpi: gren_from is not known here; there are dimension"),
        ("[rules.cost_cpi]\ngreen_from = '0.9'", "cost_cpi: green_from has to be a number without quotes"),
        ("[rules.cost_cpi]\ngreen_from = nan", "cost_cpi: green_from has to be a number"),
        ("[rules.cost_cpi]\ngreen_from = true", "cost_cpi: green_from has to be a number without quotes"),
        ("[rules.cost_cpi]\nunit = 'days'", "cost_cpi: the unit of cpi is ratio, not days"),
        ("[rules.cost_cpi]\nupper = 'open'", "cost_cpi: upper has to be inclusive or exclusive"),
        (
            "[rules.cost_cpi]\nfrom_percent_complete = 15",
            "from_percent_complete is a fraction: 0.15 means 15 %",
        ),
        ("[rules.cost_cpi]\nphases = ['run']", "cost_cpi: phases has to be a list of bid, plan"),
        ("[rules.cost_cpi]\noff = 'yes'", "cost_cpi: off has to be true or false"),
        ("[rules.cost_new]\ngreen_to = 1", "cost_new: dimension has to be one of cost"),
        ("[rules.cost_new]\ndimension = 'cost'\ngreen_to = 1", "cost_new: names no metric"),
        (
            "[rules.cost_new]\ndimension = 'cost'\nmetric = 'luck'\ngreen_to = 1",
            "cost_new: luck is no metric that a rule can judge; there are ac, bac",
        ),
        (
            "[rules.own]\ndimension = 'cost'\nmetric = 'spi'\ngreen_from = 1",
            "own: a rule of this dimension has a name that begins with cost_",
        ),
        ("[rules.cost_new]\ndimension = 'cost'\nmetric = 'spi'", "cost_new: gives no bound of green"),
        (
            "[rules.cost_margin_pct_forecast]\ngreen_from = 0\namber_from = -1",
            "a rule with only_red has no amber bounds",
        ),
        (
            "[rules.cost_cpi]\ngreen_from = 0.95\namber_from = 0.85\namber_to = 0.94",
            "no colour for values from 0.94 to 0.95",
        ),
        (
            "[rules.schedule_slip_days]\ngreen_to = 30\namber_from = 40\namber_to = 90",
            "no colour for values from 30 to 40",
        ),
        (
            "[rules.cost_cpi]\ngreen_from = 0.95\namber_from = 0.97",
            "values from 0.95 to 0.97 are green and beyond amber",
        ),
        (
            "[rules.quality_tests_passed_pct]\ngreen_from = 95\namber_from = 85",
            "green_from is a fraction, as tests_passed_pct is: 0.95 means 95 %",
        ),
        (
            "[rules.quality_tests_passed_pct]\ngreen_from = 0.9\ngreen_to = 1.5",
            "green_to is a fraction, as tests_passed_pct is: 0.015 means 1.5 %",
        ),
        (
            "[rules.cost_over_baseline]\ngreen_to = 5\namber_to = 15",
            "amber_to is a fraction, as cost_over_baseline is: 0.15 means 15 %",
        ),
        (
            "[rules.cost_margin_pct_forecast]\ngreen_from = -5",
            "green_from is a fraction, as margin_pct_forecast is: -0.05 means -5 %",
        ),
        (
            "[[override]]\nrule = 'schedule_slip_share'\nprogramme = 'P'\ngreen_to = 10",
            "override 1 (schedule_slip_share): green_to is a fraction, as slip_share is: 0.1 means 10 %",
        ),
        (
            "[rules.schedule_slip_days]\ngreen_from = 0\ngreen_to = 0\nupper = 'exclusive'",
            "nothing is green: green_from and green_to are both 0",
        ),
        (
            "[rules.quality_completeness]\ndimension = 'quality'\nmetric = 'completeness'\ngreen_from = 0.9",
            "completeness is no metric that a rule can judge",
        ),
        (
            "[rules.quality_watermelon]\ndimension = 'quality'\nmetric = 'watermelon'\ngreen_to = 0",
            "watermelon is no metric that a rule can judge",
        ),
        (
            "[rules.schedule_slip_days]\ngreen_from = 30\namber_from = 10",
            "schedule_slip_days: slip_days is better the lower it is, and green_from alone makes its best values red",
        ),
        (
            "[rules.cost_new]\ndimension = 'cost'\nmetric = 'margin_forecast'\ngreen_to = 0\nonly_red = true",
            "cost_new: margin_forecast is better the higher it is, and green_to alone makes its best values red",
        ),
        (
            "[[override]]\nrule = 'cost_cpi'\nprogramme = 'P'\ngreen_to = 0.9",
            "override 1 (cost_cpi): cpi is better the higher it is",
        ),
        ("override = 1", "override: has to be a list of sections, [[override]]"),
        ("[[override]]\nrule = 'cost_luck'", "override 1: cost_luck is no rule; there are cost_cpi"),
        ("[[override]]\nrule = 'cost_cpi'\ngreen_from = 1", "names neither a programme nor a contract_type"),
        (
            "[[override]]\nrule = 'cost_cpi'\nprogramme = 'P'\ngreen_from = 1\namber_from = 2",
            "override 1 (cost_cpi): values from 1 to 2 are green and beyond amber",
        ),
        (
            "[[override]]\nrule = 'cost_cpi'\nprogramme = 'P'\ngreen_from = 1\n" * 2,
            "override 2: cost_cpi has two overrides for the same projects",
        ),
        (
            "[[override]]\nrule = 'cost_cpi'\nproject = 'P'\ngreen_from = 1",
            "override 1: project is not known here",
        ),
    ],
)
def test_refused_with_a_sentence(tmp_path: Path, text: str, sentence: str) -> None:
    with pytest.raises(InvalidRules) as refused:
        read(tmp_path, text)
    assert sentence in str(refused.value)
    assert all(
        problem.startswith("rules.toml: ") and problem.endswith(".") for problem in refused.value.problems
    )


@pytest.mark.parametrize(
    "text",
    [
        "[rules.cost_over_baseline]\ngreen_to = 0.5\namber_to = 1.5\n",
        "[rules.quality_tests_passed_pct]\ngreen_from = 1\namber_from = 0.9\n",
        "[rules.cost_margin_pct_forecast]\ngreen_from = -1.5\n",
        "[rules.schedule_slip_days]\ngreen_from = 0\ngreen_to = 0\namber_from = 0\namber_to = 30\nupper = 'inclusive'\n",
        "[rules.quality_satisfaction]\ngreen_from = 80\namber_from = 60\n",
    ],
)
def test_what_may_be_beyond_the_usual_is_not_refused(tmp_path: Path, text: str) -> None:
    assert len(read(tmp_path, text).rules) == len(TABLE)


def test_every_metric_that_is_offered_is_there_to_be_judged() -> None:
    con = duckdb.connect()
    timeline(con, portfolio({"P": {}}))
    build_marts(con, keep_work=True)
    for table in ("work.status", "mart_project_status"):
        columns = {name for (name, *_) in con.execute(f"describe {table}").fetchall()}
        assert judged().keys() - columns == set()
    assert len(judged()) > 50


def test_every_problem_is_named_at_once(tmp_path: Path) -> None:
    with pytest.raises(InvalidRules) as refused:
        read(
            tmp_path, "[settings]\nx = 1\n[rules.cost_cpi]\ngreen_from = 'a'\n[rules.cost_x]\ngreen_to = 1\n"
        )
    assert len(refused.value.problems) >= 3


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(InvalidRules, match=r"none\.toml: cannot be read \(No such file"):
        load_rules(tmp_path / "none.toml")
    latin = tmp_path / "latin.toml"
    latin.write_bytes("# año\n".encode("latin-1"))
    with pytest.raises(InvalidRules, match="is not UTF-8 text"):
        load_rules(latin)


@pytest.mark.parametrize(
    ("bounds", "faults"),
    [
        ({"green_from": 0.95, "amber_from": 0.90}, 0),
        ({"green_to": 30, "amber_to": 90}, 0),
        ({"green_to": 30, "amber_from": 30, "amber_to": 90}, 0),
        ({"green_from": 0.95, "green_to": 1.05, "amber_from": 0.90, "amber_to": 1.10}, 0),
        ({"green_from": 0.95, "green_to": 1.05, "amber_from": 0.90}, 0),
        ({"green_from": 0, "green_to": 10, "amber_from": 10, "amber_to": 20}, 0),
        ({"green_to": 0}, 0),
        ({"amber_to": 3}, 1),
        ({"green_from": 2, "green_to": 1}, 1),
        ({"green_from": 5, "green_to": 5}, 0),
        ({"green_from": 5, "green_to": 5, "upper": "exclusive"}, 1),
        ({"green_to": 5, "upper": "exclusive"}, 0),
        ({"green_to": 30, "amber_to": 20}, 1),
        ({"green_to": 30, "amber_from": 20, "amber_to": 90}, 1),
        ({"green_from": 0.95, "amber_from": 0.90, "amber_to": 0.97}, 1),
        ({"green_from": 0, "green_to": 10, "amber_from": 5, "amber_to": 20}, 1),
        ({"green_from": 0, "green_to": 10, "amber_from": 12, "amber_to": 20}, 1),
    ],
)
def test_holes_and_overlaps(bounds: dict[str, Any], faults: int) -> None:
    assert len(gaps(Bounds(**bounds))) == faults


def test_a_file_changes_what_it_names_and_nothing_else(tmp_path: Path) -> None:
    rules = read(
        tmp_path,
        "[settings]\nstale_after_days = 40\n[rules.cost_cpi]\ngreen_from = 0.97\namber_from = 0.92\n"
        "[rules.scope_notices_missed]\noff = true\n"
        "[rules.cost_vac]\ndimension = 'cost'\nmetric = 'vac'\ngreen_from = 0\n",
    )
    default = {rule.id: rule for rule in load_rules().rules}
    found = {rule.id: rule for rule in rules.rules}
    assert rules.settings == {**load_rules().settings, "stale_after_days": 40}
    assert found["cost_cpi"].bounds == Bounds(0.97, amber_from=0.92, from_percent_complete=0.15)
    assert found["scope_notices_missed"].bounds.off
    assert found["cost_vac"].unit == "money"
    same = found.keys() - {"cost_cpi", "scope_notices_missed", "cost_vac"}
    assert {i: found[i] for i in same} == {i: default[i] for i in same}


def test_settings_have_a_default_and_a_reason() -> None:
    for setting in settings.SETTINGS:
        assert setting.reason
        assert setting.default is None or settings.fault(setting.name, setting.default) is None
    assert set(load_rules().settings) == {s.name for s in settings.SETTINGS if s.default is not None}


def test_written_and_read_back() -> None:
    con = duckdb.connect()
    write_rules(con, load_rules())
    write_rules(con, load_rules())
    found = rules_in_force(con, Scope(viewer="", as_of=JAN))
    assert [rule.id for rule in found] == [rule.id for rule in load_rules().rules]
    assert one(con, "select count(*) as sets from rule_sets") == {"sets": 1}
    stated = dict(con.execute("select name, value from metric_settings").fetchall())
    assert stated["improve_after_reports"] == "2"
    assert stated["history_by_rules_of_its_time"] == "true"


TWO = {"quality": [{"status_date": day, "defects_critical": 2} for day in (JAN, FEB)]}
LAX = "[rules.quality_defects_critical]\ngreen_to = 5\n"


def colours(con: duckdb.DuckDBPyConnection) -> list[str]:
    got = rows(con, "select rag_quality from mart_project_status order by status_date")
    return [row["rag_quality"] for row in got]


def later(con: duckdb.DuckDBPyConnection, *days: date) -> None:
    """Load again, with reports of further days."""
    more = [{"status_date": day, "defects_critical": 2} for day in days]
    tables: Tables = {"quality": [*TWO["quality"], *more]}
    timeline(con, portfolio({"P": tables}))


def test_new_rules_hold_from_the_reports_they_come_with(tmp_path: Path) -> None:
    con = built(portfolio({"P": TWO}))
    assert colours(con) == ["amber", "amber"]
    write_rules(con, read(tmp_path, LAX + "[settings]\nimprove_after_reports = 1\n"))
    later(con, MAR, APR)
    build_marts(con)
    assert colours(con) == ["amber", "amber", "green", "green"]
    build_marts(con)
    assert colours(con) == ["amber", "amber", "green", "green"]
    write_rules(
        con,
        read(tmp_path, LAX + "[settings]\nimprove_after_reports = 1\nhistory_by_rules_of_its_time = false\n"),
    )
    build_marts(con)
    assert colours(con) == ["green", "green", "green", "green"]


def test_new_rules_without_new_reports_hold_for_the_newest(tmp_path: Path) -> None:
    con = built(portfolio({"P": TWO}))
    write_rules(con, read(tmp_path, LAX + "[settings]\nimprove_after_reports = 1\n"))
    build_marts(con)
    assert colours(con) == ["amber", "green"]
    build_marts(con)
    assert colours(con) == ["amber", "green"], "the product's own rules do not come back"


def test_a_setting_that_a_store_does_not_have_yet_gets_its_default() -> None:
    con = duckdb.connect()
    write_rules(con, load_rules())
    con.execute("delete from metric_settings where name = 'stale_after_days'")
    con.execute("update metric_settings set value = '3' where name = 'improve_after_reports'")
    write_default_settings(con)
    stated = dict(con.execute("select name, value from metric_settings").fetchall())
    assert (stated["stale_after_days"], stated["improve_after_reports"]) == ("35", "3")


def test_effects_of_each_rule() -> None:
    cases: dict[str, Tables] = {
        "worst": {
            "quality": [{"status_date": FEB, "defects_critical": 4, "tests_run": 10, "tests_passed": 9}]
        },
        "good": {"quality": [{"status_date": FEB, "defects_critical": 0}]},
        "closed": {
            "projects": [{"phase": "closed"}],
            "quality": [{"status_date": FEB, "defects_critical": 4}],
        },
    }
    found = {row[0]: row[1:] for row in rule_effects(built(portfolio(cases)))}
    assert list(found) == [rule.id for rule in load_rules().rules]
    # green, amber, red, grey, decides
    assert found["quality_defects_critical"] == (1, 0, 1, 0, 1)
    assert found["quality_tests_passed_pct"] == (0, 1, 0, 1, 0)
    assert found["cost_cpi"] == (0, 0, 0, 2, 0)
    assert found["schedule_damages_running"] == (0, 0, 0, 0, 0)


def test_the_ways_of_metrics_are_those_of_the_rules_that_came_with_the_product() -> None:
    assert set(HIGHER_IS_BETTER) & set(LOWER_IS_BETTER) == set()
    assert {*HIGHER_IS_BETTER, *LOWER_IS_BETTER} <= judged().keys()
    for rule in load_rules().rules:
        way = HIGHER_IS_BETTER if rule.bounds.green_to is None else LOWER_IS_BETTER
        assert rule.metric in way


def test_overrides_that_reach_nobody(tmp_path: Path) -> None:
    cases: dict[str, Tables] = {
        "P": {
            "projects": [{"programme_id": "RAN", "contract_type": "turnkey"}],
            "quality": [{"status_date": JAN}],
        },
        "Q": {"projects": [{"programme_id": "CORE"}], "quality": [{"status_date": JAN}]},
    }
    reach = [
        ("programme = 'RAN'", None),
        ("contract_type = 'turnkey'", None),
        ("programme = 'RAN'\ncontract_type = 'turnkey'", None),
        ("programme = 'RAM'", ("cost_cpi", "RAM", None)),
        ("contract_type = 'Turnkey'", ("cost_cpi", None, "Turnkey")),
        ("programme = 'CORE'\ncontract_type = 'turnkey'", ("cost_cpi", "CORE", "turnkey")),
    ]
    text = "".join(f"[[override]]\nrule = 'cost_cpi'\n{whom}\ngreen_from = 0.9\n" for whom, _ in reach)
    found = idle_overrides(built(portfolio(cases), read(tmp_path, text)))
    assert set(found) == {idle for _, idle in reach if idle}


THREE, THEN = (JAN, FEB, MAR), APR
CPI = dict(zip((JAN, FEB, MAR, APR), (0.96, 0.80, 0.96, 0.96), strict=True))
CRITICAL = dict(zip((JAN, FEB, MAR, APR), (5, 0, 5, 0), strict=True))
CHECKS = [s.name for s in settings.SETTINGS if s.name.startswith("dcma_")]


def history(*days: date) -> dict[str, list[dict[str, Any]]]:
    """A portfolio as delivered at each of these days, for every setting something that it changes."""
    done = {"actual_finish": JAN, "percent_complete": 1}
    tasks = [
        {"task_uid": "1", "name": "A", "baseline_finish": JAN, "finish": JAN, "duration_days": 3, **done},
        {"task_uid": "2", "name": "B", "finish": date(2025, 12, 1), "duration_days": 10},
    ]
    first = days[:1]
    cases: dict[str, Tables] = {
        "P": {
            "earned_value": [row for n, day in enumerate(days, 1) for row in earned(day, 12 * n, 10 * n)],
            "tasks": [{"status_date": day, **task} for day in days for task in tasks],
            "task_links": [
                {"status_date": day, "predecessor_uid": "1", "successor_uid": "2"} for day in days
            ],
            "quality": [{"status_date": day, "defects_critical": CRITICAL[day]} for day in days],
        },
        "cost": {"earned_value": [row for day in days for row in earned(day, 60 * CPI[day], 60)]},
        "old earned value": {
            "earned_value": [row for day in first for row in earned(day, 10, 10)],
            "quality": [{"status_date": day} for day in days],
        },
        "silent": {"quality": [{"status_date": day} for day in first]},
    }
    return portfolio(cases)


# setting and its new value → what it changes, at the three dates before and at the one that comes with it
BY_TIME: dict[str, tuple[str, str, list[Any]]] = {
    "eac_variant": (
        "'budget_rate'",
        "select eac::double from mart_project_status where project_id = 'P' order by status_date",
        [100, 100, 100, 112],
    ),
    "bei_variant": (
        "'discrete'",
        "select bei from mart_project_status where project_id = 'P' order by status_date",
        [0.5, 0.5, 0.5, 1],
    ),
    "index_upper_bound": (
        "1.5",
        "select count(q.check_id) from mart_project_status s left join mart_data_quality q using (project_id, status_date)"
        " where project_id = 'P' and coalesce(check_id, 'cpi_high') = 'cpi_high' group by status_date order by status_date",
        [1, 1, 1, 0],
    ),
    "stale_after_days": (
        "100",
        "select projects_reported from mart_rollup_status where level = 'portfolio' and basis = 'plan' order by month_end",
        [4, 4, 3, 4],
    ),
    "improve_after_reports": (
        "1",
        "select rag_quality from mart_project_status where project_id = 'P' order by status_date",
        ["red", "red", "red", "green"],
    ),
    "hysteresis_margin": (
        "0.02",
        "select rag_cost from mart_project_status where project_id = 'cost' order by status_date",
        ["green", "red", "red", "amber"],
    ),
    "dcma_long_days": (
        "5",
        "select counted from mart_schedule_quality where check_id = 'high_duration' order by status_date",
        [0, 0, 0, 1],
    ),
    **{
        name: (
            "0.5",
            f"select threshold = 0.5 from mart_schedule_quality where 'dcma_' || check_id = '{name}' order by status_date",
            [False, False, False, True],
        )
        for name in CHECKS
        if name != "dcma_long_days"
    },
}


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> duckdb.DuckDBPyConnection:
    """Three reports by the defaults, a fourth that brings another value of every setting."""
    con = built(history(*THREE))
    text = "".join(f"{name} = {value}\n" for name, (value, *_) in BY_TIME.items())
    write_rules(con, read(tmp_path_factory.mktemp("rules"), f"[settings]\n{text}"))
    timeline(con, history(*THREE, THEN))
    build_marts(con)
    return con


def test_every_setting_is_looked_at() -> None:
    assert {*BY_TIME, settings.HISTORY} == set(settings.BY_NAME)


@pytest.mark.parametrize("name", BY_TIME)
def test_a_setting_changes_the_reports_it_comes_with(told: duckdb.DuckDBPyConnection, name: str) -> None:
    _, sql, expected = BY_TIME[name]
    assert [value for (value,) in told.execute(sql).fetchall()] == pytest.approx(expected)


def test_an_old_earned_value_is_judged_by_the_setting_of_its_time(told: duckdb.DuckDBPyConnection) -> None:
    got = rows(told, "select status_date from mart_data_quality where check_id = 'ev_old'")
    assert [row["status_date"] for row in got] == [MAR]


def test_a_store_that_kept_no_settings_has_those_in_force(tmp_path: Path) -> None:
    con = built(history(*THREE), read(tmp_path, "[settings]\neac_variant = 'budget_rate'\n"))
    con.execute("alter table rule_sets drop column settings")
    write_rules(con, load_rules())
    timeline(con, history(*THREE, THEN))
    build_marts(con)
    sql = "select eac::double as eac from mart_project_status where project_id = 'P' order by status_date"
    assert [row["eac"] for row in rows(con, sql)] == [118, 116, 114, 100]


def test_all_of_history_by_the_newest_settings_where_asked(tmp_path: Path) -> None:
    con = built(history(*THREE))
    text = "[settings]\neac_variant = 'budget_rate'\nhistory_by_rules_of_its_time = false\n"
    write_rules(con, read(tmp_path, text))
    build_marts(con)
    assert one(con, "select count(*) as n from rule_periods") == {"n": 1}
    sql = "select eac::double as eac from mart_project_status where project_id = 'P' order by status_date"
    assert [row["eac"] for row in rows(con, sql)] == [118, 116, 114]


@pytest.mark.parametrize(
    ("sets", "expected"),
    [
        ([None], [1, 1, 1, 1]),
        ([None, FEB], [1, 2, 2, 2]),
        ([None, MAR, FEB], [1, 3, 3, 3]),
        ([MAR, FEB], [1, 2, 2, 2]),
        ([FEB, APR], [1, 1, 1, 2]),
    ],
)
def test_the_later_set_holds_from_its_day(
    tmp_path: Path, sets: list[date | None], expected: list[int]
) -> None:
    con = duckdb.connect()
    for number, day in enumerate(sets, 1):
        head = f"valid_from = {day}\n" if day else ""
        write_rules(con, read(tmp_path, f"{head}[settings]\nstale_after_days = {number}\n"))
    got = rows(
        con,
        "select set_no from (select unnest([$a, $b, $c, $d]) as day)"
        " join rule_periods on valid_from <= day and (valid_to is null or day < valid_to) order by day",
        a=JAN, b=FEB, c=MAR, d=APR,
    )  # fmt: skip
    assert [row["set_no"] for row in got] == expected
