from __future__ import annotations

import pytest

from advisor.knowledge import Knowledge, load_knowledge


@pytest.fixture(scope="session")
def rules() -> Knowledge:
    """The built-in rules with their cases, which a compiled copy does not hold."""
    return load_knowledge(with_cases=True)
