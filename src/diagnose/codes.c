/* SPDX-License-Identifier: Apache-2.0 */
#include "diagnose/codes.h"

#include <strings.h>

static const struct irsa_check table[] = {
#define CHECK(number, severity, link, title)                                                       \
    {"IRSA" #number, title, IRSA_SEVERITY_##severity, IRSA_LINK_##link},
    IRSA_CODES(CHECK)
#undef CHECK
};

static const struct irsa_check *const pointers[CODE_MAX + 1] = {
#define CHECK(number, severity, link, title) &table[C##number],
    IRSA_CODES(CHECK)
#undef CHECK
        NULL};

const struct irsa_check *const *irsa_checks(void)
{
    return pointers;
}

const struct irsa_check *irsa_check_find(const char *code)
{
    for (size_t i = 0; i < IRSA_COUNT(table); i++)
        if (strcasecmp(table[i].code, code) == 0)
            return &table[i];
    return NULL;
}

const char *irsa_severity_text(enum irsa_severity severity)
{
    static const char *const text[] = {"error", "warning", "note"};
    return text[severity];
}

const char *irsa_certainty_text(enum irsa_certainty certainty)
{
    static const char *const text[] = {"verified", "inferred", "not-checkable"};
    return text[certainty];
}

const char *irsa_link_text(enum irsa_link link)
{
    static const char *const text[] = {
        "cluster", "provider", "role", "trust policy", "service account", "pod", "permissions",
    };
    return text[link];
}
