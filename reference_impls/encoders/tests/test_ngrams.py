import numpy as np
from sklearn.feature_extraction.text import TfidfVectorizer  # type: ignore[import-untyped]  # scikit-learn has no types

from ..ngrams import MOST_CHARACTERS, Vocabulary, learn_vocabulary

TEXTS = ["the card is lost", "my card is my card", "transfer the money now", "money for the card, please!"]


def dense(vocabulary: Vocabulary, texts: list[str]) -> np.ndarray:
    return vocabulary.rows(texts).times(np.eye(len(vocabulary.ngrams), dtype=np.float32))


def test_weights_are_those_of_scikit_learn() -> None:
    vocabulary = learn_vocabulary(TEXTS, 10_000)
    ours = dense(vocabulary, [*TEXTS, "a lost lost transfer"])
    kinds = {
        "w": TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True, min_df=2, token_pattern=r"(?u)\b\w+\b"),
        "c": TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 5), sublinear_tf=True, min_df=2),
    }
    seen = 0
    for kind, vectorizer in kinds.items():
        vectorizer.fit(TEXTS)
        theirs = vectorizer.transform([*TEXTS, "a lost lost transfer"]).toarray()
        names = [ngram[1:] for ngram in vocabulary.ngrams if ngram[0] == kind]
        assert set(names) == set(vectorizer.get_feature_names_out())
        columns = [vectorizer.vocabulary_[name] for name in names]
        np.testing.assert_allclose(ours[:, seen : seen + len(names)], theirs[:, columns], atol=1e-6)
        seen += len(names)
    assert seen == len(vocabulary.ngrams)


def test_the_commonest_are_kept_and_the_order_is_fixed() -> None:
    few = learn_vocabulary(TEXTS, 5)
    assert len(few.ngrams) == 5
    assert few.ngrams == learn_vocabulary(TEXTS[::-1], 5).ngrams


def test_texts_of_nothing_known_have_empty_rows() -> None:
    rows = learn_vocabulary(TEXTS, 1000).rows(["東京", "", "card"])
    assert rows.starts[1] == rows.starts[2] == 0
    assert rows.starts[3] > 0


def test_a_single_text_has_a_vocabulary() -> None:
    assert "wcard" in learn_vocabulary(["card"], 1000).ngrams


def test_what_stands_far_behind_is_not_counted() -> None:
    vocabulary = learn_vocabulary(TEXTS, 1000)
    long = "card " * (MOST_CHARACTERS // 5)
    np.testing.assert_array_equal(dense(vocabulary, [long + "money " * 2_000_000]), dense(vocabulary, [long]))
