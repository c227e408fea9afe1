"""The model in service as many threads ask it: a promotion or a return counts from the next request on."""

import logging
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from ...labelled_data.base import Example
from ...project_base.errors import UserError
from ...registry.records import CHAMPION
from ...registry.registry import Registry
from ..held_out.evaluation_files import read_evaluation
from ..ladder.scoring import SHOWN
from ..settings import ProjectSettings
from .answering import Answer, Answering, open_answering
from .answering_rules import ANSWERING
from .predict_text import example_of

_LOG = logging.getLogger(__name__)

_FileState = tuple[int, int, int] | None
_States = tuple[_FileState, _FileState]

_TRY_AGAIN_S = 5.0


@dataclass(frozen=True)
class Opened:
    """An open model.

    Attributes:
        answering: The model.
        score: In words: what it was found to be worth; empty where nobody has said.
        since: When it was opened, in UTC.
        turn: Held by whoever asks it. A tokenizer keeps its padding and truncation in itself, and on the same cores two
            at once are hardly quicker than one after the other.
    """

    answering: Answering
    score: str
    since: datetime
    turn: threading.Lock = field(default_factory=threading.Lock)

    def answers(self, examples: Sequence[Example]) -> list[Answer]:
        """Answers, one request at a time."""
        with self.turn:
            return self.answering.answers(examples)


class LiveModel:
    """Answers with the version in service.

    Before each request one look at champion.json, and at the rules beside the model, tells whether something has
    changed. Whoever sees it first opens the new version and waits for it; the old one answers whoever comes meanwhile.
    A version that cannot be opened, or not be asked, leaves the old one in service; the log and `waiting` say so, and
    it is tried again after some seconds.

    Args:
        settings: Of the project.

    Raises:
        UserError: No version is in service, or it cannot be opened.
    """

    def __init__(self, settings: ProjectSettings) -> None:
        self._settings = settings
        self._registry = Registry(Path(settings.registry.folder))
        self._opening = threading.Lock()
        self._try_again = 0.0
        self._rules: Path | None = None
        self.waiting = ""
        """That the version in service cannot be used, and another one answers; else empty."""
        self._seen: _States = (None, None)
        self._opened = self._open()

    def current(self) -> Opened:
        """The model to answer with, opened now where another one was put in service."""
        if self._is_due() and self._opening.acquire(blocking=False):
            try:
                # Whoever came later finds the work done.
                if self._is_due():
                    self._reopen()
            finally:
                self._opening.release()
        return self._opened

    def _is_due(self) -> bool:
        return self._states() != self._seen or (bool(self.waiting) and time.monotonic() >= self._try_again)

    def _reopen(self) -> None:
        try:
            self._opened = self._open()
        except Exception as error:
            # Whatever is wrong with the new version, the old one goes on.
            told = f"{error.message}; next: {error.next_step}" if isinstance(error, UserError) else repr(error)
            version = self._rules.parent.name if self._rules else "what the registry has in service"
            self.waiting = f"{version} cannot be used"
            self._try_again = time.monotonic() + _TRY_AGAIN_S
            _LOG.error("%s, so %s answers: %s", self.waiting, self._opened.answering.name, told)

    def _open(self) -> Opened:
        # Noted before anything is read: what changes meanwhile must look new afterwards.
        champion = _state(self._registry.folder / CHAMPION)
        self._rules, self._seen = None, (champion, None)
        event = self._registry.in_service()
        if event is not None:
            self._rules = self._registry.folder / event.version / ANSWERING
            self._seen = (champion, _state(self._rules))
        answering = open_answering(self._settings, tell=_LOG.info)
        # A model may open and still be unable to answer; the first answer is also the slowest.
        answering.answers([example_of("a first text")])
        self.waiting = ""
        _LOG.info("answering with %s", answering.name)
        return Opened(answering, score_of(self._settings, self._registry, answering.name), datetime.now(UTC))

    def _states(self) -> _States:
        return _state(self._registry.folder / CHAMPION), _state(self._rules) if self._rules else None


def score_of(settings: ProjectSettings, registry: Registry, version: str) -> str:
    """What is known of a version's worth, in a few words: of the test data where it was evaluated."""
    try:
        found = read_evaluation(Path(settings.fine_tuning.runs_folder), version)
    except UserError:
        # A damaged evaluation is no reason not to answer.
        found = None
    if found is not None:
        return f"{SHOWN[found.metric]} {found.score:.3f} on {found.rows:,} test rows"
    about = registry.find(version).about
    score, by = about.get("score"), about.get("scored_by")
    return f"{about.get('metric', 'score')} {score:.3f} on {by}" if isinstance(score, float) else ""


def _state(file: Path) -> _FileState:
    try:
        found = file.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_ino, found.st_size
