/* SPDX-License-Identifier: Apache-2.0 */
#include "world/live.h"

#include "irsa/aws.h"

void irsa_live_accounts_done(struct live *live)
{
    for (size_t i = 0; i < live->other_count; i++) {
        free(live->others[i]->id);
        irsa_aws_free(live->others[i]->aws);
        free(live->others[i]);
    }
    free(live->others);
    free(live->home.id);
    irsa_aws_free(live->home.aws);
}

static const struct irsa_account *configured(const struct live *live, const char *id)
{
    for (size_t i = 0; i < live->intent->account_count; i++) {
        const struct irsa_account *account = &live->intent->accounts[i];
        if (strcmp(account->id, id) == 0 && (account->profile || account->role_arn))
            return account;
    }
    return NULL;
}

/* Refused credentials of another account are not the end: the rest can still be told. */
static int open_account(struct live *live, const struct irsa_account *account,
                        struct irsa_aws **ret, struct irsa_error **reterr)
{
    irsa_auto_error error = NULL;
    const char *role = account->profile ? NULL : account->role_arn;
    irsa_live_lock_aws(live);
    int r = irsa_aws_open_other(live->home.aws, account->profile, role, ret, &error);
    irsa_live_unlock_aws(live);
    if (r == 0)
        return 0;
    enum irsa_error_kind kind = irsa_error_kind(error);
    if (kind != IRSA_E_AUTH && kind != IRSA_E_ACCESS) {
        *reterr = irsa_steal(&error);
        return irsa_wrap(reterr, "account %s", account->id);
    }
    irsa_log(IRSA_LOG_WARNING, "account %s: %s", account->id, irsa_error_message(error));
    return 0;
}

int irsa_live_account(struct live *live, const char *id, const struct live_account **ret,
                      struct irsa_error **reterr)
{
    if (live->home.id && strcmp(live->home.id, id) == 0) {
        *ret = &live->home;
        return 0;
    }
    for (size_t i = 0; i < live->other_count; i++) {
        if (strcmp(live->others[i]->id, id) == 0) {
            *ret = live->others[i];
            return 0;
        }
    }
    struct irsa_aws *aws = NULL;
    const struct irsa_account *account = configured(live, id);
    if (account && open_account(live, account, &aws, reterr) != 0)
        return -1;
    live->others = irsa_grow(live->others, live->other_count, sizeof(*live->others));
    struct live_account *added = irsa_calloc(1, sizeof(*added));
    live->others[live->other_count++] = added;
    *added = (struct live_account){.id = irsa_strdup(id), .aws = aws};
    *ret = added;
    return 0;
}
