"""What deserves a word without stopping anything, kept short: a million like remarks must not fill a page or memory."""

from __future__ import annotations

from collections import Counter

SHOWN_OF_EACH = 20


class Remarks:
    """Collects warnings by topic. Of each topic the first twenty are kept as sentences and the rest are counted."""

    def __init__(self) -> None:
        self._sentences: dict[str, list[str]] = {}
        self._counts: Counter[str] = Counter()

    def add(self, topic: str, sentence: str) -> None:
        """Note one remark under a topic."""
        self._counts[topic] += 1
        kept = self._sentences.setdefault(topic, [])
        if len(kept) < SHOWN_OF_EACH:
            kept.append(sentence)

    def extend(self, others: Remarks) -> None:
        """Note all that somebody else noted."""
        for topic, kept in others._sentences.items():
            mine = self._sentences.setdefault(topic, [])
            mine += kept[: SHOWN_OF_EACH - len(mine)]
            self._counts[topic] += others._counts[topic]

    def sentences(self) -> list[str]:
        """All remarks, topic by topic in the order of their first appearance."""
        out = []
        for topic, kept in self._sentences.items():
            out += kept
            more = self._counts[topic] - len(kept)
            if more:
                out.append(f"… and {more:,} more: {topic}")
        return out
