#!/usr/bin/env python3
"""The table of docs/DOORS.md: the number of cases for each rule at each door, counted in doors/*.json.

    python3 tests/conformance/doors.py           # prints the page
    python3 tests/conformance/doors.py --write   # writes it
    python3 tests/conformance/doors.py --check   # fails if a field has neither cases nor a reason, or both, or if the
                                                 # page is not up to date

A door is a way to reach an attribute. The doors of a case are found in its request, or else the case has a member such
as `"doors": ["object"]`. Needs only the standard library.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

FOLDER = Path(__file__).resolve().parent
ROOT = FOLDER.parents[1]
PAGE = ROOT / "docs" / "DOORS.md"
sys.path.insert(0, str(FOLDER.parent / "python"))

import cases  # noqa: E402

# The commit before the rules were revised.
BEFORE = "56cadbf"
REASONS = cases.read("doors/table/reasons.json")
HEAD = """# Every rule at every door

`python3 tests/conformance/doors.py --write` writes this page from the cases in `tests/conformance/doors/`.

A rule of PATCH, POST and PUT that holds at one door must hold at every other. A door is a way to reach an attribute:

{doors}

A field has the number of cases that hold the rule at the door and, in parentheses, how many of them the build of
commit `{before}` gets wrong. That is the last build before the rules were revised. A number in brackets is a note: why
there is no case, or why that build has no fault there. A case may count at several doors and for several rules. There
are {total} cases, and that build gets {wrong} of them wrong.

Every case is run on every representation. In Rust a PATCH is read from JSON text and from a value, and it is applied
to a value and to text, compact and indented. In Python a request is a `dict`, a mapping, `str` or `bytes`, and so is a
resource.

"""

# The doors, with their descriptions.
DOORS = {
    "path": "`attr`",
    "path.sub": "`attr.sub`",
    "brackets": "`attr[…]`",
    "brackets.sub": "`attr[…].sub`",
    "path-less": "a value without a path",
    "dotted key": '`"attr.sub"` as a key of such a value',
    "qualified key": '`"URN:attr"` as a key of such a value',
    "object": "the object that is the value of a complex attribute",
    "one level down": "a multi-valued sub-attribute",
    "extension": "a path to an attribute of an extension, or the extension's object",
    "element": "an element that is there already",
    "POST": "the body of a POST",
    "PUT": "the body of a PUT",
}
LONG = {"an element that is there": "element"}
WRITES = {"create": "POST", "replace": "PUT"}


def of_file(name):
    return lambda case: case["file"] == name


def of_absent(policy):
    def holds(case):
        options = case.get("options", {})
        found = "overrides" if "absent_overrides" in options else options.get("absent", "clear")
        return case["kind"] == "replace" and found == policy

    return holds


# A rule or a part of one: its name, its id, and which of its cases are about that part.
ROWS = [
    ("P1", "P1", None),
    ("P3", "P3", None),
    ("P5", "P5", None),
    ("P5a", "P5a", None),
    ("P5b", "P5b", None),
    ("P5c", "P5c", None),
    ("P6", "P6", None),
    ("P9", "P9", None),
    ("P11", "P11", None),
    ("P12 readOnly", "P12", of_file("read_only")),
    ("P12 immutable", "P12", of_file("immutable")),
    ("P12 required", "P12", of_file("required")),
    ("P12a", "P12a", None),
    ("P13 json_strings", "P13", of_file("json_strings")),
    ("P13 json_values", "P13", of_file("json_values")),
    ("P13 numbers_for_strings", "P13", of_file("numbers_for_strings")),
    ("P13 doubled_paths", "P13", of_file("doubled_paths")),
    ("P14", "P14", None),
    ("P15", "P15", None),
    ("P16", "P16", None),
    ("P18", "P18", None),
    ("R1 blank_strings", "R1", lambda case: case["file"] in ("blanks", "required")),
    ("R1 path_keys", "R1", of_file("path_keys")),
    ("R1 repeated elements", "P5", of_file("same_elements")),
    ("R2 clear", "R2", of_absent("clear")),
    ("R2 keep", "R2", of_absent("keep")),
    ("R2 overrides", "R2", of_absent("overrides")),
    ("R4", "R4", None),
    ("R5", "R5", lambda case: case["file"] not in ("dates", "canonical_values")),
    ("R5 utc", "R5", of_file("dates")),
    ("R5 canonical_values", "R5", of_file("canonical_values")),
    ("F14", "F14", None),
    ("F15", "F15", None),
    ("F16", "F16", None),
    ("F17", "F17", None),
    ("T6", "T6", None),
    ("X1", "X1", None),
]
# For these rows, the doors within the body of a POST or PUT count, too.
OF_BODIES = {"R1 path_keys", "R2 clear", "R2 keep", "R2 overrides"}


def schemas():
    """The attributes of each schema, by URN and name in lower case."""
    data = ROOT / "src" / "schema" / "data"
    found = []
    for path in [data / "user.json", data / "group.json", data / "enterprise_user.json"]:
        found.append(json.loads(path.read_text(encoding="utf-8")))
    for name in ("device", "rig", "safe", "kit"):
        found += cases.read(f"schemas/{name}.json")["schemas"]
    return {schema["id"].lower(): by_name(schema["attributes"]) for schema in found}


def by_name(attributes):
    return {attribute["name"].lower(): attribute for attribute in attributes}


SCHEMAS = schemas()
EXTENSIONS = ("enterprise", "lease", "permit", "survey", "deed")
OLD = {
    "urn:scim:schemas:core:1.0": "urn:ietf:params:scim:schemas:core:2.0:user",
    "urn:scim:schemas:core:2.0": "urn:ietf:params:scim:schemas:core:2.0:user",
    "urn:scim:schemas:extension:enterprise:1.0": "urn:ietf:params:scim:schemas:extension:enterprise:2.0:user",
    "urn:scim:schemas:extension:enterprise:2.0": "urn:ietf:params:scim:schemas:extension:enterprise:2.0:user",
}
CORE = {
    "User": "urn:ietf:params:scim:schemas:core:2.0:user",
    "Group": "urn:ietf:params:scim:schemas:core:2.0:group",
    "Device": "urn:example:params:scim:schemas:device",
    "Rig": "urn:example:rig:2.0:rig",
    "Safe": "urn:example:safe:2.0:safe",
    "Kit": "urn:example:kit:2.0:kit",
}


def is_extension(urn):
    return any(word in urn for word in EXTENSIONS)


class Finder:
    """Finds the doors of one case."""

    def __init__(self, case):
        self.case = case
        self.found = set()
        self.core = CORE[case.get("type") or "User"]

    def doors(self):
        case = self.case
        if "doors" in case:
            return {LONG.get(door, door) for door in case["doors"]}
        body = case["body"] if "body" in case else parsed(case["body_text"])
        if case["kind"] in WRITES:
            self.members(body, "PUT", self.core)
        else:
            for operation in body["Operations"]:
                self.operation({name.lower(): value for name, value in operation.items()})
        return self.found

    def operation(self, operation):
        path, value = operation.get("path"), parsed(operation.get("value"))
        op = operation["op"].lower()
        if path is None:
            self.found.add("path-less")
            self.members(value, op, self.core)
        else:
            urn, name = self.split(path)
            if is_extension(urn):
                self.found.add("extension")
            if not name:
                if urn == self.core:
                    self.found.add("path")
                self.members(value, op, urn)
            else:
                self.name(name, value, op, urn, "path")

    def split(self, text):
        """Splits a name into its URN, or that of the core schema, and the rest."""
        if not text.lower().startswith("urn:"):
            return self.core, text
        for urn in sorted([*SCHEMAS, *OLD], key=len, reverse=True):
            if text.lower().startswith(urn):
                return OLD.get(urn, urn), text[len(urn) + 1 :]
        return "urn:example:extension", text.rpartition(":")[2]

    def members(self, value, op, urn):
        """Adds the doors of the members of an object, which are attributes of a schema."""
        for key, member in value.items() if isinstance(value, dict) else ():
            inner, name = self.split(key)
            inner = inner if key.lower().startswith("urn:") else urn
            # Every resource of the type Rig has this extension object, so it does not count.
            if is_extension(inner) and member != {"number": "7"}:
                self.found.add("extension")
            if not name:
                self.members(parsed(member), op, inner)
                continue
            if key.lower().startswith("urn:"):
                self.found.add("qualified key")
            self.name(name, parsed(member), op, inner, None)

    def name(self, name, value, op, urn, door):
        """Adds the doors of a name and its value. `door` is `path` if the name is a path, and None if it is a key."""
        before, bracket, after = name.partition("[")
        after = after.rpartition("]")[2]
        attribute_name, _, sub = before.partition(".")
        sub = after.lstrip(".") or sub
        if bracket:
            self.found.add("brackets.sub" if sub else "brackets")
        elif sub:
            self.found.add("path.sub" if door else "dotted key")
        elif door:
            self.found.add(door)
        attribute = SCHEMAS.get(urn, {}).get(attribute_name.lower(), {})
        subs = by_name(attribute.get("subAttributes", []))
        if subs.get(sub.lower(), {}).get("multiValued"):
            self.found.add("one level down")
        if sub or not subs:
            if not bracket and not subs and attribute.get("multiValued") and op == "add":
                self.elements(attribute_name, value, urn)
            return
        if not attribute.get("multiValued") and (isinstance(value, dict) or str(value).startswith("{")):
            self.found.add("object")
        for element in value if isinstance(value, list) else [value]:
            names = {key.lower().partition(".")[0] for key in element} if isinstance(element, dict) else set()
            if any(subs.get(key, {}).get("multiValued") for key in names):
                self.found.add("one level down")
        if not bracket and op in ("add", "replace"):
            self.elements(attribute_name, value, urn)

    def elements(self, name, value, urn):
        """Adds the door `element` if a given element is stored already."""
        doc = self.case["doc"]
        here = doc if urn == self.core else next((doc[key] for key in doc if key.lower() == urn), {})
        stored = next((member for key, member in here.items() if key.lower() == name.lower()), [])
        values = {value_of(element) for element in stored} if isinstance(stored, list) else set()
        if any(value_of(parsed(element)) in values for element in (value if isinstance(value, list) else [value])):
            self.found.add("element")


def value_of(element):
    value = element.get("value", element) if isinstance(element, dict) else element
    return str(value).lower()


def parsed(value):
    """The JSON in a text; the text if it is not JSON."""
    try:
        return json.loads(value) if isinstance(value, str) and value[:1] in ("{", "[") else value
    except ValueError:
        return value


def all_cases():
    """The cases, each with its file."""
    for name in cases.files():
        folder, _, file = name.rpartition("/")
        for case in cases.load(name) if folder == "doors" else ():
            yield {**case, "file": file}


def wrong_before():
    """The names of the cases that the build at `BEFORE` got wrong, by file."""
    return cases.read(f"doors/table/wrong_at_{BEFORE}.json")


def reason_of(kind, row, door):
    """The reason why a field is "empty", or why the build at `BEFORE` was "right"."""
    found = (entry["reason"] for entry in REASONS[kind] if door in entry["fields"].get(row, ()))
    return next(found, None)


class Field:
    """The cases of a rule at a door."""

    def __init__(self):
        self.count = self.wrong = 0

    def add(self, is_wrong):
        self.count += 1
        self.wrong += is_wrong


def table():
    """A field for each row and door."""
    wrong = {(file, name) for file, names in wrong_before().items() for name in names}
    found = {(row, door): Field() for row, _, _ in ROWS for door in DOORS}
    for case in all_cases():
        is_write = case["kind"] in WRITES
        place = {WRITES[case["kind"]]} if is_write else set()
        doors = Finder(case).doors()
        for row, rule, is_part in ROWS:
            if rule not in case["rows"] or (is_part is not None and not is_part(case)):
                continue
            for door in place if is_write and row not in OF_BODIES else place | doors:
                found[row, door].add((case["file"], case["name"]) in wrong)
    return found


def mistakes(found):
    """Reasons that are missing or superfluous."""
    for (row, door), field in found.items():
        empty, right = reason_of("empty", row, door), reason_of("right", row, door)
        if not field.count and not empty:
            yield f"{row}, {door}: no case and no reason"
        if field.count and empty:
            yield f"{row}, {door}: {field.count} cases, and a reason why there are none: {empty}"
        if field.count and not field.wrong and not right:
            yield f"{row}, {door}: the build before got none wrong, and there is no reason"
        if field.wrong and right:
            yield f"{row}, {door}: {field.wrong} cases were wrong, and a reason why there are none: {right}"
    for kind, entries in REASONS.items():
        for field in [(row, door) for entry in entries for row, doors in entry["fields"].items() for door in doors]:
            if field not in found:
                yield f"doors/table/reasons.json: {kind}: there is no field {field}"
    names = {(case["file"], case["name"]) for case in all_cases()}
    for file, listed in wrong_before().items():
        for name in listed:
            if (file, name) not in names:
                yield f"doors/table/wrong_at_{BEFORE}.json: there is no case {name!r} in {file}.json"


def field_text(field, notes, row, door):
    reason = None
    if not field.wrong:
        reason = reason_of("right", row, door) if field.count else reason_of("empty", row, door)
    text = f"{field.count} ({field.wrong})" if field.count else ""
    if reason:
        text += f" [{notes.setdefault(reason, len(notes) + 1)}]"
    return text.strip()


def page(found):
    """The page. Notes are numbered in the order of their first use."""
    notes = {}
    lines = ["| rule | " + " | ".join(DOORS) + " |", "|---" * (len(DOORS) + 1) + "|"]
    for row, _, _ in ROWS:
        rule, _, part = row.partition(" ")
        name = f"[{rule}](MEANING.md#{rule.lower()}) {part}".rstrip()
        fields = [field_text(found[row, door], notes, row, door) for door in DOORS]
        lines.append(f"| {name} | " + " | ".join(fields) + " |")
    every = list(all_cases())
    head = HEAD.format(
        doors="\n".join(f"- **{door}**: {text}" for door, text in DOORS.items()),
        before=BEFORE,
        total=len(every),
        wrong=sum(map(len, wrong_before().values())),
    )
    listed = "\n".join(f"{mark}. {reason}." for reason, mark in notes.items())
    return head + "\n".join(lines) + "\n\n## Notes\n\n" + listed + "\n"


def main(arguments):
    if arguments not in ([], ["--write"], ["--check"]):
        sys.exit(__doc__)
    found = table()
    wrong = list(mistakes(found))
    text = page(found)
    if arguments == ["--write"]:
        PAGE.write_text(text, encoding="utf-8")
    elif arguments == ["--check"]:
        if not PAGE.exists() or PAGE.read_text(encoding="utf-8") != text:
            wrong.append("docs/DOORS.md is not as `python3 tests/conformance/doors.py --write` writes it")
    else:
        print(text)
    if wrong:
        sys.exit("\n".join(wrong))


if __name__ == "__main__":
    main(sys.argv[1:])
