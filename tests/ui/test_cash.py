"""What the Contract & cash screen says of its figures."""

from __future__ import annotations

import pandas as pd
import pytest

from locales import translator
from metrics.queries.cash import BUCKETS
from ui import cash
from ui.formats import Formats

EN = translator("en")


@pytest.mark.parametrize(
    ("due", "invoices", "said"),
    [
        (
            (4e6, 1e6, 0.0, 2e6, 3e6),
            9,
            "USD 6 M of USD 10 M unpaid is past due, USD 3 M of it by more than 90 days,"
            " net of withholding and retention",
        ),
        ((0.0,) * 5, 0, "Unpaid invoices by days past due, net of withholding and retention"),
    ],
)
def test_how_much_is_past_due(due: tuple[float, ...], invoices: int, said: str) -> None:
    frame = pd.DataFrame({"bucket": BUCKETS, "net_due": due, "invoices": [invoices, 0, 0, 0, 0]})
    assert cash.ageing_title(frame, "USD", EN, Formats(EN)).replace("\u00a0", " ") == said
