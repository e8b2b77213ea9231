"""An organisation's versions: who saved what, how it differs, and an admin's way back."""

import re
from typing import Any

from interact.jobs.definition import Organisation
from interact.runs.organisations import change_organisation, fingerprint
from interact.store import organisations


def path(site: Any, version: int | None = None) -> str:
    """Return where the settings are, or one version of them."""
    below = f"versions/{version}" if version else "settings"
    return f"/organisations/{site.found.organisation_id}/{below}"


def stored(site: Any) -> Organisation:
    with site.found.desk.store.reading() as session:
        found = organisations.by_id(session, site.found.organisation_id)
    assert found is not None
    return found.definition


def saved(site: Any, **changes: Any) -> None:
    """Save the organisation with changes, as ivy does."""
    there = stored(site)
    plain = {**there.model_dump(mode="json"), **changes}
    organisation_id, seen = site.found.organisation_id, fingerprint(there)
    change_organisation(site.found.desk, organisation_id, plain, seen=seen, by="ivy", permit=lambda _: None)


def words(html: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", html).replace("&#39;", "'").split())


def test_each_save_is_listed_with_who_and_what_and_can_be_looked_at(site: Any) -> None:
    saved(site, context="We sell bikes.")
    page = words(site.get(path(site)).text)
    assert "2 now" in page and "by ivy" in page and "context" in page.partition("2 now")[2]
    version = site.get(path(site, 1), "ivy").text
    assert "We sell bikes." in version and "Restore version 1?" in version
    assert "Restore" not in site.get(path(site, 1)).text
    assert "which holds now" in site.get(path(site, 2), "ivy").text
    assert site.get(path(site, 3), "ivy").status_code == 404
    assert site.get(path(site, 1), "eve").status_code == 404


def test_an_admin_restores_an_earlier_version(site: Any) -> None:
    saved(site, context="We sell bikes.", name="Norrland")
    restore = f"{path(site, 1)}/restore"
    assert site.post(restore, "ada", data={"seen": fingerprint(stored(site))}).status_code == 403
    assert site.post(restore, "eve", data={"seen": fingerprint(stored(site))}).status_code == 404
    stale = site.post(restore, "ivy", data={"seen": "x"})
    assert stale.status_code == 409
    answer = site.post(restore, "ivy", data={"seen": fingerprint(stored(site))})
    assert answer.headers["location"] == f"{path(site)}?saved=1"
    assert (stored(site).context, stored(site).name) == ("", "Norrland & Kaye")


def test_older_saves_stand_on_a_page_of_their_own(site: Any) -> None:
    for number in range(21):
        saved(site, context=f"Version {number}.")
    page = site.get(path(site)).text
    older = re.search(r'href="/(organisations/[^"]*before=\d+)#versions">Older versions', page)
    assert older is not None
    assert "created" in site.get(f"/{older[1]}").text
