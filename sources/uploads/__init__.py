"""Files of rows: each becomes one operation."""

KIND = "upload"
