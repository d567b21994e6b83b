"""Somebody else's clock on a checkpoint, checked off line, and what that check cannot tell."""

from __future__ import annotations

import json
import subprocess
from base64 import b64decode, b64encode
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from incident_engine.proof.time_stamp import question, read_answer
from incident_engine.proof.verify import STAMPS, Findings, verify
from incident_engine.workflow.checkpoint import checkpoint
from incident_engine.workflow.proof.prove import prove
from tests.cast import EVE, INCIDENT, House, typed
from tests.proof.authority import Authority
from tests.proof.conftest import Closed


@pytest.fixture
def authority(tmp_path: Path) -> Iterator[Authority]:
    with Authority(tmp_path / "authority") as found:
        yield found


def stamped(house: House, authority: Authority) -> Path:
    house.opened()
    house.set(proof_timestamp_url=authority.url)
    checkpoint(house.engine, EVE)
    prove(house.engine, EVE, INCIDENT, house.folder / "proof.zip")
    return house.folder / "proof.zip"


def said(found: Findings, mark: str) -> str:
    return "\n".join(sentence for each, sentence in found.lines if each == mark)


@pytest.mark.parametrize("curve", [False, True])
def test_a_stamped_checkpoint_is_in_the_pack_and_checked_off_line(
    house: House, tmp_path: Path, curve: bool
) -> None:
    with Authority(tmp_path / "authority", curve=curve) as authority:
        pack = stamped(house, authority)
    found = verify(str(pack), roots=authority.root)
    assert found.faults == []
    assert "by CN=Clock of Kestrel: hash, signature and chain up to a root" in said(found, "ok")
    alone = verify(str(pack))
    assert alone.faults == []
    assert "chain inside the token" in said(alone, "ok")
    for word in ("revoked", "root may be trusted"):
        assert word in said(alone, "open")


def test_another_root_than_the_authoritys_is_a_fault(
    house: House, authority: Authority, tmp_path: Path
) -> None:
    pack, other = stamped(house, authority), Authority(tmp_path / "other")
    [fault] = verify(str(pack), roots=other.root).faults
    assert "ends at no root that you gave" in fault


@pytest.mark.parametrize("seconds", [-3 * 86_400, 40 * 86_400])
def test_a_certificate_that_was_not_valid_then_chains_nothing(tmp_path: Path, seconds: int) -> None:
    authority = Authority(tmp_path / "authority")
    nonce = bytes.fromhex("0102030405060708")
    _, token = read_answer(authority.reply(question(b"x", nonce)), b"x", nonce)
    token.must_be_chained([])
    token.at += timedelta(seconds=seconds)
    with pytest.raises(ValueError, match="not valid at that moment"):
        token.must_be_chained([])


def test_a_question_is_what_openssl_would_ask(tmp_path: Path) -> None:
    asked = question(b"x", bytes.fromhex("0102030405060708"))
    (tmp_path / "query").write_bytes(asked)
    command = ["openssl", "ts", "-query", "-in", "query", "-text"]
    shown = subprocess.run(command, cwd=tmp_path, check=True, capture_output=True, text=True)
    assert "Nonce: 0x0102030405060708" in shown.stdout
    assert "Certificate required: yes" in shown.stdout
    assert "Hash Algorithm: sha256" in shown.stdout


def forged(house: House, pack: Path, change: object) -> Findings:
    closed = Closed(house.folder, house.clock)

    def tamper(name: str, content: bytes) -> bytes:
        if name != STAMPS:
            return content
        row = json.loads(content)
        return json.dumps(change(row)).encode()  # type: ignore[operator]

    return verify(str(closed.resigned(tamper, pack=pack)))


def test_no_changed_byte_of_a_token_goes_unseen(house: House, authority: Authority) -> None:
    pack = stamped(house, authority)
    token = bytearray()

    def flipped(row: dict[str, str]) -> dict[str, str]:
        token[:] = b64decode(row["token"])
        token[at] ^= 1
        return row | {"token": b64encode(token).decode()}

    unseen = []
    for at in range(20, 2000, 97):
        try:
            if not forged(house, pack, flipped).faults:
                unseen.append(at)
        except IndexError:
            break
    # What the token brings of the certificates above is a hint: the roots that one trusts decide.
    root = x509.load_pem_x509_certificate(authority.root).public_bytes(Encoding.DER)
    begins = bytes(token).find(root[:40])
    assert begins > 0
    assert [at for at in unseen if not begins <= at < begins + len(root)] == []


def test_a_stamp_of_another_checkpoint_proves_nothing_here(
    house: House, authority: Authority
) -> None:
    pack = stamped(house, authority)
    first = house.engine.home.time_stamps.read_bytes().splitlines()[0]
    checkpoint(house.engine, EVE)
    other = json.loads(house.engine.home.time_stamps.read_bytes().splitlines()[1])
    assert json.loads(first) != other
    assert "is not in this pack" in forged(house, pack, lambda row: other).faults[0]
    crossed = forged(house, pack, lambda row: row | {"token": other["token"]}).faults[0]
    assert "another hash than it is filed under" in crossed


@pytest.mark.parametrize(
    ("status", "body", "sentence"),
    [
        (500, b"down", "answered 500"),
        (200, b"<html>hello</html>", "is no time stamp"),
        (200, bytes.fromhex("30053003020102"), "refused (status 2)"),
    ],
)
def test_a_failing_authority_is_one_sentence_and_the_checkpoint_stays(
    house: House, authority: Authority, status: int, body: bytes, sentence: str
) -> None:
    house.set(proof_timestamp_url=authority.url)
    authority.status, authority.fault = status, body
    shown = typed("journal", "checkpoint", "--timestamp")
    assert shown.status == 3
    shown.must_be_one_sentence(sentence, "the checkpoint itself stands")
    assert len(house.engine.home.checkpoints.read_bytes().splitlines()) == 1
    assert not house.engine.home.time_stamps.exists()


def test_an_answer_to_another_question_is_not_taken(house: House, authority: Authority) -> None:
    house.set(proof_timestamp_url=authority.url)
    checkpoint(house.engine, EVE)
    authority.fault = (authority.folder / "reply").read_bytes()
    shown = typed("journal", "checkpoint")
    shown.must_be_one_sentence("something else than it was asked")
    assert len(house.engine.home.time_stamps.read_bytes().splitlines()) == 1


def test_without_an_authority_there_is_none_to_ask(house: House) -> None:
    shown = typed("journal", "checkpoint", "--timestamp")
    assert shown.status == 2
    shown.must_be_one_sentence("proof.timestamp_url")
    assert typed("journal", "checkpoint").status == 0
    unreachable = House(house.engine, house.clock, house.mail, house.sms, house.folder)
    unreachable.set(proof_timestamp_url="http://127.0.0.1:1/")
    assert typed("journal", "checkpoint", "--no-timestamp").status == 0
    shown = typed("journal", "checkpoint")
    assert shown.status == 3
    shown.must_be_one_sentence("did not answer")
