"""The report of a push."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal


@dataclass(frozen=True)
class Finding:
    """Something that is wrong with the answers to one step. The same problem with several people is one finding."""

    severity: Literal["error", "warning", "note"]
    """`error` means that the client would fail."""
    code: str
    """The kind of finding, for programs: `content_type`, `id_missing`, `filter_ignored`, …."""
    step: str
    """The step of the client, such as `look-up` or `create user`."""
    subject: str
    """The person or group that it was first found with; empty if there is none."""
    request: str
    """The request, such as `POST /Users`."""
    status: int | None
    """The status of the answer, if there was one."""
    found: str
    """The fault in the answer."""
    why: str
    """Why the client fails with it."""
    cure: str
    """How to put it right."""
    count: int
    """How often it was found."""
    attribute: str = ""
    """The attribute whose value is wrong; empty if the finding is not about one."""

    def __str__(self) -> str:
        of = f" of `{self.subject}`" if self.subject else ""
        times = f", {self.count} times" if self.count > 1 else ""
        head = f"{self.severity}: {self.code} in {self.step}{of}{times}"
        return (
            f"{head}\n  request  {self.request}\n  found    {self.found}\n  why      {self.why}\n  cure     {self.cure}"
        )


@dataclass(frozen=True)
class Report:
    """The report of a push: what was done, and what was found."""

    ok: bool
    """Whether the push is complete, nothing has failed, and no finding is an error."""
    client: str
    """The client that was played."""
    aborted: str | None
    """Why the push ended early, if it did."""
    people: Mapping[str, int]
    """How many people were `created`, `updated`, `unchanged`, `suspended`, `deleted`, `left`, `absent`, `failed`."""
    groups: Mapping[str, int]
    """The same for groups."""
    findings: tuple[Finding, ...]
    """The findings, the worst first."""
    nothing_changed: bool
    """Whether nothing was created, changed or removed, and nothing failed."""
    steps: Mapping[str, Mapping[str, int]]
    """By step: the number of `requests`, how many of them were `refused`, and their time in microseconds (`micros`)."""
    data: Mapping[str, Any]
    """The whole report as JSON values."""

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
        """The findings with which the client would fail."""
        return tuple(finding for finding in self.findings if finding.severity == "error")

    @property
    def warnings(self) -> tuple[Finding, ...]:
        """The findings that work, but deviate from what they should be."""
        return tuple(finding for finding in self.findings if finding.severity == "warning")

    def __str__(self) -> str:
        def counts(of: Mapping[str, int]) -> str:
            return ", ".join(f"{count} {name}" for name, count in of.items() if count) or "none"

        lines = [f"people: {counts(self.people)}", f"groups: {counts(self.groups)}"]
        lines += [str(finding) for finding in self.findings]
        if self.aborted is not None:
            lines.append(f"not finished: {self.aborted}")
        return "\n".join(lines)
