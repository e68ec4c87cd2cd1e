"""The patterns, in the order of functions/; each is made on a scene."""

from collections.abc import Callable, Mapping

from faults.pattern import Pattern, Scene
from faults.patterns.deliveries import Deliveries
from faults.patterns.events import Events
from faults.patterns.exports import Exports
from faults.patterns.imports import Imports
from faults.patterns.ordered_tasks import OrderedTasks
from faults.patterns.received import Received
from faults.patterns.stock import Stock
from faults.patterns.syncs import Syncs
from faults.patterns.tasks import Tasks
from faults.patterns.users import Users

PATTERNS: Mapping[str, Callable[[Scene], Pattern]] = {
    each.name: each
    for each in (
        Users,
        Stock,
        Events,
        Received,
        Deliveries,
        Imports,
        Exports,
        Syncs,
        Tasks,
        OrderedTasks,
    )
}
