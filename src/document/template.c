/* SPDX-License-Identifier: Apache-2.0 */
/* ${name} in the strings of a parsed template: a value can't break out of its string. */
#include "document/template.h"

static const char *const known_names[] = {
    "account_id", "audience", "issuer",       "namespace",       "partition",
    "region",     "role_arn", "provider_arn", "service_account",
};

struct expansion {
    const struct irsa_template *item;
    const json_t *variables;
    struct irsa_error **reterr;
};

/* The line on which the placeholder first stands outside of a comment line. */
static size_t line_of(const char *text, const char *placeholder)
{
    size_t line = 1;
    for (const char *p = text; *p; line++) {
        size_t len = strcspn(p, "\n");
        size_t indent = strspn(p, " \t");
        const char *found = strstr(p, placeholder);
        if (found && found < p + len && p[indent] != '#')
            return line;
        p += len + (p[len] == '\n' ? 1 : 0);
    }
    return 1;
}

static int fail_unclosed(const struct expansion *expansion, const char *at)
{
    irsa_autofree char *start = irsa_strndup(at, strcspn(at, "\""));
    irsa_fail(expansion->reterr, IRSA_E_PARSE, "%s:%zu: a placeholder that is not closed: %.60s",
              expansion->item->origin, line_of(expansion->item->text, start), at);
    return irsa_hint(expansion->reterr,
                     "write $${ where the two characters ${ themselves are meant");
}

static int fail_unknown(const struct expansion *expansion, const char *name)
{
    irsa_autofree char *placeholder = irsa_format("${%s}", name);
    size_t line = line_of(expansion->item->text, placeholder);
    bool known = false;
    for (size_t i = 0; i < IRSA_COUNT(known_names); i++)
        known = known || strcmp(known_names[i], name) == 0;
    irsa_fail(expansion->reterr, IRSA_E_PARSE, "%s:%zu: %s has no value%s", expansion->item->origin,
              line, placeholder, known ? " here" : "");
    if (known)
        return -1;
    const char *nearest = irsa_nearest(name, known_names, IRSA_COUNT(known_names));
    if (nearest)
        return irsa_hint(expansion->reterr, "did you mean ${%s}?", nearest);
    return irsa_hint(expansion->reterr,
                     "write $${ where the two characters ${ themselves are meant");
}

static int expand_text(const struct expansion *expansion, const char *text, struct irsa_buf *ret)
{
    irsa_buf_adds(ret, "");
    for (const char *p = text; *p; p++) {
        if (irsa_has_prefix(p, "$${")) {
            irsa_buf_adds(ret, "${");
            p += 2;
        } else if (irsa_has_prefix(p, "${")) {
            const char *end = strchr(p, '}');
            if (!end)
                return fail_unclosed(expansion, p);
            irsa_autofree char *name = irsa_strndup(p + 2, (size_t)(end - p - 2));
            const char *value = json_string_value(json_object_get(expansion->variables, name));
            if (!value)
                return fail_unknown(expansion, name);
            irsa_buf_adds(ret, value);
            p = end;
        } else {
            irsa_buf_addc(ret, *p);
        }
    }
    return 0;
}

static json_t *expand_value(const struct expansion *expansion, const json_t *value);

static json_t *expand_object(const struct expansion *expansion, const json_t *value)
{
    json_auto_t *expanded = json_object();
    const char *key;
    json_t *item;
    json_object_foreach((json_t *)value, key, item)
    {
        irsa_auto_buf name = {0};
        if (expand_text(expansion, key, &name) != 0)
            return NULL;
        json_t *new_item = expand_value(expansion, item);
        if (!new_item)
            return NULL;
        bool twice = json_object_get(expanded, name.data) != NULL;
        json_object_set_new(expanded, name.data, new_item);
        if (twice) {
            irsa_fail(expansion->reterr, IRSA_E_PARSE, "%s:%zu: two keys become \"%s\"",
                      expansion->item->origin, line_of(expansion->item->text, key), name.data);
            return NULL;
        }
    }
    return json_incref(expanded);
}

static json_t *expand_array(const struct expansion *expansion, const json_t *value)
{
    json_auto_t *expanded = json_array();
    for (size_t i = 0; i < json_array_size(value); i++) {
        json_t *item = expand_value(expansion, json_array_get(value, i));
        if (!item)
            return NULL;
        json_array_append_new(expanded, item);
    }
    return json_incref(expanded);
}

static json_t *expand_value(const struct expansion *expansion, const json_t *value)
{
    if (json_is_object(value))
        return expand_object(expansion, value);
    if (json_is_array(value))
        return expand_array(expansion, value);
    if (!json_is_string(value))
        return json_deep_copy(value);
    irsa_auto_buf text = {0};
    if (expand_text(expansion, json_string_value(value), &text) != 0)
        return NULL;
    return json_stringn(text.data, text.len);
}

json_t *irsa_template_read(const struct irsa_template *item, struct irsa_error **reterr)
{
    enum irsa_syntax syntax = IRSA_SYNTAX_JSON;
    irsa_auto_documents documents = {0};
    (void)irsa_syntax_of(item->name, &syntax);
    if (irsa_document_read(syntax, item->origin, item->text, item->len, &documents, reterr) != 0)
        return NULL;
    if (documents.len != 1 || !json_is_object(documents.roots[0])) {
        irsa_fail(reterr, IRSA_E_PARSE, "%s:%zu: a template is one document with an object in it",
                  item->origin, documents.len > 1 ? documents.lines[1] : 1);
        return NULL;
    }
    return json_incref(documents.roots[0]);
}

json_t *irsa_template_expand(const struct irsa_templates *templates, const char *name,
                             const json_t *variables, struct irsa_error **reterr)
{
    const struct irsa_template *item = irsa_template_find(templates, name);
    if (!item) {
        irsa_fail(reterr, IRSA_E_NOT_FOUND, "there is no template %s", name);
        return NULL;
    }
    json_auto_t *document = irsa_template_read(item, reterr);
    if (!document)
        return NULL;
    const struct expansion expansion = {.item = item, .variables = variables, .reterr = reterr};
    return expand_value(&expansion, document);
}
