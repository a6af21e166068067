"""DuckDB answers the questions of `benches/historian_read.rs`, from tables in files of its own.

    read.py QUESTIONS     a file of JSON; prints one line of JSON for each way of asking

The tables are filled from the Parquet files of the stores, tag and signal as ENUM, in two orders of
rows: by series and time, and by time. Every SQL runs on both, with two threads. Its answers must be
ours, else this ends: frames value by value; of trends, whose columns end on whole minutes with us,
each column by an SQL of its own, and the sum of all columns by the SQL that is measured.

Times are seconds of the wall clock, to the rows as Arrow. Cold: the system's cache of files is
dropped and the file opened anew, so that DuckDB's own cache is empty too. Each way is asked as often
as we were, or for as long as twelve seconds.
"""

import json
import os
import struct
import subprocess
import sys
import time

import duckdb

LAYOUTS = {"by series": "tag, signal, source_time", "by time": "source_time, tag, signal"}
# The answer of each is a value for each signal; the last is right only where all report each second.
FRAMES = {
    "arg_max": """SELECT tag, signal, arg_max(value, source_time) FROM samples
        WHERE source_time <= {at} GROUP BY ALL""",
    "ASOF": """SELECT asked.tag, asked.signal, value FROM (SELECT tag, signal, {at} AS at FROM series) AS asked
        ASOF JOIN (SELECT * FROM samples WHERE value IS NOT NULL AND source_time <= {at}) AS known
        ON asked.tag = known.tag AND asked.signal = known.signal AND asked.at >= known.source_time""",
    "arg_max of 5 s": """SELECT tag, signal, arg_max(value, source_time) FROM samples
        WHERE source_time <= {at} AND source_time > {at} - INTERVAL 5 SECOND GROUP BY ALL""",
}
TRENDS = {
    "samples": """SELECT (epoch_ns(source_time) - {start}) // {width} AS place,
        min(value), max(value), count(value) FROM samples
        WHERE tag = '{tag}' AND signal = '{signal}' AND source_time BETWEEN {low} AND {high} GROUP BY place""",
    # What is summed up by minute before, as we do; columns are whole minutes then.
    "a table of minutes": """SELECT (epoch_ns(minute) - {start}) // {width} AS place,
        min(low), max(high), sum(count) FROM minutes
        WHERE tag = '{tag}' AND signal = '{signal}' AND minute BETWEEN {low} AND {high} GROUP BY place""",
}
GENERAL = {"arg_max", "ASOF", "samples"}
SECONDS = 12


def say(**line):
    print(json.dumps(line), flush=True)


def bits(value):
    return struct.pack(">d", value).hex()


def number(text):
    return struct.unpack(">d", bytes.fromhex(text))[0]


def instant(nanos):
    return f"make_timestamp_ns({nanos})"


def connect(path, read_only=True):
    return duckdb.connect(path, read_only=read_only, config={"threads": 2})


def drop_caches():
    subprocess.run(["sync"], check=True)
    with open("/proc/sys/vm/drop_caches", "w", encoding="ascii") as file:
        file.write("3\n")


def fill(path, store, layout, with_minutes):
    files = f"read_parquet('{store}/samples/**/*.parquet', hive_partitioning = true)"
    began = time.perf_counter()
    with connect(path, read_only=False) as base:
        for column in ("tag", "signal"):
            base.execute(f"CREATE TYPE {column}s AS ENUM (SELECT DISTINCT {column} FROM {files} ORDER BY ALL)")
        base.execute(f"""CREATE TABLE samples AS SELECT tag::tags AS tag, signal::signals AS signal, source_time,
            value, quality FROM {files} ORDER BY {LAYOUTS[layout]}""")
        base.execute("CREATE TABLE series AS SELECT DISTINCT tag, signal FROM samples ORDER BY ALL")
        if with_minutes:
            order = LAYOUTS[layout].replace("source_time", "minute")
            base.execute(f"""CREATE TABLE minutes AS SELECT tag, signal,
                make_timestamp_ns(epoch_ns(source_time) // 60000000000 * 60000000000) AS minute,
                min(value) AS low, max(value) AS high, count(value) AS count
                FROM samples GROUP BY ALL ORDER BY {order}""")
        (count,) = base.execute("SELECT count(*) FROM samples").fetchone()
    spent = time.perf_counter() - began
    say(note=f"DuckDB {layout}: {count} rows, {os.path.getsize(path) >> 20} MiB, filled in {spent:.0f} s")


def answered(base, query):
    """How long the answer takes."""
    began = time.perf_counter()
    base.sql(query).to_arrow_table()
    return time.perf_counter() - began


def measure(kind, path, layout, name, queries, cold):
    about = {"who": f"DuckDB, {name}, {layout}", "general": name in GENERAL}
    if cold:
        opening, answering = [], []
        until = time.monotonic() + SECONDS
        for query in queries:
            if time.monotonic() > until:
                break
            drop_caches()
            began = time.perf_counter()
            base = connect(path)
            opening.append(time.perf_counter() - began)
            answering.append(answered(base, query))
            base.close()
        say(question=f"{kind}, cold", opening=opening, answering=answering, **about)
    with connect(path) as base:
        # What is asked for has been asked for before, but for those that read the whole table anyway.
        until = time.monotonic() + SECONDS / 3
        for query in queries:
            if time.monotonic() > until:
                break
            answered(base, query)
        answering = []
        until = time.monotonic() + SECONDS
        for query in queries:
            if time.monotonic() > until:
                break
            answering.append(answered(base, query))
        say(question=f"{kind}, warm", opening=[], answering=answering, **about)


def frames(questions, work, cold):
    for layout in LAYOUTS:
        path = os.path.join(work, "frames.duckdb")
        fill(path, questions["store"], layout, with_minutes=False)
        for name, query in FRAMES.items():
            for answer in questions["answers"]:
                check_frame(path, query, answer)
            queries = [query.format(at=instant(at)) for at in questions["instants"]]
            measure("frame", path, layout, name, queries, cold)
        os.remove(path)
    say(note=f"{len(questions['answers'])} frames are equal to those of each SQL, bit for bit")


def check_frame(path, query, answer):
    with connect(path) as base:
        theirs = base.execute(query.format(at=instant(answer["at"]))).fetchall()
    theirs = {(tag, signal): bits(value) for tag, signal, value in theirs}
    ours = {(tag, signal): value for tag, signal, value in answer["rows"]}
    wrong = [key for key in ours.keys() | theirs.keys() if ours.get(key) != theirs.get(key)]
    if wrong or not ours:
        sys.exit(f"frame at {answer['at']}: {len(wrong)} of {len(ours)} differ, as {wrong[:3]}: {query}")


def trends(questions, work, cold):
    start, end = questions["from"], questions["to"]
    span = {"start": start, "low": instant(start), "high": instant(end)}
    span["width"] = (end - start) // questions["columns"]
    for layout in LAYOUTS:
        path = os.path.join(work, "trends.duckdb")
        fill(path, questions["store"], layout, with_minutes=True)
        for answer in questions["answers"]:
            check_trend(path, answer, start, end)
            for query in TRENDS.values():
                check_sums(path, query.format(tag=answer["tag"], signal=answer["signal"], **span), answer)
        for name, query in TRENDS.items():
            queries = [query.format(tag=tag, signal=signal, **span) for tag, signal in questions["signals"]]
            measure("trend", path, layout, name, queries, cold)
        os.remove(path)
    say(note=f"{len(questions['answers'])} trends are equal to DuckDB's, column by column, bit for bit")


def check_trend(path, answer, start, end):
    """Columns of ours end on whole minutes, and are compared from their first to their last sample."""
    columns = answer["columns"]
    firsts, lasts = [column[0] for column in columns], [column[1] for column in columns]
    with connect(path) as base:
        theirs = base.execute(
            """SELECT min(value), max(value), count(value)
            FROM (SELECT unnest($1::BIGINT[]) AS first, unnest($2::BIGINT[]) AS last) AS columns
            JOIN (SELECT epoch_ns(source_time) AS moment, value FROM samples WHERE tag = $3 AND signal = $4) AS samples
            ON moment BETWEEN first AND last GROUP BY first ORDER BY first""",
            [firsts, lasts, answer["tag"], answer["signal"]],
        ).fetchall()
        # No sample lies between two columns.
        (count,) = base.execute(
            """SELECT count(value) FROM samples
            WHERE tag = $1 AND signal = $2 AND epoch_ns(source_time) BETWEEN $3 AND $4""",
            [answer["tag"], answer["signal"], start, end],
        ).fetchone()
    theirs = [[bits(low), bits(high), samples] for low, high, samples in theirs]
    ours = [column[2:] for column in columns]
    if not ours or ours != theirs or count != sum(column[2] for column in ours):
        sys.exit(f"trend of {answer['tag']}.{answer['signal']}: not the same columns")


def check_sums(path, query, answer):
    with connect(path) as base:
        theirs = base.execute(f"SELECT min(low), max(high), sum(n) FROM ({query}) AS t(place, low, high, n)").fetchall()
    _, _, low, high, count = zip(*answer["columns"], strict=True)
    ours = (min(map(number, low)), max(map(number, high)), sum(count))
    if theirs != [ours]:
        sys.exit(f"trend of {answer['tag']}.{answer['signal']}: {theirs} are not {ours}: {query}")


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        questions = json.load(file)
    os.makedirs(questions["work"], exist_ok=True)
    frames(questions["frames"], questions["work"], questions["cold"])
    trends(questions["trends"], questions["work"], questions["cold"])


main()
