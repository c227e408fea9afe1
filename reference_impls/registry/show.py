"""Shows the versions of a registry, as a table or as JSON."""

import json

from ..project_base.errors import UserError
from .registry import Registry
from .version import Version

_COLUMNS = ("", "version", "kind", "task", "score", "added (UTC)", "")
_CHAMPION = "*"
_DIGITS = 4


def as_table(registry: Registry, *, history: bool = False) -> str:
    """One line for each version, oldest first; the one in service has a star, unless champion.json is damaged.

    Args:
        registry: Where they stand.
        history: Also lists every change of the version in service.
    """
    versions = registry.versions()
    if not versions:
        return f"no model stands in {registry.folder} yet"
    try:
        marks, events = _marks(registry), registry.history()
    except UserError:
        marks, events = {}, []
    rows = [_COLUMNS, *(_row(version, marks.get(version.id, "")) for version in versions)]
    widths = [max(len(row[place]) for row in rows) for place in range(len(_COLUMNS))]
    lines = ["  ".join(f"{cell:<{width}}" for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]
    if history:
        lines += ["", "changes, oldest first"]
    for event in events if history else ():
        told = "; ".join(
            part for part in (event.why, f"overruled: {event.overruled}" if event.overruled else "") if part
        )
        lines.append(f"{event.when}  {event.action:<8}  {event.version}  {_one_line(told)}".rstrip())
    return "\n".join(lines)


def as_json(registry: Registry) -> str:
    """All that the registry tells of its versions, and every change of the one in service.

    Raises:
        UserError: champion.json is damaged.
    """
    event = registry.in_service()
    told = {
        "schema": "models/1",
        "in_service": event.version if event else None,
        "previous": registry.previous(),
        "versions": [
            {
                "version": version.id,
                "kind": version.kind or None,
                "added": version.added or None,
                "path": str(version.path),
                "damage": version.damage or None,
                "about": dict(version.about),
            }
            for version in registry.versions()
        ],
        "history": [event.model_dump() for event in registry.history()],
    }
    return json.dumps(told, indent=2, ensure_ascii=False)


def _marks(registry: Registry) -> dict[str, str]:
    event = registry.in_service()
    previous = registry.previous()
    return ({previous: "rollback returns to it"} if previous else {}) | ({event.version: _CHAMPION} if event else {})


def _row(version: Version, mark: str) -> tuple[str, ...]:
    star, remark = (mark, "in service") if mark == _CHAMPION else ("", mark)
    remarks = "; ".join(part for part in (remark, f"damaged: {version.damage}" if version.damage else "") if part)
    return (
        star,
        version.id,
        version.kind or "-",
        _cell(version.about.get("task")),
        _cell(version.about.get("score")),
        version.added.replace("T", " ").removesuffix("Z") or "-",
        _one_line(remarks),
    )


def _cell(value: object) -> str:
    if value is None:
        return "-"
    return _one_line(f"{value:.{_DIGITS}g}" if isinstance(value, float) else str(value))[:40]


def _one_line(text: str) -> str:
    return " ".join(text.split())
