/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The shared files of the AWS SDKs, ~/.aws/config and ~/.aws/credentials, read as the AWS CLI reads
 * them. botocore's configloader.py over Python's RawConfigParser says what a line means
 * (https://github.com/boto/botocore/blob/develop/botocore/configloader.py); the guide of the SDKs
 * (https://docs.aws.amazon.com/sdkref/latest/guide/file-format.html) is followed where the CLI
 * would only fail. Nothing is ever cut, and no text of a file is repeated in a message but names of
 * sections and keys, since lines hold secrets.
 *
 *  - UTF-8, LF, CRLF or CR; a byte order mark is skipped (the CLI refuses it).
 *  - `#` and `;` begin a comment at the beginning of a line. In the middle of one, behind white
 *    space, they do too, as the SDKs' guide has it; the CLI would keep such a comment in the value
 *    and then refuse it. credential_process alone keeps its text, as it does for the CLI.
 *  - `[name]` up to the last `]` of the line. In the config file: `[default]`, `[profile NAME]`,
 *    `[sso-session NAME]`, `[services NAME]`, where NAME is one word or quoted as for a shell; of
 * two sections of one name (`[profile default]` and `[default]`) the later counts. In the
 * credentials file the section is the profile. `[DEFAULT]` gives its settings to every section of
 * its file.
 *  - `key = value` or `key: value`, keys in any case. A line indented deeper than its key's
 *    goes on with the value; behind an empty value it is a block of settings (`s3 =`).
 *  - The same section or key twice is an error, as it is for the CLI.
 *  - A profile is the settings of both files, key by key, those of the credentials file first.
 */
#ifndef IRSA_FIX_AWS_PROFILE_H
#define IRSA_FIX_AWS_PROFILE_H

#include "irsa/base.h"

struct irsa_aws_entry {
    char *key;   /* lower case; inside a block as it is written */
    char *value; /* as the AWS CLI reads it: may hold line breaks and an inline comment */
    char *plain; /* value without its inline comment; NULL where there is none */
    size_t line; /* of the block, for a setting inside one */
    bool is_block;
    struct irsa_aws_entry *block; /* the settings of a block */
    size_t block_len;
};

struct irsa_aws_section {
    char *name; /* as between the brackets */
    size_t line;
    struct irsa_aws_entry *entries;
    size_t len;
};

struct irsa_aws_ini {
    char *path;
    struct irsa_aws_section *sections; /* in the file's order */
    size_t len;
    struct irsa_aws_section defaults; /* [DEFAULT] */
};

/* Errors: PARSE "PATH:LINE: reason". */
int irsa_aws_ini_parse(const char *path, const char *text, size_t len, struct irsa_aws_ini *ret,
                       struct irsa_error **reterr);
void irsa_aws_ini_done(struct irsa_aws_ini *ini);
#define irsa_auto_aws_ini IRSA_CLEANUP(irsa_aws_ini_done) struct irsa_aws_ini

/* Both files, and the names that they define. */
struct irsa_aws_files {
    struct irsa_aws_ini config;
    struct irsa_aws_ini credentials;
    bool has_config; /* the file exists */
    bool has_credentials;
    struct irsa_map profiles; /* names of the config file to places in config.sections */
    struct irsa_map sso_sessions;
    struct irsa_map services;
    struct irsa_map credential_profiles;
    struct irsa_strings names; /* of all profiles, the config file's first */
};

#define IRSA_AWS_FILE_MAX ((size_t)4 << 20)

/* Reads both; a file that is missing or not a regular one counts as empty, as it does for the CLI.
 * Errors: IO, PARSE, LIMIT. */
int irsa_aws_files_read(const char *config_path, const char *credentials_path,
                        struct irsa_aws_files *ret, struct irsa_error **reterr);
/* The same of texts; NULL: that file is missing. */
int irsa_aws_files_parse(const char *config_path, const struct irsa_buf *config,
                         const char *credentials_path, const struct irsa_buf *credentials,
                         struct irsa_aws_files *ret, struct irsa_error **reterr);
void irsa_aws_files_done(struct irsa_aws_files *files);
#define irsa_auto_aws_files IRSA_CLEANUP(irsa_aws_files_done) struct irsa_aws_files

/* A profile's two sections, borrowed from the files; both NULL: there is none. */
struct irsa_aws_profile {
    const char *name;
    const struct irsa_aws_files *files;
    const struct irsa_aws_section *config;
    const struct irsa_aws_section *credentials;
};
/* Whether the profile exists; *ret is set in either case. */
bool irsa_aws_profile_find(const struct irsa_aws_files *files, const char *name,
                           struct irsa_aws_profile *ret);
/* Fails with NOT_FOUND: the profile, the files looked into, the names near it. Returns -1. */
int irsa_aws_profile_missing(const struct irsa_aws_files *files, const char *name,
                             struct irsa_error **reterr);

/* The entry of a key, or NULL; *ret_path is the file that it stands in. */
const struct irsa_aws_entry *irsa_aws_profile_entry(const struct irsa_aws_profile *profile,
                                                    const char *key, const char **ret_path);
/* The entry in the section of one file alone. */
const struct irsa_aws_entry *irsa_aws_section_entry(const struct irsa_aws_ini *ini,
                                                    const struct irsa_aws_section *section,
                                                    const char *key);
/* The setting of an entry of the file `path`, borrowed; NULL where the entry is NULL or empty.
 * Errors: PARSE, a value of several lines or a block where one line is wanted. */
int irsa_aws_entry_text(const struct irsa_aws_entry *entry, const char *path, const char **ret,
                        struct irsa_error **reterr);
/* Both in one. */
int irsa_aws_profile_get(const struct irsa_aws_profile *profile, const char *key, const char **ret,
                         struct irsa_error **reterr);

/* The section [sso-session NAME] or [services NAME] of the config file, or NULL. */
const struct irsa_aws_section *irsa_aws_sso_session(const struct irsa_aws_files *files,
                                                    const char *name);
const struct irsa_aws_section *irsa_aws_services(const struct irsa_aws_files *files,
                                                 const char *name);

#endif
