"""Finding a project by its name, id, customer, programme or manager."""

from __future__ import annotations

from dataclasses import dataclass

from duckdb import DuckDBPyConnection

from metrics.queries.asking import ask
from metrics.scope import Scope

MOST = 12
"""How many hits are shown; whoever wants more types another letter."""


@dataclass(frozen=True)
class Hit:
    """One project found, as it stands on the scope's date."""

    project_id: str
    name: str
    customer: str | None
    project_manager: str | None
    country: str | None
    rag_overall: str | None


@dataclass(frozen=True)
class Whereabouts:
    """Where a project belongs on the scope's date."""

    name: str
    programme_id: str | None
    programme_name: str | None
    country: str | None


def whereabouts(con: DuckDBPyConnection, scope: Scope, project_id: str) -> Whereabouts | None:
    """Where a project belongs, whatever the filters; None for one that had not reported by the scope's date."""
    sql = """
        select name, programme_id, programme_name, country
        from mart_project_status
        where project_id = $project_id
          and status_date <= $as_of and (next_status_date is null or next_status_date > $as_of)
    """
    row = ask(con, scope, sql, project_id=project_id).fetchone()
    return Whereabouts(*row) if row else None


def find(con: DuckDBPyConnection, scope: Scope, words: str) -> tuple[Hit, ...]:
    """At most MOST projects that match every word, accents and case aside; the whole store, whatever the filters.

    Those whose name or id begins with the words come first, then by name.
    """
    wanted = words.split()
    if not wanted:
        return ()
    sql = """
        with latest as (
            select
                *,
                strip_accents(lower(
                    concat_ws(' ', project_id, name, customer, programme_name, project_manager)
                )) as said
            from mart_project_status
            where status_date <= $as_of and (next_status_date is null or next_status_date > $as_of)
        )
        select project_id, name, customer, project_manager, country, rag_overall
        from latest
        where list_bool_and([contains(said, strip_accents(lower(word))) for word in $wanted])
        order by
            not (starts_with(strip_accents(lower(name)), strip_accents(lower($first)))
                 or starts_with(lower(project_id), lower($first))),
            name,
            project_id
        limit $most
    """
    rows = ask(con, scope, sql, wanted=wanted, first=" ".join(wanted), most=MOST).fetchall()
    return tuple(Hit(*row) for row in rows)
