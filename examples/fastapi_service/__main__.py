"""The command line: `serve`, and the administration of tenants and tokens."""

from __future__ import annotations

import argparse
import re
import signal
import socket
import sys

import scim_engine as scim

from .store import USERS, Duplicate, Store, open_store
from .tokens import issue, now

GRACE = 10
"""The seconds that a stopping service waits for requests in progress, because a client may never end one."""


def main(argv: list[str] | None = None) -> int:
    """Runs a command and returns the exit code."""
    options = _parser().parse_args(argv)
    store = open_store(options.db)
    try:
        return int(options.run(store, options))
    except scim.SchemaError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    except (LookupError, Duplicate) as error:
        print(f"error: {error.args[0] if error.args else 'that id is in use'}", file=sys.stderr)
        return 1
    finally:
        store.close()


def _serve(store: Store, options: argparse.Namespace) -> int:
    import uvicorn

    from .app import create_app

    if options.attributes is not None:
        # `groups` comes from the table `members`, not from a column of users, so it is always available.
        USERS.type = scim.USER.only([*options.attributes.split(","), "groups"])

    class Server(uvicorn.Server):
        async def startup(self, sockets: list[socket.socket] | None = None) -> None:
            await super().startup(sockets)
            host, port = self.servers[0].sockets[0].getsockname()[:2]
            print(f"listening on http://{f'[{host}]' if ':' in host else host}:{port}", flush=True)

    # uvicorn shuts down on these signals and then raises them again, which must not end the process.
    for stop in (signal.SIGTERM, signal.SIGINT):
        signal.signal(stop, lambda *_: None)
    config = uvicorn.Config(
        create_app(store, max_body=options.max_body, base_url=options.base_url),
        host=options.host,
        port=options.port,
        log_level="warning",
        access_log=False,
        lifespan="off",
        timeout_graceful_shutdown=GRACE,
    )
    Server(config).run()
    return 0


def _add_tenant(store: Store, options: argparse.Namespace) -> int:
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}", options.id):
        raise LookupError(
            f"`{options.id}` is not an id for a tenant: expected 1 to 64 letters, digits, `.`, `_` or `-`,"
            " the first a letter or digit"
        )
    with store.write() as tx:
        tx.add_tenant(options.id, options.name or options.id, options.absent, now())
    return 0


def _add_token(store: Store, options: argparse.Namespace) -> int:
    print(issue(store, options.tenant, options.label))
    return 0


def _list_tokens(store: Store, options: argparse.Namespace) -> int:
    with store.read() as tx:
        if not tx.has_tenant(options.tenant):
            raise LookupError(f"there is no tenant `{options.tenant}`")
        for id, label, created, revoked in tx.tokens(options.tenant):
            print(id, created, f"revoked {revoked}" if revoked else "valid", label, sep="\t")
    return 0


def _revoke_token(store: Store, options: argparse.Namespace) -> int:
    with store.write() as tx:
        if not tx.revoke_token(options.id, now()):
            raise LookupError(f"there is no token with the id `{options.id}`")
    return 0


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
