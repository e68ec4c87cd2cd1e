"""What became of what was accepted."""

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Seen:
    """What a pattern shows of ids: how often each had its effect, and why some have none."""

    effects: Counter[str] = field(default_factory=Counter)
    explained: Mapping[str, str] = field(default_factory=dict)

    def settles(self, ids: Collection[str]) -> bool:
        """Tell whether each has its effect, or its reason."""
        return all(self.effects[id] or id in self.explained for id in ids)


@dataclass
class Sent:
    """The ids of what was accepted, those that repeated requests named, and what was refused."""

    accepted: set[str] = field(default_factory=set)
    again: set[str] = field(default_factory=set)
    refused: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Account:
    """One pattern under one fault, in numbers."""

    pattern: str
    fault: str
    met: int
    accepted: int
    done: int
    explained: int
    duplicated: int
    once: bool  # the pattern promises that nothing is done twice
    missing: tuple[str, ...] = ()  # some of the lost, to look for
    refused: tuple[str, ...] = ()  # a good request, and what its caller was told in the end

    @property
    def lost(self) -> int:
        """What was accepted, has no effect, and nobody says why."""
        return self.accepted - self.done - self.explained

    def failures(self) -> list[str]:
        """Say what must not be; nothing, for a cell that holds."""
        wrong = {
            "nothing was accepted": self.accepted == 0,
            "the fault met nothing": self.met == 0,
            f"{len(self.refused)} refused, such as {self.refused[:1]}": bool(self.refused),
            f"{self.lost} lost, such as {self.missing}": self.lost != 0,
            f"{self.duplicated} done twice": self.once and self.duplicated > 0,
        }
        return [each for each, holds in wrong.items() if holds]


def account(pattern: str, fault: str, *, sent: Sent, seen: Seen, met: int, once: bool) -> Account:
    """Draw up a cell's account: what was sent and seen, how often the fault met a call."""
    strays = sent.again - sent.accepted  # the same request made another thing
    done = {id for id in sent.accepted if seen.effects[id]}
    explained = (sent.accepted & seen.explained.keys()) - done
    return Account(
        pattern=pattern,
        fault=fault,
        met=met,
        accepted=len(sent.accepted),
        done=len(done),
        explained=len(explained),
        duplicated=len({id for id in done if seen.effects[id] > 1} | strays),
        once=once,
        missing=tuple(sorted(sent.accepted - done - explained)[:3]),
        refused=tuple(sent.refused),
    )
