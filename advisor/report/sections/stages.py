"""Where to start: the first experiment with what ends it, and the stages that lead into the pattern and beyond."""

from __future__ import annotations

from collections.abc import Iterable

from advisor.documents import Dossier
from advisor.documents.recommendation import FirstExperiment, SourceNote, StageItem
from advisor.report.blocks import KeyValues, Paragraph, Section, Step, Steps
from advisor.report.wording import count, listed, sentence, sources_of

__all__ = ["build"]


def build(dossier: Dossier, brief: bool = False) -> Section | None:
    """None without a verdict. In brief the experiment alone, in one line under its title."""
    chosen = dossier.recommendation.chosen
    if chosen is None or chosen.first_experiment is None:
        return None
    experiment = chosen.first_experiment
    if brief:
        title = f"Try first, in {count(experiment.days, 'day')}"
        return Section(id="stages", title=title, blocks=(Paragraph(text=experiment.title),))
    stages = tuple(_step(stage, stage.pattern is not None and stage.pattern[0] == chosen.id) for stage in chosen.stages)
    remark = Paragraph(text="Figures for which no source is named are our proposal.", tone="quiet")
    return Section(
        id="stages",
        title="Where to start",
        blocks=(_first(experiment), Steps(title="Stage by stage", steps=stages), remark),
    )


def _first(experiment: FirstExperiment) -> KeyValues:
    return KeyValues(
        title=f"First experiment: {experiment.title}",
        pairs=(
            ("At most", count(experiment.days, "day")),
            ("Do", experiment.do),
            ("Measure", experiment.measure),
            ("Stop when", experiment.stop_when),
            *_figures(experiment.sources),
        ),
    )


def _step(stage: StageItem, is_advised: bool) -> Step:
    left = "Go back when" if stage.next_when is None else "Go on when"
    return Step(
        title=stage.title,
        text=stage.do if stage.pattern is None or is_advised else f"{stage.do} (Pattern: {stage.pattern[1]}.)",
        signs=(
            (left, stage.next_when or stage.back_when or ""),
            ("Then keep", stage.keeps),
            ("Throw away", stage.throws_away),
            *_figures(stage.sources),
        ),
        mark="recommended" if is_advised else "",
    )


def _figures(notes: Iterable[SourceNote]) -> tuple[tuple[str, str], ...]:
    """What thresholds rest on, each with how far it was read; no line where they are our proposal."""
    named = [f"{source.title.rstrip('.')} ({source.status})" for source in sources_of(notes)]
    return (("Figures", sentence(f"after {listed(named)}")),) if named else ()
