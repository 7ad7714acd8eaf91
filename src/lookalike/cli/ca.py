"""`lookalike ca`: the certificate to trust."""

from __future__ import annotations

import click

from lookalike.cli.failure import Failure
from lookalike.cli.output import json_option, show


@click.command()
@click.option("--ca-folder", metavar="TEXT", help="Folder of the authority; the user's data folder unless given.")
@json_option
def ca(ca_folder: str | None, as_json: bool) -> None:
    """Print the path of the local authority's certificate, making the authority if there is none."""
    from lookalike.certificates import Authority, CertificateError
    from lookalike.settings import SettingsError, make_settings

    try:
        path = str(Authority(make_settings({"ca_folder": ca_folder}).ca_folder).certificate)
    except (CertificateError, SettingsError) as error:
        raise Failure(str(error)) from None
    show({"ca": path}, as_json, lambda: [path])
