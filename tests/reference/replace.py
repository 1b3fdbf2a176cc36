"""R2, R3: PUT."""

from .changes import Result
from .documents import document
from .options import DEFAULT, Options
from .patch import kind_of
from .schema import Kind
from .write import write


def replace(current: object, body: object, kind: Kind | None = None, options: Options = DEFAULT) -> Result:
    """R2: What `create` does, and then readOnly and immutable attributes, and the policy for absent ones."""
    current = document(current)
    return write(current, body, kind_of(current, kind), options, "PUT")
