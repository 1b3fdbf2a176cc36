"""Queries: the resources that match, and those of them on the page that the client asks for.

Matches are found in one of three ways. Without a filter, the database counts and selects the page. If the filter has an
equality that an index answers (`Filter.equalities`), the filter tests only the rows that the index returns. Otherwise
it scans the stored JSON text in batches.
"""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Any, NamedTuple

import scim_engine as scim
from scim_engine import protocol

from .store import Kind, Row, Transaction

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from .service import Session

SORTED = 10_000
"""The most matches that are sorted, because this is done in memory. A query with more of them is refused."""


class Match(NamedTuple):
    """A resource that matches the filter."""

    kind: Kind
    row: Row


def search(session: Session, tx: Transaction, kinds: Sequence[Kind], query: protocol.ListQuery) -> dict[str, Any]:
    """The ListResponse."""
    tenant = session.caller.tenant
    position = session.service.cursors.open(query, context=tenant) if query.cursor else {}
    if query.sort_by:
        return _sorted(session, tx, kinds, query, position.get("skip"))
    if query.is_by_cursor:
        # Counting would read all matches, and RFC 9865 allows answers without `totalResults`.
        total = None if query.filter is not None else sum(tx.count(kind, tenant) for kind in kinds)
        found = _matches(session, tx, kinds, query, position.get("kind", 0), position.get("after", -1))
        page = list(islice(found, query.count + 1))
        following = None
        if len(page) > query.count > 0:
            last = page[query.count - 1]
            following = _seal(session, query, {"kind": kinds.index(last.kind), "after": last.row.seq})
        return query.response(_documents(session, tx, page[: query.count], query), total, next_cursor=following)
    skip = query.start_index - 1
    if query.filter is None and len(kinds) == 1:
        total = tx.count(kinds[0], tenant)
        rows = tx.page(kinds[0], tenant, query.count, skip=skip) if skip < total else []
        page = [Match(kinds[0], row) for row in rows]
    else:
        # `totalResults` must be right, so all matches are counted. Only those of the page are kept.
        total, page = 0, []
        for match in _matches(session, tx, kinds, query):
            if skip <= total < skip + query.count:
                page.append(match)
            total += 1
    return query.response(_documents(session, tx, page, query), total, start_index=query.start_index)


def _sorted(
    session: Session, tx: Transaction, kinds: Sequence[Kind], query: protocol.ListQuery, skip: int | None
) -> dict[str, Any]:
    found = list(islice(_matches(session, tx, kinds, query), SORTED + 1))
    if len(found) > SORTED:
        raise scim.TooMany(f"more than {SORTED} resources would have to be sorted: narrow the filter")
    ordered = query.sort(_documents(session, tx, found, query))
    skip = query.start_index - 1 if skip is None else skip
    end = skip + query.count
    if not query.is_by_cursor:
        return query.response(ordered[skip:end], len(ordered), start_index=query.start_index)
    following = _seal(session, query, {"skip": end}) if query.count > 0 and end < len(ordered) else None
    return query.response(ordered[skip:end], len(ordered), next_cursor=following)


def _seal(session: Session, query: protocol.ListQuery, position: dict[str, int]) -> str:
    return session.service.cursors.seal(position, query, context=session.caller.tenant)


def _matches(
    session: Session,
    tx: Transaction,
    kinds: Sequence[Kind],
    query: protocol.ListQuery,
    first_kind: int = 0,
    after: int = -1,
) -> Iterator[Match]:
    """All matches in the order of creation, those of a later kind after those of an earlier one."""
    tenant, wanted = session.caller.tenant, query.filter
    for kind in kinds[first_kind:]:
        indexed = None if wanted is None else _indexed(tx, kind, tenant, wanted)
        if indexed is None:
            batches: Any = tx.scan(kind, tenant, after=after)
        else:
            batches = [[row for row in indexed if row.seq > after]]
        after = -1
        for rows in batches:
            if wanted is None:
                chosen = rows
            elif any(word in str(wanted).lower() for word in (kind.apart, "location", "version")):
                # The filter may read attributes that are not in the stored JSON.
                documents = session.documents(tx, kind, rows, apart=True)
                chosen = [row for row, document in zip(rows, documents, strict=True) if wanted.matches(document)]
            else:
                chosen = [row for row in rows if wanted.matches(row.resource)]
            yield from (Match(kind, row) for row in chosen)


def _indexed(tx: Transaction, kind: Kind, tenant: str, wanted: scim.Filter) -> list[Row] | None:
    """The rows that an index returns, which the filter must still confirm; None if no index helps."""
    for equality in wanted.equalities():
        value = equality.value
        if not isinstance(value, str):
            continue
        if equality.path == "id":
            return tx.by_column(kind, tenant, "id", value)
        if equality.path == "externalId":
            return tx.by_column(kind, tenant, "external_id", value)
        if equality.path == kind.name:
            return tx.by_column(kind, tenant, kind.column, kind.name_key(value))
        if equality.path in (kind.apart, f"{kind.apart}.value"):
            return tx.by_membership(kind, tenant, value)
    return None


def _documents(
    session: Session, tx: Transaction, matches: Sequence[Match], query: protocol.ListQuery
) -> list[dict[str, Any]]:
    """The matches as resources, with `members` and `groups` only if the query needs them."""
    documents: list[dict[str, Any]] = []
    kinds = dict.fromkeys(match.kind for match in matches)
    for kind in kinds:
        rows = [match.row for match in matches if match.kind is kind]
        documents += session.documents(tx, kind, rows, apart=query.needs(kind.apart))
    return documents
