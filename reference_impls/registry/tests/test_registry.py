import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from ...project_base.errors import UserError
from ..model_folder import open_model
from ..records import CHAMPION, VERSION
from ..registry import RefusedError, Registry, Version
from ..version import model_digest
from .conftest import Make


def add(registry: Registry, make: Make, *names: str) -> list[str]:
    return [registry.add(make(name), {"score": number}) for number, name in enumerate(names)]


def damage(registry: Registry, version: str, size_too: bool = False) -> None:
    file = registry.folder / version / "weights.bin"
    file.write_text("x" if size_too else "x" * file.stat().st_size)


def in_service(registry: Registry) -> str | None:
    event = registry.in_service()
    return event.version if event else None


def test_versions_are_counted_and_carry_what_was_told(registry: Registry, make: Make) -> None:
    assert registry.versions() == []
    first = registry.add(make("a", kind="word_counts"), {"task": "classification", "score": 0.5})
    second = registry.add(make("b").path, {})
    assert [first, second] == ["0001-word_counts", "0002-lora"]
    found = registry.versions()
    assert [(each.id, each.kind, each.damage) for each in found] == [(first, "word_counts", ""), (second, "lora", "")]
    assert found[0].about == {"task": "classification", "score": 0.5}
    assert found[0].added.endswith("Z")
    assert registry.find("2") == registry.find("0002") == registry.find(second) == found[1]
    assert in_service(registry) is None
    assert registry.champion() is None
    assert registry.history() == []


def test_a_version_is_a_whole_copy(registry: Registry, make: Make) -> None:
    source = make("a")
    (source.path / "notes.txt").write_text("of the source alone")
    opened = registry.open(registry.add(source, {}))
    assert (opened.files, opened.about) == (source.files, source.about)
    assert open_model(source.path) == source
    assert not (opened.path / "notes.txt").exists()


def test_a_version_can_be_moved_in(registry: Registry, make: Make) -> None:
    source = make("a")
    opened = registry.open(registry.add(source, {"score": 1}, move=True))
    assert opened.files == source.files
    assert not source.path.exists()
    assert registry.versions()[0].about == {"score": 1}


def test_a_model_on_another_disk_is_copied_then_removed(
    registry: Registry, make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = make("a")
    rename = Path.rename

    def other_disk(self: Path, target: Path) -> Path:
        if self == source.path:
            raise OSError(18, "Invalid cross-device link", str(self))
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", other_disk)
    assert registry.open(registry.add(source, {}, move=True)).files == source.files
    assert not source.path.exists()


@pytest.mark.parametrize("move", [False, True])
def test_a_damaged_model_does_not_come_in(registry: Registry, make: Make, move: bool) -> None:
    source = make("a")
    (source.path / "weights.bin").write_text("A weights")
    with pytest.raises(UserError, match=r"weights\.bin differs"):
        registry.add(source, {}, move=move)
    assert [path.name for path in registry.folder.iterdir()] == [".lock"]
    assert source.path.is_dir()


def test_what_is_told_of_a_version_is_json(registry: Registry, make: Make) -> None:
    with pytest.raises(ValueError, match="JSON"):
        registry.add(make("a"), {"score": float("inf")})
    assert registry.versions() == []


def test_a_promotion_puts_a_version_in_service_and_is_remembered(registry: Registry, make: Make) -> None:
    first, second = add(registry, make, "a", "b")
    event = registry.promote("1", "the first")
    assert (event.version, event.why, event.overruled) == (first, "the first", "")
    champion = registry.champion()
    assert champion is not None
    assert champion.path.name == first
    registry.promote(second)
    assert in_service(registry) == second
    assert registry.previous() == first
    assert [(each.action, each.version) for each in registry.history()] == [("promote", first), ("promote", second)]
    assert registry.promote(second, "again") == registry.history()[-1]
    assert len(registry.history()) == 2


def test_returning_goes_back_step_by_step_and_never_forward(registry: Registry, make: Make) -> None:
    a, b, c, d = add(registry, make, "a", "b", "c", "d")
    for version in (a, b, c):
        registry.promote(version)
    assert registry.rollback("c lies").version == b
    assert registry.rollback().version == a
    with pytest.raises(UserError, match="no whole version was in service before"):
        registry.rollback()
    assert in_service(registry) == a
    registry.promote(d)
    assert registry.rollback().version == a
    assert [each.action for each in registry.history()] == [*["promote"] * 3, *["rollback"] * 2, "promote", "rollback"]
    assert registry.history()[3].why == "c lies"


def test_a_version_that_served_twice_is_no_dead_end(registry: Registry, make: Make) -> None:
    a, b, c = add(registry, make, "a", "b", "c")
    for version in (a, b, a, c):
        registry.promote(version)
    assert [registry.rollback().version for _ in range(3)] == [a, b, a]
    with pytest.raises(UserError, match="no whole version"):
        registry.rollback()


def test_nothing_to_return_to_is_told(registry: Registry, make: Make) -> None:
    with pytest.raises(UserError, match=r"no version of .* is in service yet"):
        registry.rollback()
    add(registry, make, "a")
    registry.promote("1")
    with pytest.raises(UserError, match="no whole version was in service before 0001-lora"):
        registry.rollback()


@pytest.mark.parametrize("size_too", [False, True])
def test_a_damaged_version_is_passed_over(tmp_path: Path, make: Make, size_too: bool) -> None:
    told: list[str] = []
    registry = Registry(tmp_path / "models", tell=told.append)
    a, b, c = add(registry, make, "a", "b", "c")
    for version in (a, b, c):
        registry.promote(version)
    damage(registry, b, size_too)
    assert registry.rollback().version == a
    assert len(told) == 1
    assert told[0].startswith(f"{b} is passed over: ")
    assert "weights.bin" in told[0]


def test_a_damaged_version_is_not_put_in_service(registry: Registry, make: Make) -> None:
    a, b = add(registry, make, "a", "b")
    registry.promote(a)
    damage(registry, b)
    with pytest.raises(UserError, match=r"weights\.bin differs"):
        registry.promote(b, force=True)
    assert in_service(registry) == a


def test_a_damaged_champion_says_how_to_return(registry: Registry, make: Make) -> None:
    a, b = add(registry, make, "a", "b")
    registry.promote(a)
    registry.promote(b)
    damage(registry, b)
    with pytest.raises(UserError, match=r"in service, 0002-lora, is damaged: .*weights\.bin") as found:
        registry.champion()
    assert "rollback" in found.value.next_step
    assert registry.rollback().version == a
    assert registry.champion() == registry.open(a)


def test_a_description_that_was_changed_after_the_promotion_is_damage(registry: Registry, make: Make) -> None:
    (a,) = add(registry, make, "a")
    registry.promote(a)
    file = registry.folder / a / "model.json"
    file.write_text(file.read_text().replace('"name": "a"', '"name": "b"'))
    with pytest.raises(UserError, match=r"model\.json differs from what was added"):
        registry.champion("none")
    # Who rewrites version.json too still differs from what was put in service.
    record = json.loads((file.parent / VERSION).read_text())
    record["model_sha256"] = model_digest(file.parent)
    (file.parent / VERSION).write_text(json.dumps(record))
    registry.open(a)
    with pytest.raises(UserError, match=r"model\.json differs from what was added"):
        registry.champion("none")
    assert len(registry.verify()) == 1


def worse(candidate: Version, present: Version | None) -> str | None:
    if present is None or candidate.about["score"] > present.about["score"]:  # type: ignore[operator]
        return None
    return f"{candidate.about['score']} is worse than {present.about['score']}"


def test_a_gate_refuses_and_is_overruled_with_a_trace(registry: Registry, make: Make) -> None:
    a, b, c = add(registry, make, "a", "b", "c")
    registry.promote(b, gate=worse)
    with pytest.raises(RefusedError, match="0001-lora is not put in service: 0 is worse than 1") as found:
        registry.promote(a, gate=worse)
    assert f"promote {a} --force" in found.value.next_step
    assert in_service(registry) == b
    registry.promote(a, "I know", gate=worse, force=True)
    assert registry.history()[-1].overruled == "0 is worse than 1"
    assert registry.promote(c, gate=worse, force=True).overruled == ""
    assert registry.rollback().overruled == ""


def test_an_unknown_version_is_told_with_those_that_are_there(registry: Registry, make: Make) -> None:
    with pytest.raises(UserError, match=r"there is no version 7 in .*; the latest are: none"):
        registry.promote("7")
    add(registry, make, "a")
    for version in ("7", "0001-head", "../x", "", "²", "-1"):
        with pytest.raises(UserError, match="the latest are: 0001-lora"):
            registry.promote(version)
    with pytest.raises(UserError, match=r"the latest are: 0001-(\w+); did you mean 0001-\1\?"):
        registry.find(f"{registry.versions()[0].id}s")


def test_more_versions_than_wanted_go_but_for_those_that_are_needed(tmp_path: Path, make: Make) -> None:
    registry = Registry(tmp_path / "models", keep=3)
    a, b, c, d = add(registry, make, "a", "b", "c", "d")
    assert [version.id for version in registry.versions()] == [b, c, d]
    registry.promote(b)
    registry.promote(c)
    e, f, g = add(registry, make, "e", "f", "g")
    assert [version.id for version in registry.versions()] == [b, c, g]
    assert (e, f) == ("0005-lora", "0006-lora")
    assert registry.rollback().version == b
    assert add(registry, make, "h") == ["0008-lora"]
    assert [version.id for version in registry.versions()] == [b, g, "0008-lora"]
    assert not [path for path in registry.folder.iterdir() if path.name.startswith(".") and path.name != ".lock"]
    assert a not in {version.id for version in registry.versions()}
    assert d not in {version.id for version in registry.versions()}


def test_the_one_to_return_to_is_a_whole_one(tmp_path: Path, make: Make) -> None:
    registry = Registry(tmp_path / "models", keep=1)
    everything = Registry(registry.folder)
    a, b, c = add(everything, make, "a", "b", "c")
    for version in (a, b, c):
        everything.promote(version)
    damage(registry, b, size_too=True)
    registry.add(make("d"), {})
    assert {version.id for version in registry.versions()} == {a, c, "0004-lora"}
    assert registry.rollback().version == a


def test_a_number_is_not_given_twice_once_it_was_in_service(registry: Registry, make: Make) -> None:
    _, b = add(registry, make, "a", "b")
    registry.promote(b)
    shutil.rmtree(registry.folder / b)
    assert registry.add(make("c"), {}) == "0003-lora"


def test_verification_names_each_damage(registry: Registry, make: Make) -> None:
    a, b, c = add(registry, make, "a", "b", "c")
    registry.promote(c)
    assert registry.verify() == []
    damage(registry, a)
    (registry.folder / b / VERSION).write_text("{")
    assert [line.split(":")[0] for line in registry.verify()] == [a, b]
    damage(registry, c)
    assert [line.split(":")[0] for line in registry.verify()] == [a, b, c, CHAMPION]
    broken = registry.versions()[1]
    assert (broken.kind, broken.added, "version.json is damaged" in broken.damage) == ("", "", True)


@pytest.mark.parametrize(
    "text", ["", "{", '{"format_version": 1}', '{"format_version": 1, "version": "x", "events": []}']
)
def test_a_damaged_champion_file_is_set_aside_by_force_alone(tmp_path: Path, make: Make, text: str) -> None:
    told: list[str] = []
    registry = Registry(tmp_path / "models", keep=1, tell=told.append)
    a = registry.add(make("a"), {})
    (registry.folder / CHAMPION).write_text(text)

    def promote() -> object:
        return registry.promote(a)

    attempts: list[Callable[[], object]] = [registry.in_service, registry.champion, registry.history, registry.rollback]
    for attempt in (*attempts, promote):
        with pytest.raises(UserError, match=r"champion\.json is damaged") as found:
            attempt()
        assert "--force" in found.value.next_step
    assert registry.verify() != []
    # Nobody knows which versions are needed, so that none goes.
    registry.add(make("b"), {})
    assert len(registry.versions()) == 2
    assert "no version is removed" in told[0]
    registry.promote(a, force=True)
    assert in_service(registry) == a
    kept = [path for path in registry.folder.iterdir() if path.name.startswith("champion-damaged-")]
    assert [path.read_text() for path in kept] == [text]
    assert kept[0].name in told[-1]


def test_a_newer_format_is_not_forced(registry: Registry, make: Make) -> None:
    (a,) = add(registry, make, "a")
    (registry.folder / CHAMPION).write_text('{"format_version": 2, "what": "new"}')
    with pytest.raises(UserError, match="is of format 2, and this version reads format 1"):
        registry.promote(a, force=True)
    assert json.loads((registry.folder / CHAMPION).read_text())["what"] == "new"


def test_what_killed_processes_left_goes_with_the_next_write(registry: Registry, make: Make) -> None:
    add(registry, make, "a")
    hexadecimal = "0" * 32
    for name in (f".0002-lora.{hexadecimal}.part", f".0001-lora.{hexadecimal}.removed"):
        (registry.folder / name).mkdir()
        (registry.folder / name / "weights.bin").write_text("x")
    (registry.folder / ".champion.json.abc_12.part").write_text("{")
    mine = (".mine.part", "0002-lora.part", "notes.txt", ".0002-lora.part")
    for name in mine:
        (registry.folder / name).mkdir()
    assert [version.id for version in registry.versions()] == ["0001-lora"]
    registry.promote("1")
    assert {path.name for path in registry.folder.iterdir()} == {".lock", CHAMPION, "0001-lora", *mine}


def test_a_folder_that_is_a_file_is_told(tmp_path: Path, make: Make) -> None:
    (tmp_path / "models").write_text("")
    registry = Registry(tmp_path / "models")
    readings: list[Callable[[], object]] = [registry.versions, lambda: registry.add(make("a"), {})]
    for read in readings:
        with pytest.raises(UserError, match="is a file, not a folder"):
            read()


def test_a_link_is_no_version(registry: Registry, make: Make) -> None:
    (a,) = add(registry, make, "a")
    (registry.folder / "0002-lora").symlink_to(registry.folder / a)
    assert [version.id for version in registry.versions()] == [a]
