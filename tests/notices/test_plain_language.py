"""What a frightened reader would stumble over."""

from __future__ import annotations

import pytest

from incident_engine.domain.errors import BadInput
from incident_engine.notices.outline import Item, Outline, Section
from incident_engine.notices.plain_language import Reading, read_plainly, rules_of
from tests.notices.conftest import LANGUAGES


def reading(*sentences: str, language: str = "en") -> Reading:
    outline = Outline(
        title="t",
        opening=sentences[:1],
        sections=(
            Section(
                level=2,
                heading="h",
                paragraphs=sentences[1:2],
                items=tuple(Item(text=each) for each in sentences[2:]),
            ),
        ),
    )
    return read_plainly(outline, language, rules_of(language))


@pytest.mark.parametrize(
    ("sentence", "rule", "better"),
    [
        ("Your data may have been taken.", "hedge", "Your data was taken."),
        ("We take your privacy seriously.", "soothing", ""),
        ("Recently your card was copied.", "vague", "On 2 March 2026 your card was copied."),
        ("A threat actor has it.", "jargon", "A criminal or intruder has it."),
    ],
)
def test_a_finding_names_the_sentence_and_a_better_one(
    sentence: str, rule: str, better: str
) -> None:
    found = reading(sentence).findings[0]
    assert (found.rule, found.sentence) == (rule, sentence)
    assert found.better.rstrip(".") == better.rstrip(".")


def test_no_evidence_is_found_wherever_it_stands() -> None:
    found = reading("Fine.", "Fine.", "There is no evidence of misuse.").findings
    assert [each.rule for each in found] == ["no-evidence"]


def test_a_word_inside_another_word_is_left_alone() -> None:
    assert reading("The mayor spoke on Mayday.").findings == ()


def test_a_permission_is_not_a_doubt() -> None:
    assert reading("Copies may no longer be made.").findings == ()


def test_an_apostrophe_is_one_whether_it_is_straight_or_curly() -> None:
    for sentence in ("Il n’y a pas d’indication.", "Il n'y a pas d'indication."):
        assert [f.rule for f in reading(sentence, language="fr").findings] == ["no-evidence"]


def test_a_day_with_a_particle_is_no_doubt_in_korean() -> None:
    assert reading("3월 2일부터 유출되었습니다.", language="ko").findings == ()
    found = reading("일부 회원의 정보가 유출되었습니다.", language="ko").findings
    assert [each.rule for each in found] == ["hedge"]


def test_a_long_sentence_is_cut_in_two() -> None:
    words = " ".join(["we looked at the file"] * 4)
    found = reading(f"{words}, and then {words}.").findings
    assert found[0].rule == "sentence-length"
    assert ". Then we looked" in found[0].better


def test_three_passive_sentences_in_a_row_are_a_wall() -> None:
    found = reading("It was copied.", "It was changed. It was taken.", "We told the police.")
    assert [each.rule for each in found.findings] == ["passive-wall"]


def test_chinese_doubt_counts_only_about_whether_the_reader_is_hit() -> None:
    assert reading("有人可能冒充您。", language="zh-Hans").findings == ()
    assert [f.rule for f in reading("您的信息可能泄露。", language="zh-Hans").findings] == ["hedge"]


@pytest.mark.parametrize(
    ("language", "sentence", "rule"),
    [
        ("en", "Your data may have been taken.", "hedge"),
        ("de", "Es ist möglich, dass Ihre Daten betroffen sind.", "hedge"),
        ("de", "Nach derzeitigem Kenntnisstand sind Ihre Daten sicher.", "hedge"),
        ("de", "Uns liegen keine Hinweise vor.", "no-evidence"),
        ("fr", "Vos données ont pu être consultées.", "hedge"),
        ("fr", "Rien n’indique une utilisation frauduleuse.", "no-evidence"),
        ("es", "Sus datos podrían haber sido vistos.", "hedge"),
        ("es", "No hay indicios de un uso indebido.", "no-evidence"),
        ("pt", "Os seus dados poderão ter sido vistos.", "hedge"),
        ("pt", "Não há indícios de uso indevido.", "no-evidence"),
        ("ru", "Ваши данные могли попасть к посторонним.", "hedge"),
        ("ru", "У нас нет сведений об их использовании.", "no-evidence"),
        ("ja", "お客様の情報が漏れた可能性があります。", "hedge"),
        ("ja", "現在、二次被害は確認されていません。", "no-evidence"),
        ("ko", "개인정보가 유출되었을 가능성을 배제할 수 없습니다.", "hedge"),
        ("ko", "악용 여부는 확인된 바 없습니다.", "no-evidence"),
        ("zh-Hans", "不能排除您的信息泄露。", "hedge"),
        ("zh-Hans", "没有证据表明有人冒用。", "no-evidence"),
        ("zh-Hant", "您的資料恐遭外洩。", "hedge"),
        ("zh-Hant", "沒有證據顯示有人冒用。", "no-evidence"),
        ("ar", "ربما تسرّبت بياناتكم.", "hedge"),
        ("ar", "لم نرصد أي استخدام.", "no-evidence"),
    ],
)
def test_what_companies_write_in_each_language_to_say_nothing_is_found(
    language: str, sentence: str, rule: str
) -> None:
    assert rule in {each.rule for each in reading("a", sentence, language=language).findings}


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_has_its_rules(language: str) -> None:
    rules = rules_of(language)
    assert rules.joints
    assert {"hedge", "no-evidence", "soothing", "jargon"} <= set(rules.avoid)


def test_a_language_without_rules_is_named() -> None:
    with pytest.raises(BadInput, match=r"tlh/plain\.toml"):
        rules_of("tlh")
