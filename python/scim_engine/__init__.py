"""SCIM 2.0 filters, PATCH, create and replace, over Python objects and JSON text.

>>> import scim_engine as scim
>>> user = {"userName": "bjensen", "emails": [{"type": "work", "value": "b@example.com"}]}
>>> scim.Filter('emails[type eq "work"]').matches(user)
True
>>> out = scim.Patch({
...     "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
...     "Operations": [{"op": "add", "path": "title", "value": "Guide"}],
... }).apply(user)
>>> out.resource["title"], out.changed, "title" in user
('Guide', True, False)
"""

from ._engine import (
    GROUP,
    USER,
    Attr,
    Change,
    Equality,
    Explanation,
    Filter,
    Limits,
    Operation,
    Outcome,
    Patch,
    Repair,
    Replaced,
    ResourceType,
    Tolerance,
    ValueFilter,
    __version__,
    attr,
)
from ._errors import (
    ExpiredCursor,
    InvalidCount,
    InvalidCursor,
    InvalidFilter,
    InvalidPath,
    InvalidSyntax,
    InvalidValue,
    Mutability,
    NoTarget,
    NotFound,
    PayloadTooLarge,
    PreconditionFailed,
    SchemaError,
    ScimError,
    Sensitive,
    TooMany,
    Uniqueness,
)

__all__ = [
    "GROUP",
    "USER",
    "Attr",
    "Change",
    "Equality",
    "ExpiredCursor",
    "Explanation",
    "Filter",
    "InvalidCount",
    "InvalidCursor",
    "InvalidFilter",
    "InvalidPath",
    "InvalidSyntax",
    "InvalidValue",
    "Limits",
    "Mutability",
    "NoTarget",
    "NotFound",
    "Operation",
    "Outcome",
    "Patch",
    "PayloadTooLarge",
    "PreconditionFailed",
    "Repair",
    "Replaced",
    "ResourceType",
    "SchemaError",
    "ScimError",
    "Sensitive",
    "Tolerance",
    "TooMany",
    "Uniqueness",
    "ValueFilter",
    "__version__",
    "attr",
]
