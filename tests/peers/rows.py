"""What DuckDB and pyarrow read in Parquet files of a store, as one line of JSON.

    rows.py rows FILE       every row, by each
    rows.py sums FILE…      counts, sums and spans of all rows, by each
    rows.py replayed STORE CSV…
                            every time and value of a store by tag and signal, by each, and beside
                            them what pandas reads in the files that were played into it

Times are nanoseconds, values the bits of their numbers in hexadecimal, so that nothing is lost
on the way. DuckDB takes the least and the greatest number of 64 bits for infinite times.
"""

import json
import struct
import sys
from collections import defaultdict

import duckdb
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.dataset as ds
import pyarrow.parquet as pq

COLUMNS = [
    "tag",
    "signal",
    "origin",
    "unit",
    "source_time",
    "receive_time",
    "value",
    "text",
    "quality",
    "clock",
]


def bits(value):
    return None if value is None else struct.pack(">d", value).hex()


def told(row):
    """A row as Rust expects it; times come as whole numbers already."""
    row = list(row)
    row[6] = bits(row[6])
    return row


def duckdb_rows(path):
    columns = ", ".join(f"epoch_ns({name})" if name.endswith("_time") else name for name in COLUMNS)
    return [told(row) for row in duckdb.sql(f"SELECT {columns} FROM read_parquet(?)", params=[path]).fetchall()]


def pyarrow_rows(path):
    # One file, and no folder names read as columns; checksums of pages are looked at.
    table = pq.ParquetFile(path, page_checksum_verification=True).read(columns=COLUMNS)
    columns = [
        column.cast(pa.int64()) if pa.types.is_timestamp(column.type) else column for column in table.itercolumns()
    ]
    return [told(row) for row in zip(*(column.to_pylist() for column in columns), strict=True)]


def duckdb_sums(paths):
    (row,) = duckdb.sql(
        """SELECT count(*), count(value), sum(value), sum(quality::HUGEINT)::VARCHAR,
            epoch_ns(min(source_time)), epoch_ns(max(source_time)), epoch_ns(max(receive_time)),
            count(DISTINCT tag || '.' || signal), count(text), count(*) FILTER (clock = 'source')
        FROM read_parquet(?, hive_partitioning = false)""",
        params=[paths],
    ).fetchall()
    return list(row)


def pyarrow_sums(paths):
    table = pa.concat_tables(
        pq.ParquetFile(path, page_checksum_verification=True).read(columns=COLUMNS) for path in paths
    )
    source = pc.min_max(table["source_time"].cast(pa.int64()))
    names = pc.binary_join_element_wise(table["tag"], table["signal"], ".")
    return [
        table.num_rows,
        table.num_rows - table["value"].null_count,
        pc.sum(table["value"]).as_py(),
        str(pc.sum(table["quality"].cast(pa.int64())).as_py()),
        source["min"].as_py(),
        source["max"].as_py(),
        pc.max(table["receive_time"].cast(pa.int64())).as_py(),
        pc.count_distinct(names).as_py(),
        table.num_rows - table["text"].null_count,
        pc.sum(pc.equal(table["clock"], "source")).as_py(),
    ]


def by_name(rows):
    """Rows of name, time and value: time and value of each by name."""
    answer = defaultdict(list)
    for name, at, value in rows:
        answer[name].append([at, bits(value)])
    return answer


def duckdb_store(store):
    query = """SELECT tag || '.' || signal, epoch_ns(source_time), value FROM read_parquet(?, hive_partitioning = true)
        ORDER BY source_time"""
    return by_name(duckdb.sql(query, params=[f"{store}/samples/**/*.parquet"]).fetchall())


def pyarrow_store(store):
    table = ds.dataset(f"{store}/samples", partitioning="hive").to_table(columns=COLUMNS).sort_by("source_time")
    names = pc.binary_join_element_wise(table["tag"], table["signal"], ".")
    columns = names, table["source_time"].cast(pa.int64()), table["value"]
    return by_name(zip(*(column.to_pylist() for column in columns), strict=True))


def pandas_files(paths):
    answer = defaultdict(list)
    for path in paths:
        table = pd.read_csv(path, sep=";", parse_dates=["datetime"], float_precision="round_trip")
        nanos = table["datetime"].astype("datetime64[ns]").astype("int64").tolist()
        for name in table.columns[1:]:
            answer[name] += [[at, bits(value)] for at, value in zip(nanos, table[name].tolist(), strict=True)]
    return answer


def main():
    mode, *paths = sys.argv[1:]
    if mode == "replayed":
        store, *files = paths
        answer = {"duckdb": duckdb_store(store), "pyarrow": pyarrow_store(store), "pandas": pandas_files(files)}
    elif mode == "rows":
        answer = {"duckdb": duckdb_rows(paths[0]), "pyarrow": pyarrow_rows(paths[0])}
    else:
        answer = {"duckdb": duckdb_sums(paths), "pyarrow": pyarrow_sums(paths)}
    print(json.dumps(answer))


main()
