"""`python -m api.bulk.parquet`: lines of results from stdin, a Parquet file to stdout.

A process of its own, and a short one: pyarrow and ten thousand rows in it take more memory than the whole
front end, which has nothing else to do with it. Exit 3 where pyarrow is not installed.
"""

import json
import sys

ABSENT = 3
GROUP = 2500  # rows that are in memory as Python has them


def main() -> int:
    """Convert what comes."""
    try:
        import pyarrow as pa
        import pyarrow.parquet as pq
    except ImportError:
        return ABSENT
    label = pa.struct(
        [("name", pa.string()), ("classId", pa.string()), ("confidence", pa.float32())]
    )
    error = pa.struct([("code", pa.string()), ("message", pa.string())])
    schema = pa.schema(
        [
            ("row", pa.int32()),
            ("id", pa.string()),
            ("was", pa.int32()),
            ("url", pa.string()),
            ("status", pa.string()),
            ("result", pa.string()),
            ("labels", pa.list_(label)),
            ("model", pa.string()),
            ("modelVersion", pa.string()),
            ("cached", pa.bool_()),
            ("error", error),
        ]
    )
    with pq.ParquetWriter(pa.PythonFile(sys.stdout.buffer), schema, compression="zstd") as writer:
        rows = []
        for line in sys.stdin.buffer:
            rows.append(json.loads(line))
            if len(rows) == GROUP:
                writer.write_table(pa.Table.from_pylist(rows, schema))
                rows = []
        if rows:
            writer.write_table(pa.Table.from_pylist(rows, schema))
    return 0


if __name__ == "__main__":
    sys.exit(main())
