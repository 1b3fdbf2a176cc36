"""A OneLogin day, played through the Python module on an embedded store.

    python examples/onelogin_day/demo.py

People are rendered through OneLogin's template, their requests go to an endpoint as the bytes that would come
over HTTP, and every effect is checked. It ends with a table and exit code 0; any surprise ends it with a
message and exit code 1.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from typing import Any

from day import Day, Surprise, changed_paths, check, repair_kinds, same
from onelogin import look_up, render, with_values
from screen import Screen

HERE = Path(__file__).resolve().parent
PATCH = "urn:ietf:params:scim:api:messages:2.0:PatchOp"
GROUP = "urn:ietf:params:scim:schemas:core:2.0:Group"
OLD_CORE = "urn:scim:schemas:core:1.0"
MANAGER = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager"
CROWD = 5_000


def read(name: str) -> str:
    return (HERE / name).read_text(encoding="utf-8")


TEMPLATE = read("template.json")
PEOPLE = json.loads(read("people.json"))


def body_of(person: dict[str, Any]) -> bytes:
    return render(read(person.get("template", "template.json")), person)


def name_of(person: dict[str, Any]) -> str:
    return person["parameters"]["scimusername"]


def crowd_member(at: int) -> dict[str, Any]:
    name = f"docker.{at:04}"
    return {
        "user": {
            "firstname": "Docker",
            "lastname": f"Number {at}",
            "display_name": f"Docker Number {at}",
            "email": f"{name}@harbour.example",
            "active": "true",
        },
        "parameters": {"scimusername": name, "department": "Quay"},
    }


def patch_of(*operations: dict[str, Any]) -> dict[str, Any]:
    return {"schemas": [PATCH], "Operations": list(operations)}


def connection_test(day: Day) -> None:
    with day.step("connection test"):
        answer = day.send("GET", look_up("no-such-user-7f3a"))
        same("the list", [answer.status, answer.body["totalResults"], answer.body["Resources"]], [200, 0, []])


def first_look_up(day: Day) -> None:
    with day.step("look-up of everyone, nobody is there"):
        for person in PEOPLE:
            answer = day.send("GET", look_up(name_of(person)))
            same("the number found", answer.body["totalResults"], 0)


def creation(day: Day) -> list[str]:
    """Everyone is created; returns the ids."""
    ids = []
    with day.step("creation of everyone (POST)"):
        for person in PEOPLE:
            day.screen.line(f"  {person['who']}", "faint")
            answer = day.send("POST", "/Users", body_of(person))
            user = day.store.user(answer.body["id"])
            meta = user.pop("meta")
            ids.append(user.pop("id"))
            same("what was stored", user, person["stored"])
            same("what was repaired", repair_kinds(answer), sorted(person["repairs"]))
            same("the resource type", meta["resourceType"], "User")
    return ids


def refused_creation(day: Day) -> None:
    with day.step("creations that cannot be"):
        day.screen.line("  no user name", "faint")
        nameless = with_values(PEOPLE[0], parameters={"scimusername": ""})
        answer = day.send("POST", "/Users", body_of(nameless), refused="invalidValue")
        same("the attribute at fault", answer.error.path, "userName")
        day.screen.line("  a number where the template should have asked for true or false", "faint")
        status = with_values(PEOPLE[0], user={"active": "1"}, parameters={"scimusername": "someone.else"})
        answer = day.send("POST", "/Users", body_of(status), refused="invalidValue")
        same("the attribute at fault", answer.error.path, "active")
        day.screen.line("  a user name that is taken, in other case", "faint")
        shouted = with_values(PEOPLE[0], parameters={"scimusername": name_of(PEOPLE[0]).upper()})
        day.send("POST", "/Users", body_of(shouted), refused="uniqueness")


def second_look_up(day: Day, ids: list[str]) -> None:
    with day.step("second look-up, in upper case"):
        for person, user_id in zip(PEOPLE, ids):
            answer = day.send("GET", look_up(name_of(person).upper()))
            same("who was found", [user["id"] for user in answer.body["Resources"]], [user_id])
            check(answer.note == "by the index of user names, 1 looked at", f"the look-up went {answer.note}")


def own_attribute(day: Day, user_id: str) -> None:
    with day.step("a nickname is set on the platform (PATCH)"):
        answer = day.send(
            "PATCH",
            f"/Users/{user_id}",
            patch_of({"op": "add", "path": "nickName", "value": "Mir"}),
        )
        same("what changed", changed_paths(answer), ["nickName"])
        same("the repairs", repair_kinds(answer), [])


def update(day: Day, user_id: str) -> dict[str, Any]:
    """A new title; returns the person with it."""
    person = with_values(PEOPLE[0], parameters={"title": "Head pilot"})
    with day.step("a change of title (PUT)"):
        before = day.store.user(user_id)
        answer = day.send("PUT", f"/Users/{user_id}?", body_of(person))
        after = day.store.user(user_id)
        same("what changed", changed_paths(answer), ["title"])
        same("the rows written", answer.rows_written, 1)
        check(after["meta"] != before["meta"], "`meta.lastModified` stands still")
        same("the user", {**after, "meta": before["meta"]}, {**before, "title": "Head pilot"})
        check(after["nickName"] == "Mir", "what the template does not mention was lost")
    return person


def same_again(day: Day, user_id: str, person: dict[str, Any]) -> None:
    with day.step("the same again (PUT)"):
        before = day.store.user_text(user_id)
        answer = day.send("PUT", f"/Users/{user_id}?", body_of(person))
        same("changed", answer.outcome.changed, False)
        same("what changed", changed_paths(answer), [])
        same("the rows written", answer.rows_written, 0)
        same("the stored text", day.store.user_text(user_id), before)


def suspension(day: Day, user_id: str, person: dict[str, Any]) -> None:
    with day.step('suspension ("active": "false", PUT)'):
        suspended = with_values(person, user={"active": "false"})
        answer = day.send("PUT", f"/Users/{user_id}", body_of(suspended))
        same("what changed", changed_paths(answer), ["active"])
        same("active", day.store.user(user_id)["active"], False)
        answer = day.send("GET", "/Users?filter=active+eq+false")
        same("who is suspended", [user["id"] for user in answer.body["Resources"]], [user_id])
        check(answer.note.startswith("no index fits"), "a filter without an equality was answered from an index")


def without_manager(day: Day, user_id: str) -> None:
    with day.step("the manager leaves (PUT)"):
        person = with_values(
            PEOPLE[2],
            user={"manager_firstname": "", "manager_lastname": ""},
            parameters={"external_manager_id": ""},
        )
        answer = day.send("PUT", f"/Users/{user_id}", body_of(person))
        same("what changed", changed_paths(answer), [f"{MANAGER}.value"])
        extension = day.store.user(user_id)[MANAGER.rpartition(":")[0]]
        same("the extension", extension, {"department": "Pilotage"})


def groups(day: Day) -> tuple[str, str]:
    """Two groups are made; returns their ids."""
    with day.step("groups are made and read"):
        new = {"schemas": [GROUP], "displayName": "Harbour crew", "members": []}
        crew = day.send("POST", "/Groups", new)
        same("the repairs", repair_kinds(crew), [])
        old = {"schemas": [OLD_CORE], "displayName": "Dockers", "members": []}
        dockers = day.send("POST", "/Groups", old)
        same("the repairs", repair_kinds(dockers), [["schemas", "legacy_schemas"]])
        same("the schemas", dockers.body["schemas"], [GROUP])
        day.send("POST", "/Groups", {**new, "displayName": "HARBOUR CREW"}, refused="uniqueness")
        answer = day.send("GET", "/Groups")
        same(
            "the groups",
            [group["displayName"] for group in answer.body["Resources"]],
            ["Harbour crew", "Dockers"],
        )
    return crew.body["id"], dockers.body["id"]


def membership(day: Day, group_id: str, ids: list[str]) -> None:
    target = f"/Groups/{group_id}"

    def send(body: dict[str, Any], repairs: list[list[str]], changed: bool, members: list[str]) -> None:
        answer = day.send("PATCH", target, body)
        same("changed", answer.outcome.changed, changed)
        same("what changed", changed_paths(answer), ["members"] if changed else [])
        same("the repairs", repair_kinds(answer), repairs)
        same("the members", day.store.members(group_id), members)
        if not changed:
            same("the rows written", answer.rows_written, 0)

    with day.step("membership, as SCIM 1.1 has it"):
        repairs = [["members", "member_operations"]]
        body = {"schemas": [OLD_CORE], "members": [{"value": ids[0]}, {"value": ids[1], "operation": "add"}]}
        send(body, repairs, True, ids[:2])
        body = {
            "schemas": [OLD_CORE],
            "members": [{"value": ids[2]}, {"value": ids[0], "operation": "delete"}],
        }
        send(body, repairs, True, ids[1:3])
    with day.step("membership, as SCIM 2.0 has it"):
        add = {"op": "add", "path": "members", "value": [{"value": ids[3]}, {"value": ids[4]}]}
        send(patch_of(add), [], True, ids[1:5])
        day.screen.line("  members who are there already", "faint")
        send(patch_of(add), [], False, ids[1:5])
        day.screen.line("  removal by a list of values: of these, not of all", "faint")
        remove = {"op": "Remove", "path": "members", "value": [{"value": ids[3], "$ref": None}]}
        send(patch_of(remove), [["members", "remove_by_value"]], True, [ids[1], ids[2], ids[4]])
        day.screen.line("  removal by a path", "faint")
        remove = {"op": "remove", "path": f'members[value eq "{ids[4]}"]'}
        send(patch_of(remove), [], True, ids[1:3])
        send(patch_of(remove), [], False, ids[1:3])


def crowd(day: Day, group_id: str) -> None:
    with day.step(f"{CROWD:,} people join one group"):
        bodies = [render(TEMPLATE, crowd_member(at)) for at in range(CROWD)]
        answers = day.send_all("POST", "/Users", bodies)
        members = [answer.body["id"] for answer in answers]
        someone = CROWD // 3
        answer = day.send("GET", look_up(f"Docker.{someone:04}"))
        same("who was found", [user["id"] for user in answer.body["Resources"]], [members[someone]])
        check(answer.note.endswith("1 looked at"), f"the look-up went {answer.note}")
        add = {"op": "add", "path": "members", "value": [{"value": member} for member in members]}
        answer = day.send("PATCH", f"/Groups/{group_id}", patch_of(add))
        same("the members", day.store.members(group_id), members)
    with day.step("one of them leaves the group"):
        leaver = members.pop(CROWD // 2)
        remove = {"op": "remove", "path": f'members[value eq "{leaver}"]'}
        answer = day.send("PATCH", f"/Groups/{group_id}", patch_of(remove))
        changes = [change.to_dict() for change in answer.outcome.changes]
        same("the changes", changes, [{"path": "members", "removed": [{"value": leaver}]}])
        # One row of the members, and the group's own with its new `meta`.
        same("the rows written", answer.rows_written, 2)
        same("the members", day.store.members(group_id), members)


def refused_filters(day: Day) -> None:
    with day.step("filters that cannot be"):
        for text, at_fault in [
            ("userName+eq+bjensen", "bjensen"),
            ("usrName+eq+%22x%22", "usrName"),
            ("(active+eq+true", "("),
            ("active+gt+true", "gt"),
            ("password+sw+%22a%22", "password"),
        ]:
            answer = day.send("GET", f"/Users?filter={text}", refused="invalidFilter")
            start, end = answer.error.span
            same("the place at fault", text.replace("+", " ")[start:end], at_fault)


def refused_patches(day: Day, user_id: str, group_id: str) -> None:
    with day.step("patches that cannot be"):
        users, groups = f"/Users/{user_id}", f"/Groups/{group_id}"
        title = {"op": "replace", "path": "title", "value": "never stored"}
        before = day.store.user_text(user_id), day.store.group(group_id)
        for target, body, refused in [
            (users, patch_of(title, {"op": "replace", "path": "titel", "value": "x"}), "invalidPath"),
            (users, patch_of(title, {"op": "replace", "path": "active", "value": "perhaps"}), "invalidValue"),
            (users, patch_of(title, {"op": "remove", "path": "userName"}), "mutability"),
            (
                users,
                patch_of(title, {"op": "replace", "path": 'emails[type eq "home"].value', "value": "x"}),
                "noTarget",
            ),
            (users, b'{"schemas": ["' + PATCH.encode() + b'"], "Operations": [', "invalidSyntax"),
            (groups, patch_of({"op": "add", "path": "members[value eq 7]", "value": {}}), "invalidPath"),
            ("/Users/0", patch_of(title), "404"),
        ]:
            day.send("PATCH", target, body, refused=refused)
        same("user and group", [day.store.user_text(user_id), day.store.group(group_id)], list(before))


def deletion(day: Day, user_id: str, group_id: str) -> None:
    with day.step("deletion"):
        check(user_id in day.store.members(group_id), "the user to be deleted is in no group")
        answer = day.send("DELETE", f"/Users/{user_id}")
        same("the status", answer.status, 204)
        check(user_id not in day.store.members(group_id), "the deleted user is still in a group")
        day.send("DELETE", f"/Users/{user_id}", refused="404")
        answer = day.send("GET", look_up(name_of(PEOPLE[1])))
        same("the number found", answer.body["totalResults"], 0)


def play(day: Day) -> None:
    """The whole day."""
    connection_test(day)
    first_look_up(day)
    ids = creation(day)
    refused_creation(day)
    second_look_up(day, ids)
    own_attribute(day, ids[0])
    person = update(day, ids[0])
    same_again(day, ids[0], person)
    suspension(day, ids[0], person)
    without_manager(day, ids[2])
    crew, dockers = groups(day)
    membership(day, crew, ids)
    crowd(day, dockers)
    refused_filters(day)
    refused_patches(day, ids[0], crew)
    deletion(day, ids[1], crew)


def main() -> int:
    # Names have all kinds of letters; the terminal may not.
    sys.stdout.reconfigure(errors="replace")
    screen = Screen(sys.stdout)
    day = Day(screen)
    began = time.perf_counter()
    try:
        play(day)
    except Surprise as surprise:
        sys.stdout.flush()
        print(f"\nsurprise {surprise}", file=sys.stderr)
        return 1
    finally:
        day.store.close()
    screen.line()
    screen.table(day.summary())
    screen.line()
    screen.line(f"Everything was as expected, in {time.perf_counter() - began:.1f} s.", "green")
    return 0


if __name__ == "__main__":
    sys.exit(main())
