"""Chances that follow from a seed, so that the world need not remember what it drew."""

import hashlib


def chances(seed: int, purpose: str, number: int) -> tuple[float, float, float, float]:
    """Four numbers in [0, 1) that follow from the seed, a purpose and a number."""
    digest = hashlib.blake2b(f"{seed}|{purpose}|{number}".encode(), digest_size=16)
    whole = int.from_bytes(digest.digest(), "big")
    return tuple((whole >> shift & 0xFFFFFFFF) / 2**32 for shift in (0, 32, 64, 96))
