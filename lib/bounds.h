/* bounds.h — every maximum in one list. A limit that a user may need to move has an option of the
 * program that meets it. Tier 0. */
#ifndef RTA_BOUNDS_H
#define RTA_BOUNDS_H

#define LIMIT_IO_CHUNK ((size_t)1 << 16)       /* bytes a read or write asks for */
#define LIMIT_ROW_BYTES ((size_t)4 << 20)      /* one CSV record, quotes included */
#define LIMIT_COLUMNS ((size_t)16384)          /* fields in one record (Excel's own limit) */
#define LIMIT_CODE_BYTES ((size_t)256)         /* a code after mapping */
#define LIMIT_GZIP_OUTPUT ((uint64_t)64 << 30) /* bytes out of one compressed file */
#define LIMIT_GZIP_RATIO 1100u                 /* deflate cannot honestly exceed 1032 : 1 */
#define LIMIT_CONFIG_BYTES ((size_t)16 << 20)  /* one configuration file */
#define LIMIT_YAML_DEPTH 32                    /* nesting */
#define LIMIT_YAML_NODES 1000000u              /* scalars, lists and maps of one file */
#define LIMIT_JSON_BYTES ((size_t)64 << 20)    /* one JSON document */
#define LIMIT_JSON_DEPTH ((size_t)64)          /* nesting of a JSON stream */
#define LIMIT_JSON_STRING ((size_t)1 << 20)    /* one string of a JSON stream */
#define LIMIT_JSON_KEYS ((size_t)1 << 22)      /* keys of one object of a JSON stream */
#define LIMIT_ARENA_BYTES ((size_t)1 << 30)    /* one arena */
#define LIMIT_MAP_ENTRIES ((size_t)64 << 20)   /* one hash map */
#define LIMIT_FINDINGS_SHOWN 50u               /* findings of one rule that go to the terminal */
#define LIMIT_REPLY_BYTES ((size_t)1 << 20)    /* a server's error text */

#endif
