"""The examples of docs/MEANING.md, made from the cases, so that the page cannot contradict them."""

from __future__ import annotations

import re

ROW = re.compile(r'^(\| <a id="[a-z0-9]+"></a>([A-Z][0-9]+[a-z]?) \| .*? \|)(?: [^\n]*)? \|$', re.MULTILINE)


def code(text):
    """A code span in a table."""
    text = text.replace("\n", "⏎").replace("|", "\\|")
    text = "".join(char if char.isprintable() else f"\\u{ord(char):04x}" for char in text)
    return f"`` {text} ``" if "`" in text else f"`{text}`"


class Example:
    """A case as the lines of an example."""

    def __init__(self, case, compact):
        self.case = case
        self.compact = compact

    def json(self, value):
        """A value, or the name of a stock resource."""
        return code(value if isinstance(value, str) and value.startswith("$") else self.compact(value))

    def settings(self):
        """The settings that differ from the default."""
        found = []
        if self.case.get("type"):
            found.append(self.case["type"])
        if self.case.get("tolerance") == "strict":
            found.append("strict")
        for name in ("tolerance", "options", "settings", "limits"):
            if isinstance(self.case.get(name), dict):
                found += [code(f"{option}: {self.compact(value)}") for option, value in self.case[name].items()]
        return [", ".join(found) + ":"] if found else []

    def error(self):
        error = self.case["error"]
        if isinstance(error, str):
            return [f"→ an error: {error}"]
        place = f" at {code(error['span'])}" if error.get("span") else ""
        place += f" in operation {error['index']}" if "index" in error else ""
        return [f"→ {code(error['scimType'])}{place}"]

    def outcome(self):
        case = self.case
        if "error" in case:
            return self.error()
        found = [f"→ {self.json(case['expect'])}"] if "expect" in case else []
        if case.get("changed") is False:
            found = ["→ unchanged"]
        for change in case.get("changes", []):
            parts = [f"{name} {self.json(value)}" for name, value in change.items() if name != "path"]
            found.append(f"changes {code(change['path'])}: " + ", ".join(parts))
        found += [f"reports {code(repair['kind'])} at {code(repair['path'])}" for repair in case.get("repairs", [])]
        return found

    def body(self):
        return code(self.case["body_text"]) if "body_text" in self.case else self.json(self.case["body"])

    def operation(self, operation):
        if "$repeat" in operation:
            return f"{operation['$repeat']} times {self.operation(operation['item'])}"
        path = f" {operation['path']}" if "path" in operation else ""
        value = f" {self.compact(operation['value'])}" if "value" in operation else ""
        return code(f"{operation['op']}{path}{value}")

    def text(self, member):
        case = self.case
        if "error" in case:
            return [code(case[member]), *self.error()]
        return [f"{code(case[member])} → {code(case.get('canonical', case[member]))}"]

    def parse(self):
        return self.text("filter")

    def path(self):
        return self.text("path")

    def match(self):
        if "error" in self.case:
            return self.text("filter")
        answers = {True: "true", False: "false"}
        docs = [f"{self.json(doc['doc'])} → {answers.get(doc['match'], 'an error')}" for doc in self.case["docs"]]
        return [code(self.case["filter"]), *docs]

    def patch(self):
        case = self.case
        body = [self.operation(operation) for operation in case.get("ops", [])] or [f"PATCH {self.body()}"]
        return [self.json(case["doc"]), *body, *self.outcome()]

    def create(self):
        return [f"POST {self.body()}", *self.outcome()]

    def replace(self):
        return [self.json(self.case["current"]), f"PUT {self.json(self.case['body'])}", *self.outcome()]

    def query(self):
        case = self.case
        found = [code(f"?{case['query']}") if "query" in case else f"search {self.json(case['body'])}"]
        if "error" in case:
            return found + self.error()
        said = (code(f"{name}: {self.compact(value)}") for name, value in case["expect"].items())
        return [*found, "→ " + ", ".join(said)]

    def projection(self):
        case = self.case
        asked = [code(f"?{name}={case[name]}") for name in ("attributes", "excludedAttributes") if name in case]
        return [self.json(case["doc"]), *asked, f"→ {self.json(case['expect'])}"]

    def answer(self):
        case = self.case
        found = [code(f"?{case['query']}"), *map(self.json, case["docs"])]
        if "order" in case:
            return [*found, "→ " + ", ".join(map(self.json, case["order"]))]
        if "pages" in case:
            return [*found, "→ pages " + ", ".join(map(self.json, case["pages"]))]
        return [*found, f"→ {self.json(case['expect'])}"]

    def version(self):
        case = self.case
        found = [" and ".join(map(self.json, case["same"])) + " have one version"]
        return [*found, *(f"{self.json(doc)} has another" for doc in case.get("differ", []))]

    def stamp(self):
        case = self.case
        return [f"{self.json(case['doc'])} at {case['now']} ms", f"→ {self.json(case['expect'])}"]

    touch = stamp

    def precondition(self):
        case = self.case
        headers = {"if_match": "If-Match", "if_none_match": "If-None-Match"}
        found = [code(f"{header}: {case[name]}") for name, header in headers.items() if name in case]
        if "status" in case:
            return [*found, f"→ {case['status']}"]
        for check in case["checks"]:
            stored = "no resource" if check["version"] is None else f"version {code(check['version'])}"
            found.append(f"{stored} → {'goes ahead' if check['write'] else '412'}")
        return found

    def media_type(self):
        case = self.case
        headers = {"accept": "Accept", "content_type": "Content-Type"}
        found = [code(f"{header}: {case[name]}") for name, header in headers.items() if name in case]
        return [*found, f"→ {code(case['expect'])}"]

    def content_type(self):
        status = self.case["status"]
        return [code(f"Content-Type: {self.case['content_type']}"), f"→ {'is read' if status is None else status}"]

    def discovery_query(self):
        status = self.case["status"]
        return [code(f"/Schemas?{self.case['query']}"), f"→ {'is answered' if status is None else status}"]

    def discovery(self):
        case = self.case
        given = [self.json(case["registry"]["schemas"])] if isinstance(case["registry"], dict) else []
        what = f"GET {code(case['get'])}"
        if "attribute" in case:
            return [*given, what, f"→ {code(case['attribute'])} has {self.json(case['expect'])}"]
        return [*given, what, f"→ {self.json(case.get('expect', case.get('ids', case.get('status'))))}"]

    def onelogin_render(self):
        case = self.case
        found = [code(case["template"]), f"for {self.json(case['person'])}"]
        return found + (self.error() if "error" in case else [f"→ {code(case['text'])}"])

    def onelogin_lint(self):
        problems = (f"{p['severity']} {code(p['code'])} at {code(p['path'])}" for p in self.case["problems"])
        return [code(self.case["template"]), *(f"→ {problem}" for problem in problems)]

    def lines(self):
        kind = getattr(self, self.case["kind"])
        return self.settings() + kind()


def with_examples(page, found, compact):
    """The page with its examples. `found` has the cases by name."""

    def row(match):
        name = match[2]
        case = found.get(name)
        if case is None:
            return match[0]
        return f"{match[1]} {'<br>'.join(Example(case, compact).lines())} |"

    return ROW.sub(row, page)
