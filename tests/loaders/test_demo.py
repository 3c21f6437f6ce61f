"""The demonstration: what is delivered keeps the contract, agrees with itself and tells its stories."""

from __future__ import annotations

import csv
import hashlib
import json
import tomllib
from collections import defaultdict
from datetime import date, datetime, timedelta
from fnmatch import fnmatch
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pyarrow.parquet as pq
import pytest
from python_calamine import CalamineWorkbook

from loaders.demo import LAST_STATUS, STORIES, write_demo
from loaders.demo.model import read_rates, reports_for, tables_of
from loaders.demo.portfolio import LATE_SUPPLIER, PROJECTS, projects
from loaders.demo.rollout import sites_of

ROOT = Path(__file__).parents[2]
CONTRACT = tomllib.loads((ROOT / "loaders" / "contract.toml").read_text(encoding="utf-8"))
COUNTRIES = ROOT.parent / "shared" / "data" / "geo" / "countries_natural_earth.geojson"
BY_ID = {project.project_id: project for project in PROJECTS}
SEEDS = (7, 11)


def tables(project_id: str, months: int = 24, seed: int = 7) -> dict[str, list[dict[str, Any]]]:
    return _tables(project_id, months, seed)


@cache
def _tables(project_id: str, months: int, seed: int) -> dict[str, list[dict[str, Any]]]:
    return tables_of(reports_for(BY_ID[project_id], months, seed, read_rates()))


def latest(rows: list[dict[str, Any]], day: date = LAST_STATUS) -> list[dict[str, Any]]:
    newest = max(row["status_date"] for row in rows if row["status_date"] <= day)
    return [row for row in rows if row["status_date"] == newest]


def spi_t(project_id: str, seed: int = 7) -> dict[date, float]:
    """SPI(t) by status date, from the delivered rows alone."""
    found, by_day = {}, defaultdict(list)
    for row in tables(project_id, seed=seed)["earned_value"]:
        by_day[row["status_date"]].append(row)
    for day, rows in by_day.items():
        planned = [0.0] + [row["planned_value"] for row in rows]
        held = [row for row in rows if row["earned_value"] is not None]
        whole = max(i for i, value in enumerate(planned) if value <= held[-1]["earned_value"] + 0.005)
        rest = 0.0
        if whole + 1 < len(planned) and planned[whole + 1] > planned[whole]:
            rest = (held[-1]["earned_value"] - planned[whole]) / (planned[whole + 1] - planned[whole])
        found[day] = (whole + max(0.0, rest)) / len(held)
    return found


def margin_pct(project_id: str, scenario: str, rate_day: date) -> float:
    rate, home = read_rates(), BY_ID[project_id].currency
    rows = [row for row in tables(project_id)["financials"] if row["scenario"] == scenario]
    rows = [row for row in latest(rows) if row["period_end"] is None]
    revenue = sum(row["amount"] for row in rows if row["line"] == "revenue")
    cost = sum(
        row["amount"] / rate(row["currency"], rate_day) * rate(home, rate_day)
        for row in rows
        if row["line"] != "revenue"
    )
    return 100 * (revenue - cost) / revenue


def digest(folder: Path) -> dict[str, str]:
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


@pytest.fixture(scope="module")
def delivered(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Nine projects over four months: both offices, a big and a small rollout, schedules."""
    folder = tmp_path_factory.mktemp("demo")
    write_demo(folder, projects=9, months=4)
    return folder


def test_same_arguments_give_the_same_bytes(tmp_path: Path) -> None:
    for name in ("one", "two"):
        write_demo(tmp_path / name, projects=3, months=3)
    assert digest(tmp_path / "one") == digest(tmp_path / "two")
    write_demo(tmp_path / "other", projects=3, months=3, seed=8)
    assert digest(tmp_path / "one") != digest(tmp_path / "other")


def test_an_earlier_run_leaves_nothing_behind_and_progress_is_told(tmp_path: Path) -> None:
    told: list[tuple[str, int, int]] = []
    write_demo(tmp_path, projects=3, months=3)
    write_demo(tmp_path, projects=2, months=3, progress=lambda *step: told.append(step))
    assert told == [("Core swap Bajío", 1, 2), ("OSS consolidation Bogotá", 2, 2)]
    assert not list((tmp_path / "proyectos").glob("MX-2402*"))


@pytest.mark.parametrize(("count", "months"), [(0, 3), (3, 0)])
def test_counts_below_one_are_refused(tmp_path: Path, count: int, months: int) -> None:
    with pytest.raises(ValueError, match="at least one project and one month"):
        write_demo(tmp_path, projects=count, months=months)


def test_a_project_is_the_same_whatever_else_is_generated() -> None:
    short, full = tables("MX-2401", 4)["milestones"], tables("MX-2401", 24)["milestones"]
    assert short == [row for row in full if row["status_date"] >= short[0]["status_date"]]
    assert len({project.project_id for project in projects(70)}) == 70


# --- Reading the mapping back

Records = list[dict[str, Any]]


def read_sheet(path: Path, sheet: str) -> Records:
    grid = CalamineWorkbook.from_path(str(path)).get_sheet_by_name(sheet).to_python(skip_empty_area=False)
    return [
        dict(zip(grid[0], [None if cell == "" else cell for cell in row], strict=True)) for row in grid[1:]
    ]


def read_flat(path: Path, file: dict[str, Any]) -> Records:
    if path.suffix == ".parquet":
        return pq.read_table(path).to_pylist()
    with path.open(encoding=file.get("encoding", "utf-8"), newline="") as handle:
        rows = csv.DictReader(handle, delimiter=file.get("delimiter", ","))
        return [{name: value or None for name, value in row.items()} for row in rows]


def undress(
    record: dict[str, Any], columns: dict[str, Any], file: dict[str, Any], types: dict[str, Any]
) -> dict[str, Any]:
    row = {}
    for name, spec in columns.items():
        rule = spec if isinstance(spec, dict) else {"from": spec}
        value = record[rule["from"]]
        if value is None:
            row[name] = None
            continue
        if "values" in rule:
            value = rule["values"][value]
        kind = types[name]["type"]
        if kind == "date" and isinstance(value, str):
            formats = rule.get("date_format", file.get("date_format", ["%Y-%m-%d"]))
            value = datetime.strptime(value, formats[0]).date()
        if kind in {"money", "number", "fraction", "integer"} and isinstance(value, str):
            value = value.replace(file.get("thousands", "\0"), "").replace(file.get("decimal", "."), ".")
            value = float(value)
        row[name] = value / 100 if rule.get("percent") else value
    return row


@pytest.fixture(scope="module")
def canonical(delivered: Path) -> dict[str, Records]:
    """Every delivered row under its contract names, as the mapping says."""
    mapping = tomllib.loads((delivered / "mapping.toml").read_text(encoding="utf-8"))
    found: dict[str, Records] = defaultdict(list)
    for file in mapping["file"]:
        for path in sorted(delivered.rglob("*")):
            if not path.is_file() or not fnmatch(path.relative_to(delivered).as_posix(), file["match"]):
                continue
            if path.suffix == ".xml":
                continue
            if "table" not in file:
                found[path.stem].extend(
                    undress(row, {name: name for name in row}, file, CONTRACT[path.stem]["columns"])
                    for row in read_flat(path, file)
                )
            for part in file.get("table", []):
                records = read_sheet(path, part["sheet"]) if "sheet" in part else read_flat(path, file)
                types = CONTRACT[part["table"]]["columns"]
                found[part["table"]].extend(undress(row, part["columns"], file, types) for row in records)
    return found


def test_every_table_of_the_contract_is_delivered(canonical: dict[str, Records]) -> None:
    in_schedule_files = {"task_baselines"}
    assert {table for table, rows in canonical.items() if rows} == set(CONTRACT) - in_schedule_files


def test_delivered_values_keep_the_contract(canonical: dict[str, Records]) -> None:
    for table, rows in canonical.items():
        columns = CONTRACT[table]["columns"]
        assert not [name for row in rows for name in row if name not in columns]
        for name, column in columns.items():
            values = [row.get(name) for row in rows]
            known = [value for value in values if value is not None]
            assert len(known) == len(values) or not column.get("required"), f"{table}.{name} has gaps"
            if column["type"] == "enum":
                assert set(known) <= set(column["values"]), f"{table}.{name}"
            if column["type"] == "date":
                assert all(isinstance(value, date) for value in known), f"{table}.{name}"
            if column["type"] == "fraction":
                assert all(0 <= value <= 1 for value in known), f"{table}.{name}"
            if column["type"] in {"number", "money", "integer"}:
                assert all(value >= column.get("min", value) for value in known), f"{table}.{name}"
                assert all(value <= column.get("max", value) for value in known), f"{table}.{name}"
            if column["type"] == "integer":
                assert all(float(value).is_integer() for value in known), f"{table}.{name}"


def test_no_key_is_delivered_twice(canonical: dict[str, Records]) -> None:
    for table, rows in canonical.items():
        key = CONTRACT[table]["key"]
        keys = [tuple(row.get(name) for name in key) for row in rows]
        assert not key or len(set(keys)) == len(keys), table


def test_delivered_amounts_are_the_simulated_ones(canonical: dict[str, Records]) -> None:
    delivered = [row for row in canonical["financials"] if row["project_id"] == "MX-2402"]
    simulated = tables("MX-2402", 4)["financials"]
    assert [row["amount"] for row in delivered] == pytest.approx([row["amount"] for row in simulated])
    probability = [row["probability"] for row in canonical["risks"] if row["project_id"] == "MX-2402"]
    assert probability == pytest.approx([row["probability"] for row in tables("MX-2402", 4)["risks"]])


def test_the_schedule_file_is_ms_project_xml(delivered: Path) -> None:
    root = ET.parse(delivered / "schedules" / "MX-2402.xml").getroot()
    ns = {"p": "http://schemas.microsoft.com/project"}
    found = root.findall("p:Tasks/p:Task", ns)
    uids = {task.findtext("p:UID", namespaces=ns) for task in found}
    assert root.findtext("p:StatusDate", namespaces=ns) == "2025-08-31T18:00:00"
    assert len(uids) == len(found) > 25
    assert {link.text for link in root.findall(".//p:PredecessorUID", ns)} <= uids
    assert all(task.find("p:Baseline", ns) is not None for task in found)


# --- Consistency


@pytest.mark.parametrize("seed", SEEDS)
def test_earned_value_is_monotone_and_within_the_budget(seed: int) -> None:
    for project_id in BY_ID:
        by_day = defaultdict(list)
        for row in tables(project_id, seed=seed).get("earned_value", []):
            by_day[row["status_date"]].append(row)
        before = 0.0
        for day, rows in by_day.items():
            for name in ("planned_value", "earned_value", "actual_cost"):
                values = [row[name] for row in rows if row[name] is not None]
                assert values == sorted(values), f"{project_id} {day} {name}"
            held = [row for row in rows if row["earned_value"] is not None]
            assert held[-1]["period_end"] == day
            assert held[-1]["earned_value"] <= rows[-1]["planned_value"] + 0.05
            assert held[-1]["actual_cost"] >= before
            before = held[-1]["actual_cost"]


def test_the_budget_is_the_current_baselines_cost() -> None:
    for project_id in BY_ID:
        rows = tables(project_id)
        if rows["earned_value"]:
            day = max(row["status_date"] for row in rows["earned_value"])
            baseline = [row for row in rows["baselines"] if row["approved_on"] <= day][-1]
            assert latest(rows["earned_value"])[-1]["planned_value"] == pytest.approx(
                baseline["baseline_cost"], abs=0.1
            )


def test_actuals_to_date_agree_with_actual_cost() -> None:
    for project_id, project in BY_ID.items():
        rows = tables(project_id)
        if not rows["earned_value"]:
            continue
        day = rows["earned_value"][-1]["status_date"]
        rate = read_rates()
        sold = project.start - timedelta(days=45)
        actual = [
            row
            for row in latest([r for r in rows["financials"] if r["scenario"] == "actual"], day)
            if row["period_end"] is None and row["line"] not in {"revenue", "liquidated_damages"}
        ]
        spent = sum(
            row["amount"] / rate(row["currency"], sold) * rate(project.currency, sold) for row in actual
        )
        cost = [
            row["actual_cost"] for row in latest(rows["earned_value"], day) if row["actual_cost"] is not None
        ][-1]
        assert -1e-6 <= (spent - cost) / (project.value * 1e6) <= 0.045, project_id


def test_nothing_is_known_before_it_happens() -> None:
    happened = (
        "actual_date",
        "signed_on",
        "submitted_on",
        "rejected_on",
        "invoiced_on",
        "paid_on",
        "decided_on",
        "actual_on_air",
        "done_on",
        "closed_on",
        "notified_on",
        "ordered_on",
        "actual_finish",
        "work_started_on",
    )
    for project_id in BY_ID:
        for table, rows in tables(project_id).items():
            for row in rows:
                late = [name for name in happened if row.get(name) and row[name] > row["status_date"]]
                assert not late, f"{project_id} {table} {row}"


def test_reports_stand_on_month_ends_up_to_the_last_status_date() -> None:
    dates = {row["status_date"] for project_id in BY_ID for row in tables(project_id)["status_reports"]}
    assert (min(dates), max(dates), len(dates)) == (date(2023, 9, 30), date(2025, 8, 31), 24)


def test_every_phase_occurs() -> None:
    phases = {tables(project_id)["projects"][-1].get("phase") for project_id in BY_ID}
    assert phases >= set(CONTRACT["projects"]["columns"]["phase"]["values"])


# --- Stories


def test_stories_name_projects_of_the_portfolio_and_are_told_in_the_documentation() -> None:
    told = (ROOT / "docs" / "demonstration.md").read_text(encoding="utf-8")
    for story in STORIES:
        assert set(story.project_ids) <= set(BY_ID)
        assert BY_ID[story.project_ids[0]].story == story.key
        assert all(project_id in told for project_id in story.project_ids)


@pytest.mark.parametrize("seed", SEEDS)
def test_watermelon(seed: int) -> None:
    reports = [
        row
        for row in tables("MX-2401", seed=seed)["status_reports"]
        if row["status_date"] >= date(2025, 4, 30)
    ]
    assert [row["reported_overall"] for row in reports] == ["green"] * 5
    indices = [value for day, value in spi_t("MX-2401", seed).items() if day >= date(2025, 4, 30)]
    assert indices == sorted(indices, reverse=True)
    assert indices[0] < 0.95
    assert all(value < 0.90 for value in indices[2:])


@pytest.mark.parametrize("seed", SEEDS)
def test_rebaselined(seed: int) -> None:
    rows = tables("CO-2301", seed=seed)
    assert [row["baseline_no"] for row in rows["baselines"]] == [0, 1, 2]
    finish = next(row for row in latest(rows["milestones"]) if row["milestone_id"] == "M08")
    start = rows["projects"][0]["baseline_start"]
    assert abs((finish["forecast_date"] - finish["baseline_date"]).days) <= 15
    assert (finish["forecast_date"] - finish["original_date"]).days / (
        finish["original_date"] - start
    ).days > 0.2


def test_exchange_rate() -> None:
    sold = tables("MX-2402")["projects"][0]["as_sold_rate_date"]
    as_sold = margin_pct("MX-2402", "as_sold", sold)
    assert abs(as_sold - margin_pct("MX-2402", "forecast", sold)) < 0.8
    assert as_sold - margin_pct("MX-2402", "forecast", LAST_STATUS) > 3
    assert tables("MX-2402")["projects"][0]["hedged_share"] == 0


def test_unsigned() -> None:
    rows = tables("CO-2302")
    assert rows["earned_value"][-1]["earned_value"] == pytest.approx(rows["baselines"][0]["baseline_cost"])
    stuck = [row for row in latest(rows["acceptances"]) if row["milestone_id"] == "M08"]
    assert all(row["submitted_on"] and row["signed_on"] is None for row in stuck)
    assert any(row["rejected_on"] for row in stuck)
    unpaid = [row for row in latest(rows["invoices"]) if row["milestone_id"] == "M08"]
    assert unpaid
    assert all(row["invoiced_on"] is None and row["planned_on"] < LAST_STATUS for row in unpaid)


def test_silent() -> None:
    newest = max(
        row["status_date"] for rows in tables("MX-2403").values() for row in rows if "status_date" in row
    )
    assert newest == date(2025, 6, 30)


def test_early() -> None:
    rows = tables("CO-2401")
    finish = next(row for row in latest(rows["milestones"]) if row["milestone_id"] == "M08")
    assert (finish["baseline_date"] - finish["forecast_date"]).days > 20
    assert spi_t("CO-2401")[LAST_STATUS] > 1.05
    assert margin_pct("CO-2401", "forecast", LAST_STATUS) > margin_pct("CO-2401", "as_sold", LAST_STATUS) + 2


def test_permits() -> None:
    now = latest(tables("MX-2301")["sites"])
    planned = [row for row in now if row["planned_on_air"] <= LAST_STATUS]
    on_air = [row for row in now if row["actual_on_air"]]
    assert len(now) == 2000
    assert len(on_air) < 0.85 * len(planned)
    blocked = [row["blocked_by"] for row in now if row["blocked_by"]]
    assert blocked.count("permits") > 0.9 * len(blocked) > 100
    assert max(row["forecast_on_air"] for row in now if row["forecast_on_air"]) > date(2026, 1, 1)


def test_one_supplier() -> None:
    story = next(story for story in STORIES if story.key == "supplier")
    late: dict[str, int] = defaultdict(int)
    for project_id in story.project_ids:
        rows = tables(project_id)
        for row in latest(rows["subcontracts"]):
            growth = row["forecast"] / row["committed"] - 1
            assert (growth > 0.3) == (row["supplier_id"] == LATE_SUPPLIER)
        for row in latest(rows["sites"]) if rows["sites"] else []:
            if row["planned_on_air"] < LAST_STATUS - timedelta(days=30) and not row["actual_on_air"]:
                late[row["supplier_id"]] += 1
    assert late[LATE_SUPPLIER] > 5 * sum(
        count for supplier, count in late.items() if supplier != LATE_SUPPLIER
    )


def test_delay_claimed_in_time() -> None:
    delay = latest(tables("MX-2404")["delays"])[0]
    assert delay["cause"] == "customer"
    assert delay["notified_on"] < delay["notice_due_on"]
    assert (delay["days_claimed"], delay["days_granted"]) == (60, 45)
    service = next(row for row in latest(tables("MX-2404")["milestones"]) if row["milestone_id"] == "M07")
    assert 0 < (service["forecast_date"] - service["contract_date"]).days <= delay["days_granted"]


def test_notice_missed() -> None:
    delay = latest(tables("CO-2406")["delays"])[0]
    assert delay["notice_due_on"] < LAST_STATUS
    assert delay.get("notified_on") is None
    service = next(row for row in latest(tables("CO-2406")["milestones"]) if row["milestone_id"] == "M07")
    assert (service["forecast_date"] - service["contract_date"]).days > 30
    forecast = latest([row for row in tables("CO-2406")["financials"] if row["scenario"] == "forecast"])
    assert any(row["line"] == "liquidated_damages" and row["amount"] > 0 for row in forecast)


def test_smaller_stories() -> None:
    sparse = {table: len(rows) for table, rows in tables("CO-2502").items() if rows}
    assert sparse == {"projects": 1, "status_reports": 1}
    assert latest(tables("MX-2405")["status_reports"])[0]["reported_overall"] == "amber"
    assert spi_t("MX-2405")[LAST_STATUS] > 0.95
    assert tables("CO-2407")["projects"][-1]["phase"] == "cancelled"
    change = next(row for row in latest(tables("MX-2406")["changes"]) if row["change_id"] == "CC-02")
    assert (change["status"], change["order_id"]) == ("submitted", None)
    assert change["work_started_on"]
    assert change["cost_to_date"] > 0
    overdue = [
        row
        for row in latest(tables("CO-2403")["handovers"])
        if row["mandatory"] and not row["done_on"] and row["due_on"] < LAST_STATUS
    ]
    assert len(overdue) == 2


# --- Real geography


def inside(longitude: float, latitude: float, rings: list[list[tuple[float, float]]]) -> bool:
    crossings = 0
    for ring in rings:
        for (x1, y1), (x2, y2) in pairwise(ring):
            if (y1 > latitude) != (y2 > latitude):
                crossings += longitude < (x2 - x1) * (latitude - y1) / (y2 - y1) + x1
    return crossings % 2 == 1


@pytest.mark.shared
@pytest.mark.skipif(not COUNTRIES.exists(), reason="the public boundaries are not beside the project")
def test_sites_lie_in_their_country() -> None:
    shapes = {}
    for feature in json.loads(COUNTRIES.read_text(encoding="utf-8"))["features"]:
        geometry = feature["geometry"]
        parts = geometry["coordinates"] if geometry["type"] == "MultiPolygon" else [geometry["coordinates"]]
        shapes[feature["properties"].get("name")] = [
            [tuple(point[:2]) for point in ring] for part in parts for ring in part
        ]
    for project in PROJECTS:
        if project.sites and project.story != "sparse":
            shape = shapes[{"MX": "Mexico", "CO": "Colombia"}[project.programme.country]]
            places = sites_of(reports_for(project, 1, 7, read_rates()))
            assert all(inside(site.longitude, site.latitude, shape) for site in places[:250])
