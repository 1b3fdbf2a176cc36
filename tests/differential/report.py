"""What a run found: tables of outcomes and coverage, and the differences in groups with a runnable example."""

import pprint
import re
from collections import Counter, defaultdict
from dataclasses import dataclass, field

import scim_engine

from . import oracle
from .jsontext import dumps
from .kinds import expanded

SHOWN = 150
PER_KIND = 5
SHORT = {
    "urn:ietf:params:scim:schemas:core:2.0:": "<",
    "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User": "<Enterprise>",
    "urn:ietf:params:scim:api:messages:2.0:": "<",
}
TOKENS = re.compile(r'"(?:[^"\\]|\\.)*"|[\w$-]+|\s+|.', re.DOTALL)
OPERATORS = frozenset({"eq", "ne", "co", "sw", "ew", "gt", "ge", "lt", "le"})
BUILT_IN = {
    "User": [scim_engine.USER.schema, *scim_engine.USER.extensions],
    "Group": [scim_engine.GROUP.schema],
    "ANY": [scim_engine.USER.schema, *scim_engine.USER.extensions, scim_engine.GROUP.schema],
}
PLAIN = frozenset({"name", "type", "multiValued", "mutability", "returned", "subAttributes"})
URN = re.compile(r"urn:[\w.:]*[:.]?", re.IGNORECASE)


@dataclass(slots=True)
class Found:
    """One difference, made smaller."""

    kind: str
    address: str
    case: dict
    product: str
    reference: str
    productions: tuple[str, ...]
    rules: tuple[str, ...]

    @classmethod
    def of(cls, given: dict) -> "Found":
        """A difference as it was written to a file."""
        names = ("kind", "address", "case", "product", "reference")
        return cls(*(given[name] for name in names), tuple(given["productions"]), tuple(given["rules"]))

    def to_dict(self, operation: str) -> dict:
        return {
            "operation": operation,
            "kind": self.kind,
            "address": self.address,
            "rules": list(self.rules),
            "productions": list(self.productions),
            "product": self.product,
            "reference": self.reference,
            "case": self.case,
        }


@dataclass
class Tally:
    """The sums of a run, or of a part of it."""

    cases: int = 0
    busy: float = 0.0
    pairs: int = 0
    outcomes: Counter = field(default_factory=Counter)
    kinds: Counter = field(default_factory=Counter)
    several: int = 0
    found: list[Found] = field(default_factory=list)
    reached: Counter = field(default_factory=Counter)
    together: dict[int, Counter] = field(default_factory=lambda: defaultdict(Counter))
    productions: Counter = field(default_factory=Counter)
    boosted: Counter = field(default_factory=Counter)

    def add(self, other: "Tally") -> None:
        """Adds the sums of a part."""
        self.cases += other.cases
        self.busy += other.busy
        self.pairs += other.pairs
        self.outcomes += other.outcomes
        self.kinds += other.kinds
        self.several += other.several
        self.found.extend(other.found)
        self.reached += other.reached
        self.productions += other.productions
        for index, counter in other.together.items():
            self.together[index] += counter

    def rules(self) -> Counter:
        """How many cases reached each rule."""
        found: Counter = Counter()
        for index, (_, ids) in enumerate(oracle.functions):
            for rule in ids:
                found[rule] += self.reached[index]
        return found


def printed(tally: Tally, operation: str, seconds: float) -> str:
    """The report as text."""
    lines = [
        "",
        f"{operation}: {tally.cases} cases, {tally.pairs} pairs in {seconds:.1f} s: "
        f"{tally.pairs / seconds:.0f} pairs/s; "
        f"{tally.pairs / tally.busy:.0f} pairs/s of CPU time, without shrinking",
        "",
        "outcomes of the product",
        *(
            f"  {count:9} {100 * count / max(1, tally.outcomes.total()):5.1f} %  {name}"
            for name, count in tally.outcomes.most_common()
        ),
    ]
    if tally.boosted:
        lines += [
            "",
            "productions favoured: " + ", ".join(f"{name} ({count})" for name, count in tally.boosted.most_common()),
        ]
    lines += ["", *_coverage(tally)]
    lines += ["", f"differences: {tally.kinds.total()}"]
    lines += [f"  {count:9}  {kind}" for kind, count in tally.kinds.most_common()]
    if tally.several:
        lines += ["", f"refused with different words, of several mistakes: {tally.several} (no difference)"]
    return "\n".join([*lines, *_groups(tally, operation)])


def _coverage(tally: Tally) -> list[str]:
    rules = tally.rules()
    if not rules:
        return ["no rules are counted"]
    reached = sorted((rule for rule in rules if rules[rule]), key=_order)
    entered = {name.partition(".")[0] for index, (name, _) in enumerate(oracle.functions) if tally.reached[index]}
    here = [
        (index, name, ids) for index, (name, ids) in enumerate(oracle.functions) if name.partition(".")[0] in entered
    ]
    missing = sorted({rule for _, _, ids in here for rule in ids if not rules[rule]}, key=_order)
    never = [name for index, name, _ in here if not tally.reached[index]]
    lines = [f"rules reached ({len(reached)} of {len(rules)}), with the number of cases"]
    row = ""
    for rule in reached:
        entry = f"{rule} {rules[rule]}  "
        if len(row) + len(entry) > 112:
            lines.append("  " + row)
            row = ""
        row += entry
    lines.append("  " + row)
    lines.append("rules not reached in the modules that were entered: " + (" ".join(missing) or "none"))
    lines.append(f"functions not reached there ({len(never)} of {len(here)}): " + (" ".join(never) or "none"))
    return lines


def _order(rule: str) -> tuple:
    digits = "".join(c for c in rule if c.isdigit())
    return rule[0], int(digits), rule


def groups(found: list[Found]) -> list[tuple[int, Found]]:
    """The differences by their kind and what their smallest cases have in common: how many, and the smallest."""
    by_signature: dict[tuple, list[Found]] = defaultdict(list)
    for item in found:
        by_signature[item.kind, signature(item)].append(item)
    made = [(len(items), min(items, key=lambda item: len(dumps(item.case)))) for items in by_signature.values()]
    return sorted(made, key=lambda pair: (pair[1].kind, -pair[0]))


def signature(item: Found) -> str:
    """What marks a group: the shape of the smallest case, with types for names and kinds for values."""
    types: dict[str, str] = {}
    kind = item.case["kind"]
    schemas = [kind["schema"], *kind["extensions"]] if isinstance(kind, dict) else BUILT_IN[kind]
    for schema in schemas:
        _note(schema["attributes"], types)
    given = {name: value for name, value in item.case.items() if name not in ("kind", "options")}
    strict = item.case["options"].get("tolerance") == "strict"
    reasons = " ".join(_reason(outcome) for outcome in (item.product, item.reference))
    if item.kind == "canonical text":
        ours, theirs = (Counter(_words(text, types).split()) for text in (item.product, item.reference))
        return f"{kind == 'ANY'} {sorted(ours - theirs)} {sorted(theirs - ours)}"
    if reasons.strip():
        return f"{kind == 'ANY'} {strict} {reasons}"
    return f"{kind == 'ANY'} {strict} {_shape(given, types)}"


def _reason(outcome: str) -> str:
    """Why something was refused, without names and values."""
    if not outcome.startswith('{"refused"'):
        return ""
    text = outcome.partition('"detail":')[2]
    return re.sub(r"`[^`]*`|'[^']*'|urn:\S+|[\w.$]*[.:$][\w.$:]+|\w+:|\d+", "_", text)[:70]


def _note(attributes: list, types: dict[str, str]) -> None:
    usual = ("readWrite", "default", None)
    for attribute in attributes:
        marks = [attribute.get(name) for name in ("mutability", "returned")]
        label = "C" if attribute["type"] == "complex" else "x"
        label += "".join(f"/{mark}" for mark in marks if mark not in usual) + (
            "*" if attribute.get("multiValued") else ""
        )
        types.setdefault(attribute["name"].lower(), label)
        _note(attribute.get("subAttributes", []), types)


def _shape(value: object, types: dict[str, str]) -> str:
    if isinstance(value, dict):
        members = []
        for name, member in value.items():
            if name.lower() == "schemas":
                continue
            text = name.lower() in ("path", "filter", "query", "sortby") and isinstance(member, str)
            members.append(f"{_words(name, types)}:{_words(member, types) if text else _shape(member, types)}")
        return "{" + ",".join(sorted(set(members))) + "}"
    if isinstance(value, list):
        return "[" + ",".join(sorted({_shape(item, types) for item in value})) + "]"
    if isinstance(value, str):
        if not value.strip():
            return "blank"
        return "json" if value.lstrip()[:1] in ("{", "[") else "urn" if value.startswith("urn:") else "S"
    return type(value).__name__


def _words(text: str, types: dict[str, str]) -> str:
    """A text with types for names, and marks for strings and numbers."""
    text = URN.sub(lambda found: "urn" + found[0][-1:] if found[0][-1:] in ":." else "urn", text)
    words = []
    for token in TOKENS.findall(text):
        if token[0] == '"':
            words.append("S")
        elif token.lower() in OPERATORS:
            words.append("op")
        elif token[0].isdigit():
            words.append("N")
        elif token.isspace():
            continue
        else:
            words.append(types.get(token.lower(), token.lower()))
    return " ".join(words)


def compact(found: list[Found]) -> str:
    """All groups in few lines, for those who read many: `P` is the product, `R` the reference."""
    lines = []
    for count, item in groups(found):
        given = {name: value for name, value in item.case.items() if name != "kind" and value not in ({}, [])}
        lines.append(f"{count} [{item.kind}] {item.address} {_kind_line(item.case['kind'])} {dumps(given)}")
        lines += [f"      P {item.product}", f"      R {item.reference}"]
    text = "\n".join(lines)
    for urn, short in SHORT.items():
        text = text.replace(urn, short)
    return text


def _kind_line(kind: object) -> str:
    if isinstance(kind, str):
        return kind
    return "; ".join(
        f"{schema['id']} {_attribute_line(schema['attributes'])}" for schema in [kind["schema"], *kind["extensions"]]
    )


def _attribute_line(attributes: list) -> str:
    found = []
    for attribute in attributes:
        marks = [
            attribute["type"] + ("*" if attribute.get("multiValued") else ""),
            *(str(value) for name, value in attribute.items() if name in ("mutability", "returned")),
            *(f"{name}={value}" for name, value in attribute.items() if name not in PLAIN),
        ]
        subs = f"({_attribute_line(attribute['subAttributes'])})" if attribute.get("subAttributes") else ""
        found.append(f"{attribute['name']}:{'/'.join(marks)}{subs}")
    return ", ".join(found)


def _groups(tally: Tally, operation: str) -> list[str]:
    lines = []
    made = sorted(
        groups(tally.found),
        key=lambda pair: (pair[1].kind.count("refused") == 2, -tally.kinds[pair[1].kind], pair[1].kind, -pair[0]),
    )
    if len(made) > SHOWN:
        lines.append(f"\n{len(made)} groups; at most {PER_KIND} of each kind are shown, and {SHOWN} of all:")
    shown_of: Counter = Counter()
    for count, item in made:
        shown_of[item.kind] += 1
        if shown_of[item.kind] > PER_KIND or sum(shown_of.values()) > SHOWN:
            continue
        lines += [
            "",
            f"--- {item.kind}: {count} of {tally.kinds[item.kind]}; {item.address}",
            "    rules: " + " ".join(item.rules),
        ]
        lines += [
            f"    product:   {item.product[:300]}",
            f"    reference: {item.reference[:300]}",
            snippet(operation, item.case),
        ]
    return lines


def literal(value: object) -> str:
    """A value as Python source."""
    return pprint.pformat(value, width=110, sort_dicts=False)


def snippet(operation: str, case: dict) -> str:
    """A runnable example: the product's call and the reference's."""
    return "\n".join("    " + line for line in _snippet(operation, case).splitlines())


def _snippet(operation: str, case: dict) -> str:
    kind = expanded(case["kind"])
    if isinstance(kind, str):
        ours = f"kind = scim.{kind.upper()}"
    else:
        ours = f"schemas = {literal([kind['schema'], *kind['extensions']])}\n"
        ours += f"kind = scim.ResourceType.from_schemas({kind['name']!r}, schemas[0], schemas[1:])"
    keywords = "".join(f", {name}={_option(name, value)}" for name, value in case["options"].items())
    for name in ("default_count", "max_count", "cursors"):
        if name in case:
            keywords += f", {name}={case[name]!r}"
    given = {
        name: value
        for name, value in case.items()
        if name not in ("kind", "options", "default_count", "max_count", "cursors")
    }
    named = "\n".join(f"{name} = {literal(value)}" for name, value in given.items())
    call = {
        "filters": f"compiled = scim.Filter(filter, kind{keywords})\n"
        "print(compiled, [compiled.matches(d) for d in documents])",
        "patch": f"print(scim.Patch(body, kind{keywords}).apply(resource).to_dict())",
        "create": f"print(kind.create(body{keywords}).to_dict())",
        "replace": f"print(kind.replace(resource, body{keywords}).to_dict())",
        "diff": "print(scim.diff(old, new, kind))",
        "lists": f"asked = protocol.ListQuery{'(query' if 'query' in case else '.from_body(body'}, kind{keywords})\n"
        "print(asked.filter, asked.sort_by, asked.start_index, asked.count, asked.ignored)\n"
        "print(asked.answer(resources))",
        "projection": f"print(protocol.Projection(kind, attributes={case.get('attributes')!r}, "
        f"excluded_attributes={case.get('excluded')!r}).apply(resource))",
        "versions": "print(protocol.etag(resource, kind))",
    }[operation]
    head = "import scim_engine as scim"
    if "Decimal(" in named:
        head = "from decimal import Decimal\n" + head
    if "protocol." in call:
        head += "\nfrom scim_engine import protocol"
    return f"{head}\n{ours}\n{named}\n{call}"


def _option(name: str, value: object) -> str:
    if name == "tolerance":
        return "scim.Tolerance.strict()" if value == "strict" else f"scim.Tolerance({_keywords(value)})"
    if name == "profile":
        return f"scim.Profile({_keywords(dict.fromkeys(value, True))})"
    return repr(value)


def _keywords(values: dict) -> str:
    return ", ".join(f"{name}={value!r}" for name, value in values.items())


def relevant(kind: str, outcome: object) -> object:
    """The part of an outcome that a kind of difference is about."""
    if not isinstance(outcome, dict) or "refused" in outcome or "error" in outcome:
        return outcome
    facet = kind.rpartition(": ")[2] if kind.startswith("the effect") else kind
    if kind.startswith("answer: ") and "answer" in outcome:
        names = ["Resources"] if facet.endswith("order") else kind.removeprefix("answer: ").split()
        return {name: outcome["answer"].get(name) for name in names}
    for name in ("resource", "repairs", "changes", "changed", "body"):
        if facet.startswith(name) and name in outcome:
            return {name: outcome[name]}
    return {facet: outcome[facet]} if facet in outcome else outcome


def shown(outcome: object) -> str:
    """An outcome as text, for people."""
    if isinstance(outcome, dict):
        outcome = {name: value for name, value in outcome.items() if name != "filter_object"}
    try:
        return dumps(outcome)
    except TypeError:
        return repr(outcome)
