/* SPDX-License-Identifier: Apache-2.0 */
#include "irsa/document.h"

#include "document/position.h"

#include <strings.h>

bool irsa_syntax_of(const char *path, enum irsa_syntax *ret_syntax)
{
    const char *slash = strrchr(path, '/');
    const char *dot = strrchr(slash ? slash : path, '.');
    if (!dot)
        return false;
    if (strcasecmp(dot, ".json") == 0)
        *ret_syntax = IRSA_SYNTAX_JSON;
    else if (strcasecmp(dot, ".yaml") == 0 || strcasecmp(dot, ".yml") == 0)
        *ret_syntax = IRSA_SYNTAX_YAML;
    else
        return false;
    return true;
}

void irsa_documents_done(struct irsa_documents *documents)
{
    for (size_t i = 0; i < documents->len; i++)
        json_decref(documents->roots[i]);
    free(documents->roots);
    free(documents->lines);
    *documents = (struct irsa_documents){0};
}

static int fail_at(struct irsa_error **reterr, enum irsa_error_kind kind, const char *name,
                   const char *text, size_t offset, const char *reason)
{
    size_t line = 0;
    size_t column = 0;
    irsa_locate(text, offset, &line, &column);
    return irsa_fail(reterr, kind, "%s:%zu:%zu: %s", name, line, column, reason);
}

/* Looks for nesting beyond the bound before the parser, which recurses, sees the text (its own
 * bound is 2,048). One pass that jumps over strings: a few percent of what parsing costs. */
static const char *find_too_deep(const char *p, const char *end)
{
    size_t depth = 0;
    for (; p < end; p++) {
        switch (*p) {
        case '"':
            p = irsa_json_string_end(p + 1, end);
            break;
        case '[':
        case '{':
            if (++depth > IRSA_DOCUMENT_MAX_DEPTH)
                return p;
            break;
        case '\n':
            /* Indentation is a third of what kubectl and the AWS CLI print. */
            while (end - p > 8 && memcmp(p + 1, "        ", 8) == 0)
                p += 8;
            break;
        case ']':
        case '}':
            depth -= depth > 0 ? 1 : 0;
            break;
        default:
            break;
        }
    }
    return NULL;
}

/* What jansson says of an error, in our words where its own don't help. */
static const char *reason_of(const json_error_t *error)
{
    switch (json_error_code(error)) {
    case json_error_null_byte_in_key:
    case json_error_null_character:
        return "a NUL character (\\u0000) in a string";
    case json_error_numeric_overflow:
        return "a number that is too big";
    default:
        return error->text;
    }
}

static bool is_blank(const char *p, const char *end)
{
    while (p < end && (*p == ' ' || *p == '\t' || *p == '\r' || *p == '\n'))
        p++;
    return p == end;
}

static int fail_parser(const char *name, const char *text, size_t skipped, size_t len,
                       const json_error_t *error, struct irsa_error **reterr)
{
    size_t offset = skipped + (error->position > 0 ? (size_t)error->position : 0);
    bool ended = json_error_code(error) == json_error_premature_end_of_input;
    /* jansson's position is behind the token it stumbled over. */
    offset = offset > len ? len : offset;
    if (!ended && offset > skipped)
        offset--;
    return fail_at(reterr, IRSA_E_PARSE, name, text, offset, reason_of(error));
}

json_t *irsa_json_read(const char *name, const char *text, size_t len, struct irsa_error **reterr)
{
    size_t skipped = len >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0 ? 3 : 0;
    if (is_blank(text + skipped, text + len)) {
        fail_at(reterr, IRSA_E_PARSE, name, text, len, "empty, where a JSON value is needed");
        return NULL;
    }
    const char *deep = find_too_deep(text + skipped, text + len);
    if (deep) {
        irsa_autofree char *reason =
            irsa_format("nested deeper than %d levels", IRSA_DOCUMENT_MAX_DEPTH);
        fail_at(reterr, IRSA_E_LIMIT, name, text, (size_t)(deep - text), reason);
        return NULL;
    }
    json_error_t error;
    json_t *value =
        json_loadb(text + skipped, len - skipped, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, &error);
    if (!value)
        fail_parser(name, text, skipped, len, &error, reterr);
    return value;
}

int irsa_document_read(enum irsa_syntax syntax, const char *name, const char *text, size_t len,
                       struct irsa_documents *ret, struct irsa_error **reterr)
{
    if (syntax == IRSA_SYNTAX_YAML)
        return irsa_yaml_read(name, text, len, ret, reterr);
    json_t *root = irsa_json_read(name, text, len, reterr);
    if (!root)
        return -1;
    *ret = (struct irsa_documents){.len = 1};
    ret->roots = irsa_calloc(1, sizeof(*ret->roots));
    ret->lines = irsa_calloc(1, sizeof(*ret->lines));
    ret->roots[0] = root;
    ret->lines[0] = 1;
    return 0;
}
