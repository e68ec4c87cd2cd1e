"""Read CSV as RFC 4180 has it, fields of any size that a row of ours may have."""

import csv
from collections.abc import Iterable, Iterator

from batch_processing.formats.planning import LARGEST_ROW

# A byte that is not UTF-8 has four characters in a result file: `\xff`. Python's limit is 131,072.
_LARGEST_FIELD = 5 * LARGEST_ROW


def records(lines: Iterable[str], delimiter: str) -> Iterator[list[str]]:
    """Give each record's fields; csv.Error for what is not CSV."""
    csv.field_size_limit(_LARGEST_FIELD)  # the process's: no reader has one of its own
    return csv.reader(lines, delimiter=delimiter, strict=True)
