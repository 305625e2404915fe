/* submit_pack.c — before anything leaves: the same checks that the coordinator makes, then a packet
 * in the outbox. The packet is on disk before the ledger names it, and named before it is sent; so
 * a number is never used for two packets that anybody else has seen. */
#include "submit.h"

#include "mem.h"
#include "period.h"
#include "profile.h"
#include "region.h"

#include <sys/stat.h>

static int check_sender(struct submit *s, struct err *e)
{
    const struct region *region = NULL;
    const struct profile *profile = NULL;
    int rc = region_load(s->conf, &region, e);
    if (rc < 0)
        return rc;
    const struct sender *sender = region_sender(region, str_of(s->o->sender));
    if (!sender) {
        err_set(e, RC_USAGE, "SUBMIT-010", "there is no sender '%s'", s->o->sender);
        return err_hint(e, "senders are listed in config/region.yaml");
    }
    s->partner = sender->partner ? sender->partner : "";
    rc = profile_load(s->conf, s->o->profile, -1, &profile, e);
    if (rc < 0)
        return rc;
    s->structure = profile->structure ? profile->structure : "";
    if (!profile->sender || strcmp(profile->sender, s->o->sender) == 0)
        return 0;
    err_set(e, RC_USAGE, "SUBMIT-011", "profile '%s' is that of %s, not of %s", s->o->profile,
            profile->sender, s->o->sender);
    return err_hint(e, "name the profile of your own files with --profile");
}

/* What the coordinator will do, without the last step. */
static int run_checks(struct submit *s, struct err *e)
{
    const struct packet_pipe pipe = {
        .st = s->st, .conf = s->conf, .profile = s->o->profile, .file = s->file};
    int rc = packet_pipe(&pipe, e);
    if (rc >= 0) {
        if (rc == 1)
            stage_note(s->st, "there are warnings: the coordinator will ask for answers");
        return 0;
    }
    (void)err_place(e, "%s", s->file);
    return err_hint(e, "nothing was packed or sent; correct the file and run it again");
}

int submit_check(struct submit *s, struct err *e)
{
    int rc = check_sender(s, e);
    if (rc == 0)
        rc = sha256_file(s->file, s->file_sha256, e);
    if (rc == 0 && !packet_file_name(str_of(s->name))) {
        err_set(e, RC_DATA, "SUBMIT-012", "a file of this name cannot travel");
        (void)err_hint(e, "rename it: visible characters, at most 200 bytes, not hidden");
        rc = err_place(e, "%s", s->name);
    }
    return rc < 0 || s->o->unchecked ? rc : run_checks(s, e);
}

/* A packet of the same file, read in the same way, that was not refused. */
static bool find_same(struct submit *s)
{
    for (size_t i = s->ledger.n; i-- > 0;) {
        const struct entry *x = &s->ledger.entries[i];
        if (x->state != SENT_REFUSED && strcmp(x->file_sha256, s->file_sha256) == 0 &&
            strcmp(x->profile, s->o->profile) == 0) {
            s->current = i;
            return true;
        }
    }
    return false;
}

static int read_periods(struct submit *s, struct packet_manifest *m, struct err *e)
{
    const struct opt_list *list = &s->o->periods;
    const char **periods = arena_array(&s->conf->arena, list->n + 1, sizeof *periods);
    for (size_t i = 0; i < list->n; i++) {
        struct period p;
        char text[PERIOD_TEXT_MAX];
        int rc = period_parse(&p, str_of(list->items[i]), e);
        if (rc < 0)
            return rc;
        (void)period_text(p, text);
        periods[i] = arena_text(&s->conf->arena, str_of(text));
    }
    m->periods = periods;
    m->nperiods = list->n;
    return 0;
}

/* Which profile it was checked with, so that the coordinator sees when theirs differs. */
static int read_config(struct submit *s, struct packet_manifest *m, struct err *e)
{
    const char *path = NULL;
    char hex[SHA256_HEX];
    int rc = conf_path(s->conf, "profiles", s->o->profile, "yaml", &path, e);
    if (rc == 0)
        rc = sha256_file(path, hex, e);
    if (rc == 0)
        m->config = arena_fmt(&s->conf->arena, "rta %s, profile %.16s", RTA_VERSION, hex);
    return rc;
}

/* The next number of this key's chain, and the packet before it. */
static void chain(const struct submit *s, struct packet_manifest *m)
{
    m->sequence = 1;
    m->previous = "";
    for (size_t i = 0; i < s->ledger.n; i++) {
        const struct entry *x = &s->ledger.entries[i];
        if (strcmp(x->key, m->key) == 0 && x->sequence >= m->sequence) {
            m->sequence = x->sequence + 1;
            m->previous = x->sha256;
        }
    }
}

static void tap(void *to, const void *p, size_t n) { sha256_add(to, p, n); }

/* Into the outbox; sha: of the whole packet. */
static int write_packet(struct submit *s, const struct packet_manifest *m,
                        const struct sign_key *key, const char *path, char sha[SHA256_HEX],
                        struct err *e)
{
    struct newfile f;
    struct sha256 *h = sha256_new();
    int rc = file_create(&f, path, e);
    if (rc == 0) {
        f.out.tap = tap;
        f.out.tap_to = h;
        rc = packet_write(&f.out, m, key, s->file, e);
        out_flush(&f.out);
        f.out.tap = NULL;
        if (rc < 0)
            file_abandon(&f);
        else
            rc = file_publish(&f, e);
    }
    sha256_hex(h, sha);
    sha256_free(h);
    return rc < 0 ? rc : dir_sync(s->ledger.dir, e);
}

static int make(struct submit *s, const struct sign_key *key, struct err *e)
{
    struct arena *a = &s->ledger.arena;
    char now[PACKET_MOMENT], name[PACKET_NAME], sha[SHA256_HEX];
    struct stat st;
    packet_now(now);
    struct packet_manifest m = {.partner = s->partner,
                                .sender = s->o->sender,
                                .structure = s->structure,
                                .profile = s->o->profile,
                                .file = s->name,
                                .file_sha256 = s->file_sha256,
                                .bytes = stat(s->file, &st) == 0 ? (int64_t)st.st_size : -1,
                                .created = now,
                                .reason = s->o->reason ? s->o->reason : "",
                                .reason_code = s->o->reason_code ? s->o->reason_code : "",
                                .key = sign_key_public(key)->id};
    int rc = read_periods(s, &m, e);
    if (rc == 0)
        rc = read_config(s, &m, e);
    if (rc < 0)
        return rc;
    chain(s, &m);
    manifest_packet_name(&m, name);
    rc = write_packet(s, &m, key, arena_fmt(a, "%s/%s", s->ledger.dir, name), sha, e);
    if (rc < 0)
        return rc;
    const struct entry x = {.packet = arena_text(a, str_of(name)),
                            .sha256 = arena_text(a, str_of(sha)),
                            .key = arena_text(a, str_of(m.key)),
                            .file = arena_text(a, str_of(s->name)),
                            .file_sha256 = arena_text(a, str_of(s->file_sha256)),
                            .profile = arena_text(a, str_of(s->o->profile)),
                            .at = arena_text(a, str_of(now)),
                            .note = "",
                            .sequence = m.sequence};
    s->current = s->ledger.n;
    rc = ledger_add(&s->ledger, &x, e);
    if (rc == 0)
        stage_note(s->st, "packed %s as %s", s->name, name);
    return rc;
}

int submit_pack(struct submit *s, struct err *e)
{
    struct sign_key *key = NULL;
    if (find_same(s)) {
        const struct entry *x = &s->ledger.entries[s->current];
        stage_note(s->st, "this file was packed before, as %s: it is not sent twice", x->packet);
        return 0;
    }
    if (!s->o->key) {
        err_set(e, RC_USAGE, "SUBMIT-013", "a packet needs a key that signs it");
        return err_hint(e, "name it with --key FILE; make one with rta submit --new-key FILE");
    }
    int rc = sign_key_load(&key, s->o->key, s->o->passphrase, e);
    if (rc == 0)
        rc = make(s, key, e);
    sign_key_free(key);
    return rc;
}
