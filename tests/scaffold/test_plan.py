"""What a project will consist of: the same bytes every time, copied as they stand, configured as decided."""

from __future__ import annotations

import hashlib
import importlib.util
import json
import keyword
import re
import subprocess
import sys
import tomllib
from dataclasses import replace
from pathlib import Path

import pytest
import yaml

from advisor import resources
from advisor.ask.answers_file import read_answers, with_answers
from advisor.deciding import choose_settings, fired_rules
from advisor.documents import Answers, Recommendation
from advisor.errors import ScaffoldError
from advisor.knowledge import Knowledge, load_knowledge
from advisor.knowledge.components import components_for
from advisor.pipeline import advise
from advisor.scaffold.names import package_name
from advisor.scaffold.plan import ProjectPlan, choose_pattern, plan_project
from advisor.scaffold.write import write_project
from advisor.states import states_of
from tests import projects
from tests.scaffold.conftest import EXAMPLE

KNOWLEDGE = load_knowledge()
BUILT = sorted(pattern.id for pattern in KNOWLEDGE.patterns.values() if pattern.component)
UNBUILT = sorted(pattern.id for pattern in KNOWLEDGE.patterns.values() if not pattern.component)
IMPLS = resources.folder("reference_impls")
WRITTEN = {
    "rag": (("retrieval", "index_folder"), ("embedding", "cache_folder")),
    "fine_tuning": (
        ("fine_tuning", "runs_folder"),
        ("registry", "folder"),
        ("embedding", "cache_folder"),
        ("generators", "stand_in_folder"),
    ),
    "prompting": (("prompting", "runs_folder"), ("embedding", "cache_folder")),
    "hybrid": (
        ("hybrid", "results_folder"),
        ("fine_tuning", "runs_folder"),
        ("registry", "folder"),
        ("retrieval", "index_folder"),
        ("embedding", "cache_folder"),
    ),
    "retraining": (("retraining", "runs_folder"), ("registry", "folder"), ("embedding", "cache_folder")),
    "continued_pretraining": (
        ("continued_pretraining", "runs_folder"),
        ("registry", "folder"),
        ("embedding", "cache_folder"),
        ("generators", "stand_in_folder"),
    ),
}
"""The settings of each component that name a folder which the project writes."""


@pytest.mark.parametrize("pattern", BUILT)
def test_a_plan_has_the_same_bytes_every_time(
    pattern: str, recommendation: Recommendation, knowledge: Knowledge
) -> None:
    once = projects.plan(recommendation, knowledge, pattern)
    again = projects.plan(recommendation, load_knowledge(), pattern)
    assert once == again
    assert once.manifest.model_dump_json() == again.manifest.model_dump_json()


def test_a_plan_does_not_depend_on_hash_seed_or_folder(tmp_path: Path) -> None:
    code = (
        "import hashlib, sys; from advisor.knowledge import load_knowledge; from advisor.pipeline import advise;"
        "from advisor.ask.answers_file import read_answers; from advisor.scaffold.plan import plan_project;"
        "k = load_knowledge(); r = advise(read_answers(sys.argv[1], k), k);"
        "p = plan_project(r, k.patterns['plain_rag'], k, 'demo');"
        "print(hashlib.sha256(repr(p).encode()).hexdigest())"
    )
    digests = {
        subprocess.run(
            [sys.executable, "-c", code, str(EXAMPLE)],
            cwd=folder,
            env={"PYTHONHASHSEED": seed, "PYTHONPATH": str(EXAMPLE.parents[1]), "TZ": zone, "LANG": "C"},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for folder, seed, zone in [(tmp_path, "1", "UTC"), (Path("/"), "2", "Asia/Tokyo")]
    }
    assert len(digests) == 1


def test_the_manifest_records_every_file_with_its_sum(plan: ProjectPlan) -> None:
    recorded = {record.path: (record.made, record.sha256) for record in plan.manifest.files}
    assert recorded == {file.path: (file.made, hashlib.sha256(file.content).hexdigest()) for file in plan.files}
    assert plan.manifest.components[-1] == "rag"


def test_components_are_copied_byte_for_byte_and_whole(plan: ProjectPlan) -> None:
    copied = {file.path.removeprefix("demo/"): file.content for file in plan.files if file.made == "copied"}
    rooms = set(plan.manifest.components)
    standing = {
        path: content
        for path, content in projects.tree(IMPLS).items()
        if path.split("/")[0] in rooms | {"__init__.py", "__main__.py"}
    }
    assert copied == standing
    assert any("/tests/" in path for path in copied)
    assert any("/sample/" in path for path in copied)


def test_what_tools_leave_behind_is_not_copied(
    recommendation: Recommendation, knowledge: Knowledge, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import shutil

    shutil.copytree(IMPLS, tmp_path / "reference_impls")
    room = tmp_path / "reference_impls" / "rag"
    for name in ("__pycache__/x.cpython-311.pyc", "tests/__pycache__/y.pyc", ".pytest_cache/README.md", "loose.pyc"):
        (room / name).parent.mkdir(exist_ok=True)
        (room / name).write_bytes(b"left")
    found = {"templates": resources.folder("templates"), "reference_impls": tmp_path / "reference_impls"}
    monkeypatch.setattr(resources, "folder", found.__getitem__)
    planned = projects.plan(recommendation, knowledge)
    assert not [file.path for file in planned.files if file.content == b"left"]


def test_no_python_is_rendered(plan: ProjectPlan) -> None:
    rendered = {file.path for file in plan.files if file.made == "rendered"}
    assert rendered == {
        ".advisor/recommendation.json",
        ".gitignore",
        "DECISION.md",
        "README.md",
        "answers.yaml",
        "config.yaml",
        "pyproject.toml",
    }


@pytest.mark.parametrize("pattern", BUILT)
def test_the_configuration_is_the_defaults_and_what_pattern_and_rules_set(
    pattern: str, recommendation: Recommendation, knowledge: Knowledge
) -> None:
    planned = projects.plan(recommendation, knowledge, pattern)
    text = _text(planned, "config.yaml")
    written = yaml.safe_load(text)
    chosen = knowledge.patterns[pattern]
    assert chosen.component is not None
    states = states_of(knowledge, {fact.fact: fact.code for fact in recommendation.facts if fact.code})
    set_by: dict[str, dict[str, object]] = {}
    for choice in choose_settings(chosen, fired_rules(knowledge, states)):
        set_by.setdefault(choice.section, {})[choice.key] = choice.value
    for component in components_for(chosen.component):
        defaults = {key: setting.default for key, setting in component.settings.items()}
        expected = {
            key: value.replace("{package}", "demo") if isinstance(value, str) else value
            for key, value in (defaults | set_by.get(component.component, {})).items()
        }
        assert written.pop(component.component, {}) == expected
        for setting in component.settings.values():
            assert " ".join(setting.means.split()) in " ".join(text.replace("\n  #", " ").split())
    assert not written
    assert max(map(len, text.splitlines())) <= 120


@pytest.mark.parametrize("pattern", BUILT)
def test_the_configuration_passes_the_strict_loader_of_the_project(
    pattern: str, recommendation: Recommendation, knowledge: Knowledge, tmp_path: Path
) -> None:
    planned = projects.plan(recommendation, knowledge, pattern, "demo")
    write_project(planned, tmp_path / "demo")
    component = knowledge.patterns[pattern].component
    assert component is not None
    loaded = _loaded(tmp_path / "demo", component)
    for section, key in WRITTEN[component]:
        folder = yaml.safe_load(_text(planned, "config.yaml"))[section][key]
        assert loaded[section][key] == str(tmp_path / "demo" / folder)


@pytest.mark.parametrize("pattern", BUILT)
def test_the_metadata_of_the_project_is_sound(
    pattern: str, recommendation: Recommendation, knowledge: Knowledge
) -> None:
    metadata = tomllib.loads(_text(projects.plan(recommendation, knowledge, pattern, "my_desk"), "pyproject.toml"))
    assert metadata["project"]["name"] == "my-desk"
    assert metadata["project"]["scripts"] == {"my-desk": "my_desk.project_base.cli:main"}
    assert {line.split(">")[0] for line in metadata["project"]["dependencies"]} >= {"click", "pydantic", "pyyaml"}
    assert metadata["project"]["optional-dependencies"].keys() >= {"test"}


def test_titles_of_own_rules_cannot_break_the_files(recommendation: Recommendation, knowledge: Knowledge) -> None:
    pattern = replace(knowledge.patterns["plain_rag"], title='Search "by\nwords\\', does="One.\n# Two: {{ three }}\n")
    planned = plan_project(recommendation, pattern, knowledge, "demo")
    assert tomllib.loads(_text(planned, "pyproject.toml"))["project"]["description"].endswith('Search "by words\\')
    assert yaml.safe_load(_text(planned, "config.yaml"))["corpus"]
    assert "One. # Two: {{ three }}" in _text(planned, "README.md")


def test_the_answers_of_the_project_are_those_it_was_made_from(
    plan: ProjectPlan, recommendation: Recommendation, knowledge: Knowledge, tmp_path: Path
) -> None:
    (tmp_path / "answers.yaml").write_text(_text(plan, "answers.yaml"))
    again = read_answers(str(tmp_path / "answers.yaml"), knowledge)
    assert again.given == recommendation.answers
    assert advise(again, knowledge) == recommendation


def test_figures_of_ones_own_go_into_the_project(knowledge: Knowledge, tmp_path: Path) -> None:
    words = ["knowledge_source=private_documents", "failure_mode=missing_facts", "model_kind=llm"]
    answers = with_answers(Answers(), [*words, "gpu_hour=1.9", "output_tokens=250"], knowledge)
    planned = projects.plan(advise(answers, knowledge), knowledge)
    (tmp_path / "answers.yaml").write_text(_text(planned, "answers.yaml"))
    assert read_answers(str(tmp_path / "answers.yaml"), knowledge) == answers
    assert planned.manifest.figures == answers.figures


def test_no_answers_make_a_valid_answers_file(knowledge: Knowledge, tmp_path: Path) -> None:
    planned = projects.plan(advise(Answers(), knowledge), knowledge)
    (tmp_path / "answers.yaml").write_text(_text(planned, "answers.yaml"))
    assert read_answers(str(tmp_path / "answers.yaml"), knowledge).given == ()


def test_a_project_made_on_request_says_so(recommendation: Recommendation, knowledge: Knowledge) -> None:
    assert recommendation.pattern == "incremental_index"
    assert "made as RAG, Fused search" in _text(projects.plan(recommendation, knowledge, "plain_rag"), "DECISION.md")
    assert "made as RAG" not in _text(projects.plan(recommendation, knowledge, "incremental_index"), "DECISION.md")


def test_a_project_insisted_on_is_set_by_the_same_facts(knowledge: Knowledge) -> None:
    given = ["citations=mandatory", "knowledge_source=private_documents", "access_control=per_user"]
    advice = advise(with_answers(Answers(), given, knowledge), knowledge)
    assert advice.pattern == "access_filtered"
    for pattern, identity in (("access_filtered", "header"), ("plain_rag", "none")):
        written = yaml.safe_load(_text(projects.plan(advice, knowledge, pattern), "config.yaml"))
        assert (written["rag"]["refuse_below"], written["serving"]["identity"]) == (0.4, identity)


SETTING_FACTS: dict[str, tuple[str, ...]] = {
    "citations": ("citations=mandatory",),
    "harm": ("error_cost=critical",),
    "daily": ("volatility=daily",),
    "erasure": ("erasure_duty=on_request",),
    "own hardware": ("data_boundary=self_hosted",),
    "haste": ("latency_p95=100_500ms",),
    "leisure": ("latency_p95=gt_10s",),
    "joined up": ("reasoning_scope=multi_document",),
    "own terms": ("domain_gap=proprietary",),
    "languages": ("languages=several_major",),
    "all at once": (
        "citations=mandatory",
        "error_cost=critical",
        "volatility=daily",
        "data_boundary=offline_edge",
        "latency_p95=100_500ms",
        "reasoning_scope=multi_document",
        "domain_gap=unseen",
        "languages=low_resource",
    ),
}
WANTED: dict[str, dict[str, object]] = {
    "citations": {"rag.require_citation": True, "rag.refuse_below": 0.4},
    "harm": {"rag.require_citation": True, "rag.refuse_below": 0.4},
    "daily": {"rag.when_documents_change": "index"},
    "erasure": {"rag.when_documents_change": "index"},
    "own hardware": {"project_base.offline": True, "language_models.generator": "extractive"},
    "haste": {"rag.passages": 3, "language_models.max_new_tokens": 100},
    "leisure": {"rag.passages": 8},
    "joined up": {"rag.passages": 8, "language_models.answer_sentences": 4},
    "own terms": {"retrieval.dense_weight": 0.3},
    "languages": {"retrieval.stop_words": "none"},
    "all at once": {"rag.passages": 3, "rag.refuse_below": 0.4, "language_models.answer_sentences": 4},
}


@pytest.mark.parametrize("name", SETTING_FACTS)
def test_the_settings_follow_from_the_facts_and_the_project_takes_them(
    name: str, knowledge: Knowledge, tmp_path: Path
) -> None:
    given = ["model_kind=llm", "knowledge_source=private_documents", *SETTING_FACTS[name]]
    advice = advise(with_answers(Answers(), given, knowledge), knowledge)
    planned = projects.plan(advice, knowledge, "plain_rag", "demo")
    write_project(planned, tmp_path / "demo")
    loaded = _loaded(tmp_path / "demo", "rag")
    for key, value in WANTED[name].items():
        section, _, setting = key.partition(".")
        assert loaded[section][setting] == value, key
        (line,) = re.findall(rf"(?s)((?:  #[^\n]*\n)+)  {setting}: ", _text(planned, "config.yaml"))
        assert re.search(r"\(rule\s+(#\s+)?\w+;", line), f"{key} does not name its rule"


def test_what_a_rule_keeps_at_its_default_is_said_too(knowledge: Knowledge) -> None:
    given = ["model_kind=llm", "knowledge_source=private_documents", "data_boundary=self_hosted"]
    planned = projects.plan(advise(with_answers(Answers(), given, knowledge), knowledge), knowledge)
    text = " ".join(_text(planned, "config.yaml").replace("\n  #", " ").split())
    assert "(rule nothing_fetched_and_nothing_sent; also the default) offline: true" in text


@pytest.mark.parametrize("pattern", UNBUILT)
def test_a_pattern_without_a_component_is_refused_in_one_sentence(
    pattern: str, recommendation: Recommendation, knowledge: Knowledge
) -> None:
    with pytest.raises(ScaffoldError) as caught:
        choose_pattern(recommendation, knowledge, None, pattern)
    (problem,) = caught.value.problems
    assert pattern in problem
    assert "no reference implementation of" in problem
    assert "is built yet" in problem
    assert "advisor report" in caught.value.next_step
    assert caught.value.exit_code == 1


def test_what_is_insisted_on_wins(recommendation: Recommendation, knowledge: Knowledge) -> None:
    assert choose_pattern(recommendation, knowledge, None, None).id == "incremental_index"
    assert choose_pattern(recommendation, knowledge, "rag", None).id == "incremental_index"
    assert choose_pattern(recommendation, knowledge, None, "plain_rag").id == "plain_rag"
    with pytest.raises(ScaffoldError, match="plain_rag is a pattern of rag, not of prompting"):
        choose_pattern(recommendation, knowledge, "prompting", "plain_rag")
    with pytest.raises(ScaffoldError, match="did you mean plain_rag"):
        choose_pattern(recommendation, knowledge, None, "plain_rga")


def test_without_a_verdict_only_what_is_insisted_on_is_built(knowledge: Knowledge) -> None:
    nothing = advise(Answers(), knowledge)
    assert nothing.approach is None
    with pytest.raises(ScaffoldError, match="there is no verdict to scaffold"):
        choose_pattern(nothing, knowledge, None, None)
    assert choose_pattern(nothing, knowledge, "rag", None).component == "rag"


@pytest.mark.parametrize(
    ("folder", "package"),
    [
        ("help-desk", "help_desk"),
        ("Help Desk (2)", "help_desk_2"),
        ("2024-bot", "project_2024_bot"),
        ("café", "caf"),
        ("手册", "project"),
        ("...", "project"),
        ("class", "class_project"),
        ("async", "async_project"),
        ("json", "json_project"),
        ("Torch", "torch_project"),
        ("faiss-cpu", "faiss_cpu_project"),
        ("rag", "rag_project"),
        ("index", "index_project"),
        ("advisor", "advisor_project"),
        ("tests", "tests_project"),
        ("a'; import os", "a_import_os"),
    ],
)
def test_a_package_is_named_after_its_folder(folder: str, package: str) -> None:
    assert package_name(folder) == package


def test_no_package_hides_what_the_project_needs() -> None:
    needed = {path.parent.name for path in IMPLS.glob("*/component.yaml")} | set(sys.stdlib_module_names)
    for line in (line for pattern in BUILT for part in _components(pattern) for line in part):
        needed.add(line.split(">")[0].split("=")[0])
    for name in needed:
        package = package_name(name)
        assert package.isidentifier()
        assert not keyword.iskeyword(package)
        assert package != name.replace("-", "_").lower(), name
        assert package == package_name(package), "a second project in a folder of that name is called the same"


def test_no_package_lies_where_the_project_writes(recommendation: Recommendation, knowledge: Knowledge) -> None:
    for pattern in BUILT:
        config = yaml.safe_load(_text(projects.plan(recommendation, knowledge, pattern), "config.yaml"))
        component = knowledge.patterns[pattern].component
        assert component is not None
        for section, key in WRITTEN[component]:
            assert package_name(config[section][key]) != config[section][key]


def test_the_package_is_importable_under_any_name(plan: ProjectPlan) -> None:
    # Nothing inside a project names its package: it can be renamed with one folder.
    for file in plan.files:
        if file.path.endswith(".py"):
            assert b"demo." not in file.content, file.path
    assert importlib.util.find_spec("demo") is None


def _components(pattern: str) -> list[tuple[str, ...]]:
    component = KNOWLEDGE.patterns[pattern].component
    assert component is not None
    return [part.requires for part in components_for(component)]


def _loaded(project: Path, component: str) -> dict[str, dict[str, object]]:
    """What the project's own strict loader makes of its config.yaml."""
    code = (
        "from pathlib import Path; from demo.project_base.config import load_settings;"
        f"from demo.{component}.settings import ProjectSettings;"
        "print(load_settings(Path('config.yaml'), ProjectSettings).model_dump_json())"
    )
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", code], cwd=project, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    loaded: dict[str, dict[str, object]] = json.loads(done.stdout)
    return loaded


def _text(plan: ProjectPlan, path: str) -> str:
    return next(file.content for file in plan.files if file.path == path).decode()
