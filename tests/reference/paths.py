"""Attribute paths (T5, T6) and the paths of a PATCH as text (the grammar of P3, without the brackets' content)."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

NAME = re.compile(r"(?:[A-Za-z][A-Za-z0-9_$-]*|\$[rR][eE][fF])", re.ASCII)
_ASCII_LOWER = {code: code + 32 for code in range(ord("A"), ord("Z") + 1)}
ATTRIBUTE_AND_SUB = re.compile(rf"({NAME.pattern})(?:\.({NAME.pattern}))?", re.ASCII)
BLANKS = " \t\r\n"
INSIDE = re.compile(r'(?:"(?:[^"\\]|\\.)*"|[^]])*', re.DOTALL)
URI_PREFIX = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[A-Za-z0-9:/?#@!&*+,;%._~$-]+", re.ASCII)
URN_ALONE = re.compile(
    r"[Uu][Rr][Nn]:(?:[A-Za-z0-9:/?#@!&*+,;%._~$-]*:)?[A-Za-z0-9](?:[A-Za-z0-9/?#@!&*+,;%._~$-]*[A-Za-z0-9_$-])?",
    re.ASCII,
)


class PathError(ValueError):
    """A text that is not a path; the caller says whether that is invalidFilter or invalidPath."""


@dataclass(frozen=True)
class Path:
    """`urn:attribute.sub`; a URN alone has no attribute."""

    urn: str | None
    attribute: str | None
    sub: str | None = None

    def __str__(self) -> str:
        name = self.attribute if self.sub is None else f"{self.attribute}.{self.sub}"
        if self.urn is None:
            return name or ""
        return self.urn if name is None else f"{self.urn}:{name}"


@dataclass(frozen=True)
class PatchPath:
    """P3: `path`, then the text in brackets if there are any, then what stands behind them."""

    path: str
    brackets: str | None = None
    rest: str = ""

    @property
    def sub(self) -> str | None:
        """The sub-attribute behind the brackets."""
        if not self.rest:
            return None
        if not (self.rest.startswith(".") and is_name(self.rest[1:])):
            raise PathError(f"{self.rest!r} after the brackets")
        return self.rest[1:]


def lower(text: str) -> str:
    """The text with its ASCII letters in lower case; other letters equal nothing but themselves."""
    return text.lower() if text.isascii() else text.translate(_ASCII_LOWER)


def is_name(text: str) -> bool:
    """T5: whether the text is the name of an attribute."""
    return NAME.fullmatch(text) is not None


def split_name(text: str) -> tuple[str, str | None]:
    """T5: `attr` or `attr.sub`, and nothing else."""
    match = ATTRIBUTE_AND_SUB.fullmatch(text)
    if match is None:
        raise PathError(f"{text!r} is not an attribute and at most one sub-attribute")
    return match[1], match[2]


def is_urn(text: str) -> bool:
    """T6: whether a text with a colon can be the path of a PATCH; after `urn:` it does not end in a colon or a dot."""
    return URI_PREFIX.fullmatch(text) is not None and not (lower(text).startswith("urn:") and text.endswith((":", ".")))


def is_attribute(text: str) -> bool:
    """T5: whether the text is `attr` or `attr.sub`."""
    return ATTRIBUTE_AND_SUB.fullmatch(text) is not None


def behind(text: str, urn: str, mark: str) -> str | None:
    """What follows `urn` and the mark (`:` or `.`) in the text, where URNs ignore case."""
    head = len(urn)
    if len(text) > head and text[head] == mark and lower(text[:head]) == lower(urn):
        return text[head + 1 :]
    return None


def as_written(text: str, urns: Iterable[str]) -> Path:
    """T6: the path that the text is, without any tolerance; the longest known schema wins.

    A `urn:` that does not end in a name is the URN of a schema that nobody knows.
    """
    if ":" not in text:
        return Path(None, *split_name(text))
    for urn in sorted(urns, key=len, reverse=True):
        if lower(text) == lower(urn):
            return Path(text, None)
        rest = behind(text, urn, ":")
        if rest is not None:
            return Path(text[: len(urn)], *split_name(rest))
    urn, _, rest = text.rpartition(":")
    if URI_PREFIX.fullmatch(urn) is not None and ATTRIBUTE_AND_SUB.fullmatch(rest):
        return Path(urn, *split_name(rest))
    if URN_ALONE.fullmatch(text):
        return Path(text, None)
    raise PathError(f"{text!r} is neither an attribute with at most one sub-attribute nor a URN")


def dotted(text: str, urns: Iterable[str]) -> Path | None:
    """T6: the path with a dot in place of the last colon, if the URN of a known schema precedes it."""
    for urn in sorted(urns, key=len, reverse=True):
        rest = behind(text, urn, ".")
        if rest is not None and ATTRIBUTE_AND_SUB.fullmatch(rest):
            return Path(urn, *split_name(rest))
    return None


def split_patch(text: str, loose_blanks: bool = True) -> PatchPath:
    """P3: splits a path at its brackets; what is in them is a filter and is read elsewhere.

    T7, T10: The brackets end at the first `]` that is not in a string.
    """
    text = text.strip(BLANKS)
    opening = text.find("[")
    if opening < 0:
        return PatchPath(text)
    inside = INSIDE.match(text, opening + 1)[0]
    closing = opening + 1 + len(inside)
    if closing == len(text):
        raise PathError("a bracket is not closed")
    path = text[:opening].rstrip(BLANKS) if loose_blanks else text[:opening]
    return PatchPath(path, inside, text[closing + 1 :])
