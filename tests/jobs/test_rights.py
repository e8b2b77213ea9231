"""Who may do what with a job, as a table of who × what."""

import pytest

from interact.jobs.definition import Organisation
from interact.jobs.rights import Action, Caller, KeyHolder, Owned, Person, role_in

NORTH, SOUTH = "org_north0000000", "org_south0000000"
SHARED = Owned("job_shared000000", NORTH, "ada", is_private=False)
PRIVATE = Owned("job_private00000", NORTH, "ada", is_private=True)
BOTH = frozenset({"agent_jobs_read", "agent_jobs_trigger"})
READ, RUN, EDIT, HAND_OVER, DELETE = Action

WHO: dict[str, Caller] = {
    "stranger": Person("eve", NORTH, None),
    "member": Person("bob", NORTH, "member"),
    "owner": Person("ada", NORTH, "member"),
    "admin": Person("ivy", NORTH, "admin"),
    "admin elsewhere": Person("ivy", SOUTH, "admin"),
    "owner who left": Person("ada", NORTH, None),
    "key": KeyHolder("k", NORTH, BOTH),
    "key to read": KeyHolder("k", NORTH, frozenset({"agent_jobs_read"})),
    "key to start": KeyHolder("k", NORTH, frozenset({"agent_jobs_trigger"})),
    "key elsewhere": KeyHolder("k", SOUTH, BOTH),
    "key of another job": KeyHolder("k", NORTH, BOTH, job_ids=frozenset({"job_other0000000"})),
    "key of these jobs": KeyHolder(
        "k",
        NORTH,
        BOTH,
        job_ids=frozenset({SHARED.job_id, PRIVATE.job_id}),
        private_job_ids=frozenset({PRIVATE.job_id}),
    ),
    "key of a job made private later": KeyHolder("k", NORTH, BOTH, job_ids=frozenset({PRIVATE.job_id})),
}
WHAT: dict[str, tuple[set[Action], set[Action]]] = {
    # who: what with a shared job of ada's, what with a private one of ada's
    "stranger": (set(), set()),
    "member": ({READ, RUN}, set()),
    "owner": (set(Action), set(Action)),
    "admin": (set(Action), {HAND_OVER, DELETE}),
    "admin elsewhere": (set(), set()),
    "owner who left": (set(), set()),
    "key": ({READ, RUN}, set()),
    "key to read": ({READ}, set()),
    "key to start": ({RUN}, set()),
    "key elsewhere": (set(), set()),
    "key of another job": (set(), set()),
    "key of these jobs": ({READ, RUN}, {READ, RUN}),
    "key of a job made private later": (set(), set()),
}


@pytest.mark.parametrize("who", WHO)
@pytest.mark.parametrize("action", Action)
def test_the_table_of_rights(who: str, action: Action) -> None:
    shared, private = WHAT[who]
    assert WHO[who].may(action, SHARED) == (action in shared)
    assert WHO[who].may(action, PRIVATE) == (action in private)


def test_only_admins_manage_an_organisation() -> None:
    assert [who for who, caller in WHO.items() if caller.is_admin] == ["admin", "admin elsewhere"]


@pytest.mark.parametrize(
    ("members", "name", "is_airflow_admin", "role"),
    [
        ({}, "bob", False, "member"),
        ({}, "bob", True, "admin"),
        ({"ada": "admin"}, "bob", False, None),
        ({"ada": "admin"}, "bob", True, "admin"),
        ({"ada": "admin", "bob": "member"}, "bob", False, "member"),
        ({"ada": "admin"}, "ada", False, "admin"),
        ({"ada": "admin"}, "Ada", False, None),
    ],
)
def test_a_role_is_the_one_that_is_named(
    members: dict[str, str], name: str, is_airflow_admin: bool, role: str | None
) -> None:
    organisation = Organisation.model_validate({"key": "n", "name": "N", "timezone": "UTC", "members": members})
    assert role_in(organisation, name, is_airflow_admin=is_airflow_admin) == role


def test_what_somebody_starts_bears_their_name() -> None:
    assert (WHO["member"].initiator, WHO["key"].initiator) == ("user:bob", "key:k")
