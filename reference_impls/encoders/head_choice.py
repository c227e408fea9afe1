"""Chooses for the frozen head: how far it trusts vectors and word counts, and what the counts count for."""

from collections.abc import Sequence

from ..labelled_data.rungs import Run
from .base import Choice, Context, Labelled
from .logs import combined
from .search import Part, Path, choose_penalty, layer_of, log_likelihood, penalty_path
from .softmax_regression import Floats, Integers, Linear
from .sparse_rows import SparseRows

WORD_WEIGHTS = (0.0, 0.25, 0.5, 0.75, 1.0)
"""A weight above 1 would trust words more than meaning, which the rung word_counts does already."""


def choose_head(data: Labelled, parts: Sequence[Part], vectors: Path, words: Path | None) -> Choice:
    """The combination with the highest log-likelihood on the judging examples; among equals the simplest.

    Args:
        data: The labels.
        parts: What the paths were fitted on and are judged by.
        vectors: Logits of the vectors with each C.
        words: Logits of the counts with each C; None leaves them out.
    """
    scores: dict[tuple[float, float | None, float], float] = {}
    for place, part in enumerate(parts):
        numbers = data.all_numbers[part.judging]
        for penalty, logits in vectors.logits[place].items():
            _add(scores, (penalty, None, 0.0), logits, numbers)
            for words_penalty, counted in (words.logits[place] if words else {}).items():
                for weight in WORD_WEIGHTS[1:]:
                    _add(scores, (penalty, words_penalty, weight), combined(logits, counted, weight), numbers)
    best = max(scores, key=lambda key: (scores[key], -key[2], -key[0]))
    return Choice(inverse_penalty=best[0], words_inverse_penalty=best[1], words_weight=best[2])


def _add(
    scores: dict[tuple[float, float | None, float], float],
    key: tuple[float, float | None, float],
    logits: Floats,
    numbers: Integers,
) -> None:
    scores[key] = scores.get(key, 0.0) + log_likelihood(logits, numbers) * len(numbers)


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
        penalty, layers = choose_penalty(path, data, parts), path.layers
    layer = layers.get(penalty) or layer_of(vectors, data, penalty, settings.balance)
    return layer, Choice(inverse_penalty=penalty)
