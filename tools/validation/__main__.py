"""Run every case and write docs/validation.md: `python -m tools.validation [--check]`."""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from tools.validation.page import PAGE, page, totals
from tools.validation.run import run


def main(arguments: Sequence[str] | None = None) -> int:
    """1 when a case fails, or with --check when the page says something else."""
    parser = argparse.ArgumentParser(prog="python -m tools.validation", description=__doc__)
    parser.add_argument("--check", action="store_true", help="compare with the page, write nothing")
    parser.add_argument("--out", type=Path, default=PAGE, help="the page (default docs/validation.md)")
    chosen = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as folder:
        results = run(Path(folder))
    passed, failed, left = totals(results)
    print(f"{passed} cases pass, {failed} fail, {left} are not applicable.")
    text = page(results)
    if chosen.check:
        if not chosen.out.is_file() or chosen.out.read_text(encoding="utf-8") != text:
            print(f"{chosen.out} says something else: run python -m tools.validation.", file=sys.stderr)
            return 1
    else:
        chosen.out.write_text(text, encoding="utf-8")
        print(chosen.out)
    return int(failed > 0)


if __name__ == "__main__":
    sys.exit(main())
