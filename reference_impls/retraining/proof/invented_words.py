"""What customers of the invented firm write, by what they write about."""

from collections.abc import Mapping
from typing import Literal

Topic = Literal["offline", "battery", "calibration", "app", "damage"]

PLACES = (
    "the cold room",
    "freezer 2",
    "the flower cooler",
    "the vaccine fridge",
    "our lab in the basement",
    "the milk tank",
    "the reefer container",
    "the ripening chamber",
    "the blood bank",
    "the loading dock",
    "the walk-in cooler",
    "room 114",
)

OPENINGS = (
    "Good morning,",
    "Hello,",
    "Hi there,",
    "To whom it may concern:",
    "Dear service team,",
    "As discussed on the phone:",
    "Second attempt, nobody has answered yet.",
)

CLOSINGS = (
    "Please tell us what to do.",
    "We have an audit next week.",
    "Thanks, Ms Okafor",
    "Regards, kitchen of the Hotel Lindenhof",
    "This is the third time this year.",
    "When can somebody look at it?",
    "Our reference is 4417.",
    "Thank you for your help.",
    "Best reached before noon.",
)

SENTENCES: Mapping[Topic, tuple[str, ...]] = {
    "offline": (
        "The {device} in {place} has shown nothing for {days} days.",
        "No data arrives from {place} since the weekend, the {device} is offline.",
        "{device} lost its connection {days} days ago and does not come back.",
        "Signal gone in {place}. We restarted the router, still no readings from the {device}.",
        'The portal says "no contact" for the {device} in {place}.',
        "Our {device} keeps dropping out, {days} gaps in the curve this week.",
        "We get no values from {place} any more; the light of the {device} blinks red.",
    ),
    "battery": (
        "The {device} in {place} reports a weak battery.",
        "Battery warning for {place} since {days} days, please send new cells.",
        "Low voltage on the {device}; which battery type do we need?",
        "The battery of our {device} lasts no longer than {days} weeks.",
        "{device}: battery empty again, we changed it {days} months ago.",
        "All devices of {place} show the yellow battery symbol.",
    ),
    "calibration": (
        "The yearly calibration of the {device} in {place} is due.",
        "Our inspector wants a certificate for the {device}, the old one has run out.",
        "The {device} reads {days} degrees too high against the reference thermometer.",
        "Please recalibrate {place}, the values drift.",
        "We doubt the accuracy of the {device}: two devices side by side differ.",
        "Certificate for {place} needed before the audit in {days} days.",
    ),
    "app": (
        "A new colleague needs access to the readings of {place}.",
        "I cannot log in any more, the app says the password is wrong.",
        "How do I change the alarm limit of {place}?",
        "The weekly report of {place} is missing the last {days} days.",
        "Alarms come by text message {days} times, once would do.",
        "Where can I download the readings of the {device} as a table?",
    ),
    "damage": (
        "A pallet hit the {device} in {place}, the housing is broken.",
        "The {device} fell into the tank and is full of water.",
        "The bracket of the {device} in {place} has come off the wall.",
        "The cable of the {device} was cut by the cleaners {days} days ago.",
        "Display of the {device} cracked, nothing can be read.",
    ),
}
"""Every sentence names what it is about in words of its topic, so that a model of words can tell the topics apart."""
