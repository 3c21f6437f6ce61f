"""How headings, sheets and listed values are written, in any language, and what they mean."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from datetime import date
from difflib import get_close_matches
from functools import cache, lru_cache

from babel import Locale
from babel.core import get_global

from loaders.contract import contract
from locales import NUMBER_LOCALES, languages, translator

_TRUE = ("true", "yes", "y", "1", "x", "sí", "si", "sim", "verdadero", "verdadeiro", "t", "s")
_FALSE = ("false", "no", "n", "0", "não", "nao", "falso", "f")
_MONTHS = (
    *("jan ene", "feb fev", "mar", "apr abr", "may mai", "jun"),
    *("jul", "aug ago", "sep set", "oct out", "nov", "dec dic dez"),
)
_NO_COUNTRIES = frozenset({"ZZ", "EU", "EZ", "UN", "QO", "XA", "XB"})
_ALIASES = {"uk": "GB", "eeuu": "US", "ee uu": "US", "usa": "US"}


@lru_cache(maxsize=50_000)
def plain(text: str) -> str:
    """A name as it is compared: lower case, no accents, all else than letters and digits one blank."""
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    kept = "".join(c for c in decomposed if not unicodedata.combining(c))
    return " ".join(re.sub(r"[\W_]+", " ", kept).split())


@cache
def column_names(column: str) -> frozenset[str]:
    """The headings that mean a column: its name, and its label in every language."""
    labels = (translator(language).label("column", column) for language in languages())
    return frozenset({plain(column), *map(plain, labels)})


@cache
def table_names(table: str) -> frozenset[str]:
    """The names that mean a table: its own, and its label in every language."""
    labels = (translator(language).label("table", table) for language in languages())
    return frozenset({plain(table), *map(plain, labels)})


@cache
def headings_of(table: str) -> Mapping[str, str]:
    """Heading as compared → column of a table; a column's own name is never another one's label."""
    columns = [*contract()[table].accepted]
    found = {name: column for column in columns for name in column_names(column)}
    return found | {plain(column): column for column in columns}


@cache
def all_headings() -> frozenset[str]:
    """Every heading that means a column of any table."""
    return frozenset().union(*(headings_of(table) for table in contract()))


@lru_cache(maxsize=5_000)
def table_named(name: str, *, loosely: bool = False) -> str | None:
    """The table that a sheet or file is named after; loosely, "financials_2024_mx" is financials too."""
    known = {word: table for table in contract() for word in table_names(table)}
    known |= {plain(table): table for table in contract()}
    wanted = plain(name)
    if wanted in known or not loosely:
        return known.get(wanted)
    starts = [word for word in known if wanted.startswith(f"{word} ")]
    return known[max(starts, key=len)] if starts else None


def closest(name: str, known: Iterable[str]) -> str | None:
    """The known name that looks most like `name`; None where none does."""
    by_plain = {plain(k): k for k in known}
    near = get_close_matches(plain(name), by_plain, 1, 0.7)
    return by_plain[near[0]] if near else None


@cache
def listed(values: tuple[str, ...]) -> Mapping[str, str]:
    """Value as compared → value: a list of the contract with its labels in every language."""
    labels = {
        plain(translator(language).label("value", value)): value
        for value in values
        for language in languages()
    }
    return labels | {plain(value): value for value in values}


@cache
def booleans() -> Mapping[str, str]:
    """Word as compared → true or false."""
    return {plain(word): value for words, value in ((_TRUE, "true"), (_FALSE, "false")) for word in words}


@cache
def currencies() -> Mapping[str, str]:
    """Word as compared → ISO 4217 code of a currency that is legal tender somewhere today."""
    today = date.today().isoformat()
    tender = get_global("territory_currencies").values()
    codes = {
        code
        for territory in tender
        for code, _, until, is_tender in territory
        if is_tender and (until is None or "-".join(f"{part:02d}" for part in until) > today)
    }
    return {code.lower(): code for code in sorted(codes)}


@cache
def countries() -> Mapping[str, str]:
    """Word as compared → ISO 3166-1 alpha-2 code: the codes, and the names in every language."""
    names: dict[str, str] = {}
    for language in languages():
        territories = Locale.parse(NUMBER_LOCALES.get(language, language)).territories
        names |= {
            plain(name): code
            for code, name in territories.items()
            if re.fullmatch(r"[A-Z]{2}", code) and code not in _NO_COUNTRIES
        }
    return names | _ALIASES | {code.lower(): code for code in sorted(set(names.values()))}


@cache
def months() -> Mapping[str, int]:
    """First three letters of a month, in English, Spanish and Portuguese → its number."""
    return {word: number for number, words in enumerate(_MONTHS, start=1) for word in words.split()}
