"""`lookalike env`: the variables that lead to a running server."""

from __future__ import annotations

import json
import os
import shlex
from collections.abc import Callable, Iterator, Mapping

import click

from lookalike.cli.connection import ask
from lookalike.cli.failure import Failure
from lookalike.cli.output import json_option, show

Variables = Mapping[str, str]


def _shell(variables: Variables) -> Iterator[str]:
    yield from (f"export {name}={shlex.quote(value)}" for name, value in variables.items())


def _json(variables: Variables) -> Iterator[str]:
    yield json.dumps(variables, indent=2, ensure_ascii=False)


def _dotenv(variables: Variables) -> Iterator[str]:
    # Single quotes keep $ and \ as they are, in every dialect.
    yield from (f"{name}='{value}'" if "'" not in value else f'{name}="{value}"' for name, value in variables.items())


def _github(variables: Variables) -> Iterator[str]:
    yield from (f"{name}={value}" for name, value in variables.items())


_FORMATS: dict[str, Callable[[Variables], Iterator[str]]] = {
    "shell": _shell,
    "json": _json,
    "dotenv": _dotenv,
    "github": _github,
}


@click.command()
@click.option(
    "--format", "form", type=click.Choice(list(_FORMATS)), default="shell", help="For whom; shell is for `eval`."
)
@json_option
def env(form: str, as_json: bool) -> None:
    """Print the variables that lead SDKs, and what asks a proxy, to the running server."""
    from lookalike.certificates import CertificateError
    from lookalike.environment import Address, network_variables

    answer = ask("GET", "/environment")
    address = Address(**{name: answer[name] for name in ("url", "tls_url", "ca", "proxy_url")})
    try:
        variables = {**answer["variables"], **network_variables(address, os.environ)}
    except CertificateError as error:
        raise Failure(str(error)) from None
    show(variables, as_json, lambda: _FORMATS[form](variables))
