"""The limit: the same rows on a page that does nothing but show them, with two statements and no check of anything."""

from flask import Flask, Response
from sqlalchemy import Engine, text

ROWS = text(
    "SELECT c.id, p.name, c.state, c.to_level_id, c.grade, s.competency_id, avg(s.value) FROM promotion_case c"
    " JOIN person p ON p.id = c.candidate_id JOIN review r ON r.case_id = c.id JOIN score s ON s.review_id = r.id"
    " GROUP BY c.id, p.name, c.state, c.to_level_id, c.grade, s.competency_id ORDER BY p.name, c.id, s.competency_id"
)


def bare(engine: Engine) -> Flask:
    """`/list`: every case with its mean score per competency."""
    app = Flask("anchor")

    @app.get("/list")
    def listed() -> Response:
        with engine.connect() as c:
            c.execute(text("SELECT 1"))
            cells: dict[tuple, list[str]] = {}
            for *row, _competency, mean in c.execute(ROWS):
                cells.setdefault(tuple(row), []).append(f"<td>{mean:.2f}</td>")
        lines = [f"<tr><td>{r[1]}</td><td>{r[2]}</td><td>{r[3]}</td>{''.join(v)}</tr>" for r, v in cells.items()]
        return Response(f"<table>{''.join(lines)}</table>")

    return app
