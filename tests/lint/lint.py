#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The project's own rules that no compiler checks. Prints FILE:LINE: REASON, exit status 1 if any.

 - rooms: a file includes only headers of rooms below its own, and private headers of its own room;
   the pure rooms use no files, clock, environment or network (docs/architecture.md)
 - functions that must not be used
 - at most 400 lines a .c file, 60 a function; the licence line first, the own header first
 - a docs/checks page for each code of src/diagnose/codes.h, and no other
 - nothing left for later, no machine's paths
"""
import fnmatch
import os
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]

# From the ground up. A room may include the headers of those before it.
PURE = ["base", "document", "identity", "policy", "facts", "intent", "diagnose", "symptom", "plan",
        "report"]
BELOW = {room: set(PURE[:at]) for at, room in enumerate(PURE)}
BELOW["identity"] = {"base"}
BELOW["net"] = {"base"}
BELOW["aws"] = BELOW["kube"] = {"base", "document", "identity", "net"}
BELOW["world"] = (set(PURE) - {"report"}) | {"net", "aws", "kube"}
BELOW["apply"] = BELOW["world"] | {"world"}
BELOW["cli"] = set(BELOW) | set(PURE)

# What may touch the outside all the same, as docs/architecture.md says.
READS_FILES = {"src/document/template_load.c", "src/intent/config.c", "src/intent/settings.c"}

BANNED = {
    "strcpy": "use irsa_strdup or irsa_buf", "strcat": "use irsa_buf",
    "stpcpy": "use irsa_buf", "strncpy": "use irsa_strndup", "strncat": "use irsa_buf",
    "sprintf": "use irsa_format or irsa_buf_addf", "vsprintf": "use vasprintf",
    "gets": "never", "strtok": "use strcspn", "alloca": "never",
    "tmpnam": "use irsa_file_replace", "mktemp": "use mkstemp",
}
BANNED_IN_SRC = {
    "atoi": "use strtol", "atol": "use strtol", "atof": "use strtod", "system": "never",
    "popen": "never", "rand": "never", "signal": "use sigaction", "setjmp": "never",
    "longjmp": "never",
    "malloc": "use irsa_calloc", "calloc": "use irsa_calloc", "realloc": "use irsa_realloc",
    "strdup": "use irsa_strdup", "strndup": "use irsa_strndup",
    "asprintf": "use irsa_format", "perror": "use irsa_fail",
}
OUTSIDE = {
    "fopen", "open", "openat", "opendir", "stat", "lstat", "access", "realpath", "unlink", "rename",
    "mkdir", "getenv", "secure_getenv", "setenv", "time", "gettimeofday", "clock_gettime",
    "localtime", "localtime_r", "gmtime", "socket", "connect", "getaddrinfo", "irsa_file_read",
    "irsa_file_replace", "irsa_mkdir_parents", "json_load_file", "json_dump_file", "printf",
    "putchar", "puts",
}

problems = []


def problem(path, line, reason):
    problems.append(f"{path}:{line}: {reason}")


def files(*patterns):
    """The project's files whose path matches one of the globs; not what was built."""
    skipped = {"build", ".git", "__pycache__"}
    found = set()
    for folder, folders, names in os.walk(ROOT):
        folders[:] = [name for name in folders
                      if name not in skipped and not name.startswith("build-")]
        here = pathlib.Path(folder).relative_to(ROOT)
        paths = [(here / name).as_posix() for name in names]
        found.update(path for path in paths
                     if any(fnmatch.fnmatch(path, pattern) for pattern in patterns))
    return sorted(found)


def read(path):
    return (ROOT / path).read_text(encoding="utf-8", errors="replace")


def code_only(text):
    """The text with comments, strings and character constants blanked, line breaks kept."""
    pattern = re.compile(r'//[^\n]*|/\*.*?\*/|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'', re.S)
    return pattern.sub(lambda m: re.sub(r"[^\n]", " ", m.group()), text)


# Rooms with more than one header: whose the others are.
FURTHER = {"journal": "apply", "prove": "world", "rollback": "plan", "token": "identity",
           "verify": "apply"}


def room_of(path):
    parts = path.split("/")
    if parts[0] == "src" and len(parts) > 2:
        return parts[1]
    if parts[:2] == ["include", "irsa"]:
        name = parts[2].removesuffix(".h")
        return FURTHER.get(name, name)
    return None


def check_includes(path, text):
    room = room_of(path)
    for number, line in enumerate(text.split("\n"), 1):
        match = re.match(r'\s*#\s*include\s+"([^"]+)"', line)
        if not match or room not in BELOW:
            continue
        folder, _, name = match.group(1).rpartition("/")
        other = name.removesuffix(".h") if folder == "irsa" else folder
        other = FURTHER.get(other, other) if folder == "irsa" else other
        if folder != "irsa" and other != room:
            problem(path, number, f"private header of room {other or '(none)'} in room {room}")
        elif other != room and other not in BELOW[room]:
            problem(path, number, f"room {room} must not know room {other}")


def check_calls(path, code):
    room = room_of(path)
    pure = room in PURE[1:] and path.startswith("src/") and path not in READS_FILES
    for number, line in enumerate(code.split("\n"), 1):
        for name in re.findall(r"(?<![\w.>])([a-z_]\w*)\s*\(", line):
            why = BANNED.get(name)
            if not why and path.startswith("src/") and path != "src/base/alloc.c":
                why = BANNED_IN_SRC.get(name)
            if why:
                problem(path, number, f"{name}: {why}")
            if pure and name in OUTSIDE:
                problem(path, number, f"{name}: room {room} is pure, it knows no outside")
            if name in ("exit", "_exit") and room not in ("cli", None):
                problem(path, number, f"{name}: only main ends the program")
        if re.search(r"\bgoto\b", line):
            problem(path, number, "goto: use early returns and cleanup attributes")


def check_sizes(path, text):
    lines = text.rstrip("\n").split("\n")
    if path.startswith("src/") and path.endswith(".c") and len(lines) > 400:
        problem(path, len(lines), f"{len(lines)} lines, 400 are allowed")
    begin = None
    for number, line in enumerate(lines, 1):
        if line == "{":
            begin = number
        elif line == "}" and begin is not None:
            if path.startswith("src/") and number - begin - 1 > 60:
                problem(path, begin, f"function of {number - begin - 1} lines, 60 are allowed")
            begin = None


def check_text(path, text):
    lines = text.split("\n")
    if lines[0] != "/* SPDX-License-Identifier: Apache-2.0 */":
        problem(path, 1, "the licence line is not the first")
    if path.startswith("src/") and path.endswith(".c"):
        own = re.search(r'^\s*#\s*include\s+([<"].*)$', text, re.M)
        if own and own.group(1).startswith("<"):
            problem(path, text[:own.start()].count("\n") + 1, "a project header comes first")


def check_left_over(path, text):
    for number, line in enumerate(text.split("\n"), 1):
        if re.search(r"\b(TODO|FIXME|XXX)\b", line):
            problem(path, number, "left for later")
        if not path.startswith("tests/unit/") and re.search(r"/(home|work|root)/\w", line):
            problem(path, number, "path of one machine")


def check_pages():
    codes_file = "src/diagnose/codes.h"
    codes = {"IRSA" + n for n in re.findall(r"^\s*CHECK\((\d{3}),", read(codes_file), re.M)}
    pages = {pathlib.Path(p).stem for p in files("docs/checks/*.md")} - {"README"}
    for code in sorted(codes - pages):
        problem(codes_file, 1, f"{code} has no page docs/checks/{code}.md")
    for page in sorted(pages - codes):
        problem(f"docs/checks/{page}.md", 1, "page of no code")


def check_links():
    """Relative links of the Markdown files lead to files."""
    for path in files("*.md"):
        for number, line in enumerate(read(path).split("\n"), 1):
            for target in re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", line):
                if re.match(r"[a-z]+:", target):
                    continue
                if not ((ROOT / path).parent / target).exists():
                    problem(path, number, f"link to {target}, which is not there")


def main():
    for path in files("src/*.c", "src/*.h", "include/*.h", "tests/*.c", "tests/*.h"):
        text = read(path)
        check_includes(path, text)
        check_calls(path, code_only(text))
        check_sizes(path, text)
        check_text(path, text)
        check_left_over(path, text)
    for path in files("*.md", "*.cmake", "*CMakeLists.txt", "*.json", ".ci/*", "examples/run",
                        "tests/run"):
        if "/corpus/" not in path and not path.startswith(("tests/suites/", "tests/cli/")):
            check_left_over(path, read(path))
    check_pages()
    check_links()
    for line in problems:
        print(line)
    print(f"lint: {len(problems)} problems" if problems else "lint: nothing to say")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
