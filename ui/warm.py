"""Answers found before anybody asks: what each screen shows first, of every newly published version of the store.

The first to look at a screen otherwise waits for all its queries. A server looks for a new version every few seconds
and asks them in a thread of its own, one after the other, as the default view does; only what hangs on an earlier
answer is left to the visitor. Whatever goes wrong here is logged, and the screens ask for themselves.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from threading import Event, Thread
from typing import Any

from streamlit import runtime

from loaders.errors import StoreError
from metrics.queries import cash, freshness, margin, overview, rag, risks, schedule, sites
from metrics.queries.definitions import rules_in_force, settings_in_force
from metrics.queries.filters import FilterOptions, data_basis, filter_options
from metrics.queries.project import everything, worst
from metrics.queries.search import whereabouts
from metrics.scope import Scope
from ui import filters
from ui.store import Store, ask_all, ask_of, current_store

WARM = ("ATALAYA_WARM", "on")
"""Setting: "off" leaves every query to the first visitor; for tests, and for a machine that has no time to spare."""
EVERY_S = 5.0
"""How often a server looks whether there is a new version."""

FIRST_LOOK: tuple[tuple[Callable[..., Any], tuple[Hashable, ...]], ...] = (
    (data_basis, ()),
    *((query, ()) for query in (overview.pulse, overview.turned, overview.needs, overview.changes)),
    (overview.programmes, ()),
    *((query, ()) for query in (rag.headline, rag.watermelons)),
    (rag.size, ("all",)),
    (rag.matrix, ("all", "worst", 1)),
    (schedule.headline, ()),
    (schedule.ranking, ("original",)),
    *((query, ()) for query in (schedule.distribution, schedule.movers, schedule.programmes)),
    *((query, ()) for query in (schedule.finish_trend, schedule.calendar, schedule.rebaselined)),
    *((query, ()) for query in (schedule.rebaselines, schedule.quality)),
    *(
        (query, ())
        for query in (margin.bridge, margin.cover, margin.erosion, margin.trend, margin.only_falls)
    ),
    *((margin.quarter, (measure,)) for measure in ("revenue", "margin")),
    *((query, ()) for query in (margin.currencies, margin.exposed)),
    (margin.profitability, ("programme",)),
    (risks.headline, ()),
    *((risks.grid, (kind,)) for kind in risks.KINDS),
    (risks.in_cell, ("risk",)),
    *((query, ()) for query in (risks.cover, risks.trend, risks.pipeline, risks.delays)),
    (risks.changes, ("open",)),
    *((query, ()) for query in (cash.headline, cash.flow, cash.ageing, cash.damages)),
    *((query, ()) for query in (cash.without_order, cash.positions)),
    (cash.worst, (None, None)),
    *((query, ()) for query in (sites.everything, sites.projects)),
    (sites.site_list, ("late", 1, None, None)),
    *((query, ()) for query in (freshness.headline, freshness.owing, freshness.sources, freshness.findings)),
    *((query, ()) for query in (freshness.arrivals, freshness.stubs, freshness.nothing_but_a_name)),
    (settings_in_force, ()),
)
"""What the screens ask under the default view, in the order of the navigation: the query and what it is told."""
OF_EVERYTHING = (freshness.refused, freshness.files, rules_in_force)
"""The same, for what no scope restricts."""


def default_scope(options: FilterOptions) -> Scope | None:
    """The scope of somebody who has chosen nothing; None where nothing was ever reported."""
    if not options.status_dates:
        return None
    as_of = options.status_dates[0]
    return Scope(
        viewer="",
        as_of=as_of,
        compared_with=filters.previous_date(options.status_dates, as_of),
        stale_after_days=options.stale_after_days(as_of),
    )


def answer(store: Store, goes_on: Callable[[], bool]) -> int:
    """Ask everything of `store`, as long as `goes_on`; returns how many answers are now remembered."""
    scope = default_scope(ask_all(filter_options, store))
    if scope is None:
        return 0
    done = 0
    for query, args in FIRST_LOOK:
        if not goes_on():
            return done
        ask_of(store, query, scope, *args)
        done += 1
    for query in OF_EVERYTHING:
        ask_all(query, store)
        done += 1
    first = ask_of(store, worst, scope)
    if first is not None and goes_on():
        ask_of(store, whereabouts, scope, first)
        ask_of(store, everything, scope, first)
        done += 2
    return done + 1


@contextmanager
def kept_warm() -> Iterator[None]:
    """As long as a server serves: every new version is asked for, unless the setting is off."""
    variable, default = WARM
    if os.environ.get(variable, default) == "off":
        yield
        return
    ended = Event()
    thread = Thread(target=_watch, args=(ended,), name="atalaya-warm", daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()


def _watch(ended: Event) -> None:
    warmed = ""
    while not ended.is_set():
        try:
            if runtime.exists():
                warmed = _newest(warmed, ended)
        except Exception:
            logging.getLogger("atalaya").exception("Answers could not be found ahead of the first visitor")
            return
        ended.wait(EVERY_S)


def _newest(warmed: str, ended: Event) -> str:
    """Ask the version in force unless it is the one `warmed` already; returns which one is."""
    version = _version()
    if version is None or version == warmed:
        return warmed
    answer(current_store(), lambda: not ended.is_set() and _version() == version)
    return version


def _version() -> str | None:
    """The version in force; None where there is none yet, or none that can be read: a page says so."""
    try:
        return current_store().version
    except StoreError:
        return None
