"""What the person who imports says in addition: ids and names, kinds of track, kinds of competency.

A choice that names something the source does not have is a problem, not a silence.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from portal.domain.ladder_tables import CompetencyKind, TrackKind
from portal.domain.rubric_import.draft import ID, DraftLevel
from portal.domain.rubric_import.source_problems import Problems
from portal.domain.rubric_problems import did_you_mean


@dataclass(frozen=True)
class Choices:
    """`track_kind`: of levels whose track the source does not name. Kinds by id: `level_tracks`, `family_tracks` (where
    a source holds several families) and `kinds` (competencies).
    """

    org_id: str = "imported"
    family_id: str = ""
    family_name: str = ""
    track_kind: TrackKind | None = None
    level_tracks: Mapping[str, TrackKind] = field(default_factory=dict)
    family_tracks: Mapping[str, TrackKind] = field(default_factory=dict)
    kinds: Mapping[str, CompetencyKind] = field(default_factory=dict)

    def level(self, level_id: str, title: str, said: TrackKind | None, family_id: str = "") -> DraftLevel:
        """A level on its track: as chosen for it, else as the source says, else as chosen for the rest, else `ic`."""
        chosen = self.level_tracks.get(level_id) or said or self.family_tracks.get(family_id) or self.track_kind
        return DraftLevel(level_id, title, chosen or "ic", said=chosen is not None)

    def check_ids(self, problems: Problems) -> None:
        """Ids that no file could be called or hold."""
        for option, value in (("--org-id", self.org_id), ("--family-id", self.family_id)):
            if value and not ID.fullmatch(value):
                problems.tell(option, f'"{value}" is no id; use letters, digits, ".", "_" or "-", a letter first')
        if self.family_id.lower() == "org":
            problems.tell("--family-id", '"org" is what the organisation\'s file is called; choose another id')

    def check_names(
        self,
        problems: Problems,
        *,
        levels: Collection[str] = (),
        families: Collection[str] = (),
        competencies: Collection[str] = (),
    ) -> None:
        """Choices about a level, family or competency that is not in the source."""
        for option, what, chosen, known in (
            ("--level-track", "level", self.level_tracks, levels),
            ("--family-track", "family", self.family_tracks, families),
            ("--kind", "competency", self.kinds, competencies),
        ):
            for name in chosen:
                if name not in known:
                    near = did_you_mean(name, known) or f"; there are {', '.join(sorted(known)) or 'none'}"
                    problems.tell(option, f'no {what} "{name}" in the source{near}')
