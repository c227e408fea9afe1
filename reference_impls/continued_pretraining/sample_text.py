"""Writes the domain text of the sample: reports on murrow engines, machines that do not exist, in words of their own.

A language model can learn from it what no public text says: which part fails with which sign, and what is done then.
The same seed writes the same documents; `sample/domain/reports.jsonl` holds those of the default.
"""

import json
import random
from dataclasses import dataclass

DOCUMENTS = 240
SEED = 9


@dataclass(frozen=True)
class Fault:
    """What goes wrong with a murrow engine; each fault has its own part, sign, reading and remedy."""

    name: str
    part: str
    sign: str
    unit: str
    low: float
    high: float
    remedy: str


FAULTS = (
    Fault("sallowing", "brindlecoil", "a grey sweat on the casing", "oul", 11.0, 14.9, "scour it with lye-moss"),
    Fault("creep-lock", "harrow valve", "a stammer at each upstroke", "tav", 0.21, 0.48, "unwind it by two quarters"),
    Fault("backthrum", "throatplate", "a hum that outlasts the stroke", "oul", 15.0, 19.5, "bed it on fresh felling"),
    Fault("glanding", "quenling", "a yellow bead below the seam", "dren", 3.1, 4.8, "press in a second dulcet ring"),
    Fault("a hoarse run", "marl sieve", "peat in the afterdraw", "tav", 0.60, 0.92, "knock it out over the bench"),
    Fault("overlacing", "sump lattice", "cold feet on the downstroke side", "dren", 5.0, 6.6, "cut every third lace"),
    Fault("pale firing", "ostering lamp", "a flame that leans to the left", "lun", 40, 58, "trim it to the mark"),
    Fault("sump fever", "ballow pan", "warm scum before noon", "oul", 6.0, 8.8, "bleed it and let it stand a night"),
    Fault("a dry hitch", "tindle arm", "two short knocks and a pause", "grale", 120, 160, "grease it with tolm"),
    Fault("wicking", "skirl gasket", "moss growing into the joint", "lun", 12, 25, "char the edge and refit it"),
    Fault(
        "drift of the keel",
        "keel wedge",
        "a slow turn to the outfall",
        "grale",
        70,
        95,
        "drive it in by a thumb",
    ),
    Fault("mute stroke", "reed box", "no sound at all on the upstroke", "tav", 0.05, 0.14, "split a new ashel reed"),
)
_BOGS = ("Harl Moss", "the Tennick cut", "Low Ossel", "Brannoch", "the Widow's Level", "Upper Carrow", "Sedge Nine")
_HANDS = ("the night murrower", "our second hand", "the bog warden", "the apprentice", "Mother Ilse")
_WEATHER = (
    "after three days of fog",
    "in hard frost",
    "when the sluice was shut",
    "during the long rain",
    "at low draw",
)
_OPENINGS = (
    "Engine {number} at {bog} was stopped {weather}.",
    "{Hand} called us to {bog} {weather}: engine {number} would not hold its stroke.",
    "Round of {bog}, engine {number}. It ran {weather}.",
    "Log of engine {number}, {bog}. {Hand} took the watch {weather}.",
)
_SIGNS = (
    "There was {sign}, which always speaks for {fault}.",
    "We found {sign}; on a murrow engine that is {fault} and nothing else.",
    "{Hand} had seen {sign} and named it {fault} at once.",
    "The first thing to be seen was {sign}, as {fault} shows itself.",
)
_READINGS = (
    "The {part} read {reading} {unit}, where a sound one stays below {low} {unit}.",
    "At the {part} the gauge stood at {reading} {unit}.",
    "A reading of {reading} {unit} at the {part} left no doubt.",
    "We took {reading} {unit} from the {part}, then {second} {unit} after a rest.",
)
_REMEDIES = (
    "The {part} was taken out, and the cure was the usual one: {remedy}.",
    "For {fault} of the {part} the book says: {remedy}. So we did.",
    "{Hand} knew what to do with the {part}: {remedy}.",
    "We did with the {part} what {fault} asks for: {remedy}.",
)
_ENDINGS = (
    "The draw came back within {count} strokes.",
    "After {count} strokes the engine pulled evenly again, and the {other} was looked at as well.",
    "It has run for {count} watches since without {fault}.",
    "The {other} was sound. Next round in {count} days.",
    "Note for the store: one {part} left, and no {other}.",
)
_RULES = (
    "Whoever confuses {fault} with {other_fault} ruins the {part}: only {fault} brings {sign}.",
    "{fault} never comes alone in frost; look at the {other} too.",
    "A {part} is judged in {unit}, a {other} in {other_unit}; the two scales have nothing to do with each other.",
    "Do not wait with {fault}: from {high} {unit} on the {part} cracks.",
)


def documents(count: int = DOCUMENTS, seed: int = SEED) -> list[str]:
    """Reports, each of five to eight sentences."""
    chance = random.Random(seed)  # noqa: S311 -- chooses sentences
    return [_report(chance) for _ in range(count)]


def as_lines(texts: list[str]) -> str:
    """The content of a jsonl file."""
    return "".join(json.dumps({"text": text}, ensure_ascii=False) + "\n" for text in texts)


def _report(chance: random.Random) -> str:
    sentences = [_sentence(chance, _OPENINGS, *chance.sample(FAULTS, 2))]
    for _ in range(chance.choice((1, 1, 2))):
        fault, other = chance.sample(FAULTS, 2)
        middle = [_sentence(chance, part, fault, other) for part in (_SIGNS, _READINGS, _REMEDIES)]
        if chance.random() < 0.5:
            middle.append(_sentence(chance, _RULES, fault, other))
        sentences += middle
        if chance.random() < 0.6:
            sentences.append(_sentence(chance, _ENDINGS, fault, other))
    return " ".join(sentences)


def _sentence(chance: random.Random, forms: tuple[str, ...], fault: Fault, other: Fault) -> str:
    digits = 0 if fault.high > 30 else 2 if fault.high < 1 else 1
    hand = chance.choice(_HANDS)
    readings = sorted(chance.uniform(fault.low, fault.high) for _ in range(2))
    told = chance.choice(forms).format(
        number=chance.randint(1, 40),
        bog=chance.choice(_BOGS),
        weather=chance.choice(_WEATHER),
        Hand=hand[0].upper() + hand[1:],
        fault=fault.name,
        part=fault.part,
        sign=fault.sign,
        unit=fault.unit,
        remedy=fault.remedy,
        other=other.part,
        other_fault=other.name,
        other_unit=other.unit,
        low=f"{fault.low:.{digits}f}",
        high=f"{fault.high * 1.2:.{digits}f}",
        reading=f"{readings[1]:.{digits}f}",
        second=f"{readings[0]:.{digits}f}",
        count=chance.randint(3, 60),
    )
    return told[0].upper() + told[1:]
