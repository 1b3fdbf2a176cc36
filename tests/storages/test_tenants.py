"""What a storage over tables promises: tenants, references, soft deletion, secrets, one writer at a time."""

from __future__ import annotations

import json
from typing import Any

import pytest
import sqlalchemy as sa

import scim_engine as scim
from scim_engine import protocol
from scim_engine.endpoint import Endpoint, Get, Stale
from scim_engine.sql import Column, Mapping, Rows, fold_source, register_functions, username_source
from scim_engine.sqlalchemy import TableStorage
from tests.storages import sending

METADATA = sa.MetaData()
USERS = sa.Table(
    "users",
    METADATA,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("tenant", sa.Integer, nullable=False),
    sa.Column("login", sa.Text, nullable=False),
    sa.Column("hashed", sa.Text),
    sa.Column("boss", sa.Integer),
    sa.Column("gone", sa.Boolean, nullable=False, default=False),
    sa.Column("version", sa.Integer, nullable=False),
    sa.UniqueConstraint("tenant", "login"),
)
TEAMS = sa.Table(
    "teams",
    METADATA,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("tenant", sa.Integer, nullable=False),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("version", sa.Integer, nullable=False),
    sa.CheckConstraint("name <> 'nobody'"),
)
MEMBERS = sa.Table(
    "members",
    METADATA,
    sa.Column("team", sa.ForeignKey("teams.id"), primary_key=True),
    sa.Column("user", sa.Integer, primary_key=True),
)
MANAGER = f"{scim.USER.extensions[0]['id']}:manager.value"
OPTIONS: dict[str, Any] = {"key": Column.integer("id"), "version": Column.integer("version"), "schemas": True}
MAPPINGS = {
    USERS: Mapping(
        scim.USER,
        "users",
        {
            "id": Column.digits("id"),
            "userName": Column.text("login", folded=username_source("login", "sqlite"), not_null=True),
            MANAGER: Column.digits("boss", refers_to="User"),
        },
        tailored=True,
        **OPTIONS,
    ),
    TEAMS: Mapping(
        scim.GROUP,
        "teams",
        {
            "id": Column.digits("id"),
            "displayName": Column.text("name", folded=fold_source("name", "sqlite"), not_null=True),
            "members": Rows("members", {"value": Column.digits("user", refers_to="User")}, on={"team": "id"}),
        },
        tailored=True,
        **OPTIONS,
    ),
}


class Service:
    """An endpoint of a tenant."""

    def __init__(self, engine: sa.Engine, tenant: int, **options: Any):
        registry = protocol.Registry([mapping.resource_type for mapping in MAPPINGS.values()])
        self.endpoint, self.engine, self.tenant, self.options = Endpoint(registry), engine, tenant, options

    def storage(self) -> TableStorage:
        return TableStorage(self.engine.begin, MAPPINGS, scope={"tenant": self.tenant}, **self.options)

    def send(self, method: str, path: str, body: Any = None, query: str = "") -> tuple[int, Any]:
        return sending.send(self.endpoint, self.storage(), method, path, body, query)


@pytest.fixture
def engine(tmp_path: Any) -> Any:
    made = sa.create_engine(f"sqlite:///{tmp_path / 'users.db'}")
    sa.event.listen(made, "connect", lambda connection, _: register_functions(connection))
    METADATA.create_all(made)
    yield made
    made.dispose()


def patch(*operations: dict[str, Any]) -> dict[str, Any]:
    return {"schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"], "Operations": list(operations)}


def test_a_tenant_does_not_see_another_one(engine: sa.Engine) -> None:
    one, two = Service(engine, 1), Service(engine, 2)
    assert one.send("POST", "/Users", {"userName": "Ann"})[1]["id"] == "1"
    assert two.send("POST", "/Users", {"userName": "ANN"})[0] == 201  # a name of its own
    assert one.send("POST", "/Users", {"userName": "ann"})[0] == 409
    for method, body in (("GET", None), ("PUT", {"userName": "x"}), ("DELETE", None)):
        assert two.send(method, "/Users/1", body)[0] == 404
    assert two.send("GET", "/Users")[1]["totalResults"] == 1
    status, refused = two.send("POST", "/Groups", {"displayName": "Crew", "members": [{"value": "1"}]})
    assert (status, refused["detail"]) == (400, "`members.value`: there is no User `1`")
    assert two.send("GET", "/Groups")[1]["totalResults"] == 0, "nothing is left of what was refused"
    assert one.send("GET", "/Users", query='filter=userName eq "ANN"')[1]["Resources"][0]["userName"] == "Ann"


def test_a_deleted_resource_is_forgotten(engine: sa.Engine) -> None:
    service = Service(engine, 1)
    for name in ("Ann", "Bo"):
        service.send("POST", "/Users", {"userName": name})
    service.send("PATCH", "/Users/2", patch({"op": "add", "path": MANAGER, "value": "1"}))
    service.send("POST", "/Groups", {"displayName": "Crew", "members": [{"value": "1"}, {"value": "2"}]})
    assert service.send("DELETE", "/Users/1")[0] == 204
    crew, bo = service.send("GET", "/Groups/1")[1], service.send("GET", "/Users/2")[1]
    assert (crew["members"], crew["meta"]["version"]) == ([{"value": "2"}], 'W/"2"')
    assert ("manager" in str(bo), bo["meta"]["version"]) == (False, 'W/"3"')
    assert service.send("DELETE", "/Groups/1")[0] == 204
    with engine.connect() as connection:
        assert connection.scalar(sa.select(sa.func.count()).select_from(MEMBERS)) == 0


def test_an_id_of_another_tenant_is_not_forgotten(engine: sa.Engine) -> None:
    one = Service(engine, 1)
    one.send("POST", "/Users", {"userName": "Ann"})
    with engine.begin() as connection:  # rows that no request makes
        connection.execute(sa.insert(TEAMS).values(id=9, tenant=2, name="Others", version=1))
        connection.execute(sa.insert(MEMBERS).values(team=9, user=1))
        connection.execute(sa.insert(USERS).values(id=9, tenant=2, login="cy", boss=1, version=1))
    assert one.send("DELETE", "/Users/1")[0] == 204
    others = Service(engine, 2)
    assert others.send("GET", "/Groups/9")[1]["members"] == [{"value": "1"}]
    assert others.send("GET", "/Users/9")[1]["meta"]["version"] == 'W/"1"'


def test_a_row_may_only_be_marked_as_deleted(engine: sa.Engine) -> None:
    service = Service(engine, 1, deleted={"User": "gone"})
    service.send("POST", "/Users", {"userName": "Ann"})
    assert service.send("DELETE", "/Users/1")[0] == 204
    assert service.send("GET", "/Users/1")[0] == 404
    assert service.send("DELETE", "/Users/1")[0] == 404
    with engine.connect() as connection:
        assert connection.execute(sa.select(USERS.c.login, USERS.c.gone)).all() == [("Ann", True)]
    # The constraint of the database knows nothing of it.
    status, refused = service.send("POST", "/Users", {"userName": "Ann"})
    assert (status, refused["scimType"]) == (409, "uniqueness")
    with pytest.raises(ValueError, match="`Device`"):
        TableStorage(engine.begin, MAPPINGS, deleted={"Device": "gone"})


def test_secrets_go_to_the_columns_of_the_host(engine: sa.Engine) -> None:
    kind = MAPPINGS[USERS]
    service = Service(engine, 1, secrets=lambda name, secrets: {"hashed": f"{name}:{secrets['password']}"})
    service.endpoint = Endpoint(protocol.Registry([scim.USER.only(["userName", "password"])]))
    status, created = service.send("POST", "/Users", {"userName": "Ann", "password": "s3cret"})
    assert (status, "s3cret" in str(created)) == (201, False)
    service.send("PATCH", "/Users/1", patch({"op": "replace", "path": "password", "value": "other"}))
    with engine.connect() as connection:
        assert connection.execute(sa.select(USERS.c.hashed, USERS.c.version)).all() == [("User:other", 2)]
    assert kind.resource_type.name == "User"


def test_constraints_are_errors_of_the_client(engine: sa.Engine) -> None:
    service = Service(engine, 1)
    status, refused = service.send("POST", "/Groups", {"displayName": "nobody"})
    assert (status, refused["scimType"]) == (400, "invalidValue")


def test_what_refers_to_itself_can_be_deleted(engine: sa.Engine) -> None:
    service = Service(engine, 1)
    service.send("POST", "/Users", {"userName": "Ann"})
    service.send("PATCH", "/Users/1", patch({"op": "add", "path": MANAGER, "value": "1"}))
    for version, status in ((1, 412), (2, 204)):
        expected = {"If-Match": f'W/"{version}"'}
        deleted = service.endpoint.handle(service.storage(), "DELETE", "/Users/1", base="https://x", headers=expected)
        assert deleted.status == status
    assert service.send("GET", "/Users/1")[0] == 404


def test_what_fails_beside_a_change_undoes_it_and_is_not_the_clients_fault(engine: sa.Engine) -> None:
    class Audited(TableStorage):
        def written(self, call: Any, id: str, /) -> None:
            self.session.execute(sa.insert(TEAMS).values(tenant=1, name="nobody", version=1))

    service = Service(engine, 1)
    audited = Audited(engine.begin, MAPPINGS, scope={"tenant": 1})
    assert sending.send(service.endpoint, audited, "POST", "/Users", {"userName": "Ann"})[0] == 500
    assert service.send("GET", "/Users")[1]["totalResults"] == 0


def test_who_is_referred_to_is_not_deleted_meanwhile(engine: sa.Engine) -> None:
    service = Service(engine, 1)
    service.send("POST", "/Users", {"userName": "Ann"})

    class Slow(TableStorage):
        def _check_references(self, *references: Any) -> None:
            super()._check_references(*references)
            with engine.connect() as connection:
                connection.exec_driver_sql("pragma busy_timeout = 1")
                with pytest.raises(sa.exc.OperationalError, match="locked"):
                    connection.execute(sa.delete(USERS))

    slow = Slow(engine.begin, MAPPINGS, scope={"tenant": 1})
    crew = {"displayName": "Crew", "members": [{"value": "1"}]}
    assert sending.send(service.endpoint, slow, "POST", "/Groups", crew)[0] == 201


def test_a_change_is_tried_again_after_a_deadlock(engine: sa.Engine) -> None:
    failures = [Exception("deadlock detected")] * 2

    class Unlucky(TableStorage):
        def written(self, call: Any, id: str, /) -> None:
            if failures:
                raise sa.exc.OperationalError("", {}, failures.pop())

    service = Service(engine, 1)
    unlucky = Unlucky(engine.begin, MAPPINGS, scope={"tenant": 1})
    for left, status in ((2, 201), (3, 503)):
        failures[:] = [Exception("deadlock detected")] * left
        assert sending.send(service.endpoint, unlucky, "POST", "/Users", {"userName": f"after {left}"})[0] == status
    assert service.send("GET", "/Users")[1]["totalResults"] == 1


def test_an_id_with_a_nul_is_nobodys(engine: sa.Engine) -> None:
    service = Service(engine, 1)
    assert service.send("GET", "/Users/1%00")[0] == 404


def test_a_writer_who_comes_late_may_hold_the_row(engine: sa.Engine) -> None:
    service = Service(engine, 1)
    service.send("POST", "/Users", {"userName": "Ann"})
    exchange = service.endpoint.begin(
        "PATCH",
        "/Users/1",
        base="https://app.example",
        headers={"Content-Type": "application/scim+json"},
        body=json.dumps(patch({"op": "replace", "path": "userName", "value": "Bo"})).encode(),
    )
    asked, storage, tries = exchange.start(), service.storage(), 0
    while isinstance(asked, Get) and not asked.locks:  # others come first each time
        update = exchange.answer(storage.get(asked))
        asked, tries = exchange.fail("stale"), tries + 1
        del update
    assert isinstance(asked, Get)
    assert tries == 10
    update = exchange.answer(storage.get(asked))
    # Meanwhile nobody else can write.
    with engine.connect() as connection:
        connection.exec_driver_sql("pragma busy_timeout = 1")
        with pytest.raises(sa.exc.OperationalError, match="locked"):
            connection.execute(sa.update(USERS).values(login="Cy"))
    storage.update(update)
    with engine.connect() as connection:
        assert connection.scalar(sa.select(USERS.c.login)) == "Bo"
    with pytest.raises(Stale):
        storage.update(update)
