"""Settings: config.toml in the home folder, secrets also from the environment or from files.

A value is looked for in this order: `INCIDENT_ENGINE_<SECTION>_<NAME>` in the environment,
the file named by `INCIDENT_ENGINE_<SECTION>_<NAME>_FILE`, then config.toml. An unknown key
stops the program: a mistyped limit that is silently ignored is worse than none.

Only this and `home` read the environment.
"""

from __future__ import annotations

import difflib
import os
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError, field_validator

from incident_engine.domain.delivery.quiet_hours import read_quiet_hours
from incident_engine.domain.errors import BadInput
from incident_engine.home import PREFIX
from incident_engine.home import Home as Home
from incident_engine.home import find_home as find_home
from incident_engine.home import shipped as shipped
from incident_engine.home import token_from_environment as token_from_environment


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class OrganisationSettings(_Section):
    """Who writes: shown in every notice and report."""

    name: str = Field(default="", max_length=200)
    country: str = Field(default="", pattern=r"^([A-Z]{2})?$")
    address: str = Field(default="", max_length=500)
    contact_name: str = Field(default="", max_length=200)
    contact_email: str = Field(default="", max_length=320)
    contact_phone: str = Field(default="", max_length=40)
    website: str = Field(default="", max_length=200, pattern=r"^(https?://[^\s]+)?$")


class EmailSettings(_Section):
    """The relay that takes our mail."""

    host: str = Field(default="", max_length=255)
    port: int = Field(default=587, ge=1, le=65535)
    security: Literal["none", "starttls", "tls"] = "starttls"
    user: str = ""
    password: SecretStr = SecretStr("")
    sender: str = Field(default="", max_length=320)
    sender_name: str = Field(default="", max_length=100)
    ca_file: str = ""
    lanes: int = Field(default=8, ge=1, le=250)
    return_path: str = Field(default="", max_length=320)
    per_domain_limit: int = Field(default=0, ge=0, le=1_000_000)
    per_provider_limit: int = Field(default=0, ge=0, le=1_000_000)
    relay_log: str = Field(default="", max_length=500)
    resend_doubts: bool = False

    def sender_address(self, organisation: OrganisationSettings) -> str:
        """Whose address stands in From: the one set, else the contact's, else one of this host.

        The last is for trying things out on one machine; `doctor` warns of it.
        """
        return self.sender or organisation.contact_email or "notice@localhost.localdomain"


class EmailFallbackSettings(_Section):
    """A second relay, for when the first is down or will not take a message from us."""

    host: str = Field(default="", max_length=255)
    port: int = Field(default=587, ge=1, le=65535)
    security: Literal["none", "starttls", "tls"] = "starttls"
    user: str = ""
    password: SecretStr = SecretStr("")
    ca_file: str = ""


class BounceSettings(_Section):
    """Where mail that comes back is fetched from: a folder, or an IMAP mailbox."""

    folder: str = Field(default="", max_length=500)
    host: str = Field(default="", max_length=255)
    port: int = Field(default=993, ge=1, le=65535)
    security: Literal["none", "starttls", "tls"] = "tls"
    user: str = ""
    password: SecretStr = SecretStr("")
    mailbox: str = Field(default="INBOX", max_length=200)
    ca_file: str = ""


class SmsSettings(_Section):
    """The provider that takes our text messages."""

    account_sid: str = Field(default="", max_length=64)
    auth_token: SecretStr = SecretStr("")
    sender: str = Field(default="", max_length=40)
    base_url: str = Field(default="", max_length=300, pattern=r"^(https?://[^\s]+)?$")
    timeout: float = Field(default=30, gt=0, le=300)
    quiet_hours: str = Field(default="", max_length=20)
    lanes: int = Field(default=8, ge=1, le=200)
    proxy: str = Field(default="", max_length=300, pattern=r"^(https?://[^\s]+)?$")

    @field_validator("quiet_hours")
    @classmethod
    def _are_hours(cls, text: str) -> str:
        try:
            read_quiet_hours(text)
        except BadInput as error:
            raise ValueError(error.expected) from None
        return text


class VoiceSettings(_Section):
    """The provider that makes our calls; what is left empty is as for text messages."""

    account_sid: str = Field(default="", max_length=64)
    auth_token: SecretStr = SecretStr("")
    sender: str = Field(default="", max_length=40)
    base_url: str = Field(default="", max_length=300, pattern=r"^(https?://[^\s]+)?$")
    lanes: int = Field(default=2, ge=1, le=100)


class PushSettings(_Section):
    """The organisation's own gateway to its app."""

    url: str = Field(default="", max_length=300, pattern=r"^(https?://[^\s]+)?$")
    secret: SecretStr = SecretStr("")
    timeout: float = Field(default=15, gt=0, le=300)
    lanes: int = Field(default=4, ge=1, le=100)


class ReportSettings(_Section):
    """A gateway of the organisation that hands regulator reports to authorities' interfaces."""

    url: str = Field(default="", max_length=300, pattern=r"^(https?://[^\s]+)?$")
    secret: SecretStr = SecretStr("")
    timeout: float = Field(default=60, gt=0, le=300)


class LetterSettings(_Section):
    """Where a printer takes letters from."""

    folder: str = Field(default="", max_length=500)


class PriceSettings(_Section):
    """What a message costs, for the forecast of a campaign; 0: not known."""

    currency: str = Field(default="EUR", pattern=r"^[A-Z]{3}$")
    email: float = Field(default=0, ge=0, le=1000)
    sms: float = Field(default=0, ge=0, le=1000)
    letter: float = Field(default=0, ge=0, le=1000)
    push: float = Field(default=0, ge=0, le=1000)
    voice: float = Field(default=0, ge=0, le=1000)
    by_hand: float = Field(default=0, ge=0, le=1000)


class WebSettings(_Section):
    """Where the world reaches this installation, for receipts of texts and calls."""

    base_url: str = Field(default="", max_length=300, pattern=r"^(https?://[^\s]*[^\s/])?$")


class NoticeSettings(_Section):
    """How notices are worded."""

    default_language: str = Field(default="en", max_length=35)
    templates: str = Field(default="", max_length=500)
    check_url: str = Field(default="", max_length=200, pattern=r"^([a-z0-9.-]+(/[a-z0-9/-]*)?)?$")
    findings_allowed: int = Field(default=10, ge=0, le=1000)


class AnnouncementSettings(_Section):
    """Where the public page is put."""

    folder: str = Field(default="announcement", max_length=500)
    url: str = Field(default="", max_length=300, pattern=r"^(https?://[^\s]+)?$")
    wait: int = Field(default=10, ge=0, le=3600)


class ProofSettings(_Section):
    """Who else says when a checkpoint was signed."""

    timestamp_url: str = Field(default="", max_length=300, pattern=r"^(https?://[^\s]+)?$")


class DeadlineSettings(_Section):
    """What we aim for where a law says "immediately" and names no number."""

    own_aim: int = Field(default=24, ge=0, le=2160)


class AlertSettings(_Section):
    """Who on the staff hears of a deadline, by role on the escalation ladder."""

    on_call: str = Field(default="", max_length=320)
    data_protection_officer: str = Field(default="", max_length=320)
    counsel: str = Field(default="", max_length=320)


class DatabaseSettings(_Section):
    """Where the rows are. Left empty: an SQLite file in the home folder."""

    url: str = Field(default="", max_length=500)

    @field_validator("url")
    @classmethod
    def _is_sqlite(cls, url: str) -> str:
        if url and not url.startswith("sqlite:///"):
            raise ValueError("an SQLite address, like sqlite:////var/lib/incident-engine.db")
        return url


class PlaybookSettings(_Section):
    """Where the law files are. Left empty: those shipped with the product."""

    folder: str = Field(default="", max_length=500)


class Settings(_Section):
    """Everything that can be set, one section a table of config.toml."""

    organisation: OrganisationSettings = OrganisationSettings()
    email: EmailSettings = EmailSettings()
    email_fallback: EmailFallbackSettings = EmailFallbackSettings()
    bounces: BounceSettings = BounceSettings()
    sms: SmsSettings = SmsSettings()
    voice: VoiceSettings = VoiceSettings()
    push: PushSettings = PushSettings()
    reports: ReportSettings = ReportSettings()
    letters: LetterSettings = LetterSettings()
    prices: PriceSettings = PriceSettings()
    web: WebSettings = WebSettings()
    notices: NoticeSettings = NoticeSettings()
    announcement: AnnouncementSettings = AnnouncementSettings()
    proof: ProofSettings = ProofSettings()
    deadlines: DeadlineSettings = DeadlineSettings()
    alerts: AlertSettings = AlertSettings()
    database: DatabaseSettings = DatabaseSettings()
    playbooks: PlaybookSettings = PlaybookSettings()


def load(home: Home) -> Settings:
    """The settings of a home, folders of notices from there. Raises BadInput naming file, key,
    what was found and expected."""
    found = settings_from(_table_of(home), place=home.config.name, environment=os.environ)
    if not found.notices.templates:
        return found
    folder = str((home.folder / Path(found.notices.templates).expanduser()).absolute())
    notices = found.notices.model_copy(update={"templates": folder})
    return found.model_copy(update={"notices": notices})


def _table_of(home: Home) -> dict[str, object]:
    home.must_exist()
    try:
        return tomllib.loads(home.config.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise BadInput(
            "config-syntax",
            str(home.config),
            f"is not readable TOML ({error})",
            next_step="Compare it with config.example.toml.",
        ) from error
    except OSError as error:
        raise BadInput(
            "config-unreadable",
            str(home.config),
            f"cannot be read ({error.strerror})",
            expected="a file that this user may read",
        ) from error


def settings_from(
    table: Mapping[str, object], *, place: str, environment: Mapping[str, str]
) -> Settings:
    """Settings from a parsed table with the environment laid over it. Raises BadInput."""
    merged = {name: dict(part) if isinstance(part, dict) else part for name, part in table.items()}
    for section, name in setting_names():
        value = _from_environment(section, name, environment)
        if value is not None:
            part = merged.setdefault(section, {})
            if isinstance(part, dict):
                part[name] = value
    try:
        return Settings.model_validate(merged)
    except ValidationError as error:
        raise _bad_setting(error, place) from None


def setting_names() -> list[tuple[str, str]]:
    """Every setting as (section, name), in the order of config.example.toml."""
    return [
        (section, name)
        for section, field in Settings.model_fields.items()
        for name in _section_class(field.annotation).model_fields
    ]


def change(home: Home, dotted: str, text: str) -> None:
    """Write one setting into config.toml, keeping comments. BadInput leaves the file as it was."""
    import tomlkit  # loaded here alone: every command reads settings, this one writes them

    section, _, name = dotted.partition(".")
    _must_be_known(section, name, dotted)
    _table_of(home)
    document = tomlkit.parse(home.config.read_text(encoding="utf-8"))
    part = document.setdefault(section, tomlkit.table())
    if isinstance(part, dict):
        part[name] = _as_toml(section, name, text)
    settings_from(document.unwrap(), place=f"config set {dotted}", environment={})
    temporary = home.config.with_suffix(".new")
    temporary.touch(mode=0o600)
    temporary.write_text(tomlkit.dumps(document), encoding="utf-8")
    temporary.replace(home.config)


def shown(settings: Settings) -> dict[str, dict[str, object]]:
    """The settings for showing: secrets only as set or not set."""
    return {
        section: {
            name: ("set" if value.get_secret_value() else "not set")
            if isinstance(value, SecretStr)
            else value
            for name, value in getattr(settings, section)
        }
        for section in Settings.model_fields
    }


def _section_class(annotation: object) -> type[BaseModel]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    raise TypeError(f"a section of Settings is not a model: {annotation!r}")


def _from_environment(section: str, name: str, environment: Mapping[str, str]) -> str | None:
    key = f"{PREFIX}_{section}_{name}".upper()
    if key in environment:
        return environment[key]
    if file := environment.get(f"{key}_FILE"):
        try:
            return Path(file).read_text(encoding="utf-8").strip()
        except OSError as error:
            raise BadInput(
                "secret-file",
                f"{key}_FILE",
                f"names {file}, which cannot be read",
                expected="a file with the secret",
                next_step="Correct the path or its rights.",
            ) from error
    return None


def _as_toml(section: str, name: str, text: str) -> str | int | bool:
    """What was typed as its setting is written; what does not fit stays text, and is refused."""
    kind = _section_class(Settings.model_fields[section].annotation).model_fields[name].annotation
    if kind is bool and text.lower() in ("true", "false"):
        return text.lower() == "true"
    return int(text) if kind in (int, float) and text.isdecimal() else text


def _must_be_known(section: str, name: str, dotted: str) -> None:
    known = [f"{a}.{b}" for a, b in setting_names()]
    if f"{section}.{name}" not in known:
        near = difflib.get_close_matches(dotted, known, 1)
        raise BadInput(
            "unknown-setting",
            f"config set {dotted}",
            "there is no such setting",
            expected=f"perhaps {near[0]}" if near else "a name from config.example.toml",
            next_step="`incident-engine config show` lists them all.",
        )


def _expected(message: str) -> str:
    plain = message.removeprefix("Value error, ")
    return plain[:1].lower() + plain[1:] if plain == message else plain


def _bad_setting(error: ValidationError, place: str) -> BadInput:
    first = error.errors()[0]
    key = ".".join(str(part) for part in first["loc"])
    if first["type"] == "extra_forbidden":
        near = difflib.get_close_matches(key, [f"{a}.{b}" for a, b in setting_names()], 1)
        return BadInput(
            "unknown-setting",
            f"{place}, {key}",
            "there is no such setting",
            expected=f"perhaps {near[0]}" if near else "a name from config.example.toml",
            next_step="Correct or remove the line.",
        )
    found = (
        "a secret"
        if isinstance(first["input"], SecretStr)
        or any(word in key for word in ("password", "token", "secret"))
        else repr(first["input"])
    )
    return BadInput(
        "bad-setting",
        f"{place}, {key}",
        f"found {found}",
        expected=_expected(first["msg"]),
        next_step="Compare config.example.toml.",
    )
