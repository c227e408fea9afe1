"""MANIFEST -> SMOKE RESULT: proves that a generated project runs."""

from advisor.smoke.run import RESULT, run_smoke

__all__ = ["RESULT", "run_smoke"]
