"""What the gates are shown: for each rule the subjects that it must name, each with the statement
that makes the bad row; and near misses, which no rule may name.

Each row has a subject of its own, so that all can be judged together.
"""

#: (whom a rule must name, '' for a near miss; the statement)
Row = tuple[str, str]
#: rule -> its rows
Rows = dict[str, list[Row]]


def miss(row: Row) -> Row:
    """The row as a near miss."""
    return "", row[1]
