"""The store once more: the raw packets that the inbox kept, in the order and with the dates of
their receipts, and the decisions by the same persons on the very same digests. Then everything
that the two stores say is compared."""
import glob
import json
import os
import re
import shutil

import desk

STEPS = ("select d.id, d.submission, d.step, d.from_state, d.to_state, d.who, d.reason, d.digest,"
         " to_char(d.embargo, 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"') as embargo from rta.decision d"
         " order by d.id")
ACCOUNTS = ("select id, version, state, structure, partner, sender, reason, reason_code,"
            " received_at, published_at, embargo, base_version, file_name, file_sha256, stream_seal,"
            " rows_in, rows_new, rows_revised, rows_unchanged, rows_superseded, rows_delete,"
            " rows_deleted, rows_refused, over_sender, supersedes, act, settled, policy"
            " from rta.submission order by id")
PACKETS = ("select packet_sha256, packet_name, folder, partner, sender, key_id, sequence, prev_hash,"
           " file_sha256, received_at, received_by, state, code, chained, submissions"
           " from rta.delivery order by id")


def order(store):
    """Packets and decisions as they followed each other: the audit's own numbers."""
    return store.rows(
        "select n, action, (detail->>'id')::bigint as id, at from rta.audit"
        " where action in ('delivery.insert', 'decision.insert') order by n")


def raw(store):
    """What lies in the folders, by the hash of its bytes."""
    return {desk.sha256(path): path for state in ("accepted", "refused")
            for path in glob.glob("%s/%s/*/*.rtap" % (store.desk, state))}


def receipts(store):
    ret = {}
    for path in glob.glob(store.desk + "/partners/*/out/*.receipt"):
        with open(path, encoding="utf-8") as f:
            said = json.loads(f.readline())
        ret[said["packet_sha256"]] = said
    return ret


def take(year, second, packet, path):
    door = "%s/partners/%s/in/%s" % (second.desk, packet["partner"], packet["packet"])
    shutil.copyfile(path, door)
    got = second.inbox(packet["received_at"])
    year.count.same(packet["state"] == "refused", got.returncode == 1,
                    "again: %s taken" % packet["packet"])


def decide(year, second, step, subs):
    sub = subs[step["submission"]]
    verb, user, number = step["step"], step["who"], step["submission"]
    args = []
    if verb == "load":  # a packet brought it, but for one that takes back
        if sub["act"] != "T":
            return
        verb, number = "withdraw", sub["supersedes"]
        args = ["--reason", step["reason"], "--at", sub["received_at"]]
    elif verb == "supersede":
        return
    elif verb == "publish":
        args = ["--at", sub["published_at"]]
    elif verb == "approve":
        args = ["--digest", step["digest"]] + (["--embargo", step["embargo"]] if step["embargo"] else [])
    elif verb == "answer":
        args = [step["reason"]]
    elif step["reason"]:
        args = ["--reason", step["reason"]]
    got = second.rta("submission", verb, number, *args, user=None if user == "rta" else user)
    year.count.same(0, got.returncode, "again: %s %s %s" % (verb, number, got.stderr.strip()
                                                            if got.returncode else ""))


def without_clock(said):
    return json.loads(re.sub(r'"(answered_at|loaded_at|published_at)": *"[^"]*"', r'"\1": ""',
                             json.dumps(said)))


def compare(year, first, second):
    same = year.count.same
    same(first.pull("--history"), second.pull("--history"), "again: the history, byte for byte")
    for v in range(len(year.model.moments) + 1):
        args = ("--as-of", "version:%d" % v)
        same(first.pull(*args), second.pull(*args), "again: as of version %d, byte for byte" % v)
    for name, query in (("accounts", ACCOUNTS), ("decisions", STEPS), ("packets", PACKETS)):
        a, b = first.rows(query), second.rows(query)
        same(len(a), len(b), "again: as many " + name)
        for x, y in zip(a, b):
            same(x, y, "again: %s, %s" % (name, x.get("id", x.get("packet_name"))))
    same(without_clock(receipts(first)), without_clock(receipts(second)), "again: the receipts")
    got = second.rta("db", "verify")
    same(0, got.returncode, "again: rta db verify")


def rebuild(year):
    first = year.store
    second = desk.Store(desk.T + "/second", desk.T + "/desk2")
    for code in year.partners:
        for side in ("in", "out"):
            os.makedirs("%s/partners/%s/%s" % (second.desk, code, side))
    kept, said = raw(first), receipts(first)
    year.count.same(set(said), set(kept), "again: every packet that was answered was kept")
    packets = {r["id"]: r["packet_sha256"] for r in first.rows("select id, packet_sha256"
                                                                " from rta.delivery")}
    steps = {r["id"]: r for r in first.rows(STEPS)}
    subs = {r["id"]: r for r in first.rows(ACCOUNTS)}
    for entry in order(first):
        if entry["action"] == "delivery.insert":
            sha = packets[entry["id"]]
            take(year, second, said[sha], kept[sha])
        else:
            decide(year, second, steps[entry["id"]], subs)
    compare(year, first, second)
