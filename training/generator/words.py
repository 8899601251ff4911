"""Word lists that the tasks draw from."""

NAMES = tuple(
    "Ann Ben Clara David Emma Felix Grace Hugo Ines Jonas Karin Liam Mia Noah Olga Paul Rosa Sam Tom Uma Vera Will "
    "Yara Zoe Anton Bella Carlos Dana Erik Fatima Georg Hana Ivan Julia Kenji Lena Marco Nina Oscar Priya Quinn "
    "Ravi Sofia Tariq Ursula Victor Wendy Xenia Yusuf Zara Alice Bob Chen Diego Elena Frank Gina Henry Isabel Jack "
    "Kate Leo Maria Nora Otto Petra Robin Sara Theo Valentina Lucas Amir Mei Aiko Omar Lucia Pierre Greta Sven "
    "Maya Finn Ella Max Laura Peter Anna Martin Eva Simon Helen Mark Linda".split()
)
SURNAMES = tuple(
    "Smith Jones Miller Weber Rossi Garcia Silva Dubois Novak Larsen Tanaka Wang Patel Khan Meyer Brown Costa Moreau "
    "Fischer Lopez Haddad Kim Nguyen Ivanov Berg Keller Young Hill Stone Baker".split()
)
CITIES = tuple(
    "Paris,London,Berlin,Tokyo,Madrid,Rome,Vienna,Oslo,Lisbon,Munich,Hamburg,Lyon,Milan,Boston,Chicago,Seattle,"
    "New York,San Francisco,Toronto,Sydney,Mumbai,Shanghai,Beijing,Seoul,Cairo,Lagos,Nairobi,Lima,Dublin,Prague,"
    "Zurich,Geneva,Barcelona,Porto,Naples,Cologne,Denver,Austin,Miami,Osaka,Bangkok,Istanbul,Athens,Helsinki,"
    "Los Angeles,Buenos Aires,Mexico City,Hong Kong".split(",")
)
SYLLABLES = tuple(
    "ba be bo bu da de di do du fa fe fi fo ga ge gi go gu ha he hi ho ja je jo ka ke ki ko ku la le li lo lu ma me "
    "mi mo mu na ne ni no nu pa pe pi po pu ra re ri ro ru sa se si so su ta te ti to tu va ve vi vo wa we wi wo ya "
    "yo za ze zi zo zu ban bel bin bor dan del din dor fen fin gal gan gor han hel jan kal ken kin kor lan len lin "
    "lor mal men min mor nal nem nor pal pen pin por ran rel rin ron sal sen sin sol tal ten tin tor val ven vin "
    "vor wen win zan zel zen zor bra bri dra dro fla flo gra gri kra kri pla plo sta sto tra tri tro sha shi cho".split()
)
COMMON = tuple(
    "the red blue green small large old new fast slow bright dark river mountain garden window door table chair lamp "
    "book letter ship train bridge forest island stone cloud rain snow wind summer winter morning evening coffee tea "
    "bread apple music song paper pencil clock mirror bottle ticket market school doctor farmer teacher quiet happy "
    "sunny silver golden wooden paint carry open close find bring watch seven three many under over near with and "
    "of in a my our this every".split()
)
NOUNS = COMMON[COMMON.index("river") : COMMON.index("teacher") + 1]
"""Common words that stand for things: items of a list that nobody takes for the text around it."""
THINGS = tuple(
    "apples books coins stamps marbles pencils cards eggs stickers oranges tickets shells chairs bottles photos "
    "points euros dollars steps pages candies flowers cookies lemons balloons bricks buttons cups".split()
)
COLOURS = tuple(
    "red blue green yellow purple orange teal pink brown black white grey violet turquoise gold silver".split()
)
ANIMALS = tuple(
    "cat dog horse rabbit hamster parrot turtle goat sheep cow pony ferret goldfish lizard duck hen".split()
)
FOODS = tuple(
    "pizza pasta soup sushi curry salad pancakes ramen tacos bread cheese chocolate rice falafel dumplings "
    "risotto lasagne".split()
)
