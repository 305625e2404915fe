/* packet_keys.c — which public keys prove a sender, and from when until when: one YAML file a
 * sender in the coordinator's folder of keys. Owns the arena of the file while it looks. */
#include "packet.h"

#include <errno.h>
#include <unistd.h>

struct key_file {
    const char *sender;
    struct yaml_list keys; /* struct packet_key */
    struct yaml_mark at;
};

#define TEXT(type, field, must)                                                   \
    {                                                                             \
        .key = #field, .kind = YAML_TEXT, .offset = offsetof(struct type, field), \
        .required = (must)                                                        \
    }

static const struct yaml_field key_fields[] = {
    TEXT(packet_key, public, true), TEXT(packet_key, from, false),
    TEXT(packet_key, to, false),    TEXT(packet_key, revoked, false),
    TEXT(packet_key, note, false),  {.kind = YAML_MARK, .offset = offsetof(struct packet_key, at)}};
static const struct yaml_type key_type = {sizeof(struct packet_key), key_fields,
                                          ARRAY_LEN(key_fields)};
static const struct yaml_field file_fields[] = {
    TEXT(key_file, sender, true),
    {.key = "keys",
     .kind = YAML_LIST,
     .offset = offsetof(struct key_file, keys),
     .required = true,
     .type = &key_type},
    {.kind = YAML_MARK, .offset = offsetof(struct key_file, at)}};
static const struct yaml_type file_type = {sizeof(struct key_file), file_fields,
                                           ARRAY_LEN(file_fields)};

static bool day(const char *z)
{
    static const char shape[] = "0000-00-00";
    for (size_t i = 0; i < sizeof shape; i++)
        if (shape[i] == '0' ? z[i] < '0' || z[i] > '9' : z[i] != shape[i])
            return false;
    return true;
}

static int check_days(const struct packet_key *k, struct err *e)
{
    const char *const days[] = {k->from, k->to, k->revoked};
    for (size_t i = 0; i < ARRAY_LEN(days); i++)
        if (days[i] && !day(days[i]))
            return yaml_fault(e, k->at, "KEY-001", "not a day: %s", days[i]);
    return 0;
}

/* May it be used on that day? All three days are text that sorts by time. */
static int check_use(const struct packet_key *k, const char *on, struct err *e)
{
    if (k->revoked && strcmp(on, k->revoked) >= 0)
        err_set(e, RC_DENIED, "KEY-002", "the key was revoked on %s", k->revoked);
    else if (k->from && strcmp(on, k->from) < 0)
        err_set(e, RC_DENIED, "KEY-003", "the key is valid from %s only", k->from);
    else if (k->to && strcmp(on, k->to) > 0)
        err_set(e, RC_DENIED, "KEY-004", "the key was valid until %s", k->to);
    else
        return 0;
    return err_hint(e, "make a new key and give its public line to the coordinator");
}

static int look(const struct key_file *f, const char *id, const char *on, struct sign_public *ret,
                struct err *e)
{
    const struct packet_key *keys = f->keys.items;
    for (size_t i = 0; i < f->keys.n; i++) {
        int rc = sign_public_read(ret, str_of(keys[i].public), e);
        if (rc == 0)
            rc = check_days(&keys[i], e);
        if (rc < 0)
            return err_place(e, "%s:%u", keys[i].at.file, keys[i].at.line);
        if (strcmp(ret->id, id) == 0)
            return check_use(&keys[i], on, e);
    }
    err_set(e, RC_DENIED, "KEY-005", "key %s is not one of %s's", id, f->sender);
    return err_hint(e, "the coordinator enters it after comparing it with you by telephone");
}

int packet_key_find(const char *dir, const char *sender, const char *id, const char *on,
                    struct sign_public *ret, struct err *e)
{
    struct arena a = {.chunks = NULL};
    struct key_file f;
    if (!packet_plain_name(str_of(sender)))
        return err_set(e, RC_DENIED, "KEY-006", "no sender is called so");
    const char *path = arena_fmt(&a, "%s/%s.yaml", dir, sender);
    int rc = 0;
    if (access(path, F_OK) < 0 && errno == ENOENT) {
        err_set(e, RC_DENIED, "KEY-007", "no key of %s is known here", sender);
        rc = err_hint(e, "the coordinator enters it after comparing it with you by telephone");
    } else if ((rc = yaml_bind_file(path, &file_type, &f, &a, e)) == 0) {
        rc = strcmp(f.sender, sender) == 0
                 ? look(&f, id, on, ret, e)
                 : yaml_fault(e, f.at, "KEY-008", "this file is called after another sender");
    }
    arena_free(&a);
    return rc;
}
