/* submit.c — `rta submit`: a partner's file, checked, packed, signed and sent to the coordinator's
 * server, once; and the receipt. Owns the ledger while it runs. */
#include "submit.h"

#include "mem.h"

#include <unistd.h>

#define TEXT_OPT(n, field, value, words)                                  \
    {                                                                     \
        .name = (n), .kind = OPT_TEXT, .arg = (value),                    \
        .offset = offsetof(struct submit_options, field), .help = (words) \
    }

static const struct opt opts[] = {
    TEXT_OPT("to", to, "URL|DIR",
             "the coordinator's folder: sftp://USER@HOST/, https://HOST/AL/, "
             "or a folder of this machine"),
    TEXT_OPT("profile", profile, "NAME", "how the file is read (config/profiles)"),
    TEXT_OPT("sender", sender, "KEY", "who sends it (config/region.yaml)"),
    {.name = "period",
     .kind = OPT_LIST,
     .arg = "PERIOD",
     .offset = offsetof(struct submit_options, periods),
     .help = "a period that the file is about; may be given several times"},
    TEXT_OPT("reason", reason, "TEXT", "why it is sent; kept with the submission"),
    TEXT_OPT("reason-code", reason_code, "CODE",
             "the same as a code: first, routine, error, major"),
    TEXT_OPT("key", key, "FILE", "the private key that signs"),
    TEXT_OPT("passphrase-file", passphrase, "FILE", "its first line opens the key of --key"),
    TEXT_OPT("outbox", outbox, "DIR",
             "packets and their ledger (default: outbox/SENDER under "
             "RTA_HOME)"),
    {.name = "wait",
     .kind = OPT_INT,
     .arg = "SECONDS",
     .max = 86400,
     .offset = offsetof(struct submit_options, wait),
     .help = "wait so long for the receipt, then end with 75 (default: look once)"},
    {.name = "poll-ms",
     .kind = OPT_INT,
     .arg = "MS",
     .min = 10,
     .max = 600000,
     .offset = offsetof(struct submit_options, poll),
     .help = "look so often while waiting (default: 5000)"},
    {.name = "status",
     .kind = OPT_FLAG,
     .offset = offsetof(struct submit_options, status),
     .help = "show what became of every packet, and send nothing"},
    {.name = "unchecked",
     .kind = OPT_FLAG,
     .offset = offsetof(struct submit_options, unchecked),
     .help = "do not check the file here: the coordinator does"},
    TEXT_OPT("new-key", new_key, "FILE",
             "make a key, print the lines for the coordinator, and end"),
    TEXT_OPT("coordinator-key", coordinator, "FILE",
             "public key: a receipt that it did not sign is "
             "refused"),
    TEXT_OPT("ssh-key", ssh_key, "FILE", "private key for SFTP (default: that of the agent)"),
    TEXT_OPT("known-hosts", known_hosts, "FILE",
             "host keys for SFTP (default: ~/.ssh/known_hosts)"),
    TEXT_OPT("cert", cert, "FILE", "our certificate for HTTPS (PEM)"),
    TEXT_OPT("cert-key", cert_key, "FILE", "its key (PEM)"),
    TEXT_OPT("ca", ca, "FILE", "certificate that proves the server (default: the system's)"),
    TEXT_OPT("netrc", netrc, "FILE", "name and password for HTTPS (default: ~/.netrc)"),
    TEXT_OPT("login-passphrase-file", login, "FILE",
             "its first line opens --ssh-key or --cert-key"),
};

static const struct opt_example examples[] = {
    {"rta submit --new-key al.key --sender AL-ASP", "once: make a key, show its public lines"},
    {"rta submit AL.csv --profile al-police --sender AL-ASP --key al.key --reason 'first quarter' "
     "--period 2025-Q1 --to sftp://al@desk.example/ --ssh-key al.ssh --wait 600",
     "check, send and wait for the receipt"},
    {"rta submit --sender AL-ASP --to sftp://al@desk.example/ --ssh-key al.ssh",
     "finish what was interrupted, fetch receipts"},
    {"rta submit --sender AL-ASP --status", "what became of all packets"},
};

static const struct opt_program program = {
    .verb = "submit",
    .group = "ingest",
    .summary = "send a file to the coordinator: checked, signed, once, with a receipt",
    .arguments = "[FILE]",
    .min_args = 0,
    .max_args = 1,
    .description =
        "The file is read, mapped and checked as the coordinator will do it; with an error nothing "
        "is sent (65). Then it is packed with a signed manifest and a number in sequence, and "
        "uploaded under another name that becomes its own when all of it is there.\n\n"
        "Every step is in the ledger of the outbox first. After an interruption of any kind, run "
        "the same command again, or leave the file out: what is missing is done, nothing is sent "
        "twice, and an SFTP upload goes on where it ended. Without --to the packet is only made, "
        "for rta bundle.\n\n"
        "No password stands in an argument: SFTP takes a key, HTTPS a certificate or a netrc file. "
        "The server must prove itself by a known host key or certificate.\n\n"
        "Exit codes: 0 sent, or answered with 'accepted'; 65 the file, or the coordinator's "
        "answer, "
        "is a refusal; 69 the server cannot be reached or broke off; 75 no answer within --wait, "
        "or "
        "another submit is running; 77 login, key, certificate or server not accepted.",
    .opts = opts,
    .nopts = ARRAY_LEN(opts),
    .examples = examples,
    .nexamples = ARRAY_LEN(examples),
};

static int need(const char *value, const char *option, struct err *e)
{
    return value ? 0 : err_set(e, RC_USAGE, "SUBMIT-030", "say --%s", option);
}

/* What goes into the coordinator's keys/SENDER.yaml. */
static int new_key(struct stage *st, const struct submit_options *o, struct err *e)
{
    struct sign_key *k = NULL;
    char text[SIGN_PUBLIC_TEXT], now[PACKET_MOMENT];
    int rc = sign_key_make(o->new_key, o->passphrase, e);
    if (rc == 0)
        rc = sign_key_load(&k, o->new_key, o->passphrase, e);
    if (rc < 0)
        return rc;
    sign_public_text(sign_key_public(k), text);
    packet_now(now);
    struct buf b;
    buf_init(&b, 4096);
    buf_fmt(&b, "sender: %s\nkeys:\n  - {public: %s,\n     from: %.10s}  # key %s\n",
            o->sender ? o->sender : "SENDER", text, now, sign_key_public(k)->id);
    out_str(&st->out, buf_view(&b));
    buf_free(&b);
    sign_key_free(k);
    return 0;
}

static int status(struct stage *st, struct submit *s, const char *dir, struct err *e)
{
    struct buf b;
    int rc = ledger_open(&s->ledger, dir, false, e);
    if (rc < 0)
        return rc;
    buf_init(&b, (size_t)64 << 20);
    submit_status(&s->ledger, &b);
    rc = buf_ok(&b, "the table", e);
    if (rc == 0)
        out_str(&st->out, buf_view(&b));
    buf_free(&b);
    return rc;
}

static int work(struct submit *s, const char *dir, struct err *e)
{
    int rc = 0;
    if (s->file) {
        const char *slash = strrchr(s->file, '/');
        s->name = slash ? slash + 1 : s->file;
        if ((rc = need(s->o->profile, "profile NAME", e)) < 0 || (rc = submit_check(s, e)) < 0)
            return rc;
    } else if ((rc = need(s->o->to, "to URL, or name a FILE", e)) < 0) {
        return rc;
    }
    rc = ledger_open(&s->ledger, dir, true, e);
    if (rc == 0 && s->file)
        rc = submit_pack(s, e);
    if (rc == 0 && s->o->to)
        rc = submit_send(s, e);
    return rc;
}

static int run(struct stage *st, struct err *e)
{
    const struct submit_options *o = st->options;
    struct submit s = {.st = st, .o = o, .ledger = {.lock = -1}};
    if (o->new_key)
        return new_key(st, o, e);
    int rc = need(o->sender, "sender KEY", e);
    if (rc == 0 && !packet_plain_name(str_of(o->sender)))
        rc = err_set(e, RC_USAGE, "SUBMIT-031", "no sender is called so");
    if (rc == 0)
        rc = stage_conf(st, &s.conf, e);
    if (rc < 0)
        return rc;
    const char *dir = o->outbox
                          ? o->outbox
                          : arena_fmt(&s.conf->arena, "%s/outbox/%s", stage_home(st), o->sender);
    s.file = st->nargs ? st->args[0] : NULL;
    rc = o->status ? status(st, &s, dir, e) : work(&s, dir, e);
    ledger_close(&s.ledger);
    return rc;
}

int main(int argc, char **argv)
{
    struct submit_options o = {.poll = 5000};
    return stage_main(&program, &o, run, argc, argv);
}
