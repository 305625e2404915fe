/* register.h — what a register of records declares: config/counts/NAME.yaml, bound and checked by
 * count_schema.c (docs/contracts/counts.md). Everything lives in the arena of the conf. */
#ifndef RTA_REGISTER_H
#define RTA_REGISTER_H

#include "num.h"
#include "period.h"
#include "personal.h"

#define COUNT_DIMS_MAX 32
#define COUNT_FILES_MAX 4095
#define COUNT_FILE_BITS 12

struct count_column { /* one of the file's columns */
    const char *heading;
    int64_t number; /* 1-based; 0: by its heading */
    struct yaml_mark at;
};

struct count_band {
    const char *code, *from, *to; /* from <= x < to; NULL: open */
    struct num low, high;
    struct yaml_mark at;
};

enum count_kind { COUNT_CONSTANT, COUNT_CODES, COUNT_BANDS, COUNT_DATE, COUNT_MEASURE };

struct count_dim {
    const char *id;
    const char *value;
    struct count_column column;
    struct yaml_list codes; /* struct yaml_pair: text, code */
    struct yaml_list bands; /* struct count_band */
    const char *others;     /* "keep", "refuse", or a code */
    const char *blank;      /* a code; NULL: refused */
    const char *outside;    /* of all bands: a code; NULL: refused */
    const char *trim, *date;
    int period; /* index into the words of count_schema.c */
    int64_t max_codes;
    enum count_kind kind; /* found when checked */
    struct yaml_mark at;
};

enum count_what { WHAT_RECORDS, WHAT_PERSONS };
enum count_blank { BLANK_EACH, BLANK_LEAVE, BLANK_REFUSE };

struct count_measure {
    const char *code;
    int what, blank;
    struct count_column column; /* of WHAT_PERSONS */
    struct yaml_mark at;
};

enum count_repeated { REPEATED_COUNT, REPEATED_FIRST, REPEATED_REFUSE };

struct count_identifier {
    struct count_column column;
    int repeated;
    int blank; /* BLANK_EACH or BLANK_REFUSE */
};

struct count_filter {
    struct count_column column;
    struct yaml_list in, not_in; /* const char * */
};

struct count_register {
    const char *name, *sender, *structure, *encoding, *nature;
    char delimiter, quote, decimal;
    const char *thousands, *counted; /* counted: the dimension that tells the measures apart */
    bool lazy_quotes;
    int line_end;
    int64_t skip_rows, header_rows;
    struct yaml_list dims;     /* struct count_dim */
    struct yaml_list measures; /* struct count_measure; never empty after loading */
    struct yaml_list filters;  /* struct count_filter */
    struct yaml_list personal; /* struct personal_exempt */
    struct count_identifier identifier;
    bool identified;
    int format;               /* enum read_format (profile.h): delimited, or a workbook … */
    const char *sheet;        /* … and which of its sheets; NULL: its one visible one */
    int hidden;               /* enum hidden_cells */
    int zeros;                /* 1: a declared combination without a record is zero */
    struct yaml_list periods; /* const char *: the first and last for which that holds */
    struct period from, to;   /* the same, found when checked */
    struct num_style style;
    struct yaml_mark at;
};

/* By name in config/counts, or by path when the name holds a '/' or ends in ".yaml". */
MUST_CHECK int count_load(struct conf *c, const char *name, const struct count_register **ret,
                          struct err *e);

#endif
