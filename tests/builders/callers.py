"""Every route of the pages, what each takes, and the people who call them."""

from collections.abc import Mapping
from typing import Any

from builders.guarded import DUE_AT, Ids, guarded
from builders.saved import a_channel
from builders.signed_in import bearer
from interact.api.pages.agent_fields import typed_of as agent_form
from interact.api.pages.channel_fields import typed_of as channel_form
from interact.api.pages.job_fields import fields_of
from interact.api.pages.organisation_fields import typed_of as organisation_form
from interact.jobs.channels import Channel
from interact.jobs.definition import Organisation
from interact.runs.organisations import fingerprint
from interact.store import agents, channels, jobs, keys, organisations

PEOPLE = {"eve": "viewer", "bob": "viewer", "ada": "viewer", "ivy": "viewer", "root": "admin"}
"""With their roles in Airflow. Of the organisation bob and ada are members, ivy is admin; eve is another's admin."""
ADMINS = ("ivy", "root")

EVERYBODY = ["GET /", "GET /agents", "GET /settings", "GET /static/{name}"]
MEMBERS = [
    "GET /agents/{agent_id}",
    "GET /agents/{agent_id}/jobs",
    "GET /agents/{agent_id}/jobs/new",
    "GET /agents/{agent_id}/parameter-row",
    "GET /agents/{agent_id}/route-row",
    "GET /agents/{agent_id}/settings",
    "GET /agents/{agent_id}/versions/{number}",
    "GET /organisations/{organisation_id}/settings",
    "GET /organisations/{organisation_id}/settings/regions",
    "GET /organisations/{organisation_id}/versions/{number}",
    "GET /organisations/{organisation_id}/notifications",
    "GET /channels/{channel_id}",
    "GET /channels/{channel_id}/preview",
    "GET /channels/{channel_id}/preview/mail.html",
    "GET /organisations/{organisation_id}/keys",
    "GET /organisations/{organisation_id}/reference",
    "GET /organisations/{organisation_id}/openapi.json",
    "POST /agents/{agent_id}/ask",
    "POST /agents/{agent_id}/jobs",
    "POST /agents/{agent_id}/preview",
    "POST /agents/{agent_id}/understanding",
    "POST /agents/{agent_id}/schedule-words",
]
ADMINISTERED = [
    "GET /agents/new",
    "GET /agents/new/model",
    "GET /organisations/{organisation_id}/settings/member",
    "GET /organisations/{organisation_id}/keys/jobs",
    "POST /agents",
    "POST /agents/{agent_id}/settings",
    "POST /agents/{agent_id}/versions/{number}/restore",
    "POST /organisations/{organisation_id}/settings",
    "POST /organisations/{organisation_id}/settings/preview",
    "POST /organisations/{organisation_id}/versions/{number}/restore",
    "POST /organisations/{organisation_id}/keys",
    "POST /organisations/{organisation_id}/keys/{key_id}/delete",
    "GET /organisations/{organisation_id}/notifications/channels/new",
    "GET /channels/{channel_id}/settings",
    "POST /organisations/{organisation_id}/notifications/channels",
    "POST /channels/{channel_id}/settings",
    "POST /channels/{channel_id}/test",
    "POST /channels/{channel_id}/delete",
]
ANSWERS = [
    "GET /chats/{chat_id}",
    "GET /chats/{chat_id}/live",
    "GET /chats/{chat_id}/report.pdf",
    "GET /chats/{chat_id}/report.html",
    "GET /chats/{chat_id}/results/{result_id}",
    "GET /chats/{chat_id}/results/{result_id}.csv",
    "GET /chats/{chat_id}/results/{result_id}.xlsx",
    "GET /runs/{run_id}",
    "GET /runs/{run_id}/live",
    "GET /runs/{run_id}/told",
    "GET /runs/{run_id}/rollup.pdf",
    "GET /runs/{run_id}/rollup.html",
    "GET /dags/{dag_id}/runs/{dag_run_id:path}",
]
RERUNS = ["POST /chats/{chat_id}/rerun", "POST /runs/{run_id}/rerun"]
FOLLOW, CANCEL = "POST /chats/{chat_id}/follow-up", "POST /runs/{run_id}/cancel"
NOTICE = "GET /notices/{notice_id}"
OF_NOTICE = [NOTICE, "GET /notices/{notice_id}/mail.html"]
OF_JOB = ["GET /jobs/{job_id}", "GET /jobs/{job_id}/run", "GET /dags/{dag_id}"]
STARTS = ["POST /jobs/{job_id}/run", "POST /jobs/{job_id}/run/count", "POST /jobs/{job_id}/times"]
SETTINGS = "GET /jobs/{job_id}/settings"
EDITS = ["POST /jobs/{job_id}/settings", "POST /jobs/{job_id}/schedule", "POST /notices/{notice_id}/resend"]
RESENDS = "POST /runs/{run_id}/resend"
RESUME = "POST /jobs/{job_id}/resume"
ENDS = ["POST /jobs/{job_id}/owner", "POST /jobs/{job_id}/delete"]
OF_IDS = [*ANSWERS, *OF_NOTICE, *OF_JOB, SETTINGS, *RERUNS, FOLLOW, *STARTS, CANCEL, RESENDS, RESUME, *EDITS, *ENDS]
"""What leads to one job, chat or run, in an order in which nothing takes away what comes after it."""
WALK = [*EVERYBODY, *MEMBERS, *ADMINISTERED, *OF_IDS]
WRITES = [route for route in WALK if route.startswith("POST ")]
QUERIES = {
    "GET /agents/new": "?organisation={organisation_id}",
    "GET /agents/new/model": "?like={agent_id}",
    "GET /agents/{agent_id}/parameter-row": "?n=1",
    "GET /agents/{agent_id}/route-row": "?n=1",
    "GET /agents/{agent_id}/jobs/new": "?chat={chat_id}",
}
_KINDS = ("job", "run", "chat", "result", "agent", "key", "channel", "notice")
ABSENT = {f"{kind}_id": f"{kind}_000000000000" for kind in _KINDS} | {
    "organisation_id": "org_000000000000",
    "open_run_id": "run_000000000000",
    "dag_run_id": "run_000000000000",
}


class House:
    """The site, with what `guarded` left in it."""

    def __init__(self, site: Any) -> None:
        self.site, self.found, self.desk = site, site.found, site.found.desk
        self.left = guarded(site.found)
        self.place = {
            "agent_id": self.found.agents["analyst"].agent_id,
            "organisation_id": self.found.organisation_id,
            "key_id": self.key()[0],
            "number": "1",
            "name": "pages.css",
            "channel_id": self.channel(),
            "notice_id": ABSENT["notice_id"],
        }

    def key(self) -> tuple[str, dict[str, str]]:
        """Return the id and the headers of a fresh key that may do all that a key may."""
        wanted = keys.NewKey("pipeline", frozenset({"agent_jobs_read", "agent_jobs_trigger"}))
        with self.desk.store.writing() as session:
            secret, key_id = keys.create(session, self.found.organisation_id, wanted, now=self.desk.now())
        return key_id, {"X-API-Key": secret, "X-Organization-Id": self.found.organisation_id}

    def channel(self) -> str:
        """Return the id of a channel of the organisation that no job tells."""
        mail = a_channel(organisation="norrland", name="Mail of nobody")
        with self.desk.store.writing() as session:
            return channels.save(session, mail, now=self.desk.now())[0].channel_id

    def form(self, route: str, who: str, ids: Ids) -> dict[str, Any]:
        """Return a form that the route takes from somebody who may send it."""
        known = {**self.place, **ids}
        with self.desk.store.reading() as session:
            job = jobs.by_id(session, known.get("job_id", ""))
            agent = agents.by_id(session, self.place["agent_id"])
            channel = channels.by_id(session, self.place["channel_id"])
            organisation = organisations.by_id(session, self.place["organisation_id"])
        assert agent and organisation
        of_agent = {name: value for name, value in agent_form(agent.definition).items() if value}
        of_channel = _of_channel(channel.definition) if channel else {}
        new_job = {"name": "Totals", "prompt": "Total spend.", "cron": "0 8 * * 1"}
        is_sealed = who in ADMINS and job is not None and job.definition.is_private
        forms: dict[str, dict[str, Any]] = {
            "POST /agents": of_agent | {"key": "another", "organisation": known["organisation_id"]},
            "POST /agents/{agent_id}/settings": of_agent | {"version": agent.version},
            "POST /agents/{agent_id}/versions/{number}/restore": {"version": agent.version},
            "POST /organisations/{organisation_id}/settings": _of_organisation(organisation.definition),
            "POST /organisations/{organisation_id}/settings/preview": _of_organisation(organisation.definition),
            "POST /organisations/{organisation_id}/versions/{number}/restore": {
                "seen": fingerprint(organisation.definition)
            },
            "POST /organisations/{organisation_id}/keys": {"name": "k", "permission": "agent_jobs_read"},
            "POST /organisations/{organisation_id}/notifications/channels": of_channel | {"key": "another"},
            "POST /channels/{channel_id}/settings": of_channel,
            "POST /channels/{channel_id}/test": {"to": "all", "token": "a showing of the page"},
            "POST /channels/{channel_id}/delete": {"confirmation": of_channel.get("name", "")},
            RESENDS: {"state": "unknown", "seen": self.desk.now().isoformat()},
            "POST /notices/{notice_id}/resend": {"state": "failed", "seen": self.desk.now().isoformat()},
            "POST /jobs/{job_id}/settings": {**fields_of(job.definition).sent, "version": job.version} if job else {},
            "POST /jobs/{job_id}/times": {"due_at": DUE_AT.isoformat()},
            "POST /jobs/{job_id}/owner": {"owner": "ada"},
            "POST /jobs/{job_id}/delete": {
                "confirmation": ids.get("job_id", "") if is_sealed or job is None else job.definition.name
            },
        }
        return forms.get(route, new_job)

    def call(self, who: str | None, route: str, ids: Mapping[str, str], **how: Any) -> Any:
        """Call a route with some ids; `who` is one of the people, None for headers of another kind in `how`."""
        method, path = route.split(" ")
        known = {**self.place, **ids}
        if route == CANCEL:
            known["run_id"] = known["open_run_id"]
        pattern = path.replace(":path", "") + ("" if "query" in how else QUERIES.get(route, ""))
        headers = how.pop("headers", {}) | (bearer(who, PEOPLE[who]) if who else {})
        data = how.pop("data") if "data" in how else self.form(route, who or "", ids) if method == "POST" else None
        url = pattern.format_map(known) + how.pop("query", "")
        answer = self.site.client.request(method, url, headers=headers, data=data, follow_redirects=False, **how)
        require_policy(answer, route)
        return answer

    def kept(self) -> list[str]:
        """Return all that stands in the store."""
        with self.desk.store.reading() as session:
            connection: Any = session.connection().connection.driver_connection
            return list(connection.iterdump())


def _of_organisation(definition: Organisation) -> dict[str, Any]:
    form = organisation_form(definition)
    people, roles = zip(*form.members, strict=True)
    return {**form.texts, "weekend": form.weekend, "member": people, "role": roles, "seen": fingerprint(definition)}


def _of_channel(definition: Channel) -> dict[str, Any]:
    return {**vars(channel_form(definition)), "seen": fingerprint(definition)}


def require_policy(answer: Any, route: str) -> None:
    """Every answer forbids scripts that are not ours, and styles too but inside a report."""
    policy = dict(part.strip().partition(" ")[::2] for part in answer.headers["content-security-policy"].split(";"))
    assert policy["default-src"] == "'none'", route
    assert policy.get("script-src", "'none'") in ("'self'", "'none'"), route
    is_report = route.endswith(("report.html", "rollup.html", "mail.html")) and answer.status_code == 200
    assert policy["style-src"] == ("'unsafe-inline'" if is_report else "'self'"), route
    assert (policy["base-uri"], policy["frame-ancestors"]) == ("'none'", "'self'"), route
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "access-control-allow-origin" not in answer.headers
