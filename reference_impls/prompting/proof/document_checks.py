"""What the checks of whole corpora and of map-reduce do."""

import re
from pathlib import Path

from ...evaluation.metrics import mean
from ...project_base.checks import CheckFailed, Outcome
from ...project_base.errors import UserError
from ..documents.quotes import stands_in
from .checks import Proof, trial_of
from .endpoint import Conversation, running
from .project import METHODS, answers_of, last_input, sample_settings, wanted_outputs


def corpus_comes_first(proof: Proof) -> Outcome:
    """The whole corpus stands before everything that changes, and one that does not fit is refused."""
    folder = proof.folder("corpus")
    known = wanted_outputs(Path(str(METHODS["whole_corpus"]["items"])))
    with running(answers_of(known)) as server:
        settings = sample_settings(proof.settings, folder, "whole_corpus", server.base_url)
        trial = trial_of(settings)
    own = settings.prompting.model_copy(update={"most_corpus_tokens": 200})
    try:
        trial_of(settings.model_copy(update={"prompting": own}))
    except UserError as error:
        if "most_corpus_tokens" not in error.message:
            raise
    else:
        raise CheckFailed("a corpus of more tokens than allowed was sent")
    later = [row for row in trial.rows[1:] if row.tokens_read]
    share = mean([(row.tokens_cached or 0) / row.tokens_read for row in later if row.tokens_read]) or 0.0
    if share < 0.9:
        raise CheckFailed(f"only {share:.2f} of a later prompt could come from a cache of beginnings")
    return Outcome(
        f"{trial.effort.corpus_tokens} tokens of documents before each question; {share:.2f} of a later prompt could "
        "come from a cache",
        {"corpus_tokens": trial.effort.corpus_tokens, "cacheable_share": share},
    )


def quotes_are_checked(proof: Proof) -> Outcome:
    """Values whose quote does not stand in the document are left out of the count."""
    folder = proof.folder("quotes")
    invented = '{"value": "brakes", "quote": "the brakes failed on the hill"}'
    honest = '{"value": null, "quote": null}'

    def answer(messages: Conversation) -> str:
        text = last_input(messages)
        if "table" in messages[0]["content"]:
            return "Brakes failed in 99 reports."
        if not text:
            return ""
        day = re.search(r"\d{4}-\d{2}-\d{2}", text)
        told = f'{{"value": "{day.group()}", "quote": "{day.group()}"}}' if day else honest
        return f'{{"model": {honest}, "fault": {invented}, "minutes": {honest}, "day": {told}}}'

    with running(answer) as server:
        trial = trial_of(sample_settings(proof.settings, folder, "map_reduce", server.base_url))
    found = trial.reduced
    if found is None or found.unsupported != found.documents or stands_in("the hill", "a valley"):
        raise CheckFailed("invented quotes were believed")
    days = next(each for each in found.tallies if each.field == "day")
    if days.told != found.documents or "99" not in found.unknown_figures:
        raise CheckFailed("true quotes were not believed, or an invented figure was not told")
    return Outcome(
        f"{found.unsupported} invented quotes left out, {days.told} true ones counted, the invented figure 99 told",
        {"unsupported": found.unsupported, "documents": found.documents},
    )
