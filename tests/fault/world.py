"""world.py — where the faults happen: a private database, one of its databases for each worker, folders,
and one run of a program with a fault in it."""
import mmap
import os
import re
import shutil
import signal
import struct
import subprocess
import tempfile
import time

ROOT = os.environ.get("ROOT") or os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
BIN = os.environ.get("BIN") or ROOT + "/build/release/bin"
TOOLS = os.environ.get("TOOLS") or ROOT + "/build/release/tools"
KINDS = ["read", "write", "sync", "close", "rename", "open", "memory", "connect", "send", "recv", "any"]
CODES = {0, 1, 64, 65, 69, 71, 73, 74, 75, 77, 78}  # 70 is documented, and never right
TIMEOUT = 120
HEAD = "STRUCTURE,STRUCTURE_ID,ACTION,FREQ,REF_AREA,ICCS,COUNTED,OC_LINK,CY_LINK,UNIT_MEASURE," \
       "TIME_PERIOD,OBS_VALUE,SENDER\n"

# What is never left over: tables of a load, temporary tables, locks, sessions. The first waits until
# the server has seen that its client is gone.
GONE = """do $$ begin for i in 1 .. 1000 loop
    exit when not exists (select from pg_stat_activity where pid <> pg_backend_pid()
        and application_name like 'rta-%' and datname = current_database());
    perform pg_sleep(0.005); perform pg_stat_clear_snapshot(); end loop; end $$"""
LEFT = """select 'left: ' || c.oid::regclass from pg_class c join pg_namespace n on n.oid = c.relnamespace
    where c.relkind = 'r' and (n.nspname like 'pg\\_temp%' or n.nspname = 'rta' and (c.relname ~ '_load_'
        and not c.relispartition or c.relname ~ '_wait_?[0-9]+$'
        and not exists (select from rta.submission s where s.id = substring(c.relname from '[0-9]+$')::int
            and (not s.settled or s.state in ('received', 'checked', 'waiting', 'accepted', 'approved')))))
    union all select 'left: lock ' || locktype from pg_locks
    where pid <> pg_backend_pid() and (locktype = 'advisory' or mode like '%Exclusive%') and granted
        and database = (select oid from pg_database where datname = current_database())
        and pid in (select pid from pg_stat_activity where backend_type = 'client backend')
    union all select 'left: session ' || application_name from pg_stat_activity
    where pid <> pg_backend_pid() and datname = current_database() and application_name like 'rta-%'"""
COUNT = """select concat_ws(' ', 'counts', count(*), count(version), coalesce(max(version), 0),
    (select count(*) from rta.delivery), (select count(*) from rta.delivery where state = 'accepted'))
    from rta.submission"""
FIGURES = "select concat_ws(',', ref_area, iccs, time_period, obs_value) from rta.crime order by 1"


def env(**more):
    e = {k: v for k, v in os.environ.items() if not k.startswith(("PG", "RTA_", "FAULT_"))}
    e.update(LC_ALL="C", TZ="UTC", PATH=BIN + ":" + os.environ["PATH"], no_proxy="*")
    e.update(more)
    return e


class Ended:
    def __init__(self, code, out, err, hit, who):
        self.code, self.out, self.err, self.hit, self.who = code, out, err, hit, who
        self.signal = -code if code < 0 else code - 128 if code > 128 else 0


class Place:
    """What one worker has to himself: a folder, a database, a page where calls are counted."""

    def __init__(self, world, n):
        self.world, self.n, self.serial = world, n, n * 1000000
        self.dir = "%s/place%d" % (world.dir, n)
        self.work = self.dir + "/work"
        os.makedirs(self.work)
        self.dsn = world.database("place%d" % n, "ready")
        self.env = env(RTA_HOME=self.dir + "/home", RTA_CONFIG=world.config, RTA_DSN=self.dsn)
        self.file = self.dir + "/calls"
        with open(self.file, "wb") as f:
            f.write(bytes(4096))
        with open(self.file, "r+b") as f:
            self.page = mmap.mmap(f.fileno(), 4096)

    def clean(self):
        """An empty folder to work in."""
        for name in os.listdir(self.work):
            path = self.work + "/" + name
            if os.path.isdir(path) and not os.path.islink(path):
                shutil.rmtree(path)
            else:
                os.remove(path)

    def next(self):
        self.serial += 1
        return self.serial

    def hits(self):
        return struct.unpack_from("II", self.page, 8 * len(KINDS))

    def counts(self):
        return dict(zip(KINDS, struct.unpack_from("%dQ" % len(KINDS), self.page, 0)))

    def run(self, argv, stdin=None, fault=None, act=None, more=None, stdout=None):
        """Run argv in the work folder. fault: (call, what, at), what as fault.c knows it. act(pid) is
        done while the program is stopped at the point."""
        e = dict(self.env, **(more or {}))
        if fault:
            call, what, at = fault
            self.page[:] = bytes(4096)
            e.update(LD_PRELOAD=TOOLS + "/fault.so", FAULT_FILE=self.file, FAULT_CALL=call,
                     FAULT_DO=what.rstrip("+"), FAULT_AT=str(at))
            if what.endswith("+"):
                e["FAULT_ON"] = "1"
        source = open(stdin, "rb") if stdin else subprocess.DEVNULL
        out, err = open(self.dir + "/out", "w+b"), open(self.dir + "/err", "w+b")
        p = subprocess.Popen(argv, stdin=source, stdout=stdout or out, stderr=err, cwd=self.work,
                             env=e, start_new_session=True)
        try:
            if act:
                self.hold(p, act)
            code = p.wait(TIMEOUT)
        except subprocess.TimeoutExpired:
            os.killpg(p.pid, signal.SIGKILL)
            p.wait()
            code = 999
        hit, _ = self.hits()
        out.seek(0)
        err.seek(0)
        ended = Ended(code, out.read(), err.read().decode("utf-8", "replace"), hit if fault else 0, "")
        for f in (out, err) + ((source,) if stdin else ()):
            f.close()
        return ended

    def hold(self, p, act):
        until = time.time() + TIMEOUT
        while p.poll() is None and time.time() < until:
            hit, pid = self.hits()
            if hit:
                while open("/proc/%d/stat" % pid).read().rsplit(")", 1)[1].split()[0] not in "Tt":
                    time.sleep(0.001)
                act(pid)
                os.kill(pid, signal.SIGCONT)
                return
            time.sleep(0.001)

    def must(self, *argv, stdin=None, ok=(0,), more=None):
        e = self.run(list(argv), stdin, more=more)
        if e.code not in ok:
            raise RuntimeError("%s: %d %s" % (" ".join(argv), e.code, e.err))
        return e

    def sql(self, *queries, dsn=None):
        words = ["psql", "-XAtq", "-d", dsn or self.dsn]
        for q in queries:
            words += ["-c", q]
        return subprocess.run(words, env=self.env, stdout=subprocess.PIPE, check=True).stdout.decode()

    def store(self):
        """(what may not be left, counts, figures) of this place's database."""
        lines = self.sql(GONE, LEFT, COUNT, FIGURES).splitlines()
        left = [x for x in lines if x.startswith("left: ")]
        n = len(left)
        return left, [int(x) for x in lines[n].split()[1:]], lines[n + 1:]

    def verify(self):
        e = self.run(["rta-db", "verify", "--quiet"])
        return [] if e.code == 0 else ["the accounts do not close: " + e.err]

    def sealed(self, name, rows):
        """A sealed delivery: rows of (area, iccs, year, value, sender)."""
        with open(self.dir + "/raw", "w") as f:
            f.write(HEAD)
            for area, iccs, year, value, sender in rows:
                f.write("dataflow,WB:CRIME(1.0.0),R,A,%s,%s,OFF,_T,_T,NR,%s,%s,%s\n" %
                        (area, iccs, year, value, sender))
        e = self.must("rta-check", "--unsealed", "--quiet", stdin=self.dir + "/raw", ok=(0, 1))
        with open(self.work + "/" + name, "wb") as f:
            f.write(e.out)


class World:
    def __enter__(self):
        for name in [k for k in os.environ if k.startswith(("PG", "RTA_", "FAULT_"))]:
            del os.environ[name]
        self.servers, self.steps = [], []
        self.dir = tempfile.mkdtemp(prefix="rta-fault.")
        os.chmod(self.dir, 0o755)
        self.home, self.config = self.dir + "/home", self.dir + "/config"
        os.mkdir(self.config)
        for name in os.listdir(ROOT + "/config"):
            if name not in ("policies", "calendar.yaml", "reports", "sources"):
                os.symlink(ROOT + "/config/" + name, self.config + "/" + name)
        for name in ("policies", "reports"):
            shutil.copytree(ROOT + "/config/" + name, self.config + "/" + name)
        os.mkdir(self.config + "/sources")
        os.symlink(ROOT + "/templates", self.dir + "/templates")
        self.edit("policies/approval.yaml", "four-eyes", "auto")
        with open(self.config + "/calendar.yaml", "w") as f:
            f.write("expect: [{structure: CRIME, frequency: Q, from: 2025-Q4, to: 2025-Q4, partners: [AL, MK]}]\n")
        self.env = env(RTA_HOME=self.home, RTA_CONFIG=self.config)
        self.start(True)
        self.dsn = self.rta("db", "dsn").strip()
        with open(self.home + "/cluster") as f:
            self.data = re.search("^data=(.*)$", f.read(), re.M).group(1)
        for who in ("anna", "berta"):
            self.psql("create role %s login in role rta_coordinator" % who)
        self.psql("create database ready owner rta template rta")
        self.places = [Place(self, n) for n in range(max(1, min(4, os.cpu_count() or 1)))]
        return self

    def __exit__(self, *_):
        for server in self.servers:
            server.kill()
        self.env.pop("RTA_DSN", None)
        subprocess.run(["rta", "db", "drop", "--yes", "--quiet"], env=self.env, stderr=subprocess.DEVNULL)
        if not os.environ.get("KEEP"):
            shutil.rmtree(self.dir, ignore_errors=True)

    def rta(self, *words):
        return subprocess.run(["rta"] + list(words), env=self.env, stdout=subprocess.PIPE, check=True).stdout.decode()

    def psql(self, query, dbname="postgres"):
        subprocess.run(["psql", "-XAtq", "-d", "%s user=rta_server dbname=%s" % (self.dsn, dbname), "-c", query],
                       env=self.env, check=True, stdout=subprocess.DEVNULL)

    def database(self, name, template):
        self.psql("create database %s owner rta template %s" % (name, template))
        # a commit is written before it is confirmed, as on a server that waits for its disk
        self.psql("alter database %s set synchronous_commit = on" % name)
        return re.sub("dbname=[^ ]*", "dbname=" + name, self.dsn)

    def edit(self, path, old, new):
        with open(self.config + "/" + path) as f:
            text = f.read()
        assert old in text
        with open(self.config + "/" + path, "w") as f:
            f.write(text.replace(old, new))

    def start(self, fast=False):
        words = ["rta", "db", "start", "--quiet"] + (["--fast"] if fast else [])
        subprocess.run(words, env=self.env, check=True)
        if not os.path.exists(self.dir + "/migrated"):
            self.rta("db", "migrate", "--quiet")
            open(self.dir + "/migrated", "w").close()

    def postmaster(self):
        with open(self.data + "/postmaster.pid") as f:
            return int(f.readline())

    def stop_at_once(self):
        pid = self.postmaster()
        os.kill(pid, signal.SIGQUIT)
        while os.path.exists("/proc/%d" % pid):
            time.sleep(0.002)
