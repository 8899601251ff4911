"""A labelled corpus for masking: sentences in five languages, with secrets, with look-alikes, or with both.

Templates are written by hand, values are drawn from a seed (`masking_values`): the same seed gives the same corpus. It
was written by the people who wrote the detectors: it shows what they meant to find, and what they promise not to take.
"""

from __future__ import annotations

import re
from random import Random
from typing import NamedTuple

from .masking_values import LOOK_ALIKES, NAMES, SECRETS

LANGUAGES = ("en", "zh", "de", "es", "fr")


class Sentence(NamedTuple):
    """A text and its secrets: start, end and the name of the detector that should find each."""

    text: str
    language: str
    secrets: list[tuple[int, int, str]]


# Where nothing around a secret says what it is.
_NEUTRAL = {
    "en": ["Please note {}.", "It says {} on the first page.", "{} is what you asked for.", "Sure! Here it is: {}", "Use {} instead, thanks.",
           "I found \"{}\" in the log.", "- {}\n- something else", "We moved this to {}, as agreed.", "({})", "He typed {}; nothing happened."],
    "zh": ["请记录{}。", "第一页写着{}。", "您要的是{}，谢谢。", "好的，这是：{}", "请改用{}。", "日志里有“{}”。", "- {}\n- 其他", "我们已经改为{}，如约定。",
           "（{}）", "他输入了{}，没有反应。"],
    "de": ["Bitte notieren Sie {}.", "Auf der ersten Seite steht {}.", "{} ist das, was Sie wollten.", "Gern! Hier: {}", "Nehmen Sie stattdessen {}, danke.",
           "Im Protokoll stand „{}“.", "- {}\n- etwas anderes", "Wir haben das auf {} geändert.", "({})", "Er tippte {}; nichts geschah."],
    "es": ["Por favor anote {}.", "En la primera página pone {}.", "{} es lo que pidió.", "¡Claro! Aquí está: {}", "Use {} en su lugar, gracias.",
           "Encontré «{}» en el registro.", "- {}\n- otra cosa", "Lo cambiamos a {}, como acordamos.", "({})", "Escribió {}; no pasó nada."],
    "fr": ["Veuillez noter {}.", "La première page indique {}.", "{} est ce que vous vouliez.", "Bien sûr ! Voici : {}", "Prenez {} à la place, merci.",
           "J'ai trouvé « {} » dans le journal.", "- {}\n- autre chose", "Nous l'avons changé en {}, comme convenu.", "({})", "Il a tapé {} ; rien."],
}  # fmt: skip

# Where the sentence says what follows: the only place for what cannot be told from any other number.
_SPOKEN = {
    "phone": {
        "en": ["Call me at {}.", "My phone number is {}.", "You can reach us on {} after six.", "Tel: {}", "Mobile {}, any time", "Text me: {}"],
        "zh": ["请拨打{}。", "我的手机号是{}。", "联系电话：{}", "电话{}，找小王。", "有事请致电{}", "他的手机{}打不通。"],
        "de": ["Rufen Sie mich unter {} an.", "Meine Telefonnummer ist {}.", "Tel.: {}", "Handy {}, jederzeit", "Sie erreichen uns unter {}.", "Mobil: {}"],
        "es": ["Llámame al {}.", "Mi número de teléfono es {}.", "Tel.: {}", "Móvil {}, a cualquier hora", "Puede llamar al {} por la tarde.", "Teléfono: {}"],
        "fr": ["Appelez-moi au {}.", "Mon numéro de téléphone est le {}.", "Tél. : {}", "Portable {}, à toute heure", "Vous pouvez nous joindre au {}.", "Téléphone : {}"],
    },
    "passport": {
        "en": ["My passport number is {}.", "Passport No. {}", "passport {} was issued in May", "Travelling on passport: {}", "US passport {}, valid"],
        "zh": ["护照号码：{}", "我的护照号是{}。", "护照{}已过期。", "请出示护照，号码{}", "护照编号为{}。"],
        "de": ["Meine Reisepassnummer ist {}.", "Reisepass-Nr. {}", "Reisepass: {}", "Passnummer {}, gültig bis Mai", "Der Reisepass {} ist abgelaufen."],
        "es": ["Mi número de pasaporte es {}.", "Pasaporte n.º {}", "Pasaporte: {}", "el pasaporte {} está caducado", "Viaja con pasaporte {}."],
        "fr": ["Mon numéro de passeport est {}.", "Passeport n° {}", "Passeport : {}", "le passeport {} est périmé", "Il voyage avec le passeport {}."],
    },
    "ssn_bare": {
        "en": ["My social security number is {}.", "SSN: {}", "Her SSN is {}, she said."],
        "zh": ["他的SSN是{}。", "美国社会安全号码：{}", "SSN：{}"],
        "de": ["Seine SSN lautet {}.", "US-Sozialversicherungsnummer: {}", "SSN {}"],
        "es": ["Su SSN es {}.", "Número de seguro social: {}", "SSN: {}"],
        "fr": ["Son SSN est {}.", "Numéro de sécurité sociale américain : {}", "SSN : {}"],
    },
    "email": {
        "en": ["Write to {}, please.", "E-mail: {}", "mailto:{}"],
        "zh": ["邮箱：{}", "请发邮件到{}。", "我的邮箱是{}，随时联系"],
        "de": ["Schreiben Sie an {}.", "E-Mail: {}", "Mail an {}!"],
        "es": ["Escriba a {}.", "Correo: {}", "Mande un correo a {}, por favor."],
        "fr": ["Écrivez à {}.", "Courriel : {}", "Envoyez-le à {}, merci."],
    },
    "address": {
        "en": ["She lives at {}.", "Ship it to {}", "Our office: {}."],
        "zh": ["我住在{}。", "收货地址：{}", "公司地址是{}。"],
        "de": ["Sie wohnt in der {}.", "Lieferadresse: {}", "Unser Büro: {}."],
        "es": ["Vive en {}.", "Dirección: {}", "Nuestra oficina está en {}."],
        "fr": ["Elle habite {}.", "Adresse : {}", "Notre bureau est au {}."],
    },
    "api_key": {
        "en": ["Set API_KEY={} and run.", "export TOKEN=\"{}\"", "curl -H 'Authorization: Bearer {}'"],
        "zh": ["密钥是{}，请保密。", "API_KEY={}", "请使用令牌{}。"],
        "de": ["Der Schlüssel lautet {}.", "API_KEY={}", "token: '{}'"],
        "es": ["La clave es {}.", "API_KEY={}", "token = \"{}\""],
        "fr": ["La clé est {}.", "API_KEY={}", "jeton : '{}'"],
    },
    "name": {
        "en": ["I met {} yesterday.", "{}'s car is red.", "Dear {},\nthank you."],
        "zh": ["我昨天见了{}。", "{}的车是红色的。", "尊敬的{}：您好"],
        "de": ["Gestern traf ich {}.", "Liebe Grüße von {}!", "Herr {} kommt."],
        "es": ["Ayer vi a {}.", "Estimada {}:", "El coche de {} es rojo."],
        "fr": ["J'ai vu {} hier.", "Chère {},", "La voiture de {} est rouge."],
    },
}  # fmt: skip

_PLAIN = {
    "en": ["Version {version} of the app came out on {date}.", "The book has ISBN {isbn}.", "Your order {order} ships at {time}.", "Commit {hash} broke the build.",
           "The id is {uuid}, created {date} {time}.", "It costs {price} instead of {price}.", "In total {number} people took part.", "Device {mac} is at {place}.",
           "Follow {handle} for news.", "Run `pip install {package}` first.", "Then write {code} and test it.", "They won {score} on {date}.",
           "Parcel {tracking} is on its way.", "Reference {sixteen} was not found.", "Chapter 12, page 345, lines 7 to 19.", "Top 10 lists of 2024: 3 of 5 stars.",
           "Upgrade from {version} to {version} before {time}.", "def f(x): return {code}", "Invoice number {order}, due {date}, {price}.", "Room 204, 3rd floor, at {time}."],
    "zh": ["应用的{version}版于{date}发布。", "这本书的ISBN是{isbn}。", "您的订单{order}将在{time}发货。", "提交{hash}导致构建失败。", "编号为{uuid}，创建于{date}。",
           "价格是{price}，原价{price}。", "总共有{number}人参加。", "设备{mac}位于{place}。", "关注{handle}获取新闻。", "先运行pip install {package}。", "然后写{code}并测试。",
           "他们以{score}获胜。", "包裹{tracking}正在路上。", "参考号{sixteen}未找到。", "第12章第345页。", "2024年排名前10，共3颗星。", "北京和上海之间有1300公里。", "这条路长88公里，第5号公路。"],
    "de": ["Version {version} erschien am {date}.", "Das Buch hat die ISBN {isbn}.", "Ihre Bestellung {order} geht um {time} raus.", "Commit {hash} ist defekt.",
           "Die Kennung ist {uuid}, vom {date}.", "Es kostet {price} statt {price}.", "Insgesamt {number} Teilnehmer.", "Gerät {mac} steht bei {place}.", "Folgt {handle}!",
           "Zuerst `pip install {package}`.", "Dann {code} schreiben und testen.", "Sie gewannen {score} am {date}.", "Das Paket {tracking} ist unterwegs.",
           "Die Referenz {sixteen} fehlt.", "Kapitel 12, Seite 345.", "Rechnung Nr. {order} vom {date}.", "Der Weg ist 12 Kilometer lang, die Straße 30 Meter breit.", "Platz 3 von 10 in 2024."],
    "es": ["La versión {version} salió el {date}.", "El libro tiene el ISBN {isbn}.", "Su pedido {order} sale a las {time}.", "El commit {hash} falla.",
           "El identificador es {uuid}, de {date}.", "Cuesta {price} en vez de {price}.", "En total {number} personas.", "El aparato {mac} está en {place}.", "Siga a {handle}.",
           "Primero `pip install {package}`.", "Luego escriba {code}.", "Ganaron {score} el {date}.", "El paquete {tracking} está en camino.", "La referencia {sixteen} no existe.",
           "Capítulo 12, página 345.", "Factura n.º {order} del {date}.", "La calle mide 300 metros y la plaza 40.", "Los 10 mejores de 2024."],
    "fr": ["La version {version} est sortie le {date}.", "Le livre a l'ISBN {isbn}.", "Votre commande {order} part à {time}.", "Le commit {hash} échoue.",
           "L'identifiant est {uuid}, du {date}.", "Cela coûte {price} au lieu de {price}.", "En tout {number} personnes.", "L'appareil {mac} est à {place}.", "Suivez {handle}.",
           "D'abord `pip install {package}`.", "Puis écrivez {code}.", "Ils ont gagné {score} le {date}.", "Le colis {tracking} est en route.", "La référence {sixteen} est inconnue.",
           "Chapitre 12, page 345.", "Facture n° {order} du {date}.", "La rue fait 300 mètres, la place 40.", "Les 10 meilleurs de 2024."],
}  # fmt: skip

_MIXED = {
    "en": ["Order {order}: ship to {address}, contact {email} or call {phone}.", "At {time} {ip} logged in as {email} ({uuid}).", "{name} paid {price} with {card} on {date}."],
    "zh": ["订单{order}：收货地址{address}，邮箱{email}，电话{phone}。", "{time} {ip} 登录为{email}。", "{name}于{date}用{card}支付了{price}，身份证{cn_id}。"],
    "de": ["Bestellung {order}: an {address}, Mail {email}, Tel. {phone}.", "Um {time} kam {ip} als {email} ({uuid}).", "{name} zahlte {price} von {iban} am {date}."],
    "es": ["Pedido {order}: enviar a {address}, correo {email}, tel. {phone}.", "A las {time} entró {ip} como {email}.", "{name} pagó {price} desde {iban} el {date}."],
    "fr": ["Commande {order} : envoyer au {address}, courriel {email}, tél. {phone}.", "À {time}, {ip} est entré comme {email}.", "{name} a payé {price} depuis {iban} le {date}."],
}  # fmt: skip

_ALONE = ("email", "phone_abroad", "card", "iban", "cn_id", "ssn", "ip", "address", "api_key", "private_key", "name")
_FIELD = re.compile(r"\{(\w+)\}")


def listed_names() -> list[str]:
    """Return the names that the corpus takes as the user's own list."""
    return [name for names in NAMES.values() for name in names]


def corpus(seed: int = 1) -> list[Sentence]:
    """Return the corpus of this seed, in a fixed order."""
    draw = Random(seed)
    found: list[Sentence] = []
    for language in LANGUAGES:
        for kind in _ALONE:
            forms = [*_NEUTRAL[language], *_SPOKEN.get(kind, {}).get(language, ())]
            found += [_filled(draw, language, form.replace("{}", f"{{{kind}}}")) for form in forms for _ in range(2)]
        for kind, times in (("phone", 6), ("passport", 5), ("ssn_bare", 5)):
            for form in _SPOKEN[kind][language]:
                found += [_filled(draw, language, form.replace("{}", f"{{{kind}}}")) for _ in range(times)]
        found += [_filled(draw, language, form) for form in _PLAIN[language] for _ in range(8)]
        found += [_filled(draw, language, form) for form in _MIXED[language] for _ in range(10)]
    return found


def _filled(draw: Random, language: str, form: str) -> Sentence:
    text, at = "", 0
    secrets: list[tuple[int, int, str]] = []
    for field in _FIELD.finditer(form):
        text += form[at : field.start()]
        at = field.end()
        if field[1] in SECRETS:
            detector, value = SECRETS[field[1]]
            drawn = value(draw, language)
            secrets.append((len(text), len(text) + len(drawn), detector))
        elif field[1] in LOOK_ALIKES:
            drawn = LOOK_ALIKES[field[1]](draw)
        else:
            drawn = field[0]
        text += drawn
    return Sentence(text + form[at:], language, secrets)
