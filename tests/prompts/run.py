"""`make prompts`: the prompt suite through what `interact ask` calls. `ONLY=shop` runs those whose id begins so."""

import os
import sys
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]


def main(only: str) -> int:
    """Run the suite, write `prompts.jsonl`, and print what is not right; 1 when an answer is wrong and says nothing."""
    sys.path.insert(0, str(REPOSITORY / "tests"))
    from prompts.suite import counted, explained, run_suite, written

    judged = run_suite(only)
    written(judged, REPOSITORY / "prompts.jsonl")
    sys.stdout.write(f"{explained(judged)}\n\n{counted(judged)}\n")
    return int(any(each.verdict.outcome == "silent" for each in judged))


if __name__ == "__main__":
    sys.exit(main(os.environ.get("ONLY", "")))
