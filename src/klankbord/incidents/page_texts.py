"""The words of an incident's evaluation page, in Dutch and English."""

LANGUAGES = ("nl", "en")

PLATFORMS = {
    "facebook": "Facebook", "instagram": "Instagram", "x": "X", "youtube": "YouTube",
    "linkedin": "LinkedIn", "tiktok": "TikTok", "threads": "Threads", "mastodon": "Mastodon",
    "bluesky": "Bluesky",
}  # fmt: skip
WEBSITE = {"nl": "website", "en": "website"}

ROLES = {
    "municipality": {"nl": "gemeente", "en": "municipality"},
    "police_zone": {"nl": "politiezone", "en": "police zone"},
    "police_unit": {"nl": "politie-eenheid", "en": "police unit"},
    "emergency_zone": {"nl": "hulpverleningszone", "en": "emergency zone"},
    "safety_region": {"nl": "veiligheidsregio", "en": "safety region"},
    "province": {"nl": "provincie", "en": "province"},
    "neighbour": {"nl": "buurgemeente", "en": "neighbour"},
}
#: the phases of the Belgian emergency plans; GRIP and fire sizes are called the same by all
SCALES = {
    "municipal": {"nl": "gemeentelijke fase", "en": "municipal phase"},
    "provincial": {"nl": "provinciale fase", "en": "provincial phase"},
    "federal": {"nl": "federale fase", "en": "federal phase"},
}
REASONS = {
    "no_account": {"nl": "geen account", "en": "no account"},
    "not_observed": {
        "nl": "in die uren niet (helemaal) gevolgd",
        "en": "not (fully) watched in those hours",
    },
    "refused": {"nl": "geen toegang", "en": "access refused"},
    "no_message": {"nl": "geen bericht gevonden", "en": "no message found"},
}
LEVELS = {
    "confirmed": {"nl": "bevestigd", "en": "confirmed"},
    "certain": {"nl": "zeker", "en": "certain"},
    "probable": {"nl": "waarschijnlijk", "en": "probable"},
    "unlikely": {"nl": "te weinig aanwijzingen", "en": "too little evidence"},
    "other_incident": {"nl": "gaat over een ander incident", "en": "about another incident"},
    "rejected": {"nl": "verworpen door een mens", "en": "rejected by a person"},
}
KINDS = {
    "own": {"nl": "eigen bericht", "en": "own message"},
    "repost": {"nl": "gedeeld bericht", "en": "repost"},
    "quote": {"nl": "citaat", "en": "quote"},
}

TEXTS: dict[str, dict[str, str]] = {
    "nl": {
        "title": "Crisisklok",
        "alarm": "Alarm",
        "log": "Logboek",
        "scale": "Schaal",
        "large_yes": "grote maatschappelijke impact",
        "large_no": "geen grote maatschappelijke impact",
        "large_unknown": "maatschappelijke impact niet vermeld",
        "synthetic": "Verzonnen gegevens: dit incident, de accounts en de berichten bestaan niet.",
        "provisional": "Voorlopig: niet elk kanaal kon al {hours} uur lang gevolgd worden.",
        "nearest": "Het logboek noemt geen gemeente. Dit is de dichtste, op {km} km.",
        "first": "eerste bericht na het alarm",
        "first_by": "van {who}, op {where}",
        "nobody": "geen bericht gevonden",
        "in_time": "binnen de norm van {norm} minuten",
        "in_time_of": "van de {n} organisaties die we konden volgen",
        "amplified": "partners gaven het bericht door",
        "amplified_of": "van de {n} op X en Bluesky, binnen het uur",
        "amplified_none": "geen partner met een account op X of Bluesky",
        "timeline": "Wie sprak wanneer",
        "timeline_note": "Minuten na het alarm. De schaal rekt de eerste minuten uit.",
        "norm": "norm",
        "legend_in": "eerste bericht, binnen de norm",
        "legend_late": "eerste bericht, later",
        "legend_update": "ander bericht over het incident",
        "legend_repeat": "doorgegeven",
        "legend_unseen": "niet gevolgd",
        "per_organisation": "Per organisatie",
        "per_organisation_note": "Vervolgberichten en tussentijd tellen op het kanaal waar de "
        "organisatie het eerst sprak; de tijdlijn toont alle kanalen.",
        "organisation": "Organisatie",
        "first_message": "Eerste bericht",
        "on": "Op",
        "within": "Binnen de norm",
        "updates": "Vervolgberichten",
        "gap": "Tussentijd (mediaan)",
        "confidence": "Zekerheid",
        "yes": "ja",
        "no": "nee",
        "unknown": "niet te zeggen",
        "channels": "Per kanaal: wat ontbreekt en waarom",
        "channel": "Kanaal",
        "without": "Zonder account op: {names}.",
        "everywhere": "Heeft op elk platform een account.",
        "messages": "De berichten",
        "minute": "Minuut",
        "kind": "Soort",
        "evidence": "Aanwijzingen",
        "link": "bericht openen",
        "left_out": "Bekeken en niet meegeteld: {n}",
        "left_out_note": "Hoort een bericht er toch bij, of hoort een bericht er niet bij? Zet een "
        "regel in incident_matches.csv (docs/inputs.md) en bouw opnieuw.",
        "reason": "Waarom niet",
        "none": "Geen.",
        "how": "Hoe dit gemeten is",
        "how_text": "Betrokken zijn de gemeente van het incident, haar politie, haar brandweer en "
        "vanaf de provinciale fase de provincie. Een bericht telt als het van hen komt, "
        "na het alarm en binnen {hours} uur, en genoeg aanwijzingen heeft dat het over "
        "dit incident gaat: woorden voor dit soort incident, de naam van de gemeente, "
        "hashtags, BE-Alert of NL-Alert, een vervolg op een bericht dat al meetelt. Elke "
        "aanwijzing heeft een gewicht; samen zijn ze de zekerheid, tussen 0 en 1. Een "
        "mens kan elk oordeel herzien. Teksten worden niet bewaard voor dit oordeel en "
        "berichten van burgers spelen geen rol.",
        "minutes": "min",
    },
    "en": {
        "title": "Crisis clock",
        "alarm": "Alarm",
        "log": "Log",
        "scale": "Scale",
        "large_yes": "large social impact",
        "large_no": "no large social impact",
        "large_unknown": "social impact not stated",
        "synthetic": "Invented data: this incident, the accounts and the messages do not exist.",
        "provisional": "Provisional: not every channel could be watched for {hours} hours yet.",
        "nearest": "The log names no municipality. This is the nearest, at {km} km.",
        "first": "first message after the alarm",
        "first_by": "by {who}, on {where}",
        "nobody": "no message found",
        "in_time": "within the norm of {norm} minutes",
        "in_time_of": "of the {n} organisations that we could watch",
        "amplified": "partners passed the message on",
        "amplified_of": "of the {n} on X and Bluesky, within an hour",
        "amplified_none": "no partner with an account on X or Bluesky",
        "timeline": "Who spoke when",
        "timeline_note": "Minutes after the alarm. The scale stretches the first minutes.",
        "norm": "norm",
        "legend_in": "first message, within the norm",
        "legend_late": "first message, later",
        "legend_update": "another message about the incident",
        "legend_repeat": "passed on",
        "legend_unseen": "not watched",
        "per_organisation": "By organisation",
        "per_organisation_note": "Updates and the gap between them count on the channel where the "
        "organisation spoke first; the timeline shows all channels.",
        "organisation": "Organisation",
        "first_message": "First message",
        "on": "On",
        "within": "Within the norm",
        "updates": "Updates",
        "gap": "Interval (median)",
        "confidence": "Confidence",
        "yes": "yes",
        "no": "no",
        "unknown": "cannot be said",
        "channels": "By channel: what is missing and why",
        "channel": "Channel",
        "without": "No account on: {names}.",
        "everywhere": "Has an account on every platform.",
        "messages": "The messages",
        "minute": "Minute",
        "kind": "Kind",
        "evidence": "Evidence",
        "link": "open message",
        "left_out": "Considered and not counted: {n}",
        "left_out_note": "Does a message belong here after all, or does one not? Write a line in "
        "incident_matches.csv (docs/inputs.md) and build again.",
        "reason": "Why not",
        "none": "None.",
        "how": "How this was measured",
        "how_text": "Concerned are the incident's municipality, its police, its fire brigade and, "
        "from the provincial phase on, the province. A message counts when it is theirs, "
        "came after the alarm and within {hours} hours, and has enough evidence of being "
        "about this incident: words for this kind of incident, the municipality's name, "
        "hashtags, BE-Alert or NL-Alert, continuing a message that counts. Each piece of "
        "evidence has a weight; together they are the confidence, between 0 and 1. A "
        "person can overrule every judgement. No text is kept for it, and citizens' "
        "messages play no part.",
        "minutes": "min",
    },
}
