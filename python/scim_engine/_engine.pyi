"""The compiled part of `scim_engine`; import that."""

import builtins
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from os import PathLike
from typing import Any, Final, Literal, NoReturn, TypeVar, final, overload

from _typeshed import ReadableBuffer

__all__ = [
    "GROUP",
    "USER",
    "Attr",
    "BadDocument",
    "Bulk",
    "BulkOperation",
    "BulkResult",
    "Change",
    "ClientRequest",
    "ClientSession",
    "ClientToken",
    "Cursors",
    "Equality",
    "Explanation",
    "Filter",
    "Limits",
    "Lint",
    "ListQuery",
    "Operation",
    "Outcome",
    "Patch",
    "Person",
    "Preconditions",
    "Problem",
    "Profile",
    "Projection",
    "Registry",
    "Rendered",
    "Repair",
    "Replaced",
    "ResourceType",
    "Scan",
    "ScanMatch",
    "Template",
    "Tolerance",
    "ValueFilter",
    "__version__",
    "attr",
    "check_content_type",
    "check_discovery_query",
    "diff",
    "fold",
    "lint",
    "main",
    "media_type",
    "primary",
    "stamp",
    "touch",
    "username_key",
    "version",
]
__version__: Final[str]

USER: Final[ResourceType]
"""User with the enterprise extension, as RFC 7643 has them with its errata."""
GROUP: Final[ResourceType]
"""Group, as RFC 7643 has it with its errata."""

_T = TypeVar("_T")
_FilterOperator = Literal["eq", "ne", "co", "sw", "ew", "gt", "ge", "lt", "le", "pr", "and", "or", "not"]

@final
class Filter:
    """A filter, parsed and compiled: immutable, equal and hashed by its canonical text, picklable, fit for threads.

    Without a resource type the attributes of User, Group and the enterprise extension are known, and any other is
    taken as it comes. `&`, `|` and `~` join filters; `and`, `or`, `not` and `if` raise a `TypeError`, for they would
    drop one without a word. Ask `is None` whether there is a filter.
    """

    def __new__(
        cls,
        text: str,
        resource_type: ResourceType | None = None,
        *,
        tolerance: Tolerance | None = None,
        limits: Limits | None = None,
    ) -> Filter:
        """Raises `InvalidFilter`, with the place (`span`) and a rendering with a caret (`render()`)."""

    def check(
        self,
        *,
        attributes: Sequence[str] | None = None,
        operators: Sequence[_FilterOperator] | None = None,
    ) -> None:
        """Raises `InvalidFilter` if the filter uses another attribute than `attributes` or another operator than
        `operators`; None allows all. `emails` stands for `emails.value` and so on too, the URN of an extension for
        all attributes of that."""

    def matches(self, document: object) -> bool:
        """Whether a document satisfies the filter.

        A document is a mapping, a dataclass, a pydantic model, or JSON text (`str`, `bytes`). Mappings are walked in
        place. What they raise while they are walked goes to the caller. What is no document (`None`, a number, a list,
        a tuple) is a `TypeError`, not "no match": a negated filter would match it.

        Values are read as JSON has them: a `datetime` as its dateTime, in UTC if it has no zone; a `UUID` as its text,
        an `Enum` as its value, a scalar of numpy as the value of Python's own that it stands for. `NaN`, `NaT` and
        `pd.NA` are null. A `date` is its text, which is no dateTime.
        """

    def select(self, documents: Iterable[_T]) -> list[_T]:
        """Those documents that satisfy the filter. `filter(f.matches, documents)` gives them one by one.

        One document, the text of many (ask `scan`) and a data frame (give `df.to_dict("records")`) are a `TypeError`.
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
        which may be packed with gzip or zstd: of it no more is kept than matches, and what cannot be read or unpacked
        to its end has a last fault that says so (`count` and `mask` raise an `OSError`). It has a document a line,
        documents one after the other, arrays of documents, or ListResponses: the content decides. What is no document
        is among the `faults`, and the scan goes on, unless `stop_at_fault`; it ends after `max_matches` matches. A text
        of one line that does not begin with `{` or `[` is a `ValueError`: most likely it is the name of a file, which
        is given as `pathlib.Path`. `threads=0` is as many as the machine has; other Python threads run meanwhile.
        `trusted` text is known to be JSON, without a name twice in one object, a document a line: it is read no further
        than needed.
        """

    def count(self, data: str | ReadableBuffer | PathLike[str], *, threads: int = 1, trusted: bool = False) -> int:
        """How many documents of a JSON text satisfy the filter, as `scan` finds them."""

    def mask(
        self, data: str | ReadableBuffer | PathLike[str], *, threads: int = 1, trusted: bool = False
    ) -> list[bool | None]:
        """Of each document of a JSON text whether it satisfies the filter; `None` for what is no document."""

    def explain(self, document: object) -> Explanation:
        """Every clause of the filter with its truth for one document; `print` it."""

    def equalities(self) -> list[Equality]:
        """The equalities that must hold of every match, to answer from an index; empty if there are none."""

    def needs(self, path: str) -> bool:
        """Whether the filter reads an attribute (`members`, `name.givenName`): if not, it need not be loaded for it.

        A name that the resource type does not have is a `ValueError`.
        """

    def tree(self) -> dict[str, Any]:
        """The tree of the filter: `{"op": "eq", "attribute": "userName", "value": "x"}`.

        `op` is `and` or `or` with `terms`, `not` with a `term`, `valuePath` with `attribute`, `filter` and sometimes
        `then`, or an operator with `attribute` and, but for `pr`, `value`.
        """

    @property
    def text(self) -> str:
        """The text as it was given; `str()` gives the canonical one."""

    @property
    def resource_type(self) -> ResourceType:
        """The resource type it was compiled for."""

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
    """The documents of a text that satisfy a filter: a `Sequence` of `bytes`, made when they are asked for.

    A slice is a tuple.
    """

    @property
    def matches(self) -> tuple[ScanMatch, ...]:
        """The documents, each with its place, parsed when it is asked for."""

    @property
    def lines(self) -> tuple[int, ...]:
        """The line in which each begins, from 1."""

    @property
    def numbers(self) -> tuple[int, ...]:
        """How many documents, good or bad, come before each."""

    @property
    def faults(self) -> tuple[BadDocument, ...]:
        """What is no document: the first thousand of them, and that what follows cannot be read, if it cannot."""

    @property
    def fault_count(self) -> int:
        """How many there are in all."""

    @property
    def documents(self) -> int:
        """How many documents there were, good or bad."""

    def parsed(self) -> list[dict[str, Any]]:
        """The documents as dicts."""

    def index(self, document: object, start: int = 0, stop: int = ..., /) -> int:
        """The place of a document among the matches. Raises `ValueError` if it is none."""

    def count(self, document: object, /) -> int:
        """How often a document is among the matches."""

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
        """Its text as it was written."""

    @property
    def text(self) -> str:
        """The same as `str`."""

    @property
    def line(self) -> int:
        """The line in which it begins, from 1."""

    @property
    def number(self) -> int:
        """How many documents, good or bad, come before it."""

    def json(self) -> dict[str, Any]:
        """The document as a dict."""

    def __eq__(self, other: object, /) -> bool: ...
    __hash__: None  # type: ignore[assignment]

@final
class BadDocument:
    """What stands where a document should: `str()` says what is wrong and where."""

    @property
    def line(self) -> int:
        """The line of what is wrong, from 1."""

    @property
    def column(self) -> int:
        """The byte in that line, from 1."""

    @property
    def number(self) -> int:
        """How many documents, good or bad, come before it."""

    @property
    def reason(self) -> str:
        """What is wrong, without the place."""

    @property
    def is_last(self) -> bool:
        """Whether what follows could not be read on account of it."""

    def __eq__(self, other: object, /) -> bool: ...
    __hash__: None  # type: ignore[assignment]

def attr(path: str, resource_type: ResourceType | None = None, *, limits: Limits | None = None) -> Attr:
    """Begins a filter: `attr("userName").eq("x") & ~attr("active").eq(False)`."""
@final
class Attr:
    """An attribute that waits for its test; made by `attr`."""

    def eq(self, value: object) -> Filter:
        """Equal. A value is a `str`, a number, a `bool`, `None`, a `datetime`, a `UUID` or an `Enum` of these."""

    def one_of(self, values: Iterable[object]) -> Filter:
        """Equal to one of several values: `a eq 1 or a eq 2 or ...`. Of many a document's value is looked up.

        A list of your own that is longer than the limits on hostile input wants wider ones:

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
        """`attr[inner]`: some element for which `inner` holds."""

    def __bool__(self) -> NoReturn: ...

@final
class Explanation:
    """One clause of a filter and whether it holds of a document; true if it does. `str()` shows the tree."""

    @property
    def clause(self) -> str:
        """The clause in canonical text; `and`, `or` or `not` where its parts follow."""

    @property
    def holds(self) -> bool:
        """Whether it holds."""

    @property
    def children(self) -> tuple[Explanation, ...]:
        """Its parts."""

    def __bool__(self) -> bool: ...
    def __eq__(self, other: object, /) -> bool: ...
    __hash__: None  # type: ignore[assignment]

@final
class Equality:
    """An equality that must hold of every match of a filter."""

    @property
    def path(self) -> str:
        """The attribute in the schema's spelling: `userName`, `emails.value`."""

    @property
    def value(self) -> str | int | float | bool | None:
        """What it is equal to."""

    @property
    def case_exact(self) -> bool:
        """Whether case counts; if not, look the value up ignoring case."""

    def __eq__(self, other: object, /) -> bool: ...
    __hash__: None  # type: ignore[assignment]

@final
class Patch:
    """A PATCH request in any dialect, parsed: immutable, equal by its body and settings, picklable, fit for threads.

    `unknown` says what to do with members that no schema knows: drop and report them, keep them, or refuse the request.
    `unknown_paths` says what to do with an operation whose `path` names what the resource type does not have: refuse
    the request, or drop the operation and report it. With `utc` dateTimes are stored in UTC with `Z`, with
    `canonical_values` a value that is not among those of its attribute is refused, and with `derived_schemas` the URN
    of an extension whose object is not there is left out of `schemas`. `profile` has rules beside those of the RFCs.
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
    ) -> Patch:
        """`body` is a mapping or JSON text. Raises `InvalidSyntax`, `InvalidPath`, `InvalidValue` or `NoTarget`."""

    def apply(self, resource: object, resource_type: ResourceType | None = None) -> Outcome:
        """Applies the operations in their order to a resource: all of them, or none. `resource` is not modified.

        The resource type is the one given here, or that of the patch, or what the resource says it is: a User, a
        Group, or else any. What no operation names is in the outcome the very object that it is in `resource`, and so
        are the elements of a list that is changed, but for those that are: a list replaced as a whole is a new one.

        Given JSON text, the outcome has the new text as `json`, with all that did not change copied byte for byte; the
        dict in `resource` is made only if it is asked for. Where a name stands twice, the last one counts, as for
        `json.loads`, and the whole text is written anew.

        Of a mapping that holds a `datetime` or a `UUID` what no operation names stays such an object:
        `Projection.apply` and `Outcome.to_dict` write it as JSON has it.
        """

    def apply_json(self, resource: bytes | bytearray | str, resource_type: ResourceType | None = None) -> bytes:
        r"""Applies the operations to a resource in JSON text and gives the new text: `apply(...).json`,
        but that a name that stands twice is an error.

        Only what changes is written anew. Everything else is copied byte for byte, with its blanks, the order of its
        members, numbers and escapes as they were spelled; of a list that is each element. All of the text is checked.
        Raises `InvalidSyntax` for what is no JSON, and where a name stands twice in the resource itself, in an
        extension that is changed, or in a value that has to be read.

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
        holds all elements with one of these values and no others, `apply` succeeds or fails as on the whole one, and
        the outcome says the same about the attribute. Empty if the operations do not touch it; None if the whole list
        is needed (`replace members`, `remove members`, a filter on anything but `value`, ...), and for an attribute of
        another kind. A name that the resource type does not have is a `ValueError`.

        >>> patch = Patch({
        ...     "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
        ...     "Operations": [{"op": "remove", "path": 'members[value eq "7002"]'}],
        ... })
        >>> patch.elements("members")
        ['7002']
        """

    @property
    def operations(self) -> tuple[Operation, ...]:
        """The operations in their order, resolved by the resource type of the patch."""

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
    """One operation of a patch. Names are in the schema's spelling where a schema knows them."""

    @property
    def op(self) -> Literal["add", "remove", "replace"]:
        """What to do."""

    @property
    def path(self) -> str | None:
        """Where, in canonical text; none if the members of the value say it."""

    @property
    def attribute(self) -> str | None:
        """The attribute: `emails`, `urn:...:User:department`; the URN alone for a whole extension."""

    @property
    def value_filter(self) -> ValueFilter | None:
        """The filter in the brackets."""

    @property
    def sub_attribute(self) -> str | None:
        """The sub-attribute."""

    @property
    def value(self) -> Any:
        """With what, as it was sent; `None` if nothing was."""

    @property
    def resource_type(self) -> ResourceType:
        """The resource type by which it was resolved."""

    def __eq__(self, other: object, /) -> bool: ...
    __hash__: None  # type: ignore[assignment]

@final
class ValueFilter:
    """The filter in the brackets of a path: which elements of an attribute are meant."""

    def matches(self, element: object) -> bool:
        """Whether an element, a mapping or a simple value, is meant. `None` and lists are a `TypeError`."""

    def tree(self) -> dict[str, Any]:
        """The tree of the filter, as `Filter.tree` gives it."""

    @property
    def text(self) -> str:
        """The canonical text."""

    def __bool__(self) -> NoReturn: ...
    def __eq__(self, other: object, /) -> bool: ...
    def __hash__(self) -> int: ...

@final
class Outcome:
    """What a PATCH, POST or PUT did. It is picklable, as all that it is made of."""

    @property
    def resource(self) -> dict[str, Any]:
        """The resource as it is to be stored."""

    @property
    def json(self) -> bytes | None:
        """The resource as JSON text, if a PATCH was applied to JSON text; else None."""

    @property
    def changed(self) -> bool:
        """Whether it differs from what it was; if not, nothing is to be written."""

    @property
    def changes(self) -> tuple[Change, ...]:
        """What is different, one entry for each attribute, so that only that need be written."""

    @property
    def repairs(self) -> tuple[Repair, ...]:
        """What was repaired or dropped."""

    def to_dict(self) -> dict[str, Any]:
        """`changed`, `changes`, `repairs` and `resource` as JSON has them, for a queue or a journal.

        All that is to be stored is in it, passwords too.
        """

    def __eq__(self, other: object, /) -> bool: ...
    __hash__: None  # type: ignore[assignment]

@final
class Change:
    """How one attribute differs from what it was. The value of a single-valued one stands here as a list of one."""

    @property
    def path(self) -> str:
        """The attribute: `title`, `name.familyName`, `emails`, `urn:...:User:department`."""

    @property
    def added(self) -> list[Any]:
        """Values that were not there before."""

    @property
    def removed(self) -> list[Any]:
        """Values that are there no more."""

    @property
    def replaced(self) -> list[Replaced]:
        """Values that took the place of others."""

    @property
    def secret(self) -> bool:
        """Whether it is of what is never returned, and so not for logs.

        It says what is to be stored, never what was: `added` has the whole of a hidden attribute, and is empty if that
        is to become unassigned; elements that are gone or replaced stand there without their hidden sub-attributes.
        """

    def to_dict(self) -> dict[str, Any]:
        """`path`, those of `added`, `removed` and `replaced` that are not empty, and `secret` if it is one."""

    def __eq__(self, other: object, /) -> bool: ...
    __hash__: None  # type: ignore[assignment]

@final
class Replaced:
    """A value that took the place of another."""

    @property
    def old(self) -> Any:
        """What was there before."""

    @property
    def new(self) -> Any:
        """What is there now."""

    def to_dict(self) -> dict[str, Any]:
        """`old` and `new`."""

    def __eq__(self, other: object, /) -> bool: ...
    __hash__: None  # type: ignore[assignment]

@final
class Repair:
    """A deviation of the client that was read as what it means, or something of its that was dropped."""

    @property
    def path(self) -> str:
        """The attribute."""

    @property
    def kind(self) -> str:
        """The switch of `Tolerance` that did it, or `read_only`, or `unknown_member`."""

    @property
    def detail(self) -> str:
        """What was done, for people."""

    def to_dict(self) -> dict[str, str]:
        """`path`, `kind` and `detail`."""

    def __eq__(self, other: object, /) -> bool: ...
    __hash__: None  # type: ignore[assignment]

@final
class ResourceType:
    """What a resource of an endpoint may hold: a core schema and extensions. `USER` and `GROUP` are built in."""

    @staticmethod
    def user() -> ResourceType:
        """User with the enterprise extension."""

    @staticmethod
    def group() -> ResourceType:
        """Group."""

    @staticmethod
    def any() -> ResourceType:
        """No resource type in particular: the attributes of User and Group are known.

        Filters, `attributes` and `sortBy` take other names as they come. POST, PUT, PATCH and `diff` need the schema of
        what they write.
        """

    @staticmethod
    def from_schemas(
        name: str, schema: object, extensions: Iterable[object] | None = None, *, endpoint: str | None = None
    ) -> ResourceType:
        """A resource type made of a core schema and extensions, each as `/Schemas` serves it. Raises `SchemaError`,
        also for a member that is not known, and if the name or a URN is empty or a URN stands twice.

        The endpoint is a slash, the name and an `s` if none is given. Beside the characteristics of RFC 7643 an
        attribute may have `maxLength` and `canonicalOnly`: see `max_length` and `canonical_values`.
        """

    @staticmethod
    def from_discovery(schemas: object, resource_types: object) -> dict[str, ResourceType]:
        """The resource types that `/Schemas` and `/ResourceTypes` describe, by name. Raises `SchemaError`."""

    def only(self, names: Iterable[str]) -> ResourceType:
        """With these attributes alone, and the common ones: what a product has columns for.

        Names are attributes (`userName`), sub-attributes (`name.givenName`), attributes of an extension after its URN
        and a colon, or the URN of a schema for all that it has. Of an extension of which nothing is named nothing is
        left. What clients send beyond that is dropped and reported by `create`, `replace` and a PATCH without a path;
        `Patch(..., unknown_paths="ignore")` does the same for paths. Raises `SchemaError` for a name that is not
        known, and if what the schema requires is not among the names.
        """

    def without(self, names: Iterable[str]) -> ResourceType:
        """Without these attributes, sub-attributes or extensions. Raises `SchemaError` for a name that is not known,
        and for what is required or what every resource has (`schemas`, `id`, `meta`)."""

    def read_only(self, names: Iterable[str]) -> ResourceType:
        """With these attributes as `readOnly`: what the product derives itself. Raises `SchemaError` for a name that is
        not known."""

    def with_extension(self, schema: object, *, required: bool = False) -> ResourceType:
        """With one more extension. Raises `SchemaError`, also if its URN is there already."""

    def with_endpoint(self, endpoint: str) -> ResourceType:
        """At another endpoint, such as `/People`. Raises `SchemaError` if it is not a slash and one segment."""

    def max_length(self, name: str, characters: int) -> ResourceType:
        """With strings of an attribute refused that have more characters: `InvalidValue` instead of an error of the
        database. Raises `SchemaError` for a name that is not known, and for what does not hold strings."""

    def canonical_values(self, name: str, values: Iterable[str]) -> ResourceType:
        """With strings of an attribute refused that are none of these, its `canonicalValues` from now on. Raises
        `SchemaError` for a name that is not known, for what does not hold strings, and if there are no values."""

    @property
    def name(self) -> str:
        """The name, such as `User`."""

    @property
    def endpoint(self) -> str:
        """The endpoint, such as `/Users`."""

    @property
    def description(self) -> str:
        """What it is for."""

    @property
    def schema(self) -> dict[str, Any]:
        """The core schema: as `/Schemas` serves it, and `maxLength` and `canonicalOnly` where the host has set them."""

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
        """A new resource from the body of a POST. `id` and `meta` are for the host to add.

        With `utc` dateTimes are stored in UTC with `Z`, with `canonical_values` a value that is not among those of its
        attribute is refused, and with `derived_schemas` the URN of an extension whose object is not there is left out
        of `schemas`: for a host that makes `schemas` from its columns it would be a change. `profile` has rules beside
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
        absent_overrides: Mapping[str, Literal["clear", "keep"]] | None = None,
        utc: bool = False,
        canonical_values: bool = False,
        derived_schemas: bool = False,
        profile: Profile | None = None,
    ) -> Outcome:
        """What a stored resource becomes by the body of a PUT; `current` is not modified.

        `absent` says what becomes of attributes that the body does not mention, `absent_overrides` of single ones.
        A name there that the type does not have is a `ValueError`. `utc`, `canonical_values`, `derived_schemas` and
        `profile` are as for `create`.
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
    """What `If-Match` and `If-None-Match` ask of the version of a resource. True if they ask anything.

    Tags are compared weakly, those of `If-Match` too, for the tags of SCIM are weak.
    """

    def __new__(cls, *, if_match: str | None = None, if_none_match: str | None = None) -> Preconditions:
        """Raises `ScimError` with status 400 if a header is malformed."""

    def check(self, version: str | None, /) -> None:
        """For writes: raises `PreconditionFailed` if the version is another; `None` if there is no such resource."""

    def is_not_modified(self, version: str, /) -> bool:
        """For GET: whether the client has this version already, so that the answer is 304."""

    def __bool__(self) -> bool: ...
    def __eq__(self, other: object, /) -> bool: ...
    def __hash__(self) -> int: ...
    def __getnewargs_ex__(self) -> tuple[tuple[()], dict[str, Any]]: ...

@final
class Registry:
    """The resource types of a platform: immutable, picklable, fit for threads. It answers the discovery endpoints."""

    def __new__(cls, resource_types: Iterable[ResourceType] | None = None) -> Registry:
        """`USER` and `GROUP`, or the given ones. Raises `SchemaError` if two have one name, endpoint or schema URN."""

    @staticmethod
    def from_discovery(schemas: object, resource_types: object) -> Registry:
        """What the answers of `/Schemas` and `/ResourceTypes` describe. Raises `SchemaError`."""

    @property
    def notes(self) -> tuple[str, ...]:
        """What looked like a slip in what `from_discovery` read: members with nearly the name of a known one."""

    @property
    def resource_types(self) -> tuple[ResourceType, ...]:
        """All of them."""

    def get(self, name: str) -> ResourceType | None:
        """The resource type of this name in any case."""

    def by_endpoint(self, endpoint: str) -> ResourceType | None:
        """The resource type of this endpoint, such as `/Users` or `Users`, in any case."""

    def of(self, resource: object) -> ResourceType | None:
        """The resource type that a resource says it is of, by `meta.resourceType` or `schemas`."""

    def service_provider_config(
        self,
        *,
        base: str,
        patch: bool = True,
        bulk: Mapping[str, int] | None = None,
        filter_max: int = 1000,
        change_password: bool = False,
        sort: bool = True,
        etag: bool = True,
        pagination: Mapping[str, bool | int | str | None] | None = None,
        authentication_schemes: Iterable[Mapping[str, Any]] | None = None,
        documentation_uri: str | None = None,
        interop_profile_conformant: bool | None = None,
    ) -> dict[str, Any]:
        """The answer of `/ServiceProviderConfig`. `base` is the URL that the endpoints are below.

        `bulk` has `maxOperations` and `maxPayloadSize`; `pagination` has what RFC 9865 names: `cursor`, `index`, and if
        you like `defaultPaginationMethod`, `defaultPageSize`, `maxPageSize`, `cursorTimeout`. Without
        `authentication_schemes` it is a bearer token. `interop_profile_conformant` says whether the service conforms to
        the SCIM interoperability profile.
        """

    def resource_types_response(self, *, base: str) -> dict[str, Any]:
        """The answer of `/ResourceTypes`."""

    def resource_type_response(self, name: str, *, base: str) -> dict[str, Any]:
        """The answer of `/ResourceTypes/{name}`. Raises `NotFound`."""

    def schemas_response(self, *, base: str) -> dict[str, Any]:
        """The answer of `/Schemas`: every schema once, those of the discovery endpoints' own answers too."""

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
    """Rules of a profile of SCIM, partly against RFC 7644, each a switch; by default all are off.

    - `path_required`: an operation of a PATCH without a `path` is `InvalidSyntax`.
    - `unknown_refused`: what no schema knows is `InvalidSyntax`, whatever `unknown` and `unknown_paths` say.
    - `whole_replaced`: `replace` of a single complex attribute replaces it as a whole.
    - `sub_attribute_required`: brackets without a sub-attribute after them are `InvalidPath`.
    - `single_match`: brackets that choose several elements are `InvalidFilter`.
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
        """What the SCIM interoperability profile demands of a server; what it allows a server is off."""

    @property
    def path_required(self) -> bool:
        """An operation of a PATCH needs a `path`."""

    @property
    def unknown_refused(self) -> bool:
        """What no schema knows is refused."""

    @property
    def whole_replaced(self) -> bool:
        """`replace` of a single complex attribute replaces it as a whole."""

    @property
    def sub_attribute_required(self) -> bool:
        """Brackets need a sub-attribute after them."""

    @property
    def single_match(self) -> bool:
        """Brackets choose one element."""

    @property
    def only_eq_and(self) -> bool:
        """Brackets have no operators but `eq` and `and`."""

    def to_dict(self) -> dict[str, bool]:
        """All switches."""

    def __eq__(self, other: object, /) -> bool: ...
    def __hash__(self) -> int: ...
    def __getnewargs_ex__(self) -> tuple[tuple[()], dict[str, Any]]: ...
    def __copy__(self) -> Profile: ...
    def __deepcopy__(self, _memo: object) -> Profile: ...

@final
class Tolerance:
    """Switches, one for each deviation from the RFCs that real clients send, named after the deviation.

    On by default are all that lose nothing and guess nothing; what a switch repaired is reported as a `Repair`.
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
        numbers_for_strings: bool = True,
        json_values: bool = True,
        whole_numbers: bool = True,
        core_paths: bool = True,
        loose_references: bool = True,
        loose_base64: bool = True,
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
        numbers_for_strings: bool = False,
        json_values: bool = False,
        whole_numbers: bool = False,
        core_paths: bool = False,
        loose_references: bool = False,
        loose_base64: bool = False,
    ) -> Tolerance:
        """No tolerance: the RFCs to the letter, but for the switches that are given."""

    @property
    def bare_words(self) -> bool:
        """Filters: unquoted words are strings (`userName eq bjensen`). Off: a guess."""

    @property
    def boolean_strings(self) -> bool:
        """`"True"`, `"false"` for booleans, in filters and in values."""

    @property
    def number_strings(self) -> bool:
        """`"5"` for the number 5."""

    @property
    def single_for_list(self) -> bool:
        """One value where a list is due."""

    @property
    def list_for_single(self) -> bool:
        """A list of one element where a single value is due; its `value` where a simple one is due."""

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
        """SCIM 1.x and home-made schema URNs stand for the RFC's."""

    @property
    def member_operations(self) -> bool:
        """PATCH: member operations of SCIM 1.1."""

    @property
    def missing_schemas(self) -> bool:
        """A body without `schemas`: it is of the resource type of the endpoint, or the PATCH request that it
        reads as.
        """

    @property
    def undeclared_extensions(self) -> bool:
        """POST and PUT: an extension object whose URN is not listed in `schemas`."""

    @property
    def bare_extension_names(self) -> bool:
        """An attribute of exactly one extension named without its URN."""

    @property
    def doubled_paths(self) -> bool:
        """PATCH: the attribute's name once more inside its value."""

    @property
    def json_strings(self) -> bool:
        """A string that holds JSON, where an object or a list is due."""

    @property
    def first_primary(self) -> bool:
        """Of several `primary: true` the first counts. Off: a guess."""

    @property
    def literal_case(self) -> bool:
        """Filters: `True`, `FALSE`, `NULL` for the literals `true`, `false`, `null`."""

    @property
    def loose_blanks(self) -> bool:
        """Filters and PATCH paths: tabs, line breaks and several blanks between tokens, and blanks before `[`."""

    @property
    def dotted_urns(self) -> bool:
        """A dot in place of the last colon after a schema's URN (`urn:…:2.0:User.department`), where the text
        names nothing otherwise.
        """

    @property
    def path_keys(self) -> bool:
        """POST and PUT: keys that are paths (`urn:…:User:department`, `name.givenName`)."""

    @property
    def replace_creates(self) -> bool:
        """PATCH: `replace` with brackets that match no element creates it, as `add` does. Off: RFC 7644
        §3.5.2.3 wants `noTarget`.
        """

    @property
    def reference_details(self) -> bool:
        """Other `$ref`, `type`, `display` of a reference that stays, where the schema lets no client change
        them: ignored, for they follow from its `value`.
        """

    @property
    def read_only_members(self) -> bool:
        """readOnly attributes as members of a value are dropped."""

    @property
    def numbers_for_strings(self) -> bool:
        """A whole number without fraction or exponent for a string, as its digits."""

    @property
    def json_values(self) -> bool:
        """`roles`: the JSON text of an object with a `value`, inside the `value` of an element."""

    @property
    def whole_numbers(self) -> bool:
        """`1.0` for the integer 1."""

    @property
    def core_paths(self) -> bool:
        """PATCH: the core schema's URN alone as `path` is as if there were no path."""

    @property
    def loose_references(self) -> bool:
        """References that are not URI references are stored as they are."""

    @property
    def loose_base64(self) -> bool:
        """Binaries in the alphabet of base64url, with line breaks, or of a wrong length are stored as they are."""

    def to_dict(self) -> dict[str, bool]:
        """All switches, by name."""

    def __eq__(self, other: object, /) -> bool: ...
    def __hash__(self) -> int: ...
    def __getnewargs_ex__(self) -> tuple[tuple[Any, ...], dict[str, Any]]: ...
    def __copy__(self) -> Tolerance: ...
    def __deepcopy__(self, _memo: object) -> Tolerance: ...

@final
class Limits:
    """Limits on hostile input. Each has its own message when it is passed."""

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
        """Brackets and parentheses within each other."""

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
        """Levels of objects and arrays within each other; Python objects are read to 128 at the most."""

    @property
    def members(self) -> int:
        """Members of one object in a request."""

    @property
    def visited_bytes(self) -> int:
        """Bytes of elements that one PATCH request may look at again, after the first passes over a list.

        A byte in which brackets search for a text counts twice, one that is copied into further elements ten times."""

    @property
    def string_bytes(self) -> int:
        """Bytes of one string in a request."""

    @property
    def number_digits(self) -> int:
        """Digits of one number in a request, those of its exponent written out."""

    def __eq__(self, other: object, /) -> bool: ...
    def __hash__(self) -> int: ...
    def __getnewargs_ex__(self) -> tuple[tuple[Any, ...], dict[str, Any]]: ...
    def __copy__(self) -> Limits: ...
    def __deepcopy__(self, _memo: object) -> Limits: ...

def primary(resource: object, attribute: str) -> Any:
    """The element of a multi-valued attribute that a product with one column for it stores: the one whose `primary` is
    true, else the first; `None` if there is none.

    A single value is itself. An attribute of an extension is named after its URN and a colon.
    """

def version(resource: object, resource_type: ResourceType | None = None) -> str:
    """The version of a resource as a weak ETag: a hash of what it means, the same in every release.

    What the resource type never returns does not count, nor does a `password` that no schema defines: everybody may
    know the hash, and guess what it was made of.

    The order of members and of the elements of multi-valued attributes does not count, nor how a number is written,
    what is unassigned, or `meta.version`, `meta.lastModified` and `meta.location`.
    """

def stamp(
    resource: object,
    resource_type: ResourceType,
    *,
    id: str,
    base: str,
    now: datetime | None = None,
    version: str | None = None,
) -> dict[str, Any]:
    """A new resource with its `id` and `meta`, from what `create` gave; `resource` is not modified.

    Values that are none of JSON's types are as `Projection.apply` writes them. `base` is the URL that the endpoints are
    below. Without `version` it is that of `version()`.
    """

def touch(
    resource: object,
    resource_type: ResourceType,
    *,
    base: str,
    changed: bool,
    now: datetime | None = None,
    version: str | None = None,
) -> dict[str, Any]:
    """A stored resource with `meta` brought up to date; `resource` is not modified.

    `meta.lastModified` and `meta.version` move only if the resource has `changed`, and the time never goes back. Values
    that are none of JSON's types are as `Projection.apply` writes them.
    """

def media_type(
    *,
    accept: str | None = None,
    content_type: str | None = None,
    default: str = "application/scim+json",
) -> str:
    """The media type of an answer, by the headers `Accept` and `Content-Type` of the request, else the default.

    It is `application/json` or `application/scim+json`: the one that `Accept` prefers, else the one that was sent.
    """

def check_content_type(content_type: str | None = None, /) -> None:
    """Raises `ScimError` with status 415 for a body that is not JSON in UTF-8 by its `Content-Type`."""

def check_discovery_query(query: str, /) -> None:
    """Raises `ScimError` with status 403 if a query on a discovery endpoint has a `filter`."""

def fold(text: str, /) -> str:
    """A text under Unicode simple case folding, by which the engine compares strings that are not `caseExact`."""

def username_key(text: str, /, *, case_exact: bool = False) -> str:
    """The key by which `userName` is compared, sorted and unique, for the column of an index.

    RFC 7644, section 5, has it prepared (RFC 8265): wide and narrow characters become the usual ones, then NFD, simple
    case folding (none if `case_exact`), and NFC, by the tables of Unicode 18 (folding: 16). Nothing is refused: which
    characters a name may have is for the host to say.
    """
@final
class Bulk:
    """A bulk request (RFC 7644, section 3.7), parsed: immutable, fit for threads. Pickle its body instead of it.

    Operations are done in their order, but one that refers to a later `POST` by `bulkId:` waits for it. Where new
    resources refer to each other in a circle, the first is created without that reference, and a `PATCH` that follows
    up adds it.
    """

    def __new__(
        cls,
        body: object,
        registry: Registry | None = None,
        *,
        max_operations: int = 1000,
        max_payload: int = 1048576,
    ) -> Bulk:
        """`body` is JSON text or a mapping, whose bytes are not counted.

        Raises `InvalidSyntax` if it is no bulk request, `PayloadTooLarge` if it is over a limit. What is wrong with one
        operation alone becomes its result.
        """

    @property
    def operations(self) -> tuple[BulkOperation, ...]:
        """The operations that can be done, references not yet resolved."""

    @property
    def fail_on_errors(self) -> int | None:
        """After how many errors to stop."""

    def run(
        self, handle: Callable[[BulkOperation], BulkResult | dict[str, Any] | None], *, base: str = ""
    ) -> dict[str, Any]:
        """Does all operations by a function that does one, and gives the `BulkResponse`.

        A `ScimError` that `handle` raises becomes the result of that operation; any other exception ends the request.
        `base` is the URL that the endpoints are below, for locations that `handle` does not give.
        """

    def __copy__(self) -> Bulk: ...
    def __deepcopy__(self, _memo: object) -> Bulk: ...

@final
class BulkOperation:
    """One operation of a bulk request."""

    @property
    def index(self) -> int:
        """Its place in the request."""

    @property
    def method(self) -> Literal["POST", "PUT", "PATCH", "DELETE"]:
        """What to do."""

    @property
    def path(self) -> str:
        """`/Users`, or `/Users/2819c223`."""

    @property
    def resource_type(self) -> ResourceType:
        """The resource type by the path."""

    @property
    def id(self) -> str | None:
        """The id of the resource; none for a `POST`."""

    @property
    def bulk_id(self) -> str | None:
        """The client's name for a new resource."""

    @property
    def version(self) -> str | None:
        """The version that the client means, as in `If-Match`."""

    @property
    def data(self) -> Any:
        """The body, references resolved; None for a `DELETE`."""

    @property
    def is_follow_up(self) -> bool:
        """Whether it adds what had to be left out of a `POST` because resources refer to each other in a circle."""

    def __eq__(self, other: object, /) -> bool: ...
    __hash__: None  # type: ignore[assignment]

@final
class BulkResult:
    """What became of an operation that did not fail."""

    def __new__(
        cls,
        status: int | None = None,
        location: str | None = None,
        version: str | None = None,
        body: object = None,
        *,
        id: str | None = None,
    ) -> BulkResult:
        """Without `status` it is 201, 200, or 204 for a `DELETE`.

        The `id` of a new resource, to which others may refer, is taken from `body` or `location` if it is not given.
        """

    @property
    def status(self) -> int | None:
        """The HTTP status."""

    @property
    def location(self) -> str | None:
        """The URL of the resource."""

    @property
    def version(self) -> str | None:
        """Its version now."""

    @property
    def body(self) -> Any:
        """The answer's body, which becomes `response`."""

    @property
    def id(self) -> str | None:
        """The id of the resource."""

    def __eq__(self, other: object, /) -> bool: ...
    __hash__: None  # type: ignore[assignment]
    def __getnewargs_ex__(self) -> tuple[tuple[Any, ...], dict[str, Any]]: ...

def diff(old: object, new: object, resource_type: ResourceType) -> dict[str, Any] | None:
    """The smallest PATCH that makes `new` of `old`: the body of the request, or None if there is nothing to change.

    Lists are changed element by element, told apart as in PATCH (by `value`, or by `value` and `type`), or replaced
    where that is shorter or the elements cannot be told apart; their order carries no meaning. Of complex attributes
    only the sub-attributes that differ are set. What is unassigned in `new` is removed; `schemas` follows from the
    extensions. What is readOnly and what no schema knows is left out.

    `Patch(diff(old, new, kind), kind, tolerance=Tolerance.strict()).apply(old)` gives `new` but for that, if the schema
    allows the change. Raises `InvalidSyntax` for what is nested too deep.

    >>> diff({"userName": "b", "title": "Guide"}, {"userName": "b", "active": True}, USER)["Operations"]
    [{'op': 'remove', 'path': 'title'}, {'op': 'add', 'path': 'active', 'value': True}]
    """

def main(argv: Sequence[str]) -> int:
    """Runs the command line with the arguments after the program's name, and returns the exit code."""
@final
class ListQuery:
    """A list request, parsed and settled: immutable, hashable, picklable, fit for threads.

    Names of parameters ignore case; those that are not known are ignored and listed in `ignored`. An empty value is as
    good as no parameter, except of `cursor`, where it asks for the first page. `startIndex` below 1 is 1, a negative
    `count` is 0, one over `max_count` is that. With `cursors=True` pages go by cursor where one is given (RFC 9865).
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
    ) -> ListQuery:
        """Reads a raw query string, with or without the question mark before it.

        A filter may use no attributes but `filter_attributes`, where `emails` stands for `emails.value` and so on
        too, and no operators but `filter_operators`; without these it may use all.

        Raises `InvalidFilter`, `InvalidValue`, `InvalidSyntax` or, where pages go by cursor, `InvalidCount`.
        """

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
        """`sortBy` as it was given."""

    @property
    def sort_order(self) -> Literal["ascending", "descending"]:
        """`sortOrder`."""

    @property
    def start_index(self) -> int:
        """The place of the first resource of the page, from 1; at most 2**63 - 1."""

    @property
    def count(self) -> int:
        """The size of the page at the most. Zero asks for `totalResults` alone."""

    @property
    def cursor(self) -> str | None:
        """The cursor, where pages go by cursor; empty for the first page."""

    @property
    def is_by_cursor(self) -> bool:
        """Whether pages go by cursor."""

    @property
    def projection(self) -> Projection:
        """What of each resource goes into the answer."""

    @property
    def resource_type(self) -> ResourceType:
        """The resource type that it was read for."""

    @property
    def ignored(self) -> tuple[str, ...]:
        """The names of parameters that are not known, for a log."""

    def needs(self, path: str) -> bool:
        """Whether filter, order or answer need an attribute (`members`, `groups`): if not, it need not be loaded.

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
        """The `ListResponse`, made in memory: filter, order, page and projection.

        Where pages go by cursor, `cursors` is needed. Values are written as by `Projection.apply`.
        """

    def sort(self, resources: Iterable[_T]) -> list[_T]:
        """The resources in the order that is asked for; what is equal keeps its order."""

    def response(
        self,
        resources: Iterable[object],
        total: int | None,
        *,
        start_index: int | None = None,
        next_cursor: str | None = None,
        previous_cursor: str | None = None,
    ) -> dict[str, Any]:
        """The `ListResponse` of a host that has found, sorted and paged by itself: projects and wraps the resources.

        `total` counts all pages; only where pages go by cursor may it be `None`.
        """

    def __eq__(self, other: object, /) -> bool: ...
    def __hash__(self) -> int: ...
    def __getnewargs_ex__(self) -> tuple[tuple[Any, ...], dict[str, Any]]: ...
    def __copy__(self) -> ListQuery: ...
    def __deepcopy__(self, _memo: object) -> ListQuery: ...

@final
class Projection:
    """Which attributes of a resource go into an answer (`attributes`, `excludedAttributes`, `returned`).

    `password` and whatever else is never returned is in no answer.
    """

    def __new__(
        cls,
        resource_type: ResourceType | None = None,
        *,
        attributes: str | Iterable[str] | None = None,
        excluded_attributes: str | Iterable[str] | None = None,
        limits: Limits | None = None,
    ) -> Projection:
        """Names as a text with commas, or several. Raises `InvalidValue` if both are given."""

    @staticmethod
    def from_query(
        query: str | bytes,
        resource_type: ResourceType | None = None,
        *,
        limits: Limits | None = None,
    ) -> Projection:
        """Of the query string of a request on one resource; other parameters are ignored."""

    def apply(self, resource: object) -> dict[str, Any]:
        """The resource as it is answered with, in a new dict that any JSON serialiser writes as SCIM has it.

        Values that are kept whole are the very same objects, unless they hold what is none of JSON's types: a
        `datetime` becomes its dateTime (RFC 3339, in UTC if it has no zone), a `UUID` its text, an `Enum` its value, a
        `Decimal` or a scalar of numpy a number, `NaN`, `NaT` and `pd.NA` become null, models and other mappings a dict.
        What has no form in JSON, such as `bytes`, is a `TypeError`.
        """

    def needs(self, path: str) -> bool:
        """Whether an attribute would be in the answer: if not, it need not be loaded.

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
        """The resource type that it was made for."""

    def __eq__(self, other: object, /) -> bool: ...
    def __hash__(self) -> int: ...
    def __getnewargs_ex__(self) -> tuple[tuple[Any, ...], dict[str, Any]]: ...
    def __copy__(self) -> Projection: ...
    def __deepcopy__(self, _memo: object) -> Projection: ...

@final
class Cursors:
    """Keys for cursors (RFC 9865): positions in a list, sealed so that a client can neither read nor forge them.

    A cursor is good for the filter, order and resource type of its query, within `context` (the tenant), for
    `lifetime` seconds. The first key seals, all open. They hold secrets, and are not picklable.
    """

    def __new__(cls, key: bytes, *older_keys: bytes, lifetime: int = 3600) -> Cursors:
        """Raises `ValueError` for a key of fewer than 16 bytes."""

    def seal(self, position: object, query: ListQuery, *, context: str = "", now: datetime | None = None) -> str:
        """A cursor for a position: any JSON by which the host finds it again."""

    def open(self, query: ListQuery, *, context: str = "", now: datetime | None = None) -> Any:
        """The position in the cursor of a query; `None` for the first page.

        Raises `InvalidCursor`, `ExpiredCursor`, or `InvalidCount` if the page size is not that of the first request.
        """

    @property
    def lifetime(self) -> int:
        """For how many seconds a cursor is good."""

    def __copy__(self) -> Cursors: ...
    def __deepcopy__(self, _memo: object) -> Cursors: ...

@final
class Template:
    """OneLogin's SCIM JSON template: JSON with macros (`{$user.email}`, `{$parameters.title}`). Immutable."""

    def __new__(cls, text: str | bytes) -> Template:
        """Raises `TemplateError`, with the place, where the text would be no JSON whatever the macros stand for."""

    @property
    def text(self) -> str:
        """The text, without a byte order mark."""

    @property
    def macros(self) -> tuple[str, ...]:
        """The macros in the order of the text, each as often as it stands there."""

    def render(
        self,
        person: Person | Mapping[str, Any],
        *,
        unset: Literal["empty", "null", "null_text", "keep", "error"] = "empty",
        raw: bool = False,
    ) -> Rendered:
        """What OneLogin would send for a person.

        OneLogin does not publish what an unset macro gives: the empty string; `null` in place of a string of which
        nothing is left; the text `null`; the macro as it is; or an error. Nor how it escapes values: `raw` pastes them
        as they are. Raises `TemplateError` if the result is not JSON.
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
    """A person as OneLogin has it: what the macros stand for.

    The names are those of the macros: `firstname` or `user.firstname`, `custom_fields.badge`, `parameters.title`. What
    is not given follows from what is: `display_name` from the names, `parameters.scimusername` from `username` or else
    `email`, `parameters.department` from `department`; and who has no `active` and no `status` is active.
    """

    def __new__(cls, values: Person | Mapping[str, Any] | None = None, **more: object) -> Person:
        """`values` is flat or nested (`{"user": {…}, "parameters": {…}}`); keywords go before it.

        Raises `TemplateError` for a name that no macro has.
        """

    @staticmethod
    def read_all(text: str | bytes | bytearray, format: Literal["csv", "json"] | None = None) -> list[Person]:
        """People from CSV with a line of names, a JSON array or NDJSON. Raises `TemplateError`, with the line."""

    def get(self, name: str) -> str | None:
        """What a macro stands for: `user.email`, `email` or `{$user.email}`."""

    def to_dict(self) -> dict[str, str]:
        """The values that were given, by the names of their macros."""

    def __eq__(self, other: object, /) -> bool: ...
    __hash__: None  # type: ignore[assignment]
    def __getnewargs__(self) -> tuple[dict[str, str]]: ...

@final
class Rendered:
    """What a template gives for a person."""

    @property
    def text(self) -> str:
        """The text that is sent, in the layout of the template."""

    @property
    def value(self) -> Any:
        """What it says: the body of a request."""

    @property
    def unset(self) -> tuple[str, ...]:
        """The macros that stand for nothing, each once."""

    @property
    def unescaped(self) -> tuple[str, ...]:
        """With `raw`: the macros whose value has a quote, a backslash or a control character, each once."""

@final
class Lint:
    """The problems of a template, and the template without those that a template can be cured of."""

    @property
    def problems(self) -> tuple[Problem, ...]:
        """The problems, in the order of the text."""

    @property
    def corrected(self) -> str | None:
        """The template with every cure applied; `None` if the text is no template at all."""

    @property
    def is_clean(self) -> bool:
        """Whether there are no problems but notes."""

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
        """`note`: a template cannot say it better."""

    @property
    def path(self) -> str:
        """What is meant, as a SCIM path with indexes: `emails[0].value`; empty for the whole."""

    @property
    def span(self) -> tuple[int, int]:
        """Where in the text: `text[slice(*problem.span)]`."""

    @property
    def line(self) -> int:
        """From 1."""

    @property
    def column(self) -> int:
        """From 1, in characters."""

    @property
    def message(self) -> str:
        """What is wrong."""

    @property
    def cure(self) -> str:
        """What would be right."""

    @property
    def is_cured(self) -> bool:
        """Whether the corrected template has none of it."""

def lint(
    template: str | bytes | Template,
    resource_type: ResourceType | None = None,
    *,
    tolerance: Tolerance | None = None,
    bare_booleans: bool = False,
) -> Lint:
    """Checks the text of a template, as `create` of the resource type (`USER` by default) would read what comes of it.

    Without the tolerance `boolean_strings` a quoted boolean is an error, not a note. With `bare_booleans` macros of
    booleans and numbers are to stand outside of quotes.
    """
@final
class ClientSession:
    """A push as a state machine, which `scim_engine.onelogin.push` carries.

    It knows no clock, no socket and no token, and may be asked by several threads.
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
    ) -> ClientSession:
        """`people` are bodies, and whether each is leaving; `groups` are names, and the `userName`s of members.

        `journal` is the lines that an earlier session has given.

        Raises `ValueError` for an option that the client does not have, for people without a `userName`, and for people
        or groups who are there twice.
        """

    def next(self) -> ClientRequest | None:
        """The next request; None if one on its way must be answered first, or if all is done."""

    @property
    def is_done(self) -> bool:
        """Whether `next` has said that all is done."""

    def answer(
        self, ticket: int, status: int, headers: Sequence[tuple[str, str]], body: bytes, elapsed: float = 0.0
    ) -> None:
        """Takes the answer to a request, and the seconds it took."""

    def fail(self, ticket: int, why: str, *, timed_out: bool = False) -> None:
        """Says why there is no answer to a request. A connection test that `timed_out` is not sent again."""

    def take_journal(self) -> list[str]:
        """Lines of JSON for a journal: what has been done since the last call."""

    def report(self) -> dict[str, Any]:
        """What has been done and found so far."""

    @property
    def progress(self) -> tuple[int, int]:
        """How many people and groups are done, and of how many."""

@final
class ClientToken:
    """The token of a push, and what hides it, also where it is encoded."""

    def __new__(cls, text: str) -> ClientToken:
        """Raises `ValueError` for what is no token."""

    @property
    def header(self) -> str:
        """The value of the header `Authorization`."""

    def hide(self, text: str) -> str:
        """The same text without the token."""

    def hide_bytes(self, body: bytes) -> bytes:
        """The body of an answer without the token: in JSON each string and name is a text by itself."""

@final
class ClientRequest:
    """A request to carry to the endpoint. The carrier adds `Authorization`, and must not follow redirects."""

    @property
    def ticket(self) -> int:
        """What `ClientSession.answer` is told."""

    @property
    def method(self) -> str:
        """`GET`, `POST`, `PUT`, `PATCH` or `DELETE`."""

    @property
    def path(self) -> str:
        """Path and query below the endpoint's URL, encoded."""

    @property
    def headers(self) -> list[tuple[str, str]]:
        """The headers that the client sends; `Authorization` only where it asks without a valid token."""

    @property
    def body(self) -> bytes | None:
        """The body, JSON in UTF-8."""

    @property
    def step(self) -> str:
        """The step of the client, such as `look-up`."""

    @property
    def subject(self) -> str:
        """The person or group that it is about; empty if it is about none."""

    @property
    def delay(self) -> float:
        """Seconds to wait before it is sent."""
