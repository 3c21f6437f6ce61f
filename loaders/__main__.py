"""The command line: `python -m loaders load SOURCE…`, and what goes with it. See docs/store.md."""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import traceback
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import NoReturn

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

from loaders import demo, demo_store, export, pipeline, store, summary, template
from loaders.errors import LoadError
from locales import SOURCE_LANGUAGE, Translator, languages, translator

KEPT, WITH_REJECTS, NOTHING = 0, 1, 2
"""Exit codes: everything kept; published, with rejects; nothing published."""
STORE = ("ATALAYA_STORE", "data/published")
"""Setting: the environment variable with the store folder, and its default."""
WAIT_S = 60
"""How long a load waits for another one."""

_EPILOG = """\
exit codes: 0 everything was kept; 1 published, but something was refused; 2 nothing was published, and the
sentence on standard error says why.

examples:
  python -m loaders template data.xlsx --lang es     a workbook to fill in
  python -m loaders check deliveries/august          what would be refused, and what would change
  python -m loaders load deliveries/august           the same, for good
  python -m loaders load uk --mapping data/mappings/uk_gmpp.toml --store data/uk
  python -m loaders rebuild                          after an update: compute everything in the store anew
  python -m loaders export out --format xlsx         every table and every computed number as Excel
"""
_SOURCES = (
    "a file, or a folder that is searched with all its subfolders: Excel, CSV, Parquet, "
    "Microsoft Project, Primavera"
)
_MAPPING = (
    "how the source reads, if its sheets and columns are not named as in the contract "
    "(default: the mapping.toml in the source folder, if there is one)"
)
_RULES = "thresholds of the RAG colours to put in force (default: those in force in the store)"
_REJECTS = "write everything that was refused, with its place and the reason, to this file"


def _path(text: str) -> Path:
    """A path as it is given. An empty one would mean the folder that somebody happens to be in."""
    try:
        if text:
            Path(text).exists()
            return Path(text)
    except OSError as error:
        raise argparse.ArgumentTypeError(f"{text[:40]}… cannot be a path ({error.strerror})") from error
    raise argparse.ArgumentTypeError("an empty path names nothing")


class _Parser(argparse.ArgumentParser):
    """Says what is wrong with a command in one sentence."""

    def error(self, message: str) -> NoReturn:
        print(
            f"{message[:1].upper()}{message[1:]}: `{self.prog} --help` explains the command.", file=sys.stderr
        )
        sys.exit(NOTHING)


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit code."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")
    args = _parser().parse_args(argv)
    run: Callable[[argparse.Namespace, Translator], int] = args.run
    t = translator(args.lang)
    try:
        code = run(args, t)
        sys.stdout.flush()
    except LoadError as error:
        return _refuse(error.sentence(t))
    except KeyboardInterrupt:
        return _refuse(t.t("error.stopped"))
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return NOTHING
    except Exception as error:  # noqa: BLE001 - the last resort: a sentence and a log instead of a traceback
        return _refuse(_logged(error, t))
    return code


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(
        prog="python -m loaders",
        description="Bring the deliveries of project offices and finance into the dashboard's store.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    common = _Parser(add_help=False)
    common.add_argument(
        *("--store",), type=_path, metavar="DIR", default=Path(os.environ.get(STORE[0]) or STORE[1]),
        help="the store folder (default: the one that ATALAYA_STORE names, else data/published)",
    )  # fmt: skip
    common.add_argument(
        "--lang",
        choices=languages(),
        default=SOURCE_LANGUAGE,
        help="language of what is printed (default: en)",
    )

    def command(name: str, run: Callable[[argparse.Namespace, Translator], int], text: str) -> _Parser:
        described = f"{text[:1].upper()}{text[1:]}."
        made: _Parser = commands.add_parser(name, help=text, description=described, parents=[common])
        made.set_defaults(run=run)
        return made

    for name, run, text in (
        ("load", _load, "read sources, keep what is right, explain what is not, and publish a new version"),
        ("check", _check, "say what a load would refuse, change and colour, without changing anything"),
    ):
        made = command(name, run, text)
        made.add_argument("sources", nargs="+", type=_path, metavar="SOURCE", help=_SOURCES)
        made.add_argument("--mapping", type=_path, metavar="FILE", help=_MAPPING)
        made.add_argument("--rules", type=_path, metavar="FILE", help=_RULES)
        made.add_argument("--rejects", type=_path, metavar="FILE.csv", help=_REJECTS)
    made = command(
        "template", _template, "write an Excel workbook to fill in, a sheet for each table of the contract"
    )
    made.add_argument(
        "out", type=_path, metavar="OUT.xlsx", help="the workbook to write; --lang says in which language"
    )
    made = command("demo", _demo, "write the source files of the demonstration portfolio")
    made.add_argument("out", type=_path, metavar="OUT_DIR", help="the folder to write them to")
    made.add_argument("--projects", type=int, default=48, metavar="N", help="how many projects (default: 48)")
    made.add_argument(
        "--months", type=int, default=24, metavar="M", help="how many monthly reports (default: 24)"
    )
    made.add_argument(
        "--seed", type=int, default=7, metavar="S", help="the same seed gives the same files (default: 7)"
    )
    made = command("export", _export, "write every table and every computed number of the store to files")
    made.add_argument("out", type=_path, metavar="OUT_DIR", help="the folder to write them to")
    made.add_argument("--format", choices=export.FORMATS, default="parquet", help="default: parquet")
    command(
        "rebuild",
        _rebuild,
        "compute everything anew from the rows in the store, as after an update, and publish a new version",
    )
    command("where", _where, "print the path of the store file in force, for a BI tool to open read-only")
    return parser


def _load(args: argparse.Namespace, t: Translator) -> int:
    out = summary.console()
    _ready_for_refusals(args, t)
    with _refusals_shown(args, t), _progress(t) as told:
        result = pipeline.load(
            args.sources, args.store, mapping=args.mapping, rules=args.rules, progress=told, wait_s=WAIT_S,
            waiting=_said_waiting(args, t),
        )  # fmt: skip
    summary.say_load(out, result, args.store, t)
    return _end(args, result, t)


def _check(args: argparse.Namespace, t: Translator) -> int:
    _ready_for_refusals(args, t)
    with _refusals_shown(args, t), _progress(t) as told:
        result = pipeline.check(
            args.sources, args.store, mapping=args.mapping, rules=args.rules, progress=told
        )
    summary.say_check(summary.console(), result, args.store, t)
    return _end(args, result, t)


def _end(args: argparse.Namespace, result: pipeline.LoadResult, t: Translator) -> int:
    if args.rejects:
        summary.write_refusals(args.rejects, result.rejects, t)
    summary.say_refusals(summary.console(), result.rejects, t, args.rejects)
    return WITH_REJECTS if result.rejects else KEPT


def _ready_for_refusals(args: argparse.Namespace, t: Translator) -> None:
    """Find out before anything is published whether refusals can be written down."""
    if args.rejects:
        summary.write_refusals(args.rejects, (), t)


@contextmanager
def _refusals_shown(args: argparse.Namespace, t: Translator) -> Iterator[None]:
    """Show what was refused also where nothing at all was kept."""
    try:
        yield
    except pipeline.NothingKeptError as error:
        if args.rejects:
            summary.write_refusals(args.rejects, error.outcome.rejects, t)
        if len(error.outcome.rejects) > 1:
            summary.say_refusals(summary.console(), error.outcome.rejects, t, args.rejects)
        raise


def _template(args: argparse.Namespace, t: Translator) -> int:
    template.write_template(args.out, args.lang)
    print(t.t("cli.template_written", file=args.out))
    return KEPT


def _demo(args: argparse.Namespace, t: Translator) -> int:
    with _progress(t) as told:
        try:
            demo.write_demo(
                args.out, args.projects, args.months, args.seed,
                lambda what, done, total: told(demo_store.WRITE, what, done, total),
            )  # fmt: skip
        except ValueError as error:
            raise LoadError(str(error)) from error
        except OSError as error:
            raise LoadError.of("error.write", path=str(args.out), why=str(error.strerror)) from error
    print(t.t("cli.demo_written", folder=args.out))
    return KEPT


def _export(args: argparse.Namespace, t: Translator) -> int:
    with _progress(t) as told:
        written = export.export(
            args.store,
            args.out,
            args.format,
            lambda what, done, total: told(demo_store.WRITE, what, done, total),
        )
    print(t.n("cli.exported", len(written), folder=args.out))
    return KEPT


def _rebuild(args: argparse.Namespace, t: Translator) -> int:
    with _progress(t) as told:
        version = pipeline.rebuild(args.store, progress=told, wait_s=WAIT_S, waiting=_said_waiting(args, t))
    print(t.t("cli.rebuilt", version=version, folder=args.store))
    return KEPT


def _said_waiting(args: argparse.Namespace, t: Translator) -> Callable[[], None]:
    return lambda: print(t.t("cli.waiting", folder=args.store), file=sys.stderr)


def _where(args: argparse.Namespace, _t: Translator) -> int:
    print(store.current_path(args.store))
    return KEPT


@contextmanager
def _progress(t: Translator) -> Iterator[pipeline.Progress]:
    """A bar on the terminal; nothing where there is none."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    where = summary.console(to_error=True)
    with Progress(*columns, console=where, transient=True, disable=not where.is_terminal) as bar:
        tasks: dict[str, TaskID] = {}
        names = {
            pipeline.READ: t.t("cli.step.read"),
            pipeline.COMPARE: t.t("cli.step.compare"),
            pipeline.ORDER: t.t("cli.step.order"),
            pipeline.COMPUTE: t.t("cli.step.compute"),
            demo_store.WRITE: t.t("cli.step.write"),
        }

        def told(step: str, what: str, done: int, total: int) -> None:
            if step not in tasks:
                for task in tasks.values():
                    bar.update(task, completed=bar.tasks[task].total)
                tasks[step] = bar.add_task(names[step], total=total)
            bar.update(tasks[step], description=f"{names[step]} {what}"[:48], completed=done, total=total)

        yield told


def _refuse(sentence: str) -> int:
    print(" ".join(sentence.split()), file=sys.stderr)
    return NOTHING


def _logged(error: Exception, t: Translator) -> str:
    """A sentence about an error that should not have been, its details in a file."""
    what = f"{type(error).__name__}: {error}".splitlines()[0]
    try:
        handle, name = tempfile.mkstemp(prefix=f"atalaya-{datetime.now():%Y%m%d-%H%M%S}-", suffix=".log")
        with os.fdopen(handle, "w", encoding="utf-8") as log:
            log.write(f"python -m loaders {' '.join(sys.argv[1:])}\n\n")
            log.write("".join(traceback.format_exception(error)))
    except OSError:
        return t.t("error.fault_unlogged", what=what)
    return t.t("error.fault", what=what, log=name)


if __name__ == "__main__":
    sys.exit(main())
