"""The exceptions: one tree for the engine and for hosts, who raise ``scim.Uniqueness("userName is taken")``."""

from __future__ import annotations

from typing import Any, ClassVar


class ScimError(Exception):
    """An error as a SCIM client receives it (RFC 7644, section 3.12).

    ``ScimError("no such user", status=404)`` is an error without a ``scimType``.
    """

    SCHEMA: ClassVar[str] = "urn:ietf:params:scim:api:messages:2.0:Error"

    status: int = 400
    """The HTTP status."""
    scim_type: str | None = None
    """The kind of error, if the RFC defines one: ``invalidFilter``, ``noTarget``, ..."""
    detail: str = ""
    """The description for people. Some classes have a text of their own for it."""
    span: tuple[int, int] | None = None
    """The place in the text of a filter: ``text[slice(*error.span)]`` is at fault."""
    operation: int | None = None
    """The index of the operation at fault, in a PATCH request."""
    path: str | None = None
    """The path or attribute at fault."""
    retry_after: int | None = None
    """After how many seconds the client may try again: the header ``Retry-After``, with status 429 or 503."""

    _rendered: str | None = None

    def __init__(
        self,
        detail: str = "",
        *,
        status: int | None = None,
        scim_type: str | None = None,
        span: tuple[int, int] | None = None,
        operation: int | None = None,
        path: str | None = None,
        retry_after: int | None = None,
        rendered: str | None = None,
    ) -> None:
        detail = detail or type(self).detail
        super().__init__(detail)
        self.detail = detail
        # Only values that differ from those of the class: pickle keeps exactly these.
        given = {
            "status": status,
            "scim_type": scim_type,
            "span": span,
            "operation": operation,
            "path": path,
            "retry_after": retry_after,
            "_rendered": rendered,
        }
        self.__dict__.update({name: value for name, value in given.items() if value is not None})

    def render(self) -> str:
        """The message for a terminal. If a text is at fault, it includes the text with a caret under the place."""
        return self.detail if self._rendered is None else self._rendered

    def to_dict(self) -> dict[str, Any]:
        """The body of the error response. Its ``status`` is a string, as the RFC requires."""
        body: dict[str, Any] = {"schemas": [self.SCHEMA], "status": str(self.status)}
        if self.scim_type is not None:
            body["scimType"] = self.scim_type
        body["detail"] = self.detail
        return body


class InvalidFilter(ScimError, ValueError):
    """The filter has a syntax error, or asks for something that is not possible or not allowed. It may be that in the
    brackets of a PATCH path."""

    scim_type = "invalidFilter"


class BindError(InvalidFilter):
    """A filter that a mapping to columns cannot say exactly: ``reason`` says what the mapping lacks for ``path``.

    A client sees an ``invalidFilter``.
    """

    reason: str = ""
    """What the mapping lacks, for whoever wrote it."""


class InvalidPath(ScimError, ValueError):
    """The path of an operation is malformed, or names nothing that is known."""

    scim_type = "invalidPath"


class InvalidSyntax(ScimError, ValueError):
    """The body is not a request of this kind."""

    scim_type = "invalidSyntax"


class InvalidValue(ScimError, ValueError):
    """A required value is missing, or a value does not fit its attribute."""

    scim_type = "invalidValue"


class NoTarget(ScimError):
    """The path selects nothing that could be changed."""

    scim_type = "noTarget"


class Mutability(ScimError):
    """The mutability of the attribute does not allow the change."""

    scim_type = "mutability"


class TooMany(ScimError):
    """The answer would have more than the provider is willing to return, or the request is over a limit."""

    scim_type = "tooMany"


class Uniqueness(ScimError):
    """A value is already in use or is reserved."""

    status = 409
    detail = "a value is in use already or is reserved"
    scim_type = "uniqueness"


class Sensitive(ScimError):
    """The request reveals sensitive information."""

    status = 403
    scim_type = "sensitive"


class InvalidCursor(ScimError, ValueError):
    """The cursor is not one of the provider's, or belongs to another query (RFC 9865)."""

    scim_type = "invalidCursor"


class ExpiredCursor(ScimError, ValueError):
    """The cursor is too old (RFC 9865)."""

    scim_type = "expiredCursor"


class InvalidCount(ScimError, ValueError):
    """``count`` differs from that of the first request, or is out of range, in a query by cursor (RFC 9865)."""

    scim_type = "invalidCount"


class NotFound(ScimError):
    """There is no such resource or endpoint."""

    status = 404
    detail = "there is no such resource or endpoint"


class PreconditionFailed(ScimError):
    """The resource does not have the version that ``If-Match`` or ``If-None-Match`` asks for."""

    status = 412
    detail = "the resource is not the version that `If-Match` or `If-None-Match` asks for"


class PayloadTooLarge(ScimError):
    """The body, or the number of operations in it, is over the limit."""

    status = 413
    detail = "the body, or the number of operations in it, is over the limit"


class TooManyRequests(ScimError):
    """The client sends more requests than it may: ``raise scim.TooManyRequests(retry_after=30)``."""

    status = 429
    detail = "the client sends too many requests"


class SchemaError(ValueError):
    """A schema or resource type that cannot be read: a mistake of the host, not of a client."""


class TemplateError(ValueError):
    """A template of OneLogin, or people for it, that cannot be used: a mistake of the host, not of a client."""

    line: int | None
    """The line at fault, counted from 1."""
    column: int | None
    """The column at fault, in characters counted from 1."""
    span: tuple[int, int] | None
    """The place in the text of a template: ``text[slice(*error.span)]`` is at fault."""

    def __init__(
        self,
        message: str = "",
        *,
        line: int | None = None,
        column: int | None = None,
        span: tuple[int, int] | None = None,
    ) -> None:
        super().__init__(message)
        self.line = line
        self.column = column
        self.span = span


TemplateError.__module__ = "scim_engine.onelogin"

# Hosts import the classes from `scim_engine`, so tracebacks and pickles name that module.
for _error in (ScimError, *ScimError.__subclasses__(), SchemaError):
    _error.__module__ = "scim_engine"
