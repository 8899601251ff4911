"""Sentences as they are met in the field, written out by hand after the detectors: no detector was changed for them.

A secret stands in double brackets with the name of its detector: `[[email|a@b.com]]`. All are made up, or come from the
documentation of whoever gives out such numbers.
"""

from __future__ import annotations

import re

from .masking_corpus import Sentence

_WRITTEN = {
    "en": """
Hi team, ping me at [[email|j.r.tolk@lists.cam.ac.uk]] or swing by desk 4-217 before 5pm.
Forwarded from [[email|no-reply@notify.cloudvendor.dev]]: your invoice INV-2024-00913 for $129.00 is ready.
My cell is [[phone|(503) 555-0182]], work is [[phone|503-555-0114]] ext 22.
Ring the front desk: [[phone|+44 (0)20 7946 0958]].
If you're in the US dial [[phone|1-800-275-2273]], otherwise [[phone|+353 1 890 0001]].
The patient can be reached on [[phone|07700 900461]].
Visa [[card|4242 4242 4242 4242]], exp 04/29, cvc 123.
Charge it to [[card|5105105105105100]] please
amex ending 0005 ([[card|3782 822463 10005]]) was declined twice
Wire the deposit to [[iban|GB33 BUKB 2020 1555 5555 55]], ref 88123.
account [[iban|NL91ABNA0417164300]] closed on 2023-11-02
Her social is [[ssn|219-09-9999]] and her DOB 03/14/1985.
SSN [[ssn|078051120]] is the one from the wallet.
Passport: [[passport|340020013]] (exp. 2031)
failed login for root from [[ip|45.155.204.31]] port 52144 ssh2
ping6 [[ip|fe80::1ff:fe23:4567:890a]] works, 10.0 does not
nameserver [[ip|192.0.2.53]]
We live at [[address|742 Evergreen Terrace, Springfield, OR 97477]] now.
Deliver to [[address|221B Baker Street, London NW1 6XE]], second door.
The office at [[address|1600 Amphitheatre Parkway, Mountain View, CA 94043]] has moved.
export OPENAI_API_KEY=[[api_key|sk-proj-T3BlbkFJx9QwErTyUiOpAsDfGhJkLzXcVbNm1234567890]]
aws configure set aws_access_key_id [[api_key|AKIAIOSFODNN7EXAMPLE]]
git clone https://[[api_key|ghp_16C7e42F292c6912E7710c838347Ae178B4a]]@github.com/acme/site.git
stripe.api_key = "[[api_key|sk_test_4eC39HqLyjWDarjtT1zdp7dc]]"
The scope of section 2.3.4.1 covers items 10.2 through 10.9.
Model A-1234-5678 weighs 4.5 kg and costs 1,299.00 before tax.
At 10:15:32.118 thread 0x7f3a2c1b got 4096 bytes.
See RFC 2822, ISO 8601 and PEP 484 for the details.
pi is 3.14159265358979, e is 2.71828182845904, c is 299792458 m/s
UPC 036000291452, EAN-13 4006381333931, ISBN-10 0-306-40615-2
commit 4f2a9c1d7b3e8f6a5c0d9e8b7a6f5e4d3c2b1a09 (tag: v2.14.0)
SELECT id FROM users WHERE created > '2024-05-01 00:00:00' LIMIT 1000
Flight BA2490 departs gate 23 at 06:45, seat 14C.
Call me Ishmael. Some 12345678 years ago it was cold.
The phone has 128 GB, a 6.1 inch screen and 48 megapixels.
Street parking: 2 hours. Main Street is closed from 9 to 5.
""",
    "zh": """
有问题请发邮件到[[email|support@chuangxin-tech.com.cn]]，我们会在2个工作日内回复。
我的QQ邮箱[[email|1029384756@qq.com]]不常用。
快递员电话[[phone|15912345678]]，取件码8-2-3071。
客服热线：[[phone|400-820-8820]]，周一至周五9:00-18:00。
座机[[phone|(0571)8765 4321]]转801。
请加我微信，手机号同号：[[phone|186 0000 1234]]
海外请拨[[phone|+86 10 8888 6666]]。
信用卡号[[card|6228 4800 1234 5678 010]]被盗刷了。
卡号[[card|4539578763621486]]，有效期12/26。
汇款到[[iban|DE75512108001245126199]]即可。
身份证：[[cn_id|440308199901100034]]，姓名保密。
我的身份证号码是[[cn_id|110101199003077395]]。
护照号[[passport|EF4567890]]，签发日期2021年3月5日。
服务器[[ip|47.96.123.45]]从3月起无法访问。
收件地址：[[address|浙江省杭州市余杭区文一西路969号]]，阿里巴巴西溪园区。
公司位于[[address|上海市徐汇区漕溪北路331号18楼]]。
DeepSeek密钥[[api_key|sk-9f86d081884c7d659a2feaa0c55ad015]]已泄露，请尽快更换。
第3章第12节，共计128页，定价￥59.80。
订单号202411150098765已于11月15日14:30发货。
北京到上海的高铁G7次，5车12A座。
该型号尺寸为1920×1080，重量2.35公斤。
2024年GDP增长5.2%，总量达1349084亿元。
人民路很长，有3公里，5号线经过。
微信版本8.0.47.2560，系统版本iOS 17.5.1。
股票代码600519，今日收盘1498.00元。
股东大会将于2025-06-30在公司总部召开。
""",
    "de": """
Bei Fragen: [[email|m.schroeder-kunz@stadtwerke-ulm.de]] oder persönlich.
Meine neue Handynummer lautet [[phone|0176 23456789]].
Telefon [[phone|(089) 12 34 56-0]], Fax [[phone|(089) 12 34 56-99]]
Bitte um Rückruf unter [[phone|+49 (0) 711 9876543]].
Überweisung an [[iban|DE02 1203 0000 0000 2020 51]] (Verwendungszweck 4711).
Kontoverbindung: [[iban|AT611904300234573201]], BIC BKAUATWW
Mastercard [[card|5555 5555 5555 4444]], gültig bis 08/27
Reisepass [[passport|C4VK6H2N7]], ausgestellt in Dresden
Ich wohne [[address|Am Sandberg 14, 01705 Freital]].
Paket an [[address|Friedrich-Ebert-Straße 112a, 42117 Wuppertal]] bitte.
Treffpunkt: [[address|Schloßplatz 2]] um 18 Uhr
Zugriff von [[ip|91.12.48.200]] um 03:12:45 Uhr gesperrt.
Der Token lautet [[api_key|glpat-x8Kz3mNvQ2rT5wYb7cDe]] und läuft morgen ab.
Am 3. Oktober 1990 um 0:00 Uhr, Artikel 23 GG.
Rechnung 2024-10-00871 über 1.299,00 €, zahlbar bis 30.11.2024.
Gleis 7, Abfahrt 12:05, ICE 1537, Wagen 21, Platz 64.
Die Datei hat 1.048.576 Bytes, Prüfsumme 0xCAFEBABE.
Windows 10.0.19045.4412 ist installiert.
Der Weg ist 5 km lang; der Ring hat 24 Karat.
Aktenzeichen 3 O 123/21, Urteil vom 12.03.2022, Rn. 14-17
Artikelnummer 4023103209787, PZN 01234567
Handy mit 5000 mAh, Gewicht 198 g, Preis 349 Euro
""",
    "es": """
Mándame el informe a [[email|lucia.fdez.87@gmail.com]] antes del viernes.
Mi móvil es el [[phone|655 12 34 56]] y el fijo [[phone|915 678 901]].
WhatsApp [[phone|+52 1 55 1234 5678]], solo mensajes.
Llame gratis al [[phone|900 102 030]].
Ingrese la fianza en [[iban|ES91 2100 0418 4502 0005 1332]].
Tarjeta [[card|4917 4845 8989 7107]], caduca 11/26.
Pasaporte español [[passport|AAB123456]], expedido en Cádiz.
Vivo en la [[address|calle Gran Vía 28, 28013 Madrid]], piso 3.
Enviar a [[address|Avenida de los Reyes Católicos 7, 29660 Marbella]].
El servidor [[ip|185.76.9.31]] no responde desde las 14:02.
La clave es [[api_key|AIzaSyA1b2C3d4E5f6G7h8I9j0KlMnOpQrStUvW]].
Capítulo 4, versículos 12 a 19, página 203.
El pedido 0045-772-19 cuesta 45,90 €, envío 4,95 €.
La temperatura subió de 18.5 a 21.25 grados en 3.600 segundos.
El real decreto 1720/2007, de 21 de diciembre, artículo 81.3
La plaza tiene 2.000 asientos y la calle 12 farolas.
El número 28.945 salió premiado con 400.000 euros.
Bus 27, parada 1844, cada 7-9 minutos
El móvil cuesta 599 y pesa 172 gramos, modelo SM-S911B/DS
NIF de la empresa B12345674, registro 2024/1187
""",
    "fr": """
Envoyez votre CV à [[email|recrutement@les-ateliers-du-rhone.fr]] avant le 15.
Mon portable : [[phone|06.98.76.54.32]], bureau [[phone|04 78 12 34 56]].
Depuis l'étranger, composez le [[phone|+33 1 23 45 67 89]].
Appelez le [[phone|0 800 123 456]], service gratuit.
Virement sur [[iban|FR76 3000 6000 0112 3456 7890 189]], libellé Loyer.
La carte 4970 1012 3456 7890 n'existe pas, mais [[card|4532015112830366]] si.
Passeport [[passport|19FA54321]], délivré à Nantes.
Il habite au [[address|27 bis avenue du Général-de-Gaulle, 94160 Saint-Mandé]].
Rendez-vous [[address|8, place d'Italie]] à 9 h 30.
Connexion refusée depuis [[ip|2a01:e0a:1b2:c3d0::42]].
Clé : [[api_key|gsk_Ab12Cd34Ef56Gh78Ij90Kl12Mn34Op56Qr78St90Uv12Wx34]]
Article L. 121-1 du code, alinéa 3, page 112.
Commande n° 2024-556-778 : 3 articles, 89,90 € TTC.
Le vol AF1234 part à 7 h 05, porte 32, siège 11C.
La fréquence est de 97,4 MHz, soit 97400000 Hz.
Le train 6607 dessert Lyon à 10:04, voie 12.
Rue barrée sur 200 m ; la place 14 est libre.
SIRET 732 829 320 00074, code APE 6201Z
Python 3.12.4 et OpenSSL 3.0.13, paquet 1.1.1.w-0+deb11
Le portable pèse 1,24 kg et coûte 1 299 €.
""",
}

_MARKED = re.compile(r"\[\[(\w+)\|(.*?)\]\]")


def field() -> list[Sentence]:
    """Return the sentences, in their order."""
    return [_read(line, language) for language, lines in _WRITTEN.items() for line in lines.strip().splitlines()]


def _read(line: str, language: str) -> Sentence:
    text, at = "", 0
    secrets = []
    for mark in _MARKED.finditer(line):
        text += line[at : mark.start()]
        secrets.append((len(text), len(text) + len(mark[2]), mark[1]))
        text += mark[2]
        at = mark.end()
    return Sentence(text + line[at:], language, secrets)
