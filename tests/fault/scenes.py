"""scenes.py — what no single call is: the disk is full, the server stops, starts or has no room, many
loaders come at once."""
import os
import signal
import subprocess
import threading
import time


def full_output(w, calls, steps):
    """Standard output has no room."""
    place = w.places[0]
    for s in steps:
        if s.stored or not s.out:
            continue
        place.clean()
        s.prepare(place)
        with open("/dev/full", "wb") as full:
            e = s.run(place, stdout=full)
        wrong = s.rules(e, False, "write", False) + ([] if e.code == 74 else ["ended with %d, not 74" % e.code])
        wrong += s.differ(e, False, s.look(place)) + s.again(place, None)
        calls.add("output to /dev/full", "refused", ["%s: %s" % (s.name, x) for x in wrong])


def fill(place, room):
    fd = os.open(place.work + "/fill", os.O_WRONLY | os.O_CREAT)
    at = 0
    try:
        while True:
            at += os.write(fd, bytes(4096))
    except OSError:
        os.ftruncate(fd, max(0, at - room))
    os.close(fd)


class Full:
    """A step on a small file system that has so much room left."""

    def __init__(self, step, room):
        self.step, self.room = step, room

    def hit(self, place):
        s = self.step
        place.clean()
        s.prepare(place)
        before = s.before(place)
        fill(place, self.room)
        e = s.run(place)
        good = e.code == s.code
        os.remove(place.work + "/fill")
        wrong = s.rules(e, good, "write", False) + s.after(place, e, good, before) + s.again(place, before)
        return "done" if good else "refused", ["%s with %d bytes of room: %s" % (s.name, self.room, x) for x in wrong]


def full_disk(w, calls, steps, n):
    place = w.places[0]
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=4m,mode=755", "rta-fault", place.work],
                      stderr=subprocess.DEVNULL).returncode:
        print("no file system may be mounted here: the small disk is left out")
        return 1
    try:
        for s in steps:
            for i in range(n):
                calls.add("small disk", *Full(s, 4096 * i).hit(place))
        place.clean()
    finally:
        subprocess.run(["umount", place.work], check=True)
    return 0


def server_stops(w, calls, steps, n):
    """The server is stopped at once, while the program is about to say something to it; then it comes
    back, before the program goes on or after it gave up."""
    place = w.places[0]
    for s in steps:
        place.clean()
        counts, wrong = s.undisturbed(place)
        calls.add("server stopped", "done", wrong)
        for k in range(n):
            back = k % 2

            def act(pid):
                w.stop_at_once()
                if back:
                    w.start(True)

            at = 1 + (k * (counts["send"] - 1)) // max(1, n - 1)
            run = s.run

            def again(place, _run=run, **how):
                e = _run(place, **how)
                if not back and how.get("fault"):
                    w.start(True)
                return e
            s.run = again
            try:
                ended, wrong = s.hit(place, "send", "hold", at, act=act)
            finally:
                del s.run
            calls.add("server stopped, back at once" if back else "server stopped", ended, wrong)


def starting(w, calls, steps):
    """The server is there, and still repairing what a crash left: the process that does it is held."""
    place = w.places[0]
    for s in steps:
        place.clean()
        s.prepare(place)
        before = s.before(place)
        w.stop_at_once()
        t = threading.Thread(target=w.start, args=(True,))
        t.start()
        held = 0
        while t.is_alive() and not held:
            for pid in filter(str.isdigit, os.listdir("/proc")):
                try:
                    with open("/proc/%s/cmdline" % pid) as f, open("/proc/%s/stat" % pid) as st:
                        if f.read().startswith("postgres: startup") and \
                                int(st.read().rsplit(")", 1)[1].split()[1]) == w.postmaster():
                            held = int(pid)
                except (OSError, ValueError, IndexError):
                    continue
                if held:
                    os.kill(held, signal.SIGSTOP)
                    break
        if not held:
            t.join()
            calls.add("server in recovery", "missed", [])
            continue
        e = s.run(place)
        os.kill(held, signal.SIGCONT)
        t.join()
        good = e.code == s.code
        wrong = s.rules(e, good, "connect", False)
        wrong += s.after(place, e, good, before) + s.again(place, before)
        calls.add("server in recovery", "done" if good else "refused", ["%s: %s" % (s.name, x) for x in wrong])


def no_room(w, calls, steps):
    """All connections are taken."""
    place = w.places[0]
    for s in steps:
        place.clean()
        s.prepare(place)
        before = s.before(place)
        name = "fixed0" if s.more(place) else "place0"
        w.psql("alter database %s connection limit 0" % name)
        e = s.run(place)
        w.psql("alter database %s connection limit -1" % name)
        good = e.code == s.code
        wrong = s.rules(e, good, "connect", False) + ([] if e.code in (1, 69, 75) else ["exit code %d" % e.code])
        wrong += s.after(place, e, good, before) + s.again(place, before)
        calls.add("no connection is free", "refused", ["%s: %s" % (s.name, x) for x in wrong])


def together(w, calls, n, same):
    """n loaders at once, each with its own delivery or all with one; who is told to come again does."""
    place = w.places[0]
    place.clean()
    _, counts, _ = place.store()
    rows = []
    for i in range(1 if same else n):
        v = place.next()
        rows.append(("AL", "0101", 1900 + i, v, "AL-ASP"))
        place.sealed("in%d.csv" % i, rows[-1:] + [("AL", "0102", 1950, v, "AL-ASP")])
    codes = [0] * n

    def one(i):
        name = "in%d.csv" % (0 if same else i)
        for _ in range(200):
            with open(place.work + "/" + name, "rb") as f:
                codes[i] = subprocess.run(["rta-load", "--quiet", "--file", name], stdin=f, env=place.env,
                                          cwd=place.work, stderr=subprocess.DEVNULL,
                                          stdout=subprocess.DEVNULL).returncode
            if codes[i] != 75:
                break
            time.sleep(0.02)
    threads = [threading.Thread(target=one, args=(i,)) for i in range(n)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    left, now, figures = place.store()
    wrong = list(left)
    if any(codes):
        wrong.append("codes %s" % codes)
    if [now[0] - counts[0], now[1] - counts[1]] != [len(rows)] * 2:
        wrong.append("%d submissions, not %d" % (now[0] - counts[0], len(rows)))
    for area, iccs, year, v, _ in rows:
        if "%s,%s,%s,%s" % (area, iccs, year, v) not in figures:
            wrong.append("%s of %s is not there" % (v, year))
    if not any("AL,0102,1950,%s" % r[3] in figures for r in rows):
        wrong.append("the common figure is nobody's")
    calls.add("%d loaders, %s data" % (n, "same" if same else "different"), "done", wrong + place.verify())


def all_scenes(w, calls, wanted, only):
    by = {s.name: s for s in w.steps if not only or s.name in only}
    some = max(1, min(20, wanted // 1000))
    skipped = 0
    full_output(w, calls, by.values())
    small = [by[n] for n in ("check", "run", "table", "render", "build", "fetch", "backup", "submit", "load", "inbox")
             if n in by]
    skipped += full_disk(w, calls, small, 3 + some)
    if "load" in by:
        for _ in range(some):
            for n in (2, 10):
                together(w, calls, n, True)
                together(w, calls, n, False)
    talk = [by[n] for n in ("load", "publish", "inbox", "pull", "build", "backup") if n in by]
    no_room(w, calls, talk)
    server_stops(w, calls, talk, 2 + 2 * some)
    starting(w, calls, talk)
    for place in w.places[:1]:
        calls.add("the accounts", "done", place.verify())
    return skipped
