"""The pytest plugin: a sandbox for the session, and a fresh workspace for every test that asks for one.

Loaded by every pytest run in an environment that has lookalike, so it imports nothing that is not needed at once.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import blake2b
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from lookalike.testing import Host, World

MARK = (
    "lookalike(fixture=None, seed=None, faults=()): what the workspace of a test holds at first, the seed of its ids, "
    "and the faults in force, each as lookalike.fault takes it: a text or a dictionary of its arguments."
)
_MARKED = ("fixture", "seed", "faults")
_MAGIC = re.compile("invalid|restricted")
"""Words that would make a key a bad one, were they in a workspace's name."""

_HOST = pytest.StashKey["Host"]()
_RUN = pytest.StashKey[str]()
_WORLD = pytest.StashKey["World"]()


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("lookalike")
    group.addoption(
        "--lookalike-url",
        metavar="URL",
        help="Use the lookalike that runs there instead of starting one [LOOKALIKE_URL; its token: "
        "LOOKALIKE_CONTROL_TOKEN].",
    )
    group.addoption(
        "--lookalike-share",
        action="store_true",
        default=None,
        help="Start one lookalike for all workers of pytest-xdist instead of one for each.",
    )
    parser.addini("lookalike_options", "How to start lookalike: options of `lookalike serve`.", type="args")
    parser.addini("lookalike_share", "Start one lookalike for all workers of pytest-xdist.", type="bool", default=False)


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", MARK)


# --- the server -----------------------------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def lookalike_server(pytestconfig: pytest.Config) -> Iterator[Host]:
    """The server of this session: in a thread of this process, or the one that was named or is shared."""
    from lookalike.testing import hosting

    inherited = getattr(pytestconfig, "workerinput", {})
    url = pytestconfig.getoption("lookalike_url") or inherited.get("lookalike_url") or os.environ.get("LOOKALIKE_URL")
    if url:
        host = hosting.remote(url, inherited.get("lookalike_token") or os.environ.get("LOOKALIKE_CONTROL_TOKEN"))
    else:
        with _told(hosting.CannotStart):
            host = _start(pytestconfig)
    yield host
    host.close()


def _start(config: pytest.Config) -> Host:
    from lookalike.testing import hosting

    return hosting.threaded(hosting.read_options(config.getini("lookalike_options")))


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """Called by pytest-xdist where the workers are started: what they share is started here."""
    config: pytest.Config = node.config
    if config.option.lookalike_url or os.environ.get("LOOKALIKE_URL"):
        return
    if config.option.lookalike_share or config.getini("lookalike_share"):
        host = _shared(config)
        node.workerinput["lookalike_url"], node.workerinput["lookalike_token"] = host.url, host.token


def _shared(config: pytest.Config) -> Host:
    from lookalike.testing import CannotStart

    if _HOST not in config.stash:
        try:
            config.stash[_HOST] = _start(config)
        except CannotStart as error:
            raise pytest.UsageError(f"lookalike: {error}") from None
    return config.stash[_HOST]


def pytest_unconfigure(config: pytest.Config) -> None:
    host = config.stash.get(_HOST, None)
    if host is not None:
        host.close()


# --- the workspace --------------------------------------------------------------------------------------------------


@contextmanager
def _told(kind: type[Exception]) -> Iterator[None]:
    """What the user got wrong is one sentence, not a traceback through this plugin."""
    try:
        yield
    except kind as error:
        raise pytest.fail.Exception(f"lookalike: {error}", pytrace=False) from None


@pytest.fixture
def lookalike(
    request: pytest.FixtureRequest, lookalike_server: Host, monkeypatch: pytest.MonkeyPatch
) -> Iterator[World]:
    """A workspace of the test's own, dropped at its end."""
    from lookalike.remote import ControlError

    marked = _marked(request.node)
    faults = marked.pop("faults", ())
    name = _workspace_name(request.node)
    with _told(ControlError):
        world = lookalike_server.world(name, set_variable=monkeypatch.setenv, **marked)
        for fault in faults:
            world.fault(**fault) if isinstance(fault, dict) else world.fault(fault)
    request.node.stash[_WORLD] = world
    yield world
    with _told(ControlError):
        world.close()


def _marked(item: pytest.Item) -> dict[str, Any]:
    """What the marks say: the nearest one wins, but the faults of all are in force, those of the module outermost."""
    found: dict[str, Any] = {}
    faults: list[Any] = []
    for mark in item.iter_markers("lookalike"):
        unknown = [*mark.args, *(mark.kwargs.keys() - set(_MARKED))]
        if unknown:
            pytest.fail(f"the mark lookalike does not know {unknown[0]!r}: use {', '.join(_MARKED)}", pytrace=False)
        given = mark.kwargs.get("faults", ())
        faults = [*(given if isinstance(given, (list, tuple)) else [given]), *faults]
        found = {**mark.kwargs, **found}
    return {**found, "faults": faults}


def _workspace_name(item: pytest.Item) -> str:
    """A name that no other test has, and that this test has every time, since ids follow from it.

    On a server that others use too, another run of the same tests must not have it.
    """
    words = _MAGIC.sub("x", re.sub(r"\W+", "-", item.name, flags=re.ASCII).strip("-_"))
    foreign = item.config.getoption("lookalike_url") or os.environ.get("LOOKALIKE_URL")
    run = _run(item.config) if foreign else ""
    digest = blake2b(f"{run}/{item.nodeid}".encode(), digest_size=5).hexdigest()
    return f"{words[:40]}.{digest}" if words else digest


def _run(config: pytest.Config) -> str:
    """What tells this run from all others; the workers of pytest-xdist share it."""
    from lookalike.ids import fresh_token

    inherited = getattr(config, "workerinput", {})
    return str(inherited.get("testrunuid") or config.stash.setdefault(_RUN, fresh_token()))


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Any:
    """A failed test's report shows what went on in its workspace."""
    outcome = yield
    report: pytest.TestReport = outcome.get_result()
    world = item.stash.get(_WORLD, None)
    if world is not None and report.failed and call.when != "teardown":
        from lookalike.remote import ControlError

        try:
            text = world.timeline()
        except ControlError as error:
            text = str(error)
        report.sections.append(("lookalike", text))
