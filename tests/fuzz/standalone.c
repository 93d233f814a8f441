/* SPDX-License-Identifier: Apache-2.0 */
/* Runs a fuzz target over every file of the folders given: the corpora as ordinary tests. */
#include "irsa/base.h"

#include <dirent.h>
#include <sys/stat.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int run_file(const char *path)
{
    irsa_auto_error error = NULL;
    irsa_auto_buf buf = {0};
    if (irsa_file_read(path, (size_t)64 << 20, &buf, &error) != 0) {
        (void)fprintf(stderr, "%s\n", irsa_error_message(error));
        return -1;
    }
    (void)LLVMFuzzerTestOneInput((const uint8_t *)irsa_buf_str(&buf), buf.len);
    return 0;
}

static int run_folder(const char *folder, size_t *count)
{
    DIR *dir = opendir(folder);
    if (!dir) {
        perror(folder);
        return -1;
    }
    int result = 0;
    for (struct dirent *entry = readdir(dir); entry && result == 0; entry = readdir(dir)) {
        if (entry->d_name[0] == '.')
            continue;
        irsa_autofree char *path = irsa_format("%s/%s", folder, entry->d_name);
        result = run_file(path);
        (*count)++;
    }
    (void)closedir(dir);
    return result;
}

int main(int argc, char **argv)
{
    size_t count = 0;
    for (int i = 1; i < argc; i++) {
        if (run_folder(argv[i], &count) != 0)
            return 1;
    }
    (void)printf("%zu inputs\n", count);
    return count > 0 ? 0 : 1;
}
