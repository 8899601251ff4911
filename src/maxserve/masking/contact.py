"""E-mail addresses and phone numbers."""

from __future__ import annotations

import re

from .rule import NUMBERED, Detector, Rule, after, goes_on

_DOMAINS = frozenset(
    # Every name of two letters is a country's or kept for one; of the others those that mail is written to.
    """academy accountant agency app art arpa asia associates auction audio auto bank band bar beer best bid bike bio
    biz black blog blue boutique build builders business cab cafe camera camp capital care careers cash cat
    catering center ceo chat cheap church city claims cleaning click clinic cloud club coach codes coffee com
    community company computer consulting contact contractors cool coop courses credit dance data date dating
    deals delivery dental design dev digital direct directory dog domains download earth edu education email
    energy engineer engineering enterprises equipment estate events exchange expert express family farm fashion
    film finance financial fish fit fitness flights florist football foundation fun fund fyi gallery game games
    garden gay gift global gold golf gov graphics green group guide guru haus health healthcare help hiphop
    holiday hospital host hosting hotel house icu immo inc industries info ink institute insurance int
    international invest jetzt jobs kitchen land law lawyer legal life lighting limited link live llc loan lol
    love ltd management market marketing media mil mobi money museum name net network news ninja nrw one online
    org page partners parts party pet photo photography photos pics pictures plus post press pro productions
    properties pub quebec realty recipes red repair report rest restaurant reviews rocks run sale salon school
    science security services sexy shoes shop show site ski social software solar solutions space sport store
    stream studio style supplies support surf swiss systems taxi team tech technology tel tips today tools top
    tours town toys trade training travel university uno vet video vip vision wang watch website wedding wien
    wiki win wine work works world wtf xin xxx xyz yoga zone berlin hamburg koeln bayern london paris nyc tokyo
    madrid barcelona africa amsterdam example test local internal lan corp home localhost""".split()
)


def _email(text: str, before: str, behind: str) -> bool:
    local, _, domain = text.rpartition("@")
    if ".." in local:
        return False
    if before.endswith("//") or (local == "git" and behind[:1] in (":", "/")):
        return False  # who calls a URL, or the address of a repository
    labels = domain.lower().split(".")
    if labels[0].isdigit() and labels[1][:1].isdigit():
        return False  # package@1.0.0-rc.one
    top = labels[-1]
    return (len(top) == 2 and top.isalpha()) or top in _DOMAINS or top.startswith("xn--")


EMAIL = Detector(
    "email",
    "EMAIL",
    (
        Rule(
            "[A-Za-z0-9_][A-Za-z0-9._%+'-]{0,63}@[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?(\\.[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?)+",
            _email,
        ),
    ),
)

_CALL = after(
    r"\b(?:t[eéÉ]l|tlf|call(?:ing|ed|s)?|cell|dial(?:ling|ing)?|sms|ext)\b"
    r"|\b(?:mobil|whatsapp|hotline|anruf|angerufen|rufen|ruf |erreich"
    r"|m[oó]vil|celular|ll[aá]m|marca|num[eé]ro de t|portable|appel|joindre|joignable"
    r"|(?:ring|text|reach|phone) (?:me|us|him|her|them))"
    r"|phone|fax|t[eéÉ]l[eéÉ][fph]|handy|rufnummer|durchwahl"
    r"|[电電](?:话|話)|手[机機]|[拨撥]打|致[电電]|来电|联系|热线|号码是|传真|微信|打给|座机"
)
_REGIONS = ("US", "GB", "DE", "FR", "ES", "CN", "CH", "AT", "IT", "MX", "AU", "IN")
_PART_OF_LONGER = re.compile(r"[0-9][-./_:,= \u00a0]$|[A-Za-z][-_]$|[#$€£¥]$")


def _known(digits: str, region: str | None) -> bool:
    """Whether a country gives out such a number."""
    import phonenumbers  # late: most commands mask nothing

    try:
        return phonenumbers.is_valid_number(phonenumbers.parse(digits, region))
    except phonenumbers.NumberParseException:
        return False


def _whole(text: str, behind: str) -> bool:
    return not goes_on(behind) and text.count("(") == text.count(")")


def _international(text: str, before: str, behind: str) -> bool:
    digits = re.sub(r"\D", "", text.replace("(0)", "")).removeprefix("00")
    if not 7 <= len(digits) <= 15 or not _whole(text, behind):
        return False
    # Where the sentence says that it is one, the length will do: numbers of new blocks, old forms, and made-up ones.
    return _known(f"+{digits}", None) or _CALL.search(before) is not None


def _national(text: str, before: str, behind: str) -> bool:
    digits = re.sub(r"\D", "", text)
    if not 7 <= len(digits) <= 12 or not _whole(text, behind) or NUMBERED.search(before):
        return False
    # A leading 0 is what is dialled within a country, and begins few other numbers.
    return (digits[0] == "0" and len(digits) >= 9) or any(_known(digits, region) for region in _REGIONS)


def _american(text: str, before: str, behind: str) -> bool:
    return text[1] in "23456789" and _whole(text, behind)


PHONE = Detector(
    "phone",
    "PHONE",
    (
        Rule("\\+ ?[1-9]\\d{0,3}([ \u00a0.\\-/]{0,2}\\(?\\d{1,12}\\)?){1,6}", _international, least=8),
        Rule(
            "00[1-9]\\d{0,3}([ \u00a0.\\-/]{0,2}\\(?\\d{1,12}\\)?){1,6}",
            _international,
            least=8,
            unless=_PART_OF_LONGER,
        ),
        Rule(
            "\\(?\\d{1,12}\\)?([ \u00a0.\\-/]{0,3}\\d{1,8}){0,5}",
            _national,
            least=7,
            only=_CALL,
            unless=_PART_OF_LONGER,
        ),
        Rule("\\(\\d{3}\\) ?\\d{3}[-.]\\d{4}", _american),
    ),
)
