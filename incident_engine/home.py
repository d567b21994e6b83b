"""The home folder of one installation, and what the environment says of it.

Apart from the settings, because every command needs it and most of a `--help` would be spent on
reading what settings may look like.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from incident_engine.domain.errors import NotFound

PREFIX = "INCIDENT_ENGINE"
CONFIG_FILE = "config.toml"


@dataclass(frozen=True)
class Home:
    """The folder that holds one installation: settings, database, keys, evidence."""

    folder: Path

    @property
    def config(self) -> Path:
        return self.folder / CONFIG_FILE

    @property
    def database(self) -> Path:
        return self.folder / "incident-engine.db"

    @property
    def keys(self) -> Path:
        return self.folder / "keys"

    @property
    def evidence(self) -> Path:
        return self.folder / "evidence"

    @property
    def checkpoints(self) -> Path:
        return self.folder / "checkpoints.jsonl"

    @property
    def time_stamps(self) -> Path:
        """What time-stamping authorities said of checkpoints, a line each."""
        return self.folder / "timestamps.jsonl"

    @property
    def laws(self) -> Path:
        """The last law files that could be read, kept for the day they cannot."""
        return self.folder / "laws.json"

    @property
    def login(self) -> Path:
        return self.folder / "login"

    def keep_login(self, token: str) -> None:
        """Keep the token that proves who acts here, readable by its owner alone."""
        descriptor = os.open(self.login, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(token + "\n")

    def kept_login(self) -> str:
        """The token that `login` keeps in this home, or nothing."""
        try:
            return self.login.read_text(encoding="utf-8").strip()
        except OSError:
            return ""

    def must_exist(self) -> Home:
        """This home, or NotFound with the command that makes one."""
        if not self.config.is_file():
            raise NotFound(
                "no-home",
                str(self.folder),
                "is not an Incident Engine home: there is no config.toml in it",
                next_step="Run `incident-engine init`, or name another folder with --home.",
            )
        return self


def find_home(given: Path | None) -> Home:
    """The home named on the command line, else INCIDENT_ENGINE_HOME, else ./incident-home."""
    named = given or Path(os.environ.get(f"{PREFIX}_HOME") or "incident-home")
    return Home(named.expanduser().absolute())


def cache_folder() -> Path | None:
    """This user's own folder for what can be made again (XDG), or None where there is none."""
    named = os.environ.get("XDG_CACHE_HOME", "")
    if not named:
        user = os.environ.get("HOME", "")
        named = f"{user}/.cache" if user else ""
    return Path(named) / "incident-engine" if named.startswith("/") else None


def token_from_environment() -> str:
    """The token that proves who acts, as the environment gives it; empty when it does not."""
    return os.environ.get(f"{PREFIX}_TOKEN", "").strip()


def shipped(folder: str) -> Path:
    """Where the shipped `playbooks` or `templates` lie: in the tree, or in an installed wheel."""
    package = Path(__file__).resolve().parent
    inside = package / "shipped" / folder
    return inside if inside.exists() else package.parent / folder
