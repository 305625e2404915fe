"""What should be true: every figure with all its versions, every delivery with its state, kept here
by arithmetic of its own, from the contracts alone (store.md, status.md). Nothing is asked of the
store."""
import datetime as dt

ORDER = ["superseded", "refused", "withdrawn", "returned", "received", "checked", "waiting",
         "accepted", "approved", "published"]
STANDS = ORDER.index("received")
DECIDED = ORDER.index("accepted")  # from here on a delivery that stands was decided on


def day(moment):
    return moment.date()


def quarter_end(period):
    year, q = int(period[:4]), int(period[-1])
    first = dt.date(year + (q == 4), q % 4 * 3 + 1, 1)
    return first - dt.timedelta(days=1)


class Delivery:
    """rows: (action, key, value, status); a key is (area, offence, period)."""

    def __init__(self, number, partner, received, rows, warnings=0, back=None):
        self.id, self.partner, self.received, self.rows = number, partner, received, rows
        self.open, self.back = warnings, back
        self.state = "waiting" if warnings else "checked"
        self.version = self.published = self.embargo = None
        self.periods = {key[2] for _, key, _, _ in rows}
        self.before, self.steps = {}, ["load"]


class Model:
    def __init__(self, partners, periods):
        self.partners, self.periods = partners, periods
        self.versions = {}      # key -> [(version, value, status, delivery)]; a value None: ended
        self.moments = []       # of publication, by version
        self.all = {}
        self.changed = []       # keys changed, by version

    # ---- figures ----
    def figure(self, key, version=None):
        got = None
        for v, value, status, number in self.versions.get(key, []):
            if version is None or v <= version:
                got = None if value is None else (value, status, number)
        return got

    def as_of(self, version):
        all_of = {key: self.figure(key, version) for key in self.versions}
        return {key: got for key, got in all_of.items() if got}

    def history(self):
        """{(key, value, status, from delivery, to delivery or '')}"""
        ret = set()
        for key, line in self.versions.items():
            for i, (_, value, status, number) in enumerate(line):
                if value is not None:
                    ret.add((key, value, status, number,
                             line[i + 1][3] if i + 1 < len(line) else ""))
        return ret

    def forecast(self, d):
        """What it changes now: key -> (value, status) or None; and the counts."""
        n = {"new": 0, "revised": 0, "unchanged": 0, "deleted": 0, "delete": 0}
        changes = {}
        for action, key, value, status in d.rows:
            was = self.figure(key)
            if action == "D":
                n["delete"] += 1
                if was:
                    n["deleted"] += 1
                    changes[key] = None
            elif was is None:
                n["new"] += 1
                changes[key] = (value, status)
            elif was[:2] != (value, status):
                n["revised"] += 1
                changes[key] = (value, status)
            else:
                n["unchanged"] += 1
        return changes, n

    # ---- life ----
    def load(self, d):
        self.all[d.id] = d
        self.compare(d)

    def compare(self, d):
        if d.back:
            d.rows = self.back_rows(self.all[d.back])
        d.base = len(self.moments)

    def back_rows(self, old):
        """What was before it, where nobody changed anything since."""
        rows = []
        for key in self.changed[old.version - 1]:
            if self.versions[key][-1][0] == old.version:
                was = self.figure(key, old.version - 1)
                rows.append(("R", key, was[0], was[1]) if was else ("D", key, "", ""))
        return rows

    def fits(self, d):
        mine = {key for _, key, _, _ in d.rows}
        return not any(mine & keys for keys in self.changed[d.base:])

    def publish(self, d, moment):
        changes, _ = self.forecast(d)
        version = len(self.moments) + 1
        self.moments.append(moment)
        self.changed.append(set(changes))
        for key, got in changes.items():
            value, status = got or (None, None)
            self.versions.setdefault(key, []).append((version, value, status, d.id))
        d.state, d.version, d.published = "published", version, moment
        if d.back:
            self.all[d.back].state = "superseded"
            self.all[d.back].steps.append("supersede")

    # ---- the grid ----
    def cell(self, partner, period, today):
        end = quarter_end(period)
        due = end + dt.timedelta(days=30)
        came = []
        taken_back = {d.back for d in self.all.values() if d.back and d.state == "published"}
        for d in self.all.values():
            if d.partner == partner and period in d.periods and not d.back:
                back = d.id in taken_back
                came.append((ORDER.index("withdrawn" if back else d.state), d.id, d,
                             None if back else d.published))
        stood = [d for rank, _, d, _ in came if rank >= STANDS]
        received = min((day(d.received) for rank, _, d, _ in came if rank >= STANDS or rank == 0),
                       default=None)
        out = min((day(p) for _, _, _, p in came if p), default=None)
        best = max(((rank, n) for rank, n, _, _ in came), default=None)
        first = min(((d.received, n, rank) for rank, n, d, _ in came), default=None)
        late = max(0, ((received or today) - due).days)
        newest = max((day(d.received) for d in stood), default=None)
        return {
            "structure": "CRIME", "partner": partner, "freq": "Q", "period": period,
            "expected": True, "due": str(due),
            "state": ORDER[best[0]] if best else "missing" if today > due else "not due",
            "submission": best[1] if best else None,
            "received": str(received) if received else None,
            "days_late": late, "days_to_receipt": (received - end).days if received else None,
            "published": str(out) if out else None,
            "days_to_publication": (out - end).days if out else None,
            "open_warnings": sum(d.open for d in stood), "deliveries": len(came),
            "returned": sum(rank == ORDER.index("returned") for rank, *_ in came),
            "first_stood": None if not first or STANDS <= first[2] < DECIDED
            else first[2] >= DECIDED,
            "age_days": (today - newest).days if newest else None}

    def grid(self, today):
        return [self.cell(p, q, today) for p in self.partners for q in self.periods
                if quarter_end(q) < today]
