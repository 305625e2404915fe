"""steps.py — what each program is asked to do, what is there before and after, and one fault in it."""
import hashlib
import os
import re
import shutil
import subprocess
import time

from world import BIN, CODES, ROOT, Ended

DEMO = ROOT + "/tests/data/demo/"
SEAL = re.compile(rb"\n#seal,[^\n]*\n\Z")
UNFINISHED = re.compile(r"\.tmp$|\.part$|\.[0-9]+$|\.new(/|$)|\.lock$|(^|/)\.")


def files(folder):
    """Every file below, by name; the names of packets without key and hash."""
    found = {}
    for at, _, names in os.walk(folder):
        for name in names:
            path = os.path.join(at, name)
            with open(path, "rb") as f:
                short = re.sub("-[0-9a-f]{8}-0", "-KEY-0", os.path.relpath(path, folder))
                found[re.sub(r"\.[0-9a-f]{12}\.", ".HASH.", short)] = f.read()
    return found


class Step:
    """A program whose work are its output and files. Kept: ref, what it does undisturbed."""
    stored = False       # does it change the store?
    code = 0             # how it ends
    done_already = ()    # how it may end when it is said again
    stdin = None

    def __init__(self, name, argv, setup=None, stdin=None, code=0, reads_store=False, done_already=()):
        self.name, self.argv, self.setup, self.stdin, self.code = name, argv, setup, stdin, code
        self.reads_store, self.done_already = reads_store, done_already

    def prepare(self, place):
        if self.setup:
            self.setup(place)

    def more(self, place):
        return {"RTA_DSN": place.fixed} if self.reads_store else None

    def run(self, place, only=None, **how):
        return place.run(self.argv, self.stdin, more=dict(self.more(place) or {}, **(only or {})), **how)

    def look(self, place):
        return files(place.work)

    def undisturbed(self, place):
        looks = []
        for _ in range(2):
            place.clean()
            self.prepare(place)
            self.given = self.look(place)
            e = self.run(place, fault=("any", "EIO", 0))
            looks.append((e.out, self.look(place)))
            time.sleep(1.1)  # what says when it was made is to differ
            if e.code != self.code:
                return {}, ["%s, undisturbed: %d %s" % (self.name, e.code, e.err)]
        (self.out, self.ref), (again, now) = looks
        self.odd = {k for k in self.ref if now.get(k) != self.ref[k]}
        faults = []
        if set(now) != set(self.ref):
            faults.append("%s: other files the second time: %s" % (self.name, set(now) ^ set(self.ref)))
        if self.out != again:
            faults.append("%s: another output the second time" % self.name)
        return place.counts(), faults

    def same(self, name, data):
        return name in self.odd or data == self.ref.get(name)

    def proof(self, now):
        return []

    def differ(self, e, good, now):
        """What is wrong with what a run left; good: it said that it is done."""
        wrong = []
        sealed = SEAL.search(e.out)
        if (good or sealed) and e.out != self.out:
            wrong.append("its output is another" if good else "a seal under another output")
        wrong += self.proof(now)
        for name, data in now.items():
            if name in self.ref and self.same(name, data) or self.given.get(name) == data:
                continue
            if name in self.ref and name not in self.given or good or not UNFINISHED.search(name):
                wrong.append("%s is neither as before nor as after" % name)
            elif not e.signal and e.code not in (71,):
                wrong.append("left over: %s" % name)
        if good and set(self.ref) - set(now):
            wrong.append("missing: %s" % (set(self.ref) - set(now)))
        return wrong

    def hit(self, place, call, what, at, unnoticed=False, act=None):
        """One fault. (how it ended, [what is wrong])."""
        where = "%s, %s %s, call %d" % (self.name, call, what, at)
        place.clean()
        self.prepare(place)
        before = self.before(place)
        if what == "stopped":
            what, act = "hold", lambda pid: time.sleep(0.03)
        elif what == "ended":
            what, act = "hold", lambda pid: self.end_session(place)
        # to one program of a pipe SIGPIPE is its neighbour's word, and nobody else's
        alone = {"FAULT_ONLY": "rta-" + self.name} if what == "PIPE" and self.name in ("inbox", "run") else {}
        e = self.run(place, fault=(call, what, at), act=act, only=alone)
        good = e.code == self.code
        wrong = self.rules(e, good, call, unnoticed)
        wrong += self.after(place, e, good, before)
        if self.stored or not (good or self.look(place) == self.given): # else nothing is there to stumble over
            wrong += self.again(place, before)
        ended = "missed" if not e.hit else "done" if good else "signal" if e.signal else "refused"
        if wrong and os.environ.get("SAY"):
            wrong.append(e.err)
        return ended, ["%s: %s" % (where, w) for w in wrong]

    def rules(self, e, good, call, unnoticed):
        said = re.search(r"\[[A-Z]+-\d+\]", e.err)
        if e.code == 999:
            return ["it hangs"]
        if good:
            return ["a failed sync was not noticed"] if call == "sync" and e.hit and not unnoticed else []
        if unnoticed:
            return ["it should not have been noticed: %d %s" % (e.code, e.err)]
        if e.signal:
            return [] if call == "any" and e.signal in (1, 2, 9, 13, 15) else ["ended by signal %d" % e.signal]
        if e.code not in CODES:
            return ["exit code %d: %s" % (e.code, e.err)]
        return [] if said else ["exit code %d and no message: %r" % (e.code, e.err)]

    def end_session(self, place):
        place.sql("select pg_terminate_backend(pid) from pg_stat_activity where pid <> pg_backend_pid()"
                  " and application_name like 'rta-%' and datname = current_database()",
                  dsn=(self.more(place) or {}).get("RTA_DSN"))

    def before(self, place):
        return None

    def after(self, place, e, good, before):
        return self.differ(e, good, self.look(place))

    def repeat(self, place):
        for _ in range(100):
            e = self.run(place)
            if e.code not in (69, 75):
                break
            time.sleep(0.05)
        return e

    def again(self, place, before):
        e = self.repeat(place)
        now = self.look(place)
        if e.code in self.done_already:
            e = Ended(self.code, self.out, "", 0, "")
        if e.code != self.code:
            return ["again: %d %s" % (e.code, e.err)]
        wrong = self.differ(e, True, now)
        wrong += ["left over in the end: %s" % n for n in now if n not in self.ref and UNFINISHED.search(n)]
        return wrong


class Backup(Step):
    """What is there proves itself."""

    def proof(self, now):
        dump, manifest = now.get("saved/store.dump"), now.get("saved/manifest.json")
        if dump is None and manifest is None:
            return []
        if dump is None or manifest is None:
            return ["half a backup"]
        digest = hashlib.sha256(dump).hexdigest().encode()
        return [] if digest in manifest else ["the dump is not the one of the manifest"]


class Stored(Step):
    """A program that changes the store: figures(place) are those that it publishes."""
    stored = True

    def __init__(self, name, prepare, **more):
        super().__init__(name, None, **more)
        self.make = prepare

    def prepare(self, place):
        place.argv, place.input, place.rows = self.make(place)
        self.given = {}

    def run(self, place, only=None, **how):
        return place.run(place.argv, place.input, more=only, **how)

    def before(self, place):
        left, counts, figures = place.store()
        new = dict(f.rsplit(",", 1) for f in figures)
        new.update({"%s,%s,%s" % r[:3]: str(r[3]) for r in place.rows})
        return counts, figures, sorted("%s,%s" % kv for kv in new.items())

    def undisturbed(self, place):
        for _ in range(2):
            place.clean()
            self.prepare(place)
            before = self.before(place)
            e = self.run(place, fault=("any", "EIO", 0))
            _, counts, figures = place.store()
            if e.code != self.code or sorted(figures) != before[2]:
                return {}, ["%s, undisturbed: %d %s" % (self.name, e.code, e.err)]
            self.delta = [a - b for a, b in zip(counts, before[0])]
            self.ref = set(files(place.work))
        return place.counts(), []

    def after(self, place, e, good, before):
        left, counts, figures = place.store()
        done = [a + b for a, b in zip(before[0], self.delta)]
        wrong = list(left)
        figures = sorted(figures)
        if good and (counts != done or figures != before[2]):
            wrong.append("it says that it is done, and is not: %s, not %s" % (counts, done))
        elif counts[2] == before[0][2] and figures != sorted(before[1]):
            wrong.append("figures changed and the version did not")
        elif counts[2] == done[2] and figures != before[2] or counts[2] not in (before[0][2], done[2]):
            wrong.append("half visible: %s" % counts)
        elif counts[0] not in (before[0][0], done[0]):
            wrong.append("submissions: %s, not %s or %s" % (counts, before[0], done))
        if good and set(files(place.work)) != self.ref:
            wrong.append("files: %s" % (set(files(place.work)) ^ self.ref))
        return wrong

    def again(self, place, before):
        for _ in range(20):
            e = self.repeat(place)
            if e.code == self.code or e.code in self.done_already:
                break
        if e.code in self.done_already:
            e.code = self.code
        wrong = self.after(place, e, True, before)
        return wrong if e.code == self.code else wrong + ["again: %d %s" % (e.code, e.err)]


def put(path, text):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w") as f:
        f.write(text)


# ---- what is asked of the store's programs -----------------------------------------------------

def figures(place, area, sender, n=3):
    v = place.next()
    return [(area, "010%d" % (i + 1), 2015, v * 10 + i, sender) for i in range(n)]


def load(place):
    rows = figures(place, "AL", "AL-ASP")
    place.sealed("in.csv", rows)
    argv = ["rta-load", "--quiet", "--file", "in.csv", "--receipt", "receipt.json"]
    return argv, place.work + "/in.csv", rows


def publish(place):
    rows = figures(place, "MK", "MK-MVR")
    place.sealed("in.csv", rows)
    place.must("rta-load", "--quiet", "--pending", "--file", "in.csv", stdin=place.work + "/in.csv")
    n, digest = place.sql("select max(id), rta.submission_digest(max(id)) from rta.submission").strip().split("|")
    place.must("rta-submission", "accept", n, more={"RTA_DSN": place.dsn + " user=anna"})
    place.must("rta-submission", "approve", n, "--digest", digest, more={"RTA_DSN": place.dsn + " user=berta"})
    return ["rta-submission", "publish", n, "--quiet"], None, rows


def packet(place, rows, to):
    """Submitted with a key of its own, so that its sequence begins at 1."""
    place.sealed("packet.csv", rows)
    os.makedirs(place.work + "/desk/partners/BA/in")
    os.makedirs(place.work + "/desk/partners/BA/out")
    key = place.must("rta-submit", "--new-key", "ba.key", "--sender", "BA-PUB")
    put(place.work + "/keys/BA-PUB.yaml", key.out.decode())
    words = ["rta-submit", "packet.csv", "--reason", "fault", "--profile", "sdmx-csv", "--sender", "BA-PUB",
             "--key", "ba.key", "--outbox", "outbox", "--to", "desk/partners/BA", "--quiet"]
    if to:
        place.must(*words, ok=(0, 1, 75))
    return words


def submit(place):
    return packet(place, figures(place, "BA", "BA-PUB", 2), False), None, []


def inbox(place):
    rows = figures(place, "BA", "BA-PUB", 2)
    packet(place, rows, True)
    return ["rta-inbox", "desk", "--keys", "keys", "--quiet"], None, rows


TINY = """report: tiny
template: rita/index
structure: CRIME
partners: eu_protocol
title: {en: "Tiny"}
subtitle: {en: "{period}"}
texts: {series: {text: {en: "Test"}}, marking: {text: {en: "TLP:CLEAR"}}, rate_unit: {text: {en: "per"}}, imprint: {text: {en: "test"}}}
datasets:
  - {name: crime, pipe: [{run: pull, args: [CRIME], as_of: true}]}
"""


def page(place):
    put(place.work + "/t/a/index.mustache", "<h1>{{title}}</h1>{{>shared}}{{{fragments.part}}}\n")
    put(place.work + "/t/common/shared.mustache", "{{#d.list}}[{{.}}]{{/d.list}}\n")
    put(place.work + "/p.json", '{"title": "<A & B>"}')
    put(place.work + "/d.json", '{"list": [1.50, "=x"]}')
    put(place.work + "/part.html", "<b>&amp;</b>")


def all_steps(world):
    """Makes what they read, once; then the list."""
    at = world.dir + "/given"
    os.mkdir(at)
    p = world.places[0]

    def chain(name, argv, stdin=None, ok=(0, 1), more=None):
        with open(at + "/" + name, "wb") as f:
            f.write(p.must(*argv, stdin=stdin, ok=ok, more=more).out)
        return at + "/" + name

    # the store that is only read: one for each place, so that nobody ends another's session
    fixed = world.database("fixed", "ready")
    for profile, file in (("ba-police", "BA-2022.csv"), ("me-police", "ME-2022.csv"), ("population", "population.csv")):
        read = chain("read.csv", ["rta-read", "-q", "--profile", profile, DEMO + file])
        mapped = chain("mapped.csv", ["rta-map", "-q"], read)
        checked = chain("checked.csv", ["rta-check", "-q"], mapped)
        p.must("rta-load", "-q", "--reason", "given", stdin=checked, more={"RTA_DSN": fixed}, ok=(0, 1))
        if profile == "me-police":
            shutil.copy(read, at + "/r.csv")
            shutil.copy(mapped, at + "/m.csv")
    people = chain("people.csv", ["rta-pull", "-q", "POP"], more={"RTA_DSN": fixed})
    crime = chain("crime.csv", ["rta-pull", "-q", "CRIME", "ICCS=0101"], more={"RTA_DSN": fixed})
    for place in world.places:
        place.fixed = world.database("fixed%d" % place.n, "fixed")
    put(world.config + "/reports/tiny.yaml", TINY)
    with open(at + "/port", "w") as f:
        server = subprocess.Popen(["python3", "-IS", ROOT + "/tests/fetch_server.py", "/dev/null"], stdout=f,
                                  stderr=subprocess.DEVNULL)
    world.servers = [server]
    while not os.path.getsize(at + "/port"):
        time.sleep(0.01)
    put(world.config + "/sources/plain.yaml", "source: plain\ntitle: t\npublisher: p\nschemes: [http]\nexpect: tsv\n"
        "url: http://127.0.0.1:%s/plain\n" % open(at + "/port").read().strip())
    register = ROOT + "/tests/cases/count/register/register.yaml"
    with open(at + "/register.csv", "w", encoding="windows-1250", newline="") as f:
        f.write("Broj predmeta;Datum;Član;Starost;JMBG osumnjičenog;Količina;Status;Opis\n")
        for i in range(40):
            f.write("K-%d;%d.3.2024.;RS_KZ_2005:246;%d;15059907150%02d;1;u radu;\n" % (i, i % 28 + 1, 17 + i, i))
    terror = ROOT + "/tests/data/report/terror_ind.csv"
    read = ["rta-read", "--profile", "me-police", DEMO + "ME-2022.csv"]
    return [
        Step("read", read),
        Step("count", ["rta-count", "-r", register, at + "/register.csv"]),
        Step("map", ["rta-map"], stdin=at + "/r.csv"),
        Step("check", ["rta-check", "--findings", "found.ndjson"], stdin=at + "/m.csv"),
        Step("run", ["rta-run", "-o", "out.csv", "--", *[w.replace("rta-", "") for w in read], "|", "map", "|",
                     "check"]),
        Step("pull", ["rta-pull", "CRIME"], reads_store=True),
        Step("derive", ["rta-derive", "rate_100k", "--population", people], stdin=crime),
        Step("table", ["rta-table", "te-sat/court-c", "--set", "period=2024", "--also", "csv=a.csv", "--also",
                       "json=a.json"], stdin=terror),
        Step("render", ["rta-render", "--templates", "t", "a/index", "-d", ".=p.json", "-d", "d=d.json",
                        "--fragment", "part=part.html", "--out", "page.html"], setup=page),
        Step("build", ["rta-build", "tiny", "--period", "2022", "--out", "editions", "--quiet"], reads_store=True),
        Step("fetch", ["rta-fetch", "--spool", "spool", "--backoff-ms", "1", "--retries", "1", "plain"]),
        Backup("backup", ["rta-db", "backup", "saved", "--quiet"], reads_store=True, done_already=(73,)),
        Stored("load", load),
        Stored("publish", publish, done_already=(65,)),
        Stored("submit", submit),
        Stored("inbox", inbox),
    ]
