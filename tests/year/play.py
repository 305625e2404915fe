"""Plays the year: what each partner does in a quarter goes round among the six. Every event has its
moment; after each one the store is asked everything that the model knows."""
import datetime as dt
import os
import random
import sys
import time
import traceback

import desk
import rebuild
from check import Checker, Count
from model import Delivery, Model, quarter_end

T0 = time.time()
QUARTERS = ["2025-Q%d" % q for q in range(1, int(os.environ.get("QUARTERS", 4)) + 1)]
with open(os.environ["ROOT"] + "/config/codelists/ICCS.csv", encoding="utf-8") as f:
    OFFENCES = [c for c in (line.split(",")[0] for line in f) if len(c) == 4 and c.isdigit()][:20]


def text(moment):
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


class Year:
    def __init__(self):
        self.count = Count()
        self.partners = {p.code: p for p in (desk.Partner(line, i) for i, line in enumerate(
            os.environ["YEAR"].splitlines()))}
        self.store = desk.Store(os.environ["RTA_HOME"], desk.T + "/desk")
        self.model = Model(list(self.partners), QUARTERS)
        self.checker = Checker(self.store, self.model, self.count)
        self.random = random.Random(4711)
        self.events, self.given, self.files = [], {}, 0

    # ---- what a delivery says ----
    def figures(self, code, period, odd=False):
        rows = [("R", (code, o, period), str(self.random.randint(10, 900)),
                 self.random.choice(["", "", "P"])) for o in OFFENCES]
        if odd:
            rows[3] = (rows[3][0], rows[3][1], "NaN", "")
        return rows

    def correction(self, rows):
        """Three figures change, one gets a mark, one is no longer given, one is said again."""
        ret = [("R", k, str(int(v) + self.random.randint(1, 9)), s) for _, k, v, s in rows[5:8]]
        ret.append(("R", rows[9][1], rows[9][2], "E"))
        ret.append(("R", rows[10][1], "", "L"))
        return ret + [rows[12]]

    def with_before(self, rows, before):
        """Two figures of the quarter before, near to those of this one: a jump would be asked."""
        return rows + [("R", (k[0], k[1], before), str(int(v) + 7), "")
                       for _, k, v, _ in (rows[5], rows[14]) if before]

    # ---- steps; each says what should come of it ----
    def deliver(self, what, now, code, rows, reason_code="routine", warnings=0, wrong=False):
        p, same = self.partners[code], self.count.same
        self.files += 1
        path = p.write("%s-%03d.csv" % (code, self.files), rows)
        got = p.submit(self.store, path, "--reason", what, "--reason-code", reason_code,
                       *(["--unchecked"] if wrong else []))
        self.count.holds(got.returncode == 0, what + ": sent by " + p.by, got.stderr)
        p.sequence += 1
        got = self.store.inbox(text(now))
        same(1 if wrong else 0, got.returncode, what + ": inbox")
        p.submit(self.store)
        said, signed = p.receipt()
        self.count.holds(signed, what + ": the receipt is signed")
        same(("refused" if wrong else "accepted", True, "data" if wrong else "", code, p.sender,
              p.sequence, desk.sha256(path), text(now)[:-1]),
             (said["state"], said["consumed"], said["code"], said["partner"], said["sender"],
              said["sequence"], said["file"]["sha256"], said["received_at"][:19]),
             what + ": the receipt")
        if wrong:
            same([], said["submissions"], what + ": nothing is in the store")
            self.count.holds(said["findings"]["errors"] > 0, what + ": the receipt says why")
            return None
        d = Delivery(said["submissions"][0], code, now, rows, warnings)
        same(False, d.id in self.model.all, what + ": a number of its own")
        self.model.load(d)
        _, n = self.model.forecast(d)
        load = said["load"]
        same((d.state, len(rows), n["new"], n["revised"], n["unchanged"], n["delete"], n["deleted"]),
             (load["state"], load["rows"]["in"], load["rows"]["new"], load["rows"]["revised"],
              load["rows"]["unchanged"], load["rows"]["delete"], load["deleted"]),
             what + ": the counts of the receipt")
        same(warnings, said["findings"]["warnings"], what + ": its warnings")
        return d

    def decide(self, what, d, step, user, *args, code=0, state=None):
        got = self.store.rta("submission", step, d.id, *args, user=user)
        self.count.same(code, got.returncode, "%s: %s by %s" % (what, step, user or "the owner"))
        if got.returncode != code:
            print("    " + got.stderr.strip())
        if code == 0:
            d.steps.append(step)
            d.state = state or d.state

    def agree(self, what, d, embargo=None):
        """One accepts, cannot approve, another one approves."""
        if d.open:
            self.decide(what, d, "accept", "anna", code=65)
        self.decide(what, d, "accept", "anna", state="accepted")
        digest = ["--digest", self.store.digest(d.id)]
        self.decide(what, d, "approve", "anna", *digest, code=77)
        self.decide(what, d, "approve", "berta", *digest,
                    *(["--embargo", text(embargo)] if embargo else []), state="approved")
        d.embargo = embargo

    def publish(self, what, now, d):
        """What no longer fits is looked at again."""
        at = ["--at", text(now)]
        if not self.model.fits(d):
            self.decide(what, d, "publish", None, *at, code=65)
            self.decide(what, d, "check", "anna", state="checked")
            self.model.compare(d)
            self.agree(what + ", again", d, d.embargo)
        self.decide(what, d, "publish", None, *at)
        self.model.publish(d, now)
        self.checker.audit(what)

    def take_back(self, what, now, old):
        got = self.store.rta("submission", "withdraw", old.id, "--reason", what, "--at", text(now))
        self.count.same(0, got.returncode, what)
        number = max(r["id"] for r in self.store.rows("select id from rta.submission"))
        d = Delivery(number, old.partner, now, [], 0, back=old.id)
        d.periods = old.periods
        self.model.load(d)
        self.agree(what, d)
        return d

    # ---- what happens when ----
    def at(self, period, days, what, call):
        moment = dt.datetime.combine(quarter_end(period), dt.time(8)) + dt.timedelta(
            days=days, minutes=len(self.events))
        self.events.append((moment, what, call))

    def sent(self, period, code, days, name, **more):
        """A delivery of that day, kept under its name."""
        what = "%s %s %s" % (code, period, name)
        rows = more.pop("rows", None)

        def go(now):
            got = rows() if rows else self.figures(code, period, more.get("warnings", 0) > 0)
            self.given[code, period, name] = self.deliver(what, now, code, got, **more)
        self.at(period, days, what, go)

    def then(self, period, code, days, name, verb, call):
        what = "%s %s %s: %s" % (code, period, name, verb)
        self.at(period, days, what, lambda now: call(what, now, self.given[code, period, name]))

    def agreed(self, period, code, name, days, out, embargo=None):
        until = embargo and dt.datetime.combine(quarter_end(period), dt.time()) + dt.timedelta(
            days=embargo)
        self.then(period, code, days, name, "agreed", lambda w, now, d: self.agree(w, d, until))
        if embargo:
            self.then(period, code, embargo - 5, name, "under embargo", lambda w, now, d: self.decide(
                w, d, "publish", None, "--at", text(now), code=75))
        self.then(period, code, out, name, "published", self.publish)

    def back(self, period, code, name, days):
        """Two persons take back what was published."""
        def go(what, now, old):
            self.given[code, period, name + " back"] = self.take_back(what, now, old)
        self.then(period, code, days, name, "withdrawn", go)
        self.then(period, code, days + 2, name + " back", "published", self.publish)

    def corrected(self, period, about, code, days):
        def rows():
            return self.correction(self.given[code, about, "first"].rows)
        self.sent(period, code, days, "correction", rows=rows, reason_code="error")
        self.agreed(period, code, "correction", days + 2, days + 4)

    def quarter(self, n, period, code, part):
        before = QUARTERS[n - 1] if n else None
        if part == "plain":
            self.sent(period, code, 20, "first", reason_code="first")
            self.agreed(period, code, "first", 35, 40)
            self.corrected(period, period, code, 60)
            if n == 2:
                self.back(period, code, "correction", 72)
        elif part == "late":
            self.sent(period, code, 41, "first", reason_code="first")
            self.agreed(period, code, "first", 45, 50)
            if n in (1, 2):
                self.back(period, code, "first", 75)
                self.sent(period, code, 80, "anew")
                self.agreed(period, code, "anew", 82, 85)
        elif part == "wrong":
            self.sent(period, code, 12, "wrong", wrong=True, rows=lambda: [
                ("R", (code, OFFENCES[0], period), "-5", "")] + self.figures(code, period)[1:])
            self.sent(period, code, 16, "first", reason_code="first")
            self.agreed(period, code, "first", 30, 70, embargo=70)
        elif part == "asked":
            self.sent(period, code, 25, "first", reason_code="first", warnings=1)
            self.then(period, code, 27, "first", "answered", self.answer)
            self.agreed(period, code, "first", 33, 45)
            if n == 3:
                self.sent(period, code, 60, "mistake")
                self.then(period, code, 61, "mistake", "withdrawn", lambda w, now, d: self.decide(
                    w, d, "withdraw", self.partners[code].user, "--reason", "a mistake",
                    state="withdrawn"))
        elif part == "returned":
            self.sent(period, code, 18, "wrong file", reason_code="first")
            self.then(period, code, 22, "wrong file", "returned", lambda w, now, d: self.decide(
                w, d, "return", "anna", "--reason", "another year's", state="returned"))
            self.sent(period, code, 28, "first", reason_code="first")
            self.agreed(period, code, "first", 36, 47)
        else:  # embargoed, with figures of the quarter before that are corrected meanwhile
            self.sent(period, code, 20, "first", reason_code="first",
                      rows=lambda: self.with_before(self.figures(code, period), before))
            self.agreed(period, code, "first", 31, 66, embargo=66)
            if before:
                self.corrected(period, before, code, 50)

    def answer(self, what, now, d):
        self.decide(what, d, "accept", "anna", code=65)
        self.decide(what, d, "answer", self.partners[d.partner].user, "counted from next year",
                    state="checked")
        d.open = 0

    def play(self):
        parts = ["plain", "late", "wrong", "asked", "returned", "embargo"]
        for n, period in enumerate(QUARTERS):
            for i, code in enumerate(self.partners):
                self.quarter(n, period, code, parts[(i + n) % 6])
        for now, what, call in sorted(self.events, key=lambda e: e[0]):
            call(now)
            self.checker.step(what, now.date())
            if os.environ.get("VERBOSE"):
                print("%5.1f %s" % (time.time() - T0, what), flush=True)
        self.checker.audit("the end")
        self.checker.history("the end")


def main():
    t0 = time.time()
    year = Year()
    try:
        whole(year, t0)
    except (RuntimeError, LookupError, ValueError, OSError):
        traceback.print_exc(file=sys.stdout)
        year.count.failed += 1
    print("%d passed, %d failed, 0 skipped" % (year.count.passed, year.count.failed))
    return year.count.failed > 0


def whole(year, t0):
    year.play()
    t1 = time.time()
    print("%d events, %d deliveries, %d versions, %d figures: %d s" % (
        len(year.events), len(year.model.all), len(year.model.moments), len(year.model.versions),
        t1 - t0))
    rebuild.rebuild(year)
    print("once more from the raw packets: %d s" % (time.time() - t1))


sys.exit(main())
