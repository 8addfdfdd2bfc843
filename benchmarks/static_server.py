"""X as static bytes: `python -m benchmarks.static_server <pages an account>` prints its port.

Every account has the same timeline of pages of 100 posts, prepared once; nothing is computed for a
request, so what a client measures is the client.
"""

import asyncio
import json
import random
import sys
from datetime import UTC, datetime, timedelta

PAGE = 100
USER_ID = "1001"
NOW = datetime(2026, 9, 30, 20, tzinfo=UTC)
WORDS = [
    "het",
    "zwembad",
    "is",
    "vandaag",
    "open",
    "tot",
    "18",
    "uur",
    "want",
    "de",
    "herstelling",
    "is",
    "klaar",
    "dank",
    "aan",
    "alle",
]


def post(number: int, rng: random.Random) -> dict:
    """A post of an ordinary length; every tenth is a reply, every tenth a repost."""
    text = " ".join(rng.choice(WORDS) for _ in range(rng.randint(8, 36)))
    body = {
        "id": str(1_800_000_000_000_000_000 - number),
        "text": f"{text} #gemeente https://t.co/abc{number % 1000}",
        "created_at": f"{NOW - timedelta(seconds=30 + number):%Y-%m-%dT%H:%M:%S.000Z}",
        "conversation_id": str(1_800_000_000_000_000_000 - number),
        "author_id": USER_ID,
        "edit_history_post_ids": [str(1_800_000_000_000_000_000 - number)],
        "public_metrics": {
            "repost_count": rng.randint(0, 9), "reply_count": rng.randint(0, 9),
            "like_count": rng.randint(0, 99), "quote_count": rng.randint(0, 3),
            "bookmark_count": 0, "impression_count": rng.randint(100, 99_999),
        },
    }  # fmt: skip
    if number % 10 == 3:
        body |= {
            "text": f"@citizen{number} {text}",
            "in_reply_to_user_id": str(7_000_000 + number),
            "referenced_posts": [{"type": "replied_to", "id": str(number)}],
        }
    if number % 10 == 7:
        body["referenced_posts"] = [{"type": "retweeted", "id": str(number)}]
    return body


def page(number: int, last: int) -> bytes:
    """One page of the timeline, as the bytes that go out."""
    rng = random.Random(number)
    data = [post(PAGE * number + place, rng) for place in range(PAGE)]
    meta = {"result_count": PAGE, "newest_id": data[0]["id"], "oldest_id": data[-1]["id"]}
    if number < last:
        meta["next_token"] = f"t{number + 1}"
    author = {"id": USER_ID, "name": "Gemeente", "username": "gemeente"}
    return _answer({"data": data, "includes": {"users": [author]}, "meta": meta})


def _answer(body: object) -> bytes:
    text = json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()
    head = "HTTP/1.1 200 OK\r\ncontent-type: application/json; charset=utf-8\r\ncontent-length: "
    return f"{head}{len(text)}\r\nx-rate-limit-remaining: 9999\r\n\r\n".encode() + text


class Server(asyncio.Protocol):
    """HTTP/1.1 with keep-alive, for GET without a body."""

    pages: list[bytes] = []  # noqa: RUF012  (set once, before the first connection)
    empty = _answer({"meta": {"result_count": 0}})

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport, self.buffer = transport, b""

    def data_received(self, data: bytes) -> None:
        self.buffer += data
        while b"\r\n\r\n" in self.buffer:
            head, _, self.buffer = self.buffer.partition(b"\r\n\r\n")
            self.transport.write(self.answer(head.split(b" ", 2)[1]))

    def answer(self, target: bytes) -> bytes:
        path, _, query = target.partition(b"?")
        if path.endswith(b"/tweets"):
            token = query.partition(b"pagination_token=t")[2].partition(b"&")[0]
            return self.pages[int(token or 0)]
        if path.endswith(b"/by"):
            names = query.partition(b"usernames=")[2].partition(b"&")[0].decode().split("%2C")
            counts = {"followers_count": 5000}
            users = [
                {"id": USER_ID, "username": n, "name": n, "public_metrics": counts} for n in names
            ]
            return _answer({"data": users})
        return self.empty


async def serve(pages: int) -> None:
    """Serve until the process ends."""
    Server.pages = [page(number, pages - 1) for number in range(pages)]
    server = await asyncio.get_running_loop().create_server(Server, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(serve(int(sys.argv[1])))
