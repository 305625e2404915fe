/* inbox_judge.c — may this packet be what it says? Name, place, key, signature, file, number in
 * sequence, profile: in this order, so that nothing a stranger wrote is believed before the
 * signature is proved. Owns the packet while it is open. */
#include "inbox.h"

#include "mem.h"
#include "profile.h"

#include <unistd.h>

int delivery_verdict(struct delivery *d, enum verdict v, const char *code, const struct err *why)
{
    d->verdict = v;
    d->code = code;
    (void)snprintf(d->reason, sizeof d->reason, "%s%s%s%s%s", why->text, why->id[0] ? " [" : "",
                   why->id, why->id[0] ? "]" : "", "");
    (void)snprintf(d->hint, sizeof d->hint, "%s", why->hint);
    return 0;
}

static int refuse(struct delivery *d, const char *code, const struct err *why)
{
    return delivery_verdict(d, VERDICT_REFUSED, code, why);
}

/* A fault of the packet is a verdict; everything else is ours and ends the work. */
static int its_fault(struct delivery *d, const char *code, const struct err *why, struct err *e)
{
    if (why->rc == RC_DATA || why->rc == RC_DENIED)
        return refuse(d, code, why);
    *e = *why;
    return -(int)why->rc;
}

/* Does the name at the door belong to what the manifest says? 1: it does. */
static int check_name(struct delivery *d)
{
    char name[PACKET_NAME];
    struct err why = {.rc = RC_OK};
    manifest_packet_name(&d->packet.m, name);
    if (strcmp(name, d->name) == 0)
        return 1;
    err_set(&why, RC_DATA, "INBOX-001", "the packet is called %s, but its manifest makes it %s",
            d->name, name);
    err_hint(&why, "send it under its own name");
    return refuse(d, "name", &why);
}

/* Whoever uses this door may speak for this partner only. */
static int check_sender(struct delivery *d)
{
    const struct packet_manifest *m = &d->packet.m;
    const struct sender *s = region_sender(d->desk->in->region, str_of(m->sender));
    struct err why = {.rc = RC_OK};
    const char *partner = s && s->partner ? s->partner : "";
    if (!s)
        err_set(&why, RC_DENIED, "INBOX-002", "there is no sender '%s'", m->sender);
    else if (strcmp(partner, m->partner) != 0)
        err_set(&why, RC_DENIED, "INBOX-003", "sender %s is not one of partner '%s'", m->sender,
                m->partner);
    else if (strcmp(d->desk->name, m->sender) != 0 && strcmp(d->desk->name, partner) != 0)
        err_set(&why, RC_DENIED, "INBOX-004", "the folder of %s is not for packets of %s",
                d->desk->name, m->sender);
    else
        return 1;
    return refuse(d, "sender", &why);
}

static int check_signature(struct delivery *d, struct err *e)
{
    struct sign_public key;
    struct err why = {.rc = RC_OK};
    int rc = packet_key_find(d->desk->in->keys, d->packet.m.sender, d->packet.m.key,
                             d->desk->in->day, &key, &why);
    if (rc < 0)
        return its_fault(d, "key", &why, e);
    if (packet_signed_by(&d->packet, &key))
        return 1;
    err_set(&why, RC_DENIED, "INBOX-005", "the signature does not prove the manifest");
    err_hint(&why, "send it again; if it comes again, somebody else has made it");
    return refuse(d, "signature", &why);
}

/* The file out of the packet, proved on the way. */
static int extract(struct delivery *d, struct err *e)
{
    struct arena *a = &d->desk->arena;
    const char *dir = arena_fmt(a, "%s/.run", d->desk->work);
    const char *place = arena_fmt(a, "%s/file", dir);
    struct newfile f;
    struct err why = {.rc = RC_OK};
    int rc = dir_remove(dir, e);
    if (rc == 0)
        rc = dir_make(place, e);
    d->file = arena_fmt(a, "%s/%s", place, d->packet.m.file);
    if (rc == 0)
        rc = file_create(&f, d->file, e);
    if (rc < 0)
        return rc;
    rc = packet_file(&d->packet, &f.out, &why);
    if (rc < 0) {
        file_abandon(&f);
        err_hint(&why, "send it again");
        return its_fault(d, "damaged", &why, e);
    }
    rc = file_publish(&f, e);
    return rc < 0 ? rc : 1;
}

/* "3" or "3 to 7" */
static void missing(char ret[64], int64_t from, int64_t to)
{
    if (from == to)
        (void)snprintf(ret, 64, "number %lld is", (long long)from);
    else
        (void)snprintf(ret, 64, "numbers %lld to %lld are", (long long)from, (long long)to);
}

static int gap(struct delivery *d, int64_t last)
{
    struct err why = {.rc = RC_OK};
    char which[64];
    bool hold = d->desk->in->o->gap == 0;
    missing(which, last + 1, d->packet.m.sequence - 1);
    err_set(&why, RC_DATA, "INBOX-006", "%s missing before number %lld%s", which,
            (long long)d->packet.m.sequence, hold ? ": it waits" : "");
    err_hint(&why, hold ? "send what is missing; nothing need be done about this packet"
                        : "send what is missing first, then this packet again");
    return delivery_verdict(d, hold ? VERDICT_HELD : VERDICT_REFUSED, "gap", &why);
}

static int check_sequence(struct delivery *d, struct err *e)
{
    const struct packet_manifest *m = &d->packet.m;
    struct err why = {.rc = RC_OK};
    char before[SHA256_HEX] = "";
    int64_t last = 0;
    int rc = store_last(d, &last, before, e);
    if (rc < 0)
        return rc;
    if (m->sequence > last + 1)
        return gap(d, last);
    if (m->sequence <= last)
        err_set(&why, RC_DATA, "INBOX-007", "number %lld was used before, for another packet",
                (long long)m->sequence);
    else if (strcmp(m->previous, before) != 0)
        err_set(&why, RC_DATA, "INBOX-008",
                "number %lld does not follow the packet that came "
                "before it",
                (long long)m->sequence);
    else
        return 1;
    err_hint(&why, "the outbox was lost or copied: make a new key, which begins a new sequence");
    return refuse(d, "sequence", &why);
}

/* From here on a refusal uses up the number. */
static int check_profile(struct delivery *d, struct err *e)
{
    const struct profile *p = NULL;
    const struct packet_manifest *m = &d->packet.m;
    struct err why = {.rc = RC_OK};
    d->consumed = true;
    struct conf *c = d->desk->in->conf;
    if (access(arena_fmt(&d->desk->arena, "%s/profiles/%s.yaml", c->dir, m->profile), F_OK) < 0) {
        err_set(&why, RC_DATA, "INBOX-011", "there is no profile '%s' here", m->profile);
        err_hint(&why, "agree with the coordinator on how the file is read");
        return refuse(d, "profile", &why);
    }
    int rc = profile_load(c, m->profile, -1, &p, e);
    if (rc < 0)
        return rc;
    if (!p->sender || strcmp(p->sender, m->sender) == 0)
        return 1;
    err_set(&why, RC_DENIED, "INBOX-009", "profile %s is that of %s", m->profile, p->sender);
    return refuse(d, "profile", &why);
}

static int prove(struct delivery *d, struct err *e)
{
    int rc = check_name(d);
    if (rc > 0)
        rc = check_sender(d);
    if (rc > 0)
        rc = check_signature(d, e);
    if (rc > 0)
        rc = extract(d, e);
    if (rc > 0) {
        d->proved = true;
        rc = check_sequence(d, e);
    }
    return rc;
}

static int open_packet(struct delivery *d, struct err *e)
{
    struct source *s = NULL;
    struct err why = {.rc = RC_OK};
    uint64_t max = (uint64_t)d->desk->in->o->max_bytes;
    if (d->bytes > max) {
        err_set(&why, RC_DATA, "INBOX-010", "the packet has %llu bytes; %llu are allowed",
                (unsigned long long)d->bytes, (unsigned long long)max);
        return refuse(d, "size", &why);
    }
    int rc = source_open(&s, d->copy, e);
    if (rc < 0)
        return rc;
    rc = packet_open(&d->packet, s, &why);
    if (rc < 0)
        return its_fault(d, "packet", &why, e);
    d->opened = true;
    return 1;
}

int delivery_judge(struct delivery *d, struct err *e)
{
    int rc = open_packet(d, e);
    if (rc > 0)
        rc = prove(d, e);
    if (rc > 0)
        rc = check_profile(d, e);
    if (rc < 0)
        return rc;
    int taken = store_take(d, e);
    if (taken < 0 || rc == 0)
        return taken;
    return delivery_load(d, e);
}
