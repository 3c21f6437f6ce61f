"""The timeline: which rows hold as of a date, out of all that was ever delivered. A load rebuilds what it touches.

Within a table × project × source (× scenario) deliveries lie in layers, by slice date, then by when they were
delivered. A row holds from its slice's date until the next layer that is whole, or that has its key: a layer
with refused rows does not take away what it lacks.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from hashlib import sha256
from importlib.resources import files

import duckdb

from loaders.contract import ORIGIN, Column, Table, contract
from loaders.history import REGISTERS, STUBBED, UNDATED, in_history, quoted

Progress = Callable[[str, int, int], None]


def build_timeline(
    con: duckdb.DuckDBPyConnection, progress: Progress | None = None, since: int | None = None
) -> dict[str, date] | None:
    """Build `timeline.*`, the table `stubs` and the views of current rows, out of `history.*`.

    `since`: the load after which the timeline there was built; only what came after it is made anew then, and
    what comes out is the same. Returns the projects that have other rows than before, with the first day of which
    that is so; None: maybe all.
    """
    con.execute("create schema if not exists timeline")
    con.execute(_MADE)
    mark = _fingerprint()
    is_whole = since is None or con.execute("from timeline.made").fetchall() != [(mark,)]
    con.execute("delete from timeline.made")
    con.execute(_ALL_SLICES if is_whole else _NEW_SLICES, None if is_whole else {"since": since})
    if not is_whole:
        con.execute("create or replace temp table programme_before as from timeline.programmes")
    con.execute(_LAYERS)
    _write(con, "slices", _SLICES_IN_FORCE, None if is_whole else _RENEWED_SLICES)
    tables = list(contract().values())
    sql = "select distinct table_name from layer where not is_plain"
    damaged = {name for (name,) in con.execute(sql).fetchall()}
    for done, table in enumerate(tables):
        if progress:
            progress(table.name, done, len(tables))
        rows = _rows_in_force(table, has_damage=table.name in damaged)
        _write(con, table.name, rows, None if is_whole else _renewed_rows(table))
    _add_stubs(con)
    _current_views(con)
    touched = None if is_whole else dict(con.execute(_TOUCHED, {"since": since}).fetchall())
    con.execute("drop table layer")
    con.execute("drop table renewed")
    con.execute("drop table if exists programme_before")
    con.execute("insert into timeline.made values (?)", [mark])
    return touched


def is_current(con: duckdb.DuckDBPyConnection) -> bool:
    """Whether the timeline there is of the shape that `build_timeline` makes today; only reads."""
    try:
        return con.execute("from timeline.made").fetchall() == [(_fingerprint(),)]
    except duckdb.CatalogException:  # made before timelines were marked
        return False


def _fingerprint() -> str:
    """What the timeline hangs on besides the history: this file and the contract."""
    texts = [(files("loaders") / name).read_bytes() for name in ("timeline.py", "contract.toml")]
    return sha256(b"\0".join(texts)).hexdigest()


def _write(con: duckdb.DuckDBPyConnection, name: str, rows: str, renewed: str | None) -> None:
    """Fill a table of the timeline: anew, or what `renewed`, a condition, says of it."""
    place = f"timeline.{quoted(name)}"
    if renewed is None:
        con.execute(f"create or replace table {place} as {rows}")
        return
    con.execute(f"delete from {place} where {renewed}")
    con.execute(f"insert into {place} by name {rows}")


def _renewed_rows(table: Table) -> str:
    owners = f"select slice_owner from renewed where table_name = '{table.name}'"
    stubs = " or is_stub" if table.name in STUBBED else ""
    return f"{quoted(table.slice[0])} in ({owners}){stubs}"


_MADE = "create table if not exists timeline.made (fingerprint varchar)"
_SHARED = "('programmes', 'fx_rates')"
"""Tables whose slices belong to no project."""
_ALL_SLICES = (
    "create or replace temp table renewed as select distinct table_name, slice_owner from history.slices"
)
_NEW_SLICES = f"""
create or replace temp table renewed as
with touched as (
    select distinct table_name, slice_owner from history.slices where from_load > $since or to_load > $since
)
from touched
union
select table_name, slice_owner from history.slices
where table_name in {_SHARED} and table_name in (select table_name from touched)
"""
_RENEWED_SLICES = f"""
(table_name, project_id) in (select (table_name, slice_owner) from renewed)
or (table_name in {_SHARED} and table_name in (select table_name from renewed))
"""
# Those with new slices, and those of a programme of which something else is known now: each from its first day on.
_TOUCHED = f"""
with differing as (
    (from programme_before except all from timeline.programmes)
    union all (from timeline.programmes except all from programme_before)
), touched as (
    select slice_owner as project_id, slice_date as since
    from history.slices
    where table_name not in {_SHARED} and (from_load > $since or to_load > $since)
    union all
    select p.project_id, d.slice_date
    from timeline.projects p
    join differing d using (programme_id)
)
select project_id, min(since) from touched group by project_id
"""
_LAYERS = """
create or replace temp table layer as
with placed as (
    select *, row_number() over layers as layer,
           lead(slice_date) over layers as next_date,
           lead(is_whole) over layers as next_whole
    from history.slices
    semi join renewed using (table_name, slice_owner)
    window layers as (
        partition by table_name, source, slice_owner, slice_part
        order by slice_date, ordered_at, from_load, slice_id
    )
)
select *, next_date is null or next_whole as is_plain,
       count(*) filter (next_date is null or next_date > slice_date) over (
           partition by table_name, source, slice_owner, slice_part order by layer
       ) as slices_so_far,
       next_date is null or next_date > slice_date as is_in_force,
       min(case when is_whole then layer end) over (
           partition by table_name, source, slice_owner, slice_part order by layer
           rows between 1 following and unbounded following
       ) as next_whole_layer,
       bool_and(is_whole) over (partition by table_name, source, slice_owner, slice_part) as all_whole
from placed
"""
_SLICES_IN_FORCE = f"""
select table_name,
       case when table_name not in {_SHARED} then slice_owner end as project_id,
       case when table_name = 'financials' then slice_part end as scenario,
       source, slice_date, from_load, ordered_at::date as delivered_on
from layer
where is_in_force
"""


def _rows_in_force(table: Table, *, has_damage: bool) -> str:
    columns = ", ".join(
        f"h.{quoted(c)}" for c in (*table.columns, "source", *ORIGIN, "from_load", "slice_date")
    )
    stub = ", false as is_stub" if table.name in STUBBED else ""
    plain = f"""
        select {columns}, l.next_date as valid_to, false as is_kept{stub}
        from {in_history(table)} h
        join layer l on l.slice_id = h.slice_id
        where {"l.all_whole and " if has_damage else ""}l.is_in_force"""
    if not has_damage:
        return plain
    identity = (
        [c for c in table.key if c != table.dated_by and c not in table.slice] if table.key else table.columns
    )
    same = ", ".join(f"h.{quoted(c)}" for c in ("source", *table.slice, *identity))
    kept = f"""
        with placed as (
            select h.*, l.layer, l.next_whole_layer, l.slices_so_far, l.slice_owner, l.slice_part,
                   min(l.layer) over (
                       partition by {same} order by l.layer range between 1 following and unbounded following
                   ) as next_same
            from {in_history(table)} h
            join layer l on l.slice_id = h.slice_id
            where not l.all_whole
        ), ended as (
            select *, least(next_same, next_whole_layer) as end_layer from placed
        ), counted as (
            select source, slice_owner, slice_part, max(slices_so_far) as slices
            from layer where table_name = '{table.name}' group by all
        )
        select {columns}, e.slice_date as valid_to,
               coalesce(e.slices_so_far - e.is_in_force::int, c.slices) > h.slices_so_far as is_kept{stub}
        from ended h
        join counted c using (source, slice_owner, slice_part)
        left join layer e
          on e.table_name = '{table.name}' and e.source = h.source and e.slice_owner = h.slice_owner
         and e.slice_part = h.slice_part and e.layer = h.end_layer
        where e.slice_date is null or e.slice_date > h.slice_date"""
    return f"{plain} union all ({kept})"


def _add_stubs(con: duckdb.DuckDBPyConnection) -> None:
    """Fill `stubs` with what rows name and nothing else knows; unknown projects and programmes become rows.

    A stub holds from the first dated row that names it until the register knows it (`known_from`), so that no
    day depends on a later one.
    """
    con.execute(f"create or replace table main.stubs ({_STUBS})")
    con.execute(_UNKNOWN_PROJECTS)
    _list_stubs(con, "projects")
    _insert_stubs(con, "projects")
    con.execute(_UNKNOWN_PROGRAMMES)
    _list_stubs(con, "programmes")
    _insert_stubs(con, "programmes")
    for name in sorted(
        {c.refs for t in contract().values() for c in t.columns.values() if c.refs} - {*STUBBED}
    ):
        con.execute(_unknown_in_project(contract()[name]))
        _list_stubs(con, name)
    con.execute("drop table if exists unknown")


_STUBS = """
    table_name varchar, project_id varchar, id varchar, named_by varchar, slice_date date, known_from date,
    source varchar, file varchar, sheet varchar, "row" bigint, from_load integer
"""
_UNKNOWN_PROJECTS = f"""
create or replace temp table unknown as
select null::varchar as project_id, s.project_id as id,
       coalesce(min(s.slice_date) filter (where s.slice_date > {UNDATED}), {UNDATED}) as first_named,
       (select min(slice_date) from timeline.projects p where p.project_id = s.project_id) as known_from
from timeline.slices s
where s.project_id is not null and s.table_name <> 'projects'
group by s.project_id
having known_from is null or known_from > first_named
"""
_UNKNOWN_PROGRAMMES = """
create or replace temp table unknown as
select null::varchar as project_id, s.programme_id as id, min(s.slice_date) as first_named,
       (select min(slice_date) from timeline.programmes p where p.programme_id = s.programme_id) as known_from
from timeline.projects s
where s.programme_id is not null
group by s.programme_id
having known_from is null or known_from > first_named
"""


def _unknown_in_project(table: Table) -> str:
    """What rows of a project name that `table` has nowhere: a milestone, a supplier."""
    named = " union ".join(
        f"select project_id, {quoted(column.name)} as id, slice_date from timeline.{quoted(other.name)} "
        f"where {quoted(column.name)} is not null"
        for other, column in _references(table.name)
    )
    return f"""
        create or replace temp table unknown as
        select n.project_id, n.id, min(n.slice_date) as first_named, null::date as known_from
        from ({named}) n
        anti join (
            select project_id, {quoted(table.key[1])} as id from timeline.{quoted(table.name)}
        ) k using (project_id, id)
        group by n.project_id, n.id"""


def _list_stubs(con: duckdb.DuckDBPyConnection, name: str) -> None:
    """Add the rows of `unknown` to `stubs`, each with the row that first named it."""
    if not con.execute("select 1 from unknown limit 1").fetchall():
        return
    named = " union all ".join(
        f"""select '{other.name}' as named_by, {quoted(column.name)} as id, project_id, slice_date,
                   source, file, sheet, "row", from_load
            from timeline.{quoted(other.name)} where {quoted(column.name)} in (select id from unknown)"""
        for other, column in _references(name)
    )
    con.execute(f"""
        insert into main.stubs by name
        select '{name}' as table_name, u.project_id, u.id, n.named_by, u.first_named as slice_date,
               u.known_from, n.source, n.file, n.sheet, n."row", n.from_load
        from unknown u
        join ({named}) n on n.id = u.id and coalesce(u.project_id, n.project_id) = n.project_id
        qualify row_number() over (
            partition by u.project_id, u.id
            order by n.slice_date <> u.first_named, n.slice_date, n.from_load, n.named_by, n.file, n."row"
        ) = 1""")


def _insert_stubs(con: duckdb.DuckDBPyConnection, name: str) -> None:
    con.execute(f"""
        insert into timeline.{name} by name
        select id as {contract()[name].key[0]}, id as name, source, file, sheet, "row", from_load, slice_date,
               known_from as valid_to, false as is_kept, true as is_stub
        from main.stubs where table_name = '{name}'""")


def _references(name: str) -> list[tuple[Table, Column]]:
    """The columns that name rows of a table."""
    return [(t, c) for t in contract().values() for c in t.columns.values() if c.refs == name]


def _current_views(con: duckdb.DuckDBPyConnection) -> None:
    """One view per canonical table: its rows as of the newest status date.

    What several sources say of one programme or project is one row: of each column what the newest slice knows, as the
    marts read it.
    """
    registers = ", ".join(f"'{name}'" for name in REGISTERS)
    newest = con.execute(
        f"select max(slice_date) from timeline.slices where table_name not in ({registers})"
    ).fetchall()[0][0]
    day = newest or date.max
    for table in contract().values():
        rows = f"""
            from timeline.{quoted(table.name)}
            where slice_date <= date '{day}' and (valid_to is null or valid_to > date '{day}')"""
        shown = _merged(table, rows) if table.name in STUBBED else f"select * {rows}"
        con.execute(f"create or replace view main.{quoted(table.name)} as {shown}")


def _merged(table: Table, rows: str) -> str:
    """A register's rows of several sources as one for each key; where it came from is the newest's."""
    key = quoted(table.slice[0])
    newest = "{'known': not is_stub, 'slice': slice_date, 'load': from_load, 'source': source}"
    own = ", ".join(
        f"arg_max({quoted(name)}, {newest}) as {quoted(name)}"
        for name in table.columns
        if quoted(name) != key
    )
    origin = ", ".join(f"'{name}': {quoted(name)}" for name in ("source", *ORIGIN, "from_load", "slice_date"))
    return f"""
        select * exclude (newest, valid_to, is_kept), newest.*, valid_to, is_kept
        from (
            select {key}, {own}, arg_max({{{origin}}}, {newest}) as newest,
                   min(valid_to) as valid_to, bool_or(is_kept) as is_kept
            {rows}
            group by {key}
        )"""
