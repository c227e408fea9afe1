"""Chooses for the frozen head: how far it trusts vectors and word counts, and what the counts count for."""

from collections.abc import Sequence

from ..labelled_data.rungs import Run
from .base import Choice, Context, Labelled
from .coordinates import Linear
from .logs import combined
from .search import Part, Path, choose_penalty, judged_numbers, layer_of, penalty_path
from .sparse_rows import Floats, Integers, SparseRows
from .temperature import best_temperature

WORD_WEIGHTS = (0.25, 0.5, 0.75, 1.0)
"""A weight above 1 would trust words more than meaning, which the rung word_counts does already."""


def choose_head(data: Labelled, parts: Sequence[Part], vectors: Path, counts: Path | None) -> Choice:
    """The combination that tells the judging examples apart best; among equals the simplest.

    Args:
        data: The labels.
        parts: What the paths were fitted on and are judged by.
        vectors: Logits of the vectors with each C.
        counts: Logits of the counts with each C; None leaves them out.
    """
    numbers = judged_numbers(data, parts)
    found: list[tuple[float, Choice]] = []
    for penalty, logits in vectors.judged.items():
        found.append(_rated(logits, numbers, penalty, None, 0.0))
        for counts_penalty, counted in (counts.judged if counts else {}).items():
            for weight in WORD_WEIGHTS:
                found.append(_rated(combined(logits, counted, weight), numbers, penalty, counts_penalty, weight))
    return max(found, key=lambda each: (each[0], -each[1].words_weight, -each[1].penalty))[1]


def _rated(
    logits: Floats, numbers: Integers, penalty: float, counts_penalty: float | None, weight: float
) -> tuple[float, Choice]:
    score, temperature = best_temperature(logits, numbers)
    return score, Choice(
        inverse_penalty=penalty,
        words_inverse_penalty=counts_penalty,
        words_weight=weight,
        temperature=temperature,
    )


def choose_layers(
    context: Context,
    data: Labelled,
    parts: Sequence[Part],
    vectors: Floats,
    rows: SparseRows | None,
    run: Run,
) -> tuple[Choice, dict[float, Linear], dict[float, Linear]]:
    """Chooses how the two layers of a frozen head are fitted, unless an earlier training did.

    Args:
        context: The settings, and an earlier choice.
        data: The labels.
        parts: What to fit on, and what to judge by.
        vectors: Of the training and then of the validation examples.
        rows: Their counts; None leaves these out.
        run: Who watches.

    Returns:
        The choice, and the layers on vectors and on counts that are fitted on all training examples already, by C.
    """
    settings = context.encoders
    if context.choice is not None and context.choice.inverse_penalty is not None:
        return context.choice, {}, {}
    fits = len(parts) * len(settings.penalties) * (1 if rows is None else 2)
    advance = run.progress("choosing C of the head", fits)
    by_vectors = penalty_path(vectors, data, parts, settings.penalties, settings.balance, advance)
    by_counts = None
    if rows is not None:
        by_counts = penalty_path(rows, data, parts, settings.penalties, settings.balance, advance)
    choice = choose_head(data, parts, by_vectors, by_counts)
    run.tell(
        f"head: C {choice.inverse_penalty:g} of {settings.inverse_penalties}; word counts weigh {choice.words_weight:g}"
    )
    return choice, by_vectors.layers, by_counts.layers if by_counts is not None else {}


def start_from(context: Context, data: Labelled, parts: Sequence[Part], vectors: Floats) -> tuple[Linear, Choice]:
    """A layer on vectors alone, and the C that was chosen for it.

    Args:
        context: The settings, and an earlier choice.
        data: The labels.
        parts: What to fit on, and what to judge by.
        vectors: Of the training and then of the validation examples.
    """
    settings = context.encoders
    penalty = context.choice.inverse_penalty if context.choice else None
    layers: dict[float, Linear] = {}
    if penalty is None:
        path = penalty_path(vectors, data, parts, settings.penalties, settings.balance)
        (penalty, _), layers = choose_penalty(path, data, parts), path.layers
    layer = layers.get(penalty) or layer_of(vectors, data, penalty, settings.balance)
    return layer, Choice(inverse_penalty=penalty)


def choose_counts(
    context: Context, data: Labelled, parts: Sequence[Part], rows: SparseRows, run: Run
) -> tuple[Choice, Linear]:
    """A layer on counts alone, and the C and the temperature that were chosen for it.

    Args:
        context: The settings, and an earlier choice.
        data: The labels.
        parts: What to fit on, and what to judge by.
        rows: Counts of the training and then of the validation examples.
        run: Who watches.
    """
    settings = context.encoders
    if context.choice is not None and context.choice.words_inverse_penalty is not None:
        choice, penalty = context.choice, context.choice.words_inverse_penalty
        return choice, layer_of(rows, data, penalty, settings.balance)
    advance = run.progress("choosing C of the word counts", len(parts) * len(settings.penalties))
    path = penalty_path(rows, data, parts, settings.penalties, settings.balance, advance)
    penalty, temperature = choose_penalty(path, data, parts)
    run.tell(f"word counts: C {penalty:g} of {settings.inverse_penalties}")
    layer = path.layers.get(penalty) or layer_of(rows, data, penalty, settings.balance)
    return Choice(words_inverse_penalty=penalty, temperature=temperature), layer
