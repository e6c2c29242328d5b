"""The people one can be with a click in the demonstration, each with something to do."""

from dataclasses import dataclass

DOMAIN = "demo.example.org"


@dataclass(frozen=True)
class Persona:
    """`code` is what the sign-in form sends, `does` says in a line what there is to see."""

    code: str
    name: str
    role: str
    does: str

    @property
    def email(self) -> str:
        return email_of(self.name)


def email_of(name: str) -> str:
    return f"{name.lower().replace(' ', '.')}@{DOMAIN}"


PERSONAS = (
    Persona("candidate-ic", "Noor Siddiqui", "Candidate, engineer", "A packet half written, with days left"),
    Persona("candidate-manager", "Samir Khoury", "Candidate, manager", "A packet that came back for evidence"),
    Persona("manager", "Stefan Ilic", "Manager", "A statement on a report's case to write"),
    Persona("referee", "Eszter Varga", "Referee", "Feedback on colleagues, asked for and not yet given"),
    Persona("reviewer", "Clara Beaumont", "Reviewer", "Packets to score: one to open, one begun, one sealed"),
    Persona("committee", "Jonas Lindner", "Committee member", "Open ballots, and a decision to confirm"),
    Persona("chair", "Priya Raman", "Chair", "Ballots to open, a decision to record, both tracks on one axis"),
    Persona("people-partner", "Ines Carvalho", "People partner", "What is stuck in the cycle, and whose turn it is"),
    Persona("auditor", "Goran Petrovic", "Auditor", "Who did what, and whether the record is whole"),
    Persona("operator", "Amara Nwosu", "Operator", "What waits to be sent, and whether the record is whole"),
    Persona("two-hats", "Yara Haddou", "People partner and candidate", "Runs a cycle that hides her own case from her"),
)


def persona(code: str) -> Persona | None:
    return next((p for p in PERSONAS if p.code == code), None)
