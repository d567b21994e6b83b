"""django-post_office as it comes: a template, a row a message queued, then sent. SQLite.

Run by a Python that has it: `post_office_queue.py FOLDER PORT CSV TEXT HTML` -> seconds.
"""

import csv
import json
import sys
import time
from pathlib import Path

import django
from django.conf import settings

folder, port, people, text, html = sys.argv[1:]
settings.configure(
    INSTALLED_APPS=["django.contrib.contenttypes", "post_office"],
    DATABASES={
        "default": {"ENGINE": "django.db.backends.sqlite3", "NAME": f"{folder}/post_office.db"}
    },
    EMAIL_BACKEND="post_office.EmailBackend",
    EMAIL_HOST="127.0.0.1",
    EMAIL_PORT=int(port),
    POST_OFFICE={"BACKENDS": {"default": "django.core.mail.backends.smtp.EmailBackend"}},
    TEMPLATES=[{"BACKEND": "django.template.backends.django.DjangoTemplates"}],
    DEFAULT_AUTO_FIELD="django.db.models.AutoField",
    USE_TZ=True,
)


def main() -> None:
    """Queue everybody, send the queue, say how long both took."""
    django.setup()
    from django.core.management import call_command
    from post_office import mail
    from post_office.models import STATUS, Email, EmailTemplate

    call_command("migrate", verbosity=0)
    template = EmailTemplate.objects.create(
        name="notice",
        subject="A copy of your data",
        content=_django(text),
        html_content=_django(html),
    )
    began = time.perf_counter()
    with Path(people).open(encoding="utf-8", newline="") as rows:
        many = [
            {
                "sender": "notice@kestrel.example",
                "recipients": [row["email"]],
                "template": template,
                "context": {"name": row["name"], "code": row["id"]},
            }
            for row in csv.DictReader(rows)
        ]
    mail.send_many(many)
    while mail.send_queued() and Email.objects.exclude(status=STATUS.sent).exists():
        pass
    seconds = time.perf_counter() - began
    sent = Email.objects.filter(status=STATUS.sent).count()
    sys.stdout.write(json.dumps({"seconds": seconds, "sent": sent}) + "\n")


def _django(name: str) -> str:
    words = Path(name).read_text(encoding="utf-8")
    return words.replace("{name}", "{{ name }}").replace("{code}", "{{ code }}")


if __name__ == "__main__":
    main()
