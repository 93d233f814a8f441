# SPDX-License-Identifier: Apache-2.0
# Run by irsa_embed at build time: writes FILES (separated by |) as byte arrays.
string(REPLACE "|" ";" FILES "${FILES}")
set(arrays "")
set(table "")
set(i 0)
foreach(file IN LISTS FILES)
  get_filename_component(name "${file}" NAME)
  file(READ "${file}" hex HEX)
  string(REGEX REPLACE "(................................)" "\\1\n" hex "${hex}")
  string(REGEX REPLACE "([0-9a-f][0-9a-f])" "0x\\1," bytes "${hex}")
  string(APPEND arrays "static const unsigned char text_${i}[] = {\n${bytes}0x00};\n")
  string(APPEND table
         "    {\"${name}\", (const char *)text_${i}, sizeof(text_${i}) - 1},\n")
  math(EXPR i "${i} + 1")
endforeach()
file(WRITE "${OUTPUT}.new" "/* Made by cmake/EmbedScript.cmake. */
#include \"irsa/base.h\"

extern const struct irsa_embedded ${SYMBOL}[];
${arrays}
const struct irsa_embedded ${SYMBOL}[] = {
${table}    {NULL, NULL, 0},
};
")
file(RENAME "${OUTPUT}.new" "${OUTPUT}")
