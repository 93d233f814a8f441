/* SPDX-License-Identifier: Apache-2.0 */
/*
 * document: JSON (jansson) and YAML (libyaml) both read into json_t, written back, edited in place,
 * expanded from templates, and compared as unified diffs. The readers are strict and bounded; the
 * editor changes the bytes concerned and nothing else, and proves it by reading its result again.
 */
#ifndef IRSA_FIX_DOCUMENT_H
#define IRSA_FIX_DOCUMENT_H

#include "irsa/base.h"

#include <jansson.h>

/* Bounds on what is read. Depth is far above what AWS and Kubernetes produce. */
#define IRSA_DOCUMENT_MAX_BYTES ((size_t)1 << 30)
#define IRSA_DOCUMENT_MAX_DEPTH 200

enum irsa_syntax { IRSA_SYNTAX_JSON, IRSA_SYNTAX_YAML };

/* By extension (.json, .yaml, .yml; case ignored); false where it is none of them. */
bool irsa_syntax_of(const char *path, enum irsa_syntax *ret_syntax);

/* --- reading ---------------------------------------------------------------------------------- */

/* The documents of one text: one for JSON, any number for YAML. */
struct irsa_documents {
    json_t **roots; /* each owned; an empty YAML document is json null */
    size_t *lines;  /* the line (from 1) on which each document starts */
    size_t len;
};
void irsa_documents_done(struct irsa_documents *documents);
#define irsa_auto_documents IRSA_CLEANUP(irsa_documents_done) struct irsa_documents

/* Reads one JSON text (RFC 8259; a UTF-8 byte order mark is passed over). Any JSON value may stand
 * at the top. Object order is kept. Refused, always as "name:line:column: reason" (PARSE; LIMIT for
 * depth): bad UTF-8, NUL bytes and \u0000, duplicate keys, text after the value, an empty text.
 * Returns a new reference. */
json_t *irsa_json_read(const char *name, const char *text, size_t len, struct irsa_error **reterr);

/* Which members of objects are wanted: an array that ends in {NULL}. `below` NULL: all of the
 * value; else of the object, or of each object in the array, only these members. */
struct irsa_json_fields {
    const char *key;
    const struct irsa_json_fields *below;
};
/* Reads what is wanted of a long JSON text (fields NULL: all); order is kept. Of duplicate keys the
 * last counts. What is not wanted is only checked for strings that end and brackets that pair in
 * number. Errors as above (PARSE, LIMIT). A new reference. */
json_t *irsa_json_read_fields(const char *name, const char *text, size_t len,
                              const struct irsa_json_fields *fields, struct irsa_error **reterr);

/* Reads a YAML stream as Kubernetes' reader does (sigs.k8s.io/yaml over goyaml.v2,
 * https://github.com/kubernetes-sigs/yaml/blob/master/goyaml.v2/resolve.go), so that what the API
 * server would see as no string is none here: plain scalars only are typed; y, yes, on, true, n,
 * no, off, false are booleans; 012 is octal, 0o7, 0x1f, 0b1 and 1_000 are integers; 1e3 is a real,
 * and so is 012345678912, which is no octal number (an account id without quotes!); integers beyond
 * 64 bits signed are reals; dates stay strings. Tags of one's own (!x) say nothing; those of the
 * core schema (!!int) must fit. Keys that are numbers or booleans become strings. Anchors, aliases
 * and merge keys (<<) are resolved: a merge key replaces what stands before it in its mapping, keys
 * after it replace what it brought. Duplicate keys, keys that are null or collections, infinities,
 * NUL, !!binary, depth and alias expansion beyond the bounds are refused as "name:line:column:
 * reason". */
int irsa_yaml_read(const char *name, const char *text, size_t len, struct irsa_documents *ret,
                   struct irsa_error **reterr);

/* Called for an element of the sequence at a document's top-level key `items` when it is complete:
 * `root` is what was read of the document before it, `index` its place. 1: it was taken, and null
 * stands in its place in the document; 0: it stays; -1: an error. */
typedef int irsa_take_item(void *context, size_t document, const json_t *root, size_t index,
                           const json_t *item, struct irsa_error **reterr);
/* As irsa_yaml_read, for long lists: what is taken need not be held as a whole. Where a document
 * has anchors nothing more of it is offered. */
int irsa_yaml_read_items(const char *name, const char *text, size_t len, irsa_take_item *take,
                         void *context, struct irsa_documents *ret, struct irsa_error **reterr);

/* Either of them. */
int irsa_document_read(enum irsa_syntax syntax, const char *name, const char *text, size_t len,
                       struct irsa_documents *ret, struct irsa_error **reterr);

/* --- paths and pointers: object keys (strings) and array places (integers) in a json array ---- */

/* Borrowed, or NULL where the path leads nowhere. An empty path is the value itself. */
json_t *irsa_json_at(const json_t *value, const json_t *path);
/* `json_object_get` chains that stop at the first miss: irsa_json_get(v, "metadata", "name", NULL).
 * Borrowed or NULL. */
json_t *irsa_json_get(const json_t *value, ...) __attribute__((sentinel));
/* Members of answers: `value` becomes the object's own; a text that may be NULL (null then); a
 * number. The last two are new references. */
void irsa_json_set(json_t *object, const char *key, json_t *value);
json_t *irsa_json_text(const char *text);
json_t *irsa_json_size(size_t n);
/* The string at such a chain, or NULL where it is missing or no string. Borrowed. */
const char *irsa_json_string(const json_t *value, ...) __attribute__((sentinel));
/* "Statement[0].Condition.StringEquals" for messages; the caller's. */
char *irsa_json_path_text(const json_t *path);

/* The line (from 1) on which the value at `path` of document number `document` begins, or the
 * nearest value around it where the path leads nowhere; 0 where the text can't be read. */
size_t irsa_text_line(enum irsa_syntax syntax, const char *text, size_t len, size_t document,
                      const json_t *path);

/* --- writing ---------------------------------------------------------------------------------- */

/* Indented by 4 as the AWS CLI and kubectl print it, keys in their order, a final newline.
 * Characters outside ASCII are kept as UTF-8. */
void irsa_json_write(const json_t *value, struct irsa_buf *ret);
/* Without any white space, keys in their order. */
void irsa_json_write_compact(const json_t *value, struct irsa_buf *ret);
/* The same with keys sorted: equal values give equal bytes (digests). */
void irsa_json_write_canonical(const json_t *value, struct irsa_buf *ret);
/* Block style, two spaces, a final newline; a string that would read back as anything else (by the
 * core schema or by YAML 1.1) is quoted. */
void irsa_yaml_write(const json_t *value, struct irsa_buf *ret);

/* --- keeping ---------------------------------------------------------------------------------- */

/* A value as a few bytes, for values of which many are kept and few are looked at: a fifth of the
 * memory, and ten times as fast as to write and read it. Equal bytes are equal values with their
 * keys in the same order. For this process alone. */
void irsa_json_freeze(const json_t *value, struct irsa_buf *ret);
/* The value whose bytes these are: nothing in them is checked. A new reference. */
json_t *irsa_json_thaw(const char *frozen);

/* --- editing in place ------------------------------------------------------------------------- */

/* The value at `path` of document number `document` (from 0) shall be `after`; NULL removes the key
 * or element. */
struct irsa_text_change {
    size_t document;
    const json_t *path;
    const json_t *after;
};

/* Makes the changes, each seeing what those before it did, by touching only the bytes concerned: it
 * walks the old and the new value side by side and replaces, inserts or removes what differs in the
 * end. Comments, quoting, indentation, key order, anchors, other documents, line ends (LF, CRLF), a
 * byte order mark and a missing final newline survive. Missing parents of a path's last key are
 * created as mappings. New text takes the style of its surroundings (indentation, flow or block,
 * quotes). The result is read again before it is returned: unless every document equals what was
 * asked, and nothing else changed, it fails and returns nothing. An alias (*x) in the way is
 * replaced by an explicit copy with the change; an anchor (&x) that others refer to is never
 * changed through it: it moves, with the old value, to the first alias. An array's place one behind
 * its last appends. Errors: PARSE (the text), NOT_FOUND (document or path), INTERNAL (the proof
 * failed). */
int irsa_text_edit(enum irsa_syntax syntax, const char *name, const char *text, size_t len,
                   const struct irsa_text_change *changes, size_t count, struct irsa_buf *ret,
                   struct irsa_error **reterr);

/* --- policy texts: IAM returns documents URL-encoded (RFC 3986) in its wire format ------------ */

/* Decodes %XX; false on a bad escape or a NUL. `+` stays (RFC 3986 has no meaning for it). */
bool irsa_url_decode(const char *text, struct irsa_buf *ret);
/* Encodes all but RFC 3986's unreserved characters. */
void irsa_url_encode(const char *text, size_t len, struct irsa_buf *ret);

/* --- templates -------------------------------------------------------------------------------- */

/* The names of the compiled-in templates ("trust-policy.json", ...), NULL after the last. */
const char *const *irsa_template_names(void);

/* Where templates come from: compiled in, each overridden by a file of the same name in a
 * directory. */
struct irsa_templates;
/* dir NULL: the compiled-in ones alone. Files in dir with no template's name are errors with the
 * nearest right name, except names that start with a dot. Errors: IO, PARSE. */
int irsa_templates_load(const char *dir, struct irsa_templates **ret, struct irsa_error **reterr);
void irsa_templates_free(struct irsa_templates *templates);
/* The text of one template (NUL-terminated), or NULL for an unknown name. */
const char *irsa_template_text(const struct irsa_templates *templates, const char *name);

/* Reads the template and replaces ${name} in every string node and key by the string
 * variables[name] (a JSON object of strings). `$${` stands for a literal `${`; a lone `$` is
 * itself. An unknown or unset placeholder, or one that is not closed, is an error "file:line: ...",
 * with the nearest right name as hint. The one document must be an object. Returns a new reference.
 */
json_t *irsa_template_expand(const struct irsa_templates *templates, const char *name,
                             const json_t *variables, struct irsa_error **reterr);

/* --- diff ------------------------------------------------------------------------------------- */

/* Unified diff (three lines of context) of two texts, by a minimal edit script (Myers 1986).
 * NULL stands for a file that is not there: its side is named /dev/null. Nothing is added where
 * they are equal. "\ No newline at end of file" as diff(1) has it. */
void irsa_diff_unified(const char *before, const char *after, const char *before_name,
                       const char *after_name, struct irsa_buf *ret);

/* Where two texts differ: a_len bytes of the one stand for b_len bytes of the other. */
struct irsa_hunk {
    size_t a, a_len;
    size_t b, b_len;
};
/* All such places in their order, in any bytes: found by lines and, within lines, by what commas
 * and brackets end; then trimmed to the bytes that differ. *ret is the caller's; their number. */
size_t irsa_diff_hunks(const char *a, size_t a_len, const char *b, size_t b_len,
                       struct irsa_hunk **ret);

#endif
