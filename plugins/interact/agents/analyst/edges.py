"""The end or the start of a period, at which stocks are counted: "MRR at the end of last month"."""

from __future__ import annotations

import re

from interact.agents.analyst.pieces import Sheet
from interact.warehouse.semantic import SemanticModel

_EDGE = re.compile(r"T[hi]*w")


def claim_edges(sheet: Sheet, model: SemanticModel) -> None:
    """Claim "at the end of" where its sentence's metrics are counted there anyway; elsewhere it is a part of a period.

    A sentence without metrics is about those of the whole prompt.
    """
    for match in _EDGE.finditer(sheet.shape):
        own = [sheet.pieces[at] for at in sheet.sentence(match.start()) if sheet.pieces[at].kind == "m"]
        metrics = [str(piece.value) for piece in own or sheet.pieces if piece.kind == "m"]
        days = {leaf.semi_additive for name in metrics for leaf in model.leaves(name)}
        piece = sheet.pieces[match.start()]
        words = piece.text.casefold()
        wanted = (
            "last" if "end of" in words or words == "as of" else "first" if re.search("start|beginning", words) else ""
        )
        if wanted and days == {wanted}:
            sheet.claim([match.start()])
            day = "last" if wanted == "last" else "first"
            sheet.remarks.append(f"{sheet.words(*match.span())!r} is its {day} day with data.")
