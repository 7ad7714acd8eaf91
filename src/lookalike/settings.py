"""Every setting, declared once: the command line, the environment and the documentation are made from this."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from ipaddress import ip_address
from pathlib import Path
from typing import Any, Literal, get_args, get_origin

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator
from pydantic.fields import FieldInfo

from lookalike.clock import parse_duration
from lookalike.outbox.destinations import check_host

ENVIRONMENT_PREFIX = "LOOKALIKE_"


class SettingsError(ValueError):
    """A setting that cannot be used; the message is one sentence for the user."""


class Settings(BaseModel):
    """How one server runs. A field `some_name` is the flag `--some-name` and the variable `LOOKALIKE_SOME_NAME`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    host: str = Field(
        "127.0.0.1", min_length=1, description="Address to listen on; anything but loopback needs the control token."
    )
    port: int = Field(7357, ge=0, le=65535, description="Port to listen on; 0 takes a free one.")
    tls_port: int | None = Field(
        None, ge=0, le=65535, description="Port for https, by the vendors' real host names too; 0 takes a free one."
    )
    proxy_port: int | None = Field(
        None,
        ge=0,
        le=65535,
        description="Port of a proxy, on loopback, that brings the vendors' real host names here; 0 takes a free one.",
    )
    block_others: bool = Field(False, description="Let the proxy refuse every host that is no vendor's.")
    ca_folder: str | None = Field(
        None, description="Folder of the local certificate authority; the user's data folder unless given."
    )
    vendor: tuple[str, ...] = Field((), description="Serve only this vendor (may be repeated).")
    store: str = Field("memory:", description="Where the state lives: memory:, tinydb:PATH or redis://HOST:PORT/DB.")
    snapshot_on_exit: str | None = Field(
        None, description="File that all workspaces are written to when the server stops, for snapshots to take in."
    )
    fixture: str = Field(
        "demo", description="What a fresh workspace holds: a shipped name, a YAML or JSON file, or none."
    )
    seed: int = Field(0, description="Seed of every id, secret, fake person and draw.")
    rate_limits: Literal["off", "vendor"] = Field("off", description="Enforce each vendor's documented rate limits.")
    ports: int | None = Field(None, ge=1, le=65000, description="Give each vendor a port of its own, from this one up.")
    strict_keys: str | None = Field(None, description="File with one credential a line; all others are refused.")
    control_token: str | None = Field(None, min_length=8, description="Token the control API asks for.")
    journal: int = Field(1000, ge=0, le=100_000, description="How many requests of each workspace the journal keeps.")
    messages: int = Field(
        10_000, ge=1, le=1_000_000, description="How many messages each workspace keeps; the oldest go."
    )
    lag: str = Field(
        "0", description="How long membership in rule-based segments trails what it follows from: 90 (seconds), 1500ms."
    )
    webhook_hosts: tuple[str, ...] = Field(
        (),
        description="Let webhooks go to this host too, not to this machine alone: a name, *.name, an address, "
        "a network or * (may be repeated).",
    )
    webhook_urls: Literal["any", "vendor"] = Field(
        "any", description="Take any URL for webhooks, or refuse private ones where the vendor does."
    )
    json_: bool = Field(False, alias="json", description="Print one JSON line on standard output when ready.")

    @field_validator("lag")
    @classmethod
    def _is_duration(cls, lag: str) -> str:
        parse_duration(lag)
        return lag

    @field_validator("snapshot_on_exit")
    @classmethod
    def _can_be_written(cls, path: str | None) -> str | None:
        """Known at start: at the end there would be nothing left to do about it."""
        if path is not None and Path(path).is_dir():
            raise ValueError("it is a folder: name a file in it")
        if path is not None and not os.access(Path(path).parent, os.W_OK | os.X_OK):
            raise ValueError(f"nothing can be written in {Path(path).parent}: name a file somewhere else")
        return path

    @field_validator("webhook_hosts")
    @classmethod
    def _are_hosts(cls, hosts: tuple[str, ...]) -> tuple[str, ...]:
        for host in hosts:
            check_host(host)
        return hosts

    def chosen_vendors(self, known: list[str]) -> list[str]:
        """The vendors to serve. Raises SettingsError for a name that is not known."""
        for name in self.vendor:
            if name not in known:
                raise SettingsError(f"vendor {name!r} is unknown: use one of {', '.join(known)}")
        return [name for name in known if not self.vendor or name in self.vendor]

    def read_strict_keys(self) -> frozenset[str] | None:
        """The credentials of `strict_keys`, or None when every well-formed one is welcome. Raises SettingsError."""
        if self.strict_keys is None:
            return None
        try:
            lines = Path(self.strict_keys).read_text(encoding="utf-8").splitlines()
        except (OSError, UnicodeDecodeError) as error:
            reason = error.strerror if isinstance(error, OSError) else "not UTF-8"
            raise SettingsError(f"strict keys file {self.strict_keys!r} cannot be read: {reason}") from None
        return frozenset(line.strip() for line in lines if line.strip() and not line.startswith("#"))

    @cached_property
    def is_loopback(self) -> bool:
        """Whether only this machine can reach the server."""
        return is_loopback(self.host)


def is_loopback(host: str) -> bool:
    """Whether a host name or address can only mean this machine."""
    try:
        address = ip_address(host)
    except ValueError:
        return host.lower() == "localhost"
    return (getattr(address, "ipv4_mapped", None) or address).is_loopback


@dataclass(frozen=True, slots=True)
class Declared:
    """One setting as users meet it: a flag, its environment twin, what it means."""

    key: str
    flag: str
    variable: str
    metavar: str
    description: str
    default: str
    """As text; empty where there is none."""
    switch: bool
    repeated: bool

    @property
    def help(self) -> str:
        default = f"{self.default}; " if self.default else ""
        return f"{self.description} [{default}{self.variable}]"


def declared() -> list[Declared]:
    """Every setting, in order."""
    return [_declared(field.alias or name, field) for name, field in Settings.model_fields.items()]


def _declared(key: str, field: FieldInfo) -> Declared:
    default = field.default
    choices = get_args(field.annotation) if get_origin(field.annotation) is Literal else ()
    number = int in (field.annotation, *get_args(field.annotation))
    return Declared(
        key=key,
        flag="--" + key.replace("_", "-"),
        variable=ENVIRONMENT_PREFIX + key.upper(),
        metavar="|".join(choices) or ("N" if number else "TEXT"),
        description=field.description or "",
        default="" if default is None or default == () or default is False else str(default),
        switch=field.annotation is bool,
        repeated=get_origin(field.annotation) is tuple,
    )


def make_settings(values: Mapping[str, Any], environment: Mapping[str, str] | None = None) -> Settings:
    """Settings from explicit values (unless None), then the environment, then defaults. Raises SettingsError."""
    environment = os.environ if environment is None else environment
    merged: dict[str, Any] = {}
    for setting in declared():
        text = environment.get(setting.variable)
        if text:
            merged[setting.key] = tuple(text.replace(",", " ").split()) if setting.repeated else text
    merged.update({key: value for key, value in values.items() if value is not None and value != ()})
    try:
        return Settings.model_validate(merged)
    except ValidationError as error:
        raise SettingsError(_complaint(error)) from None


def _complaint(error: ValidationError) -> str:
    """The first of pydantic's errors as a sentence."""
    first = error.errors(include_url=False)[0]
    flag = "--" + str(first["loc"][0]).replace("_", "-") if first["loc"] else "settings"
    if first["type"] == "extra_forbidden":
        return f"{flag} is unknown: 'lookalike serve --help' has all there are"
    given, message = first.get("input"), first["msg"].removeprefix("Value error, ")
    shown = " ".join(given) if isinstance(given, tuple) else given
    return f"{flag} {shown!r} cannot be used: {message[:1].lower()}{message[1:]}"
