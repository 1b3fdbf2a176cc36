"""The exchanges of `tests/endpoint`: scenes of requests, and their answers."""

from __future__ import annotations

import datetime
import json
from pathlib import Path

import pytest

from scim_engine import endpoint as ep

SCENES = [
    pytest.param(scene, id=f"{file.stem}: {scene['scene']}")
    for file in sorted((Path(__file__).parents[1] / "endpoint").glob("*.json"))
    for scene in json.loads(file.read_text(encoding="utf-8"))
]
BASE = "https://app.example/scim/v2"
NOW = datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC)
SCIM_JSON = "application/scim+json"


class Fixed(ep.Endpoint):
    """An endpoint at whose place the time stands still."""

    def begin(self, *args, now=None, **more):
        return super().begin(*args, now=NOW, **more)


def asked(step, known):
    """The request of a step, with the texts that earlier answers gave in place of `{name}`."""

    def fill(text):
        for name, value in known.items():
            text = text.replace(f"{{{name}}}", value)
        return text

    method, target = fill(step["request"]).split(" ", 1)
    path, _, query = target.partition("?")
    headers = {name: fill(value) for name, value in step.get("headers", {}).items()}
    body = step.get("body")
    if body is not None and not isinstance(body, str):
        headers.setdefault("Content-Type", SCIM_JSON)
        body = json.dumps(body)
        for name, value in known.items():
            body = body.replace(f"{{{name}}}", json.dumps(value)[1:-1])
    return (
        method,
        path,
        query,
        list(headers.items()),
        None if body is None else body.encode(),
        fill(step["me"]) if "me" in step else None,
    )


def answered(step, known, status, headers, body):
    """The answer to a step as its scene has it. What later steps need of it is kept in `known`."""
    answer = {"status": status, "headers": {name: value for name, value in headers if name != "Content-Length"}}
    if body:
        answer["body"] = json.loads(body)
    for name, pointer in step.get("keep", {}).items():
        part = answer
        for key in pointer.split("/")[1:]:
            part = part[key]
        known[name] = part
    if "nextCursor" in answer.get("body", {}):
        answer["body"]["nextCursor"] = "(a cursor)"
    return answer
