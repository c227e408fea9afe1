"""From a trial to advice and back: what the prompting project measures is what `advisor recommend` reads."""

from __future__ import annotations

import json
import os
import string
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from advisor.knowledge import load_knowledge
from reference_impls.language_models.chat import Reply, Usage
from reference_impls.prompting.advice.findings import Measured, baseline_codes, interval_codes
from reference_impls.prompting.asking.journal import NAME, Call, Journal
from reference_impls.prompting.documents.quotes import stands_in
from reference_impls.prompting.proof.endpoint import running
from reference_impls.prompting.proof.project import answers_of, wanted_outputs
from reference_impls.prompting.tests.projects import config, run

ROOT = Path(__file__).resolve().parents[2]
SAMPLE = ROOT / "reference_impls" / "prompting" / "sample"
BEFORE = """answers:
  baseline_quality: not_tried
  failure_mode: not_tried
  knowledge_source: {source}
  query_breadth: bounded
  volatility: monthly
  citations: helpful
  latency_p95: 5000
  monthly_queries: 20000
  error_cost: medium
"""


def recommend(file: Path) -> dict[str, Any]:
    done = subprocess.run(
        [sys.executable, "-m", "advisor", "recommend", str(file), "--format", "json"],
        cwd=ROOT,
        env={**os.environ, "NO_COLOR": "1"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def measured(folder: Path, source: str, spoil: Callable[[str], bool], keys: str) -> tuple[Path, dict[str, Any]]:
    """Tries, sorts and writes the answers, by the commands of the project; then asks for advice."""
    known = wanted_outputs(SAMPLE / "messages.jsonl")
    said = {text: ("repair" if spoil(right) else right) for text, right in known.items()}
    before = folder / "answers.yaml"
    before.write_text(BEFORE.format(source=source))
    after = folder / "measured.yaml"
    with running(answers_of(said)) as server:
        file = config(folder, "few_shot", server.base_url, prompting__choose_shots="fixed")
        for command in (["try"], ["review"], ["answers", "--with", str(before), "--out", str(after)]):
            done = run(file, *command, typed="\n".join(keys))
            assert done.exit_code == 0, done.output
    return after, recommend(after)


def test_a_prompt_that_is_good_enough_ends_in_prompting(tmp_path: Path) -> None:
    after, advice = measured(tmp_path, "in_request", lambda _right: False, "")
    text = after.read_text()
    assert "failure_mode: none" in text
    assert "baseline_quality: meets_target" in text
    assert advice["approach"] == "prompting"


def test_missing_facts_end_in_retrieval(tmp_path: Path) -> None:
    after, advice = measured(tmp_path, "private_documents", lambda right: right in ("loss", "contract"), "k" * 10)
    assert "failure_mode: missing_facts" in after.read_text()
    assert advice["approach"] == "rag"
    assert any(reason["rule"] == "facts_are_missing" for reason in advice["reasons"])


def test_wrong_behaviour_is_no_reason_for_retrieval(tmp_path: Path) -> None:
    after, advice = measured(tmp_path, "in_request", lambda right: right in ("loss", "contract"), "b" * 10)
    assert "failure_mode: wrong_behaviour" in after.read_text()
    assert "baseline_quality: far" in after.read_text()
    assert advice["approach"] != "rag"
    assert any(reason["rule"] == "behaviour_is_wrong" for reason in advice["reasons"])


def test_what_nobody_sorted_stays_unknown(tmp_path: Path) -> None:
    after, _ = measured(tmp_path, "in_request", lambda right: right in ("loss", "contract"), "b")
    text = after.read_text()
    assert "# unknown: failure_mode: 9 outputs are not sorted yet" in text
    # It was tried, so what the team had answered before no longer holds.
    assert "  failure_mode:" not in text
    assert "not_tried" not in text


def test_a_stand_in_leaves_the_advice_where_it_was(tmp_path: Path) -> None:
    file = config(tmp_path, "map_reduce")
    assert run(file, "try").exit_code == 0
    after = tmp_path / "measured.yaml"
    assert run(file, "answers", "--out", str(after)).exit_code == 0
    assert "baseline_quality: not_tried" in after.read_text()
    recommend(after)


def test_every_fact_and_figure_that_is_written_is_one_of_advisors() -> None:
    knowledge = load_knowledge()
    codes = {fact: {option.code for option in ask.options} for fact, ask in knowledge.asks.items()}
    assert {"meets_target", "close", "far", "not_tried"} <= codes["baseline_quality"]
    modes = {"missing_facts", "wrong_behaviour", "both", "cost_latency", "none", "not_tried"}
    assert modes <= codes["failure_mode"]
    assert {"classification", "extraction", "grounded_qa", "research_synthesis"} <= codes["task_type"]
    assert {"latency_p95", "corpus_size", "labelled_examples", "model_kind", "reasoning_scope"} <= codes.keys()
    figures = {"instruction_tokens", "example_tokens", "input_tokens", "output_tokens"}
    assert figures <= knowledge.prices.figures.keys()


def test_the_example_ends_in_prompting() -> None:
    found = recommend(ROOT / "examples" / "message-desk.yaml")
    assert (found["approach"], found["pattern"]) == ("prompting", "few_shot")


TEXTS = st.text(st.sampled_from(string.ascii_letters + string.digits + " .,\n\u2019\u201c"), min_size=1, max_size=60)


@given(TEXTS, TEXTS, TEXTS)
def test_what_is_cut_out_of_a_document_stands_in_it(before: str, quote: str, after: str) -> None:
    plain = quote.strip("\"' \n\u2019\u201c")
    if len(plain) >= 2 and "..." not in plain:
        assert stands_in(plain, f"{before} {quote} {after}")


@given(
    st.lists(st.tuples(st.text("ab", min_size=1, max_size=2), st.text(max_size=20)), max_size=8), st.integers(0, 400)
)
def test_a_journal_cut_anywhere_opens_with_whole_answers_alone(calls: list[tuple[str, str]], cut: int) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with Journal.open(folder) as journal:
            for key, text in calls:
                journal.answered(key, Call(Reply(text, Usage(1, 2, 3))))
        content = (folder / NAME).read_bytes()
        (folder / NAME).write_bytes(content[: max(0, len(content) - cut)])
        whole = content[: max(0, len(content) - cut)].count(b"\n")
        expected = dict(calls[:whole])
        with Journal.open(folder) as journal:
            for key, text in expected.items():
                found = journal.find(key)
                # The last line may be whole but for its end.
                assert found is not None
                assert found.reply.text in (text, *(said for other, said in calls if other == key))
            journal.answered("new", Call(Reply("x")))
        with Journal.open(folder) as journal:
            assert journal.find("new") is not None


@given(st.integers(0, 60), st.integers(0, 60), st.floats(0.05, 1))
def test_the_code_of_quality_is_one_that_its_interval_reaches(good: int, bad: int, target: float) -> None:
    found = Measured(good + bad, good, bad, 0, 0, 0)
    if good + bad:
        assert baseline_codes(found, target) <= set(interval_codes(found, target))


@pytest.mark.soak
def test_fifty_kills_lose_nothing_and_pay_for_nothing_twice(tmp_path: Path) -> None:
    known = wanted_outputs(SAMPLE / "messages.jsonl")
    with running(answers_of(known)) as server:
        server.seconds = 0.02
        file = config(tmp_path, "few_shot", server.base_url, prompting__choose_shots="fixed", prompting__concurrent=4)
        words = [sys.executable, "-m", "reference_impls", "prompting", "try", "--format", "json", "--config", str(file)]
        kills = 0
        for number in range(50):
            # A new prompt each time, so that everything has to be asked anew.
            text = (SAMPLE / "prompts" / "route_message.md").read_text()
            prompt = tmp_path / "p.md"
            prompt.write_text(text.replace("version: 1", f"version: {number + 1}") + f"\nRun {number}.\n")
            server.asked.clear()
            server.answered.clear()
            run_words = [*words, "--prompt", str(prompt)]
            started = subprocess.Popen(run_words, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            while started.poll() is None and sum(server.answered.values()) < number % 24:
                pass
            started.kill()
            kills += started.wait() != 0
            done = subprocess.run(run_words, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)
            assert done.returncode == 0, done.stderr
            assert len(server.answered) == len(known)
            # No more than what was on its way at once is sent again.
            assert sum(count > 1 for count in server.asked.values()) <= 4
            assert max(server.asked.values()) <= 2
        assert kills > 40
