"""Links the patterns: what they name, what they set, their first experiment and the stages that lead into them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from advisor.errors import RulesError
from advisor.knowledge import files
from advisor.knowledge.approaches import Experiment, Pattern, Stage
from advisor.knowledge.components import Component, all_components, components_for, settings_faults
from advisor.knowledge.faults import Faults, Where
from advisor.knowledge.grounds import SourceRef
from advisor.strict_yaml import Loaded
from advisor.values import Approach

__all__ = ["link_patterns", "link_settings"]

Refs = Callable[[Sequence[files.SourceRefText], Where], tuple[SourceRef, ...]]
"""Reads the `sources` that stand at a place."""


def link_patterns(
    read: Iterable[tuple[files.PatternsFile, Loaded]],
    approaches: tuple[files.ApproachesFile, Loaded],
    risks: Iterable[str],
    steps: Iterable[str],
    refs: Refs,
    faults: Faults,
) -> dict[str, Pattern]:
    """The patterns by id, in the order of their files.

    Args:
        read: the files of patterns/.
        approaches: says which pattern belongs to which approach, and its component.
        risks: the known ids.
        steps: the known ids.
        refs: reads sources.
        faults: gathers what is wrong.
    """
    listed, loaded_approaches = approaches
    components = {name: component for spec in listed.approaches for name, component in spec.patterns.items()}
    owners = {name: spec.id for spec in listed.approaches for name in spec.patterns}
    built = _built(listed, loaded_approaches, faults)
    patterns: dict[str, Pattern] = {}
    for file, loaded in read:
        for index, text in enumerate(file.patterns):
            where = (loaded, ("patterns", index))
            if text.id in patterns:
                faults.complain(where, f"pattern {text.id!r} stands twice")
            if owners.get(text.id) != file.approach:
                faults.complain(where, f"pattern {text.id!r} is not listed under {file.approach} in approaches.yaml")
            if file.approach is Approach.HYBRID and len(text.halves) < 2:
                faults.complain(where, f"hybrid pattern {text.id!r} must name its halves")
            faults.known(where, "need", text.carries, listed.needs)
            faults.known(where, "risk", text.risks, risks)
            faults.known(where, "plan step", text.plan, steps)
            component = components.get(text.id)
            project = built.get(component, ()) if component else ()
            link_settings(text.settings, (loaded, (*where[1], "settings")), faults, project)
            link_settings(text.defines, (loaded, (*where[1], "defines")), faults, project)
            patterns[text.id] = Pattern(
                id=text.id,
                approach=file.approach,
                title=text.title,
                does=text.does,
                when=faults.condition(text.when, (loaded, (*where[1], "when"))),
                carries=text.carries,
                halves=text.halves or (file.approach,),
                build_first=text.build_first,
                second_half_pays_when=text.second_half_pays_when,
                settings=text.settings,
                defines=text.defines,
                risks=text.risks,
                plan=text.plan,
                sources=refs(text.sources, where),
                first_experiment=_experiment(text.first_experiment, where, refs, faults),
                stages=_stages(text, where, owners, refs, faults),
                component=component,
                rooms=tuple(part.component for part in project),
                where=loaded.where(where[1]),
            )
    for missing in sorted(set(owners) - set(patterns)):
        faults.complain(
            (loaded_approaches, ("approaches",)), f"pattern {missing!r} is described in no file of patterns/"
        )
    return patterns


def link_settings(settings: files.Settings, where: Where, faults: Faults, project: Sequence[Component] = ()) -> None:
    """Complains of every key that the components of a project do not have, and of every value that they do not take.

    Args:
        settings: as written at `where`.
        where: the place.
        faults: gathers what is wrong.
        project: its components; all that there are where it is not known which project it will be.
    """
    if settings:
        for path, text in settings_faults(settings, project or all_components()):
            faults.complain((where[0], (*where[1], *path)), text)


def _built(listed: files.ApproachesFile, loaded: Loaded, faults: Faults) -> dict[str, tuple[Component, ...]]:
    """For each component that a pattern is built from, that component and all it needs."""
    built = {}
    for index, spec in enumerate(listed.approaches):
        for pattern, component in spec.patterns.items():
            if component is None or component in built:
                continue
            try:
                built[component] = components_for(component)
            except RulesError as fault:
                where = (loaded, ("approaches", index, "patterns", pattern))
                faults.complain(where, f"component {component!r}: {'; '.join(fault.problems)}")
    return built


def _experiment(text: files.ExperimentText, where: Where, refs: Refs, faults: Faults) -> Experiment:
    at = (where[0], (*where[1], "first_experiment"))
    sources = _checked(refs(text.sources, at), at, faults)
    return Experiment(text.title, text.do, text.days, text.measure, text.stop_when, sources)


def _stages(
    pattern: files.PatternText, where: Where, known: Iterable[str], refs: Refs, faults: Faults
) -> tuple[Stage, ...]:
    stages = []
    for index, text in enumerate(pattern.stages):
        at = (where[0], (*where[1], "stages", index))
        last = index == len(pattern.stages) - 1
        if (text.back_when is not None) != last or (text.next_when is None) != last:
            wanted = "the last stage says 'back_when'" if last else "every stage but the last says 'next_when'"
            faults.complain(at, f"{wanted}, and only that")
        if text.pattern is not None:
            faults.known(at, "pattern", [text.pattern], {*known, pattern.id})
        stages.append(
            Stage(
                title=text.title,
                pattern=text.pattern,
                do=text.do,
                next_when=text.next_when,
                back_when=text.back_when,
                keeps=text.keeps,
                throws_away=text.throws_away,
                sources=_checked(refs(text.sources, at), at, faults),
            )
        )
    if [stage.pattern for stage in stages].count(pattern.id) != 1:
        faults.complain(
            (where[0], (*where[1], "stages")),
            f"exactly one stage of {pattern.id!r} must be the pattern itself: pattern: {pattern.id}",
        )
    return tuple(stages)


def _checked(sources: tuple[SourceRef, ...], where: Where, faults: Faults) -> tuple[SourceRef, ...]:
    for ref in sources:
        if ref.status == "remembered":
            faults.complain(where, f"nobody verified {ref.id}, so no threshold may rest on it")
    return sources
