"""OneLogin's template: the cases of tests/conformance/onelogin, and behaviour of the Python classes."""

from __future__ import annotations

import copy
import json
import pickle
from pathlib import Path

import pytest

import scim_engine as scim
from scim_engine.onelogin import Lint, Person, Rendered, Template, TemplateError, lint

from .cases import load, meaning

TESTS = Path(__file__).resolve().parents[1]
TYPES = {"User": scim.USER, "Group": scim.GROUP}
SEED = (TESTS / "onelogin" / "seed.json").read_text(encoding="utf-8")


def cases(kind, members):
    found = load(kind.replace("_", "/"))
    assert found
    found += meaning(kind)
    for case in found:
        assert case["kind"] == kind
        assert set(case) <= {"name", "rows", "kind", "template", *members}, case["name"]
    return [pytest.param(case, id=case["name"]) for case in found]


LINT = {"type", "tolerance", "bare_booleans", "problems", "corrected", "corrected_text", "no_corrected"}


@pytest.mark.parametrize("case", cases("onelogin_lint", LINT))
@pytest.mark.parametrize("form", [str, str.encode], ids=["text", "bytes"])
def test_lint(case, form):
    assert case.get("tolerance", "strict") == "strict"
    tolerance = scim.Tolerance.strict() if "tolerance" in case else None
    options = {"tolerance": tolerance, "bare_booleans": case.get("bare_booleans", False)}
    text = case["template"]
    found = lint(form(text), TYPES[case.get("type", "User")], **options)
    shown = []
    for expected, problem in zip(case["problems"], found.problems, strict=False):
        shown.append(
            {
                "code": problem.code,
                "severity": problem.severity,
                "path": problem.path,
                "place": f"{problem.line}:{problem.column}",
                "cured": problem.is_cured,
            }
        )
        if "span" in expected:
            shown[-1]["span"] = text[slice(*problem.span)]
        assert problem.message
        assert problem.cure
        assert f"[{problem.code}]" in str(problem)
    assert shown == case["problems"]
    assert len(found.problems) == len(case["problems"])
    assert found.is_clean == all(problem.severity == "note" for problem in found.problems)
    if "no_corrected" in case:
        assert found.corrected is None
    elif "corrected_text" in case:
        assert case["corrected_text"] in found.corrected
    elif "corrected" in case:
        assert json.loads(found.corrected) == case["corrected"]


RENDER = {"person", "unset", "raw", "text", "unset_macros", "unescaped", "error"}


@pytest.mark.parametrize("case", cases("onelogin_render", RENDER))
def test_render(case):
    template = Template(case["template"])
    options = {name: case[name] for name in ("unset", "raw") if name in case}
    for person in (case["person"], Person(case["person"])):
        if "error" in case:
            with pytest.raises(TemplateError) as caught:
                template.render(person, **options)
            assert case["error"] in str(caught.value)
            continue
        rendered = template.render(person, **options)
        assert rendered.text == str(rendered) == case["text"]
        assert rendered.value == json.loads(case["text"])
        assert rendered.unset == tuple(case.get("unset_macros", ()))
        assert rendered.unescaped == tuple(case.get("unescaped", ()))


def test_from_template_to_resource():
    template = Template(SEED)
    people = Person.read_all((TESTS / "onelogin" / "people.csv").read_bytes())
    assert people[0] != people[1]
    same = Person.read_all((TESTS / "onelogin" / "people.json").read_text(encoding="utf-8"), "json")
    bodies = [template.render(person).value for person in people]
    assert bodies == [template.render(person).value for person in same]
    out = scim.USER.create(bodies[1])
    assert out.resource["active"] is False
    assert out.resource["userName"] == "bo.ek@lumen.example"


def test_template():
    template = Template(SEED.encode())
    assert template == Template("\ufeff" + SEED)
    assert template.text == str(template) == SEED
    assert template.macros[0] == "{$parameters.department}"
    assert len({template, Template(SEED), Template("{}")}) == 2
    for again in (pickle.loads(pickle.dumps(template)), copy.copy(template), copy.deepcopy(template)):
        assert again == template
    assert repr(template) == "<Template: 10 macros>"
    assert isinstance(template.lint(), Lint)
    assert [problem.code for problem in template.lint().problems] == [problem.code for problem in lint(SEED).problems]
    assert isinstance(template.render({}), Rendered)
    with pytest.raises(TemplateError) as caught:
        Template('{"é": 1,\n "a": }')
    assert (caught.value.line, caught.value.column, caught.value.span) == (2, 7, (15, 16))
    assert str(caught.value) == "2:7: expected a value, found `}`"
    with pytest.raises(ValueError, match="not UTF-8"):
        Template(b"\xff")
    with pytest.raises(TypeError):
        Template(5)
    with pytest.raises(ValueError, match="`unset`: expected `empty`"):
        template.render({}, unset="blank")
    with pytest.raises(TemplateError) as caught:
        Template('{"a": "{$user.phone}"}').render({}, unset="error")
    assert (caught.value.line, caught.value.column, caught.value.span) == (1, 8, None)


def test_person():
    person = Person({"user": {"firstname": "Mara"}, "parameters": {"vip": True}}, lastname="Quill")
    assert person.get("display_name") == person.get("{$user.display_name}") == "Mara Quill"
    assert person.get("parameters.vip") == "true"
    assert person.get("phone") is None
    assert person.to_dict() == {
        "user.firstname": "Mara",
        "user.lastname": "Quill",
        "parameters.vip": "true",
    }
    assert Person(person) == person == pickle.loads(pickle.dumps(person))
    assert Person(person, firstname="Bo").get("firstname") == "Bo"
    # Only names, because values may be secret.
    assert repr(person) == "<Person: parameters.vip, user.firstname, user.lastname>"
    with pytest.raises(TemplateError, match="did you mean `firstname`"):
        Person(fistname="Mara")
    with pytest.raises(TemplateError, match="line 1: `mail`") as caught:
        Person.read_all("mail\nx\n")
    assert caught.value.line == 1
    with pytest.raises(ValueError, match="`format`: expected `csv` or `json`"):
        Person.read_all("", "xml")
    with pytest.raises(ValueError, match="must be text"):
        Person.read_all(5)
