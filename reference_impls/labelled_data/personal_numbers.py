"""How personal data is recognised: a pattern proposes, and a check digit, a telephone plan or a parser confirms.

The check digits are those of python-stdnum, the telephone plans those of phonenumbers.
"""

import ipaddress
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from ..project_base.optional import require

_STDNUM = "python-stdnum>=1.20"
_PHONES = "phonenumbers>=8.13"

Place = tuple[int, int]


@dataclass(frozen=True)
class Recogniser:
    """Finds one kind of personal data; `places` yields start and end of each hit in a text."""

    kind: str
    places: Callable[[str], Iterator[Place]]


_EMAIL = re.compile(r"(?<![\w.+-])[\w.+-]+@(?:[\w-]+\.)+[^\W\d_]{2,}(?![\w-])")
_CARD = re.compile(r"(?<![\d-])[3-6]\d{3}(?:[ -]?\d){9,15}(?![\d-])")
_IBAN = re.compile(r"\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]){11,30}\b")
_IP = re.compile(
    r"(?<![\w.:])(?:\d{1,3}(?:\.\d{1,3}){3}(?!\w|\.\d)|(?:[0-9a-fA-F]{0,4}:){2,7}[0-9a-fA-F]{0,4}(?![\w:]|\.\d))"
)
_MAC = re.compile(r"(?<![\w:-])[0-9a-fA-F]{2}(?:([:-])[0-9a-fA-F]{2})(?:\1[0-9a-fA-F]{2}){4}(?![\w:-])")
_VERSION = re.compile(r"(?:\bv|version|release)\W*$", re.I)

_NATIONAL: dict[str, tuple[tuple[str, str, str], ...]] = {
    "AT": (("AT insurance number", r"\d{4} ?\d{6}", "at.vnr"),),
    "AU": (("AU tax file number", r"\d{3} \d{3} \d{3}", "au.tfn"),),
    "BE": (("BE national number", r"\d{2}\.\d{2}\.\d{2}-\d{3}\.\d{2}", "be.nn"),),
    "BR": (("BR CPF", r"\d{3}\.\d{3}\.\d{3}-\d{2}", "br.cpf"),),
    "CA": (("CA social insurance number", r"\d{3}[ -]\d{3}[ -]\d{3}", "ca.sin"),),
    "CH": (("CH social security number", r"756\.\d{4}\.\d{4}\.\d{2}", "ch.ssn"),),
    "DE": (("DE tax number", r"\d{2} ?\d{3} ?\d{3} ?\d{3}", "de.idnr"),),
    "DK": (("DK CPR number", r"\d{6}-\d{4}", "dk.cpr"),),
    "ES": (("ES identity number", r"\d{8}-?[A-Z]", "es.dni"), ("ES foreigner number", r"[XYZ]\d{7}-?[A-Z]", "es.nie")),
    "FI": (("FI identity code", r"\d{6}[-+A-FU-Y]\d{3}[0-9A-Y]", "fi.hetu"),),
    "FR": (("FR security number", r"[12] ?\d{2} ?\d{2} ?\d[\dAB] ?\d{3} ?\d{3} ?\d{2}", "fr.nir"),),
    "GB": (("GB NHS number", r"\d{3} \d{3} \d{4}", "gb.nhs"),),
    "IE": (("IE PPS number", r"\d{7}[A-W][A-IW]?", "ie.pps"),),
    "IN": (("IN Aadhaar number", r"\d{4} \d{4} \d{4}", "in_.aadhaar"), ("IN PAN", r"[A-Z]{5}\d{4}[A-Z]", "in_.pan")),
    "IT": (("IT fiscal code", r"[A-Z]{6}\d{2}[A-EHLMPRST]\d{2}[A-Z]\d{3}[A-Z]", "it.codicefiscale"),),
    "KR": (("KR registration number", r"\d{6}-\d{7}", "kr.rrn"),),
    "NL": (("NL citizen number", r"\d{9}", "nl.bsn"),),
    "NO": (("NO birth number", r"\d{6} ?\d{5}", "no.fodselsnummer"),),
    "PL": (("PL PESEL", r"\d{11}", "pl.pesel"),),
    "SE": (("SE personal number", r"(?:\d{2})?\d{6}[-+]\d{4}", "se.personnummer"),),
    "US": (
        ("US security number", r"\d{3}-\d{2}-\d{4}", "us.ssn"),
        ("US taxpayer number", r"9\d{2}-\d{2}-\d{4}", "us.itin"),
    ),
    "ZA": (("ZA identity number", r"\d{13}", "za.idnr"),),
}
"""By country: the kind, how it is written, and the module of stdnum that knows its check digits."""
_NINO = re.compile(r"\b(?!BG|GB|KN|NK|NT|TN|ZZ)[A-CEGHJ-PR-TW-Z]{2} ?\d{2} ?\d{2} ?\d{2} ?[A-D]\b")


@cache
def recognisers(regions: tuple[str, ...]) -> tuple[Recogniser, ...]:
    """All recognisers, the surest first.

    Args:
        regions: Country codes, for telephone numbers without a country and for personal numbers.

    Raises:
        UserError: A library is not installed.
    """
    made = [
        Recogniser("e-mail address", _matches(_EMAIL, lambda _: True)),
        Recogniser("account number (IBAN)", _ibans),
        Recogniser("card number", _matches(_CARD, _is_card)),
        Recogniser("MAC address", _matches(_MAC, lambda _: True)),
        Recogniser("IP address", _addresses),
    ]
    for region in regions:
        for kind, pattern, module in _NATIONAL.get(region, ()):
            valid = require(f"stdnum.{module}", _STDNUM).is_valid
            made.append(Recogniser(kind, _matches(re.compile(rf"(?<![\w-]){pattern}(?![\w-])"), valid)))
    if "GB" in regions:
        made.append(Recogniser("GB insurance number", _matches(_NINO, lambda _: True)))
    made.append(Recogniser("telephone number", _telephones(regions)))
    return tuple(made)


def _matches(pattern: re.Pattern[str], valid: Callable[[str], object]) -> Callable[[str], Iterator[Place]]:
    def places(text: str) -> Iterator[Place]:
        return (match.span() for match in pattern.finditer(text) if valid(match.group()))

    return places


def _is_card(number: str) -> bool:
    digits = re.sub(r"\D", "", number)
    return len(set(digits)) > 1 and bool(require("stdnum.luhn", _STDNUM).is_valid(digits))


def _ibans(text: str) -> Iterator[Place]:
    iban = require("stdnum.iban", _STDNUM)
    for match in _IBAN.finditer(text):
        # Words in capital letters behind the number look like more of it.
        end = match.end()
        while end > match.start() and not iban.is_valid(text[match.start() : end]):
            end = text.rfind(" ", match.start(), end)
        if end > match.start():
            yield match.start(), end


def _addresses(text: str) -> Iterator[Place]:
    for match in _IP.finditer(text):
        try:
            address = ipaddress.ip_address(match.group())
        except ValueError:
            continue
        plain = address.is_loopback or address.is_unspecified
        if not plain and not _VERSION.search(text[: match.start()][-12:]):
            yield match.span()


def _telephones(regions: Sequence[str]) -> Callable[[str], Iterator[Place]]:
    phones: Any = require("phonenumbers", _PHONES)

    def places(text: str) -> Iterator[Place]:
        # Without any country only numbers that begin with + are found.
        for region in regions or (None,):
            for match in phones.PhoneNumberMatcher(text, region, leniency=phones.Leniency.STRICT_GROUPING):
                yield match.start, match.end

    return places
