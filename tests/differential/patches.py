"""PATCH requests in every dialect."""

from . import filters, literals
from .chooser import Chooser
from .documents import any_pooled, before_write, element, odd_schemas, value
from .jsontext import dumps
from .kinds import ENTERPRISE_URN, LEGACY, Attr, View
from .options import choose_options

PATCH_URN = "urn:ietf:params:scim:api:messages:2.0:PatchOp"
ODD_PATCH_SCHEMAS = (
    *(
        None,
        [],
        PATCH_URN,
        [PATCH_URN.upper()],
        ["urn:ietf:params:scim:schemas:core:2.0:PatchOp"],
        ["x"],
        "",
        5,
        [5],
        {},
    ),
    *(
        [PATCH_URN, PATCH_URN],
        ["urn:ietf:params:scim:api:messages:2.0:BulkRequest"],
        ["urn:ietf:params:scim:api:messages:2.0:Error"],
    ),
    *(
        ["urn:ietf:params:scim:api:messages:2.0:SearchRequest"],
        [PATCH_URN, "urn:ietf:params:scim:api:messages:2.0:ListResponse"],
    ),
    *([PATCH_URN, "urn:x"], dumps([PATCH_URN]), [None], [""], ["urn:scim:schemas:core:1.0"], "urn:x"),
)
ODD_PATHS = (
    *(
        "",
        " ",
        "emails[0]",
        "emails[",
        "emails[type eq",
        'emails[type eq "work"',
        'emails[type eq "work"].',
        "emails[]",
        ".",
        "a.b.c",
        "1a",
    ),
    *(
        "emails.type.x",
        'emails[type eq "work"].value.x',
        "urn:",
        "urn:x:y",
        "schemas[0]",
        "name.",
        ".name",
        "name givenName",
        "emails.value[x pr]",
    ),
    *(
        5,
        {},
        [],
        True,
        "shoeSize",
        "shoeSize.x",
        'shoeSize[a eq "b"]',
        "name.shoe",
        "emails[shoe pr]",
        "emails[shoe pr].value",
        "emails.shoe",
    ),
    *(
        "password[value pr]",
        "title[value pr]",
        'title[value eq "a"]',
        "userName.value",
        "schemas[value pr]",
        "meta.created",
        "/emails/0",
        "/title",
    ),
    *(
        "emails[not (type pr)]",
        'emails[type eq "work" or value pr].value',
        "é",
        "urn:example:unknown:Z:a",
        "urn:example:unknown:Z",
        "id.x",
        " title",
    ),
    *(
        "title ",
        "emails [type pr]",
        "emails[type  pr].value",
        'Emails[TYPE EQ "work"].Value',
        "emails[value eq a]",
        "$ref",
        "members.$ref",
    ),
    *(
        'emails[type eq "work"][value pr]',
        'emails[urn:x:type eq "a"]',
        "operations",
        "emails[primary eq True].value",
        "title\u0000",
        "password.x",
    ),
)
OPS = (("add", 40), ("replace", 40), ("remove", 22))


def case(c: Chooser, seed: int, view: View) -> dict:
    """A case: a resource and a PATCH request for it."""
    resource = any_pooled(c, view, seed, write=True) if c.chance(0.6) else before_write(c, view)
    body = Maker(c, view, resource).body()
    return {"kind": view.spec, "options": choose_options(c, "patch", view), "resource": resource, "body": body}


class Maker:
    """Makes a request that has something to do with a resource."""

    def __init__(self, c: Chooser, view: View, resource: dict):
        self.c = c
        self.view = view
        self.resource = resource
        self.filters = filters.Maker(c, view, [resource])
        self.last: tuple[str | None, Attr] | None = None

    def body(self) -> dict:
        """The whole request."""
        c = self.c
        if c.chance(0.03, "patch.members_1_1"):
            return self.members_1_1()
        count = c.pick((1, 1, 1, 1, 2, 2, 3, 4))
        operations: object = [self.operation() for _ in range(count)]
        if c.odd("patch.odd_operations", 0.2):
            operations = c.pick(
                ([], None, {}, operations[0], dumps(operations), [None], ["add"], [*operations, 5], "", [{}])
            )
        body = {
            "schemas": [PATCH_URN],
            c.pick(("operations", "OPERATIONS")) if c.odd("patch.case") else "Operations": operations,
        }
        if c.odd("patch.odd_schemas", 0.6):
            body["schemas"] = c.pick(ODD_PATCH_SCHEMAS)
        elif c.odd("patch.no_schemas"):
            del body["schemas"]
        if c.odd("patch.more_members", 0.3):
            body[c.pick(("Schemas", "id", "members", "externalId", "operations", "x"))] = c.pick(
                (*literals.JUNK, [PATCH_URN])
            )
        if c.odd("patch.no_operations", 0.1):
            body.pop("Operations", None)
        return body

    def operation(self) -> object:
        """One operation."""
        c = self.c
        op = c.one("patch.op", OPS)
        how = c.one("patch.form", (("path", 74), ("no_path", 16), ("odd_path", 5), ("extension", 5)))
        if how == "no_path" and op == "remove" and c.chance(0.9):
            op = c.pick(("add", "replace"))
        made: dict = {"op": op}
        if c.chance(0.15, "patch.op_case"):
            made["op"] = c.pick((op.title(), op.upper()))
        elif c.odd("patch.odd_op", 0.3):
            made["op"] = c.pick((op + " ", "delete", "", None, 5, "move", "test", "update"))
        if how == "path":
            urn, attr = self.attribute()
            if attr.required and op == "remove" and c.chance(0.7):
                urn, attr = self.attribute()
            self.last = (urn, attr)
            made.update(self.by_path(op, urn, attr))
        elif how == "no_path":
            if c.odd("patch.null_path"):
                made["path"] = None
            if op != "remove" or c.chance(0.3):
                made["value"] = self.members(op)
                if c.odd("patch.value_text"):
                    made["value"] = c.pick(
                        (dumps(made["value"]), "{", "[1]", "x", "", dumps([made["value"]]), [made["value"]])
                    )
        elif how == "odd_path":
            made["path"] = (
                c.pick(ODD_PATHS) if c.chance(0.6) else self.filters.broken(self.path("add", *self.attribute())[0])
            )
            if op != "remove" or c.chance(0.2):
                made["value"] = c.pick((*literals.JUNK, "x"))
        else:
            self.extension(made, op)
        if c.odd("patch.operation_members", 0.3):
            name = c.pick(("Path", "OP", "Value", "x", "operation", "from"))
            made[name] = c.pick((*literals.JUNK, "title", "add"))
        if c.odd("patch.no_value", 0.2):
            made.pop("value", None)
        if c.odd("patch.no_op", 0.05):
            del made["op"]
        if c.odd("patch.member_case", 0.5):
            made = {c.flip_case(name): member for name, member in made.items()}
        return made

    def attribute(self) -> tuple[str | None, Attr]:
        """The attribute of an operation: that of the one before, now and then."""
        if self.last and self.c.chance(0.35, "patch.same_attribute"):
            return self.last
        for _ in range(3):
            urn, attr = self.filters.attribute()
            if (attr.mutability != "readOnly" and attr.name != "meta") or self.c.chance(0.15):
                break
        return urn, attr

    def extension(self, made: dict, op: str) -> None:
        """An operation on the URN of a schema."""
        c = self.c
        urns = [urn for urn, _ in self.view.extensions]
        if c.chance(0.3) or not urns:
            made["path"] = (
                self.view.urn if c.chance(0.8) else c.pick(LEGACY.get(self.view.urn, (self.view.urn.lower(),)))
            )
            if op != "remove" or c.chance(0.2):
                made["value"] = self.members(op)
            return
        urn = c.pick(urns)
        made["path"] = self.filters.odd_urn(urn) if c.odd("patch.odd_urn", 2.0) else urn
        if op != "remove" or c.chance(0.2):
            attrs = dict(self.view.extensions)[urn]
            made["value"] = {attr.name: self.value(op, urn, attr) for attr in c.sample(attrs, c.number(0, 3))}
            if c.odd("patch.extension_text"):
                made["value"] = c.pick(
                    (dumps(made["value"]), None, "", [], [made["value"]], "x", 5, {urn: made["value"]})
                )

    def path(self, op: str, urn: str | None, attr: Attr) -> tuple[str, Attr, str]:
        """A path, the attribute whose value it wants, and its form."""
        c = self.c
        name = self.filters.spelled(urn, attr)
        if not attr.subs:
            if attr.multi and c.chance(0.35, "patch.simple_brackets"):
                return f"{name}[{self.brackets(urn, attr)}]", attr, "brackets"
            return name, attr, "attr"
        forms = (
            ("attr", 30),
            ("sub", 20),
            ("brackets", 18 if attr.multi else 4),
            ("brackets_sub", 30 if attr.multi else 6),
        )
        form = c.one("patch.path", forms)
        sub = c.pick(attr.subs)
        if form == "attr":
            return name, attr, form
        if form == "sub":
            return f"{name}.{self.filters.cased(sub.name)}", sub, form
        text = f"{name}[{self.brackets(urn, attr)}]"
        if form == "brackets":
            return text, attr, form
        return f"{text}.{self.filters.cased(sub.name)}", sub, form

    def brackets(self, urn: str | None, attr: Attr) -> str:
        """The filter in brackets: `eq`s most of the time, since P8 creates from them."""
        c = self.c
        if c.chance(0.3, "patch.any_brackets"):
            return self.filters.expression(c.pick((0, 0, 1, 2)), (urn, attr))
        subs = [sub for sub in attr.subs if sub.name in ("value", "type")] or attr.subs or [Attr("value", attr.type)]
        if c.chance(0.25):
            subs = attr.subs or subs
        terms = []
        for sub in c.sample(subs, c.pick((1, 1, 1, 2, 2, 3))):
            stored = self.filters.stored(urn, attr, sub if attr.subs else None)
            terms.append(f"{self.filters.cased(sub.name)} eq {self.filters.literal(sub, stored, 'eq')}")
        if c.odd("patch.twice", 0.5):
            terms.append(c.pick(terms))
        return " and ".join(terms)

    def by_path(self, op: str, urn: str | None, attr: Attr) -> dict:
        """`path` and `value`."""
        c = self.c
        path, target, form = self.path(op, urn, attr)
        made: dict = {"path": path}
        if op == "remove":
            if c.chance(0.3, "patch.remove_by_value"):
                made["value"] = self.removal(urn, attr, target)
            return made
        multi = target.multi and form in ("attr", "sub", "brackets_sub")
        if attr.name == "schemas":
            made["value"] = odd_schemas(c, self.view, [u for u, _ in self.view.extensions])
        elif form == "brackets" and attr.subs:
            made["value"] = self.member(op, urn, attr)
            if c.odd("patch.bracket_value", 2.0):
                made["value"] = c.pick(
                    (
                        *(
                            None,
                            [],
                            {},
                            "",
                            " ",
                            "a",
                            "u9",
                            '{"value": "z"}',
                            '[{"value": "z"}]',
                            "{",
                            [made["value"]],
                            5,
                            True,
                        ),
                        [None],
                        [{}],
                    )
                )
        else:
            made["value"] = self.value(op, urn, target, owner=attr, multi=multi)
        return made

    def current(self, urn: str | None, attr: Attr) -> object:
        holder = self.resource if urn is None else self.resource.get(urn)
        return holder.get(attr.name) if isinstance(holder, dict) else None

    def value(
        self, op: str, urn: str | None, attr: Attr, owner: Attr | None = None, multi: bool | None = None
    ) -> object:
        """The value of an operation."""
        c = self.c
        forms = (
            *(
                ("valid", 60),
                ("stored", 14),
                ("near", 8),
                ("null", 4),
                ("wrapped", 2),
                ("json", 3),
                ("junk", 3),
                ("shape", 5),
            ),
            ("blank", 2),
        )
        form = c.one("patch.value", forms)
        multi = attr.multi if multi is None else multi
        stored = self.current(urn, attr) if owner in (None, attr) else None
        if owner not in (None, attr):
            found = self.filters.stored(urn, owner, attr)
            stored = c.pick(found) if found else None
        if form in ("stored", "near") and stored is not None:
            made = stored if form == "stored" else literals.near(c, stored)
            if isinstance(made, list) and form == "stored" and c.chance(0.5):
                made = [*made, self.member(op, urn, attr)] if c.chance(0.5) else made[: c.number(0, len(made))]
            return made
        if form == "null":
            return c.pick((None, None, [], {}, [None], [{}]))
        if form == "blank":
            return c.pick((*literals.BLANKS, "", [""], [" "]))
        if form == "junk":
            return c.pick(literals.JUNK)
        made = (
            [self.member(op, urn, attr) for _ in range(c.pick((0, 1, 1, 1, 2, 3)))]
            if multi
            else self.member(op, urn, attr)
        )
        if form == "wrapped":
            return c.pick(
                (
                    {attr.name: made},
                    {c.flip_case(attr.name): made},
                    {"value": made},
                    [{"value": made}],
                    {attr.name: made, "x": 1},
                )
            )
        if form == "json":
            return c.pick(
                (
                    dumps(made),
                    " " + dumps(made) + " ",
                    dumps([made]),
                    dumps(dumps(made)),
                    dumps(made)[:-1],
                    "[" + dumps(made),
                )
            )
        if form == "shape":
            if isinstance(made, list):
                return made[0] if made else None
            if isinstance(made, dict):
                return c.pick(([made], next(iter(made.values()), None), made.get("value", "u1")))
            return c.pick(([made], [made, made], {"value": made}, str(made)))
        return made

    def member(self, op: str, urn: str | None, attr: Attr) -> object:
        """One value: for a complex attribute an object, now and then one that is nearly a stored one."""
        c = self.c
        if attr.type != "complex":
            found = self.filters.stored(urn, attr, None)
            return c.pick(found) if found and attr.multi and c.chance(0.3) else element(c, attr)
        stored = self.current(urn, attr)
        if isinstance(stored, list) and stored and c.chance(0.4, "patch.stored_element"):
            item = c.pick(stored)
            if isinstance(item, dict) and item:
                item = dict(item)
                how = c.one(
                    "patch.element", (("same", 15), ("change", 40), ("drop", 20), ("near", 15), ("primary", 10))
                )
                if how == "change":
                    sub = c.pick(attr.subs)
                    item[sub.name] = value(c, sub)
                elif how == "drop":
                    del item[c.pick(list(item))]
                elif how == "near":
                    name = c.pick(list(item))
                    item[name] = literals.near(c, item[name])
                elif how == "primary":
                    item["primary"] = c.pick((True, False, "True", None))
                return item
        made = element(c, attr)
        if isinstance(made, dict):
            if attr.name == "manager" and c.odd("patch.manager_id", 2.0):
                made = {
                    c.pick(("managerId", "ManagerId")): c.pick(("u1", "", None, 5)),
                    **({} if c.chance(0.7) else made),
                }
            if attr.sub("primary") and c.chance(0.25, "patch.primary"):
                made["primary"] = c.pick((True, True, True, False, "true", None))
            if c.odd("patch.json_value", 0.5):
                made["value"] = c.pick(
                    ('{"value": "r", "displayName": "R"}', '{"id": "x", "value": "r"}', '{"value": 5}', "{", "[]")
                )
            if made and c.odd("patch.null_sub"):
                made[c.pick(list(made))] = c.pick((None, "", " ", [], {}))
            if c.odd("patch.dotted_sub", 0.5):
                made[c.pick(("type.x", "urn:x:y", f"{attr.name}.value", "name.givenName"))] = "z"
        return made

    def removal(self, urn: str | None, attr: Attr, target: Attr) -> object:
        """The `value` of a `remove`."""
        c = self.c
        stored = self.current(urn, attr)
        items = stored if isinstance(stored, list) else [stored] if stored is not None else []
        how = c.one("patch.removal", (("item", 40), ("value", 20), ("part", 20), ("junk", 10), ("new", 10)))
        if how == "junk" or not items:
            return c.pick(
                (
                    *literals.JUNK,
                    [""],
                    [{"value": ""}],
                    {"value": None},
                    {"type": "work"},
                    {"x": "a"},
                    {"primary": False},
                )
            )
        item = c.pick(items)
        if how == "item":
            made = item
        elif how == "value" and isinstance(item, dict):
            made = c.pick(
                ({"value": item.get("value")}, item.get("value"), {"value": item.get("value"), "type": "other"})
            )
        elif how == "part" and isinstance(item, dict) and item:
            names = c.sample(list(item), c.number(1, 2))
            made = {name: item[name] for name in names}
        elif how == "new":
            made = element(c, attr)
        else:
            made = literals.near(c, item)
        if c.chance(0.5):
            made = [made]
        elif c.chance(0.2):
            made = [made, c.pick(items)]
        return dumps(made) if c.odd("patch.removal_text") else made

    def members(self, op: str) -> dict:
        """The `value` of an operation without a path."""
        c = self.c
        made: dict = {}
        for _ in range(c.pick((1, 1, 2, 3))):
            form = c.one(
                "patch.key",
                (
                    ("attr", 50),
                    ("path", 25),
                    ("extension", 12),
                    ("unknown", 4),
                    ("schemas", 3),
                    ("readonly", 4),
                    ("core", 2),
                ),
            )
            urn, attr = self.attribute()
            if form == "attr":
                made[self.filters.spelled(urn, attr)] = self.value(op, urn, attr)
            elif form == "path":
                made.update(_pair(self.by_path("add", urn, attr)))
            elif form == "extension" and self.view.extensions:
                urn, attrs = c.pick(self.view.extensions)
                key = self.filters.odd_urn(urn) if c.odd("patch.odd_urn_key", 2.0) else urn
                made[key] = {a.name: self.value(op, urn, a) for a in c.sample(attrs, c.number(0, 3))}
                if c.odd("patch.extension_value"):
                    made[key] = c.pick((None, {}, [], "", dumps(made[key]), "x", [made[key]]))
            elif form == "unknown":
                odd = c.pick(ODD_PATHS)
                made[odd if isinstance(odd, str) else "shoeSize"] = c.pick(literals.JUNK)
            elif form == "schemas":
                made["schemas"] = odd_schemas(c, self.view, [])
            elif form == "readonly":
                made[c.pick(("id", "meta", "groups", "ID"))] = c.pick(
                    (self.resource.get("id"), "u9", None, [], {"version": "x"}, [{"value": "g1"}])
                )
            elif form == "core":
                made[self.view.urn] = {attr.name: self.value(op, urn, attr)}
        if c.odd("patch.key_twin") and made:
            name = c.pick(list(made))
            made[c.pick((c.flip_case(name), f"{self.view.urn}:{name}"))] = c.pick((made[name], "z"))
        return made

    def members_1_1(self) -> dict:
        """A request with the member operations of SCIM 1.1."""
        c = self.c
        name = "members" if c.chance(0.8) else c.pick(("Members", "emails", "groups", "roles"))
        items = []
        for _ in range(c.number(0, 3)):
            item = {"value": c.pick(("u1", "u2", "u3", "", None))}
            if c.chance(0.6):
                item[c.pick(("operation", "operation", "Operation"))] = c.pick(
                    ("delete", "delete", "add", "Delete", "", None, "remove", 5)
                )
            if c.chance(0.2):
                item[c.pick(("display", "type", "x"))] = "User"
            items.append(item)
        body = {"schemas": c.pick((["urn:scim:schemas:core:1.0"], None, [], ["urn:x"], [PATCH_URN], [ENTERPRISE_URN]))}
        if c.chance(0.3):
            del body["schemas"]
        body[name] = items if c.chance(0.8) else c.pick((None, items[0] if items else {}, "u1", [None], "", {}, ["u1"]))
        if c.chance(0.2):
            body[c.pick(("displayName", "meta", "id", "x"))] = c.pick(("Crew", {"attributes": ["members"]}, None))
        return body


def _pair(operation: dict) -> dict:
    return {operation["path"]: operation.get("value")}
