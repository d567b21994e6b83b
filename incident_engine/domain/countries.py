"""Which place codes exist: ISO 3166-1 alpha-2, and 3166-2 where laws differ inside a country."""

from __future__ import annotations

import re


def _codes(text: str) -> frozenset[str]:
    return frozenset(text.split())


# ISO 3166-1, officially assigned elements.
COUNTRIES = _codes(
    """
    AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR
    BS BT BV BW BY BZ CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ
    EC EE EG EH ER ES ET FI FJ FK FM FO FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW
    GY HK HM HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE JM JO JP KE KG KH KI KM KN KP KR KW KY
    KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO MP MQ MR MS MT MU MV
    MW MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW PY
    QA RE RO RS RU RW SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG
    TH TJ TK TL TM TN TO TR TT TV TW TZ UA UG UM US UY UZ VA VC VE VG VI VN VU WF WS YE YT ZA ZM
    ZW
    """
)

# ISO 3166-2, only where a law of the parts exists; elsewhere the shape is enough.
SUBDIVISIONS: dict[str, frozenset[str]] = {
    "US": _codes(
        """
        AL AK AZ AR CA CO CT DE FL GA HI ID IL IN IA KS KY LA ME MD MA MI MN MS MO MT NE NV NH NJ
        NM NY NC ND OH OK OR PA RI SC SD TN TX UT VT VA WA WV WI WY DC AS GU MP PR UM VI
        """
    ),
    "CA": _codes("AB BC MB NB NL NS NT NU ON PE QC SK YT"),
    "AU": _codes("ACT NSW NT QLD SA TAS VIC WA"),
    "CN": _codes(
        """
        AH BJ CQ FJ GD GS GX GZ HA HB HE HI HK HL HN JL JS JX LN MO NM NX QH SC SD SH SN SX TJ TW
        XJ XZ YN ZJ
        """
    ),
}

# What people write by habit, and the code they mean.
_HABITS = {"UK": "GB", "EL": "GR", "EN": "GB", "USA": "US", "PRC": "CN", "JAP": "JP"}
_SUBDIVISION = re.compile(r"[A-Z0-9]{1,3}")


def is_country(code: str) -> bool:
    """Whether it is an assigned ISO 3166-1 alpha-2 code, in capitals."""
    return code in COUNTRIES


def is_place(code: str) -> bool:
    """Whether it is a country, or a country and a part of it (`US-CA`)."""
    country, dash, part = code.partition("-")
    if country not in COUNTRIES:
        return False
    if not dash:
        return True
    known = SUBDIVISIONS.get(country)
    return part in known if known else bool(_SUBDIVISION.fullmatch(part))


def nearest_place(code: str) -> str | None:
    """The code somebody who wrote `code` most likely meant, if that can be said."""
    wanted = code.strip().upper().replace("_", "-")
    if is_place(wanted):
        return wanted
    country, dash, part = wanted.partition("-")
    meant = _HABITS.get(country)
    if meant and is_place(meant + dash + part):
        return meant + dash + part
    return None
