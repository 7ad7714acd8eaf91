"""The control API: /_lookalike/..."""

from __future__ import annotations

from flask import Blueprint, Response

from lookalike.sandbox import Sandbox


def control(sandbox: Sandbox) -> Blueprint:
    """The blueprint of one sandbox's control API."""
    blueprint = Blueprint("control", __name__)

    @blueprint.get("/health")
    def health() -> Response:
        return Response('{"status":"ok"}', mimetype="application/json")

    return blueprint
