"""The demonstration portfolio: source files as a project office would deliver them, telling true stories.

`write_demo` writes workbooks per project, finance's exports, rollout snapshots and schedules, and the
mapping that reads them. The data are invented, apart from geography and exchange rates;
docs/demonstration.md tells the stories.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

from loaders.demo import dress, files, schedule
from loaders.demo.model import RATES_FILE, programmes, read_rates, reports_for, tables_of
from loaders.demo.portfolio import LAST_STATUS, STORIES, Story
from loaders.demo.portfolio import projects as first_projects
from loaders.demo.reports import Reports, Row, Tables

__all__ = ["LAST_STATUS", "STORIES", "Story", "write_demo"]

Progress = Callable[[str, int, int], None]
FOLDERS = ("proyectos", "projects", "portfolio", "finance", "rollout", "schedules")
PARQUET_FROM_SITES = 1000


def write_demo(
    out_dir: Path, projects: int = 48, months: int = 24, seed: int = 7, progress: Progress | None = None
) -> None:
    """Write the demonstration's source files and their mapping.toml below `out_dir`.

    `projects` are the first so many of the portfolio (stories first), `months` the month ends reported
    up to the last status date. The same arguments give the same bytes. `progress(project name, done,
    total)` is called after each project. Files of an earlier run in the same folders are replaced.
    Raises ValueError on counts below one.
    """
    if projects < 1 or months < 1:
        raise ValueError(
            f"A demonstration needs at least one project and one month, not {projects} and {months}."
        )
    chosen = first_projects(projects)
    for folder in FOLDERS:
        shutil.rmtree(out_dir / folder, ignore_errors=True)
        (out_dir / folder).mkdir(parents=True)
    rate_on = read_rates()
    collected: Tables = {"financials": [], "invoices": [], "orders": [], "tasks": [], "task_links": []}
    for done, project in enumerate(chosen, start=1):
        reports = reports_for(project, months, seed, rate_on)
        tables = tables_of(reports)
        _write_project(out_dir, reports, tables)
        for table, rows in collected.items():
            rows.extend({"currency": project.currency, **row} for row in tables[table])
        if progress:
            progress(project.name, done, len(chosen))
    files.write_csv(
        out_dir / "portfolio" / "programmes.csv", dress.plain_columns("programmes"), programmes(chosen)
    )
    _write_finance(out_dir / "finance", collected)
    for table in ("tasks", "task_links"):
        if collected[table]:
            files.write_csv(
                out_dir / "schedules" / f"{table}.csv", dress.plain_columns(table), collected[table]
            )
    (out_dir / "mapping.toml").write_text(dress.mapping(), encoding="utf-8")


def _write_project(out_dir: Path, reports: Reports, tables: Tables) -> None:
    project = reports.course.project
    if not reports.months:
        return
    folder = "proyectos" if project.spanish else "projects"
    files.write_workbook(out_dir / folder / f"{project.project_id}.xlsx", tables, spanish=project.spanish)
    if tables["sites"]:
        columns = dress.listed_columns("sites", dress.SITE_HEADERS)
        rows = [{"currency": project.currency, **row} for row in tables["sites"]]
        if project.sites >= PARQUET_FROM_SITES:
            files.write_parquet(out_dir / "rollout" / f"sites_{project.project_id}.parquet", columns, rows)
        else:
            files.write_csv(out_dir / "rollout" / f"sites_{project.project_id}.csv", columns, rows)
    if project.project_id in schedule.XML_PROJECTS and reports.months[-1] >= 1:
        (out_dir / "schedules" / f"{project.project_id}.xml").write_bytes(schedule.mspdi(reports))


def _write_finance(folder: Path, collected: Tables) -> None:
    columns = dress.listed_columns("financials", dress.FINANCE_HEADERS, translated=True)
    by_year: dict[int, list[Row]] = {}
    for row in collected["financials"]:
        by_year.setdefault(row["status_date"].year, []).append(row)
    for year, rows in sorted(by_year.items()):
        files.write_csv(folder / f"financials_{year}.csv", columns, rows, "erp")
    invoices = dress.listed_columns("invoices", dress.INVOICE_HEADERS, translated=True)
    files.write_csv(folder / "facturas.csv", invoices, collected["invoices"], "billing")
    orders = dress.listed_columns("orders", dress.ORDER_HEADERS)
    files.write_csv(folder / "purchase_orders.csv", orders, collected["orders"])
    shutil.copyfile(RATES_FILE, folder / "fx_rates.csv")
