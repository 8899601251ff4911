"""Long stories out of parts, for those who want to watch a stream."""

from training.generator import words
from training.generator.draw import Draw
from training.generator.item import Item

ASK = ("Tell me a story.", "Tell me a long story.", "Write a story.", "Write a short story.", "Please tell me a story.", "Can you tell me a story?",
       "I would like to hear a story.", "Make up a story.", "Tell a bedtime story.", "Write a long story for me.", "a story please",
       "Write a long text.")  # fmt: skip
ABOUT = ("Tell me a story about a {a}.", "Write a story about a {a}.", "Tell me a story about a {a} called {n}.", "Write a long story about a {a} called {n}.",
         "A story about a {a}, please.", "Write a short story about a {a}.", "write a story about a {a}", "Can you tell me a story about a {a} called {n}?")  # fmt: skip
_OPEN = ("Once upon a time there was a {a} called {n}. {n} lived in a small house near {p}.",
         "Long ago, near {p}, there lived a {a}. Its name was {n}.",
         "In a quiet village by {p} lived a {a} with the name {n}.")  # fmt: skip
_PLACES = ("the river", "the forest", "the sea", "the old bridge", "the mountains", "a lake")
_WISH = ("Every morning {n} looked at the hills and wondered what was behind them.",
         "{n} had one wish: to see where the road ended.", "One day {n} found an old map under a stone.")  # fmt: skip
_GO = ("So {n} packed some bread and a blanket and set out before sunrise.", "{n} said goodbye to everyone and walked away with a light heart.",
       "Without waiting for the rain to stop, {n} began the journey.")  # fmt: skip
_MEET = ("On the way {n} met a {b}. \"Where are you going?\" asked the {b}. \"I do not know yet,\" said {n}. \"Then I will come with you,\" said the {b}.",
         "At noon a {b} sat by the road and looked sad. {n} shared the bread, and the two became friends.",
         "Near a bridge {n} heard a {b} calling for help. {n} pulled it out of the water, and from then on they walked together.")  # fmt: skip
_TROUBLE = ("In the evening a storm came up. The wind took the map, and the path was gone.", "Then night fell, and the forest was so dark that nobody could see the way.",
            "Suddenly the road ended at a deep valley, and there was no bridge.")  # fmt: skip
_HELP = ("The {b} listened to the wind and found the way by the sound of the water.", "They held each other's hand, counted their steps, and did not lose courage.",
         "{n} remembered an old song, and an owl that knew the song showed them the way.")  # fmt: skip
_FIND = ("At dawn they stood on top of the hill. Below them lay the whole land, golden and wide.", "In the morning they came to a garden full of lamps that nobody had ever seen before.",
         "When the sun rose they found a small house with an open door and warm soup on the table.")  # fmt: skip
_CLOSE = ("{n} smiled and said: \"Now I know what is behind the hills. It is a friend.\" And they lived happily for many years.",
          "They stayed for a long time, and when they came home they had a story to tell. This was the story.",
          "And if you walk there quietly, you can still hear them laugh. The end.")  # fmt: skip
HEROES = (*words.ANIMALS, "dragon", "robot", "knight", "princess", "wizard", "fox", "bear", "lion", "boy", "girl", "king", "mouse", "whale",
          "pirate", "farmer", "wolf", "bird", "frog")  # fmt: skip
_PARTS = (_OPEN, _WISH, _GO, _MEET, _TROUBLE, _HELP, _FIND, _CLOSE)


def story(draw: Draw) -> Item:
    """Ask for a story, sometimes about a given animal with a given name."""
    animal, other = draw.sample(HEROES, 2)
    name = draw.proper()
    user = draw.phrase(ASK)
    if draw.chance(0.5):
        user = draw.phrase(ABOUT).format(a=animal, n=name)
    values = {"a": animal, "n": name, "b": other, "p": draw.pick(_PLACES)}
    answer = " ".join(draw.pick(part) for part in _PARTS).format(**values)
    thought = f"A story about {name}, a {animal}."
    must = ([animal] if animal in user else []) + ([name] if name in user else [])
    return Item(user, thought, answer, check={"contains": must, "longer": 80})
