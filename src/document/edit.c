/* SPDX-License-Identifier: Apache-2.0 */
#include "document/edit.h"

static void editor_done(struct editor *editor)
{
    for (size_t i = 0; i < editor->edits_len; i++)
        free(editor->edits[i].text);
    free(editor->edits);
    free(editor->aliases);
}

static void node_freep(struct node **node)
{
    irsa_node_free(*node);
}

/* --- what is wanted --------------------------------------------------------------------------- */

static int not_found(const char *name, const json_t *path, struct irsa_error **reterr)
{
    irsa_autofree char *text = irsa_json_path_text(path);
    return irsa_fail(reterr, IRSA_E_NOT_FOUND, "%s: nothing is at %s", name, text);
}

struct change {
    const char *name;
    const json_t *path;
    const json_t *after;
    struct irsa_error **reterr;
};

static json_t *change_at(const struct change *change, const json_t *value, size_t depth);

static json_t *change_member(const struct change *change, const json_t *value, size_t depth)
{
    const char *key = json_string_value(json_array_get(change->path, depth));
    const json_t *child = json_object_get(value, key);
    bool last = depth + 1 == json_array_size(change->path);
    bool creatable = !value || json_is_null(value);
    if ((!child && !change->after) || (!json_is_object(value) && !creatable)) {
        not_found(change->name, change->path, change->reterr);
        return NULL;
    }
    json_auto_t *copy = creatable ? json_object() : json_copy((json_t *)value);
    if (last && !change->after) {
        (void)json_object_del(copy, key);
        return json_incref(copy);
    }
    json_t *item = change_at(change, child, depth + 1);
    if (!item)
        return NULL;
    json_object_set_new(copy, key, item);
    return json_incref(copy);
}

static json_t *change_element(const struct change *change, const json_t *value, size_t depth)
{
    json_int_t index = json_integer_value(json_array_get(change->path, depth));
    size_t size = json_array_size(value);
    bool last = depth + 1 == json_array_size(change->path);
    bool append = last && change->after && json_is_array(value) && index == (json_int_t)size;
    if (index < 0 || (index >= (json_int_t)size && !append)) {
        not_found(change->name, change->path, change->reterr);
        return NULL;
    }
    json_auto_t *copy = json_copy((json_t *)value);
    if (last && !change->after) {
        (void)json_array_remove(copy, (size_t)index);
        return json_incref(copy);
    }
    json_t *item = change_at(change, json_array_get(value, (size_t)index), depth + 1);
    if (!item)
        return NULL;
    if (append)
        json_array_append_new(copy, item);
    else
        json_array_set_new(copy, (size_t)index, item);
    return json_incref(copy);
}

/* The value with the change in it: a new reference that shares with the old all that stays. */
static json_t *change_at(const struct change *change, const json_t *value, size_t depth)
{
    if (depth == json_array_size(change->path)) {
        if (change->after)
            return json_incref((json_t *)change->after);
        not_found(change->name, change->path, change->reterr);
        return NULL;
    }
    if (json_is_string(json_array_get(change->path, depth)))
        return change_member(change, value, depth);
    return change_element(change, value, depth);
}

static int make_wanted(const char *name, const struct irsa_documents *old,
                       const struct irsa_text_change *changes, size_t count,
                       struct irsa_documents *ret, struct irsa_error **reterr)
{
    ret->roots = irsa_calloc(old->len, sizeof(*ret->roots));
    ret->len = old->len;
    for (size_t i = 0; i < old->len; i++)
        ret->roots[i] = json_incref(old->roots[i]);
    for (size_t i = 0; i < count; i++) {
        if (changes[i].document >= old->len)
            return irsa_fail(reterr, IRSA_E_NOT_FOUND, "%s: there is no document number %zu", name,
                             changes[i].document + 1);
        const struct change change = {name, changes[i].path, changes[i].after, reterr};
        json_t **root = &ret->roots[changes[i].document];
        json_t *changed = change_at(&change, *root, 0);
        if (!changed)
            return -1;
        json_decref(*root);
        *root = changed;
    }
    return 0;
}

/* --- carrying out ----------------------------------------------------------------------------- */

/* At one place what is put in comes before what is replaced. */
static int compare_edits(const void *a, const void *b)
{
    const struct edit *x = a;
    const struct edit *y = b;
    if (x->at != y->at)
        return x->at < y->at ? -1 : 1;
    if ((x->len == 0) != (y->len == 0))
        return x->len == 0 ? -1 : 1;
    return x->order < y->order ? -1 : x->order > y->order ? 1 : 0;
}

static void carry_out(struct editor *editor, struct irsa_buf *ret)
{
    if (editor->edits_len > 0)
        qsort(editor->edits, editor->edits_len, sizeof(*editor->edits), compare_edits);
    size_t at = 0;
    for (size_t i = 0; i < editor->edits_len; i++) {
        const struct edit *edit = &editor->edits[i];
        if (edit->at > at) {
            irsa_buf_add(ret, editor->text + at, edit->at - at);
            at = edit->at;
        }
        irsa_buf_add(ret, edit->text, edit->text_len);
        at = edit->at + edit->len > at ? edit->at + edit->len : at;
    }
    irsa_buf_add(ret, editor->text + at, editor->len - at);
}

static void edit_document(struct editor *editor, size_t document, const json_t *old,
                          const json_t *wanted)
{
    free(irsa_steal(&editor->aliases));
    editor->aliases_len = 0;
    editor->style = (struct irsa_yaml_style)IRSA_YAML_STYLE;
    editor->style.no_literals = editor->no_literals;
    IRSA_CLEANUP(node_freep)
    struct node *root = editor->syntax == IRSA_SYNTAX_JSON
                            ? irsa_edit_json_tree(editor, old)
                            : irsa_edit_yaml_tree(editor, document, old);
    editor->json_like = editor->syntax == IRSA_SYNTAX_JSON
                        || (root->style == STYLE_FLOW && root->kind == NODE_OBJECT && root->len > 0
                            && root->items[0].key_style == STYLE_DOUBLE);
    irsa_edit_walk(editor, root, wanted);
    irsa_edit_anchors(editor);
}

/* A text without a final newline gets one for the time of the edit. Returns what was taken away
 * from the result's end, "" mostly. */
static const char *attempt(const struct irsa_documents *old, const struct irsa_documents *wanted,
                           struct editor editor, struct irsa_buf *ret)
{
    IRSA_CLEANUP(editor_done) struct editor own = editor;
    irsa_auto_buf ended = {0};
    const char *eol = irsa_eol_near(&own, own.skipped);
    own.unended = own.syntax == IRSA_SYNTAX_YAML && own.len > 0 && own.text[own.len - 1] != '\n';
    if (own.unended) {
        irsa_buf_add(&ended, own.text, own.len);
        irsa_buf_adds(&ended, eol);
        own.text = ended.data;
        own.len = ended.len;
    }
    irsa_edit_json_style(&own);
    for (size_t i = 0; i < old->len; i++) {
        if (!json_equal(old->roots[i], wanted->roots[i])) {
            edit_document(&own, i, old->roots[i], wanted->roots[i]);
        }
    }
    carry_out(&own, ret);
    if (!own.unended || !irsa_has_suffix(irsa_buf_str(ret), eol))
        return "";
    irsa_buf_splice(ret, ret->len - strlen(eol), strlen(eol), "", 0);
    return eol;
}

static bool proves(enum irsa_syntax syntax, const char *name, const struct irsa_buf *text,
                   const struct irsa_documents *wanted)
{
    irsa_auto_error error = NULL;
    irsa_auto_documents result = {0};
    if (irsa_document_read(syntax, name, irsa_buf_str(text), text->len, &result, &error) != 0
        || result.len != wanted->len)
        return false;
    for (size_t i = 0; i < result.len; i++) {
        if (!json_equal(result.roots[i], wanted->roots[i]))
            return false;
    }
    return true;
}

int irsa_text_edit(enum irsa_syntax syntax, const char *name, const char *text, size_t len,
                   const struct irsa_text_change *changes, size_t count, struct irsa_buf *ret,
                   struct irsa_error **reterr)
{
    irsa_auto_documents old = {0};
    irsa_auto_documents wanted = {0};
    if (irsa_document_read(syntax, name, text, len, &old, reterr) != 0
        || make_wanted(name, &old, changes, count, &wanted, reterr) != 0)
        return -1;
    size_t skipped = len >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0 ? 3 : 0;
    for (int round = 0; round < 3; round++) {
        irsa_auto_buf edited = {0};
        const struct editor editor = {.syntax = syntax,
                                      .text = text,
                                      .len = len,
                                      .skipped = skipped,
                                      .no_literals = round > 0,
                                      .wholesale = round > 1};
        const char *final = attempt(&old, &wanted, editor, &edited);
        bool proven = proves(syntax, name, &edited, &wanted);
        if (!proven && *final) { /* a literal block's last line may need its end */
            irsa_buf_adds(&edited, final);
            proven = proves(syntax, name, &edited, &wanted);
        }
        if (proven) {
            *ret = edited;
            edited = (struct irsa_buf){0};
            return 0;
        }
    }
    irsa_fail(reterr, IRSA_E_INTERNAL, "%s: could not be edited without changing something else",
              name);
    return irsa_hint(reterr, "make the change by hand");
}
