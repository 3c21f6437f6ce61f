from __future__ import annotations

import re
from datetime import date
from typing import Any
from urllib.parse import unquote

import pandas as pd
import pytest

from locales import translator
from ui.charts import paper
from ui.formats import Formats

F = Formats(translator("en"))
AUGUST = date(2025, 8, 31)


def task(uid: str, name: str, **own: Any) -> dict[str, Any]:
    return {
        "task_uid": uid, "name": name, "outline_level": 1, "is_summary": False, "is_milestone": False,
        "is_critical": False, "is_done": False, "percent_complete": 0.5, "slip_days": 0,
        "start_on": pd.Timestamp(2025, 7, 1), "finish_on": pd.Timestamp(2025, 9, 30),
        "baseline_start": pd.Timestamp(2025, 7, 1), "baseline_finish": pd.Timestamp(2025, 9, 20),
        "original_start": pd.Timestamp(2025, 7, 1), "original_finish": pd.Timestamp(2025, 9, 1), **own,
    }  # fmt: skip


NO_LINKS = pd.DataFrame(columns=["predecessor_uid", "successor_uid", "type"])


def svg(tasks: list[dict[str, Any]], links: pd.DataFrame = NO_LINKS) -> str:
    html = paper.gantt(pd.DataFrame(tasks), links, AUGUST, "What it shows", F)
    assert 'alt="What it shows"' in html
    return unquote(html)


@pytest.mark.parametrize(
    ("own", "shapes"),
    [
        ({}, {"rect": 2, "1.5 1.5": 1, "l4 4": 0}),
        ({"is_done": True}, {"rect": 1}),
        ({"percent_complete": None}, {"rect": 1}),
        ({"is_milestone": True}, {"rect": 0, "l4 4": 1}),
        ({"original_finish": pd.Timestamp(2025, 9, 20)}, {"1.5 1.5": 0}),
        ({"start_on": pd.NaT, "finish_on": pd.NaT}, {"rect": 0}),
    ],
)
def test_a_task_is_drawn_as_on_the_screen(own: dict[str, Any], shapes: dict[str, int]) -> None:
    drawn = svg([task("1", "Install", **own)])
    assert {shape: drawn.count(f"<{shape}" if shape == "rect" else shape) for shape in shapes} == shapes


def test_names_are_escaped_and_cut_and_slips_said() -> None:
    drawn = svg([task("1", "<b>" + "x" * 200, slip_days=12)])
    assert "<b>" not in drawn
    assert "&lt;b&gt;" in drawn
    assert "…" in drawn
    assert "+12\u00a0d" in drawn


def test_links_join_rows() -> None:
    links = pd.DataFrame([{"predecessor_uid": "1", "successor_uid": "2", "type": "FS"}])
    tasks = [task("1", "One"), task("2", "Two")]
    assert svg(tasks, links).count('stroke-width="0.5"') == 1
    assert svg(tasks).count('stroke-width="0.5"') == 0


def test_forty_rows_fit_a_sheet() -> None:
    drawn = svg([task(str(n), f"Task {n}") for n in range(40)])
    width, height = (int(n) for n in re.findall(r'viewBox="0 0 (\d+) (\d+)"', drawn)[0])
    assert height / width < 0.5
