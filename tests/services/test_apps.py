"""The apps of `examples/apps`: what is pushed is there, a second push changes nothing, and writers meet."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
import sqlalchemy as sa

from scim_engine.testing import check_storage, push, samples

APPS = Path(__file__).parents[2] / "examples" / "apps"
CLIENTS = ("onelogin", "entra", "okta", "jumpcloud")


@pytest.fixture(autouse=True)
def apps(monkeypatch):
    monkeypatch.syspath_prepend(str(APPS))
    yield
    for name in ("product", "flask_app", "fastapi_app"):
        sys.modules.pop(name, None)


def pushed_twice(app):
    for client in CLIENTS:
        for time in (1, 2):
            report = push(
                app, samples.TEMPLATE, samples.PEOPLE, samples.GROUPS, client=client, token="t0ken", base="/scim/v2"
            )
            assert report.ok, report
            if time == 2:
                assert report.people["unchanged"] == len(samples.PEOPLE), report


@pytest.fixture
def url(tmp_path):
    return f"sqlite:///{tmp_path / 'product.db'}"


def tenants(url):
    import product

    engine = sa.create_engine(url)
    with engine.begin() as connection:
        connection.execute(sa.insert(product.Tenant), [{"token": "t0ken"}, {"token": "other"}])
    engine.dispose()


def test_flask(url):
    from flask_app import create_app

    app = create_app(url)
    tenants(url)
    assert app.test_client().get("/").text == "the product"
    pushed_twice(app)
    assert app.test_client().get("/scim/v2/Users").status_code == 401
    other = app.test_client().get("/scim/v2/Users", headers={"Authorization": "Bearer other"})
    assert other.json["totalResults"] == 0


def test_fastapi(url):
    from fastapi_app import create_app

    app = create_app(url)
    tenants(url)
    pushed_twice(app)


def test_storage(url):
    import product

    engine = sa.create_engine(url)
    made = product.Scim(engine)
    product.Base.metadata.create_all(engine)
    tenants(url)
    storage = lambda: made.guard({"authorization": "Bearer t0ken"}, "/").storage  # noqa: E731
    checked = check_storage(storage, made.endpoint, 300, defaults={"active": True, "emails.primary": False})
    assert checked.requests > 250
    engine.dispose()


def test_django(tmp_path):
    script = f"""
import django

django.setup()
from people import models, scim
from django.core.management import call_command
from django.core.wsgi import get_wsgi_application
from django.db import connections
from scim_engine.testing import check_storage, push, samples

call_command("migrate", run_syncdb=True, verbosity=0)
for client in {CLIENTS}:
    for time in (1, 2):
        report = push(
            get_wsgi_application(), samples.TEMPLATE, samples.PEOPLE, samples.GROUPS, client=client,
            token="a-token-for-tests", base="/scim/v2",
        )
        assert report.ok, report
    assert report.people["unchanged"] == len(samples.PEOPLE), report
assert models.Profile.objects.count() >= len(samples.PEOPLE)
defaults = {{"active": True, "emails.type": "work", "emails.primary": True}}
storage = lambda: scim.TableStorage(scim.MAPPINGS)
assert check_storage(storage, scim.ENDPOINT, 300, writers=1, defaults=defaults).requests > 200
connections.close_all()
"""
    environ = {
        "SITE_DB": str(tmp_path / "site.db"),
        "DJANGO_SETTINGS_MODULE": "site_settings",
        "PYTHONPATH": os.pathsep.join([str(APPS / "django_site"), *filter(None, sys.path)]),
    }
    ran = subprocess.run([sys.executable, "-c", script], env=environ, capture_output=True, text=True, timeout=300)
    assert ran.returncode == 0, ran.stderr
