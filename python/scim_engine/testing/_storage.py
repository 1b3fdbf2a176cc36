"""Compares a storage with the one in memory, and lets writers meet in it."""

from __future__ import annotations

import json
import random
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from .._engine import MemoryStorage, ResourceType
from ..endpoint import Endpoint, Storage
from ._filters import _attributes, _Maker, _text

_HEADERS = {"Content-Type": "application/scim+json"}
_BASE = "https://app.example/scim/v2"
_TEXTS = ["Ann", "ann", "Straße", "x y", "100%", "O'Neil", "Łukasz", '"quoted"', "a_b"]
_VALUES: dict[str, list[Any]] = {
    "boolean": [True, False],
    "integer": [0, 7, -3],
    "decimal": [0.5, 12.25],
    "dateTime": ["2026-01-01T00:00:00Z", "2026-07-31T12:30:00.250Z"],
    "reference": ["https://pictures.example/1", "https://pictures.example/2"],
    "binary": ["AAEC", "Zm9v"],
}


@dataclass(frozen=True)
class StorageCheck:
    """What `check_storage` has tried."""

    requests: int
    """The requests that were compared."""
    refused: int
    """Those that the storage refused because it does not keep a value, or cannot say a filter."""
    writers: int
    """How many wrote at once."""


def check_storage(
    open: Callable[[], Storage],
    endpoint: Endpoint,
    requests: int = 500,
    *,
    seed: int = 0,
    writers: int = 8,
    defaults: Mapping[str, Any] | None = None,
) -> StorageCheck:
    """Compares a storage with the one in memory on random requests: resources that are created, replaced, patched, read
    and deleted, and lists that are filtered. Then writers meet: they create one name, and each adds a value to one
    resource; nothing may be lost.

    `open` gives a storage of one tenant, which need not be empty, for one request; it is called from several threads.
    `endpoint` has the resource types. A storage may refuse what it does not keep (`invalidValue`, `invalidFilter`), but
    not change it. With one of `writers`, none meet. `defaults` says what it shows where nothing is assigned:
    `{"active": True, "emails.primary": False}`.

    Raises `AssertionError` with the first request that has another answer.

    >>> from scim_engine.endpoint import Endpoint, MemoryStorage
    >>> storage = MemoryStorage()
    >>> checked = check_storage(lambda: storage, Endpoint(), 100)
    >>> checked.requests + checked.refused
    100
    """
    check = _Check(open, endpoint, random.Random(seed), defaults or {})
    check.fill(12)
    while check.compared + check.refused < requests:
        check.step()
    if check.compared <= check.refused:
        raise AssertionError(f"the storage refuses {check.refused} of {requests} requests, such as {check.example}")
    if writers > 1:
        check.writers_meet(writers)
    return StorageCheck(check.compared, check.refused, writers)


class _Check:
    def __init__(
        self, open: Callable[[], Storage], endpoint: Endpoint, chooser: random.Random, defaults: Mapping[str, Any]
    ):
        self.open, self.endpoint, self.chooser, self.defaults = open, endpoint, chooser, defaults
        self.twin = MemoryStorage()
        self.kinds = {kind.name: kind for kind in endpoint.registry.resource_types}
        self.names = {kind.schema["id"]: f"@{kind.name}" for kind in self.kinds.values()}
        self.attributes = {
            (kind.schema["id"], one["name"]) for kind in self.kinds.values() for one in kind.schema["attributes"]
        }
        # The ids of the resources that are there, in the storage and in its twin, by their names in requests.
        self.ids: dict[str, tuple[str, str]] = {}
        self.compared = self.refused = self.named = 0
        self.example = ""

    def send(self, storage: Any, method: str, path: str, body: Any = None, query: str = "") -> tuple[int, Any]:
        text = None if body is None else json.dumps(body).encode()
        answer = self.endpoint.handle(storage, method, path, base=_BASE, query=query, headers=_HEADERS, body=text)
        return answer.status, json.loads(answer.body or b"null")

    def both(self, method: str, path: str, body: Any = None, query: str = "") -> tuple[Any, Any] | None:
        """Sends a request to the storage and its twin, with the ids of each, and compares the answers. Gives them; none
        for what the storage refuses."""
        said = f"{method} {path}{'?' if query else ''}{query} {'' if body is None else json.dumps(body)}"
        status, own = self.send(self.open(), method, self.told(path, 0), self.told(body, 0), query)
        if status == 400 and own.get("scimType") in ("invalidValue", "invalidFilter"):
            self.refused, self.example = self.refused + 1, f"{said}: {own['detail']}"
            return None
        other, twin = self.send(self.twin, method, self.told(path, 1), self.told(body, 1), query)
        self.compared += 1
        shown = [self.shown(answer, side) for side, answer in enumerate((own, twin))]
        if (status, shown[0]) != (other, shown[1]):
            raise AssertionError(_difference(said, f"{status} {_json(shown[0])}", f"{other} {_json(shown[1])}"))
        return own, twin

    def told(self, value: Any, side: int) -> Any:
        """A request with the ids of one side in place of their names."""
        if isinstance(value, dict):
            return {name: self.told(part, side) for name, part in value.items()}
        if isinstance(value, list):
            return [self.told(part, side) for part in value]
        if isinstance(value, str) and "@" in value:
            for name, ids in self.ids.items():
                value = value.replace(name, ids[side])
        return value

    def shown(self, value: Any, side: int, name: str = "") -> Any:
        """An answer without what differs between two storages: ids, times, versions, and the order of lists."""
        if isinstance(value, list):
            parts = [self.shown(part, side, name) for part in value]
            return parts if name == "schemas" else sorted(parts, key=lambda part: json.dumps(part, sort_keys=True))
        if not isinstance(value, dict):
            return value
        of = value.get("schemas", [""])[0]
        if "Resources" in value or "totalResults" in value:
            # Others may have been there before.
            own = {(name.rstrip("0123456789@"), ids[side]) for name, ids in self.ids.items()}
            listed = value.get("Resources", [])
            there = [one for one in listed if (self.names.get(one["schemas"][0]), one["id"]) in own]
            others = len(listed) - len(there)
            counts = {name: value.get(name, 0) - others for name in ("totalResults", "itemsPerPage")}
            value = {**value, **counts, "Resources": there}
        if "detail" in value:
            return {key: part for key, part in value.items() if key != "detail"}
        # What follows from other resources is not in the twin.
        found = {
            key: self.shown(part, side, key)
            for key, part in value.items()
            if key not in ("meta", "$ref", "display", "type", "groups", "nextCursor") or (key == "type" and not of)
        }
        if name in _REFERENCES:
            found.pop("type", None)
        for path, default in self.defaults.items():
            whole, _, last = path.rpartition(".")
            if whole == name if whole else (of, last) in self.attributes:
                found.setdefault(last, default)
        # Resources of two types may have the same id.
        named = {"id": self.names.get(of, ""), "value": "@User" if name in _REFERENCES else ""}
        for key, start in named.items():
            for known, ids in self.ids.items() if start else ():
                if known.startswith(start) and found.get(key) == ids[side]:
                    found[key] = known
        return found

    def fill(self, count: int) -> None:
        for kind in self.kinds.values():
            for _ in range(count):
                self.create(kind)

    def create(self, kind: ResourceType) -> None:
        name = f"@{kind.name}{self.named}@"
        self.named += 1
        body = {"schemas": [kind.schema["id"]], **self.resource(kind)}
        # The answer to a creation has the id that only it can tell.
        status, own = self.send(self.open(), "POST", kind.endpoint, self.told(body, 0))
        if status == 400 and own.get("scimType") == "invalidValue":
            self.refused, self.example = self.refused + 1, f"{json.dumps(body)}: {own['detail']}"
            return
        other, twin = self.send(self.twin, "POST", kind.endpoint, self.told(body, 1))
        if status == other == 201:
            self.ids[name] = own["id"], twin["id"]
        self.compared += 1
        shown = [self.shown(own, 0), self.shown(twin, 1)]
        if (status, shown[0]) != (other, shown[1]):
            said = f"POST {kind.endpoint} {json.dumps(body)}"
            raise AssertionError(_difference(said, f"{status} {_json(shown[0])}", f"{other} {_json(shown[1])}"))

    def resource(self, kind: ResourceType) -> dict[str, Any]:
        """A random resource."""
        made: dict[str, Any] = {}
        for urn, schema in [("", kind.schema), *((each["id"], each) for each in kind.extensions)]:
            holder: dict[str, Any] = {}
            for attribute in schema["attributes"]:
                if self.is_written(attribute) and (attribute.get("required") or self.chooser.random() < 0.5):
                    holder[attribute["name"]] = self.value(attribute)
            if urn and holder:
                made[urn] = holder
            elif not urn:
                made |= holder
        return made

    def is_written(self, attribute: dict[str, Any]) -> bool:
        return attribute.get("mutability", "readWrite") == "readWrite" and attribute.get("returned") != "never"

    def value(self, attribute: dict[str, Any]) -> Any:
        if attribute.get("multiValued"):
            elements = [self.element(attribute) for _ in range(self.chooser.choice((1, 1, 2, 3)))]
            for element in elements[1:]:
                if isinstance(element, dict):
                    element.pop("primary", None)
            return elements
        return self.element(attribute)

    def element(self, attribute: dict[str, Any]) -> Any:
        kind = attribute.get("type", "string")
        if kind != "complex":
            # Some keep what is required unique, too.
            if attribute.get("uniqueness", "none") != "none" or attribute.get("required"):
                self.named += 1
                return f"{self.chooser.choice(_TEXTS)}{self.named}"
            return self.chooser.choice(_VALUES.get(kind, _TEXTS))
        if attribute["name"] in _REFERENCES:
            users = [name for name in self.ids if name.startswith("@User")]
            return {"value": self.chooser.choice(users)} if users else {}
        subs = [sub for sub in attribute["subAttributes"] if sub.get("mutability") != "readOnly"]
        chosen = [sub for sub in subs if sub["name"] == "value" or self.chooser.random() < 0.6] or subs[:1]
        return {sub["name"]: self.element(sub) for sub in chosen if sub["name"] != "$ref"}

    def step(self) -> None:
        """One random request."""
        which = self.chooser.random()
        kind = self.chooser.choice([*self.kinds.values()])
        there = [name for name in self.ids if name.startswith(f"@{kind.name}")]
        if which < 0.08 or not there:
            self.create(kind)
            return
        name = self.chooser.choice(there)
        path = f"{kind.endpoint}/{name}"
        if which < 0.35:
            self.both("PUT", path, {"schemas": [kind.schema["id"]], **self.resource(kind)})
        elif which < 0.7:
            urn = "urn:ietf:params:scim:api:messages:2.0:PatchOp"
            operations = [self.operation(kind) for _ in range(self.chooser.choice((1, 1, 2, 3)))]
            self.both("PATCH", path, {"schemas": [urn], "Operations": operations})
        elif which < 0.75:
            self.both("DELETE", path)
            del self.ids[name]
        elif which < 0.85:
            self.both("GET", path)
        else:
            self.compare_list(kind)

    def operation(self, kind: ResourceType) -> dict[str, Any]:
        attributes = [(path, one) for path, one in _attributes(kind, None) if self.is_written(one)]
        path, attribute = self.chooser.choice([each for each in attributes if each[0] != "externalId"])
        op = self.chooser.choice(("add", "replace", "remove"))
        if op == "remove" and attribute.get("required"):
            op = "replace"
        of, value = path, self.value(attribute)
        if attribute.get("type") == "complex" and attribute["name"] not in _REFERENCES and self.chooser.random() < 0.5:
            sub = self.chooser.choice([one for one in attribute["subAttributes"] if self.is_written(one)])
            at = f"[{self.test(attribute)}]" if attribute.get("multiValued") else ""
            of, value = f"{path}{at}.{sub['name']}", self.element(sub)
        elif attribute.get("multiValued") and op == "remove" and self.chooser.random() < 0.7:
            of = f"{path}[{self.test(attribute)}]"
        return {"op": op, "path": of} | ({} if op == "remove" else {"value": value})

    def test(self, attribute: dict[str, Any]) -> str:
        subs = [one for one in attribute.get("subAttributes", []) if one["name"] in ("value", "type", "primary")]
        sub = self.chooser.choice(subs or attribute.get("subAttributes") or [{"name": "value"}])
        return f"{sub['name']} eq {json.dumps(self.element({**attribute, **sub, 'multiValued': False}))}"

    def compare_list(self, kind: ResourceType) -> None:
        """A list. What differs between two storages is not asked for."""
        shown = self.send(self.twin, "GET", kind.endpoint)[1]["Resources"]
        names = {one["name"].lower() for _, one in _attributes(kind, None) if self.is_written(one)}
        names -= {"id", "meta", *_REFERENCES, *(path.partition(".")[0].lower() for path in self.defaults)}
        maker = _Maker(self.chooser, [*_attributes(kind, names)], shown)
        self.both("GET", kind.endpoint, query=urlencode({"filter": _text(maker.tree(self.chooser.choice((0, 1, 2))))}))

    def writers_meet(self, count: int) -> None:
        """Many requests at once: a name is created once, and of what is added to one resource nothing is lost."""
        for kind in self.kinds.values():
            unique = [one for one in kind.schema["attributes"] if one.get("uniqueness", "none") != "none"]
            if unique and self.is_written(unique[0]):
                body = {"schemas": [kind.schema["id"]], **self.resource(kind)}
                body |= {unique[0]["name"]: f"met-{self.chooser.random()}"}
                statuses = self.at_once([("POST", kind.endpoint, body)] * count)
                if statuses.count(201) != 1 or any(status not in (201, 409, 503) for status in statuses):
                    raise AssertionError(f"{count} that create one `{unique[0]['name']}` are answered by {statuses}")
            self.adders_meet(kind, count)

    def adders_meet(self, kind: ResourceType, count: int) -> None:
        lists = [one for one in kind.schema["attributes"] if one.get("multiValued") and self.is_written(one)]
        there = [name for name in self.ids if name.startswith(f"@{kind.name}")]
        if not lists or not there:
            return
        listed = next((one for one in lists if one["name"] == "members"), lists[0])
        path = f"{kind.endpoint}/{self.ids[there[0]][0]}"
        if listed["name"] in _REFERENCES:
            users = [ids[0] for name, ids in self.ids.items() if name.startswith("@User")][:count]
            values = [{"value": id} for id in users]
        else:
            values = [{"value": f"met{at}@x.example"} for at in range(count)]
        self.send(self.open(), "PATCH", path, _patch("remove", listed["name"]))
        statuses = self.at_once([("PATCH", path, _patch("add", listed["name"], [value])) for value in values])
        _, found = self.send(self.open(), "GET", path)
        kept = {element["value"] for element in found.get(listed["name"], [])}
        lost = [one for one, status in zip(values, statuses, strict=True) if status < 300 and one["value"] not in kept]
        if lost:
            raise AssertionError(f"{len(values)} that add to `{listed['name']}` at once lose {lost}")
        if any(status not in (200, 204, 409, 503) for status in statuses):
            raise AssertionError(f"{len(values)} that add to `{listed['name']}` at once are answered by {statuses}")

    def at_once(self, requests: list[tuple[str, str, Any]]) -> list[int]:
        """The statuses of requests that are sent at once, each by a thread of its own."""
        statuses = [0] * len(requests)
        barrier = threading.Barrier(len(requests))

        def send(at: int) -> None:
            method, path, body = requests[at]
            barrier.wait()
            statuses[at] = self.send(self.open(), method, path, self.told(body, 0))[0]

        threads = [threading.Thread(target=send, args=(at,)) for at in range(len(requests))]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return statuses


_REFERENCES = {"members", "manager"}


def _patch(op: str, path: str, value: Any = None) -> dict[str, Any]:
    operation = {"op": op, "path": path} | ({} if value is None else {"value": value})
    return {"schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"], "Operations": [operation]}


def _json(value: Any) -> str:
    return json.dumps(value, sort_keys=True, ensure_ascii=False)


def _difference(said: str, own: str, twin: str) -> str:
    """What two answers have where they begin to differ."""
    start = next((at for at, (a, b) in enumerate(zip(own, twin, strict=False)) if a != b), 0)
    start = max(start - 60, 0)
    return f"{said}\n  has  … {own[start : start + 300]}\n  not  … {twin[start : start + 300]}"
