"""The model card of a version, in Markdown; what no document says is a comment for its owner to fill in.

After Mitchell, Wu, Zaldivar et al. (2019), Model cards for model reporting.
"""

from collections.abc import Iterator, Mapping

from .gate import seen
from .results import Evaluation, told
from .tables import verdict


def model_card(found: Evaluation, about: Mapping[str, object]) -> str:
    """The card.

    Args:
        found: What held-out text said.
        about: What the registry tells of the version.
    """
    sections = {
        f"# Model card of {found.version}": _summary(found, about),
        "## Intended use": _use(found),
        "## What it gained and forgot": _figures(found),
        "## Limits": _limits(found, about),
        "## Training": _training(about),
    }
    return "\n\n".join("\n".join([title, "", *lines]) for title, lines in sections.items()) + "\n"


def _summary(found: Evaluation, about: Mapping[str, object]) -> Iterator[str]:
    gained, forgot = verdict(found)
    rows = {
        "made from": f"`{found.base}` by {found.objective} language modelling on raw text",
        "read": f"{about.get('domain_tokens', 0):,} tokens of the domain and {about.get('replay_tokens', 0):,} general "
        "ones in each pass",
        "text": f"digest `{about.get('data', '')}`",
        "domain": f"**{gained}**: {seen(found.domain)}",
        "general": f"**{forgot}**: {seen(found.general)}",
        "evaluated": found.when,
        "model.json": f"sha256 `{found.model_sha256}`",
    }
    if found.notice:
        rows = {"**mind**": found.notice, **rows}
    yield "| | |"
    yield "|---|---|"
    yield from (f"| {name} | {_cell(value)} |" for name, value in rows.items())


def _use(found: Evaluation) -> Iterator[str]:
    if found.objective == "masked":
        yield (
            "A start for tuning on examples of the task: name its folder as `embedding.model` of a fine-tuning or "
            "retrieval project. It reads the domain better than its base, which is not yet to say that it answers "
            "better: tune it and its untouched twin on the same examples and compare."
        )
    else:
        yield (
            "A start for tuning on examples of the task: name its folder as `generators.model` of a fine-tuning "
            "project. It foretells text of the domain better than its base; it was not taught to follow instructions, "
            "and what it read is no store of facts to ask it for."
        )
    yield ""
    yield "<!-- Not known to this project; write it here: who uses it, for what it must not be used, who checks it. -->"


def _figures(found: Evaluation) -> Iterator[str]:
    yield f"Measured by {found.measure}, on documents that it was not trained on; intervals are drawn over documents."
    yield ""
    yield "| text | documents | tokens | before | after | after / before |"
    yield "|---|---|---|---|---|---|"
    for change in (found.domain, found.general):
        low, high = change.ratio_interval
        yield (
            f"| {change.kind} | {change.documents} | {change.tokens:,} | {change.before:.4g} | {change.after:.4g} | "
            f"{change.ratio:.3f} ({low:.3f} to {high:.3f}) |"
        )
    if found.paraphrases:
        probe = found.paraphrases
        low, high = probe.interval
        yield ""
        yield (
            f"Of {probe.questions} everyday sentences it finds the paraphrase of {probe.first:.1%}, and its base "
            f"{probe.second:.1%} (95 % interval of the difference {low:+.3f} to {high:+.3f})."
        )
    if found.against:
        low, high = found.against.interval
        yield ""
        yield (
            f"Beside {found.against.version}, in service then: {found.against.ratio:.3f} times its perplexity "
            f"({low:.3f} to {high:.3f})."
        )


def _limits(found: Evaluation, about: Mapping[str, object]) -> Iterator[str]:
    despite = about.get("despite")
    for finding in despite if isinstance(despite, list) else []:
        yield f"- It was trained although `check` advised against it: `{finding}`."
    for note in found.notes:
        yield f"- {_cell(note[:1].upper() + note[1:])}."
    yield "- Perplexities of models with different tokenizers, or judged by other tokens, do not compare."
    yield "- It can repeat what it read word by word: do not train on what its users may not see."
    yield "<!-- Not known to this project; write it here: languages and kinds of text that the corpus lacks. -->"


def _training(about: Mapping[str, object]) -> Iterator[str]:
    training = told(about, "training")
    rows = {
        "passes": training.get("passes"),
        "best after": training.get("best_pass"),
        "stopped early": training.get("stopped_early"),
        "passes of the guessing layer before": training.get("head_passes"),
        "tokens a second": training.get("tokens_per_second"),
        "seconds": training.get("seconds"),
        "parameters": training.get("parameters"),
        "share of general text": about.get("replay_share"),
    }
    yield "| | |"
    yield "|---|---|"
    for name, value in rows.items():
        if value is not None:
            yield f"| {name} | {f'{value:,.4g}' if isinstance(value, float) else value} |"


def _cell(text: str) -> str:
    return " ".join(text.replace("|", "\\|").split())
