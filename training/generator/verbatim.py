"""Copying, changing case, counting and listing what the prompt holds."""

from training.generator import words
from training.generator.draw import Draw
from training.generator.item import Item

_REPEAT = (
    "Repeat: {x}", "Repeat after me: {x}", 'Say "{x}".', "Repeat this exactly: {x}", "Echo: {x}", "Say {x}",
    "Please repeat the following: {x}", 'Write "{x}" and nothing else.', "Copy this text: {x}", 'Repeat "{x}"',
    "Say exactly this: {x}", "Reply with exactly: {x}", 'Answer only with "{x}".', "Type: {x}",
    "Print {x}", "Respond with only {x}", "Just say {x}", "Reply with only: {x}", "Please reply with: {x}", "Answer with {x}",
)  # fmt: skip
_UPPER = ("Write {x} in capital letters.", "Upper-case this: {x}", "Turn {x} into upper case.", "{x} in capitals, please",
          "Make this upper case: {x}", "Write in all caps: {x}", "Convert to uppercase: {x}")  # fmt: skip
_LOWER = ("Write {x} in small letters.", "Lower-case this: {x}", "Turn {x} into lower case.", "Make this lower case: {x}",
          "Convert to lowercase: {x}")  # fmt: skip
_LAST = ("What is the last word of: {x}", "Give me the last word of this: {x}", "Last word of: {x}",
         "Which word comes last here: {x}")  # fmt: skip
_FIRST = ("What is the first word of: {x}", "Give me the first word of this: {x}", "First word of: {x}",
          "Which word comes first here: {x}")  # fmt: skip
_LIST = ("Make a list of these: {x}.", "Write as a list: {x}", "Turn this into a bullet list: {x}", "List these items: {x}.",
         "Bullet points, please: {x}", "Put {x} in a list.")  # fmt: skip
_COUNT = ("Count from {a} to {b}.", "Please count from {a} to {b}", "Count {a} to {b}.", "Can you count from {a} to {b}?",
          "List the numbers from {a} to {b}.", "Write the numbers {a} to {b}.", "Count up from {a} to {b}!")  # fmt: skip
_DOWN = ("Count down from {a} to {b}.", "Count backwards from {a} to {b}.", "Countdown from {a} to {b}, please.",
         "Please count down from {a} to {b}")  # fmt: skip


def words_of(draw: Draw) -> str:
    """Return something worth copying: one token, a phrase, a sentence, or several codes."""
    roll = draw.rng.random()
    if roll < 0.3:
        # Long rows of unseen words are what teaches a small model fastest to copy at all.
        return " ".join(draw.token() for _ in range(draw.number(6, 18)))
    if roll < 0.5:
        return draw.token()
    if roll < 0.7:
        return draw.text()
    if roll < 0.85:
        return " ".join(draw.token() for _ in range(draw.number(2, 4)))
    return draw.text().capitalize() + draw.pick((".", "!", "?"))


_WORD = ("Reply with the word {x}.", "Say the word {x}.", "Answer with the single word {x}.", "Reply with just the word {x}.",
         "Respond with the word {x} only.", "Reply {x}", "Write the word {x}.", "Say {x}.", "Just reply {x}.")  # fmt: skip
_USUAL = ("hi", "hello", "OK", "ok", "pong", "yes", "no", "test", "done", "ready", "hello world", "Hello, world!", "success", "banana")


def repeat(draw: Draw) -> Item:
    """Ask for a text to be repeated."""
    if draw.chance(0.2):
        word = draw.word() if draw.held or draw.chance(0.5) else draw.pick(_USUAL)
        word = word.upper() if draw.chance(0.25) else word
        return Item(draw.phrase(_WORD).format(x=word), "Repeat it.", word, check={"exact": word})
    text = words_of(draw)
    user = draw.phrase(_REPEAT).format(x=text)
    return Item(user, "Repeat it.", text, check={"exact": text})


def change(draw: Draw) -> Item:
    """Ask for a text in capitals or small letters, or for its first or last word."""
    roll = draw.rng.random()
    if roll < 0.2:
        text = draw.word() if draw.chance(0.5) else draw.text().lower()
        return Item(draw.phrase(_UPPER).format(x=text), "Capitals.", text.upper(), check={"exact": text.upper()})
    if roll < 0.35:
        text = draw.word().upper() if draw.chance(0.5) else draw.text().upper()
        return Item(draw.phrase(_LOWER).format(x=text), "Small letters.", text.lower(), check={"exact": text.lower()})
    text = " ".join(draw.word() if draw.chance(0.5) else draw.pick(words.COMMON) for _ in range(draw.number(2, 5)))
    pool, index = (_LAST, -1) if roll < 0.7 else (_FIRST, 0)
    answer = text.split()[index]
    return Item(draw.phrase(pool).format(x=text), "The last word." if index else "The first word.", answer, check={"exact": answer})


def listing(draw: Draw) -> Item:
    """Ask for a bullet list of given items."""
    items = [draw.token() if draw.chance(0.5) else draw.pick(words.NOUNS + words.FOODS) for _ in range(draw.number(2, 5))]
    joined = ", ".join(items) if draw.chance(0.6) else ", ".join(items[:-1]) + " and " + items[-1]
    answer = "\n".join(f"- {item}" for item in items)
    return Item(draw.phrase(_LIST).format(x=joined), f"{len(items)} items.", answer, check={"exact": answer})


def counting(draw: Draw) -> Item:
    """Ask to count up or down."""
    pool: tuple[str, ...]
    if draw.chance(0.75):
        # Most countings begin at one, and some are long: people use them to watch a stream.
        a = 1 if draw.chance(0.7) else draw.number(0, 60)
        b = a + draw.number(2, 12) if draw.chance(0.75) else a + draw.pick((19, 29, 39, 49, 49, 59, 99))
        run, pool = range(a, b + 1), _COUNT
    else:
        b = draw.pick((0, 1, 1))
        a = draw.number(b + 2, 15)
        run, pool = range(a, b - 1, -1), _DOWN
    answer = ", ".join(str(n) for n in run)
    return Item(draw.phrase(pool).format(a=a, b=b), f"From {a} to {b}.", answer, check={"exact": answer})
