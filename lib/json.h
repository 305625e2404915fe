/* json.h — JSON documents, small ones: manifests, receipts, events, report models (jansson.h is
 * included in json.c alone). Object members keep their order; numbers that we write are integers
 * or decimal text, never floating point: a number with a fraction is kept as the text that stood
 * there when read with json_parse. Tier 1. */
#ifndef RTA_JSON_H
#define RTA_JSON_H

#include "buf.h"

struct json; /* a value; reference counted by the library, owned as each function says */

enum json_kind { JSON_NULL, JSON_TRUE, JSON_FALSE, JSON_NUMBER, JSON_STRING, JSON_ARRAY, JSON_OBJECT };

/* Duplicate keys, bytes after the end and invalid UTF-8 are refused: RC_DATA [JSON-001] with
 * name:line:col. The caller frees. */
MUST_CHECK int json_parse(struct json **ret, struct str bytes, const char *name, struct err *e);
MUST_CHECK int json_parse_file(struct json **ret, const char *path, struct err *e);
void json_free(struct json *j); /* NULL is fine */
void json_freep(struct json **j);

/* Making. *_set and *_push take over the value given. */
struct json *json_object(void);
struct json *json_array(void);
struct json *json_string(struct str s); /* invalid UTF-8 becomes U+FFFD */
struct json *json_text(const char *z);  /* NULL gives null */
struct json *json_int(int64_t v);
struct json *json_bool(bool v);
struct json *json_null(void);
void json_set(struct json *object, const char *key, struct json *value);
void json_push(struct json *array, struct json *value);
/* A second owner of the same value. */
struct json *json_share(const struct json *j);

/* Reading; views and children belong to the value asked. NULL j reads as null. */
enum json_kind json_kind_of(const struct json *j);
struct json *json_get(const struct json *object, const char *key); /* NULL when absent */
size_t json_count(const struct json *j);                           /* items or members */
struct json *json_at(const struct json *array, size_t i);
/* The i-th member in order. */
struct json *json_member(const struct json *object, size_t i, const char **ret_key);
/* The text of a string, or the spelling of a number or true/false; empty for the rest. */
struct str json_str(const struct json *j);
int64_t json_integer(const struct json *j, int64_t fallback);

/* Append the text: compact on one line, or indented by two. */
void json_write(struct buf *b, const struct json *j, bool pretty);
/* Append a JSON string literal, also for use inside <script> ('<' as \u003c). */
void json_quote(struct buf *b, struct str s);

#endif
