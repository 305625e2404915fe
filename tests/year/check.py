"""Counts what holds and what does not, and compares the store with the model after every step."""
import json
import random

import desk

STATES = ("select id, state, version, (select string_agg(step, ' ' order by d.id) from rta.decision d"
          " where d.submission = s.id) steps from rta.submission s")
AS_OF = ("select v, s.ref_area, s.iccs, o.period, coalesce(o.value::text, '') as value, o.obs_status, o.from_sub"
         " from generate_series(0, %d) v, rta.as_of('CRIME', v) o join rta.crime_series s"
         " using (series_id)")


class Count:
    def __init__(self):
        self.passed = self.failed = 0

    def same(self, want, got, what):
        if want == got:
            self.passed += 1
            return
        self.failed += 1
        print("FAILED: %s" % what)
        if isinstance(want, (list, set, dict)) and isinstance(got, type(want)):
            a, b = (set(map(str, x.items() if isinstance(x, dict) else x)) for x in (want, got))
            for sign, rest in (("wanted", a - b), ("came", b - a)):
                for line in sorted(rest)[:4]:
                    print("    %s %s" % (sign, line))
        else:
            print("    wanted %s, came %s" % (want, got))

    def holds(self, true, what, said=""):
        self.same(True, bool(true), what + (": " + said.strip() if said and not true else ""))


def cells(text):
    return {(r["REF_AREA"], r["ICCS"], r["TIME_PERIOD"]):
            (r["OBS_VALUE"], r["OBS_STATUS"], int(r["SUBMISSION"])) for r in desk.figures(text)}


class Checker:
    def __init__(self, store, model, count):
        self.store, self.model, self.count = store, model, count
        self.random = random.Random(2025)
        self.audited = self.pulled = 0

    def step(self, what, today):
        self.grid(what, today)
        got = self.store.rows("select (select json_agg(x) from (%s) x) states,"
                              " (select json_agg(x) from (%s) x) figures"
                              % (STATES, AS_OF % len(self.model.moments)))[0]
        self.states(what, got["states"] or [])
        self.figures(what, got["figures"] or [])
        got = self.store.rta("db", "verify")
        self.count.holds(got.returncode == 0, what + ": rta db verify", got.stdout + got.stderr)

    def grid(self, what, today):
        got = self.store.rta("status", "--to", "json", "--today", today)
        self.count.same(0, got.returncode, what + ": rta status")
        if got.returncode == 0:
            self.count.same(self.model.grid(today), json.loads(got.stdout)["cells"],
                            what + ": the grid")

    def figures(self, what, rows):
        """Every version so far, cell by cell: in SQL all at once, by rta pull what is current and,
        when something was published, the version before it and one at random."""
        last = len(self.model.moments)
        want = {(v,) + key + got for v in range(last + 1)
                for key, got in self.model.as_of(v).items()}
        got = {(r["v"], r["ref_area"], r["iccs"], "%d-Q%d" % divmod(r["period"], 1000), r["value"],
                r["obs_status"] or "", r["from_sub"]) for r in rows}
        self.count.same(want, got, what + ": every version in SQL")
        self.count.same({k: v for k, v in self.model.as_of(last).items()},
                        cells(self.store.pull()), what + ": the figures now")
        news = last != self.pulled
        self.pulled = last
        for v in {last - 1, self.random.randint(0, last)} if news else ():
            self.count.same(self.model.as_of(v), cells(self.store.pull("--as-of", "version:%d" % v)),
                            "%s: as of version %d" % (what, v))

    def states(self, what, rows):
        want = {d.id: (d.state, d.version, " ".join(d.steps)) for d in self.model.all.values()}
        self.count.same(want, {r["id"]: (r["state"], r["version"], r["steps"]) for r in rows},
                        what + ": states and decisions")

    def audit(self, what):
        """Every decision is in the trail, and what was in it before is in it still."""
        got = self.store.rta("db", "audit", "--json")
        self.count.same(0, got.returncode, what + ": rta db audit")
        entries = json.loads(got.stdout)
        entries = entries if isinstance(entries, list) else entries["entries"]
        steps = sum(len(d.steps) for d in self.model.all.values())
        self.count.same(steps, sum(e["action"].startswith("decision") for e in entries),
                        what + ": decisions in the audit")
        self.count.holds(len(entries) >= self.audited, what + ": the audit keeps what it had")
        self.audited = len(entries)

    def history(self, what):
        got = {((r["REF_AREA"], r["ICCS"], r["TIME_PERIOD"]), r["OBS_VALUE"], r["OBS_STATUS"],
                int(r["SUBMISSION"]), int(r["TO_SUBMISSION"]) if r["TO_SUBMISSION"] else "")
               for r in desk.figures(self.store.pull("--history"))}
        self.count.same(self.model.history(), got, what + ": the whole history")
        for v in range(len(self.model.moments) + 1):
            self.count.same(self.model.as_of(v), cells(self.store.pull("--as-of", "version:%d" % v)),
                            "%s: as of version %d" % (what, v))
