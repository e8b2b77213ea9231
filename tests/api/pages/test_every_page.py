"""Every page in Chromium: nothing that shuts people out, nothing that runs over, no word from the policy of scripts."""

from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe

from builders.places import PLACES, add_talk, path_of
from builders.served import NARROW, WIDE, a_page

SERIOUS = ("serious", "critical")
RULES = {"resultTypes": ["violations"], "iframes": False}


@pytest.fixture(autouse=True)
def talk(site: Any) -> None:
    """Add what is under way."""
    add_talk(site.found)


def opened(browser: Any, site: Any, address: str, name: str, *, dark: bool, viewport: Any) -> tuple[Any, list[str]]:
    """Return a page as its visitor sees it, and what its console said."""
    who, pattern = PLACES[name]
    page, said = a_page(browser, address, who, dark=dark, viewport=viewport), []
    page.on("console", lambda message: said.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: said.append(str(error)))
    answer = page.goto(f"{address}/interact{path_of(site.found, pattern)}")
    assert answer.status == (404 if name == "refused" else 200), name
    page.wait_for_load_state("networkidle")
    return page, [line for line in said if "404 (Not Found)" not in line or name != "refused"]


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("name", PLACES)
def test_a_page_shuts_nobody_out(browser: Any, site: Any, address: str, name: str, dark: bool) -> None:
    page, said = opened(browser, site, address, name, dark=dark, viewport=WIDE)
    found = Axe().run(page, options=RULES).response["violations"]
    told = [(each["id"], [node["html"][:160] for node in each["nodes"]]) for each in found if each["impact"] in SERIOUS]
    page.context.close()
    assert told == []
    assert said == []


@pytest.mark.parametrize("name", PLACES)
def test_a_page_fits_a_phone(browser: Any, site: Any, address: str, name: str) -> None:
    page, _ = opened(browser, site, address, name, dark=False, viewport=NARROW)
    width = page.evaluate("document.documentElement.scrollWidth")
    page.context.close()
    assert width <= NARROW["width"]
