"""Weaves many mutants into one copy of the source, each behind a switch, so that the crate is compiled once for all."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterable
from pathlib import Path

import tree_sitter_rust
from tree_sitter import Language, Node, Parser

# The switch reads the environment once. Mutants are numbered from 1.
SWITCH = """
/// The switch of the mutants that are woven into this copy of the source.
#[doc(hidden)]
pub mod mutant {
    static ACTIVE: std::sync::LazyLock<u32> =
        std::sync::LazyLock::new(|| std::env::var("SCIM_ENGINE_MUTANT").map_or(0, |id| id.parse().unwrap_or(0)));
    pub(crate) fn on(id: u32) -> bool {
        *ACTIVE == id
    }
}
"""

EXPRESSIONS = ("binary_expression", "compound_assignment_expr", "unary_expression", "struct_expression")

PARSER = Parser(Language(tree_sitter_rust.language()))


@dataclasses.dataclass(frozen=True)
class Mutant:
    """A mutant as `cargo mutants --list --json` names it. `start` and `end` are offsets in bytes."""

    id: int
    file: str
    genre: str
    name: str
    replacement: str
    start: int
    end: int
    # Whether the function has an opaque type, of which a woven mutant would be a second one.
    is_opaque: bool

    @property
    def room(self) -> str:
        return self.file.split("/")[1].removesuffix(".rs")

    def applied(self, source: bytes) -> bytes:
        return source[: self.start] + self.replacement.encode() + source[self.end :]


def load(listing: str, root: Path) -> list[Mutant]:
    """The mutants of a listing, without numbers yet (all have 0)."""
    lines: dict[str, list[int]] = {}

    def offset(file: str, place: dict[str, int]) -> int:
        if file not in lines:
            starts = [0]
            for line in (root / file).read_bytes().splitlines(keepends=True):
                starts.append(starts[-1] + len(line))
            lines[file] = starts
        line = (root / file).read_bytes()[lines[file][place["line"] - 1] :]
        return lines[file][place["line"] - 1] + len(line.decode()[: place["column"] - 1].encode())

    def is_compiled(entry: dict) -> bool:
        """Whether the function is in a build without the Python module, which is the one that is tested."""
        if not entry["function"]:
            return True
        before = (root / entry["file"]).read_text(encoding="utf-8").splitlines()
        at = entry["function"]["span"]["start"]["line"] - 1
        while at > 0 and before[at - 1].lstrip().startswith(("#[", "///")):
            at -= 1
        return '#[cfg(feature = "python")]' not in "".join(before[at : entry["function"]["span"]["start"]["line"] + 1])

    return [
        Mutant(
            0,
            entry["file"],
            entry["genre"],
            entry["name"],
            entry["replacement"],
            offset(entry["file"], entry["span"]["start"]),
            offset(entry["file"], entry["span"]["end"]),
            "impl " in (entry["function"] or {}).get("return_type", ""),
        )
        for entry in json.loads(listing)
        if is_compiled(entry)
    ]


@dataclasses.dataclass
class Woven:
    """A file with its mutants.

    `branches` and `originals` have offsets, and the number of the mutant whose code is there or beside it.
    """

    text: bytes
    branches: list[tuple[int, int, int]]
    originals: list[tuple[int, int, int]]
    left_out: list[Mutant]


def weave(source: bytes, mutants: Iterable[Mutant]) -> Woven:
    """The source with each mutant behind `crate::mutant::on(id)`. The branch of a mutant has no others.

    A mutant that has no place for a switch is left out.
    """
    tree = PARSER.parse(source)
    expressions: dict[tuple[int, int], list[Mutant]] = {}
    bodies: dict[tuple[int, int], list[Mutant]] = {}
    arms: dict[tuple[int, int], list[Mutant]] = {}
    left_out = []
    for mutant in mutants:
        token = tree.root_node.named_descendant_for_byte_range(mutant.start, mutant.end)
        place = None if token is None or in_constant(token) else place_of(mutant, tree.root_node, token)
        if place is None:
            left_out.append(mutant)
            continue
        where = {"FnValue": bodies, "MatchArm": arms, "MatchArmGuard": arms}.get(mutant.genre, expressions)
        where.setdefault((place.start_byte, place.end_byte), []).append(mutant)
    out = bytearray()
    branches: list[tuple[int, int, int]] = []
    originals: list[tuple[int, int, int]] = []

    def branch(mutant: Mutant, text: bytes) -> None:
        start = len(out)
        out.extend(text)
        branches.append((start, len(out), mutant.id))

    def copy(node: Node, skip: Node | None = None) -> None:
        """Copies a node, with the mutants within it."""
        at = node.start_byte
        for child in node.children:
            out.extend(source[at : child.start_byte])
            at = child.end_byte
            if child != skip:
                write(child)
        out.extend(source[at : node.end_byte])

    def write(node: Node) -> None:
        key = (node.start_byte, node.end_byte)
        if node.type == "block" and key in bodies:
            out.extend(b"{")
            here = bodies.pop(key)
            for mutant in here:
                branch(mutant, b"if crate::mutant::on(%d) { return %s; }" % (mutant.id, mutant.replacement.encode()))
            out.extend(b"#[allow(unreachable_code)] ")
            start = len(out)
            copy(node)
            originals.extend((start, len(out), mutant.id) for mutant in here)
            out.extend(b"}")
        elif node.type == "match_arm" and key in arms:
            arm(node, arms.pop(key))
        elif key in expressions and node.type in EXPRESSIONS:
            here = expressions.pop(key)
            out.extend(b"(")
            for mutant in here:
                text = (
                    source[node.start_byte : mutant.start]
                    + mutant.replacement.encode()
                    + source[mutant.end : node.end_byte]
                )
                out.extend(b"if ")
                branch(mutant, b"crate::mutant::on(%d) { %s }" % (mutant.id, text))
                out.extend(b" else ")
            out.extend(b"{ ")
            start = len(out)
            copy(node)
            originals.extend((start, len(out), mutant.id) for mutant in here)
            out.extend(b" })")
        elif node.type == "match_expression":
            # That an arm is missing is an error of the whole `match`.
            body = node.child_by_field_name("body")
            own = [
                arm
                for child in (body.children if body else ())
                for arm in arms.get((child.start_byte, child.end_byte), ())
            ]
            start = len(out)
            copy(node)
            originals.extend((start, len(out), mutant.id) for mutant in own)
        else:
            copy(node)

    def arm(node: Node, here: list[Mutant]) -> None:
        """A match arm that its mutants delete, or whose guard they replace."""
        pattern = node.child_by_field_name("pattern")
        assert pattern is not None
        guard = pattern.child_by_field_name("condition")
        at = node.start_byte
        for child in node.children:
            out.extend(source[at : child.start_byte])
            at = child.end_byte
            if child != pattern:
                write(child)
                continue
            if guard is None:
                copy(pattern)
                out.extend(b" if ")
            else:
                inner = pattern.start_byte
                for part in pattern.children:
                    if part == guard:
                        break
                    out.extend(source[inner : part.start_byte])
                    inner = part.end_byte
                    write(part)
                out.extend(source[inner : guard.start_byte])
            start = len(out)
            for mutant in here:
                out.extend(
                    (b"crate::mutant::on(%d) || " if mutant.replacement == "true" else b"!crate::mutant::on(%d) && (")
                    % mutant.id
                )
                if mutant.replacement == "true":
                    out.extend(b"(")
            if guard is None:
                out.extend(b"true")
            else:
                out.extend(b"(")
                write(guard)
                out.extend(b")")
            out.extend(b")" * len(here))
            originals.extend((start, len(out), mutant.id) for mutant in here)
        out.extend(source[at : node.end_byte])

    out.extend(source[: tree.root_node.start_byte])
    write(tree.root_node)
    out.extend(source[tree.root_node.end_byte :])
    for rest in (expressions, bodies, arms):
        for missed in rest.values():
            left_out.extend(missed)
    return Woven(bytes(out), branches, originals, left_out)


def in_constant(node: Node) -> bool:
    """Whether the node is evaluated by the compiler, where no switch can be read."""
    at: Node | None = node
    while at is not None:
        if at.type in ("const_item", "static_item", "attribute_item", "macro_definition", "token_tree"):
            return True
        if at.type == "function_item" and any(
            child.type == "function_modifiers" and b"const" in (child.text or b"") for child in at.children
        ):
            return True
        at = at.parent
    return False


def place_of(mutant: Mutant, root: Node, token: Node) -> Node | None:
    """The node to which the switch is added; `None` if there is none."""
    wanted = {
        "BinaryOperator": ("binary_expression", "compound_assignment_expr"),
        "UnaryOperator": ("unary_expression",),
        "StructField": ("struct_expression",),
        "MatchArm": ("match_arm",),
        "MatchArmGuard": ("match_arm",),
        "FnValue": ("block",),
    }[mutant.genre]
    at: Node | None = token
    while at is not None:
        if at.type in wanted:
            if at.type == "match_arm":
                pattern = at.child_by_field_name("pattern")
                guard = pattern and pattern.child_by_field_name("condition")
                return None if guard and guard.type in ("let_condition", "let_chain") else at
            if mutant.genre == "FnValue":
                parent = at.parent
                if parent is not None and parent.type == "function_item":
                    return at
            elif mutant.genre == "BinaryOperator":
                operator = at.child_by_field_name("operator") or at.children[1]
                return at if operator.start_byte == mutant.start else None
            else:
                return at
        at = at.parent
    return None
