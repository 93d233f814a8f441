/* SPDX-License-Identifier: Apache-2.0 */
#include "identity/text.h"
#include "irsa/identity.h"

/* A broken role ARN while it is taken apart: the parts found so far, borrowed from the text's
 * colon-separated parts or from the caller. */
struct guess {
    const struct irsa_strings *parts;
    size_t at; /* the next part to look at */
    const char *partition;
    const char *account;
};

static const char *next(const struct guess *guess)
{
    return guess->at < guess->parts->len ? guess->parts->items[guess->at] : "";
}

/* Percent signs come from URLs, backslashes from shells ("role\/x", a literal "\n" at the end);
 * quotes and white space (inside too: folded YAML) from everywhere; none of these is ever part of
 * a role's ARN. */
static char *clean(const char *text)
{
    irsa_auto_buf buf = {0};
    for (const char *p = text; *p; p++) {
        if (p[0] == '\\' && strchr("nrt", p[1]) && p[1] != '\0'
            && strspn(p + 2, "\"' ") == strlen(p + 2)) {
            p++;
            continue;
        }
        if (strncasecmp(p, "%3a", 3) == 0 || strncasecmp(p, "%2f", 3) == 0) {
            irsa_buf_addc(&buf, p[1] == '3' ? ':' : '/');
            p += 2;
            continue;
        }
        if ((*p == '"' || *p == '\'') && p[1] == ',') { /* a line of JSON */
            p++;
            continue;
        }
        if (!irsa_is_space(*p) && !strchr("\"'`\\<>;", *p))
            irsa_buf_addc(&buf, *p);
    }
    return irsa_buf_steal(&buf);
}

/* Where the value begins in a pasted `eks.amazonaws.com/role-arn: arn:...`. */
static const char *after_key(const char *text)
{
    static const char *const keys[] = {"role-arn:", "role-arn=", "role_arn:", "role_arn="};
    for (size_t i = 0; i < IRSA_COUNT(keys); i++) {
        const char *key = strstr(text, keys[i]);
        if (key)
            return key + strlen(keys[i]);
    }
    return text;
}

/* The parts between colons; where slashes took a colon's place in front of the resource
 * (arn:aws:iam::123456789012/role/x), the part is cut at its first slash. Empty parts go. */
static void split_parts(const char *text, struct irsa_strings *parts)
{
    while (*text) {
        size_t len = strcspn(text, ":");
        size_t digits = strspn(text, "0123456789");
        if (digits >= 10 && digits <= 14 && text[digits] == '/')
            len = digits;
        if (len > 0)
            irsa_strings_take(parts, irsa_strndup(text, len));
        text += len;
        if (*text)
            text++;
    }
}

static void take_begin(struct guess *guess)
{
    irsa_autofree char *word = irsa_lower_text(next(guess));
    if (!irsa_partition_known(word) && irsa_edit_distance(word, "arn", 1) <= 1)
        guess->at++;
}

/* The partition asked for wins: a role of another one can never be assumed. */
static bool take_partition(struct guess *guess)
{
    irsa_autofree char *word = irsa_lower_text(next(guess));
    if (irsa_edit_distance(word, "iam", 1) > 1 || irsa_partition_known(word)) {
        const char *nearest = irsa_partition_nearest(word);
        if (nearest) {
            guess->at++;
            guess->partition = guess->partition ? guess->partition : nearest;
        }
    }
    return guess->partition != NULL;
}

static void take_service_and_region(struct guess *guess)
{
    irsa_autofree char *word = irsa_lower_text(next(guess));
    if (irsa_edit_distance(word, "iam", 1) <= 1 || strcmp(word, "sts") == 0)
        guess->at++;
    if (irsa_partition_of_region(next(guess)))
        guess->at++;
}

/* Takes the account; where it is not twelve digits, the one asked for is meant if it is near. */
static char *take_account(struct guess *guess)
{
    irsa_auto_buf digits = {0};
    const char *part = next(guess);
    for (const char *p = part; *p; p++) {
        if (!irsa_is_digit(*p) && *p != '-')
            return guess->account ? irsa_strdup(guess->account) : NULL;
        if (irsa_is_digit(*p))
            irsa_buf_addc(&digits, *p);
    }
    guess->at++;
    if (irsa_account_id_valid(irsa_buf_str(&digits)))
        return irsa_buf_steal(&digits);
    if (guess->account && irsa_edit_distance(irsa_buf_str(&digits), guess->account, 2) <= 2)
        return irsa_strdup(guess->account);
    return NULL;
}

/* The rest as one text TYPE/PATH/NAME without doubled or outer slashes; NULL where colons stand
 * anywhere but between type and name. */
static char *take_resource(const struct guess *guess)
{
    size_t rest = guess->parts->len > guess->at ? guess->parts->len - guess->at : 0;
    if (rest < 1 || rest > 2)
        return NULL;
    irsa_autofree char *joined =
        irsa_format("/%s/%s", next(guess), rest == 2 ? guess->parts->items[guess->at + 1] : "");
    irsa_autofree char *plain = irsa_squeeze_slashes(joined);
    size_t len = strlen(plain);
    while (len > 1 && plain[len - 1] == '/')
        len--;
    return len > 1 ? irsa_strndup(plain + 1, len - 1) : NULL;
}

/* /PATH/NAME of the role that a resource most likely means, the caller's, or NULL: policies, users
 * and whatever else has a type of its own mean no role. */
static char *role_of_resource(const char *resource)
{
    size_t type_len = strcspn(resource, "/");
    irsa_autofree char *type = irsa_strndup(resource, type_len);
    irsa_autofree char *lower = irsa_lower_text(type);
    const char *rest = resource + type_len;
    static const char *const types[] = {"role", "roles", "assumed-role", "instance-profile",
                                        "root"};
    bool is_type = false;
    for (size_t i = 0; i < IRSA_COUNT(types); i++)
        is_type = is_type || strcmp(lower, types[i]) == 0;
    irsa_autofree char *name_problem = irsa_role_name_problem(resource);
    if (*rest == '\0')
        return is_type || name_problem ? NULL : irsa_format("/%s", resource);
    if (irsa_edit_distance(lower, "role", 1) <= 1 || strcmp(lower, "instance-profile") == 0)
        return irsa_strdup(rest);
    if (irsa_edit_distance(lower, "assumed-role", 1) <= 1)
        return irsa_strndup(rest, 1 + strcspn(rest + 1, "/"));
    return NULL;
}

static char *checked(const char *partition, const char *account, const char *role)
{
    const char *name = strrchr(role, '/') + 1;
    irsa_autofree char *path = irsa_strndup(role, (size_t)(name - role));
    irsa_autofree char *name_problem = irsa_role_name_problem(name);
    irsa_autofree char *path_problem = irsa_role_path_problem(path);
    if (name_problem || path_problem || !irsa_partition_known(partition)
        || !irsa_account_id_valid(account))
        return NULL;
    return irsa_role_arn_text(partition, account, path, name);
}

static char *guess_from_parts(const struct irsa_strings *parts, const char *partition,
                              const char *account)
{
    struct guess guess = {.parts = parts, .partition = partition, .account = account};
    take_begin(&guess);
    if (!take_partition(&guess))
        return NULL;
    take_service_and_region(&guess);
    irsa_autofree char *account_found = take_account(&guess);
    irsa_autofree char *resource = account_found ? take_resource(&guess) : NULL;
    irsa_autofree char *role = resource ? role_of_resource(resource) : NULL;
    return role ? checked(guess.partition, account_found, role) : NULL;
}

static char *guess_from_name(const char *text, const char *partition, const char *account)
{
    if (!partition || !account)
        return NULL;
    while (*text == '/')
        text++;
    irsa_autofree char *squeezed = irsa_squeeze_slashes(text);
    irsa_autofree char *role = role_of_resource(squeezed);
    return role ? checked(partition, account, role) : NULL;
}

char *irsa_role_arn_guess(const char *text, const char *partition, const char *account)
{
    irsa_autofree char *cleaned = clean(text);
    const char *value = after_key(cleaned);
    if (*value == '\0')
        return NULL;
    irsa_auto_strings parts = {0};
    split_parts(value, &parts);
    if (!strchr(value, ':'))
        return guess_from_name(value, partition, account);
    return guess_from_parts(&parts, partition, account);
}
