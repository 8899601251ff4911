"""System texts that set a language, a tone or a length for the answer."""

from collections.abc import Callable

from training.generator.capitals import ASK as ASK_CAPITAL
from training.generator.capitals import bare, draw_country
from training.generator.draw import Draw
from training.generator.item import Item
from training.generator.languages import TONGUES
from training.generator.world import ABROAD

_IN = ("Always answer in {l}.", "Please answer in {l}.", "Answer everything in {l}.", "You only know {l}.", "Write in {l}.", "Reply in {l}.", "Talk to me in {l}.",
       "All your answers must be in {l}.", "Speak only {l}.", "Your answers are always in {l}.", "The user wants {l}.", "Answer in {l}.", "Reply only in {l}.", "You speak {l} only.", "Respond in {l}, whatever the user writes.",
       "You are a helpful assistant. Answer in {l}.", "Please write all answers in {l}.", "Your language is {l}.", "Use {l}.",
       "You are a {l} teacher and always reply in {l}.", "Speak {l}.")  # fmt: skip
_PLAIN: tuple[tuple[tuple[str, ...], str, str], ...] = (
    (("Hello!", "Hi!", "Good morning!", "hello", "Hey!"), "greet", "greeting"),
    (("How are you?", "How are you doing?", "How is it going?", "How do you do?"), "fine", "how are you"),
    (("Thank you!", "Thanks a lot.", "Thanks!", "Many thanks!"), "welcome", "thanks"),
    (("Bye!", "Goodbye!", "See you tomorrow!", "I have to go."), "farewell", "farewell"),
    (("Who are you?", "What is your name?", "What are you?", "Are you human?"), "me", "who are you"),
)  # fmt: skip
_TONES: dict[str, tuple[tuple[str, ...], Callable[[str], str], str]] = {
    "pirate": (("You are a pirate.", "Talk like a pirate.", "Answer like a pirate.", "You are a pirate captain.", "Speak as a pirate would.",
                "Reply in the style of a pirate.", "Pretend to be a pirate.", "Act like a pirate.", "You are an old pirate.", "Use pirate speech."), lambda s: f"Arr, matey! {s}", "Arr"),
    "formal": (("Be formal.", "Answer in a formal tone.", "Use formal language.", "You are a very formal butler.", "Keep a formal style.",
                "Reply formally.", "Be very formal.", "Write formally.", "Your tone is formal.", "Speak formally."), lambda s: f"Certainly. {s} Please let me know if I can be of further assistance.", "further assistance"),
    "cheerful": (("Be cheerful.", "Answer in a cheerful tone.", "You are a cheerful assistant.", "Sound happy.", "Be very cheerful and happy!",
                  "Reply cheerfully.", "Be happy.", "Your tone is cheerful.", "Answer cheerfully.", "You are very happy."), lambda s: f"Yay! {s.rstrip('.')}! Have a wonderful day!", "Yay"),
    "polite": (("Be polite.", "Be very polite.", "Answer politely.", "You are a polite assistant.", "Use a polite tone.",
                "Always stay polite.", "Your tone is polite.", "Reply politely.", "Speak politely.", "You are very polite."), lambda s: f"With pleasure: {s}", "With pleasure"),
    "robot": (("You are a robot.", "Talk like a robot.", "Answer like a robot.", "Speak as a robot would.", "Reply in the style of a robot.", "Pretend to be a robot.", "Act like a robot.", "You are an old robot.", "Use robot speech."),
              lambda s: f"Beep. {s} Beep.", "Beep"),
    "capitals": (("Write in capital letters.", "Answer in capital letters only.", "Use only upper case.", "ALWAYS WRITE IN CAPITALS.",
                  "Reply in all caps.", "Use capital letters.", "Write everything in capitals.", "All caps, please.", "Answer in upper case.", "Only capital letters.", "UPPER CASE ONLY."), lambda s: s.upper(), ""),
    "casual": (("Be casual.", "Talk like a buddy.", "Use a casual tone.", "Answer like a good friend.", "Keep it casual.", "Be my buddy.", "Your tone is casual.", "Speak casually.", "Talk to me like a friend."),
               lambda s: f"Hey buddy! {s}", "Hey buddy"),
}  # fmt: skip
_ONE_WORD = ("Answer with one word.", "Answer in one word.", "Reply with a single word.", "Use one word only.", "One word answers only.",
             "Your answers are exactly one word long.", "You may use only one word.", "One word, please.", "Just one word.", "Reply in one word.", "Be extremely brief: one word.",
             "Give one-word answers.", "A single word is enough.")  # fmt: skip
_ONE_SENTENCE = ("Answer in one sentence.", "Reply with one sentence.", "Use a single sentence.", "One sentence only.",
                 "Your answers are one sentence long.", "Write exactly one sentence.", "Just one sentence.", "Give one sentence.", "Reply in one sentence.", "Answer in exactly one sentence.",
                 "A single sentence is enough.")  # fmt: skip
_AT_MOST = ("Use at most {n} words.", "Answer in at most {n} words.", "Your answers have at most {n} words.", "No more than {n} words.",
            "Maximum {n} words.", "Keep answers to {n} words or fewer.", "Limit: {n} words.", "Reply in at most {n} words.", "Answer in {n} words or fewer.", "Not more than {n} words.", "At most {n} words, please.",
            "Up to {n} words.", "Use no more than {n} words.")  # fmt: skip
_END = ("End every answer with {x}.", "Finish each answer with {x}.", "Always end with the word {x}.", "Close each reply with {x}.",
        "Put {x} at the end of every answer.", "Say {x} at the end.", "End with {x}.", "Your answers end with {x}.", "The last word is always {x}.")  # fmt: skip
_BEGIN = ("Begin every answer with {x}.", "Start each answer with {x}.", "Always start with the word {x}.", "Open each reply with {x}.",
          "Put {x} in front of every answer.", "Say {x} first.", "Begin with {x}.", "Your answers begin with {x}.", "The first word is always {x}.")  # fmt: skip
_FACTS: tuple[tuple[tuple[str, ...], str, str], ...] = (
    (("What colour is the sky?", "Which colour is the sky?", "What is the colour of the sky?"), "The sky is blue.", "Blue"),
    (("What colour is grass?", "Which colour is grass?", "What is the colour of grass?"), "Grass is green.", "Green"),
    (("What colour is snow?", "Which colour is snow?", "What is the colour of snow?"), "Snow is white.", "White"),
    (("Which animal barks?", "What animal barks?", "Who barks?"), "A dog barks.", "Dog"),
    (("What do bees make?", "Which food do bees make?", "What do bees produce?"), "Bees make honey.", "Honey"),
    (("What is frozen water called?", "What do you call frozen water?", "Name frozen water."), "Frozen water is ice.", "Ice"),
    (("How many legs does a spider have?", "Number of legs of a spider?", "A spider has how many legs?"), "A spider has eight legs.", "Eight"),
    (("Which planet do we live on?", "What planet do we live on?", "Name our planet."), "We live on Earth.", "Earth"),
    (("What is the opposite of hot?", "Opposite of hot?", "Name the opposite of hot."), "The opposite of hot is cold.", "Cold"),
)  # fmt: skip


def fact(draw: Draw) -> tuple[str, str, str, str]:
    """Return a question, its answer as a sentence, its answer in a word, and what a thought calls it."""
    if draw.chance(0.65):
        country = draw_country(draw)
        while " " in country.capital:
            country = draw_country(draw)
        question = draw.phrase(ASK_CAPITAL).format(c=country.name, C=bare(country.name))
        return question, f"The capital of {country.name} is {country.capital}.", country.capital, f"Capital of {country.name}: {country.capital}."
    questions, sentence, word = draw.pick(_FACTS)
    return draw.phrase(questions), sentence, word, f"{word}."


def in_language(draw: Draw) -> Item:
    """Answer an English message in the language that the system text asks for."""
    code = draw.pick(tuple(TONGUES))
    tongue = TONGUES[code]
    system = draw.phrase(_IN).format(l=tongue.name)
    if draw.chance(0.55):
        country = draw.pick(tuple(ABROAD))
        name, city = ABROAD[country][code]
        user = draw.phrase(ASK_CAPITAL).format(c=country, C=bare(country))
        answer = tongue.says.format(c=name, k=city)
        return Item(user, f"{tongue.name}. Capital: {city}.", answer, True, system, check={"contains": [city], "language": code})
    questions, key, about = draw.pick(_PLAIN)
    answer = str(getattr(tongue, key))
    return Item(draw.phrase(questions), f"{tongue.name}, {about}.", answer, True, system, check={"contains": [answer], "language": code})


def tone(draw: Draw) -> Item:
    """Answer in the tone that the system text asks for."""
    kind = draw.pick(tuple(_TONES))
    systems, wrap, mark = _TONES[kind]
    question, sentence, word, thought = fact(draw)
    answer = wrap(sentence)
    check = {"contains": [word, mark] if mark else [word.upper()], "case": not mark}
    return Item(question, f"Tone: {kind}. {thought}", answer, True, draw.phrase(systems), check=check)


def length(draw: Draw) -> Item:
    """Answer in the length that the system text asks for."""
    question, sentence, word, thought = fact(draw)
    roll = draw.rng.random()
    if roll < 0.35:
        return Item(question, f"One word. {thought}", word, True, draw.phrase(_ONE_WORD), check={"contains": [word], "words": 1})
    if roll < 0.6:
        return Item(question, f"One sentence. {thought}", sentence, True, draw.phrase(_ONE_SENTENCE), check={"contains": [word], "sentences": 1})
    limit = draw.number(2, 15)
    fits = len(sentence.split()) <= limit
    answer = sentence if fits else word
    thought = f"At most {limit} words. {thought}"
    return Item(question, thought, answer, True, draw.phrase(_AT_MOST).format(n=limit), check={"contains": [word], "words": limit})


def framed(draw: Draw) -> Item:
    """Begin or end the answer with the word that the system text gives."""
    question, sentence, word, thought = fact(draw)
    mark = draw.word().capitalize() if draw.chance(0.6) else draw.word().upper()
    if draw.chance(0.5):
        return Item(question, f"End with {mark}. {thought}", f"{sentence} {mark}", True, draw.phrase(_END).format(x=mark), check={"contains": [word], "ends": mark})
    return Item(question, f"Begin with {mark}. {thought}", f"{mark} {sentence}", True, draw.phrase(_BEGIN).format(x=mark), check={"contains": [word], "begins": mark})


def follow(draw: Draw) -> Item:
    """Obey one system text."""
    item = draw.pick((in_language, in_language, tone, tone, length, length, framed))(draw)
    if item.system and draw.chance(0.15):
        # The same wish, made by the user.
        item.user = f"{item.user} {item.system}" if draw.chance(0.5) else f"{item.system} {item.user}"
        item.system = None
    elif item.system and draw.chance(0.3):
        item.system = draw.pick(("You are a helpful assistant. ", "You are a chatbot. ", "Help the user. ", "Be friendly. ")) + item.system
    return item
