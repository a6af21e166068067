"""Production lines in simpy, for tests and benches that compare with it.

    line.py row --stations 10 --buffer 5 --warm-up 300 --span 1500 --runs 20
    line.py time --stations 100 --buffer 5 --span 200 --mtbf 200 --mttr 10

`row` prints the rates of stations in a row with exponential cycles of 1 s; `time` prints the CPU
seconds of one run and how many cycles, breakdowns and repairs ended in it.
"""

import argparse
import json
import random
import time

import simpy


class Counts:
    def __init__(self):
        self.events = 0
        self.out = 0


def station(env, rng, take, give, counts, trouble):
    """Works, and passes on what it has made: blocking after service."""
    while True:
        if take is not None:
            yield take.get()
        left = rng.expovariate(1.0)
        while left > 0:
            if trouble is None or trouble["left"] > left:
                yield env.timeout(left)
                if trouble is not None:
                    trouble["left"] -= left
                counts.events += 1
                break
            left -= trouble["left"]
            yield env.timeout(trouble["left"])
            counts.events += 1
            yield env.timeout(rng.expovariate(1.0 / trouble["mttr"]))
            counts.events += 1
            trouble["left"] = rng.expovariate(1.0 / trouble["mtbf"])
        if give is None:
            counts.out += 1
        else:
            yield give.put(1)


def line(args, seed):
    env = simpy.Environment()
    counts = Counts()
    stores = [simpy.Store(env, capacity=args.buffer) for _ in range(args.stations - 1)]
    for place in range(args.stations):
        rng = random.Random(seed * 1_000 + place)
        take = stores[place - 1] if place > 0 else None
        give = stores[place] if place < args.stations - 1 else None
        trouble = None
        if args.mtbf > 0:
            left = rng.expovariate(1.0 / args.mtbf)
            trouble = {"left": left, "mtbf": args.mtbf, "mttr": args.mttr}
        env.process(station(env, rng, take, give, counts, trouble))
    return env, counts


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("what", choices=["row", "time"])
    parser.add_argument("--stations", type=int, default=10)
    parser.add_argument("--buffer", type=int, default=5)
    parser.add_argument("--warm-up", type=float, default=0.0)
    parser.add_argument("--span", type=float, default=1_000.0)
    parser.add_argument("--runs", type=int, default=1)
    parser.add_argument("--mtbf", type=float, default=0.0)
    parser.add_argument("--mttr", type=float, default=0.0)
    args = parser.parse_args()
    if args.what == "row":
        rates = []
        for seed in range(args.runs):
            env, counts = line(args, seed)
            env.run(until=max(args.warm_up, 1e-9))
            before = counts.out
            env.run(until=args.warm_up + args.span)
            rates.append((counts.out - before) / args.span)
        print(json.dumps({"rates": rates}))
        return
    env, counts = line(args, 1)
    begin = time.process_time()
    env.run(until=args.span)
    spent = time.process_time() - begin
    print(json.dumps({"cpu_s": spent, "events": counts.events, "out": counts.out}))


main()
