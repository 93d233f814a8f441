/* SPDX-License-Identifier: Apache-2.0 */
#include "irsa/intent.h"

/* CreateRole: MaxSessionDuration is 3,600 to 43,200 seconds
 * (https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateRole.html). */
#define SESSION_MIN 3600
#define SESSION_MAX 43200

/* At most six digits and a unit (s, m, h; none is s); false for anything else. */
static bool parse_duration(const char *text, int64_t *ret)
{
    size_t digits = strspn(text, "0123456789");
    if (digits == 0 || digits > 6)
        return false;
    int64_t value = 0;
    for (size_t i = 0; i < digits; i++)
        value = value * 10 + (text[i] - '0');
    const char *unit = text + digits;
    if (strcmp(unit, "h") == 0)
        value *= 3600;
    else if (strcmp(unit, "m") == 0)
        value *= 60;
    else if (*unit && strcmp(unit, "s") != 0)
        return false;
    *ret = value;
    return true;
}

int irsa_role_settings_max_session(struct irsa_role_settings *settings, const char *text,
                                   struct irsa_error **reterr)
{
    int64_t seconds = 0;
    if (!parse_duration(text, &seconds)) {
        irsa_fail(reterr, IRSA_E_USAGE, "\"%s\" is no session duration", text);
        return irsa_hint(reterr, "give seconds (7200) or hours (2h)");
    }
    if (seconds < SESSION_MIN || seconds > SESSION_MAX) {
        irsa_fail(reterr, IRSA_E_USAGE,
                  "a session of %lld seconds is not possible: IAM allows %d to %d",
                  (long long)seconds, SESSION_MIN, SESSION_MAX);
        return irsa_hint(reterr, "give a value from 1h to 12h");
    }
    settings->max_session = seconds;
    return 0;
}

int irsa_pairs_add(json_t **pairs, const char *text, struct irsa_error **reterr)
{
    const char *equals = strchr(text, '=');
    if (!equals) {
        irsa_fail(reterr, IRSA_E_USAGE, "\"%s\" is not of the form KEY=VALUE", text);
        return -1;
    }
    irsa_autofree char *raw = irsa_strndup(text, (size_t)(equals - text));
    irsa_autofree char *key = irsa_trim(raw);
    irsa_autofree char *value = irsa_trim(equals + 1);
    if (!*key)
        return irsa_fail(reterr, IRSA_E_USAGE, "\"%s\" has no key before the \"=\"", text);
    if (!*pairs)
        *pairs = json_object();
    if (json_object_get(*pairs, key))
        return irsa_fail(reterr, IRSA_E_USAGE, "key \"%s\" is given twice", key);
    if (json_object_set_new(*pairs, key, json_string(value)) != 0)
        return irsa_fail(reterr, IRSA_E_USAGE, "\"%s\" is not valid UTF-8", key);
    return 0;
}

int irsa_pairs_add_all(json_t **pairs, const char *text, struct irsa_error **reterr)
{
    irsa_autofree char *copy = irsa_strdup(text);
    char *rest = NULL;
    size_t count = 0;
    for (char *part = strtok_r(copy, ",", &rest); part; part = strtok_r(NULL, ",", &rest)) {
        irsa_autofree char *pair = irsa_trim(part);
        if (irsa_pairs_add(pairs, pair, reterr) != 0)
            return irsa_hint(reterr, "write KEY=VALUE, several with commas between them");
        count++;
    }
    return count ? 0 : irsa_fail(reterr, IRSA_E_USAGE, "the value is empty");
}
