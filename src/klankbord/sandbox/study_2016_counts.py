"""What the world of the 2016 study is made of: data only, each with its source.

Sources: [2016] printed by the study (docs/study-2016.md), [own] our choice where nothing was
printed. Size classes as everywhere: under 20,000, up to 50,000, above.
"""

#: Flemish municipalities by size class: 308 in all [2016]. How many were in each class was not
#: printed; with these 75 % and 59 % with Twitter give 65 % in all. [own]
BODIES_OF_CLASS = (204, 92, 12)
MEAN_INHABITANTS = 21_032  # [2016]
#: least, most and bend of each class's curve of inhabitants; the very largest follows from the mean
SIZES = ((1_500, 19_900, 0.7), (20_050, 49_000, 1.6), (51_000, 92_000, 1.5))  # [own]
#: 30 zones of 117 are 25.6 %, 5 of 20 are 25 % [2016]; the police zones by province. [own]
POLICE_ZONES_OF_PROVINCE = {"10000": 23, "20001": 23, "30000": 23, "40000": 24, "70000": 24}
EMERGENCY_ZONES = 20

#: Means over those with an account. [2016]
MEAN_FOLLOWERS = {"facebook": 2_257, "x": 1_288}
#: Mean inhabitants of those with an account. The printed ratios divide by the mean of all; a ratio
#: over the same bodies is only 10.7 % and 6.1 % in a world in which both means are nearly the same,
#: so the larger ones of a class are more often without. [own]
MEAN_INHABITANTS_WITH = {"facebook": 21_080, "x": 21_180}

#: With an account, by size class. [2016]: 73 % and 65 % in all, everybody over 50,000; Twitter 75 %
#: and 59 %. Of the rest "about 75 %" were on Facebook: with 73 % in all it can be 72 % at most.
WITH_ACCOUNT = {
    "facebook": (147, 66, 12),
    "x": (120, 69, 12),
}
#: Of those, which answer people: 31 % and 11 % of the small [2016]; of the others [own].
INTERACTING = {"facebook": (46, 40, 11), "x": (13, 31, 10)}
#: Hours from a question to its answer on X: mean, calendar clock, of what was answered. [2016]
MEAN_RESPONSE_HOURS = 19.0

#: Channels without an API, registered by hand: 14 % [2016], here of the municipalities and of each.
BY_HAND = {"snapchat": 43, "whatsapp_group": 43}

#: Other bodies of the study, whose accounts it did not print: type -> platform -> accounts. [own]
OF_TYPE = {
    "police_zone": {"facebook": 88, "x": 80},
    "emergency_zone": {"facebook": 17, "x": 13},
    "province": {"facebook": 5, "x": 5},
}

DUTCH_MUNICIPALITIES = 390
DUTCH_SIZES = (1_000, 180_000, 2.6)  # [own]
DUTCH_WITH_ACCOUNT = {"facebook": 351, "x": 386}  # 90 % and 99 % [2016]

#: How they live, [own] and little, so that a test can read a quarter: posts and incoming messages a
#: month, and the share of questions that an account which answers does answer. Each of those gets
#: so many that a quarter without one answer is out of the question.
POSTS = 6.0
INCOMING, INCOMING_OF_ANSWERERS = 3.0, 9.0
ANSWER_SHARE = 0.9
FOLLOWERS_SPREAD = 0.5  # sigma of the logarithm
