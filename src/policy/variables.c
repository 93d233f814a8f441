/* SPDX-License-Identifier: Apache-2.0 */
/* ${key}, ${key, 'default'}, ${*}, ${?}, ${$}:
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html */
#include "policy/match.h"

bool irsa_has_variable(const char *text)
{
    return strstr(text, "${") != NULL;
}

static void add_literal(struct irsa_buf *ret, const char *text, bool pattern)
{
    for (const char *c = text; *c; c++) {
        if (pattern && (*c == '*' || *c == '?' || *c == IRSA_PATTERN_ESCAPE))
            irsa_buf_addc(ret, IRSA_PATTERN_ESCAPE);
        irsa_buf_addc(ret, *c);
    }
}

/* Splits "key, 'default'" (in place); the default or NULL. */
static char *split_default(char *body)
{
    char *comma = strchr(body, ',');
    if (!comma)
        return NULL;
    char *open = comma + 1 + strspn(comma + 1, " ");
    const size_t len = strlen(open);
    if (len < 2 || open[0] != '\'' || open[len - 1] != '\'')
        return NULL;
    open[len - 1] = '\0';
    *comma = '\0';
    return open + 1;
}

static enum irsa_expansion expand_one(char *body, bool pattern, const struct irsa_request *request,
                                      struct irsa_buf *ret, char **ret_key)
{
    if (strcmp(body, "*") == 0 || strcmp(body, "?") == 0 || strcmp(body, "$") == 0) {
        add_literal(ret, body, pattern);
        return IRSA_EXPAND_DONE;
    }
    const char *fallback = split_default(body);
    const json_t *value = NULL;
    char space[IRSA_SCALAR_SPACE];
    switch (irsa_request_key(request, body, &value)) {
    case IRSA_KEY_PRESENT:
        /* "You can use any available single-valued context key as a policy variable, but you cannot
         * use a multivalued context key":
         * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-single-vs-multi-valued-context-keys.html
         */
        if (json_is_array(value) && json_array_size(value) != 1)
            return IRSA_EXPAND_MISSING;
        add_literal(ret, irsa_scalar_text(irsa_value_at(value, 0), space), pattern);
        return IRSA_EXPAND_DONE;
    case IRSA_KEY_ABSENT:
        if (!fallback)
            return IRSA_EXPAND_MISSING;
        add_literal(ret, fallback, pattern);
        return IRSA_EXPAND_DONE;
    case IRSA_KEY_UNKNOWN:
    default:
        if (ret_key && !*ret_key)
            *ret_key = irsa_strdup(body);
        return IRSA_EXPAND_UNKNOWN;
    }
}

enum irsa_expansion irsa_expand(const char *text, bool pattern, const struct irsa_request *request,
                                struct irsa_buf *ret, char **ret_key)
{
    if (!irsa_has_variable(text))
        return IRSA_EXPAND_PLAIN;
    enum irsa_expansion result = IRSA_EXPAND_DONE;
    while (*text) {
        const char *close = text[0] == '$' && text[1] == '{' ? strchr(text, '}') : NULL;
        if (!close) {
            irsa_buf_addc(ret, *text++);
            continue;
        }
        irsa_autofree char *body = irsa_strndup(text + 2, (size_t)(close - text - 2));
        const enum irsa_expansion one = expand_one(body, pattern, request, ret, ret_key);
        if (one == IRSA_EXPAND_MISSING)
            return IRSA_EXPAND_MISSING;
        if (one == IRSA_EXPAND_UNKNOWN)
            result = IRSA_EXPAND_UNKNOWN;
        text = close + 1;
    }
    return result;
}
