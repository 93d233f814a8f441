/* SPDX-License-Identifier: Apache-2.0 */
#include "random.h"

static const char *const words[] = {
    "a",
    "b",
    "metadata",
    "eks.amazonaws.com/role-arn",
    "yes",
    "012",
    "x: y",
    "#no",
    "a # b",
    "arn:aws:iam::1:role/x",
    "",
    " lead",
    "trail ",
    "- dash",
    "two\nlines",
    "end\n",
    "it's",
    "say \"q\"",
    "{brace",
    "[x, y]",
    "*star",
    "&and",
    "null",
    "~",
    "tab\there",
    "\xc3\xa4",
    "\xe2\x82\xac x",
    "1e3",
    "back\\slash",
    "? q",
    "a,b",
    "!tag",
    "%pct",
    "@at",
    "key:",
    "...",
    "---",
    "<<",
    "=",
    "2001-01-01",
    "\n",
    "a\n\n\n",
};

static const char *random_word(struct random *random)
{
    return words[random_below(random, IRSA_COUNT(words))];
}

static json_t *random_scalar(struct random *random)
{
    switch (random_below(random, 8)) {
    case 0:
        return json_integer((json_int_t)random_below(random, 2000) - 1000);
    case 1:
        return json_boolean(random_below(random, 2));
    case 2:
        return json_null();
    case 3:
        return json_real((double)random_below(random, 100) / 8.0);
    default:
        return json_string(random_word(random));
    }
}

json_t *random_value(struct random *random, int depth)
{
    unsigned int kind = random_below(random, 10);
    if (depth <= 0 || kind < 3)
        return random_scalar(random);
    unsigned int len = random_below(random, 5);
    if (kind < 7) {
        json_t *object = json_object();
        for (unsigned int i = 0; i < len; i++)
            json_object_set_new(object, random_word(random), random_value(random, depth - 1));
        return object;
    }
    json_t *array = json_array();
    for (unsigned int i = 0; i < len; i++)
        json_array_append_new(array, random_value(random, depth - 1));
    return array;
}

static void add_comment(struct random *random, struct irsa_buf *ret)
{
    if (random_below(random, 4) == 0)
        irsa_buf_addf(ret, " # c%u", ++random->comments);
    else if (random_below(random, 8) == 0)
        irsa_buf_adds(ret, "  ");
}

static void add_lines(struct random *random, size_t column, struct irsa_buf *ret)
{
    add_comment(random, ret);
    irsa_buf_addc(ret, '\n');
    if (random_below(random, 6) == 0)
        irsa_buf_addf(ret, "%*s# c%u\n", (int)(column + random_below(random, 3)), "",
                      ++random->comments);
    if (random_below(random, 10) == 0)
        irsa_buf_addc(ret, '\n');
}

static bool is_simple(const char *text)
{
    return *text && text[strspn(text, "abcdefghijklmnopqrstuvwxyz./-")] == '\0' && *text != '-'
           && *text != '.' && strcmp(text, "yes") != 0 && strcmp(text, "null") != 0;
}

static void add_string(struct random *random, const char *text, struct irsa_buf *ret)
{
    json_auto_t *string = json_string(text);
    irsa_autofree char *quoted = json_dumps(string, JSON_ENCODE_ANY);
    bool printable = !strpbrk(text, "\n\t");
    if (is_simple(text) && random_below(random, 3) > 0) {
        irsa_buf_adds(ret, text);
    } else if (printable && random_below(random, 2)) {
        irsa_buf_addc(ret, '\'');
        for (; *text; text++)
            irsa_buf_adds(ret, *text == '\'' ? "''" : (char[]){*text, '\0'});
        irsa_buf_addc(ret, '\'');
    } else {
        irsa_buf_adds(ret, quoted);
    }
}

static void add_scalar(struct random *random, const json_t *value, struct irsa_buf *ret)
{
    if (json_is_string(value)) {
        add_string(random, json_string_value(value), ret);
        return;
    }
    irsa_autofree char *text = json_dumps(value, JSON_ENCODE_ANY);
    irsa_buf_adds(ret, text);
}

static void add_gap(struct random *random, size_t column, struct irsa_buf *ret)
{
    switch (random_below(random, 6)) {
    case 0:
        add_comment(random, ret);
        irsa_buf_addf(ret, "\n%*s", (int)column + 1, "");
        break;
    case 1:
        break;
    default:
        irsa_buf_addc(ret, ' ');
    }
}

/* An alias in place of the value, where an anchor has the same. */
static bool add_alias(struct random *random, const json_t *value, struct irsa_buf *ret)
{
    for (unsigned int i = 0; i < random->anchors; i++) {
        if (json_equal(random->anchored[i], value) && random_below(random, 4) > 0) {
            irsa_buf_addf(ret, "*a%u", i);
            return true;
        }
    }
    return false;
}

/* The value becomes an anchor's, sometimes. Returns true if it does. */
static bool add_anchor(struct random *random, const json_t *value, struct irsa_buf *ret)
{
    if (random->anchors == IRSA_COUNT(random->anchored) || random_below(random, 8) > 0)
        return false;
    irsa_buf_addf(ret, "&a%u", random->anchors);
    random->anchored[random->anchors++] = value;
    return true;
}

static void add_flow(struct random *random, const json_t *value, size_t column,
                     struct irsa_buf *ret)
{
    bool object = json_is_object(value);
    if (add_alias(random, value, ret))
        return;
    if (!json_is_null(value) && !object && !json_is_array(value) && add_anchor(random, value, ret))
        irsa_buf_addc(ret, ' ');
    if (!object && !json_is_array(value)) {
        add_scalar(random, value, ret);
        return;
    }
    irsa_buf_addc(ret, object ? '{' : '[');
    size_t len = object ? json_object_size(value) : json_array_size(value);
    void *iter = object ? json_object_iter((json_t *)value) : NULL;
    for (size_t i = 0; i < len; i++) {
        add_gap(random, column, ret);
        if (object) {
            add_string(random, json_object_iter_key(iter), ret);
            irsa_buf_adds(ret, ": ");
        }
        add_flow(random, object ? json_object_iter_value(iter) : json_array_get(value, i),
                 column + 1, ret);
        iter = object ? json_object_iter_next((json_t *)value, iter) : NULL;
        if (i + 1 < len || random_below(random, 5) == 0)
            irsa_buf_addc(ret, ',');
    }
    add_gap(random, column, ret);
    irsa_buf_addc(ret, object ? '}' : ']');
}

static void add_block(struct random *random, const json_t *value, size_t column,
                      struct irsa_buf *ret);

static bool is_block(struct random *random, const json_t *value)
{
    return (json_object_size(value) > 0 || json_array_size(value) > 0)
           && random_below(random, 4) > 0;
}

/* A literal block, where the text allows one. */
static bool add_literal(struct random *random, const json_t *value, size_t column,
                        struct irsa_buf *ret)
{
    const char *text = json_string_value(value);
    if (!text || strpbrk(text, "\t") || *text == ' ' || *text == '\n' || !*text
        || !strchr(text, '\n') || random_below(random, 2))
        return false;
    size_t len = strlen(text);
    bool ended = text[len - 1] == '\n';
    bool more = len > 1 && ended && text[len - 2] == '\n';
    irsa_buf_addf(ret, " |%s", more ? "+" : ended ? "" : "-");
    add_comment(random, ret);
    irsa_buf_addc(ret, '\n');
    for (const char *p = text; *p;) {
        size_t line = strcspn(p, "\n");
        irsa_buf_addf(ret, "%*s%.*s\n", line ? (int)column : 0, "", (int)line, p);
        p += line + (p[line] == '\n' ? 1 : 0);
    }
    return true;
}

static void add_after(struct random *random, const json_t *value, size_t column, bool in_array,
                      struct irsa_buf *ret)
{
    if (add_literal(random, value, column + 2, ret))
        return;
    if (!is_block(random, value)) {
        bool null = json_is_null(value) && random_below(random, 2);
        irsa_buf_adds(ret, null ? "" : " ");
        if (!null)
            add_flow(random, value, column, ret);
        add_lines(random, column, ret);
        return;
    }
    irsa_buf_addc(ret, ' ');
    if (add_alias(random, value, ret)) {
        add_lines(random, column, ret);
        return;
    }
    bool anchored = add_anchor(random, value, ret);
    size_t inner = column + 1 + random_below(random, 4);
    if (!in_array && json_is_array(value) && random_below(random, 2))
        inner = column;
    if (in_array && !anchored && random_below(random, 3) > 0) {
        irsa_buf_addf(ret, "%*s", (int)(inner - column - 1), "");
        add_block(random, value, inner + 1, ret);
        return;
    }
    add_lines(random, inner, ret);
    irsa_buf_addf(ret, "%*s", (int)inner, "");
    add_block(random, value, inner, ret);
}

/* The cursor is at `column` already. */
static void add_block(struct random *random, const json_t *value, size_t column,
                      struct irsa_buf *ret)
{
    bool object = json_is_object(value);
    size_t len = object ? json_object_size(value) : json_array_size(value);
    void *iter = object ? json_object_iter((json_t *)value) : NULL;
    for (size_t i = 0; i < len; i++) {
        if (i > 0)
            irsa_buf_addf(ret, "%*s", (int)column, "");
        if (object) {
            add_string(random, json_object_iter_key(iter), ret);
            irsa_buf_addc(ret, ':');
        } else {
            irsa_buf_addc(ret, '-');
        }
        add_after(random, object ? json_object_iter_value(iter) : json_array_get(value, i), column,
                  !object, ret);
        iter = object ? json_object_iter_next((json_t *)value, iter) : NULL;
    }
}

void random_yaml(struct random *random, const json_t *value, struct irsa_buf *ret)
{
    random->comments = 0;
    random->anchors = 0;
    if (random_below(random, 3) == 0)
        irsa_buf_addf(ret, "# c%u\n", ++random->comments);
    if (random_below(random, 3) == 0)
        irsa_buf_adds(ret, "---\n");
    if (is_block(random, value)) {
        add_block(random, value, 0, ret);
        return;
    }
    add_flow(random, value, 0, ret);
    add_lines(random, 0, ret);
}

static void add_space(struct random *random, struct irsa_buf *ret)
{
    static const char *const spaces[] = {"", "", " ", "\n", "\n    ", "\t", "\r\n"};
    irsa_buf_adds(ret, spaces[random_below(random, IRSA_COUNT(spaces))]);
}

void random_json(struct random *random, const json_t *value, struct irsa_buf *ret)
{
    bool object = json_is_object(value);
    if (!object && !json_is_array(value)) {
        irsa_autofree char *text = json_dumps(value, JSON_ENCODE_ANY);
        irsa_buf_adds(ret, text);
        return;
    }
    irsa_buf_addc(ret, object ? '{' : '[');
    add_space(random, ret);
    size_t len = object ? json_object_size(value) : json_array_size(value);
    void *iter = object ? json_object_iter((json_t *)value) : NULL;
    for (size_t i = 0; i < len; i++) {
        if (object) {
            json_auto_t *key = json_string(json_object_iter_key(iter));
            random_json(random, key, ret);
            add_space(random, ret);
            irsa_buf_addc(ret, ':');
            add_space(random, ret);
        }
        random_json(random, object ? json_object_iter_value(iter) : json_array_get(value, i), ret);
        iter = object ? json_object_iter_next((json_t *)value, iter) : NULL;
        add_space(random, ret);
        irsa_buf_adds(ret, i + 1 < len ? "," : "");
        add_space(random, ret);
    }
    irsa_buf_addc(ret, object ? '}' : ']');
}

json_t *random_path(struct random *random, const json_t *value)
{
    json_t *path = json_array();
    while (value && random_below(random, 4) > 0) {
        if (json_is_object(value)) {
            unsigned int skip = random_below(random, (unsigned int)json_object_size(value) + 1);
            void *iter = json_object_iter((json_t *)value);
            for (; iter && skip > 0; skip--)
                iter = json_object_iter_next((json_t *)value, iter);
            json_array_append_new(path, json_string(iter ? json_object_iter_key(iter) : "new/key"));
            value = iter ? json_object_iter_value(iter) : NULL;
        } else if (json_is_array(value)) {
            unsigned int i = random_below(random, (unsigned int)json_array_size(value) + 1);
            json_array_append_new(path, json_integer((json_int_t)i));
            value = json_array_get(value, i);
        } else {
            break;
        }
    }
    return path;
}
