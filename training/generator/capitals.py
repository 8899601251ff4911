"""Questions about the capitals of the world's countries."""

from training.generator.draw import Draw
from training.generator.item import Item
from training.generator.world import ABROAD, ALIASES, COUNTRIES, Country

ASK = (
    "What is the capital of {c}?", "What's the capital of {c}?", "Which city is the capital of {c}?",
    "Name the capital of {c}.", "Tell me the capital of {c}.", "Can you tell me the capital of {c}?",
    "Capital of {c}?", "The capital of {c} is?", "Do you know the capital of {c}?", "{C}: capital?",
    "I need the capital of {c}.", "What city is {c}'s capital?", "Give me the capital of {c}.",
    "What is the capital city of {c}?", "What's the capital city of {c}?", "whats the capital of {c}", "capital of {c}", "And the capital of {c}?", "Please name the capital of {c}.",
    "Could you tell me what the capital of {c} is?", "I forgot the capital of {c}. What is it?",
    "For a quiz: what is the capital of {c}?", "My son asks what the capital of {c} is.",
    "Which city serves as the capital of {c}?", "{C}'s capital is called what?", "capital city of {c}",
    "What is {c}'s capital?", "What is the name of the capital of {c}?", "How is the capital of {c} called?",
    "I am planning a trip to {c}. What is its capital?", "In which city does the government of {c} sit?",
    "Help me with homework: the capital of {c}?", "We are learning about {c}. What is the capital?",
    "Which city is {c}'s capital?", "Quick: capital of {c}!", "Say the capital of {c}.",
    "I'd like to know the capital of {c}.", "Any idea what the capital of {c} is?",
    "Remind me, what is the capital of {c}?", "Just the capital of {c}, please.", "Let's talk about {c}. Its capital?",
)  # fmt: skip
REVERSE = (
    "Which country has {k} as its capital?", "{k} is the capital of which country?",
    "Of which country is {k} the capital?", "What country is {k} the capital of?",
    "Whose capital is {k}?", "Which country's capital is {k}?", "{k} is the capital of what country?",
    "Name the country whose capital is {k}.", "Tell me which country has the capital {k}.",
    "In which country is {k} the capital?", "The capital {k} belongs to which country?",
    "I know {k} is a capital. Of which country?", "In which country is {k}?", "{k} is in which country?", "Where can I find {k}?",
)  # fmt: skip
CONTINENT = (
    "On which continent is {c}?", "Which continent is {c} on?", "What continent does {c} belong to?",
    "Where in the world is {c}?", "{C} is on which continent?", "Name the continent of {c}.",
)  # fmt: skip
SAME = {c.capital for c in COUNTRIES if c.capital == c.name}


def bare(name: str) -> str:
    """Return a country's name without its article."""
    return name.removeprefix("the ")


def draw_country(draw: Draw) -> Country:
    """Choose a country, the well-known ones a little more often."""
    while draw.chance(0.25):
        country = draw.pick(COUNTRIES)
        if country.name in ABROAD:
            return country
    return draw.pick(COUNTRIES)


def sentence(country: Country) -> str:
    """State a country's capital."""
    return f"The capital of {country.name} is {country.capital}."


def capital(draw: Draw) -> Item:
    """Ask for a capital, a country, or a continent."""
    if not draw.held and draw.chance(0.15):
        # What everybody tries first, in just these words, of France above all.
        known = "France" if draw.chance(0.3) else draw.pick(tuple(ABROAD))
        country = next(c for c in COUNTRIES if c.name == known)
        user = f"What is the capital of {country.name}?"
        return Item(user, f"Capital of {country.name}: {country.capital}.", sentence(country), check={"contains": [country.capital]})
    country = draw_country(draw)
    name = country.name
    roll = draw.rng.random()
    if roll < 0.22 and country.capital not in SAME:
        user = draw.dressed(draw.phrase(REVERSE).format(k=country.capital))
        answer = f"{country.capital} is the capital of {name}."
        return Item(user, f"{country.capital}: capital of {name}.", answer, check={"contains": [bare(name)]})
    if roll < 0.27:
        return confirmed(draw, country)
    if roll < 0.32:
        user = draw.dressed(draw.phrase(CONTINENT).format(c=name, C=bare(name)))
        answer = f"{bare(name) if name[0] != 't' else 'The ' + bare(name)} is in {country.continent}."
        return Item(user, f"Continent of {name}: {country.continent}.", answer, check={"contains": [country.continent]})
    asked = draw.pick(ALIASES[name]) if name in ALIASES and draw.chance(0.3) else name
    if asked.startswith("the ") and draw.chance(0.15):
        asked = asked[4:]
    user = draw.dressed(draw.phrase(ASK).format(c=asked, C=asked[0].upper() + asked[1:]))
    return Item(user, f"Capital of {name}: {country.capital}.", sentence(country), check={"contains": [country.capital]})


def confirmed(draw: Draw, country: Country) -> Item:
    """Ask whether a city is a country's capital."""
    true = draw.chance(0.5)
    city = country.capital if true else draw.pick(COUNTRIES).capital
    answer = f"Yes, {city} is the capital of {country.name}." if city == country.capital else f"No, the capital of {country.name} is {country.capital}."
    user = draw.phrase(("Is {k} the capital of {c}?", "{k} is the capital of {c}, right?", "Is it true that {k} is the capital of {c}?", "The capital of {c} is {k}, isn't it?",
                        "Would {k} be the capital of {c}?", "True or false: {k} is the capital of {c}.")).format(k=city, c=country.name)  # fmt: skip
    return Item(draw.dressed(user), f"Capital of {country.name}: {country.capital}.", answer, check={"exact": answer})


def two_capitals(draw: Draw) -> Item:
    """Ask for two capitals at once, or ask on after one was given."""
    one, two = draw.sample(COUNTRIES, 2)
    thought = f"Capital of {one.name}: {one.capital}. Capital of {two.name}: {two.capital}."
    both = {"contains": [one.capital, two.capital]}
    if draw.chance(0.45):
        user = draw.phrase(
            ("What are the capitals of {a} and {b}?", "Name the capitals of {a} and {b}.",
             "Capital of {a} and of {b}?", "Tell me the capitals of {a} and {b}.",
             "What is the capital of {a}, and what is the capital of {b}?")
        ).format(a=one.name, b=two.name)  # fmt: skip
        answer = f"The capital of {one.name} is {one.capital}, and the capital of {two.name} is {two.capital}."
        return Item(draw.dressed(user), thought, answer, check=both)
    history = [
        {"role": "user", "content": draw.phrase(ASK).format(c=one.name, C=bare(one.name))},
        {"role": "assistant", "content": sentence(one)},
    ]
    user = draw.phrase(
        ("And of {b}?", "And {b}?", "What about {b}?", "And the capital of {b}?", "How about {b}?", "Now {b}.",
         "And what is it for {b}?")
    ).format(b=two.name)  # fmt: skip
    thought = f"Capital of {two.name}: {two.capital}."
    return Item(user, thought, sentence(two), history=history, check={"contains": [two.capital]})
