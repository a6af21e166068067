"""DuckDB, pyarrow and SQLite take in the rows of `benches/historian.rs`: CPU and bytes of each.

    ingest.py ROWS WORK BYTES CPU_NS     ROWS holds raw columns; BYTES and CPU_NS are ours

CPU is that of all threads of this process; Arrow tables stand in memory before a clock starts.
DuckDB: INSERT from Arrow, five minutes at a time, then CHECKPOINT. SQLite: WAL, a transaction a
second, series by number, through Python's module; the first part only, as it takes long.
"""

import contextlib
import glob
import json
import os
import sqlite3
import sys
import time

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

NAMES = ["tag", "signal", "origin", "unit", "source_time", "receive_time", "value", "text", "quality", "clock"]


class Rows:
    """Raw columns of a plant, part by part."""

    def __init__(self, folder):
        self.folder = folder
        with open(os.path.join(folder, "series.json"), encoding="utf-8") as file:
            self.series = json.load(file)
        self.parts = len(glob.glob(os.path.join(folder, "*.series")))
        # Each text once, and by series which of them it has.
        self.words = []
        for column in range(4):
            words, places = np.unique([series[column] for series in self.series], return_inverse=True)
            self.words.append((pa.array(words.tolist()), places.astype(np.int32)))
        states = [""] + sorted({state for series in self.series for state in series[4]})
        self.states = pa.array(states[1:])
        most = max(1, *(len(series[4]) for series in self.series))
        self.state_of = np.full((len(self.series), most), -1, dtype=np.int32)
        for place, series in enumerate(self.series):
            for value, state in enumerate(series[4]):
                self.state_of[place, value] = states.index(state) - 1

    def raw(self, part, name, kind):
        return np.fromfile(os.path.join(self.folder, f"{part:04}.{name}"), dtype=kind)

    def table(self, part):
        """A part as an Arrow table, texts by dictionary."""
        series = self.raw(part, "series", "<u4")
        lost = self.raw(part, "lost", "u1").astype(bool)
        value = self.raw(part, "value", "<f8")
        columns = [pa.DictionaryArray.from_arrays(pa.array(places[series]), words) for words, places in self.words]
        columns += [
            pa.array(self.raw(part, name, "<i8")).cast(pa.timestamp("ns")) for name in ("source_time", "receive_time")
        ]
        columns.append(pa.array(value, mask=lost))
        place = np.clip(value, 0, self.state_of.shape[1] - 1).astype(np.int64)
        state = np.where(value == place, self.state_of[series, place], -1)
        columns.append(pa.DictionaryArray.from_arrays(pa.array(state, mask=lost | (state < 0)), self.states))
        columns.append(pa.array(self.raw(part, "quality", "<u4").view("<i4")))
        clock = self.raw(part, "clock", "u1").astype(np.int32)
        columns.append(pa.DictionaryArray.from_arrays(pa.array(clock), pa.array(["source", "receiver"])))
        return pa.table(columns, names=NAMES)


class Report:
    """Lines of a table, with our figures beside."""

    def __init__(self, rows, our_bytes, our_cpu_ns):
        self.rows, self.our_bytes, self.our_cpu = rows, our_bytes / rows, our_cpu_ns / rows
        print(f"{'':<44} {'bytes/sample':>12} {'ours/theirs':>12} {'CPU ns/sample':>14} {'ours/theirs':>12}")
        self.line("parallax: sort and seal", our_bytes, our_cpu_ns / 1e9, rows)

    def line(self, name, size, cpu, rows):
        size, cpu = size / rows, cpu * 1e9 / rows
        ours, our_cpu = self.our_bytes / size, self.our_cpu / cpu
        print(f"{name:<44} {size:>12.3f} {ours:>12.2f} {cpu:>14.1f} {our_cpu:>12.2f}", flush=True)


def size_of(*paths):
    return sum(os.path.getsize(path) for path in paths if os.path.exists(path))


def duckdb_size(base, name):
    """The bytes of the blocks in use: a file may have free ones, for rows to come."""
    query = "SELECT used_blocks * block_size FROM pragma_database_size() WHERE database_name = ?"
    (row,) = base.execute(query, [name]).fetchall()
    return row[0]


def duckdb_arrival(rows, folder, report):
    path = os.path.join(folder, "arrival.duckdb")
    base = duckdb.connect(path)
    spent, count = 0.0, 0
    for part in range(rows.parts):
        arrow = rows.table(part)  # DuckDB finds it by this name
        began = time.process_time()
        if part == 0:
            base.execute("CREATE TABLE samples AS SELECT * FROM arrow LIMIT 0")
        base.execute("INSERT INTO samples SELECT * FROM arrow")
        spent += time.process_time() - began
        count += len(arrow)
    began = time.process_time()
    base.execute("CHECKPOINT")
    spent += time.process_time() - began
    report.line("DuckDB, INSERT from Arrow, as they arrive", duckdb_size(base, "arrival"), spent, count)
    sorted_path = os.path.join(folder, "sorted.duckdb")
    base.execute(f"ATTACH '{sorted_path}' AS sorted")
    began = time.process_time()
    base.execute("CREATE TABLE sorted.samples AS SELECT * FROM samples ORDER BY tag, signal, origin, source_time")
    base.execute("CHECKPOINT sorted")
    spent += time.process_time() - began
    report.line("DuckDB, sorted by signal and time", duckdb_size(base, "sorted"), spent, count)
    parquet = os.path.join(folder, "duckdb.parquet")
    began = time.process_time()
    base.execute(f"COPY (SELECT * FROM sorted.samples) TO '{parquet}' (FORMAT parquet, COMPRESSION zstd)")
    report.line("DuckDB, sorted, COPY TO Parquet + zstd", size_of(parquet), time.process_time() - began, count)
    base.close()
    for left in (path, sorted_path, parquet):
        os.remove(left)


def pyarrow_arrival(rows, folder, report):
    path = os.path.join(folder, "arrival.parquet")
    spent, count, writer = 0.0, 0, None
    for part in range(rows.parts):
        table = rows.table(part)
        began = time.process_time()
        writer = writer or pq.ParquetWriter(path, table.schema, compression="zstd")
        writer.write_table(table)
        spent += time.process_time() - began
        count += len(table)
    began = time.process_time()
    writer.close()
    spent += time.process_time() - began
    report.line("pyarrow, Parquet + zstd, as they arrive", size_of(path), spent, count)
    os.remove(path)


def pyarrow_sorted(rows, folder, report):
    table = pa.concat_tables(rows.table(part) for part in range(rows.parts)).unify_dictionaries()
    began = time.process_time()
    order = [(name, "ascending") for name in ("tag", "signal", "origin", "source_time")]
    # Dictionaries are in the order of their words, so that places sort as words do.
    keys = pa.table({name: places(table[name]) for name, _ in order})
    table = table.take(pc.sort_indices(keys, sort_keys=order)).combine_chunks()
    sorting = time.process_time() - began
    for name, options in [
        ("pyarrow, sorted, Parquet + zstd", {}),
        ("pyarrow, sorted, zstd 5, delta times", delta_times(5)),
        ("pyarrow, sorted, zstd 5, dictionaries 16 MiB", large_dictionaries(5)),
    ]:
        path = os.path.join(folder, "sorted.parquet")
        began = time.process_time()
        pq.write_table(table, path, compression="zstd", **options)
        report.line(name, size_of(path), sorting + time.process_time() - began, len(table))
        os.remove(path)


def delta_times(level):
    words = [name for name in NAMES if not name.endswith("_time")]
    return {
        "compression_level": level,
        "use_dictionary": words,
        "column_encoding": {"source_time": "DELTA_BINARY_PACKED", "receive_time": "DELTA_BINARY_PACKED"},
    }


def large_dictionaries(level):
    return {"compression_level": level, "dictionary_pagesize_limit": 1 << 24}


def places(column):
    chunks = column.chunks
    return pa.chunked_array([chunk.indices if pa.types.is_dictionary(chunk.type) else chunk for chunk in chunks])


def sqlite(rows, folder, report):
    path = os.path.join(folder, "rows.sqlite")
    kinds = {"series": "<u4", "source_time": "<i8", "receive_time": "<i8"}
    kinds |= {"value": "<f8", "quality": "<u4", "clock": "u1"}
    columns = [rows.raw(0, name, kind).tolist() for name, kind in kinds.items()]
    batch = len(rows.series)
    tuples = list(zip(*columns, strict=True))
    with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as base:
        base.execute("PRAGMA journal_mode = WAL")
        base.execute("PRAGMA synchronous = NORMAL")
        base.execute("CREATE TABLE samples (series INTEGER, source_time INTEGER, receive_time INTEGER, value REAL, "
                     "quality INTEGER, clock INTEGER)")
        began = time.process_time()
        for start in range(0, len(tuples), batch):
            base.execute("BEGIN")
            base.executemany("INSERT INTO samples VALUES (?, ?, ?, ?, ?, ?)", tuples[start : start + batch])
            base.execute("COMMIT")
        spent = time.process_time() - began
        base.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    report.line("SQLite, WAL, a transaction a second", size_of(path), spent, len(tuples))
    os.remove(path)


def main():
    source, folder, our_bytes, our_cpu_ns = sys.argv[1:]
    os.makedirs(folder, exist_ok=True)
    rows = Rows(source)
    count = sum(os.path.getsize(path) // 4 for path in glob.glob(os.path.join(source, "*.series")))
    report = Report(count, int(our_bytes), int(our_cpu_ns))
    pyarrow_arrival(rows, folder, report)
    pyarrow_sorted(rows, folder, report)
    duckdb_arrival(rows, folder, report)
    sqlite(rows, folder, report)


main()
