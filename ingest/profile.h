/* profile.h — how one sender's file is read (docs/contracts/profiles.md), bound from YAML and
 * checked. Everything lives in the arena of the conf; texts are as written. */
#ifndef RTA_PROFILE_H
#define RTA_PROFILE_H

#include "conf.h"
#include "meaning.h"
#include "num.h"
#include "personal.h"
#include "yml.h"

enum read_format {
    FORMAT_DELIMITED,
    FORMAT_TSV,
    FORMAT_SDMX,
    FORMAT_JSONSTAT,
    FORMAT_SDMXJSON,
    FORMAT_SDMXML,
    FORMAT_PX,
    FORMAT_XLSX, /* the workbooks: see profile_book */
    FORMAT_ODS,
    FORMAT_XLS
};
enum read_layout { LAYOUT_LONG, LAYOUT_WIDE };
enum value_flags { FLAGS_DEFAULT, FLAGS_NONE, FLAGS_APART, FLAGS_GLUED };
enum level_part { PART_ALL, PART_FIRST, PART_REST }; /* of a heading, at its first blank */

enum hidden_cells { HIDDEN_REFUSE, HIDDEN_INCLUDE, HIDDEN_SKIP };
enum blank_row { BLANK_DEFAULT, BLANK_ENDS, BLANK_PASS };
/* Texts that hold codes: what a pattern's captures (pattern.h) and `sets` say of all that follows.
 */
struct profile_place {
    const char *name;       /* of a sheet, exactly; else */
    int64_t number;         /* 1-based; else */
    const char *pattern;    /* several may fit */
    struct yaml_list sets;  /* struct yaml_pair: dimension, code */
    struct yaml_list codes; /* struct yaml_pair: captured text, code */
    struct yaml_mark at;
};

/* One of several tables on a sheet: its header begins after, or at, the row whose first filled cell
 * fits; a row that fits `until`, or a blank one, ends it. */
struct profile_table {
    const char *after, *first, *until;
    int blank_row; /* enum blank_row */
    bool optional;
    struct yaml_list sets, codes;
    struct yaml_mark at;
};

struct profile_column {
    const char *heading;
    int64_t number, row; /* 0: not said */
    const char *dimension, *attribute;
    bool value, ignore, footnotes, optional;
    int blank;              /* 1: as above */
    int as;                 /* of dates: 0 not said, else index into the words of profile_load.c */
    int period;             /* 0, or the number of one of A S T Q M W: its texts are such periods */
    struct yaml_list sets;  /* struct yaml_pair: dimension, code */
    struct yaml_list codes; /* struct yaml_pair: text, code */
    const char *trim, *pattern, *date;
    struct yaml_mark at;
};

struct profile_level {
    const char *dimension;
    int64_t from, to, row; /* to, row: 0 = the last */
    bool fill, footnotes;
    int part; /* enum level_part */
    const char *trim, *pattern;
    struct yaml_list codes;
    struct yaml_mark at;
};

struct profile_miss {
    const char *mark;
    int meaning; /* enum miss */
};

struct profile_total {
    const char *dimension;
    struct yaml_list codes; /* const char * */
    bool sum;
    struct yaml_mark at;
};

struct profile {
    const char *name, *sender, *structure;
    int format; /* enum read_format */
    const char *encoding;
    const char *dataset, *language; /* which of a file's; NULL */
    char delimiter, key_delimiter, quote, decimal;
    const char *thousands;
    bool exponent, lazy_quotes, ragged;
    int line_end;    /* 1: cr */
    int layout;      /* enum read_layout */
    int others;      /* 1: ignore */
    int value_flags; /* enum value_flags */
    int64_t skip_rows, header_rows, digits;
    bool draft;
    int hidden;    /* enum hidden_cells */
    int unit_mult; /* enum unit_mult */
    struct profile_formats formats;
    int merged;                       /* 1: fill */
    struct yaml_list sheets;          /* struct profile_place */
    struct profile_place file;        /* pattern NULL: its name says nothing */
    struct yaml_list tables;          /* struct profile_table */
    struct yaml_list currency;        /* const char * */
    struct yaml_list columns;         /* struct profile_column */
    struct yaml_list across;          /* struct profile_level */
    struct yaml_list missing;         /* struct profile_miss */
    struct yaml_list flags;           /* struct yaml_pair */
    struct yaml_list confidentiality; /* struct yaml_pair */
    struct yaml_list footnotes;       /* struct yaml_pair */
    struct yaml_list constants;       /* struct yaml_pair */
    struct yaml_list totals;          /* struct profile_total */
    struct yaml_list dimensions;      /* const char * */
    struct yaml_list notes;           /* const char * */
    struct yaml_list personal;        /* struct personal_exempt */
    struct yaml_mark at;
};

/* By name in config/profiles, or by path when the name holds a '/' or ends in ".yaml". format: as
 * given on the command line, -1 to keep the profile's. RC_CONFIG with place. */
MUST_CHECK int profile_load(struct conf *c, const char *name, int format,
                            const struct profile **ret, struct err *e);
/* A workbook of sheets: no encoding, no delimiter, rows as they are numbered in the sheet. */
static inline bool profile_book(const struct profile *p)
{
    return p->format >= FORMAT_XLSX && p->format <= FORMAT_XLS;
}
/* Long or wide rows of cells, of delimited text or a sheet. */
static inline bool profile_tabular(const struct profile *p)
{
    return p->format == FORMAT_DELIMITED || profile_book(p);
}
struct num_style profile_style(const struct profile *p);
/* Is it one of COMMENT, NATURE, OBS_STATUS, CONF_STATUS, UNIT_MULT? Their number, or -1. */
int profile_attribute(const char *name);
/* Can it be the id of a dimension: no blanks and separators, no column of the stream? */
bool profile_id_ok(const char *id);
/* The value of a key in a list of struct yaml_pair; NULL when it is not there. */
const char *pair_find(const struct yaml_list *pairs, struct str key);

#endif
