"""The script that checks a release: addresses, links of the page of PyPI, published files; and the policies."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import notices
import pytest
import release

ROOT = Path(__file__).resolve().parents[2]
MANIFEST = '[package]\nname = "scim-engine"\nversion = "1.2.3"\nrepository = "{}"\n'
FILES = ["README.md", "docs/A.md", "docs/a.svg"]


@pytest.fixture
def project():
    return release.project(MANIFEST.format("https://github.com/harbour/scim-engine"))


@pytest.mark.parametrize(
    ("address", "reason"),
    [
        ("https://github.example/scim-engine", "is the placeholder"),
        ("https://harbour.example.com/scim-engine", "expected https://github.com/OWNER/NAME"),
        ("https://github.com/harbour/scim-engine.git", "expected https://github.com/OWNER/NAME"),
        ("https://github.com/harbour/scim-engine/", "expected https://github.com/OWNER/NAME"),
    ],
)
def test_an_address_that_leads_nowhere_is_refused(address, reason):
    with pytest.raises(release.Refused, match=re.escape(reason)):
        release.project(MANIFEST.format(address))


def test_links_lead_to_the_tag_and_code_is_kept(project):
    page = (
        "[a](docs/A.md#b), [folder](docs), ![a](docs/a.svg) [x](https://x.example)\n```\n[c](d)\n```\n[a](docs/A.md)\n"
    )
    blob = "https://github.com/harbour/scim-engine/blob/v1.2.3"
    raw = "https://raw.githubusercontent.com/harbour/scim-engine/v1.2.3"
    assert release.absolute(page, project, FILES) == (
        f"[a]({blob}/docs/A.md#b), [folder]({blob}/docs), ![a]({raw}/docs/a.svg) [x](https://x.example)\n"
        f"```\n[c](d)\n```\n[a]({blob}/docs/A.md)\n"
    )


@pytest.mark.parametrize("target", ["docs/B.md", "#a"])
def test_a_link_that_leads_nowhere_is_refused(project, target):
    with pytest.raises(release.Refused, match=re.escape(f"`{target}`")):
        release.absolute(f"[a]({target})", project, FILES)


def test_the_addresses_have_one_place(project):
    pyproject = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    added = release.with_urls(pyproject, project)
    assert tomllib.loads(added)["project"]["urls"] == project.urls()
    with pytest.raises(release.Refused, match=r"has `\[project\.urls\]`"):
        release.with_urls(added, project)


def test_strays_and_gaps_are_refused():
    names = {*release.CRATE_NEEDS, "src/a/b.rs", "benches/data/c.rs", "examples/d_e.rs"}
    release.contents("the crate", names, release.CRATE, release.CRATE_NEEDS)
    for stray in ("tests/README.md", "python/scim_engine/__init__.py", "src/a.py"):
        with pytest.raises(release.Refused, match=re.escape(f"does not need: {stray}")):
            release.contents("the crate", {*names, stray}, release.CRATE, release.CRATE_NEEDS)
    with pytest.raises(release.Refused, match=r"lacks LICENSE-MIT, src/lib\.rs"):
        release.contents("the crate", names - {"src/lib.rs", "LICENSE-MIT"}, release.CRATE, release.CRATE_NEEDS)


def test_one_list_of_licences():
    """`make audit` allows the licences for which tools/notices.py writes notices, and no others."""
    allowed = tomllib.loads((ROOT / "deny.toml").read_text(encoding="utf-8"))["licenses"]["allow"]
    assert set(allowed) == notices.ALLOWED
