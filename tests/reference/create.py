"""R1, R3: POST."""

from .bodies import body_of
from .changes import Result
from .options import DEFAULT, Options
from .patch import kind_of
from .schema import Kind
from .write import write


def create(body: object, kind: Kind | None = None, options: Options = DEFAULT) -> Result:
    """R1: The resource that a body makes."""
    body = body_of(body)
    return write({}, body, kind_of(body, kind), options, "POST")
