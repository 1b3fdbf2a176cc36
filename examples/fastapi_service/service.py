"""The requests, without HTTP: bytes and text in, an `Answer` out, a `scim.ScimError` raised."""

from __future__ import annotations

import json
import secrets
import uuid
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import scim_engine as scim
from scim_engine import protocol

from .listing import search
from .store import GROUPS, KINDS, USERS, Clash, Duplicate, Kind, Row, Store, Transaction
from .tokens import Caller, now

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

TOLERANCE = scim.Tolerance(replace_creates=True)
"""Accepts Entra's deviations from the RFC, and reports them as repairs."""
TRIES = 5
"""The most attempts at a change that conflicts with other requests. All but the first lock the row."""
ANSWERED_MEMBERS = 1_000
"""A PATCH of a group with more members is answered with 204, unless the client asks for `attributes`."""
LONGEST = 512
"""The most characters of a name, an `externalId` or the `value` of a member: not every index has room for more."""
SECRET = {"password"}
"""Attributes that are read and dropped: this service has no log-in, so it does not need a password, even hashed."""


@dataclass
class Answer:
    """The answer to a request, for `app.py` to send."""

    status: int = 200
    body: dict[str, Any] | None = None
    location: str | None = None
    version: str | None = None


@dataclass
class Service:
    """The state that all requests share."""

    store: Store
    max_body: int
    registry: protocol.Registry = field(default_factory=lambda: protocol.Registry([kind.type for kind in KINDS]))

    def __post_init__(self) -> None:
        with self.store.write() as tx:
            key = tx.setting("cursor key", secrets.token_hex(32))
        self.cursors = protocol.Cursors(bytes.fromhex(key))


@dataclass
class Session:
    """One caller, in its tenant."""

    service: Service
    caller: Caller
    base: str
    """The URL of the tenant, before `/Users`."""

    def get(self, kind: Kind, id: str, query: str, conditions: protocol.Preconditions) -> Answer:
        """GET of one resource."""
        projection = protocol.Projection.from_query(query, kind.type)
        with self.service.store.read() as tx:
            row = tx.find(kind, self.caller.tenant, id)
            if row is None:
                raise _not_found(kind, id)
            version = etag(row.version)
            if conditions.is_not_modified(version):
                return Answer(304, version=version)
            [resource] = self.documents(tx, kind, [row], apart=projection.needs(kind.apart))
        return Answer(200, projection.apply(resource), self.location(kind, id), version)

    def search(self, kinds: Sequence[Kind], query: protocol.ListQuery) -> Answer:
        """GET of an endpoint, or POST of `.search`."""
        with self.service.store.read() as tx:
            return Answer(200, search(self, tx, kinds, query))

    def create(self, kind: Kind, body: Any, query: str) -> Answer:
        """POST."""
        projection = protocol.Projection.from_query(query, kind.type)
        outcome = kind.type.create(body)
        changes = _public(outcome)
        id = str(uuid.uuid4())
        resource = protocol.stamp(_stored(outcome), kind.type, id=id, base=self.base, version=etag(1))
        members = resource.get("members", [])
        text = _text(resource)
        try:
            with self.service.store.write() as tx:
                tx.insert(kind, self.caller.tenant, id, _columns(kind, resource), text)
                tx.put_members(self.caller.tenant, id, _elements(members)) if members else None
                self._audit(tx, "POST", kind, id, changes, outcome)
                [resource] = self.documents(tx, kind, [Row(id, 1, 0, text)], apart=projection.needs(kind.apart))
        except Duplicate:
            raise _taken(kind) from None
        return Answer(201, projection.apply(resource), self.location(kind, id), etag(1))

    def replace(self, kind: Kind, id: str, body: Any, query: str, conditions: protocol.Preconditions) -> Answer:
        """PUT."""
        return self._change(
            "PUT",
            kind,
            id,
            lambda current: kind.type.replace(current, body, absent=self.caller.absent),
            only=None if kind is GROUPS else [],
            query=query,
            conditions=conditions,
        )

    def patch(self, kind: Kind, id: str, body: Any, query: str, conditions: protocol.Preconditions) -> Answer:
        """PATCH. Of the members of a group, only those that the request names are loaded."""
        patch = scim.Patch(body, kind.type, unknown_paths="ignore", tolerance=TOLERANCE)
        return self._change(
            "PATCH",
            kind,
            id,
            patch.apply,
            only=patch.elements(kind.apart),
            query=query,
            conditions=conditions,
        )

    def delete(self, kind: Kind, id: str, conditions: protocol.Preconditions) -> Answer:
        """DELETE. Also removes the resource from every group."""
        for _ in range(TRIES):
            try:
                with self.service.store.write() as tx:
                    self._delete(tx, kind, id, conditions)
            except Clash:
                continue
            return Answer(204)
        raise _busy()

    def _delete(self, tx: Transaction, kind: Kind, id: str, conditions: protocol.Preconditions) -> None:
        row = tx.find(kind, self.caller.tenant, id, lock=True)
        if row is None:
            raise _not_found(kind, id)
        conditions.check(etag(row.version))
        for group in tx.by_membership(GROUPS, self.caller.tenant, id):
            if group.id != id:  # the group's own members are deleted with it
                self._leave(tx, group.id, id)
        if not tx.delete(kind, self.caller.tenant, id, row.version):
            raise Clash  # rolls everything back
        self._audit(tx, "DELETE", kind, id, [], None)

    def _change(
        self,
        method: str,
        kind: Kind,
        id: str,
        apply: Callable[[dict[str, Any]], scim.Outcome],
        *,
        query: str,
        conditions: protocol.Preconditions,
        only: Sequence[str] | None = None,
    ) -> Answer:
        """Reads, applies and writes in one transaction. Tries again if the resource has changed meanwhile."""
        projection = protocol.Projection.from_query(query, kind.type)
        for attempt in range(TRIES):
            try:
                with self.service.store.write() as tx:
                    row = tx.find(kind, self.caller.tenant, id, lock=attempt > 0)
                    if row is None:
                        raise _not_found(kind, id)
                    conditions.check(etag(row.version))
                    current = json.loads(row.resource)
                    if kind is GROUPS:
                        found = tx.members(self.caller.tenant, [id], only)[id]
                        current["members"] = [json.loads(element) for element in found]
                    elif only != []:
                        # The request names `groups`, which is readOnly: only its actual value is not a change.
                        [current] = self.documents(tx, kind, [row], apart=True)
                    outcome = apply(current)
                    row = self._write(tx, method, kind, row, outcome)
                    if row is not None:
                        return self._changed(tx, method, kind, row, projection)
            except Duplicate:
                raise _taken(kind) from None
            except Clash:
                pass
        raise _busy()

    def _write(self, tx: Transaction, method: str, kind: Kind, row: Row, outcome: scim.Outcome) -> Row | None:
        """Writes the changes, if there are any. None if another request has changed the row meanwhile."""
        changes = _public(outcome)
        if not changes:
            return row
        version = etag(row.version + 1)
        resource = protocol.touch(_stored(outcome), kind.type, base=self.base, changed=True, version=version)
        text = _text(resource)
        if not tx.update(kind, self.caller.tenant, row.id, row.version, _columns(kind, resource), text):
            return None
        for change in outcome.changes if kind is GROUPS else ():
            if change.path == "members":
                here = _elements([pair.new for pair in change.replaced] + change.added)
                # A member that changes keeps its position.
                stays = {value for value, _ in here}
                old = _elements(change.removed + [pair.old for pair in change.replaced])
                gone = [value for value, _ in old if value not in stays]
                tx.remove_members(self.caller.tenant, row.id, gone) if gone else None
                tx.put_members(self.caller.tenant, row.id, here) if here else None
        self._audit(tx, method, kind, row.id, changes, outcome)
        return Row(row.id, row.version + 1, row.seq, text)

    def _changed(self, tx: Transaction, method: str, kind: Kind, row: Row, projection: protocol.Projection) -> Answer:
        """The answer to PUT and PATCH."""
        apart = projection.needs(kind.apart)
        location, version = self.location(kind, row.id), etag(row.version)
        if (
            method == "PATCH"
            and kind is GROUPS
            and apart
            and not projection.attributes
            and tx.has_more_members(self.caller.tenant, row.id, ANSWERED_MEMBERS)
        ):
            return Answer(204, None, location, version)
        [resource] = self.documents(tx, kind, [row], apart=apart)
        return Answer(200, projection.apply(resource), location, version)

    def _leave(self, tx: Transaction, group: str, member: str) -> None:
        """Removes one member from a group, like a PATCH."""
        patch = scim.Patch(
            {
                "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
                "Operations": [{"op": "remove", "path": "members", "value": [{"value": member}]}],
            },
            scim.GROUP,
        )
        row = tx.find(GROUPS, self.caller.tenant, group, lock=True)
        if row is not None:
            current = json.loads(row.resource)
            current["members"] = [json.loads(text) for text in tx.members(self.caller.tenant, [group], [member])[group]]
            self._write(tx, "DELETE", GROUPS, row, patch.apply(current))

    def documents(self, tx: Transaction, kind: Kind, rows: Sequence[Row], *, apart: bool) -> list[dict[str, Any]]:
        """Stored rows as whole resources; with `apart`, including `members` or `groups` from the table `members`."""
        documents = [json.loads(row.resource) for row in rows]
        for row, document in zip(rows, documents, strict=True):
            document["meta"].update(location=self.location(kind, row.id), version=etag(row.version))
        if apart and kind is GROUPS:
            members = tx.members(self.caller.tenant, [row.id for row in rows])
            for row, document in zip(rows, documents, strict=True):
                if members[row.id]:
                    document["members"] = json.loads(f"[{','.join(members[row.id])}]")
        elif apart and kind is USERS:
            groups = tx.groups_of(self.caller.tenant, [row.id for row in rows])
            for row, document in zip(rows, documents, strict=True):
                if groups[row.id]:
                    document["groups"] = [self._group_of(id, json.loads(text)) for id, text in groups[row.id]]
        return documents

    def _group_of(self, id: str, group: dict[str, Any]) -> dict[str, Any]:
        return {"value": id, "$ref": self.location(GROUPS, id), "display": group["displayName"], "type": "direct"}

    def location(self, kind: Kind, id: str) -> str:
        """The URL of a resource."""
        return f"{self.base}{kind.type.endpoint}/{id}"

    def _audit(
        self,
        tx: Transaction,
        method: str,
        kind: Kind,
        id: str,
        changes: list[dict[str, Any]],
        outcome: scim.Outcome | None,
    ) -> None:
        repairs = [] if outcome is None else [repair.to_dict() for repair in outcome.repairs]
        tx.audit(
            {
                "tenant": self.caller.tenant,
                "at": now(),
                "token": self.caller.token,
                "method": method,
                "type": kind.type.name,
                "id": id,
                "changes": _json(changes),
                "repairs": _json(repairs),
            }
        )


def etag(version: int) -> str:
    """The version of a resource as an ETag."""
    return f'W/"{version}"'


def _public(outcome: scim.Outcome) -> list[dict[str, Any]]:
    return [change.to_dict() for change in outcome.changes if change.path not in SECRET]


def _stored(outcome: scim.Outcome) -> dict[str, Any]:
    return {name: value for name, value in outcome.resource.items() if name not in SECRET}


def _text(resource: dict[str, Any]) -> str:
    """The stored JSON: without attributes that have a table of their own, or that depend on the URL of the service."""
    resource = {name: value for name, value in resource.items() if name not in ("groups", "members")}
    resource["meta"] = {name: resource["meta"][name] for name in ("resourceType", "created", "lastModified")}
    return _json(resource)


def _columns(kind: Kind, resource: dict[str, Any]) -> dict[str, str | None]:
    """The values of the indexed columns."""
    columns = {"name": kind.name_key(resource[kind.name]), "external": resource.get("externalId")}
    for name, value in ((kind.name, columns["name"]), ("externalId", columns["external"])):
        _check_key(f"`{name}`", value or "")
    return columns


def _check_key(name: str, value: str) -> None:
    """Refuses a value that an index cannot hold: a long one, or one with a NUL."""
    if "\0" in value:
        raise scim.InvalidValue(f"{name} must not hold the character U+0000")
    if len(value) > LONGEST:
        raise scim.InvalidValue(f"{name} is too long: at most {LONGEST} characters are allowed, this has {len(value)}")


def _elements(members: list[Any]) -> list[tuple[str, str]]:
    """Members as rows. If a `value` occurs twice, the last element with it counts."""
    found = {}
    for member in members:
        value = member.get("value")
        if not value:
            raise scim.InvalidValue("each of `members` must have a `value`")
        _check_key("the `value` of one of `members`", value)
        found[value] = _json(member)
    return list(found.items())


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _not_found(kind: Kind, id: str) -> scim.NotFound:
    return scim.NotFound(f"there is no {kind.type.name} `{id}`")


def _taken(kind: Kind) -> scim.Uniqueness:
    return scim.Uniqueness(f"another {kind.type.name} has this `{kind.name}`")


def _busy() -> scim.ScimError:
    return scim.ScimError("too many clients change this resource at once: try again", status=503)
