"""The command line: `serve`, and the administration of tenants and tokens."""

from __future__ import annotations

import argparse
import sys

import scim_engine as scim

from .tables import Database, open_database
from .tenants import Refused, add_tenant, add_token, revoke, tokens_of


def main(argv: list[str] | None = None) -> int:
    """Runs a command and returns the exit code."""
    options = _parser().parse_args(argv)
    database = open_database(options.db)
    try:
        options.run(database, options)
    except (Refused, scim.SchemaError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    finally:
        database.engine.dispose()
    return 0


def _serve(database: Database, options: argparse.Namespace) -> None:
    from .app import create_app  # what only this command needs
    from .server import serve

    attributes = options.attributes and options.attributes.split(",")
    app = create_app(database, attributes=attributes, max_body=options.max_body, base_url=options.base_url)
    serve(app, options.host, options.port)


def _add_tenant(database: Database, options: argparse.Namespace) -> None:
    add_tenant(database, options.id, options.name or options.id, options.absent)


def _add_token(database: Database, options: argparse.Namespace) -> None:
    print(add_token(database, options.tenant, options.label))


def _list_tokens(database: Database, options: argparse.Namespace) -> None:
    for id, created, revoked, label in tokens_of(database, options.tenant):
        print(id, created, f"revoked {revoked}" if revoked else "valid", label, sep="\t")


def _revoke_token(database: Database, options: argparse.Namespace) -> None:
    revoke(database, options.id)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="fastapi_service", description=__doc__)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    db = argparse.ArgumentParser(add_help=False)
    db.add_argument("--db", default="scim.db", help="a file for SQLite, or postgresql://… (default: scim.db)")

    serve = commands.add_parser("serve", parents=[db], help="answer requests until SIGTERM or SIGINT")
    serve.add_argument("--host", default="127.0.0.1")
    serve.add_argument("--port", type=int, default=8000, help="0: any free one")
    serve.add_argument("--max-body", type=int, default=1_048_576, help="bytes of a request's body")
    serve.add_argument("--base-url", help="what URLs in answers begin with (default: what the client says in `Host`)")
    serve.add_argument(
        "--attributes", help="what the product has of users, by commas: `userName,active` (default: all)"
    )
    serve.set_defaults(run=_serve)

    tenants = commands.add_parser("tenant", help="tenants").add_subparsers(required=True, metavar="COMMAND")
    add = tenants.add_parser("add", parents=[db], help="a new tenant")
    add.add_argument("id", help="stands in its URL")
    add.add_argument("--name", help="for people")
    add.add_argument(
        "--absent",
        choices=("keep", "clear"),
        default="keep",
        help="what a PUT that does not mention an attribute means (default: keep)",
    )
    add.set_defaults(run=_add_tenant)

    tokens = commands.add_parser("token", help="bearer tokens").add_subparsers(required=True, metavar="COMMAND")
    add = tokens.add_parser("add", parents=[db], help="a new token; printed once, never again")
    add.add_argument("tenant")
    add.add_argument("--label", default="", help="for people")
    add.set_defaults(run=_add_token)
    show = tokens.add_parser("list", parents=[db], help="the tokens of a tenant, without what is secret")
    show.add_argument("tenant")
    show.set_defaults(run=_list_tokens)
    revoke = tokens.add_parser("revoke", parents=[db], help="a token is refused from now on")
    revoke.add_argument("id", help="as `token list` shows it")
    revoke.set_defaults(run=_revoke_token)
    return parser


if __name__ == "__main__":
    sys.exit(main())
