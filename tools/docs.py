"""Write the generated pages of docs/ anew: docs/metrics.md and docs/marts.md.

PYTHONPATH=. python tools/docs.py
"""

from __future__ import annotations

from pathlib import Path

from loaders.history import prepare
from loaders.store import scratch
from loaders.timeline import build_timeline
from metrics.build import build_marts
from metrics.docs import marts_page, metrics_page

DOCS = Path(__file__).parents[1] / "docs"


def main() -> None:
    """Write both pages."""
    (DOCS / "metrics.md").write_text(metrics_page(), encoding="utf-8")
    with scratch() as con:
        prepare(con)
        build_timeline(con)
        build_marts(con)
        (DOCS / "marts.md").write_text(marts_page(con), encoding="utf-8")


if __name__ == "__main__":
    main()
