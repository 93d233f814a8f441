/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The editor in place, seen from inside. A text becomes a tree of nodes that know their bytes
 * (edit_json.c, edit_yaml.c); the tree is walked side by side with the value that is wanted
 * (edit_walk.c, edit_align.c), which collects replacements of bytes (edit_flow.c for JSON and
 * YAML's flow style, edit_block.c for its block style, edit_anchor.c for what anchors need); edit.c
 * carries them out and proves the result.
 */
#ifndef IRSA_FIX_DOCUMENT_EDIT_H
#define IRSA_FIX_DOCUMENT_EDIT_H

#include "document/yaml.h"

enum node_kind { NODE_SCALAR, NODE_OBJECT, NODE_ARRAY, NODE_ALIAS };

enum node_style {
    STYLE_EMPTY, /* a null of no characters */
    STYLE_PLAIN,
    STYLE_SINGLE,
    STYLE_DOUBLE,
    STYLE_BLOCK_SCALAR, /* | and > */
    STYLE_BLOCK,        /* collections */
    STYLE_FLOW,
};

struct node {
    enum node_kind kind;
    enum node_style style;
    size_t start;   /* where the anchor or tag begins, if there is one */
    size_t content; /* where the value itself begins */
    size_t end;     /* behind its last byte; block scalars: behind their last line's end */
    size_t column;  /* block collections: where keys or dashes stand */
    char *anchor;
    size_t anchor_start;
    bool tagged;
    struct node *target; /* of an alias */
    const json_t *value; /* what it has now, borrowed; NULL inside a merge key's own mapping */
    struct node *parent; /* NULL at the root */
    size_t place;        /* index among the parent's items */
    struct item *items;
    size_t len;
    size_t indicator_end; /* behind the ':' or '-' (or '---') that it follows; 0 if there is none */
    bool in_flow;         /* it stands inside of [] or {} */
    bool expanded;        /* JSON: items are filled in */
    bool changed;         /* the value wanted is another */
    bool gone;            /* its bytes are replaced or removed */
};

struct item {
    size_t start; /* of the key, its '?', the dash, or the element */
    size_t key_start;
    size_t key_end;
    enum node_style key_style;
    char *name;              /* members only */
    bool merge;              /* << */
    struct node *key_target; /* where the key is an alias */
    struct node *value;
};

/* How JSON text is laid out. */
struct json_style {
    char unit[33];      /* one level of indentation */
    const char *colon;  /* between key and value: ": " or so */
    const char *comma;  /* between elements on one line */
    const char *pad;    /* inside of one-line braces */
    bool inline_arrays; /* arrays of scalars stand on one line */
};

struct edit {
    size_t at;
    size_t len;
    char *text;
    size_t text_len;
    size_t order;
};

struct editor {
    enum irsa_syntax syntax;
    const char *text;
    size_t len;
    size_t skipped; /* the byte order mark */
    bool unended;   /* the text had no final newline; here it has */
    struct irsa_yaml_style style;
    struct json_style json;
    struct edit *edits;
    size_t edits_len;
    struct node **aliases; /* in the document's order */
    size_t aliases_len;
    bool json_like;   /* JSON text, also where a YAML file is written so */
    bool no_literals; /* second attempt: a comment below would become part of a literal */
    bool wholesale;   /* third: collections with more or fewer items are written anew */
};

/* --- trees ------------------------------------------------------------------------------------ */

void irsa_node_free(struct node *node);
/* A collection in [] or {}: all flow ones but YAML's single pair ([key: value]). */
bool irsa_node_has_brackets(const struct editor *editor, const struct node *node);
/* The tree of the JSON text, or of document number `document` of the YAML text, whose value is
 * `value`. The text has been read before: it is valid. */
struct node *irsa_edit_json_tree(struct editor *editor, const json_t *value);
struct node *irsa_edit_yaml_tree(struct editor *editor, size_t document, const json_t *value);
/* JSON trees fill in a collection's items when they are needed. */
void irsa_edit_json_expand(const struct editor *editor, struct node *node);
void irsa_edit_json_style(struct editor *editor);

/* --- collecting edits ------------------------------------------------------------------------- */

void irsa_edit_add(struct editor *editor, size_t at, size_t len, const char *text, size_t text_len);
void irsa_edit_adds(struct editor *editor, size_t at, size_t len, const char *text);
/* The node and all below it will be no more. */
void irsa_edit_gone(struct node *node);

/* Makes the node's text say `wanted`. */
void irsa_edit_walk(struct editor *editor, struct node *node, const json_t *wanted);
/* Replaces the node's whole value, after `prefix` ("&anchor " or ""). */
void irsa_edit_place(struct editor *editor, struct node *node, const json_t *wanted,
                     const char *prefix);
void irsa_edit_place_block(struct editor *editor, struct node *node, const json_t *wanted,
                           const char *prefix);
void irsa_edit_place_flow(struct editor *editor, struct node *node, const json_t *wanted,
                          const char *prefix);
/* Fills an empty collection that has a comment between its brackets; false where there is none. */
bool irsa_edit_fill(struct editor *editor, const struct node *node, const json_t *wanted);
/* Aliases of what was changed or removed keep what they stood for. */
void irsa_edit_anchors(struct editor *editor);

/* --- alignment -------------------------------------------------------------------------------- */

struct wanted_item {
    const char *key; /* NULL in arrays */
    const json_t *value;
    ptrdiff_t gap; /* to be put before old item number gap (len: at the end); -1: nothing to put */
};

#define ALIGN_REMOVE (-1)
#define ALIGN_KEEP (-2)

struct alignment {
    ptrdiff_t *old; /* for each old item: the wanted item that it becomes, or the values above */
    size_t old_len;
    struct wanted_item *wanted;
    size_t wanted_len;
    bool regular; /* nothing is put in, removed or renamed */
};
void irsa_alignment_done(struct alignment *alignment);
#define auto_alignment IRSA_CLEANUP(irsa_alignment_done) struct alignment

void irsa_align(const struct node *node, const json_t *wanted, struct alignment *ret);

/* How items come and go inside of a collection: whole lines in block style, commas in flow style.
 */
struct edit_style {
    /* Puts in what is wanted before item number `gap`. */
    void (*insert_gap)(struct editor *editor, const struct node *node,
                       const struct alignment *alignment, size_t gap);
    /* Items first..last go. */
    void (*remove_run)(struct editor *editor, const struct node *node, size_t first, size_t last);
    void (*rename_key)(struct editor *editor, const struct item *item, const char *key);
};
extern const struct edit_style irsa_edit_block;
extern const struct edit_style irsa_edit_flow;
/* The quotes that a key has. */
enum irsa_quote irsa_key_quote(const struct item *item);

/* --- text ------------------------------------------------------------------------------------- */

size_t irsa_line_start(const struct editor *editor, size_t at);
/* The line end (LF, CRLF) or the text's end at or after `at`. */
size_t irsa_line_end(const struct editor *editor, size_t at);
/* The start of the line after `at`, or the text's end. */
size_t irsa_next_line(const struct editor *editor, size_t at);
/* "\n" or "\r\n", as the line before `at` has it. */
const char *irsa_eol_near(const struct editor *editor, size_t at);
bool irsa_all_blank(const struct editor *editor, size_t from, size_t to);
/* Over white space, line ends and comments. */
size_t irsa_skip_blank(const struct editor *editor, size_t at);
/* The quotes that the siblings of a new item have by choice, for values and keys. */
struct irsa_yaml_style irsa_style_of(const struct editor *editor, const struct node *parent,
                                     size_t at);

/* JSON text of a value. indent NULL: on one line; else what the line that it starts on begins with.
 */
void irsa_json_emit(struct irsa_buf *buf, const struct editor *editor, const json_t *value,
                    const char *indent, const char *eol);

#endif
