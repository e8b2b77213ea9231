"""The agent that asks a language model, and a further one when the first does not answer."""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from interact.agents.contract import Answer, Journal, Question
from interact.agents.llm.briefing import asks_for_report, instructions
from interact.agents.llm.citing import (
    asked_in,
    exhibits_of,
    faults_in,
    findings_of,
    headline_of,
    loose_references,
    window_of,
)
from interact.agents.llm.failures import failure_of
from interact.agents.llm.history import closing_text, earlier_turns, messages_of
from interact.agents.llm.limits import REPORT, Stopped
from interact.agents.llm.loop import Output, Patience, Talk, converse
from interact.agents.llm.plain import without_links
from interact.agents.llm.tools import Toolbox
from interact.agents.unanswered import ModelRefused, ModelUnavailable
from interact.chats.result import Result
from interact.reports.document import Report
from interact.warehouse.queries import Warehouse

if TYPE_CHECKING:
    from pydantic_ai import Agent, RunContext
    from pydantic_ai.models import Model

TALKATIVE = ("anthropic", "botocore", "google_genai", "httpcore2", "httpx", "httpx2", "openai")
"""Loggers that tell prompts or addresses; others read a task's log."""
REPAIRS = 3
"""How often an answer that cannot be taken is asked for again."""
_NAME = re.compile(r"'([^'`\s]*\d[^'`\s]*)'")
METHOD = 2400
"""Characters of a report's `method`."""


@dataclass(frozen=True)
class Source:
    """An Airflow connection to a model, and how it is opened; raises ModelRefused."""

    connection: str
    open: Callable[[], Model]


@dataclass(frozen=True)
class LlmAgent:
    """Answers with the first of its sources; with the next one, and says so, when one does not answer."""

    sources: Sequence[Source]
    patience: Patience = field(default_factory=Patience)

    def answer(self, question: Question, warehouse: Warehouse, journal: Journal) -> Answer:
        """Answer, going on from what earlier tries kept.

        A limit, or a model that gives nothing usable, ends it with what there is (`stopped`). Raises ModelUnavailable
        or ModelRefused when no source answers.
        """
        for name in TALKATIVE:
            logging.getLogger(name).setLevel(logging.WARNING)
        results = dict(journal.earlier_results())
        talk = Talk(
            question.prompt,
            question.limits,
            journal,
            earlier_turns(question.earlier),
            messages_of(journal.steps()),
        )
        try:
            output, remark = self._said(question, Toolbox(question, warehouse, results), talk)
        except Stopped as stopped:
            return _partial(talk, results, str(stopped))
        return _answer(output, talk, results, remark)

    def _said(self, question: Question, box: Toolbox, talk: Talk) -> tuple[Output, str]:
        """Return what the first source that answers says, and a remark when it was not the first."""
        must_report = asks_for_report(question.prompt)
        if not must_report and (text := closing_text(talk.messages)):
            return text, ""  # An earlier try ended between the model's last word and the chat's.
        if closing_text(talk.messages):
            talk.messages.pop()
        agent = _agent(question, box, talk, must_report=must_report)
        failures: list[ModelRefused | ModelUnavailable] = []
        for source in self.sources:
            try:
                output = asyncio.run(_ask(agent, source, talk, self.patience))
            except (ModelRefused, ModelUnavailable) as failure:
                failures.append(failure)
                continue
            return output, _remark(source, talk, failures)
        raise next((each for each in failures if isinstance(each, ModelUnavailable)), failures[0])


def say_one_word(source: Source) -> str:
    """Let a source's model say one word, and return its name; raises ModelRefused or ModelUnavailable."""
    from pydantic_ai.direct import model_request
    from pydantic_ai.exceptions import ModelAPIError, UnexpectedModelBehavior
    from pydantic_ai.messages import ModelRequest

    async def ask() -> str:
        model = source.open()
        try:
            async with model:
                said = await model_request(
                    model,
                    [ModelRequest.user_text_prompt("Say: yes")],
                    model_settings={"max_tokens": 16, "max_retries": 0, "timeout": 30},
                )
        except ModelAPIError as error:
            raise failure_of(error, source.connection) from None
        except UnexpectedModelBehavior:
            fact = "what it says is not what a model says. Check the connection's host"
            raise ModelRefused(source.connection, fact) from None
        return said.model_name or model.model_name

    return asyncio.run(ask())


async def _ask(agent: Agent[object, Output], source: Source, talk: Talk, patience: Patience) -> Output:
    """Return a source's answer; raises our errors only."""
    from pydantic_ai.exceptions import ModelAPIError, UnexpectedModelBehavior

    model = source.open()
    try:
        async with model:
            return await converse(agent, model, talk, patience)
    except ModelAPIError as error:
        raise failure_of(error, source.connection) from None
    except UnexpectedModelBehavior as odd:
        if talk.messages and talk.messages[-1].kind == "request":
            fact = "what came is no answer of a model. When that stays so, check the connection's host"
            raise ModelUnavailable(source.connection, fact) from None
        raise Stopped(_odd(odd, source)) from None


def _odd(error: Exception, source: Source) -> str:
    from pydantic_ai.exceptions import ContentFilterError, OutputTokenLimitExceeded

    start = f"Stopped: the model of connection {source.connection!r}"
    if isinstance(error, ContentFilterError):
        return f"{start} gave no answer because its provider's content filter held it back. Ask in other words."
    if isinstance(error, OutputTokenLimitExceeded):
        return f"{start} ran into its own limit of tokens in one response. Ask for less at once."
    times = REPAIRS + 1
    return f"{start} gave nothing that can be taken as an answer, {times} times. Run it again, or take another model."


def _agent(question: Question, box: Toolbox, talk: Talk, *, must_report: bool) -> Agent[object, Output]:
    from pydantic_ai import Agent, ModelRetry, ToolOutput

    report = ToolOutput(Report, name=REPORT, description="Give the whole answer as a report, and end with it")
    agent: Agent[object, Output] = Agent(
        output_type=[report] if must_report else [report, str],
        instructions=instructions(question, box.warehouse.model, report=must_report),
        tools=box.tools(),
        # A tool may be called wrongly as often as the limits allow; what ends an answer only a few times.
        retries={"tools": question.limits.requests, "output": REPAIRS},
    )

    def checked(context: RunContext[object], output: Output) -> Output:
        """Let an answer through that cites what is there; the last time also loose prose, which is marked."""
        is_last = context.last_attempt
        if isinstance(output, Report):
            faults = faults_in(output, box.results, asked_in(talk.messages), strictly=not is_last)
        else:
            faults = [] if is_last else loose_references(output, box.results)
        if faults:
            raise ModelRetry(" ".join(faults[:10]))
        return output

    agent.output_validator(checked)
    return agent


def _remark(source: Source, talk: Talk, failures: Sequence[ModelRefused | ModelUnavailable]) -> str:
    """Return which model answered, where it was not the first; "" where it was."""
    if not failures:
        return ""
    why = "; ".join(f"{each.connection!r} did not: {each.fact}" for each in failures)
    told = f"Answered by `{_model(talk) or 'the model'}` of connection {source.connection!r}, because {why}."
    # A name stands as code: a digit in it claims nothing.
    return _NAME.sub(r"`\1`", told)


def _model(talk: Talk) -> str:
    names = [each.model_name for each in talk.messages if each.kind == "response" and each.model_name]
    return names[-1] if names else ""


def _answer(output: Output, talk: Talk, results: dict[str, Result], remark: str) -> Answer:
    asked, spent = asked_in(talk.messages), talk.spent
    if isinstance(output, Report):
        output = output.rewritten(lambda text, _: without_links(text))
    report = _noted(output, remark) if isinstance(output, Report) else None
    text = output.summary if isinstance(output, Report) else without_links(output)
    return Answer(
        text=f"{text}\n\n{remark}".strip(),
        report=report,
        headline=headline_of(output, results),
        usage={"queries": len(results), **spent.usage()},
        window=window_of(output, asked),
        exhibits=exhibits_of(output, results, asked),
        findings=findings_of(output, results) if isinstance(output, Report) else (),
        sections=tuple(section.title for section in report.sections) if report else (),
        model=_model(talk),
        cost_usd=spent.whole_cost_usd,
    )


def _noted(report: Report, remark: str) -> Report:
    """Return a report whose method says which model answered, where it was not the first."""
    if not remark:
        return report
    kept = report.method[: METHOD - len(remark) - 1]
    return report.model_copy(update={"method": f"{kept}\n{remark}".strip()[:METHOD]})


def _partial(talk: Talk, results: dict[str, Result], why: str) -> Answer:
    """Return what there is of an answer that was stopped."""
    spent = talk.spent
    kept = " What it had found by then is kept." if results else ""
    return Answer(
        text=f"{why}{kept}",
        usage={"queries": len(results), **spent.usage()},
        window=window_of("", asked_in(talk.messages)),
        model=_model(talk),
        cost_usd=spent.whole_cost_usd,
        stopped=why,
    )
