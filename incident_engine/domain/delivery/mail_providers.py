"""Which great provider stands behind a mail domain: their limits count all their domains together.

By the domain's name alone; a domain of one's own that is hosted there is not seen, because only
its mail exchangers tell, and the relay looks those up, not we. Pure.
"""

from __future__ import annotations

_PROVIDERS: dict[str, tuple[str, ...]] = {
    "google": ("gmail.com", "googlemail.com"),
    "microsoft": (
        "outlook.com",
        "hotmail.com",
        "hotmail.co.uk",
        "hotmail.de",
        "hotmail.fr",
        "hotmail.it",
        "live.com",
        "live.co.uk",
        "msn.com",
        "outlook.de",
        "outlook.fr",
    ),
    "yahoo": (
        "yahoo.com",
        "yahoo.co.uk",
        "yahoo.de",
        "yahoo.fr",
        "yahoo.com.sg",
        "yahoo.com.hk",
        "ymail.com",
        "rocketmail.com",
        "aol.com",
    ),
    "apple": ("icloud.com", "me.com", "mac.com"),
    "tencent": ("qq.com", "vip.qq.com", "foxmail.com"),
    "netease": ("163.com", "126.com", "yeah.net", "vip.163.com", "vip.126.com", "188.com"),
    "alibaba": ("aliyun.com",),
    "sina": ("sina.com", "sina.cn", "vip.sina.com"),
    "sohu": ("sohu.com",),
    "china-mobile": ("139.com",),
    "ionos": ("gmx.de", "gmx.net", "gmx.at", "gmx.ch", "gmx.com", "web.de", "mail.com"),
    "telekom": ("t-online.de", "magenta.de"),
    "orange": ("orange.fr", "wanadoo.fr"),
    "vk": ("mail.ru", "inbox.ru", "list.ru", "bk.ru", "internet.ru"),
    "yandex": ("yandex.ru", "yandex.com", "ya.ru", "yandex.by", "yandex.kz"),
    "naver": ("naver.com",),
    "kakao": ("daum.net", "hanmail.net", "kakao.com"),
    "proton": ("proton.me", "protonmail.com", "pm.me"),
}
_BY_DOMAIN = {domain: name for name, domains in _PROVIDERS.items() for domain in domains}


def provider_of(domain: str) -> str:
    """The great provider of a mail domain (in ASCII form), or an empty text."""
    return _BY_DOMAIN.get(domain.lower(), "")
