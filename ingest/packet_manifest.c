/* packet_manifest.c — the manifest of a packet: one spelling, so that reading can demand that the
 * bytes are those that writing would give; what is in it must be fit to become arguments, file
 * names and words on a screen. Owns nothing; texts belong to the arena given. */
#include "packet.h"

#include "period.h"
#include "text.h"

#include <ctype.h>

#define FILE_BYTES_MAX (((int64_t)8 << 30) - 1) /* 11 octal digits of a tar header */
#define SEQUENCE_MAX 999999
#define PERIODS_MAX 400

static struct json *periods_of(const struct packet_manifest *m)
{
    struct json *list = js_array();
    for (size_t i = 0; i < m->nperiods; i++)
        js_push(list, js_text(m->periods[i]));
    return list;
}

void manifest_write(struct buf *b, const struct packet_manifest *m)
{
    struct json *j CLEANUP(js_freep) = js_object(), *file = js_object();
    js_set(j, "format", js_text(PACKET_FORMAT));
    js_set(j, "partner", js_text(m->partner));
    js_set(j, "sender", js_text(m->sender));
    js_set(j, "key", js_text(m->key));
    js_set(j, "sequence", js_int(m->sequence));
    js_set(j, "previous", js_text(m->previous));
    js_set(j, "created", js_text(m->created));
    js_set(file, "name", js_text(m->file));
    js_set(file, "bytes", js_int(m->bytes));
    js_set(file, "sha256", js_text(m->file_sha256));
    js_set(j, "file", file);
    js_set(j, "profile", js_text(m->profile));
    js_set(j, "structure", js_text(m->structure));
    js_set(j, "periods", periods_of(m));
    js_set(j, "reason", js_text(m->reason));
    js_set(j, "reason_code", js_text(m->reason_code));
    js_set(j, "config", js_text(m->config));
    js_write(b, j, true);
    buf_char(b, '\n');
}

static bool harmless(struct str s, size_t max)
{
    char same[768];
    if (s.n > max || s.n >= sizeof same || !text_valid(s))
        return false;
    memcpy(same, s.p ? s.p : "", s.n);
    same[s.n] = '\0';
    err_disarm(same);
    return s.n == 0 || memcmp(same, s.p, s.n) == 0;
}

bool packet_file_name(struct str name)
{
    return name.n && harmless(name, 200) && name.p[0] != '.' && !memchr(name.p, '/', name.n);
}

bool packet_plain_name(struct str name)
{
    for (size_t i = 0; i < name.n; i++)
        if (!isalnum((unsigned char)name.p[i]) && (!strchr("-_.", name.p[i]) || !name.p[i]))
            return false;
    return name.n && name.n <= 90 && name.p[0] != '.' && name.p[0] != '-';
}

static bool hex(const char *z, size_t n)
{
    return strlen(z) == n && strspn(z, "0123456789abcdef") == n;
}

static bool moment(const char *z)
{
    static const char shape[] = "0000-00-00T00:00:00Z";
    if (strlen(z) != sizeof shape - 1)
        return false;
    for (size_t i = 0; shape[i]; i++)
        if (shape[i] == '0' ? !isdigit((unsigned char)z[i]) : z[i] != shape[i])
            return false;
    return true;
}

/* "" or a period. */
static bool periods_fit(const struct packet_manifest *m)
{
    struct err ignored = {.rc = RC_OK};
    struct period p;
    for (size_t i = 0; i < m->nperiods; i++) {
        err_clear(&ignored);
        if (strlen(m->periods[i]) >= PERIOD_TEXT_MAX + 16 ||
            period_parse(&p, str_of(m->periods[i]), &ignored) < 0)
            return false;
    }
    return m->nperiods <= PERIODS_MAX;
}

/* A name or nothing. */
static bool name_or_none(const char *z, size_t max)
{
    return !*z || (packet_plain_name(str_of(z)) && strlen(z) <= max);
}

/* Its place in the sender's sequence; what is wrong, or NULL. */
static const char *chain_fault(const struct packet_manifest *m)
{
    if (!hex(m->key, SIGN_ID_HEX - 1))
        return "key";
    if (m->sequence < 1 || m->sequence > SEQUENCE_MAX)
        return "sequence";
    if (m->sequence == 1 ? *m->previous != '\0' : !hex(m->previous, SHA256_HEX - 1))
        return "previous";
    return moment(m->created) ? NULL : "created";
}

static const char *file_fault(const struct packet_manifest *m)
{
    if (!packet_file_name(str_of(m->file)))
        return "file.name";
    if (m->bytes < 0 || m->bytes > FILE_BYTES_MAX)
        return "file.bytes";
    return hex(m->file_sha256, SHA256_HEX - 1) ? NULL : "file.sha256";
}

static const char *text_fault(const struct packet_manifest *m)
{
    if (!periods_fit(m))
        return "periods";
    if (!harmless(str_of(m->reason), 500))
        return "reason";
    if (!name_or_none(m->reason_code, 20))
        return "reason_code";
    if (!harmless(str_of(m->structure), 120))
        return "structure";
    return harmless(str_of(m->config), 80) ? NULL : "config";
}

/* What is wrong, or NULL. */
static const char *fault_of(const struct packet_manifest *m)
{
    if (!name_or_none(m->partner, 16))
        return "partner";
    if (!*m->sender || !name_or_none(m->sender, 40))
        return "sender";
    if (!*m->profile || !name_or_none(m->profile, 90))
        return "profile";
    const char *fault = chain_fault(m);
    if (!fault)
        fault = file_fault(m);
    return fault ? fault : text_fault(m);
}

int manifest_check(const struct packet_manifest *m, struct err *e)
{
    const char *fault = fault_of(m);
    if (!fault)
        return 0;
    return err_set(e, RC_DATA, "PACKET-002", "what a manifest says as '%s' is not fit to travel",
                   fault);
}

static const char *text(const struct json *j, const char *key, struct arena *a)
{
    return arena_text(a, js_str(js_get(j, key)));
}

static void take(struct packet_manifest *m, const struct json *j, struct arena *a)
{
    const struct json *file = js_get(j, "file"), *periods = js_get(j, "periods");
    *m = (struct packet_manifest){.partner = text(j, "partner", a),
                                  .sender = text(j, "sender", a),
                                  .structure = text(j, "structure", a),
                                  .profile = text(j, "profile", a),
                                  .file = text(file, "name", a),
                                  .file_sha256 = text(file, "sha256", a),
                                  .bytes = js_integer(js_get(file, "bytes"), -1),
                                  .sequence = js_integer(js_get(j, "sequence"), -1),
                                  .previous = text(j, "previous", a),
                                  .created = text(j, "created", a),
                                  .reason = text(j, "reason", a),
                                  .reason_code = text(j, "reason_code", a),
                                  .config = text(j, "config", a),
                                  .key = text(j, "key", a)};
    m->nperiods = js_kind_of(periods) == JS_ARRAY ? js_count(periods) : 0;
    const char **list = arena_array(a, m->nperiods + 1, sizeof *list);
    for (size_t i = 0; i < m->nperiods; i++)
        list[i] = arena_text(a, js_str(js_at(periods, i)));
    m->periods = list;
}

int manifest_read(struct packet_manifest *ret, struct str bytes, struct arena *a, struct err *e)
{
    struct json *j CLEANUP(js_freep) = NULL;
    struct buf same;
    int rc = js_parse(&j, bytes, "manifest.json", e);
    if (rc < 0)
        return rc;
    take(ret, j, a);
    if ((rc = manifest_check(ret, e)) < 0)
        return rc;
    buf_init(&same, PACKET_MANIFEST_BYTES);
    manifest_write(&same, ret);
    if (!str_eq(buf_view(&same), bytes))
        rc = err_set(e, RC_DATA, "PACKET-003",
                     "the manifest is not one of format %s as rta writes it", PACKET_FORMAT);
    buf_free(&same);
    return rc;
}

void manifest_packet_name(const struct packet_manifest *m, char ret[PACKET_NAME])
{
    (void)snprintf(ret, PACKET_NAME, "%.40s-%.8s-%06d%s", m->sender, m->key, (int)m->sequence,
                   PACKET_SUFFIX);
}

void packet_now(char ret[PACKET_MOMENT])
{
    struct timespec now;
    struct tm t;
    (void)clock_gettime(CLOCK_REALTIME, &now);
    (void)gmtime_r(&now.tv_sec, &t);
    (void)strftime(ret, PACKET_MOMENT, "%Y-%m-%dT%H:%M:%SZ", &t);
}
