"""Makes the export files beside it, of invented pages: `python tests/imports/make_files.py`.

They are committed, because writing `.xls` takes a package (xlwt) that nothing else needs. Headers
are those of the formats' evidence (docs/imports.md); numbers and names are made up.
"""

import csv
import io
from datetime import date
from pathlib import Path

FILES = Path(__file__).parent / "files"

FACEBOOK_NL = (
    'Bericht-ID,Pagina-ID,"Naam van pagina",Titel,Omschrijving,"Duur (sec.)",Publicatietijdstip,'
    '"Type onderschrift",Permalink,Datum,Weergaven,Bereik,"Reacties, opmerkingen en deelacties",'
    'Reacties,Opmerkingen,Deelacties,"Totaal aantal klikken"'
)
FACEBOOK_EN = (
    '"Post ID","Page ID","Page name",Title,Description,"Duration (sec)","Publish time",'
    '"Caption type",Permalink,"Is crosspost","Is share","Post type",Languages,"Custom labels",'
    '"Funded content status","Data comment",Date,Views,Reach,"Reactions, Comments and Shares",'
    'Reactions,Comments,Shares,"Total clicks","Other Clicks"'
)
FACEBOOK_FR = (
    "Identifiant de la publication;ID de la Page;Nom de la Page;Titre;Heure de publication;"
    "Permalien;"
    "Date;Vues;Couverture;Réactions, commentaires et partages;Réactions;Commentaires;Partages;"
    "Total des clics;Clics sur un lien;Secondes regardées"
)
INSTAGRAM_EN = (
    '"Post ID","Account ID","Account username","Account name",Description,"Duration (sec)",'
    '"Publish time",Permalink,"Post type","Data comment",Date,Views,Reach,Likes,Shares,Follows,'
    "Comments,Saves"
)
INSTAGRAM_NL = (
    "Bericht-ID;Account-ID;Gebruikersnaam van account;Naam van account;Omschrijving;"
    "Publicatietijdstip;Datum;Weergaven;Bereik;Vind-ik-leuks;Deelacties;Reacties;Keer opgeslagen"
)
X_POSTS = (
    "Post id,Date,Post text,Post Link,Impressions,Likes,Engagements,Bookmarks,Shares,New follows,"
    "Replies,Reposts,Profile visits,Detail Expands,URL Clicks,Hashtag Clicks,Permalink Clicks"
)
X_DAILY = (
    "Date,Impressions,Likes,Engagements,Bookmarks,Shares,New follows,Unfollows,Replies,Reposts,"
    "Profile visits,Create Post,Video views,Media views"
)
YOUTUBE_EN = (
    "Content,Video title,Video publish time,Duration,Views,Watch time (hours),Subscribers,"
    "Impressions,Impressions click-through rate (%)"
)
YOUTUBE_FR = (
    "Contenu,Titre de la vidéo,Heure de publication de la vidéo,Durée,Vues,"
    "Durée de visionnage (heures),Abonnés,Impressions"
)

TEXTS = {
    "meta_facebook_posts_nl.csv": (
        "utf-8-sig",
        [
            FACEBOOK_NL,
            '1001,5001,"Gemeente Voorbeeld",,"Wie komt er naar de markt?\nTot zaterdag!",0,'
            '"09/03/2026 18:12",N/A,https://www.facebook.com/p/1001,Looptijd,1.234,980,57,40,12,5,81',
            '1002,5001,"Gemeente Voorbeeld",,"Wegwerken ""Dorpsstraat""",0,"09/28/2026 09:00",N/A,'
            "https://www.facebook.com/p/1002,Looptijd,27,20,4,-,0,,2",
        ],
    ),
    "meta_facebook_posts_en.csv": (
        "utf-8-sig",
        [
            FACEBOOK_EN,
            '1001,5001,"Gemeente Voorbeeld",,,0,"09/03/2026 18:12",N/A,https://x.example/1,0,0,'
            "Photos,,,,,Lifetime,1300,1001,60,42,13,5,84,1",
            '2001,5002,"Ville Exemple",,,0,"09/12/2026 07:30",N/A,https://x.example/2,0,0,'
            "Photos,,,,,Lifetime,63,45,6,5,0,1,2,1",
        ],
    ),
    "meta_facebook_posts_fr.csv": (
        "cp1252",
        [
            FACEBOOK_FR,
            "2001;5002;Ville Exemple;Fête;09/12/2026 07:30;https://x.example/2;Durée de vie;1 063;"
            "945;6;5;0;1;2;1;90,5",
        ],
    ),
    "meta_facebook_posts_by_day_en.csv": (
        "utf-8",
        [
            FACEBOOK_EN,
            '1001,5001,"Gemeente Voorbeeld",,,0,"09/03/2026 18:12",N/A,https://x.example/1,0,0,'
            "Photos,,,,,09/03/2026,1000,800,50,35,11,4,70,1",
            '1001,5001,"Gemeente Voorbeeld",,,0,"09/03/2026 18:12",N/A,https://x.example/1,0,0,'
            "Photos,,,,,09/04/2026,300,201,10,7,2,1,14,0",
        ],
    ),
    "meta_instagram_posts_en.csv": (
        "utf-8",
        [
            INSTAGRAM_EN,
            '17900000000000001,17841400000000001,voorbeeld_ig,"Gemeente Voorbeeld","Markt",0,'
            '"09/24/2026 15:30",https://x.example/3,"IG carousel",,Lifetime,99,40,4,0,1,2,3',
        ],
    ),
    "meta_instagram_posts_nl.csv": (
        "utf-16",
        [
            INSTAGRAM_NL,
            "17900000000000001;17841400000000001;voorbeeld_ig;Gemeente Voorbeeld;Markt;"
            "09/24/2026 15:30;Looptijd;1.099;840;4;0;2;3",
        ],
    ),
    "meta_daily_en.csv": (
        "utf-16",
        [
            "sep=,",
            '"Facebook visits"',
            '"Date","Primary"',
            '"2026-09-01T00:00:00","20"',
            '"2026-09-02T00:00:00","0"',
            "",
            '"Views"',
            '"Date","Primary"',
            '"2026-09-01T00:00:00","310"',
            '"2026-09-02T00:00:00",""',
        ],
    ),
    "meta_daily_nl.csv": (
        "utf-16",
        ["sep=,", '"Bereik"', '"Datum","Primair"', '"2026-09-01T00:00:00","1204"'],
    ),
    "meta_daily_fr.csv": (
        "utf-16",
        ["sep=,", '"Couverture Facebook"', '"Date","Principal"', '"2026-09-01T00:00:00","1204"'],
    ),
    "x_account_daily.csv": (
        "utf-8",
        [
            X_DAILY,
            '"Tue, Sep 29, 2026",2871,24,43,0,1,3,2,1,1,2,2,0,0',
            '"Mon, Sep 28, 2026",2199,12,26,0,0,0,0,2,0,-,2,0,0',
        ],
    ),
    "x_posts.csv": (
        "utf-8",
        [
            X_POSTS,
            '2074000000000000001,"Tue, Sep 29, 2026","Wie, wat, waar?",'
            "https://x.com/voorbeeld/status/2074000000000000001,12297,12,300,0,0,0,1,2,9,20,6,0,0",
        ],
    ),
    "x_posts_before_2024.csv": (
        "utf-8",
        [
            '"Tweet id","Tweet permalink","Tweet text","time","impressions","engagements",'
            '"engagement rate","retweets","replies","likes","user profile clicks","url clicks"',
            '"1400","https://twitter.com/voorbeeld/status/1400","Markt","2021-08-06 23:30 +0000",'
            '"12500.0","430.0","0.0344","12.0","8.0","210.0","3.0","-"',
        ],
    ),
    "youtube_videos_en.csv": (
        "utf-8",
        [
            YOUTUBE_EN,
            "Total,,,,1500,10.5,-2,20000,5.1",
            'abcdefghij1,Markt,"Sep 3, 2026",150,1100,7.25,-1,15000,5.4',
            'abcdefghij2,Wegwerken,"Aug 28, 2026",90,400,3.25,-1,5000,4.1',
        ],
    ),
    "youtube_videos_fr.csv": (
        "utf-8",
        [
            YOUTUBE_FR,
            'Total,,,,"28\u202f000","44,5",12,"90\u202f531"',
            'abcdefghij3,Marché,"3 sept. 2026",150,"28\u202f000","44,5",12,"90\u202f531"',
        ],
    ),
    "youtube_daily_nl.csv": (
        "utf-8",
        [
            "Datum;Weergaven;Kijktijd (uren);Abonnees;Vertoningen",
            "Totaal;2.501;20,5;3;9.000",
            "2026-09-01;1.500;12,25;2;5.000",
            "2026-09-02;1.001;8,25;1;4.000",
        ],
    ),
}

TEXTS["youtube_chart_en.csv"] = (
    "utf-8",
    [
        "Date,Content,Video title,Video publish time,Duration,Views",
        '2026-09-02,abcdefghij1,Raad,"Aug 28, 2026",3600,5',
        '2026-09-03,abcdefghij1,Raad,"Aug 28, 2026",3600,5',
    ],
)

NOTE = "The following are daily figures of your page, in UTC. Totals hold sponsored content too."
LINKEDIN_CONTENT = {
    "Metrics": [
        [NOTE],
        [
            "Date", "Impressions (organic)", "Impressions (sponsored)", "Impressions (total)",
            "Unique impressions (organic)", "Clicks (organic)", "Clicks (total)",
            "Reactions (organic)", "Reactions (total)", "Comments (organic)", "Comments (total)",
            "Reposts (organic)", "Reposts (total)", "Engagement rate (total)",
        ],
        ["09/01/2026", 90, 10, 100, 70, 4, 5, 5, 6, 1, 1, 2, 2, 0.14],
        ["09/13/2026", 210, 0, 210, 150, 9, 9, 12, 12, 0, 0, 3, 3, 0.11],
    ],
    "All posts": [
        ["Posts of the chosen period."],
        [
            "Post title", "Post link", "Post type", "Posted by", "Created date", "Impressions",
            "Views", "Clicks", "Click through rate (CTR)", "Likes", "Comments", "Reposts",
            "Follows", "Engagement rate",
        ],
        [
            "Wij werven aan", "https://www.linkedin.com/feed/update/urn:li:activity:7200000000000000001",
            "Organic", "Iemand", "09/13/2026", 180, "", 8, 0.04, 11, 0, 3, "", 0.1,
        ],
    ],
}  # fmt: skip
LINKEDIN_FOLLOWERS = {
    "New followers": [
        ["Date", "Sponsored followers", "Organic followers", "Auto-invited followers",
         "Total followers"],
        ["09/01/2026", 2, 3, 1, 6],
        ["09/13/2026", 0, 1, 0, 1],
    ],
    "Location": [["Location", "Total followers"], ["Brussels", 812]],
}  # fmt: skip
LINKEDIN_VISITORS = {
    "Visitor metrics": [
        ["Date", "Overview page views (total)", "Total page views (desktop)",
         "Total page views (total)", "Total unique visitors (total)"],
        # dates as Excel saves them
        [date(2026, 9, 1), 10, 8, 14, 9],
        [date(2026, 9, 13), 5, 5, 6, 6],
    ],
}  # fmt: skip
BOOKS = {
    "linkedin_content": LINKEDIN_CONTENT,
    "linkedin_followers": LINKEDIN_FOLLOWERS,
    "linkedin_visitors": LINKEDIN_VISITORS,
}


def xlsx(sheets: dict[str, list[list]]) -> bytes:
    """A workbook with these sheets."""
    from openpyxl import Workbook

    book = Workbook()
    book.remove(book.active)
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


def xls(sheets: dict[str, list[list]]) -> bytes:
    """A BIFF workbook with these sheets, as LinkedIn still writes."""
    import xlwt

    book = xlwt.Workbook()
    plain, day = xlwt.XFStyle(), xlwt.easyxf(num_format_str="DD/MM/YYYY")
    for name, rows in sheets.items():
        sheet = book.add_sheet(name)
        for r, row in enumerate(rows):
            for c, cell in enumerate(row):
                style = day if isinstance(cell, date) else plain
                sheet.write(r, c, cell, style)
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


def text(encoding: str, lines: list[str]) -> bytes:
    """Lines as a file of that encoding."""
    return ("\n".join(lines) + "\n").encode(encoding)


def table(header: list[str], *rows: list[str], delimiter: str = ",") -> str:
    """A small CSV."""
    out = io.StringIO()
    csv.writer(out, delimiter=delimiter, lineterminator="\n").writerows([header, *rows])
    return out.getvalue()


if __name__ == "__main__":
    FILES.mkdir(exist_ok=True)
    for name, (encoding, lines) in TEXTS.items():
        (FILES / name).write_bytes(text(encoding, lines))
    for name, sheets in BOOKS.items():
        (FILES / f"{name}.xlsx").write_bytes(xlsx(sheets))
        (FILES / f"{name}.xls").write_bytes(xls(sheets))
