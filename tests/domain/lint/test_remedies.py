"""Every rule says what to do about it, and every principle it names has a sentence."""

from portal.domain.lint import PRINCIPLES, REMEDIES, RULES, principle_sentences


def test_every_rule_has_exactly_one_remedy() -> None:
    assert set(REMEDIES) == {rule.id for rule in RULES}
    assert [rule for rule, words in REMEDIES.items() if not words.endswith(".")] == []


def test_every_principle_a_rule_names_has_a_sentence() -> None:
    named = {tag for rule in RULES for tag in rule.principle.split() if tag != "-"}
    assert named - set(PRINCIPLES) == set()
    assert len(PRINCIPLES) == 15


def test_a_rule_may_stand_for_two_principles_or_for_none() -> None:
    assert principle_sentences("P1 P3") == (PRINCIPLES["P1"], PRINCIPLES["P3"])
    assert principle_sentences("-") == ()
