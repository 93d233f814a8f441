/* SPDX-License-Identifier: Apache-2.0 */
/* Policy documents inside of other documents: as an object, as JSON text, as URL-encoded text. */
#include "world/captured.h"

enum form { FORM_OBJECT, FORM_JSON, FORM_URL };

/* The inner JSON text of a policy that stands in a string. */
static enum form text_of(const char *value, struct irsa_buf *ret)
{
    const char *start = value + strspn(value, " \t\r\n");
    if (*start == '%' && irsa_url_decode(start, ret))
        return FORM_URL;
    irsa_buf_done(ret);
    irsa_buf_adds(ret, value);
    return FORM_JSON;
}

static int check(struct drafts *drafts, const char *file, const char *key, const json_t *now,
                 const json_t *before, const json_t *after, bool *ret_changed)
{
    *ret_changed = false;
    if (now && json_equal((json_t *)now, (json_t *)after))
        return 0;
    if (now && before && !json_equal((json_t *)now, (json_t *)before))
        return irsa_draft_conflict(drafts, file, "%s was changed", key);
    if (!now != !before)
        return irsa_draft_conflict(drafts, file, "%s %s", key,
                                   now ? "can be read now" : "can't be read any more");
    *ret_changed = true;
    return 0;
}

/* The text keeps its layout where it can be edited; what is no JSON is replaced as a whole. */
static int edit_text(struct drafts *drafts, const char *file, const struct irsa_buf *text,
                     bool readable, const json_t *after, struct irsa_buf *ret)
{
    json_auto_t *path = json_array();
    const struct irsa_text_change change = {0, path, after};
    if (readable)
        return irsa_text_edit(IRSA_SYNTAX_JSON, file, irsa_buf_str(text), text->len, &change, 1,
                              ret, drafts->reterr);
    irsa_json_write_compact(after, ret);
    return 0;
}

static int edit_string(struct drafts *drafts, const char *file, json_t *object, const char *key,
                       const json_t *before, const json_t *after, bool *ret_changed)
{
    irsa_auto_buf text = {0};
    irsa_auto_buf edited = {0};
    irsa_auto_error why = NULL;
    enum form form = text_of(json_string_value(json_object_get(object, key)), &text);
    json_auto_t *now = irsa_json_read(file, irsa_buf_str(&text), text.len, &why);
    if (check(drafts, file, key, now, before, after, ret_changed) != 0)
        return -1;
    if (!*ret_changed)
        return 0;
    if (edit_text(drafts, file, &text, now != NULL, after, &edited) != 0)
        return -1;
    irsa_auto_buf encoded = {0};
    if (form == FORM_URL)
        irsa_url_encode(irsa_buf_str(&edited), edited.len, &encoded);
    json_object_set_new(object, key,
                        json_string(irsa_buf_str(form == FORM_URL ? &encoded : &edited)));
    return 0;
}

int irsa_policy_field_edit(struct drafts *drafts, const char *file, json_t *object, const char *key,
                           const json_t *before, const json_t *after, bool *ret_changed)
{
    const json_t *now = json_object_get(object, key);
    if (json_is_string(now))
        return edit_string(drafts, file, object, key, before, after, ret_changed);
    if (check(drafts, file, key, json_is_null(now) ? NULL : now, before, after, ret_changed) != 0)
        return -1;
    if (*ret_changed)
        json_object_set(object, key, (json_t *)after);
    return 0;
}
