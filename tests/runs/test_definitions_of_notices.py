"""Who is told, as files define it: channels, routes and checks that cannot be are refused before anything is kept."""

from pathlib import Path

import pytest

from builders.saved import NOW
from interact.errors import FileRefused
from interact.jobs.files import read_documents
from interact.runs.definitions import apply
from interact.store import jobs
from interact.store.sessions import Store
from interact.warehouse.semantic import read_model

DEMO = Path(__file__).resolve().parents[2] / "include" / "demo"
ORGANISATION = "kind: organisation\nkey: north\nname: North\ntimezone: UTC\n---\n"
AGENT = """\
kind: agent
key: analyst
organisation: north
name: Analyst
warehouse: w
semantic_model: semantic_model.yaml
---
"""
CHANNEL = """\
kind: channel
key: mail
organisation: north
name: Mail
type: email
connection: smtp_default
recipients: [team@example.com]
---
"""
JOB = "kind: job\nkey: weekly\norganisation: north\nagent: analyst\nname: Weekly\nowner: ada\nprompt: What happened?\n"
LIMITED = ORGANISATION.replace("---", "notices: {recipient_domains: [example.com, example.org]}\n---")
MARKET = "parameters:\n  market: {values: [NL, BE], default: NL}\n"
SLACK = "kind: channel\nkey: slack\norganisation: north\nname: Ops\ntype: slack\nconnection: s\n---\n"
ROUTE = "{parameter: market, value: NL, channel: %s, recipients: [%s]}"


def put(store: Store, text: str) -> list[str]:
    """Apply a file, and return what became of each definition."""
    documents = read_documents(text, str(DEMO / "jobs.yaml"))
    return [entry.outcome for entry in apply(store, documents, now=NOW, read_model=read_model)]


def job(*routes: str, check: str = "") -> str:
    """A job with these routes, or with a check."""
    when = f"  when: check\n  check: {check!r}\n" if check else ""
    told = "".join(["  routes:\n", *(f"  - {route}\n" for route in routes)]) if routes else ""
    return f"{AGENT}{CHANNEL}{SLACK}{JOB}{MARKET}notices:\n{when}{told}"


def test_a_route_leads_to_addresses_or_rooms_by_its_channels_type(store: Store) -> None:
    text = LIMITED + job(ROUTE % ("mail", "nl@example.org"), ROUTE % ("slack", "'#nl'"))
    assert put(store, text) == ["created"] * 5
    with store.reading() as session:
        [kept] = jobs.all_jobs(session)
    assert [route.recipients for route in kept.definition.notices.routes] == [("nl@example.org",), ("#nl",)]


@pytest.mark.parametrize(
    ("text", "path", "told"),
    [
        (
            LIMITED + job(ROUTE % ("mail", "nl@example.org"), ROUTE % ("slack", "nl@example.org")),
            ("notices", "routes", "1", "recipients"),
            r"`recipients` of the route of 'NL' takes for a channel of type slack rooms, as .*, not 'nl@example\.org'",
        ),
        (
            LIMITED + job(ROUTE % ("mail", "nl@example.com, nl@example.net")),
            ("notices", "routes", "0", "recipients"),
            r"`recipients` of the route of 'NL' names 'nl@example\.net'; mail of organisation 'north' goes to "
            r"addresses of 'example\.com', 'example\.org' alone\. Name one of those, or let an admin add the domain\.",
        ),
        (
            ORGANISATION + job("{parameter: market, value: NL, channel: pager}"),
            ("notices", "routes", "0", "channel"),
            r"names channel 'pager', which does not exist in organisation 'north' \(there are 'mail', 'slack'\)",
        ),
        (
            LIMITED + CHANNEL.replace("team@example.com", "team@elsewhere.com"),
            ("recipients",),
            r"`recipients` names 'team@elsewhere\.com'; mail of organisation 'north' goes to addresses of",
        ),
        (
            ORGANISATION + job(check="SELECT COUNT(*) AS late FROM secrets"),
            ("notices", "check"),
            r"The check is none that says whether to send: .*reads 'secrets'",
        ),
        (
            ORGANISATION + job(check="SELECT market, channel FROM ad_performance"),
            ("notices", "check"),
            r"The check is none that says whether to send: .*exactly one named column",
        ),
    ],
)
def test_what_leads_nowhere_is_refused_where_it_stands(
    store: Store, text: str, path: tuple[str, ...], told: str
) -> None:
    with pytest.raises(FileRefused, match=told) as refused:
        put(store, text)
    assert refused.value.path == path


def test_a_check_is_taken_without_a_warehouse(store: Store) -> None:
    text = ORGANISATION + job(check="SELECT COUNT(*) > 3 AS late FROM ad_performance")
    assert put(store, text) == ["created"] * 5
