"""The packet as it is read, and what was frozen at each submission."""

from flask import render_template
from flask.typing import ResponseReturnValue

from portal.cases.fragments import frame
from portal.cases.queries import rubric_of
from portal.cases.routes import me
from portal.packets import policy, queries
from portal.packets.fragments import packet_page
from portal.packets.reading import reading
from portal.packets.routes.blueprint import packets
from portal.packets.word_diff import changes


@packets.get("/packet", load=queries.packet, access=policy.can_read, reads="packet")
def show(place: queries.PacketPlace) -> ResponseReturnValue:
    return render_template("packets/show.html", **packet_page(me(), place.case))


@packets.get(
    "/packet/snapshots/<int:number>", load=queries.snapshot_place, access=policy.can_read_snapshot, reads="packet"
)
def snapshot(place: queries.SnapshotPlace) -> ResponseReturnValue:
    case, rubric = place.case, rubric_of(place.case)
    earlier = place.earlier
    return render_template(
        "packets/snapshot.html",
        **frame(case),
        snapshot=place.snapshot,
        earlier=earlier,
        changes=changes(case.grade, rubric, earlier.content, place.snapshot.content, case.case_type) if earlier else (),
        reading=reading(rubric, case.grade, place.snapshot.content, case.case_type),
    )
