"""A load from end to end on small folders: what is published, what is said, what is not touched."""

from __future__ import annotations

import shutil
from datetime import date, timedelta
from pathlib import Path

import duckdb
import pytest

from loaders import store
from loaders.arrivals import TableChange
from loaders.errors import LoadError, MappingError, RulesError, StoreError
from loaders.history import FORMAT
from loaders.pipeline import IdleOverride, NothingKeptError, check, load, rebuild
from loaders.store import Standing
from tests.loaders.sources import few_marts, folder, risks

JUL, AUG = "2025-07-31", "2025-08-31"


@pytest.fixture
def place(tmp_path: Path) -> Path:
    return tmp_path / "store"


def put(place: Path, sources: Path, **options):
    return load([sources], place, build=few_marts, **options)


def ask(place: Path, sql: str) -> list[tuple]:
    opened = store.open_current(place)
    try:
        return opened.cursor().execute(sql).fetchall()
    finally:
        opened.close()


def test_a_folder_becomes_a_store(tmp_path: Path, place: Path) -> None:
    result = put(
        place, folder(tmp_path / "in", risks=risks("late", "dear"), projects="project_id,name\nP1,Core\n")
    )
    assert result.version == "atalaya-000001.duckdb"
    assert result.changes == (TableChange("projects", new=1, rows=1), TableChange("risks", new=1, rows=2))
    assert ask(place, "select title from risks order by 1") == [("dear",), ("late",)]
    assert ask(place, "select project_id from mart_project_status") == [("P1",)]
    assert ask(place, "select load_id, file, rows_in, rows_kept from loads order by file") == [
        (1, "projects.csv", 1, 1),
        (1, "risks.csv", 2, 2),
    ]


def test_a_correction_is_a_new_version_with_the_old_rows_in_its_history(tmp_path: Path, place: Path) -> None:
    put(place, folder(tmp_path / "in", risks=risks("late") + risks("late", day=AUG).split("\n", 1)[1]))
    result = put(
        place,
        folder(tmp_path / "in", risks=risks("late", day=JUL) + risks("later", day=AUG).split("\n", 1)[1]),
    )
    assert result.version == "atalaya-000002.duckdb"
    assert result.changes == (TableChange("risks", replaced=1, unchanged=1, rows=1, changed=1),)
    assert ask(
        place, "select title, from_load, to_load from history.risks order by slice_date, from_load"
    ) == [
        ("late", 1, None),
        ("late", 1, 2),
        ("later", 2, None),
    ]


def test_the_same_again_publishes_nothing(tmp_path: Path, place: Path) -> None:
    sources = folder(tmp_path / "in", risks=risks("late"))
    put(place, sources)
    again = put(place, sources)
    assert again.version is None
    assert again.rejects == ()
    assert store.versions(place) == ["atalaya-000001.duckdb"]


def test_a_file_with_refusals_loads_and_the_same_again_changes_nothing(tmp_path: Path, place: Path) -> None:
    sources = folder(tmp_path / "in", risks=risks("late") + f"P1,R2,{JUL},risk,odd,95\n")
    for version in ("atalaya-000001.duckdb", None):
        result = put(place, sources)
        assert (result.version, [(r.row, r.column) for r in result.rejects]) == (
            version,
            [(3, "probability")],
        )
    assert ask(place, 'select "row", "column", value, reason from rejects') == [
        (3, "probability", "95", "fraction")
    ]
    mended = put(place, folder(tmp_path / "in", risks=risks("late", "odd")))
    assert mended.version == "atalaya-000002.duckdb"


def test_another_wrong_value_in_the_same_cell_is_news(tmp_path: Path, place: Path) -> None:
    for wrong in (95, 96):
        put(place, folder(tmp_path / "in", risks=risks("late") + f"P1,R2,{JUL},risk,odd,{wrong}\n"))
    assert ask(place, "select load_id, value from rejects order by 1") == [(1, "95"), (2, "96")]


def test_a_new_file_that_is_refused_is_recorded_beside_what_is_there(tmp_path: Path, place: Path) -> None:
    sources = folder(tmp_path / "in", risks=risks("late"))
    put(place, sources)
    (sources / "plan.xlsx").write_text("no workbook")
    assert put(place, sources).version == "atalaya-000002.duckdb"
    assert put(place, sources).version is None
    assert ask(place, "select load_id, file, rows_kept, notes from loads order by all") == [
        (1, "risks.csv", 1, None),
        (2, "plan.xlsx", 0, None),
        (2, "risks.csv", 1, "unchanged"),
    ]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (risks().strip(), "there are headings and no rows under them"),
        (f"{risks()}P1,R1,31/02/2025,risk,x,0.5\n", r"risks.csv, row 2: .*31/02/2025"),
        ("", "risks.csv"),
        ("colour\nred\n", "risks.csv"),
    ],
    ids=["headings alone", "every row refused", "empty", "other columns"],
)
def test_where_nothing_is_kept_nothing_is_published(
    tmp_path: Path, place: Path, text: str, reason: str
) -> None:
    with pytest.raises(NothingKeptError, match=f"Nothing in risks.csv could be kept.*{reason}"):
        put(place, folder(tmp_path / "in", risks=text))
    assert store.versions(place) == []


def test_what_cannot_be_used_is_a_sentence(tmp_path: Path, place: Path) -> None:
    sources = folder(tmp_path / "in", risks=risks("late"))
    with pytest.raises(LoadError, match="does not exist"):
        put(place, tmp_path / "nowhere")
    with pytest.raises(MappingError, match="cannot be opened"):
        put(place, sources, mapping=tmp_path / "no.toml")
    with pytest.raises(RulesError, match="cannot be read"):
        put(place, sources, rules=tmp_path / "no.toml")
    assert not store.exists(place)


def test_marts_that_fail_leave_the_version_before(tmp_path: Path, place: Path) -> None:
    def broken(con: duckdb.DuckDBPyConnection, *_told: object) -> None:
        con.execute("select * from no_such_table")

    put(place, folder(tmp_path / "in", risks=risks("late")))
    with pytest.raises(duckdb.CatalogException):
        load([folder(tmp_path / "in", risks=risks("later"))], place, build=broken)
    assert ask(place, "select title from risks") == [("late",)]


def test_progress_tells_every_step(tmp_path: Path, place: Path) -> None:
    steps: list[str] = []
    put(place, folder(tmp_path / "in", risks=risks("late")), progress=lambda step, *_: steps.append(step))
    assert list(dict.fromkeys(steps)) == ["read", "compare", "order", "compute"]


def test_times_of_loads_never_go_back(tmp_path: Path, place: Path) -> None:
    put(place, folder(tmp_path / "in", risks=risks("late")))
    with duckdb.connect(str(store.current_path(place))) as con:
        con.execute("update loads set loaded_at = loaded_at + interval 1 day")
    put(place, folder(tmp_path / "in", risks=risks("later")))
    assert ask(place, "select title from risks") == [("later",)]
    assert ask(place, "select loaded_at > lag(loaded_at) over (order by load_id) from loads") == [
        (None,),
        (True,),
    ]


# With the real marts and rules.

EARNED = "project_id,status_date,period_end,planned_value,earned_value,actual_cost\n"


@pytest.fixture(scope="module")
def real(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store with every mart: a project that has earned 80 for a cost of 100."""
    base = tmp_path_factory.mktemp("real")
    sources = folder(
        base / "in",
        projects="project_id,name,valid_from,currency\nP1,Core,2025-01-01,USD\n",
        earned_value=f"{EARNED}P1,{JUL},2025-07-31,100,80,100\nP1,{JUL},2025-12-31,200,,\n",
    )
    load([sources], base / "store")
    return base / "store"


def test_check_tries_data_and_rules_and_changes_nothing(tmp_path: Path, real: Path) -> None:
    before = sorted((p.name, p.stat().st_mtime_ns) for p in real.iterdir())
    strict = tmp_path / "strict.toml"
    nobody = "[[override]]\nrule = 'cost_cpi'\nprogramme = 'RAM'\ngreen_from = 0.9\n"
    strict.write_text(f"[rules.cost_cpi]\ngreen_from = 1.5\namber_from = 1.2\n{nobody}")
    august = f"{EARNED}P1,{AUG},2025-08-31,120,119,119\nP1,{AUG},2025-12-31,200,,\n"
    result = check([folder(tmp_path / "in", earned_value=august)], real, rules=strict)
    assert result.version is None
    assert result.changes == (TableChange("earned_value", new=1, rows=2),)
    by_rule = {e.rule: (e.green, e.amber, e.red, e.decides) for e in result.effects}
    assert by_rule["cost_cpi"] == (0, 0, 1, 1)
    assert by_rule["schedule_spi_t"][:3] == (1, 0, 0)
    assert result.idle == (IdleOverride("cost_cpi", "RAM", None),)
    assert sorted((p.name, p.stat().st_mtime_ns) for p in real.iterdir()) == before


def test_rules_alone_make_a_new_version_once(tmp_path: Path, real: Path) -> None:
    place = shutil.copytree(real, tmp_path / "store")
    sources = folder(
        tmp_path / "in", projects="project_id,name,valid_from,currency\nP1,Core,2025-01-01,USD\n"
    )
    loose = tmp_path / "loose.toml"
    loose.write_text("[rules.cost_cpi]\ngreen_from = 0.5\namber_from = 0.4\n")
    assert put(place, sources, rules=loose).version == "atalaya-000002.duckdb"
    assert put(place, sources, rules=loose).version is None
    assert ask(place, "select green_from from rules where id = 'cost_cpi'") == [(0.5,)]
    assert put(place, folder(tmp_path / "in", risks=risks("late"))).version == "atalaya-000003.duckdb"
    assert ask(place, "select green_from from rules where id = 'cost_cpi'") == [(0.5,)]


def test_a_broken_rules_file_is_a_sentence(tmp_path: Path, real: Path) -> None:
    (tmp_path / "bad.toml").write_text("[rules.cost_cpi]\ngreen_from = 0.9\namber_from = 0.95\n")
    with pytest.raises(RulesError, match="cost_cpi"):
        check([tmp_path], real, rules=tmp_path / "bad.toml")


def test_as_known_on_a_day_has_the_marts_of_that_day(tmp_path: Path, real: Path) -> None:
    place = shutil.copytree(real, tmp_path / "store")
    marts = "select * from mart_project_status order by all"
    then = ask(place, marts)
    with duckdb.connect(str(store.current_path(place))) as con:
        con.execute("update loads set loaded_at = loaded_at - interval 10 day")
    worse = f"{EARNED}P1,{JUL},2025-07-31,100,50,100\nP1,{JUL},2025-12-31,200,,\n"
    load([folder(tmp_path / "in", earned_value=worse)], place)
    assert ask(place, marts) != then
    opened = store.open_as_known(place, date.today() - timedelta(days=5))
    assert opened.cursor().execute(marts).fetchall() == then
    opened.close()


def test_as_known_on_today_is_the_current_version(real: Path) -> None:
    assert store.as_known_on(real, date.today()) == store.current_path(real)
    with pytest.raises(StoreError, match="Nothing was known on 2001-01-01"):
        store.open_as_known(real, date(2001, 1, 1))


# What another release made.


def harm(place: Path, *statements: str) -> None:
    """Make the version in force one that another release could have published."""
    with duckdb.connect(str(store.current_path(place))) as con:
        for statement in statements:
            con.execute(statement)


def standing(place: Path) -> Standing:
    opened = store.open_current(place)
    try:
        return store.standing(opened.cursor())
    finally:
        opened.close()


def everything(place: Path) -> dict[str, list[tuple]]:
    """All rows of all tables and views of a store, by name."""
    names = ask(
        place,
        "select schema_name || '.' || table_name from duckdb_tables() union all "
        "select schema_name || '.' || view_name from duckdb_views() where not internal",
    )
    return {name: ask(place, f"from {name} order by all") for (name,) in names}


NO_MARK = "drop table marts_made"


@pytest.mark.parametrize(
    ("statement", "expected"),
    [
        ("select 1", Standing.CURRENT),
        (NO_MARK, Standing.OTHER),
        ("delete from marts_made", Standing.OTHER),
        ("update marts_made set fingerprint = 'of another file'", Standing.OTHER),
        ("drop table rules", Standing.OTHER),
        ("drop table timeline.made", Standing.OTHER),
        ("update timeline.made set fingerprint = 'of another contract'", Standing.OTHER),
        (f"update history.format set version = {FORMAT + 1}", Standing.NEWER),
    ],
)
def test_a_store_says_which_release_made_it(
    tmp_path: Path, place: Path, statement: str, expected: Standing
) -> None:
    put(place, folder(tmp_path / "in", risks=risks("late")))
    harm(place, statement)
    assert standing(place) is expected


def test_marts_that_lack_something_are_made_anew_as_a_full_load_makes_them(
    tmp_path: Path, real: Path
) -> None:
    place = shutil.copytree(real, tmp_path / "store")
    harm(
        place,
        NO_MARK,
        "drop table mart_margin_bridge",
        "drop table timeline.risks cascade",
        "delete from timeline.earned_value",
        "delete from stubs",
        "alter table mart_project_status drop column spi_t",
        "update mart_project_status set cpi = 1.0",
        "alter table history.milestones drop column ld_cap_pct",
    )
    assert rebuild(place) == "atalaya-000002.duckdb"
    assert everything(place) == everything(real)
    assert standing(place) is Standing.CURRENT


def test_what_was_loaded_and_the_rules_of_each_load_stay(tmp_path: Path, real: Path) -> None:
    place = shutil.copytree(real, tmp_path / "store")
    loose = tmp_path / "loose.toml"
    loose.write_text("[rules.cost_cpi]\ngreen_from = 0.5\namber_from = 0.4\n")
    august = f"{EARNED}P1,{AUG},2025-08-31,120,90,119\nP1,{AUG},2025-12-31,200,,\n"
    load([folder(tmp_path / "in", earned_value=august)], place, rules=loose)
    before = everything(place)
    harm(place, NO_MARK)
    assert rebuild(place, only_if_other=True) == "atalaya-000003.duckdb"
    assert everything(place) == before
    assert len(before["main.rule_sets"]) == 2
    assert rebuild(place, only_if_other=True) is None


def test_a_load_of_nothing_new_makes_what_another_release_made_anew(tmp_path: Path, place: Path) -> None:
    sources = folder(tmp_path / "in", risks=risks("late"))
    put(place, sources)
    harm(place, NO_MARK, "drop table mart_project_status")
    assert put(place, sources).version == "atalaya-000002.duckdb"
    assert ask(place, "select project_id from mart_project_status") == [("P1",)]
    assert put(place, sources).version is None


def test_a_rebuild_that_fails_leaves_the_version_before(tmp_path: Path, place: Path) -> None:
    put(place, folder(tmp_path / "in", risks=risks("late")))

    def broken(con: duckdb.DuckDBPyConnection, *_told: object) -> None:
        con.execute("select * from no_such_table")

    with pytest.raises(duckdb.CatalogException):
        rebuild(place, build=broken)
    assert store.versions(place) == ["atalaya-000001.duckdb"]


def test_there_is_nothing_to_rebuild_without_a_store_or_with_a_newer_one(tmp_path: Path, place: Path) -> None:
    with pytest.raises(StoreError, match="There is no store"):
        rebuild(place)
    assert not place.exists()
    put(place, folder(tmp_path / "in", risks=risks("late")))
    harm(place, f"update history.format set version = {FORMAT + 1}")
    with pytest.raises(StoreError, match="newer release"):
        rebuild(place)


# Amounts that do not fit.


def does_not_fit(con: duckdb.DuckDBPyConnection, *_told: object) -> None:
    con.execute("select 1e20::decimal(18, 4)")


ORDERS = "project_id,order_id,status_date,amount\n"


def test_a_sum_that_does_not_fit_names_the_amount_to_blame(tmp_path: Path, place: Path) -> None:
    put(place, folder(tmp_path / "in", orders=f"{ORDERS}P1,O9,{JUL},99999999999999\n"))
    orders = f"{ORDERS}P1,O1,{AUG},5\nP1,O2,{AUG},-90000000000000.5\n"
    sentence = r"from -90,000,000,000,000\.5 \(orders\.csv, row 3, column amount\)"
    with pytest.raises(LoadError, match=sentence):
        load([folder(tmp_path / "in", orders=orders)], place, build=does_not_fit)
    assert store.versions(place) == ["atalaya-000001.duckdb"]
    with pytest.raises(LoadError, match=r"99,999,999,999,999 \(orders\.csv, row 2"):
        rebuild(place, build=does_not_fit)


def test_where_no_amount_is_large_the_fault_is_another_one(tmp_path: Path, place: Path) -> None:
    with pytest.raises(duckdb.ConversionException):
        load([folder(tmp_path / "in", orders=f"{ORDERS}P1,O1,{AUG},5\n")], place, build=does_not_fit)


def test_amounts_of_billions_are_computed_with(tmp_path: Path, place: Path) -> None:
    """Of pesos, 500,000 million are a contract like others."""
    large = 500_000_000_000
    sources = folder(
        tmp_path / "in",
        projects=f"project_id,name,valid_from,currency,contract_value\nP1,Core,2025-01-01,COP,{large}\n",
        earned_value=f"{EARNED}P1,{JUL},2025-07-31,{large},{large},{large}\n",
        orders=f"{ORDERS}P1,O1,{JUL},{large}\nP1,O1,{AUG},1\n",
        financials="project_id,status_date,scenario,line,amount\n"
        f"P1,{JUL},forecast,revenue,{large}\nP1,{JUL},actual,revenue,{2 * large}\n",
    )
    assert load([sources], place).version == "atalaya-000001.duckdb"
