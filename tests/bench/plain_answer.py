"""The other half of the baseline of `run_overhead`: one plain process that makes the same answer and the same PDF.

Called as `plain_answer.py WAREHOUSE PDF`, with `plugins` on the path.
"""

import sys
from datetime import UTC, datetime
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]


def main(warehouse: Path, pdf: Path) -> None:
    """Answer the demo's report question for NL and write the PDF."""
    import yaml

    from interact.agents.analyst.analyst import EmbeddedAnalyst
    from interact.agents.contract import Journal, Question
    from interact.jobs.naming import new_id
    from interact.reports.branding import Branding
    from interact.reports.pdf import draw
    from interact.warehouse.door import DuckDbDoor
    from interact.warehouse.semantic import read_model

    demo = REPOSITORY / "include" / "demo"
    documents = list(yaml.safe_load_all((demo / "definitions.yaml").read_text(encoding="utf-8")))
    job = next(document for document in documents if document.get("parameters"))
    now = datetime.now(UTC)
    filters = {"market": "NL"}
    question = Question(job["prompt"], now.date(), parameters=filters, filters=filters, title=job["name"])
    model = read_model(demo / "semantic_model.yaml")
    with DuckDbDoor(warehouse, model, filters, new_id=lambda: new_id("result")) as door:
        kept = Keeping(door)
        answer = EmbeddedAnalyst().answer(question, kept, Journal())
    folder = REPOSITORY / "include" / "templates" / "reports"
    drawn = draw(answer.report, kept.results, branding=Branding(), created=now, folder=folder)
    pdf.write_bytes(drawn.pdf)


class Keeping:
    """A door that remembers its results."""

    def __init__(self, door: object) -> None:
        self.door, self.model, self.members, self.results = door, door.model, door.members, {}
        self.dialect = door.dialect

    def run(self, compiled: object, *, title: str) -> object:
        """Run one query."""
        result = self.door.run(compiled, title=title)
        self.results[result.result_id] = result
        return result


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
