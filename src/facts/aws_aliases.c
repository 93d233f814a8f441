/* SPDX-License-Identifier: Apache-2.0 */
/*
 * {"AccountAliases": ["shop-prod"]} of ListAccountAliases, which does not tell whose they are: the
 * caller's. A live world adds "Account"
 * (https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListAccountAliases.html).
 */
#include "facts/internal.h"

#include "irsa/document.h"

int irsa_take_aliases(struct irsa_take *take, const json_t *document, bool *ret_known)
{
    struct irsa_facts *facts = take->facts;
    irsa_auto_strings aliases = {0};
    const char *account = NULL;
    if (!json_is_array(json_object_get(document, "AccountAliases")))
        return 0;
    *ret_known = true;
    if (irsa_take_strings(take, document, "AccountAliases", &aliases) != 0
        || irsa_take_string(take, document, "Account", &account) != 0)
        return -1;
    for (size_t i = 0; i < aliases.len; i++) {
        facts->aliases = irsa_grow(facts->aliases, facts->alias_count, sizeof(*facts->aliases));
        facts->aliases[facts->alias_count++] = (struct irsa_account_alias){
            .account = account ? irsa_strdup(account) : NULL,
            .alias = irsa_strdup(aliases.items[i]),
        };
    }
    return 0;
}

/* Answers that lie about in files may be of several accounts: nobody is told a wrong name. */
const char *irsa_facts_account_alias(const struct irsa_facts *facts, const char *account)
{
    const char *partition = NULL;
    const char *home = irsa_home_account(facts, &partition);
    const char *ret = NULL;
    for (size_t i = 0; account && i < facts->alias_count; i++) {
        const struct irsa_account_alias *one = &facts->aliases[i];
        const char *of = one->account ? one->account : home;
        if (!of || strcmp(of, account) != 0)
            continue;
        if (ret && strcmp(ret, one->alias) != 0)
            return NULL;
        ret = one->alias;
    }
    return ret;
}
