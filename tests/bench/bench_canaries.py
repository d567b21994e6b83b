"""Ten thousand people with a token of their own in every field: does anybody meet another's?

`python -m tests.bench.bench_canaries [PEOPLE [KILLS [SEED]]]`. All channels and all languages, to a
mail server, a provider of texts and calls, a push gateway and a printer's folder that keep what they
get, while the dispatcher is killed at random. Then every artefact is read: no mail, text, call, push,
letter or line of the call sheet holds a token or a code of anybody but its own reader, and nothing
else that was written (the database, the journal, manifests, what was printed) holds any token at
all. Exits with 1 where one does.
"""

from __future__ import annotations

import csv
import io
import json
import os
import random
import re
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from email import message_from_bytes, policy
from pathlib import Path

import pypdf

from incident_engine import app
from incident_engine.demo.mailbox import MailServer
from incident_engine.domain.words import ChannelName, Role
from incident_engine.home import Home
from incident_engine.notices.languages import available_languages
from incident_engine.workflow.dispatch.call_people import list_calls
from incident_engine.workflow.enrol import enrol
from incident_engine.workflow.incidents.open_incident import open_incident
from tests.bench import ground
from tests.cast import MAREN, OTTO, document
from tests.channels.fault_gateway import SECRET, FaultGateway
from tests.channels.fault_provider import FaultProvider
from tests.stories.witness import Process

PEOPLE, KILLS, SEED = 10_000, 60, 20260306
TOKEN = re.compile(r"canary[a-z]+(\d{5})|\+49151(\d{5})77")
CODE = re.compile(r"[0-9A-HJKMNP-TV-Z]{4}(?:-[0-9A-HJKMNP-TV-Z]{4}){3}")
PLACES = ("DE", "CN", "SG", "FR", "US-CA", "JP", "KR", "BR", "HK", "RU")
# By how many of a hundred people each is reached: for letters and calls somebody must wait.
TOLD_BY = {
    ChannelName.EMAIL: 40,
    ChannelName.SMS: 20,
    ChannelName.PUSH: 20,
    ChannelName.LETTER: 10,
    ChannelName.VOICE: 5,
    ChannelName.BY_HAND: 5,
}
HEADER = (
    "id,name,email,phone,address,postal_code,push,where,language,birth_date,"
    "guardian_name,guardian_email,favourite"
)


class World:
    """Everybody on the other side, who keep what they get."""

    def __init__(self, folder: Path) -> None:
        self.mail = MailServer(folder)
        self.provider, self.gateway = FaultProvider(), FaultGateway()
        self.printer = folder / "printer"
        self.printer.mkdir()

    def __enter__(self) -> World:
        for each in (self.mail, self.provider, self.gateway):
            each.__enter__()
        return self

    def __exit__(self, *_: object) -> None:
        for each in (self.mail, self.provider, self.gateway):
            each.__exit__()

    @property
    def settings(self) -> dict[str, str]:
        """What the house must know to reach them."""
        return {
            "email_host": "127.0.0.1", "email_port": str(self.mail.port),
            "email_security": "none", "email_sender": "notice@kestrel.example",
            "sms_account_sid": "AC" + "1" * 32, "sms_auth_token": "token-of-this-account",
            "sms_sender": "+14155550100", "sms_base_url": self.provider.base_url,
            "web_base_url": "https://kestrel.example", "push_url": self.gateway.url,
            "voice_sender": "+14155550101", "push_secret": SECRET, "letters_folder": str(self.printer),
        }  # fmt: skip


def person(number: int, channel: ChannelName) -> list[str]:
    """A row whose every field is this person's alone, with an address on one channel."""
    mine = f"{number:05d}"
    child = number % 9 == 0 and channel is ChannelName.EMAIL
    by_phone = (ChannelName.SMS, ChannelName.VOICE, ChannelName.BY_HAND)
    return [
        f"canaryid{mine}",
        f"canaryname{mine} Reader",
        f"canarymail{mine}@people.example" if channel is ChannelName.EMAIL else "",
        f"+49151{mine}77" if channel in by_phone else "",
        f"canarystreet{mine}\ncanarytown{mine}" if channel is ChannelName.LETTER else "",
        f"canaryzip{mine}" if channel is ChannelName.LETTER else "",
        f"canaryhandle{mine}" if channel is ChannelName.PUSH else "",
        PLACES[number % len(PLACES)],
        available_languages()[number % len(available_languages())],
        "2020-05-01" if child else "1980-05-01",
        f"canaryguardian{mine} Parent" if child else "",
        f"canaryguardianmail{mine}@people.example" if child else "",
        f"canaryextra{mine}",
    ]


def people_file(path: Path, numbers: range, channel: ChannelName, *, first: bool) -> Path:
    with path.open("w" if first else "a", encoding="utf-8", newline="") as file:
        rows = csv.writer(file)
        if first:
            rows.writerow(HEADER.split(","))
        rows.writerows(person(number, channel) for number in numbers)
    return path


def told_by_codes() -> dict[str, object]:
    """An incident whose story every language can tell: by codes, in no words of ours."""
    found = document(
        consequences={"kinds": ["phishing"]},
        measures=[{"code": "cut-off", "at": "2026-03-06"}],
        remedies=["helper", "losses"],
    )
    del found["story"]
    return found


def campaigns(folder: Path, people: int) -> Iterator[tuple[list[ChannelName], Path]]:
    """Plans with their people: a telephone is one address for three channels, so three plans."""
    start = 0
    file = folder / "people-1.csv"
    for channel, share in TOLD_BY.items():
        numbers = range(start, start + people * share // 100)
        alone = channel in (ChannelName.VOICE, ChannelName.BY_HAND)
        place = folder / f"people-{channel.value}.csv" if alone else file
        people_file(place, numbers, channel, first=alone or start == 0)
        start = numbers.stop
        if channel is ChannelName.LETTER:
            yield [*list(TOLD_BY)[:4]], file
        elif alone:
            yield [channel], place


def killed(
    home: Path, reference: str, kills: int, chance: random.Random, folder: Path, token: str
) -> None:
    """Deliver, killed again and again, and then to the end as a responder would type it."""
    with (folder / "said.txt").open("a") as said:
        dispatcher = Process("tests.stories.dispatcher", str(home), reference)
        for _ in range(kills):
            dispatcher.hears("go")
            child = dispatcher.says()
            time.sleep(chance.uniform(0.05, 0.9))
            os.kill(child, signal.SIGKILL)
            dispatcher.ended()
        dispatcher.end()
        subprocess.run(
            [sys.executable, "-m", "incident_engine", "--home", str(home), "worker", "--once"],
            stdout=said, stderr=said, check=False,
            env={**os.environ, "INCIDENT_ENGINE_TOKEN": token},
        )  # fmt: skip


# --- what everybody got -----------------------------------------------------------------------


Artefact = tuple[str, str]  # what it is, and all the words in it


def mails(folder: Path) -> Iterator[Artefact]:
    for file in sorted(folder.glob("*.eml")):
        mail = message_from_bytes(file.read_bytes(), policy=policy.default)
        said = [f"{name}: {words}" for name, words in mail.items()]
        said += [part.get_content() for part in mail.walk() if not part.is_multipart()]
        yield "mail", "\n".join(said)


def texts_and_calls(provider: FaultProvider) -> Iterator[Artefact]:
    for form in provider.forms:
        yield ("call" if "Twiml" in form else "text"), json.dumps(form, ensure_ascii=False)


def pushes(gateway: FaultGateway) -> Iterator[Artefact]:
    for told in gateway.forms:
        yield "push", json.dumps(told, ensure_ascii=False)


def _read_letter(path: Path) -> str:
    return "\n".join(page.extract_text() for page in pypdf.PdfReader(path).pages)


def letters(folder: Path) -> Iterator[Artefact]:
    with ProcessPoolExecutor() as readers:
        for said in readers.map(_read_letter, sorted(folder.rglob("*.pdf")), chunksize=20):
            yield "letter", said


def call_sheet(sheet: bytes) -> Iterator[Artefact]:
    for row in csv.DictReader(io.StringIO(sheet.decode("utf-8-sig"))):
        yield "line of the call sheet", json.dumps(row, ensure_ascii=False)


def whose(said: str) -> set[str]:
    return {one or two for one, two in TOKEN.findall(said.replace("\n", ""))}


def foreign(artefacts: Iterator[Artefact], seen: Counter[str]) -> Iterator[str]:
    """Each artefact that is nobody's, or more than one person's; and each code that two have."""
    owners: dict[str, str] = {}
    for what, said in artefacts:
        seen[what] += 1
        found = whose(said)
        if len(found) != 1:
            yield f"{what} holds the tokens of {sorted(found) or 'nobody'}"
            continue
        [owner] = found
        for code in CODE.findall(said):
            if owners.setdefault(code, owner) != owner:
                yield f"{what} of {owner} holds the code of {owners[code]}"


def elsewhere(home: Path, folder: Path) -> Iterator[str]:
    """Each file that is nobody's and yet holds a token: rows, journal, logs, what was printed."""
    for file in [*home.rglob("*"), *folder.glob("printer/**/*"), folder / "said.txt"]:
        is_ours = file.is_file() and file.suffix != ".pdf"  # those are letters
        if is_ours and TOKEN.search(file.read_bytes().decode("latin-1")):
            yield f"{file.relative_to(folder)} holds a token"


def must_be_able_to_fail() -> None:
    """What looks for strangers finds one that is put there."""
    meets = ("mail", "canaryname00001 and canarymail00002@people.example")
    code = "ABCD-EFGH-JKMN-PQRS"
    shares = [("mail", f"canaryname00001 {code}"), ("text", f"+491510000277 {code}")]
    assert len(list(foreign(iter([meets]), Counter()))) == 1
    assert len(list(foreign(iter([("push", "a push to nobody")]), Counter()))) == 1
    assert len(list(foreign(iter(shares), Counter()))) == 1


def main() -> int:
    must_be_able_to_fail()
    given = [int(word) for word in sys.argv[1:]]
    people, kills, seed = given + [PEOPLE, KILLS, SEED][len(given) :]
    chance, seen, began = random.Random(seed), Counter[str](), time.monotonic()
    with ground.folder() as folder, World(folder) as world:
        home = folder / "home"
        engine = ground.founded(home, **world.settings)
        token = enrol(engine, MAREN, "olga", Role.RESPONDER)
        sheet = b""
        for plan, file in campaigns(folder, people):
            opened = open_incident(engine, OTTO, told_by_codes(), source="facts.toml").reference
            ground.launched(engine, file, plan, opened)
            file.unlink()
            if plan == [ChannelName.BY_HAND]:
                sheet, _ = list_calls(engine, OTTO, opened)
            else:
                engine.database.close()
                killed(home, opened, kills // 2, chance, folder, token)
                engine = app.build(Home(home))
        engine.database.close()
        wrong = [
            *foreign(mails(world.mail.folder), seen),
            *foreign(texts_and_calls(world.provider), seen),
            *foreign(pushes(world.gateway), seen),
            *foreign(letters(world.printer), seen),
            *foreign(call_sheet(sheet), seen),
            *elsewhere(home, folder),
        ]
    took = time.monotonic() - began
    counted = ", ".join(f"{number:,} {what}s" for what, number in seen.items())
    sys.stdout.write(f"{people:,} people, {kills // 2 * 2} kills, {took:.0f} s: {counted}.\n")
    sys.stdout.write("".join(f"FAILED: {each}\n" for each in wrong[:20]))
    sys.stdout.write(f"{len(wrong)} artefacts hold what is not their reader's.\n")
    return 1 if wrong or set(seen) != set(_KINDS) else 0


_KINDS = ("mail", "text", "call", "push", "letter", "line of the call sheet")

if __name__ == "__main__":
    sys.exit(main())
