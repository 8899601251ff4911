"""Postal addresses: a street and its number, with the town behind it where it is given.

A modest set of forms, for English (United States, United Kingdom), German, French, Spanish and Chinese. Streets without
a number, post boxes and other countries' forms pass.
"""

from __future__ import annotations

import re

from .rule import Detector, Rule

_CAPITAL = "[A-ZÀ-ÖØ-Þ]"
_SMALL = "[a-zß-öø-ÿ]"
_APOSTROPHE = "['\u2019]"
_NAME = f"{_CAPITAL}({_SMALL}|{_APOSTROPHE}|-|{_CAPITAL})*"
_TOWN = f"{_NAME}( (am|an|der|de|la|le|les|sur|del|los|upon|in)){{0,2}}( {_NAME}){{0,3}}"

_ENGLISH = (
    "\\d{1,5}[A-Za-z]? ((North|South|East|West|[NSEW]\\.?) )?"
    f"({_NAME}|\\d{{1,3}}(st|nd|rd|th))( {_NAME}){{0,2}} "
    "(Street|St|Avenue|Ave|Road|Rd|Boulevard|Blvd|Lane|Ln|Drive|Dr|Court|Ct|Way|Square|Sq|Place|Pl|Terrace|Parkway|Pkwy"
    "|Highway|Hwy|Crescent|Close|Gardens|Grove|Mews|Row|Circle|Cir|Trail)\\.?"
    "(,? (Apt|Apartment|Suite|Ste|Unit|Flat|Floor|#)\\.? ?#?[A-Za-z0-9-]{1,5})?"
    f"(,? {_TOWN}(,? [A-Z]{{2}})? \\d{{5}}(-\\d{{4}})?|,? {_TOWN},? [A-Z]{{1,2}}\\d[A-Z0-9]? \\d[A-Z]{{2}}"
    f"|, {_TOWN}, [A-Z]{{2}})?"
)
_GERMAN = (
    # Hauptstraße, Karl-Marx-Allee; Berliner Straße, Alte Gasse
    f"({_CAPITAL}({_SMALL}|-({_CAPITAL}|{_SMALL}))*([-s]?)"
    "([Ss]tra(ß|ss)e|[Ss]tr\\.|[Ww]eg|[Pp]latz|[Aa]llee|[Gg]asse|[Rr]ing|[Dd]amm|[Uu]fer|[Cc]haussee|[Ss]teig|[Mm]arkt)"
    f"|{_CAPITAL}{_SMALL}+(er|e|en|es) (Stra(ß|ss)e|Str\\.|Weg|Platz|Allee|Gasse|Ring|Damm|Ufer|Chaussee|Markt))"
    f" \\d{{1,4}}( ?[a-h])?(-\\d{{1,4}})?(,? (D-|A-|CH-)?\\d{{4,5}} {_TOWN})?"
)
_GERMAN_AT = (
    # Am Sandberg, An der Mühle: only with the town behind it
    f"(Am|Im|Zum|Zur|An (der|den|dem)|In (der|den|dem)|Auf (der|dem)|Unter den) {_NAME}"
    f" \\d{{1,4}}( ?[a-h])?,? (D-|A-|CH-)?\\d{{4,5}} {_TOWN}"
)
_FRENCH = (
    "\\d{1,4}( ?(bis|ter|quater))?,? "
    "([Rr]ue|[Aa]venue|[Bb]oulevard|[Bb]d|[Pp]lace|[Cc]hemin|[Aa]llée|[Ii]mpasse|[Qq]uai|[Cc]ours|[Rr]oute|[Ss]quare)"
    f"( (du|des|de|la|le|les|aux?)| (de )?l{_APOSTROPHE}| d{_APOSTROPHE}){{0,2}} ?"
    f"{_NAME}(( |-)(de |du |des |la |le )?{_NAME}|-(de|du|des|la|le)-{_NAME}){{0,4}}"
    f"(,? (F-)?\\d{{5}} {_TOWN})?"
)
_SPANISH = (
    "([Cc]alle|[Cc]/|[Aa]venida|[Aa]vda\\.|[Aa]v\\.|[Pp]laza|[Pp]aseo|[Cc]amino|[Cc]arrera|[Rr]onda|[Tt]ravesía|[Gg]ran)"
    f" ?((de|del|la|las|los|el) ){{0,2}}{_NAME}( (de|del|la|las|los|el|y)){{0,2}}( {_NAME}){{0,3}}"
    f"( (de|del|la|las|los) {_NAME})?,? "
    f"((n\\.?º|núm\\.?|número) ?)?\\d{{1,4}}(,? \\d{{1,2}}[ºª]? ?[A-Z]?)?(,? \\d{{5}} {_TOWN})?"
)
_CHINESE = (
    "(北京|上海|天津|重庆|河北|山西|辽宁|吉林|黑龙江|江苏|浙江|安徽|福建|江西|山东|河南|湖北|湖南|广东|海南|四川|贵州|云南|陕西|甘肃|青海|台湾"
    "|内蒙古|广西|西藏|宁夏|新疆|香港|澳门|广州|深圳|杭州|南京|成都|武汉|西安|苏州|长沙|青岛|厦门|宁波|郑州|济南|大连|沈阳|福州|合肥|昆明)"
    "(省|市|自治区|特别行政区)?[一-龥]{0,20}(路|街|大道|道|巷|弄|胡同|里)[一-龥]{0,6}\\d{1,5}(号|弄)"
    "([一-龥]{0,10}\\d{1,4}(号楼|栋|幢|座|楼|层|单元|室|房)|\\d{3,4}室?){0,3}"
)


# 1.3 Main Street is a part of something else, $3 Main Street a price.
_PART = re.compile(r"[0-9A-Za-z][.,-]$|[$€#]$")

ADDRESS = Detector(
    "address",
    "ADDRESS",
    tuple(Rule(form, unless=_PART) for form in (_ENGLISH, _GERMAN, _GERMAN_AT, _FRENCH, _SPANISH, _CHINESE)),
)
