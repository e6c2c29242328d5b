"""The packet as it is read, and what was frozen at each submission."""

from flask import current_app, render_template, request
from flask.typing import ResponseReturnValue

from portal.adapters.storage import Blob
from portal.cases.fragments import frame
from portal.cases.queries import rubric_of
from portal.cases.routes import me
from portal.domain.paper import paper_for
from portal.packets import policy, queries
from portal.packets.fragments import packet_page, packet_pdf
from portal.packets.reading import reading
from portal.packets.routes.blueprint import packets
from portal.packets.typesetting import Press
from portal.packets.word_diff import changes
from portal.web.database import session, unlocked
from portal.web.files import download

PRESS = "evenbar.packet_press"


@packets.get("/packet", load=queries.packet, access=policy.can_read, reads="packet")
def show(place: queries.PacketPlace) -> ResponseReturnValue:
    return render_template("packets/show.html", **packet_page(me(), place.case))


@packets.get("/packet.pdf", load=queries.packet, access=policy.can_read, reads="packet")
def pdf(place: queries.PacketPlace) -> ResponseReturnValue:
    """What the page shows, on the paper of whoever reads; set anew each time, the same packet to the same bytes."""
    case_id, html = place.case.id, packet_pdf(me(), place.case)
    paper = paper_for(current_app.config["SETTINGS"].paper, me().locale)
    if PRESS not in current_app.extensions:
        current_app.extensions[PRESS] = Press()
    with unlocked():
        found = current_app.extensions[PRESS].set(html, paper)
    return download(Blob(len(found), iter([found])), mimetype="application/pdf", name=f"evenbar-packet-{case_id}.pdf")


@packets.get(
    "/packet/snapshots/<int:number>", load=queries.snapshot_place, access=policy.can_read_snapshot, reads="packet"
)
def snapshot(place: queries.SnapshotPlace) -> ResponseReturnValue:
    """Beside it what changed since the one before, or since another named by `?against=1`."""
    case, rubric = place.case, rubric_of(place.case)
    numbers = [line.number for line in queries.snapshots(session(), case)]
    asked = request.args.get("against", 0, type=int)
    earlier = place.earlier
    if asked in numbers and asked != place.snapshot.number:
        earlier = queries.snapshot_numbered(session(), case, asked)
    return render_template(
        "packets/snapshot.html",
        **frame(case),
        snapshot=place.snapshot,
        earlier=earlier,
        others=[n for n in sorted(numbers) if n != place.snapshot.number and n != (earlier.number if earlier else 0)],
        changes=changes(case.grade, rubric, earlier.content, place.snapshot.content, case.case_type) if earlier else (),
        reading=reading(rubric, case.grade, place.snapshot.content, case.case_type),
    )
