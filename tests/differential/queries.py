"""List requests, projections and versions."""

from urllib.parse import quote, quote_plus

from . import filters, literals
from .chooser import Chooser
from .documents import any_pooled, document
from .jsontext import dumps
from .kinds import View
from .options import tolerance

SEARCH_URN = "urn:ietf:params:scim:api:messages:2.0:SearchRequest"
NUMBERS = (
    "1",
    "2",
    "3",
    "0",
    "5",
    "10",
    "-1",
    "100",
    "1000",
    "5000",
    "",
    "null",
    "x",
    "1.5",
    "1e1",
    "+1",
    " 1",
    "01",
    "99999999999999999999",
)
ORDERS = ("ascending", "descending", "Ascending", "DESCENDING", "desc", "", "null", "x", "ascending ")


def lists_case(c: Chooser, seed: int, view: View) -> dict:
    """A case: a list request and the resources that there are."""
    resources = [
        _with_id(c, document(c, view) if c.chance(0.2) else any_pooled(c, view, seed), n)
        for n in range(c.pick((0, 1, 3, 5, 8)))
    ]
    made: dict = {"kind": view.spec, "options": {}, "resources": resources}
    chosen = tolerance(c)
    if chosen:
        made["options"]["tolerance"] = chosen
    if c.chance(0.15, "list.cursors"):
        made["cursors"] = True
    if c.chance(0.1):
        made["default_count"], made["max_count"] = c.pick(((2, 3), (1, 1), (10, 5), (0, 2)))
    if c.chance(0.06, "list.filter_attributes"):
        names = [a.name if u is None else f"{u}:{a.name}" for u, a in c.sample(view.all(), c.number(1, 6))]
        made["options"]["filter_attributes"] = [*names, *(c.sample([u for u, _ in view.extensions], 1))]
    if c.chance(0.06, "list.filter_operators"):
        made["options"]["filter_operators"] = c.sample(
            ["eq", "ne", "co", "sw", "ew", "gt", "ge", "lt", "le", "pr", "and", "or", "not"], 6
        )
    maker = _Request(c, view, resources)
    if made.get("cursors") and c.chance(0.5, "list.follow"):
        tail = f"&count={c.number(0, 3)}" + "".join(
            f"&{name}={quote(value)}"
            for name, value in maker.pairs(False)
            if name in ("sortBy", "filter", "attributes")
        )
        made.update(query=f"cursor={tail}", tail=tail, follow=_changed_lists(c, view, resources))
        return made
    if c.chance(0.3, "list.search"):
        made["body"] = maker.search()
    else:
        made["query"] = maker.query(bool(made.get("cursors")))
    return made


def _with_id(c: Chooser, source: dict, number: int) -> dict:
    return {**source, "id": f"r{number}"} if c.random() < 0.97 else source


def _changed_lists(c: Chooser, view: View, resources: list[dict]) -> list[list[dict]]:
    """What there is at the requests for further pages: now and then some have gone or come."""
    made = []
    for page in range(4):
        if c.chance(0.4):
            resources = [resource for resource in resources if c.random() < 0.8]
            if c.chance(0.4):
                resources.insert(c.number(0, len(resources)), _with_id(c, document(c, view), 100 + page))
        made.append(list(resources))
    return made


class _Request:
    def __init__(self, c: Chooser, view: View, resources: list[dict]):
        self.c = c
        self.view = view
        self.filters = filters.Maker(c, view, resources or [{}])

    def name(self) -> str:
        """The name of an attribute, for `sortBy` and `attributes`."""
        c = self.c
        if c.odd("list.odd_name", 0.7):
            return c.pick(
                (
                    *filters.UNKNOWN,
                    "",
                    " ",
                    "a b",
                    "emails[type pr]",
                    "name.",
                    "é",
                    self.view.urn,
                    "*",
                    "name.givenName.x",
                    "urn:x:y",
                )
            )
        urn, attr = self.filters.attribute()
        name = self.filters.spelled(urn, attr)
        if attr.subs and c.chance(0.6):
            name += "." + self.filters.cased(c.pick(attr.subs).name)
        if self.view.extensions and c.chance(0.05):
            return c.pick(self.view.extensions)[0]
        return name

    def names(self) -> str:
        c = self.c
        blank = c.pick(("", " ")) if c.odd("list.blanks") else ""
        return ("," + blank).join(self.name() for _ in range(c.pick((1, 1, 2, 3)))) + c.pick(("", "", "", ","))

    def pairs(self, cursors: bool) -> list[tuple[str, str]]:
        c = self.c
        made = []
        if c.chance(0.55):
            made.append(("filter", self.filters.filter() if c.chance(0.97) else c.pick(("", " ", "null", '""'))))
        if c.chance(0.5):
            made.append(("sortBy", self.name()))
        if c.chance(0.3):
            made.append(("sortOrder", c.pick(ORDERS) if c.odd("list.odd_order", 2.0) else c.pick(ORDERS[:2])))
        if c.chance(0.3):
            made.append(("startIndex", c.pick(NUMBERS) if c.odd("list.odd_number", 2.0) else c.pick(NUMBERS[:3])))
        if c.chance(0.35):
            made.append(("count", c.pick(NUMBERS) if c.odd("list.odd_number", 2.0) else c.pick(NUMBERS[:5])))
        if c.chance(0.3):
            made.append((c.pick(("attributes", "attributes", "excludedAttributes")), self.names()))
        if c.odd("list.both", 0.5):
            made.append(("excludedAttributes", self.names()))
        if (cursors and c.chance(0.5)) or c.odd("list.cursor"):
            made.append(("cursor", c.pick(("", "", "", "x", "null"))))
        if c.odd("list.unknown"):
            made.append((c.pick(("debug", "x", "", "filter ", "é", "count[]")), c.pick(("1", "", "%zz", "é"))))
        if made and c.odd("list.twice"):
            name, value = c.pick(made)
            made.append((name, c.pick((value, value, "5", ""))))
        return c.sample(made, len(made))

    def query(self, cursors: bool) -> str:
        """A query string."""
        c = self.c
        parts = []
        for name, value in self.pairs(cursors):
            if c.odd("list.name_case"):
                name = c.flip_case(name)
            how = c.one("list.encoding", (("percent", 40), ("plus", 40), ("raw", 12), ("mixed", 8)))
            if how == "percent":
                value = quote(value, safe=c.pick(("", '/:"', "/")))
            elif how == "plus":
                value = quote_plus(value)
            elif how == "raw":
                value = value.replace("%", "%25").replace("&", "%26").replace("#", "%23")
            else:
                value = "".join(
                    c.pick((ch, quote(ch), "+" if ch == " " else quote(ch))) if ch in ' +"' else quote(ch)
                    for ch in value
                )
            if c.odd("list.bad_encoding", 0.3):
                value += c.pick(("%", "%z", "%zz", "%ff", "%c3", "%C3%A9", "%00", "+", "%2"))
            parts.append(name if value == "" and c.chance(0.4) else f"{name}={value}")
        separator = "&&" if c.odd("list.empty_parts", 0.5) else "&"
        text = separator.join(parts)
        if c.odd("list.mark"):
            text = c.pick(("?", "&", "")) + text + c.pick(("&", "=", "", "#x", "&="))
        return text

    def search(self) -> object:
        """The body of a search request."""
        c = self.c
        made: dict = {"schemas": [SEARCH_URN]}
        if c.odd("list.search_schemas"):
            made["schemas"] = c.pick((None, [], SEARCH_URN, [SEARCH_URN.upper()], ["x"], [SEARCH_URN, "x"], 5))
        for name, value in self.pairs(cursors=c.chance(0.2)):
            member: object = value
            if name in ("startIndex", "count"):
                member = int(value) if value.lstrip("-").isdigit() and len(value) < 6 and c.chance(0.8) else value
                if c.odd("list.number"):
                    member = c.pick(
                        (
                            *literals.ODD_DECIMALS[:8],
                            *literals.INTEGERS,
                            *literals.JUNK,
                            "5",
                            *literals.ODD_INTEGERS[:7],
                        )
                    )
            elif name in ("attributes", "excludedAttributes"):
                member = value if c.odd("list.text_for_list", 2.0) else [n for n in value.split(",") if n]
            elif c.odd("list.null"):
                member = c.pick((None, "", [value], 5, {}))
            made[c.flip_case(name) if c.odd("list.member_case") else name] = member
        if c.odd("list.no_search_schemas"):
            made.pop("schemas", None)
        if c.odd("list.search_unknown"):
            made[c.pick(("x", "Schemas", "FILTER"))] = c.pick(literals.JUNK)
        return made


def projection_case(c: Chooser, seed: int, view: View) -> dict:
    """A case: a resource and the names that are asked for."""
    resource = document(c, view) if c.chance(0.5) else any_pooled(c, view, seed)
    made: dict = {"kind": view.spec, "options": {}, "resource": resource}
    request = _Request(c, view, [resource])
    how = c.one("projection", (("attributes", 50), ("excluded", 35), ("none", 14), ("both", 1)))
    if how in ("attributes", "both"):
        made["attributes"] = [request.name() for _ in range(c.pick((0, 1, 1, 2, 3, 4)))]
    if how in ("excluded", "both"):
        made["excluded"] = [request.name() for _ in range(c.pick((1, 1, 2, 3, 4)))]
    return made


def versions_case(c: Chooser, seed: int, view: View) -> dict:
    """A case: a resource whose version is computed."""
    resource = document(c, view) if c.chance(0.7) else any_pooled(c, view, seed)
    if c.chance(0.3, "version.numbers"):
        resource = {
            **resource,
            "n": c.pick(literals.ODD_DECIMALS + literals.DECIMALS + literals.INTEGERS + literals.ODD_INTEGERS[:8]),
        }
    if c.chance(0.2, "version.unassigned"):
        resource = {
            **resource,
            "x": c.pick(
                (*literals.JUNK, {"a": None}, [{"a": []}], {"B": 1, "a": 2, "é": [2, 1, "x"]}, dumps(resource))
            ),
        }
    if c.chance(0.1, "version.meta"):
        resource = {**resource, "meta": {"version": "x", "lastModified": "y", "location": "z", "a": 1, "Version": "q"}}
    return {"kind": view.spec, "options": {}, "resource": resource}
