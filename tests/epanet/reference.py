"""EPANET 2.2 itself, called step by step: what the tests and benches compare with.

Takes the engine's library from the Python package wntr and calls its toolkit. Modes:

    reference.py FILE --out RESULT      every value of every step, SI
    reference.py FILE --time K          CPU seconds of the bare solve loop, K times
    reference.py FILE --open            does EPANET take the file, and what does it say

A result is one line of JSON, which says what is in it, then little-endian float64 rows, one
for each step. Numbers are SI as the engine's own feet and cubic feet give them (1 ft = 0.3048 m),
so the toolkit's rounded factors (28.317 L/s per cubic foot per second) are taken out again.
"""

import argparse
import array
import ctypes
import glob
import importlib.util
import json
import os
import signal
import statistics
import struct
import sys
import tempfile
import time

FOOT = 0.3048
CUBIC_FOOT = FOOT**3
# Flow units per cubic foot per second, as EPANET rounds them, in the order of the toolkit's codes.
FLOW_FACTORS = [1.0, 448.831, 0.64632, 0.5382, 1.9837, 28.317, 1699.0, 2.4466, 101.94, 2446.6]
FIRST_METRIC = 5  # the flow units from LPS on go with metres
CUBIC_METRES_PER_CUBIC_FOOT = 0.028317
MISSING = -1e10
# A hang must not hold a test: the system ends the process after this many seconds.
PATIENCE_SECS = 300

# Toolkit codes.
NODE_COUNT, LINK_COUNT = 0, 2
HEAD, DEMAND, QUALITY, TANK_VOLUME = 10, 9, 12, 24
FLOW, STATUS, ENERGY, LINK_QUALITY = 8, 11, 13, 14
TRIALS, RELATIVE_ERROR = 0, 1
ACCURACY, DEMAND_MULTIPLIER = 1, 4
DURATION = 0
JUNCTION, RESERVOIR, TANK = 0, 1, 2
PUMP, PRESSURE_VALVES, FLOW_VALVE = 2, (3, 4, 5), 6
LOWEST_ERROR = 100  # codes below are warnings

# The engine writes parts of its report to the standard output; answers alone belong there.
STDOUT = os.dup(1)
os.dup2(os.open(os.devnull, os.O_WRONLY), 1)


class Engine:
    """One project of the toolkit."""

    def __init__(self, path, folder):
        self.lib = ctypes.CDLL(library())
        self.project = ctypes.c_void_p()
        self.lib.EN_createproject(ctypes.byref(self.project))
        self.report = os.path.join(folder, "report.txt")
        names = [path, self.report, os.path.join(folder, "results.bin")]
        encoded = [os.fsencode(name) for name in names]
        self.open_code = self.lib.EN_open(self.project, *encoded)

    def call(self, name, *arguments):
        """Calls `name`; an error ends the program."""
        code = getattr(self.lib, name)(self.project, *arguments)
        if code > LOWEST_ERROR:
            sys.exit(f"{name}: {self.message(code)}")
        return code

    def message(self, code):
        text = ctypes.create_string_buffer(256)
        self.lib.EN_geterror(code, text, 255)
        return text.value.decode("latin-1")

    def whole(self, name, *arguments):
        value = ctypes.c_int()
        self.call(name, *arguments, ctypes.byref(value))
        return value.value

    def real(self, name, *arguments):
        value = ctypes.c_double()
        self.call(name, *arguments, ctypes.byref(value))
        return value.value

    def text(self, name, index):
        value = ctypes.create_string_buffer(64)
        self.call(name, index, value)
        return value.value.decode("latin-1")

    def table(self, name, places, code, factor):
        """One value of many nodes or links, SI."""
        get, project, value = getattr(self.lib, name), self.project, ctypes.c_double()
        result, pointer = array.array("d"), ctypes.byref(value)
        for place in places:
            get(project, place, code, pointer)
            result.append(value.value * factor)
        return result

    def close(self):
        self.lib.EN_close(self.project)
        self.lib.EN_deleteproject(self.project)


def library():
    """The engine's file inside the package wntr, which need not be imported for it."""
    spec = importlib.util.find_spec("wntr")
    if spec is None:
        sys.exit("the Python package wntr is not installed")
    folder = os.path.join(list(spec.submodule_search_locations)[0], "epanet", "libepanet")
    system = {"darwin": "darwin-x64/libepanet22.dylib", "win32": "windows-x64/epanet22.dll"}
    found = glob.glob(os.path.join(folder, system.get(sys.platform, "linux-x64/libepanet22.so")))
    if not found:
        sys.exit(f"wntr has no EPANET 2.2 for this system in {folder}")
    return found[0]


def prepare(engine, options):
    """Applies what the command line changes."""
    if engine.open_code > LOWEST_ERROR:
        sys.exit(f"EPANET does not open it: {engine.message(engine.open_code)}")
    engine.call("EN_setstatusreport", 0)
    if options.accuracy is not None:
        engine.call("EN_setoption", ACCURACY, ctypes.c_double(options.accuracy))
    if options.duration is not None:
        engine.call("EN_settimeparam", DURATION, ctypes.c_long(options.duration))


def multiply(engine, base, factor):
    """Sets the demand multiplier to `factor` times the file's."""
    engine.call("EN_setoption", DEMAND_MULTIPLIER, ctypes.c_double(base * factor))


class Layout:
    """What nodes and links there are, and the factors from the file's units to SI."""

    def __init__(self, engine):
        self.nodes = range(1, engine.whole("EN_getcount", NODE_COUNT) + 1)
        self.links = range(1, engine.whole("EN_getcount", LINK_COUNT) + 1)
        self.node_ids = [engine.text("EN_getnodeid", node) for node in self.nodes]
        self.link_ids = [engine.text("EN_getlinkid", link) for link in self.links]
        self.node_kinds = [engine.whole("EN_getnodetype", node) for node in self.nodes]
        self.link_kinds = [engine.whole("EN_getlinktype", link) for link in self.links]
        self.tanks = [node for node, kind in zip(self.nodes, self.node_kinds) if kind == TANK]
        self.pumps = [link for link, kind in zip(self.links, self.link_kinds) if kind == PUMP]
        units = engine.whole("EN_getflowunits")
        metric = units >= FIRST_METRIC
        self.length = 1.0 if metric else FOOT
        self.flow = CUBIC_FOOT / FLOW_FACTORS[units]
        self.volume = CUBIC_FOOT / (CUBIC_METRES_PER_CUBIC_FOOT if metric else 1.0)

    def setting_factor(self, kind):
        if kind in PRESSURE_VALVES:
            return FOOT
        return CUBIC_FOOT if kind == FLOW_VALVE else 1.0


def run(engine, layout, folder):
    """One simulation: its rows, and how it ended."""
    instant, step = ctypes.c_long(), ctypes.c_long()
    rows, error = [], 0
    engine.call("EN_openH")
    engine.call("EN_initH", 11)  # saved, with flows as at the very first start
    while True:
        warning = engine.lib.EN_runH(engine.project, ctypes.byref(instant))
        if warning > LOWEST_ERROR:
            error = warning
            break
        row = array.array("d", [instant.value, 0.0])
        row.append(engine.real("EN_getstatistic", TRIALS))
        row.append(engine.real("EN_getstatistic", RELATIVE_ERROR))
        row.append(warning)
        node, link = "EN_getnodevalue", "EN_getlinkvalue"
        row += engine.table(node, layout.nodes, HEAD, layout.length)
        row += engine.table(node, layout.nodes, DEMAND, layout.flow)
        row += engine.table(node, layout.tanks, TANK_VOLUME, layout.volume)
        row += engine.table(link, layout.links, FLOW, layout.flow)
        row += engine.table(link, layout.pumps, ENERGY, 1_000.0)
        status = engine.table(link, layout.links, STATUS, 1.0)
        rows.append((row, status))
        code = engine.lib.EN_nextH(engine.project, ctypes.byref(step))
        row[1] = step.value
        # EPANET's own table of energies goes by these: a rule at the end of the step may have
        # switched a pump that ran all the time, and tanks have moved.
        row += engine.table(link, layout.pumps, ENERGY, 1_000.0)
        if code > LOWEST_ERROR:
            error = code
        if error or step.value == 0:
            break
    finished = error == 0
    states = saved_states(engine, layout, folder) if finished else None
    for index, (row, status) in enumerate(rows):
        if states is None:
            # All that the toolkit tells itself: open or closed.
            row += array.array("d", (3.0 if value > 0 else 2.0 for value in status))
            row += array.array("d", [float("nan")] * len(layout.links))
        else:
            row += states[index][0]
            row += states[index][1]
    engine.call("EN_closeH")
    outcome = {"steps": len(rows), "error": error, "time": instant.value}
    outcome["message"] = engine.message(error) if error else ""
    return [row for row, _ in rows], outcome


def saved_states(engine, layout, folder):
    """Status and setting of every link at every step, from the engine's hydraulics file.

    The toolkit tells open and closed apart; that file knows why (types.h, StatusType).
    """
    path = os.path.join(folder, "hydraulics.bin")
    engine.call("EN_savehydfile", os.fsencode(path))
    with open(path, "rb") as file:
        data = file.read()
    nodes, links = len(layout.nodes), len(layout.links)
    factors = [layout.setting_factor(kind) for kind in layout.link_kinds]
    place, width, states = 8 * 4, 4 * (2 * nodes + 3 * links), []
    while place + 4 + width <= len(data):
        first = place + 4 + 4 * (2 * nodes + links)
        values = struct.unpack_from(f"<{2 * links}f", data, first)
        settings = (
            float("nan") if value == MISSING else value * factor
            for value, factor in zip(values[links:], factors)
        )
        states.append((array.array("d", values[:links]), array.array("d", settings)))
        place += 4 + width + 4
    return states


def run_quality(engine, layout):
    """The qualities at every hydraulic step; the hydraulics have been saved before."""
    kind, name, unit = ctypes.c_int(), ctypes.create_string_buffer(64), ctypes.create_string_buffer(64)
    trace = ctypes.c_int()
    engine.call("EN_getqualinfo", ctypes.byref(kind), name, unit, ctypes.byref(trace))
    micrograms = unit.value.lower().startswith(b"ug")
    factor = {0: 1.0, 1: 1e-6 if micrograms else 1e-3, 2: 3_600.0, 3: 0.01}[kind.value]
    instant, step, rows = ctypes.c_long(), ctypes.c_long(), []
    engine.call("EN_openQ")
    engine.call("EN_initQ", 0)
    while True:
        engine.call("EN_runQ", ctypes.byref(instant))
        row = array.array("d", [instant.value])
        row += engine.table("EN_getnodevalue", layout.nodes, QUALITY, factor)
        row += engine.table("EN_getlinkvalue", layout.links, LINK_QUALITY, factor)
        rows.append(row)
        engine.call("EN_nextQ", ctypes.byref(step))
        if step.value == 0:
            break
    engine.call("EN_closeQ")
    return rows, ["none", "chemical", "age", "trace"][kind.value]


def write_result(engine, options, folder):
    prepare(engine, options)
    layout = Layout(engine)
    rows, runs = [], []
    base = engine.real("EN_getoption", DEMAND_MULTIPLIER)
    for factor in options.factors:
        multiply(engine, base, factor)
        found, outcome = run(engine, layout, folder)
        rows += found
        runs.append(outcome)
    columns = {"time": 1, "step": 1, "trials": 1, "relative_error": 1, "warning": 1}
    columns |= {"heads": len(layout.nodes), "demands": len(layout.nodes), "volumes": len(layout.tanks)}
    columns |= {"flows": len(layout.links), "powers": len(layout.pumps), "booked": len(layout.pumps)}
    columns |= {"statuses": len(layout.links), "settings": len(layout.links)}
    analysis = "none"
    if options.quality and not runs[-1]["error"]:
        rows, analysis = run_quality(engine, layout)
        columns = {"time": 1, "nodes": len(layout.nodes), "links": len(layout.links)}
    header = {
        "nodes": layout.node_ids,
        "node_kinds": layout.node_kinds,
        "links": layout.link_ids,
        "link_kinds": layout.link_kinds,
        "runs": runs,
        "analysis": analysis,
        "columns": list(columns.items()),
        "rows": len(rows),
    }
    with open(options.out, "wb") as file:
        file.write(json.dumps(header).encode() + b"\n")
        for row in rows:
            if sys.byteorder == "big":
                row.byteswap()
            row.tofile(file)


def loop(engine, is_open):
    """The bare solve loop: its steps and CPU seconds.

    One that is open keeps the layout of its equations; the others lay them out and throw it away.
    """
    lib, project = engine.lib, engine.project
    instant, step = ctypes.c_long(), ctypes.c_long()
    run_h, next_h = lib.EN_runH, lib.EN_nextH
    to_instant, to_step = ctypes.byref(instant), ctypes.byref(step)
    steps = 0
    began = time.process_time()
    if not is_open:
        lib.EN_openH(project)
    lib.EN_initH(project, 10)  # nothing saved, with flows as at the very first start
    while True:
        code = run_h(project, to_instant)
        steps += 1
        if code > LOWEST_ERROR:
            break
        next_h(project, to_step)
        if step.value == 0:
            break
    if not is_open:
        lib.EN_closeH(project)
    return steps, time.process_time() - began


def call_secs(engine):
    """What one call from Python costs, s: it is no part of the engine's work."""
    value, repeats = ctypes.c_long(), 20_000
    get, project, pointer = engine.lib.EN_gettimeparam, engine.project, ctypes.byref(value)
    began = time.process_time()
    for _ in range(repeats):
        get(project, DURATION, pointer)
    return (time.process_time() - began) / repeats


def time_loop(engine, options):
    prepare(engine, options)
    each, found = call_secs(engine), []
    if options.keep_open:
        engine.call("EN_openH")
    base = engine.real("EN_getoption", DEMAND_MULTIPLIER)
    for factor in options.factors:
        multiply(engine, base, factor)
        found += [loop(engine, options.keep_open) for _ in range(options.time)]
    secs = [cpu - 2 * steps * each for steps, cpu in found]
    result = {
        "runs": len(found),
        "steps": statistics.mean(steps for steps, _ in found),
        "cpu_s_min": min(secs),
        "cpu_s_median": statistics.median(secs),
        "cpu_s_sum": sum(secs),
        "call_s": each,
    }
    tell(result)


def tell_open(engine):
    code = engine.open_code
    # Some mistakes come to light only when the equations are laid out.
    if code <= LOWEST_ERROR:
        started = engine.lib.EN_openH(engine.project)
        code = started if started > LOWEST_ERROR else code
    message = engine.message(code) if code else ""
    engine.close()
    with open(engine.report, encoding="latin-1") as file:
        lines = [line.strip() for line in file]
    errors = [line for line in lines if line.startswith(("Error", "WARNING"))]
    tell({"code": code, "message": message, "errors": errors})


def tell(answer):
    os.write(STDOUT, json.dumps(answer).encode() + b"\n")


def numbers(text):
    return [float(word) for word in text.split(",")]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("file")
    parser.add_argument("--out", help="write every value of every step here")
    parser.add_argument("--time", type=int, metavar="K", help="time the bare loop K times")
    parser.add_argument("--keep-open", action="store_true", help="time the loop without opening it each time")
    parser.add_argument("--open", action="store_true", help="only open it")
    parser.add_argument("--accuracy", type=float, help="instead of the file's")
    parser.add_argument("--duration", type=int, metavar="SECS", help="instead of the file's")
    parser.add_argument("--factors", type=numbers, default=[1.0], help="a run for each factor on all demands: a,b,c")
    parser.add_argument("--quality", action="store_true", help="write qualities instead")
    options = parser.parse_args()
    if hasattr(signal, "alarm"):
        signal.signal(signal.SIGALRM, signal.SIG_DFL)
        signal.alarm(PATIENCE_SECS)
    options.file = os.path.abspath(options.file)
    options.out = options.out and os.path.abspath(options.out)
    with tempfile.TemporaryDirectory() as folder:
        # The engine leaves scratch files where it stands.
        os.chdir(folder)
        engine = Engine(options.file, folder)
        if options.open:
            tell_open(engine)
        elif options.time:
            time_loop(engine, options)
        elif options.out:
            write_result(engine, options, folder)
        else:
            parser.error("say --out, --time or --open")


if __name__ == "__main__":
    main()
