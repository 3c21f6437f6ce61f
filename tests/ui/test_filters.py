from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest
from streamlit.testing.v1 import AppTest

from metrics.scope import Scope
from ui import filters
from ui.context import Context

Open = Callable[..., AppTest]


def scope(at: AppTest) -> Scope:
    context: Context = at.session_state["_atalaya_context"]
    return context.scope


def basis(at: AppTest) -> str:
    return next(h.value for h in at.html if "at-basis" in h.value)


def test_a_store_without_projects_still_opens(app: Open, small_store) -> None:
    small_store.con.execute("delete from mart_project_status")
    assert "no project has reported by this date" in basis(app())


def test_defaults(app: Open) -> None:
    at = app()
    assert scope(at) == Scope(
        viewer=scope(at).viewer, as_of=date(2025, 8, 31), compared_with=date(2025, 7, 31), stale_after_days=40
    )
    assert at.query_params == {}
    assert not at.info


def test_address_with_ids_and_dates_is_taken_over(app: Open) -> None:
    at = app(country="MX", phase=["execute", "plan"], as_of="2025-07-31", compared_with="nothing", lang="es")
    assert scope(at).countries == ("MX",)
    assert scope(at).phases == ("execute", "plan")
    assert scope(at).as_of == date(2025, 7, 31)
    assert scope(at).compared_with is None
    assert at.query_params["country"] == "México"
    assert not at.info


def test_address_in_another_language_is_understood(app: Open) -> None:
    at = app(country="México", phase="Ejecución", basis="De cierre")
    assert (scope(at).countries, scope(at).phases, scope(at).basis) == (("MX",), ("execute",), "closing")
    assert at.query_params == {"country": "Mexico", "phase": "Execute", "basis": "Closing rate"}


@pytest.mark.parametrize(
    "address",
    [
        {"country": "Narnia"},
        {"as_of": "31/02/2026"},
        {"currency": "doubloon"},
        {"lang": "xx"},
        {"programme": "<script>"},
    ],
)
def test_nonsense_is_ignored_and_said(app: Open, address: dict[str, str]) -> None:
    at = app(**address)
    assert scope(at).countries == ()
    assert scope(at).as_of == date(2025, 8, 31)
    assert len(at.info) == 1
    at.run()
    assert len(at.info) == 1
    at.multiselect(key="country").select("CO").run()
    assert not at.info


def test_a_choice_reaches_scope_and_chips(app: Open) -> None:
    at = app()
    at.multiselect(key="country").select("CO").run()
    assert scope(at).countries == ("CO",)
    at.button(key="chip_country_CO").click().run()
    assert scope(at).countries == ()


def test_clear_all(app: Open) -> None:
    at = app(country="CO", phase="plan")
    at.button(key="chip_clear").click().run()
    assert (scope(at).countries, scope(at).phases) == ((), ())


def test_language_keeps_the_choice(app: Open) -> None:
    at = app(country="MX", as_of="2025-07-31")
    at.selectbox(key="lang").select("es").run()
    assert scope(at).countries == ("MX",)
    assert at.multiselect(key="country").label == "País"
    assert at.query_params["country"] == "México"
    assert at.query_params["as_of"] == "31 jul 2025"


def test_the_comparison_follows_the_date(app: Open) -> None:
    at = app()
    at.selectbox(key="as_of").select(date(2025, 7, 31)).run()
    assert scope(at).compared_with == date(2025, 6, 30)
    at.selectbox(key="as_of").select(date(2025, 6, 30)).run()
    assert scope(at).compared_with is None


def test_programmes_without_id_are_offered(app: Open) -> None:
    at = app()
    assert at.multiselect(key="programme").options == ["(unassigned)", "Core", "RAN <b>North</b>"]


def test_completeness_and_age_stand_beside_the_sentence(app: Open) -> None:
    said = basis(app())
    assert "1 of 2 projects reported" in said
    said = basis(app(programme="P2"))
    assert "data stop at 30 Jun 2025, 2 months before" in said


@pytest.mark.parametrize(
    ("as_of", "previous"),
    [(date(2025, 8, 31), date(2025, 7, 31)), (date(2025, 8, 15), date(2025, 7, 2)), (date(2025, 1, 1), None)],
)
def test_previous_report(as_of: date, previous: date | None) -> None:
    dates = [date(2025, 8, 31), date(2025, 8, 15), date(2025, 7, 31), date(2025, 7, 2)]
    assert filters.previous_date(dates, as_of) == previous
