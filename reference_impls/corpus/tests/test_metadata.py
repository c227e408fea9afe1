from pathlib import Path

import pytest

from ...project_base.errors import UserError
from ..chunking import chunk_document
from ..documents import Corpus, Document
from ..reading import read_corpus
from ..settings import Settings


def read(folder: Path, files: dict[str, str]) -> Corpus:
    for name, content in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(content)
    return read_corpus(Settings(folder=str(folder), record_metadata="customer"))


def by_path(corpus: Corpus) -> dict[str, Document]:
    return {document.path: document for document in corpus.documents}


def test_front_matter_is_metadata_and_no_text(tmp_path: Path) -> None:
    source = "---\ntitle: Own title\ndate: 2024-05-01\ntags: [a, b]\nteam: {name: x}\n---\n\n# Head\n\nWords.\n"
    (document,) = read(tmp_path, {"a.md": source}).documents
    assert document.title == "Own title"
    assert document.metadata == {"title": "Own title", "date": "2024-05-01", "tags": "a, b", "team.name": "x"}
    (chunk,) = chunk_document(document, Settings(folder="x"))
    assert (chunk.headings, chunk.text) == (("Head",), "Words.")
    assert source[chunk.start : chunk.end] == "Words."


def test_thematic_breaks_are_no_front_matter(tmp_path: Path) -> None:
    (document,) = read(tmp_path, {"a.md": "---\nProse between breaks.\n\n---\nMore."}).documents
    assert document.metadata == {}
    assert "Prose between breaks." in [document.text[block.start : block.end] for block in document.blocks]


@pytest.mark.parametrize(
    "inside", ["a: b: c", "readers: [all]", "tenant: acme", "a: 1\na: 2", "a: &x 1\nb: *x", "[" * 1000]
)
def test_front_matter_that_cannot_be_used_is_listed(tmp_path: Path, inside: str) -> None:
    corpus = read(tmp_path, {"a.md": f"---\n{inside}\n---\nWords.", "b.md": "Words."})
    assert [item.path for item in corpus.skipped] == ["a.md"]
    assert [document.path for document in corpus.documents] == ["b.md"]


def test_the_nearest_rule_says_who_may_read(tmp_path: Path) -> None:
    corpus = read(
        tmp_path,
        {
            "_metadata.yaml": '"*": {readers: [staff], company: x}\n"hr/*": {readers: [hr]}\n"*.txt": {kind: note}\n',
            "hr/open/_metadata.yaml": '"*.md": {readers: ["*"], company: y}\n',
            "a.md": "One.",
            "hr/b.txt": "Two.",
            "hr/open/c.md": "Three.",
            "hr/open/d.txt": "Four.",
        },
    )
    assert {path: (document.readers, dict(document.metadata)) for path, document in by_path(corpus).items()} == {
        "a.md": (("staff",), {"company": "x"}),
        "hr/b.txt": (("hr",), {"company": "x", "kind": "note"}),
        "hr/open/c.md": (("*",), {"company": "y"}),
        "hr/open/d.txt": (("hr",), {"company": "x", "kind": "note"}),
    }
    assert (corpus.skipped, corpus.remarks) == ((), ())


def test_a_folder_belongs_to_its_tenant(tmp_path: Path) -> None:
    corpus = read(
        tmp_path,
        {
            "_metadata.yaml": '"acme/*": {tenant: acme}\n"zeta/*": {tenant: 7}\n',
            "acme/a.md": "A.",
            "zeta/b.md": "B.",
            "c.md": "C.",
        },
    )
    assert [(document.path, document.tenant) for document in corpus.documents] == [
        ("acme/a.md", "acme"),
        ("c.md", None),
        ("zeta/b.md", "7"),
    ]


def test_case_opens_no_file(tmp_path: Path) -> None:
    corpus = read(tmp_path, {"_metadata.yaml": '"*.txt": {readers: [legal]}\n', "a.txt": "One.", "B.TXT": "Two."})
    assert {document.readers for document in corpus.documents} == {("legal",)}


def test_what_the_folder_says_wins_over_what_documents_say(tmp_path: Path) -> None:
    corpus = read(
        tmp_path,
        {
            "_metadata.yaml": '"*": {customer: ours}\n',
            "a.md": "---\ncustomer: theirs\n---\nWords.",
            "b.csv": "customer,note\ntheirs,x\n",
        },
    )
    assert {document.metadata["customer"] for document in corpus.documents} == {"ours"}


def test_rights_are_part_of_the_hash(tmp_path: Path) -> None:
    before = read(tmp_path, {"a.md": "Words.", "b.csv": "n\n1\n"})
    after = read(tmp_path, {"_metadata.yaml": '"*": {readers: [hr]}\n'})
    assert all(by_path(before)[path].sha256 != document.sha256 for path, document in by_path(after).items())


def test_a_pattern_without_a_file_is_remarked(tmp_path: Path) -> None:
    corpus = read(tmp_path, {"_metadata.yaml": '"salary*": {readers: [hr]}\n', "salaries.md": "Words."})
    assert [(remark.path, remark.text) for remark in corpus.remarks] == [
        ("_metadata.yaml", "the pattern 'salary*' fits no file")
    ]


@pytest.mark.parametrize("content", ["", "# nothing yet\n\n"])
def test_a_file_without_rules_restricts_nothing(tmp_path: Path, content: str) -> None:
    (document,) = read(tmp_path, {"_metadata.yaml": content, "a.md": "Words."}).documents
    assert document.readers == ("*",)


@pytest.mark.parametrize(
    "content",
    [
        "- a\n",
        '"*": hr\n',
        '"*": {readers: hr}\n',
        '"*": {readers: []}\n',
        '"*": {tenant: [a]}\n',
        '"*": {tenant: ""}\n',
        '"*": {readers: [7]}\n',
        '"*": {tags: [a]}\n',
        '"*": {readers: [a]}\n"*": {readers: [b]}\n',
        '"*": {readers: [a}\n',
        '"*": {readers: !x [a]}\n',
        "\0\1",
    ],
)
def test_unclear_rights_stop_the_reading(tmp_path: Path, content: str) -> None:
    with pytest.raises(UserError) as caught:
        read(tmp_path, {"sub/_metadata.yaml": content, "a.md": "Words."})
    assert "_metadata.yaml" in caught.value.message
    assert "config" not in caught.value.next_step


def test_a_link_does_not_get_round_the_readers(tmp_path: Path) -> None:
    (tmp_path / "hr").mkdir()
    (tmp_path / "b.md").symlink_to(Path("hr", "b.md"))
    files = {"_metadata.yaml": '"hr/*": {readers: [hr]}\n', "a.md": "One.", "hr/b.md": "Two."}
    corpus = read(tmp_path, files)
    assert [document.path for document in corpus.documents] == ["a.md", "hr/b.md"]
    assert [(item.path, item.reason) for item in corpus.skipped] == [
        ("b.md", "a link to hr/b.md, whose readers are others")
    ]
