/* SPDX-License-Identifier: Apache-2.0 */
#include "diagnose/room.h"

struct irsa_finding *irsa_run_find(struct irsa_run *run, enum code code, const char *key,
                                   bool *ret_new)
{
    struct irsa_diagnosis *out = run->out;
    if (key) {
        irsa_autofree char *full = irsa_format("%d %s", (int)code, key);
        const size_t at = irsa_map_get(&run->keys, full);
        if (at != IRSA_MAP_NONE) {
            *ret_new = false;
            return &out->findings[at];
        }
        (void)irsa_map_put(&run->keys, full, out->finding_count);
    }
    *ret_new = true;
    out->findings = irsa_grow(out->findings, out->finding_count, sizeof(*out->findings));
    struct irsa_finding *finding = &out->findings[out->finding_count++];
    *finding = (struct irsa_finding){
        .check = irsa_checks()[code],
        .severity = irsa_checks()[code]->severity,
    };
    run->ran[code] = true;
    return finding;
}

static void replace(char **text, char *with)
{
    free(*text);
    *text = with;
}

void irsa_finding_subject(struct irsa_finding *finding, const char *kind, const char *namespace_,
                          const char *name)
{
    replace(&finding->subject_kind, irsa_strdup(kind));
    replace(&finding->subject_name, irsa_strdup(name));
    replace(&finding->subject_namespace, namespace_ ? irsa_strdup(namespace_) : NULL);
}

/* Quoted values may hold line breaks (an ARN from a YAML block); a message is one line. */
static char *one_line(char *text)
{
    irsa_auto_buf buf = {0};
    for (const char *c = text; *c; c++) {
        if (*c == '\n')
            irsa_buf_adds(&buf, "\\n");
        else if (*c == '\t')
            irsa_buf_adds(&buf, "\\t");
        else if (*c == '\r')
            irsa_buf_adds(&buf, "\\r");
        else if ((unsigned char)*c < 0x20 || *c == 0x7f)
            irsa_buf_addf(&buf, "\\x%02x", (unsigned)(unsigned char)*c);
        else
            irsa_buf_addc(&buf, *c);
    }
    free(text);
    return irsa_buf_steal(&buf);
}

static char *IRSA_PRINTF(1, 0) vformat(const char *fmt, va_list args)
{
    return one_line(irsa_vformat(fmt, args));
}

void irsa_finding_message(struct irsa_finding *finding, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    replace(&finding->message, vformat(fmt, args));
    va_end(args);
}

void irsa_finding_evidence(struct irsa_finding *finding, const char *observed, const char *expected,
                           enum irsa_certainty certainty)
{
    replace(&finding->observed, observed ? one_line(irsa_strdup(observed)) : NULL);
    replace(&finding->expected, expected ? one_line(irsa_strdup(expected)) : NULL);
    finding->certainty = certainty;
}

void irsa_finding_source(struct irsa_finding *finding, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    replace(&finding->source, vformat(fmt, args));
    va_end(args);
}

void irsa_finding_help(struct irsa_finding *finding, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    replace(&finding->help, vformat(fmt, args));
    va_end(args);
}

void irsa_finding_note(struct irsa_finding *finding, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    irsa_autofree char *note = vformat(fmt, args);
    va_end(args);
    if (!irsa_strings_has(&finding->notes, note))
        irsa_strings_take(&finding->notes, irsa_steal(&note));
}

void irsa_finding_binding(struct irsa_finding *finding, size_t binding)
{
    if (finding->binding_count > 0 && finding->bindings[finding->binding_count - 1] == binding)
        return;
    finding->bindings =
        irsa_grow(finding->bindings, finding->binding_count, sizeof(*finding->bindings));
    finding->bindings[finding->binding_count++] = binding;
}

struct irsa_fix *irsa_finding_fix(struct irsa_finding *finding, enum irsa_fix_kind kind,
                                  enum irsa_class class_, size_t binding)
{
    finding->fixes = irsa_grow(finding->fixes, finding->fix_count, sizeof(*finding->fixes));
    struct irsa_fix *fix = &finding->fixes[finding->fix_count++];
    *fix = (struct irsa_fix){.kind = kind, .class_ = class_, .binding = binding};
    return fix;
}

void irsa_fix_set(struct irsa_fix *fix, const char *target, const char *key, const char *value)
{
    if (target)
        replace(&fix->target, irsa_strdup(target));
    if (key)
        replace(&fix->key, irsa_strdup(key));
    if (value)
        replace(&fix->value, irsa_strdup(value));
}

static void fix_done(struct irsa_fix *fix)
{
    free(fix->target);
    free(fix->namespace_);
    free(fix->key);
    free(fix->value);
    json_decref(fix->document);
    irsa_strings_done(&fix->subjects);
}

void irsa_finding_done(struct irsa_finding *finding)
{
    free(finding->subject_kind);
    free(finding->subject_name);
    free(finding->subject_namespace);
    free(finding->message);
    free(finding->observed);
    free(finding->expected);
    free(finding->source);
    free(finding->help);
    irsa_strings_done(&finding->notes);
    free(finding->bindings);
    for (size_t i = 0; i < finding->fix_count; i++)
        fix_done(&finding->fixes[i]);
    free(finding->fixes);
}

void irsa_run_ran(struct irsa_run *run, enum code from, enum code to)
{
    for (int code = (int)from; code <= (int)to; code++)
        run->ran[code] = true;
}

void irsa_run_gap(struct irsa_run *run, enum code code, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    irsa_autofree char *reason = vformat(fmt, args);
    va_end(args);
    char *before = run->gap[code];
    if (before && strstr(before, reason))
        return;
    run->gap[code] = before ? irsa_format("%s; %s", before, reason) : irsa_steal(&reason);
    free(before);
}

void irsa_run_skip(struct irsa_run *run, enum code from, enum code to, const char *reason)
{
    for (int code = (int)from; code <= (int)to; code++)
        if (!run->skip[code])
            run->skip[code] = reason;
}
