"""The people of Harbour Ltd.: 500 invented employees, their 20 groups, and their changes; the same in every run."""

from __future__ import annotations

import csv
import json
from pathlib import Path

GIVEN = [
    "Mirela", "Otto", "Ines", "Goran", "Lena", "Pavel", "Zoe", "Teo", "Noor", "Ivo", "Mara", "Sol", "Dana",
    "Kai", "Bo", "Aoife", "Tuva", "Ravi", "Yuki", "Amara", "Lech", "Søren", "Ximena", "Élodie", "Núria",
]  # fmt: skip
FAMILY = [
    "Tandoor", "Brandvold", "Quill", "Vale", "Moss", "Orr", "Bram", "Ash", "Fell", "Lark",
    "Ibarra", "Okoro", "Rook", "Reed", "O'Shea", "Lindqvist", "Iyer", "Mori", "Diallo", "Wójcik",
]  # fmt: skip
DEPARTMENTS = ["Pilotage", "Cranes", "Customs", "Nautical Chart Office", "Lighthouse"]
TITLES = ["Harbour pilot", "Crane operator", "Clerk", "Cartographer", "Keeper"]
COLUMNS = [
    "firstname", "lastname", "email", "active", "department", "manager_firstname", "manager_lastname",
    "parameters.title", "parameters.external_manager_id",
]  # fmt: skip

Person = dict[str, str]


def _ascii(name: str) -> str:
    return name.lower().translate(str.maketrans("øéúó", "oeuo", "'"))


def everybody() -> list[Person]:
    """The employees: each has a department, a title (except one in ten) and a manager (except the first ten)."""
    people = []
    for number in range(len(GIVEN) * len(FAMILY)):
        given, family = GIVEN[number % len(GIVEN)], FAMILY[number // len(GIVEN)]
        manager = people[number % 10] if number >= 10 else None
        people.append(
            {
                "firstname": given,
                "lastname": family,
                "email": f"{_ascii(given)}.{_ascii(family)}@harbour.example",
                "active": "true",
                "department": DEPARTMENTS[number % len(DEPARTMENTS)],
                "manager_firstname": manager["firstname"] if manager else "",
                "manager_lastname": manager["lastname"] if manager else "",
                "parameters.title": "" if number % 10 == 9 else TITLES[number % len(TITLES)],
                "parameters.external_manager_id": str(7000 + number % 10) if manager else "",
            }
        )
    return people


def groups(people: list[Person]) -> list[dict[str, object]]:
    """The groups: one of everybody, one for each department, and shifts of about 35 people."""
    named: dict[str, list[str]] = {"Everybody": [person["email"] for person in people]}
    for person in people:
        named.setdefault(person["department"], []).append(person["email"])
    shifts = 20 - len(named)
    for number, person in enumerate(people):
        named.setdefault(f"Shift {number % shifts + 1}", []).append(person["email"])
    return [{"displayName": name, "members": members} for name, members in named.items()]


def write(folder: Path, people: list[Person], leaving: list[Person] | None = None) -> None:
    """Writes `people.csv`, `groups.json` and `leaving.csv`, which `scim-engine onelogin push` reads."""
    for name, rows in (("people.csv", people), ("leaving.csv", leaving or [])):
        with (folder / name).open("w", newline="", encoding="utf-8") as file:
            writer = csv.DictWriter(file, COLUMNS)
            writer.writeheader()
            writer.writerows(rows)
    (folder / "groups.json").write_text(json.dumps(groups(people), ensure_ascii=False, indent=1), encoding="utf-8")
