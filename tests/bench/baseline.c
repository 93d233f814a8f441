/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What reading alone costs: every .json file of a directory through jansson, every .yaml file
 * through a bare libyaml event pass, one after the other, each let go before the next; names and
 * order as irsa-fix has them. With `measure` it runs a command and prints seconds (of the fastest
 * of several runs), and peak memory of its process in KiB.
 *
 *   bench_baseline parse DIRECTORY
 *   bench_baseline measure RUNS COMMAND [ARGUMENT]...
 */
#include "irsa/base.h"

#include <dirent.h>
#include <fcntl.h>
#include <jansson.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>
#include <yaml.h>

static int parse_json(const struct irsa_buf *text, const char *path)
{
    json_error_t error;
    json_t *value = json_loadb(irsa_buf_str(text), text->len, JSON_REJECT_DUPLICATES, &error);
    if (!value) {
        (void)fprintf(stderr, "%s:%d: %s\n", path, error.line, error.text);
        return 1;
    }
    json_decref(value);
    return 0;
}

static int parse_yaml(const struct irsa_buf *text, const char *path)
{
    yaml_parser_t parser;
    if (!yaml_parser_initialize(&parser))
        return 1;
    yaml_parser_set_input_string(&parser, (const unsigned char *)irsa_buf_str(text), text->len);
    int failed = 0;
    for (bool done = false; !done && !failed;) {
        yaml_event_t event;
        if (!yaml_parser_parse(&parser, &event)) {
            (void)fprintf(stderr, "%s: %s\n", path, parser.problem);
            failed = 1;
            break;
        }
        done = event.type == YAML_STREAM_END_EVENT;
        yaml_event_delete(&event);
    }
    yaml_parser_delete(&parser);
    return failed;
}

static int parse_directory(const char *directory)
{
    irsa_auto_strings names = {0};
    DIR *dir = opendir(directory);
    if (!dir)
        return 1;
    for (const struct dirent *entry = readdir(dir); entry; entry = readdir(dir))
        irsa_strings_add(&names, entry->d_name);
    (void)closedir(dir);
    irsa_strings_sort(&names);
    int failed = 0;
    for (size_t i = 0; i < names.len && !failed; i++) {
        bool json = irsa_has_suffix(names.items[i], ".json");
        if (!json && !irsa_has_suffix(names.items[i], ".yaml"))
            continue;
        irsa_auto_error error = NULL;
        irsa_auto_buf text = {0};
        irsa_autofree char *path = irsa_format("%s/%s", directory, names.items[i]);
        if (irsa_file_read(path, (size_t)1 << 30, &text, &error) != 0) {
            (void)fprintf(stderr, "%s\n", irsa_error_message(error));
            return 1;
        }
        failed = json ? parse_json(&text, path) : parse_yaml(&text, path);
    }
    return failed;
}

static double seconds_of(struct timeval t)
{
    return (double)t.tv_sec + (double)t.tv_usec / 1e6;
}

/* Exit statuses of findings are as good as 0 here; 127 and above are not. */
static bool run_once(char **argv, double *ret_seconds, long *ret_kib)
{
    pid_t child = fork();
    if (child == 0) {
        int null = open("/dev/null", O_WRONLY);
        if (null >= 0)
            (void)dup2(null, STDOUT_FILENO);
        (void)execvp(argv[0], argv);
        _exit(127);
    }
    int status = 0;
    struct rusage usage;
    if (child < 0 || wait4(child, &status, 0, &usage) != child)
        return false;
    *ret_seconds = seconds_of(usage.ru_utime) + seconds_of(usage.ru_stime);
    *ret_kib = usage.ru_maxrss;
    return WIFEXITED(status) && WEXITSTATUS(status) != 1 && WEXITSTATUS(status) < 64;
}

static int measure(int runs, char **argv)
{
    double best = 0;
    long kib = 0;
    for (int i = 0; i < runs; i++) {
        double seconds = 0;
        long peak = 0;
        if (!run_once(argv, &seconds, &peak)) {
            (void)fprintf(stderr, "bench_baseline: %s failed\n", argv[0]);
            return 1;
        }
        best = i == 0 || seconds < best ? seconds : best;
        kib = peak > kib ? peak : kib;
    }
    (void)printf("%.4f %ld\n", best, kib);
    return 0;
}

int main(int argc, char **argv)
{
    if (argc == 3 && strcmp(argv[1], "parse") == 0)
        return parse_directory(argv[2]);
    if (argc >= 4 && strcmp(argv[1], "measure") == 0)
        return measure(atoi(argv[2]) > 0 ? atoi(argv[2]) : 1, argv + 3);
    (void)fprintf(stderr, "usage: bench_baseline parse DIRECTORY | measure RUNS COMMAND...\n");
    return 64;
}
