"""Who may change an organisation at the moment when it is changed, and who can be asked to."""

from __future__ import annotations

from collections.abc import Callable

from interact.api.access import person_in
from interact.api.pages.visitors import Visitor
from interact.errors import AccessRefused
from interact.jobs.definition import Organisation
from interact.jobs.stored import StoredOrganisation


def still_admin(visitor: Visitor) -> Callable[[StoredOrganisation], None]:
    """Return what raises AccessRefused where somebody is no admin of an organisation, as it stands by then."""

    def require(organisation: StoredOrganisation) -> None:
        if not person_in(visitor.user, organisation).is_admin:
            raise AccessRefused(
                f"{visitor.name!r} is no admin of {organisation.definition.name!r} any more, so nothing was saved. "
                "Ask one of its admins."
            )

    return require


def names_of_admins(organisation: Organisation) -> tuple[str, ...]:
    """Return who is named as an admin; nobody where only Airflow's own admins are."""
    return tuple(name for name, role in organisation.members.items() if role == "admin")
