"""Whether tuning made a model forget what it could do before: a general probe, before and after."""

import math
from typing import TYPE_CHECKING, Any, Literal, Protocol, cast

from pydantic import BaseModel, ConfigDict

from ...embedding.settings import Settings as EmbeddingSettings
from ...encoders.paraphrases import paraphrases_found
from ...evaluation.bootstrap import Interval, bootstrap_interval
from ...evaluation.paired import Difference, compare
from ...labelled_data.base import Model
from ...registry.model_folder import ModelFolder
from ..settings import ProjectSettings

if TYPE_CHECKING:
    from ...generators.writer import CausalWriter

MOST_RISE = 1.1
"""A general text that became up to a tenth more surprising counts as kept: a convention, since there is no norm."""
_WORDS = {"majority", "word_counts", "gazetteer", "word_tagger"}
_FROZEN = {"head", "tagger_head"}
_UNTUNED = "causal_untuned"

Verdict = Literal["nothing trained", "kept", "forgotten", "not measured"]


class Forgetting(BaseModel):
    """What became of general skills, on a probe that has nothing to do with the data.

    Attributes:
        verdict: `forgotten` where the loss is beyond chance; see `of_encoder` and `of_writer`.
        measure: What `before` and `after` are; empty where nothing was measured.
        items: Sentences or texts of the probe.
        before: Of the model that the training began with.
        after: Of the tuned one.
        difference: After minus before, for an encoder.
        rise: How many times as surprising general texts are, for a generator.
        rise_interval: Its 95 % interval.
        why: Where nothing was measured.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    verdict: Verdict
    measure: str = ""
    items: int = 0
    before: float | None = None
    after: float | None = None
    difference: Difference | None = None
    rise: float | None = None
    rise_interval: Interval | None = None
    why: str = ""


class _Tuned(Protocol):
    """A tuned classifier or tagger."""

    about: Any
    network: Any
    reader: Any


def forgetting_of(model: Model, folder: ModelFolder, settings: ProjectSettings) -> Forgetting:
    """Measures what a model lost by its training.

    Args:
        model: As opened from the folder.
        folder: Names the model that the training began with.
        settings: Where that one is.

    Raises:
        UserError: The model that the training began with is gone, or is another one now.
    """
    if folder.kind == _UNTUNED:
        return Forgetting(verdict="nothing trained", why="the language model is as it was")
    if hasattr(model, "token_losses"):
        from ...generators.kinds import open_base  # noqa: PLC0415 -- heavy

        return of_writer(open_base(folder.about, settings.generators), cast("CausalWriter", model))
    if hasattr(model, "network") and hasattr(model, "reader"):
        return of_encoder(cast("_Tuned", model), settings.embedding)
    if folder.kind in _WORDS:
        return Forgetting(verdict="nothing trained", why="there is no language model in it")
    if folder.kind in _FROZEN:
        return Forgetting(verdict="nothing trained", why="the text encoder is as it was")
    return Forgetting(verdict="not measured", why=f"models of the kind {folder.kind} give no vectors of sentences")


def of_encoder(model: _Tuned, settings: EmbeddingSettings) -> Forgetting:
    """The share of everyday sentences of which the encoder finds the paraphrase among all paraphrases.

    `forgotten` where the paired difference is worse beyond chance.

    Args:
        model: A tuned classifier or tagger.
        settings: Where the encoder is that its training began with.

    Raises:
        UserError: That encoder is gone, or is another one now.
    """
    from ...encoders.loading import load_encoder  # noqa: PLC0415 -- heavy
    from ...encoders.source import same_source  # noqa: PLC0415 -- heavy

    source = same_source(model.about.base, settings)
    encoder = load_encoder(source).to(next(model.network.encoder.parameters()).device)
    before = paraphrases_found(encoder, model.reader, source.pooling)
    after = paraphrases_found(model.network.encoder, model.reader, source.pooling)
    found = compare("paraphrases found", after, before)
    return Forgetting(
        verdict="forgotten" if found.verdict == "worse" else "kept",
        measure=found.measure,
        items=found.questions,
        before=found.second,
        after=found.first,
        difference=found,
    )


def of_writer(base: "CausalWriter", tuned: "CausalWriter") -> Forgetting:
    """The perplexity of ordinary texts.

    `forgotten` where it rose beyond chance and by more than a tenth. The interval is a bootstrap over the texts of the
    mean difference of their mean losses, so that each text counts alike.

    Args:
        base: As it was before.
        tuned: As it is now; with the same tokenizer.
    """
    from ...generators.general import GENERAL_TEXTS, perplexity  # noqa: PLC0415 -- heavy

    before, after = ([perplexity(model, [text]) for text in GENERAL_TEXTS] for model in (base, tuned))
    rises = [math.log(now / then) for now, then in zip(after, before, strict=True)]
    low, high = bootstrap_interval(rises)
    rise = math.exp(math.fsum(rises) / len(rises))
    return Forgetting(
        verdict="forgotten" if low > 0 and rise > MOST_RISE else "kept",
        measure="perplexity of general texts",
        items=len(GENERAL_TEXTS),
        before=perplexity(base),
        after=perplexity(tuned),
        rise=rise,
        rise_interval=(math.exp(low), math.exp(high)),
    )
