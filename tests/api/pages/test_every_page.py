"""Every page in Chromium: nothing that shuts people out, nothing that runs over, no word from the policy of scripts."""

from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe

from builders.places import PLACES, add_talk, path_of
from builders.posted import posted
from builders.served import NARROW, WIDE, a_page

SERIOUS = ("serious", "critical")
RULES = {"resultTypes": ["violations"], "iframes": False}


@pytest.fixture(autouse=True)
def talk(site: Any) -> None:
    """Add what is under way, and what was told."""
    posted(site.found)
    add_talk(site.found)


@pytest.mark.parametrize("name", PLACES)
def test_a_page_shuts_nobody_out_and_fits_a_phone(browser: Any, site: Any, address: str, name: str) -> None:
    who, pattern = PLACES[name]
    page, said = a_page(browser, address, who, viewport=WIDE), []
    page.on("console", lambda message: said.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: said.append(str(error)))
    answer = page.goto(f"{address}/interact{path_of(site.found, pattern)}")
    page.wait_for_load_state("networkidle")
    told = {}
    for theme in ("light", "dark"):
        page.emulate_media(color_scheme=theme)
        page.locator(f"html[data-theme={theme}]").wait_for()
        told[theme] = serious(page)
    page.set_viewport_size(NARROW)
    width = page.evaluate("document.documentElement.scrollWidth")
    page.context.close()
    assert answer.status == (404 if name == "refused" else 200)
    assert told == {"light": [], "dark": []}
    assert [line for line in said if name != "refused" or "404 (Not Found)" not in line] == []
    assert width <= NARROW["width"]


def serious(page: Any) -> list[tuple[str, list[str]]]:
    """Return the rules that a page breaks so that somebody cannot use it, with where."""
    found = Axe().run(page, options=RULES).response["violations"]
    return [(each["id"], [node["html"][:160] for node in each["nodes"]]) for each in found if each["impact"] in SERIOUS]
