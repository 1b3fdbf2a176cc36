#!/usr/bin/env python3
"""What is published, checked before it is: the crate, the sdist, and the page of PyPI.

    python3 tools/release.py check   # everything; needs cargo and tools/requirements.txt
    python3 tools/release.py stage   # writes the folder that maturin builds from, and prints its path

The address of the project is `repository` in Cargo.toml and nowhere else. crates.io and GitHub resolve the relative
links of README.md by it. PyPI resolves none, so `stage` copies the project to a folder, in which the links are absolute
and lead to the tag of the version, and pyproject.toml has the addresses.
"""

from __future__ import annotations

import html.parser
import os
import re
import shutil
import subprocess
import sys
import tarfile
import tomllib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from refused import Refused, finish

ROOT = Path(__file__).resolve().parents[1]
STAGE = ROOT / "target" / "pypi"
DIST = ROOT / "target" / "pypi-dist"

# The files of the published crate, and what the sdist has besides.
CRATE = re.compile(
    r"(Cargo\.(toml|toml\.orig|lock)|\.cargo_vcs_info\.json|README\.md|CHANGELOG\.md|LICENSE-(APACHE|MIT)"
    r"|src/.+\.(rs|json|md)|benches/(data/.+|[a-z]+)\.rs|examples/[a-z_]+\.rs)"
)
CRATE_NEEDS = {"Cargo.toml", "Cargo.lock", "README.md", "CHANGELOG.md", "LICENSE-APACHE", "LICENSE-MIT", "src/lib.rs"}
SDIST = re.compile(
    r"PKG-INFO|pyproject\.toml|THIRD-PARTY-NOTICES\.txt|python/scim_engine/(.+\.pyi?|py\.typed)|" + CRATE.pattern
)
SDIST_NEEDS = CRATE_NEEDS | {"PKG-INFO", "pyproject.toml", "THIRD-PARTY-NOTICES.txt", "python/scim_engine/py.typed"}

FENCED = re.compile(r"^(```.*?^```$)", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"(!\[[^\]]*\]|\])\(([^)\s]+)\)")


@dataclass(frozen=True)
class Project:
    """What Cargo.toml says of the project."""

    name: str
    version: str
    repository: str

    @property
    def tag(self) -> str:
        return f"v{self.version}"

    def urls(self) -> dict[str, str]:
        return {
            "Homepage": self.repository,
            "Documentation": f"{self.repository}/blob/{self.tag}/README.md",
            "Changelog": f"{self.repository}/blob/{self.tag}/CHANGELOG.md",
            "Issues": f"{self.repository}/issues",
            "Crate": f"https://crates.io/crates/{self.name}",
        }

    def address(self, path: str, is_picture: bool) -> str:
        if is_picture:
            # The page of a picture is HTML; this is the picture.
            return f"https://raw.githubusercontent.com{urlsplit(self.repository).path}/{self.tag}/{path}"
        return f"{self.repository}/blob/{self.tag}/{path}"


def project(manifest: str) -> Project:
    package = tomllib.loads(manifest)["package"]
    repository = package.get("repository", "")
    if urlsplit(repository).netloc.endswith(".example"):
        raise Refused(
            f"`repository` in Cargo.toml is the placeholder `{repository}`: write the address of the project there"
        )
    if re.fullmatch(r"https://github\.com/[\w.-]+/[\w.-]+(?<!\.git)", repository) is None:
        raise Refused(f"`repository` in Cargo.toml is `{repository}`: expected https://github.com/OWNER/NAME")
    return Project(package["name"], package["version"], repository)


def absolute(readme: str, of: Project, files: Iterable[str]) -> str:
    """The page for PyPI: links to files of the project become absolute. A link to a missing file is refused."""
    there = {*files}
    there |= {"/".join(parts[:end]) for parts in (file.split("/") for file in there) for end in range(1, len(parts))}

    def link(match: re.Match[str]) -> str:
        label, target = match[1], match[2]
        if urlsplit(target).scheme:
            return match[0]
        if target.startswith("#"):
            raise Refused(f"README.md has the link `{target}`, and PyPI gives headings no names")
        path, hash_, fragment = target.partition("#")
        if path not in there:
            raise Refused(f"README.md has the link `{target}`, and no file of the project has this name")
        return f"{label}({of.address(path, label.startswith('!'))}{hash_}{fragment})"

    # Code is kept: `a](b)` in it is not a link. The odd parts are the code.
    parts = FENCED.split(readme)
    return "".join(part if at % 2 else LINK.sub(link, part) for at, part in enumerate(parts))


def with_urls(pyproject: str, of: Project) -> str:
    if "urls" in tomllib.loads(pyproject)["project"]:
        raise Refused("pyproject.toml has `[project.urls]`, which tools/release.py derives from Cargo.toml")
    return pyproject + "\n[project.urls]\n" + "".join(f'{name} = "{url}"\n' for name, url in of.urls().items())


def ran(*command: str, folder: Path = ROOT) -> str:
    done = subprocess.run(command, cwd=folder, capture_output=True, encoding="utf-8")
    if done.returncode:
        raise Refused(f"`{' '.join(command)}` failed:\n{(done.stdout + done.stderr).strip()}")
    return done.stdout


def cargo(*arguments: str) -> str:
    return ran(os.environ.get("CARGO", "cargo"), *arguments)


def tool(name: str, *arguments: str, folder: Path = ROOT) -> str:
    return ran(sys.executable, "-m", name, *arguments, folder=folder)


def tracked() -> list[str]:
    return [name for name in ran("git", "ls-files", "-z").split("\0") if name]


def stage(of: Project) -> None:
    files = tracked()
    shutil.rmtree(STAGE, ignore_errors=True)
    for name in files:
        (STAGE / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(ROOT / name, STAGE / name)
    rewritten = {
        "README.md": absolute((ROOT / "README.md").read_text(encoding="utf-8"), of, files),
        "pyproject.toml": with_urls((ROOT / "pyproject.toml").read_text(encoding="utf-8"), of),
    }
    for name, text in rewritten.items():
        (STAGE / name).write_text(text, encoding="utf-8", newline="\n")


def contents(what: str, names: Iterable[str], allowed: re.Pattern[str], needed: set[str]) -> None:
    names = set(names)
    strays = sorted(name for name in names if allowed.fullmatch(name) is None)
    if strays:
        raise Refused(f"{what} has files that it does not need: {', '.join(strays)}")
    if missing := sorted(needed - names):
        raise Refused(f"{what} lacks {', '.join(missing)}")


def changelog(of: Project) -> None:
    text = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    if re.search(rf"^## \[{re.escape(of.version)}\] - \d{{4}}-\d\d-\d\d$", text, re.MULTILINE) is None:
        raise Refused(f"CHANGELOG.md has no heading `## [{of.version}] - YYYY-MM-DD`")


def crate(_: Project) -> None:
    # The dry run refuses changes that are not committed.
    contents("the crate", cargo("package", "--list", "--locked", "--allow-dirty").split("\n")[:-1], CRATE, CRATE_NEEDS)
    cargo("publish", "--dry-run", "--locked")


def sdist(of: Project) -> None:
    stage(of)
    shutil.rmtree(DIST, ignore_errors=True)
    tool("maturin", "sdist", "--out", str(DIST), folder=STAGE)
    (file,) = DIST.iterdir()
    with tarfile.open(file) as archive:
        names = {name.partition("/")[2]: name for name in archive.getnames()}
        contents("the sdist", names, SDIST, SDIST_NEEDS)
        packed = archive.extractfile(names["PKG-INFO"])
        head, _, page = (packed.read() if packed else b"").decode("utf-8").partition("\n\n")
    for name, url in of.urls().items():
        if f"Project-URL: {name}, {url}" not in head.split("\n"):
            raise Refused(f"the metadata of the sdist lack the address `{url}`")
    tool("twine", "check", "--strict", str(file))
    readme(page)


def readme(page: str) -> None:
    """Renders the page as PyPI does, and refuses a link that leads nowhere there."""
    (DIST / "README.md").write_text(page, encoding="utf-8")
    links = Links()
    links.feed(tool("readme_renderer", str(DIST / "README.md")))
    (DIST / "README.md").unlink()
    if not links.found:
        raise Refused("the page of PyPI has no links")
    for target in links.found:
        if urlsplit(target).scheme != "https" and target.removeprefix("#") not in links.names:
            raise Refused(f"the page of PyPI has the link `{target}`, which leads nowhere there")


class Links(html.parser.HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self.names: set[str] = set()

    def handle_starttag(self, _: str, attributes: list[tuple[str, str | None]]) -> None:
        self.found += [value or "" for name, value in attributes if name in ("href", "src")]
        self.names |= {value or "" for name, value in attributes if name == "id"}


CHECKS: tuple[tuple[str, Callable[[Project], None]], ...] = (
    ("the changelog has the version", changelog),
    ("the crate can be published", crate),
    ("the sdist and the page of PyPI", sdist),
)


def main(arguments: list[str]) -> None:
    of = project((ROOT / "Cargo.toml").read_text(encoding="utf-8"))
    if arguments == ["stage"]:
        stage(of)
        print(STAGE.relative_to(ROOT).as_posix())
        return
    for title, check in CHECKS:
        print(f"== {title}", flush=True)
        check(of)
    print(f"{of.name} {of.version} can be released")


if __name__ == "__main__":
    finish(main, usage=__doc__, accepted=[["check"], ["stage"]])
