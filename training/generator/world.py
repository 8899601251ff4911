"""Countries and their capitals, in English and, for many of them, in six more languages."""

from typing import NamedTuple


class Country(NamedTuple):
    """A country with its English name, its capital and its continent."""

    name: str
    capital: str
    continent: str


_TABLE = """
Europe: Albania=Tirana; Andorra=Andorra la Vella; Austria=Vienna; Belarus=Minsk; Belgium=Brussels; Bosnia and Herzegovina=Sarajevo; Bulgaria=Sofia; Croatia=Zagreb; Cyprus=Nicosia; Czechia=Prague; Denmark=Copenhagen; Estonia=Tallinn; Finland=Helsinki; France=Paris; Germany=Berlin; Greece=Athens; Hungary=Budapest; Iceland=Reykjavik; Ireland=Dublin; Italy=Rome; Kosovo=Pristina; Latvia=Riga; Liechtenstein=Vaduz; Lithuania=Vilnius; Luxembourg=Luxembourg; Malta=Valletta; Moldova=Chisinau; Monaco=Monaco; Montenegro=Podgorica; the Netherlands=Amsterdam; North Macedonia=Skopje; Norway=Oslo; Poland=Warsaw; Portugal=Lisbon; Romania=Bucharest; Russia=Moscow; San Marino=San Marino; Serbia=Belgrade; Slovakia=Bratislava; Slovenia=Ljubljana; Spain=Madrid; Sweden=Stockholm; Switzerland=Bern; Ukraine=Kyiv; the United Kingdom=London; Vatican City=Vatican City
Asia: Afghanistan=Kabul; Armenia=Yerevan; Azerbaijan=Baku; Bahrain=Manama; Bangladesh=Dhaka; Bhutan=Thimphu; Brunei=Bandar Seri Begawan; Cambodia=Phnom Penh; China=Beijing; Georgia=Tbilisi; India=New Delhi; Indonesia=Jakarta; Iran=Tehran; Iraq=Baghdad; Israel=Jerusalem; Japan=Tokyo; Jordan=Amman; Kazakhstan=Astana; Kuwait=Kuwait City; Kyrgyzstan=Bishkek; Laos=Vientiane; Lebanon=Beirut; Malaysia=Kuala Lumpur; the Maldives=Malé; Mongolia=Ulaanbaatar; Myanmar=Naypyidaw; Nepal=Kathmandu; North Korea=Pyongyang; Oman=Muscat; Pakistan=Islamabad; the Philippines=Manila; Qatar=Doha; Saudi Arabia=Riyadh; Singapore=Singapore; South Korea=Seoul; Sri Lanka=Sri Jayawardenepura Kotte; Syria=Damascus; Taiwan=Taipei; Tajikistan=Dushanbe; Thailand=Bangkok; Timor-Leste=Dili; Turkey=Ankara; Turkmenistan=Ashgabat; the United Arab Emirates=Abu Dhabi; Uzbekistan=Tashkent; Vietnam=Hanoi; Yemen=Sanaa
Africa: Algeria=Algiers; Angola=Luanda; Benin=Porto-Novo; Botswana=Gaborone; Burkina Faso=Ouagadougou; Burundi=Gitega; Cameroon=Yaoundé; Cape Verde=Praia; the Central African Republic=Bangui; Chad=N'Djamena; the Comoros=Moroni; the Democratic Republic of the Congo=Kinshasa; the Republic of the Congo=Brazzaville; Djibouti=Djibouti; Egypt=Cairo; Equatorial Guinea=Malabo; Eritrea=Asmara; Eswatini=Mbabane; Ethiopia=Addis Ababa; Gabon=Libreville; the Gambia=Banjul; Ghana=Accra; Guinea=Conakry; Guinea-Bissau=Bissau; the Ivory Coast=Yamoussoukro; Kenya=Nairobi; Lesotho=Maseru; Liberia=Monrovia; Libya=Tripoli; Madagascar=Antananarivo; Malawi=Lilongwe; Mali=Bamako; Mauritania=Nouakchott; Mauritius=Port Louis; Morocco=Rabat; Mozambique=Maputo; Namibia=Windhoek; Niger=Niamey; Nigeria=Abuja; Rwanda=Kigali; São Tomé and Príncipe=São Tomé; Senegal=Dakar; the Seychelles=Victoria; Sierra Leone=Freetown; Somalia=Mogadishu; South Africa=Pretoria; South Sudan=Juba; Sudan=Khartoum; Tanzania=Dodoma; Togo=Lomé; Tunisia=Tunis; Uganda=Kampala; Zambia=Lusaka; Zimbabwe=Harare
North America: Antigua and Barbuda=Saint John's; the Bahamas=Nassau; Barbados=Bridgetown; Belize=Belmopan; Canada=Ottawa; Costa Rica=San José; Cuba=Havana; Dominica=Roseau; the Dominican Republic=Santo Domingo; El Salvador=San Salvador; Grenada=Saint George's; Guatemala=Guatemala City; Haiti=Port-au-Prince; Honduras=Tegucigalpa; Jamaica=Kingston; Mexico=Mexico City; Nicaragua=Managua; Panama=Panama City; Saint Kitts and Nevis=Basseterre; Saint Lucia=Castries; Saint Vincent and the Grenadines=Kingstown; Trinidad and Tobago=Port of Spain; the United States=Washington, D.C.
South America: Argentina=Buenos Aires; Bolivia=Sucre; Brazil=Brasília; Chile=Santiago; Colombia=Bogotá; Ecuador=Quito; Guyana=Georgetown; Paraguay=Asunción; Peru=Lima; Suriname=Paramaribo; Uruguay=Montevideo; Venezuela=Caracas
Oceania: Australia=Canberra; Fiji=Suva; Kiribati=South Tarawa; the Marshall Islands=Majuro; Micronesia=Palikir; Nauru=Yaren; New Zealand=Wellington; Palau=Ngerulmud; Papua New Guinea=Port Moresby; Samoa=Apia; the Solomon Islands=Honiara; Tonga=Nuku'alofa; Tuvalu=Funafuti; Vanuatu=Port Vila
"""


def _read() -> tuple[Country, ...]:
    found = []
    for line in _TABLE.strip().splitlines():
        continent, _, rest = line.partition(": ")
        for pair in rest.split("; "):
            name, _, capital = pair.partition("=")
            found.append(Country(name, capital, continent))
    return tuple(found)


COUNTRIES = _read()
"""The world's countries, those with `the` in front written so."""

ALIASES = {
    "the United States": ("the USA", "the US", "America"),
    "the United Kingdom": ("the UK", "Great Britain"),
    "Czechia": ("the Czech Republic",),
    "the Netherlands": ("Holland",),
    "the Ivory Coast": ("Côte d'Ivoire",),
    "the United Arab Emirates": ("the UAE",),
    "Turkey": ("Türkiye",),
    "Myanmar": ("Burma",),
    "Timor-Leste": ("East Timor",),
}
"""Other names under which people ask for a country."""

_ABROAD = """
France | von Frankreich=Paris | de la France=Paris | de Francia=París | della Francia=Parigi | da França=Paris | 法国=巴黎
Germany | von Deutschland=Berlin | de l'Allemagne=Berlin | de Alemania=Berlín | della Germania=Berlino | da Alemanha=Berlim | 德国=柏林
Italy | von Italien=Rom | de l'Italie=Rome | de Italia=Roma | dell'Italia=Roma | da Itália=Roma | 意大利=罗马
Spain | von Spanien=Madrid | de l'Espagne=Madrid | de España=Madrid | della Spagna=Madrid | da Espanha=Madrid | 西班牙=马德里
Portugal | von Portugal=Lissabon | du Portugal=Lisbonne | de Portugal=Lisboa | del Portogallo=Lisbona | de Portugal=Lisboa | 葡萄牙=里斯本
Austria | von Österreich=Wien | de l'Autriche=Vienne | de Austria=Viena | dell'Austria=Vienna | da Áustria=Viena | 奥地利=维也纳
Switzerland | der Schweiz=Bern | de la Suisse=Berne | de Suiza=Berna | della Svizzera=Berna | da Suíça=Berna | 瑞士=伯尔尼
the Netherlands | der Niederlande=Amsterdam | des Pays-Bas=Amsterdam | de los Países Bajos=Ámsterdam | dei Paesi Bassi=Amsterdam | dos Países Baixos=Amsterdã | 荷兰=阿姆斯特丹
Belgium | von Belgien=Brüssel | de la Belgique=Bruxelles | de Bélgica=Bruselas | del Belgio=Bruxelles | da Bélgica=Bruxelas | 比利时=布鲁塞尔
the United Kingdom | des Vereinigten Königreichs=London | du Royaume-Uni=Londres | del Reino Unido=Londres | del Regno Unito=Londra | do Reino Unido=Londres | 英国=伦敦
Ireland | von Irland=Dublin | de l'Irlande=Dublin | de Irlanda=Dublín | dell'Irlanda=Dublino | da Irlanda=Dublin | 爱尔兰=都柏林
Norway | von Norwegen=Oslo | de la Norvège=Oslo | de Noruega=Oslo | della Norvegia=Oslo | da Noruega=Oslo | 挪威=奥斯陆
Sweden | von Schweden=Stockholm | de la Suède=Stockholm | de Suecia=Estocolmo | della Svezia=Stoccolma | da Suécia=Estocolmo | 瑞典=斯德哥尔摩
Denmark | von Dänemark=Kopenhagen | du Danemark=Copenhague | de Dinamarca=Copenhague | della Danimarca=Copenaghen | da Dinamarca=Copenhague | 丹麦=哥本哈根
Finland | von Finnland=Helsinki | de la Finlande=Helsinki | de Finlandia=Helsinki | della Finlandia=Helsinki | da Finlândia=Helsinque | 芬兰=赫尔辛基
Poland | von Polen=Warschau | de la Pologne=Varsovie | de Polonia=Varsovia | della Polonia=Varsavia | da Polônia=Varsóvia | 波兰=华沙
Czechia | von Tschechien=Prag | de la Tchéquie=Prague | de Chequia=Praga | della Cechia=Praga | da Tchéquia=Praga | 捷克=布拉格
Hungary | von Ungarn=Budapest | de la Hongrie=Budapest | de Hungría=Budapest | dell'Ungheria=Budapest | da Hungria=Budapeste | 匈牙利=布达佩斯
Greece | von Griechenland=Athen | de la Grèce=Athènes | de Grecia=Atenas | della Grecia=Atene | da Grécia=Atenas | 希腊=雅典
Turkey | der Türkei=Ankara | de la Turquie=Ankara | de Turquía=Ankara | della Turchia=Ankara | da Turquia=Ancara | 土耳其=安卡拉
Russia | von Russland=Moskau | de la Russie=Moscou | de Rusia=Moscú | della Russia=Mosca | da Rússia=Moscou | 俄罗斯=莫斯科
Ukraine | der Ukraine=Kiew | de l'Ukraine=Kiev | de Ucrania=Kiev | dell'Ucraina=Kiev | da Ucrânia=Kiev | 乌克兰=基辅
Romania | von Rumänien=Bukarest | de la Roumanie=Bucarest | de Rumanía=Bucarest | della Romania=Bucarest | da Romênia=Bucareste | 罗马尼亚=布加勒斯特
Japan | von Japan=Tokio | du Japon=Tokyo | de Japón=Tokio | del Giappone=Tokyo | do Japão=Tóquio | 日本=东京
China | von China=Peking | de la Chine=Pékin | de China=Pekín | della Cina=Pechino | da China=Pequim | 中国=北京
India | von Indien=Neu-Delhi | de l'Inde=New Delhi | de India=Nueva Delhi | dell'India=Nuova Delhi | da Índia=Nova Délhi | 印度=新德里
South Korea | von Südkorea=Seoul | de la Corée du Sud=Séoul | de Corea del Sur=Seúl | della Corea del Sud=Seul | da Coreia do Sul=Seul | 韩国=首尔
Thailand | von Thailand=Bangkok | de la Thaïlande=Bangkok | de Tailandia=Bangkok | della Thailandia=Bangkok | da Tailândia=Bangkok | 泰国=曼谷
Vietnam | von Vietnam=Hanoi | du Vietnam=Hanoï | de Vietnam=Hanói | del Vietnam=Hanoi | do Vietnã=Hanói | 越南=河内
Iran | des Iran=Teheran | de l'Iran=Téhéran | de Irán=Teherán | dell'Iran=Teheran | do Irã=Teerã | 伊朗=德黑兰
Egypt | von Ägypten=Kairo | de l'Égypte=Le Caire | de Egipto=El Cairo | dell'Egitto=Il Cairo | do Egito=Cairo | 埃及=开罗
Morocco | von Marokko=Rabat | du Maroc=Rabat | de Marruecos=Rabat | del Marocco=Rabat | do Marrocos=Rabat | 摩洛哥=拉巴特
Kenya | von Kenia=Nairobi | du Kenya=Nairobi | de Kenia=Nairobi | del Kenya=Nairobi | do Quênia=Nairóbi | 肯尼亚=内罗毕
the United States | der USA=Washington | des États-Unis=Washington | de Estados Unidos=Washington | degli Stati Uniti=Washington | dos Estados Unidos=Washington | 美国=华盛顿
Canada | von Kanada=Ottawa | du Canada=Ottawa | de Canadá=Ottawa | del Canada=Ottawa | do Canadá=Ottawa | 加拿大=渥太华
Mexico | von Mexiko=Mexiko-Stadt | du Mexique=Mexico | de México=Ciudad de México | del Messico=Città del Messico | do México=Cidade do México | 墨西哥=墨西哥城
Cuba | von Kuba=Havanna | de Cuba=La Havane | de Cuba=La Habana | di Cuba=L'Avana | de Cuba=Havana | 古巴=哈瓦那
Brazil | von Brasilien=Brasília | du Brésil=Brasilia | de Brasil=Brasilia | del Brasile=Brasilia | do Brasil=Brasília | 巴西=巴西利亚
Argentina | von Argentinien=Buenos Aires | de l'Argentine=Buenos Aires | de Argentina=Buenos Aires | dell'Argentina=Buenos Aires | da Argentina=Buenos Aires | 阿根廷=布宜诺斯艾利斯
Chile | von Chile=Santiago | du Chili=Santiago | de Chile=Santiago | del Cile=Santiago | do Chile=Santiago | 智利=圣地亚哥
Peru | von Peru=Lima | du Pérou=Lima | de Perú=Lima | del Perù=Lima | do Peru=Lima | 秘鲁=利马
Australia | von Australien=Canberra | de l'Australie=Canberra | de Australia=Canberra | dell'Australia=Canberra | da Austrália=Camberra | 澳大利亚=堪培拉
New Zealand | von Neuseeland=Wellington | de la Nouvelle-Zélande=Wellington | de Nueva Zelanda=Wellington | della Nuova Zelanda=Wellington | da Nova Zelândia=Wellington | 新西兰=惠灵顿
"""
LANGUAGES = ("de", "fr", "es", "it", "pt", "zh")


def _read_abroad() -> dict[str, dict[str, tuple[str, str]]]:
    found: dict[str, dict[str, tuple[str, str]]] = {}
    for line in _ABROAD.strip().splitlines():
        name, *cells = (cell.strip() for cell in line.split("|"))
        found[name] = {
            code: (cell.partition("=")[0], cell.partition("=")[2])
            for code, cell in zip(LANGUAGES, cells, strict=True)
        }
    return found


ABROAD = _read_abroad()
"""By English name and language code: the country as it follows the word for capital, and the capital."""
