"""Wrong answers to plant in the product, to show that a run finds them."""

from collections.abc import Callable

from . import product


def _f2() -> None:
    """F2: `ne` is false of *nothing*."""
    honest = product.matches

    def matches(compiled, document):
        tree = compiled.tree()
        if tree["op"] == "ne" and isinstance(document, dict) and tree["attribute"].partition(".")[0] not in document:
            return False
        return honest(compiled, document)

    product.matches = matches


def _p10() -> None:
    """P10: another `primary: true` stays `true`."""
    _spoil("patch", lambda outcome: _each(outcome, "primary", lambda value: value is False, True))


def _r1() -> None:
    """R1: the URN of an extension is not added to `schemas`."""

    def spoil(outcome: dict) -> None:
        schemas = outcome["resource"].get("schemas", [])
        if len(schemas) > 1:
            outcome["resource"] = {**outcome["resource"], "schemas": schemas[:-1]}

    _spoil("create", spoil)


def _r2() -> None:
    """R2: PUT loses what only the provider sets."""
    _spoil(
        "replace", lambda outcome: outcome.update(resource={k: v for k, v in outcome["resource"].items() if k != "id"})
    )


def _d25() -> None:
    """D25: repairs are lost but for the first."""
    _spoil("patch", lambda outcome: outcome.update(repairs=outcome["repairs"][:1]))


def _q22() -> None:
    """Q22: resources are turned round in descending order."""

    def spoil(outcome: dict) -> None:
        if outcome["sort_order"] == "descending" and "answer" in outcome:
            outcome["answer"] = {**outcome["answer"], "Resources": outcome["answer"]["Resources"][::-1]}

    _spoil("lists", spoil)


def _q15() -> None:
    """Q15: an object of which nothing is left stays."""

    def spoil(outcome: dict) -> None:
        if "name" not in outcome["resource"]:
            outcome["resource"] = {**outcome["resource"], "name": {}}

    _spoil("projection", spoil)


def _a1() -> None:
    """A1: the version of a resource with a list is another one."""

    def versions(case: dict) -> dict:
        outcomes = honest(case)
        if any(isinstance(value, list) and len(value) > 2 for value in case["resource"].values()):
            for outcome in outcomes.values():
                outcome["version"] = 'W/"0"'
        return outcomes

    honest = product.versions
    product.versions = versions


def _d11() -> None:
    """`diff` forgets the last operation."""

    def spoil(outcome: dict) -> None:
        if outcome["body"] and len(outcome["body"]["Operations"]) > 1:
            outcome["body"] = {**outcome["body"], "Operations": outcome["body"]["Operations"][:-1]}

    _spoil("diff", spoil)


def _spoil(operation: str, spoil: Callable[[dict], None]) -> None:
    honest = getattr(product, operation)

    def wrong(case: dict) -> dict:
        outcomes = honest(case)
        for outcome in outcomes.values():
            if "refused" not in outcome and "error" not in outcome and (operation != "patch" or "repairs" in outcome):
                spoil(outcome)
        return outcomes

    setattr(product, operation, wrong)


def _each(outcome: dict, name: str, wanted: Callable[[object], bool], value: object) -> None:
    def changed(found: object) -> object:
        if isinstance(found, dict):
            return {key: value if key == name and wanted(member) else changed(member) for key, member in found.items()}
        return [changed(item) for item in found] if isinstance(found, list) else found

    outcome["resource"] = changed(outcome["resource"])


PLANTS: dict[str, Callable[[], None]] = {
    "filters-F2": _f2,
    "patch-P10": _p10,
    "patch-D25": _d25,
    "create-R1": _r1,
    "replace-R2": _r2,
    "lists-Q22": _q22,
    "projection-Q15": _q15,
    "versions-A1": _a1,
    "diff-D11": _d11,
}
