"""Filters over JSON text: one document as bytes, and many in one text."""

from __future__ import annotations

import gzip
import json
import mmap
import threading
from collections.abc import Sequence

import pytest

import scim_engine as scim

ADA = b'{"userName": "ada", "title": "Guide"}'
BO = b'{"userName": "bo"}'
LINES = ADA + b"\n" + BO + b"\n\n" + ADA + b"\n"
TITLE = scim.Filter("title pr")


@pytest.mark.parametrize("text", [ADA, bytearray(ADA), ADA.decode(), b" " + ADA + b"\n" * 3000])
def test_one_document(text):
    assert TITLE.matches(text)
    assert not (~TITLE).matches(text)
    assert TITLE.explain(text).holds
    assert TITLE.select([text, BO, {"title": "x"}]) == [text, {"title": "x"}]


def test_one_document_that_is_none():
    for text in [b"", b"{", b'{"title": tru}', '{"title": 1}}', b'{"title": "\xff"}', b"[" * 1000, b'{"a":"\\ud800"}']:
        with pytest.raises(scim.InvalidSyntax, match="invalid JSON"):
            TITLE.matches(text)
        with pytest.raises(scim.InvalidSyntax):
            TITLE.explain(text)
    with pytest.raises(scim.InvalidSyntax, match="expected a value at line 2 column 11"):
        TITLE.matches('{"a": 1,\n "title": }')
    with pytest.raises(scim.InvalidValue, match="nested too deep"):
        TITLE.matches('{"title": ' + "[" * 100 + "]" * 100 + "}")


def test_names_given_twice():
    assert TITLE.matches('{"title": "", "title": "x"}')
    assert not TITLE.matches('{"title": "x", "t\\u0069tle": ""}')
    assert not TITLE.matches('{"TITLE": "x", "title": ""}')


@pytest.mark.parametrize("threads", [0, 1, 2])
@pytest.mark.parametrize("trusted", [False, True])
def test_many_documents(tmp_path, threads, trusted):
    path = tmp_path / "users.ndjson"
    path.write_bytes(LINES)
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as mapped:
        for data in [LINES, bytearray(LINES), LINES.decode(), memoryview(LINES), mapped, path]:
            found = TITLE.scan(data, threads=threads, trusted=trusted)
            assert list(found) == [ADA, ADA]
            assert (len(found), found[0], found[-1], found.documents) == (2, ADA, ADA, 3)
            assert (found.lines, found.numbers, found.faults) == ((1, 4), (0, 2), ())
            assert found.parsed() == [json.loads(ADA)] * 2
            assert repr(found) == "<Scan 3 documents: 2 match, 0 cannot be read>"
            assert TITLE.count(data, threads=threads, trusted=trusted) == 2
            assert TITLE.mask(data, threads=threads, trusted=trusted) == [True, False, True]
    for index in [2, -3]:
        with pytest.raises(IndexError):
            found[index]


def test_arrays_and_list_responses():
    for text in [
        b"[" + ADA + b",\n" + BO + b"]",
        json.dumps({"schemas": ["urn:ietf:params:scim:api:messages:2.0:ListResponse"], "Resources": [json.loads(ADA)]}),
        json.dumps([json.loads(ADA)], indent=2),
    ]:
        assert TITLE.scan(text).parsed() == [json.loads(ADA)]


def test_values_that_are_not_documents():
    text = ADA + b'\n{"title": tru}\n[1]\n' + ADA
    found = TITLE.scan(text)
    assert (len(found), found.documents, found.numbers) == (2, 4, (0, 3))
    first, second = found.faults
    assert (first.line, first.column, first.number, first.is_last) == (2, 14, 1, False)
    assert first.reason == "invalid JSON: expected `true`, `false` or `null`"
    assert str(first) == first.reason + " at line 2 column 14"
    assert str(second) == "expected a JSON object, found a number at line 3 column 2"
    assert first == TITLE.scan(text).faults[0] != second
    assert repr(first) == f"<BadDocument {first}>"
    assert TITLE.mask(text) == [True, None, None, True]
    assert TITLE.scan(text, stop_at_fault=True).documents == 2
    with pytest.raises(TypeError, match="not `int`"):
        TITLE.scan(5)
    with pytest.raises(FileNotFoundError):
        TITLE.scan(__import__("pathlib").Path("no such file"))


def test_faults_without_end(tmp_path):
    path = tmp_path / "users.ndjson.gz"
    path.write_bytes(gzip.compress(b"x\n" * 5_000)[:-4])
    found = TITLE.scan(path)
    assert len(found.faults) == 1_001
    assert found.fault_count == found.documents > 4_990
    assert [fault.line for fault in found.faults[:3]] == [1, 2, 3]
    assert found.faults[-1].is_last
    assert repr(found) == f"<Scan {found.documents} documents: 0 match, {found.documents} cannot be read>"


def test_so_many_matches():
    for most in [0, 1, 2, 3]:
        found = TITLE.scan(LINES, max_matches=most)
        assert len(found) == min(most, 2)
        assert found.documents == [0, 1, 3, 3][most]
    assert len(TITLE.scan(LINES, max_matches=None)) == 2


@pytest.mark.parametrize("ask", [TITLE.scan, TITLE.count, TITLE.mask], ids=["scan", "count", "mask"])
def test_the_name_of_a_file_is_not_text(ask):
    for name in ("users.ndjson", "/data/users.json.gz", "\ufeff users", b"users.ndjson", bytearray(b"x"), "null", "5"):
        with pytest.raises(ValueError, match=r"expected JSON text: .*; a file is given as `pathlib.Path`") as raised:
            ask(name)
        assert not isinstance(raised.value, scim.ScimError)
    # Empty text is not an error; text with more lines, and values that are not text, are reported.
    for nothing in ("", " \n", b"", "\ufeff"):
        assert TITLE.count(nothing) == 0
        assert TITLE.mask(nothing) == []
    for text, documents in [
        ("nul\n" + BO.decode(), 2),
        (b"\x1f\x8b\x08", 1),
        (b"\xff\xfe", 1),
        ("\ufeff" + BO.decode(), 1),
    ]:
        assert TITLE.scan(text).documents == documents


def test_a_scan_is_a_sequence():
    found = TITLE.scan(LINES + BO.replace(b"bo", b"x") + b'\n{"title": "last"}')
    last = b'{"title": "last"}'
    assert isinstance(found, Sequence)
    assert (found[:2], found[::-1], found[-1:], found[9:]) == ((ADA, ADA), (last, ADA, ADA), (last,), ())
    assert (found[-1], found[-3]) == (last, ADA)
    assert list(reversed(found)) == [last, ADA, ADA]
    assert last in found
    assert BO not in found
    assert "x" not in found
    assert (found.count(ADA), found.count(BO), found.count(5)) == (2, 0, 0)
    assert (found.index(ADA), found.index(ADA, 1), found.index(last, -1)) == (0, 1, 2)
    for missing in (lambda: found.index(BO), lambda: found.index(last, 0, 2)):
        with pytest.raises(ValueError, match="not in"):
            missing()
    for index in ("x", None, 1.5):
        with pytest.raises(TypeError):
            found[index]
    assert found == TITLE.scan(LINES + BO.replace(b"bo", b"x") + b'\n{"title": "last"}') != TITLE.scan(LINES)


def test_matches_with_their_places(tmp_path):
    path = tmp_path / "users.ndjson"
    path.write_bytes(LINES)
    for data in [LINES, path]:
        first, second = TITLE.scan(data).found
        assert (first.bytes, first.text, first.line, first.number) == (ADA, ADA.decode(), 1, 0)
        assert (second.bytes, second.line, second.number) == (ADA, 4, 2)
        assert second.parsed() == json.loads(ADA)
        assert repr(second) == "<ScanMatch at line 4>"
    assert TITLE.scan(BO).found == ()


def frame(data: bytes) -> bytes:
    """A zstd frame with uncompressed bytes."""
    size = len(data)
    return b"\x28\xb5\x2f\xfd\xa0" + size.to_bytes(4, "little") + (1 | size << 3).to_bytes(3, "little") + data


@pytest.mark.parametrize("threads", [1, 2])
@pytest.mark.parametrize("pack", [gzip.compress, frame], ids=["gzip", "zstd"])
def test_packed_files(tmp_path, pack, threads):
    path = tmp_path / "users.packed"
    path.write_bytes(pack(LINES) + pack(LINES))
    found = TITLE.scan(path, threads=threads)
    assert list(found) == [ADA] * 4
    assert (found.lines, found.faults) == ((1, 4, 5, 8), ())
    assert TITLE.count(path, threads=threads) == 4
    assert TITLE.mask(path, threads=threads) == [True, False, True] * 2
    # A truncated file gives the documents before its end, and an error.
    cut = pack(LINES * 50) + pack(LINES)[:-9]
    path.write_bytes(cut)
    found = TITLE.scan(path, threads=threads)
    assert len(found) >= 100
    fault = found.faults[-1]
    assert fault.is_last
    assert "users.packed: cannot be read: the " in fault.reason
    assert f"stream is cut off after {len(cut)} bytes" in fault.reason
    for ask in [TITLE.count, TITLE.mask]:
        with pytest.raises(OSError, match=r"users\.packed: cannot be read: the .* stream is cut off"):
            ask(path, threads=threads)


def test_files_that_cannot_be_opened(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"missing\.json: cannot be read"):
        TITLE.scan(tmp_path / "missing.json")
    for ask in [TITLE.count, TITLE.mask]:
        with pytest.raises(OSError, match="cannot be read"):
            ask(tmp_path)


def test_other_threads_run_meanwhile():
    text = LINES * 100_000
    counted = []
    worker = threading.Thread(target=lambda: counted.append(TITLE.count(text, threads=2)))
    worker.start()
    turns = 0
    while worker.is_alive():
        turns += 1
    worker.join()
    assert counted == [200_000]
    assert turns > 0
