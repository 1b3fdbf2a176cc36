"""What a host chooses: the tolerance, the policies, its wishes and profiles."""

from .chooser import Chooser
from .kinds import View

ON = (
    *("boolean_strings", "number_strings", "single_for_list", "list_for_single", "string_for_complex", "manager_id"),
    *(
        "empty_references",
        "blank_strings",
        "remove_by_value",
        "empty_operations",
        "legacy_schemas",
        "member_operations",
    ),
    *(
        "missing_schemas",
        "undeclared_extensions",
        "bare_extension_names",
        "doubled_paths",
        "json_strings",
        "literal_case",
    ),
    *("loose_blanks", "dotted_urns", "path_keys", "reference_details", "read_only_members", "numbers_for_strings"),
    *("json_values", "whole_numbers", "core_paths", "loose_references", "loose_base64"),
    *("null_elements", "absent_required"),
)
OFF = ("bare_words", "first_primary", "replace_creates")
PROFILE = (
    "path_required",
    "unknown_refused",
    "whole_replaced",
    "sub_attribute_required",
    "single_match",
    "only_eq_and",
)


def tolerance(c: Chooser) -> object:
    """`"strict"` or the switches that are not as by default."""
    how = c.one("option.tolerance", (("default", 62), ("strict", 10), ("one_off", 10), ("some_on", 10), ("mixed", 8)))
    if how == "strict":
        return "strict"
    if how == "default":
        return {}
    switches = {}
    if how in ("one_off", "mixed"):
        for _ in range(1 if how == "one_off" else c.number(1, 8)):
            switches[c.one("switch", tuple((name, 1) for name in ON))] = False
    if how in ("some_on", "mixed"):
        for _ in range(c.number(1, 2)):
            switches[c.one("switch", tuple((name, 1) for name in OFF))] = True
    return switches


def choose_options(c: Chooser, operation: str, view: View) -> dict:
    """The options of a case, without those that are as by default."""
    made: dict = {}
    chosen = tolerance(c)
    if chosen:
        made["tolerance"] = chosen
    if c.chance(0.15, "option.unknown"):
        made["unknown"] = c.pick(("keep", "reject", "keep", "ignore"))
    if operation == "patch" and c.chance(0.12, "option.unknown_paths"):
        made["unknown_paths"] = "ignore"
    if operation == "replace":
        if c.chance(0.3, "option.keep"):
            made["absent"] = "keep"
        if c.chance(0.15, "option.overrides"):
            made["absent_overrides"] = _overrides(c, view)
    if c.chance(0.08, "option.utc"):
        made["utc"] = True
    if c.chance(0.08, "option.canonical_values"):
        made["canonical_values"] = True
    if c.chance(0.08, "option.derived_schemas"):
        made["derived_schemas"] = True
    if c.chance(0.1, "option.profile"):
        if c.chance(0.3):
            made["profile"] = ["path_required", "unknown_refused", "whole_replaced"]
        else:
            made["profile"] = sorted(
                {c.one("profile", tuple((name, 1) for name in PROFILE)) for _ in range(c.number(1, 2))}
            )
    return made


def _overrides(c: Chooser, view: View) -> dict:
    made = {}
    for _ in range(c.number(1, 3)):
        urn, attr = c.pick(view.all())
        name = attr.name if urn is None else f"{urn}:{attr.name}"
        if attr.subs and not attr.multi and c.chance(0.4):
            name += "." + c.pick(attr.subs).name
        made[name] = c.pick(("keep", "clear"))
    return made
