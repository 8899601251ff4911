"""Choosing tools, filling in their arguments, using their results, and leaving them alone."""

import json
from collections.abc import Callable
from typing import Any

from training.generator import words
from training.generator.catalogue import KNOWN, Known
from training.generator.draw import Draw
from training.generator.everyday import Everyday
from training.generator.item import Item, Message, call, say
from training.generator.schema import PARAMS, Tool

Either = Tool | Known
WEATHER = tuple(tool for tool in KNOWN if "weather" in tool.name)
GENERAL = ("add", "multiply", "calculate", "web_search", "search_docs")
"""Tools that would be of use for a plain question, too."""
_TOPICS = {"set_light": "lamp", "get_horoscope": "horoscope", "set_timer": "reminder", "add_to_list": "shop", "convert_currency": "units"}
"""What some well-known tools share with everyday ones."""


def draw_tool(draw: Draw) -> Either:
    """Return a made-up tool, a well-known one or an everyday one."""
    roll = draw.rng.random()
    return Tool(draw) if roll < 0.45 else draw.pick(KNOWN) if roll < 0.72 else Everyday(draw)


def _topic(tool: Either) -> str:
    """Return what a tool is about: of two tools about the same, either would fit a request."""
    return "weather" if "weather" in tool.name else tool.kind if isinstance(tool, Everyday) else _TOPICS.get(tool.name, tool.name)


def others(draw: Draw, tools: list[Either], count: int) -> list[dict[str, Any]]:
    """Return the schemas of some tools together with others, in random order."""
    schemas = {tool.name: tool.schema(draw) for tool in tools}
    topics = {_topic(tool) for tool in tools}
    used = {tool.verb for tool in tools if isinstance(tool, Tool)} | {tool.noun for tool in tools if isinstance(tool, Tool)}
    while len(schemas) < len(tools) + count:
        tool = draw_tool(draw)
        if tool.name in schemas or _topic(tool) in topics:
            continue
        if isinstance(tool, Tool) and (tool.verb in used and tool.noun in used):
            continue
        schemas[tool.name] = tool.schema(draw)
        topics.add(_topic(tool))
    found = list(schemas.values())
    draw.rng.shuffle(found)
    return found


def spell(value: Any) -> str:
    """Write a value as a thought does: text as it is, anything else as JSON."""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def plan(calls: list[dict[str, Any]]) -> str:
    """Write down the calls to make, one in a line, and first how many, so that none is forgotten."""
    count = f"{len(calls)} calls\n" if len(calls) > 1 else ""
    return count + "\n".join(
        c["function"]["name"] + ": " + (", ".join(f"{k} = {spell(v)}" for k, v in c["function"]["arguments"].items()) or "nothing")
        for c in calls
    )


def _extra(draw: Draw) -> int:
    return draw.pick((0, 0, 0, 1, 1, 1, 2, 3))


def tool_call(draw: Draw) -> Item:
    """Make one call of the tool that fits."""
    tool = draw_tool(draw)
    user, arguments = tool.request(draw)
    calls = [call(tool.name, arguments)]
    if draw.chance(0.1):
        # An earlier question of the same conversation was answered with a tool, too.
        earlier = result(draw)
        history = [say("user", earlier.user), *({**m, "reasoning_content": ""} for m in earlier.loop), say("assistant", earlier.answer)]
        used = {c["function"]["name"] for m in earlier.loop for c in m.get("tool_calls", [])}
        if tool.name not in used and not isinstance(tool, Everyday) and not ("weather" in tool.name and any("weather" in name for name in used)):
            return Item(user, plan(calls), "", hard=True, tools=_merged(draw, tool, earlier), history=history, calls=calls, check={"calls": calls})
    return Item(user, plan(calls), "", hard=True, tools=others(draw, [tool], _extra(draw)), calls=calls, check={"calls": calls})


def _merged(draw: Draw, tool: Either, earlier: Item) -> list[dict[str, Any]]:
    """Return the tools of an earlier exchange with the one that is needed now."""
    kept = [t for t in earlier.tools or [] if t["function"]["name"] != tool.name]
    kept.insert(draw.number(0, len(kept)), tool.schema(draw))
    return kept


def _pair(draw: Draw) -> tuple[str, list[Either], list[dict[str, Any]]]:
    """Return a request that takes two or three calls, its tools and its calls."""
    if draw.chance(0.5):
        known = draw.pick(WEATHER)
        cities = [draw.city() for _ in range(draw.pick((2, 2, 3)))]
        place = next(iter(known.properties))
        unit = draw.pick(("celsius", "fahrenheit")) if "unit" in known.properties and draw.chance(0.35) else None
        joined = ", ".join(cities[:-1]) + " and " + cities[-1]
        user = draw.phrase(
            ("What is the weather in {p}?", "Compare the weather in {p}.", "How is the weather in {p}?", "Weather in {p}?",
             "Tell me the weather in {p}.", "What's the weather like in {p} today?", "Is it warmer in {p}?", "Check the weather in {p}.")
        ).format(p=joined)  # fmt: skip
        if unit:
            user = f"{user} Use {unit}."
        return user, [known], [call(known.name, {place: city, **({"unit": unit} if unit else {})}) for city in cities]
    if draw.chance(0.35):
        tool = draw_tool(draw)
        one, first = tool.request(draw)
        two, second = tool.request(draw)
        tools, calls = [tool], [call(tool.name, first), call(tool.name, second)]
    else:
        tools = [draw_tool(draw), draw_tool(draw)]
        while tools[1].name == tools[0].name or _topic(tools[1]) == _topic(tools[0]):
            tools[1] = draw_tool(draw)
        one, first = tools[0].request(draw)
        two, second = tools[1].request(draw)
        calls = [call(tools[0].name, first), call(tools[1].name, second)]
    joint = draw.pick((" ", " And ", " Also: ", " Then: "))
    return one.rstrip(".?!") + (draw.pick((".", "?", "!"))) + joint + two, tools, calls


def parallel(draw: Draw) -> Item:
    """Make several calls in one turn."""
    user, tools, calls = _pair(draw)
    return Item(user, plan(calls), "", hard=True, tools=others(draw, tools, draw.pick((0, 0, 1, 2))), calls=calls, check={"calls": calls})


def _result(draw: Draw, tool: Either, arguments: dict[str, Any]) -> tuple[str, str, list[str]]:
    """Return a tool's result, the answer made of it, and what the answer must hold."""
    roll = draw.rng.random()
    if roll < 0.05:
        reason = draw.pick(("not found", "timeout", "access denied", "unknown " + draw.word(), "no connection"))
        return json.dumps({"error": reason}), f"That did not work: {reason}.", [reason]
    if isinstance(tool, Known) and roll < 0.75:
        values: dict[str, Any] = dict(arguments)
        for key in ("city", "location"):
            if key in values:
                values["p"] = values[key]
        if "items" in values:
            values["w"] = ", ".join(values["items"][:-1]) + " and " + values["items"][-1]
        if "on" in values:
            values["w"] = "on" if values["on"] else "off"
        result = tool.result(draw.rng, arguments)
        if "temperature" in result and draw.chance(0.6):
            result = {"city": values["p"], **result}
        if "temperature" in result and draw.chance(0.3):
            result["unit"] = arguments.get("unit", "celsius")
        answer = tool.answer.format(**{**values, **result})
        must = [str(v) for k, v in result.items() if "{" + k + "}" in tool.answer]
        return (str(result["result"]) if "result" in result and draw.chance(0.5) else json.dumps(result, ensure_ascii=False)), answer, must
    if roll < 0.85:
        keys = [draw.pick(PARAMS[draw.pick(("string", "integer", "number"))]) for _ in range(draw.number(1, 3))]
        found = {k: draw.token() if draw.chance(0.6) else int(draw.digits(1, 4)) for k in keys}
        said = ", ".join(f"{k} {v}" for k, v in found.items())
        return json.dumps(found, ensure_ascii=False), f"Result: {said}.", [str(v) for v in found.values()]
    if "weather" in tool.name:
        text = f"{draw.number(-12, 38)}{draw.pick(('°C, ', ' degrees and ', ' C and '))}{draw.pick(('sunny', 'cloudy', 'rainy', 'windy', 'snowy'))}"
        place = next(iter(arguments.values()))
        return text, f"The weather in {place}: {text}.", [text]
    text = draw.text() if draw.chance(0.6) else f"{draw.pick(words.COMMON)} {draw.token()}"
    return text, f"Result: {text}.", [text]


def result(draw: Draw) -> Item:
    """Answer with what the tools gave back."""
    if draw.chance(0.25):
        user, tools, calls = _pair(draw)
    else:
        tools = [draw_tool(draw)]
        user, arguments = tools[0].request(draw)
        calls = [call(tools[0].name, arguments)]
    by_name = {tool.name: tool for tool in tools}
    turn: Message = {"role": "assistant", "content": "", "tool_calls": calls}
    loop: list[Message] = [turn]
    answers, must = [], []
    for made in calls:
        name = made["function"]["name"]
        text, answer, needed = _result(draw, by_name[name], made["function"]["arguments"])
        loop.append({"role": "tool", "content": text})
        answers.append(answer)
        must += needed
    turn["reasoning_content"] = plan(calls)
    thought = "Results: " + "; ".join(m["content"] for m in loop[1:])
    return Item(user, thought, " ".join(answers), hard=True, tools=others(draw, tools, draw.pick((0, 0, 0, 1))), loop=loop, check={"contains": must})


def refused(draw: Draw) -> Item:
    """Call nothing, because no tool fits the request."""
    tool = draw_tool(draw)
    user, _ = tool.request(draw)
    rest = [s for s in others(draw, [tool], draw.pick((1, 1, 2, 3))) if s["function"]["name"] != tool.name]
    if isinstance(tool, Known) and tool.name in (*GENERAL, "translate", "get_time", "get_current_time"):
        # These can be asked for without a tool or be served by another one; a refusal would be wrong.
        return refused(draw)
    answer = "I have no tool for that."
    return Item(user, "No tool fits.", answer, hard=True, tools=rest or None, check={"nocall": True, "contains": ["no tool"]} if rest else {"nocall": True})


def beside(draw: Draw, make: Callable[[Draw], Item]) -> Item:
    """Answer a plain question although tools are on offer."""
    item = make(draw)
    if item.system is None and not item.tools:
        tools = [t for t in others(draw, [], draw.pick((1, 1, 2, 3))) if t["function"]["name"] not in GENERAL]
        if tools:
            item.tools = tools
            item.thought = f"No tool needed. {item.thought}"
            item.hard = True
            item.check = {**item.check, "nocall": True}
    return item
