/* opt_table.h — what opt.c and opt_doc.c share: the options of every program, and how a program and
 * a value are called. Not for others. Tier 2. */
#ifndef RTA_OPT_TABLE_H
#define RTA_OPT_TABLE_H

#include "opt.h"

#define OPT_NAMES_MAX 96 /* options of one program, the common ones included */

/* Offsets count from struct opt_common; an option without help is hidden. */
extern const struct opt opt_common_table[];
extern const size_t opt_common_count;

/* For printf: "rta check", or "rta" for the front command, whose verb is empty. */
#define OPT_COMMAND "rta%s%s"
#define OPT_COMMAND_ARG(p) (p)->verb[0] ? " " : "", (p)->verb
/* The name of the value: what the table says, else the words, else VALUE; "" for a flag. */
const char *opt_arg(const struct opt *o);

#endif
