"""Personal details in a prompt: what is found, what is missed, what is asked about for nothing."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.policy.personal import Kind, find

# Addresses at example domains, numbers from the ranges kept free for films where a country has
# one, and account numbers that banks print in their own examples.

EMAILS = """
a poster that says write to ana@example.com
business card for j.doe+art@mail.example.co.uk, minimalist
neon sign "plum_99@example.org" over a bar
ANA.LOPEZ@EXAMPLE.COM on a t-shirt
write me: 1984@example.net
flyer, contact müller@bäckerei-müller.de for bread
ana (at) example (dot) com, retro poster
ana [at] example [dot] com
ana(at)example.com on a mug
ana at example dot com in handwriting
ana dot lopez at mail dot example dot org, chalkboard
jörg (ät) beispiel (punkt) de auf einem Schild
ana arroba ejemplo punto es en un cartel
ana @ example . com, stencil
ａｎａ＠ｅｘａｍｐｌｅ．ｃｏｍ on a banner
a tattoo reading a\u200bna@exam\u200bple.com
maria.muster@example.net on a door
contact: tom_example84@example.com
jean-luc[at]example[dot]fr
mail me bob at example dot com
info@studio-ana.example neon
"""

PHONES = """
a flyer that says call +1 212 555 0123
billboard with +49 30 23125 014, art deco
sticker: +44 20 7946 0958
missing cat poster, phone 212-555-0123
pizza box with (212) 555-0123 on it
lost dog sign, 212.555.0123, rainy wall
door plate, 020 7946 0958, brass
Klingelschild, 030 23125 014, Foto
Plakat mit 0171 39200 12, Aquarell
affiche avec 01 99 00 12 34, style rétro
un tatouage 02 61 91 12 34 sur le bras
cartel con 612 345 678 en rojo
letrero 91 411 11 11, farmacia
graffiti call me at 2125550123
ruf mich an unter 01713920012, Neonschrift
whatsapp 5512345678 on a van
mobile: 07700 900123, paper tag
llámame al 612345678, servilleta
ring me on +442079460958, chalk
a cake with +33 1 99 00 12 34 in icing
tel. ０１７１ ３９２００１２ on a sign
phone no. 555-0123-44 on a matchbook
text me at (415) 555-0132
0049 171 3920012 auf dem Shirt
+34 612 345 678 tattoo
my number is 415-555-0199
Tel.: 089/99998 123
0800 123 4567 on a van
appelle le 0639981234
Handy 0171-3920034
call 020-7946-0018
01.99.00.56.78 neon
"""

ADDRESSES = """
the house at 221B Baker Street, oil painting
10 Downing Street in the snow
1600 Pennsylvania Avenue NW, birthday card
742 Evergreen Terrace, watercolor
a portrait of my home, 42 maple road
124 conch street, under water
350 5th Avenue, miniature
letter to 15 Old Mill Lane, wax seal
12 St. James Square, fog
my house, 4 Privet Drive, at dusk
I live at 7 rainy street, paint it
my address is 1920 Oak Street, make it cosy
221b baker street, fog, lamp
a map with 99 Rosewood Ct, marker
gate of 23 W 23rd St, ink
Hauptstraße 12, Winterabend
mein Haus in der Goethestr. 5a, Aquarell
Klingel, Lindenweg 4, Makrofoto
Kurfürstendamm 21 bei Nacht
Straße des 17. Juni 135, Luftbild
Berliner Strasse 77, 10115 Berlin, Postkarte
ein Brief an Unter den Linden 77, 10117 Berlin
ich wohne in der Bahnhofsallee 1984, Nebel
12 rue de Rivoli, crayon
une lettre pour 5 bis, avenue Foch
la porte du 31 rue cambon, dessin
8 place des Vosges sous la neige
17 quai de l’Horloge, gravure
44 boulevard Saint-Michel, affiche
Calle Mayor 5, acuarela
la puerta de Calle de Alcalá, 42, noche
vivo en la calle luna 3, dibújala
Avenida de América 12, 28028 Madrid
Paseo del Prado nº 8, grabado
c/ Goya 15, foto antigua
a parcel for Springfield, IL 62704
an envelope, NW1 6XE, stamp
P.O. Box 1234 painted on a mailbox
Postfach 10 20 30 auf einem Umschlag
30 Rockefeller Plaza
55 Water Street, New York
8 Elm Grove, Leeds LS6 2AB
1313 Mockingbird Lane, spooky
17 Cherry Tree Lane
our new home: 2204 Pacific Coast Highway
61b Camden High Street
Schillerstraße 8
Am Alten Markt 14, 50667 Köln
Rosenweg 3b
Karl-Marx-Allee 90
Prenzlauer Allee 45
Große Bergstr. 160
25 bis rue du Faubourg Saint-Honoré
3 allée des Cerisiers
10 av. des Champs-Élysées
Calle Serrano, 61
Plaza de España 3
Av. Diagonal 640
10001 W Olympic Blvd
890 Fifth Avenue
"""

ACCOUNTS = """
a bank card with 4111 1111 1111 1111, macro
credit card 5555-5555-5555-4444 on velvet
378282246310005 engraved in gold
DE89 3704 0044 0532 0130 00 on a receipt
pay to GB82WEST12345698765432, typewriter
ES91 2100 0418 4502 0005 1332 en una nota
FR14 2004 1010 0505 0001 3M02 606, facture
de89 3704 0044 0532 0130 00 gestempelt
NL91-ABNA-0417-1643-00 on a mug
account number 12345678 on a form
Kontonummer: 1234567 auf Papier
numéro de compte 12345678901, vieux papier
número de cuenta 1234 5678 90, cheque
sort code 12-34-56, letterhead
４１１１ １１１１ １１１１ １１１１ in neon
IBAN DE44 5001 0517 5407 3249 31
my visa 4242 4242 4242 4242
acct no. 000123456789
Kontonr. 532013000
BE71 0961 2345 6769
CH93 0076 2011 6238 5295 7
"""

POSITIVES = [
    (kind, line)
    for kind, lines in (
        (Kind.EMAIL, EMAILS),
        (Kind.PHONE, PHONES),
        (Kind.ADDRESS, ADDRESSES),
        (Kind.ACCOUNT, ACCOUNTS),
    )
    for line in lines.strip().splitlines()
]

HARD = {
    # an American number in groups of spaces looks like three sizes
    "a mug with 212 555 0123 on it": Kind.PHONE,
    # digits in one piece look like a seed
    "2125550123 in neon": Kind.PHONE,
    # too short to tell from years and sizes
    "555-0123 on a wall": Kind.PHONE,
    # a range kept free for films belongs to nobody
    "06 39 98 12 34 sur le bras": Kind.PHONE,
    # words for digits
    "a sign, two one two five five five zero one two three": Kind.PHONE,
    # a year, as far as anybody can see
    "1725 Slough Avenue, sunset": Kind.ADDRESS,
    # a count, as far as anybody can see
    "4 privet drive, dusk": Kind.ADDRESS,
    "12 james street in the rain": Kind.ADDRESS,
    "calle mayor 5, acuarela": Kind.ADDRESS,
    # words that end so in other languages too
    "Kaiserring 5, Schnee": Kind.ADDRESS,
    "Am Markt 3, Sonne": Kind.ADDRESS,
    "Via Garibaldi 12, tramonto": Kind.ADDRESS,
    "Keizersgracht 123, gevel": Kind.ADDRESS,
    "Gran Vía 28, tarde": Kind.ADDRESS,
    "12 grimmauld place, fog": Kind.ADDRESS,
    "flat 4, Rosewood House, ink": Kind.ADDRESS,
    # check digits that are wrong belong to nobody
    "DE00 3704 0044 0532 0130 00 on a receipt": Kind.ACCOUNT,
    "card 4111 1111 1111 1112": Kind.ACCOUNT,
    # no ending of a mail address
    "ana at example, on a mug": Kind.EMAIL,
    "write to a n a @ e x a m p l e . c o m": Kind.EMAIL,
}
"""What is not found, and why: better a miss than a question at every second picture."""

ORDINARY = """
1girl, 8k, 4k uhd, 50mm f/1.8, --ar 16:9, seed 1234567890
35mm film, year 1984, route 66
3 dogs on a street
Wall Street at night, (masterpiece:1.2)
a red fox in the snow, 85mm, f/1.4, bokeh
masterpiece, best quality, 1boy, solo, 2 swords, 4k
tokyo street at night, neon, rain, cyberpunk
a street in Paris, 1920s, sepia
street photography, kodak portra 400, 35mm
new york, 5th avenue, yellow cabs
abbey road album cover with 4 cats
a long road through the desert, 16mm
portrait of an old man, iso 100, 1/200s
two lovers on a bridge, 1950, black and white
blade runner 2049 street, fog, neon
a dog walking down the street at 5 pm
a cat at home, dot pattern dress
people at a café, points of light
meet me at the beach, sunset
look at artstation.com trending
trending @ artstation, octane render
inspired by @somebody, pastel
an icon@2x.png file on a desk, macro
a girl at window. com pose, dreamy
an astronaut riding a horse, 1024x1024
resolution 1920 1080, castle
sizes 512 768 1024 of the same tower
--ar 3:2 --seed 42 --no people, a lighthouse
--seed 4294967295 a lighthouse, storm
seed: 4111111111111111, steps 30, a lake
seed 2125550123, a lake in autumn
steps 30, cfg 7.5, sampler euler, 832x1216
(blue eyes:1.3), (long hair:1.1), 1girl
((detailed face)), [[blurry]], 2d, 3d render
a 3d street in isometric view
4k street of london, hyperreal
8k photo of a street with 5 people
12 monkeys poster, 1995
apollo 11 on the moon, 1969
7 samurai standing in the rain
101 dalmatians in a field
24 hours in a day, clock, surreal
a 12 lane highway at dusk
a 4 way crossing, top view
5 lane road, drone shot
a 20 foot wave, hokusai
100 soldiers on a road, oil on canvas
2 rainy streets, impressionist
3 cats street art
10 cars street racing, night
35 mm street photography of rome
50 mm london street, overcast
iso 400 london street, grain
1/200 london street, blur
16:9 city street, wide
version 6 tokyo street
fallout 4 boston street
gta 5 Vinewood Boulevard sunset
chapter 12 dark forest road
top 10 tokyo street snacks
highway 61 desert road, dust
2077 night city street, samurai
year 3000 venice street
a house on a hill, 1890
victorian house, number 13, door
a red door with the number 42
bus number 12 in lisbon
platform 9 and 3 quarters, steam
area 51, aliens, dusk
a clock showing 10:10
date 2024-11-21 on a calendar
07/04/1976 fireworks
12.05.1999, polaroid, date stamp
1 2 3 4 5 6 7 8 9 10 numbers in felt
pi 3.14159265358979 on a blackboard
0.5 denoise, 1.75 weight, forest
binary 01001000 01101001 in green
100 200 300 400 500, bar chart
a barcode, black and white
192.168.0.1 on an old monitor
ip 10.0.0.12, hacker, terminal
#ff8800 sunset, #003366 sea
a map of berlin, vintage
alexanderplatz bei nacht, 8k
Potsdamer Platz 4k, Regen
Potsdamer Platz, 1930, Schwarzweiß
(Marienplatz:1.2), schnee
Berliner Straße 3 Hunde im Regen
eine straße im nebel, 35mm
lange straße mit 12 laternen
ein weg im wald, 3 rehe
der weg 5 pilger, bergkette
ein platz in rom, 2 brunnen
featuring 3 cats wearing 2 hats
exploring 12 caves during 1945
a string 5 beads long
offspring 2 wolves
spring 2024 fashion, runway
la rue sous la pluie, 1900
une rue de paris, 35mm
3 place settings on a table
2 boulevard lights, blur
4 square tiles, azulejo
5 route maps on a desk
2 chats dans la rue
1900 rue de Paris, carte postale
iso 100, rue de Paris au crépuscule
f/8, rue de rivoli, matin
place de la concorde, 1789, foule
avenue des champs, 8k
calle de noche, 50 mm, lluvia
calle vacía, 3 perros
calle oscura 2 gatos
plaza mayor 4k, atardecer
una calle en 1950, blanco y negro
camino al bosque, 7 ciervos
avenida de palmeras, 35mm
plaza de toros, 1936
a phone wallpaper 1080 1920
phone wallpaper, 1080x1920, waves
an old phone, 1970s, orange
cell shading, 4 colors, 120 fps
mobile game art, 2048 tiles
an iphone 15 on marble
call of duty 2 soldier
call center in 1987, 35mm
a telephone booth in london, fog
nokia 3310 on a pedestal
a credit card made of ice
bank account of a dragon, gold
a business card mockup, blank
a price tag, 1999.99
a lottery ticket 4 8 15 16 23 42
license plate of a delorean, 88 mph
jersey number 23, basketball
a jersey, 10, stadium
porsche 911 on a mountain road
a boeing 747 over clouds
m4 sherman, r2d2, c3po in a bar
bb8 and r2d2, 4k
nikon d850, 85mm f/1.4g, iso 64
canon eos r5 8K still, eagle
sony a7 iv, 24-70mm
leica m6, tri-x 400
ddr4 8GB memory stick, macro
hasselblad 500cm, zeiss 80mm
unreal engine 5, ray tracing
by greg, trending, 8k, hdr10
wes anderson hotel, 1932, symmetrical
a letter in an envelope, no words
a mailbox in the desert
an address book, leather, still life
a village, population 2000
a garden with 12 roses
7 Times a Lady, album cover
5 extreme close up shots of a bee
2 tennis court players, aerial
1 market square, wide lens
4 front row seats, theatre
a Place in the Sun, 1951 poster
Golden Gate Bridge, 1937
Mount Everest 8849, dawn
Route 66 Desert Road, cadillac
Seed 7 Rainy Street, ink
Game 5 Harbor Street crowd
the 80s, the 90s street, synthwave
90s street fashion, tokyo
a 1967 mustang on Main Street
42nd street, broadway lights
Sesame Street, felt puppets
a knight on a road, 3 moons, 2 suns
3 boys playing in the lane
six people crossing street
5 people crossing road, abbey
girl with 2 braids, 3/4 view
half body, 2:3, 30 steps
a chessboard, e4 e5 nf3 nc6
sudoku 123 456 789 on paper
dice showing 6 6 6
password 12345678 on a note
a cozy cabin beside lake drive-in cinema, 1958
old brick road leading to 3 oak trees
samurai duel, 4 panels, manga page 12
ultra wide 14mm lens, Milky Way over Highway 1
hot dog stand on Broadway and 42nd Street
shinjuku crossing 2am, ISO 3200, f2.8
poster "OPEN 24/7" diner, 66 Motel sign
2 players on a tennis court, 1980s anime
ethereal forest, lumen 5, nanite
the number 1729 on a taxi
soviet stamp 1961, 10 kopeks
a bottle label, 750 ml, 12.5% vol
mission control, T-minus 10 9 8 7 6 5 4 3 2 1
an old map with coordinates 52.5200 N, 13.4050 E
100mm macro of a bee on place de fleurs
10th century castle row of towers
dnd map 40x60 grid, tavern on Dock Street
Elm Street nightmare, 1984 poster
3 Idiots in a Way, bollywood poster
A 5 Star Hotel Place, brochure
Formula 1 race, Monaco street circuit
9 to 5 office drive, corporate art
big 5 safari drive, lions
a family of 4 driving along Ocean Drive, miami vice
top view of 2 roundabouts, 5 cars, 7 trees
model sheet 3 4 view, turnaround, white bg
hex d4af37, pantone 18-3838, very peri
fantasy book 2 cover, The Dark Road
level 99 wizard on Thunder Road
1 horse on a country lane
24 carat gold leaf, art nouveau
300 spartans at the pass
wide 21:9 desert highway, road 66
12 angry men in a room
5 euro banknote, macro
9 lives of a cat, comic
2 women chatting at a market place, sevilla
6 string guitar, 12 frets
blueprint no. 1903-12-17, wright flyer
1st avenue pigeon, 85 mm
calendar page, july 14 1789
a girl, 22 years old, red dress, plaza in barcelona
chica de 20 años en la calle, 4k
3 niños jugando en la calle mayor
gato en avenida nevada, 120 fps
Frau auf der Straße, 30 Jahre alt, Porträt
Altbau am Platz, 5 Stockwerke
U-Bahn Linie 8 am Alexanderplatz, 3 Musiker
Feldweg 16:9, Sonnenaufgang
Schlossallee, Monopoly 400 Euro
femme de 25 ans, rue pavée, 50mm
le 14 juillet, avenue bondée, 3 drapeaux
2 cafés place du marché
route 7 des vins, alsace
bus 42, boulevard saint germain
matrix digits 0110 1001 1010 1100 0011 rain
abacus with 1 000 000 beads
cpu i9-13900k, rtx 4090 24gb
airline ticket gate B12 seat 14C
crossword 7 across, pencil
usain bolt 9.58 track lane 4
sound of 432 hz, mandala
barcode 4006381333931 on a can
isbn 978-3-16-148410-0 book spine
uuid 550e8400-e29b-41d4-a716-446655440000 on glass
model X-100-2000-3000 robot
chess clock 05:00 04:59
200-400mm lens, 1/2000, bird in flight
weights 0.8 0.6 0.4 0.2, lora
<lora:street_v2:0.8>, 1girl, 2000s
9 km road race, kenya
90 Mile Straight Road, outback
5 Points Street, gangs of new york, 1863
wide shot of 3 Sisters Road, blue mountains
seven 11 store, Shibuya Street, night
24 Hour Drive thru
8 Mile Road, detroit, rap battle
Studio 54 Disco Street party
the 39 steps, 1 lane, hitchcock
Pixel art of a ramen shop, 32x32 tiles, 16 colors, Shibuya Center Street vibes
Low poly island, 4 palm trees, 1 tiny boat, isometric
Two knights jousting, tapestry from 1480, Bayeux style
Movie still, 1999, green code rain 01 10 11 00 10 01
Album cover: Highway 61 Revisited but with otters
Cinematic shot of a train at Platform 9, Kings Cross
Woman in a trench coat on 5th Ave, 1962, Ektachrome 100
Macro, 105mm, f/2.8, ISO 100, 1/250, dewdrop
A bakery called 12 Loaves on a cobbled lane
A map of Middle Earth, 3 rivers, 2 towers
Cyberpunk alley, Block 7, neon kanji, 2088
Kaiju attack in san francisco, 300 ft tall, lombard street
WWII poster, 1943, Rosie
a 3 wheel car on a dirt road
100 rabbits running down a country road
Speed limit 55 sign on an empty road
Exit 12 sign, foggy motorway
grandmother, 84 years old, knitting, golden hour
Wohnzimmer der 70er, Tapete Muster 5, Stehlampe
Ein Fuchs auf dem Weg, 35mm, Nebel
Kreuzung am Potsdamer Platz, 1927, Verkehrsturm
Marktplatz mit 20 Ständen, Aquarell
Der Zug auf Gleis 5, Regen
une place vide, 6 heures du matin
café de Flore, 1955, boulevard, noir et blanc
tour de france 2023, route de montagne
quai de gare, 3 voyageurs, pluie
un perro en la plaza, 85 mm, bokeh
avenida de noche con 4 coches
paseo marítimo, 7 gaviotas
torre de 50 pisos en la avenida
mech, serial AX-4420-771, decals
chess grandmaster, 12 moves ahead
Mona Lisa with 2 cats, sfumato, 1503
lottery 07 14 21 28 35 42
Nokia phone, 2003, screen shows 12:45
qr code on a wall, 29x29
--chaos 20 --stylize 750 --v 6.1 --seed 88213377
seed=3735928559 sampler=dpm++ 2m karras cfg=5.5
hd 1920x1080 60fps hdr10 dolby 7.1
bach bwv 1007 sheet music, prelude
rocket countdown 5 4 3 2 1, launch pad 39A
boxing match, round 3, ring side 1974
a drive through 4 seasons
Taxi on Broadway, 42 floors of glass
Sunset Boulevard, 1950, noir
Penny Lane, blue suburban skies
The 7 Court Ladies, ukiyo-e
"""

NOISE = ORDINARY.strip().splitlines()

ASKED_FOR_NOTHING = {
    # a capital and a number in front of a street: nobody can tell it from a house
    "1000 Splendid Suns Avenue cover": Kind.ADDRESS,
    "3 Little Pigs Lane, storybook": Kind.ADDRESS,
    "12 Monkeys Way of life": Kind.ADDRESS,
    "Platz 1 im Rennen, Podium Platz 2 in Gold": Kind.ADDRESS,
    "35 rainy street, melancholy": Kind.ADDRESS,
    "tokens 640 512 768, sheet": Kind.PHONE,
}
"""Ordinary prompts that are asked about all the same, and look as what they are taken for."""


@pytest.mark.parametrize(("kind", "text"), POSITIVES)
def test_a_personal_detail_is_found(kind, text):
    assert kind in find(text)


def test_what_is_found_is_not_taken_for_something_else_besides():
    mixed = {text for kind, text in POSITIVES if {kind} != find(text)}

    assert set() == mixed


def test_what_is_missed_is_known():
    missed = [text for text, kind in HARD.items() if kind not in find(text)]

    assert list(HARD) == missed


def test_ordinary_prompts_are_not_asked_about():
    assert [] == [text for text in NOISE if find(text)]


def test_what_is_asked_about_for_nothing_is_known():
    found = {text: find(text) for text in ASKED_FOR_NOTHING}

    assert {text: {kind} for text, kind in ASKED_FOR_NOTHING.items()} == found


def test_the_corpus_is_large_enough_to_mean_something():
    assert len(POSITIVES) >= 60
    assert len(NOISE) >= 150
    assert len(set(NOISE)) == len(NOISE)
    assert {*Kind} == {kind for kind, _ in POSITIVES}


def test_every_kind_in_a_prompt_is_named():
    text = "card: ana@example.com, 221B Baker Street, +1 212 555 0123, DE89370400440532013000"

    assert {*Kind} == find(text)


@pytest.mark.parametrize("text", ["", " ", "\u200b", "🦊", "\x00"])
def test_a_prompt_without_words_holds_nothing(text):
    assert frozenset() == find(text)


@example((Kind.ADDRESS, "8 place des Vosges sous la neige"), "half body, 2:3, 30 steps", "8k")
@given(st.sampled_from(POSITIVES), st.sampled_from(NOISE), st.sampled_from(NOISE))
def test_a_detail_is_found_wherever_it_stands(positive, before, after):
    kind, text = positive

    assert kind in find(f"{before}, {text}, {after}")


@given(st.sampled_from(POSITIVES), st.data())
def test_marks_of_no_width_hide_nothing(positive, data):
    kind, text = positive
    at = data.draw(st.integers(0, len(text)))
    mark = data.draw(st.sampled_from("\u200b\u200c\u200d\u2060\ufeff\u00ad\u202e"))

    assert kind in find(text[:at] + mark + text[at:])


@given(st.sampled_from([line for kind, line in POSITIVES if kind is not Kind.ADDRESS]))
def test_wide_letters_and_digits_of_other_scripts_hide_nothing(text):
    wide = "".join(chr(ord(char) + 0xFEE0) if "!" <= char <= "~" else char for char in text)
    arabic = text.translate({ord(str(digit)): chr(0x660 + digit) for digit in range(10)})

    assert find(text) == find(wide) == find(arabic)


@given(st.text())
def test_any_text_is_read(text):
    assert find(text) <= {*Kind}


@pytest.mark.parametrize(
    "piece",
    ["1 ", "12 ", "1-", "(", "a@", "a.", "2124567890 ", "DE89 ", "4111 ", "12 a ", "calle a ", "@"],
)
def test_a_prompt_made_to_hold_up_the_house_is_read(piece):
    """Time that grows with the square of a text would overstep the test's own limit."""
    assert Kind.EMAIL not in find((piece * 60_000)[:60_000])
