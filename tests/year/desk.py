"""The programs as people run them, and what they answer. Nothing here knows what is right."""
import base64
import csv
import glob
import hashlib
import io
import json
import os
import subprocess

T = os.environ["T"]
COLUMNS = ("STRUCTURE,STRUCTURE_ID,ACTION,FREQ,REF_AREA,ICCS,COUNTED,OC_LINK,CY_LINK,UNIT_MEASURE,"
           "TIME_PERIOD,OBS_VALUE,OBS_STATUS,SENDER\n")


class Store:
    def __init__(self, home, desk):
        self.home, self.desk = home, desk

    def rta(self, *args, user=None, **more):
        env = dict(os.environ, RTA_HOME=self.home, **more)
        if user:
            env["PGUSER"] = user
        return subprocess.run(["rta-" + args[0], *map(str, args[1:])], env=env, cwd=T,
                              capture_output=True, text=True, check=False)

    def sql(self, text):
        got = self.rta("db", "psql", "--", "-XAtq", "-v", "ON_ERROR_STOP=1", "-c", text)
        if got.returncode:
            raise RuntimeError(got.stderr)
        return got.stdout

    def rows(self, query):
        return json.loads(self.sql("select coalesce(json_agg(x), '[]') from (%s) x" % query))

    def digest(self, number):
        got = json.loads(self.rta("submission", "show", number, "--json").stdout)
        return got["digest"]

    def inbox(self, received):
        return self.rta("inbox", self.desk, "--keys", T + "/var/keys", "--sign-key",
                        T + "/keys/desk", "--received", received, user="desk")

    def pull(self, *args):
        got = self.rta("pull", "CRIME", *args, "--quiet")
        if got.returncode:
            raise RuntimeError(got.stderr)
        return got.stdout


def figures(text):
    """Rows of a pull by name."""
    return [{k.split("[")[0]: v for k, v in row.items()} for row in csv.DictReader(io.StringIO(text))
            if not row["STRUCTURE[;]"].startswith("#")]


class Partner:
    def __init__(self, line, number):
        self.code, self.sender, sftp, https = line.split()
        self.by = "https" if number % 2 else "sftp"
        key = "%s/ssh/%s" % (T, self.code)
        pem = "%s/tls/%s" % (T, self.code)
        self.way = {
            "sftp": ["--to", sftp, "--ssh-key", key, "--known-hosts", T + "/ssh/hosts"],
            "https": ["--to", https, "--cert", pem + ".pem", "--cert-key", pem + ".key",
                      "--ca", T + "/tls/server-ca.pem"]}[self.by]
        self.sequence, self.user = 0, "of_" + self.code.lower()

    def write(self, name, rows):
        path = "%s/%s" % (T, name)
        with open(path, "w", encoding="utf-8") as f:
            f.write(COLUMNS)
            for action, (area, offence, period), value, status in rows:
                f.write("dataflow,WB:CRIME(1.0.0),%s,Q,%s,%s,OFF,_T,_T,NR,%s,%s,%s,%s\n"
                        % (action, area, offence, period, value, status, self.sender))
        return path

    def submit(self, store, *args):
        return store.rta("submit", *args, "--profile", "sdmx-csv", "--sender", self.sender, "--key",
                         "%s/keys/%s" % (T, self.code), "--coordinator-key", T + "/keys/desk.pub",
                         *self.way)

    def receipt(self):
        """The newest, as the partner has it in its outbox: (what it says, is it signed)."""
        path = "%s/var/outbox/%s/%s-*-%06d.receipt" % (T, self.sender, self.sender, self.sequence)
        with open(glob.glob(path)[0], "rb") as f:
            said, proof = f.read().splitlines()[:2]
        return json.loads(said), proved(said, json.loads(proof)["signature"])


def proved(said, signature):
    """By openssl, with the key that the coordinator gave out."""
    with open(T + "/keys/desk.pub", "rb") as f:
        der = base64.b64decode(f.read())
    for name, data in (("der", der), ("said", said), ("sig", bytes.fromhex(signature))):
        with open("%s/proof.%s" % (T, name), "wb") as f:
            f.write(data)
    return subprocess.run(
        ["openssl", "pkeyutl", "-verify", "-rawin", "-pubin", "-keyform", "DER", "-inkey",
         T + "/proof.der", "-sigfile", T + "/proof.sig", "-in", T + "/proof.said"],
        capture_output=True, check=False).returncode == 0


def sha256(path):
    with open(path, "rb") as f:
        return hashlib.sha256(f.read()).hexdigest()
