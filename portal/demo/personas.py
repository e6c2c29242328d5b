"""The people one can be with a click in the demonstration, each with something to do."""

from dataclasses import dataclass

DOMAIN = "demo.example.org"


@dataclass(frozen=True)
class Persona:
    """`code` is what the sign-in form sends, `does` says in a line what there is to see, `first` what to try first."""

    code: str
    name: str
    role: str
    does: str
    first: str

    @property
    def email(self) -> str:
        return email_of(self.name)


def email_of(name: str) -> str:
    return f"{name.lower().replace(' ', '.')}@{DOMAIN}"


PERSONAS = (
    Persona(
        "candidate-ic",
        "Noor Siddiqui",
        "Candidate, engineer",
        "A packet half written, with days left",
        "Write “Result 3”, add evidence for “Teaching and lifting”, and submit the packet.",
    ),
    Persona(
        "candidate-manager",
        "Samir Khoury",
        "Candidate, manager",
        "A packet that came back for evidence",
        "Read why the packet came back, change “Result 2”, and submit it again.",
    ),
    Persona(
        "candidate-decided",
        "Jamal Carter",
        "Candidate, decided",
        "A letter to read, with days left to appeal",
        "Read the letter, check its code, see who opened the packet; then acknowledge it, or appeal.",
    ),
    Persona(
        "manager",
        "Stefan Ilic",
        "Manager",
        "A statement on a report's case to write",
        "Write and sign the statement on Vikram Sethi; then read the letter on your own case of last summer.",
    ),
    Persona(
        "referee",
        "Eszter Varga",
        "Referee",
        "Feedback on colleagues, asked for and not yet given",
        "Give feedback on Bjorn Eklund, or say no; read first who will see it, and under which name.",
    ),
    Persona(
        "reviewer",
        "Clara Beaumont",
        "Reviewer",
        "Packets to score: one to open, one begun, one sealed",
        "Say that you have no conflict with Chiara Moretti, score the packet, seal it; then the others' open.",
    ),
    Persona(
        "committee",
        "Jonas Lindner",
        "Committee member",
        "Open ballots, and a decision to confirm",
        "Enter the room of grade 4, vote on Felix Baumann, and confirm the decision on Hamid Rostami.",
    ),
    Persona(
        "chair",
        "Priya Raman",
        "Chair",
        "Ballots to open, a decision to record, both tracks on one axis",
        "Lead the room of grade 4, open the ballot on Esra Demir, record the decision on Giulia Conti.",
    ),
    Persona(
        "people-partner",
        "Ines Carvalho",
        "People partner",
        "What is stuck in the cycle, and whose turn it is",
        "Let the search find reviewers, release the letter that is ready, and change a ladder as a draft.",
    ),
    Persona(
        "auditor",
        "Goran Petrovic",
        "Auditor",
        "Who did what, and whether the record is whole",
        "Ask whether the record is whole, then read who opened which packet and take the lines along as a file.",
    ),
    Persona(
        "operator",
        "Amara Nwosu",
        "Operator",
        "What waits to be sent, and whether the record is whole",
        "See which mails wait and why, walk the chain of the record, and import people in a dry run.",
    ),
    Persona(
        "two-hats",
        "Yara Haddou",
        "People partner and candidate",
        "Runs a cycle that hides her own case from her",
        "Look for your own case in the cockpit of the cycle that you run: it is not there, nor in any count.",
    ),
)


def persona(code: str) -> Persona | None:
    return next((p for p in PERSONAS if p.code == code), None)
