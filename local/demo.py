"""Play the story and say how it went."""

import time
from dataclasses import dataclass

from local.api import StoryError
from local.logs import print_errors
from local.stack import Stack
from local.story import CHAPTERS, Chapter, Scene


@dataclass(frozen=True)
class Outcome:
    """How a chapter went: until the first answer, and until its whole effect was seen."""

    pattern: str
    ok: bool
    first_ms: float
    whole_ms: float


def play(stack: Stack) -> bool:
    """Play every chapter, whatever became of the others; tell whether all of it worked."""
    scene = Scene(stack)
    outcomes = [play_chapter(chapter, scene) for chapter in CHAPTERS]
    print_table(outcomes)
    worked = all(outcome.ok for outcome in outcomes)
    if not worked:
        print_errors(stack)
    return worked


def play_chapter(chapter: Chapter, scene: Scene) -> Outcome:
    """Print a line per step, with the time since the chapter's beginning."""
    title = (chapter.__doc__ or "").rstrip(".")
    print(f"\n{title}")
    start, laps = time.perf_counter(), []
    try:
        for line in chapter(scene):
            laps.append(1000 * (time.perf_counter() - start))
            print(f"  ✓ {line} ({laps[-1]:,.0f} ms)", flush=True)
        ok = True
    except StoryError as error:
        laps.append(1000 * (time.perf_counter() - start))
        print(f"  ✗ {error} ({laps[-1]:,.0f} ms)", flush=True)
        ok = False
    return Outcome(title.partition(":")[0], ok, laps[0], laps[-1])


def print_table(outcomes: list[Outcome]) -> None:
    """Sum up: a row per pattern."""
    print(f"\n{'Pattern':<20} {'Outcome':<8} {'First answer':>12} {'Whole effect':>13}")
    for outcome in outcomes:
        said = "works" if outcome.ok else "FAILED"
        times = f"{outcome.first_ms:>9,.0f} ms {outcome.whole_ms:>10,.0f} ms"
        print(f"{outcome.pattern:<20} {said:<8} {times}")
