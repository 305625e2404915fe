/* read_scale.c — numbers that are said to be multiples: by UNIT_MULT of SDMX, or because a sheet
 * shows a percentage or thousands of what it stores. Nothing is scaled unless the profile says so,
 * and nothing that could be meant otherwise is passed on without a word. Nothing is allocated. */
#include "read_desk.h"

#define TENS_MAX 18

/* By a power of ten, exactly. */
static int shift(struct read_value *v, int tens, struct err *e)
{
    struct num n;
    int rc = num_parse(&n, v->text, &num_plain, e);
    if (rc < 0)
        return rc;
    int scale = n.scale - tens;
    for (; scale < 0 && n.m < (__int128)1 << 120 && n.m > -((__int128)1 << 120); scale++)
        n.m *= 10;
    for (; scale > NUM_SCALE_MAX && n.m % 10 == 0; scale--)
        n.m /= 10;
    if (scale < 0 || scale > NUM_SCALE_MAX) {
        err_set(e, RC_DATA, "READ-030", "%.*s times 10^%d has too many digits", STR_ARG(v->text),
                tens);
        return err_hint(e, "A value has at most 38 digits, 18 of them decimals.");
    }
    n.scale = scale;
    v->text = (struct str){v->digits, num_text(n, v->digits)};
    return 0;
}

/* What UNIT_MULT says: a whole number, 0 for units. */
static int power(struct str mult, int *ret, struct err *e)
{
    struct num n;
    if (num_parse(&n, mult, &num_plain, NULL) < 0 || n.scale || n.m > TENS_MAX || n.m < -TENS_MAX) {
        err_set(e, RC_DATA, "READ-031", "UNIT_MULT \"%.*s\" is no power of ten", STR_ARG(mult));
        return err_hint(e, "It is a whole number from -%d to %d: 3 for thousands.", TENS_MAX,
                        TENS_MAX);
    }
    *ret = (int)n.m;
    return 0;
}

static int by_unit(struct scaling *s, const struct profile *p, struct str mult, int *ret_tens,
                   struct buf *comment, struct err *e)
{
    int tens = 0, rc = power(mult, &tens, e);
    if (rc < 0 || tens == 0)
        return rc;
    switch ((enum unit_mult)p->unit_mult) {
    case MULT_APPLY:
        s->applied++;
        *ret_tens += tens;
        return 0;
    case MULT_KEEP:
        s->kept++;
        buf_fmt(comment, "%sUNIT_MULT %d", comment->n ? "; " : "", tens);
        return 0;
    case MULT_UNSAID:
        break;
    }
    err_set(e, RC_DATA, "READ-032", "UNIT_MULT is %d: the value is meant times 10^%d", tens, tens);
    return err_hint(e,
                    "Say in profile %s whether it is multiplied (unit_mult: apply) or kept as it "
                    "stands, with a word in COMMENT (unit_mult: keep).",
                    p->name);
}

/* 1: as it is shown. */
static int is_shown(struct scaling *s, size_t which, int said, const struct read_row *row,
                    size_t field)
{
    char ref[CELL_REF_MAX];
    if (said == SHOWN_UNSAID && !s->unsaid[which]++) {
        (void)cell_ref(ref, row->line, field);
        (void)snprintf(s->first[which], sizeof s->first[which], "%.120s!%s",
                       row->sheet ? row->sheet : "", ref);
    }
    return said == SHOWN_SHOWN;
}

int scale_value(struct scaling *s, const struct profile *p, const struct read_row *row,
                size_t field, struct read_value *v, struct buf *comment, struct err *e)
{
    int tens = 0, rc = 0;
    struct str mult = row->attrs[ATTR_MULT].n ? row->attrs[ATTR_MULT] : s->mult;
    mult = read_trim(mult, NULL);
    if (v->kind != VALUE_GIVEN)
        return 0;
    if (row->kind & CELL_PERCENT && is_shown(s, 0, p->formats.percent, row, field))
        tens += 2;
    if (row->kind & (CELL_PER_1K | CELL_PER_1M) && is_shown(s, 1, p->formats.thousands, row, field))
        tens -= (row->kind & CELL_PER_1K ? 3 : 0) + (row->kind & CELL_PER_1M ? 6 : 0);
    if (mult.n)
        rc = by_unit(s, p, mult, &tens, comment, e);
    return rc < 0 || !tens ? rc : shift(v, tens, e);
}

void scale_bare(struct scaling *s, const struct read_row *row, size_t field)
{
    (void)is_shown(s, 2, SHOWN_UNSAID, row, field);
}

void scale_tell(const struct scaling *s, struct stage *st)
{
    static const char *const what[] = {"numbers are shown as percentages and taken as stored",
                                       "numbers are shown in thousands and taken as stored",
                                       "codes are shown with zeros in front and taken without"};
    static const char *const key[] = {"percent", "thousands", "zeros"};
    for (size_t i = 0; i < ARRAY_LEN(what); i++)
        if (s->unsaid[i])
            stage_note(st,
                       "%llu %s (the first: %s): say in the profile which is meant, formats: "
                       "{%s: stored} or {%s: shown}",
                       (unsigned long long)s->unsaid[i], what[i], s->first[i], key[i], key[i]);
    if (s->applied || s->kept)
        stage_note(st, "UNIT_MULT: %llu values multiplied, %llu kept as they stand",
                   (unsigned long long)s->applied, (unsigned long long)s->kept);
}
