"""Smoke checks of the model that is handed on: merged, as ONNX, in eight bits, pruned or distilled."""

from ...compression.results import Compressed
from ...project_base.checks import CheckFailed, Outcome
from ..exporting.export_model import FIGURES
from ..exporting.exporting import As, chosen
from .smoke_project import SmokeProject
from .smoke_versions import ask

_TAUGHT = {"pruned", "distilled"}


def exported(project: SmokeProject, model: str, exported_as: As) -> Outcome:
    """A model is exported within the loss that is allowed, smaller or in one piece, and answers.

    Args:
        project: Where.
        model: A version, or a model's folder.
        exported_as: What is made of it.
    """
    folder = project.folder / f"exported-{exported_as}"
    config = project.write_config(
        "export.yaml", compression={"recovery_epochs": 1.0, "distillation_epochs": 1.0, "form": "auto"}
    )
    # A pass over a few dozen texts teaches a smaller network too little for any limit.
    loose = ("--despite-loss",) if exported_as in _TAUGHT else ()
    project.asked("export", model, "--as", exported_as, "--to", str(folder), *loose, config=config)
    result = Compressed.model_validate_json((folder / FIGURES).read_bytes())
    first, kept = result.forms[0], chosen(result)
    if kept is None or kept.score is None or not kept.differences or kept.speed is None:
        raise CheckFailed(f"export --as {exported_as} does not say what it costs")
    if exported_as not in {"merged", "onnx"} and (kept.bytes or 0) >= (first.bytes or 0):
        raise CheckFailed(f"{kept.name} takes {kept.bytes:,} bytes, and {first.name} {first.bytes:,}")
    answers = ask(project, folder, project.folder / f"answers-of-{exported_as}{project.examples.suffix}")
    lost = kept.differences[0]
    return Outcome(
        f"{kept.name} beside {first.name}: {result.measure} {lost.difference:+.4f} on {result.examples} held-out rows, "
        f"{(kept.bytes or 0) / 1e6:.1f} MB instead of {(first.bytes or 0) / 1e6:.1f}, {kept.speed.one_times:.1f} times "
        f"as quick; it answered {len(answers)} rows",
        {
            "export_difference": lost.difference,
            "export_mb": (kept.bytes or 0) / 1e6,
            "export_mb_before": (first.bytes or 0) / 1e6,
            "export_times_as_quick": kept.speed.one_times,
            "export_ms_p50": kept.speed.one_ms_p50,
        },
    )
