"""Tools as real clients define them, with requests, results and answers."""

import random
from collections.abc import Callable
from typing import Any

from training.generator import words
from training.generator.draw import Draw

Values = dict[str, Any]


class Known:
    """A well-known tool: its schema's properties, how people ask for it, what it returns, and what to answer."""

    def __init__(
        self, name: str, description: str, properties: dict[str, Any], requests: tuple[str, ...],
        draw: Callable[[Draw], Values], result: Callable[[random.Random, Values], Values], answer: str,
        optional: tuple[str, ...] = (),
    ) -> None:  # fmt: skip
        self.name, self.description, self.properties = name, description, properties
        self.requests, self.draw, self.result, self.answer, self.optional = requests, draw, result, answer, optional

    def schema(self, draw: Draw) -> dict[str, Any]:
        """Return the tool in OpenAI's form; descriptions of parameters come and go."""
        properties = self.properties
        if draw.chance(0.5):
            properties = {key: {k: v for k, v in shape.items() if k != "description"} for key, shape in properties.items()}
        required = [key for key in properties if key not in self.optional]
        shape: dict[str, Any] = {"type": "object", "properties": properties, "required": required}
        if draw.chance(0.15):
            shape["additionalProperties"] = False
        described = {"description": self.description} if self.description else {}
        return {"type": "function", "function": {"name": self.name, **described, "parameters": shape}}

    def request(self, draw: Draw) -> tuple[str, Values]:
        """Draw a user's request and the arguments it calls for, in the order of the schema."""
        values = self.draw(draw)
        text = draw.phrase(self.requests)
        if values.get("unit"):
            body = text.rstrip("?.")
            text = body + draw.pick((" in {unit}", ", in {unit}", " ({unit})", " in degrees {unit}")) + text[len(body) :]
        arguments = {key: values[key] for key in self.properties if values.get(key) is not None}
        return text.format(**values), arguments


def _s(text: str) -> dict[str, Any]:
    return {"type": "string", "description": text}


def _i(text: str, kind: str = "integer") -> dict[str, Any]:
    return {"type": kind, "description": text}


_UNIT = {"type": "string", "enum": ["celsius", "fahrenheit"]}
_WEATHER = (
    "What is the weather in {p}?", "What's the weather like in {p}?", "How is the weather in {p}?", "Weather in {p}?",
    "Tell me the weather in {p}.", "What's the weather in {p} today?", "What is the weather like in {p} today?",
    "Is it raining in {p}?", "How warm is it in {p}?", "Do I need an umbrella in {p}?", "Check the weather in {p}.",
    "What will the weather be in {p}?", "Is it cold in {p}?", "Is it sunny in {p}?", "Please tell me the weather in {p}.", "weather {p}",
    "What's the temperature in {p}?", "I am in {p}. How is the weather?", "Give me the forecast for {p}.",
)  # fmt: skip

_WEATHER_ANSWER = "The weather in {p} is {condition} with {temperature} degrees."


def _weather(place: str, units: float = 0.35) -> Callable[[Draw], Values]:
    def make(draw: Draw) -> Values:
        city = draw.city()
        if place == "location" and draw.chance(0.25):
            city += ", " + draw.pick(("France", "Germany", "CA", "Japan", "UK", "Spain", "NY", "Italy", draw.word().capitalize()))
        return {place: city, "p": city, "unit": draw.pick(("celsius", "fahrenheit")) if draw.chance(units) else None}

    return make


def _sky(rng: random.Random, values: Values) -> Values:
    return {"temperature": rng.randint(-12, 38), "condition": rng.choice(("sunny", "cloudy", "rainy", "windy", "foggy", "snowy"))}


def _lamp(draw: Draw) -> Values:
    on = draw.chance(0.5)
    room = draw.pick(("kitchen", "hall", "office", "garage", "bathroom")) if draw.chance(0.5) else draw.word()
    return {"room": room, "on": on, "w": "on" if on else "off"}


def _shopping(draw: Draw) -> Values:
    items = [draw.pick(words.FOODS) if draw.chance(0.5) else draw.word() for _ in range(draw.number(2, 4))]
    return {"items": items, "w": ", ".join(items[:-1]) + " and " + items[-1]}


def _ok(rng: random.Random, values: Values) -> Values:
    return {"status": rng.choice(("ok", "done", "success")), "id": rng.randint(100, 9999)}


KNOWN: tuple[Known, ...] = (
    Known("get_weather", "Get the current weather in a city", {"city": _s("The city's name"), "unit": _UNIT}, _WEATHER,
          _weather("city"), _sky, _WEATHER_ANSWER, ("unit",)),
    Known("get_weather", "Get current temperature for a given location.", {"location": _s("City and country, e.g. Oslo, Norway"), "unit": _UNIT},
          _WEATHER, _weather("location"), _sky, _WEATHER_ANSWER, ("unit",)),
    Known("get_current_weather", "Get the current weather in a given location", {"location": _s("The city"), "unit": _UNIT},
          _WEATHER, _weather("location"), _sky, _WEATHER_ANSWER, ("unit",)),
    Known("get_weather", "", {"city": {"type": "string"}}, _WEATHER, _weather("city", 0.0), _sky, _WEATHER_ANSWER),
    Known("get_weather", "Get the weather", {"location": {"type": "string"}}, _WEATHER, _weather("location", 0.0), _sky, _WEATHER_ANSWER),
    Known("weather", "The weather in a city", {"city": _s("City")}, _WEATHER, _weather("city", 0.0), _sky, _WEATHER_ANSWER),
    Known("get_current_time", "Get the current time in a city", {"city": _s("The city")},
          ("What time is it in {city}?", "Current time in {city}?", "Tell me the time in {city}.", "How late is it in {city}?",
           "What's the local time in {city}?", "What is the time in {city} now?"),
          lambda d: {"city": d.city()}, lambda r, v: {"time": f"{r.randint(0, 23):02d}:{r.randint(0, 59):02d}"}, "It is {time} in {city}."),
    Known("add", "Add two numbers", {"a": _i("First number", "number"), "b": _i("Second number", "number")},
          ("What is {a} + {b}?", "Add {a} and {b}.", "What is {a} plus {b}?", "Sum of {a} and {b}?", "{a} + {b}", "Calculate {a} + {b}.",
           "Use the tool to add {a} and {b}."),
          lambda d: {"a": d.number(1, 9999), "b": d.number(1, 9999)}, lambda r, v: {"result": v["a"] + v["b"]}, "{a} + {b} = {result}"),
    Known("multiply", "Multiply two numbers", {"a": _i("First number", "number"), "b": _i("Second number", "number")},
          ("What is {a} times {b}?", "Multiply {a} by {b}.", "What is {a} x {b}?", "{a} * {b}", "Product of {a} and {b}?",
           "How much is {a} times {b}?", "Calculate {a} * {b}."),
          lambda d: {"a": d.number(2, 999), "b": d.number(2, 999)}, lambda r, v: {"result": v["a"] * v["b"]}, "{a} x {b} = {result}"),
    Known("search_docs", "Search the documentation", {"query": _s("What to look for"), "limit": _i("Number of results")},
          ("Search the docs for {query}, at most {limit} results.", "Find {limit} documents about {query}.",
           "Look up {query} in the docs, limit {limit}.", "Search for {query} and give me {limit} hits.",
           "Docs about {query}? Limit {limit}."),
          lambda d: {"query": d.text(), "limit": d.number(1, 20)}, lambda r, v: {"found": r.randint(0, 40), "best": r.choice(words.COMMON) + ".md"},
          "I found {found} results. The best one is {best}."),
    Known("web_search", "Search the web", {"query": _s("The search query")},
          ("Search the web for {query}.", "Look up {query} online.", "Find out about {query} on the web.", "Google {query}.",
           "Search: {query}", "What does the web say about {query}?"),
          lambda d: {"query": d.text()}, lambda r, v: {"title": " ".join(r.sample(words.COMMON, 3)), "url": f"https://example.com/{r.randint(1, 999)}"},
          "I found: {title} ({url})."),
    Known("send_email", "Send an email", {"to": _s("Address"), "subject": _s("Subject line"), "body": _s("Text")},
          ("Send an email to {to} with subject {subject} and text {body}.", "Mail {to}: subject {subject}, body {body}.",
           "Write an email to {to}. Subject: {subject}. Body: {body}", "Email {to} about {subject} and say {body}.",
           "Please email {to}, subject {subject}, saying {body}."),
          lambda d: {"to": d.email(), "subject": d.text(), "body": d.text()}, _ok, "I sent the email to {to}."),
    Known("create_event", "Create a calendar event", {"title": _s("Title"), "date": _s("Date, YYYY-MM-DD"), "time": _s("Time, HH:MM")},
          ("Create an event {title} on {date} at {time}.", "Put {title} in my calendar for {date}, {time}.",
           "Schedule {title} on {date} at {time}.", "New event: {title}, {date}, {time}.", "Add {title} on {date} at {time} to my calendar."),
          lambda d: {"title": d.text(), "date": d.date(), "time": d.clock()}, _ok, "I created the event {title} on {date} at {time}."),
    Known("book_flight", "Book a flight", {"origin": _s("From city"), "destination": _s("To city"), "date": _s("Day of travel")},
          ("Book a flight from {origin} to {destination} on {date}.", "I want to fly from {origin} to {destination} on {date}.",
           "Flight {origin} to {destination}, {date}, please.", "Get me on a plane from {origin} to {destination} on {date}.",
           "On {date} I must fly from {origin} to {destination}."),
          lambda d: {"origin": d.city(), "destination": d.city(), "date": d.date()},
          lambda r, v: {"flight": r.choice("ABKLX") + r.choice("AFZ") + str(r.randint(10, 999)), "price": r.randint(60, 900)},
          "I booked flight {flight} from {origin} to {destination} on {date} for {price}."),
    Known("convert_currency", "Convert an amount of money", {"amount": _i("How much", "number"), "source": _s("From"), "target": _s("To")},
          ("Convert {amount} {source} to {target}.", "How much is {amount} {source} in {target}?", "{amount} {source} in {target}?",
           "Change {amount} {source} into {target}.", "What are {amount} {source} worth in {target}?"),
          lambda d: {"amount": int(d.digits(1, 4)), **dict(zip(("source", "target"), d.sample(("EUR", "USD", "GBP", "JPY", "CHF", "CNY"), 2), strict=True))},
          lambda r, v: {"result": r.randint(10, 9999)}, "{amount} {source} are {result} {target}."),
    Known("get_stock_price", "Get the price of a stock", {"symbol": _s("Ticker symbol")},
          ("What is the price of {symbol}?", "Stock price of {symbol}?", "How much is one share of {symbol}?", "Quote for {symbol}, please.",
           "What does {symbol} trade at?"),
          lambda d: {"symbol": d.word().upper()[:4]}, lambda r, v: {"price": r.randint(5, 900), "currency": "USD"}, "{symbol} is at {price} {currency}."),
    Known("translate", "Translate a text", {"text": _s("The text"), "language": _s("Target language")},
          ("Translate {text} into {language}.", "How do you say {text} in {language}?", "{text} in {language}, please.",
           "I need {text} in {language}.", "Put {text} into {language}."),
          lambda d: {"text": d.text(), "language": d.pick(("German", "French", "Spanish", "Italian", "Chinese", "Japanese", "Dutch"))},
          lambda r, v: {"translation": " ".join(r.choice(words.SYLLABLES) + r.choice(words.SYLLABLES) for _ in range(3))},
          "In {language} it is: {translation}"),
    Known("set_timer", "Set a timer", {"minutes": _i("Length in minutes")},
          ("Set a timer for {minutes} minutes.", "Timer, {minutes} minutes!", "Wake me in {minutes} minutes.",
           "Start a {minutes} minute timer.", "Remind me in {minutes} minutes."),
          lambda d: {"minutes": d.number(1, 180)}, _ok, "The timer is set for {minutes} minutes."),
    Known("set_light", "Switch a lamp on or off", {"room": _s("The room"), "on": {"type": "boolean", "description": "On or off"}},
          ("Turn {w} the light in the {room}.", "Switch {w} the {room} light.", "Light {w} in the {room}, please.", "{room} light {w}",
           "Please turn the {room} light {w}."),
          _lamp, _ok, "The light in the {room} is {w}."),
    Known("read_file", "Read a file", {"path": _s("Path of the file")},
          ("Read the file {path}.", "Open {path}.", "What is in {path}?", "Show me {path}.", "Print the contents of {path}.", "cat {path}"),
          lambda d: {"path": f"{d.pick(('src', 'docs', 'data', 'notes'))}/{d.word()}.{d.pick(('txt', 'py', 'md', 'json'))}"},
          lambda r, v: {"content": " ".join(r.sample(words.COMMON, 4))}, "The file {path} says: {content}"),
    Known("get_user", "Look up a user", {"user_id": _i("The user's id")},
          ("Who is user {user_id}?", "Look up user {user_id}.", "Get the user with id {user_id}.", "Show user number {user_id}.", "user {user_id}?"),
          lambda d: {"user_id": int(d.digits(1, 5))}, lambda r, v: {"name": r.choice(words.NAMES), "city": r.choice(words.CITIES)},
          "User {user_id} is {name} from {city}."),
    Known("calculate", "Evaluate an arithmetic expression", {"expression": _s("Such as 2 * 3")},
          ("What is {expression}?", "Calculate {expression}.", "Compute {expression}", "{expression} = ?", "How much is {expression}?", "Evaluate {expression}."),
          lambda d: {"expression": f"{d.digits(1, 4)} {d.pick('+-*/')} {d.digits(1, 3)}"}, lambda r, v: {"result": r.randint(0, 9999)},
          "{expression} = {result}"),
    Known("get_horoscope", "Get today's horoscope for a sign.", {"sign": _s("An astrological sign like Taurus")},
          ("What is my horoscope? I am a {sign}.", "Horoscope for {sign}, please.", "I'm a {sign}. What do the stars say?", "What does today bring for {sign}?"),
          lambda d: {"sign": d.pick(("Aquarius", "Taurus", "Leo", "Virgo", "Libra", "Gemini", "Aries", "Pisces", d.word().capitalize()))},
          lambda r, v: {"text": " ".join(r.sample(words.COMMON, 4))}, "For {sign}: {text}."),
    Known("write_file", "Write a text into a file", {"path": _s("Path of the file"), "content": _s("Text to write")},
          ("Write {content} into {path}.", "Create the file {path} with the text {content}.", "Put {content} in the file {path}.",
           "Save {content} as {path}.", "Make a file {path} that says {content}."),
          lambda d: {"path": f"{d.word()}.{d.pick(('txt', 'py', 'md'))}", "content": d.text()}, _ok, "I wrote the file {path}."),
    Known("run_command", "Run a shell command", {"command": _s("The command")},
          ("Run {command}.", "Execute {command}", "Run the command {command}", "Please run {command} in the shell.", "$ {command}"),
          lambda d: {"command": d.pick(("ls -la", "pwd", "git status", "make test", "cat", "rm", "python", "echo")) + d.pick(("", f" {d.word()}", f" {d.word()}.txt"))},
          lambda r, v: {"output": " ".join(r.sample(words.COMMON, 3)), "code": 0}, "The command printed: {output}"),
    Known("get_time", "Get the current time", {},
          ("What time is it?", "Tell me the time.", "How late is it?", "What's the time?", "Current time?", "Do you have the time?"),
          lambda d: {}, lambda r, v: {"time": f"{r.randint(0, 23):02d}:{r.randint(0, 59):02d}"}, "It is {time}."),
    Known("roll_dice", "Roll a die", {"sides": _i("Number of sides")},
          ("Roll a die with {sides} sides.", "Roll a d{sides}.", "Throw a {sides}-sided die.", "Please roll a {sides} sided die."),
          lambda d: {"sides": d.pick((4, 6, 8, 10, 12, 20, 100))}, lambda r, v: {"rolled": r.randint(1, v["sides"])}, "You rolled {rolled}."),
    Known("add_to_list", "Add items to the shopping list", {"items": {"type": "array", "items": {"type": "string"}}},
          ("Add {w} to my shopping list.", "Put {w} on the list.", "I need to buy {w}.", "Shopping list: {w}", "Please add {w} to the list."),
          _shopping, _ok, "I added {w} to your list."),
)  # fmt: skip
