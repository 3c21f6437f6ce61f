"""The shared filters: one row, kept in the address by Streamlit's query-parameter binding.

An address holds the options as the viewer read them. On arrival it may also hold ids (`country=MX`,
`as_of=2025-06-30`) or the labels of another language; whatever means nothing is ignored and said.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial
from typing import Any, Literal

import streamlit as st
from babel import Locale

from locales import NUMBER_LOCALES, Translator, languages, translator
from metrics.queries.filters import FilterOptions
from metrics.scope import CURRENCIES, RATE_BASES, UNASSIGNED, Scope
from ui.formats import Formats
from ui.marks import escape_md

LATEST = "latest"
PREVIOUS = "previous"
NOTHING = "nothing"

LANGUAGE = "lang"
AS_OF = "as_of"
COMPARED_WITH = "compared_with"
CURRENCY = "currency"
BASIS = "basis"
KNOWN_ON = "known_on"
MULTIPLE = ("country", "programme", "customer", "phase", "business_line")
"""The filters that take several values, in the order they are shown."""

_LONGEST = 60
"""Letters of what an address asked for that are said again."""

_MIN_GAP_DAYS = 20
"""The default comparison is the newest status date at least this long before: the previous report, not
another project's report of the same month."""

_ADDRESS = "_address"
_LABELLED = "_labelled"
_IGNORED = "_ignored"
_UNKNOWN = "_unknown"
SHARED = (LANGUAGE, AS_OF, COMPARED_WITH, CURRENCY, BASIS, KNOWN_ON, *MULTIPLE)
"""The parameters of the address that Streamlit carries from screen to screen by itself."""

Label = Callable[[Any], str]


@dataclass(frozen=True)
class Offer:
    """What one filter offers: its options, how they read, and which it takes when nobody chose."""

    options: tuple[Any, ...]
    label: Label
    label_in: Callable[[str], Label]
    """The labels of another language, for addresses that were copied there."""


def language() -> str:
    """The language the viewer chose, else the browser's, else the first; before any widget exists."""
    chosen = st.session_state.get(LANGUAGE)
    if chosen in languages():
        return str(chosen)
    asked = st.query_params.get(LANGUAGE, "").lower()
    return asked if asked in languages() else _browser_language()


def known_on() -> date | None:
    """The day as of whose knowledge the viewer looks, None for now; before any widget exists."""
    if KNOWN_ON in st.session_state:
        chosen = st.session_state[KNOWN_ON]
        return chosen if isinstance(chosen, date) else None
    try:
        return date.fromisoformat(st.query_params.get(KNOWN_ON, ""))
    except ValueError:
        return None


def choose(options: FilterOptions, viewer: str) -> Scope:
    """Draw the filter row and return the scope it describes, in USD at plan rates until somebody chooses."""
    t = translator(language())
    dates = options.status_dates or (date.today(),)
    offers = _offers(options, dates, t)
    as_of = _asked_as_of(dates, offers[AS_OF])
    offers[COMPARED_WITH] = _comparison(dates, as_of, t)
    ignored = _adopt_address(offers)
    _relabel(offers, (t.language, as_of, dates[0]))
    with st.container(key="filter_bar", gap="xsmall"):
        fold = st.container()
        with st.container(horizontal=True, key="filter_row", gap="small"):
            _one(AS_OF, offers[AS_OF], t, width=170)
            against = _one(COMPARED_WITH, offers[COMPARED_WITH], t, width=170)
            chosen = {key: _several(key, offers[key], t, width=175) for key in ("country", "programme")}
            with st.popover(t.t("filter.more"), key="filters_more"):
                chosen |= {
                    key: _several(key, offers[key], t) for key in ("customer", "phase", "business_line")
                }
                st.date_input(
                    t.t("filter.known_on"), value=None, key=KNOWN_ON, max_value=date.today(),
                    format=Formats(t).typed_date, bind="query-params", help=t.t("filter.known_on.help"),
                )  # fmt: skip
            currency = _one(CURRENCY, offers[CURRENCY], t, width=100)
            basis = _one(BASIS, offers[BASIS], t, width=140)
            _one(LANGUAGE, offers[LANGUAGE], t, width=76)
        active = [(key, value) for key in MULTIPLE for value in chosen[key]]
        fold.checkbox(
            t.n("filter.show", len(active)), key="filters_shown", on_change="ignore", persist_state="session"
        )
        _chips(active, offers, t)
        known = known_on()
        if known:
            st.info(t.t("filter.known", date=Formats(t).date(known)), icon=":material/history:")
    scope = Scope(
        viewer=viewer,
        as_of=as_of,
        compared_with={PREVIOUS: previous_date(dates, as_of), NOTHING: None}.get(against, against),
        countries=chosen["country"],
        programmes=chosen["programme"],
        customers=chosen["customer"],
        phases=chosen["phase"],
        business_lines=chosen["business_line"],
        currency=currency,
        basis=basis,
        stale_after_days=options.stale_after_days(as_of),
    )
    _say_ignored(ignored, scope, t)
    return scope


def _say_ignored(ignored: list[str], scope: Scope, t: Translator) -> None:
    """What the address named that is not in the data, until the viewer changes a filter."""
    if ignored:
        st.session_state[_IGNORED] = (ignored, scope)
    values, then = st.session_state.get(_IGNORED, ([], scope))
    if values and then == scope:
        shown = escape_md(", ".join(values))
        st.info(t.n("filter.ignored", len(values), values=shown), icon=":material/info:")
    else:
        st.session_state.pop(_IGNORED, None)


def url_choice(key: str, label: str, options: Mapping[str, str], default: str, **how: Any) -> str:
    """A select box whose parameter `key` in the address is the option's id, for a screen's own choice.

    `options` maps ids to labels. An id that is not offered is said (`say_unknown`), with what is taken instead. The
    default stays out of an address that does not have it, so that the browser's way back is not barred by an entry
    made on arrival.
    """
    widget = f"{key}_choice"
    asked = st.query_params.get(key)
    is_new = st.session_state.get(f"_{key}_asked") != asked
    if asked in options and is_new:
        st.session_state[widget] = asked
    if st.session_state.get(widget) not in options:
        st.session_state[widget] = default
    chosen = st.selectbox(
        label, list(options), key=widget, format_func=_unique(list(options), options.__getitem__),
        persist_state="session", **how,
    )  # fmt: skip
    st.session_state[f"_{key}_asked"] = chosen
    unknown(key, label, asked if is_new and asked not in options else None, options[chosen])
    if asked != chosen and not (asked is None and chosen == default):
        st.query_params[key] = chosen
    return str(chosen)


def unknown(key: str, label: str, asked: str | None, taken: str | None) -> None:
    """Keep in mind that the address asked for what there is not, under `key` of the screen, and what is shown instead.

    With nothing `asked` it is kept as long as the same is taken.
    """
    said: dict[str, tuple[str, str, str | None]] = st.session_state.setdefault(_UNKNOWN, {})
    if asked:
        said[key] = (label, asked, taken)
    elif key in said and said[key][-1] != taken:
        del said[key]


def forget_unknown() -> None:
    """On arrival at a screen: what the address of another one asked for is no longer of interest."""
    st.session_state.pop(_UNKNOWN, None)


def say_unknown(t: Translator) -> None:
    """What the address asked this screen for that there is not, a sentence each."""
    said = st.session_state.get(_UNKNOWN, {}).values()
    lines = [
        t.t(
            "filter.unknown.nothing" if taken is None else "filter.unknown",
            label=escape_md(label),
            asked=escape_md(asked[:_LONGEST]),
            **({} if taken is None else {"taken": escape_md(taken)}),
        )
        for label, asked, taken in said
    ]
    if lines:
        st.info("\n\n".join(lines), icon=":material/info:")


def previous_date(status_dates: Sequence[date], as_of: date) -> date | None:
    """The newest status date at least _MIN_GAP_DAYS before `as_of`; None when there is none."""
    earlier = [d for d in status_dates if d <= as_of - timedelta(days=_MIN_GAP_DAYS)]
    return max(earlier, default=None)


def standing_at(day: date, status_dates: Sequence[date]) -> Any:
    """The option of the as-of filter that stands for a day: the newest status date up to it."""
    newest = max(status_dates, default=day)
    return LATEST if day >= newest else max((d for d in status_dates if d <= day), default=LATEST)


def resolve(raw: Sequence[str], offer: Offer) -> tuple[list[Any], list[str]]:
    """The options that values name, by id, date or label in any language, and the values that name none."""
    by_name: dict[str, Any] = {}
    for labels in (*(offer.label_in(code) for code in languages()), offer.label, _identifier):
        by_name |= {labels(option).casefold(): option for option in offer.options}
    found, unknown = [], []
    for value in raw:
        option = by_name.get(value.casefold())
        if option is None:
            unknown.append(value)
        elif option not in found:
            found.append(option)
    return found, unknown


def _offers(options: FilterOptions, dates: Sequence[date], t: Translator) -> dict[str, Offer]:
    """Every filter's options and labels, but for the comparison, which depends on the as-of date."""
    names = dict(options.programmes)
    programme_label = _unique(tuple(names), names.__getitem__)

    def same(values: Sequence[Any], label: Label) -> Offer:
        unique = _unique(values, label)
        return Offer(tuple(values), unique, lambda _code: unique)

    def by_language(values: Sequence[Any], make: Callable[[Translator], Label]) -> Offer:
        return Offer(tuple(values), make(t), lambda code: make(translator(code)))

    def text_of(kind: str) -> Callable[[Translator], Label]:
        return lambda tr: lambda value: tr.t(f"filter.{kind}.{value}")

    return {
        AS_OF: by_language((LATEST, *dates), partial(_as_of_label, dates)),
        CURRENCY: by_language(CURRENCIES, text_of("currency")),
        BASIS: by_language(RATE_BASES, text_of("basis")),
        LANGUAGE: same(languages(), str.upper),
        "country": by_language(options.countries, _country_label),
        "programme": by_language(
            tuple(names),
            lambda tr: (
                lambda value: tr.t("filter.unassigned") if value == UNASSIGNED else programme_label(value)
            ),
        ),
        "customer": same(options.customers, str),
        "phase": by_language(options.phases, lambda tr: lambda value: tr.label("value", value)),
        "business_line": same(options.business_lines, str),
    }


def _comparison(dates: Sequence[date], as_of: date, t: Translator) -> Offer:
    """What `as_of` can be compared with: the previous report, any earlier date, or nothing."""
    default = previous_date(dates, as_of)
    earlier = [d for d in dates if d < as_of and d != default]

    def make(tr: Translator) -> Label:
        f = Formats(tr)

        def label(value: Any) -> str:
            if value == PREVIOUS:
                return tr.t("filter.previous", date=f.date(default)) if default else tr.t("filter.nothing")
            return tr.t("filter.nothing") if value == NOTHING else f.date(value)

        return label

    return Offer(
        (PREVIOUS, *earlier, *([NOTHING] if default else [])), make(t), lambda code: make(translator(code))
    )


def _asked_as_of(dates: Sequence[date], offer: Offer) -> date:
    """The as-of date in force, known before its widget is drawn."""
    chosen = st.session_state.get(AS_OF)
    if chosen is None:
        found, _ = resolve(st.query_params.get_all(AS_OF), offer)
        chosen = found[-1] if found else LATEST
    return chosen if isinstance(chosen, date) and chosen in dates else dates[0]


def _one(key: str, offer: Offer, t: Translator, *, width: int) -> Any:
    index = offer.options.index(_browser_language()) if key == LANGUAGE else 0
    return st.selectbox(
        t.t(f"filter.{key}"),
        offer.options,
        index=index,
        format_func=offer.label,
        key=key,
        bind="query-params",
        width=width,
    )


def _several(
    key: str, offer: Offer, t: Translator, *, width: int | Literal["stretch"] = "stretch"
) -> tuple[Any, ...]:
    return tuple(
        st.multiselect(
            t.t(f"filter.{key}"),
            offer.options,
            format_func=offer.label,
            key=key,
            bind="query-params",
            placeholder=t.t("filter.all"),
            width=width,
        )
    )


def _chips(active: Sequence[tuple[str, Any]], offers: Mapping[str, Offer], t: Translator) -> None:
    """What is active, each with a cross."""
    if not active:
        return
    with st.container(horizontal=True, gap="xsmall", key="filter_chips"):
        for key, value in active:
            label = t.t("filter.chip", filter=t.t(f"filter.{key}"), value=offers[key].label(value))
            st.button(
                escape_md(label) + " ×", key=f"chip_{key}_{value}", on_click=partial(_remove, key, value)
            )
        st.button(t.t("filter.clear"), key="chip_clear", type="tertiary", on_click=_clear)


def _remove(key: str, value: Hashable) -> None:
    st.session_state[key] = [v for v in st.session_state[key] if v != value]


def _clear() -> None:
    for key in MULTIPLE:
        st.session_state[key] = []


def _adopt_address(offers: dict[str, Offer]) -> list[str]:
    """On a session's first run, rewrite what the address names in any form to what the widgets read.

    Streamlit fills a bound widget only from its options' labels in the viewer's language, and drops the rest.
    The rewriting takes a rerun, for widgets are filled from the address a run begins with; it is said again
    in that run because a rerun drops messages that the browser has not got yet. Returns what meant nothing.
    """
    if _ADDRESS not in st.session_state:
        rewritten, ignored = _rewritten(offers)
        st.session_state[_ADDRESS] = (rewritten, ignored)
        if rewritten:
            _write_address(rewritten)
            st.rerun()
    rewritten, ignored = st.session_state[_ADDRESS]
    st.session_state[_ADDRESS] = ({}, [])
    _write_address(rewritten)
    return list(ignored)


def _relabel(offers: Mapping[str, Offer], cause: Hashable) -> None:
    """Send the widgets their values again when labels have changed: the browser keeps what it last read."""
    if st.session_state.get(_LABELLED, cause) != cause:
        for key in offers:
            if key in st.session_state:
                st.session_state[key] = st.session_state[key]
    st.session_state[_LABELLED] = cause


def _rewritten(offers: dict[str, Offer]) -> tuple[dict[str, list[str]], list[str]]:
    rewritten: dict[str, list[str]] = {}
    ignored: list[str] = []
    day = st.query_params.get(KNOWN_ON, "")
    if day and not _is_day(day):
        ignored.append(day)
    for key, offer in offers.items():
        raw = [value for value in st.query_params.get_all(key) if value]
        found, unknown = resolve(raw, offer)
        ignored += unknown
        labels = [offer.label(option) for option in (found if key in MULTIPLE else found[-1:])]
        if raw and labels != raw:
            rewritten[key] = labels
    return rewritten, ignored


def _is_day(text: str) -> bool:
    """Whether a text is a date up to today."""
    try:
        return date.fromisoformat(text) <= date.today()
    except ValueError:
        return False


def _write_address(params: Mapping[str, list[str]]) -> None:
    for key, labels in params.items():
        if labels:
            st.query_params[key] = labels
        elif key in st.query_params:
            del st.query_params[key]


def _as_of_label(dates: Sequence[date], t: Translator) -> Label:
    f = Formats(t)
    return lambda value: t.t("filter.latest", date=f.date(dates[0])) if value == LATEST else f.date(value)


def country_name(code: str | None, t: Translator) -> str | None:
    """A country's name in the viewer's language; the code itself where it has none."""
    return code and str(Locale.parse(NUMBER_LOCALES[t.language]).territories.get(code, code))


def _country_label(t: Translator) -> Label:
    return lambda code: country_name(code, t) or ""


def _identifier(option: Any) -> str:
    return option.isoformat() if isinstance(option, date) else str(option)


def _unique(options: Sequence[Any], label: Label) -> Label:
    """`label`, with the id behind it where two options would read the same."""
    often = Counter(label(option) for option in options)
    return lambda option: f"{label(option)} ({option})" if often[label(option)] > 1 else label(option)


def _browser_language() -> str:
    asked = (st.context.locale or "").split("-")[0].lower()
    return asked if asked in languages() else languages()[0]
