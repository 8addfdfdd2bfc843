"""What people and bodies say in the world: names and sentences in Dutch, French and German, and
some citizens' in English.

Whether a sentence asks something is known by the list that it stands in, never read from it: it is
what its author meant. Questions stand here with and without a question mark, and statements with
one. What the rules cannot tell (sarcasm, a question to another citizen) is not said in this world,
so that a pipeline that agrees with its truth is right; docs/questions.md measures what they miss.
Names of people are invented and unlike any real name, so that a test can look for each of them.
"""

import random

LANGUAGES = ("nl", "fr", "de")

_FIRST = {
    "nl": ("Jozefien", "Wannes", "Mirthe", "Tjorven", "Fenna", "Gijsbrecht", "Liesbet", "Ruben"),
    "fr": ("Maëlys", "Thibault", "Odile", "Gaspard", "Solange", "Bastien", "Apolline", "Rémy"),
    "de": ("Annelore", "Gerfried", "Heidrun", "Lorenz", "Mechthild", "Ottokar", "Walburga", "Jens"),
}
_ONSETS = ("Vr", "Kw", "Zj", "Pf", "Snj", "Dw", "Gn", "Schr", "Tj", "Wr", "Kn", "Fj", "Bz", "Ml")
_VOWELS = ("a", "e", "i", "o", "u", "oe", "ui", "ij", "au", "eu")
_MIDDLES = ("ndelz", "rmpt", "kkerv", "mbelk", "lstr", "ngszw", "bbelt", "rgnap", "ddelf", "sselk")
_ENDINGS = ("aart", "uyck", "inga", "oost", "evoorde", "ijnck", "ombo", "azzel", "ietveld", "ukker")

STREETS = {
    "nl": ("Kwabbelstraat", "Zevenslootjesweg", "Vlinderdreef", "Oude Trambaan", "Muntveldlaan"),
    "fr": ("rue des Sept Grenouilles", "chemin du Vieux Tram", "avenue du Moulin Bleu"),
    "de": ("Siebenbachweg", "Alte Trambahn", "Mühlenwiese"),
}
TAGS = {
    "nl": ("wegenwerken", "afval", "mobiliteit", "feest", "veiligheid"),
    "fr": ("travaux", "dechets", "mobilite", "fete", "securite"),
    "de": ("baustelle", "abfall", "verkehr", "fest", "sicherheit"),
}

POSTS = {
    "nl": (
        "Vanaf maandag werken we in de {street}. Omleiding via nr. {number}. #{tag}",
        "Morgen ophaling van papier en karton, zet alles buiten voor 7 uur. #{tag}",
        "Inschrijven voor de kampen van de zomer kan vanaf nu, er zijn {number} plaatsen.",
        "Het loket is vrijdag open tot 19 uur. Wie komt er langs?",
        "Foto's van het feest in de {street} staan op https://nieuws.example/?id={number}",
        "Bedankt aan de {number} vrijwilligers van de grote schoonmaak! #{tag}",
    ),
    "fr": (
        "Dès lundi, travaux dans la {street}. Déviation au numéro {number}. #{tag}",
        "Demain, collecte des papiers et cartons : sortez-les avant 7 heures. #{tag}",
        "Les inscriptions aux stages d'été sont ouvertes, il y a {number} places.",
        "Le guichet est ouvert vendredi jusqu'à 19 heures. Qui vient ?",
        "Les photos de la fête sont sur https://nouvelles.example/?id={number}",
        "Merci aux {number} bénévoles du grand nettoyage ! #{tag}",
    ),
    "de": (
        "Ab Montag arbeiten wir am {street}. Umleitung über Nr. {number}. #{tag}",
        "Morgen wird Papier abgeholt, bitte vor 7 Uhr hinausstellen. #{tag}",
        "Für die Ferienlager sind noch {number} Plätze frei.",
        "Fotos vom Fest stehen auf https://neues.example/?id={number}",
    ),
}
MENTIONING = {
    "nl": "Proficiat aan {handle} met de mooiste gevel van de {street}! #{tag}",
    "fr": "Bravo à {handle} pour la plus belle façade de la {street} ! #{tag}",
    "de": "Glückwunsch an {handle} zur schönsten Fassade, {street} {number}! #{tag}",
}
CONTINUATIONS = {
    "nl": "Nog dit: alle uitleg over nr. {number} staat op de website.",
    "fr": "Et encore ceci : toutes les informations sur le n° {number} sont sur le site.",
    "de": "Noch dies: alles über Nr. {number} steht auf der Website.",
}
FOREIGN = {
    "nl": "Kijk eens aan, regenboog boven de {street} vanmorgen ({number} foto's). #{tag}",
    "fr": "Regardez, un arc-en-ciel sur la {street} ce matin ({number} photos). #{tag}",
    "de": "Schaut, heute früh ein Regenbogen, {street} ({number} Fotos). #{tag}",
}
QUESTIONS = {
    "nl": (
        "Wanneer wordt de put in de {street} ter hoogte van nr. {number} hersteld?",
        "Is het containerpark morgen open? Ik kom van de {street} {number}.",
        "Weet iemand waarom het licht in de {street} al {number} dagen niet brandt? #{tag}",
        "Moet ik voor een attest langskomen, of kan dat via https://loket.example/?f={number} ?",
        "Al {number} keer gebeld. Krijg ik nog antwoord over de {street}?! #{tag}",
        "waneer komt de veegwagen in de {street} ik woon op nr. {number}",
        "Kan iemand mij zeggen of de {street} nu open is. Groeten van nr. {number} #{tag}",
        "Ik zou graag weten hoe lang de werken aan nr. {number} nog duren.",
        "Kunde gij mij zegge wa da kost, nr. {number}?",
        "does anyone know when the {street} opens again, I live at {number}",
    ),
    "fr": (
        "Quand le trou de la {street}, devant le {number}, sera-t-il réparé ?",
        "Le parc à conteneurs est-il ouvert demain ? Je viens du {number}, {street}.",
        "Pourquoi la lumière ne marche-t-elle plus {street} depuis {number} jours ? #{tag}",
        "Le formulaire https://guichet.example/?f={number} suffit-il pour l'attestation ?",
        "est-ce que la {street} est de nouveau ouverte, j'habite au {number}",
        "Je voudrais savoir combien de temps dureront les travaux au {number}. #{tag}",
        "cest quand la collecte {street} {number}",
        "Could you tell me when the {street} opens again, number {number}",
    ),
    "de": (
        "Wann wird das Loch am {street} vor Nr. {number} repariert?",
        "Ist der Wertstoffhof morgen offen? Ich komme vom {street} {number}.",
        "Warum brennt am {street} seit {number} Tagen kein Licht? #{tag}",
        "Weiß jemand ob der {street} wieder offen ist, ich wohne in Nr. {number}",
        "Ich würde gerne wissen, wie lange die Arbeiten bei Nr. {number} noch dauern. #{tag}",
    ),
}
REMARKS = {
    "nl": (
        "Mooi initiatief in de {street}, met {number} man geholpen!",
        "Schandalig hoe de {street} er weer bij ligt, al {number} dagen vuil. #{tag}",
        "Ik was er ook bij, op nr. {number}. Prachtig.",
        "Eindelijk. De {street} heeft er {number} jaar op gewacht.",
        "Wat een rommel in de {street} nr. {number}?! #{tag}",
        "Wanneer het regent staat onze kelder op nr. {number} vol water.",
        'Op nr. {number} riep iemand "hoe lang nog?" en iedereen lachte.',
        "Hoe is het mogelijk? Al {number} dagen geen licht in de {street}. #{tag}",
    ),
    "fr": (
        "Belle initiative dans la {street}, nous étions {number} !",
        "C'est une honte, la {street} est sale depuis {number} jours. #{tag}",
        "J'y étais aussi, au numéro {number}. Magnifique.",
        "Sérieux ? Encore {number} trous dans la {street}. #{tag}",
        "Quand il pleut, notre cave au {number} est pleine d'eau.",
        "Au {number}, quelqu'un a crié « c'est pour quand ? » et tout le monde a ri.",
    ),
    "de": (
        "Schöne Sache am {street}, wir waren {number} Leute!",
        "Eine Schande, wie es am {street} seit {number} Tagen aussieht. #{tag}",
        "Im Ernst? Schon {number} Tage kein Licht am {street}. #{tag}",
        "Wenn es regnet, steht unser Keller in Nr. {number} unter Wasser.",
    ),
}
URL_REMARKS = {
    "nl": "Alles over de {street} staat op https://burgers.example/lees?nummer={number}&deel=1",
    "fr": "Tout sur la {street} se trouve ici : https://citoyens.example/lire?numero={number}",
    "de": "Alles zum {street} steht hier: https://buerger.example/lesen?nummer={number}",
}
TAGS_ONLY = "#{tag}{number} ?"
REPLIES = {
    "nl": (
        "Dag {name}, dank voor je bericht. We kijken het na voor de {street}. {handle}",
        "{handle} Beste {name}, de ploeg komt langs op nr. {number}. Groeten van het team.",
        "Hallo {name}, kan je ons het adres sturen? Dan volgen we nr. {number} op. {handle}",
    ),
    "fr": (
        "Bonjour {name}, merci pour votre message. Nous vérifions {street}. {handle}",
        "{handle} Cher/chère {name}, l'équipe passera au numéro {number}.",
    ),
    "de": (
        "Guten Tag {name}, danke für die Nachricht. Wir prüfen es. {handle}",
        "{handle} Liebe/r {name}, das Team kommt zu Nr. {number}.",
    ),
}
FOLLOW_UPS = {
    "nl": ("Hier hetzelfde, {street} {number}.", "Dat vraag ik me ook al {number} weken af."),
    "fr": ("Même chose ici, {street} {number}.", "Je me le demande depuis {number} semaines."),
    "de": ("Hier genauso, {street} {number}.", "Das frage ich mich seit {number} Wochen."),
}
THANKS = {
    "nl": "Dank u voor het snelle antwoord over nr. {number}!",
    "fr": "Merci pour la réponse rapide au sujet du {number} !",
    "de": "Danke für die schnelle Antwort zu Nr. {number}!",
}
THANKS_WITH_QUESTION = {
    "nl": "Bedankt! En geldt dat ook voor de {street} {number}?",
    "fr": "Merci ! Et cela vaut-il aussi pour le {number}, {street} ?",
    "de": "Danke! Gilt das auch für {street} {number}?",
}
_BODIES = {
    "nl": {"municipality": "Gemeente", "police_zone": "Politie", "emergency_zone": "Brandweer"},
    "fr": {"municipality": "Commune de", "police_zone": "Police", "emergency_zone": "Pompiers"},
    "de": {"municipality": "Gemeinde", "police_zone": "Polizei", "emergency_zone": "Feuerwehr"},
}


def display_name(language: str, organisation_type: str, name: str) -> str:
    """What stands above an account: "Gemeente Aalst"; the bare name where it says enough."""
    return f"{_BODIES[language].get(organisation_type, '')} {name}".strip()


def person_name(rng: random.Random, language: str) -> tuple[str, str]:
    """(first name, surname) of nobody: the surname has at least nine letters and is invented."""
    surname = "".join(rng.choice(part) for part in (_ONSETS, _VOWELS, _MIDDLES, _VOWELS, _ENDINGS))
    return rng.choice(_FIRST[language]), surname


def say(rng: random.Random, sentence: str | tuple[str, ...], language: str, **who: str) -> str:
    """One of the sentences, its places filled in."""
    if isinstance(sentence, tuple):
        sentence = sentence[int(rng.random() * len(sentence))]
    return sentence.format(
        street=STREETS[language][int(rng.random() * len(STREETS[language]))],
        tag=TAGS[language][int(rng.random() * len(TAGS[language]))],
        number=1000 + int(rng.random() * 90_000),
        **who,
    )
