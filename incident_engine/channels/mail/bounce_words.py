"""What mail servers and people's programs write in mail that comes back: as data. Pure."""

from __future__ import annotations

import re

from incident_engine.domain.words import Outcome

DAEMON = re.compile(
    r"mailer-?daemon|post-?master|mail delivery (?:sub)?system|mail delivery service", re.IGNORECASE
)

AUTO_REPLY_HEADERS = ("X-Autoreply", "X-Autorespond", "X-Auto-Reply", "X-Autoresponder")
AUTO_REPLY_SUBJECT = re.compile(
    r"^\s*(?:(?:re|aw|sv)\s*:\s*)?(?:"
    r"out[- ]of[- ](?:the[- ])?office|auto(?:matic)?[- ]?(?:reply|response|antwort)"
    r"|abwesenheit|automatische antwort|ich bin (?:derzeit |zurzeit )?nicht"
    r"|r[ée]ponse automatique|absence du bureau|respuesta autom[áa]tica|risposta automatica"
    r"|automatisch antwoord|resposta autom[áa]tica|autosvar|автоответ|自动回复|自動回覆|自動返信"
    r"|자동\s*(?:회신|응답))",
    re.IGNORECASE,
)

# Words that say it where no code does, the surest first. Chinese providers often give only these.
PHRASES: tuple[tuple[re.Pattern[str], Outcome], ...] = (
    (
        re.compile(
            r"user (?:is )?unknown|unknown user|no such (?:user|recipient|mailbox)"
            r"|(?:address|account|mailbox|user|recipient)[^.\n]{0,60}"
            r"(?:does ?n[o']t exist|not found|not exist|disabled|unavailable|no longer)"
            r"|could ?n[o']t be found|no mailbox here by that name"
            r"|doesn't have a [a-z.]+ account"
            r"|(?:收件人|用户|帐号|账号|邮箱|邮件地址)[^。\n]{0,80}(?:不存在|未找到|已停用|被冻结|无效)"
            r"|пользователь не найден|несуществующ|gibt es nicht|unbekannter? empf",
            re.IGNORECASE,
        ),
        Outcome.UNDELIVERABLE,
    ),
    (
        re.compile(
            r"(?:over|exceed\w*)[^.\n]{0,20}quota|quota exceeded|mailbox (?:is )?full"
            r"|inbox is full|(?:邮箱|收件箱)[^。\n]{0,20}(?:已满|空间不足|容量)",
            re.IGNORECASE,
        ),
        Outcome.UNDELIVERABLE,
    ),
    (
        re.compile(
            r"(?:rejected|blocked|refused)[^.\n]{0,60}(?:spam|policy|content|reputation|list)"
            r"|spam message|(?:message|mail) content rejected|被拒绝|反垃圾|垃圾邮件",
            re.IGNORECASE,
        ),
        Outcome.REFUSED,
    ),
    (
        re.compile(
            r"(?:too long|expired|timed? ?out|giving up|gave up|not going to try again)"
            r"|host (?:or domain name )?not found|超时|多次尝试",
            re.IGNORECASE,
        ),
        Outcome.UNDELIVERABLE,
    ),
)

STILL_TRYING = re.compile(
    r"will (?:continue to (?:be retried|try)|be retried|keep trying|retry)"
    r"|no action is required|delivery attempts will continue|warning:? message .{0,40}delayed"
    r"|delivery incomplete|temporary problem delivering",
    re.IGNORECASE,
)
