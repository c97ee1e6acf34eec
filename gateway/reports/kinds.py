"""Which type of event (`jenis`) a message is about: every sign gives its type a weight, the heaviest type is chosen. Pure.

A sign is a word, a phrase, or a pair of an object and what was done to it. What it weighs depends on what it is and where it
stands: directly behind LAPOR most, in a cause, a fear or a mere occasion less (`config/vocabulary/kinds.toml`), and on its
type (`weight` in `config/forms/event.toml`): what was done to people counts more than what the quarrel was about.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from config.knowledge import Context
from gateway.reports.decision import first_content
from gateway.reports.lexicon import TYPO
from gateway.reports.signs import NEAR, Sign, Signs, open_words, paired_signs, strong_signs, weak_signs
from gateway.reports.text import CODE, NUMBER, WORD, Token
from gateway.reports.understanding import Doubt

if TYPE_CHECKING:
    from gateway.reports.knowledge import Knowledge
    from gateway.reports.reading import Reading

PEACE = "DAMAI"
_ENDS = frozenset(",.;!?\n")


def find_type(reading: Reading, knowledge: Knowledge) -> None:
    """Fill the `jenis` attributes of a reading and say in its trace what was chosen and why."""
    direct = _direct_index(reading, knowledge)
    words = open_words(reading, knowledge)
    strong = strong_signs(reading, knowledge, words)
    if _type_by_number(reading, knowledge, direct, bool(strong)):
        return
    weak = weak_signs(reading, knowledge, words, strong)
    written = next((sign for sign in (*strong, *weak) if _is_written(reading, sign, direct)), None)
    if written is not None:
        _take(reading, written, direct=True)
        return
    signs = [*strong, *paired_signs(reading, knowledge, words, strong), *weak]
    if not signs:
        return
    _claim(signs, knowledge.signs)
    _place_in_context(reading, knowledge, words, signs)
    _emphasise(signs, direct, knowledge.signs)
    ranked = _ranked(signs, knowledge.signs)
    _choose(reading, knowledge, signs, ranked, direct)


def _is_written(reading: Reading, sign: Sign, direct: int) -> bool:
    """Whether a sign is the type's own word behind LAPOR; "massa" and "lain" only where nothing goes on with them."""
    if sign.start != direct or reading.words[direct].upper() != sign.code:
        return False
    behind = direct + 1
    if sign.strong or behind >= len(reading.tokens) or reading.tokens[behind].kind != WORD:
        return True
    gap = reading.text[reading.tokens[direct].end : reading.tokens[behind].start]
    return bool(gap.strip()) or any(name.start == behind for name in reading.names)


# weights


def _claim(signs: Sequence[Sign], compiled: Signs) -> None:
    """A word that a pair of another type explains hardly speaks for its own: the "dibakar" of "baliho dibakar"."""
    explained = {
        index: sign.code
        for sign in signs
        if sign.pair and sign.end - sign.start <= 2 * NEAR
        for index in (sign.start, sign.end - 1)
    }
    explained |= {
        index: sign.code
        for sign in signs
        if sign.strong and not sign.pair and sign.end - sign.start > 1
        for index in range(sign.start, sign.end)
    }
    pairs = [sign for sign in signs if sign.pair]
    for sign in signs:
        if sign.pair:
            continue
        if sign.end == sign.start + 1:
            taken = explained.get(sign.start, sign.code) != sign.code
        else:
            taken = any(one.code != sign.code and _reaches_out(one, sign) for one in pairs)
        if taken:
            sign.weight *= compiled.weights.claimed


def _reaches_out(pair: Sign, phrase: Sign) -> bool:
    """Whether the deed of a pair is part of a phrase, its object not: "saksi ... dilempar" and "dilempar batu"."""
    return pair.start < phrase.start < pair.end <= phrase.end


def _place_in_context(reading: Reading, knowledge: Knowledge, words: Sequence[str], signs: list[Sign]) -> None:
    spans = list(_spans(reading, knowledge.signs, words))
    if not spans:
        return
    told = []
    for sign in signs:
        at = sign.end - 1 if sign.pair else sign.start
        for begin, end, context in spans:
            if not begin <= at < end or (context.types and sign.code not in context.types):
                continue
            if context.passive and not words[at].startswith("di"):
                continue
            if context.becomes and sign.strong:
                told.append(Sign(context.becomes, sign.start, sign.end, sign.weight, True, sign.pair, context.name))
            sign.weight *= context.share
            sign.why = sign.why or context.name
    signs += told


def _spans(reading: Reading, compiled: Signs, words: Sequence[str]) -> Iterator[tuple[int, int, Context]]:
    """(first word, word behind the last, context) of each stretch that a context's words introduce."""
    tokens = reading.tokens
    for start, length, contexts in compiled.contexts.everywhere(words):
        begin = end = start + length
        last = min(len(words), begin + max(context.reach for context in contexts))
        while end < last and words[end] not in compiled.resumes:
            if _ENDS.intersection(reading.text[tokens[end - 1].end : tokens[end].start]):
                break
            end += 1
        yield from ((begin, min(end, begin + context.reach), context) for context in contexts)


def _emphasise(signs: Sequence[Sign], direct: int, compiled: Signs) -> None:
    first = min(sign.start for sign in signs)
    deeds = any(sign.strong for sign in signs)
    for sign in signs:
        if sign.holds(direct) and (sign.strong or not deeds) and (not sign.pair or sign.end - sign.start <= NEAR):
            sign.weight *= compiled.weights.direct
            sign.why = sign.why or "di belakang kata kunci"
        if sign.start == first:
            sign.weight *= (
                compiled.weights.peace_first if sign.code == PEACE and sign.strong else compiled.weights.first
            )


def _ranked(signs: Sequence[Sign], compiled: Signs) -> list[tuple[float, str, Sign]]:
    """(weight, type, its heaviest sign), heaviest first; between equals what is told first."""
    by_code: dict[str, list[Sign]] = {}
    for sign in signs:
        by_code.setdefault(sign.code, []).append(sign)
    ranked = []
    for code, own in by_code.items():
        own.sort(key=lambda sign: (-sign.weight, sign.start))
        seen = set(range(own[0].start, own[0].end))
        total = own[0].weight
        for sign in own[1:]:
            if seen.isdisjoint((sign.start, sign.end - 1)):
                total += sign.weight * compiled.weights.further
                seen |= {sign.start, sign.end - 1}
        ranked.append((total * compiled.type_weights.get(code, 1.0), code, own[0]))
    ranked.sort(key=lambda one: (-one[0], one[2].start))
    return ranked


def _choose(
    reading: Reading,
    knowledge: Knowledge,
    signs: Sequence[Sign],
    ranked: Sequence[tuple[float, str, Sign]],
    direct: int,
) -> None:
    best, code, sign = ranked[0]
    reading.jenis_weak = tuple(one for _, one, _ in ranked if any(s.code == one and not s.strong for s in signs))
    is_direct = any(s.code == code and s.holds(direct) for s in signs)
    if not any(one.strong for one in signs) and not is_direct:
        return
    beside = [
        (weight, other, s) for weight, other, s in ranked[1:] if weight >= best * knowledge.signs.weights.doubtful
    ]
    _take(reading, sign, direct=is_direct)
    if len(ranked) > 1:
        weight, other, next_sign = ranked[1]
        why = f", {next_sign.why}" if next_sign.why else ""
        reading.trace.append(
            f"jenis: {code} {best:.1f}, berikutnya {other} {weight:.1f} ('{_typed(reading, next_sign)}'{why})"
        )
    if beside and not sign.holds(direct):
        candidates = (code, *(other for _, other, _ in beside))
        reading.jenis_doubts.append(Doubt("jenis", "beberapa jenis disebut", candidates))


def _typed(reading: Reading, sign: Sign) -> str:
    if not sign.pair:
        return reading.typed(sign.start, sign.end)
    return f"{reading.words[sign.start]} ... {reading.words[sign.end - 1]}"


def _take(reading: Reading, sign: Sign, *, direct: bool) -> None:
    reading.jenis, reading.jenis_direct, reading.jenis_certain = sign.code, direct, True
    reading.jenis_tokens = set() if sign.pair else set(range(sign.start, sign.end))
    how = "" if sign.pair else reading.tokens[sign.start].how
    typed = _typed(reading, sign)
    said = ", ".join(word for word in (how, sign.why) if word)
    reading.trace.append(f"jenis: '{typed}' dibaca {sign.code}" + (f" ({said})" if said else ""))
    if how == TYPO and not direct:
        reading.jenis_doubts.append(Doubt("jenis", f"'{typed}' dibaca {sign.code}", (sign.code,)))


# behind the keyword


def _direct_index(reading: Reading, knowledge: Knowledge) -> int:
    """The token where a type stands directly behind the keyword; -1 without a keyword."""
    keyword = reading.keyword("lapor") or reading.keyword("darurat") or reading.keyword("nihil")
    correction = reading.keyword("koreksi") or reading.keyword("susul")
    at_the_end = keyword is not None and keyword.start > 0 and keyword.end >= len(reading.words)
    if at_the_end or (keyword is None and correction is None):
        front = first_content(reading.words, knowledge)
        number = front < len(reading.words) and reading.tokens[front].kind == NUMBER
        return front if number or front == len(reading.words) - 1 else -1  # one word alone answers "what happened?"
    index = keyword.end if keyword else correction.end if correction else 0
    while index < len(reading.words):
        mention = next((m for m in reading.mentions if m.start == index and m.name.kind != "own"), None)
        found = knowledge.skip.at(reading.words, index)
        if index in reading.secret or index in reading.ticket_tokens:
            index += 1
        elif mention is not None:
            index = mention.end
        elif reading.tokens[index].kind == CODE:
            index += 1
        elif found is not None and found[0]:
            index += found[1]
        elif any(k.start == index for k in reading.keywords):
            index = next(k.end for k in reading.keywords if k.start == index)
        else:
            break
    return index


def _type_by_number(reading: Reading, knowledge: Knowledge, index: int, has_words: bool) -> bool:
    """`LAPOR 07 0415 14 0`: a number in the place of the type."""
    tokens = reading.tokens
    if not 0 <= index < len(tokens) or tokens[index].kind != NUMBER or len(tokens[index].word) > 2:
        return False
    code = knowledge.types_by_number.get(tokens[index].number or 0)
    after = reading.words[index + 1] if index + 1 < len(tokens) else ""
    placed_after = any(m.start in (index + 1, index + 2) for m in reading.mentions)
    placed_before = any(m.end == index for m in reading.mentions)
    said = index > 0 and reading.words[index - 1] in ("jenis", "kode")
    if code is None or after in knowledge.counter.marks.words or tokens[index].approximate:
        return False
    if placed_before and not said:
        if has_words or _numbers_from(tokens, index) < 3:
            return False
    elif not placed_after and not said and (has_words or not reading.keyword("lapor")):
        return False
    reading.jenis, reading.jenis_tokens, reading.jenis_direct, reading.jenis_certain = code, {index}, True, True
    reading.trace.append(f"jenis: nomor {tokens[index].word} dibaca {code}")
    return True


def _numbers_from(tokens: Sequence[Token], index: int) -> int:
    end = index
    while end < len(tokens) and tokens[end].kind == NUMBER:
        end += 1
    return end - index
