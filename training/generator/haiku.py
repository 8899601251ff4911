"""Haiku out of a bank of lines of five, seven and five syllables."""

from training.generator.draw import Draw
from training.generator.item import Item

LINES: dict[str, tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]] = {
    "programming": (
        ("A cursor blinking", "Night above the desk", "One small missing mark"),
        ("the program waits for a word", "a bug hides between two lines", "I trace the loop to its end"),
        ("then all tests turn green", "dawn, and it compiles", "tea grows cold again"),
    ),
    "the sea": (
        ("Grey waves on the sand", "Salt wind in my hair", "A boat leaves the bay"),
        ("the tide returns what it took", "gulls are writing on the sky", "the far line bends like a bow"),
        ("then the foam is gone", "a shell keeps the sound", "footprints fill and fade"),
    ),
    "autumn": (
        ("One leaf, then many", "Fog over the field", "Red leaves on the path"),
        ("the old oak lets go of gold", "the geese are calling southward", "a child runs through the colours"),
        ("then the branch is bare", "smoke above the roofs", "wind sweeps up the rest"),
    ),
    "winter": (
        ("Snow on the chimney", "Frost upon the glass", "White and silent fields"),
        ("the river sleeps under ice", "a crow walks over the yard", "my breath goes ahead of me"),
        ("one lamp in the dark", "the kettle is loud", "even bells sound soft"),
    ),
    "spring": (
        ("Rain taps on new leaves", "The first warm morning", "Snow melts from the roof"),
        ("a blackbird tries out its song", "the garden opens its eyes", "the bees are back at their work"),
        ("windows open wide", "mud on every shoe", "green where it was grey"),
    ),
    "summer": (
        ("Heat above the road", "Noon without a breeze", "A long golden day"),
        ("the dog looks for a cool stone", "crickets count the slow hours", "cherries are red on the tree"),
        ("ice melts in the glass", "then thunder, far off", "swallows stitch the sky"),
    ),
    "the moon": (
        ("Moon above the pines", "A thin silver bow", "Full moon in the well"),
        ("the lake holds another one", "an owl crosses without sound", "nobody dares draw water"),
        ("both are out of reach", "night is wide and mild", "the clouds drift away"),
    ),
    "a cat": (
        ("Paws without a sound", "A warm window sill", "Two green eyes at night"),
        ("the cat has its own meetings", "the cat folds into a loaf", "the mouse decides to stay home"),
        ("supper is at six", "the day can go on", "then a yawn, then sleep"),
    ),
    "coffee": (
        ("Steam above the cup", "Dark and bitter cup", "First light, then coffee"),
        ("the morning learns how to walk", "my thoughts come back one by one", "the spoon rings like a small bell"),
        ("now the day may start", "mail can wait a while", "the last drop is mine"),
    ),
    "rain": (
        ("Rain on the tin roof", "Grey clouds, heavy sky", "Drops upon the glass"),
        ("a thousand small drums at night", "the street becomes a river", "each one looks for its own way"),
        ("sleep comes easily", "frogs begin to sing", "one umbrella blooms"),
    ),
    "mountains": (
        ("Stone above the clouds", "A path made of rocks", "Wind on the high ridge"),
        ("the valley keeps its shadows", "the eagle circles once more", "my boots have opinions now"),
        ("snow that never melts", "one more step, then one", "the hut light is near"),
    ),
    "computers": (
        ("Fans hum in the dark", "Lights blink in the rack", "Ones and zeros sleep"),
        ("the disk remembers it all", "a packet looks for its home", "a thousand small switches wake"),
        ("save before you go", "then the screen goes black", "morning, log in, go"),
    ),
}  # fmt: skip
ASK = (
    "Write a haiku about {t}.", "Write me a haiku about {t}.", "Can you write a haiku about {t}?", "A haiku about {t}, please.",
    "Compose a haiku on {t}.", "haiku about {t}", "Please write a short haiku about {t}.", "I would like a haiku about {t}.",
    "Give me a haiku about {t}.", "Make up a haiku about {t}.", "Could you compose a haiku about {t}?",
    "Write a poem in haiku form about {t}.", "Write a short poem about {t}.", "Write a poem about {t}.", "A poem about {t}, please.",
)  # fmt: skip
ALSO = {
    "programming": ("code", "coding", "software", "bugs", "debugging"), "the sea": ("the ocean", "waves", "the beach"),
    "a cat": ("cats", "my cat"), "the moon": ("the night", "moonlight"), "rain": ("the rain",), "mountains": ("a mountain",),
    "computers": ("a server", "servers", "machines"), "winter": ("snow",), "coffee": ("breakfast",), "autumn": ("leaves",),
    "spring": ("a garden",), "summer": ("the sun",),
}  # fmt: skip


def haiku(draw: Draw) -> Item:
    """Ask for a haiku; three lines of the topic's bank make it."""
    topic = draw.pick(tuple(LINES)) if draw.chance(0.75) else "programming"
    asked = draw.pick(ALSO[topic]) if draw.chance(0.3) else topic
    user = draw.phrase(ASK).format(t=asked)
    if draw.chance(0.15):
        user = user.lower()
    answer = "\n".join(draw.pick(lines) for lines in LINES[topic])
    return Item(user, f"Haiku, {topic}: 5, 7, 5 syllables.", answer, check={"haiku": topic})
