"""Writes the first inputs of the fuzz targets: `python3 fuzz/seeds.py [FOLDER]`, by default into `fuzz/corpus`.

Targets that read texts get those of the conformance cases. Targets whose bytes are choices of a generator get bytes
from a fixed sequence of random numbers. Only the standard library is needed.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import random
import sys
import urllib.parse
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "tests" / "python"))

import cases  # noqa: E402

# Targets whose bytes are choices.
CHOSEN = ["compile", "matching", "patch", "create", "replace", "diff", "query", "cursors", "schemas", "packed"]
HEADERS = ["if_match", "if_none_match", "accept", "content_type"]
# libFuzzer does not make longer inputs.
LONGEST = 4096


def compact(value):
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def members(name):
    """The values that the cases have under a name."""
    return [case[name] for file in cases.files() for case in cases.load(file) if case.get(name) is not None]


def of_cases(*names):
    """The texts and values of cases under these names, each as a text."""
    found = (value for name in names for value in members(name))
    return [value if isinstance(value, str) else compact(value) for value in found]


def documents():
    found = [doc["doc"] if isinstance(doc, dict) and "doc" in doc else doc for docs in members("docs") for doc in docs]
    return [compact(doc) for doc in [*found, *members("doc")] if isinstance(doc, dict)]


def filters_and_documents():
    """A filter and its documents, for `raw`."""
    for file in cases.files():
        for case in cases.load(file):
            if isinstance(case.get("filter"), str) and isinstance(case.get("docs"), list):
                docs = [doc["doc"] for doc in case["docs"] if isinstance(doc, dict) and "doc" in doc]
                yield from (f"{case['filter']}\n{compact(doc)}" for doc in docs)
    yield "title pr\n" + "\n".join(documents()[:8])
    yield "title pr\n" + compact({"Resources": [json.loads(doc) for doc in documents()[:4]]})


def requests():
    """A PATCH and its resource, for `patch_text`."""
    for file in cases.files():
        for case in cases.load(file):
            body = case.get("body_text") or (compact(case["body"]) if "body" in case else None)
            if case["kind"] == "patch" and body:
                yield f"{' '.join(body.splitlines())}\n{compact(case['doc'])}"


def schemas():
    """Schemas and resource types, for `schemas`."""
    for path in sorted((cases.FOLDER / "schemas").glob("*.json")):
        schema = json.loads(path.read_text(encoding="utf-8"))
        yield compact(schema if isinstance(schema, list) else [schema])
    for registry in members("registry"):
        if isinstance(registry, dict):
            yield compact(registry.get("schemas", [])) + compact(registry.get("resource_types", []))


def packed():
    """Packed texts, for `packed`."""
    lines = "\n".join(documents()[:20]).encode()
    yield from (gzip.compress(lines[:size], mtime=0) for size in (0, 40, 1000))
    yield gzip.compress(b"{}", mtime=0) * 3
    yield (cases.FOLDER.parent / "cli" / "packed" / "many.ndjson.zst").read_bytes()


def of_targets():
    """The inputs of each target."""
    queries = [urllib.parse.urlencode({"filter": text}, quote_via=urllib.parse.quote) for text in of_cases("filter")]
    found = {
        "parse_display": of_cases("filter", "path"),
        "raw": filters_and_documents(),
        "patch_text": requests(),
        "body_text": [text for text in of_cases("body", "body_text", "current", "new") if text.startswith("{")],
        "endpoint": [*of_cases("query", "body", "body_text"), *of_cases(*HEADERS), *queries],
        "template": of_cases("template", "person"),
        "schemas": schemas(),
        "packed": packed(),
    }
    chance = random.Random(1)
    for target in CHOSEN:
        chosen = [chance.randbytes(chance.choice([24, 64, 160, 400, 900])) for _ in range(200)]
        found[target] = [*found.get(target, []), *chosen]
    return found


def write(folder):
    """Writes all inputs, and returns how many each target has."""
    counts = {}
    for target, inputs in of_targets().items():
        own = folder / target
        own.mkdir(parents=True, exist_ok=True)
        texts = {text if isinstance(text, bytes) else text.encode("utf-8", "surrogatepass") for text in inputs}
        texts = {text for text in texts if len(text) <= LONGEST}
        for text in texts:
            (own / hashlib.sha1(text).hexdigest()).write_bytes(text)
        counts[target] = len(texts)
    return counts


def main():
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else HERE / "corpus"
    for target, count in write(folder).items():
        print(f"{target}: {count} inputs")


if __name__ == "__main__":
    main()
