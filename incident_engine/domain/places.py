"""From a place code to its clock, its name and the groups of states it belongs to.

A place is an ISO 3166-1 country (`DE`), a part of one (`US-CA`), or the union `EU` itself, which
some laws speak of as one place. `EU` and `EEA` are also regions: sets of countries. `001` is the
world (UN M.49, as CLDR names it): the place of what is bound to none, such as a contract.
"""

from __future__ import annotations

from functools import cache
from zoneinfo import ZoneInfo

from incident_engine.domain.countries import is_place

# The zone in which a country keeps its official time: that of its seat of government, or of
# its largest city where it has several. IANA time zone database, file zone.tab, by area.
_ZONES = {
    "Africa": """
        AO=Luanda BF=Ouagadougou BI=Bujumbura BJ=Porto-Novo BW=Gaborone CD=Kinshasa
        CF=Bangui CG=Brazzaville CI=Abidjan CM=Douala DJ=Djibouti DZ=Algiers EG=Cairo
        EH=El_Aaiun ER=Asmara ET=Addis_Ababa GA=Libreville GH=Accra GM=Banjul GN=Conakry
        GQ=Malabo GW=Bissau KE=Nairobi LR=Monrovia LS=Maseru LY=Tripoli MA=Casablanca
        ML=Bamako MR=Nouakchott MW=Blantyre MZ=Maputo NA=Windhoek NE=Niamey NG=Lagos
        RW=Kigali SD=Khartoum SL=Freetown SN=Dakar SO=Mogadishu SS=Juba ST=Sao_Tome
        SZ=Mbabane TD=Ndjamena TG=Lome TN=Tunis TZ=Dar_es_Salaam UG=Kampala
        ZA=Johannesburg ZM=Lusaka ZW=Harare
    """,
    "America": """
        AG=Antigua AI=Anguilla AR=Argentina/Buenos_Aires AW=Aruba BB=Barbados
        BL=St_Barthelemy BO=La_Paz BQ=Kralendijk BR=Sao_Paulo BS=Nassau BZ=Belize
        CA=Toronto CL=Santiago CO=Bogota CR=Costa_Rica CU=Havana CW=Curacao DM=Dominica
        DO=Santo_Domingo EC=Guayaquil GD=Grenada GF=Cayenne GL=Nuuk GP=Guadeloupe
        GT=Guatemala GY=Guyana HN=Tegucigalpa HT=Port-au-Prince JM=Jamaica KN=St_Kitts
        KY=Cayman LC=St_Lucia MF=Marigot MQ=Martinique MS=Montserrat MX=Mexico_City
        NI=Managua PA=Panama PE=Lima PM=Miquelon PR=Puerto_Rico PY=Asuncion SR=Paramaribo
        SV=El_Salvador SX=Lower_Princes TC=Grand_Turk TT=Port_of_Spain US=New_York
        UY=Montevideo VC=St_Vincent VE=Caracas VG=Tortola VI=St_Thomas
    """,
    "Antarctica": """
        AQ=McMurdo
    """,
    "Arctic": """
        SJ=Longyearbyen
    """,
    "Asia": """
        AE=Dubai AF=Kabul AM=Yerevan AZ=Baku BD=Dhaka BH=Bahrain BN=Brunei BT=Thimphu
        CN=Shanghai CY=Nicosia GE=Tbilisi HK=Hong_Kong ID=Jakarta IL=Jerusalem IN=Kolkata
        IQ=Baghdad IR=Tehran JO=Amman JP=Tokyo KG=Bishkek KH=Phnom_Penh KP=Pyongyang
        KR=Seoul KW=Kuwait KZ=Almaty LA=Vientiane LB=Beirut LK=Colombo MM=Yangon
        MN=Ulaanbaatar MO=Macau MY=Kuala_Lumpur NP=Kathmandu OM=Muscat PH=Manila
        PK=Karachi PS=Hebron QA=Qatar SA=Riyadh SG=Singapore SY=Damascus TH=Bangkok
        TJ=Dushanbe TL=Dili TM=Ashgabat TW=Taipei UZ=Tashkent VN=Ho_Chi_Minh YE=Aden
    """,
    "Atlantic": """
        BM=Bermuda CV=Cape_Verde FK=Stanley FO=Faroe GS=South_Georgia IS=Reykjavik
        SH=St_Helena
    """,
    "Australia": """
        AU=Sydney HM=Perth
    """,
    "Europe": """
        AD=Andorra AL=Tirane AT=Vienna AX=Mariehamn BA=Sarajevo BE=Brussels BG=Sofia
        BV=Oslo BY=Minsk CH=Zurich CZ=Prague DE=Berlin DK=Copenhagen EE=Tallinn ES=Madrid
        FI=Helsinki FR=Paris GB=London GG=Guernsey GI=Gibraltar GR=Athens HR=Zagreb
        HU=Budapest IE=Dublin IM=Isle_of_Man IT=Rome JE=Jersey LI=Vaduz LT=Vilnius
        LU=Luxembourg LV=Riga MC=Monaco MD=Chisinau ME=Podgorica MK=Skopje MT=Malta
        NL=Amsterdam NO=Oslo PL=Warsaw PT=Lisbon RO=Bucharest RS=Belgrade RU=Moscow
        SE=Stockholm SI=Ljubljana SK=Bratislava SM=San_Marino TR=Istanbul UA=Kyiv
        VA=Vatican
    """,
    "Indian": """
        CC=Cocos CX=Christmas IO=Chagos KM=Comoro MG=Antananarivo MU=Mauritius MV=Maldives
        RE=Reunion SC=Mahe TF=Kerguelen YT=Mayotte
    """,
    "Pacific": """
        AS=Pago_Pago CK=Rarotonga FJ=Fiji FM=Pohnpei GU=Guam KI=Tarawa MH=Majuro MP=Saipan
        NC=Noumea NF=Norfolk NR=Nauru NU=Niue NZ=Auckland PF=Tahiti PG=Port_Moresby
        PN=Pitcairn PW=Palau SB=Guadalcanal TK=Fakaofo TO=Tongatapu TV=Funafuti UM=Wake
        VU=Efate WF=Wallis WS=Apia
    """,
}

# Where a country keeps several times, law and deadline follow the part: the zone of its seat here,
# and in _FURTHER what other corners of it keep.
_PART_ZONES = {
    "America/New_York": "US-CT US-DC US-DE US-FL US-GA US-MA US-MD US-ME US-NC US-NH US-NJ US-NY "
    "US-OH US-PA US-RI US-SC US-VA US-VT US-WV CA-ON CA-QC",
    "America/Detroit": "US-MI",
    "America/Indiana/Indianapolis": "US-IN",
    "America/Kentucky/Louisville": "US-KY",
    "America/Chicago": "US-AL US-AR US-IA US-IL US-KS US-LA US-MN US-MO US-MS US-ND US-NE US-OK "
    "US-SD US-TN US-TX US-WI",
    "America/Denver": "US-CO US-MT US-NM US-UT US-WY",
    "America/Boise": "US-ID",
    "America/Phoenix": "US-AZ",
    "America/Los_Angeles": "US-CA US-NV US-OR US-WA",
    "America/Anchorage": "US-AK",
    "Pacific/Honolulu": "US-HI",
    "Pacific/Pago_Pago": "US-AS",
    "Pacific/Guam": "US-GU",
    "Pacific/Saipan": "US-MP",
    "America/Puerto_Rico": "US-PR",
    "America/St_Thomas": "US-VI",
    "America/St_Johns": "CA-NL",
    "America/Halifax": "CA-NS CA-NB CA-PE",
    "America/Winnipeg": "CA-MB",
    "America/Regina": "CA-SK",
    "America/Edmonton": "CA-AB CA-NT",
    "America/Iqaluit": "CA-NU",
    "America/Vancouver": "CA-BC",
    "America/Whitehorse": "CA-YT",
    "Australia/Sydney": "AU-NSW AU-ACT",
    "Australia/Melbourne": "AU-VIC",
    "Australia/Hobart": "AU-TAS",
    "Australia/Brisbane": "AU-QLD",
    "Australia/Adelaide": "AU-SA",
    "Australia/Darwin": "AU-NT",
    "Australia/Perth": "AU-WA",
}
_FURTHER = {
    "US-AK": ("America/Adak",),
    "US-AZ": ("America/Denver",),
    "US-FL": ("America/Chicago",),
    "US-ID": ("America/Los_Angeles",),
    "US-IN": ("America/Chicago",),
    "US-KS": ("America/Denver",),
    "US-KY": ("America/Chicago",),
    "US-MI": ("America/Menominee",),
    "US-ND": ("America/Denver",),
    "US-NE": ("America/Denver",),
    "US-NV": ("America/Denver",),
    "US-OR": ("America/Boise",),
    "US-SD": ("America/Denver",),
    "US-TN": ("America/New_York",),
    "US-TX": ("America/Denver",),
}

_EU = frozenset({
    "AT", "BE", "BG", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GR", "HR", "HU", "IE", "IT",
    "LT", "LU", "LV", "MT", "NL", "PL", "PT", "RO", "SE", "SI", "SK",
})  # fmt: skip
_EEA = _EU | {"IS", "LI", "NO"}
# Parts of member states with a country code of their own where the Treaties apply (TFEU Art 355).
_MEMBER = {"AX": "FI", "GF": "FR", "GP": "FR", "MF": "FR", "MQ": "FR", "RE": "FR", "YT": "FR"}

REGIONS: dict[str, frozenset[str]] = {
    "EU": _EU | _MEMBER.keys(),
    "EEA": _EEA | _MEMBER.keys(),
}
WORLD = "001"
# Not ISO places: unions that a law treats as one place.
UNIONS = {"EU": "Europe/Brussels", WORLD: "UTC"}

_US_STATES = {
    "AL": "Alabama", "AK": "Alaska", "AS": "American Samoa", "AZ": "Arizona", "AR": "Arkansas",
    "CA": "California", "CO": "Colorado", "CT": "Connecticut", "DC": "District of Columbia",
    "DE": "Delaware", "FL": "Florida", "GA": "Georgia", "GU": "Guam", "HI": "Hawaii",
    "IA": "Iowa", "ID": "Idaho", "IL": "Illinois", "IN": "Indiana", "KS": "Kansas",
    "KY": "Kentucky", "LA": "Louisiana", "MA": "Massachusetts", "MD": "Maryland", "ME": "Maine",
    "MI": "Michigan", "MN": "Minnesota", "MO": "Missouri", "MP": "Northern Mariana Islands",
    "MS": "Mississippi", "MT": "Montana", "NC": "North Carolina", "ND": "North Dakota",
    "NE": "Nebraska", "NH": "New Hampshire", "NJ": "New Jersey", "NM": "New Mexico",
    "NV": "Nevada", "NY": "New York", "OH": "Ohio", "OK": "Oklahoma", "OR": "Oregon",
    "PA": "Pennsylvania", "PR": "Puerto Rico", "RI": "Rhode Island", "SC": "South Carolina",
    "SD": "South Dakota", "TN": "Tennessee", "TX": "Texas", "UM": "US Outlying Islands",
    "UT": "Utah", "VA": "Virginia", "VI": "US Virgin Islands", "VT": "Vermont",
    "WA": "Washington", "WI": "Wisconsin", "WV": "West Virginia", "WY": "Wyoming",
}  # fmt: skip


@cache
def _zone_names() -> dict[str, str]:
    found = {}
    for area, block in _ZONES.items():
        for entry in block.split():
            code, _, city = entry.partition("=")
            found[code] = f"{area}/{city}"
    for name, parts in _PART_ZONES.items():
        found |= dict.fromkeys(parts.split(), name)
    return found | UNIONS


def zone_of(place: str) -> str:
    """The IANA zone in which a day of `place` begins and ends; of its seat where it has several.

    A part of a country for which none is known keeps that of its country. Raises KeyError
    for what is no place.
    """
    names = _zone_names()
    return names[place] if place in names else names[country_of(place)]


def zones_of(place: str) -> tuple[str, ...]:
    """Every zone a place keeps, that of its seat first."""
    return (zone_of(place), *_FURTHER.get(place, ()))


def clock_of(place: str) -> ZoneInfo:
    """The zone of a place, ready to count with."""
    return ZoneInfo(zone_of(place))


def is_known_place(code: str) -> bool:
    """Whether a law may name it: a country, a part of one, the union or the world."""
    return code in UNIONS or is_place(code)


def is_region(code: str) -> bool:
    """Whether it is a set of countries rather than one."""
    return code in REGIONS


def country_of(place: str) -> str:
    """The ISO 3166-1 country of a place: `US` of `US-CA`, `DE` of `DE`."""
    return place.partition("-")[0]


def member_state_of(place: str) -> str:
    """The state whose authority answers for a place: `FR` of `RE`, `DE` of `DE-BY`."""
    country = country_of(place)
    return _MEMBER.get(country, country)


def lies_in(place: str, territory: str) -> bool | None:
    """Whether a place lies in a country, part or region. None: partly, or it cannot be said.

    `US-CA` lies in `US`; of `US` it cannot be said whether it lies in `US-CA`.
    """
    if territory == WORLD:
        return True
    if territory in REGIONS:
        return country_of(place) in REGIONS[territory]
    if place == territory or place.startswith(f"{territory}-"):
        return True
    return None if territory.startswith(f"{place}-") else False


def name_of(place: str, language: str = "en") -> str:
    """What people call it, in the language asked for; the code itself where no name is known."""
    country, _, part = place.partition("-")
    if country == "US" and part:
        return _US_STATES.get(part, place)
    # Babel costs a tenth of a second; only names need it.
    from babel import Locale

    name = Locale.parse(language, sep="-").territories.get(country, country)
    return f"{name} ({part})" if part else str(name)
