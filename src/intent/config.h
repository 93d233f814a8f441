/* SPDX-License-Identifier: Apache-2.0 */
/* irsa-fix.ini as a table: which section takes which keys. Private to src/intent. */
#ifndef IRSA_FIX_INTENT_CONFIG_H
#define IRSA_FIX_INTENT_CONFIG_H

#include "irsa/intent.h"

enum irsa_config_section {
    IRSA_CONFIG_CLUSTER,
    IRSA_CONFIG_DEFAULTS,
    IRSA_CONFIG_ACCOUNT,
    IRSA_CONFIG_SERVICE_ACCOUNT,
    IRSA_CONFIG_SECTION_MAX_,
};

/* Where a value goes. */
struct irsa_config_target {
    struct irsa_intent *intent;
    const char *directory; /* of the file: what relative names start from */
    struct irsa_account *account;
    struct irsa_wish *wish;
    struct irsa_role_settings *settings; /* [defaults] or the wish's */
};

struct irsa_config_key {
    enum irsa_config_section section;
    const char *name;
    bool repeatable;
    int (*set)(struct irsa_config_target *target, const char *value, struct irsa_error **reterr);
};
extern const struct irsa_config_key irsa_config_keys[];
extern const size_t irsa_config_key_count;

/* One text into an empty intent. Errors: PARSE "path:line: ...". */
int irsa_config_parse(struct irsa_intent *intent, const char *path, const char *text, size_t len,
                      struct irsa_error **reterr);
/* What the command line said stays; the file's part is taken over, and emptied. */
void irsa_config_merge(struct irsa_intent *intent, struct irsa_intent *file);

#endif
