/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/model.h"

#include <strings.h>

size_t irsa_value_count(const json_t *values)
{
    if (!values)
        return 0;
    return json_is_array(values) ? json_array_size(values) : 1;
}

json_t *irsa_value_at(const json_t *values, size_t index)
{
    if (json_is_array(values))
        return json_array_get(values, index);
    /* jansson's accessors take no const; the value is only handed on, never changed. */
    return index == 0 ? (json_t *)values : NULL;
}

const char *irsa_value_text(const json_t *values, size_t index)
{
    return json_string_value(irsa_value_at(values, index));
}

bool irsa_value_is_strings(const json_t *values)
{
    const size_t count = irsa_value_count(values);
    for (size_t i = 0; i < count; i++) {
        if (!irsa_value_text(values, i))
            return false;
    }
    return count > 0;
}

const char *irsa_key_claim(const char *key)
{
    const char *colon = strrchr(key, ':');
    return colon ? colon + 1 : NULL;
}

size_t irsa_key_prefix_length(const char *key)
{
    const char *colon = strrchr(key, ':');
    return colon ? (size_t)(colon - key) : strlen(key);
}

/* "Context key names are not case-sensitive":
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition.html */
bool irsa_key_is(const char *key, const char *prefix, const char *claim)
{
    const size_t len = strlen(prefix);
    return strncasecmp(key, prefix, len) == 0 && key[len] == ':'
           && strcasecmp(key + len + 1, claim) == 0;
}
