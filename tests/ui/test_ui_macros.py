"""The macros render under StrictUndefined, with little and with much, without inline style, script or handler."""

import re
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import html5lib
import pytest
import wtforms
from flask import Flask, render_template, render_template_string
from flask_babel import Babel, lazy_gettext
from flask_wtf import CSRFProtect, FlaskForm
from jinja2 import StrictUndefined

ROOT = Path(__file__).parents[2]
XHTML = "{http://www.w3.org/1999/xhtml}"


class ResultForm(FlaskForm):
    title = wtforms.StringField("Title", [wtforms.validators.InputRequired("Enter a title")], description="One line")
    what = wtforms.TextAreaField("What changed")
    kind = wtforms.RadioField(
        "Case type",
        [wtforms.validators.InputRequired("Choose a case type")],
        choices=[wtforms.SelectChoice("promotion", "Promotion"), wtforms.SelectChoice("switch", "Switch")],
    )
    level = wtforms.SelectField("Level", choices=[wtforms.SelectChoice("staff", "Staff Engineer")], default="staff")
    share = wtforms.BooleanField("My manager may read this draft")
    reach = wtforms.RadioField(
        "Reach",
        choices=[wtforms.SelectChoice("3", "Repeated"), wtforms.SelectChoice("", "No answer")],
        validate_choice=False,
    )
    version = wtforms.HiddenField(default="7")


@pytest.fixture
def app() -> Iterator[Flask]:
    app = Flask(__name__, template_folder=str(ROOT / "templates"))
    app.config["SECRET_KEY"] = "a key for tests only, long enough"
    app.jinja_env.undefined = StrictUndefined
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.jinja_env.globals["idempotency_token"] = lambda: "once"
    Babel(app)
    CSRFProtect(app)
    app.add_url_rule("/sign-out", "people.sign_out", lambda: "", methods=["POST"])
    app.context_processor(lambda: {"me": None, "nav": [], "demo": False, "static": lambda path: f"/static/{path}"})
    with app.test_request_context("/", method="POST", data={}):
        yield app


def render(source: str, **context: object) -> str:
    imports = "".join(
        f'{{% import "ui/{name}.html" as {name} %}}' for name in ("forms", "status", "tables", "steps", "charts")
    )
    return render_template_string(imports + source, **context)


def tree(html: str):
    return html5lib.HTMLParser(strict=True).parseFragment(html)


def failed_form() -> ResultForm:
    form = ResultForm(meta={"csrf": False})
    assert form.validate() is False
    return form


def test_a_field_points_to_its_hint_and_its_error(app: Flask) -> None:
    field = tree(render("{{ forms.field(f.title) }}", f=failed_form())).find(f".//{XHTML}input")
    assert (field.get("aria-describedby"), field.get("aria-invalid")) == ("title-hint title-error", "true")


def test_a_radio_field_becomes_a_group_with_a_legend(app: Flask) -> None:
    group = tree(render("{{ forms.field(f.kind) }}", f=failed_form())).find(f"{XHTML}fieldset")
    assert group.find(f"{XHTML}legend").text == "Case type"
    assert [i.get("value") for i in group.iter(f"{XHTML}input")] == ["promotion", "switch"]


def test_the_error_summary_links_to_the_first_control_of_each_faulty_field(app: Flask) -> None:
    links = tree(render("{{ forms.error_summary(f) }}", f=failed_form())).iter(f"{XHTML}a")
    assert [(a.get("href"), a.text) for a in links] == [("#title", "Enter a title"), ("#kind-0", "Choose a case type")]


def test_an_error_that_waits_for_its_language_is_one_line_of_the_summary(app: Flask) -> None:
    form = failed_form()
    form.title.errors = [lazy_gettext("Enter a title")]
    lines = tree(render("{{ forms.error_summary(f) }}", f=form)).iter(f"{XHTML}a")
    assert [a.text for a in lines] == ["Enter a title", "Choose a case type"]


def test_fields_that_say_the_same_are_named_in_the_summary(app: Flask) -> None:
    form = failed_form()
    form.title.errors = form.kind.errors = ["Choose one"]
    lines = tree(render("{{ forms.error_summary(f) }}", f=form)).iter(f"{XHTML}a")
    assert [a.text for a in lines] == [f"{form.title.label.text}: Choose one", f"{form.kind.label.text}: Choose one"]


def test_a_form_without_errors_has_no_summary(app: Flask) -> None:
    assert render("{{ forms.error_summary(f) }}", f=ResultForm(meta={"csrf": False})) == ""


def test_a_scale_shows_number_name_and_anchor_of_each_point(app: Flask) -> None:
    form = ResultForm(meta={"csrf": False})
    points = [SimpleNamespace(value=3.0, name="Repeated", anchor="Twice or more")]
    html = render("{{ forms.scale_field(f.reach, points) }}", f=form, points=points)
    told = [span.text for span in tree(html).iter(f"{XHTML}span")]
    assert told == ["3 · Repeated", "Twice or more", "No answer"]


def test_every_post_form_carries_both_tokens(app: Flask) -> None:
    html = render(
        '{{ forms.action_form("/a", "Seal", fields={"version": 3}) }}'
        '{{ forms.second_step("/b", "Release?", "43 letters", "Release", "/") }}'
    )
    names = [[i.get("name") for i in form.iter(f"{XHTML}input")] for form in tree(html).iter(f"{XHTML}form")]
    assert names == [["csrf_token", "idempotency_token", "version"], ["csrf_token", "idempotency_token"]]


def test_a_closed_action_says_why_and_offers_no_button(app: Flask) -> None:
    html = tree(render('{{ forms.closed_action("Submit", ["two sections are empty"]) }}'))
    assert [li.text for li in html.iter(f"{XHTML}li")] == ["two sections are empty"]
    assert list(html.iter(f"{XHTML}button")) == []


def test_text_of_people_is_escaped_in_every_chart(app: Flask) -> None:
    html = render(
        '{{ charts.forest("f", x, x, [{"label": x, "estimate": none, "inner": none, "outer": none, "note": x}]) }}'
        '{{ charts.bar_axis("b", x, x, [{"kind": "ic", "name": x, "cases": [], "bar": none, "interval": none}]) }}'
        '{{ charts.score_strip("s", x, x, [{"name": x, "scores": [], "mean": none, "at_least": none, "must": true}]) }}'
        "{{ charts.burnup(x, 0, 0) }}{{ charts.interval_row(x, none, none) }}",
        x="<script>1</script>",
    )
    assert "<script" not in html


def test_a_chart_draws_one_mark_per_case_filled_only_when_approved(app: Flask) -> None:
    cases = [{"score": 2.0, "approved": a} for a in (True, False, None)]
    lanes = [{"kind": "ic", "name": "IC", "cases": cases, "bar": 2.5, "interval": (2.0, 3.0)}]
    svg = render('{{ charts.bar_axis("b", "t", "s", lanes) }}', lanes=lanes).split("<svg id=", 1)[1]
    assert len(re.findall(r'<circle class="c-ic"', svg)) == 2  # one case and the mark beside the track's name
    assert len(re.findall(r'<circle class="c-ic c-open"', svg)) == 2


def test_a_dot_lies_where_its_score_lies_on_the_axis(app: Flask) -> None:
    row = {"name": "Direction", "scores": [0, 2, 4], "mean": 2.0, "at_least": None, "must": False}
    svg = render('{{ charts.score_strip("s", "t", "x", rows) }}', rows=[row]).split("<svg id=", 1)[1]
    assert re.findall(r'<circle class="c-dot" cx="([\d.]+)"', svg) == ["230.0", "425.0", "620.0"]


def test_a_table_names_its_columns_and_how_it_is_sorted(app: Flask) -> None:
    columns = [{"label": "Case", "href": "?s=1", "sorted": "ascending"}, {"label": "Mean", "num": True}]
    html = render(
        '{% call tables.frame("Cases", columns) %}<tr><td>A</td><td>1</td></tr>{% endcall %}',
        columns=columns,
    )
    heads = list(tree(html).iter(f"{XHTML}th"))
    assert [(h.get("scope"), h.get("aria-sort")) for h in heads] == [("col", "ascending"), ("col", None)]


def test_pagination_shows_the_ends_the_neighbours_and_the_total(app: Flask) -> None:
    html = render('{{ tables.pagination(4, 12, 151, 200, 583, url, "cases") }}', url=lambda n: f"?page={n}")
    assert [a.get("href") for a in tree(html).iter(f"{XHTML}a")] == [f"?page={n}" for n in (3, 1, 3, 5, 12, 5)]
    assert "151 to 200 of 583 cases" in html


def test_the_track_is_told_by_shape_and_name_not_by_colour_alone(app: Flask) -> None:
    shapes = [render(f'{{{{ status.shape("{kind}") }}}}') for kind in ("ic", "manager", "lead", "advisor")]
    assert len(set(shapes)) == 4


@pytest.mark.parametrize("code", [400, 401, 403, 404, 405, 409, 413, 422, 429, 500, 503])
def test_each_error_page_has_one_heading_and_says_what_to_do_next(app: Flask, code: int) -> None:
    page = html5lib.HTMLParser().parse(render_template("errors/error.html", code=code))
    assert len(list(page.iter(f"{XHTML}h1"))) == 1
    assert len(list(page.find(f".//{XHTML}main").iter(f"{XHTML}li"))) >= 1


def test_the_page_for_what_is_hidden_ignores_every_detail(app: Flask) -> None:
    plain = render_template("errors/error.html", code=404)
    told = render_template("errors/error.html", code=404, title="Case 7KQ2", message="No", details=("x",), next=["Ask"])
    assert told == plain


@pytest.mark.parametrize("path", sorted(p.relative_to(ROOT).as_posix() for p in (ROOT / "templates").rglob("*.html")))
def test_templates_hold_nothing_the_content_policy_would_refuse(path: str) -> None:
    text = re.sub(r"\{#.*?#\}", "", (ROOT / path).read_text(), flags=re.DOTALL)
    assert re.findall(r"<style|\sstyle=|\son[a-z]+=|javascript:|<script(?![^>]*\ssrc=)|\|\s*safe\b", text) == []
