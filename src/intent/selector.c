/* SPDX-License-Identifier: Apache-2.0 */
#include "intent/selector.h"

#include <errno.h>

enum operation { OP_EXISTS, OP_NOT_EXISTS, OP_IN, OP_NOT_IN, OP_GREATER, OP_LESS };

struct requirement {
    char *key;
    enum operation operation;
    struct irsa_strings values;
};

struct irsa_selector {
    struct requirement *items;
    size_t len;
};

struct scanner {
    const char *text;
    const char *at;
};

static void skip_space(struct scanner *scanner)
{
    while (*scanner->at == ' ' || *scanner->at == '\t')
        scanner->at++;
}

static bool accept(struct scanner *scanner, const char *token)
{
    skip_space(scanner);
    if (!irsa_has_prefix(scanner->at, token))
        return false;
    scanner->at += strlen(token);
    return true;
}

/* A key, a value, or one of the words in and notin; "" where none stands. */
static char *take_word(struct scanner *scanner)
{
    skip_space(scanner);
    size_t len = strcspn(scanner->at, " \t,()=!<>");
    char *word = irsa_strndup(scanner->at, len);
    scanner->at += len;
    return word;
}

static int fail_at(const struct scanner *scanner, const char *expected, struct irsa_error **reterr)
{
    irsa_fail(reterr, IRSA_E_USAGE, "label selector \"%s\": expected %s at character %zu",
              scanner->text, expected, (size_t)(scanner->at - scanner->text) + 1);
    return irsa_hint(reterr,
                     "write it as kubectl takes it: app=web,tier!=db,env in (dev,prod),!canary");
}

static int parse_set(struct scanner *scanner, struct requirement *requirement,
                     struct irsa_error **reterr)
{
    if (!accept(scanner, "("))
        return fail_at(scanner, "\"(\"", reterr);
    do {
        irsa_strings_take(&requirement->values, take_word(scanner));
    } while (accept(scanner, ","));
    if (!accept(scanner, ")"))
        return fail_at(scanner, "\",\" or \")\"", reterr);
    return 0;
}

static int parse_value(struct scanner *scanner, struct requirement *requirement,
                       enum operation operation, struct irsa_error **reterr)
{
    requirement->operation = operation;
    irsa_autofree char *value = take_word(scanner);
    bool number = operation == OP_GREATER || operation == OP_LESS;
    if (number && (!*value || value[strspn(value, "0123456789")]))
        return fail_at(scanner, "a whole number", reterr);
    irsa_strings_take(&requirement->values, irsa_steal(&value));
    return 0;
}

static int parse_requirement(struct scanner *scanner, struct requirement *requirement,
                             struct irsa_error **reterr)
{
    bool negated = accept(scanner, "!");
    requirement->key = take_word(scanner);
    if (!*requirement->key)
        return fail_at(scanner, "a label key", reterr);
    requirement->operation = negated ? OP_NOT_EXISTS : OP_EXISTS;
    skip_space(scanner);
    if (*scanner->at == ',' || *scanner->at == '\0')
        return 0;
    if (negated)
        return fail_at(scanner, "\",\" or the end", reterr);
    if (accept(scanner, "==") || accept(scanner, "="))
        return parse_value(scanner, requirement, OP_IN, reterr);
    if (accept(scanner, "!="))
        return parse_value(scanner, requirement, OP_NOT_IN, reterr);
    if (accept(scanner, ">"))
        return parse_value(scanner, requirement, OP_GREATER, reterr);
    if (accept(scanner, "<"))
        return parse_value(scanner, requirement, OP_LESS, reterr);
    struct scanner before = *scanner;
    irsa_autofree char *word = take_word(scanner);
    if (strcmp(word, "in") != 0 && strcmp(word, "notin") != 0)
        return fail_at(&before, "=, !=, in or notin", reterr);
    requirement->operation = *word == 'i' ? OP_IN : OP_NOT_IN;
    return parse_set(scanner, requirement, reterr);
}

int irsa_selector_parse(const char *text, struct irsa_selector **ret, struct irsa_error **reterr)
{
    irsa_auto_selector selector = irsa_calloc(1, sizeof(*selector));
    struct scanner scanner = {text, text};
    do {
        selector->items = irsa_grow(selector->items, selector->len, sizeof(*selector->items));
        struct requirement *requirement = &selector->items[selector->len++];
        *requirement = (struct requirement){0};
        if (parse_requirement(&scanner, requirement, reterr) != 0)
            return -1;
    } while (accept(&scanner, ","));
    skip_space(&scanner);
    if (*scanner.at)
        return fail_at(&scanner, "\",\" or the end", reterr);
    *ret = irsa_steal(&selector);
    return 0;
}

static bool compare_number(const char *label, const char *bound, bool greater)
{
    char *end = NULL;
    errno = 0;
    long long value = strtoll(label, &end, 10);
    if (errno || end == label || *end)
        return false;
    long long limit = strtoll(bound, NULL, 10);
    return greater ? value > limit : value < limit;
}

/* A missing label satisfies != and notin, as Kubernetes has it. */
static bool satisfied(const struct requirement *requirement, const json_t *labels)
{
    const char *value = json_string_value(json_object_get(labels, requirement->key));
    switch (requirement->operation) {
    case OP_EXISTS:
        return value != NULL;
    case OP_NOT_EXISTS:
        return value == NULL;
    case OP_IN:
        return value && irsa_strings_has(&requirement->values, value);
    case OP_NOT_IN:
        return !value || !irsa_strings_has(&requirement->values, value);
    case OP_GREATER:
    case OP_LESS:
        return value
               && compare_number(value, requirement->values.items[0],
                                 requirement->operation == OP_GREATER);
    }
    return false;
}

bool irsa_selector_matches(const struct irsa_selector *selector, const json_t *labels)
{
    for (size_t i = 0; i < selector->len; i++) {
        if (!satisfied(&selector->items[i], labels))
            return false;
    }
    return true;
}

void irsa_selector_free(struct irsa_selector *selector)
{
    if (!selector)
        return;
    for (size_t i = 0; i < selector->len; i++) {
        free(selector->items[i].key);
        irsa_strings_done(&selector->items[i].values);
    }
    free(selector->items);
    free(selector);
}

int irsa_selector_check(const char *text, struct irsa_error **reterr)
{
    irsa_auto_selector selector = NULL;
    return irsa_selector_parse(text, &selector, reterr);
}
