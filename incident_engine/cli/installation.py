"""init, login, config, user: setting the installation up and saying who may act in it."""

from __future__ import annotations

from typing import Annotated

import typer

from incident_engine.cli.door import AsJson, actor, answer, engine, group, home, say, table
from incident_engine.domain.countries import is_place, nearest_place
from incident_engine.domain.errors import BadInput, Conflict
from incident_engine.domain.words import Role
from incident_engine.home import CONFIG_FILE, Home, shipped

config = group("Settings of this home.")
user = group("Who may act here.")


def add_to(program: typer.Typer) -> None:
    """Hang these commands on the root."""
    program.command()(init)
    program.command()(login)
    program.add_typer(config, name="config")
    program.add_typer(user, name="user")


def init(
    ctx: typer.Context,
    organisation: Annotated[str, typer.Option(help="The legal name of your organisation.")],
    country: Annotated[str, typer.Option(help="Where it is established: ISO 3166-1 alpha-2.")],
    admin: Annotated[str, typer.Option(help="The user name of the first administrator.")],
) -> None:
    """Make a home. Prints the administrator's token, once, as the last word.

    Example: incident-engine init --organisation "Kestrel Cloud" --country CN --admin maren
    """
    from incident_engine import app
    from incident_engine.workflow.enrol import enrol_first, must_be_a_name

    at = home(ctx)
    must_be_a_name(admin)
    make_home(at, organisation=organisation, country=country)
    token = enrol_first(app.create(at), admin)
    at.keep_login(token)
    say(f"Home made in {at.folder}. {admin} is its administrator and logged in here.")
    say(f"Keep this token; it is shown only now: {token}")


def login(
    ctx: typer.Context,
    token: Annotated[str, typer.Option(prompt=True, hide_input=True, help="Your token.")] = "",
) -> None:
    """Keep a token in this home, so that it need not be given with every command.

    Example: incident-engine login
    """
    from incident_engine.workflow.enrol import who

    found = who(engine(ctx).database, token.strip())
    home(ctx).keep_login(token.strip())
    say(f"Logged in as {found.name} ({found.role.value}).")


@config.command("set")
def config_set(ctx: typer.Context, name: str, value: str) -> None:
    """Change one setting, keeping the file's comments.

    Example: incident-engine config set email.host 127.0.0.1
    """
    from incident_engine.workflow.change_setting import change_setting

    change_setting(engine(ctx), actor(ctx), name, value)


@config.command("show")
def config_show(ctx: typer.Context, as_json: AsJson = False) -> None:
    """Show every setting; of a secret only whether it is set.

    Example: incident-engine config show --json
    """
    from incident_engine import settings as configuration

    found = configuration.shown(configuration.load(home(ctx)))
    if as_json:
        return answer(found)
    rows = [(f"{a}.{b}", value) for a, part in found.items() for b, value in part.items()]
    return table("Settings", ["name", "value"], rows)


@user.command("add")
def user_add(
    ctx: typer.Context,
    name: str,
    role: Annotated[Role, typer.Option(help="What this user may do.")],
) -> None:
    """Add a user. Prints the token, once, as the last word.

    Example: incident-engine user add dov --role approver
    """
    from incident_engine.workflow.enrol import enrol

    token = enrol(engine(ctx), actor(ctx), name, role)
    say(f"{name} may act as {role.value}. Keep this token; it is shown only now: {token}")


@user.command("disable")
def user_disable(ctx: typer.Context, name: str) -> None:
    """Disable a user: the token proves nobody from now on.

    Example: incident-engine user disable otto
    """
    from incident_engine.workflow.enrol import dismiss

    dismiss(engine(ctx), actor(ctx), name)


@user.command("list")
def user_list(ctx: typer.Context, as_json: AsJson = False) -> None:
    """List users and roles.

    Example: incident-engine user list
    """
    from incident_engine.store import users

    actor(ctx)
    with engine(ctx).reading() as session:
        rows = [
            {
                "name": each.name,
                "role": each.role,
                "since": each.created_at.isoformat(),
                "disabled": each.disabled_at.isoformat() if each.disabled_at else None,
            }
            for each in users.everyone(session)
        ]
    if as_json:
        return answer(rows)
    return table("Users", ["name", "role", "since", "disabled"], [tuple(r.values()) for r in rows])


def make_home(at: Home, *, organisation: str, country: str) -> None:
    """Write a new home's config.toml: every setting at its default. Refuses a folder in use."""
    if at.config.exists():
        raise Conflict(
            "home-exists",
            str(at.config),
            "exists already",
            next_step="Name another folder with --home, or use this one as it is.",
        )
    # Loaded here: they take longer than the rest of a `--help`.
    import tomlkit

    from incident_engine import settings as configuration

    _must_be_a_home(at)
    _must_be_a_country(country)
    example = shipped("config.example.toml").read_text(encoding="utf-8")
    document = tomlkit.parse(example)
    for section, values in document.unwrap().items():
        for key, value in values.items():
            document[section][key] = type(value)()
    for (section, key), default in _defaults().items():
        document[section][key] = default
    document["organisation"]["name"] = organisation
    document["organisation"]["country"] = country
    configuration.settings_from(document.unwrap(), place="init", environment={})
    at.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    at.config.touch(mode=0o600)
    at.config.write_text(tomlkit.dumps(document), encoding="utf-8")


def _defaults() -> dict[tuple[str, str], object]:
    from incident_engine import settings as configuration

    plain = configuration.Settings()
    return {
        (section, name): value
        for section, name in configuration.setting_names()
        if not hasattr(value := getattr(getattr(plain, section), name), "get_secret_value")
    }


def _must_be_a_home(at: Home) -> None:
    if at.folder.exists() and (not at.folder.is_dir() or any(at.folder.iterdir())):
        raise BadInput(
            "not-empty",
            str(at.folder),
            f"exists and holds something else than a {CONFIG_FILE}",
            expected="a new or empty folder",
            next_step="Name another one with --home.",
        )


def _must_be_a_country(country: str) -> None:
    if not is_place(country) or len(country) != 2:
        raise BadInput(
            "unknown-country",
            "--country",
            f"found {country[:20]!r}",
            expected=f"ISO 3166-1 alpha-2, perhaps {nearest_place(country[:2].upper()) or 'CN'}",
        )
