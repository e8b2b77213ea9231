"""A help desk: tickets, their surveys, and how many were open at the end of each day.

Planted: a team that answers slower from June on, a language that nobody rated, a priority that is a common word, and a
day without a snapshot.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from random import Random

FIRST, LAST = date(2025, 6, 1), date(2026, 6, 17)
MISSING = date(2026, 6, 14)
TEAMS = {"Billing": 9, "Technical": 14, "Onboarding": 4}
LANGUAGES = {"English": 0.6, "Dutch": 0.3, "Finnish": 0.1}
PRIORITIES = {"low": 0.5, "normal": 0.35, "high": 0.15}
DDL = {
    "tickets": """CREATE TABLE tickets (ticket_id INTEGER, opened_on DATE, team VARCHAR, language VARCHAR,
        priority VARCHAR, requester VARCHAR, first_reply_minutes INTEGER, is_late BOOLEAN, is_reopened BOOLEAN)""",
    "surveys": "CREATE TABLE surveys (survey_id INTEGER, ticket_id INTEGER, answered_on DATE, score INTEGER)",
    "backlog": "CREATE TABLE backlog (day DATE, team VARCHAR, open_tickets INTEGER)",
    "teams": "CREATE TABLE teams (team VARCHAR, site VARCHAR)",
}
Rows = dict[str, list[tuple[object, ...]]]


def tables() -> dict[str, tuple[str, Iterator[tuple[object, ...]]]]:
    """Return each table's DDL and rows; the same ones each time."""
    chance = Random(3)
    rows: Rows = {name: [] for name in DDL}
    rows["teams"] = [("Billing", "Utrecht"), ("Technical", "Utrecht"), ("Onboarding", "Ghent")]
    still_open = dict.fromkeys(TEAMS, 40)
    day = FIRST
    while day <= LAST:
        for team, usual in TEAMS.items():
            opened = int(usual * (0.4 if day.weekday() >= 5 else 1.1) * chance.uniform(0.6, 1.4) + chance.random())
            for _ in range(opened):
                _open(rows, team, day, chance)
            still_open[team] = max(5, still_open[team] + opened - int(usual * 0.9 * chance.uniform(0.7, 1.35)))
            if day != MISSING:
                rows["backlog"].append((day, team, still_open[team]))
        day += timedelta(days=1)
    return {name: (DDL[name], iter(rows[name])) for name in DDL}


def _open(rows: Rows, team: str, day: date, chance: Random) -> None:
    number = len(rows["tickets"]) + 1
    language = chance.choices(list(LANGUAGES), list(LANGUAGES.values()))[0]
    priority = chance.choices(list(PRIORITIES), list(PRIORITIES.values()))[0]
    slower = 2.2 if team == "Technical" and day >= date(2026, 6, 1) else 1.0
    minutes = int({"low": 240, "normal": 120, "high": 30}[priority] * slower * chance.uniform(0.3, 1.7))
    is_late = minutes > {"low": 360, "normal": 180, "high": 45}[priority]
    requester = f"person{number}@example.com"
    rows["tickets"].append((number, day, team, language, priority, requester, minutes, is_late, chance.random() < 0.07))
    answered = day + timedelta(days=chance.randint(1, 9))
    if language != "Finnish" and answered <= LAST and chance.random() < 0.35:
        score = chance.choices((1, 2, 3, 4, 5), (2, 1, 2, 5, 6) if not is_late else (4, 3, 3, 3, 2))[0]
        rows["surveys"].append((len(rows["surveys"]) + 1, number, answered, score))
