"""Writes the sample: service requests of an invented firm, whose outcome follows other rules from one day on.

The firm rents out sensors for cold rooms. Whoever takes a request wants to know how it will be solved: from afar, by
sending parts, or by a visit. On CHANGE_DAY the firm gets a tool that resets silent sensors from afar, sends out whole
devices where it used to calibrate on site, and swaps batteries by a visit at large sites. What customers write hardly
changes; what follows from it does.
"""

import csv
import io
from collections.abc import Sequence
from dataclasses import astuple, dataclass, fields
from datetime import datetime, timedelta
from math import exp
from random import Random
from typing import TypeVar

from .invented_words import CLOSINGS, OPENINGS, PLACES, SENTENCES, Topic

SEED = 20_260_301
ROWS = 2_600
START = datetime(2024, 1, 1)  # the firm's own clock, without a zone, as exports have it
CHANGE_DAY = datetime(2024, 10, 7)
A_WEEK = 33.0
"""Mean number of requests in a week."""
_OPEN = 14 / 24 * 5.4 / 7
"""Share of all hours in which requests come: 6 to 20 o'clock, and few of them at the weekend."""
LARGE_SITE = 60
"""From so many tags on, batteries are swapped by a visit after CHANGE_DAY."""

Value = TypeVar("Value")
Outcome = str
REMOTE, PARTS, VISIT = "remote", "parts", "visit"
_NEVER_CONFIRMED = 0.03
_SURPRISE = 0.07
"""Share of requests whose outcome follows no rule."""
_HANDED_IN_LATE = 0.02
_LONGEST_WAIT = timedelta(days=21)


@dataclass(frozen=True)
class Request:
    """One row of the sample, as texts; an empty one is missing.

    Attributes:
        received: When it came in.
        channel: mail, phone, portal; chat from CHANGE_DAY on.
        device: The device that it is about.
        tags_on_site: How many sensors the customer has there; missing where nobody looked it up.
        battery_volts: As the device last reported; missing where it is silent, and for one channel.
        contract_years: Age of the contract.
        message: What the customer wrote; missing for a few calls.
        outcome: remote, parts or visit; missing until it is confirmed.
        confirmed: When the outcome was entered, 1 to 21 days later; missing until then.
    """

    received: str
    channel: str
    device: str
    tags_on_site: str
    battery_volts: str
    contract_years: str
    message: str
    outcome: str
    confirmed: str


COLUMNS = tuple(field.name for field in fields(Request))


def sample_csv(rows: int = ROWS, seed: int = SEED) -> str:
    """The sample as a csv file: rows in the order in which they were filed, which is not quite that of time.

    Args:
        rows: How many.
        seed: The same seed gives the same bytes.
    """
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    writer.writerows(astuple(request) for request in make_requests(rows, seed))
    return text.getvalue()


def make_requests(
    rows: int = ROWS,
    seed: int = SEED,
    changes: Sequence[datetime] = (CHANGE_DAY,),
) -> list[Request]:
    """Requests with known drift.

    Args:
        rows: How many.
        seed: Of all that is drawn.
        changes: The days on which the rules of the outcome change: from the old to the new ones, back, and so on; none
            for a control without drift.
    """
    draw = Random(seed)  # noqa: S311  # invented rows, no secrets
    times = _times(draw, rows)
    last = times[-1]
    made = [_request(draw, moment, sum(moment >= day for day in changes) % 2 == 1, last) for moment in times]
    # A few are filed after others that came in later, as paper and voice mail are.
    for place in range(len(made) - 1):
        if draw.random() < _HANDED_IN_LATE:
            moved = min(len(made) - 1, place + 3 + int(draw.random() * 60))
            made.insert(moved, made.pop(place))
    return made


def _times(draw: Random, rows: int) -> list[datetime]:
    times: list[datetime] = []
    moment = START + timedelta(hours=7)
    while len(times) < rows:
        moment += timedelta(weeks=draw.expovariate(A_WEEK / _OPEN))
        if 6 <= moment.hour < 20 and (moment.weekday() < 5 or draw.random() < 0.2):
            times.append(moment.replace(second=0, microsecond=0))
    return times


def _request(draw: Random, moment: datetime, after: bool, last: datetime) -> Request:
    topic = _topic(draw)
    channel = _pick(draw, {"mail": 0.4, "phone": 0.25, "portal": 0.35} | ({"chat": 0.15} if after else {}))
    devices = {"Tag T2": 0.35, "Tag T3": 0.3, "Bridge B1": 0.15, "Probe P4": 0.12}
    device = _pick(draw, devices | ({"Bridge B2": 0.1} if after else {}))
    tags = max(2, round(exp(draw.gauss(3.6, 0.9))))
    # A new generation of sensors comes in bit by bit, so that voltages rise a little all the time.
    volts = draw.gauss(2.45 if topic == "battery" else 2.95, 0.12) + 0.08 * (moment - START).days / 500
    years = abs(draw.gauss(3.0, 2.0))
    outcome = _outcome(draw, topic, tags, years, after)
    wait = timedelta(days=1) + (_LONGEST_WAIT - timedelta(days=1)) * draw.random() ** 3
    confirmed = (moment + wait).replace(second=0, microsecond=0)
    known = confirmed <= last and draw.random() >= _NEVER_CONFIRMED
    silent = topic == "offline" and draw.random() < 0.3
    return Request(
        received=f"{moment:%Y-%m-%d %H:%M}",
        channel=channel,
        device=device,
        tags_on_site="" if draw.random() < 0.05 else str(tags),
        battery_volts="" if silent or (channel == "phone" and draw.random() < 0.4) else f"{volts:.2f}",
        contract_years=f"{years:.1f}",
        message="" if channel == "phone" and draw.random() < 0.08 else _message(draw, topic, device),
        outcome=outcome if known else "",
        confirmed=f"{confirmed:%Y-%m-%d %H:%M}" if known else "",
    )


def _topic(draw: Random) -> Topic:
    return _pick(draw, {"offline": 0.3, "battery": 0.24, "calibration": 0.2, "app": 0.16, "damage": 0.1})


def _outcome(draw: Random, topic: Topic, tags: int, years: float, after: bool) -> Outcome:
    if draw.random() < _SURPRISE:
        return _pick(draw, {REMOTE: 1.0, PARTS: 1.0, VISIT: 1.0})
    match topic:
        case "offline":
            return REMOTE if after or tags < 8 else VISIT
        case "battery":
            return VISIT if after and tags >= LARGE_SITE else PARTS
        case "calibration":
            return PARTS if after else VISIT
        case "damage":
            return VISIT if tags >= LARGE_SITE or years < 1 else PARTS
        case "app":
            return REMOTE


def _message(draw: Random, topic: Topic, device: str) -> str:
    told = _any(draw, SENTENCES[topic]).format(device=device, place=_any(draw, PLACES), days=2 + int(draw.random() * 9))
    parts = [told]
    if draw.random() < 0.55:
        parts.insert(0, _any(draw, OPENINGS))
    if draw.random() < 0.6:
        parts.append(_any(draw, CLOSINGS))
    text = " ".join(parts)
    return text.lower() if draw.random() < 0.08 else text


def _pick(draw: Random, weights: dict[Value, float]) -> Value:
    """A value at random; by hand, since only `random()` itself gives the same numbers in every version of Python."""
    left = draw.random() * sum(weights.values())
    for value, weight in weights.items():
        left -= weight
        if left < 0:
            return value
    return next(reversed(weights))


def _any(draw: Random, texts: Sequence[str]) -> str:
    return texts[int(draw.random() * len(texts))]
