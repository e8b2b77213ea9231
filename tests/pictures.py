"""Take the pictures of README: every page on an installation that has been in use. `make pictures` calls it."""

import json
import os
import sys
import tempfile
from pathlib import Path
from typing import Any

REPOSITORY = Path(__file__).resolve().parents[1]
PICTURES = REPOSITORY / "docs" / "pictures"
SEEN = {"width": 1200, "height": 780}
SHOWN = {
    "agents": False,
    "agent": False,
    "jobs": False,
    "save-as-job": False,
    "job": False,
    "job-settings": True,
    "run-now": False,
    "run": False,
    "chat": True,
    "agent-settings": False,
    "organisation": False,
    "keys": True,
    "notifications": False,
    "channel": True,
}
"""Pages by their name in `builders.places`, and whether in Airflow's dark theme."""


def main() -> int:
    """Write one PNG a page."""
    os.environ.setdefault("AIRFLOW_HOME", tempfile.mkdtemp(prefix="interact-airflow-"))
    from playwright.sync_api import sync_playwright

    from builders.airflow_tables import airflow_tables
    from builders.lived_in import lived_in
    from builders.places import PLACES, path_of
    from builders.posted import posted
    from builders.served import a_page, served
    from builders.signed_in import auth_manager
    from builders.story import a_desk
    from conftest import started_chromium

    home = Path(tempfile.mkdtemp(prefix="interact-pictures-"))
    warehouse = {"conn_type": "duckdb", "extra": {"path": str(home / "warehouse.duckdb")}}
    os.environ["AIRFLOW_CONN_W"] = json.dumps(warehouse)  # As the agents there name it.
    with airflow_tables(home), auth_manager():
        desk = a_desk(home)
        found = posted(lived_in(desk, home / "warehouse.duckdb", hostile=False))
        with served(desk) as url, sync_playwright() as playwright, started_chromium("chromium") as port:
            browser = playwright.chromium.connect_over_cdp(f"http://127.0.0.1:{port}")
            for name, dark in SHOWN.items():
                who, pattern = PLACES[name]
                page = a_page(browser, url, who, dark=dark, viewport=SEEN)
                page.goto(f"{url}/interact{path_of(found, pattern)}")
                page.wait_for_load_state("networkidle")
                page.wait_for_timeout(700)  # What is understood of a prompt comes after a pause.
                page.screenshot(path=PICTURES / f"{name}.png")
                page.context.close()
            _mail(browser, desk, found.runs["weekly"])
            browser.close()
    return 0


def _mail(browser: Any, desk: Any, run_id: str) -> None:
    """Write the picture of the mail that tells of a run."""
    from interact.api.previews import letter_of
    from interact.runs.saying.say import say

    page = browser.new_page(viewport={"width": 700, "height": 780})
    page.set_content(letter_of(desk, say(desk, run_id), recipient="you@example.com", channel="Marketing").page())
    page.screenshot(path=PICTURES / "mail.png")


if __name__ == "__main__":
    sys.path.insert(0, str(REPOSITORY / "tests"))
    sys.exit(main())
