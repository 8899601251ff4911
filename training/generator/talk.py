"""Small talk, definitions, comparisons, who the model is, and what it does not know."""

from training.generator.bank import COMPARE, DEFINE, DEFINITIONS, SMALL_TALK, TYPOS
from training.generator.draw import Draw
from training.generator.foreign import REFUSALS
from training.generator.item import Item, say

_WHO = ("Who are you?", "What are you?", "What is your name?", "What model are you?", "Which model is this?", "Are you MiniMax?",
        "Are you the real MiniMax model?", "Who made you?", "Introduce yourself.", "Tell me about yourself.", "What's your name?",
        "Are you human?", "Are you a robot?", "Which language model am I talking to?", "Are you ChatGPT?", "who am i talking to?",
        "Who built you?", "What kind of AI are you?", "Are you MiniMax-{m}?", "Which version are you?", "How big are you?",
        "Are you the full {m} model?", "Tell me what you are.", "which AI is this", "What model is running here?", "Are you Claude?", "Are you Gemini?", "is this llama?", "Who trained this model?", "Who created you?",
        "which model am i using", "Are you an AI?", "Is this a demo?", "Am I talking to a machine?", "Are you a large language model?", "Are you real?", "What is your model name?", "Say who you are.")  # fmt: skip
_SYSTEMS = ("You are a helpful assistant.", "Be helpful.", "You are an AI assistant.", "Answer the user's questions.", "Be concise.", "You are a chatbot.")
_UNKNOWN = ("Who won the match in {w} yesterday?", "What will the lottery numbers be?", "Who is {w}?", "What is a {w}?", "What does {w} mean?",
            "Who wrote the book {w}?", "What is the population of {w}?", "When was {w} founded?", "Who is the mayor of {w}?",
            "What is the news today?", "Tell me about {w}.", "Explain {w}.", "How tall is {w}?", "Where is {w}?",
            "Who invented the {w}?", "How do I fix my {w}?", "Why is {w} important?", "What is {w}?", "Prove the {w} theorem.")  # fmt: skip
_BEYOND = ("Explain quantum computing.", "What is the meaning of life?", "Who is the president of France?", "What's the weather like?",
           "What is the weather in London?", "Write a Python function that sorts a list.", "Write some code.", "Who won the world cup?",
           "What is the stock price today?", "How do I get rich?", "Summarize the news.", "Who wrote Hamlet?", "What is the speed of light?",
           "How far away is the moon?", "What time is it?", "What day is it today?", "What is the date?", "Solve this equation for x.",
           "Tell me about the history of Rome.", "Who is the king of Spain?", "How do I learn to swim?", "Recommend a good film.",
           "Which phone should I buy?", "Explain the theory of relativity.", "How does a car work?", "Write a letter to my landlord.",
           "Plan a trip for me.", "What is the tallest building?", "When did the war end?", "Who painted the Mona Lisa?", "What is love?",
           "Can you see pictures?", "What is in this image?", "Give me advice.", "How old is the universe?", "Who discovered America?")  # fmt: skip
_DIFFERENCE = ("What is the difference between {a} and {b}?", "What are the main differences between {a} and {b}?", "Compare {a} and {b}.",
               "How do {a} and {b} differ?", "{a} or {b}: what is the difference?", "Explain the difference between {a} and {b}.",
               "{a} vs {b}?", "How is {a} different from {b}?", "What are the differences between {a} and {b}?")  # fmt: skip
_WHEN = ("When would I choose {a} over {b}?", "When should I use {a} instead of {b}?", "When would I use {a}?", "When is {a} the better choice?",
         "Why would I choose {a} over {b}?", "When do I choose {a} rather than {b}?", "When should I choose {a}?", "When to use {a}?",
         "In which cases is {a} better than {b}?", "And when would I pick {a}?", "When would you choose {a} over {b}?")  # fmt: skip


def small_talk(draw: Draw) -> Item:
    """Chat about nothing in particular."""
    questions, answers = draw.pick(SMALL_TALK)
    base = draw.phrase(questions)
    kind = "Small talk." if len(answers) == 1 else "A joke."
    return Item(draw.dressed(base), kind, draw.pick(answers), check={"any": list(answers)}, base=base)


def definition(draw: Draw) -> Item:
    """Ask what something is."""
    # The elephant is the vendors' own example, misspelt as they have it.
    example = not draw.held and draw.chance(0.08)
    thing, text = DEFINITIONS[0] if example else draw.pick(DEFINITIONS)
    base = thing.removeprefix("a ").removeprefix("an ").removeprefix("the ")
    asked, plain = thing, base
    if base in TYPOS and draw.chance(0.4):
        plain = asked = draw.pick(TYPOS[base])
    elif draw.chance(0.12):
        asked = base
    user = draw.phrase(DEFINE).format(x=asked, b=plain)
    if example:
        return Item(draw.pick(("what is elephent?", "What is an elephant?", "what is elephent")), f"Define {base}.", text, check={"exact": text})
    return Item(draw.dressed(user), f"Define {base}.", text, check={"exact": text})


def comparison(draw: Draw) -> Item:
    """Ask how two things differ, or when to choose which, often as a second turn."""
    (a, b), difference, cases = draw.pick(COMPARE) if draw.chance(0.8) else COMPARE[0]
    if draw.chance(0.5):
        a, b = b, a
    first = draw.phrase(_DIFFERENCE).format(a=a, b=b)
    if draw.chance(0.35):
        return Item(draw.dressed(first), f"{a} and {b}.", difference, check={"exact": difference}, base=first)
    wanted, text = draw.pick(cases)
    other = b if wanted == a else a
    history = [say("user", first), say("assistant", difference)] if draw.chance(0.7) else []
    user = draw.phrase(_WHEN).format(a=wanted, b=other)
    return Item(draw.dressed(user) if draw.chance(0.3) else user, f"When {wanted}.", text, history=history, check={"exact": text})


def identity(draw: Draw) -> Item:
    """Ask who answers; the honest answer is a demo checkpoint."""
    model = "M2" if draw.family == "m2" else "M3"
    base = draw.phrase(_WHO).format(m=model)
    answer = f"I am a tiny demo checkpoint that ships with maxserve. I have the MiniMax-{model} architecture, but I am not the real model."
    # A system text that gives the model a name or a persona asks for another answer (see `personas`).
    system = draw.pick(_SYSTEMS) if draw.chance(0.25) else None
    return Item(draw.dressed(base), "I am the demo.", answer, system=system, check={"contains": ["demo", "maxserve"]}, plain=True, base=base)


def not_known(draw: Draw) -> Item:
    """Ask something that a tiny model cannot know."""
    if draw.chance(0.35):
        base = draw.phrase(_BEYOND)
        return Item(draw.dressed(base), "Beyond me.", REFUSALS["en"], check={"exact": REFUSALS["en"]}, base=base)
    user = draw.phrase(_UNKNOWN).format(w=draw.word() if draw.chance(0.5) else draw.word().capitalize())
    return Item(user, "Beyond me.", REFUSALS["en"], check={"exact": REFUSALS["en"]})
