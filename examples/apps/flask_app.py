"""SCIM in a Flask app: `flask --app flask_app run`."""

from __future__ import annotations

import sqlalchemy as sa
from flask import Flask
from product import Base, Scim
from werkzeug.middleware.dispatcher import DispatcherMiddleware

from scim_engine.endpoint import wsgi


def create_app(url: str = "sqlite:///product.db") -> Flask:
    """The product, and SCIM below `/scim/v2`."""
    app = Flask(__name__)
    engine = sa.create_engine(url)
    scim = Scim(engine)
    Base.metadata.create_all(engine)

    @app.get("/")
    def home() -> str:
        return "the product"

    app.wsgi_app = DispatcherMiddleware(app.wsgi_app, {"/scim/v2": wsgi(scim.endpoint, scim.guard)})
    return app
