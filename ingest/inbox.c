/* inbox.c — `rta inbox`: the coordinator's desk. What partners put into their folders is proved,
 * loaded, answered and put away. Owns the connection to the store and the key of receipts. */
#include "inbox.h"

#include "mem.h"

#include <errno.h>
#include <limits.h>
#include <sys/stat.h>
#include <unistd.h>

static const struct opt opts[] = {
    {.name = "keys",
     .kind = OPT_TEXT,
     .arg = "DIR",
     .offset = offsetof(struct inbox_options, keys),
     .help = "public keys, a file SENDER.yaml each (default: keys under RTA_HOME, else those of "
             "the configuration)"},
    {.name = "sign-key",
     .kind = OPT_TEXT,
     .arg = "FILE",
     .offset = offsetof(struct inbox_options, sign_key),
     .help = "our private key: receipts are signed with it (default: they are not)"},
    {.name = "passphrase-file",
     .kind = OPT_TEXT,
     .arg = "FILE",
     .offset = offsetof(struct inbox_options, passphrase),
     .help = "its first line opens the key"},
    {.name = "received",
     .kind = OPT_TEXT,
     .arg = "MOMENT",
     .offset = offsetof(struct inbox_options, received),
     .help = "when all this came in, for packets of former times (default: now)"},
    {.name = "gap",
     .kind = OPT_ENUM,
     .arg = "POLICY",
     .offset = offsetof(struct inbox_options, gap),
     .help = "a packet whose predecessor has not come is held until it comes (default), or refused",
     .words = "hold|refuse"},
    {.name = "max-bytes",
     .kind = OPT_INT,
     .arg = "N",
     .min = 1,
     .max = (int64_t)8 << 30,
     .offset = offsetof(struct inbox_options, max_bytes),
     .help = "refuse larger packets (default: 268435456)"},
    {.name = "timeout",
     .kind = OPT_INT,
     .arg = "SECONDS",
     .min = 1,
     .max = 86400,
     .offset = offsetof(struct inbox_options, timeout),
     .help = "end a load that takes longer, and try it again at the next run (default: 3600)"},
};

static const struct opt_example examples[] = {
    {"rta inbox /srv/rta", "take what is there; from cron, every few minutes"},
    {"rta inbox /srv/rta --sign-key desk.key --gap refuse", "sign the receipts, hold nothing"},
};

static const struct opt_program program = {
    .verb = "inbox",
    .group = "ingest",
    .summary = "take in what partners have sent: prove, load, answer, put away",
    .arguments = "DIR",
    .min_args = 1,
    .max_args = 1,
    .description =
        "DIR holds partners/NAME/in and partners/NAME/out, the folders that the server of "
        "docs/deploy lets a partner write and read. NAME is a partner's code or a sender's key. A "
        "file that is complete (its name neither begins with a point nor ends in .part) is proved: "
        "its name, sender, key, signature, bytes and number in sequence; then it goes through "
        "read, "
        "map, check and load.\n\n"
        "Every packet is answered by a receipt in partners/NAME/out and a row of rta.delivery, and "
        "put into DIR/accepted, DIR/refused or DIR/held. The same packet again gets the same "
        "receipt. A run that was killed anywhere is finished by the next one; several at once "
        "share the partners among themselves.\n\n"
        "Exit codes: 0 all accepted; 1 something was refused, held or left alone; 69 no store; 75 "
        "another inbox is at a folder, or try again later.",
    .opts = opts,
    .nopts = ARRAY_LEN(opts),
    .examples = examples,
    .nexamples = ARRAY_LEN(examples),
};

static int find_keys(struct inbox *in, struct err *e)
{
    struct arena *a = &in->conf->arena;
    struct stat st;
    in->keys = in->o->keys;
    if (!in->keys) {
        in->keys = arena_fmt(a, "%s/keys", stage_home(in->st));
        if (stat(in->keys, &st) < 0)
            in->keys = arena_fmt(a, "%s/keys", in->conf->dir);
    }
    if (stat(in->keys, &st) == 0 && S_ISDIR(st.st_mode))
        return 0;
    err_set(e, RC_CONFIG, "INBOX-050", "there is no folder of keys");
    (void)err_hint(e,
                   "make it and put SENDER.yaml files into it: rta submit --new-key prints them");
    return err_place(e, "%s", in->keys);
}

static int find_dir(struct inbox *in, struct err *e)
{
    char *real = realpath(in->st->args[0], NULL);
    if (!real) {
        err_sys(e, RC_USAGE, "INBOX-051", "cannot find the desk");
        return err_place(e, "%s", in->st->args[0]);
    }
    in->dir = arena_text(&in->conf->arena, str_of(real));
    mem_free(real);
    return 0;
}

static int prepare(struct inbox *in, struct err *e)
{
    int rc = stage_conf(in->st, &in->conf, e);
    if (rc == 0)
        rc = region_load(in->conf, &in->region, e);
    if (rc == 0)
        rc = find_dir(in, e);
    if (rc == 0)
        rc = find_keys(in, e);
    if (rc == 0 && in->o->sign_key)
        rc = sign_key_load(&in->key, in->o->sign_key, in->o->passphrase, e);
    if (rc == 0)
        rc = db_open(&in->db, NULL, "rta-inbox", e);
    return rc < 0 ? rc : store_moment(in, e);
}

/* All doors; what goes wrong at one does not keep the others waiting. */
static int all_desks(struct inbox *in, struct err *e)
{
    const char *const *names = NULL;
    size_t n = 0;
    const char *partners = arena_fmt(&in->conf->arena, "%s/partners", in->dir);
    int rc = dir_names(partners, &in->conf->arena, &names, &n, e);
    for (size_t i = 0; rc >= 0 && i < n; i++) {
        struct err now = {.rc = RC_OK};
        struct stat st;
        const char *door = arena_fmt(&in->conf->arena, "%s/%s/in", partners, names[i]);
        if (!packet_plain_name(str_of(names[i])) || lstat(door, &st) < 0 || !S_ISDIR(st.st_mode))
            continue;
        int got = desk_run(in, names[i], &now);
        if (got == 0)
            continue;
        stage_error(in->st, &now);
        stage_raise(in->st, (enum rc) - got);
    }
    return rc < 0 ? rc : 0;
}

static int run(struct stage *st, struct err *e)
{
    struct inbox in = {.st = st, .o = st->options};
    int rc = prepare(&in, e);
    if (rc == 0) {
        st->totals.used = true;
        st->totals.unit = "packets";
        rc = all_desks(&in, e);
    }
    db_close(in.db);
    sign_key_free(in.key);
    return rc;
}

int main(int argc, char **argv)
{
    struct inbox_options o = {.max_bytes = (int64_t)256 << 20, .timeout = 3600};
    return stage_main(&program, &o, run, argc, argv);
}
