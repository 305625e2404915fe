/* base.h — words every file uses: exit codes, string views, compiler attributes, and the poison
 * list of C functions that have no safe use here. Tier 0; includes nothing of ours. */
#ifndef RTA_BASE_H
#define RTA_BASE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h> /* before the poison: they declare the names */
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <time.h>

#define MUST_CHECK __attribute__((warn_unused_result))
#define PRINTF_LIKE(fmt, args) __attribute__((format(printf, fmt, args)))
#define CLEANUP(fn) __attribute__((cleanup(fn)))
#define NORETURN __attribute__((noreturn))
#define ARRAY_LEN(a) (sizeof(a) / sizeof((a)[0]))

/* Exit codes of every program (sysexits). Library functions return 0 or a positive count on
 * success and -RC_x on failure. */
enum rc {
    RC_OK = 0,
    RC_PARTIAL = 1,      /* finished, but rows were refused or warnings await an answer */
    RC_USAGE = 64,       /* wrong command line */
    RC_DATA = 65,        /* the input is at fault */
    RC_UNAVAILABLE = 69, /* database or network not there */
    RC_BUG = 70,         /* ours */
    RC_SYSTEM = 71,      /* memory, processes, the operating system */
    RC_CREATE = 73,      /* an output cannot be made */
    RC_IO = 74,          /* reading or writing failed */
    RC_RETRY = 75,       /* try again later: locked, busy, told to wait */
    RC_DENIED = 77,      /* not permitted */
    RC_CONFIG = 78       /* the configuration is at fault */
};

/* A view of bytes that somebody else owns; not NUL-terminated. */
struct str {
    const char *p;
    size_t n;
};

#define STR(lit) ((struct str){"" lit, sizeof(lit) - 1})
/* For printf: "%.*s" with STR_ARG(s). */
#define STR_ARG(s) (int)((s).n > 4096 ? 4096 : (s).n), (s).p ? (s).p : ""

static inline struct str str_of(const char *z) { return (struct str){z, z ? strlen(z) : 0}; }

static inline bool str_eq(struct str a, struct str b)
{
    return a.n == b.n && (a.n == 0 || memcmp(a.p, b.p, a.n) == 0);
}

static inline bool str_is(struct str a, const char *z) { return str_eq(a, str_of(z)); }

/* Byte order, shorter first when one begins the other: <0, 0, >0. */
static inline int str_cmp(struct str a, struct str b)
{
    size_t n = a.n < b.n ? a.n : b.n;
    int c = n ? memcmp(a.p, b.p, n) : 0;
    return c ? c : (a.n > b.n) - (a.n < b.n);
}

static inline struct str str_cut(struct str s, size_t from)
{
    return from >= s.n ? (struct str){s.p + s.n, 0} : (struct str){s.p + from, s.n - from};
}

/* Without blanks and tabs at both ends. */
static inline struct str str_trim(struct str s)
{
    while (s.n && (s.p[0] == ' ' || s.p[0] == '\t'))
        s.p++, s.n--;
    while (s.n && (s.p[s.n - 1] == ' ' || s.p[s.n - 1] == '\t'))
        s.n--;
    return s;
}

#undef sprintf /* macros of a fortified libc */
#undef vsprintf
#pragma GCC poison sprintf vsprintf strcpy strcat strncpy strncat strtok gets atoi atol atof
#pragma GCC poison localtime ctime asctime gmtime tmpnam mktemp rand srand

#endif
