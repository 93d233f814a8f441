/* SPDX-License-Identifier: Apache-2.0 */
#include "irsa/net.h"

void irsa_secret_set(struct irsa_secret *secret, const char *data, size_t len)
{
    char *copy = irsa_strndup(data, len);
    irsa_secret_done(secret);
    secret->data = copy;
    secret->len = strlen(copy);
}

const char *irsa_secret_expose(const struct irsa_secret *secret)
{
    return secret->data ? secret->data : "";
}

void irsa_secret_done(struct irsa_secret *secret)
{
    if (secret->data)
        explicit_bzero(secret->data, secret->len);
    free(secret->data);
    *secret = (struct irsa_secret){0};
}
