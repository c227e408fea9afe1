from ..sentences import sentences


def test_sentences_end_where_a_reader_ends_them() -> None:
    text = 'Dr. Smith paid approx. 3 euros, e.g. at 5 p.m. Then he left! "Why?" He said: no.\n\n- one\n- two'
    assert sentences(text)[-3:] == ["He said: no.", "- one", "- two"]
    assert sentences("A is 3.5 cm long. B is not.") == ["A is 3.5 cm long.", "B is not."]
    assert sentences("") == []
