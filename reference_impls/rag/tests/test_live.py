"""The pipeline of a server: many threads, an index that changes, answers that are kept until it does."""

import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, wait

import pytest

from ...embedding.base import Vectors
from ...embedding.sentence import SentenceEmbedder
from ...evaluation.questions import read_questions
from ...language_models.base import Generation, Prompt
from ...project_base.errors import UserError
from ...retrieval.access import NOBODY, Reader
from ...retrieval.manifest import MANIFEST
from ...serving.problems import Unavailable
from ..answer import Answer
from ..live import LivePipeline
from ..pipeline import Pipeline
from ..settings import ProjectSettings
from ..smoke import KNOWN, SAMPLE, UNANSWERABLE, Sample

QUESTION = KNOWN.question


def live(sample: Sample, **rag: object) -> LivePipeline:
    return LivePipeline(changed(sample.settings, **rag), sample.embedder)


def changed(settings: ProjectSettings, **rag: object) -> ProjectSettings:
    return settings.model_copy(update={"rag": settings.rag.model_copy(update=rag)})


def without_times(answer: Answer) -> Answer:
    return answer.model_copy(update={"retrieval_ms": 0.0, "total_ms": 0.0, "cached": False})


@pytest.mark.parametrize("question", [QUESTION, UNANSWERABLE])
def test_a_repeated_question_gets_the_same_answer_and_says_so(sample: Sample, question: str) -> None:
    pipeline = live(sample)
    first, second = pipeline.ask(question), pipeline.ask(question)
    assert (first.cached, second.cached) == (False, True)
    assert without_times(first) == without_times(second)
    assert without_times(first) == without_times(Pipeline(sample.settings, sample.embedder).ask(question))
    other_spaces = pipeline.ask(f"  {question.replace(' ', '  ')}\n")
    assert other_spaces.cached
    assert other_spaces.question == question.replace(" ", "  ")
    assert not pipeline.ask(question.upper()).cached


def test_who_asks_and_the_filters_count(sample: Sample) -> None:
    (sample.documents / "_metadata.yaml").write_text('"returns.md": {readers: [ann], department: sales}\n')
    sample.index()
    pipeline = live(sample)
    ann = Reader(frozenset({"ann"}))
    assert "36 months" in pipeline.ask(QUESTION, ann).text
    hidden = pipeline.ask(QUESTION)
    assert not hidden.cached
    assert "36 months" not in hidden.model_dump_json()
    assert not pipeline.ask(QUESTION, Reader(frozenset({"ann"}), "acme")).cached
    assert not pipeline.ask(QUESTION, ann, {"department": "sales"}).cached
    assert pipeline.ask(QUESTION, ann, {"department": "sales"}).cached
    assert pipeline.ask(QUESTION, ann).cached


def test_the_answer_used_least_lately_goes_first(sample: Sample) -> None:
    pipeline = live(sample, cache_answers=2)
    questions = [QUESTION, UNANSWERABLE, "How long does the battery last?"]
    for question in (questions[0], questions[1], questions[0], questions[2]):
        pipeline.ask(question)
    assert pipeline.ask(questions[0]).cached
    assert not pipeline.ask(questions[1]).cached


def test_the_cache_can_be_off(sample: Sample) -> None:
    pipeline = live(sample, cache_answers=0)
    pipeline.ask(QUESTION)
    assert not pipeline.ask(QUESTION).cached


def test_a_changed_document_changes_the_answer(sample: Sample) -> None:
    pipeline = live(sample)
    assert "36 months" in pipeline.ask(QUESTION).text
    sample.edit("returns.md", lambda text: text.replace("36 months", "48 months"))
    fresh = pipeline.ask(QUESTION)
    assert "48 months" in fresh.text
    assert not fresh.cached
    (sample.documents / "returns.md").unlink()
    sample.index()
    assert "48 months" not in pipeline.ask(QUESTION).model_dump_json()


def test_rights_that_were_taken_count_at_once(sample: Sample) -> None:
    pipeline = live(sample)
    assert "36 months" in pipeline.ask(QUESTION).text
    (sample.documents / "_metadata.yaml").write_text('"returns.md": {readers: [ann]}\n')
    sample.index()
    assert "36 months" not in pipeline.ask(QUESTION).model_dump_json()


def test_a_stream_is_kept_like_an_answer(sample: Sample) -> None:
    pipeline = live(sample)
    *pieces, answer = pipeline.stream(QUESTION)
    *again, known = pipeline.stream(QUESTION)
    assert isinstance(answer, Answer)
    assert isinstance(known, Answer)
    assert "".join(map(str, pieces)) == "".join(map(str, again)) == answer.text
    assert known.cached
    assert pipeline.ask(QUESTION).cached
    assert [step for step in pipeline.stream(UNANSWERABLE) if isinstance(step, str)] == []
    assert [step for step in pipeline.stream(UNANSWERABLE) if isinstance(step, str)] == []


def test_without_an_index_there_is_no_pipeline(sample: Sample) -> None:
    (sample.documents.parent / "index" / MANIFEST).unlink()
    with pytest.raises(UserError, match="there is no index"):
        live(sample)


def test_an_index_that_cannot_be_opened_stops_the_answers(sample: Sample) -> None:
    pipeline = live(sample)
    pipeline.ask(QUESTION)
    manifest = sample.documents.parent / "index" / MANIFEST
    good = manifest.read_bytes()
    for broken in (b"{}", None):
        manifest.unlink() if broken is None else manifest.write_bytes(broken)
        for _ in range(2):
            with pytest.raises(Unavailable):
                pipeline.ask(QUESTION)
        manifest.write_bytes(good)
        assert "36 months" in pipeline.ask(QUESTION).text


class SlowToOpen(SentenceEmbedder):
    """The embedder of a test; asked for its id, which opening does, it waits."""

    def __init__(self, embedder: SentenceEmbedder) -> None:
        self.__dict__.update(embedder.__dict__)
        self.opening = threading.Event()
        self.gate = threading.Event()
        self.gate.set()

    @property
    def id(self) -> str:
        self.opening.set()
        self.gate.wait(20)
        return super().id


def test_whoever_asks_while_a_new_index_is_opened_waits_for_it(sample: Sample, embedder: SentenceEmbedder) -> None:
    slow = SlowToOpen(embedder)
    pipeline = LivePipeline(sample.settings, slow)
    pipeline.ask(QUESTION)
    slow.gate.clear()
    slow.opening.clear()
    sample.edit("returns.md", lambda text: text.replace("36 months", "48 months"))
    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(pipeline.ask, QUESTION)
        assert slow.opening.wait(20)
        second = pool.submit(pipeline.ask, QUESTION)
        # The old index may hold what was deleted, so nobody is answered from it any more.
        assert not wait([second], timeout=0.3).done
        slow.gate.set()
        assert all("48 months" in asked.result().text for asked in (first, second))
    assert pipeline.ask(QUESTION).cached
    assert "48 months" in pipeline.ask(QUESTION).text


class Counted(SentenceEmbedder):
    """The embedder of a test, which counts how many threads are inside."""

    def __init__(self, embedder: SentenceEmbedder) -> None:
        self.__dict__.update(embedder.__dict__)
        self.inside = self.most = 0
        self._guard = threading.Lock()

    def encode_queries(self, texts: Sequence[str]) -> Vectors:
        with self._guard:
            self.inside += 1
            self.most = max(self.most, self.inside)
        # Every thread that could enter gets the time to.
        threading.Event().wait(0.05)
        with self._guard:
            self.inside -= 1
        return super().encode_queries(texts)


def test_one_thread_embeds_at_a_time(sample: Sample, embedder: SentenceEmbedder) -> None:
    counted = Counted(embedder)
    pipeline = LivePipeline(sample.settings, counted)
    with ThreadPoolExecutor(6) as pool:
        list(pool.map(pipeline.ask, [f"{QUESTION} {number}" for number in range(6)]))
    assert counted.most == 1


def test_many_threads_get_what_one_would(sample: Sample) -> None:
    questions = [each.question for each in read_questions(SAMPLE / "questions.jsonl")][:16]
    alone = Pipeline(sample.settings, sample.embedder)
    expected = [without_times(alone.ask(question)) for question in questions]
    pipeline = live(sample, cache_answers=4)
    readers = [NOBODY if number % 2 else Reader(frozenset({str(number)})) for number in range(len(questions) * 3)]
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(pipeline.ask, questions * 3, readers))
    assert [without_times(answer) for answer in found] == expected * 3


class Writer:
    """A model of a test: counts how many use it at once, and fails where it is told to."""

    def __init__(self, *, fails: bool = False) -> None:
        self.inside = self.most = 0
        self._fails = fails
        self._guard = threading.Lock()

    def generate(self, prompt: Prompt) -> Generation:
        *_, generation = self.stream(prompt)
        assert isinstance(generation, Generation)
        return generation

    def stream(self, prompt: Prompt) -> Iterator[str | Generation]:
        with self._guard:
            self.inside += 1
            self.most = max(self.most, self.inside)
        if self._fails:
            raise UserError("http://intern:1234 cannot be reached", "start it")
        # Every thread that could enter gets the time to.
        threading.Event().wait(0.05)
        yield "It is so [1]."
        with self._guard:
            self.inside -= 1
        yield Generation("It is so [1].")


@pytest.mark.parametrize(("generator", "alone"), [("local", True), ("openai_compatible", False)])
def test_a_model_in_this_process_writes_one_answer_at_a_time(sample: Sample, generator: str, alone: bool) -> None:
    models = sample.settings.language_models.model_copy(update={"generator": generator})
    model = Writer()
    pipeline = LivePipeline(sample.settings.model_copy(update={"language_models": models}), sample.embedder, model)
    with ThreadPoolExecutor(6) as pool:
        list(pool.map(pipeline.ask, [f"{QUESTION} {number}" for number in range(6)]))
        list(pool.map(lambda number: list(pipeline.stream(f"{number} {QUESTION}")), range(6)))
    assert (model.most == 1) is alone


def test_a_stream_that_is_left_gives_the_model_free(sample: Sample) -> None:
    models = sample.settings.language_models.model_copy(update={"generator": "local"})
    settings = sample.settings.model_copy(update={"language_models": models})
    pipeline = LivePipeline(settings, sample.embedder, Writer())
    left = pipeline.stream(QUESTION)
    assert next(left) == "It is so [1]."
    left.close()
    assert pipeline.ask(QUESTION).text == "It is so [1]."


def test_a_model_that_fails_makes_the_service_unavailable(sample: Sample) -> None:
    pipeline = LivePipeline(sample.settings, sample.embedder, Writer(fails=True))
    with pytest.raises(Unavailable, match="cannot be reached"):
        pipeline.ask(QUESTION)
    with pytest.raises(Unavailable, match="cannot be reached"):
        list(pipeline.stream(QUESTION))
    with pytest.raises(UserError, match="the question is empty") as refused:
        pipeline.ask(" ")
    assert not isinstance(refused.value, Unavailable)
