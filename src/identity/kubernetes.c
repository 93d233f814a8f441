/* SPDX-License-Identifier: Apache-2.0 */
#include "identity/text.h"
#include "irsa/identity.h"

/* https://kubernetes.io/docs/concepts/overview/working-with-objects/names/ and the regular
 * expressions of k8s.io/apimachinery/pkg/util/validation: a label is
 * [a-z0-9]([-a-z0-9]*[a-z0-9])?, a subdomain is labels joined by dots; only the whole length of a
 * subdomain is limited, not that of its labels. */
#define LABEL_MAX 63
#define SUBDOMAIN_MAX 253

static bool is_edge(char c)
{
    return irsa_is_lower(c) || irsa_is_digit(c);
}

static char *bad_character(char c, const char *allowed)
{
    if (irsa_is_upper(c))
        return irsa_format("has upper-case \"%c\", lower case is needed", c);
    irsa_autofree char *what = irsa_char_text(c);
    return irsa_format("has %s, allowed are %s", what, allowed);
}

static char *problem(const char *name, size_t max, bool dots)
{
    size_t len = strlen(name);
    if (len == 0)
        return irsa_strdup("is empty");
    for (size_t i = 0; i < len; i++) {
        bool dot = dots && name[i] == '.';
        if (!is_edge(name[i]) && name[i] != '-' && !dot)
            return bad_character(name[i], dots ? "a-z, 0-9, - and ." : "a-z, 0-9 and -");
    }
    if (len > max)
        return irsa_format("has %zu characters, %zu are allowed", len, max);
    for (size_t i = 0; i < len; i++) {
        bool first = i == 0 || name[i - 1] == '.';
        bool last = i + 1 == len || name[i + 1] == '.';
        if (is_edge(name[i]) || (!first && !last && name[i] == '-'))
            continue;
        if (name[i] == '.' && !first && !last)
            continue;
        return irsa_format("%s with \"%c\", a letter or digit is needed",
                           first ? "begins a part" : "ends a part", name[i]);
    }
    return NULL;
}

char *irsa_namespace_problem(const char *name)
{
    return problem(name, LABEL_MAX, false);
}

char *irsa_service_account_problem(const char *name)
{
    return problem(name, SUBDOMAIN_MAX, true);
}
