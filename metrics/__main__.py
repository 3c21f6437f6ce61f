"""`python -m metrics docs`: write docs/metrics.md out of the definitions."""

from __future__ import annotations

import argparse
from pathlib import Path

from metrics.docs import metrics_page

PAGE = Path("docs") / "metrics.md"


def main(arguments: list[str] | None = None) -> int:
    """Run the command line; 0 is success."""
    parser = argparse.ArgumentParser(prog="python -m metrics", description="What the numbers mean.")
    commands = parser.add_subparsers(dest="command", required=True)
    docs = commands.add_parser(
        "docs", help="write docs/metrics.md: every metric, its formula, unit and thresholds"
    )
    docs.add_argument("--out", type=Path, default=PAGE, help="another place for the page")
    chosen = parser.parse_args(arguments)
    chosen.out.parent.mkdir(parents=True, exist_ok=True)
    chosen.out.write_text(metrics_page(), encoding="utf-8")
    print(chosen.out)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
