"""What pandas finds in a log of alarms, as one line of JSON.

    alarms.py LOG.csv FROM_NS TO_NS     columns at_ns, alarm, priority, from_state, to_state

Written apart from the program that it is compared with: window by window and alarm by alarm.
"""

import json
import sys

import pandas as pd

ACTIVE = {"unacknowledged", "acknowledged"}
ASIDE = {"shelved", "suppressed", "out of service"}
MINUTE = 60 * 10**9


def floods(counts):
    """How many, how many windows, and the alarms of the largest."""
    number, windows, largest, running = 0, 0, 0, None
    for count in counts:
        if running is not None and count < 5:
            running = None
        if running is None and count > 10:
            number, running = number + 1, 0
        if running is not None:
            windows += 1
            running += count
            largest = max(largest, running)
    return number, windows, largest


def main():
    begin, end = int(sys.argv[2]), int(sys.argv[3])
    log = pd.read_csv(sys.argv[1])
    log = log[log.at_ns < end]
    inside = log[log.at_ns >= begin]
    told = inside[inside.to_state == "unacknowledged"]

    windows = -(-(end - begin) // (10 * MINUTE))
    counts = ((told.at_ns - begin) // (10 * MINUTE)).value_counts()
    counts = counts.reindex(range(windows), fill_value=0)
    number, flood_windows, largest = floods(counts.tolist())

    by_alarm = told.groupby("alarm").size().reset_index(name="told")
    worst = by_alarm.sort_values(["told", "alarm"], ascending=[False, True]).head(10)

    chattering, stale, fleeting, waits = [], [], 0, []
    for alarm, rows in log.groupby("alarm", sort=True):
        times = rows.at_ns[(rows.to_state == "unacknowledged") & (rows.at_ns >= begin)]
        if (times.diff(2) <= MINUTE).any():
            chattering.append(alarm)
        raised, waiting = None, None
        for row in rows.itertuples():
            if row.to_state == "unacknowledged":
                raised, waiting = row.at_ns, row.at_ns
            elif row.to_state == "acknowledged":
                if waiting is not None and row.at_ns >= begin:
                    waits.append(row.at_ns - waiting)
                waiting = None
            else:
                if raised is not None and row.to_state not in ASIDE and row.at_ns >= begin:
                    fleeting += row.at_ns - raised <= MINUTE
                raised, waiting = None, None
        if raised is not None and end - raised > 24 * 60 * MINUTE:
            stale.append(alarm)

    shelvings = ((inside.to_state == "shelved") & (inside.from_state != "shelved")).sum()
    print(
        json.dumps(
            {
                "told": len(told),
                "windows": windows,
                "windows_over_ten": int((counts > 10).sum()),
                "most_in_window": int(counts.max()),
                "floods": number,
                "flood_windows": flood_windows,
                "largest_flood": largest,
                "worst": worst.to_dict("records"),
                "chattering": chattering,
                "fleeting": fleeting,
                "stale": stale,
                "by_priority": [int((told.priority == name).sum()) for name in ("urgent", "high", "low")],
                "shelvings": int(shelvings),
                "median_secs_to_acknowledge": float(pd.Series(waits).median() * 1e-9) if waits else None,
            }
        )
    )


if __name__ == "__main__":
    main()
