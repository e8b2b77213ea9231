"""Days and levels that stand out, in words."""

from __future__ import annotations

from interact.agents.analyst.anomalies import Oddity
from interact.agents.analyst.evidence import Evidence
from interact.agents.analyst.spans import WEEKDAYS
from interact.agents.analyst.wording import noun, sentence_case
from interact.chats.figures import reference
from interact.reports.document import Highlight, Tone


def odd_title(oddity: Oddity) -> str:
    """Return what stands out, without a full stop."""
    day = reference(oddity.days.result, oddity.row, "day")
    label = sentence_case(noun(oddity.metric))
    if oddity.shift:
        return f"{label}: on a {'higher' if oddity.up else 'lower'} level from {day} on"
    return f"{label} on {day}: far {_side(oddity)} the usual"


def odd_sentence(oddity: Oddity) -> str:
    """Return what stands out, and against what."""
    result, label = oddity.days.result, noun(oddity.metric)
    day = reference(result, oddity.row, "day")
    if oddity.shift:
        side = "higher" if oddity.up else "lower"
        return f"From {day} on, the level of {label} is {side} than in the four weeks before."
    value = reference(result, oddity.row, oddity.metric.name)
    weekday = WEEKDAYS[oddity.day.weekday()]
    return f"On {day}, {label} of {value} is far {_side(oddity)} what a {weekday} usually has."


def odd_tone(oddity: Oddity) -> Tone:
    """Return bad news as such; good news that stands out may be a fault of measurement, and is a warning."""
    return "bad" if oddity.metric.good == ("down" if oddity.up else "up") else "warning"


def odd_in_words(evidence: Evidence) -> list[str]:
    """Return the sentences on what stands out; days of zeros are told of as failures of measurement."""
    return [odd_sentence(each) for each in evidence.judged.oddities if not _is_told(each)]


def odd_highlights(evidence: Evidence) -> list[Highlight]:
    """Return the highlights on what stands out."""
    return [
        Highlight(
            title=sentence_case(odd_title(each)),
            text=f"{odd_sentence(each)} Check whether something happened then, or whether the measurement failed.",
            tone=odd_tone(each),
            result_ids=(each.days.result.result_id,),
        )
        for each in evidence.judged.oddities
        if not _is_told(each)
    ]


def _is_told(oddity: Oddity) -> bool:
    return not oddity.shift and not oddity.days.result.value(oddity.row, oddity.metric.name)


def _side(oddity: Oddity) -> str:
    return "above" if oddity.up else "below"
