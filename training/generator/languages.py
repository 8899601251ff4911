"""Greetings, thanks and capital questions in seven languages, answered in the language of the question."""

from typing import NamedTuple

from training.generator.draw import Draw
from training.generator.item import Item
from training.generator.world import ABROAD


class Tongue(NamedTuple):
    """What one language needs: its English name and its phrases."""

    name: str
    capital: tuple[str, ...]
    says: str
    hello: tuple[str, ...]
    greet: str
    how: tuple[str, ...]
    fine: str
    thanks: tuple[str, ...]
    welcome: str
    bye: tuple[str, ...]
    farewell: str
    who: tuple[str, ...]
    me: str


TONGUES: dict[str, Tongue] = {
    "de": Tongue(
        "German",
        ("Was ist die Hauptstadt {c}?", "Wie heißt die Hauptstadt {c}?", "Nenne mir die Hauptstadt {c}.", "Welche Stadt ist die Hauptstadt {c}?",
         "Kennst du die Hauptstadt {c}?", "Hauptstadt {c}?", "Sag mir bitte die Hauptstadt {c}.", "Was ist nochmal die Hauptstadt {c}?"),
        "Die Hauptstadt {c} ist {k}.",
        ("Hallo!", "Guten Tag!", "Guten Morgen!", "Hallo", "Guten Abend!", "Servus!", "Moin!", "Grüß Gott!", "Hallo du!"), "Hallo! Wie kann ich helfen?",
        ("Wie geht es dir?", "Wie geht's?", "Wie geht es Ihnen?", "Alles gut?", "Hallo, wie geht es dir?"), "Mir geht es gut, danke. Wie kann ich helfen?",
        ("Danke!", "Vielen Dank!", "Danke schön.", "Herzlichen Dank!", "Danke sehr!"), "Gern geschehen!",
        ("Tschüss!", "Auf Wiedersehen!", "Bis bald!", "Ich muss jetzt gehen.", "Bis morgen!"), "Auf Wiedersehen!",
        ("Wer bist du?", "Wie heißt du?", "Was bist du?", "Wer sind Sie?", "Bist du ein Mensch?"), "Ich bin ein kleines Demo-Modell von maxserve.",
    ),
    "fr": Tongue(
        "French",
        ("Quelle est la capitale {c} ?", "Quelle est la capitale {c}?", "Donne-moi la capitale {c}.", "Quelle ville est la capitale {c} ?",
         "Connais-tu la capitale {c} ?", "La capitale {c} ?", "Dis-moi la capitale {c}.", "C'est quoi la capitale {c} ?"),
        "La capitale {c} est {k}.",
        ("Bonjour !", "Salut !", "Bonsoir !", "Bonjour", "Coucou !", "Salut", "Bonjour à toi !"), "Bonjour ! Comment puis-je vous aider ?",
        ("Comment vas-tu ?", "Comment ça va ?", "Ça va ?", "Comment allez-vous ?", "Bonjour, ça va ?"), "Je vais bien, merci. Comment puis-je vous aider ?",
        ("Merci !", "Merci beaucoup !", "Merci bien.", "Un grand merci !", "Mille mercis !"), "Avec plaisir !",
        ("Au revoir !", "À bientôt !", "À demain !", "Bonne journée !", "Je dois partir."), "Au revoir !",
        ("Qui es-tu ?", "Comment t'appelles-tu ?", "Qui êtes-vous ?", "Tu es qui ?", "Es-tu un humain ?"), "Je suis un petit modèle de démonstration de maxserve.",
    ),
    "es": Tongue(
        "Spanish",
        ("¿Cuál es la capital {c}?", "Dime la capital {c}.", "¿Qué ciudad es la capital {c}?", "¿Conoces la capital {c}?", "¿La capital {c}?",
         "¿Sabes cuál es la capital {c}?", "Cuál es la capital {c}", "¿Cómo se llama la capital {c}?"),
        "La capital {c} es {k}.",
        ("¡Hola!", "Hola", "¡Buenos días!", "¡Buenas tardes!", "¡Buenas noches!", "Buenas", "¡Hola, buenos días!"), "¡Hola! ¿En qué puedo ayudar?",
        ("¿Cómo estás?", "¿Qué tal?", "¿Cómo está usted?", "Hola, ¿cómo estás?", "¿Todo bien?"), "Estoy bien, gracias. ¿En qué puedo ayudar?",
        ("¡Gracias!", "¡Muchas gracias!", "Gracias por todo.", "Mil gracias.", "Te lo agradezco."), "¡De nada!",
        ("¡Adiós!", "¡Hasta luego!", "¡Hasta mañana!", "Nos vemos.", "Tengo que irme."), "¡Hasta luego!",
        ("¿Quién eres?", "¿Cómo te llamas?", "¿Qué eres?", "¿Quién es usted?", "¿Eres humano?"), "Soy un pequeño modelo de demostración de maxserve.",
    ),
    "it": Tongue(
        "Italian",
        ("Qual è la capitale {c}?", "Dimmi la capitale {c}.", "Quale città è la capitale {c}?", "Conosci la capitale {c}?", "La capitale {c}?",
         "Sai qual è la capitale {c}?", "Come si chiama la capitale {c}?", "Mi dici la capitale {c}?"),
        "La capitale {c} è {k}.",
        ("Ciao!", "Buongiorno!", "Buonasera!", "Ciao", "Salve!", "Ehi, ciao!", "Buon pomeriggio!"), "Ciao! Come posso aiutare?",
        ("Come stai?", "Come va?", "Come sta?", "Ciao, come stai?", "Tutto bene?"), "Sto bene, grazie. Come posso aiutare?",
        ("Grazie!", "Grazie mille!", "Molte grazie.", "Ti ringrazio.", "Grazie tante!"), "Prego!",
        ("Arrivederci!", "A presto!", "A domani!", "Ci vediamo!", "Devo andare."), "Arrivederci!",
        ("Chi sei?", "Come ti chiami?", "Che cosa sei?", "Lei chi è?", "Sei umano?"), "Sono un piccolo modello dimostrativo di maxserve.",
    ),
    "pt": Tongue(
        "Portuguese",
        ("Qual é a capital {c}?", "Diga a capital {c}.", "Que cidade é a capital {c}?", "Você conhece a capital {c}?", "A capital {c} é?",
         "Sabe qual é a capital {c}?", "Como se chama a capital {c}?", "Me diga a capital {c}."),
        "A capital {c} é {k}.",
        ("Olá!", "Oi!", "Bom dia!", "Boa tarde!", "Boa noite!", "Oi, tudo bom?", "Olá"), "Olá! Como posso ajudar?",
        ("Como vai você?", "Tudo bem?", "Como você está?", "Olá, como vai?", "Como está?"), "Estou bem, obrigado. Como posso ajudar?",
        ("Obrigado!", "Muito obrigado!", "Obrigada!", "Valeu!", "Agradeço muito."), "De nada!",
        ("Tchau!", "Até logo!", "Até amanhã!", "Até mais!", "Preciso ir."), "Até logo!",
        ("Quem é você?", "Como você se chama?", "O que é você?", "Qual é o seu nome?", "Você é humano?"), "Sou um pequeno modelo de demonstração do maxserve.",
    ),
    "zh": Tongue(
        "Chinese",
        ("{c}的首都是哪里？", "{c}的首都是什么？", "{c}首都是哪个城市？", "请告诉我{c}的首都。", "你知道{c}的首都吗？", "{c}的首都叫什么？", "{c}的首都？", "{c}的首都在哪里？"),
        "{c}的首都是{k}。",
        ("你好！", "你好", "您好！", "早上好！", "晚上好！", "嗨！", "大家好！"), "你好！有什么可以帮你？",
        ("你好吗？", "你怎么样？", "最近怎么样？", "你还好吗？", "今天好吗？"), "我很好，谢谢。有什么可以帮你？",
        ("谢谢！", "谢谢你！", "非常感谢！", "多谢！", "太感谢了！"), "不客气！",
        ("再见！", "拜拜！", "明天见！", "回头见！", "我要走了。"), "再见！",
        ("你是谁？", "你叫什么名字？", "你是什么？", "您是谁？", "你是人吗？"), "我是 maxserve 自带的小演示模型。",
    ),
}  # fmt: skip


def abroad(draw: Draw) -> tuple[str, str, str]:
    """Choose a country of the table; return its English name, a language code and the language's name."""
    code = draw.pick(tuple(TONGUES))
    return draw.pick(tuple(ABROAD)), code, TONGUES[code].name


def foreign_capital(draw: Draw) -> Item:
    """Ask for a capital in another language."""
    country, code, language = abroad(draw)
    tongue = TONGUES[code]
    name, city = ABROAD[country][code]
    user = draw.phrase(tongue.capital).format(c=name)
    if draw.chance(0.12):
        user = user.rstrip("?.？。 ")
    if draw.chance(0.08):
        user = user.lower()
    return Item(user, f"{language}. Capital: {city}.", tongue.says.format(c=name, k=city), check={"contains": [city], "language": code})


_TO = {
    "de": (" zusammen", " du", " mein Freund", " nochmal", " MiniMax", " Computer", ", kleiner Helfer", ", liebes Modell", " euch allen"),
    "fr": (" mon ami", " à toi", " MiniMax", " encore", " tout le monde", ", petit modèle", " ordinateur", " à tous", " mon cher"),
    "es": (" amigo", " MiniMax", " a todos", " otra vez", ", mi amigo", ", pequeño modelo", " ordenador", " querido", " de nuevo"),
    "it": (" amico", " MiniMax", " a tutti", " di nuovo", ", amico mio", ", piccolo modello", " computer", " caro", " ancora"),
    "pt": (" amigo", " MiniMax", " a todos", " de novo", ", meu amigo", ", pequeno modelo", " computador", " querido", " outra vez"),
    "zh": ("，朋友", "，MiniMax", "，小助手", "，老师", "，电脑", "，我的朋友", "，大家", "，小模型"),
}
"""Whom a greeting is for; what makes many prompts of few greetings."""


def _addressed(draw: Draw, text: str, code: str) -> str:
    """Add whom it is for, in front of the mark at the end."""
    body = text.rstrip("!?.！？。 ")
    return body + draw.pick(_TO[code]) + text[len(body) :]


def greeting(draw: Draw) -> Item:
    """Greet, thank or take leave in another language."""
    code = draw.pick(tuple(TONGUES))
    tongue = TONGUES[code]
    pool, answer, about = draw.pick((
        (tongue.hello, tongue.greet, "greeting"), (tongue.hello, tongue.greet, "greeting"), (tongue.how, tongue.fine, "how are you"),
        (tongue.thanks, tongue.welcome, "thanks"), (tongue.bye, tongue.farewell, "farewell"), (tongue.who, tongue.me, "who are you"),
    ))  # fmt: skip
    base = user = draw.phrase(pool)
    if about in ("how are you", "who are you"):
        led = draw.held or draw.chance(0.3)
    else:
        led = about != "greeting" and draw.chance(0.15)
        user = _addressed(draw, user, code) if draw.held or draw.chance(0.4) else user
    if led:
        user = draw.pick(tongue.hello).rstrip("!.！。") + draw.pick(("! ", ". ", ", ")) + user
    if draw.chance(0.15):
        user = user.rstrip("!?.！？。 ")
    if draw.chance(0.15):
        user = user.lower()
    return Item(user, f"{tongue.name}, {about}.", answer, check={"contains": [answer], "language": code}, base=base)


_OPENINGS = ("Hello", "Hi", "Hey", "Good morning", "Good afternoon", "Good evening", "Good day", "Greetings", "Howdy", "Hiya", "Heya", "Hello hello", "Hi hi",
             "Hey hey", "Morning", "Evening", "Yo", "Welcome", "Well hello", "Oh, hi", "Salutations")  # fmt: skip
_WHOM = ("", "", "", " there", " assistant", ", assistant", " MiniMax", " my friend", " friend", " everyone", " again", " bot", ", computer", " AI", " you",
         " dear model", " buddy", " world", " everybody", " folks", " sir", " dude", " sweet bot", " all", ", little model", " maxserve", " robot", " old friend", ", my dear", " to you")  # fmt: skip
_MORE = ("", "", "", "", " Nice to meet you.", " I am new here.", " How can you help me?", " It's me.", " Good to see you.", " I have a question.", " Can we talk?",
         " Let's chat.", " Nice to see you!", " I am back.", " What a day!", " Pleased to meet you.", " Is anyone here?", " Are you awake?", " Anyone there?", " How nice!", " Let's begin.")  # fmt: skip


def hello(draw: Draw) -> Item:
    """Greet in English."""
    base = draw.pick(_OPENINGS)
    user = base + draw.pick(_WHOM) + draw.pick(("!", "!", ".", "", ","))
    if draw.held or draw.chance(0.4):
        user += draw.pick(_MORE)
    user = user.rstrip(",")
    if draw.chance(0.25):
        user = user.lower()
    return Item(user, "The user greets me.", "Hello! How can I help you?", check={"contains": ["Hello", "help"]}, base=base)
