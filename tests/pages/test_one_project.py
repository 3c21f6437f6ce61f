"""One project on the demonstration: its stories top to bottom, and the honest looks of projects with little."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from tests.pages.conftest import DOUBTED
from tests.ui.test_quality import metrics_named

ROOT = Path(__file__).parents[2]
Opened = Callable[..., AppTest]


@pytest.fixture
def project(demo_store: Path) -> Opened:
    """Open the screen on a project: `project("MX-2401", compared_with="2025-06-30")`."""

    def opened(project_id: str | None = None, **address: str | list[str]) -> AppTest:
        at = AppTest.from_file(ROOT / "dashboard.py", default_timeout=60)
        for key, value in ({"project_id": project_id} | address).items():
            if value is not None:
                at.query_params[key] = value
        at.run()
        at.switch_page("pages/project/one_project.py").run()
        assert not at.exception
        assert not any("could not be shown" in html.value for html in at.html)
        return at

    return opened


def parts(at: AppTest) -> list[str]:
    """The HTML on the page, in pieces."""
    acting = (json.loads(part.proto.json)["html"] for part in at.get("bidi_component"))
    return [*(html.value for html in at.html), *acting]


def said(at: AppTest) -> str:
    """Everything the page says outside its tables and figures."""
    told = [*parts(at), *(caption.value for caption in at.caption)]
    return re.sub(r"\s+", " ", " ".join(re.sub(r"<[^>]+>", " ", part) for part in told))


def figures(at: AppTest) -> dict[str, str]:
    """The figures by what they say instead of being seen."""
    return {chart.proto.alt: chart.proto.spec for chart in at.get("plotly_chart")}


def test_the_headline_says_reason_since_when_and_what_was_reported(project: Opened) -> None:
    assert "Red since 30 Jun 2025. SPI(t) is 0.85; the limit is 0.90. Reported green." in said(
        project("MX-2401")
    )


def test_what_is_asked_is_said(project: Opened) -> None:
    text = said(project("CO-2302"))
    assert "Asked for: Escalate the signature of the certificate" in text
    assert re.search(
        r"delivered items wait, worth USD [\d.]+.M. Longest: “Provisional acceptance certificate”", text
    )


def test_without_an_address_the_worst_project_opens_and_the_address_names_it(project: Opened) -> None:
    at = project()
    assert "1 of 4" in said(at)
    assert "MX-2301" in at.query_params["project_id"]


def test_neighbours_keep_to_the_filters(project: Opened) -> None:
    at = project("MX-2401", country="CO")
    assert "outside the filters" in said(at)
    assert "First: " in said(at)
    near = project("MX-2401", country="MX")
    assert re.search(r"‹ Núcleo 5G SA Monterrey.*Centro de datos Toluca ›", said(near))


def test_the_five_colours_stand_beside_what_was_reported(project: Opened) -> None:
    cards = next(p for p in project("MX-2401").get("bidi_component") if "at-cards" in p.proto.json)
    html = json.loads(cards.proto.json)["html"]
    assert html.count("at-strip") == 5
    assert "dimension=schedule" in html
    assert "SPI(t): 0.85" in html


def test_a_colour_opens_its_evidence_in_place(project: Opened) -> None:
    text = said(project("MX-2401", dimension="schedule"))
    assert "It turns amber at 0.90: 0.05 to go." in text
    assert re.search(r"Earned value: proyectos/MX-2401\.xlsx, sheet “Valor ganado”, row \d+", text)


def test_what_changed_since_the_comparison_date(project: Opened) -> None:
    text = said(project("MX-2401"))
    assert "What changed since 31 Jul 2025" in text
    assert re.search(r"SPI\(t\) 0\.87 0\.85 −0\.02", text)
    assert "Milestone reached: Instalación terminada." in text
    new = said(project("CO-2502"))
    assert "It had not reported by 31 Jul 2025." in new


def test_the_curve_has_its_forecasts(project: Opened) -> None:
    spec = next(spec for alt, spec in figures(project("MX-2401")).items() if "of the work is done" in alt)
    for name in ("planned", "earned", "spent", "cone", "eac"):
        assert f'"name":"{name}"' in spec


def test_a_rebaselined_project_is_late_against_the_original_plan(project: Opened) -> None:
    at = project("CO-2301")
    text = said(at)
    assert "The slip is 33.6" in text
    gantt = next(alt for alt in figures(at) if "tasks end after" in alt)
    late, original = re.findall(r"(\d+) (?:of|after)", gantt)[0], re.findall(r"baseline, (\d+)", gantt)[0]
    assert int(original) > int(late) + 15
    assert "planned originally" in " ".join(figures(at).values())
    assert "DCMA checks passed" in text


@pytest.mark.parametrize(
    ("show", "of"), [("critical", "Cutover"), ("1", "Migration"), ("all", "Punch list closed")]
)
def test_the_gantt_rolls_up(project: Opened, show: str, of: str) -> None:
    spec = next(s for alt, s in figures(project("CO-2301", tasks=show)).items() if "tasks end after" in alt)
    assert of in spec
    assert ("Punch list closed" in spec) == (show == "all")


def test_which_milestone_slipped_first_and_when_it_was_known(project: Opened) -> None:
    assert re.search(
        r"The first to slip was “Provisional acceptance certificate”, known since \d+ \w+ 2024",
        said(project("CO-2302")),
    )


def test_the_bridge_names_the_exchange_rate(project: Opened) -> None:
    alt = next(alt for alt in figures(project("MX-2402")) if "as sold" in alt)
    assert "Most of it: exchange rate, −3" in alt


def test_a_rollout_has_its_sites(project: Opened) -> None:
    assert any("sites on air of" in alt for alt in figures(project("MX-2301")))
    assert not any("sites on air of" in alt for alt in figures(project("MX-2401")))


@pytest.mark.parametrize(
    ("project_id", "expected"),
    [
        ("CO-2404", "Montajes Quebrada Honda"),
        ("MX-2404", "delay event"),
        ("CO-2403", "mandatory ones are overdue"),
        ("MX-2406", "Work has started on 1 of them without approval."),
    ],
)
def test_stories_of_the_registers(project: Opened, project_id: str, expected: str) -> None:
    at = project(project_id)
    tables = " ".join(table.value.to_string() for table in at.dataframe)
    assert expected in said(at) + tables


def test_a_project_with_a_name_and_one_report_says_so(project: Opened) -> None:
    at = project("CO-2502")
    text = said(at)
    assert "Nothing was delivered that a rule could judge" in text
    assert "Not delivered for this project: Milestones, Earned value, Financials" in text
    assert figures(at) == {}


def test_a_stale_project_says_how_old_it_is(project: Opened) -> None:
    text = said(project("MX-2403"))
    assert "The last report is of 30 Jun 2025, 2 months before. It was green then" in text
    assert "green on 30 Jun 2025." in text


def test_a_cancelled_project_is_outside_the_filters_and_still_shown(project: Opened) -> None:
    text = said(project("CO-2407"))
    assert "Edge data centre Barranquilla" in text
    assert "Cancelled" in text
    assert "outside the filters" in text


@pytest.mark.parametrize(
    "address", [{"project_id": "nobody"}, {"project_id": "MX-2401", "as_of": "2023-09-30"}]
)
def test_an_unknown_project_is_a_sentence_and_a_way_on(project: Opened, address: dict[str, str]) -> None:
    text = said(project(**address))
    assert f"There is no project “{address['project_id']}” that had reported by" in text
    assert "Search for a project" in text


def test_every_number_leads_to_its_rows(project: Opened) -> None:
    at = project("MX-2401")
    sources = next(table.value for table in at.dataframe if "loaded_at" in table.value)
    assert {"Earned value", "Financials", "Milestones"} <= set(sources["table_name"])
    assert "proyectos/MX-2401.xlsx" in set(sources["file"])


def test_spanish(project: Opened) -> None:
    text = said(project("MX-2401", lang="ES"))
    assert "En rojo desde el 30 jun 2025." in text
    assert "Qué cambió desde el 31 jul 2025" in text


@pytest.fixture
def doubted(doubted_store: Path, project: Opened, monkeypatch: pytest.MonkeyPatch) -> Opened:
    """Open the screen on a project of which everything is doubted; every mark is shown."""
    monkeypatch.setenv("ATALAYA_STORE", str(doubted_store))
    monkeypatch.setattr("ui.quality.BESIDE", 100)
    return project


@pytest.mark.parametrize("project_id", DOUBTED)
def test_every_figure_that_a_finding_touches_has_a_mark(doubted: Opened, project_id: str) -> None:
    pieces = parts(doubted(project_id))
    listed = next(piece for piece in pieces if 'id="finding-1"' in piece)
    assert len(re.findall(r'id="finding-\d+"', listed)) == len(metrics_named())
    beside = " ".join(piece for piece in pieces if "at-dq-said" not in piece and piece is not listed)
    marked = set(re.findall(r'href="#finding-(\d+)"', beside))
    unmarked = [
        metric for number, metric in enumerate(sorted(metrics_named()), start=1) if str(number) not in marked
    ]
    assert unmarked == [metric for metric in sorted(metrics_named()) if metric in DOUBTED[project_id]]
    assert f"{len(metrics_named())} findings on the data of this page" in said(doubted(project_id))


def test_a_rule_whose_figure_is_doubted_says_so(doubted: Opened) -> None:
    text = said(doubted("CO-2301", dimension="schedule"))
    assert re.search(r"Warning, Forecast finish: .* It touches Slip, share of original", text)
    assert "SPI(t) (!)" in " ".join(figures(doubted("CO-2301", dimension="schedule")).values())


def test_a_project_without_findings_has_no_mark(project: Opened) -> None:
    assert 'class="at-dq' not in " ".join(parts(project("MX-2401")))
