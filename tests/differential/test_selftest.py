"""Shows that the run finds wrong answers, and that it is the same each time."""

import pytest

from . import cases, compare, documents, literals, oracle, plant, product, work
from .jsontext import dumps, loads, same

oracle.load()
NAMES = ("filter_of", "matches", "patch", "create", "replace", "diff", "lists", "projection", "versions")


@pytest.fixture(autouse=True)
def honest():
    """The product as it is, after each test."""
    kept = {name: getattr(product, name) for name in NAMES}
    yield
    for name, function in kept.items():
        setattr(product, name, function)


def kinds_of(operation: str, count: int) -> dict[str, int]:
    """How often each kind of difference is found."""
    work._shrunk.clear()
    return dict(work.part(operation, 1, 0, count, False, 0).kinds)


@pytest.mark.parametrize("planted", sorted(plant.PLANTS))
def test_a_planted_mistake_is_found(planted: str):
    operation = planted.partition("-")[0]
    assert oracle.has(*compare.NEEDS[operation])
    before = kinds_of(operation, 800)
    plant.PLANTS[planted]()
    after = kinds_of(operation, 800)
    more = {kind: count - before.get(kind, 0) for kind, count in after.items() if count > before.get(kind, 0)}
    assert sum(more.values()) >= 3, f"{planted}: {more}"


def test_a_difference_is_made_smaller():
    plant.PLANTS["filters-F2"]()
    for number in range(3000):
        case, productions = cases.make("filters", 1, number)
        found = [d for d in compare.run("filters", case).differences if d.kind == "False | True"]
        if found and " ne " in case["filter"] and len(case["filter"]) > 60:
            small = work.smallest("filters", found[0], "", productions, False)
            assert len(small.case["filter"]) < len(case["filter"])
            assert len(dumps(small.case["documents"])) < len(dumps(found[0].case["documents"]))
            return
    pytest.fail("no difference was found")


@pytest.mark.parametrize("operation", sorted(cases.MAKERS))
def test_a_case_is_the_same_each_time(operation: str):
    numbers = (*range(300), 5 * cases.SPAN + 9)
    ones = [dumps(cases.make(operation, 1, number)[0]) for number in numbers]
    for number, one in zip(reversed(numbers), reversed(ones), strict=True):
        assert dumps(cases.make(operation, 1, number)[0]) == one
        assert same(loads(one), cases.make(operation, 1, number)[0])


def test_no_generator_changes_what_is_shared():
    before = dumps(literals.JUNK), {key: text for key, (_, text) in documents._POOL.items()}
    for operation in cases.MAKERS:
        for number in range(2000):
            cases.make(operation, 2, number)
    assert dumps(literals.JUNK) == before[0]
    assert {key: dumps(made) for key, (made, _) in documents._POOL.items() if key in before[1]} == before[1]


@pytest.mark.parametrize("operation", sorted(cases.MAKERS))
def test_the_product_agrees_with_itself(operation: str):
    for number in range(300):
        case, _ = cases.make(operation, 3, number)
        assert not compare.run(operation, case, alone=True).differences, (operation, number)
