/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which value a scalar has. The rules are those of Kubernetes' own reader:
 * https://github.com/kubernetes-sigs/yaml/blob/master/goyaml.v2/resolve.go (`resolve`), and
 * https://github.com/kubernetes-sigs/yaml/blob/master/yaml.go (`convertToJSONableObject`) for keys.
 * So `yes`, `on` and `y` are booleans, 012 is octal, 0o7 and 0b1 are numbers, `_` may stand between
 * digits, 012345678912 (no octal number) is the float 12345678912, and dates stay strings.
 */
#include "document/yaml.h"

#include <errno.h>
#include <math.h>

static const char *const true_words[] = {"y",    "Y",    "yes", "Yes", "YES", "true",
                                         "True", "TRUE", "on",  "On",  "ON"};
static const char *const false_words[] = {"n",     "N",     "no",  "No",  "NO", "false",
                                          "False", "FALSE", "off", "Off", "OFF"};
static const char *const null_words[] = {"", "~", "null", "Null", "NULL"};
static const char *const float_words[] = {".nan",  ".NaN",  ".NAN",  ".inf",  ".Inf",  ".INF",
                                          "+.inf", "+.Inf", "+.INF", "-.inf", "-.Inf", "-.INF"};

static bool is_one_of(const char *text, const char *const *words, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (strcmp(text, words[i]) == 0)
            return true;
    }
    return false;
}
#define IS_ONE_OF(text, words) is_one_of(text, words, IRSA_COUNT(words))

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* -1 for what is no digit in any base. */
static int digit_value(char c)
{
    if (is_digit(c))
        return c - '0';
    char lower = (char)(c | 0x20);
    return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

/* ^[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?$ */
static bool is_yaml_float(const char *s)
{
    if (*s == '-' || *s == '+')
        s++;
    size_t whole = strspn(s, "0123456789");
    s += whole;
    if (*s == '.') {
        size_t fraction = strspn(++s, "0123456789");
        if (whole == 0 && fraction == 0)
            return false;
        s += fraction;
    } else if (whole == 0) {
        return false;
    }
    if (*s == 'e' || *s == 'E') {
        s++;
        if (*s == '-' || *s == '+')
            s++;
        size_t digits = strspn(s, "0123456789");
        if (digits == 0)
            return false;
        s += digits;
    }
    return *s == '\0';
}

static json_t *new_real(double real)
{
    return isfinite(real) ? json_real(real) : NULL;
}

/* An integer as Go's strconv.ParseInt with base 0 reads it. NULL where it is none. Numbers beyond
 * 64 bits become reals, which is how JSON readers without big integers see them. */
static json_t *read_integer(const char *s)
{
    bool negative = *s == '-';
    bool is_signed = *s == '-' || *s == '+';
    s += is_signed ? 1 : 0;
    int base = 10;
    if (s[0] == '0' && s[1] != '\0') {
        char kind = (char)(s[1] | 0x20);
        base = kind == 'x' ? 16 : kind == 'b' ? 2 : 8;
        s += kind == 'x' || kind == 'b' || kind == 'o' ? 2 : 1;
    }
    if (!*s)
        return NULL;
    uint64_t integer = 0;
    double real = 0;
    bool overflow = false;
    for (; *s; s++) {
        int digit = digit_value(*s);
        if (digit < 0 || digit >= base)
            return NULL;
        overflow = overflow || __builtin_mul_overflow(integer, (uint64_t)base, &integer)
                   || __builtin_add_overflow(integer, (uint64_t)digit, &integer);
        real = real * base + digit;
    }
    uint64_t limit = (uint64_t)INT64_MAX + (negative ? 1 : 0);
    if (!overflow && integer <= limit)
        return json_integer((json_int_t)(negative ? -integer : integer));
    /* The reader takes larger ones without a sign only, or as decimal floats. */
    if (is_signed || base == 10)
        return NULL;
    return new_real(real);
}

static char *without_underscores(const char *text, size_t len)
{
    char *digits = irsa_strndup(text, len);
    char *to = digits;
    for (const char *from = text; *from; from++) {
        if (*from != '_')
            *to++ = *from;
    }
    *to = '\0';
    return digits;
}

/* A number that begins with its point goes through Go's strconv.ParseFloat as it is, which takes
 * underscores between digits only. */
static json_t *read_fraction(const char *text, size_t len)
{
    for (size_t i = 1; i < len; i++) {
        if (text[i] == '_' && !(is_digit(text[i - 1]) && is_digit(text[i + 1])))
            return NULL;
    }
    irsa_autofree char *digits = without_underscores(text, len);
    return is_yaml_float(digits) ? new_real(strtod(digits, NULL)) : NULL;
}

static json_t *read_number(const char *text, size_t len)
{
    irsa_autofree char *digits = without_underscores(text, len);
    json_t *integer = read_integer(digits);
    if (integer)
        return integer;
    return is_yaml_float(digits) ? new_real(strtod(digits, NULL)) : NULL;
}

json_t *irsa_yaml_plain(const char *text, size_t len)
{
    json_t *number = NULL;
    switch (text[0]) {
    case '\0':
    case '~':
    case 'n':
    case 'N':
    case 'y':
    case 'Y':
    case 't':
    case 'T':
    case 'f':
    case 'F':
    case 'o':
    case 'O':
        if (len > 5)
            break;
        if (IS_ONE_OF(text, null_words))
            return json_null();
        if (IS_ONE_OF(text, true_words))
            return json_true();
        if (IS_ONE_OF(text, false_words))
            return json_false();
        break;
    case '.':
        if (IS_ONE_OF(text, float_words))
            return NULL;
        number = read_fraction(text, len);
        break;
    default:
        if (!is_digit(text[0]) && text[0] != '+' && text[0] != '-')
            break;
        if (IS_ONE_OF(text, float_words))
            return NULL;
        number = read_number(text, len);
    }
    return number ? number : json_stringn_nocheck(text, len);
}

bool irsa_yaml_surely_string(const yaml_event_t *event)
{
    const char *text = (const char *)event->data.scalar.value;
    size_t len = event->data.scalar.length;
    if (event->data.scalar.tag || memchr(text, '\0', len))
        return false;
    if (!event->data.scalar.plain_implicit)
        return true;
    if (strchr("0123456789+-.", text[0]))
        return false; /* the empty string too: strchr finds its NUL */
    return len > 5 || !strchr("~nNyYtTfFoO<", text[0]);
}

static const char *core_tag(const char *tag)
{
    static const char prefix[] = "tag:yaml.org,2002:";
    return irsa_has_prefix(tag, prefix) ? tag + sizeof(prefix) - 1 : "";
}

/* A tag of the core schema must fit the text, as `resolve` has it. */
static json_t *read_tagged(const char *type, const char *text, size_t len,
                           struct irsa_error **reterr)
{
    json_auto_t *value = irsa_yaml_plain(text, len);
    bool fits = false;
    if (strcmp(type, "bool") == 0)
        fits = json_is_boolean(value);
    else if (strcmp(type, "int") == 0)
        fits = json_is_integer(value);
    else if (strcmp(type, "null") == 0)
        fits = json_is_null(value);
    else
        fits = json_is_number(value);
    if (!fits) {
        irsa_fail(reterr, IRSA_E_PARSE, "`%s` can't be read as !!%s", text, type);
        return NULL;
    }
    if (strcmp(type, "float") == 0)
        return json_real(json_number_value(value));
    return json_incref(value);
}

json_t *irsa_yaml_scalar(const yaml_event_t *event, struct irsa_error **reterr)
{
    const char *text = (const char *)event->data.scalar.value;
    size_t len = event->data.scalar.length;
    if (memchr(text, '\0', len)) {
        irsa_fail(reterr, IRSA_E_PARSE, "a NUL character in a string");
        return NULL;
    }
    const char *tag = (const char *)event->data.scalar.tag;
    if (tag) {
        const char *type = core_tag(tag);
        if (strcmp(type, "binary") == 0) {
            irsa_fail(reterr, IRSA_E_PARSE, "binary values (!!binary) are not supported");
            return NULL;
        }
        static const char *const typed[] = {"bool", "int", "float", "null"};
        if (IS_ONE_OF(type, typed))
            return read_tagged(type, text, len, reterr);
        return json_stringn_nocheck(text, len);
    }
    if (!event->data.scalar.plain_implicit)
        return json_stringn_nocheck(text, len);
    json_t *value = irsa_yaml_plain(text, len);
    if (!value)
        irsa_fail(reterr, IRSA_E_PARSE, "`%s` is no number that JSON can hold", text);
    return value;
}

/* The shortest digits that read back as the same 32-bit float, laid out as Go's
 * strconv.FormatFloat(f, 'g', -1, 32) does: yaml.go turns float keys into strings so. */
static char *float_key(double real)
{
    char digits[64];
    int precision = 1;
    if (!isfinite((float)real))
        return irsa_strdup(real < 0 ? "-.inf" : ".inf");
    do {
        (void)snprintf(digits, sizeof(digits), "%.*e", precision - 1, (double)(float)real);
    } while (strtof(digits, NULL) != (float)real && ++precision < 10);
    int exponent = (int)strtol(strchr(digits, 'e') + 1, NULL, 10);
    if (exponent < -4 || exponent >= 6)
        return irsa_strdup(digits);
    int fraction = precision - 1 - exponent;
    return irsa_format("%.*f", fraction > 0 ? fraction : 0, (double)(float)real);
}

char *irsa_yaml_key(const json_t *value)
{
    switch (json_typeof(value)) {
    case JSON_STRING:
        return irsa_strndup(json_string_value(value), json_string_length(value));
    case JSON_INTEGER:
        return irsa_format("%" JSON_INTEGER_FORMAT, json_integer_value(value));
    case JSON_REAL:
        return float_key(json_real_value(value));
    case JSON_TRUE:
        return irsa_strdup("true");
    case JSON_FALSE:
        return irsa_strdup("false");
    default:
        return NULL;
    }
}

bool irsa_yaml_is_merge(const yaml_event_t *event)
{
    if (event->type != YAML_SCALAR_EVENT)
        return false;
    const char *tag = (const char *)event->data.scalar.tag;
    if (tag)
        return strcmp(core_tag(tag), "merge") == 0;
    return event->data.scalar.plain_implicit
           && strcmp((const char *)event->data.scalar.value, "<<") == 0;
}

/* What some reader of YAML 1.1 takes for a number, a date or a base-60 number. */
static bool looks_numeric(const char *text)
{
    if (!is_digit(text[0]) && !strchr("+-.", text[0]))
        return false;
    size_t span = strspn(text, "0123456789+-.:_, xXoObBaAcCdDeEfFiInNtTzZ");
    return text[span] == '\0';
}

bool irsa_yaml_plain_safe(const char *text, size_t len, bool flow)
{
    if (len == 0 || len > 1000 || looks_numeric(text))
        return false;
    unsigned char first = (unsigned char)text[0];
    bool letter = (first | 0x20) >= 'a' && (first | 0x20) <= 'z';
    if (!letter && !is_digit((char)first) && !strchr("/_.", first))
        return false;
    if (irsa_has_prefix(text, "...") || text[len - 1] == ' ' || text[len - 1] == ':')
        return false;
    for (size_t i = 0; i < len; i++) {
        unsigned char c = (unsigned char)text[i];
        if (c < 0x20 || c >= 0x7f)
            return false;
        if (flow && strchr(",[]{}", c))
            return false;
        if (c == ':' && text[i + 1] == ' ')
            return false;
        if (c == '#' && text[i - 1] == ' ')
            return false;
    }
    json_auto_t *value = irsa_yaml_plain(text, len);
    return value && json_is_string(value) && strcasecmp(text, "null") != 0;
}
