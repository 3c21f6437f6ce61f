"""The demonstration with doubts: a store in which everything about some projects may be wrong."""

from __future__ import annotations

import shutil
from pathlib import Path

import duckdb
import pytest

from tests.ui.test_quality import metrics_named

DOUBTED: dict[str, set[str]] = {
    "MX-2301": {"open_changes_value", "unapproved_work", "upsell_pipeline"},
    "CO-2301": {"sites_on_air"},
}
"""Projects that are given a finding on each figure, and the figures whose own place one of them lacks."""


@pytest.fixture(scope="session")
def doubted_store(demonstration: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demonstration with a finding on every figure that a check can touch, for the projects DOUBTED."""
    store = tmp_path_factory.mktemp("doubted") / "store"
    shutil.copytree(demonstration, store)
    con = duckdb.connect(str(store / (store / "current").read_text(encoding="utf-8").strip()))
    con.execute("delete from mart_data_quality")
    for project in DOUBTED:
        con.executemany(
            "insert into mart_data_quality (project_id, status_date, check_id, severity, metric, value, unit,"
            " detail, sentence_key) values (?, date '2025-08-31', ?, 'warning', ?, 2, 'count', ?, 'dq.spi_high')",
            [(project, f"check_{metric}", metric, metric) for metric in sorted(metrics_named())],
        )
    con.close()
    return store
