"""The command line as a PMO analyst meets it: what is printed, where, and the exit code."""

from __future__ import annotations

import csv
import os
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import pytest

from loaders import pipeline, store
from loaders.__main__ import _parser, main
from tests.loaders.sources import RISKS, few_marts, folder, risks
from ui.store import store_dir

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True)
class Said:
    """What a command said and how it ended."""

    code: int
    out: str
    error: str


Run = Callable[..., Said]


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run a command in this process, with marts that take no time and one rule."""
    monkeypatch.setattr("loaders.pipeline.load", partial(pipeline.load, build=few_marts))
    monkeypatch.setattr("loaders.pipeline.rebuild", partial(pipeline.rebuild, build=few_marts))
    monkeypatch.setattr("loaders.pipeline.check", partial(pipeline.check, build=few_marts))
    monkeypatch.setattr("loaders.pipeline.rule_effects", lambda _: [("cost_cpi", 11, 22, 33, 44, 55)])
    monkeypatch.setattr("loaders.pipeline.idle_overrides", lambda _: [])

    def command(*words: str | Path) -> Said:
        capsys.readouterr()
        try:
            code = main([str(word) for word in words])
        except SystemExit as stopped:
            code = int(str(stopped.code))
        out, error = capsys.readouterr()
        return Said(code, out, error)

    return command


@pytest.fixture
def shop(tmp_path: Path, run: Run) -> Path:
    """A store with one risk."""
    assert run("load", folder(tmp_path / "in", risks=risks("late")), "--store", tmp_path / "store").code == 0
    return tmp_path / "store"


def one_sentence(said: Said) -> str:
    """The only line on standard error."""
    assert said.code == 2
    [line] = said.error.splitlines()
    assert "Traceback" not in line
    return line


def test_load_ends_with_a_summary(tmp_path: Path, run: Run) -> None:
    said = run("load", folder(tmp_path / "in", risks=risks("late", "dear")), "--store", tmp_path / "store")
    assert said.code == 0
    assert f"Version atalaya-000001.duckdb in {tmp_path / 'store'} is in force." in said.out
    assert "default" in said.out  # the source
    assert "Risks and opportunities" in said.out
    assert said.error == ""


def test_load_in_spanish(tmp_path: Path, run: Run) -> None:
    sources = folder(tmp_path / "in", risks=risks("late") + "P1,R2,2025-07-31,risk,odd,95\n")
    said = run("load", sources, "--store", tmp_path / "store", "--lang", "es")
    assert said.code == 1
    assert "está vigente" in said.out
    assert "Se rechazó 1 celda o fila:" in said.out
    assert "risks.csv, fila 3: " in said.out


def test_load_with_refusals_publishes_and_says_where_they_are(tmp_path: Path, run: Run) -> None:
    sources = folder(tmp_path / "in", risks=risks("late") + "P1,R2,2025-07-31,risk,odd,95\n")
    said = run("load", sources, "--store", tmp_path / "store", "--rejects", tmp_path / "refused.csv")
    assert said.code == 1
    assert store.current_version(tmp_path / "store") == "atalaya-000001.duckdb"
    assert "1 cell or row was refused:" in said.out
    assert "risks.csv, row 3: probability holds 95" in said.out
    with (tmp_path / "refused.csv").open(encoding="utf-8-sig", newline="") as handle:
        [row] = csv.DictReader(handle)
    assert (row["file"], row["row"], row["column"], row["value"]) == ("risks.csv", "3", "probability", "95")


def test_refusals_alike_share_a_line(tmp_path: Path, run: Run) -> None:
    lines = [f"P1,Q{n},2025-07-31,risk,odd,{95 if n in (1, 2, 3, 5) else 0.5}" for n in range(7)]
    said = run(
        "load", folder(tmp_path / "in", risks=risks("late") + "\n".join(lines)), "--store", tmp_path / "s"
    )
    assert "4 cells or rows were refused:" in said.out
    assert "  risks.csv, rows 4–6, 8: probability holds 95" in said.out


def test_many_refusals_are_counted_not_listed(tmp_path: Path, run: Run) -> None:
    lines = [f"P1,Q{n},2025-07-31,risk,odd,{n + 50}" for n in range(30)]
    said = run(
        "load", folder(tmp_path / "in", risks=risks("late") + "\n".join(lines)), "--store", tmp_path / "s"
    )
    assert "30 cells or rows were refused:" in said.out
    assert said.out.count("probability holds") == 20
    assert "… and 10 more." in said.out


def test_the_same_again_says_that_nothing_is_new(tmp_path: Path, shop: Path, run: Run) -> None:
    said = run("load", tmp_path / "in", "--store", shop)
    assert said.code == 0
    assert "Nothing is new" in said.out
    assert store.versions(shop) == ["atalaya-000001.duckdb"]


def test_names_from_the_data_are_no_markup(tmp_path: Path, run: Run) -> None:
    text = f"{RISKS}\nP1,R1,2025-07-31,[bold]risk[/bold],x,0.5\nP1,R2,2025-07-31,risk,x,0.5\n"
    assert (
        "[bold]risk[/bold]" in run("load", folder(tmp_path / "in", risks=text), "--store", tmp_path / "s").out
    )


def test_check_changes_nothing(tmp_path: Path, shop: Path, run: Run) -> None:
    said = run("check", folder(tmp_path / "in", risks=risks("later")), "--store", shop)
    assert said.code == 0
    assert "nothing was changed" in said.out
    [rule] = [line for line in said.out.splitlines() if "cost_cpi" in line]
    assert rule.replace("│", " ").split() == ["cost_cpi", "11", "22", "33", "44", "55"]
    assert store.versions(shop) == ["atalaya-000001.duckdb"]


def test_check_names_the_overrides_that_reach_nobody(
    tmp_path: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    idle = [("cost_cpi", "RAM", None), ("cost_cpi", None, "monthly"), ("cost_cpi", "RAM", "monthly")]
    monkeypatch.setattr("loaders.pipeline.idle_overrides", lambda _: idle)
    given = ("check", folder(tmp_path / "in", risks=risks("late")), "--store", tmp_path / "store")
    lines = run(*given).out.splitlines()
    reach = "The override of cost_cpi reaches no project: none "
    assert [line.removeprefix(reach) for line in lines if line.startswith(reach)] == [
        "is in the programme RAM.",
        "has the contract type monthly.",
        "in the programme RAM has the contract type monthly.",
    ]
    assert "La excepción de cost_cpi no alcanza a ningún proyecto" in run(*given, "--lang", "es").out


def test_check_without_a_store_tries_on_an_empty_one(tmp_path: Path, run: Run) -> None:
    said = run("check", folder(tmp_path / "in", risks=risks("late")), "--store", tmp_path / "store")
    assert said.code == 0
    assert not (tmp_path / "store").exists()


def test_rebuild_publishes_everything_anew(shop: Path, run: Run) -> None:
    said = run("rebuild", "--store", shop)
    assert (said.code, said.error) == (0, "")
    assert f"version atalaya-000002.duckdb in {shop} is in force" in said.out


def test_where_prints_the_path(shop: Path, run: Run) -> None:
    assert run("where", "--store", shop).out == f"{shop / 'atalaya-000001.duckdb'}\n"


def test_the_store_is_where_the_environment_says(
    shop: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ATALAYA_STORE", str(shop))
    assert run("where").out == f"{shop / 'atalaya-000001.duckdb'}\n"


def test_export_writes_files(tmp_path: Path, shop: Path, run: Run) -> None:
    said = run("export", tmp_path / "out", "--format", "csv", "--store", shop)
    assert said.code == 0
    assert "were written to" in said.out
    assert (tmp_path / "out" / "risks.csv").read_text(encoding="utf-8").count("late") == 1


def test_template_writes_a_workbook(tmp_path: Path, run: Run) -> None:
    said = run("template", tmp_path / "datos.xlsx", "--lang", "es")
    assert said.code == 0
    assert "La plantilla es" in said.out
    assert (tmp_path / "datos.xlsx").is_file()


def test_demo_writes_source_files(tmp_path: Path, run: Run) -> None:
    said = run("demo", tmp_path / "demo", "--projects", "1", "--months", "1", "--seed", "3")
    assert said.code == 0
    assert (tmp_path / "demo" / "mapping.toml").is_file()
    assert f"python -m loaders load {tmp_path / 'demo'}" in said.out


@pytest.mark.parametrize("said", ["", None])
def test_without_a_word_of_the_environment_the_store_is_the_usual_one(
    monkeypatch: pytest.MonkeyPatch, said: str | None
) -> None:
    monkeypatch.delenv("ATALAYA_STORE", raising=False)
    if said is not None:
        monkeypatch.setenv("ATALAYA_STORE", said)
    assert _parser().parse_args(["where"]).store == Path("data/published") == store_dir()


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["load", "nowhere"], "nowhere does not exist"),
        (["check", "nowhere"], "nowhere does not exist"),
        (["load", "in", "--mapping", "no.toml"], "no.toml cannot be opened"),
        (["load", "in", "--rules", "no.toml"], "no.toml: cannot be read"),
        (["load", "empty"], "There is nothing to load in"),
        (["load", "bad"], "Nothing in risks.csv could be kept"),
        (["where"], "There is no store in"),
        (["rebuild"], "There is no store in"),
        (["export", "out"], "There is no store in"),
        (["export", "out", "--format", "pdf"], "invalid choice: 'pdf'"),
        (["template", "no/such/folder.xlsx"], "cannot be written"),
        (["demo", "file/demo"], "cannot be written"),
        (["demo", "d", "--projects", "0"], "at least one project"),
        (["load"], "required: SOURCE"),
        (["load", ""], "an empty path names nothing"),
        (["load", "x" * 300], "cannot be a path (File name too long)"),
        (["load", "in", "--store", ""], "an empty path names nothing"),
        (["load", "in", "--rejects", "no/such/folder.csv"], "cannot be written"),
        (["check", "in", "--rejects", "empty"], "empty cannot be written (Is a directory)"),
        (["lode", "in"], "invalid choice: 'lode'"),
        ([], "required: COMMAND"),
        (["load", "in", "--store", "file/store"], "The store folder file/store cannot be written"),
        (["load", "nowhere", "--lang", "es"], "nowhere no existe"),
        (["load", "bad", "--lang", "es"], "Nada de risks.csv se pudo conservar, así que no se publicó nada"),
        (["where", "--lang", "pt"], "Não há repositório em"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_what_stops_a_command_is_one_sentence(
    tmp_path: Path, run: Run, monkeypatch: pytest.MonkeyPatch, words: Sequence[str], sentence: str
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("ATALAYA_STORE", "store")
    folder(tmp_path / "in", risks=risks("late"))
    folder(tmp_path / "bad", risks="colour\nred\n")
    (tmp_path / "empty").mkdir()
    (tmp_path / "file").write_text("")
    assert sentence in one_sentence(run(*words))
    assert not store.exists(tmp_path / "store")


def test_refusals_are_listed_also_where_nothing_was_kept(tmp_path: Path, run: Run) -> None:
    sources = folder(
        tmp_path / "in", risks=f"{RISKS}\nP1,R1,31/02/2025,risk,x,0.5\nP1,R2,2025-07-31,risk,x,95\n"
    )
    said = run("load", sources, "--store", tmp_path / "store", "--rejects", tmp_path / "refused.csv")
    assert "(and 1 more)" in one_sentence(said)
    assert "2 cells or rows were refused:" in said.out
    assert (tmp_path / "refused.csv").read_text(encoding="utf-8-sig").count("risks.csv") == 2


def test_an_unforeseen_error_is_a_sentence_that_names_a_log(
    tmp_path: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise ZeroDivisionError("in a place nobody thought of")

    monkeypatch.setattr("loaders.pipeline.load", broken)
    monkeypatch.setattr("loaders.__main__.tempfile.tempdir", str(tmp_path))
    line = one_sentence(run("load", folder(tmp_path / "in", risks=risks("late"))))
    assert line.startswith(
        "A fault in Atalaya itself stopped this (ZeroDivisionError: in a place nobody thought of)"
    )
    [log] = tmp_path.glob("atalaya-*.log")
    assert str(log) in line
    assert "Traceback" in log.read_text(encoding="utf-8")


def test_an_interruption_is_a_sentence(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("loaders.pipeline.load", interrupted)
    assert one_sentence(run("load", tmp_path)) == "Stopped: the store is as it was."


@pytest.mark.parametrize("command", ["load", "check", "template", "demo", "export", "rebuild", "where"])
def test_every_command_explains_itself(run: Run, command: str) -> None:
    said = run(command, "--help")
    assert said.code == 0
    assert f"usage: python -m loaders {command}" in said.out
    assert len(said.out.splitlines()) > 8


# As a process of its own.


@pytest.fixture
def process(tmp_path: Path) -> Run:
    def command(*words: str | Path, **options: str) -> Said:
        environment = {**os.environ, "ATALAYA_STORE": str(tmp_path / "store"), **options}
        done = subprocess.run(
            [sys.executable, "-m", "loaders", *map(str, words)],
            cwd=ROOT, env=environment, check=False, capture_output=True, text=True, encoding="utf-8",
        )  # fmt: skip
        return Said(done.returncode, done.stdout, done.stderr)

    return command


def test_as_a_process(tmp_path: Path, process: Run) -> None:
    sources = folder(tmp_path / "in", risks=risks("atención") + "P1,R2,2025-07-31,risk,odd,95\n")
    loaded = process("load", sources, LC_ALL="C", PYTHONIOENCODING="ascii")
    assert (loaded.code, loaded.error) == (1, "")
    assert process("where").out.strip() == str(tmp_path / "store" / "atalaya-000001.duckdb")
    assert one_sentence(process("load", tmp_path / "nowhere")).endswith("check the path.")


def test_two_loads_at_once_both_end_well(tmp_path: Path) -> None:
    words = [
        [
            *(sys.executable, "-m", "loaders", "load"),
            str(folder(tmp_path / name, risks=risks(name, project=name))),
        ]
        for name in ("A", "B")
    ]
    environment = {**os.environ, "ATALAYA_STORE": str(tmp_path / "store")}
    running = [subprocess.Popen(w, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL) for w in words]
    assert [process.wait(120) for process in running] == [0, 0]
    opened = store.open_current(tmp_path / "store")
    assert opened.cursor().execute("select title from risks order by 1").fetchall() == [("A",), ("B",)]
    opened.close()


def test_a_reader_that_goes_away_is_no_fault(tmp_path: Path, shop: Path) -> None:
    """`python -m loaders where | true`."""
    with subprocess.Popen(
        [sys.executable, "-m", "loaders", "where", "--store", str(shop)],
        cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    ) as gone:  # fmt: skip
        assert gone.stdout is not None
        assert gone.stderr is not None
        gone.stdout.close()
        assert gone.stderr.read() == ""
