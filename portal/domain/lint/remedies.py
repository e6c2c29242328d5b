"""What stands behind each rule, in words: the principle as a sentence, and a remedy for whoever keeps the ladder."""

from collections.abc import Mapping

PRINCIPLES: Mapping[str, str] = {
    "P1": "Advancing without managing people is a first-class path, in responsibility, influence and pay.",
    "P2": "Base, bonus and equity are comparable at parallel levels, like compared with like.",
    "P3": "Peer levels are declared, never assumed, and what is declared holds.",
    "P4": "Each track has competencies of its own, not copies of another's.",
    "P5": "Leadership is not people management: both tracks show it, and strategy belongs to both.",
    "P6": "Senior ICs have impact in four modes: across teams, by teaching, by strategy, on other functions.",
    "P7": "One may switch both ways, at the same grade and pay, with a trial and a way home.",
    "P8": "How the work divides is said; principals mostly do craft, and first-line managers keep some.",
    "P9": "No framework is absolute: reports are a number, and an IC may have a junior one.",
    "P10": "Human skills stand beside functional skills on every track.",
    "P11": "There is a third way: an advisor, or a lead without reports.",
    "P12": "Staying at a level is a success.",
    "P13": "Levels are few and documented, and every change is told to everyone.",
    "P14": "Every track gets equal support and asks for equal process.",
    "P15": "A third party's survey is the check on pay: both numbers are shown.",
}
"""Each principle's tag and its sentence."""

REMEDIES: Mapping[str, str] = {
    "LL01": "Bring the medians of the two bands within the organisation's tolerance, or correct the survey figures.",
    "LL02": "Write the bonus target and median equity of both levels, and bring them within the tolerance.",
    "LL03": "Take both bands from one survey, in one currency and region, at most twelve months apart.",
    "LL04": "Raise the median of the higher level above the one below it, or correct the figure.",
    "LL05": "Nothing to repair; set the two numbers side by side when you next review pay.",
    "LL10": "Add the missing track, with at least one level on it.",
    "LL11": "Merge levels nobody can tell apart, or add the ones that are missing.",
    "LL12": "Add an IC level at this grade, or mark the grade as executive.",
    "LL12b": "Add a manager level at this grade, or move the IC level to a grade that has one.",
    "LL13": "Give the level a grade, and each grade at most one level of a track.",
    "LL14": "Open the management track at least one grade lower, and mark one level as feeder to both tracks.",
    "LL15": "Give both levels the same grade, or mark the claim as disputed.",
    "LL19": "Change the weights until those of the track sum to 100.",
    "LL20": "Rewrite the shared texts so that they say what this track, and no other, is asked for.",
    "LL21": "Point the competency at a pillar that the organisation declares, or declare the pillar.",
    "LL21b": "Add a competency for the pillar, or assign an existing one to it.",
    "LL22": "Move weight between human and other skills until human skills weigh 20 to 60.",
    "LL23": "Add a competency of kind leadership, or one of the pillar growth, to the IC track.",
    "LL24": "Give the competency another kind, or move it to the manager track.",
    "LL24b": "Lower the range of reports to two at most, or say it where nothing is said.",
    "LL25": "Make a competency of kind people-management a must-have of the bar.",
    "LL26": "Say in the competencies' “covers” which mode each one stands for, and add one for what is missing.",
    "LL27": "Bring the weights of direction on both tracks within 15 of each other.",
    "LL28": "Nothing has to change; read the texts once for leader words only managers get.",
    "LL29": "Write what can be observed at this level, differently from the level beside it.",
    "LL30": "Raise or lower a clause of one bar until about the same share of profiles clears both.",
    "LL31": "Ask for less on one of the named pillars, or for more on one where the other bar asks less.",
    "LL32": "Add or drop a must-have until the two bars differ by one at most.",
    "LL33": "Drop the level's own scope, or move the level to the grade whose scope it has.",
    "LL34": "Say what the person achieves with people instead of how many report to them.",
    "LL36": "Ask for the same steps, interviews and vacancy on both tracks.",
    "LL40": "Lower the share of people work to 20 at most, or make the level a lead's or a manager's.",
    "LL41": "Keep a quarter of craft for first-line managers, and a span no wider than the next level's.",
    "LL42": "Raise people and organisation work to half of the time, or mark the level as first line.",
    "LL43": "Change people, craft and organisation until they sum to 100.",
    "LL50": "Write a switch for the direction that is missing.",
    "LL50b": "Write switches both ways between at least one pair of peers.",
    "LL51": "Let the switch lead to a level of the same grade.",
    "LL52": "Say how many months the trial lasts, and how long the way home stays open.",
    "LL53": "Put each pillar among those carried or those assessed, in one of the two only.",
    "LL54": "Open switches at a second grade.",
    "LL55": "Mark an IC level as one where people may stay.",
    "LL60": "Take grade, band, reports and operations off the advisor, and describe the contract.",
    "LL61": "Write a switch of kind advisor into the advisor level, and one back.",
    "LL70": "Insist on another pillar, or another score, in the third track's must-haves than its peers do.",
    "LL80": "Add to each track's support what another track offers and this one lacks.",
    "LL81": "Publish the ladder to all staff, and write its date and version.",
}
"""One remedy a rule, by the rule's id."""


def principle_sentences(tags: str) -> tuple[str, ...]:
    """The sentences of a rule's tags, as in "P1 P3"; none for "-", which stands for plain arithmetic."""
    return tuple(PRINCIPLES[tag] for tag in tags.split() if tag in PRINCIPLES)
