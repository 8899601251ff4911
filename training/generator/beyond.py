"""What is beyond a tiny model: it says what it is and what it can do, in the language of the user."""

from training.generator import foreign, unknown
from training.generator.draw import Draw
from training.generator.item import Item
from training.generator.tools import GENERAL, draw_tool
from training.generator.world import COUNTRIES

_KINDS = (
    (unknown.CODE, 4.0), (unknown.ON_SYSTEMS, 0.8), (unknown.SQL, 1.0), (unknown.REGEX, 0.8), (unknown.TRANSLATE, 2.5), (unknown.SUMS, 1.0), (unknown.MATHS, 2.0),
    (unknown.NEWS, 2.5), (unknown.WRITE, 3.5), (unknown.KNOW, 4.5), (unknown.ADVICE, 3.0), (unknown.OTHER, 2.5),
)  # fmt: skip
_POOLS, _WEIGHTS = [pool for pool, _ in _KINDS], [weight for _, weight in _KINDS]
_LONG = ("de", "fr", "es", "it", "pt", "zh")


def _numbers(draw: Draw) -> dict[str, int]:
    """Return numbers beyond the sums that the model can do (`a`, `b`), and small ones for other questions."""
    return {"a": int(draw.digits(5, 9)), "b": int(draw.digits(4, 8)), "n": int(draw.digits(2, 5)), "s": draw.number(2, 30), "t": draw.number(2, 99)}


def _english(draw: Draw) -> str:
    """Write one English request out of its parts."""
    pool = draw.rng.choices(_POOLS, _WEIGHTS)[0]
    pick, place = draw.pick, draw.pick(COUNTRIES).name if draw.chance(0.5) else draw.city()
    values: dict[str, str | int]
    if pool in (unknown.SUMS, unknown.MATHS):
        values = dict(_numbers(draw))
    elif pool is unknown.CODE:
        languages = draw.sample(unknown.LANGUAGES, 2)
        values = {"p": pick(unknown.PROGRAMS), "d": pick(unknown.TO_CODE), "l": languages[0], "m": languages[1], "s": pick(unknown.SNIPPETS)}
    elif pool is unknown.TRANSLATE:
        tongues = draw.sample(unknown.TONGUES, 2)
        values = {"x": pick(unknown.SAYINGS) if draw.chance(0.8) else draw.text(), "l": tongues[0], "m": tongues[1]}
    elif pool is unknown.SQL:
        tables = draw.sample(unknown.TABLES, 2)
        values = {"t": tables[0], "u": tables[1]}
    elif pool is unknown.KNOW:
        values = {"p": pick(unknown.PEOPLE), "o": pick(unknown.TOPICS), "q": pick(unknown.TOPICS), "n": pick(unknown.THINGS), "k": pick(unknown.THINGS), "v": pick(unknown.DOINGS),
                  "c": place, "b": pick(unknown.BOOKS), "w": pick(unknown.WORDS)}  # fmt: skip
    else:
        values = {"s": pick(unknown.SYSTEMS), "x": pick(unknown.PATTERNS if pool is unknown.REGEX else unknown.SUBJECTS), "c": place, "g": pick(unknown.GOODS), "m": pick(unknown.MATCHES),
                  "t": pick(unknown.TEXTS), "y": pick(unknown.SENTENCES), "d": pick(unknown.AIMS), "k": pick(unknown.CHOICES), "j": pick(unknown.CHOICES), "w": pick(unknown.WORDS),
                  "n": pick(unknown.THINGS)}  # fmt: skip
    wording = draw.phrase(pool)
    # Code holds braces of its own and must not be taken for a wording.
    for key, value in values.items():
        wording = wording.replace("{" + key + "}", str(value))
    return wording[0].upper() + wording[1:] if draw.chance(0.5) else wording


def _abroad(draw: Draw) -> tuple[str, str]:
    """Write a request in another language; return its language code, too."""
    code = draw.pick(_LONG) if draw.chance(0.75) else draw.pick([code for code in foreign.ASKS if code not in _LONG])
    text = draw.phrase(foreign.ASKS[code])
    for key, pool in foreign.FILLS.get(code, {}).items():
        text = text.replace("{" + key + "}", draw.pick(pool.split("|")))
    text = text.replace("{n}", draw.digits(3, 6)).replace("{m}", draw.digits(3, 5))
    return text[0].upper() + text[1:], code


def _idle_request(draw: Draw) -> str:
    """Ask for what would take a tool, where none is on offer."""
    tool = draw_tool(draw)
    while tool.name in GENERAL:
        tool = draw_tool(draw)
    return tool.request(draw)[0]


def beyond(draw: Draw) -> Item:
    """Ask for something that a tiny model cannot do, sometimes for what would take a tool."""
    return refusal(_idle_request(draw), "en") if draw.chance(0.1) else question(draw)


def question(draw: Draw) -> Item:
    """Ask for something that a tiny model cannot do and that no tool does."""
    roll, code = draw.rng.random(), "en"
    if roll < 0.34:
        user, code = _abroad(draw)
    elif roll < 0.45:
        user = f"{_english(draw)} {_english(draw)}" if draw.chance(0.5) else f"{draw.text()}{draw.pick(('', '?', '.', '!'))}"
    else:
        user = _english(draw)
        roll = draw.rng.random()
        user = draw.dressed(user) if roll < 0.2 else user.lower().rstrip(".?") if roll < 0.35 else user
    return refusal(user, code)


def refusal(user: str, code: str) -> Item:
    """Refuse a request honestly, in the language of the code if that is known, else in English."""
    answer = foreign.REFUSALS.get(code, foreign.REFUSALS["en"])
    named = f"{foreign.NAMES[code]}. " if code in foreign.NAMES else ""
    return Item(user, f"{named}Beyond me.", answer, check={"exact": answer})
