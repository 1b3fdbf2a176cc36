"""What one POST, PUT or PATCH carries along: its options, what it repaired, and what it set that is secret."""

from dataclasses import dataclass, field

from .errors import Refused
from .options import Options
from .schema import Kind, Resolved


@dataclass
class Request:
    """One write; `naming` while a value only names something (the `value` of a `remove`, R5)."""

    method: str  # "POST", "PUT" or "PATCH"
    kind: Kind
    options: Options
    repairs: dict[tuple[str, str], None] = field(default_factory=dict)
    secrets: set[tuple] = field(default_factory=set)  # (path, identity of the element or None) of secrets that were set
    told: dict[str, list] = field(default_factory=dict)  # what was said of secret lists
    naming: bool = False
    unpacked: bool = False  # inside a JSON text that was unpacked: once is enough

    def __post_init__(self):
        self.kind = self.kind.for_writes

    @property
    def in_patch(self) -> bool:
        return self.method == "PATCH"

    @property
    def name_code(self) -> str:
        """D24: What a name is refused with that is not in the `path` of an operation."""
        return "invalidValue" if self.in_patch else "invalidSyntax"

    def profile(self, switch: str) -> bool:
        """X1: Whether the host asked for this rule of the profile."""
        return switch in self.options.profile

    def allows(self, switch: str) -> bool:
        return self.options.allows(switch)

    def report(self, path: str, kind: str) -> None:
        """D25: A repair is reported once for each path and kind."""
        self.repairs.setdefault((path, kind))

    def repair(self, switch: str, path: str, code: str = "invalidValue", detail: str = "") -> None:
        """D17: Reports what a switch of the tolerance repairs; with the switch off it is an error."""
        if not self.allows(switch):
            raise Refused(code, detail or f"{switch} is off", path=path)
        self.report(path, switch)

    def report_all(self, resolved: Resolved) -> None:
        """D14, T6: The repairs of reading a name."""
        for path, kind in resolved.repairs:
            self.report(path, kind)

    def unknown(self, path: str) -> bool:
        """P16, D24, X1: An unknown member; True if it is kept."""
        if self.profile("unknown_refused"):
            raise Refused("invalidSyntax", f"{path} is unknown", path=path)
        if self.options.unknown == "reject":
            raise Refused(self.name_code, f"{path} is unknown", path=path)
        if self.options.unknown == "keep":
            return True
        self.report(path, "unknown_member")
        return False

    def read_only(self, path: str) -> None:
        """P12, D21: What the client may not set is dropped and reported; a strict PATCH refuses it."""
        if self.in_patch:
            self.repair("read_only_members", path, "mutability", f"{path} is readOnly")
        else:
            self.report(path, "read_only")
