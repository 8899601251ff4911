"""A pocket dictionary: everyday words in seven languages."""

from training.generator.draw import Draw
from training.generator.item import Item
from training.generator.languages import TONGUES

WORDS = {
    "hello": ("Hallo", "Bonjour", "Hola", "Ciao", "Olá", "你好"),
    "thank you": ("Danke", "Merci", "Gracias", "Grazie", "Obrigado", "谢谢"),
    "goodbye": ("Auf Wiedersehen", "Au revoir", "Adiós", "Arrivederci", "Adeus", "再见"),
    "good morning": ("Guten Morgen", "Bonjour", "Buenos días", "Buongiorno", "Bom dia", "早上好"),
    "good night": ("Gute Nacht", "Bonne nuit", "Buenas noches", "Buonanotte", "Boa noite", "晚安"),
    "yes": ("Ja", "Oui", "Sí", "Sì", "Sim", "是"),
    "no": ("Nein", "Non", "No", "No", "Não", "不"),
    "please": ("Bitte", "S'il vous plaît", "Por favor", "Per favore", "Por favor", "请"),
    "water": ("Wasser", "Eau", "Agua", "Acqua", "Água", "水"),
    "bread": ("Brot", "Pain", "Pan", "Pane", "Pão", "面包"),
    "cat": ("Katze", "Chat", "Gato", "Gatto", "Gato", "猫"),
    "dog": ("Hund", "Chien", "Perro", "Cane", "Cachorro", "狗"),
    "house": ("Haus", "Maison", "Casa", "Casa", "Casa", "房子"),
    "book": ("Buch", "Livre", "Libro", "Libro", "Livro", "书"),
    "love": ("Liebe", "Amour", "Amor", "Amore", "Amor", "爱"),
    "friend": ("Freund", "Ami", "Amigo", "Amico", "Amigo", "朋友"),
    "sun": ("Sonne", "Soleil", "Sol", "Sole", "Sol", "太阳"),
    "moon": ("Mond", "Lune", "Luna", "Luna", "Lua", "月亮"),
    "how are you?": ("Wie geht es dir?", "Comment vas-tu ?", "¿Cómo estás?", "Come stai?", "Como vai você?", "你好吗？"),
    "I love you": ("Ich liebe dich", "Je t'aime", "Te quiero", "Ti amo", "Eu te amo", "我爱你"),
}
ASK = ("How do you say {w} in {l}?", 'Translate "{w}" into {l}.', "Translate to {l}: {w}", 'What is "{w}" in {l}?', "{w} in {l}?",
       "Say {w} in {l}.", "Translate {w} to {l}.", "What is the {l} word for {w}?", 'Please translate "{w}" to {l}.',
       "I need {w} in {l}.")  # fmt: skip


def translation(draw: Draw) -> Item:
    """Ask for an everyday word in another language."""
    word = draw.pick(tuple(WORDS))
    index = draw.number(0, 5)
    language = list(TONGUES.values())[index].name
    found = WORDS[word][index]
    user = draw.phrase(ASK).format(w=word.capitalize() if draw.chance(0.2) else word, l=language)
    return Item(user, f"{language}: {found}", found, check={"exact": found})
