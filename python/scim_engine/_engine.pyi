"""The compiled part of `scim_engine`. Import `scim_engine` instead."""

import builtins
from collections.abc import Callable, Iterable, Iterator, Sequence
from collections.abc import Mapping as _Mapping
from datetime import datetime
from os import PathLike
from typing import Any, Final, Literal, NoReturn, TypeVar, final, overload
from uuid import UUID

from _typeshed import ReadableBuffer
from typing_extensions import disjoint_base

from ._errors import ScimError
from .endpoint import Event, Found, Stored

__all__ = [
    "ANY",
    "FOLD_VERSION",
    "GROUP",
    "USER",
    "Attr",
    "BadDocument",
    "Bulk",
    "BulkOperation",
    "BulkResult",
    "BulkSession",
    "Change",
    "ClientRequest",
    "ClientSession",
    "ClientToken",
    "Column",
    "Cursors",
    "Delete",
    "EndpointCore",
    "Equality",
    "Exchange",
    "Explanation",
    "Filter",
    "Find",
    "Get",
    "Insert",
    "Limits",
    "Lint",
    "ListQuery",
    "Mapping",
    "MemoryStorage",
    "Needs",
    "Operation",
    "Order",
    "OrderBy",
    "Outcome",
    "Patch",
    "Person",
    "Preconditions",
    "Problem",
    "Profile",
    "Projection",
    "Reading",
    "Registry",
    "Rendered",
    "Repair",
    "Replaced",
    "ResourceType",
    "Response",
    "Rows",
    "Scan",
    "ScanMatch",
    "Source",
    "Template",
    "Tolerance",
    "Update",
    "ValueFilter",
    "Where",
    "Widest",
    "__version__",
    "attr",
    "check_content_type",
    "check_discovery_query",
    "diff",
    "etag",
    "fold",
    "fold_case",
    "lint",
    "main",
    "media_type",
    "primary",
    "stamp",
    "touch",
    "username_key",
]
__version__: Final[str]

ANY: Final[ResourceType]
"""Resources of any kind: filters and list queries accept names that User and Group do not have."""
USER: Final[ResourceType]
"""User with the enterprise extension, as in RFC 7643 with its errata."""
FOLD_VERSION: Final[int]
"""The version of the form that `fold` gives."""

GROUP: Final[ResourceType]
"""Group, as in RFC 7643 with its errata."""

_T = TypeVar("_T")
_AttrType = Literal["string", "boolean", "decimal", "integer", "dateTime", "binary", "reference", "complex"]
_FilterOperator = Literal["eq", "ne", "co", "sw", "ew", "gt", "ge", "lt", "le", "pr", "and", "or", "not"]

@final
class Filter:
    """A filter, parsed and compiled: immutable, equal and hashed by its canonical text, picklable, thread-safe.

    Without a resource type, the attributes of User, Group and the enterprise extension are known, and any other
    attribute is compared by the type of the value in the filter. `&`, `|` and `~` combine filters. `and`, `or`, `not`
    and `if` raise `TypeError`, because they would silently drop a filter; test with `is None` whether there is one.

    Raises `InvalidFilter`, with the place (`span`) and a rendering with a caret (`render()`).
    """

    def __new__(
        cls,
        text: str,
        resource_type: ResourceType | None = None,
        *,
        tolerance: Tolerance | None = None,
        limits: Limits | None = None,
    ) -> Filter: ...
    def check(
        self,
        *,
        attributes: Sequence[str] | None = None,
        operators: Sequence[_FilterOperator] | None = None,
    ) -> None:
        """Raises `InvalidFilter` if the filter uses an attribute that is not among `attributes`, or an operator that is
        not among `operators`; None allows all. `emails` also allows `emails.value` and its other sub-attributes, and
        the URN of an extension allows all attributes of the extension.
        """

    def matches(self, document: object) -> bool:
        """Whether a document satisfies the filter.

        A document is a mapping, a dataclass, a pydantic model, or JSON text (`str`, `bytes`). Mappings are read in
        place, and exceptions that they raise go to the caller. A value that is not a document (`None`, a number, a
        list, a tuple) is a `TypeError`, not "no match", because a negated filter would match it.

        Python values are read in their JSON form: a `datetime` as a dateTime, in UTC if it has no zone; a `UUID` as its
        text; an `Enum` as its value; a scalar of numpy as the corresponding Python value. `NaN`, `NaT` and `pd.NA`
        are null. A `date` is its text, which is not a dateTime.
        """

    def select(self, documents: Iterable[_T]) -> list[_T]:
        """Returns the documents that satisfy the filter. `filter(f.matches, documents)` yields them one by one.

        A single document, the text of many (use `scan`) and a data frame (pass `df.to_dict("records")`) are a
        `TypeError`.
        """

    def scan(
        self,
        data: str | ReadableBuffer | PathLike[str],
        *,
        threads: int = 1,
        trusted: bool = False,
        stop_at_fault: bool = False,
        max_matches: int | None = None,
    ) -> Scan:
        """The documents of a JSON text that satisfy the filter.

        The text is `bytes`, `bytearray`, `str`, a `memoryview` or an `mmap` (both are copied), or the path of a file,
        which may be compressed with gzip or zstd. Of a file only the matches are kept in memory. If it cannot be read
        or unpacked to its end, the last fault says so (`count` and `mask` raise `OSError`). The content decides how it
        is read: one document a line, documents one after the other, arrays of documents, or ListResponses.

        Anything that is not a document is among the `faults`, and the scan continues, unless `stop_at_fault`; it ends
        after `max_matches` matches. A text of one line that does not begin with `{` or `[` is a `ValueError`, because
        it is most likely the name of a file, which must be given as `pathlib.Path`. `threads=0` uses as many threads as
        the machine has; other Python threads run meanwhile. `trusted` says that the text is known to be JSON with one
        document a line and no name twice in an object: it is read no further than needed.
        """

    def count(self, data: str | ReadableBuffer | PathLike[str], *, threads: int = 1, trusted: bool = False) -> int:
        """The number of documents of a JSON text that satisfy the filter, as `scan` finds them."""

    def mask(
        self, data: str | ReadableBuffer | PathLike[str], *, threads: int = 1, trusted: bool = False
    ) -> list[bool | None]:
        """For each document of a JSON text, whether it satisfies the filter; `None` if it is not a document."""

    def explain(self, document: object) -> Explanation:
        """Every clause of the filter, whether it holds for a document, and the values that it was evaluated on.

        `print` shows the tree:

        >>> explained = Filter('title pr and emails[type eq "work"]', USER).explain({
        ...     "title": "Guide",
        ...     "emails": [{"type": "home"}],
        ... })
        >>> print(explained)
        no  and
        yes   title pr
        no    emails[type eq "work"]
        no      element 0
        no        type eq "work"
        >>> home = explained.children[1].children[0]
        >>> home.children[0].attribute, home.children[0].values
        ('emails.type', ('home',))
        """

    def equalities(self) -> list[Equality]:
        """The equalities that must hold for every match, to look up in an index; empty if there are none."""

    def needs(self, path: str) -> bool:
        """Whether the filter reads an attribute (`members`, `name.givenName`). If not, the host need not load it.

        A name that the resource type does not have is a `ValueError`.
        """

    def plan(self) -> dict[str, Any]:
        """The meaning of the filter as data, for a compiler of your own: into SQL, into the query of a search engine.
        Nothing of SCIM is left to know. `scim_engine.sql` has such compilers.

        A condition is a dict with one key. `all` and `any` have a list of conditions, `constant` has a bool. `test`
        and `exists` are about an attribute: `path` in the schema's spelling, `type`, `multi_valued`, and
        `text_form`, the form in which texts are compared: `exact`, `folded` (by `fold_case`), `username` or
        `username_exact` (by `username_key`).

        `test` has an `op`: `assigned` (there is a value), `present` (there is one other than `""`), `eq`, `gt`,
        `ge`, `lt`, `le`, `co`, `sw`, `ew`, or `in`. `value` is in the type of the attribute: a text in its
        `text_form`, a list of such texts for `in`, a bool, a `Decimal`, or an instant: seconds since 1970 in UTC
        and the digits of the fraction. `co`, `sw` and `ew` of a dateTime compare its text as the document has it,
        folded. A test of what is unassigned does not hold, and if it is `negated`, it does.

        `exists` holds if some element satisfies the condition `within`, and if it is `negated`, if none does. The
        tests within are about the element: `path` is that of a sub-attribute, or of the list itself if its elements
        are simple.

        Raises `ValueError` for an attribute that no schema defines: compile the filter for a resource type.

        >>> test = Filter('not (title co "Guide")', USER).plan()["test"]
        >>> test["path"], test["op"], test["value"], test["negated"]
        ('title', 'co', 'guide', True)
        """

    def tree(self) -> dict[str, Any]:
        """The tree of the filter: `{"op": "eq", "attribute": "userName", "value": "x"}`.

        `op` is `and` or `or` with `terms`, `not` with a `term`, `valuePath` with `attribute`, `filter` and sometimes
        `then`, or an operator with `attribute` and, except for `pr`, `value`.
        """

    @property
    def text(self) -> str:
        """The text as it was given; `str()` returns the canonical text."""

    @property
    def resource_type(self) -> ResourceType:
        """The resource type that the filter was compiled for."""

    def __and__(self, other: Filter, /) -> Filter: ...
    def __or__(self, other: Filter, /) -> Filter: ...
    def __rand__(self, other: Filter, /) -> Filter: ...
    def __ror__(self, other: Filter, /) -> Filter: ...
    def __invert__(self) -> Filter: ...
    def __bool__(self) -> NoReturn: ...
    def __eq__(self, other: object, /) -> bool: ...
    def __hash__(self) -> int: ...
    def __getnewargs_ex__(self) -> tuple[tuple[Any, ...], dict[str, Any]]: ...
    def __copy__(self) -> Filter: ...
    def __deepcopy__(self, _memo: object) -> Filter: ...

@final
class Scan(Sequence[builtins.bytes]):
    """The documents of a text that satisfy a filter: a `Sequence` of `bytes`, which are made on demand.

    A slice is a tuple.
    """

    @property
    def found(self) -> tuple[ScanMatch, ...]:
        """The documents, each with its place. They are parsed on demand."""

    @property
    def lines(self) -> tuple[int, ...]:
        """The line in which each document begins, counted from 1."""

    @property
    def numbers(self) -> tuple[int, ...]:
        """The number of documents, good or bad, before each document."""

    @property
    def faults(self) -> tuple[BadDocument, ...]:
        """The first thousand parts of the text that are not documents, and the fault that ended the scan, if any."""

    @property
    def fault_count(self) -> int:
        """The number of all faults."""

    @property
    def documents(self) -> int:
        """The number of documents, good or bad."""

    def parsed(self) -> list[dict[str, Any]]:
        """The documents as dicts."""

    def index(self, document: object, start: int = 0, stop: int = ..., /) -> int:
        """The index of a document among the matches. Raises `ValueError` if it is not one of them."""

    def count(self, document: object, /) -> int:
        """The number of times that a document is among the matches."""

    def __len__(self) -> int: ...
    @overload
    def __getitem__(self, index: int, /) -> bytes: ...
    @overload
    def __getitem__(self, index: slice, /) -> tuple[bytes, ...]: ...
    def __iter__(self) -> Iterator[bytes]: ...
    def __reversed__(self) -> Iterator[bytes]: ...
    def __contains__(self, document: object, /) -> bool: ...
    def __eq__(self, other: object, /) -> bool: ...
    __hash__: None  # type: ignore[assignment]

@final
class ScanMatch:
    """A document of a text that satisfies a filter."""

    @property
    def bytes(self) -> builtins.bytes:
        """The text of the document, as it was written."""

    @property
    def text(self) -> str:
        """The text of the document, as a `str`."""

    @property
    def line(self) -> int:
        """The line in which the document begins, counted from 1."""

    @property
    def number(self) -> int:
        """The number of documents, good or bad, before it."""

    def parsed(self) -> dict[str, Any]:
        """The document as a dict."""

    def __eq__(self, other: object, /) -> bool: ...
    __hash__: None  # type: ignore[assignment]

@final
class BadDocument:
    """A part of a text that should be a document and is not: `str()` says what is wrong and where."""

    @property
    def line(self) -> int:
        """The line of the fault, counted from 1."""

    @property
    def column(self) -> int:
        """The byte of the fault in that line, counted from 1."""

    @property
    def number(self) -> int:
        """The number of documents, good or bad, before it."""

    @property
    def reason(self) -> str:
        """The message, without the place."""

    @property
    def is_last(self) -> bool:
        """Whether the rest of the text could not be read because of it."""

    def __eq__(self, other: object, /) -> bool: ...
    __hash__: None  # type: ignore[assignment]

def attr(path: str, resource_type: ResourceType | None = None, *, limits: Limits | None = None) -> Attr:
    """Begins a filter: `attr("userName").eq("x") & ~attr("active").eq(False)`."""
@final
class Attr:
    """An attribute for which a test is still to be chosen; made by `attr`."""

    def eq(self, value: object) -> Filter:
        """Equal. A value is a `str`, a number, a `bool`, `None`, a `datetime`, a `UUID` or an `Enum` of these."""

    def one_of(self, values: Iterable[object]) -> Filter:
        """Equal to one of several values: `a eq 1 or a eq 2 or ...`. With many values, a document's value is looked up.

        A long list of the host's own may need wider limits, because the default ones are for hostile input:

        >>> limits = Limits(comparisons=10_000, filter_bytes=1_000_000)
        >>> attr("id", USER, limits=limits).one_of(f"u{id}" for id in range(10_000)).matches({"id": "u9999"})
        True
        """

    def ne(self, value: object) -> Filter:
        """Not equal."""

    def co(self, value: object) -> Filter:
        """Contains."""

    def sw(self, value: object) -> Filter:
        """Starts with."""

    def ew(self, value: object) -> Filter:
        """Ends with."""

    def gt(self, value: object) -> Filter:
        """Greater."""

    def ge(self, value: object) -> Filter:
        """Greater or equal."""

    def lt(self, value: object) -> Filter:
        """Less."""

    def le(self, value: object) -> Filter:
        """Less or equal."""

    def pr(self) -> Filter:
        """Present."""

    def any(self, inner: Filter | str) -> Filter:
        """`attr[inner]`: at least one element satisfies `inner`."""

    def __bool__(self) -> NoReturn: ...

@final
class Explanation:
    """One clause of a filter, whether it holds for a document, and the values that it was evaluated on; true if it
    holds. `str()` shows the tree.

    An explanation is small whatever the document's size, and has no secrets. It has at most 5 elements of an attribute
    and 100 values of a clause, and cuts a text after 1,000 characters, where it puts `…`.
    """

    @property
    def clause(self) -> str:
        """The clause in canonical text: `and`, `or`, `not`, or a test or value path in full; `element 0` for an element
        of a list.
        """

    @property
    def span(self) -> tuple[int, int]:
        """The place in the filter's text: `filter.text[slice(*explanation.span)]`; for an element that of the value
        path.
        """

    @property
    def holds(self) -> bool:
        """Whether the clause holds; for an element whether it is one that the value path selects."""

    @property
    def attribute(self) -> str | None:
        """The attribute of a test or value path, in the schema's spelling: `userName`, `emails.type`."""

    @property
    def values(self) -> tuple[Any, ...]:
        """The values that a test was evaluated on, at most the first 100; empty if the attribute is unassigned.

        A complex value has the sub-attributes that its schema defines, without those that are never returned; if no
        schema defines it, it is an empty dict.
        """

    @property
    def element(self) -> int | None:
        """For an element of a list, its position there, counted from 0."""

    @property
    def children(self) -> tuple[Explanation, ...]:
        """The parts of the clause.

        Those of a value path are the elements of its attribute, and the parts of an element are the tests in the
        brackets, evaluated on that element. Of more than 5 elements, these are the first 5 that match or, if none does,
        the first 5. An unassigned element never holds, whatever its parts are.
        """

    @property
    def more(self) -> int:
        """The number of elements that are left out of `children`."""

    def __bool__(self) -> bool: ...
    def __eq__(self, other: object, /) -> bool: ...
    __hash__: None  # type: ignore[assignment]

@final
class Equality:
    """An equality that must hold for every match of a filter."""

    @property
    def path(self) -> str:
        """The attribute in the schema's spelling: `userName`, `emails.value`."""

    @property
    def value(self) -> str | int | float | bool | None:
        """The value that the attribute must be equal to."""

    @property
    def case_exact(self) -> bool:
        """Whether the comparison is case-sensitive. If not, look the value up without regard to case."""

    def __eq__(self, other: object, /) -> bool: ...
    __hash__: None  # type: ignore[assignment]

@final
class Patch:
    """A PATCH request in any dialect, parsed: immutable, equal by its body and settings, picklable, thread-safe.

    `unknown` says what to do with members that no schema knows: drop and report them, keep them, or refuse the request.
    `unknown_paths` says what to do with an operation whose `path` names something that the resource type does not have:
    refuse the request, or drop and report the operation. With `utc`, dateTimes are stored in UTC with `Z`. With
    `canonical_values`, a value that is not among those of its attribute is refused. With `derived_schemas`, `schemas`
    does not list an extension whose object is absent. `profile` has rules in addition to those of the RFCs.

    `body` is a mapping or JSON text. Raises `InvalidSyntax`, `InvalidPath`, `InvalidFilter`, `InvalidValue` or
    `NoTarget`.
    """

    def __new__(
        cls,
        body: object,
        resource_type: ResourceType | None = None,
        *,
        tolerance: Tolerance | None = None,
        limits: Limits | None = None,
        unknown: Literal["ignore", "keep", "reject"] | None = None,
        unknown_paths: Literal["reject", "ignore"] | None = None,
        utc: bool = False,
        canonical_values: bool = False,
        derived_schemas: bool = False,
        profile: Profile | None = None,
    ) -> Patch: ...
    def apply(self, resource: object, resource_type: ResourceType | None = None) -> Outcome:
        """Applies the operations in their order to a resource: all of them, or none. `resource` is not modified.

        The resource type is the one given here, or that of the patch, or the one that the resource names: User, Group,
        or else any. Values that no operation names are the same objects in the outcome as in `resource`. If a list is
        changed, so are the elements that do not change; a list that is replaced as a whole is new.

        If `resource` is JSON text, the outcome has the new text as `json`, with all unchanged parts copied byte for
        byte, and the dict in `resource` is made on demand. If a name occurs twice, the last one counts, as for
        `json.loads`, and the whole text is written anew.

        A `datetime` or a `UUID` that no operation names stays such an object: `Projection.apply` and `Outcome.to_dict`
        convert it to its JSON form.
        """

    def apply_json(self, resource: bytes | bytearray | str, resource_type: ResourceType | None = None) -> bytes:
        r"""Applies the operations to a resource in JSON text and returns the new text: `apply(...).json`,
        except that a name that occurs twice is an error.

        Only the parts that change are written anew. Everything else is copied byte for byte, with its whitespace, the
        order of its members, and numbers and escapes as they were spelled; in a list, this is true for each element.
        The whole text is checked. Raises `InvalidSyntax` for a text that is not JSON, and if a name occurs twice in the
        resource itself, in an extension that is changed, or in a value that has to be read.

        >>> patch = Patch({
        ...     "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
        ...     "Operations": [{"op": "replace", "path": "active", "value": False}],
        ... })
        >>> patch.apply_json(rb'{ "userName": "j\u00fcrgen", "active": true }', ResourceType.user())
        b'{ "userName": "j\\u00fcrgen", "active": false }'
        """

    def elements(self, attribute: str, resource_type: ResourceType | None = None) -> list[str] | None:
        """The `value`s of the elements of a list of references (`members`) that the operations name.

        A host that loads only those elements patches a group of 100,000 by reading a few rows: on a resource whose list
        has all elements with one of these values and no others, `apply` succeeds or fails as on the whole resource, and
        the outcome reports the same changes of the attribute. Empty if the operations do not touch it; None if the
        whole list is needed (`replace members`, `remove members`, a filter on anything but `value`, ...), and for an
        attribute of another kind. A name that the resource type does not have is a `ValueError`.

        >>> patch = Patch({
        ...     "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
        ...     "Operations": [{"op": "remove", "path": 'members[value eq "7002"]'}],
        ... })
        >>> patch.elements("members")
        ['7002']
        """

    @property
    def operations(self) -> tuple[Operation, ...]:
        """The operations in their order, resolved with the resource type of the patch."""

    @property
    def resource_type(self) -> ResourceType | None:
        """The resource type, if one was given."""

    def __eq__(self, other: object, /) -> bool: ...
    def __hash__(self) -> int: ...
    def __getnewargs_ex__(self) -> tuple[tuple[Any, ...], dict[str, Any]]: ...
    def __copy__(self) -> Patch: ...
    def __deepcopy__(self, _memo: object) -> Patch: ...

@final
class Operation:
    """One operation of a patch. Names are in the spelling of the schema, if one knows them."""

    @property
    def op(self) -> Literal["add", "remove", "replace"]:
        """The kind of operation."""

    @property
    def path(self) -> str | None:
        """The path in canonical text; None if the operation has none and the members of its value are the targets."""

    @property
    def attribute(self) -> str | None:
        """The attribute: `emails`, `urn:...:User:department`; only the URN for a whole extension."""

    @property
    def value_filter(self) -> ValueFilter | None:
        """The filter in the brackets."""

    @property
    def sub_attribute(self) -> str | None:
        """The sub-attribute."""

    @property
    def value(self) -> Any:
        """The value as it was sent; `None` if there is none."""

    @property
    def resource_type(self) -> ResourceType:
        """The resource type with which the operation was resolved."""

    def __eq__(self, other: object, /) -> bool: ...
    __hash__: None  # type: ignore[assignment]

@final
class ValueFilter:
    """The filter in the brackets of a path, which selects elements of an attribute."""

    def matches(self, element: object) -> bool:
        """Whether the filter selects an element, a mapping or a simple value. `None` and lists are a `TypeError`."""

    def tree(self) -> dict[str, Any]:
        """The tree of the filter, as from `Filter.tree`."""

    @property
    def text(self) -> str:
        """The canonical text."""

    def __bool__(self) -> NoReturn: ...
    def __eq__(self, other: object, /) -> bool: ...
    def __hash__(self) -> int: ...

@final
class Outcome:
    """The effect of a PATCH, POST or PUT. It is picklable, and so are all its parts."""

    @property
    def resource(self) -> dict[str, Any]:
        """The resource to be stored."""

    @property
    def json(self) -> bytes | None:
        """The resource as JSON text, if a PATCH was applied to JSON text; otherwise None."""

    @property
    def changed(self) -> bool:
        """Whether the resource differs from what it was. If not, nothing needs to be written."""

    @property
    def changes(self) -> tuple[Change, ...]:
        """The differences, one entry for each attribute, so that a host need write only those."""

    @property
    def repairs(self) -> tuple[Repair, ...]:
        """The values that were repaired or dropped."""

    def to_dict(self) -> dict[str, Any]:
        """`changed`, `changes`, `repairs` and `resource` as JSON values, for a queue or a journal.

        It has everything that is to be stored, including passwords.
        """

    def __eq__(self, other: object, /) -> bool: ...
    __hash__: None  # type: ignore[assignment]

@final
class Change:
    """The difference of one attribute. The value of a single-valued attribute is a list of one here."""

    @property
    def path(self) -> str:
        """The attribute: `title`, `name.familyName`, `emails`, `urn:...:User:department`."""

    @property
    def value(self) -> Any:
        """The new value of a single-valued attribute; `None` if it is now unassigned.

        For a multi-valued attribute this is only one of the values that are new.
        """

    @property
    def added(self) -> list[Any]:
        """The values that are new."""

    @property
    def removed(self) -> list[Any]:
        """The values that are no longer there."""

    @property
    def replaced(self) -> list[Replaced]:
        """The values that have replaced others."""

    @property
    def secret(self) -> bool:
        """Whether the attribute is never returned, so that the change must not be logged.

        Such a change has the values to be stored, but never the old ones. `added` has the whole of a hidden attribute,
        and is empty if the attribute is to become unassigned. Elements that are removed or replaced are listed without
        their hidden sub-attributes.
        """

    def to_dict(self) -> dict[str, Any]:
        """`path`, each of `added`, `removed` and `replaced` that is not empty, and `secret` if it is true."""

    def __eq__(self, other: object, /) -> bool: ...
    __hash__: None  # type: ignore[assignment]

@final
class Replaced:
    """A value and the value that replaced it."""

    @property
    def old(self) -> Any:
        """The old value."""

    @property
    def new(self) -> Any:
        """The new value."""

    def to_dict(self) -> dict[str, Any]:
        """`old` and `new`."""

    def __eq__(self, other: object, /) -> bool: ...
    __hash__: None  # type: ignore[assignment]

@final
class Repair:
    """A deviation of the client that was read as it was meant, or a value of the client that was dropped."""

    @property
    def path(self) -> str:
        """The attribute."""

    @property
    def kind(self) -> str:
        """The switch of `Tolerance` that applied, or `read_only`, or `unknown_member`."""

    @property
    def detail(self) -> str:
        """A description for people."""

    def to_dict(self) -> dict[str, str]:
        """`path`, `kind` and `detail`."""

    def __eq__(self, other: object, /) -> bool: ...
    __hash__: None  # type: ignore[assignment]

@final
class ResourceType:
    """The attributes that the resources of an endpoint may have. `USER` and `GROUP` are built in."""

    @staticmethod
    def user() -> ResourceType:
        """User with the enterprise extension."""

    @staticmethod
    def group() -> ResourceType:
        """Group."""

    @staticmethod
    def any() -> ResourceType:
        """The type for resources of any kind: the attributes of User and Group are known.

        Filters, `attributes` and `sortBy` accept other names too. POST, PUT, PATCH and `diff` need the schema of the
        resources that they write.
        """

    @staticmethod
    def from_schemas(
        name: str, schema: object, extensions: Iterable[object] | None = None, *, endpoint: str | None = None
    ) -> ResourceType:
        """A resource type from a core schema and extensions, each as `/Schemas` returns it. Raises `SchemaError`,
        also for an unknown member, and if the name or a URN is empty or a URN occurs twice.

        Without `endpoint`, the endpoint is a slash, the name and an `s`. In addition to the characteristics of RFC 7643
        an attribute may have `maxLength` and `canonicalOnly`: see `max_length` and `canonical_values`.
        """

    def only(self, names: Iterable[str]) -> ResourceType:
        """A copy with these attributes and the common ones only, such as those for which a product has columns.

        Names are attributes (`userName`), sub-attributes (`name.givenName`), attributes of an extension after its URN
        and a colon, or the URN of a schema for all of its attributes. An extension of which nothing is named is
        removed. `create`, `replace` and a PATCH without a path drop and report everything else that clients send;
        `Patch(..., unknown_paths="ignore")` does the same for paths. Raises `SchemaError` for an unknown name, and if
        an attribute that the schema requires is not among the names.
        """

    def without(self, names: Iterable[str]) -> ResourceType:
        """A copy without these attributes, sub-attributes or extensions. Raises `SchemaError` for an unknown name, and
        for an attribute that is required or that every resource has (`schemas`, `id`, `meta`).
        """

    def read_only(self, names: Iterable[str]) -> ResourceType:
        """A copy in which these attributes are `readOnly`, for values that the product derives itself. Raises
        `SchemaError` for an unknown name.
        """

    def required(self, names: Iterable[str]) -> ResourceType:
        """
        A copy in which these attributes are required, such as those whose database column may not be null. A required
        sub-attribute is needed wherever its attribute has a value. Raises `SchemaError` for an unknown name, and for a
        `readOnly` attribute.
        """

    def with_extension(self, schema: object, *, required: bool = False) -> ResourceType:
        """A copy with one more extension. Raises `SchemaError`, also if the type already has its URN."""

    def with_endpoint(self, endpoint: str) -> ResourceType:
        """A copy with another endpoint, such as `/People`. Raises `SchemaError` if it is not `/` and one segment."""

    def max_length(self, name: str, characters: int) -> ResourceType:
        """A copy that refuses strings of an attribute with more characters: `InvalidValue` instead of an error of the
        database. Raises `SchemaError` for an unknown name, and for an attribute that does not have strings.
        """

    def canonical_values(self, name: str, values: Iterable[str]) -> ResourceType:
        """A copy that refuses strings of an attribute other than these, which become its `canonicalValues`. Raises
        `SchemaError` for an unknown name, for an attribute that does not have strings, and if there are no values.
        """

    @property
    def name(self) -> str:
        """The name, such as `User`."""

    @property
    def endpoint(self) -> str:
        """The endpoint, such as `/Users`."""

    @property
    def description(self) -> str:
        """The description."""

    @property
    def schema(self) -> dict[str, Any]:
        """The core schema as `/Schemas` returns it, with `maxLength` and `canonicalOnly` if the host has set them."""

    @property
    def extensions(self) -> list[dict[str, Any]]:
        """The schemas of the extensions."""

    def create(
        self,
        body: object,
        *,
        tolerance: Tolerance | None = None,
        limits: Limits | None = None,
        unknown: Literal["ignore", "keep", "reject"] | None = None,
        utc: bool = False,
        canonical_values: bool = False,
        derived_schemas: bool = False,
        profile: Profile | None = None,
    ) -> Outcome:
        """A new resource from the body of a POST. The host adds `id` and `meta`.

        With `utc`, dateTimes are stored in UTC with `Z`. With `canonical_values`, a value that is not among those of
        its attribute is refused. With `derived_schemas`, `schemas` does not list an extension whose object is absent,
        which would be a change for a host that derives `schemas` from its columns. `profile` has rules in addition to
        those of the RFCs.
        """

    def replace(
        self,
        current: object,
        body: object,
        *,
        tolerance: Tolerance | None = None,
        limits: Limits | None = None,
        unknown: Literal["ignore", "keep", "reject"] | None = None,
        absent: Literal["clear", "keep"] | None = None,
        absent_overrides: _Mapping[str, Literal["clear", "keep"]] | None = None,
        utc: bool = False,
        canonical_values: bool = False,
        derived_schemas: bool = False,
        profile: Profile | None = None,
    ) -> Outcome:
        """The resource that a stored one becomes by the body of a PUT; `current` is not modified.

        `absent` says what is done with attributes that the body does not mention, and `absent_overrides` says it for
        single attributes; a name there that the type does not have is a `ValueError`. `utc`, `canonical_values`,
        `derived_schemas` and `profile` are as for `create`.
        """

    def __eq__(self, other: object, /) -> bool: ...
    def __hash__(self) -> int: ...
    def __reduce__(self) -> tuple[Any, tuple[Any, ...]]: ...
    @staticmethod
    def _load(definition: str) -> ResourceType: ...
    def __copy__(self) -> ResourceType: ...
    def __deepcopy__(self, _memo: object) -> ResourceType: ...

@final
class Preconditions:
    """The conditions of `If-Match` and `If-None-Match` on the version of a resource. True if there are any.

    Tags are compared weakly, also for `If-Match`, because the tags of SCIM are weak.

    Raises `ScimError` with status 400 if a header is malformed.
    """

    def __new__(cls, *, if_match: str | None = None, if_none_match: str | None = None) -> Preconditions: ...
    def check(self, version: str | None, /) -> None:
        """For writes: raises `PreconditionFailed` for another version; `None` means that there is no such resource."""

    def is_not_modified(self, version: str, /) -> bool:
        """For GET: whether the client already has this version, so that the answer is 304."""

    def __bool__(self) -> bool: ...
    def __eq__(self, other: object, /) -> bool: ...
    def __hash__(self) -> int: ...
    def __getnewargs_ex__(self) -> tuple[tuple[()], dict[str, Any]]: ...

@final
class Registry:
    """The resource types of a platform: immutable, picklable, thread-safe. It answers the discovery endpoints.

    Without `resource_types`, they are `USER` and `GROUP`. Raises `SchemaError` if two share a name, endpoint or schema
    URN.
    """

    def __new__(cls, resource_types: Iterable[ResourceType] | None = None) -> Registry: ...
    @staticmethod
    def from_discovery(schemas: object, resource_types: object) -> Registry:
        """The resource types that `/Schemas` and `/ResourceTypes` describe. Raises `SchemaError`."""

    @property
    def notes(self) -> tuple[str, ...]:
        """Messages about likely mistakes in what `from_discovery` read: members with nearly the name of a known one."""

    @property
    def resource_types(self) -> tuple[ResourceType, ...]:
        """All resource types."""

    def get(self, name: str) -> ResourceType | None:
        """The resource type with this name, without regard to case."""

    def by_endpoint(self, endpoint: str) -> ResourceType | None:
        """The resource type with this endpoint, such as `/Users` or `Users`, without regard to case."""

    def of(self, resource: object) -> ResourceType | None:
        """The resource type that a resource names in `meta.resourceType` or `schemas`."""

    def service_provider_config(
        self,
        *,
        base: str,
        patch: bool = True,
        bulk: _Mapping[str, int] | None = None,
        filter_max: int = 1000,
        change_password: bool = False,
        sort: bool = True,
        etag: bool = True,
        pagination: _Mapping[str, bool | int | str | None] | None = None,
        authentication_schemes: Iterable[_Mapping[str, Any]] | None = None,
        documentation_uri: str | None = None,
        interop_profile_conformant: bool | None = None,
    ) -> dict[str, Any]:
        """The answer of `/ServiceProviderConfig`. `base` is the URL above the endpoints.

        `bulk` has `maxOperations` and `maxPayloadSize`. `pagination` has the members of RFC 9865: `cursor`, `index`,
        and optionally `defaultPaginationMethod`, `defaultPageSize`, `maxPageSize`, `cursorTimeout`. The default of
        `authentication_schemes` is a bearer token. `interop_profile_conformant` says whether the service conforms to
        the SCIM interoperability profile.
        """

    def resource_types_response(self, *, base: str) -> dict[str, Any]:
        """The answer of `/ResourceTypes`."""

    def resource_type_response(self, name: str, *, base: str) -> dict[str, Any]:
        """The answer of `/ResourceTypes/{name}`. Raises `NotFound`."""

    def schemas_response(self, *, base: str) -> dict[str, Any]:
        """The answer of `/Schemas`: every schema once, including those of the discovery endpoints' own answers."""

    def schema_response(self, urn: str, *, base: str) -> dict[str, Any]:
        """The answer of `/Schemas/{urn}`. Raises `NotFound`."""

    def __iter__(self) -> Iterator[ResourceType]: ...
    def __len__(self) -> int: ...
    def __eq__(self, other: object, /) -> bool: ...
    def __hash__(self) -> int: ...
    def __reduce__(self) -> tuple[Any, tuple[Any, ...]]: ...
    def __copy__(self) -> Registry: ...
    def __deepcopy__(self, _memo: object) -> Registry: ...

@final
class Profile:
    """The rules of a SCIM profile, some of them against RFC 7644, each a switch. By default all are off.

    - `path_required`: an operation of a PATCH without a `path` is `InvalidSyntax`.
    - `unknown_refused`: a name that no schema knows is `InvalidSyntax`, whatever `unknown` and `unknown_paths` say.
    - `whole_replaced`: `replace` of a single complex attribute replaces it as a whole.
    - `sub_attribute_required`: brackets without a sub-attribute after them are `InvalidPath`.
    - `single_match`: brackets that select several elements are `InvalidFilter`.
    - `only_eq_and`: operators in brackets other than `eq` and `and` are `InvalidSyntax`.
    """

    def __new__(
        cls,
        *,
        path_required: bool = False,
        unknown_refused: bool = False,
        whole_replaced: bool = False,
        sub_attribute_required: bool = False,
        single_match: bool = False,
        only_eq_and: bool = False,
    ) -> Profile: ...
    @staticmethod
    def interop(
        *,
        path_required: bool = True,
        unknown_refused: bool = True,
        whole_replaced: bool = True,
        sub_attribute_required: bool = False,
        single_match: bool = False,
        only_eq_and: bool = False,
    ) -> Profile:
        """The rules that the SCIM interoperability profile demands of a server. Rules that it only allows are off."""

    @property
    def path_required(self) -> bool:
        """An operation of a PATCH needs a `path`."""

    @property
    def unknown_refused(self) -> bool:
        """A name that no schema knows is refused."""

    @property
    def whole_replaced(self) -> bool:
        """`replace` of a single complex attribute replaces it as a whole."""

    @property
    def sub_attribute_required(self) -> bool:
        """Brackets need a sub-attribute after them."""

    @property
    def single_match(self) -> bool:
        """Brackets may select only one element."""

    @property
    def only_eq_and(self) -> bool:
        """Brackets have no operators except `eq` and `and`."""

    def to_dict(self) -> dict[str, bool]:
        """All switches, by name."""

    def __eq__(self, other: object, /) -> bool: ...
    def __hash__(self) -> int: ...
    def __getnewargs_ex__(self) -> tuple[tuple[()], dict[str, Any]]: ...
    def __copy__(self) -> Profile: ...
    def __deepcopy__(self, _memo: object) -> Profile: ...

@final
class Tolerance:
    """Switches, one for each deviation from the RFCs that real clients send, named after the deviation.

    Those that lose nothing and guess nothing are on by default. Each value that a switch repaired is reported as a
    `Repair`.
    """

    def __new__(
        cls,
        *,
        bare_words: bool = False,
        boolean_strings: bool = True,
        number_strings: bool = True,
        single_for_list: bool = True,
        list_for_single: bool = True,
        string_for_complex: bool = True,
        manager_id: bool = True,
        empty_references: bool = True,
        blank_strings: bool = True,
        remove_by_value: bool = True,
        empty_operations: bool = True,
        legacy_schemas: bool = True,
        member_operations: bool = True,
        missing_schemas: bool = True,
        undeclared_extensions: bool = True,
        bare_extension_names: bool = True,
        doubled_paths: bool = True,
        json_strings: bool = True,
        first_primary: bool = False,
        literal_case: bool = True,
        loose_blanks: bool = True,
        dotted_urns: bool = True,
        path_keys: bool = True,
        replace_creates: bool = False,
        reference_details: bool = True,
        read_only_members: bool = True,
        read_only_paths: bool = False,
        numbers_for_strings: bool = True,
        json_values: bool = True,
        whole_numbers: bool = True,
        core_paths: bool = True,
        loose_references: bool = True,
        loose_base64: bool = True,
        null_elements: bool = True,
        absent_required: bool = True,
    ) -> Tolerance: ...
    @staticmethod
    def strict(
        *,
        bare_words: bool = False,
        boolean_strings: bool = False,
        number_strings: bool = False,
        single_for_list: bool = False,
        list_for_single: bool = False,
        string_for_complex: bool = False,
        manager_id: bool = False,
        empty_references: bool = False,
        blank_strings: bool = False,
        remove_by_value: bool = False,
        empty_operations: bool = False,
        legacy_schemas: bool = False,
        member_operations: bool = False,
        missing_schemas: bool = False,
        undeclared_extensions: bool = False,
        bare_extension_names: bool = False,
        doubled_paths: bool = False,
        json_strings: bool = False,
        first_primary: bool = False,
        literal_case: bool = False,
        loose_blanks: bool = False,
        dotted_urns: bool = False,
        path_keys: bool = False,
        replace_creates: bool = False,
        reference_details: bool = False,
        read_only_members: bool = False,
        read_only_paths: bool = False,
        numbers_for_strings: bool = False,
        json_values: bool = False,
        whole_numbers: bool = False,
        core_paths: bool = False,
        loose_references: bool = False,
        loose_base64: bool = False,
        null_elements: bool = False,
        absent_required: bool = False,
    ) -> Tolerance:
        """No tolerance: exactly the RFCs, except for the switches that are given."""

    @property
    def bare_words(self) -> bool:
        """Filters: unquoted words are strings (`userName eq bjensen`). Off by default, because it is a guess."""

    @property
    def boolean_strings(self) -> bool:
        """`"True"`, `"false"` for booleans, in filters and in values."""

    @property
    def number_strings(self) -> bool:
        """`"5"` for the number 5."""

    @property
    def single_for_list(self) -> bool:
        """One value where a list is expected."""

    @property
    def list_for_single(self) -> bool:
        """
        A list of one element where a single value is expected; its `value` where a simple value is expected. An empty
        list means unassigned.
        """

    @property
    def string_for_complex(self) -> bool:
        """A string for a complex attribute that has a `value` (`"manager": "26118915"`)."""

    @property
    def manager_id(self) -> bool:
        """`managerId` for `manager.value`."""

    @property
    def empty_references(self) -> bool:
        """`""` for a reference means unassigned."""

    @property
    def blank_strings(self) -> bool:
        """Empty or blank strings of optional attributes mean unassigned."""

    @property
    def remove_by_value(self) -> bool:
        """PATCH: `remove` with a `value` removes the listed elements only."""

    @property
    def empty_operations(self) -> bool:
        """PATCH: an empty list of operations changes nothing."""

    @property
    def legacy_schemas(self) -> bool:
        """Schema URNs of SCIM 1.x and home-made ones are read as the RFC's."""

    @property
    def member_operations(self) -> bool:
        """PATCH: member operations of SCIM 1.1."""

    @property
    def missing_schemas(self) -> bool:
        """A body without `schemas`: it is taken as a resource of the endpoint's type, or as a PATCH request if it is
        read as one.
        """

    @property
    def undeclared_extensions(self) -> bool:
        """POST and PUT: an extension object whose URN is not listed in `schemas`."""

    @property
    def bare_extension_names(self) -> bool:
        """An attribute of exactly one extension, named without its URN."""

    @property
    def doubled_paths(self) -> bool:
        """PATCH: the name of the attribute repeated inside its value."""

    @property
    def json_strings(self) -> bool:
        """A string that contains JSON, where an object or a list is expected."""

    @property
    def first_primary(self) -> bool:
        """The first of several `primary: true` counts. Off by default, because it is a guess."""

    @property
    def literal_case(self) -> bool:
        """Filters: `True`, `FALSE`, `NULL` for the literals `true`, `false`, `null`."""

    @property
    def loose_blanks(self) -> bool:
        """Filters and PATCH paths: tabs, line breaks and several blanks between tokens, and blanks before `[`."""

    @property
    def dotted_urns(self) -> bool:
        """A dot instead of the last colon after a schema's URN (`urn:…:2.0:User.department`), if the text names
        nothing otherwise.
        """

    @property
    def path_keys(self) -> bool:
        """POST and PUT: keys that are paths (`urn:…:User:department`, `name.givenName`)."""

    @property
    def replace_creates(self) -> bool:
        """PATCH: `replace` with brackets that match no element creates it, as `add` does. Off by default, because
        RFC 7644 §3.5.2.3 requires `noTarget`.
        """

    @property
    def reference_details(self) -> bool:
        """A different `$ref`, `type` or `display` of a reference that stays, where the schema does not let clients
        change them: ignored, because they follow from its `value`.
        """

    @property
    def read_only_members(self) -> bool:
        """PATCH: readOnly attributes as members of a value are dropped."""

    @property
    def read_only_paths(self) -> bool:
        """PATCH: an operation whose `path` is a readOnly attribute, except `id`, is dropped. Off by default, because
        RFC 7644 §3.5.2 requires `mutability`.
        """

    @property
    def numbers_for_strings(self) -> bool:
        """A whole number without fraction or exponent for a string: its digits are stored."""

    @property
    def json_values(self) -> bool:
        """`roles`: the JSON text of an object with a `value`, inside the `value` of an element."""

    @property
    def whole_numbers(self) -> bool:
        """`1.0` for the integer 1."""

    @property
    def core_paths(self) -> bool:
        """PATCH: only the core schema's URN as `path` means the same as no path."""

    @property
    def loose_references(self) -> bool:
        """References that are not URI references are stored unchanged."""

    @property
    def loose_base64(self) -> bool:
        """Binaries in the alphabet of base64url, with line breaks, or of a wrong length are stored unchanged."""

    @property
    def null_elements(self) -> bool:
        """`null` among the elements of a list is passed over."""

    @property
    def absent_required(self) -> bool:
        """PUT: a required attribute that is immutable or never returned, and is left out, stays as it is stored."""

    def to_dict(self) -> dict[str, bool]:
        """All switches, by name."""

    def __eq__(self, other: object, /) -> bool: ...
    def __hash__(self) -> int: ...
    def __getnewargs_ex__(self) -> tuple[tuple[Any, ...], dict[str, Any]]: ...
    def __copy__(self) -> Tolerance: ...
    def __deepcopy__(self, _memo: object) -> Tolerance: ...

@final
class Limits:
    """Limits on hostile input. Each has its own message when it is exceeded."""

    def __new__(
        cls,
        *,
        filter_bytes: int | None = None,
        nesting: int | None = None,
        comparisons: int | None = None,
        operations: int | None = None,
        path_bytes: int | None = None,
        depth: int | None = None,
        members: int | None = None,
        visited_bytes: int | None = None,
        string_bytes: int | None = None,
        number_digits: int | None = None,
    ) -> Limits: ...
    @property
    def filter_bytes(self) -> int:
        """Bytes of one filter or path."""

    @property
    def nesting(self) -> int:
        """Levels of nested brackets and parentheses."""

    @property
    def comparisons(self) -> int:
        """Comparisons and presence tests in one filter."""

    @property
    def operations(self) -> int:
        """Operations in one PATCH request."""

    @property
    def path_bytes(self) -> int:
        """Bytes of all paths and filters of one PATCH request."""

    @property
    def depth(self) -> int:
        """Levels of nested objects and arrays. Python objects are read to at most 128 levels."""

    @property
    def members(self) -> int:
        """Members of one object in a request."""

    @property
    def visited_bytes(self) -> int:
        """Bytes of elements that one PATCH request may read again, after the first passes over a list.

        A byte in which brackets search for a text counts twice, and one that is copied into further elements ten
        times.
        """

    @property
    def string_bytes(self) -> int:
        """Bytes of one string in a request."""

    @property
    def number_digits(self) -> int:
        """Digits of one number in a request, with its exponent written out."""

    def __eq__(self, other: object, /) -> bool: ...
    def __hash__(self) -> int: ...
    def __getnewargs_ex__(self) -> tuple[tuple[Any, ...], dict[str, Any]]: ...
    def __copy__(self) -> Limits: ...
    def __deepcopy__(self, _memo: object) -> Limits: ...

def primary(resource: object, attribute: str) -> Any:
    """The element of a multi-valued attribute that a product with one column for it stores: the one whose `primary` is
    true, or else the first; `None` if there is none.

    A single value is returned itself. An attribute of an extension is named after its URN and a colon.
    """

def etag(resource: object, resource_type: ResourceType | None = None) -> str:
    """The version of a resource as a weak ETag: a hash of its meaning, the same in every release.

    Attributes that are never returned do not count, nor does a `password` that no schema defines: the hash is public,
    and their values could be guessed from it.

    The order of members and of the elements of multi-valued attributes does not count, nor does the spelling of a
    number, an unassigned attribute, or `meta.version`, `meta.lastModified` and `meta.location`.
    """

def stamp(
    resource: object,
    resource_type: ResourceType,
    *,
    id: str | int | UUID,
    base: str,
    now: datetime | None = None,
    created: datetime | None = None,
    last_modified: datetime | None = None,
    version: str | None = None,
) -> dict[str, Any]:
    """A new resource with its `id` and `meta`, from the resource of `create`; `resource` is not modified.

    Values of types that are not JSON's own are converted as by `Projection.apply`. `base` is the URL above the
    endpoints, and `id` that of the row. Without `created`, both times are `now`, and without `now` the current time;
    without `last_modified`, it is `created`. Times of a row without a zone are in UTC. The default of `version` is the
    `etag` of the resource. If a row has no times, use `touch` for every answer but that to the `POST`, because
    `created` would be another one each time.
    """

def touch(
    resource: object,
    resource_type: ResourceType,
    *,
    base: str,
    changed: bool,
    now: datetime | None = None,
    created: datetime | None = None,
    last_modified: datetime | None = None,
    version: str | None = None,
) -> dict[str, Any]:
    """A stored resource with `meta` brought up to date; `resource` is not modified.

    `meta.lastModified` and `meta.version` change only if `changed` is true, and the time never goes back. A host that
    has times and version itself, in columns of the row, gives them: `created`, `last_modified` and `version` are set in
    any case. Times of a row without a zone are in UTC. Values of types that are not JSON's own are converted as by
    `Projection.apply`.
    """

def media_type(
    *,
    accept: str | None = None,
    content_type: str | None = None,
    default: str = "application/scim+json",
) -> str:
    """The media type for an answer, from the headers `Accept` and `Content-Type` of the request, or else the default.

    It is `application/json` or `application/scim+json`: the one that `Accept` prefers, or else that of the request.
    """

def check_content_type(content_type: str | None = None, /) -> None:
    """Raises `ScimError` with status 415 if the `Content-Type` of a body is not JSON in UTF-8."""

def check_discovery_query(query: str, /) -> None:
    """Raises `ScimError` with status 403 if a query on a discovery endpoint has a `filter`."""

def fold_case(text: str, /) -> str:
    """A text under Unicode simple case folding, with which the engine compares strings that are not `caseExact`."""

def username_key(text: str, /, *, case_exact: bool = False) -> str:
    """The key by which `userName` is compared, sorted and unique, for the column of an index.

    RFC 7644, section 5, requires its preparation (RFC 8265): wide and narrow characters become the usual ones, then
    NFD, simple case folding (unless `case_exact`), and NFC, by the tables of Unicode 18 (folding: 16). Nothing is
    refused: the host decides which characters a name may have.
    """
@final
class Bulk:
    """A bulk request (RFC 7644, section 3.7), parsed: immutable, thread-safe. Pickle its body instead of it.

    Operations are carried out in their order, but one that refers to a later `POST` by `bulkId:` waits for it. If new
    resources refer to each other in a circle, the first is created without that reference, and a further `PATCH` adds
    it.

    `body` is JSON text or a mapping, whose bytes are not counted.

    Raises `InvalidSyntax` if it is not a bulk request, and `PayloadTooLarge` if it is over a limit. An error in one
    operation only becomes the result of that operation.
    """

    def __new__(
        cls,
        body: object,
        registry: Registry | None = None,
        *,
        max_operations: int = 1000,
        max_payload: int = 1048576,
    ) -> Bulk: ...
    @property
    def operations(self) -> tuple[BulkOperation, ...]:
        """The operations that can be carried out, with references not yet resolved."""

    @property
    def fail_on_errors(self) -> int | None:
        """The number of errors after which to stop."""

    def run(
        self, handle: Callable[[BulkOperation], BulkResult | dict[str, Any] | None], *, base: str = ""
    ) -> dict[str, Any]:
        """Carries out all operations by a function that does one, and returns the `BulkResponse`.

        A `ScimError` that `handle` raises becomes the result of that operation; any other exception ends the request.
        `base` is the URL above the endpoints, for locations that `handle` does not return.
        """

    def start(self, *, base: str = "") -> BulkSession:
        """Begins to carry out the operations one by one, for a host that waits between them."""

    def __copy__(self) -> Bulk: ...
    def __deepcopy__(self, _memo: object) -> Bulk: ...

@final
class BulkSession:
    """A bulk request whose operations the host carries out one by one: an iterator of the operations.

    Each operation is answered before the next one is asked for. `scim_engine.protocol.run_bulk` does it for a coroutine
    function.

    >>> session = Bulk({
    ...     "schemas": ["urn:ietf:params:scim:api:messages:2.0:BulkRequest"],
    ...     "Operations": [{"method": "DELETE", "path": "/Users/7001"}],
    ... }).start(base="/v2")
    >>> for operation in session:
    ...     session.answer(ScimError(f"{operation.id} is the last administrator", status=403))
    >>> session.response()["Operations"][0]["status"]
    '403'
    """

    def answer(self, result: BulkResult | dict[str, Any] | ScimError | None = None, /) -> None:
        """
        Takes the result of the last operation: a `BulkResult`, a dict with the names of its arguments, `None`, or the
        `ScimError` of an operation that failed.
        """

    def response(self) -> dict[str, Any]:
        """
        The `BulkResponse`, which ends the session. It has the operations that were carried out; one without an answer
        has failed.
        """

    def __iter__(self) -> BulkSession: ...
    def __next__(self) -> BulkOperation: ...

@final
class BulkOperation:
    """One operation of a bulk request."""

    @property
    def index(self) -> int:
        """The index in the request."""

    @property
    def method(self) -> Literal["POST", "PUT", "PATCH", "DELETE"]:
        """The method."""

    @property
    def path(self) -> str:
        """`/Users`, or `/Users/2819c223`."""

    @property
    def resource_type(self) -> ResourceType:
        """The resource type that the path names."""

    @property
    def id(self) -> str | None:
        """The id of the resource; None for a `POST`."""

    @property
    def bulk_id(self) -> str | None:
        """The client's name for a new resource."""

    @property
    def version(self) -> str | None:
        """The version that the resource must have, as in `If-Match`."""

    @property
    def data(self) -> Any:
        """The body, with references resolved; None for a `DELETE`."""

    @property
    def is_follow_up(self) -> bool:
        """Whether it adds the references that a `POST` left out because resources refer to each other in a circle."""

    def __eq__(self, other: object, /) -> bool: ...
    __hash__: None  # type: ignore[assignment]

@final
class BulkResult:
    """The result of an operation that succeeded.

    The default of `status` is 201 for a `POST`, 204 for a `DELETE`, and 200 otherwise.

    The `id` of a new resource, to which others may refer, is taken from `body` or `location` if it is not given.
    """

    def __new__(
        cls,
        status: int | None = None,
        location: str | None = None,
        version: str | None = None,
        body: object = None,
        *,
        id: str | None = None,
    ) -> BulkResult: ...
    @property
    def status(self) -> int | None:
        """The HTTP status."""

    @property
    def location(self) -> str | None:
        """The URL of the resource."""

    @property
    def version(self) -> str | None:
        """The new version of the resource."""

    @property
    def body(self) -> Any:
        """The body of the answer, which becomes `response`."""

    @property
    def id(self) -> str | None:
        """The id of the resource."""

    def __eq__(self, other: object, /) -> bool: ...
    __hash__: None  # type: ignore[assignment]
    def __getnewargs_ex__(self) -> tuple[tuple[Any, ...], dict[str, Any]]: ...

def diff(old: object, new: object, resource_type: ResourceType) -> dict[str, Any] | None:
    """The body of a short PATCH that changes `old` into `new`, or None if there is nothing to change.

    Lists are changed element by element, with elements identified as in PATCH (by `value`, or by `value` and `type`),
    or replaced if that is shorter or the elements cannot be identified; their order has no meaning. In complex
    attributes only the sub-attributes that differ are set. Attributes that are unassigned in `new` are removed, except
    for details of a reference, such as `$ref`, whose `value` stays. `schemas` follows from the extensions. Attributes
    that are readOnly or that no schema knows are left out.

    `Patch(diff(old, new, kind), kind, tolerance=Tolerance.strict()).apply(old)` gives `new` except for the attributes
    that are left out, if the schema allows the change. Raises `InvalidSyntax` for a resource that is nested too deep.

    >>> diff({"userName": "b", "title": "Guide"}, {"userName": "b", "active": True}, USER)["Operations"]
    [{'op': 'remove', 'path': 'title'}, {'op': 'add', 'path': 'active', 'value': True}]
    """

def main(argv: Sequence[str]) -> int:
    """Runs the command line with the arguments after the program's name, and returns the exit code."""
@final
class ListQuery:
    """A list request, parsed and completed with defaults: immutable, hashable, picklable, thread-safe.

    Names of parameters ignore case; unknown ones are ignored and listed in `ignored`. An empty value means the same as
    no parameter, except for `cursor`, where it asks for the first page. A `startIndex` below 1 is read as 1, a negative
    `count` as 0, and a `count` over `max_count` as `max_count`. With `cursors=True`, a request with `cursor` is paged
    by cursor (RFC 9865).

    `query` is a raw query string, with or without the question mark before it.

    A filter may use no attributes but `filter_attributes`, in which `emails` also allows `emails.value` and its other
    sub-attributes, and no operators but `filter_operators`. Without these arguments it may use all.

    Raises `InvalidFilter`, `InvalidValue`, `InvalidSyntax` or, in a request that is paged by cursor, `InvalidCount`.
    """

    def __new__(
        cls,
        query: str | bytes | None = None,
        resource_type: ResourceType | None = None,
        *,
        tolerance: Tolerance | None = None,
        limits: Limits | None = None,
        default_count: int = 100,
        max_count: int = 1000,
        cursors: bool = False,
        filter_attributes: Sequence[str] | None = None,
        filter_operators: Sequence[_FilterOperator] | None = None,
    ) -> ListQuery: ...
    @staticmethod
    def from_body(
        body: object,
        resource_type: ResourceType | None = None,
        *,
        tolerance: Tolerance | None = None,
        limits: Limits | None = None,
        default_count: int = 100,
        max_count: int = 1000,
        cursors: bool = False,
        filter_attributes: Sequence[str] | None = None,
        filter_operators: Sequence[_FilterOperator] | None = None,
    ) -> ListQuery:
        """Reads the body of a POST to `/.search`: a mapping or JSON text."""

    @property
    def filter(self) -> Filter | None:
        """The filter, compiled."""

    @property
    def sort_by(self) -> str | None:
        """`sortBy`, as it was given."""

    @property
    def sort_order(self) -> Literal["ascending", "descending"]:
        """`sortOrder`."""

    @property
    def order(self) -> Order | None:
        """The order, resolved, for a host that sorts in its database; `None` if there is no `sortBy`."""

    @property
    def start_index(self) -> int:
        """The index of the first resource of the page, counted from 1; at most 2**63 - 1."""

    @property
    def count(self) -> int:
        """The largest size of the page. Zero asks for `totalResults` only."""

    @property
    def cursor(self) -> str | None:
        """The cursor, in a request that is paged by cursor; empty for the first page."""

    @property
    def is_by_cursor(self) -> bool:
        """Whether the request is paged by cursor."""

    @property
    def projection(self) -> Projection:
        """The selection of the attributes that the answer has of each resource."""

    @property
    def resource_type(self) -> ResourceType:
        """The resource type that the request is for."""

    @property
    def ignored(self) -> tuple[str, ...]:
        """The names of unknown parameters, for a log."""

    def needs(self, path: str) -> bool:
        """Whether filter, order or answer need an attribute (`members`). If not, the host need not load it.

        A name that the resource type does not have is a `ValueError`.
        """

    def answer(
        self,
        resources: Iterable[object],
        *,
        cursors: Cursors | None = None,
        context: str = "",
        now: datetime | None = None,
    ) -> dict[str, Any]:
        """The `ListResponse`: filters, sorts, pages and projects the resources in memory.

        A request that is paged by cursor needs `cursors`. Values are converted as by `Projection.apply`.
        """

    def sort(self, resources: Iterable[_T]) -> list[_T]:
        """The resources in the order of the request. Resources that compare equal keep their order."""

    def response(
        self,
        resources: Iterable[object],
        total: int | None,
        *,
        start_index: int | None = None,
        next_cursor: str | None = None,
        previous_cursor: str | None = None,
    ) -> dict[str, Any]:
        """The `ListResponse` of a host that has filtered, sorted and paged by itself: projects and wraps the resources.

        `total` counts the resources of all pages; it may be `None` only in a request that is paged by cursor.
        """

    def __eq__(self, other: object, /) -> bool: ...
    def __hash__(self) -> int: ...
    def __getnewargs_ex__(self) -> tuple[tuple[Any, ...], dict[str, Any]]: ...
    def __copy__(self) -> ListQuery: ...
    def __deepcopy__(self, _memo: object) -> ListQuery: ...

@final
class Order:
    """The order of a list request, resolved: what a host that sorts in its database needs."""

    @property
    def path(self) -> str:
        """
        The attribute in the schema's spelling: `name.familyName`, `emails.value`. An attribute that no schema defines
        has the client's spelling.
        """

    @property
    def attr_type(self) -> _AttrType | None:
        """The type of the values; `None` if no schema defines the attribute."""

    @property
    def multi_valued(self) -> bool:
        """
        Whether the attribute is multi-valued. Then the value of the element with `primary: true` counts, or else that
        of the first element with a value.
        """

    @property
    def case_exact(self) -> bool:
        """Whether case counts. If not, sort by the texts under `fold_case`, and `userName` by `username_key`."""

    @property
    def descending(self) -> bool:
        """Whether the order is descending. Resources without a value come last in ascending order, and first in
        descending.
        """

    def __eq__(self, other: object, /) -> bool: ...
    def __hash__(self) -> int: ...

@final
class Projection:
    """The selection of the attributes of an answer (`attributes`, `excludedAttributes`, `returned`).

    `password` and other attributes that are never returned are in no answer.

    The names of `attributes` or `excluded_attributes` are one text with commas, or several texts. Raises `InvalidValue`
    if both arguments are given.
    """

    def __new__(
        cls,
        resource_type: ResourceType | None = None,
        *,
        attributes: str | Iterable[str] | None = None,
        excluded_attributes: str | Iterable[str] | None = None,
        limits: Limits | None = None,
    ) -> Projection: ...
    @staticmethod
    def from_query(
        query: str | bytes,
        resource_type: ResourceType | None = None,
        *,
        limits: Limits | None = None,
    ) -> Projection:
        """The projection of the query string of a request for one resource; other parameters are ignored."""

    def apply(self, resource: object) -> dict[str, Any]:
        """The resource as an answer shows it, in a new dict that any JSON serialiser writes in the form of SCIM.

        Values that are kept whole are the same objects, unless they contain types that are not JSON's own: a `datetime`
        becomes its dateTime (RFC 3339, in UTC if it has no zone), a `UUID` its text, an `Enum` its value, a `Decimal`
        or a scalar of numpy a number, `NaN`, `NaT` and `pd.NA` null, and models and other mappings a dict. A value that
        has no form in JSON, such as `bytes`, is a `TypeError`.
        """

    def needs(self, path: str) -> bool:
        """Whether the answer would have an attribute. If not, the host need not load it.

        A name that the resource type does not have is a `ValueError`.
        """

    @property
    def attributes(self) -> tuple[str, ...]:
        """The names in `attributes`."""

    @property
    def excluded_attributes(self) -> tuple[str, ...]:
        """The names in `excludedAttributes`."""

    @property
    def resource_type(self) -> ResourceType:
        """The resource type that the projection is for."""

    def __eq__(self, other: object, /) -> bool: ...
    def __hash__(self) -> int: ...
    def __getnewargs_ex__(self) -> tuple[tuple[Any, ...], dict[str, Any]]: ...
    def __copy__(self) -> Projection: ...
    def __deepcopy__(self, _memo: object) -> Projection: ...

@final
class Cursors:
    """Keys for cursors (RFC 9865): positions in a list, sealed so that a client can neither read nor forge them.

    A cursor is valid for the filter, order and resource type of its query, within `context` (such as the tenant), for
    `lifetime` seconds. The first key seals, and all keys open. The keys are secret, so that it is not picklable.

    Raises `ValueError` for a key of fewer than 16 bytes.
    """

    def __new__(cls, key: bytes, *older_keys: bytes, lifetime: int = 3600) -> Cursors: ...
    def seal(self, position: object, query: ListQuery, *, context: str = "", now: datetime | None = None) -> str:
        """A cursor for a position, which is any JSON value with which the host finds the place again."""

    def open(self, query: ListQuery, *, context: str = "", now: datetime | None = None) -> Any:
        """The position in the cursor of a query; `None` for the first page.

        Raises `InvalidCursor`, `ExpiredCursor`, or `InvalidCount` if the page size differs from that of the first
        request.
        """

    @property
    def lifetime(self) -> int:
        """The number of seconds for which a cursor is valid."""

    def __copy__(self) -> Cursors: ...
    def __deepcopy__(self, _memo: object) -> Cursors: ...

@final
class Template:
    """OneLogin's SCIM JSON template: JSON with macros (`{$user.email}`, `{$parameters.title}`). Immutable.

    Raises `TemplateError`, with the place, if the text is not JSON whatever values the macros have.
    """

    def __new__(cls, text: str | bytes) -> Template: ...
    @property
    def text(self) -> str:
        """The text, without a byte order mark."""

    @property
    def macros(self) -> tuple[str, ...]:
        """The macros in the order of the text, each as often as it occurs."""

    def render(
        self,
        person: Person | _Mapping[str, Any],
        *,
        unset: Literal["empty", "null", "null_text", "keep", "error"] = "empty",
        raw: bool = False,
    ) -> Rendered:
        """Renders the template as OneLogin would for a person.

        OneLogin does not document how it renders a macro without a value. `unset` chooses: the empty string; `null`
        instead of a string that has nothing else; the text `null`; the macro, unchanged; or an error. Nor does it
        document how it escapes values: `raw` pastes them unchanged. Raises `TemplateError` if the result is not JSON.
        """

    def lint(
        self,
        resource_type: ResourceType | None = None,
        *,
        tolerance: Tolerance | None = None,
        bare_booleans: bool = False,
    ) -> Lint:
        """The problems of the template; see `lint`."""

    def __hash__(self) -> int: ...
    def __getnewargs__(self) -> tuple[str]: ...
    def __copy__(self) -> Template: ...
    def __deepcopy__(self, memo: object, /) -> Template: ...

@final
class Person:
    """A person of OneLogin: the values of the macros.

    The names are those of the macros: `firstname` or `user.firstname`, `custom_fields.badge`, `parameters.title`.
    Values that are not given are derived from others: `display_name` from the names, `parameters.scimusername` from
    `username` or else `email`, `parameters.department` from `department`. A person with neither `active` nor `status`
    is active.

    `values` is flat or nested (`{"user": {…}, "parameters": {…}}`); keywords take precedence over it.

    Raises `TemplateError` for a name that no macro has.
    """

    def __new__(cls, values: Person | _Mapping[str, Any] | None = None, **more: object) -> Person: ...
    @staticmethod
    def read_all(text: str | bytes | bytearray, format: Literal["csv", "json"] | None = None) -> list[Person]:
        """People from CSV with a line of names, a JSON array or NDJSON. Raises `TemplateError`, with the line."""

    def get(self, name: str) -> str | None:
        """The value of a macro: `user.email`, `email` or `{$user.email}`."""

    def to_dict(self) -> dict[str, str]:
        """The values that were given, by the names of their macros."""

    def __eq__(self, other: object, /) -> bool: ...
    __hash__: None  # type: ignore[assignment]
    def __getnewargs__(self) -> tuple[dict[str, str]]: ...

@final
class Rendered:
    """The result of rendering a template for a person."""

    @property
    def text(self) -> str:
        """The text that is sent, in the layout of the template."""

    @property
    def value(self) -> Any:
        """The value of the text: the body of a request."""

    @property
    def unset(self) -> tuple[str, ...]:
        """The macros that have no value, each once."""

    @property
    def unescaped(self) -> tuple[str, ...]:
        """With `raw`, the macros whose value has a quote, a backslash or a control character, each once."""

@final
class Lint:
    """The problems of a template, and the template without those that have a cure."""

    @property
    def problems(self) -> tuple[Problem, ...]:
        """The problems, in the order of the text."""

    @property
    def corrected(self) -> str | None:
        """The template with every cure applied; `None` if the text is not a template."""

    @property
    def is_clean(self) -> bool:
        """Whether there are no problems except notes."""

    def __eq__(self, other: object, /) -> bool: ...
    __hash__: None  # type: ignore[assignment]

@final
class Problem:
    """A problem of a template."""

    @property
    def code(self) -> str:
        """A stable name of the kind of problem, such as `undeclared_extension`."""

    @property
    def severity(self) -> Literal["error", "warning", "note"]:
        """`error`, `warning`, or `note` for something that a template cannot express better."""

    @property
    def path(self) -> str:
        """The attribute, as a SCIM path with indexes: `emails[0].value`; empty for the whole template."""

    @property
    def span(self) -> tuple[int, int]:
        """The place in the text: `text[slice(*problem.span)]`."""

    @property
    def line(self) -> int:
        """The line, counted from 1."""

    @property
    def column(self) -> int:
        """The column in characters, counted from 1."""

    @property
    def message(self) -> str:
        """The text that says what is wrong."""

    @property
    def cure(self) -> str:
        """The text that says how to correct it."""

    @property
    def is_cured(self) -> bool:
        """Whether the corrected template no longer has the problem."""

def lint(
    template: str | bytes | Template,
    resource_type: ResourceType | None = None,
    *,
    tolerance: Tolerance | None = None,
    bare_booleans: bool = False,
) -> Lint:
    """Checks the text of a template, as `create` of the resource type (`USER` by default) reads what it renders.

    Without the tolerance `boolean_strings`, a quoted boolean is an error, not a note. With `bare_booleans`, macros of
    booleans and numbers should be outside of quotes.
    """
@final
class ClientSession:
    """A push as a state machine, whose requests `scim_engine.testing.push` carries.

    It has no clock, no socket and no token, and may be used by several threads.

    `people` are bodies, each with whether the person is leaving; `groups` are names, with members' `userName`s.

    `journal` is the lines of an earlier session.

    Raises `ValueError` for an option that the client does not have, for people without a `userName`, and for people or
    groups that are given twice.
    """

    def __new__(
        cls,
        people: Sequence[tuple[Any, bool]],
        groups: Sequence[tuple[str, Sequence[str]]],
        *,
        client: str = "onelogin",
        update: str | None = None,
        membership: str = "2.0",
        removal: str = "suspend",
        entra_flag: bool = False,
        probes: bool = True,
        retries: int = 4,
        journal: Sequence[str] = ...,
    ) -> ClientSession: ...
    def next(self) -> ClientRequest | None:
        """The next request. None if a request that was sent must be answered first, or if all is done."""

    @property
    def is_done(self) -> bool:
        """Whether the last call of `next` found that all is done."""

    def answer(
        self, ticket: int, status: int, headers: Sequence[tuple[str, str]], body: bytes, elapsed: float = 0.0
    ) -> None:
        """Takes the answer to a request, and the seconds until it came."""

    def fail(self, ticket: int, why: str, *, timed_out: bool = False) -> None:
        """Says why a request has no answer. A connection test that `timed_out` is not sent again."""

    def take_journal(self) -> list[str]:
        """The entries since the last call, as lines of JSON for a journal."""

    def report(self) -> dict[str, Any]:
        """The work and the findings so far."""

    @property
    def progress(self) -> tuple[int, int]:
        """The number of people and groups that are done, and the number of all."""

@final
class ClientToken:
    """The token of a push, which it also hides in texts, even where it is encoded.

    Raises `ValueError` for a text that cannot be a token.
    """

    def __new__(cls, text: str) -> ClientToken: ...
    @property
    def header(self) -> str:
        """The value of the header `Authorization`."""

    def hide(self, text: str) -> str:
        """The text without the token."""

    def hide_bytes(self, body: bytes) -> bytes:
        """The body of an answer without the token: each string and name of JSON is a text of its own."""

@final
class ClientRequest:
    """A request to carry to the endpoint. The carrier adds `Authorization`, and must not follow redirects."""

    @property
    def ticket(self) -> int:
        """The number that names this request to `ClientSession.answer`."""

    @property
    def method(self) -> str:
        """`GET`, `POST`, `PUT`, `PATCH` or `DELETE`."""

    @property
    def path(self) -> str:
        """Path and query below the endpoint's URL, encoded."""

    @property
    def headers(self) -> list[tuple[str, str]]:
        """The headers that the client sends. `Authorization` is among them only if its token is invalid on purpose."""

    @property
    def body(self) -> bytes | None:
        """The body, as JSON in UTF-8."""

    @property
    def step(self) -> str:
        """The step of the client, such as `look-up`."""

    @property
    def subject(self) -> str:
        """The person or group that the request is about; empty if there is none."""

    @property
    def delay(self) -> float:
        """The seconds to wait before the request is sent."""

@final
class Source:
    """Where a value is stored, if that is not a column alone. The name of a column is a `str`.

    Names and expressions are part of the text of a query, so they must never come from a request.
    """

    @staticmethod
    def expression(text: str, /) -> Source:
        """An expression over the columns of the table, for which an index should exist. `{table}` stands for the
        quoted name of the table.

        >>> from scim_engine.sql import Column, Source
        >>> title = Column.folded(Source.expression('casefold({table}.title COLLATE "pg_c_utf8")'))
        """

    @staticmethod
    def json(column: str, /, *path: str) -> Source:
        """A member of the JSON document in a column: `jsonb` in PostgreSQL, `JSON` in DuckDB, text in SQLite. Within
        `Rows` of a JSON list, the column `value` is the element.
        """

    def __eq__(self, other: object, /) -> bool: ...
    def __hash__(self) -> int: ...

@final
class Column:
    """How the single value of an attribute is stored. NULL means that the attribute is unassigned.

    A column is compared as it is: nothing wraps it in a function. So a text that is compared regardless of case
    needs a column of its own that holds the folded text (`fold_case`, for `userName` `username_key`).
    """

    @staticmethod
    def text(
        source: str | Source,
        /,
        *,
        folded: str | Source | None = None,
        unassigned: str | None = None,
        not_null: bool = False,
        max_length: int | None = None,
        refers_to: str | Sequence[str] | None = None,
    ) -> Column:
        """Holds the text as the document has it. That suffices for attributes that are `caseExact`, for `pr` and for
        `eq null`; other comparisons need `folded`, what holds the folded text. `unassigned` is a text that stands
        for an unassigned attribute, as NULL does. Texts have at most `max_length` characters. With `refers_to`, they
        are the ids of resources of this type, or of one of several.
        """

    @staticmethod
    def folded(source: str | Source, /, *, unassigned: str | None = None, not_null: bool = False) -> Column:
        """Holds the text as it is compared: `fold_case` of it, or for `userName` `username_key`. For an attribute that
        is `caseExact` that is the text itself.
        """

    @staticmethod
    def boolean(source: str | Source, /, *, not_null: bool = False, default: bool | None = None) -> Column:
        """Holds a boolean. If the attribute is unassigned, the column gets `default`."""

    @staticmethod
    def integer(source: str | Source, /, *, not_null: bool = False) -> Column:
        """Holds a whole number of at most 64 bits."""

    @staticmethod
    def float(source: str | Source, /, *, not_null: bool = False) -> Column:
        """Holds a floating-point number of 64 bits, of which the document has the shortest decimal form."""

    @staticmethod
    def decimal(source: str | Source, /, *, not_null: bool = False) -> Column:
        """Holds an exact decimal number (`numeric`)."""

    @staticmethod
    def micros(source: str | Source, /, *, text: str | Source | None = None, not_null: bool = False) -> Column:
        """Holds an instant as microseconds since 1970 in UTC. `text` is what holds the dateTime as the document has
        it, folded by `fold_case`, for `co`, `sw` and `ew`.
        """

    @staticmethod
    def timestamp(source: str | Source, /, *, text: str | Source | None = None, not_null: bool = False) -> Column:
        """Holds an instant of the years 1 to 9999 as a timestamp with time zone. `text` as for `micros`."""

    @staticmethod
    def utc_timestamp(source: str | Source, /, *, text: str | Source | None = None, not_null: bool = False) -> Column:
        """Holds an instant of the years 1 to 9999 as a timestamp without time zone, in UTC. `text` as for `micros`."""

    @staticmethod
    def digits(
        source: str | Source, /, *, not_null: bool = False, refers_to: str | Sequence[str] | None = None
    ) -> Column:
        """Holds a whole number of at most 64 bits, which the document has as a text, such as the `id` of a row. It can
        be compared for equality. `refers_to` as for `text`.
        """

    @staticmethod
    def uuid(
        source: str | Source, /, *, not_null: bool = False, refers_to: str | Sequence[str] | None = None
    ) -> Column:
        """Holds a UUID, which the document has as a text with hyphens and small letters. It can be compared for
        equality. `refers_to` as for `digits`.
        """

@final
class Rows:
    """Where the elements of a multi-valued attribute are stored: in rows of another table, or, with `json`, in a list
    of a JSON column.

    `columns` names the `Column` of each sub-attribute, or of `value` if the elements are simple; a multi-valued
    sub-attribute has `Rows` of its own. A text or a bool is the same in every element, and `None` is never
    assigned. A row belongs to a resource if the columns of `on` are equal: the names are
    those of this table, the values those of the table around it. Only rows count in which the columns of `only`
    have their values. `position` is what the elements are in order by, for `sortBy`. With `complete`, elements have
    no other sub-attributes: a filter on one of them finds it unassigned.
    """

    def __new__(
        cls,
        table: str,
        columns: dict[str, Column] | dict[str, Rows] | dict[str, Column | Rows],
        *,
        on: dict[str, str],
        only: dict[str, Any] | None = None,
        position: str | Source | None = None,
        complete: bool = False,
    ) -> Rows: ...
    @staticmethod
    def json(
        column: str,
        path: Sequence[str],
        columns: dict[str, Column] | dict[str, Rows] | dict[str, Column | Rows],
        *,
        position: str | Source | None = None,
        complete: bool = False,
    ) -> Rows:
        """A list in a JSON column, at this path. Within it, `Source.json("value", ...)` is a member of an element."""

_Dialect = Literal["postgresql", "sqlite", "duckdb"]
_Style = Literal["qmark", "numeric", "dollar", "format", "named", "pyformat"]

@final
class Reading:
    """What to read for resources: columns of the table, and of the tables of multi-valued attributes.

    The host selects `columns` of the rows that it wants, and for each of `lists` the rows that belong to them.
    `resource` makes the resource of a row.

    >>> import scim_engine as scim
    >>> from scim_engine.sql import Column, Mapping
    >>> users = Mapping(scim.USER, "users", {"id": Column.digits("id"), "active": Column.boolean("is_active")})
    >>> reading = users.reading()
    >>> reading.columns
    [('id', 'digits'), ('is_active', 'boolean')]
    >>> reading.resource([7, 1], [])
    {'schemas': ['urn:ietf:params:scim:schemas:core:2.0:User'], 'id': '7', 'active': True}
    """

    @property
    def columns(self) -> list[tuple[str | dict[str, Any], str]]:
        """What to select of the table, in this order: pairs of a source, as in `Where.tree`, and the form in which the
        value is stored.
        """

    @property
    def lists(self) -> list[dict[str, Any]]:
        """
        The lists, each a dict: its `path`; `rows`, as in `Where.tree`; `columns`, what to select of them; `position`,
        what they are in order by, or `None`; `written`, whether clients can change the list; `among`, a dict with a
        `source`, its form `stored` and `values`, of which one is there in the rows that are needed, or `None` if all
        are.
        """

    def resource(self, row: Sequence[Any], lists: Sequence[Sequence[Sequence[Any]]], /) -> dict[str, Any]:
        """The resource of a row: the values of `columns`, and for each of `lists` the values of its rows.

        Raises `ValueError` for a column that does not hold what the mapping says.
        """

    def version(self, row: Sequence[Any], /) -> str | None:
        """The version of a row, as an ETag; `None` if the mapping has none."""

@final
class Mapping:
    """Where a platform stores the attributes of a resource type: a table, its columns, and the tables of multi-valued
    attributes. It is checked once, here.

    `columns` has an entry for each attribute, by its path (`userName`, `name.familyName`,
    `urn:...:User:department`): a `Column`; for a multi-valued attribute `Rows`; a `str`, or a list of them, if it
    is the same in every resource; `None` if it is never assigned. With `schemas`, the attribute `schemas` has the
    URN of the core schema, and that of each extension of which something is assigned. With `complete`, nothing else
    is stored: a filter on another attribute finds it unassigned, and is not refused. With `tailored`, the resource type
    of the mapping is cut down to what is named, and what an expression gives is `readOnly`. `key` is the column that
    tells rows from each other: orders end with it. `version` is a column whose number grows with each change; without
    it, the version of a resource is `meta.lastModified`. `rest` is the column of a JSON object with all that is not in
    `columns`, and `rest_folded` that of its folded copy, which filters on it need.

    Raises `ValueError` with the attribute, if the mapping does not suit the resource type.

    >>> import scim_engine as scim
    >>> from scim_engine.sql import Column, Mapping, Rows
    >>> users = Mapping(scim.USER, "users", {
    ...     "userName": Column.text("user_name", folded="user_name_key"),
    ...     "active": Column.boolean("active"),
    ...     "emails": Rows("emails", {"value": Column.folded("address_key")}, on={"user_id": "id"}),
    ... })
    >>> users.bind('userName eq "Ann" and active eq true').sql("postgresql", "dollar")
    ('("users"."user_name_key" = CAST($1 AS text) AND "users"."active" IS TRUE)', ['ann'])
    """

    def __new__(
        cls,
        resource_type: ResourceType,
        table: str,
        columns: dict[str, Any],
        *,
        key: Column | None = None,
        version: Column | None = None,
        rest: str | None = None,
        rest_folded: str | None = None,
        schemas: bool = False,
        complete: bool = False,
        tailored: bool = False,
    ) -> Mapping: ...
    @staticmethod
    def of_folded(resource_type: ResourceType, table: str, column: str, *, key: Column | None = None) -> Mapping:
        """The mapping of a JSON column that holds the folded copies of documents, which `fold` makes."""

    @property
    def resource_type(self) -> ResourceType:
        """The resource type."""

    @property
    def table(self) -> str:
        """The name of the table."""

    def bind(self, filter: Filter | str, /) -> Where:
        """The filter as a condition over columns that selects the rows that match, and no others. A text is compiled
        for the resource type of the mapping.

        Raises `BindError` if the mapping cannot say the filter exactly: no column is named for an attribute, or it
        does not hold the value as the filter compares it.
        """

    def bind_widest(self, filter: Filter | str, /) -> Widest:
        """The filter as a condition over columns that selects every row that matches, and maybe others. What the
        mapping cannot say is taken to hold.
        """

    def reading(self, needs: Needs | None = None, /) -> Reading:
        """What to read for resources: of the attributes that are needed, or of all.

        Raises `ValueError` for an attribute that a filter can ask for, but that cannot be shown: of a text only the
        folded form is stored, or it is in a JSON column.
        """

    def insertion(self, insert: Insert, /) -> dict[str, Any]:
        """What to write for a new resource, as a dict:

        - `columns`: the values of the columns of the table, by their names;
        - `expected`: the column of the version and what it must still have, or `None` for a new resource;
        - `lists`: for each list that changes a dict with its `path` and `table`; `on`, pairs of a column of that table
          and one of the table of the resource, which are equal; `only`, what other columns have; `deleted`, what rows
          to delete have in their columns; `updated`, pairs of what a row has and what it gets; `inserted`, new rows;
        - `references`: the resources that must exist, each a dict with the `types` that it may have, its `id`, `path`,
          and the `value` of the column and `missing`, the exception if there is none;
        - `unchanged`: whether a change leaves all rows as they are, but for the version and the time.

        Raises `InvalidValue` for what the columns cannot hold.
        """

    def alteration(self, update: Update, /) -> dict[str, Any]:
        """What to write for a changed resource: of the columns those of its changes. See `insertion` for its form."""

    def expected(self, version: str, /) -> tuple[str, Any] | None:
        """The column of the version, and what it has if a resource has this version; `None` if no resource can."""

    def identified(self, id: str, /) -> tuple[str, Any] | None:
        """The column of the `id`, and what it has if a resource has this one; `None` if no resource can.

        Raises `ValueError` if no column has the `id`.
        """

    @property
    def id_column(self) -> str:
        """The name of the column of the `id`.

        Raises `ValueError` if no column has the `id`.
        """

    def touch(self, now: datetime, /) -> tuple[str | None, dict[str, Any]]:
        """
        What the columns of a row get that changes without a change of its resource's own columns: the name of one that
        grows by 1, or `None`, and the values of others.
        """

    def references(self, resource_type: str, /) -> list[tuple[dict[str, Any] | None, str]]:
        """Where the ids of resources of a type are stored: pairs of rows (`None` for the table itself) and a column."""

    def recommended_ddl(self, dialect: _Dialect) -> list[str]:
        """Statements that make what the filters and orders of provisioning clients need: unique indexes for attributes
        that are unique (`userName`), indexes for `id`, `externalId` and `meta.lastModified`, and for the rows of
        multi-valued attributes. In PostgreSQL, texts get the collation `C`, so that one index serves equality, order
        and `sw`. They are a proposal: a table that several tenants share needs its tenant in the unique indexes.
        """

    def order_by(self, attribute: str | None = None, *, descending: bool = False) -> OrderBy:
        """The order of rows by an attribute, if one is given, and by the key of the table.

        Raises `BindError` if no column holds the attribute as it is compared, or the mapping has no `key`.
        """

def fold(document: object, resource_type: ResourceType, /) -> dict[str, Any]:
    """A copy of a document in which each value is as filters compare it, to be stored in a JSON column beside the
    document.

    It has the known attributes in the schema's spelling: texts folded, dateTimes as microseconds (and, with a `~`
    behind the name, their folded text), lists as lists of objects, and for a secret only that it is set. What a
    column could not hold is left out: values of another type than the schema's, whole numbers beyond 64 bits, and
    dateTimes that microseconds since 1970 do not reach in 64 bits; a fraction is cut after microseconds. If its
    member `~version` is not `FOLD_VERSION`, a copy must be made anew.

    >>> import scim_engine as scim
    >>> from scim_engine.sql import Mapping, fold
    >>> fold({"UserName": "Ann", "roles": ["Clerk"], "shoeSize": 43}, scim.USER)
    {'userName': 'ann', 'roles': [{'value': 'clerk'}], '~version': 1}
    >>> print(Mapping.of_folded(scim.USER, "users", "folded").bind('userName eq "ANN"').sql("sqlite")[0])
    json_extract("users"."folded", '$."userName"') COLLATE BINARY = ?
    """
@final
class Where:
    """A condition over the columns of a mapping, in negation normal form: only tests and quantifiers are negated. A
    test of NULL does not hold, and a negated one does.
    """

    @property
    def selects(self) -> Literal["none", "all", "some"]:
        """Which rows the condition selects, as far as it is known without a database: `"none"`, `"all"` or `"some"`."""

    def sql(
        self, dialect: _Dialect, style: _Style | None = None, *, first: int = 1, name: str = "scim"
    ) -> tuple[str, Any]:
        """The text of the condition, to stand behind `WHERE`, and the values of its placeholders: a list, or a dict if
        the placeholders have names.

        `dialect` is `"postgresql"`, `"sqlite"` or `"duckdb"`. `style` is that of the driver: `"qmark"` (`?`),
        `"numeric"` (`:1`), `"dollar"` (`$1`), `"format"` (`%s`), `"named"` (`:scim_1`) or `"pyformat"`
        (`%(scim_1)s`); the default is that of the usual driver. `first` is the first number, `name` what names
        begin with.

        Raises `ValueError` if the database has no type for a column of the mapping.
        """

    def jsonpath(self) -> str:
        """
        The condition as one path of PostgreSQL's `jsonb`, if it is over the folded copies of documents: bind it, as in
        `folded @? %s::jsonpath`. An index `using gin (folded jsonb_path_ops)` finds what is compared for equality.

        Raises `ValueError` if a value is elsewhere than in a JSON column.

        >>> import scim_engine as scim
        >>> from scim_engine.sql import Mapping
        >>> Mapping.of_folded(scim.USER, "users", "folded").bind('emails.type eq "Work"').jsonpath()
        '$ ? (exists(@."emails"[*] ? (@."type" == "work")))'
        """

    def tree(self) -> dict[str, Any]:
        """The condition as data, for adapters: a `dict` with one key, `all` or `any` (a list of conditions),
        `constant` (a `bool`), `exists` or `test`.

        `exists` has `rows`, `within` (a condition over the columns of one row) and `negated`. `test` has `source`,
        `stored` (`"text"`, `"folded"`, `"boolean"`, ...), `op` (`"not_null"`, `"is"`, `"="`, `">"`, `">="`, `"<"`,
        `"<="`, `"in"`, `"contains"`, `"starts_with"`, `"ends_with"`), `value` and `negated`. An instant is an `int`
        of microseconds since 1970.
        """

@final
class Widest:
    """A condition that selects every row that matches a filter, and maybe others."""

    @property
    def candidates(self) -> Where:
        """The condition. Unless `is_exact`, each row that it selects must be matched by `residual`, so the database
        can neither count the rows nor choose a page of them.
        """

    @property
    def is_exact(self) -> bool:
        """Whether the condition selects the rows that match, and no others."""

    @property
    def residual(self) -> Filter | None:
        """The filter that each row must match that the condition selects; `None` if the condition is exact."""

@final
class OrderBy:
    """The order of rows: by the attribute of `sortBy`, if any, and then by the key of the table."""

    def sql(
        self, dialect: _Dialect, style: _Style | None = None, *, first: int = 1, name: str = "scim"
    ) -> tuple[str, Any]:
        """The text of the order, to stand behind `ORDER BY`, and the values of its placeholders, as for `Where.sql`."""

    def after(self, values: Sequence[object], /) -> Where:
        """The condition for the rows after one that has these values of the `keys`, in their order. So a page begins
        where the last one ended, however many pages precede it.

        The values are those that a driver gives; an instant may also be an `int` of microseconds since 1970. Raises
        `ValueError` if the rows are sorted by an attribute with several values, if there are not as many values, or if
        one is not of the type that is stored.
        """

    @property
    def keys(self) -> list[dict[str, Any]]:
        """The parts of the order: `source`, `stored`, `descending`, `not_null`, and `first_of`, which has the `rows`,
        `primary` and `position` of a multi-valued attribute, or is `None`.
        """

@disjoint_base
class EndpointCore:
    """A SCIM endpoint without HTTP and without a database: it reads requests, asks a storage, and makes answers. It is
    immutable and thread-safe.

    A list ends at about `max_answer` bytes of resources, with fewer of them than `count`. A PATCH of single elements
    of a list that has more than `most_members` is answered by 204. While others change the same resource, a change is
    tried `tries` times. Members that are groups are not checked, unless `nested_groups` is `"refused"`, or `"allowed"`,
    which refuses that a group contains itself. The other arguments are those of `Patch`, `ResourceType.create`,
    `ResourceType.replace` and `ListQuery`.
    """

    def __new__(
        cls,
        registry: Registry | None = None,
        *,
        tolerance: Tolerance | None = None,
        limits: Limits | None = None,
        unknown: Literal["ignore", "keep", "reject"] | None = None,
        unknown_paths: Literal["reject", "ignore"] | None = None,
        absent: Literal["clear", "keep"] | None = None,
        absent_overrides: _Mapping[str, Literal["clear", "keep"]] | None = None,
        utc: bool = False,
        canonical_values: bool = False,
        derived_schemas: bool = False,
        profile: Profile | None = None,
        default_count: int = 100,
        max_count: int = 1000,
        cursors: Cursors | None = None,
        max_body: int = 1048576,
        max_operations: int = 1000,
        max_answer: int = 16777216,
        most_members: int = 1000,
        tries: int = 20,
        nested_groups: Literal["unchecked", "refused", "allowed"] = "unchecked",
        documentation: str | None = None,
    ) -> EndpointCore: ...
    @property
    def registry(self) -> Registry:
        """The resource types."""

    @property
    def max_body(self) -> int:
        """The most bytes of a body."""

    def openapi(self, base: str, /) -> dict[str, Any]:
        """
        An OpenAPI 3.1 document of the endpoint: its paths, and the schemas of its resource types. `base` is the URL of
        the service.
        """

    def begin(
        self,
        method: str,
        path: str,
        *,
        base: str,
        query: str = "",
        headers: _Mapping[str, str] | Iterable[tuple[str, str]] | None = None,
        body: bytes | None = None,
        me: str | None = None,
        context: str = "",
        now: datetime | None = None,
    ) -> Exchange:
        """
        Begins to answer a request. `path` is what follows `base`, the URL of the service, as it was sent. `headers` are
        pairs of names and values, or a mapping. `me` says which resource `/Me` is, such as `/Users/17`. `context` is
        where cursors are valid, such as the tenant.
        """

    def refuse(
        self,
        raised: ScimError,
        /,
        *,
        headers: _Mapping[str, str] | Iterable[tuple[str, str]] | None = None,
        path: str = "",
    ) -> Response:
        """
        The answer to a request that the host refuses: by 401 without a valid token, or by 429, with a `Retry-After` if
        the error has a `retry_after`. The `path` is for `Response.route`.
        """

@final
class Exchange:
    """
    A request that is being answered: each step is a `Get`, `Find`, `Insert`, `Update` or `Delete`, or the `Response`.
    """

    def start(self) -> Get | Find | Insert | Update | Delete | Response:
        """The first step."""

    def answer(self, reply: Stored | Found | None, /) -> Get | Find | Insert | Update | Delete | Response:
        """The step after an answer: a `Stored` or `None` to `Get` and `Update`, a `Found` to `Find`, a `Stored` to
        `Insert`, and `None` to `Delete`.
        """

    def fail(self, failure: str | ScimError, /) -> Get | Find | Insert | Update | Delete | Response:
        """
        The step after a failure: `"stale"`, `"missing"`, `"busy"`, or anything else that the host's log explains; or a
        `ScimError`, with which the request is refused.
        """

@final
class Response:
    """The answer to a request."""

    @property
    def status(self) -> int:
        """The status."""

    @property
    def headers(self) -> list[tuple[str, str]]:
        """The headers, as pairs."""

    @property
    def body(self) -> bytes:
        """The body; empty if there is none."""

    @property
    def failure(self) -> str | None:
        """What failed in the storage, for the host's log. The client does not learn it."""

    @property
    def events(self) -> list[Event]:
        """What the request did, for an audit log: an `Event` for each resource that was created, replaced, patched or
        deleted.
        """

    @property
    def route(self) -> str:
        """
        The kind of endpoint, as the label of a metric: `Users`, `Users/{id}`, `Users/.search`, `.search`, `Bulk`, `Me`.
        No id is in it, and a path that is none of these is `other`.
        """

@final
class MemoryStorage:
    """Resources in memory, for tests and demonstrations: a storage with ids from 1. It keeps none of the secrets."""

    def __new__(cls) -> MemoryStorage: ...
    def get(self, get: Get, /) -> Stored | None:
        """Reads a resource."""

    def find(self, find: Find, /) -> Found:
        """Finds resources."""

    def insert(self, insert: Insert, /) -> Stored:
        """Stores a new resource."""

    def update(self, update: Update, /) -> Stored | None:
        """Writes a resource."""

    def delete(self, delete: Delete, /) -> None:
        """Deletes a resource."""

@final
class Needs:
    """What of a resource is needed. A storage may always give more."""

    def attribute(self, path: str, /) -> bool:
        """Whether an attribute is needed, by its path: `title`, `name.givenName`."""

    def elements(self, list: str, /) -> bool | tuple[str, ...]:
        """Which elements of a list are needed: all (`True`), none (`False`), or those with these values."""

    @property
    def most_elements(self) -> int | None:
        """How many elements of a list are needed at most: one that has more is not shown, so one more is enough."""

@final
class Get:
    """Asks for one resource: a `Stored`, or `None` if there is none."""

    @property
    def resource_type(self) -> ResourceType:
        """The type of the resource."""

    @property
    def id(self) -> str:
        """Its id."""

    @property
    def needs(self) -> Needs:
        """What of it is needed."""

    @property
    def locks(self) -> bool:
        """
        Whether an `Update` follows, and others have come first several times: if the storage can, it holds the resource
        until then.
        """

@final
class Find:
    """Asks for the resources that a filter selects: a `Found`."""

    @property
    def resource_type(self) -> ResourceType:
        """The type of the resource."""

    @property
    def filter(self) -> Filter | None:
        """The filter; `None` selects all. `Mapping.bind` takes it, whatever type it is for."""

    @property
    def sort_by(self) -> str | None:
        """The attribute that the resources are sorted by, as the schema spells it; `None` for the order of the keys."""

    @property
    def descending(self) -> bool:
        """Whether the order descends. What is unassigned comes last, or first if it does."""

    @property
    def skip(self) -> int:
        """How many resources precede the page."""

    @property
    def after(self) -> Any:
        """A `next` of before, behind which the page begins, however many resources came or went meanwhile."""

    @property
    def limit(self) -> int:
        """The most resources."""

    @property
    def counts(self) -> bool:
        """Whether the number of all selected resources is asked for."""

    @property
    def needs(self) -> Needs:
        """What of the resources is needed."""

@final
class Insert:
    """Asks to store a new resource under an id of the storage's: the `Stored`."""

    @property
    def resource_type(self) -> ResourceType:
        """The type of the resource."""

    @property
    def resource(self) -> dict[str, Any]:
        """The resource, without `id` and `meta`."""

    @property
    def secrets(self) -> dict[str, Any]:
        """
        The attributes and sub-attributes that are never returned, by their paths, such as `password`. The resource has
        none of them, but for what is in the elements of a list.
        """

    @property
    def outcome(self) -> Outcome:
        """The changes, for the audit log, and the repairs of the request. No secret is in it."""

    @property
    def now(self) -> datetime:
        """The time."""

@final
class Update:
    """Asks to write a resource if it still has the version that was read: the `Stored` if it is at hand with all its
    lists, or `None`.
    """

    @property
    def resource_type(self) -> ResourceType:
        """The type of the resource."""

    @property
    def id(self) -> str:
        """Its id."""

    @property
    def version(self) -> str:
        """The version that was read."""

    @property
    def resource(self) -> dict[str, Any]:
        """The whole resource, as far as it was loaded."""

    @property
    def secrets(self) -> dict[str, Any]:
        """The attributes and sub-attributes that are never returned, by their paths, as the request sets them; `None`
        unassigns one.
        """

    @property
    def outcome(self) -> Outcome:
        """What changes, by path, and the repairs of the request. No secret is in it."""

    @property
    def now(self) -> datetime:
        """The time, which becomes `meta.lastModified`."""

@final
class Delete:
    """Asks to delete a resource and its references in others."""

    @property
    def resource_type(self) -> ResourceType:
        """The type of the resource."""

    @property
    def id(self) -> str:
        """Its id."""

    @property
    def version(self) -> str | None:
        """The version that the client demands, if any."""

    @property
    def now(self) -> datetime:
        """The time."""
