"""What a host may choose: the tolerance (the table "Repairs"), policies, wishes, profiles and limits."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

SWITCHES: dict[str, bool] = {
    "bare_words": False,
    "boolean_strings": True,
    "number_strings": True,
    "single_for_list": True,
    "list_for_single": True,
    "string_for_complex": True,
    "manager_id": True,
    "empty_references": True,
    "blank_strings": True,
    "remove_by_value": True,
    "empty_operations": True,
    "legacy_schemas": True,
    "member_operations": True,
    "missing_schemas": True,
    "undeclared_extensions": True,
    "bare_extension_names": True,
    "doubled_paths": True,
    "json_strings": True,
    "first_primary": False,
    "literal_case": True,
    "loose_blanks": True,
    "dotted_urns": True,
    "path_keys": True,
    "replace_creates": False,
    "reference_details": True,
    "read_only_members": True,
    "read_only_paths": False,
    "numbers_for_strings": True,
    "json_values": True,
    "whole_numbers": True,
    "core_paths": True,
    "loose_references": True,
    "null_elements": True,
    "absent_required": True,
    "loose_base64": True,
}

PROFILE_SWITCHES = frozenset(
    {"path_required", "unknown_refused", "whole_replaced", "sub_attribute_required", "single_match", "only_eq_and"}
)
INTEROP = frozenset({"path_required", "unknown_refused", "whole_replaced"})

LIMITS: dict[str, int] = {
    "filter_bytes": 8 * 1024,
    "nesting": 64,
    "comparisons": 256,
    "members": 1000,
    "operations": 10_000,
    "path_bytes": 1024 * 1024,
    "text_bytes": 1024 * 1024,
}


@dataclass(frozen=True)
class Options:
    """All that a host chooses; `Options()` has every default."""

    tolerance: Mapping[str, bool] = field(default_factory=lambda: MappingProxyType(dict(SWITCHES)))
    unknown: str = "ignore"
    unknown_paths: str = "reject"
    absent: str = "clear"
    absent_overrides: Mapping[str, str] = field(default_factory=dict)
    utc: bool = False
    canonical_values: bool = False
    derived_schemas: bool = False
    profile: frozenset[str] = frozenset()
    filter_attributes: tuple[str, ...] | None = None
    filter_operators: tuple[str, ...] | None = None
    limits: Mapping[str, int] = field(default_factory=lambda: MappingProxyType(dict(LIMITS)))

    def allows(self, switch: str) -> bool:
        """Whether the tolerance has the switch on."""
        return self.tolerance[switch]

    @classmethod
    def strict(cls, **others) -> "Options":
        """Every switch of the tolerance off."""
        return cls(tolerance=MappingProxyType(dict.fromkeys(SWITCHES, False)), **others)

    @classmethod
    def of(cls, tolerance: Mapping[str, bool] | None = None, limits: Mapping[str, int] | None = None, **others):
        """The default tolerance and limits, except for what is given."""
        return cls(
            tolerance=_complete(SWITCHES, tolerance or {}), limits=_complete(LIMITS, limits or {}), **_frozen(others)
        )


def _complete(defaults: Mapping, given: Mapping) -> Mapping:
    if unknown := set(given) - set(defaults):
        raise ValueError(f"unknown names: {sorted(unknown)}")
    return MappingProxyType({**defaults, **given})


def _frozen(others: dict) -> dict:
    """`profile` may be "interop" or any iterable of switches."""
    if "profile" in others:
        profile = others["profile"]
        others["profile"] = INTEROP if profile == "interop" else frozenset(profile)
        if unknown := others["profile"] - PROFILE_SWITCHES:
            raise ValueError(f"unknown names: {sorted(unknown)}")
    for name in ("filter_attributes", "filter_operators"):
        if others.get(name) is not None:
            others[name] = tuple(others[name])
    return others


DEFAULT = Options()
