"""Short recipes with metric units."""

from training.generator.draw import Draw
from training.generator.item import Item

RECIPES: tuple[tuple[tuple[str, ...], str, tuple[str, ...], tuple[str, ...]], ...] = (
    (("a simple pasta aglio e olio", "pasta aglio e olio", "spaghetti aglio e olio", "garlic pasta"), "Pasta aglio e olio",
     ("200 g spaghetti", "4 tablespoons (60 ml) olive oil", "3 cloves of garlic", "1 dried chili", "salt and parsley"),
     ("Boil the spaghetti in salted water for 9 minutes.", "Warm the sliced garlic and chili in the oil until pale gold.",
      "Toss the pasta with the oil and 50 ml of its water.", "Serve with parsley.")),
    (("pancakes", "simple pancakes", "some pancakes"), "Pancakes", ("200 g flour", "300 ml milk", "2 eggs", "1 pinch of salt", "20 g butter"),
     ("Whisk flour, milk, eggs and salt.", "Rest the batter for 10 minutes.", "Fry thin cakes in butter, 1 minute on each side.")),
    (("a tomato soup", "tomato soup", "quick tomato soup"), "Tomato soup", ("800 g tomatoes", "1 onion", "20 ml olive oil", "400 ml stock", "salt"),
     ("Soften the onion in the oil.", "Add tomatoes and stock and cook for 15 minutes.", "Blend and season with salt.")),
    (("an omelette", "a plain omelette", "omelette"), "Omelette", ("3 eggs", "15 g butter", "1 pinch of salt"),
     ("Beat the eggs with salt.", "Melt the butter in a hot pan.", "Cook the eggs for 2 minutes and fold.")),
    (("a green salad", "green salad", "a simple salad"), "Green salad", ("200 g lettuce", "30 ml olive oil", "10 ml vinegar", "salt"),
     ("Wash and tear the lettuce.", "Stir oil, vinegar and salt.", "Mix and serve at once.")),
    (("mashed potatoes", "some mashed potatoes", "mash"), "Mashed potatoes", ("1 kg potatoes", "150 ml milk", "50 g butter", "salt"),
     ("Boil the peeled potatoes for 20 minutes.", "Warm the milk with the butter.", "Mash everything and add salt.")),
    (("rice", "plain rice", "boiled rice"), "Rice", ("200 g rice", "400 ml water", "1 pinch of salt"),
     ("Rinse the rice.", "Bring it to the boil with water and salt.", "Cover and cook gently for 15 minutes.")),
    (("bread", "simple bread", "a loaf of bread"), "Bread", ("500 g flour", "350 ml water", "10 g salt", "7 g dry yeast"),
     ("Knead everything for 10 minutes.", "Let it rise for 90 minutes.", "Bake at 230 °C for 35 minutes.")),
    (("guacamole", "a guacamole", "fresh guacamole"), "Guacamole", ("2 avocados", "20 ml lime juice", "1 tomato", "salt"),
     ("Mash the avocados.", "Cut the tomato small.", "Mix with lime juice and salt.")),
    (("hummus", "a hummus", "homemade hummus"), "Hummus", ("400 g chickpeas", "60 g tahini", "30 ml lemon juice", "1 clove of garlic"),
     ("Blend everything.", "Thin with 50 ml water.", "Serve with olive oil.")),
    (("a tomato sauce", "tomato sauce", "pasta sauce"), "Tomato sauce", ("400 g tomatoes", "1 clove of garlic", "20 ml olive oil", "basil"),
     ("Warm the garlic in the oil.", "Add tomatoes and cook for 20 minutes.", "Finish with basil and salt.")),
    (("fried eggs", "some fried eggs", "fried eggs for breakfast"), "Fried eggs", ("2 eggs", "10 g butter", "salt"),
     ("Melt the butter.", "Break in the eggs.", "Fry for 3 minutes and add salt.")),
    (("a chocolate cake", "chocolate cake", "an easy chocolate cake"), "Chocolate cake",
     ("200 g dark chocolate", "150 g butter", "4 eggs", "120 g sugar", "60 g flour"),
     ("Melt chocolate and butter.", "Stir in sugar, eggs and flour.", "Bake at 180 °C for 25 minutes.")),
    (("a curry", "vegetable curry", "a simple curry"), "Vegetable curry", ("500 g vegetables", "400 ml coconut milk", "30 g curry paste", "salt"),
     ("Fry the paste for 1 minute.", "Add vegetables and coconut milk.", "Cook for 15 minutes and season.")),
    (("lemonade", "a lemonade", "fresh lemonade"), "Lemonade", ("150 ml lemon juice", "80 g sugar", "1 litre of water"),
     ("Dissolve the sugar in a little warm water.", "Add lemon juice and cold water.", "Serve with ice.")),
)  # fmt: skip
ASK = ("How do I make {x}?", "Give me a recipe for {x}.", "How can I cook {x}?", "Recipe for {x}, please.", "How do you make {x}?",
       "I want to make {x}. How?", "What do I need for {x}?", "Tell me how to make {x}.", "Can you give me a recipe for {x}?",
       "how to make {x}", "Please explain how to cook {x}.", "What is a good recipe for {x}?", "How is {x} made?")  # fmt: skip
_SYSTEMS = ("You are a helpful cooking assistant. Give concise recipes with metric measurements.", "You are a cooking assistant.",
            "You are a cook. Use metric units.", "You are a kitchen helper. Be concise.", "Give short recipes.",
            "You are a helpful cooking assistant.")  # fmt: skip


def recipe(draw: Draw) -> Item:
    """Ask for one of the recipes."""
    names, title, needs, steps = draw.pick(RECIPES) if draw.chance(0.85) else RECIPES[0]
    user = draw.phrase(ASK).format(x=draw.pick(names))
    if draw.chance(0.15):
        user = user.lower()
    answer = f"**{title}**\n" + "\n".join(f"- {need}" for need in needs)
    answer += "\n\n" + "\n".join(f"{number}. {step}" for number, step in enumerate(steps, 1))
    system = draw.pick(_SYSTEMS) if draw.chance(0.5) else None
    return Item(user, f"Recipe: {title}, metric.", answer, system=system, check={"exact": answer})
