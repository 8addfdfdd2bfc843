"""What bodies say about incidents in the world, in Dutch, French and German.

`{event}` and `{place}` are filled in. FIRST, OWN and UPDATES are about the incident and say so;
VAGUE are about it and do not; the others are about something else.
"""

EVENTS: dict[str, dict[str, str]] = {
    "fire": {"nl": "Brand", "fr": "Incendie", "de": "Brand"},
    "accident": {"nl": "Verkeersongeval", "fr": "Accident", "de": "Verkehrsunfall"},
    "hazardous_substance": {"nl": "Gaslek", "fr": "Fuite de gaz", "de": "Gasleck"},
    "weather": {"nl": "Wateroverlast", "fr": "Inondation", "de": "Überschwemmung"},
    "utility": {"nl": "Stroompanne", "fr": "Panne de courant", "de": "Stromausfall"},
    "rescue": {"nl": "Instorting", "fr": "Effondrement", "de": "Einsturz"},
    "violence": {"nl": "Schietpartij", "fr": "Fusillade", "de": "Schießerei"},
}
FIRST = {
    "nl": (
        "{event} in {place}. De hulpdiensten zijn ter plaatse, meer nieuws volgt.",
        "{event} in {place}. Sluit ramen en deuren en vermijd de omgeving. #{tag}",
        "BE-Alert verstuurd: {event} in {place}. Blijf binnen.",
    ),
    "fr": (
        "{event} à {place}. Les services de secours sont sur place, plus de détails suivront.",
        "{event} à {place}. Fermez portes et fenêtres et évitez le secteur. #{tag}",
        "BE-Alert envoyé : {event} à {place}. Restez à l'intérieur.",
    ),
    "de": (
        "{event} in {place}. Die Einsatzkräfte sind vor Ort, weitere Informationen folgen.",
        "{event} in {place}. Schließen Sie Fenster und Türen. #{tag}",
    ),
}
#: a municipality speaks of itself and seldom names itself
OWN = {
    "nl": ("{event} in het centrum. Sluit ramen en deuren.", "{event} vlak bij het station."),
    "fr": ("{event} dans le centre. Fermez portes et fenêtres.", "{event} près de la gare."),
    "de": ("{event} im Zentrum. Schließen Sie Fenster und Türen.", "{event} beim Bahnhof."),
}
UPDATES = {
    "nl": (
        "Update: {event} in {place} onder controle, de weg blijft nog afgesloten.",
        "Laatste stand: {event} in {place}, er zijn geen gewonden. Volg ons voor het vervolg.",
    ),
    "fr": (
        "Mise à jour : {event} à {place} sous contrôle, la route reste fermée.",
        "Situation : {event} à {place}, aucun blessé. Suivez-nous pour la suite.",
    ),
    "de": (
        "Neues: {event} in {place} unter Kontrolle, die Straße bleibt gesperrt.",
        "Stand: {event} in {place}, keine Verletzten.",
    ),
}
NEIGHBOURS = {
    "nl": "{event} in {place}: ook bij ons kan er hinder zijn.",
    "fr": "{event} à {place} : des nuisances sont possibles chez nous aussi.",
    "de": "{event} in {place}: auch bei uns kann es Störungen geben.",
}
VAGUE = {
    "nl": "We volgen de toestand op de voet en laten hier meer weten.",
    "fr": "Nous suivons la situation de près et donnerons des nouvelles ici.",
    "de": "Wir verfolgen die Lage und melden uns hier wieder.",
}
#: said at the same time, about something else, and easily told apart
DECOYS = {
    "nl": (
        "Infoavond over preventie: wat doe je bij {event_low}? Schrijf je in.",
        "{event} in {elsewhere}, onze ploegen helpen een handje.",
        "{other} in {place}: even aanschuiven, alles is snel weer vrij.",
    ),
    "fr": (
        "Soirée d'information sur la prévention : que faire en cas de {event_low} ?",
        "{event} à {elsewhere}, nos équipes donnent un coup de main.",
        "{other} à {place} : un peu de patience, tout sera vite dégagé.",
    ),
    "de": (
        "Infoabend zur Vorbeugung: was tun bei {event_low}?",
        "{event} in {elsewhere}, unsere Leute helfen mit.",
        "{other} in {place}: bald ist alles wieder frei.",
    ),
}
#: said at the same time, about something else, and hard to tell apart
LOOKALIKES = {
    "nl": "{event} van honderd jaar geleden: een blik in het archief van {place}.",
    "fr": "{event} d'il y a cent ans : un regard dans les archives à {place}.",
    "de": "{event} vor hundert Jahren: ein Blick ins Archiv in {place}.",
}
