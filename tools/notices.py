#!/usr/bin/env python3
"""THIRD-PARTY-NOTICES.txt: the crates that the wheel and the command `scim-engine` link, with their licences.

    python3 tools/notices.py           # prints the file
    python3 tools/notices.py --write   # writes it
    python3 tools/notices.py --check   # fails if the file does not match Cargo.lock and the crates

The licences of these crates require their texts with every copy, including binaries. The texts are those that the
crates ship; cargo has them in its registry, and fetches missing crates. A licence that is not among those allowed is
an error in every mode. Needs only cargo and the standard library.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from refused import Refused, finish

ROOT = Path(__file__).resolve().parents[1]
FILE = ROOT / "THIRD-PARTY-NOTICES.txt"

# The licences under which a binary needs a notice and nothing else. To allow another one is a decision of the project.
ALLOWED = frozenset(
    [
        "0BSD",
        "Apache-2.0",
        "Apache-2.0 WITH LLVM-exception",
        "BSD-2-Clause",
        "BSD-3-Clause",
        "BSL-1.0",
        "CDLA-Permissive-2.0",
        "ISC",
        "MIT",
        "Unicode-3.0",
        "Unlicense",
        "Zlib",
    ]
)
# Standard texts, for crates that ship none.
STANDARD = {"MIT": ROOT / "LICENSE-MIT", "Apache-2.0": ROOT / "LICENSE-APACHE"}

NOTICE = re.compile(r"(un)?licen[cs]e|copying|copyright|notice|authors|patents", re.IGNORECASE)
CODE = frozenset([".rs", ".c", ".h", ".s", ".py", ".toml", ".json"])
# Folders without linked code.
UNLINKED = frozenset(["tests", "benches", "examples", "fuzz", "target"])

CRATES = "Crates"
TEXTS = "Texts"
HEAD = """THIRD-PARTY NOTICES

The code of scim-engine itself is under MIT or Apache-2.0, as you like: LICENSE-MIT, LICENSE-APACHE. A wheel of it, and
the command `scim-engine`, contain compiled code of the crates below, each under its own licence, which a binary keeps
to as well. Some crates are linked on some systems only. The sources of scim-engine contain none of this code.

Every crate has its licence (`OR` is the user's choice, `AND` is not), where it comes from, and the files about rights
that it ships, each with the mark of its text, under which the text follows further down. Texts that differ in nothing
but blanks are written once.

The standard library of Rust is linked, too: copyright (c) The Rust Project Contributors, MIT OR Apache-2.0, with parts
of LLVM's runtime under Apache-2.0 WITH LLVM-exception. Its own notices are in the toolchain that built the binary, as
share/doc/rust/COPYRIGHT-library.html.

`make notices` writes this file.
"""


@dataclass(frozen=True)
class Crate:
    """A crate that is linked."""

    name: str
    version: str
    licence: str
    link: str
    folder: Path
    authors: tuple[str, ...]

    @property
    def title(self) -> str:
        return f"{self.name} {self.version}"


def cargo(*arguments: str) -> str:
    settings = ("--locked", "--color", "never", "--features", features())
    command = [os.environ.get("CARGO", "cargo"), *arguments, *settings]
    out = subprocess.run(command, cwd=ROOT, capture_output=True, encoding="utf-8")
    if out.returncode:
        raise Refused(f"`cargo {arguments[0]}` failed: {out.stderr.strip()}")
    return out.stdout


def features() -> str:
    """The features with which maturin builds the wheel. The command without the module needs fewer."""
    text = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    found = re.search(r"^features = \[(.*)\]$", text, re.MULTILINE)
    if found is None:
        raise Refused("pyproject.toml has no line `features = […]` for maturin")
    return ",".join(re.findall(r'"([^"]+)"', found[1]))


def linked() -> list[Crate]:
    """The crates that are linked on any system, without procedural macros, build scripts and their dependencies."""
    edges = "normal,no-proc-macro"
    tree = cargo("tree", "-e", edges, "--target", "all", "--prefix", "none", "--no-dedupe", "-f", "{p}")
    # `cargo metadata` describes a crate better, but includes features that only tests enable.
    wanted = {tuple(line.split()[:2]) for line in tree.splitlines()}
    crates = [
        Crate(
            package["name"],
            package["version"],
            package["license"] or "",
            package["repository"] or package["homepage"] or f"https://crates.io/crates/{package['name']}",
            Path(package["manifest_path"]).parent,
            tuple(package["authors"]),
        )
        for package in json.loads(cargo("metadata", "--format-version", "1"))["packages"]
        if (package["name"], f"v{package['version']}") in wanted and package["source"] is not None
    ]
    return sorted(crates, key=lambda crate: (crate.name, crate.version))


def satisfied(licence: str, allowed: frozenset[str]) -> bool:
    """Whether the allowed licences satisfy the SPDX expression. `/` is an older spelling of `OR`."""
    tokens = re.findall(r"[()/]|[^\s()/]+", licence)

    def either() -> bool:
        holds = both()
        while tokens[:1] in (["OR"], ["/"]):
            tokens.pop(0)
            holds |= both()
        return holds

    def both() -> bool:
        holds = one()
        while tokens[:1] == ["AND"]:
            tokens.pop(0)
            holds &= one()
        return holds

    def one() -> bool:
        token = tokens.pop(0) if tokens else ""
        if token == "(":
            holds = either()
            return tokens[:1] == [")"] and bool(tokens.pop(0)) and holds
        if tokens[:1] == ["WITH"]:
            token = " ".join([token, *tokens[:2]])
            del tokens[:2]
        return token in allowed

    return either() and not tokens


def notices(crate: Crate) -> list[tuple[str, str]]:
    """The names and texts of the files about rights, including those of code that the crate bundles."""
    found = []
    for path in sorted(crate.folder.rglob("*")):
        name = path.relative_to(crate.folder)
        folders = {part.lower() for part in name.parts[:-1]}
        told = NOTICE.match(name.name) is not None or not folders.isdisjoint({"licenses", "licences"})
        if told and path.suffix.lower() not in CODE and folders.isdisjoint(UNLINKED) and path.is_file():
            found.append((name.as_posix(), plain(path)))
    return found or standard(crate)


def standard(crate: Crate) -> list[tuple[str, str]]:
    """The standard texts, for a crate that does not ship the text of its licence."""
    if not satisfied(crate.licence, frozenset(STANDARD)):
        raise Refused(f"`{crate.title}` ships no text of its licence `{crate.licence}`, and tools/notices.py has none")
    texts = []
    for name, path in STANDARD.items():
        if re.search(rf"(?<![\w.-]){re.escape(name)}(?![\w.-])", crate.licence):
            # The copyright line of this project does not apply to the crate.
            lines = [line for line in plain(path).split("\n") if not line.startswith("Copyright (c) the scim-engine")]
            texts.append((f"none shipped, the standard text of {name}", re.sub("\n{3,}", "\n\n", "\n".join(lines))))
    return texts


def plain(path: Path) -> str:
    text = path.read_bytes().decode("utf-8-sig", "replace").replace("\f", "\n")
    return "\n".join(line.rstrip() for line in text.splitlines()).strip("\n")


def refuse(crates: list[Crate]) -> None:
    for crate in crates:
        if not satisfied(crate.licence, ALLOWED):
            licence = f"the licence `{crate.licence}`" if crate.licence else "no licence expression"
            raise Refused(
                f"`{crate.title}` has {licence}, and tools/notices.py allows only {', '.join(sorted(ALLOWED))}"
            )


def page(crates: list[Crate]) -> str:
    """The text of the file: the same bytes for the same crates, in whatever folders they are."""
    # The mark is a hash of the text without its layout, so it does not depend on other crates.
    texts: dict[str, tuple[str, list[str]]] = {}
    lines = [HEAD, *title(CRATES)]
    for crate in crates:
        lines += [crate.title, f"  {crate.licence}", f"  {crate.link}"]
        files = notices(crate)
        if files[0][0].startswith("none shipped") and crate.authors:
            lines.append(f"  by {', '.join(crate.authors)}")
        for name, text in files:
            mark = hashlib.sha256(" ".join(text.split()).encode()).hexdigest()[:8]
            texts.setdefault(mark, (text, []))[1].append(crate.title)
            lines.append(f"  {name} [{mark}]")
        lines.append("")
    lines += title(TEXTS)
    for mark, (text, users) in texts.items():
        lines += ["-" * 100, f"[{mark}] {', '.join(dict.fromkeys(users))}", "-" * 100, "", text, "", ""]
    return "\n".join(lines).rstrip("\n") + "\n"


def title(text: str) -> list[str]:
    return ["=" * 100, text, "=" * 100, ""]


def named(text: str) -> set[str]:
    """The crates that the file lists, with their versions."""
    listed = text.partition(f"\n{CRATES}\n")[2].partition(f"\n{TEXTS}\n")[0]
    return set(re.findall(r"^(?!=)(\S+ \d\S*)$", listed, re.MULTILINE))


def check(crates: list[Crate], kept: str) -> None:
    wanted = {crate.title for crate in crates}
    have = named(kept)
    for these, verb in ((wanted - have, "lacks"), (have - wanted, "names what is not linked:")):
        if these:
            names = ", ".join(f"`{one}`" for one in sorted(these))
            raise Refused(f"{FILE.name} {verb} {names}; `make notices` writes it anew")
    if kept != page(crates):
        raise Refused(f"{FILE.name} has the right crates and not their texts; `make notices` writes it anew")


def main(arguments: list[str]) -> None:
    crates = linked()
    refuse(crates)
    if arguments == ["--check"]:
        check(crates, FILE.read_bytes().decode("utf-8") if FILE.exists() else "")
    elif arguments == ["--write"]:
        FILE.write_bytes(page(crates).encode("utf-8"))
    else:
        sys.stdout.buffer.write(page(crates).encode("utf-8"))


if __name__ == "__main__":
    finish(main, usage=__doc__, accepted=[[], ["--write"], ["--check"]])
