"""Which files a project consists of, with their bytes. Pure: nothing is written here."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import yaml
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from advisor import __version__, resources
from advisor.deciding import Choice, choose_settings, fired_rules, why_no_project
from advisor.documents import Dossier, Facts, FileRecord, Manifest, Recommendation
from advisor.errors import ScaffoldError, allowed
from advisor.knowledge import Knowledge, Pattern
from advisor.knowledge.components import Component, components_for
from advisor.report import build_sections, render_markdown
from advisor.scaffold.names import package_name
from advisor.states import answered_codes, states_of
from advisor.values import Approach, Value

__all__ = ["PlannedFile", "ProjectPlan", "check_choice", "choose_pattern", "package_name", "plan_project"]

_LEFT_BEHIND = {"__pycache__", ".pytest_cache", ".mypy_cache", ".ruff_cache"}
"""What tools leave in the folders of components, in a checkout and in an installed wheel."""


@dataclass(frozen=True, slots=True)
class PlannedFile:
    """One file to be: its path from the project's root with `/`, how it is made, its bytes."""

    path: str
    made: Literal["copied", "rendered"]
    content: bytes

    @property
    def sha256(self) -> str:
        """Of the bytes, in hex."""
        return hashlib.sha256(self.content).hexdigest()


@dataclass(frozen=True, slots=True)
class ProjectPlan:
    """A project to be."""

    manifest: Manifest
    files: tuple[PlannedFile, ...]


def check_choice(knowledge: Knowledge, approach: str | None, pattern: str | None) -> None:
    """Whether what the user insists on exists and fits together; known before any answer is read.

    Raises:
        ScaffoldError: there is no such pattern, or it belongs to another approach.
    """
    if pattern is None:
        return
    if pattern not in knowledge.patterns:
        raise ScaffoldError(
            f"unknown pattern {pattern!r}; {allowed(pattern, sorted(knowledge.patterns))}",
            "correct --pattern; what each is: advisor rules list --patterns",
        )
    owner = knowledge.patterns[pattern].approach
    if approach is not None and owner != approach:
        raise ScaffoldError(f"{pattern} is a pattern of {owner}, not of {approach}", "leave --approach out")


def choose_pattern(
    recommendation: Recommendation, knowledge: Knowledge, approach: str | None, pattern: str | None
) -> Pattern:
    """The pattern to scaffold: the recommended one, or what the user insists on.

    Raises:
        ScaffoldError: there is no verdict, the words do not fit, or no component stands for the pattern yet.
    """
    check_choice(knowledge, approach, pattern)
    if pattern is not None:
        chosen = knowledge.patterns[pattern]
    elif approach is not None and approach != recommendation.approach:
        own = knowledge.approaches[Approach(approach)].patterns
        chosen = next((one for one in own if one.component is not None), own[0])
    elif recommendation.pattern is not None:
        chosen = knowledge.patterns[recommendation.pattern]
    else:
        raise ScaffoldError(
            f"there is no verdict to scaffold: {recommendation.headline}",
            "give up what `advisor recommend` names first, or insist on an approach with --approach"
            if recommendation.undecided == "everything_vetoed"
            else "answer more (advisor ask), or insist on an approach with --approach",
        )
    states = states_of(knowledge, answered_codes(Facts(facts=recommendation.facts)))
    if why := why_no_project(knowledge, states):
        raise ScaffoldError(
            f"the advice stands ({chosen.approach}, {chosen.id}), but no project can be written: {why}",
            "for the advice: advisor report FILE --out report.html",
        )
    if chosen.component is None:
        built = [one for one in knowledge.patterns.values() if one.component is not None]
        near = [one.id for one in built if one.approach == chosen.approach] or [one.id for one in built]
        raise ScaffoldError(
            f"the advice stands ({chosen.approach}, {chosen.id}), but no reference implementation of it is built yet"
            if chosen.id == recommendation.pattern
            else f"no reference implementation of {chosen.id} ({chosen.approach}) is built yet",
            "for the advice: advisor report FILE --out report.html; to build what comes nearest all the same: "
            f"--pattern {' or --pattern '.join(near)}",
        )
    return chosen


def plan_project(recommendation: Recommendation, pattern: Pattern, knowledge: Knowledge, package: str) -> ProjectPlan:
    """All files of the project.

    Args:
        recommendation: what is written into the project as its reason.
        pattern: what is built; its settings go into config.yaml.
        knowledge: for the pattern's words.
        package: the name of the project's Python package.
    """
    if pattern.component is None:
        raise ScaffoldError(f"no reference implementation of {pattern.id} is built yet")
    components = components_for(pattern.component)
    choices = _choices(pattern, recommendation, knowledge)
    settings = _settings(components, choices, package)
    context = {
        "advisor_version": __version__,
        "approach": knowledge.approaches[pattern.approach],
        "asks": knowledge.asks,
        "components": components,
        "decision": render_markdown(build_sections(Dossier(recommendation=recommendation))),
        "extras": _extras(components),
        "package": package,
        "pattern": pattern,
        "project": package.replace("_", "-"),
        "recommendation": recommendation,
        "remarks": _remarks(components, choices),
        "requires": _requires(components),
        "settings": settings,
    }
    planned = [*_rendered(context), *_copied([component.component for component in components], package)]
    planned.append(_document(".advisor/recommendation.json", recommendation))
    planned.sort(key=lambda file: file.path)
    manifest = Manifest(
        advisor_version=__version__,
        rules_digest=recommendation.rules_digest,
        package=package,
        approach=pattern.approach,
        pattern=pattern.id,
        components=tuple(component.component for component in components),
        answers=recommendation.answers,
        figures=recommendation.figures,
        own_rules=recommendation.own_rules,
        files=tuple(FileRecord(path=file.path, made=file.made, sha256=file.sha256) for file in planned),
    )
    return ProjectPlan(manifest, tuple(planned))


def _document(path: str, document: Recommendation) -> PlannedFile:
    return PlannedFile(path, "rendered", (document.model_dump_json(indent=1) + "\n").encode())


def _choices(pattern: Pattern, recommendation: Recommendation, knowledge: Knowledge) -> tuple[Choice, ...]:
    """What is set for this pattern, which need not be the recommended one."""
    states = states_of(knowledge, answered_codes(Facts(facts=recommendation.facts)))
    return choose_settings(pattern, fired_rules(knowledge, states))


def _settings(components: Iterable[Component], choices: Iterable[Choice], package: str) -> dict[str, dict[str, Value]]:
    """The values of config.yaml: defaults, then what is set."""

    def placed(value: Value) -> Value:
        return value.replace("{package}", package) if isinstance(value, str) else value

    settings: dict[str, dict[str, Value]] = {
        component.component: {key: placed(setting.default) for key, setting in component.settings.items()}
        for component in components
    }
    for choice in choices:
        settings[choice.section][choice.key] = placed(choice.value)
    return settings


def _remarks(components: Iterable[Component], choices: Iterable[Choice]) -> dict[tuple[str, str], str]:
    """Why a key of config.yaml has its value, where it was set."""
    remarks = {}
    defaults = {(part.component, key): setting.default for part in components for key, setting in part.settings.items()}
    for choice in choices:
        default = defaults[choice.section, choice.key]
        without = f"without it: {_yaml_scalar(default)}"
        if choice.rule is not None:
            without = "also the default" if choice.value == default else without
            remarks[choice.section, choice.key] = f"{choice.rule.says} (rule {choice.rule.id}; {without})"
        elif choice.value != default:
            remarks[choice.section, choice.key] = f"set by the recommendation; {without}"
    return remarks


def _requires(components: Iterable[Component]) -> tuple[str, ...]:
    return tuple(sorted({line for component in components for line in component.requires}))


def _extras(components: Iterable[Component]) -> dict[str, tuple[str, ...]]:
    extras: dict[str, set[str]] = {}
    for component in components:
        for name, lines in component.extras.items():
            extras.setdefault(name, set()).update(lines)
    return {name: tuple(sorted(lines)) for name, lines in sorted(extras.items())}


def _rendered(context: Mapping[str, Any]) -> Iterable[PlannedFile]:
    templates = resources.folder("templates")
    # What every project has, then what comes along with a component; both lie as they will in the project.
    roots = [templates / "project", *(templates / "along" / part.component for part in context["components"])]
    # Markdown, TOML and YAML are written here, never HTML: escaping for HTML would spoil them.
    environment = Environment(
        loader=FileSystemLoader(templates),
        undefined=StrictUndefined,
        autoescape=False,  # noqa: S701
        keep_trailing_newline=True,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["yaml"] = _yaml_scalar
    environment.filters["toml"] = _toml_text
    environment.filters["line"] = _line
    for root in roots:
        for template in sorted(root.rglob("*.jinja")):
            text = environment.get_template(template.relative_to(templates).as_posix()).render(context)
            path = template.relative_to(root).as_posix().removesuffix(".jinja")
            yield PlannedFile(path, "rendered", text.encode())


def _yaml_scalar(value: Any) -> str:
    dumped: str = yaml.safe_dump(value, default_flow_style=True, width=10_000, allow_unicode=True)
    return dumped.strip().removesuffix("\n...").strip()


def _toml_text(value: str) -> str:
    # What JSON escapes in a text, TOML escapes alike.
    return json.dumps(value, ensure_ascii=False)


def _line(value: str) -> str:
    """On one line: a comment ends where its line ends."""
    return " ".join(value.split())


def _copied(rooms: Iterable[str], package: str) -> Iterable[PlannedFile]:
    root = resources.folder("reference_impls")
    sources = [root / "__init__.py", root / "__main__.py"]
    for room in rooms:
        sources += [path for path in sorted((root / room).rglob("*")) if path.is_file()]
    for source in sources:
        relative = source.relative_to(root)
        if not _LEFT_BEHIND.isdisjoint(relative.parts) or source.suffix == ".pyc":
            continue
        yield PlannedFile((Path(package) / relative).as_posix(), "copied", source.read_bytes())
