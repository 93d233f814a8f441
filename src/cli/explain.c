/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/explain.h"

#include <strings.h>

/* "irsa021", "021" and "21" mean IRSA021. The caller's. */
static char *full_code(const char *text)
{
    const char *digits = strncasecmp(text, "irsa", 4) == 0 ? text + 4 : text;
    size_t len = strspn(digits, "0123456789");
    if (len == 0 || len > 3 || digits[len])
        return irsa_strdup(text);
    return irsa_format("IRSA%03d", (int)strtol(digits, NULL, 10));
}

static int fail_unknown(const char *code, struct irsa_error **reterr)
{
    const struct irsa_check *const *checks = irsa_checks();
    size_t count = 0;
    while (checks[count])
        count++;
    irsa_fail(reterr, IRSA_E_USAGE, "there is no code %s", code);
    const char **codes = irsa_calloc(count, sizeof(*codes));
    for (size_t i = 0; i < count; i++)
        codes[i] = checks[i]->code;
    /* A number that is not there is no slip of the keyboard: a neighbour would mislead. */
    irsa_autofree char *full = full_code(code);
    bool numbered = irsa_has_prefix(full, "IRSA") && strspn(full + 4, "0123456789") == 3;
    const char *nearest = numbered ? NULL : irsa_nearest(code, codes, count);
    free(codes);
    if (nearest)
        return irsa_hint(reterr, "did you mean %s? irsa-fix explain --list lists all", nearest);
    return irsa_hint(reterr, "irsa-fix explain --list lists all");
}

static json_t *check_json(const struct irsa_check *check, bool with_page)
{
    json_t *value = json_object();
    (void)json_object_set_new(value, "code", json_string(check->code));
    (void)json_object_set_new(value, "severity", json_string(irsa_severity_text(check->severity)));
    (void)json_object_set_new(value, "link", json_string(irsa_link_text(check->link)));
    (void)json_object_set_new(value, "title", json_string(check->title));
    if (with_page)
        (void)json_object_set_new(value, "page", json_string(irsa_check_page(check->code)));
    return value;
}

static void list_checks(bool json, struct irsa_buf *ret)
{
    json_auto_t *list = json_array();
    for (const struct irsa_check *const *check = irsa_checks(); *check; check++) {
        (void)json_array_append_new(list, check_json(*check, false));
        if (!json)
            irsa_buf_addf(ret, "%s  %-7s  %s\n", (*check)->code,
                          irsa_severity_text((*check)->severity), (*check)->title);
    }
    if (json)
        irsa_json_write(list, ret);
}

static int add_pages(const struct irsa_arguments *arguments, struct irsa_buf *ret,
                     struct irsa_error **reterr)
{
    json_auto_t *list = json_array();
    for (size_t i = 0; i < arguments->positional.len; i++) {
        irsa_autofree char *code = full_code(arguments->positional.items[i]);
        const struct irsa_check *check = irsa_check_find(code);
        if (!check)
            return fail_unknown(arguments->positional.items[i], reterr);
        const char *page = irsa_check_page(check->code);
        if (!page)
            return irsa_fail(reterr, IRSA_E_INTERNAL, "%s has no page", check->code);
        (void)json_array_append_new(list, check_json(check, true));
        if (!irsa_wants_json(arguments))
            irsa_buf_addf(ret, "%s%s%s", i > 0 ? "\n" : "", page,
                          irsa_has_suffix(page, "\n") ? "" : "\n");
    }
    if (irsa_wants_json(arguments))
        irsa_json_write(list, ret);
    return 0;
}

int irsa_run_explain(const struct irsa_arguments *arguments, struct irsa_error **reterr)
{
    bool list = irsa_is_set(arguments, IRSA_OPTION_LIST);
    irsa_auto_buf text = {0};
    if (irsa_is_set(arguments, IRSA_OPTION_FROM_LOG)) {
        if (!list && arguments->positional.len == 0)
            return irsa_explain_log(arguments, reterr);
        return irsa_fail(reterr, IRSA_E_USAGE, "--from-log reads a log, found %s%s too",
                         list ? "--list" : "the code ", list ? "" : arguments->positional.items[0]);
    }
    if (list && arguments->positional.len > 0)
        return irsa_fail(reterr, IRSA_E_USAGE, "--list lists all codes, found \"%s\" too",
                         arguments->positional.items[0]);
    if (!list && arguments->positional.len == 0) {
        irsa_fail(reterr, IRSA_E_USAGE, "explain needs a code");
        return irsa_hint(reterr, "irsa-fix explain --list lists all, --from-log FILE finds it by a "
                                 "log");
    }
    if (list)
        list_checks(irsa_wants_json(arguments), &text);
    else if (add_pages(arguments, &text, reterr) != 0)
        return -1;
    return irsa_write_result(arguments, &text, reterr);
}
