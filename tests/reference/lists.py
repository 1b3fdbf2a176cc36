"""List requests and their answers (RFC 7644 §3.4.2, §3.4.3; L1-L2, Q1-Q13, Q23-Q25)."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from . import cursors, filters
from .documents import document
from .equality import is_number
from .errors import Refused
from .filter_tree import And, Brackets, Compare, Node, Not, Or, Present, canonical
from .options import DEFAULT, Options
from .paths import lower
from .projection import project
from .query_text import KNOWN, LISTS, NAME_SHOWN, NUMBER, WHITE_SPACE, one_value, parameters
from .schema import ANY, Kind
from .sorting import ORDERS, sort, sort_key

LIST_RESPONSE = "urn:ietf:params:scim:api:messages:2.0:ListResponse"
SEARCH_REQUEST = "urn:ietf:params:scim:api:messages:2.0:SearchRequest"
HUGE = 2**63 - 1


@dataclass(frozen=True)
class Request:
    """The parameters of a request, decoded but not yet understood; numbers are texts or numbers."""

    filter: object = None
    sort_by: object = None
    sort_order: object = None
    start_index: object = None
    count: object = None
    attributes: tuple[str, ...] = ()
    excluded: tuple[str, ...] = ()
    cursor: object = None
    ignored: tuple[str, ...] = ()


class ListQuery:
    """A request for a list, checked for a resource type; `answer` gives the page."""

    def __init__(
        self,
        query: str,
        kind: Kind | None = None,
        options: Options = DEFAULT,
        default_count: int = 100,
        max_count: int = 1000,
        cursors: bool = False,
    ):
        """Q1-Q5: The request in a query string."""
        values, ignored = parameters(query, _known(cursors))
        request = Request(
            **{field: one_value(name, values.get(name, [])) for name, field in SINGLE.items()},
            attributes=_names(",".join(values.get("attributes", []))),
            excluded=_names(",".join(values.get("excludedAttributes", []))),
            ignored=tuple(ignored),
        )
        self._understand(request, kind, options, default_count, max_count)

    @classmethod
    def from_body(
        cls,
        body: dict,
        kind: Kind | None = None,
        options: Options = DEFAULT,
        default_count: int = 100,
        max_count: int = 1000,
        cursors: bool = False,
    ) -> "ListQuery":
        """Q2, Q4, Q12, Q13: The request in the body of a search."""
        query = cls.__new__(cls)
        query._understand(_search(body, options, cursors), kind, options, default_count, max_count)
        return query

    def _understand(
        self, request: Request, kind: Kind | None, options: Options, default_count: int, max_count: int
    ) -> None:
        """Q6-Q8, Q10: What the parameters say, checked for the resource type."""
        self.kind = kind or ANY
        self.options = options
        self.ignored = list(request.ignored)
        self.cursor = request.cursor
        self.filter = _filter(request.filter, self.kind, options)
        self.sort_order = _order(request.sort_order)
        self.sort_by = _sort_by(request.sort_by)
        if self.sort_by is not None:
            sort_key(self.sort_by, self.kind, options)
        self.start_index = max(1, _index(request.start_index, 1, "startIndex", "invalidValue"))
        if self.cursor is not None and self.start_index > 1:
            raise Refused("invalidValue", "cursor and startIndex: one method of paging")
        wrong = "invalidValue" if self.cursor is None else "invalidCount"
        self.count = min(max(0, _index(request.count, default_count, "count", wrong)), max_count)
        self.attributes, self.excluded = list(request.attributes), list(request.excluded)
        if self.attributes and self.excluded:
            raise Refused("invalidValue", "attributes and excludedAttributes are mutually exclusive")
        if len(self.attributes) + len(self.excluded) > options.limits["members"]:
            raise Refused("invalidValue", f"more than {options.limits['members']} names of attributes")

    def answer(self, resources: Iterable[dict]) -> dict:
        """Q23: The page of the resources that the filter matches; Q24, Q25: by cursor, if one is asked for."""
        found = [
            resource for resource in map(document, resources) if self.filter is None or self.filter.matches(resource)
        ]
        if self.sort_by is not None:
            found = sort(found, self.sort_by, self.sort_order, self.kind, self.options)
        begin = self.start_index - 1 if self.cursor is None else self._begin(found)
        page = found[begin : begin + self.count]
        answer: dict = {"schemas": [LIST_RESPONSE], "totalResults": len(found)}
        if self.cursor is None:
            answer["startIndex"] = self.start_index
        answer["itemsPerPage"] = len(page)
        end = begin + len(page)
        if self.cursor is not None and page and end < len(found):
            ids = [_id(found[end - 1]), _id(found[end])]
            answer["nextCursor"] = cursors.encode(end, *ids, self.count, self._bound())
        answer["Resources"] = [
            project(resource, self.kind, self.attributes, self.excluded, self.options) for resource in page
        ]
        return answer

    def _begin(self, found: list[dict]) -> int:
        if not self.cursor:
            return 0
        before, last, first = cursors.decode(self.cursor, self.count, self._bound())
        return cursors.start([_id(resource) for resource in found], before, last, first)

    def _bound(self) -> str:
        """Q11: A cursor is bound to filter, order and resource type, where names ignore case."""
        text = canonical(_lower_names(self.filter.tree)) if self.filter else None
        order = self.sort_order if self.sort_by else None
        return cursors.bound_to(text, lower(self.sort_by or ""), order, self.kind.name)


SINGLE = {
    "filter": "filter",
    "sortBy": "sort_by",
    "sortOrder": "sort_order",
    "startIndex": "start_index",
    "count": "count",
    "cursor": "cursor",
}


def _known(with_cursors: bool) -> tuple[str, ...]:
    """Q9: `cursor` is an unknown parameter if a host does not page by cursor."""
    return KNOWN if with_cursors else tuple(name for name in KNOWN if name != "cursor")


def _names(text: str) -> tuple[str, ...]:
    """The names of a list that is separated by commas."""
    return tuple(name for part in text.split(",") if (name := part.strip(WHITE_SPACE)))


def _id(resource: dict) -> str | None:
    value = resource.get("id")
    return value if isinstance(value, str) else None


def _filter(text: object, kind: Kind, options: Options) -> filters.Compiled | None:
    if text is None:
        return None
    return filters.compile(text, kind, options)


def _sort_by(value: str | None) -> str | None:
    if value is None:
        return None
    if not (name := value.strip(WHITE_SPACE)):
        raise Refused("invalidValue", "sortBy is blank")
    return name


def _order(value: str | None) -> str:
    """RFC 7644 §3.4.2.3: ascending (the default) or descending."""
    if value is None:
        return "ascending"
    if (word := lower(value.strip(WHITE_SPACE))) in ORDERS:
        return word
    raise Refused("invalidValue", "sortOrder is ascending or descending")


def _index(value: object, default: int, name: str, scim_type: str) -> int:
    """RFC 7644 §3.4.2.4: A whole number of any size."""
    if value is None:
        return default
    if isinstance(value, str) and NUMBER.fullmatch(value := value.strip(WHITE_SPACE)):
        digits = value.lstrip("+-").lstrip("0")
        size = HUGE if len(digits) > 19 else min(HUGE, int(digits or "0"))
        return -size if value.startswith("-") else size
    if isinstance(value, int) and not isinstance(value, bool):
        return max(-HUGE, min(HUGE, value))
    raise Refused(scim_type, f"{name} is a whole number")


def _search(body: object, options: Options, with_cursors: bool) -> Request:
    """Q13: A search request without its URN is invalidSyntax; Q2: names of members ignore case."""
    if not isinstance(body, dict):
        raise Refused("invalidSyntax", "a search request is an object")
    by_lower = {lower(name): name for name in (*_known(with_cursors), "schemas")}
    if len({lower(sent) for sent in body}) < len(body):
        raise Refused("invalidSyntax", "a member is given twice")
    if not _is_search(next((body[sent] for sent in body if lower(sent) == "schemas"), None), options):
        raise Refused("invalidSyntax", "a search request has its URN in schemas")
    members: dict[str, object] = {}
    ignored = []
    for sent, value in body.items():
        name = by_lower.get(lower(sent))
        if name is None:
            ignored.append(sent[:NAME_SHOWN])
        elif name != "schemas":
            members[name] = _member(name, value, options)
    return Request(
        **{field: members.get(name) for name, field in SINGLE.items()},
        attributes=tuple(members.get("attributes") or ()),
        excluded=tuple(members.get("excludedAttributes") or ()),
        ignored=tuple(ignored),
    )


def _is_search(urns: object, options: Options) -> bool:
    if isinstance(urns, str) and options.allows("single_for_list"):
        urns = [urns]
    if not isinstance(urns, list):
        return False
    return any(isinstance(urn, str) and lower(urn) == SEARCH_REQUEST.lower() for urn in urns)


def _member(name: str, value: object, options: Options) -> object:
    """Q4, Q12: `null` and an empty text are as good as nothing; a value of a wrong type is invalidSyntax (Table 9)."""
    if value is None:
        return None
    if name in LISTS:
        return _texts(value, name, options)
    if name in ("startIndex", "count"):
        return _number(value, name, options)
    if not isinstance(value, str):
        raise Refused("invalidSyntax", f"{name} is a text")
    if name == "filter" and not value.strip(WHITE_SPACE):
        raise Refused("invalidFilter", "an empty filter; leave it out to list all")
    return value if value or name == "cursor" else None


def _number(value: object, name: str, options: Options) -> object:
    """Q12: A number in a string is read by `number_strings`."""
    if isinstance(value, str) and options.allows("number_strings"):
        return value or None
    if not is_number(value):
        raise Refused("invalidSyntax", f"{name} is a number")
    return _whole(value) if isinstance(value, Decimal) else value


def _whole(value: Decimal) -> object:
    """R5: `1.0` for the whole number 1."""
    if value.is_finite() and value.adjusted() > 100:
        return -HUGE if value < 0 else HUGE
    if not value.is_finite() or value != value.to_integral_value():
        return value
    return int(value)


def _texts(value: object, name: str, options: Options) -> list[str]:
    """Q12: One text for a list is read by `single_for_list`."""
    if isinstance(value, str) and options.allows("single_for_list"):
        return list(_names(value))
    if not isinstance(value, list) or not all(isinstance(text, str) for text in value):
        raise Refused("invalidSyntax", f"{name} is a list of texts")
    return [stripped for text in value if (stripped := text.strip(WHITE_SPACE))]


def _lower_names(node: Node) -> Node:
    match node:
        case Compare(path, operator, literal):
            return Compare(lower(path), operator, literal)
        case Present(path):
            return Present(lower(path))
        case Brackets(path, inner, tail):
            return Brackets(lower(path), _lower_names(inner), _lower_names(tail) if tail else None)
        case Not(inner):
            return Not(_lower_names(inner))
        case And(parts) | Or(parts):
            return type(node)(tuple(_lower_names(part) for part in parts))
    raise TypeError(node)
