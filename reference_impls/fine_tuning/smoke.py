"""Checks that prove, offline and on a part of the sample, that models are trained, judged, kept and served as set."""

from pathlib import Path

from ..project_base.checks import Check
from .exporting.export_model import configured
from .exporting.exporting import As
from .proof.smoke_data import looked_at, nothing_to_learn, own_data, personal_data
from .proof.smoke_exports import exported
from .proof.smoke_project import SmokeProject, four_bit_refused
from .proof.smoke_rows import SAMPLES
from .proof.smoke_training import climbed, four_bits, tuned
from .proof.smoke_versions import harmless, not_forgotten, other_base, predicted, regressed, served
from .settings import ProjectSettings

SETTINGS = ProjectSettings


def checks(settings: ProjectSettings, workdir: Path) -> list[Check]:
    """The checks of this room, in order: each goes on with what those before it left.

    Args:
        settings: The project's settings: the task, what is tuned and how far, and how models are made smaller.
        workdir: An empty folder for all that is written.
    """
    project = SmokeProject(settings, workdir / "fine-tuning-sample")
    given = settings.fine_tuning
    rung = "full" if given.climb_to == "full" else "lora"
    found = [
        Check("repeats stand on one side of the split, and contradictions are named", lambda: looked_at(project)),
    ]
    # Whether responses can be learned shows in training alone.
    if settings.labelled_data.probe != "off" and given.task != "generation":
        found.append(Check("random labels end in nothing to learn", lambda: nothing_to_learn(project)))
    if settings.labelled_data.personal_data != "allow":
        found.append(Check("personal data in a text is found", lambda: personal_data(project)))
    if four_bit_refused(settings):
        found.append(Check("four bits are refused without a GPU for them", lambda: four_bits(project)))
    found += [
        Check("the ladder keeps a rung that beats the floor", lambda: climbed(project)),
        Check("the kept version is evaluated, described and put in service", lambda: served(project)),
        Check(f"training {rung} lowers the loss and goes on after an interruption", lambda: tuned(project, rung)),
    ]
    if given.climb_to != "head" and given.task != "generation":
        found.append(
            Check("the tuned model is kept, and what it forgot is measured", lambda: not_forgotten(project, rung))
        )
    found += [
        Check("a worse version is refused, and rollback returns", lambda: regressed(project)),
        Check("a file with an empty row is predicted", lambda: predicted(project)),
    ]
    if rung == "lora":
        found.append(Check("an adapter is refused on another base model", lambda: other_base(project)))
    exported_as = _export_of(settings)
    if exported_as:
        version = "2" if given.climb_to != "head" and given.task != "generation" else "1"
        found.append(Check(f"a model is exported as {exported_as}", lambda: exported(project, version, exported_as)))
    found.append(Check("no file of a model can run code", lambda: harmless(project)))
    if Path(given.examples).resolve() != SAMPLES[given.task].resolve():
        found.append(Check("the configured data can be read and split", lambda: own_data(settings)))
    return found


def _export_of(settings: ProjectSettings) -> As | None:
    given = settings.fine_tuning
    if given.task == "generation" or given.compress != "none":
        return "merged" if given.task == "generation" else configured(given)
    return "merged" if given.climb_to == "lora" else None
