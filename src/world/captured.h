/* SPDX-License-Identifier: Apache-2.0 */
/* Inside of the captured world: a directory of files (docs/captured-worlds.md). */
#ifndef IRSA_FIX_WORLD_CAPTURED_H
#define IRSA_FIX_WORLD_CAPTURED_H

#include "irsa/document.h"
#include "irsa/world.h"

struct captured {
    struct irsa_world world; /* first: a struct irsa_world * is one of these */
    char *directory;         /* as the user gave it, for messages */
    char *root;              /* its real path */
    struct irsa_strings ignore;
    struct irsa_strings passed_over;
    struct captured_file *written; /* with world.remember */
    size_t written_count;
    struct irsa_map written_names;
};
/* A file that was written since the world was opened. */
struct captured_file {
    char *name;            /* relative to root, in real paths */
    bool existed;          /* before the first time */
    struct irsa_buf first; /* what it held then */
    char last[65];         /* SHA-256 of what was written last; "": it was removed */
    char *made;            /* the uppermost directory that was made for it, or NULL */
};
/* Notes that a file was written. before, after NULL: no file; made: or NULL. (captured_restore.c)
 */
void irsa_captured_note(struct captured *captured, const char *name, const struct irsa_buf *before,
                        const struct irsa_buf *after, const char *made);
/* The uppermost directory, relative to the root, that has to be made for a new file, so that it can
 * go again; NULL: none. The caller's. (draft_write.c) */
char *irsa_captured_missing_directory(const struct captured *captured, const char *path);
void irsa_captured_forget(struct captured *captured);
int irsa_captured_restore(struct irsa_world *world, const json_t *files, bool whole,
                          struct irsa_strings *ret_left, struct irsa_error **reterr);

/* --- names ------------------------------------------------------------------------------------ */

/* "DIRECTORY/NAME", the caller's. */
char *irsa_captured_path(const struct captured *captured, const char *name);
/* True when a real path is the root or lies under it. */
bool irsa_captured_inside(const struct captured *captured, const char *real_path);
/* True when some --ignore glob covers the name. */
bool irsa_captured_ignored(const struct captured *captured, const char *name);
/* The hint for what can't be read: -1. (captured_walk.c) */
int irsa_captured_hint_ignore(const char *name, struct irsa_error **reterr);

/* --- reading ---------------------------------------------------------------------------------- */

/* The names of all files to be read, in a fixed order. What looks like one and can't be one (a
 * pipe, a link that leads outside) joins captured->passed_over. */
int irsa_captured_walk(struct captured *captured, struct irsa_strings *ret,
                       struct irsa_error **reterr);
int irsa_captured_gather(struct irsa_world *world, struct irsa_facts **ret,
                         struct irsa_error **reterr);
/* The Kubernetes objects of the files alone join facts that are not finished; what AWS answered is
 * passed over: somebody else asked AWS itself. */
int irsa_captured_add_kubernetes(struct irsa_world *captured, struct irsa_facts *facts,
                                 struct irsa_error **reterr);
/* --- writing ---------------------------------------------------------------------------------- */

/* One file before and after: everything is worked out before the first byte is written. */
struct draft {
    char *name; /* relative to the world */
    char *path; /* real path, with links resolved */
    enum irsa_syntax syntax;
    struct irsa_buf before;          /* text found; unused for new files */
    struct irsa_buf after;           /* text that is written; set by irsa_drafts_write */
    struct irsa_documents documents; /* as they shall be */
    struct irsa_text_change *edits;  /* that make them so, in their order; paths and values owned */
    size_t edit_count;
    bool is_new;
    char *made; /* of a new file: the uppermost directory that has to be made, or NULL */
    bool removed;
    bool written;
};
/* What a change did to the drafts, so that it can be taken back alone. */
struct undo {
    enum { UNDO_EDIT, UNDO_REMOVE, UNDO_CREATE } what;
    size_t draft;
    size_t document;
    json_t *root; /* UNDO_EDIT: the document before; owned */
};
struct drafts {
    const struct captured *captured;
    const struct irsa_facts *facts;
    const struct irsa_change *change; /* the one that is worked out */
    struct irsa_error **reterr;       /* its errors */
    struct draft *items;
    size_t len;
    struct irsa_map names; /* name -> place in items */
    struct undo *undos;    /* of the present change */
    size_t undo_count;
};
void irsa_drafts_done(struct drafts *drafts);
/* Begins the next change, and takes back what the present one did. */
void irsa_drafts_begin(struct drafts *drafts, const struct irsa_change *change,
                       struct irsa_error **reterr);
void irsa_drafts_undo(struct drafts *drafts);
/* Writes what changed; after a failure every file is as it was. */
int irsa_drafts_write(struct drafts *drafts, struct irsa_error **reterr);

/* What an edit makes of an object. Gets the object as it is now, and returns the new one in *ret
 * (NULL: nothing to do). -1 with an error set where it is not as the plan saw it. */
typedef int object_edit(struct drafts *drafts, const char *file, const json_t *object,
                        void *context, json_t **ret);
/* True when a value is the object meant (its place may have moved in its list). */
typedef bool object_is(const json_t *object, const void *context);

/* Edits the object that `origin` leads to. Several edits of one file add up. */
int irsa_draft_edit(struct drafts *drafts, const struct irsa_origin *origin, object_is *is,
                    const void *is_context, object_edit *edit, void *context);
/* The same for the whole first document of a file by name. */
int irsa_draft_edit_file(struct drafts *drafts, const char *name, object_edit *edit, void *context);
/* Takes the element or the file of its own away; gone already is done. `check` (or NULL) sees the
 * object as it is now, and edits nothing: -1 where it must stay. */
int irsa_draft_remove(struct drafts *drafts, const struct irsa_origin *origin, object_is *is,
                      const void *is_context, object_edit *check, void *check_context);
/* True where the origin's file is not there any more. */
bool irsa_draft_is_gone(struct drafts *drafts, const struct irsa_origin *origin);
/* A new file, `name` (whose extension says how it is written) or a free name like it; nothing where
 * that file holds `value` already. */
int irsa_draft_create(struct drafts *drafts, const char *name, const json_t *value);
/* The one document of a file by name, or NULL where there is none such. A new reference. */
json_t *irsa_draft_peek(struct drafts *drafts, const char *name);

/* CONFLICT "FILE: TARGET is not as the plan saw it: reason". Returns -1. */
int irsa_draft_conflict(struct drafts *drafts, const char *file, const char *fmt, ...)
    IRSA_PRINTF(3, 4);

/* The changes. */
int irsa_captured_provider(struct drafts *drafts);
int irsa_captured_role(struct drafts *drafts);
int irsa_captured_trust(struct drafts *drafts);
int irsa_captured_attachment(struct drafts *drafts);
int irsa_captured_role_policy(struct drafts *drafts);
int irsa_captured_namespace(struct drafts *drafts);
int irsa_captured_service_account(struct drafts *drafts);
int irsa_captured_workload(struct drafts *drafts);
/* What a rollback takes away (captured_remove.c). Gone already is done. */
int irsa_captured_remove_role(struct drafts *drafts);
int irsa_captured_remove_attachment(struct drafts *drafts);
int irsa_captured_remove_role_policy(struct drafts *drafts);

/* Replaces the policy document object[key] by `after`, in the form that it has (object, JSON text,
 * URL-encoded text); `object` is the caller's copy. before NULL: the one there can't be parsed, or
 * is not there. *ret_changed is false where it is so already. */
int irsa_policy_field_edit(struct drafts *drafts, const char *file, json_t *object, const char *key,
                           const json_t *before, const json_t *after, bool *ret_changed);
/* True when the value is the role of that ARN (a const char *). */
bool irsa_role_is(const json_t *object, const void *arn);
/* True when the answer names the role of that name (a const char *). */
bool irsa_names_role(const json_t *object, const void *role_name);
/* True when the value was found in the list of that name. */
bool irsa_origin_is(const struct irsa_origin *origin, const char *list);
/* {"RoleName": name}, with "RoleArn" where the name alone would not do: another account has such a
 * role. */
json_t *irsa_answer_about(const struct drafts *drafts, const char *arn, const char *name);
/* "iam/roles/NAME" and `rest` and ".json". The caller's. */
char *irsa_file_of_role(const char *name, const char *rest);
/* A name that is safe as part of a file name. The caller's. */
char *irsa_file_part(const char *name);

#endif
