/* SPDX-License-Identifier: Apache-2.0 */
/* What the YAML reader, writer and editor share: scalars and the parser's set-up. */
#ifndef IRSA_FIX_DOCUMENT_YAML_H
#define IRSA_FIX_DOCUMENT_YAML_H

#include "irsa/document.h"

#include <yaml.h>

static inline void yaml_event_donep(yaml_event_t *event)
{
    yaml_event_delete(event);
}
#define auto_yaml_event IRSA_CLEANUP(yaml_event_donep) yaml_event_t

/* A UTF-8 byte order mark is passed over; returns its length. */
size_t irsa_yaml_parser_start(yaml_parser_t *parser, const char *text, size_t len);

/* The value of a plain scalar, a new reference; NULL for infinities and NaN, which JSON lacks. */
json_t *irsa_yaml_plain(const char *text, size_t len);

/* True for most scalars that are strings, at little cost; what is left needs irsa_yaml_scalar. */
bool irsa_yaml_surely_string(const yaml_event_t *event);

/* The value of a scalar event (tag, style and text), a new reference. Errors carry no position. */
json_t *irsa_yaml_scalar(const yaml_event_t *event, struct irsa_error **reterr);

/* The JSON key that a scalar's value becomes, the caller's; NULL where it can't be one (null). */
char *irsa_yaml_key(const json_t *value);

/* True for the merge key: a plain `<<`, or any scalar tagged !!merge. */
bool irsa_yaml_is_merge(const yaml_event_t *event);

/* True when the string, written plain, reads back as itself, by Kubernetes' reader as by others of
 * YAML 1.1 and 1.2; `flow` inside [] or {}. */
bool irsa_yaml_plain_safe(const char *text, size_t len, bool flow);

enum irsa_quote { IRSA_QUOTE_NONE, IRSA_QUOTE_SINGLE, IRSA_QUOTE_DOUBLE };

/* How new YAML text is laid out. */
struct irsa_yaml_style {
    size_t step;                  /* indentation of a mapping in a mapping */
    size_t sequence_offset;       /* indentation of a sequence in a mapping: 0 or more */
    const char *eol;              /* "\n" or "\r\n" */
    enum irsa_quote value_quote;  /* of strings that stand as values */
    enum irsa_quote key_quote;    /* of keys */
    enum irsa_quote needed_quote; /* of strings that need quotes where NONE was asked */
    bool no_literals;             /* strings of several lines are quoted too, not written with | */
};
#define IRSA_YAML_STYLE                                                                            \
    {                                                                                              \
        .step = 2, .eol = "\n", .needed_quote = IRSA_QUOTE_DOUBLE                                  \
    }

/* A string on one line, quoted as asked or as needed. */
void irsa_yaml_emit_string(struct irsa_buf *buf, const struct irsa_yaml_style *style,
                           const char *text, size_t len, enum irsa_quote quote, bool flow);
/* A key with its colon, at a column of block style or, IRSA_YAML_FLOW, in flow style. */
#define IRSA_YAML_FLOW SIZE_MAX
void irsa_yaml_emit_key(struct irsa_buf *buf, const struct irsa_yaml_style *style, const char *key,
                        size_t column);
/* Any value on one line, collections in flow style. */
void irsa_yaml_emit_flow(struct irsa_buf *buf, const struct irsa_yaml_style *style,
                         const json_t *value);
/* What follows "key:" or "-", up to and with the last line's end: " text\n", or a line's end and
 * the lines of a block. `column` is that of the key or dash. */
void irsa_yaml_emit_after(struct irsa_buf *buf, const struct irsa_yaml_style *style,
                          const json_t *value, size_t column, bool in_sequence);
/* A non-empty collection as block lines at `column`, the first of them not indented. */
void irsa_yaml_emit_block(struct irsa_buf *buf, const struct irsa_yaml_style *style,
                          const json_t *value, size_t column);

#endif
