"""The list of jobs over HTTP: as many looks at the store for a long one as for a short one."""

from typing import Any

from builders.counting import counted
from builders.story import a_job


def listed(rest: Any, headers: dict[str, str], **query: Any) -> Any:
    answer = rest.client.get("/jobs", params=query, headers=headers)
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_a_list_of_many_jobs_takes_as_many_queries_as_one_of_few(rest: Any) -> None:
    headers = rest.key("agent_jobs_read")
    for number in range(40):
        a_job(rest.desk, key=f"job-{number:02}", schedule="0 8 * * 1")
    listed(rest, headers)
    asked = {}
    for limit in (3, 40):
        with counted(rest.desk.store) as statements:
            assert len(listed(rest, headers, limit=limit)["jobs"]) == limit
        asked[limit] = len(statements)
    assert asked[3] == asked[40]


def test_pages_of_the_list_follow_the_keys(rest: Any) -> None:
    headers = rest.key("agent_jobs_read")
    for key in ("b-2", "b", "a", "b-10", "c"):
        a_job(rest.desk, key=key)
    first = listed(rest, headers, limit=4)
    second = listed(rest, headers, limit=4, cursor=first["next"])
    assert [job["key"] for job in first["jobs"]] == ["a", "b", "b-10", "b-2"]
    assert ([job["key"] for job in second["jobs"]], second["next"]) == (["c", "weekly"], None)
