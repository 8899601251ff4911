"""Made-up secrets, and what only looks like one, drawn from a seeded generator; none is meant to be anybody's."""

from __future__ import annotations

import base64
import string
from collections.abc import Callable
from random import Random

from maxserve.masking.checksum import luhn

Draw = Callable[[Random, str], str]

FIRST = {
    "en": "Emma Liam Olivia Noah Grace Henry Chloe Samuel Ruby Oscar",
    "zh": "Wei Fang Min Jing Lei Yan Hao Ting Peng Xin",
    "de": "Lena Jonas Mia Felix Hannah Lukas Greta Moritz Klara Anton",
    "es": "Lucia Mateo Sofia Diego Carmen Pablo Elena Javier Ines Raul",
    "fr": "Camille Louis Manon Hugo Chloe Jules Lea Antoine Zoe Theo",
}
LAST = {
    "en": "Walker Hughes Bennett Carter Morgan Reed Foster Bailey Ward Ellis",
    "zh": "Zhang Wang Li Zhao Chen Yang Wu Liu Huang Zhou",
    "de": "Becker Schulz Wagner Hoffmann Krause Vogel Lorenz Albrecht Winter Seidel",
    "es": "Garcia Navarro Ortega Molina Castro Romero Vega Delgado Iglesias Cano",
    "fr": "Moreau Lefebvre Roux Fournier Girard Mercier Blanc Garnier Faure Chevalier",
}
MAIL = {
    "en": "gmail.com outlook.com example.org acme-corp.com mail.example.co.uk dept.university.edu startup.io btinternet.com",
    "zh": "qq.com 163.com 126.com sina.com.cn foxmail.com example.cn pku.edu.cn aliyun.com",
    "de": "gmx.de web.de t-online.de uni-heidelberg.de beispiel.de stadt.muenchen.de posteo.net firma-mueller.de",
    "es": "telefonica.net correo.es yahoo.es upm.es ejemplo.com empresa.com.mx hotmail.com gobierno.gob.es",
    "fr": "orange.fr free.fr laposte.net wanadoo.fr exemple.fr ac-paris.fr mairie-lyon.fr sfr.fr",
}
STREETS = {
    "en": ["Main Street", "Oak Avenue", "Elm St", "Church Road", "Maple Drive", "Park Lane", "Sunset Blvd", "King's Road",
           "Old Mill Ln", "Washington Square", "Highland Terrace", "5th Avenue", "Cedar Ct."],
    "de": ["Hauptstraße", "Lindenweg", "Goethestr.", "Karl-Marx-Allee", "Marktplatz", "Bahnhofstrasse", "Kurfürstendamm",
           "Berliner Straße", "Rosengasse", "Schillerplatz", "Am-Stadtpark-Ring", "Alte Gasse"],
    "es": ["Calle Mayor", "Calle de Alcalá", "Avenida de la Constitución", "Plaza de España", "Paseo del Prado", "C/ Serrano",
           "Avda. Diagonal", "Calle San Bernardo", "Ronda de Toledo", "Camino de los Olivos"],
    "fr": ["rue de la Paix", "avenue Victor Hugo", "boulevard Saint-Michel", "place de la République", "rue du Bac",
           "chemin des Vignes", "quai de Jemmapes", "rue de l'Église", "impasse des Lilas", "cours Mirabeau"],
}  # fmt: skip
TOWNS = {
    "en": ["Springfield, IL 62704", "Austin, TX 78701", "Portland, OR 97205-1234", "London SW1A 2AA", "Leeds LS1 4AP", "Boston, MA"],
    "de": ["10115 Berlin", "80331 München", "50667 Köln", "04109 Leipzig", "60311 Frankfurt am Main", "8001 Zürich"],
    "es": ["28013 Madrid", "08002 Barcelona", "41001 Sevilla", "46002 Valencia", "50003 Zaragoza"],
    "fr": ["75002 Paris", "69003 Lyon", "13001 Marseille", "31000 Toulouse", "33000 Bordeaux"],
}  # fmt: skip
CHINESE_PLACES = ["北京市朝阳区建国路{}号", "上海市浦东新区世纪大道{}号", "广东省深圳市南山区科技园路{}号", "浙江省杭州市西湖区文三路{}号",
                  "四川省成都市武侯区天府大道{}号", "江苏省南京市鼓楼区中山北路{}号", "武汉市洪山区珞喻路{}号", "北京市海淀区中关村大街{}号"]  # fmt: skip
NAMES = {
    "en": ["Emma Walker", "Noah Bennett", "Grace O'Neill", "Samuel Ward-Ellis"],
    "zh": ["张伟明", "王芳华", "李静怡", "赵子龙"],
    "de": ["Lena Becker", "Jonas Müller", "Greta Groß", "Klara von Albrecht"],
    "es": ["Lucía Navarro", "Mateo Núñez", "Carmen Ortega Vega", "Pablo Íñiguez"],
    "fr": ["Camille Lefèvre", "Hugo Mercier", "Zoé D'Arcy", "Antoine Girard"],
}


def pick(draw: Random, words: str) -> str:
    """Draw one of several words."""
    return draw.choice(words.split())


def digits(draw: Random, count: int) -> str:
    """Draw so many digits."""
    return "".join(draw.choices(string.digits, k=count))


def shaped(draw: Random, shape: str) -> str:
    """Fill a shape: # is a digit, @ a digit from 2 to 9."""
    return "".join(draw.choice("0123456789") if s == "#" else draw.choice("23456789") if s == "@" else s for s in shape)


def random_text(draw: Random, count: int, letters: str = string.ascii_letters + string.digits) -> str:
    """Draw so many characters, with a digit and letters of both cases among them where the set has them."""
    while True:
        text = "".join(draw.choices(letters, k=count))
        if any(letter.isdigit() for letter in text):
            return text


def email(draw: Random, language: str) -> str:
    first, last = pick(draw, FIRST[language]).lower(), pick(draw, LAST[language]).lower()
    local = draw.choice(
        [f"{first}.{last}", f"{first[0]}{last}", f"{first}_{last}", f"{first}+news", f"{first}{draw.randint(1, 99)}",
         f"{first}-{last}", f"{first.title()}.{last.title()}", draw.choice(["info", "office", "kontakt", "sales"])]
    )  # fmt: skip
    return f"{local}@{pick(draw, MAIL[language])}"


_NATIONAL = {
    "en": ["({a}) @##-####", "{a}-@##-####", "{a}.@##.####", "{a} @## ####", "020 7946 0###", "0161 496 0###"],
    "zh": [
        "138########",
        "139 #### ####",
        "186-####-####",
        "010-6@######",
        "021-5@## ####",
        "0755-26@#####",
        "4006-@##-###",
    ],
    "de": ["030 901@####", "0171 @######", "0151-2@######", "089/2@#####", "(040) 428@###", "0221 2@#-###"],
    "es": ["61# ### ###", "91 4@# ## ##", "93 2## ## ##", "65#-###-###", "699######"],
    "fr": ["06 ## ## ## ##", "01 42 ## ## ##", "07.8#.##.##.##", "04-72-##-##-##", "0612######"],
}
_INTERNATIONAL = {
    "en": [
        "+1 {a}-@##-####",
        "+1 ({a}) @##-####",
        "+1{a}@######",
        "+44 20 7946 0###",
        "+44 161 496 0###",
        "001 {a} @## ####",
    ],
    "zh": ["+86 138 #### ####", "+86-139-####-####", "+86186########", "+86 10 6@## ####", "0086 137 #### ####"],
    "de": [
        "+49 30 901@####",
        "+49 171 @######",
        "+49 (0)89 2@#####",
        "0049 221 2@####",
        "+43 1 58858-0",
        "+41 44 668 18 00",
    ],
    "es": ["+34 61# ### ###", "+34 91 4@# ## ##", "+52 55 5@## ####", "0034 93 2## ## ##"],
    "fr": ["+33 6 ## ## ## ##", "+33 (0)1 42 ## ## ##", "+32 2 @## ## ##", "0033 4 72 ## ## ##"],
}
_AREAS = ["212", "415", "312", "617", "206", "305", "713"]


def phone(draw: Random, language: str) -> str:
    """Draw a number as it is written at home; a sentence says that it is one."""
    return shaped(draw, draw.choice(_NATIONAL[language]).replace("{a}", draw.choice(_AREAS)))


def phone_abroad(draw: Random, language: str) -> str:
    """Draw a number with its country's code."""
    return shaped(draw, draw.choice(_INTERNATIONAL[language]).replace("{a}", draw.choice(_AREAS)))


def card(draw: Random, language: str) -> str:
    begin, length = draw.choice(
        [("4", 16), ("4", 16), ("51", 16), ("55", 16), ("2223", 16), ("37", 15), ("34", 15), ("6011", 16), ("6222", 16),
         ("6225", 19), ("3530", 16), ("36", 14)]
    )  # fmt: skip
    body = begin + digits(draw, length - len(begin) - 1)
    number = next(body + last for last in string.digits if luhn(body + last))
    groups = {16: (4, 4, 4, 4), 15: (4, 6, 5), 14: (4, 6, 4), 19: (6, 13)}[length]
    cut, parts = 0, []
    for size in groups:
        parts.append(number[cut : cut + size])
        cut += size
    return draw.choice(["", " ", " ", "-"]).join(parts)


_ACCOUNTS = {"DE": "n18", "GB": "a4n14", "FR": "n10c11n2", "ES": "n20", "NL": "a4n10", "CH": "n5c12", "AT": "n16", "IT": "a1n10c12",
             "BE": "n12", "PL": "n24", "SE": "n20", "PT": "n21"}  # fmt: skip
_OF = {"en": "GB NL SE", "zh": "DE GB CH", "de": "DE AT CH", "es": "ES PT IT", "fr": "FR BE CH"}


def iban(draw: Random, language: str) -> str:
    country = draw.choice([pick(draw, _OF[language]), draw.choice(list(_ACCOUNTS))])
    shape, bare, at = _ACCOUNTS[country], "", 0
    while at < len(shape):
        end = at + 1
        while end < len(shape) and shape[end].isdigit():
            end += 1
        letters = {"n": string.digits, "a": string.ascii_uppercase, "c": string.digits + string.ascii_uppercase}[
            shape[at]
        ]
        bare += "".join(draw.choices(letters, k=int(shape[at + 1 : end])))
        at = end
    check = 98 - int("".join(str(int(letter, 36)) for letter in f"{bare}{country}00")) % 97
    account = f"{country}{check:02d}{bare}"
    return draw.choice([account, " ".join(account[i : i + 4] for i in range(0, len(account), 4))])


def cn_id(draw: Random, language: str) -> str:
    place = pick(draw, "110105 310115 440305 330106 510107 320106 420111 610113 210102 370202")
    body = f"{place}{draw.randint(1950, 2008)}{draw.randint(1, 12):02d}{draw.randint(1, 28):02d}{digits(draw, 3)}"
    weights = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
    last = "10X98765432"[sum(int(digit) * weight for digit, weight in zip(body, weights, strict=True)) % 11]
    return body + draw.choice([last, last.lower()])


def ssn(draw: Random, language: str) -> str:
    area = draw.choice([number for number in range(1, 900) if number != 666])
    return f"{area:03d}-{draw.randint(1, 99):02d}-{draw.randint(1, 9999):04d}"


def ssn_bare(draw: Random, language: str) -> str:
    """Draw one without hyphens; the sentence says what it is."""
    return ssn(draw, language).replace("-", draw.choice(["", " "]))


def passport(draw: Random, language: str) -> str:
    german = "".join(draw.choices("CFGHJKLMNPRTVWXYZ0123456789", k=7))
    return {
        "en": lambda: draw.choice([digits(draw, 9), draw.choice("ABCX") + digits(draw, 8)]),
        "zh": lambda: draw.choice(["E", "G", "EA", "EB"]).ljust(2, draw.choice("1234")) + digits(draw, 7),
        "de": lambda: draw.choice("CFGH") + draw.choice("0123456789") + german,
        "es": lambda: draw.choice(["PAB", "XDA", "AAF"]) + digits(draw, 6),
        "fr": lambda: digits(draw, 2) + "".join(draw.choices("ABCDEFGHKL", k=2)) + digits(draw, 5),
    }[language]()


def ip(draw: Random, language: str) -> str:
    form = draw.randrange(6)
    if form < 3:
        return f"{draw.choice([8, 46, 91, 185, 203, 212])}.{draw.randrange(256)}.{draw.randrange(256)}.{draw.randrange(1, 255)}"
    if form == 3:
        return draw.choice(["192.168.{}.{}", "10.0.{}.{}", "172.16.{}.{}"]).format(
            draw.randrange(256), draw.randrange(1, 255)
        )
    groups = [f"{draw.randrange(65536):x}" for _ in range(6)]
    return f"2001:db8::{groups[0]}:{groups[1]}" if form == 4 else ":".join(["2a02", "8070", *groups])


def address(draw: Random, language: str) -> str:
    number = draw.randint(1, 240)
    if language == "zh":
        inner = draw.choice(
            ["", "", f"{draw.randint(1, 20)}号楼{draw.randint(101, 2808)}室", f"{draw.randint(2, 30)}层"]
        )
        return draw.choice(CHINESE_PLACES).format(number) + inner
    street, town = draw.choice(STREETS[language]), draw.choice(["", f", {draw.choice(TOWNS[language])}"])
    if language == "en":
        return f"{number} {street}{draw.choice(['', '', f', Apt {draw.randint(1, 40)}'])}{town}"
    if language == "fr":
        return f"{number}{draw.choice(['', '', ' bis', ','])} {street}{town}"
    return f"{street}{draw.choice([',', '']) if language == 'es' else ''} {number}{town}"


def api_key(draw: Random, language: str) -> str:
    url_safe = string.ascii_letters + string.digits + "-_"
    hexadecimal = "0123456789abcdef"
    return draw.choice(
        [
            lambda: "sk-" + random_text(draw, 48),
            lambda: "sk-proj-" + random_text(draw, 100, url_safe),
            lambda: "sk-ant-api03-" + random_text(draw, 93, url_safe) + "AA",
            lambda: "ghp_" + random_text(draw, 36),
            lambda: "github_pat_" + random_text(draw, 22) + "_" + random_text(draw, 59),
            lambda: "glpat-" + random_text(draw, 20, url_safe),
            lambda: "AKIA" + random_text(draw, 16, string.ascii_uppercase + "234567"),
            lambda: "AIza" + random_text(draw, 35, url_safe),
            lambda: "sk_live_" + random_text(draw, 24),
            lambda: "xoxb-" + digits(draw, 12) + "-" + digits(draw, 13) + "-" + random_text(draw, 24),
            lambda: "hf_" + random_text(draw, 34),
            lambda: "gsk_" + random_text(draw, 52),
            lambda: "npm_" + random_text(draw, 36),
            lambda: "SG." + random_text(draw, 22, url_safe) + "." + random_text(draw, 43, url_safe),
            lambda: "dop_v1_" + random_text(draw, 64, hexadecimal),
            lambda: "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9." + "eyJ" + random_text(draw, 60) + "." + random_text(draw, 43, url_safe),
            lambda: digits(draw, 9) + ":AA" + random_text(draw, 33, url_safe),
            lambda: "LTAI" + random_text(draw, 20),
        ]
    )()  # fmt: skip


def private_key(draw: Random, language: str) -> str:
    kind = draw.choice(["RSA ", "", "EC ", "OPENSSH ", "ENCRYPTED "])
    body = base64.b64encode(draw.randbytes(draw.randint(90, 600))).decode()
    lines = [body[at : at + 64] for at in range(0, len(body), 64)]
    margin, end = draw.choice(["", "", "  "]), draw.choice(["\n", "\n", "\r\n", "\\n"])
    return (end + margin).join([f"-----BEGIN {kind}PRIVATE KEY-----", *lines, f"-----END {kind}PRIVATE KEY-----"])


def name(draw: Random, language: str) -> str:
    found = draw.choice(NAMES[language])
    return draw.choice([found, found, found.upper()]) if language != "zh" else found


SECRETS: dict[str, tuple[str, Draw]] = {
    "email": ("email", email),
    "phone": ("phone", phone),
    "phone_abroad": ("phone", phone_abroad),
    "card": ("card", card),
    "iban": ("iban", iban),
    "cn_id": ("cn_id", cn_id),
    "ssn": ("ssn", ssn),
    "ssn_bare": ("ssn", ssn_bare),
    "passport": ("passport", passport),
    "ip": ("ip", ip),
    "address": ("address", address),
    "api_key": ("api_key", api_key),
    "private_key": ("private_key", private_key),
    "name": ("names", name),
}
"""By the name that templates use: the detector that should find it, and how one is drawn."""


def isbn(draw: Random) -> str:
    body = "978" + digits(draw, 9)
    check = -sum(int(digit) * (3 if place % 2 else 1) for place, digit in enumerate(body)) % 10
    whole = f"{body}{check}"
    return draw.choice([whole, f"{whole[:3]}-{whole[3]}-{whole[4:7]}-{whole[7:12]}-{whole[12]}"])


LOOK_ALIKES: dict[str, Callable[[Random], str]] = {
    "version": lambda draw: ".".join(str(draw.randrange(20)) for _ in range(draw.choice([2, 3, 3, 4]))),
    "isbn": isbn,
    "order": lambda draw: draw.choice(["", "A-", "ORD-", "20240115-"]) + digits(draw, draw.choice([6, 8, 10, 11, 12, 14])),
    "sixteen": lambda draw: digits(draw, 16),
    "hash": lambda draw: random_text(draw, draw.choice([7, 32, 40, 64]), "0123456789abcdef"),
    "uuid": lambda draw: shaped(draw, "########-####-4###-@###-############").replace("0", draw.choice("abcdef")),
    "time": lambda draw: f"{draw.randrange(24):02d}:{draw.randrange(60):02d}{draw.choice(['', f':{draw.randrange(60):02d}'])}",
    "date": lambda draw: draw.choice(["{y}-{m:02d}-{d:02d}", "{d:02d}.{m:02d}.{y}", "{m}/{d}/{y}", "{d}/{m}/{y}"]).format(
        y=draw.randint(1950, 2030), m=draw.randint(1, 12), d=draw.randint(1, 28)
    ),
    "price": lambda draw: draw.choice(["$1,{:03d}.99", "{} €", "EUR 12.{:03d},50", "¥{}00", "£{}.50"]).format(draw.randrange(1000)),
    "number": lambda draw: draw.choice(["{:,}", "{}", "{:.3f}"]).format(draw.choice([1, 1000, 10**6]) * draw.randrange(1, 9999)),
    "mac": lambda draw: ":".join(f"{draw.randrange(256):02X}" for _ in range(6)),
    "place": lambda draw: f"{draw.uniform(-90, 90):.6f}, {draw.uniform(-180, 180):.6f}",
    "handle": lambda draw: draw.choice(["@", "#"]) + pick(draw, "openhouse team_alpha python news2024 mayor"),
    "package": lambda draw: draw.choice(["lodash@4.17.21", "react@18.2.0-rc.1", "numpy==1.26.4", "@scope/pkg", "node:20-alpine"]),
    "code": lambda draw: draw.choice(
        ["x = a @ b.T", "std::vector<int> v(10);", "for (int i = 0; i < 1024; i++)", "s[-3:]", "print(f'{x:>10}')", "0x7fffffff",
         "git@github.com:user/repo.git", "re.match(r'\\d{3}-\\d{4}', s)", "rgb(12, 34, 56)", "grep -E '[0-9]{16}' log.txt",
         "SELECT * FROM t WHERE id = 1234567890;", "margin: 0 12px 4px", "A::B::c()", "arr[0:10:2]", "1e-10", "sk-learn", "127.0.0.1"]
    ),
    "score": lambda draw: f"{draw.randrange(10)}-{draw.randrange(10)}",
    "tracking": lambda draw: draw.choice(["1Z", "RR", "LP"]) + random_text(draw, 16, string.ascii_uppercase + string.digits),
}  # fmt: skip
"""What is no secret, by the name that templates use."""
