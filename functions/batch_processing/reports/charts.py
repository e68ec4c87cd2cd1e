"""Charts as inline SVG, drawn by leather and dressed by the page's style: light, dark, at any size.

leather is imported with the first chart: of all functions, only the report's pays for it.
"""

import re
import xml.etree.ElementTree as ET
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from types import ModuleType
from typing import Any, NamedTuple

_FONT = "inherit"
_INK = {"background_color": "none", "tick_color": "var(--line)", "zero_color": "var(--axis)"}
_INK |= {"label_color": "var(--faint)", "tick_font_family": _FONT}
_SIZES = {"margin": 0.012, "tick_font_size": 13, "tick_font_char_width": 7.2, "tick_size": 4}
_LONG = re.compile(r"-?\d+\.\d{2,}")
_ROUND = 3  # of a bar's corners
_LONGEST_NAME = 32
_ROOM = 46  # for the number behind the longest bar
_SERIES = ".//g[rect][@class]"
_BARS = f"{_SERIES}/rect"


class Bar(NamedTuple):
    """A number with its name, what to say when it is pointed at, and its colour."""

    name: str
    value: int
    said: str
    colour: str = "var(--blue)"


def columns(
    bars: Sequence[Bar], *, title: str, size: tuple[int, int], every: int = 1, steps: int = 4
) -> str:
    """Draw upright bars, of which every so many has its name below."""
    chart = _leather().Chart()
    ticks = _ticks(bars, steps)
    colours = [bar.colour for bar in bars]
    named = [str(index) for index in range(len(bars))]
    chart.add_columns(
        list(zip(named, (bar.value for bar in bars), strict=True)), fill_color=_pick(colours)
    )
    chart.add_y_scale(0, ticks[-1])
    chart.add_y_axis(ticks=ticks, tick_formatter=_amount)
    chart.add_x_axis(tick_formatter=lambda value, *_: _spaced(bars, int(value), every))
    drawn = _dressed(chart.to_svg_group(*size), bars)
    return _svg(drawn, title=title, size=size, kind="columns")


def rows(bars: Sequence[Bar], *, title: str, width: int) -> str:
    """Draw lying bars with their names before them."""
    chart = _leather().Chart()
    ticks = _ticks(bars, 4)
    named = [str(index) for index in range(len(bars))]
    data = list(zip((bar.value for bar in bars), named, strict=True))
    chart.add_bars(data, fill_color=_pick([bar.colour for bar in reversed(bars)]))
    chart.add_x_scale(0, ticks[-1])
    chart.add_x_axis(ticks=ticks, tick_formatter=_amount)
    chart.add_y_axis(tick_formatter=lambda value, *_: _short(bars[int(value)].name))
    height = 40 + 30 * len(bars)
    drawn = _dressed(chart.to_svg_group(width - _ROOM, height), bars[::-1])
    for series in drawn.iterfind(_SERIES):
        series.extend([_number(each, bar) for each, bar in zip(series, bars[::-1], strict=True)])
    return _svg(drawn, title=title, size=(width, height), kind="rows")


@cache
def _leather() -> ModuleType:
    """Import the library, and give it this page's looks: its theme is a module's variables."""
    import leather  # type: ignore[import-untyped]  # noqa: PLC0415 - 30 ms that other functions are spared
    from leather import theme  # noqa: PLC0415

    for name, value in (_INK | _SIZES).items():
        setattr(theme, name, value)
    return leather  # type: ignore[no-any-return]


def _pick(colours: Sequence[str]) -> Callable[[Any], str]:
    """Give a bar's colour by its place, which is all that leather says of it."""
    return lambda datum: colours[datum.i]


def _spaced(bars: Sequence[Bar], index: int, every: int) -> str:
    return bars[index].name if index % every == 0 else ""


def _short(name: str) -> str:
    return name if len(name) <= _LONGEST_NAME else f"{name[: _LONGEST_NAME - 1]}…"


def _ticks(bars: Sequence[Bar], steps: int) -> list[int]:
    """Divide the axis into round steps, up to the largest number or just above."""
    top = max(1, *(bar.value for bar in bars))
    step = next(each for each in _round_steps() if each * steps >= top)
    return [step * index for index in range(-(-top // step) + 1)]


def _round_steps() -> Iterator[int]:
    power = 1
    while True:
        yield from (power, 2 * power, 5 * power)
        power *= 10


def _amount(value: Any, *_: Any) -> str:
    """Write a number as short as an axis wants it: 1.5k, 20M."""
    number = float(value)
    for unit, name in ((10**9, "G"), (10**6, "M"), (10**3, "k")):
        if number >= unit:
            return f"{number / unit:.4g}{name}"
    return f"{number:.0f}"


def _dressed(drawn: ET.Element, bars: Sequence[Bar]) -> ET.Element:
    """Round the bars off, and say of each what it is when it is pointed at."""
    for rectangle, bar in zip(drawn.iterfind(_BARS), bars, strict=True):
        rectangle.set("rx", str(_ROUND))
        ET.SubElement(rectangle, "title").text = bar.said
    return drawn


def _number(rectangle: ET.Element, bar: Bar) -> ET.Element:
    """Write a bar's number, behind it."""
    at = {name: float(rectangle.get(name, "0")) for name in ("x", "y", "width", "height")}
    place = {"x": str(at["x"] + at["width"] + 6), "y": str(at["y"] + at["height"] / 2)}
    text = ET.Element("text", place | {"dy": "0.34em"})
    text.text = f"{bar.value:,}"
    return text


def _svg(drawn: ET.Element, *, title: str, size: tuple[int, int], kind: str) -> str:
    """Write the chart so that it fits where it is put, and says what it shows to all."""
    box = {"viewBox": f"0 0 {size[0]} {size[1]}", "role": "img", "aria-label": title}
    root = ET.Element("svg", box | {"class": kind})
    root.append(drawn)
    for each in root.iter():
        each.attrib |= {
            name: f"{float(value):.1f}" for name, value in each.items() if _LONG.fullmatch(value)
        }
    return ET.tostring(root, encoding="unicode")
