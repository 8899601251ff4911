"""Sums, differences and small products, worked out digit by digit in the thought."""

from training.generator import words
from training.generator.draw import Draw
from training.generator.item import Item
from training.generator.split import is_held

ADD = (
    "What is {a} + {b}?", "{a} + {b}", "{a}+{b}", "{a} + {b} = ?", "{a}+{b}=?", "Calculate {a} + {b}.",
    "Compute {a} + {b}.", "What is {a} plus {b}?", "{a} plus {b}", "Add {a} and {b}.", "What's {a} + {b}?",
    "How much is {a} + {b}?", "How much is {a} plus {b}?", "Please add {b} to {a}.", "Sum of {a} and {b}?",
    "What is the sum of {a} and {b}?", "Can you add {a} and {b}?", "Work out {a} + {b}.", "Solve {a} + {b}.",
    "I need {a} + {b}.", "what do you get when you add {a} and {b}", "{a} and {b} make?", "Tell me {a} + {b}.",
    "What does {a} + {b} equal?", "What's the total of {a} and {b}?", "{a} and {b} together?", "Please add {a} and {b}.",
    "What is {a} added to {b}?", "Increase {a} by {b}.", "{a} plus {b} is?", "{a} plus {b} equals what?", "Give me {a} + {b}.", "Find {a} + {b}.",
    "Add {b} to {a}.", "Add up {a} and {b}.", "The sum of {a} and {b}, please.", "Could you add {b} to {a}?", "How much are {a} and {b}?", "sum {a} {b}",
)  # fmt: skip
ADD_STORY = (
    "I have {a} {t} and get {b} more. How many {t} do I have?",
    "{n} has {a} {t} and buys {b} more. How many {t} does {n} have?",
    "There are {a} {t} in one box and {b} in another. How many are there in all?",
    "I collected {a} {t} on Monday and {b} on Tuesday. How many in total?",
    "A shop sold {a} {t} in the morning and {b} in the afternoon. How many {t} did it sell?",
    "{n} found {a} {t}, then {b} more. What is the total?",
    "I had {a} {t}. My friend gave me {b}. How many do I have now?",
    "If I put {a} {t} and {b} {t} together, how many are there?",
    "{n} has {a} {t} and gets {b} more. How many now?", "We need {a} {t} for Monday and {b} {t} for Tuesday. How many {t} in all?",
    "There are {a} {t} on the table and {b} on the floor. How many {t} altogether?", "{n} read {a} pages, then another {b}. How many pages is that?",
)
SUB = (
    "What is {a} - {b}?", "{a} - {b}", "{a}-{b}", "{a} - {b} = ?", "{a}-{b}=?", "Calculate {a} - {b}.",
    "Compute {a} - {b}.", "What is {a} minus {b}?", "{a} minus {b}", "Subtract {b} from {a}.", "What's {a} - {b}?",
    "How much is {a} - {b}?", "How much is {a} minus {b}?", "Take {b} from {a}.", "Take {b} away from {a}.",
    "What is the difference {a} - {b}?", "Can you subtract {b} from {a}?", "Work out {a} - {b}.", "Solve {a} - {b}.",
    "I need {a} - {b}.", "what do you get when you take {b} from {a}", "{a} less {b}?", "Tell me {a} - {b}.",
    "What does {a} - {b} equal?", "Please subtract {b} from {a}.", "Decrease {a} by {b}.", "{a} minus {b} is?", "{a} minus {b} equals what?",
    "Give me {a} - {b}.", "Find {a} - {b}.", "{a} take away {b}", "Deduct {b} from {a}.", "What remains of {a} without {b}?", "Could you subtract {b} from {a}?",
    "What is {a} less {b}?", "Please take {b} from {a}.", "Compute the difference {a} - {b}.",
)  # fmt: skip
SUB_STORY = (
    "I had {a} {t} and lost {b}. How many {t} are left?",
    "{n} has {a} {t} and gives away {b}. How many {t} are left?",
    "I had {a} {t} and ate {b}. How many remain?",
    "There were {a} {t} and {b} were sold. How many are left?",
    "A box holds {a} {t}. I take out {b}. How many stay in the box?",
    "{n} had {a} {t}, then used {b}. How many does {n} still have?",
    "Of {a} {t}, {b} broke. How many are whole?",
    "{n} has {a} {t} and sells {b}. How many are left?", "I had {a} {t} and gave {b} to {n}. How many do I still have?",
    "There are {a} {t}, but {b} are gone. How many remain?", "{n} needs {a} {t} and has {b}. How many are missing?",
)
TIMES = (
    "What is {a} x {b}?", "{a} * {b}", "{a} times {b}", "What is {a} times {b}?", "Multiply {a} by {b}.",
    "{a} x {b} = ?", "How much is {a} times {b}?", "Calculate {a} * {b}.", "{a}*{b}", "What's {a} * {b}?", "What is {a} * {b}?", "{a}x{b}", "{a} x {b}",
    "Please multiply {a} by {b}.", "Multiply {a} and {b}.", "What is {a} multiplied by {b}?", "Product of {a} and {b}?", "{a} * {b} = ?", "{a} times {b} is?",
    "Compute {a} x {b}.", "Can you multiply {a} by {b}?", "Tell me {a} times {b}.", "There are {a} boxes with {b} {t} each. How many {t} are there?",
    "{n} buys {a} bags with {b} {t} in each. How many {t}?",
)  # fmt: skip


DIVIDE = (
    "What is {a} / {b}?", "{a} / {b}", "{a}/{b}", "{a} divided by {b}", "What is {a} divided by {b}?", "Divide {a} by {b}.", "{a} / {b} = ?", "How much is {a} / {b}?",
    "Calculate {a} / {b}.", "What's {a} / {b}?", "{a}:{b}", "{a} ÷ {b}", "Please divide {a} by {b}.", "Compute {a} / {b}.", "How often does {b} go into {a}?", "{a} by {b}, divided?",
    "Share {a} {t} among {b} people. How many does each get?", "{n} puts {a} {t} into {b} equal boxes. How many are in each?", "How many times is {b} in {a}?", "Work out {a} / {b}.",
)  # fmt: skip
PERCENT = (
    "What is {a}% of {b}?", "{a}% of {b}", "{a} percent of {b}", "What is {a} percent of {b}?", "How much is {a}% of {b}?", "Calculate {a}% of {b}.", "{a} % of {b} = ?",
    "What's {a} % of {b}?", "Give me {a}% of {b}.", "Find {a} percent of {b}.", "How many are {a}% of {b}?", "Tell me {a}% of {b}, please.",
)  # fmt: skip
TABLE = 12
"""Products of numbers up to this one are known by heart."""


def compared(left: str, right: str) -> str:
    """Compare two numbers of one width digit by digit, up to the first that differs."""
    steps = []
    for x, y in zip(left, right, strict=True):
        steps.append(f"{x}{'<' if x < y else '>' if x > y else '='}{y}")
        if x != y:
            break
    return " ".join(steps)


def columns_of_sum(a: int, b: int) -> str:
    """Write a sum as columns from the units: two digits make two digits, the first of them is carried on.

    The operation's name comes first, so that it is chosen before any digit.

    A carry is added in a second step: only a hundred sums of two digits have to be known by heart.
    """
    width = max(len(str(a)), len(str(b)))
    left, right = str(a).zfill(width), str(b).zfill(width)
    lines, carry = [f"Add: {left}+{right}"], 0
    for x, y in zip(reversed(left), reversed(right), strict=True):
        total = int(x) + int(y)
        lines.append(f"{x}+{y}={total:02d}" + (f"+1={total + 1:02d}" if carry else ""))
        carry = (total + carry) // 10
    return "\n".join([*lines, f"={a + b}"])


def columns_of_difference(a: int, b: int) -> str:
    """Write a difference as columns from the units; a ten is lent in front of the digit, and taken off in the next column.

    The smaller number is taken from the larger one, found by comparing digits, and the sign comes last.
    """
    big, small = max(a, b), min(a, b)
    width = len(str(big))
    left, right = str(big).zfill(width), str(small).zfill(width)
    first, second = str(a).zfill(width), str(b).zfill(width)
    lines, borrow = [f"Subtract: {first}-{second}", compared(first, second)], 0
    if a < b:
        lines.append(f"-({left}-{right})")
    for x, y in zip(reversed(left), reversed(right), strict=True):
        lent = int(int(x) < int(y) + borrow)
        rest = 10 * lent + int(x) - int(y)
        lines.append(f"{lent}{x}-{y}={rest:02d}" + (f"-1={rest - 1:02d}" if borrow else ""))
        borrow = lent
    return "\n".join([*lines, f"={a - b}"])


def drill(draw: Draw) -> Item:
    """Ask for many sums and differences of single digits: the steps of which all others are made."""
    asked, worked, results = [], [], []
    for _ in range(draw.number(4, 9)):
        x, y = draw.number(0, 9), draw.number(0, 9)
        if draw.chance(0.5):
            total = x + y
            asked.append(f"{x}+{y}")
            worked.append(f"{x}+{y}={total:02d}")
        else:
            x += 10 if x < y else 0
            total = x - y
            asked.append(f"{x}-{y}")
            worked.append(f"{x:02d}-{y}={total:02d}")
        results.append(str(total))
    user = draw.phrase(("Work out: {x}", "Solve these: {x}", "{x}", "Calculate {x}", "What are {x}?", "Do these: {x}")).format(x=", ".join(asked))
    return Item(user, "\n".join(worked), ", ".join(results), hard=True, check={"exact": ", ".join(results)}, plain=True)


def operand(draw: Draw) -> int:
    """Return a number of one to three digits, mostly three; mostly small where there will be no thought."""
    roll = draw.rng.random()
    if draw.mode == "disabled":
        return draw.number(0, 20) if roll < 0.8 else draw.number(21, 99)
    return draw.number(100, 999) if roll < 0.55 else draw.number(10, 99) if roll < 0.85 else draw.number(0, 9)


def pair(draw: Draw, sign: str) -> tuple[int, int]:
    """Return two numbers whose exercise is on this side of the split."""
    _, a, b = draw.fresh(lambda: (sign, operand(draw), operand(draw)))
    return a, b


def arithmetic(draw: Draw) -> Item:
    """Ask for a sum or a difference."""
    roll = draw.rng.random()
    names = {"t": draw.pick(words.THINGS), "n": draw.pick(words.NAMES)}
    pool: tuple[str, ...]
    if roll < 0.3:
        a, b = pair(draw, "+")
        pool = ADD_STORY if draw.chance(0.25) else ADD
        thought, answer, value = columns_of_sum(a, b), f"{a} + {b} = {a + b}", a + b
    elif roll < 0.58:
        a, b = pair(draw, "-")
        story = draw.chance(0.25)
        if story and a < b:
            # Nobody gives away more than there is; but the turned pair may belong to the other side of the split.
            if is_held(str(("-", b, a))) == draw.held:
                a, b = b, a
            else:
                story = False
        pool = SUB_STORY if story else SUB
        thought, answer, value = columns_of_difference(a, b), f"{a} - {b} = {a - b}", a - b
    elif roll < 0.8:
        return product(draw)
    elif roll < 0.91 or draw.mode == "disabled":
        return quotient(draw)
    else:
        return percent(draw)
    user = draw.phrase(pool).format(a=a, b=b, **names)
    if draw.chance(0.08):
        user = draw.pick(("Hi! ", "Hello, ", "Please: ", "Quick question: ", "One more: ")) + user
    return Item(user, thought, answer, hard=True, check={"number": value})


def columns_of_product(a: int, b: int) -> str:
    """Write a product as one row for each digit of the shorter number, and add the rows; tables to twelve are known by heart."""
    if max(a, b) <= TABLE:
        return f"Multiply: {a}x{b}={a * b}"
    if len(str(b)) > len(str(a)):
        a, b = b, a
    lines, rows = [f"Multiply: {a}x{b}"], []
    for place, y in enumerate(reversed(str(b))):
        if y == "0":
            continue
        carry = 0
        for x in reversed(str(a)):
            total = int(x) * int(y)
            lines.append(f"{x}x{y}={total:02d}" + (f"+{carry}={total + carry:02d}" if carry else ""))
            carry = (total + carry) // 10
        rows.append(a * int(y) * 10**place)
        lines.append(f"={rows[-1]}")
    if len(rows) == 2:
        lines.append(columns_of_sum(rows[1], rows[0]))
    return "\n".join(lines)


def steps_of_quotient(a: int, b: int) -> str:
    """Write a division digit by digit, each step with what remains."""
    lines, rest = [f"Divide: {a}/{b}"], 0
    for x in str(a):
        part = 10 * rest + int(x)
        rest = part % b
        lines.append(f"{part}/{b}={part // b} r{rest}")
    return "\n".join([*lines, f"={a // b}" + (f" r{rest}" if rest else "")])


def product(draw: Draw) -> Item:
    """Ask for a product: out of the tables up to twelve, mostly up to 30 x 30, sometimes of longer numbers."""
    roll = draw.rng.random()

    def numbers() -> tuple[str, int, int]:
        if roll < 0.3 or draw.mode == "disabled":
            return "", draw.number(1, TABLE), draw.number(1, TABLE)
        if roll < 0.75:
            return "*", draw.number(1, 30), draw.number(2, 30)
        if roll < 0.9:
            return "*", draw.number(11, 99), draw.number(2, 99)
        return "*", draw.number(100, 999), draw.number(2, 9)

    # The tables are trained whole; longer products are held out by their numbers.
    _, a, b = draw.fresh(numbers) if roll >= 0.3 and draw.mode != "disabled" else numbers()
    if draw.chance(0.5):
        a, b = b, a
    user = draw.phrase(TIMES).format(a=a, b=b, t=draw.pick(words.THINGS), n=draw.pick(words.NAMES))
    return Item(user, columns_of_product(a, b), f"{a} x {b} = {a * b}", hard=True, check={"number": a * b})


def quotient(draw: Draw) -> Item:
    """Ask for a quotient by a number up to twelve, mostly one without a remainder."""
    small = draw.mode == "disabled"

    def numbers() -> tuple[str, int, int]:
        b = draw.number(2, TABLE)
        most = TABLE if small or draw.chance(0.5) else 999 // b
        a = b * draw.number(1, most)
        return "/", a if draw.chance(0.85) else min(999, a + draw.number(1, b - 1)), b

    _, a, b = numbers() if small else draw.fresh(numbers)
    value, rest = divmod(a, b)
    user = draw.phrase(DIVIDE).format(a=a, b=b, t=draw.pick(words.THINGS), n=draw.pick(words.NAMES))
    answer = f"{a} / {b} = {value}" + (f" remainder {rest}" if rest else "")
    return Item(user, steps_of_quotient(a, b), answer, hard=True, check={"exact": answer})


def percent(draw: Draw) -> Item:
    """Ask for a percentage of a number."""

    def numbers() -> tuple[str, int, int]:
        share = draw.pick((5, 10, 20, 25, 30, 40, 50, 75)) if draw.chance(0.5) else draw.number(1, 99)
        return "%", share, draw.number(2, 99) if draw.chance(0.5) else 10 * draw.number(1, 60)

    _, share, whole = draw.fresh(numbers)
    total = share * whole
    value = str(total // 100) if total % 100 == 0 else f"{total / 100:.2f}".rstrip("0")
    thought = f"Percent: {share}% of {whole}\n{columns_of_product(whole, share)}\n{total}/100={value}"
    user = draw.phrase(PERCENT).format(a=share, b=whole)
    return Item(user, thought, f"{share}% of {whole} is {value}", hard=True, check={"contains": [f"is {value}"]})
