"""Figures as rows of a Markdown table."""
import dataclasses

import measure


@dataclasses.dataclass(frozen=True)
class Unit:
    """How a figure is written."""
    name: str
    scale: float = 1
    digits: int = 1

    def number(self, value):
        return f"{value / self.scale:,.{self.digits}f}"

    def of(self, values):
        """The median, and from where to where it went."""
        middle = f"{self.number(measure.median(values))} {self.name}".rstrip()
        if len(values) == 1:
            return middle
        return f"{middle} ({self.number(min(values))}–{self.number(max(values))})"


A_SECOND = Unit("a second", digits=0)
MICROS = Unit("µs")
MILLIS = Unit("ms")
SECONDS = Unit("s", digits=2)
MEBIBYTES = Unit("MiB", 2**20)
GIGABYTES_A_SECOND = Unit("GB/s", 1e9, 2)
PERCENT = Unit("%", 0.01, 2)


@dataclasses.dataclass
class Row:
    what: str
    ours: str
    theirs: str = ""
    ratio: str = ""
    wanted: str = ""

    @staticmethod
    def compared(what, unit, ours, other, theirs, wanted=""):
        """Figures that were taken in turns with those of `other`; the ratio is that of the medians."""
        ratio = measure.median(ours) / measure.median(theirs)
        return Row(what, unit.of(ours), f"{other}: {unit.of(theirs)}", f"{ratio:.2f}", wanted)

    @staticmethod
    def faster(what, unit, ours, other, theirs, wanted=""):
        """As compared(), told as how many times less ours takes."""
        row = Row.compared(what, unit, ours, other, theirs, wanted)
        row.ratio = f"{measure.median(theirs) / measure.median(ours):.1f} × faster"
        return row

    @staticmethod
    def plain(what, unit, values, wanted=""):
        return Row(what, unit.of(values), "", "", wanted)


def line(row):
    return f"| {row.what} | {row.ours} | {row.theirs} | {row.ratio} | {row.wanted} |"


def markdown(rows):
    return "\n".join(["| | restpoint | beside it | ratio | wanted |", "|---|---|---|---|---|", *map(line, rows)])
