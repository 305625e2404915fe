/* bundle.c — `rta bundle`: packets and receipts by stick, for places without a network. */
#include "bundle.h"

static const struct opt opts[] = {
    {.name = "output",
     .letter = 'o',
     .kind = OPT_TEXT,
     .arg = "FILE",
     .offset = offsetof(struct bundle_options, output),
     .help = "pack: the bundle to write"},
    {.name = "to",
     .kind = OPT_TEXT,
     .arg = "DIR",
     .offset = offsetof(struct bundle_options, to),
     .help = "unpack: the folder for the files"},
};

static const struct opt_example examples[] = {
    {"rta bundle pack outbox/AL-ASP/*.rtap -o stick.rtab", "partner: packets onto a stick"},
    {"rta bundle unpack stick.rtab --to /srv/rta/partners/AL/in", "coordinator: to the inbox"},
    {"rta bundle pack /srv/rta/partners/AL/out/*.receipt -o back.rtab", "coordinator: answers"},
    {"rta bundle show back.rtab", "what is in it; also for one packet or receipt"},
};

static const struct opt_program program = {
    .verb = "bundle",
    .group = "ingest",
    .summary = "carry packets and receipts by file, for places without a network",
    .arguments = "pack|unpack|show FILE...",
    .min_args = 2,
    .max_args = -1,
    .description =
        "pack puts packets (.rtap) and receipts (.receipt) into one file. unpack proves all of it "
        "and then puts every file into a folder, whole or not at all; what is there already stays. "
        "show says what a bundle, a packet or a receipt holds.\n\n"
        "A packet proves itself by its signature, so a bundle needs none. A bundle is a tar file; "
        "any tar can look into it.",
    .opts = opts,
    .nopts = ARRAY_LEN(opts),
    .examples = examples,
    .nexamples = ARRAY_LEN(examples),
};

static int show_all(struct stage *st, struct err *e)
{
    int rc = 0;
    for (int i = 1; i < st->nargs && rc == 0; i++) {
        struct buf b;
        buf_init(&b, (size_t)8 << 20);
        rc = bundle_show(st->args[i], &b, e);
        if (rc == 0)
            rc = buf_ok(&b, st->args[i], e);
        if (rc == 0)
            out_str(&st->out, buf_view(&b));
        buf_free(&b);
    }
    return rc;
}

static int need(const char *value, const char *option, struct err *e)
{
    return value ? 0 : err_set(e, RC_USAGE, "BUNDLE-020", "say --%s", option);
}

static int run(struct stage *st, struct err *e)
{
    const struct bundle_options *o = st->options;
    const char *what = st->args[0];
    int rc = 0;
    if (strcmp(what, "show") == 0)
        return show_all(st, e);
    if (strcmp(what, "pack") == 0) {
        rc = need(o->output, "output FILE", e);
        return rc < 0 ? rc : bundle_pack(st, o->output, st->args + 1, (size_t)st->nargs - 1, e);
    }
    if (strcmp(what, "unpack") == 0) {
        rc = need(o->to, "to DIR", e);
        for (int i = 1; i < st->nargs && rc == 0; i++)
            rc = bundle_unpack(st, st->args[i], o->to, e);
        return rc;
    }
    err_set(e, RC_USAGE, "BUNDLE-021", "not a thing to do with a bundle: %s", what);
    return err_hint(e, "write pack, unpack or show");
}

int main(int argc, char **argv)
{
    struct bundle_options o = {0};
    return stage_main(&program, &o, run, argc, argv);
}
