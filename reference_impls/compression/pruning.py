"""Takes out of a tuned encoder what matters least for its task, trains what is left, and measures every step."""

from collections.abc import Callable, Sequence
from dataclasses import replace

from ..encoders.base import Context
from ..encoders.reading import Reader
from ..labelled_data.base import Classifier, Example, Tagger
from ..labelled_data.rungs import Fitted, Run
from ..project_base.errors import UserError
from .importance import layers_left, layers_to_keep, mean_loss, most_important, neuron_importance
from .lessons import judging_batches, recover
from .measuring import measure_forms, nothing_held_out
from .networks import Parts, candidate, copied, count_layers, fitted, parts_of
from .removing import feed_forwards, keep_layers, keep_neurons, layers_of, loads_again
from .results import Compressed
from .settings import Settings
from .words import keep_words, tokens_in

_Examples = Sequence[Example]
_Remove = Callable[[Parts, _Examples, _Examples, Settings, Run], tuple[Parts, str]]
"""Removes one kind of thing: from the parts, which it may change, to what is left and what was removed, in words."""


def prune(
    model: Classifier | Tagger,
    train: Sequence[Example],
    validation: Sequence[Example],
    held_out: Sequence[Example],
    context: Context,
    settings: Settings,
    run: Run,
) -> tuple[Fitted, Compressed]:
    """Removes layers, neurons and words, as the settings say, and trains what is left.

    A classifier learns from the answers of the whole model and from the labels, as in a distillation; a tagger from the
    spans alone. All forms are in memory at the end, so that their speed is measured in turn.

    Args:
        model: A tuned classifier or tagger of the room encoders.
        train: Labelled examples. They judge what matters, and what is left learns from them.
        validation: Decides which layers stay and when to stop; may be empty.
        held_out: Examples that neither training nor any choice has seen.
        context: How networks are trained.
        settings: What to remove, and how long to train.
        run: Where checkpoints are, the seed, and who watches.

    Returns:
        The smaller model, kept and opened like one of full tuning, and what was measured after each step.

    Raises:
        UserError: The model or its encoder allows no pruning, there are no examples, or there is nothing to remove.
    """
    whole = parts_of(model)
    if not train:
        raise UserError("there are no training examples, so nothing tells what matters", "give the training data")
    if not held_out:
        raise nothing_held_out()
    parts, steps, removed = copied(whole), {"whole": candidate(whole)}, []
    for name, remove in _STEPS.items():
        parts, told = remove(parts, train, validation, settings, run)
        if told:
            removed.append(told)
            steps[name] = candidate(copied(parts))
    if not removed:
        raise UserError(
            "the settings leave every layer, neuron and word, so there is nothing to prune",
            "set compression.layers, compression.neurons or compression.vocabulary",
        )
    if not loads_again(parts.network.encoder):
        raise UserError(
            f"what is left of this encoder ({parts.network.encoder.config.model_type}) could not be opened again",
            "make it smaller by distillation, or by an export in int8",
        )
    measured = {}
    if settings.recovery_epochs:
        measured = dict(recover(parts, whole, train, validation, context, settings, run).measured)
        steps["recovered"] = candidate(parts)
    result = measure_forms("prune", steps, held_out, settings)
    return fitted(parts, measured), result.model_copy(update={"chosen": [*steps][-1], "removed": "; ".join(removed)})


def _layers(parts: Parts, train: _Examples, validation: _Examples, settings: Settings, run: Run) -> tuple[Parts, str]:
    encoder = parts.network.encoder
    layers = len(layers_of(encoder).all)
    keep = layers_left(layers, settings)
    if keep == layers:
        return parts, ""
    # What was trained on is learned by heart: validation shows better what a layer is for.
    batches, loss = judging_batches(parts, validation or train, run.seed)
    advance = run.progress("trying layers", sum(range(keep + 1, layers + 1)))

    def cost() -> float:
        count_layers(parts)
        advance(1)
        return mean_loss(parts.network, batches, loss)

    kept = layers_to_keep(encoder, keep, cost)
    keep_layers(encoder, kept)
    count_layers(parts)
    gone = [str(number + 1) for number in range(layers) if number not in kept]
    return parts, f"layer{'s' if len(gone) > 1 else ''} {', '.join(gone)} of {layers}"


def _neurons(parts: Parts, train: _Examples, _validation: _Examples, settings: Settings, run: Run) -> tuple[Parts, str]:
    if settings.neurons == 1:
        return parts, ""
    encoder = parts.network.encoder
    neurons = feed_forwards(encoder)[0].second.in_features
    keep = max(1, round(settings.neurons * neurons))
    batches, loss = judging_batches(parts, train, run.seed)
    run.tell(f"weighing the {neurons:,} neurons of each layer ...")
    keep_neurons(encoder, most_important(neuron_importance(parts.network, encoder, batches, loss), keep))
    return parts, f"{neurons - keep:,} of {neurons:,} neurons of each layer"


def _words(parts: Parts, train: _Examples, validation: _Examples, settings: Settings, _run: Run) -> tuple[Parts, str]:
    if settings.vocabulary == "all":
        return parts, ""
    reader = parts.reader
    seen = tokens_in(reader.tokenizer, (reader.prompt + example.text for example in (*train, *validation)))
    tokenizer, known = keep_words(parts.network.encoder, reader.tokenizer, seen), len(reader.tokenizer)
    left = Reader(tokenizer, reader.most_tokens, reader.prompt)
    return replace(parts, reader=left), f"{known - len(tokenizer):,} of {known:,} tokens"


_STEPS: dict[str, _Remove] = {"layers": _layers, "neurons": _neurons, "words": _words}
