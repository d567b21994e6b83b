"""The closed lists of a law file. Members are the words of the file."""

from __future__ import annotations

from enum import StrEnum


class Standing(StrEnum):
    """Whether the law binds."""

    IN_FORCE = "in-force"  # it binds from its date
    ENACTED = "enacted"  # passed, and begins later
    PROPOSAL = "proposal"  # not a law
    GUIDELINE = "guideline"  # an authority's or a standard's advice, which practice follows
    VOLUNTARY = "voluntary"  # an authority wishes it
    CONTRACT = "contract"  # we promised it


class Effect(StrEnum):
    """What an exception that holds does to a duty."""

    NOT_REQUIRED = "not-required"  # frees us
    PROHIBIT = "prohibit"  # forbids telling
    POSTPONE = "postpone"  # permits waiting
    ANOTHER_WAY = "another-way"  # the duty stays, by other channels
    NOTE = "note"  # changes nothing by itself; a person should know


class IfUnknown(StrEnum):
    """What a duty is while it is not known whether its exception holds."""

    OPEN = "open"  # the duty is open and the facts are asked for
    ASK = "ask"  # the duty binds; the facts are asked for all the same
    BINDS = "binds"  # the duty binds; who relies on the exception has to show it


class Extender(StrEnum):
    """Who may move a due date."""

    AUTHORITY = "authority"  # somebody with the power to allows it
    OURSELVES = "ourselves"  # we take it, and write down the reason the law wants


class Per(StrEnum):
    """Into how many duties one obligation falls."""

    ONCE = "once"  # one, for the whole territory
    PLACE = "place"  # one for each place where protected people live
    AUTHORITY = "authority"  # one for each authority: the lead, else each member state's


class Must(StrEnum):
    """How one duty stands in time to another."""

    AFTER = "after"  # later than the other
    NOT_BEFORE = "not-before"  # at the same time or later
    BEFORE = "before"  # earlier than the other
    NOT_AFTER = "not-after"  # at the same time or earlier
    WITH = "with"  # at the same time


class Reach(StrEnum):
    """Whom a law follows."""

    PEOPLE = "people"  # the people who live in its territory, wherever we sit
    ORGANISATION = "organisation"  # the organisations established there, wherever people live


class HowMany(StrEnum):
    """How many of several forms a substitute notice needs."""

    ALL = "all"  # every one
    ANY = "any"  # one of them
    TWO = "two"  # any two


class Reaches(StrEnum):
    """Who is told by a substitute notice."""

    EVERYONE = "everyone"  # the whole class, instead of one by one
    UNREACHABLE = "unreachable"  # only those who cannot be reached one by one


class FormKind(StrEnum):
    """One form of a substitute notice."""

    EMAIL = "email"  # to those whose address is held
    LETTER = "letter"  # to those whose address is held
    TELEPHONE = "telephone"  # by voice
    WEBSITE = "website"  # conspicuously on our own site
    PREMISES = "premises"  # posted where we do business
    IN_APP = "in-app"  # in the service itself
    MEDIA = "media"  # major media of the place
    NEWSPAPER = "newspaper"  # printed, of general circulation
    BROADCAST = "broadcast"  # radio or television
    TOLL_FREE = "toll-free"  # a number that costs the caller nothing
    PUBLIC = "public"  # a public communication as effective as telling each
    AUTHORITY = "authority"  # the authority is told that we do so


class Remedy(StrEnum):
    """What a law obliges us to offer the people, free of charge."""

    IDENTITY_SERVICE = "identity-service"  # theft prevention and mitigation
    CREDIT_MONITORING = "credit-monitoring"  # watching the credit file
    CREDIT_REPORT = "credit-report"  # a copy of the credit file
