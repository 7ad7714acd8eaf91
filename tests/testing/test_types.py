"""A user's tests with type hints: they run, and `make lint` has mypy look at this file as strictly as at the source."""

from __future__ import annotations

import asyncio
import unittest

import httpx
import pytest

from lookalike.testing import Account, Host, Sandbox, World


def headers(account: Account) -> dict[str, str]:
    return {"Authorization": f"Bearer {account.key}"}


class SandboxTest(unittest.TestCase):
    def setUp(self) -> None:
        self.lookalike = self.enterContext(Sandbox(socket=False, vendor=("opensend",)))

    def test_a_client(self) -> None:
        opensend = self.lookalike.opensend
        with httpx.Client(transport=self.lookalike.transport(), headers=headers(opensend)) as client:
            with self.lookalike.fault("503") as fault:
                status: int = client.get(f"{opensend.url}/contacts").status_code
                hits: int = fault.hits
            assert (status, hits) == (503, 1)
        self.lookalike.expect.request("opensend", "list_contacts", status=503, count=1)
        self.lookalike.expect.no_unhandled()

    def test_an_async_client(self) -> None:
        opensend = self.lookalike.opensend

        async def ask() -> int:
            transport = self.lookalike.transport()
            async with httpx.AsyncClient(transport=transport, headers=headers(opensend)) as client:
                return (await client.get(f"{opensend.url}/contacts")).status_code

        assert asyncio.run(ask()) == 200


def moved(lookalike: World) -> str:
    lookalike.fail("opensend", "create_contact", "rate_limited", times=2)
    with lookalike.snapshot() as before:
        due: int = lookalike.advance("8d")
        before.restore()
    return f"{due} {lookalike.now} {[entry['status'] for entry in lookalike.requests()]}"


def test_a_world() -> None:
    with Sandbox(vendor=("opensend",)) as lookalike:
        lookalike.freeze("2026-01-01T00:00:00Z")
        assert moved(lookalike) == "0 2026-01-01T00:00:00.000Z []"


def where(lookalike_server: Host) -> str:
    return lookalike_server.url


def test_a_sandbox_that_was_not_entered() -> None:
    with pytest.raises(AttributeError) as told:
        Sandbox().opensend  # type: ignore[attr-defined]  # noqa: B018  # a type checker says so, too
    assert str(told.value) == "'opensend' is there within the block: with Sandbox() as lookalike: lookalike.opensend"
