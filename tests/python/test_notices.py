"""The notices of the linked crates: in the installed distribution, and the script that writes them."""

from __future__ import annotations

import importlib.metadata
import re
from pathlib import Path

import notices
import pytest

NAME = "THIRD-PARTY-NOTICES.txt"


@pytest.fixture(scope="module")
def shipped():
    """The notices of the installed distribution."""
    files = importlib.metadata.files("scim-engine") or []
    (file,) = [file for file in files if file.name == NAME]
    assert file.parent.name == "licenses"
    return file.read_text(encoding="utf-8")


def texts(notices, name):
    """The texts of the crate with this name."""
    entry = re.search(rf"^{re.escape(name)} \d.*\n(?:  .*\n)+", notices, re.MULTILINE)
    assert entry, name
    marks = re.findall(r"\[([0-9a-f]{8})\]$", entry[0], re.MULTILINE)
    assert marks, name
    rule = "-" * 100
    found = [notices.partition(f"\n[{mark}] ")[2].partition(rule)[2].partition(rule)[0] for mark in marks]
    # Line breaks differ between the texts.
    return " ".join(" ".join(found).split())


def test_the_distribution_has_the_notices_beside_its_own_licences(shipped, root):
    assert shipped == (root / NAME).read_text(encoding="utf-8")
    names = {file.name for file in importlib.metadata.files("scim-engine") if file.parent.name == "licenses"}
    assert names == {"LICENSE-APACHE", "LICENSE-MIT", NAME}
    metadata = importlib.metadata.metadata("scim-engine")
    assert metadata["License-Expression"] == "MIT OR Apache-2.0"
    assert set(metadata.get_all("License-File")) == names


def test_crates_with_another_licence_are_named_with_its_text(shipped):
    isc = "Permission to use, copy, modify, and/or distribute this software for any purpose"
    assert isc in texts(shipped, "ring")
    assert "Apache License" in texts(shipped, "ring")
    assert "fiat-crypto" in texts(shipped, "ring")
    assert "Apache License" in texts(shipped, "unicode-case-mapping")
    assert "Redistribution and use in source and binary forms" in texts(shipped, "subtle")
    assert "Community Data License Agreement" in texts(shipped, "webpki-roots")


def test_every_mark_has_its_text(shipped):
    marks = set(re.findall(r"^  \S.* \[([0-9a-f]{8})\]$", shipped, re.MULTILINE))
    assert marks
    assert marks == set(re.findall(r"^\[([0-9a-f]{8})\] ", shipped, re.MULTILINE))


@pytest.mark.parametrize(
    ("licence", "allowed"),
    [
        ("MIT", True),
        ("MIT OR Apache-2.0", True),
        ("Unlicense/MIT", True),
        ("MIT OR GPL-3.0-only", True),
        ("(MIT OR GPL-3.0-only) AND Unicode-3.0", True),
        ("Apache-2.0 WITH LLVM-exception", True),
        ("GPL-3.0-only", False),
        ("MIT AND GPL-3.0-only", False),
        ("GPL-3.0-only AND MIT OR GPL-2.0-only", False),
        ("GPL-2.0-only WITH Classpath-exception-2.0", False),
        ("(MIT", False),
        ("MIT Apache-2.0", False),
        ("", False),
    ],
)
def test_which_licences_are_allowed(licence, allowed):
    crate = notices.Crate("harbour", "1.2.3", licence, "https://harbour.example", Path(), ())
    if allowed:
        notices.refuse([crate])
        return
    with pytest.raises(notices.Refused) as caught:
        notices.refuse([crate])
    assert str(caught.value).startswith("`harbour 1.2.3` has ")
    assert f"`{licence}`" in str(caught.value) or not licence


def test_a_file_that_is_behind_is_refused_by_name(tmp_path):
    (tmp_path / "LICENSE").write_bytes(b"Be kind.\r\n")
    new, old = (notices.Crate("harbour", version, "MIT", "https://harbour.example", tmp_path, ()) for version in "21")
    kept = notices.page([old])
    assert "LICENSE [" in kept
    assert kept.endswith("Be kind.\n")
    notices.check([old], kept)
    with pytest.raises(notices.Refused, match="lacks `harbour 2`;"):
        notices.check([new], kept)
    with pytest.raises(notices.Refused, match="names what is not linked: `harbour 1`;"):
        notices.check([], kept)
    with pytest.raises(notices.Refused, match="has the right crates and not their texts;"):
        notices.check([old], kept.replace("kind", "kinder"))


def test_crates_without_a_licence_text_have_the_standard_one(tmp_path):
    authors = ("Mirela <mirela@harbour.example>",)
    page = notices.page([notices.Crate("harbour", "1", "MIT OR Zlib", "https://harbour.example", tmp_path, authors)])
    assert "none shipped, the standard text of MIT [" in page
    assert "by Mirela" in page
    assert "Permission is hereby granted" in page
    assert "scim-engine contributors" not in page
    with pytest.raises(notices.Refused, match="`harbour 1` ships no text of its licence `ISC`"):
        notices.page([notices.Crate("harbour", "1", "ISC", "https://harbour.example", tmp_path, ())])
