"""Figures as rows of a Markdown table."""
import dataclasses

import measure


def count(n):
    return f"{n:,.0f}"


def micros(n):
    return f"{n:.1f} µs"


def millis(n):
    return f"{n:.1f} ms"


def seconds(n):
    return f"{n:.2f} s"


def mebibytes(n):
    return f"{n / 2**20:.1f} MiB"


def gigabytes_a_second(n):
    return f"{n / 1e9:.2f} GB/s"


def percent(n):
    return f"{n * 100:.2f} %"


def shown(values, form):
    """The median, and from where to where it went."""
    middle = form(measure.median(values))
    return middle if len(values) == 1 else f"{middle} ({form(min(values))}–{form(max(values))})"


@dataclasses.dataclass
class Row:
    what: str
    ours: str
    theirs: str = ""
    ratio: str = ""
    wanted: str = ""

    @staticmethod
    def compared(what, ours, theirs, form, wanted=""):
        """Two lists of figures that were taken in turns; the ratio is that of their medians."""
        ratio = measure.median(ours) / measure.median(theirs)
        return Row(what, shown(ours, form), shown(theirs, form), f"{ratio:.2f}", wanted)

    @staticmethod
    def faster(what, ours, theirs, form, wanted=""):
        """As compared(), told as how many times less ours takes."""
        row = Row.compared(what, ours, theirs, form, wanted)
        row.ratio = f"{measure.median(theirs) / measure.median(ours):.2f} × faster"
        return row

    @staticmethod
    def plain(what, values, form, wanted=""):
        return Row(what, shown(values, form), "", "", wanted)


def line(row):
    return f"| {row.what} | {row.ours} | {row.theirs} | {row.ratio} | {row.wanted} |"


def markdown(rows):
    return "\n".join(["| | restpoint | the other | ratio | wanted |", "|---|---|---|---|---|", *map(line, rows)])
