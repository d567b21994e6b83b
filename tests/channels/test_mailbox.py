"""Where bounces are fetched from: a folder, a maildir, and a real Dovecot on loopback."""

from __future__ import annotations

import imaplib
import os
import pwd
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from incident_engine.channels.mail.mailbox import FolderSource, ImapAccount, ImapSource
from incident_engine.domain.errors import BadInput, Unreachable
from tests.channels.conftest import Authority

DOVECOT = shutil.which("dovecot", path=f"{os.environ['PATH']}:/usr/sbin")
MAIL = b"From: a@x.example\r\nSubject: %d\r\n\r\nhello\r\n"


@pytest.mark.parametrize("kind", ["maildir", "folder"])
def test_a_mail_comes_until_it_is_marked_and_then_no_more(tmp_path: Path, kind: str) -> None:
    new = tmp_path / "new" if kind == "maildir" else tmp_path
    for name in ("new", "cur", "tmp") if kind == "maildir" else ():
        (tmp_path / name).mkdir()
    (new / "1").write_bytes(MAIL % 1)
    (new / "2").write_bytes(MAIL % 2)
    (new / ".half").write_bytes(b"being written")
    source = FolderSource(tmp_path)
    first = next(source.mails())
    assert first == ("1", MAIL % 1)
    assert next(source.mails()) == first  # a kill before marking shows it again
    source.mark_read("1")
    assert [name for name, _ in source.mails()] == ["2"]
    kept = tmp_path / "cur" / "1:2,S" if kind == "maildir" else tmp_path / "read" / "1"
    assert kept.read_bytes() == MAIL % 1


def test_a_link_in_the_folder_is_not_followed_out_of_it(tmp_path: Path) -> None:
    (tmp_path / "1").symlink_to("/etc/passwd")
    assert list(FolderSource(tmp_path).mails()) == []


def test_a_folder_that_is_not_there_is_said_with_the_setting(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=r"bounces\.folder"):
        FolderSource(tmp_path / "nowhere")


def test_a_password_never_travels_unencrypted_to_another_machine() -> None:
    with pytest.raises(BadInput, match="unencrypted"):
        ImapAccount(host="mail.example.com", security="none", user="u", password="p")
    assert "ah-so-secret" not in repr(ImapAccount(host="h", user="u", password="ah-so-secret"))


@dataclass
class Dovecot:
    """A real IMAP server with one mailbox."""

    plain: int
    tls: int
    log: Path

    def account(self, **changed: object) -> ImapAccount:
        given: dict[str, object] = {
            "host": "127.0.0.1",
            "port": self.plain,
            "security": "none",
            "user": "bounces",
            "password": "ah-so-secret",
            "timeout": 5,
        }
        return ImapAccount(**(given | changed))  # type: ignore[arg-type]

    def put(self, *mails: bytes) -> None:
        with imaplib.IMAP4("127.0.0.1", self.plain) as client:
            client.login("bounces", "ah-so-secret")
            for mail in mails:
                client.append("INBOX", "", imaplib.Time2Internaldate(time.time()), mail)

    def clear(self) -> None:
        with imaplib.IMAP4("127.0.0.1", self.plain) as client:
            client.login("bounces", "ah-so-secret")
            # A server just started may refuse to open a mailbox it is still making.
            for _ in range(50):
                if client.select("INBOX")[0] == "OK":
                    break
                time.sleep(0.1)
            client.uid("store", "1:*", "+FLAGS", "\\Deleted")
            client.expunge()


CONFIG = """
protocols = imap
base_dir = {folder}/run
log_path = {folder}/log
default_internal_user = {user}
default_internal_group = {group}
default_login_user = {user}
mail_location = maildir:{folder}/mail
first_valid_uid = 0
first_valid_gid = 0
disable_plaintext_auth = no
auth_mechanisms = plain
ssl = yes
ssl_cert = <{folder}/cert.pem
ssl_key = <{folder}/cert.pem
passdb {{
  driver = static
  args = password=ah-so-secret
}}
userdb {{
  driver = static
  args = uid={user} gid={group} home={folder}/home
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    address = 127.0.0.1
    port = {plain}
  }}
  inet_listener imaps {{
    address = 127.0.0.1
    port = {tls}
    ssl = yes
  }}
}}
service anvil {{
  chroot =
}}
service stats {{
  chroot =
}}
"""


@pytest.fixture(scope="module")
def dovecot(tmp_path_factory: pytest.TempPathFactory, authority: Authority) -> Iterator[Dovecot]:
    if not DOVECOT:
        assert not os.environ.get("CI"), "CI has no Dovecot"
        pytest.skip("needs Dovecot: apt-get install dovecot-imapd")
    folder = tmp_path_factory.mktemp("dovecot")
    plain, tls = free_port(), free_port()
    as_root = os.geteuid() == 0
    user = pwd.getpwnam("nobody") if as_root else pwd.getpwuid(os.geteuid())
    shutil.copy(authority.ca_file.parent / "here.pem", folder / "cert.pem")
    for name in ("mail", "home"):
        (folder / name).mkdir()
    if as_root:
        open_to(folder, user)
    group = subprocess.check_output(["id", "-gn", user.pw_name], text=True).strip()
    (folder / "conf").write_text(
        CONFIG.format(folder=folder, user=user.pw_name, group=group, plain=plain, tls=tls)
    )
    server = subprocess.Popen([DOVECOT, "-F", "-c", folder / "conf"], stderr=subprocess.DEVNULL)
    try:
        wait_for(plain)
        yield Dovecot(plain, tls, folder / "log")
    finally:
        server.terminate()
        server.wait(10)


@pytest.fixture
def box(dovecot: Dovecot) -> Iterator[Dovecot]:
    yield dovecot
    dovecot.clear()


def open_to(folder: Path, user: pwd.struct_passwd) -> None:
    for path in (folder, *folder.iterdir()):
        os.chown(path, user.pw_uid, user.pw_gid)
    for parent in folder.parents:
        if parent.owner() == "root" and parent != Path("/") and not parent.stat().st_mode & 0o001:
            parent.chmod(parent.stat().st_mode | 0o011)


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


def wait_for(port: int) -> None:
    for _ in range(100):
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise AssertionError("Dovecot did not start")


def test_imap_gives_each_unseen_mail_until_it_is_marked(box: Dovecot) -> None:
    box.put(MAIL % 1, MAIL % 2)
    with ImapSource(box.account()) as source:
        mails = list(source.mails())
        assert [raw for _, raw in mails] == [MAIL % 1, MAIL % 2]
        source.mark_read(mails[0][0])
    with ImapSource(box.account()) as source:  # reading alone marks nothing: a kill loses nothing
        assert [raw for _, raw in source.mails()] == [MAIL % 2]


def test_imap_cuts_a_mail_without_end(box: Dovecot) -> None:
    box.put(MAIL % 1 + b"x" * 3_000_000)
    with ImapSource(box.account()) as source:
        [(_, raw)] = source.mails()
    assert len(raw) == 1_000_000


def test_imap_under_tls_is_verified(box: Dovecot, authority: Authority) -> None:
    box.put(MAIL % 1)
    over_tls = {"port": box.tls, "security": "tls"}
    with ImapSource(box.account(**over_tls, ca_file=str(authority.ca_file))) as source:
        assert len(list(source.mails())) == 1
    with pytest.raises(Unreachable, match="SSL"), ImapSource(box.account(**over_tls)):
        pass


def test_imap_after_starttls_is_verified(box: Dovecot, authority: Authority) -> None:
    box.put(MAIL % 1)
    account = box.account(security="starttls", ca_file=str(authority.ca_file))
    with ImapSource(account) as source:
        assert len(list(source.mails())) == 1
    with pytest.raises(Unreachable), ImapSource(box.account(security="starttls")):
        pass


def test_a_refused_login_is_our_own_fault_and_repeats_no_password(box: Dovecot) -> None:
    with (
        pytest.raises(BadInput, match="login was refused") as told,
        ImapSource(box.account(password="ah-so-wrong")),
    ):
        pass
    assert "ah-so-wrong" not in str(told.value)


def test_a_server_that_is_not_there_is_unreachable() -> None:
    account = ImapAccount(
        host="127.0.0.1", port=free_port(), security="none", user="u", password="p", timeout=2
    )
    with pytest.raises(Unreachable, match="IMAP server"), ImapSource(account):
        pass


def test_a_folder_that_does_not_exist_is_said(box: Dovecot) -> None:
    with pytest.raises(Unreachable), ImapSource(box.account(folder="Nowhere")):
        pass
