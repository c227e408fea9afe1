"""Whatever ends an update, and at whatever moment: the index answers as before it or as after it."""

import queue
import random
import shutil
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from filelock import FileLock

from reference_impls.project_base.errors import UserError
from reference_impls.rag.indexing import documents_changed, update_index
from reference_impls.rag.pipeline import Pipeline
from reference_impls.rag.watch import keep_in_line
from reference_impls.retrieval.access import NOBODY, Reader
from reference_impls.retrieval.build import BuildReport
from reference_impls.retrieval.manifest import read_manifest

from .killing import Job, worker_of
from .update_worker import project
from .word_vectors import WORDS, WordVectors

ROOT = Path(__file__).resolve().parents[2]
QUESTIONS = [
    (f"How much does the {first} of the {second} cost?", reader)
    for first, second in zip(WORDS, [*WORDS[3:], *WORDS[:3]], strict=True)
    for reader in (None, NOBODY, Reader(frozenset({"anna"})))
]
DELETED = "wombatron"
SEED = 20261120

State = list[dict[str, object]] | None


@pytest.fixture(scope="module")
def worker() -> Iterator[Job]:
    with worker_of("update_worker") as job:
        yield job


def write_documents(folder: Path) -> None:
    documents = folder / "docs"
    documents.mkdir(parents=True)
    draw = random.Random(SEED)
    for number in range(30):
        first, second = draw.sample(WORDS, 2)
        sentences = [f"The {first} of the {second} costs {number}{place} euros." for place in range(4)]
        (documents / f"paper{number:02}.md").write_text(f"# Paper {number}\n\n" + "\n\n".join(sentences) + "\n")
    secret = f"The {DELETED} has a tariff, a bridge and a sensor.\n"
    (documents / f"{DELETED}.md").write_text(f"# {DELETED.title()}\n\n{secret}")
    (documents / "_metadata.yaml").write_text('"paper0*.md": {readers: [anna]}\n')


def change(folder: Path) -> None:
    for number in range(0, 30, 4):
        file = folder / "docs" / f"paper{number:02}.md"
        file.write_text(file.read_text().replace("costs ", "costs 9") + "\nA new north manual of the battery.\n")
    (folder / "docs" / "added.md").write_text("# Added\n\nThe price of the return tariff alarm.\n")


def delete(folder: Path) -> None:
    for name in (f"{DELETED}.md", "paper03.md", "paper17.md"):
        (folder / "docs" / name).unlink()


def nothing(folder: Path) -> None:
    """The first index: the documents are there, the index is not."""


SCENARIOS = {"first": nothing, "changed": change, "deleted": delete}


def state(folder: Path, questions: int = len(QUESTIONS)) -> State:
    """What the index answers; None where there is no index yet."""
    settings = project(folder)
    if read_manifest(folder / "index") is None:
        return None
    pipeline = Pipeline(settings, WordVectors())
    timeless = {"retrieval_ms", "total_ms"}
    return [pipeline.ask(question, reader).model_dump(exclude=timeless) for question, reader in QUESTIONS[:questions]]


def answered(found: State) -> bool:
    return any(not each["refused"] for each in found or ())


class Case:
    """One scenario: a folder before its update, and what is answered before and after."""

    def __init__(self, folder: Path, scenario: str, worker: Job) -> None:
        self.scenario = scenario
        self.start = folder / "start"
        write_documents(self.start)
        if scenario != "first":
            update_index(project(self.start), WordVectors())
        SCENARIOS[scenario](self.start)
        self.before = state(self.start)
        done = self.copy(folder / "done")
        told = worker(done)
        assert told["outcome"] == "done", told
        self.seconds: float = told["seconds"]
        self.after = state(done)
        self.files = self.content(done)
        assert self.before != self.after
        assert answered(self.after), "states of refusals alone would say nothing"
        rebuilt = self.copy(folder / "rebuilt")
        update_index(project(rebuilt), WordVectors(), rebuild=True)
        assert self.content(rebuilt) == self.files, "an update differs from a rebuild"

    def copy(self, target: Path) -> Path:
        shutil.copytree(self.start, target)
        return target

    def content(self, folder: Path) -> dict[str, str]:
        """Hashes of the files of the index, but for the words, which bm25s numbers anew in every process."""
        manifest = read_manifest(folder / "index")
        assert manifest is not None
        return {name: digest for name, digest in manifest.files.items() if not name.startswith("lexical/")}

    def check(self, folder: Path, worker: Job, moment: str) -> str:
        """Checks a folder whose update was killed; gives the state that was met."""
        found = state(folder)
        met = "before" if found == self.before else "after" if found == self.after else "between"
        assert met != "between", f"{self.scenario}, killed {moment}: answers are of neither state"
        told = worker(folder)
        assert told["outcome"] == "done", f"{self.scenario}, killed {moment} (met: {met}): the next update: {told}"
        assert self.content(folder) == self.files, f"{self.scenario}, killed {moment} (met: {met}): not as a rebuild"
        assert state(folder) == self.after
        left = sorted(file.name for file in (folder / "index").iterdir())
        assert len(left) == 3, f"{self.scenario}, killed {moment} (met: {met}): left behind: {left}"
        if self.scenario == "deleted":
            holding = traces(folder)
            assert not holding, f"{self.scenario}, killed {moment} (met: {met}): deleted text in {holding}"
        return met


def traces(folder: Path) -> list[str]:
    files = [file for file in (folder / "index").rglob("*") if file.is_file()]
    return [file.name for file in files if DELETED.encode() in file.read_bytes().lower()]


@pytest.fixture(scope="module", params=list(SCENARIOS))
def case(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, worker: Job) -> Case:
    return Case(tmp_path_factory.mktemp(request.param), request.param, worker)


def kill_at_random_moments(case: Case, folder: Path, worker: Job, count: int) -> list[str]:
    draw = random.Random(f"{SEED} {case.scenario}")
    met = []
    for number in range(count):
        target = case.copy(folder / f"killed{number}")
        # A little beyond the end, so that the last steps are met on a machine that is slower now, too.
        moment = draw.uniform(0, 1.1 * case.seconds)
        outcome = worker(target, kill_after_s=moment)["outcome"]
        assert outcome in {"killed", "done"}
        met.append(case.check(target, worker, f"after {moment * 1000:.0f} of {case.seconds * 1000:.0f} ms"))
        shutil.rmtree(target)
    return met


def test_an_index_that_was_killed_answers_as_before_or_as_after(case: Case, tmp_path: Path, worker: Job) -> None:
    kill_at_random_moments(case, tmp_path, worker, 5)


@pytest.mark.soak
def test_fifty_kills(case: Case, tmp_path: Path, worker: Job) -> None:
    met = kill_at_random_moments(case, tmp_path, worker, 50)
    assert "before" in met, f"no kill fell into the work: {met}"


def kill_at_events(case: Case, folder: Path, worker: Job, events: Iterator[int]) -> list[str]:
    met = []
    for number in events:
        target = case.copy(folder / f"event{number}")
        outcome = worker(target, kill_at_event=number)["outcome"]
        met.append(case.check(target, worker, f"before access {number} to the index folder"))
        shutil.rmtree(target)
        if outcome == "done":
            return met
        assert outcome == "killed"
    return met


def test_kills_around_the_publishing(case: Case, tmp_path: Path, worker: Job) -> None:
    """Some of the accesses to the index folder; the last ones are those that publish and clear away."""
    met = kill_at_events(case, tmp_path, worker, iter(range(1, 2000, 23)))
    assert set(met) == {"before", "after"}


@pytest.mark.soak
@pytest.mark.timeout(1800)
def test_a_kill_before_every_access_to_the_index_folder(case: Case, tmp_path: Path, worker: Job) -> None:
    met = kill_at_events(case, tmp_path, worker, iter(range(1, 2000)))
    assert met == sorted(met, key=["before", "after"].index), "once published, an index was lost again"
    assert set(met) == {"before", "after"}


def test_a_killed_watch_leaves_a_whole_index(tmp_path: Path, worker: Job) -> None:
    case = Case(tmp_path, "deleted", worker)
    draw = random.Random(SEED)
    for number in range(2):
        target = case.copy(tmp_path / f"watch{number}")
        moment = draw.uniform(0, 1.5 * case.seconds)
        assert worker(target, watch=True, kill_after_s=moment)["outcome"] == "killed"
        case.check(target, worker, f"in the watch after {moment * 1000:.0f} ms")


def test_what_a_kill_left_of_deleted_documents_goes_when_a_watch_starts(tmp_path: Path, worker: Job) -> None:
    """A kill between the publishing and the clearing away: no document differs from the index any more."""
    write_documents(tmp_path)
    settings, index = project(tmp_path), tmp_path / "index"
    update_index(settings, WordVectors())
    delete(tmp_path)
    old = next(index.glob("generation-*"))
    shutil.copytree(old, tmp_path / old.name)
    shutil.copyfile(index / "manifest.json", index / ".manifest.json.killed.part")
    update_index(settings, WordVectors())
    assert traces(tmp_path) == []
    shutil.copytree(tmp_path / old.name, index / old.name)
    shutil.copyfile(index / "manifest.json", index / ".manifest.json.killed.part")
    assert documents_changed(settings) == []
    assert traces(tmp_path)
    stop, reported = threading.Event(), threading.Event()
    watch = threading.Thread(target=keep_in_line, args=(settings, WordVectors(), stop, lambda _: reported.set()))
    watch.start()
    reported.wait(timeout=60)
    stop.set()
    watch.join(timeout=60)
    assert traces(tmp_path) == []
    assert len(list(index.iterdir())) == 3


def test_a_watch_waits_for_another_process_and_then_goes_on(tmp_path: Path) -> None:
    write_documents(tmp_path)
    settings, reports = project(tmp_path), queue.Queue[BuildReport | UserError]()
    update_index(settings, WordVectors())
    delete(tmp_path)
    stop = threading.Event()
    watch = threading.Thread(target=keep_in_line, args=(settings, WordVectors(), stop, reports.put))
    with FileLock(tmp_path / "index" / ".lock"):
        watch.start()
        with pytest.raises(queue.Empty):
            reports.get(timeout=1)
    try:
        assert isinstance(reports.get(timeout=60), BuildReport)
    finally:
        stop.set()
        watch.join(timeout=60)
    assert documents_changed(settings) == []


def test_readers_beside_twenty_updates_see_one_of_the_two_states(tmp_path: Path, worker: Job) -> None:
    write_documents(tmp_path)
    settings, file = project(tmp_path), tmp_path / "docs" / "paper00.md"
    texts = [file.read_text(), "# Other\n\nThe tariff of the battery costs 777 euros.\n"]
    known = []
    for text in texts:
        file.write_text(text)
        update_index(settings, WordVectors())
        known.append(state(tmp_path, 3))
    assert known[0] != known[1]
    assert answered(known[1])
    stop, seen, errors = threading.Event(), [], []

    def read() -> None:
        while not stop.is_set():
            try:
                seen.append(known.index(state(tmp_path, 3)))
            except Exception as error:
                errors.append(error)

    readers = [threading.Thread(target=read) for _ in range(2)]
    for reader in readers:
        reader.start()
    for number in range(20):
        file.write_text(texts[number % 2])
        # Every update should meet readers, whatever else the machine does.
        before = len(seen)
        assert worker(tmp_path)["outcome"] == "done"
        while len(seen) == before and not errors:
            time.sleep(0.01)
    stop.set()
    for reader in readers:
        reader.join(timeout=60)
    assert errors == []
    assert set(seen) == {0, 1}


@pytest.mark.parametrize("largest_file", [0, 500, 2000, 6000])
def test_a_write_that_comes_short_leaves_the_old_index(tmp_path: Path, worker: Job, largest_file: int) -> None:
    write_documents(tmp_path)
    update_index(project(tmp_path), WordVectors())
    before, files = state(tmp_path), sorted((tmp_path / "index").rglob("*"))
    change(tmp_path)
    told = worker(tmp_path, largest_file=largest_file)
    assert told["outcome"] == "OSError", told
    assert str(tmp_path / "index") in told["message"]
    assert "ulimit" in told["next"] or "free some space" in told["next"]
    assert state(tmp_path) == before
    assert sorted((tmp_path / "index").rglob("*")) == files
    assert worker(tmp_path)["outcome"] == "done"
