/* SPDX-License-Identifier: Apache-2.0 */
#include "identity/text.h"
#include "irsa/identity.h"

#define SUBJECT "system:serviceaccount:"

char *irsa_subject_text(const char *namespace_, const char *service_account)
{
    return irsa_format(SUBJECT "%s:%s", namespace_, service_account);
}

static bool names_valid(const char *namespace_, const char *service_account)
{
    irsa_autofree char *namespace_problem = irsa_namespace_problem(namespace_);
    irsa_autofree char *account_problem = irsa_service_account_problem(service_account);
    return !namespace_problem && !account_problem;
}

bool irsa_subject_parse(const char *text, char **ret_namespace, char **ret_service_account)
{
    if (!irsa_has_prefix(text, SUBJECT))
        return false;
    const char *rest = text + strlen(SUBJECT);
    const char *colon = strchr(rest, ':');
    if (!colon)
        return false;
    irsa_autofree char *namespace_ = irsa_strndup(rest, (size_t)(colon - rest));
    if (!names_valid(namespace_, colon + 1))
        return false;
    *ret_namespace = irsa_steal(&namespace_);
    *ret_service_account = irsa_strdup(colon + 1);
    return true;
}

/* The parts between colons and slashes, in lower case, without white space and quotes. */
static void split_parts(const char *text, struct irsa_strings *parts)
{
    irsa_auto_buf part = {0};
    for (const char *p = text;; p++) {
        bool end = *p == ':' || *p == '/' || *p == '\0';
        if (!end && !irsa_is_space(*p) && !strchr("\"'`\\", *p))
            irsa_buf_addc(&part, irsa_to_lower(*p));
        if (end && part.len > 0)
            irsa_strings_take(parts, irsa_buf_steal(&part));
        if (*p == '\0')
            return;
    }
}

/* "serviceaccount" in one of the ways it gets written: serviceaccounts, service-account, sa, ... */
static bool means_service_account(const char *part)
{
    irsa_auto_buf letters = {0};
    for (; *part; part++) {
        if (*part != '-' && *part != '_')
            irsa_buf_addc(&letters, *part);
    }
    const char *word = irsa_buf_str(&letters);
    return strcmp(word, "sa") == 0 || irsa_edit_distance(word, "serviceaccount", 2) <= 2;
}

/* namespaces/NS/serviceaccounts/NAME, as the API's paths have it */
static bool is_api_path(const struct irsa_strings *parts)
{
    return parts->len == 4 && irsa_edit_distance(parts->items[0], "namespaces", 1) <= 1
           && means_service_account(parts->items[2]);
}

char *irsa_subject_guess(const char *text)
{
    if (strpbrk(text, "*?$") || strstr(text, "://"))
        return NULL;
    irsa_auto_strings parts = {0};
    split_parts(text, &parts);
    const char *namespace_ = NULL;
    const char *name = NULL;
    if (is_api_path(&parts)) {
        namespace_ = parts.items[1];
        name = parts.items[3];
    } else {
        size_t at = 0;
        if (parts.len > 1 && irsa_edit_distance(parts.items[0], "system", 1) <= 1) {
            /* system:masters and its like are groups and users of another kind */
            if (!means_service_account(parts.items[1]))
                return NULL;
            at = 2;
        } else if (parts.len > 2 && means_service_account(parts.items[0])) {
            at = 1;
        }
        if (parts.len != at + 2)
            return NULL;
        namespace_ = parts.items[at];
        name = parts.items[at + 1];
    }
    if (!names_valid(namespace_, name))
        return NULL;
    return irsa_subject_text(namespace_, name);
}
