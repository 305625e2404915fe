/* read_px.h — the parts of the PC-Axis reader: its bytes and tokens (px_lex.c), the statements
 * before DATA (px_head.c), the cells (read_px.c). */
#ifndef RTA_READ_PX_H
#define RTA_READ_PX_H

#include "cube.h"

enum px_token { PX_END, PX_TEXT, PX_WORD, PX_SIGN };

struct px_lex {
    struct source *src;
    const char *name;
    char *chunk;
    size_t n, i, line, col;
    struct buf text; /* of the last token */
    char sign;       /* of a PX_SIGN */
    size_t at_line, at_col;
};

void px_lex_init(struct px_lex *x, struct source *src, const char *name);
void px_lex_free(struct px_lex *x);
/* The next token of a statement: quoted pieces one after another are one text; a word is what
 * stands outside quotes up to a blank or one of "=()[],;"; everything of those is a sign. */
MUST_CHECK int px_next(struct px_lex *x, enum px_token *ret, struct err *e);
/* The next cell of DATA: separated by blanks, commas, semicolons. PX_SIGN: a semicolon. */
MUST_CHECK int px_cell(struct px_lex *x, enum px_token *ret, struct err *e);
int px_fault(const struct px_lex *x, struct err *e);

struct px_list {
    struct str *v;
    size_t n, cap;
};

struct px_var {
    struct str name;
    struct px_list values, codes, times;
    struct str code; /* VARIABLECODE */
    char freq;
    int keys;           /* 0, or 1 CODES, 2 VALUES */
    size_t keys_number; /* which of the KEYS statements */
};

/* What the statements say in one language. */
struct px_words {
    struct px_list stub, heading;
    struct px_var vars[READ_DIMS_MAX];
    size_t nvars;
};

struct px {
    struct desk *d;
    const struct profile *p;
    struct px_lex lex;
    struct cube cube;
    struct px_words words[2]; /* 0: of the file; 1: in the language of the profile */
    struct str language, codepage;
    bool chosen; /* words[1] is used */
    size_t nkeys, notes;
    size_t nstub;
    struct px_var *order[READ_DIMS_MAX]; /* stub, then heading, with the codes of the file */
    struct px_var *own[READ_DIMS_MAX];   /* the same in the file's own language: KEYS speak it */
    size_t norder;
};

/* All statements up to DATA=; starts the desk. */
MUST_CHECK int px_head(struct px *r, struct err *e);
MUST_CHECK int px_assemble(struct px *r, struct err *e);

#endif
