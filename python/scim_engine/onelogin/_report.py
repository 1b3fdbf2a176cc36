"""What a push has done and found."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal


@dataclass(frozen=True)
class Finding:
    """Something that is wrong with the answers to one step; the same of several people is one finding with a count."""

    severity: Literal["error", "warning", "info"]
    """`error` would fail in the client."""
    code: str
    """What it is, for machines: `content_type`, `id_missing`, `filter_ignored`, …."""
    step: str
    """The step of the client, such as `look-up` or `create user`."""
    subject: str
    """The person or group that it was first found with."""
    request: str
    """The request: `POST /Users`."""
    status: int | None
    """The status of the answer, if there was one."""
    found: str
    """What the answer had."""
    why: str
    """Why that fails in the client."""
    cure: str
    """What would be right."""
    count: int
    """How often it was found."""
    attribute: str = ""
    """The attribute whose value it is about, if it is about one."""

    def __str__(self) -> str:
        of = f" of `{self.subject}`" if self.subject else ""
        times = f", {self.count} times" if self.count > 1 else ""
        head = f"{self.severity}: {self.code} in {self.step}{of}{times}"
        return (
            f"{head}\n  request  {self.request}\n  found    {self.found}\n  why      {self.why}\n  cure     {self.cure}"
        )


@dataclass(frozen=True)
class Report:
    """What a push has done and found."""

    ok: bool
    """Whether it is complete, nothing has failed, and no finding would fail in the client."""
    client: str
    """The client that was played."""
    aborted: str | None
    """Why it ended early, if it did."""
    people: Mapping[str, int]
    """How many people were `created`, `updated`, `unchanged`, `suspended`, `deleted`, `left`, `absent`, `failed`."""
    groups: Mapping[str, int]
    """The same of groups."""
    findings: tuple[Finding, ...]
    """What was found, the worst first."""
    nothing_changed: bool
    """Whether nothing was created, changed or removed."""
    steps: Mapping[str, Mapping[str, int]]
    """By step: how many `requests` there were, how many were `refused`, and the `micros` they took."""
    data: Mapping[str, Any]
    """All of it as JSON has it."""

    @classmethod
    def _of(cls, data: dict[str, Any]) -> Report:
        summary = data["summary"]
        findings = tuple(Finding(**{"status": None, **finding}) for finding in data["findings"])
        return cls(
            ok=data["ok"],
            client=data["client"],
            aborted=data.get("aborted"),
            people=summary["people"],
            groups=summary["groups"],
            findings=findings,
            nothing_changed=data["nothing_changed"],
            steps=summary["steps"],
            data=data,
        )

    @property
    def errors(self) -> tuple[Finding, ...]:
        """The findings that would fail in the client."""
        return tuple(finding for finding in self.findings if finding.severity == "error")

    @property
    def warnings(self) -> tuple[Finding, ...]:
        """The findings that work, but are not as they should be."""
        return tuple(finding for finding in self.findings if finding.severity == "warning")

    def __str__(self) -> str:
        def counts(of: Mapping[str, int]) -> str:
            return ", ".join(f"{count} {name}" for name, count in of.items() if count) or "none"

        lines = [f"people: {counts(self.people)}", f"groups: {counts(self.groups)}"]
        lines += [str(finding) for finding in self.findings]
        if self.aborted is not None:
            lines.append(f"not finished: {self.aborted}")
        return "\n".join(lines)
