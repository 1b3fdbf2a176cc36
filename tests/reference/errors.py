"""Errors: what a request is refused with (RFC 7644 §3.12, Table 9), and what is wrong with a schema."""

STATUS = {
    "invalidFilter": 400,
    "tooMany": 400,
    "uniqueness": 409,
    "mutability": 400,
    "invalidSyntax": 400,
    "invalidPath": 400,
    "noTarget": 400,
    "invalidValue": 400,
    "invalidVers": 400,
    "sensitive": 403,
    "invalidCursor": 400,
    "expiredCursor": 400,
    "invalidCount": 400,
}


class Refused(Exception):
    """A request that is refused; `scim_type` is None if Table 9 has no word for it."""

    def __init__(self, scim_type: str | None, detail: str = "", *, path: str | None = None, index: int | None = None):
        super().__init__(f"{scim_type}: {detail}")
        self.scim_type = scim_type
        self.status = 400 if scim_type is None else STATUS[scim_type]
        self.detail = detail
        self.path = path
        self.index = index

    def body(self) -> dict:
        """The SCIM error body; the status is a string."""
        body = {"schemas": ["urn:ietf:params:scim:api:messages:2.0:Error"], "status": str(self.status)}
        if self.scim_type:
            body["scimType"] = self.scim_type
        return {**body, "detail": self.detail}


class SchemaError(ValueError):
    """R6: A schema that cannot be used; the text names the URN and the attribute."""
