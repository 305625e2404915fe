/* json.h — JSON documents, small ones: manifests, receipts, events, report models (jansson.h is
 * included in json.c alone). Object members keep their order; numbers that we write are integers
 * or decimal text, never floating point: a number with a fraction is kept as the text that stood
 * there when read with js_parse. The prefix is js_ because json_ is jansson's own, also at the
 * linker. Tier 1. */
#ifndef RTA_JSON_H
#define RTA_JSON_H

#include "buf.h"

struct json; /* a value; reference counted by the library, owned as each function says */

enum js_kind { JS_NULL, JS_TRUE, JS_FALSE, JS_NUMBER, JS_STRING, JS_ARRAY, JS_OBJECT };

/* Duplicate keys, bytes after the end and invalid UTF-8 are refused: RC_DATA [JSON-001] with
 * name:line:col. The caller frees. */
MUST_CHECK int js_parse(struct json **ret, struct str bytes, const char *name, struct err *e);
MUST_CHECK int js_parse_file(struct json **ret, const char *path, struct err *e);
void js_free(struct json *j); /* NULL is fine */
void js_freep(struct json **j);

/* Making. *_set and *_push take over the value given. */
struct json *js_object(void);
struct json *js_array(void);
struct json *js_string(struct str s); /* invalid UTF-8 becomes U+FFFD */
struct json *js_text(const char *z);  /* NULL gives null */
struct json *js_int(int64_t v);
struct json *js_number(struct str decimal); /* "12.50"; must be a number as JSON writes it */
struct json *js_bool(bool v);
struct json *js_null(void);
void js_set(struct json *object, const char *key, struct json *value);
void js_push(struct json *array, struct json *value);
/* A second owner of the same value. */
struct json *js_share(const struct json *j);

/* Reading; views and children belong to the value asked. NULL j reads as null. */
enum js_kind js_kind_of(const struct json *j);
struct json *js_get(const struct json *object, const char *key); /* NULL when absent */
size_t js_count(const struct json *j);                           /* items or members */
struct json *js_at(const struct json *array, size_t i);
/* The i-th member in order. */
struct json *js_member(const struct json *object, size_t i, const char **ret_key);
/* The text of a string, or the spelling of a number or true/false; empty for the rest. */
struct str js_str(const struct json *j);
int64_t js_integer(const struct json *j, int64_t fallback);

/* Append the text: compact on one line, or indented by two. */
void js_write(struct buf *b, const struct json *j, bool pretty);
/* Append a JSON string literal, also for use inside <script> ('<' as \u003c). */
void js_quote(struct buf *b, struct str s);

#endif
