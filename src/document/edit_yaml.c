/* SPDX-License-Identifier: Apache-2.0 */
/*
 * YAML text as a tree that knows its bytes, from libyaml's marks. Those count characters, not
 * bytes; a block collection's end mark is that of the next token, so its end is that of its last
 * item.
 */
#include "document/edit.h"

struct builder {
    struct editor *editor;
    yaml_parser_t parser;
    size_t characters; /* a place in the text, counted both ways */
    size_t bytes;
    struct irsa_map names; /* of anchors: the place in `latest` */
    struct node **latest;  /* the last node that carries each */
    size_t latest_len;
    bool step_seen;
    bool offset_seen;
    bool quote_seen;
};

static void builder_done(struct builder *builder)
{
    yaml_parser_delete(&builder->parser);
    irsa_map_done(&builder->names);
    free(builder->latest);
}

static bool continues(char c)
{
    return ((unsigned char)c & 0xc0) == 0x80;
}

/* The byte at which the mark stands. Marks mostly grow: the way from the last one is short. */
static size_t byte_of(struct builder *builder, const yaml_mark_t *mark)
{
    const struct editor *editor = builder->editor;
    while (builder->characters < mark->index && builder->bytes < editor->len) {
        builder->bytes++;
        while (builder->bytes < editor->len && continues(editor->text[builder->bytes]))
            builder->bytes++;
        builder->characters++;
    }
    while (builder->characters > mark->index) {
        builder->bytes--;
        while (continues(editor->text[builder->bytes]))
            builder->bytes--;
        builder->characters--;
    }
    return builder->bytes;
}

static void next_event(struct builder *builder, yaml_event_t *event)
{
    if (!yaml_parser_parse(&builder->parser, event))
        abort(); /* the same text has been read a moment ago */
}

/* Over an anchor and a tag, to the value. */
static size_t skip_properties(struct builder *builder, struct node *node, bool anchored)
{
    const struct editor *editor = builder->editor;
    size_t at = node->start;
    node->content = at;
    while (at < editor->len && (editor->text[at] == '&' || editor->text[at] == '!')) {
        if (editor->text[at] == '&' && anchored)
            node->anchor_start = at;
        while (at < editor->len && !strchr(" \t\r\n,[]{}", editor->text[at]))
            at++;
        node->content = at;
        at = irsa_skip_blank(editor, at);
    }
    return at;
}

static void note_anchor(struct builder *builder, struct node *node, const yaml_char_t *anchor)
{
    if (!anchor)
        return;
    node->anchor = irsa_strdup((const char *)anchor);
    if (irsa_map_put(&builder->names, node->anchor, builder->latest_len)) {
        builder->latest = irsa_grow(builder->latest, builder->latest_len, sizeof(struct node *));
        builder->latest_len++;
    }
    builder->latest[irsa_map_get(&builder->names, node->anchor)] = node;
}

/* Behind the last line that belongs to a block scalar: blank lines after it do only with `+`. */
static size_t block_scalar_end(const struct editor *editor, const struct node *node, size_t end)
{
    size_t header = node->content + strcspn(editor->text + node->content, " \t\r\n");
    if (memchr(editor->text + node->content, '+', header - node->content))
        return end;
    size_t body = irsa_next_line(editor, header);
    while (end > body) {
        size_t line = irsa_line_start(editor, end - 1);
        if (line < body || !irsa_all_blank(editor, line, end))
            break;
        end = line;
    }
    return end;
}

static void build_scalar(struct builder *builder, struct node *node, const yaml_event_t *event)
{
    const struct editor *editor = builder->editor;
    switch (event->data.scalar.style) {
    case YAML_SINGLE_QUOTED_SCALAR_STYLE:
        node->style = STYLE_SINGLE;
        break;
    case YAML_DOUBLE_QUOTED_SCALAR_STYLE:
        node->style = STYLE_DOUBLE;
        break;
    case YAML_LITERAL_SCALAR_STYLE:
    case YAML_FOLDED_SCALAR_STYLE:
        node->style = STYLE_BLOCK_SCALAR;
        break;
    default:
        node->style = event->data.scalar.length > 0 ? STYLE_PLAIN : STYLE_EMPTY;
    }
    if (node->style == STYLE_EMPTY)
        node->content = node->end;
    if (node->style == STYLE_BLOCK_SCALAR)
        node->end = block_scalar_end(editor, node, node->end);
    bool quoted = node->style == STYLE_SINGLE || node->style == STYLE_DOUBLE;
    if (quoted && !builder->quote_seen) {
        builder->quote_seen = true;
        builder->editor->style.needed_quote =
            node->style == STYLE_SINGLE ? IRSA_QUOTE_SINGLE : IRSA_QUOTE_DOUBLE;
    }
}

static struct node *build(struct builder *builder, const yaml_event_t *event, bool in_flow);

/* How far collections are indented is learnt from the first of each kind. */
static void learn_indentation(struct builder *builder, const struct node *parent,
                              const struct node *child)
{
    if (parent->style != STYLE_BLOCK || parent->kind != NODE_OBJECT || child->style != STYLE_BLOCK)
        return;
    if (child->kind == NODE_OBJECT && !builder->step_seen && child->column > parent->column) {
        builder->step_seen = true;
        builder->editor->style.step = child->column - parent->column;
    }
    if (child->kind == NODE_ARRAY && !builder->offset_seen && child->column >= parent->column) {
        builder->offset_seen = true;
        builder->editor->style.sequence_offset = child->column - parent->column;
    }
}

static void add_item(struct builder *builder, struct node *node, struct item item)
{
    const struct editor *editor = builder->editor;
    struct node *value = item.value;
    value->parent = node;
    value->place = node->len;
    if (value->style == STYLE_EMPTY && !value->anchor && !value->tagged) {
        size_t at = value->indicator_end ? value->indicator_end : item.key_end;
        value->start = value->content = value->end = at;
    }
    if (node->style == STYLE_BLOCK && node->len == 0)
        node->column = item.start - irsa_line_start(editor, item.start);
    node->items = irsa_grow(node->items, node->len, sizeof(*node->items));
    node->items[node->len++] = item;
    if (node->style == STYLE_BLOCK)
        node->end = value->end;
    learn_indentation(builder, node, value);
}

/* Where the next item of the collection begins: at its key, '?', '-' or value. */
static size_t next_item(const struct builder *builder, const struct node *node)
{
    size_t from = node->len ? node->items[node->len - 1].value->end : node->content;
    if (node->len == 0 && irsa_node_has_brackets(builder->editor, node))
        from++;
    size_t at = irsa_skip_blank(builder->editor, from);
    if (node->style == STYLE_FLOW && builder->editor->text[at] == ',')
        at = irsa_skip_blank(builder->editor, at + 1);
    return at;
}

static void build_element(struct builder *builder, struct node *node, const yaml_event_t *event)
{
    struct item item = {.start = next_item(builder, node)};
    item.value = build(builder, event, node->style == STYLE_FLOW || node->in_flow);
    if (node->style == STYLE_BLOCK)
        item.value->indicator_end = item.start + 1;
    else
        item.start = item.value->start;
    add_item(builder, node, item);
}

static char *key_name(const yaml_event_t *event)
{
    irsa_auto_error error = NULL;
    if (event->type != YAML_SCALAR_EVENT)
        return irsa_strdup("");
    json_auto_t *value = irsa_yaml_scalar(event, &error);
    char *name = value ? irsa_yaml_key(value) : NULL;
    return name ? name : irsa_strdup("");
}

static void build_member(struct builder *builder, struct node *node, const yaml_event_t *key_event)
{
    const struct editor *editor = builder->editor;
    bool in_flow = node->style == STYLE_FLOW || node->in_flow;
    struct item item = {.start = next_item(builder, node)};
    size_t aliases_len = builder->editor->aliases_len;
    struct node *key = build(builder, key_event, in_flow);
    /* Keys are in no tree. Their anchors (rare) are left to the proof of the result. */
    if (key->anchor)
        builder->latest[irsa_map_get(&builder->names, key->anchor)] = NULL;
    builder->editor->aliases_len = aliases_len;
    bool explicit = editor->text[item.start] == '?' && item.start < key->start;
    item.start = explicit ? item.start : key->start;
    item.key_start = key->start;
    item.key_end = key->end;
    item.key_style = key->style;
    item.key_target = key->target;
    item.merge = irsa_yaml_is_merge(key_event);
    item.name = key_name(key_event);
    irsa_node_free(key);
    auto_yaml_event event;
    next_event(builder, &event);
    item.value = build(builder, &event, in_flow);
    size_t colon = irsa_skip_blank(editor, item.key_end);
    if (colon < editor->len && editor->text[colon] == ':')
        item.value->indicator_end = colon + 1;
    add_item(builder, node, item);
}

static void build_collection(struct builder *builder, struct node *node)
{
    for (;;) {
        auto_yaml_event event;
        next_event(builder, &event);
        if (event.type == YAML_MAPPING_END_EVENT || event.type == YAML_SEQUENCE_END_EVENT) {
            if (irsa_node_has_brackets(builder->editor, node))
                node->end = byte_of(builder, &event.end_mark);
            else if (node->len > 0)
                node->end = node->items[node->len - 1].value->end;
            return;
        }
        if (node->kind == NODE_OBJECT)
            build_member(builder, node, &event);
        else
            build_element(builder, node, &event);
    }
}

static struct node *build_alias(struct builder *builder, struct node *node,
                                const yaml_event_t *event)
{
    struct editor *editor = builder->editor;
    node->kind = NODE_ALIAS;
    node->style = STYLE_PLAIN;
    size_t place = irsa_map_get(&builder->names, (const char *)event->data.alias.anchor);
    node->target = place == IRSA_MAP_NONE ? NULL : builder->latest[place];
    editor->aliases = irsa_grow(editor->aliases, editor->aliases_len, sizeof(*editor->aliases));
    editor->aliases[editor->aliases_len++] = node;
    return node;
}

static struct node *build(struct builder *builder, const yaml_event_t *event, bool in_flow)
{
    struct node *node = irsa_calloc(1, sizeof(*node));
    node->start = node->content = byte_of(builder, &event->start_mark);
    node->end = byte_of(builder, &event->end_mark);
    node->in_flow = in_flow;
    if (event->type == YAML_ALIAS_EVENT)
        return build_alias(builder, node, event);
    if (event->type == YAML_SCALAR_EVENT) {
        node->tagged = event->data.scalar.tag != NULL;
        if (event->data.scalar.anchor || node->tagged) {
            size_t at = skip_properties(builder, node, event->data.scalar.anchor != NULL);
            node->content = at < node->end ? at : node->content;
        }
        build_scalar(builder, node, event);
        note_anchor(builder, node, event->data.scalar.anchor);
        return node;
    }
    bool mapping = event->type == YAML_MAPPING_START_EVENT;
    const yaml_char_t *anchor =
        mapping ? event->data.mapping_start.anchor : event->data.sequence_start.anchor;
    const yaml_char_t *tag =
        mapping ? event->data.mapping_start.tag : event->data.sequence_start.tag;
    bool flow = mapping ? event->data.mapping_start.style == YAML_FLOW_MAPPING_STYLE
                        : event->data.sequence_start.style == YAML_FLOW_SEQUENCE_STYLE;
    node->kind = mapping ? NODE_OBJECT : NODE_ARRAY;
    node->style = flow ? STYLE_FLOW : STYLE_BLOCK;
    node->tagged = tag != NULL;
    if (anchor || tag)
        node->content = skip_properties(builder, node, anchor != NULL);
    note_anchor(builder, node, anchor);
    build_collection(builder, node);
    return node;
}

/* Gives each node its value: what stands at its place in the document's. */
static void assign(struct node *node, const json_t *value)
{
    node->value = value;
    if (node->kind == NODE_ALIAS)
        return;
    for (size_t i = 0; i < node->len; i++) {
        struct item *item = &node->items[i];
        if (node->kind == NODE_ARRAY) {
            assign(item->value, json_array_get(value, i));
            continue;
        }
        char *name = item->key_target && item->key_target->value
                         ? irsa_yaml_key(item->key_target->value)
                         : NULL;
        if (name) {
            free(item->name);
            item->name = name;
        }
        if (!item->merge)
            assign(item->value, json_object_get(value, item->name));
    }
}

struct node *irsa_edit_yaml_tree(struct editor *editor, size_t document, const json_t *value)
{
    IRSA_CLEANUP(builder_done) struct builder builder = {.editor = editor};
    builder.bytes = irsa_yaml_parser_start(&builder.parser, editor->text, editor->len);
    struct node *root = NULL;
    size_t indicator_end = 0;
    for (size_t number = 0; !root;) {
        auto_yaml_event event;
        next_event(&builder, &event);
        if (event.type == YAML_DOCUMENT_END_EVENT)
            number++;
        if (number != document || event.type == YAML_STREAM_START_EVENT)
            continue;
        if (event.type == YAML_DOCUMENT_START_EVENT && !event.data.document_start.implicit)
            indicator_end = byte_of(&builder, &event.end_mark);
        bool node_event = event.type == YAML_SCALAR_EVENT || event.type == YAML_MAPPING_START_EVENT
                          || event.type == YAML_SEQUENCE_START_EVENT;
        if (node_event)
            root = build(&builder, &event, false);
    }
    root->indicator_end = indicator_end;
    if (root->style == STYLE_EMPTY && !root->anchor && !root->tagged)
        root->start = root->content = root->end = indicator_end;
    assign(root, value);
    return root;
}
