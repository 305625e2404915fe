/* config_run.h — verify a file of the configuration by the program that uses it: only that program
 * knows all of what it may say. */
#ifndef RTA_CONFIG_RUN_H
#define RTA_CONFIG_RUN_H

#include "structure.h"
#include "yml_priv.h"

#include "stage.h"

/* Run the program that loads this file on as little input as it takes, and look whether it ends
 * with 78, the code of a wrong configuration; its words are given as the error then. 0 for a kind
 * that no program can be asked about, or whose program is not there. */
MUST_CHECK int config_run(struct stage *st, struct conf *c, const char *kind, const char *name,
                          const struct yml_node *root, struct err *e);

#endif
