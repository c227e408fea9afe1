"""Measures several forms of one model beside each other: how right, how large, how quick."""

import platform
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ..embedding.measure import processor
from ..embedding.onnx_model import threads
from ..labelled_data.base import Classifier, Example, Tagger
from ..project_base.errors import UserError
from .latency import Answer, measure_speed
from .results import Compressed, Form, Step, within
from .scores import Answers, agreement, answers_of, differences, scored
from .settings import Settings


@dataclass(frozen=True)
class Candidate:
    """A form of a model that is to be measured.

    Attributes:
        model: Ready to answer.
        bytes: On disk; None where it is not kept.
        parameters: Numbers that it consists of; None where they are not counted.
    """

    model: Classifier | Tagger
    bytes: int | None = None
    parameters: int | None = None


def measure_forms(
    step: Step, candidates: Mapping[str, Candidate], examples: Sequence[Example], settings: Settings
) -> Compressed:
    """Asks all forms the same examples, and measures their speed in turn within one run.

    Args:
        step: What was done.
        candidates: By name; the first is what the others are compared with.
        examples: Held-out ones.
        settings: The loss that is allowed, and how many texts speed is measured with.

    Raises:
        UserError: There are no examples.
    """
    if not examples:
        raise nothing_held_out()
    texts = [example.text for example in examples]
    answers = {name: answers_of(each.model, texts) for name, each in candidates.items()}
    speeds = measure_speed(
        {name: _answer(each.model) for name, each in candidates.items()}, _speed_texts(examples, settings.speed_texts)
    )
    names = list(candidates)
    return Compressed(
        step=step,
        measure=scored(answers[names[0]], examples).measure,
        examples=len(examples),
        most_loss=settings.most_loss,
        threads=threads(),
        processor=processor() or platform.machine(),
        forms=tuple(
            _form(
                name, each, answers[name], None if name == names[0] else answers[names[0]], examples, settings
            ).model_copy(update={"speed": speeds[name]})
            for name, each in candidates.items()
        ),
    )


def _form(
    name: str,
    candidate: Candidate,
    answers: Answers,
    first: Answers | None,
    examples: Sequence[Example],
    settings: Settings,
) -> Form:
    found = scored(answers, examples)
    form = Form(
        name=name,
        bytes=candidate.bytes,
        parameters=candidate.parameters,
        score=found.score,
        macro_f1=found.macro_f1,
    )
    if first is None:
        return form
    against = differences(answers, first, examples)
    return form.model_copy(
        update={
            "differences": against,
            "agreement": agreement(first, answers),
            "within": within(against[0], settings.most_loss),
        }
    )


def nothing_held_out() -> UserError:
    """What is told where nothing can be measured."""
    return UserError(
        "there are no held-out examples, so nothing tells what a smaller model costs",
        "give a test file, or leave a part of the data for the test",
    )


def _answer(model: Classifier | Tagger) -> Answer:
    return model.spans if isinstance(model, Tagger) else model.probabilities


def _speed_texts(examples: Sequence[Example], most: int) -> list[str]:
    """Texts of all lengths, spread evenly over the examples as they are sorted by length."""
    by_length = sorted((example.text for example in examples), key=len)
    count = min(most, len(by_length))
    return [by_length[place * len(by_length) // count] for place in range(count)]
