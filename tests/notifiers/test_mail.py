"""An email from anybody's DAG."""

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from airflow.sdk import DAG
from airflow.sdk.exceptions import AirflowException

from builders.mail_servers import MailServer, a_mail_connection, mail_server
from interact.notifiers.mail import MailNotifier


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[MailServer]:
    """A server that the connection `mail` leads to."""
    monkeypatch.setenv("INTERACT_BASE_URL", "https://airflow.example.com/")
    with mail_server() as running:
        a_mail_connection(monkeypatch, running.port)
        yield running


def a_notifier(**changes: Any) -> MailNotifier:
    """A message to two readers."""
    plain = {
        "connection": "mail",
        "recipients": ["ann@example.com", "bo@example.com"],
        "subject": "The load of {{ day }} is late",
        "text": "Nothing has arrived since {{ day }}.\nThe briefing waits.",
    }
    return MailNotifier(**(plain | changes))


def test_a_dag_tells_each_reader_by_a_mail_of_their_own(server: MailServer, tmp_path: Path) -> None:
    log = tmp_path / "load.txt"
    log.write_text("42 rows")
    links = {"The run": "/dags/load", "The source": "https://example.com/{{ day }}"}
    a_notifier(links=links, files=[str(log)])({"dag": DAG("warehouse_load"), "day": "Monday"})
    assert [(recipient, message["To"]) for recipient, message in server.taken] == [
        ("ann@example.com", "ann@example.com"),
        ("bo@example.com", "bo@example.com"),
    ]
    message = server.taken[0][1]
    assert (message["Subject"], message["From"]) == ("The load of Monday is late", "Airflow <reports@example.com>")
    text = message.get_body(("plain",)).get_content()  # type: ignore[union-attr]
    assert text.replace("\r\n", "\n") == (
        "Nothing has arrived since Monday.\n"
        "The briefing waits.\n"
        "\n"
        "Airflow · warehouse_load\n"
        "\n"
        "The run: https://airflow.example.com/dags/load\n"
        "The source: https://example.com/Monday\n"
        "\n"
        "-- \n"
        "This was sent by Airflow for warehouse_load.\n"
    )
    [file] = message.iter_attachments()
    assert (file.get_filename(), file.get_content()) == ("load.txt", "42 rows")


def test_who_got_nothing_is_named(server: MailServer) -> None:
    server.refused = {"bo@example.com": "550 no such user"}
    told = (
        "1 of 2 messages are not delivered. 'bo@example.com' refused: The server answered '550 no such user'. "
        "A further try does not help."
    )
    with pytest.raises(AirflowException, match=told):
        a_notifier().notify({})
    assert [recipient for recipient, _ in server.taken] == ["ann@example.com"]


def test_a_connection_that_does_not_exist_is_named() -> None:
    with pytest.raises(AirflowException, match=r"2 of 2 messages are not delivered\. .*Connection 'nowhere'"):
        a_notifier(connection="nowhere").notify({})


def test_one_reader_may_be_written_without_a_list(server: MailServer) -> None:
    a_notifier(recipients="ann@example.com").notify({})
    assert [recipient for recipient, _ in server.taken] == ["ann@example.com"]


def test_it_is_sent_from_an_event_loop_too(server: MailServer) -> None:
    asyncio.run(a_notifier().async_notify({}))
    assert len(server.taken) == 2
