/* SPDX-License-Identifier: Apache-2.0 */
/* The YAML reader: libyaml's events straight into json_t, in one pass, without recursion. */
#include "document/position.h"
#include "document/yaml.h"
#include "document/yaml_anchor.h"

/* Nodes that aliases and merge keys may bring in beyond what the text itself holds: real files use
 * a handful, an alias bomb needs millions. */
#define ALIAS_NODES_MAX 100000

struct frame {
    json_t *value; /* the collection; owned by its parent, or by the reader at the top */
    char *key;     /* in a mapping: the key that waits for its value */
    char *anchor;  /* to be known once the collection is complete */
    yaml_mark_t key_mark;
    bool key_waits;       /* in a mapping: a value comes next */
    bool merge;           /* the key that waits is << */
    struct irsa_map *own; /* once a merge key was seen: the keys that the text itself has */
};

struct reader {
    yaml_parser_t parser;
    const char *name;
    struct irsa_documents *out;
    json_t *root;
    struct frame frames[IRSA_DOCUMENT_MAX_DEPTH];
    size_t depth;
    struct irsa_yaml_anchors anchors;
    size_t nodes;
    size_t alias_nodes;
    irsa_take_item *take; /* or NULL */
    void *take_context;
    bool in_items; /* inside of the sequence at the top-level key `items` */
    struct irsa_error **reterr;
};

size_t irsa_yaml_parser_start(yaml_parser_t *parser, const char *text, size_t len)
{
    if (!yaml_parser_initialize(parser))
        abort();
    size_t mark = len >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0 ? 3 : 0;
    yaml_parser_set_encoding(parser, YAML_UTF8_ENCODING);
    yaml_parser_set_input_string(parser, (const unsigned char *)text + mark, len - mark);
    return mark;
}

static int fail_at(struct reader *reader, const yaml_mark_t *mark, const char *reason)
{
    return irsa_fail(reader->reterr, IRSA_E_PARSE, "%s:%zu:%zu: %s", reader->name, mark->line + 1,
                     mark->column + 1, reason);
}

static int wrap_at(struct reader *reader, const yaml_mark_t *mark)
{
    return irsa_wrap(reader->reterr, "%s:%zu:%zu", reader->name, mark->line + 1, mark->column + 1);
}

static void frame_done(struct frame *frame)
{
    free(frame->key);
    free(frame->anchor);
    if (frame->own) {
        irsa_map_done(frame->own);
        free(frame->own);
    }
    *frame = (struct frame){0};
}

static void document_done(struct reader *reader)
{
    while (reader->depth > 0)
        frame_done(&reader->frames[--reader->depth]);
    irsa_yaml_anchors_done(&reader->anchors);
    json_decref(reader->root);
    reader->root = NULL;
}

static void reader_done(struct reader *reader)
{
    document_done(reader);
    yaml_parser_delete(&reader->parser);
}

static int count_alias(struct reader *reader, size_t nodes, size_t height, const yaml_mark_t *mark)
{
    if (reader->depth + height > IRSA_DOCUMENT_MAX_DEPTH)
        return irsa_fail(reader->reterr, IRSA_E_LIMIT, "%s:%zu:%zu: nested deeper than %d levels",
                         reader->name, mark->line + 1, mark->column + 1, IRSA_DOCUMENT_MAX_DEPTH);
    reader->alias_nodes += nodes;
    if (reader->alias_nodes <= ALIAS_NODES_MAX + reader->nodes)
        return 0;
    return irsa_fail(reader->reterr, IRSA_E_LIMIT, "%s:%zu:%zu: aliases stand for too much content",
                     reader->name, mark->line + 1, mark->column + 1);
}

/* The keys of a mapping that the text gives, apart from those that merging brought. */
static struct irsa_map *own_keys(struct frame *frame)
{
    if (frame->own)
        return frame->own;
    frame->own = irsa_calloc(1, sizeof(*frame->own));
    const char *key;
    json_t *item;
    json_object_foreach(frame->value, key, item)(void) irsa_map_put(frame->own, key, 0);
    return frame->own;
}

/* As Kubernetes' reader does (goyaml.v2/decode.go, `merge`): what is merged replaces keys before
 * it, keys after it replace what was merged, and of several mappings the first wins. */
static int merge(struct reader *reader, struct frame *frame, json_t *source,
                 const yaml_mark_t *mark)
{
    (void)own_keys(frame);
    if (json_is_object(source)) {
        size_t height = 0;
        size_t nodes = irsa_yaml_measure(source, 0, &height);
        if (count_alias(reader, nodes, height, mark) != 0)
            return -1;
        const char *key;
        json_t *item;
        json_object_foreach(source, key, item)
            json_object_set_new_nocheck(frame->value, key, json_deep_copy(item));
        return 0;
    }
    if (!json_is_array(source))
        return fail_at(reader, mark, "a merge key (<<) needs a mapping or a list of mappings");
    for (size_t i = json_array_size(source); i > 0; i--) {
        json_t *item = json_array_get(source, i - 1);
        if (!json_is_object(item))
            return fail_at(reader, mark, "a merge key (<<) needs a mapping or a list of mappings");
        if (merge(reader, frame, item, mark) != 0)
            return -1;
    }
    return 0;
}

static int duplicate_key(struct reader *reader, const struct frame *frame, const char *key)
{
    return irsa_fail(reader->reterr, IRSA_E_PARSE, "%s:%zu:%zu: duplicate key \"%.200s\"",
                     reader->name, frame->key_mark.line + 1, frame->key_mark.column + 1, key);
}

/* Takes key, which now waits for its value. */
static int place_key(struct reader *reader, char *key, const yaml_mark_t *mark)
{
    struct frame *frame = &reader->frames[reader->depth - 1];
    reader->nodes++;
    frame->key = key;
    frame->key_mark = *mark;
    frame->key_waits = true;
    if (!key)
        return fail_at(reader, mark, "a key must be a string, number or boolean");
    if (frame->own && !irsa_map_put(frame->own, key, 0))
        return duplicate_key(reader, frame, key);
    return 0;
}

/* Takes value. */
static int place_member(struct reader *reader, struct frame *frame, json_t *value)
{
    irsa_autofree char *key = irsa_steal(&frame->key);
    frame->key_waits = false;
    if (reader->depth == 1)
        reader->in_items = json_is_array(value) && strcmp(key, "items") == 0;
    size_t before = json_object_size(frame->value);
    json_object_set_new_nocheck(frame->value, key, value);
    if (!frame->own && json_object_size(frame->value) == before)
        return duplicate_key(reader, frame, key);
    return 0;
}

/* Puts a complete scalar, alias or opened collection in its place. Takes value. */
static int place(struct reader *reader, json_t *value, const yaml_mark_t *mark)
{
    reader->nodes++;
    if (reader->depth == 0) {
        reader->root = value;
        return 0;
    }
    struct frame *frame = &reader->frames[reader->depth - 1];
    if (json_is_array(frame->value)) {
        json_array_append_new(frame->value, value);
        return 0;
    }
    if (frame->key_waits)
        return place_member(reader, frame, value);
    char *key = irsa_yaml_key(value);
    json_decref(value);
    return place_key(reader, key, mark);
}

/* A value for << never lands in the mapping itself. Takes value. */
static int place_merged(struct reader *reader, json_t *value, const yaml_mark_t *mark)
{
    json_auto_t *source = value;
    struct frame *frame = &reader->frames[reader->depth - 1];
    frame->merge = false;
    frame->key_waits = false;
    return merge(reader, frame, source, mark);
}

static bool awaits_key(const struct reader *reader)
{
    if (reader->depth == 0)
        return false;
    const struct frame *frame = &reader->frames[reader->depth - 1];
    return json_is_object(frame->value) && !frame->key_waits;
}

static bool awaits_merge(const struct reader *reader)
{
    return reader->depth > 0 && reader->frames[reader->depth - 1].merge;
}

static int on_scalar(struct reader *reader, yaml_event_t *event)
{
    const yaml_mark_t *mark = &event->start_mark;
    if (awaits_key(reader) && irsa_yaml_is_merge(event)) {
        struct frame *frame = &reader->frames[reader->depth - 1];
        frame->merge = true;
        frame->key_waits = true;
        return 0;
    }
    bool string = irsa_yaml_surely_string(event);
    if (string && awaits_key(reader) && !event->data.scalar.anchor)
        return place_key(reader, (char *)irsa_steal(&event->data.scalar.value), mark);
    json_t *value = string ? json_stringn_nocheck((const char *)event->data.scalar.value,
                                                  event->data.scalar.length)
                           : irsa_yaml_scalar(event, reader->reterr);
    if (!value)
        return wrap_at(reader, mark);
    if (event->data.scalar.anchor)
        irsa_yaml_anchor_set(&reader->anchors, (const char *)event->data.scalar.anchor, value);
    return awaits_merge(reader) ? place_merged(reader, value, mark) : place(reader, value, mark);
}

static int on_alias(struct reader *reader, const yaml_event_t *event)
{
    const yaml_mark_t *mark = &event->start_mark;
    const struct irsa_yaml_anchor *anchor =
        irsa_yaml_anchor_find(&reader->anchors, (const char *)event->data.alias.anchor);
    if (!anchor)
        return fail_at(reader, mark, "an alias (*) of an anchor (&) that is not there");
    if (!anchor->value)
        return fail_at(reader, mark, "an alias (*) inside the value it stands for");
    if (count_alias(reader, anchor->nodes, anchor->height, mark) != 0)
        return -1;
    json_t *value = json_deep_copy(anchor->value);
    return awaits_merge(reader) ? place_merged(reader, value, mark) : place(reader, value, mark);
}

static int on_start(struct reader *reader, const yaml_event_t *event, const unsigned char *anchor)
{
    const yaml_mark_t *mark = &event->start_mark;
    if (reader->depth == IRSA_DOCUMENT_MAX_DEPTH)
        return irsa_fail(reader->reterr, IRSA_E_LIMIT, "%s:%zu:%zu: nested deeper than %d levels",
                         reader->name, mark->line + 1, mark->column + 1, IRSA_DOCUMENT_MAX_DEPTH);
    if (awaits_key(reader))
        return fail_at(reader, mark, "a key must be a string, number or boolean");
    json_t *value = event->type == YAML_MAPPING_START_EVENT ? json_object() : json_array();
    if (anchor)
        irsa_yaml_anchor_set(&reader->anchors, (const char *)anchor, NULL);
    if (awaits_merge(reader))
        irsa_yaml_anchors_keep(&reader->anchors, value); /* merged when complete */
    else if (place(reader, value, mark) != 0)
        return -1;
    if (awaits_merge(reader))
        json_decref(value);
    reader->frames[reader->depth++] =
        (struct frame){.value = value, .anchor = anchor ? irsa_strdup((const char *)anchor) : NULL};
    return 0;
}

/* Offers the element of `items` that is complete. Where the text has anchors it is kept: an alias
 * may yet stand for a part of it. */
static int offer_item(struct reader *reader, const json_t *item)
{
    json_t *items = reader->frames[1].value;
    size_t index = json_array_size(items) - 1;
    if (reader->anchors.len > 0)
        return 0;
    int r = reader->take(reader->take_context, reader->out->len, reader->root, index, item,
                         reader->reterr);
    if (r > 0)
        json_array_set_new(items, index, json_null());
    return r < 0 ? -1 : 0;
}

static int on_end(struct reader *reader, const yaml_event_t *event)
{
    struct frame *frame = &reader->frames[reader->depth - 1];
    json_t *value = frame->value;
    if (frame->anchor)
        irsa_yaml_anchor_set(&reader->anchors, frame->anchor, value);
    frame_done(frame);
    reader->depth--;
    if (awaits_merge(reader))
        return place_merged(reader, json_incref(value), &event->start_mark);
    if (reader->take && reader->in_items && reader->depth == 2)
        return offer_item(reader, value);
    reader->in_items = reader->in_items && reader->depth > 1;
    return 0;
}

static void finish_document(struct reader *reader)
{
    struct irsa_documents *out = reader->out;
    out->roots = irsa_grow(out->roots, out->len, sizeof(*out->roots));
    out->roots[out->len++] = irsa_steal(&reader->root);
    document_done(reader);
}

static int on_event(struct reader *reader, yaml_event_t *event)
{
    switch (event->type) {
    case YAML_DOCUMENT_START_EVENT:
        reader->out->lines =
            irsa_grow(reader->out->lines, reader->out->len, sizeof(*reader->out->lines));
        reader->out->lines[reader->out->len] = event->start_mark.line + 1;
        return 0;
    case YAML_DOCUMENT_END_EVENT:
        finish_document(reader);
        return 0;
    case YAML_SCALAR_EVENT:
        return on_scalar(reader, event);
    case YAML_ALIAS_EVENT:
        return on_alias(reader, event);
    case YAML_MAPPING_START_EVENT:
        return on_start(reader, event, event->data.mapping_start.anchor);
    case YAML_SEQUENCE_START_EVENT:
        return on_start(reader, event, event->data.sequence_start.anchor);
    case YAML_MAPPING_END_EVENT:
    case YAML_SEQUENCE_END_EVENT:
        return on_end(reader, event);
    default:
        return 0;
    }
}

static int fail_parser(struct reader *reader, const char *text, size_t skipped)
{
    const yaml_parser_t *parser = &reader->parser;
    if (parser->error == YAML_MEMORY_ERROR)
        abort();
    if (parser->error == YAML_READER_ERROR) {
        size_t line = 0;
        size_t column = 0;
        /* libyaml tells of bad bytes by their offset only. */
        irsa_locate(text, parser->problem_offset + skipped, &line, &column);
        return irsa_fail(reader->reterr, IRSA_E_PARSE, "%s:%zu:%zu: %s", reader->name, line, column,
                         parser->problem);
    }
    if (parser->context)
        return irsa_fail(reader->reterr, IRSA_E_PARSE,
                         "%s:%zu:%zu: %s (%s that starts in line %zu)", reader->name,
                         parser->problem_mark.line + 1, parser->problem_mark.column + 1,
                         parser->problem, parser->context, parser->context_mark.line + 1);
    return fail_at(reader, &parser->problem_mark, parser->problem);
}

static int read_stream(struct reader *reader, const char *text, size_t skipped)
{
    for (;;) {
        auto_yaml_event event;
        if (!yaml_parser_parse(&reader->parser, &event))
            return fail_parser(reader, text, skipped);
        if (event.type == YAML_STREAM_END_EVENT)
            return 0;
        if (on_event(reader, &event) != 0)
            return -1;
    }
}

int irsa_yaml_read(const char *name, const char *text, size_t len, struct irsa_documents *ret,
                   struct irsa_error **reterr)
{
    return irsa_yaml_read_items(name, text, len, /* take= */ NULL, /* context= */ NULL, ret,
                                reterr);
}

int irsa_yaml_read_items(const char *name, const char *text, size_t len, irsa_take_item *take,
                         void *context, struct irsa_documents *ret, struct irsa_error **reterr)
{
    irsa_auto_documents documents = {0};
    IRSA_CLEANUP(reader_done)
    struct reader reader = {
        .name = name, .out = &documents, .take = take, .take_context = context, .reterr = reterr};
    size_t skipped = irsa_yaml_parser_start(&reader.parser, text, len);
    if (read_stream(&reader, text, skipped) != 0)
        return -1;
    *ret = documents;
    documents = (struct irsa_documents){0};
    return 0;
}
