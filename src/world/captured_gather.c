/* SPDX-License-Identifier: Apache-2.0 */
/* Reading a captured world: one file after the other, each let go before the next. */
#include "world/captured.h"

/* A chart's or generator's template is no document until it was rendered. */
static int unreadable(const char *name, const struct irsa_buf *text, struct irsa_error **reterr)
{
    if (memmem(irsa_buf_str(text), text->len, "{{", 2))
        return irsa_hint(reterr,
                         "it looks like a template: leave it out with --ignore '%s', and capture "
                         "what it renders to",
                         name);
    return irsa_hint(reterr, "if it is not part of the world, leave it out with --ignore '%s'",
                     name);
}

/* The facts say which value is malformed; where it stands in the file is seen here. */
static int malformed(const struct captured *captured, const struct irsa_facts *facts,
                     const char *name, enum irsa_syntax syntax, size_t document,
                     struct irsa_error **reterr)
{
    const json_t *bad = irsa_facts_bad_path(facts);
    const char *message = irsa_error_message(*reterr);
    if (!bad || !irsa_has_prefix(message, name))
        return -1;
    irsa_autofree char *path = irsa_captured_path(captured, name);
    irsa_auto_buf text = {0};
    irsa_auto_error ignored = NULL;
    if (irsa_file_read(path, IRSA_DOCUMENT_MAX_BYTES, &text, &ignored) != 0)
        return -1;
    size_t line = irsa_text_line(syntax, irsa_buf_str(&text), text.len, document, bad);
    irsa_autofree char *rest = irsa_strdup(message + strlen(name));
    irsa_autofree char *hint =
        irsa_error_hint(*reterr) ? irsa_strdup(irsa_error_hint(*reterr)) : NULL;
    irsa_error_free(irsa_steal(reterr));
    if (line > 0)
        (void)irsa_fail(reterr, IRSA_E_PARSE, "%s:%zu%s", path, line, rest);
    else
        (void)irsa_fail(reterr, IRSA_E_PARSE, "%s%s", path, rest);
    if (hint)
        return irsa_hint(reterr, "%s", hint);
    return irsa_hint(reterr, "mend it, or leave the file out with --ignore '%s'", name);
}

/* The file that is being read. */
struct source {
    struct irsa_facts *facts;
    uint32_t file;
    enum irsa_syntax syntax;
    size_t document; /* the one that is being taken */
};

static int take_item(void *context, size_t document, const json_t *root, size_t index,
                     const json_t *item, struct irsa_error **reterr)
{
    struct source *source = context;
    bool taken = false;
    /* Only of the first document, so that everything is taken in the order of the file. */
    if (document > 0)
        return 0;
    source->document = document;
    if (irsa_facts_add_item(source->facts, source->file, (uint32_t)document, root, index, item,
                            &taken, reterr)
        != 0)
        return -1;
    return taken ? 1 : 0;
}

static int read_documents(const struct captured *captured, const char *name, struct source *source,
                          struct irsa_documents *ret, struct irsa_error **reterr)
{
    irsa_autofree char *path = irsa_captured_path(captured, name);
    irsa_auto_buf text = {0};
    if (irsa_file_read(path, IRSA_DOCUMENT_MAX_BYTES, &text, reterr) != 0)
        return irsa_captured_hint_ignore(name, reterr);
    int r =
        source->syntax == IRSA_SYNTAX_YAML
            ? irsa_yaml_read_items(path, irsa_buf_str(&text), text.len, take_item, source, ret,
                                   reterr)
            : irsa_document_read(source->syntax, path, irsa_buf_str(&text), text.len, ret, reterr);
    if (r == 0)
        return 0;
    if (irsa_facts_bad_path(source->facts))
        return malformed(captured, source->facts, name, source->syntax, source->document, reterr);
    return unreadable(name, &text, reterr);
}

static bool is_kubernetes(const json_t *document)
{
    return json_is_string(json_object_get(document, "apiVersion"))
           && json_is_string(json_object_get(document, "kind"));
}

static int take_file(struct captured *captured, struct irsa_facts *facts, const char *name,
                     bool kubernetes_only, size_t *known_files, struct irsa_error **reterr)
{
    struct source source = {.facts = facts, .file = irsa_facts_add_file(facts, name)};
    irsa_auto_documents documents = {0};
    (void)irsa_syntax_of(name, &source.syntax);
    if (read_documents(captured, name, &source, &documents, reterr) != 0)
        return -1;
    bool any = false;
    for (size_t i = 0; i < documents.len; i++) {
        bool known = false;
        if (kubernetes_only && !is_kubernetes(documents.roots[i]))
            continue;
        if (irsa_facts_add_document(facts, source.file, (uint32_t)i, documents.roots[i], &known,
                                    reterr)
            != 0)
            return malformed(captured, facts, name, source.syntax, i, reterr);
        any = any || known;
        json_decref(irsa_steal(&documents.roots[i]));
    }
    if (any)
        (*known_files)++;
    else
        irsa_strings_add(&captured->passed_over, name);
    return 0;
}

static int nothing_known(const struct captured *captured, size_t files, struct irsa_error **reterr)
{
    if (files == 0)
        (void)irsa_fail(reterr, IRSA_E_NOT_FOUND, "%s: no .json, .yaml or .yml file in it",
                        captured->directory);
    else
        (void)irsa_fail(reterr, IRSA_E_NOT_FOUND,
                        "%s: none of its %zu files is an answer of AWS or a Kubernetes object that "
                        "matters here",
                        captured->directory, files);
    return irsa_hint(reterr,
                     "capture some: aws eks describe-cluster --name NAME > %s/cluster.json; "
                     "docs/captured-worlds.md lists the rest",
                     captured->directory);
}

int irsa_captured_gather(struct irsa_world *world, struct irsa_facts **ret,
                         struct irsa_error **reterr)
{
    struct captured *captured = (struct captured *)world;
    irsa_auto_strings files = {0};
    irsa_strings_done(&captured->passed_over);
    if (irsa_captured_walk(captured, &files, reterr) != 0)
        return -1;
    irsa_auto_facts facts = irsa_facts_new();
    size_t known_files = 0;
    for (size_t i = 0; i < files.len; i++) {
        if (take_file(captured, facts, files.items[i], /* kubernetes_only= */ false, &known_files,
                      reterr)
            != 0)
            return -1;
    }
    if (known_files == 0)
        return nothing_known(captured, files.len, reterr);
    if (irsa_facts_finish(facts, reterr) != 0)
        return -1;
    *ret = irsa_steal(&facts);
    return 0;
}

int irsa_captured_add_kubernetes(struct irsa_world *world, struct irsa_facts *facts,
                                 struct irsa_error **reterr)
{
    struct captured *captured = (struct captured *)world;
    irsa_auto_strings files = {0};
    size_t known_files = 0;
    irsa_strings_done(&captured->passed_over);
    if (irsa_captured_walk(captured, &files, reterr) != 0)
        return -1;
    for (size_t i = 0; i < files.len; i++) {
        if (take_file(captured, facts, files.items[i], /* kubernetes_only= */ true, &known_files,
                      reterr)
            != 0)
            return -1;
    }
    return 0;
}
