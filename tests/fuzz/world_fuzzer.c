/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A file of a captured world, from its bytes to finished facts. The first byte says how it is read:
 * 'y' as YAML, anything else as JSON; the rest is the file. It is taken twice, as if two files held
 * it: a copy of an object never contradicts itself, and equal facts have equal digests.
 */
#include "irsa/document.h"
#include "irsa/facts.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool take(struct irsa_facts *facts, const char *name, const struct irsa_documents *documents)
{
    irsa_auto_error error = NULL;
    uint32_t file = irsa_facts_add_file(facts, name);
    for (size_t i = 0; i < documents->len; i++) {
        bool known = false;
        if (irsa_facts_add_document(facts, file, (uint32_t)i, documents->roots[i], &known, &error)
            != 0) {
            if (!irsa_error_message(error)[0])
                abort();
            return false;
        }
    }
    return true;
}

static json_t *digests_of(const struct irsa_documents *documents, size_t times)
{
    static const char *const names[] = {"a/one.json", "b/two.json"};
    irsa_auto_error error = NULL;
    irsa_auto_facts facts = irsa_facts_new();
    for (size_t i = 0; i < times; i++) {
        if (!take(facts, names[i], documents))
            return NULL;
    }
    return irsa_facts_finish(facts, &error) == 0 ? irsa_facts_digests(facts) : NULL;
}

static int take_item(void *context, size_t document, const json_t *root, size_t index,
                     const json_t *item, struct irsa_error **reterr)
{
    bool taken = false;
    if (document > 0)
        return 0;
    if (irsa_facts_add_item(context, 0, 0, root, index, item, &taken, reterr) != 0)
        return -1;
    return taken ? 1 : 0;
}

static json_t *digests_by_items(const char *text)
{
    irsa_auto_error error = NULL;
    irsa_auto_error finish_error = NULL;
    irsa_auto_documents documents = {0};
    irsa_auto_facts facts = irsa_facts_new();
    (void)irsa_facts_add_file(facts, "a/one.json");
    if (irsa_yaml_read_items("input", text, strlen(text), take_item, facts, &documents, &error)
        != 0)
        return NULL;
    for (size_t i = 0; i < documents.len; i++) {
        bool known = false;
        if (irsa_facts_add_document(facts, 0, (uint32_t)i, documents.roots[i], &known, &error) != 0)
            return NULL;
    }
    return irsa_facts_finish(facts, &finish_error) == 0 ? irsa_facts_digests(facts) : NULL;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    irsa_auto_error error = NULL;
    irsa_auto_documents documents = {0};
    if (size == 0)
        return 0;
    enum irsa_syntax syntax = data[0] == 'y' ? IRSA_SYNTAX_YAML : IRSA_SYNTAX_JSON;
    irsa_autofree char *text = irsa_strndup((const char *)data + 1, size - 1);
    if (irsa_document_read(syntax, "input", text, strlen(text), &documents, &error) != 0)
        return 0;
    json_auto_t *once = digests_of(&documents, 1);
    json_auto_t *again = digests_of(&documents, 1);
    if (once && (!again || !json_equal(once, again)))
        abort();
    json_auto_t *twice = digests_of(&documents, 2);
    (void)twice;
    json_auto_t *by_items = syntax == IRSA_SYNTAX_YAML ? digests_by_items(text) : NULL;
    if (once && by_items && !json_equal(once, by_items))
        abort();
    return 0;
}
