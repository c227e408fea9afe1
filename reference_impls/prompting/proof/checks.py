"""What each check of the smoke run does."""

import time
from collections.abc import Callable
from pathlib import Path

from ...project_base.checks import CheckFailed, Outcome
from ...project_base.errors import UserError
from ...project_base.terminal import last_words
from ..advice.answers_file import advise
from ..asking.journal import Journal
from ..items.checking import check_items
from ..items.reading import read_items
from ..measuring.comparing import compare_trials
from ..measuring.shelf import keep_trial, review_path
from ..measuring.trial import Trial
from ..measuring.trying import try_prompt
from ..reviewing.heaps import Verdicts
from ..settings import ProjectSettings
from .endpoint import Conversation, running
from .project import (
    METHODS,
    answers_of,
    copied,
    last_input,
    opened,
    sample_settings,
    start,
    wanted_outputs,
    write_config,
)

_SECONDS = 60
_KILL_AFTER = 6
_MILLISECONDS = 0.08


class Proof:
    """The project that is checked, and a folder for all that is written."""

    def __init__(self, settings: ProjectSettings, folder: Path) -> None:
        self.settings = settings
        self._folder = folder

    def folder(self, name: str) -> Path:
        """A new folder."""
        made = self._folder / name
        made.mkdir(parents=True, exist_ok=True)
        return made


def trial_of(settings: ProjectSettings) -> Trial:
    """Tries what the settings name, and keeps the result."""
    project = opened(settings)
    with Journal.open(project.runs_folder) as journal:
        trial = try_prompt(project, journal)
    keep_trial(project.runs_folder, trial)
    return trial


def sample_is_sound(proof: Proof) -> Outcome:
    """The shipped sets have no faults, and faults that are put in are found."""
    count = 0
    for method in METHODS:
        project = opened(sample_settings(proof.settings, proof.folder("sound"), method))
        found = check_items(project.items, project.examples, project.prompt, 0.9)
        if faults := [each.text for each in found if each.severity == "error"]:
            raise CheckFailed(f"the sample of {method} has faults: {faults[0]}")
        count += len(project.items)
    project = opened(sample_settings(proof.settings, proof.folder("sound"), "few_shot"))
    leaked = [*project.examples, project.items[0]]
    found = check_items([*project.items, project.items[3]], leaked, project.prompt, 0.9)
    told = " ".join(each.text for each in found)
    if "would hold its answer" not in told or "counts twice" not in told:
        raise CheckFailed("a repeated item and an example that is an item were not both found")
    return Outcome(f"{count} items without faults; a leaked example and a repeated item were found", {"items": count})


def stands_in_for_a_model(proof: Proof) -> Outcome:
    """Without a model the method runs, says that a stand-in answered, and claims nothing."""
    method = proof.settings.prompting.method
    settings = sample_settings(proof.settings, proof.folder("stand-in"), method)
    trial = trial_of(settings)
    verdicts = Verdicts(trial, proof.folder("stand-in") / "none.jsonl")
    facts = advise(trial, verdicts, settings.prompting, "text", 0).facts
    if not trial.stand_in or facts["baseline_quality"].value != "not_tried":
        raise CheckFailed("a stand-in answered, and its figures were taken for those of a model")
    share = trial.quality.share or 0.0
    return Outcome(
        f"{method}: {trial.quality.right} of {trial.quality.items} by a stand-in, which says nothing of any prompt",
        {"stand_in_right": share, "stand_in_p95_ms": trial.effort.ms_p95},
    )


def endpoint_is_measured(proof: Proof) -> Outcome:
    """A busy endpoint is asked again as it wishes, a bad output is repaired, and tokens and cost are told."""
    spoilt: set[str] = set()
    known = wanted_outputs(Path(str(METHODS["few_shot"]["items"])))

    def answer(messages: Conversation) -> str:
        given = last_input(messages)
        if len(spoilt) < 2 and given not in spoilt:
            spoilt.add(given)
            return "I am not sure."
        return known.get(given, "repair")

    with running(answer) as server:
        server.busy, server.retry_after = [429, 503], "0"
        prices = {"input_price": 2.0, "cached_price": 0.2, "output_price": 10.0, "choose_shots": "fixed"}
        settings = sample_settings(proof.settings, proof.folder("endpoint"), "few_shot", server.base_url, **prices)
        trial = trial_of(settings)
        again = trial_of(settings)
        sent = sum(server.asked.values())
    quality, effort = trial.quality, trial.effort
    if quality.right != quality.items or quality.repaired != 2 or quality.valid_first != quality.items - 2:
        raise CheckFailed(f"expected all right and two repaired, got {quality}")
    if sent != quality.items + 4 or again.effort.fresh:
        raise CheckFailed(f"{sent} requests for {quality.items} items, 2 busy answers and 2 repairs, tried twice")
    if not effort.cached or not effort.cost:
        raise CheckFailed("tokens from the cache, or the cost, were not told")
    return Outcome(
        f"{quality.items} items in {sent} requests with 2 busy answers and 2 repairs; the second run asked nothing; "
        f"{effort.cached:.0f} of {effort.read:.0f} tokens from the cache, {effort.cost:.4f} USD",
        {"requests": sent, "tokens_cached": effort.cached, "cost": effort.cost, "endpoint_p95_ms": effort.ms_p95},
    )


def killed_and_resumed(proof: Proof) -> Outcome:
    """Kill -9 in the middle loses nothing that was paid for, and nothing is paid for twice."""
    folder = proof.folder("killed")
    with running(answers_of(wanted_outputs(Path(str(METHODS["few_shot"]["items"]))), "repair")) as server:
        server.seconds = _MILLISECONDS
        settings = sample_settings(proof.settings, folder, "few_shot", server.base_url, choose_shots="fixed")
        config = write_config(settings, folder)
        with start(config, "try") as first:
            _wait(lambda: sum(server.answered.values()) >= _KILL_AFTER, first.poll)
            first.kill()
            first.communicate()
        before = sum(server.answered.values())
        with start(config, "try", "--format", "json") as second:
            output, said = second.communicate(timeout=_SECONDS)
        answered = list(server.answered.values())
    if second.returncode:
        raise CheckFailed(f"the run that goes on failed: {last_words(said, 300)}")
    trial = Trial.model_validate_json(output)
    twice = sum(count > 1 for count in answered)
    if len(answered) != trial.quality.items or twice > 1 or max(answered) > 2:
        raise CheckFailed(f"{len(answered)} items were asked, {twice} of them twice")
    if trial.effort.asked_again > 1 or trial.effort.asked_again < twice:
        raise CheckFailed(f"{trial.effort.asked_again} requests are told to have been sent again, and {twice} were")
    if trial.effort.reused < before - 1:
        raise CheckFailed(f"{before} answers were given before the kill, and {trial.effort.reused} were kept")
    return Outcome(
        f"killed after {before} of {len(answered)} answers; {trial.effort.reused} were kept, {twice} that was on its "
        "way was asked again and told",
        {"kept": trial.effort.reused, "asked_again": twice},
    )


def _wait(done: Callable[[], bool], ended: Callable[[], int | None]) -> None:
    until = time.monotonic() + _SECONDS
    while not done():
        if time.monotonic() > until or ended() is not None:
            raise CheckFailed("the run ended, or did nothing, before it could be killed")
        time.sleep(0.01)


def versions_are_told_apart(proof: Proof) -> Outcome:
    """A changed prompt under its old number is refused; a new version is compared in pairs."""
    folder = proof.folder("versions")
    given = METHODS["few_shot"]
    prompt = copied(Path(str(given["prompt"])), folder)
    known = wanted_outputs(Path(str(given["items"])))

    def answer(messages: Conversation) -> str:
        right = known[last_input(messages)]
        # The first version is taught nothing about locks and keys.
        return "repair" if right == "loss" and "stolen things" not in messages[0]["content"] else right

    with running(answer) as server:
        settings = sample_settings(
            proof.settings, folder, "few_shot", server.base_url, choose_shots="fixed", prompt=str(prompt)
        )
        first = trial_of(settings)
        text = prompt.read_text(encoding="utf-8") + "\nMessages about stolen things belong to loss.\n"
        prompt.write_text(text, encoding="utf-8")
        try:
            trial_of(settings)
        except UserError as error:
            if "a changed file is a new version" not in error.next_step:
                raise
        else:
            raise CheckFailed("a changed prompt was tried under its old number")
        prompt.write_text(text.replace("version: 1", "version: 2"), encoding="utf-8")
        second = trial_of(settings)
    found = compare_trials(second, first).difference
    if (found.won, found.lost) != (5, 0) or found.p is None:
        raise CheckFailed(f"expected 5 items won and none lost, got {found.won} and {found.lost}")
    return Outcome(
        f"{second.label} against {first.label}: {found.difference:+.2f}, p {found.p:.3f}, verdict: {found.verdict}",
        {"difference": found.difference, "p": found.p},
    )


def failures_become_answers(proof: Proof) -> Outcome:
    """Sorted failures end in the facts that `advisor recommend` reads."""
    folder = proof.folder("answers")
    known = wanted_outputs(Path(str(METHODS["few_shot"]["items"])))
    wrong = {given: "repair" for given, right in known.items() if right in ("loss", "contract")}
    with running(answers_of({**known, **wrong})) as server:
        settings = sample_settings(proof.settings, folder, "few_shot", server.base_url, choose_shots="fixed")
        config = write_config(settings, folder)
        trial = trial_of(settings)
    with start(config, "review") as sorting:
        sorting.communicate("b\n" * len(wrong), timeout=_SECONDS)
    verdicts = Verdicts(trial, review_path(folder / "runs", trial))
    facts = advise(trial, verdicts, settings.prompting, "label", 40).facts
    told = {name: fact.value for name, fact in facts.items()}
    if told.get("failure_mode") != "wrong_behaviour" or told.get("baseline_quality") != "far":
        raise CheckFailed(f"expected wrong_behaviour and far, got {told}")
    return Outcome(
        f"{len(wrong)} failures sorted by keys: failure_mode wrong_behaviour, baseline_quality far",
        {"sorted": len(wrong)},
    )


def own_items(settings: ProjectSettings) -> Outcome:
    """The configured evaluation set can be read; its faults are named."""
    project = opened(settings)
    found = check_items(project.items, project.examples, project.prompt, project.own.target)
    faults = [each.text for each in found if each.severity == "error"]
    told = f"; {len(faults)} faults, the first: {faults[0]}" if faults else " without faults"
    return Outcome(f"{len(read_items(Path(project.own.items)))} items{told}", {"faults": len(faults)})
