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

`scim_engine.protocol` has the rest of an endpoint, `scim_engine.sql` filters over the columns of a database,
`scim_engine.onelogin` OneLogin's templates, and
`scim_engine.testing` the clients that push to an endpoint in a test.
"""

from . import onelogin, protocol, sql
from ._engine import (
    ANY,
    GROUP,
    USER,
    BadDocument,
    Change,
    Equality,
    Explanation,
    Filter,
    Limits,
    Operation,
    Outcome,
    Patch,
    Profile,
    Repair,
    Replaced,
    ResourceType,
    Scan,
    ScanMatch,
    Tolerance,
    ValueFilter,
    __version__,
    attr,
    diff,
    fold_case,
    primary,
    username_key,
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
    TooManyRequests,
    Uniqueness,
)

__all__ = [
    "ANY",
    "GROUP",
    "USER",
    "BadDocument",
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
    "Profile",
    "Repair",
    "Replaced",
    "ResourceType",
    "Scan",
    "ScanMatch",
    "SchemaError",
    "ScimError",
    "Sensitive",
    "Tolerance",
    "TooMany",
    "TooManyRequests",
    "Uniqueness",
    "ValueFilter",
    "__version__",
    "attr",
    "diff",
    "fold_case",
    "onelogin",
    "primary",
    "protocol",
    "sql",
    "username_key",
]
