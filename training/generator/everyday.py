"""Everyday tools whose names and parameters change from draw to draw, asked for in whole sentences."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from training.generator import words
from training.generator.catalogue import Known
from training.generator.draw import Draw

_STRING, _INTEGER, _NUMBER = {"type": "string"}, {"type": "integer"}, {"type": "number"}
Value = Callable[[Draw], Any]


def _enum(*choices: str) -> dict[str, Any]:
    return {"type": "string", "enum": list(choices)}


def _of(*choices: str) -> Value:
    return lambda draw: draw.pick(choices)


def _between(least: int, most: int) -> Value:
    return lambda draw: draw.number(least, most)


@dataclass(frozen=True)
class Kind:
    """A kind of tool: names to choose from, parameters (names, schema, value), requests and the answer with `{0}` for the first value."""

    kind: str
    names: tuple[str, ...]
    description: str
    params: tuple[tuple[tuple[str, ...], dict[str, Any], Value], ...]
    requests: tuple[str, ...]
    answer: str


_THING = ("printer", "coffee machine", "door", "window", "projector", "elevator", "laptop", "screen", "heating", "network", "website", "phone", "keyboard", "server", "car park gate")
_FAULT = ("is broken", "does not work", "makes a noise", "is too slow", "is stuck", "shows an error", "leaks", "will not start", "is offline")
_ROOM = ("bedroom", "kitchen", "hall", "office", "garden", "garage", "attic", "bathroom", "living room", "desk", "porch", "cellar")
_ERRAND = ("buy milk", "call Anna", "feed the cat", "take the pills", "check the oven", "send the report", "water the plants", "phone the bank", "close the window", "walk the dog", "pay the rent", "drink water")


def _trouble(draw: Draw) -> str:
    if draw.chance(0.35):
        return draw.text()
    place = draw.pick(("", "", f" in room {draw.number(1, 40)}", f" on floor {draw.number(1, 9)}", " in the kitchen", f" of {draw.proper()}"))
    return f"the {draw.word() if draw.chance(0.25) else draw.pick(_THING)}{place} {draw.pick(_FAULT)}"


def _errand(draw: Draw) -> str:
    return draw.pick(_ERRAND) if draw.chance(0.5) else f"{draw.pick(('call', 'ask', 'visit', 'write to', 'meet'))} {draw.proper()}" if draw.chance(0.5) else draw.text()


def _room(draw: Draw) -> str:
    return draw.word() if draw.held or draw.chance(0.3) else draw.pick(_ROOM)


def _goods(draw: Draw) -> str:
    return draw.word() if draw.held or draw.chance(0.4) else draw.pick(words.FOODS + words.NOUNS)


KINDS: tuple[Kind, ...] = (
    Kind("ticket", ("open_ticket", "file_ticket", "report_problem", "new_issue", "create_incident", "log_issue"), "Open a ticket for the support team",
         ((("subject", "summary", "title", "problem"), _STRING, _trouble), (("priority", "severity", "urgency"), _enum("low", "medium", "high"), _of("low", "medium", "high"))),
         ("Open a ticket: {0}. Priority {1}.", "Please file a ticket, {1} priority: {0}", "{0}. Open a ticket with {1} priority.", "I want to report that {0}. It is {1} priority.", "New ticket with {1} priority: {0}",
          "Create an issue for this: {0}. Make it {1}.", "Tell support that {0}, {1} priority.", "Please report: {0}. The priority is {1}."), "I opened the ticket: {0} ({1})."),
    Kind("lamp", ("set_lamp", "control_light", "light_switch", "toggle_light", "switch_device", "set_device"), "Switch a device on or off",
         ((("lamp", "device", "light", "name"), _STRING, _room), (("state", "power", "action"), _enum("on", "off"), _of("on", "off"))),
         ("Turn {1} the {0} lamp.", "turn the {0} light {1}", "Switch {1} the {0} light.", "{0} light {1}, please", "Can you turn {1} the lamp in the {0}?", "Please switch the {0} lamp {1}.", "Lights {1} in the {0}!"),
         "The {0} light is {1}."),
    Kind("heating", ("set_thermostat", "set_heating", "climate", "control_heating"), "Set the temperature of a room",
         ((("room", "zone"), _STRING, _room), (("temperature", "degrees", "target"), _INTEGER, _between(15, 28)), (("mode", "program"), _enum("heat", "cool", "auto"), _of("heat", "cool", "auto"))),
         ("Set the {0} to {1} degrees, mode {2}.", "{0}: {1} degrees, {2}", "Please set the {0} thermostat to {1} on {2}.", "Make it {1} degrees in the {0}, {2} mode.", "I want {1} degrees in the {0} with mode {2}."),
         "The {0} is set to {1} degrees ({2})."),
    Kind("order", ("track_order", "order_status", "get_order", "lookup_order", "where_is_order", "track_parcel"), "Tell where an order is",
         ((("order", "order_id", "number", "order_no", "tracking_number"), _STRING, lambda d: d.digits(4, 6) if d.chance(0.6) else d.code()),),
         ("Where is my order {0}?", "What is the status of order {0}?", "Track order {0}.", "Has order {0} been sent?", "I am waiting for order {0}.", "order {0} status", "When will my parcel {0} arrive?", "Look up order number {0}."),
         "I looked up order {0}."),
    Kind("reminder", ("set_reminder", "reminder", "add_reminder", "create_reminder", "notify_me"), "Remind the user of something",
         ((("text", "what", "message", "task"), _STRING, _errand), (("minutes", "in_minutes", "delay"), _INTEGER, _between(2, 180))),
         ("Remind me to {0} in {1} minutes.", "In {1} minutes, remind me to {0}.", "Set a reminder in {1} minutes: {0}", "remind me in {1} min to {0}", "Please remind me to {0} after {1} minutes.", "I must {0} in {1} minutes, remind me."),
         "I will remind you to {0} in {1} minutes."),
    Kind("units", ("unit_converter", "convert", "convert_measure", "change_units"), "Convert a measure into another unit",
         ((("value", "amount"), _NUMBER, _between(1, 500)), (("from", "source_unit", "unit"), _STRING, _of("miles", "pounds", "feet", "inches", "gallons", "ounces", "yards")),
          (("to", "target_unit", "into"), _STRING, _of("kilometers", "kilograms", "meters", "centimeters", "liters", "grams"))),
         ("Convert {0} {1} to {2}.", "How many {2} are {0} {1}?", "What is {0} {1} in {2}?", "{0} {1} in {2}", "convert {0} {1} into {2}", "Please change {0} {1} to {2}."), "I converted {0} {1} to {2}."),
    Kind("weather", ("temperature", "temperature_in", "read_temperature", "outside_temperature"), "Tell how warm it is",
         ((("place", "town", "where", "location"), _STRING, lambda d: d.city()),),
         ("How warm is it in {0}?", "How cold is it in {0}?", "What's the temperature in {0}?", "Temperature in {0} now?", "Is it hot in {0}?", "tell me how warm it is in {0}", "How many degrees are there in {0}?"), "I looked up {0}."),
    Kind("table", ("reserve_table", "book_restaurant", "make_reservation", "table_booking"), "Book a table in a restaurant",
         ((("restaurant", "place", "venue"), _STRING, lambda d: d.word().capitalize()), (("people", "guests", "party_size"), _INTEGER, _between(1, 12)), (("time", "at"), _STRING, lambda d: d.clock())),
         ("Book a table for {1} at {0}, {2}.", "A table at {0} for {1} people at {2}, please.", "Reserve {0} at {2} for {1}.", "We are {1} and want to eat at {0} at {2}.", "Please book {0} for {1} people, {2}."), "I booked {0} for {1} at {2}."),
    Kind("contact", ("find_contact", "phone_book", "get_contact", "lookup_person"), "Find a person's phone number",
         ((("name", "person", "who"), _STRING, lambda d: d.name()),),
         ("What is the phone number of {0}?", "How can I reach {0}?", "Find {0} in my contacts.", "Give me {0}'s number.", "number of {0} please", "Do I have the number of {0}?"), "I found {0}."),
    Kind("route", ("get_route", "directions", "plan_route", "navigate"), "Plan a route",
         ((("start", "from", "origin"), _STRING, lambda d: d.city()), (("end", "to", "destination"), _STRING, lambda d: d.city()), (("by", "mode", "vehicle"), _enum("car", "train", "bike", "bus"), _of("car", "train", "bike", "bus"))),
         ("How do I get from {0} to {1} by {2}?", "Route from {0} to {1} by {2}.", "From {0} to {1} by {2}, please.", "I want to go from {0} to {1} by {2}.", "Plan a trip by {2} from {0} to {1}.", "directions {0} to {1} by {2}"),
         "I planned the way from {0} to {1} by {2}."),
    Kind("volume", ("set_volume", "volume", "sound_level", "change_volume"), "Set the volume", ((("level", "percent", "volume"), _INTEGER, _between(0, 100)),),
         ("Set the volume to {0}.", "Volume {0}, please.", "Turn the sound to {0}.", "volume {0}", "Make the volume {0} percent."), "The volume is {0}."),
    Kind("shop", ("search_products", "find_product", "shop_search", "search_catalog"), "Search the shop",
         ((("query", "q", "search", "product"), _STRING, _goods), (("max_price", "price_limit", "budget"), _INTEGER, _between(5, 900))),
         ("Find a {0} under {1} euros.", "I am looking for a {0} for at most {1} euros.", "Search for {0}, up to {1}.", "{0} below {1} euros?", "Do you have {0} for less than {1}?", "Show me {0} up to {1} euros."), "I looked for {0} up to {1}."),
    Kind("leave", ("request_leave", "apply_leave", "book_days_off", "absence"), "Ask for days off",
         ((("kind", "type", "reason"), _enum("vacation", "sick", "unpaid"), _of("vacation", "sick", "unpaid")), (("start", "first_day", "from_date"), _STRING, lambda d: d.date()), (("end", "last_day", "to_date"), _STRING, lambda d: d.date())),
         ("I need {0} leave from {1} to {2}.", "Book {0} days from {1} to {2}.", "Please request {0} leave, {1} until {2}.", "From {1} to {2} I am on {0} leave.", "{0} leave {1} to {2}"), "I asked for {0} leave from {1} to {2}."),
    Kind("pizza", ("order_pizza", "pizza", "make_pizza", "buy_pizza"), "Order a pizza",
         ((("size", "format"), _enum("small", "medium", "large"), _of("small", "medium", "large")), (("topping", "with", "kind"), _STRING, lambda d: d.word() if d.chance(0.5) else d.pick(("ham", "mushrooms", "olives", "tuna", "onions", "cheese")))),
         ("Order a {0} pizza with {1}.", "A {0} pizza with {1}, please.", "I want a {0} {1} pizza.", "{0} pizza, {1}", "Get me a {0} pizza with {1}."), "I ordered a {0} pizza with {1}."),
    Kind("task", ("update_task", "set_status", "move_task", "change_status"), "Change the status of a task",
         ((("task", "task_id", "id"), _INTEGER, _between(1, 9999)), (("status", "state"), _enum("open", "active", "done"), _of("open", "active", "done"))),
         ("Mark task {0} as {1}.", "Set task {0} to {1}.", "Task {0} is {1}.", "Move task {0} to {1}.", "Please make task {0} {1}.", "task {0}: {1}"), "Task {0} is {1} now."),
    Kind("music", ("play_music", "player", "start_music", "play_song"), "Play music",
         ((("title", "song", "what", "query"), _STRING, lambda d: d.text() if d.chance(0.5) else d.word()), (("where", "speaker", "room"), _STRING, _room)),
         ("Play {0} in the {1}.", "play {0} on the {1} speaker", "I want to hear {0} in the {1}.", "Put on {0} in the {1}.", "Music in the {1}: {0}"), "I play {0} in the {1}."),
)  # fmt: skip


class Everyday(Known):
    """A tool of one kind with names drawn for it."""

    def __init__(self, draw: Draw) -> None:
        drawn = draw.pick(KINDS)
        self.kind = drawn.kind
        keys = [draw.pick(names) for names, _, _ in drawn.params]
        properties = {key: {**shape, "description": f"The {key.replace('_', ' ')}"} for key, (_, shape, _) in zip(keys, drawn.params, strict=True)}
        slots = {f"{{{index}}}": f"{{{key}}}" for index, key in enumerate(keys)}

        def filled(text: str) -> str:
            for slot, name in slots.items():
                text = text.replace(slot, name)
            return text

        super().__init__(
            draw.pick(drawn.names), drawn.description if draw.chance(0.85) else "", properties, tuple(filled(text) for text in drawn.requests),
            lambda d: {key: make(d) for key, (_, _, make) in zip(keys, drawn.params, strict=True)}, _found, filled(drawn.answer),
        )  # fmt: skip

    def request(self, draw: Draw) -> tuple[str, dict[str, Any]]:
        """Draw a request as any tool does, with a capital letter in front of most."""
        text, arguments = super().request(draw)
        return (text[0].upper() + text[1:] if draw.chance(0.8) else text), arguments


def _found(rng: Any, values: dict[str, Any]) -> dict[str, Any]:
    return {"status": rng.choice(("ok", "done", "accepted")), "reference": rng.randint(100, 9999)}
