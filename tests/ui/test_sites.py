"""What the Sites screen says: its figures' messages, and its lists in the viewer's words."""

from __future__ import annotations

import pandas as pd
import pytest

from locales import translator
from metrics.queries.sites import STAGES
from ui import sites
from ui.formats import Formats

EN, ES = translator("en"), translator("es")


@pytest.mark.parametrize(
    ("blocked", "english", "spanish"),
    [
        (
            {"material": 59, "permits": 308},
            "Held up most by: permits, 308 of 367 blocked sites",
            "Lo que más detiene: permisos, 308 de 367 sitios bloqueados",
        ),
        (
            {"permits": 1},
            "Held up most by: permits, 1 of 1 blocked site",
            "Lo que más detiene: permisos, 1 de 1 sitio bloqueado",
        ),
        ({}, "No site names a blocker.", "Ningún sitio indica un bloqueo."),
    ],
)
def test_what_holds_up_most(blocked: dict[str, int], english: str, spanish: str) -> None:
    frame = pd.DataFrame({"cause": list(blocked), "blocked": list(blocked.values())})
    assert sites.blockers_title(frame, EN, Formats(EN)) == english
    assert sites.blockers_title(frame, ES, Formats(ES)) == spanish


@pytest.mark.parametrize(
    ("standing", "said"),
    [
        ({"survey": 3, "permits": 20, "on_air": 90}, "Before on air most sites stand at: permits, 20 of 23"),
        ({"accepted": 4}, "How many sites have reached each stage"),
    ],
)
def test_where_most_sites_stand(standing: dict[str, int], said: str) -> None:
    frame = pd.DataFrame({"stage": STAGES, "standing": [standing.get(stage, 0) for stage in STAGES]})
    assert sites.funnel_title(frame, EN, Formats(EN)) == said


def test_the_list_is_in_words(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sites, "linked", lambda frame: frame)
    frame = pd.DataFrame({"stage": ["survey", "installed"], "blocked_by": ["permits", None]})
    shown = sites.listed(frame, ES)
    assert list(shown["stage"]) == ["Visita técnica (site survey)", "Instalado"]
    assert shown["blocked_by"][0] == "Permisos"
    assert pd.isna(shown["blocked_by"][1])


@pytest.mark.parametrize(("country", "said"), [("MX", ["Late", "Permits"]), ("CO", ["On air", None])])
def test_the_map_as_a_table_is_in_words(monkeypatch, country: str, said: list[str | None]) -> None:
    monkeypatch.setattr(sites, "linked", lambda frame: frame)
    marks = pd.DataFrame(
        {"country": ["MX", "CO"], "state": ["late", "on_air"], "blocked_by": ["permits", None]}
    )
    (row,) = sites.marks_in(marks, country, EN)[["state", "blocked_by"]].to_numpy(dtype=object).tolist()
    assert [None if pd.isna(value) else value for value in row] == said
