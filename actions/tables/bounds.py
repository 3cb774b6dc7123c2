"""How large the company's tables may be."""

LONGEST_NAME = 100
LONGEST_KEY = 500
LONGEST_VALUE = 64 * 1024
"""Bytes of one value, written as JSON."""

MOST_COLUMNS = 50
MOST_ROWS = 100_000
"""Of a table. Pages and the API refuse more; what actions remember beyond it takes the place of the oldest."""

MOST_TABLES = 500
