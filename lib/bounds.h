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
#define LIMIT_XML_DEPTH 256                    /* elements inside elements */
#define LIMIT_XML_TEXT ((size_t)4 << 20)       /* one text or tag of an XML document */
#define LIMIT_ZIP_ENTRIES 20000u               /* files in one archive */
#define LIMIT_ZIP_OUTPUT ((uint64_t)8 << 30)   /* bytes out of one file of an archive */
#define LIMIT_ZIP_RATIO 400u                   /* past the first 16 MB; honest sheets stay < 200 */
#define LIMIT_ZIP_FREE ((uint64_t)16 << 20)
#define LIMIT_SPOOL_BYTES ((uint64_t)4 << 30)   /* a workbook from standard input, on disk */
#define LIMIT_XLS_BYTES ((uint64_t)64 << 20)    /* an old workbook, which is held in memory */
#define LIMIT_STRINGS_MEMORY ((size_t)16 << 20) /* shared strings of a workbook in memory */
#define LIMIT_STRINGS_DISK ((uint64_t)8 << 30)  /* and, past that, in a temporary file */
#define LIMIT_STRINGS ((uint64_t)1 << 28)       /* their number */
#define LIMIT_SHEETS 4096u                      /* sheets of a workbook */
#define LIMIT_SHEET_ROWS ((size_t)1 << 20)      /* Excel's own limit; columns: LIMIT_COLUMNS */
#define LIMIT_SHEET_CELLS ((uint64_t)200000000) /* filled cells of a sheet */
#define LIMIT_MERGES 200000u                    /* merged ranges of a sheet */
#define LIMIT_STYLES 65536u                     /* formats of a workbook (Excel: 65,490) */
#define LIMIT_ARENA_BYTES ((size_t)1 << 30)     /* one arena */
#define LIMIT_MAP_ENTRIES ((size_t)64 << 20)    /* one hash map */
#define LIMIT_FINDINGS_SHOWN 50u                /* findings of one rule that go to the terminal */
#define LIMIT_REPLY_BYTES ((size_t)1 << 20)     /* a server's error text */

#endif
