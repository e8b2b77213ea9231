"""What a mail looks like: in a wide and a narrow window, light and dark, whatever it has to say."""

import re
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe

from builders.letters import CHART, NOTICES, a_letter, a_writing, an_enclosed, remarks, sha256
from builders.noticed import a_notice
from interact.notices.notice import Notice
from interact.notifiers.mail_message import compose

SERIOUS = ("serious", "critical")


@pytest.mark.parametrize("name", NOTICES)
def test_a_mail_fits_every_window_and_shuts_nobody_out(browser: Any, name: str) -> None:
    letter = a_letter(a_notice(**NOTICES[name]))
    page, asked = browser.new_context(viewport={"width": 640, "height": 740}).new_page(), []
    page.on("request", lambda request: asked.append(request.url))
    page.set_content(letter.page())
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        for width in (640, 360):
            page.set_viewport_size({"width": width, "height": 740})
            assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
        assert serious(page) == []
    page.context.close()
    assert [url for url in asked if not url.startswith(("data:", "about:"))] == []


def serious(page: Any) -> list[str]:
    """Return the rules that a page breaks so that somebody cannot use it."""
    found = Axe().run(page, options={"resultTypes": ["violations"]}).response["violations"]
    return [f"{each['id']}: {each['nodes'][0]['html']:.200}" for each in found if each["impact"] in SERIOUS]


def test_a_dark_screen_gets_a_dark_mail(browser: Any) -> None:
    grounds = {}
    for scheme in ("light", "dark"):
        page = browser.new_context(color_scheme=scheme).new_page()
        page.set_content(a_letter().html)
        grounds[scheme] = page.evaluate("getComputedStyle(document.querySelector('.card')).backgroundColor")
        page.context.close()
    assert grounds == {"light": "rgb(255, 255, 255)", "dark": "rgb(20, 24, 29)"}


@pytest.mark.parametrize("styled", [True, False])
def test_key_figures_stand_side_by_side_and_below_one_another_on_a_phone(browser: Any, *, styled: bool) -> None:
    html, rows = a_letter().html, {}
    for width in (640, 360):
        page = browser.new_context(viewport={"width": width, "height": 740}).new_page()
        # Some clients throw the style sheet away.
        page.set_content(html if styled else re.sub(r"<style>.*</style>", "", html, flags=re.DOTALL))
        rows[width] = len({tile.bounding_box()["y"] for tile in page.locator(".tile").all()})
        page.context.close()
    assert rows == {640: 1, 360: 2}


@pytest.mark.parametrize("name", NOTICES)
def test_a_mail_takes_nothing_from_outside(name: str) -> None:
    html = a_letter(a_notice(**NOTICES[name])).html
    loaded = re.findall(
        r"""(?:src|srcset|background)\s*=\s*["']([^"']*)|url\(([^)]*)|@import|<(?:script|link|iframe)""", html
    )
    assert [address for pair in loaded for address in pair if address] == (
        [f"cid:{sha256(CHART)[:20]}@example.com"] if "chart" in NOTICES[name] else []
    )
    assert len(loaded) == ("chart" in NOTICES[name])


def test_the_lead_is_what_a_list_of_mails_shows_first() -> None:
    body = a_letter().html.partition("<body")[2]
    said = re.sub(r"<[^>]*>", "", body.partition(">")[2]).strip()
    assert said.startswith("Three of 24 campaigns came in below a ROAS of 2; spend rose by 4%.")


def test_all_that_a_notice_says_stands_in_both_faces() -> None:
    letter = a_letter(a_notice(**NOTICES["corrected"], then="Nothing is to be done."))
    for face in (letter.html, letter.text):
        for said in (
            "Norrland",
            "Weekly Campaign Performance Report",
            "Market NL · 16 to 22 November 2026",
            "Completed",
            "Three of 24 campaigns",
            "€12,480",
            "−6.2% on the 7 days before",
            "Brand NL fell below 2",
            "1.84, after 2.10 the week before.",
            "CPA €18.20",
            "Nothing is to be done.",
            "The load of 22 November counted conversions of NL twice.",
            "This message replaces the one that you had before.",
            "https://airflow.example.com/interact/chats/chat_aaaaaaaaaaaa",
            "https://airflow.example.com/interact/runs/run_aaaaaaaaaaaa",
            "“Marketing team”",
            "Settings → Notifications",
        ):
            assert said in face, said


def test_the_plain_text_reads_as_it_stands() -> None:
    assert a_letter(a_notice(**NOTICES["partial"], figures=[], highlights=[], changes=[])).text == (
        "22 reports are made; NL and BE are missing.\n"
        "\n"
        "Norrland & Kaye · Weekly Campaign Performance Report\n"
        "Partly completed · Market NL · 16 to 22 November 2026\n"
        "\n"
        "WHAT FAILED\n"
        "- Market NL: The agent ran into its limit of 120 seconds.\n"
        "- Market BE: The warehouse refused the query: column 'roas' does not exist.\n"
        "\n"
        "WHAT HAPPENS NEXT\n"
        "The two can be run again on the page of the run.\n"
        "\n"
        "Open the report: https://airflow.example.com/interact/chats/chat_aaaaaaaaaaaa\n"
        "Open the run: https://airflow.example.com/interact/runs/run_aaaaaaaaaaaa\n"
        "\n"
        "-- \n"
        "You get this because “Weekly Campaign Performance Report” sends its notices to the channel “Marketing team”.\n"
        "To stop it, ask the admins of Norrland & Kaye: they find it under Settings → Notifications, "
        "https://airflow.example.com/interact/settings\n"
    )


@pytest.mark.parametrize("part", ["highlights", "changes", "failures"])
def test_a_long_list_says_how_many_more_there_are(part: str) -> None:
    letter = a_letter(a_notice(**{part: remarks(20, "Remark {n}.")}))
    for face in (letter.html, letter.text):
        assert "Remark 7." in face
        assert "Remark 8." not in face
        assert "… and 12 more" in face


def test_the_longest_mail_is_not_clipped_by_who_clips_at_102_kilobytes() -> None:
    long = remarks(100, "T" * 300, "x" * 2_000)
    notice = a_notice(
        subject="S" * 900,
        lead="L" * 9_000,
        then="N" * 9_000,
        highlights=long,
        changes=long,
        failures=long,
        figures=[{"label": "F" * 99, "value": "1" * 99, "change": "c" * 99}] * 50,
        links=[{"label": "Open", "path": f"/interact/{'x' * 900}"}] * 50,
    )
    assert len(a_letter(notice).html.encode()) < 102_000


@pytest.mark.parametrize("field", ["subject", "lead", "organisation", "job", "about", "then", "corrects"])
def test_what_people_and_models_wrote_is_text_only(field: str) -> None:
    letter = a_letter(a_notice(**{field: "<img src=x onerror=alert(1)> & {{ 7 * 7 }} \u202eevil\x00"}))
    assert "<img" not in letter.html
    assert "&lt;img src=x onerror=alert(1)&gt; &amp; {{ 7 * 7 }}" in letter.html
    assert not re.search("[\u202e\x00]", letter.html + letter.text)


def test_only_the_web_is_linked_to() -> None:
    links = [{"label": "Bad", "path": "javascript:alert(1)"}, {"label": "Good", "path": "https://example.com/"}]
    letter = compose(an_enclosed(a_notice(links=links), base_url=""), a_writing(channel=""))
    assert "javascript" not in letter.html + letter.text
    assert 'href="https://example.com/"' in letter.html
    assert "This was sent by Airflow for Weekly Campaign Performance Report." in letter.text
    assert "Settings" not in letter.html + letter.text


def test_a_button_can_be_read_whatever_the_brand_chose() -> None:
    for primary, words in (("#0b6b57", "#ffffff"), ("#ffe94d", "#12161c"), ("#888888", "#12161c"), ("", "#ffffff")):
        notice: Notice = a_notice(look={"primary": primary})
        assert f"text-decoration:none;color:{words};" in a_letter(notice).html
