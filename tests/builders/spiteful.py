"""An installation in which every text that somebody can write tries to be markup."""

from typing import Any

from builders import underway
from builders.airflow_tables import save_dag
from builders.lived_in import LivedIn
from interact.chats.record import AssetLoad, QueryRecord
from interact.chats.result import Column, Result
from interact.chats.status import ChatStatus
from interact.jobs.channels import Channel
from interact.jobs.definition import Job
from interact.jobs.naming import new_id
from interact.jobs.stored import StoredAgent, StoredJob
from interact.runs.accept import Ask, accept
from interact.runs.announce import announce
from interact.runs.cancel import cancel
from interact.schedules.expected import ExpectedTime, TimeOutcome
from interact.store import agents, channels, chats, expected, jobs, keys, organisations, runs
from interact.store.keys import NewKey

SPITE = "\"'><zz-mark zz=1>{{7*7}}</textarea></title></option></script><zz-mark>\u202e"
"""Ends whatever it stands in, begins an element and an attribute that no page of ours has, and is a template."""
ATTRIBUTE = "' zz=1 onclick=\"zz"
ANSWER = f"""{SPITE}

[run](javascript:zz) [out](https://example.com/"zz=1) [in](/interact/jobs/x) ![image](https://example.com/x.png)

| a | b |
|--:|:--|
| {SPITE} | 1 |

```html
</code></pre><zz-mark style="text-align:right"> <td style="text-align: right"
```
"""
Ids = dict[str, str]


def spiteful(found: LivedIn) -> Ids:
    """Write it everywhere, and return the ids of what bears it."""
    agent = _settings(found)
    job, plain = _job(found, "spite", kept_in=SPITE, channels=["spite"]), _job(found, "plain")
    answered = _ran(found, job)
    cancelled = accept(found.desk, Ask(job.job_id, {"p": [SPITE, ATTRIBUTE]}, f"key:{SPITE}"))
    cancel(found.desk, cancelled.run.run_id, by=f"user:{SPITE}")
    waiting = underway.under_way(found.desk, job.job_id)
    waiting.taken()
    waiting.begun()
    _queried(waiting)
    return answered | {
        "agent_id": agent.agent_id,
        "organisation_id": found.organisation_id,
        "job_id": job.job_id,
        "plain_id": plain.job_id,
        "cancelled_id": cancelled.run.run_id,
        "waiting_id": waiting.chat_id,
        "waiting_run_id": waiting.run.run_id,
    }


def _settings(found: LivedIn) -> StoredAgent:
    now, agent = found.desk.now(), found.agents["analyst"].definition
    model: dict[str, Any] = dict(agent.semantic_model) | {"label": SPITE, "description": SPITE}
    for kind in ("dimensions", "metrics"):
        more = {"description": SPITE}
        model[kind] = [
            each | more | {"label": SPITE + each["name"], "synonyms": [SPITE + each["name"]]} for each in model[kind]
        ]
    with found.desk.store.writing() as session:
        (organisation,) = (
            each for each in organisations.all_of(session) if each.organisation_id == found.organisation_id
        )
        members = {**organisation.definition.members, SPITE: "member", ATTRIBUTE: "admin"}
        spite = {"name": SPITE, "members": members}
        organisations.save(session, organisation.definition.model_copy(update=spite), now=now)
        spite = {"name": SPITE, "description": SPITE, "instructions": SPITE * 3, "semantic_model": model}
        whole = agent.model_copy(update=spite)
        agents.save(session, whole, now=now, saved_by=f"file:{SPITE}")
        whole = whole.model_copy(update={"instructions": ATTRIBUTE})
        saved, _ = agents.save(session, whole, now=now, saved_by=f"user:{SPITE}")
        mail = {"key": "spite", "organisation": "norrland", "name": SPITE, "type": "email", "connection": "c"}
        channels.save(session, Channel.model_validate(mail | {"recipients": ["a@example.com"]}), now=now)
        weekly = frozenset({found.jobs["weekly"].job_id})
        wanted = NewKey(SPITE, frozenset({"agent_jobs_read"}), job_ids=weekly)
        keys.create(session, found.organisation_id, wanted, now=now)
    return saved


def _job(found: LivedIn, key: str, *, kept_in: str | None = None, **changes: Any) -> StoredJob:
    parameters = {
        "p": {"values": [SPITE, ATTRIBUTE], "default": [SPITE], "description": SPITE},
        "q": {"type": "text", "default": [ATTRIBUTE]},
    }
    plain = {
        "key": key,
        "organisation": "norrland",
        "agent": "analyst",
        "owner": ATTRIBUTE if kept_in else "ada",
        "name": SPITE,
        "prompt": f"Spend on {SPITE.replace('{{7*7}}', '')} {{{{ p }}}} {{{{ q }}}}",
        "parameters": parameters,
        "schedule": "0 8 * * 1",
        "triggers": {"assets": [SPITE.strip("\u202e")]},
        **changes,
    }
    now = found.desk.now()
    with found.desk.store.writing() as session:
        job, _ = jobs.save(session, Job.model_validate(plain), now=now, kept_in=kept_in)
        row = ExpectedTime(job.job_id, now, TimeOutcome.SKIPPED, SPITE, None, None, None, now)
        expected.record(session, row)
    save_dag(job.dag_id)
    return job


def _ran(found: LivedIn, job: StoredJob) -> Ids:
    """Run a job with one chat that is answered and one that fails."""
    accepted = accept(found.desk, Ask(job.job_id, {"p": [SPITE, ATTRIBUTE]}, f"user:{SPITE}"))
    first, second = (underway.of(found.desk, accepted, number) for number in (0, 1))
    first.taken()
    first.begun()
    result_id = _queried(first)
    first.answered(ANSWER)
    second.begun()
    reason = f"{SPITE} {found.runs['weekly']} {found.chats['weekly']}"
    with found.desk.store.writing() as session:
        outcome = chats.Outcome(ChatStatus.FAILED, reason, None)
        chats.finish_attempt(session, second.chat_id, second.attempt, outcome, now=found.desk.now())
        runs.set_data(session, accepted.run.run_id, (AssetLoad(SPITE, found.desk.now(), SPITE),))
    announce(found.desk, dag_id=accepted.run.dag_id, dag_run_id=accepted.run.dag_run_id)
    run_id = accepted.run.run_id
    return {"run_id": run_id, "chat_id": first.chat_id, "failed_id": second.chat_id, "result_id": result_id}


def _queried(chat: underway.UnderWay) -> str:
    columns = (Column(name="c", label=SPITE), Column(name="n", label=ATTRIBUTE, format="number"))
    result = Result(
        result_id=new_id("result"), title=SPITE, sql=SPITE, columns=columns, rows=((SPITE, 1.0), (ATTRIBUTE, 2.0))
    )
    kept = chat.desk.files.put_result(result)
    with chat.desk.store.writing() as session:
        for result_id, sha256, failure in ((result.result_id, kept, None), (new_id("result"), None, SPITE)):
            query = QueryRecord(result_id, SPITE, SPITE, 2, True, 0.25, sha256, failure)
            chats.add_query(session, chat.chat_id, chat.attempt, query)
    return result.result_id
