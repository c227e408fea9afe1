"""The generated project: what it consists of and how to run it."""

from __future__ import annotations

from advisor.documents import Dossier, Manifest, Recommendation
from advisor.report.blocks import Block, Callout, KeyValues, Section
from advisor.report.wording import ApproachNames, count, spoken

__all__ = ["build"]


def build(dossier: Dossier, brief: bool = False) -> Section | None:
    """None while no project was written."""
    manifest = dossier.manifest
    if manifest is None:
        return None
    names = ApproachNames(dossier.recommendation)
    copied = sum(file.made == "copied" for file in manifest.files)
    about = (
        ("Package", manifest.package),
        ("Built for", f"{names.title(manifest.approach)}, {spoken(manifest.pattern)}"),
        ("Components", ", ".join(manifest.components)),
        ("Files", f"{len(manifest.files)}, of which {copied} are tested code copied unchanged"),
        ("Written by", f"advisor {manifest.advisor_version}"),
    )
    run = (
        ("Install", "pip install -e ."),
        ("Test", "pytest"),
        ("See what it can do", f"python -m {manifest.package} --help"),
        ("Run its own checks", f"python -m {manifest.package} smoke"),
    )
    blocks: list[Block] = [
        *_differences(manifest, dossier.recommendation, names),
        KeyValues(pairs=about),
        KeyValues(title="How to run it, from its folder", pairs=run, literal=True),
    ]
    return Section(id="project", title="The generated project", blocks=tuple(blocks))


def _differences(manifest: Manifest, advice: Recommendation, names: ApproachNames) -> list[Block]:
    """Where the project was not made from this very recommendation."""
    found: list[Block] = []
    if (manifest.approach, manifest.pattern) != (advice.approach, advice.pattern):
        built = f"{names.inside(manifest.approach)}, {spoken(manifest.pattern)}"
        advised = (
            f"the recommendation is {names.inside(advice.approach)}, {spoken(advice.pattern or '')}".rstrip(", ")
            if advice.approach
            else "there is no recommendation"
        )
        found.append(
            Callout(
                title="Not what was recommended", text=f"The project was written for {built}; {advised}.", tone="alarm"
            )
        )
    changed = {given.fact for given in set(manifest.answers) ^ set(advice.answers)}
    changed |= {given.figure for given in set(manifest.figures) ^ set(advice.figures)}
    if changed:
        text = f"{count(len(changed), 'answer')} changed since the project was written."
        found.append(Callout(title="Written from other answers", text=text, tone="alarm"))
    if manifest.rules_digest != advice.rules_digest:
        text = "The rules changed since the project was written; an update brings it up to date."
        found.append(Callout(title="Written with other rules", text=text, tone="alarm"))
    return found
