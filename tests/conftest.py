"""A home made once and copied for every test, and the house over it."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from hypothesis import settings

from incident_engine import app
from incident_engine.cli.installation import make_home
from incident_engine.home import Home
from incident_engine.workflow.enrol import enrol, enrol_first
from tests.cast import DOV, EVE, INES, MAREN, OTTO, House, served

# A busy machine is slow, not wrong.
settings.register_profile("any machine", deadline=None)
settings.load_profile("any machine")


@pytest.fixture(scope="session", autouse=True)
def cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """What is kept of law files stays out of this user's own cache."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("cache")))
        yield


@pytest.fixture(scope="session", autouse=True)
def bytecode(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Commands typed in a process of their own keep their bytecode, as on anybody's machine.

    In a folder of this run, which its workers share: the tree itself stays clean.
    """
    folder = tmp_path_factory.getbasetemp()
    shared = folder.parent if "PYTEST_XDIST_WORKER" in os.environ else folder
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("PYTHONDONTWRITEBYTECODE", raising=False)
        patch.setenv("PYTHONPYCACHEPREFIX", str(shared / "bytecode"))
        yield


@pytest.fixture(scope="session")
def first_home(tmp_path_factory: pytest.TempPathFactory) -> Home:
    """A home with its users, as `init` and `user add` make it. Copied, never used."""
    home = Home(tmp_path_factory.mktemp("first") / "home")
    make_home(home, organisation="Kestrel Cloud", country="CN")
    engine = app.create(home)
    tokens = {MAREN.name: enrol_first(engine, MAREN.name)}
    for each in (OTTO, DOV, INES, EVE):
        tokens[each.name] = enrol(engine, MAREN, each.name, each.role)
    for name, token in tokens.items():
        (home.folder / f"{name}.token").write_text(token)
    assert engine.law_set.laws, "kept in the home, so that no copy takes every file apart again"
    engine.database.close()
    return home


@pytest.fixture
def home(first_home: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Home:
    """A home of one's own, into which Maren is logged in."""
    copy = Home(tmp_path / "home")
    shutil.copytree(first_home.folder, copy.folder)
    copy.folder.chmod(0o700)
    shutil.copy(copy.folder / "maren.token", copy.login)
    copy.login.chmod(0o600)
    monkeypatch.setenv("INCIDENT_ENGINE_HOME", str(copy.folder))
    monkeypatch.delenv("INCIDENT_ENGINE_TOKEN", raising=False)
    return copy


@pytest.fixture
def houses(home: Home, tmp_path: Path) -> Iterator[Callable[..., House]]:
    """A house with scripted people: `houses(unknown=…, busy_once=…)`."""
    with ExitStack() as stack:
        yield lambda **script: stack.enter_context(served(home, tmp_path, **script))


@pytest.fixture
def house(houses: Callable[..., House]) -> House:
    """The house where Di's mailbox is gone."""
    return houses()
