"""Whether there is enough to read, and what the evidence on record says of that amount."""

from typing import TYPE_CHECKING

from ..labelled_data.base import Example
from ..labelled_data.personal_data import find_personal_data
from .base import Kind, Side
from .check import PERSONAL_DATA, TOO_FEW_TOKENS, Amount, Check, Finding, Weight
from .documents import Encoded, Texts
from .settings import ProjectSettings

if TYPE_CHECKING:
    from .causal import CausalModel
    from .masked import MaskedModel

LARGE = 1_000_000_000
"""Tokens from which on gains of large models are on record; and parameters from which on a model is called large."""
_SMALL_CORPUS = 100_000_000
_REPEATED = 4.0
"""More than about four passes over the same text teach less and less (Muennighoff et al. 2023, Scaling
data-constrained language models)."""
_TO_SHOW = 3


def check_texts(encoded: Encoded, model: "MaskedModel | CausalModel", settings: ProjectSettings) -> Check:
    """Counts tokens and judges the amount."""
    given = settings.continued_pretraining
    texts = encoded.texts
    domain, general = _amount(encoded, "domain"), _amount(encoded, "general")
    parameters = sum(weight.numel() for weight in model.network.parameters())
    found = [
        *_of_amount(domain.tokens, parameters, given.least_tokens),
        *_of_replay(domain, general, given.replay_share),
        *_of_personal_data(texts, settings),
    ]
    if texts.near:
        found.append(
            Finding(
                id="near_repeats",
                weight="note",
                says=f"{texts.near} documents have near repeats; each group of them stays on one side of the split",
            )
        )
    order: tuple[Weight, ...] = ("blocking", "warning", "note")
    return Check(
        objective=given.objective,
        base=model.base.name,
        notice=model.base.notice,
        parameters=parameters,
        domain=domain,
        general=general,
        repeats=texts.repeats,
        near=texts.near,
        skipped=texts.skipped,
        least_tokens=given.least_tokens,
        findings=tuple(sorted(found, key=lambda finding: order.index(finding.weight))),
    )


def _amount(encoded: Encoded, kind: Kind) -> Amount:
    texts = encoded.texts
    sides: dict[Side, int] = {side: len(texts.of(kind, side)) for side in ("train", "validation", "held_out")}
    own = [(text, tokens) for text, tokens in zip(texts.texts, encoded.tokens, strict=True) if text.kind == kind]
    return Amount(
        kind=kind,
        documents=len(own),
        tokens=sum(len(tokens) for _, tokens in own),
        words=sum(len(text.text.split()) for text, _ in own),
        train=sides["train"],
        train_tokens=sum(map(len, encoded.of(kind, "train"))),
        validation=sides["validation"],
        held_out=sides["held_out"],
    )


def _of_amount(tokens: int, parameters: int, least: int) -> list[Finding]:
    large = parameters >= LARGE
    if tokens < least:
        return [
            Finding(
                id=TOO_FEW_TOKENS,
                weight="blocking",
                says=f"the evidence advises against it: the domain text has {tokens:,} tokens, and gains are on record "
                f"from about {_SMALL_CORPUS // 1_000_000} million on for small models and from a billion on for large "
                f"ones (threshold: continued_pretraining.least_tokens {least:,})",
                instead="use the text otherwise: let a model look things up in it (retrieval), which trains nothing; "
                "tune on examples of the task (fine-tuning), which a few hundred labels begin to pay for; or gather "
                "more text",
            )
        ]
    if tokens < _SMALL_CORPUS:
        return [
            Finding(
                id="least_tokens_lowered",
                weight="warning",
                says=f"{tokens:,} tokens pass only since continued_pretraining.least_tokens was lowered to {least:,}; "
                "the evidence advises against fewer than 100 million",
            )
        ]
    if tokens < LARGE and large:
        return [
            Finding(
                id="large_model",
                weight="warning",
                says=f"the model has {parameters:,} parameters, and large models gained from a billion tokens on; "
                f"here are {tokens:,}",
                instead="take a model of at most a billion parameters, or tune on examples of the task",
            )
        ]
    told = "published runs of this size gained" if tokens >= LARGE else "small models have gained from this much"
    return [Finding(id="enough_tokens", weight="note", says=f"{tokens:,} tokens: {told}")]


def _of_replay(domain: Amount, general: Amount, share: float) -> list[Finding]:
    if not general.documents or not share:
        return [
            Finding(
                id="no_replay",
                weight="warning",
                says="no general text is mixed in, so nothing works against forgetting",
                instead="name a folder of general text in continued_pretraining.general, and set replay_share to 0.1",
            )
        ]
    repeated = domain.train_tokens * share / (1 - share) / max(1, general.train_tokens)
    if repeated <= _REPEATED:
        return []
    return [
        Finding(
            id="little_general_text",
            weight="warning",
            says=f"there is so little general text that each pass reads it {repeated:.1f} times; what is read so often "
            "is learnt by heart instead",
            instead="add general text, or lower continued_pretraining.replay_share",
        )
    ]


def _of_personal_data(texts: Texts, settings: ProjectSettings) -> list[Finding]:
    given = settings.labelled_data
    if given.personal_data == "allow":
        return []
    examples = [Example(text.text, "", text.place) for text in texts.texts if text.kind == "domain"]
    found = find_personal_data(examples, given.personal_data_regions)
    if not found.rows:
        return []
    kinds = ", ".join(f"{kind.hits} x {kind.kind}" for kind in found.kinds[:_TO_SHOW])
    return [
        Finding(
            id=PERSONAL_DATA,
            weight="blocking" if given.personal_data == "refuse" else "warning",
            says=f"{found.rows} documents of the domain seem to hold personal data ({kinds}), which a model can repeat "
            "word by word",
            instead="take it out of the text, or set labelled_data.personal_data: allow",
        )
    ]
