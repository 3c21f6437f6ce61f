"""The command line: `python -m loaders load SOURCE…`, and what goes with it."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from loaders.errors import LoadError

KEPT, WITH_REJECTS, NOTHING = 0, 1, 2
"""Exit codes: everything kept; published, with rejects; nothing published."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit code."""
    args = _parser().parse_args(argv)
    try:
        code: int = args.run(args)
    except LoadError as error:
        print(error, file=sys.stderr)
        return NOTHING
    return code


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m loaders", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    store = argparse.ArgumentParser(add_help=False)
    store.add_argument(
        "--store", type=Path, default=Path(os.environ.get("ATALAYA_STORE", "data/published")), metavar="DIR"
    )
    for name, run in (("load", _load), ("check", _check)):
        command = commands.add_parser(name, parents=[store])
        command.add_argument("sources", nargs="+", type=Path, metavar="SOURCE")
        command.add_argument("--mapping", type=Path, metavar="FILE")
        command.add_argument("--rules", type=Path, metavar="FILE")
        command.set_defaults(run=run)
    demo = commands.add_parser("demo", parents=[store])
    demo.add_argument("out", type=Path, metavar="OUT_DIR")
    demo.add_argument("--projects", type=int, default=48, metavar="N")
    demo.add_argument("--months", type=int, default=24, metavar="M")
    demo.add_argument("--seed", type=int, default=7, metavar="S")
    demo.set_defaults(run=_demo)
    where = commands.add_parser("where", parents=[store])
    where.set_defaults(run=_where)
    return parser


def _bar() -> Progress:
    return Progress(
        TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(),
        console=Console(stderr=True), transient=True,
    )  # fmt: skip


def _load(args: argparse.Namespace) -> int:
    from loaders.pipeline import load  # noqa: PLC0415

    with _bar() as bar:
        task = bar.add_task("")
        result = load(
            args.sources, args.store, mapping=args.mapping, rules=args.rules,
            progress=lambda what, done, total: bar.update(task, description=what, completed=done, total=total),
        )  # fmt: skip
    for change in result.changes:
        print(change)
    print(result.version, len(result.rejects))
    return WITH_REJECTS if result.rejects else KEPT


def _check(args: argparse.Namespace) -> int:
    from loaders.pipeline import check  # noqa: PLC0415

    result = check(args.sources, args.store, mapping=args.mapping, rules=args.rules)
    for effect in result.effects:
        print(effect)
    return WITH_REJECTS if result.rejects else KEPT


def _demo(args: argparse.Namespace) -> int:
    from loaders.demo import write_demo  # noqa: PLC0415

    with _bar() as bar:
        task = bar.add_task("")
        write_demo(
            args.out, args.projects, args.months, args.seed,
            progress=lambda what, done, total: bar.update(task, description=what, completed=done, total=total),
        )  # fmt: skip
    return KEPT


def _where(args: argparse.Namespace) -> int:
    from loaders.store import current_path  # noqa: PLC0415

    print(current_path(args.store))
    return KEPT


if __name__ == "__main__":
    sys.exit(main())
