# SPDX-License-Identifier: Apache-2.0

set(IRSA_EMBED_SCRIPT "${CMAKE_CURRENT_LIST_DIR}/EmbedScript.cmake")

# irsa_embed(TARGET SYMBOL FILES file...)
# Compiles the files into TARGET as `const struct irsa_embedded SYMBOL[]` (irsa/base.h), each under
# its name without folders, ended by a NULL name. Declare it where it is used:
#     extern const struct irsa_embedded SYMBOL[];
function(irsa_embed target symbol)
  cmake_parse_arguments(arg "" "" "FILES" ${ARGN})
  set(files)
  foreach(file IN LISTS arg_FILES)
    get_filename_component(path "${file}" ABSOLUTE)
    list(APPEND files "${path}")
  endforeach()
  set(output "${CMAKE_CURRENT_BINARY_DIR}/${symbol}.c")
  list(JOIN files "|" joined)
  add_custom_command(OUTPUT "${output}"
    COMMAND "${CMAKE_COMMAND}" "-DSYMBOL=${symbol}" "-DOUTPUT=${output}" "-DFILES=${joined}"
            -P "${IRSA_EMBED_SCRIPT}"
    DEPENDS ${files} "${IRSA_EMBED_SCRIPT}"
    COMMENT "Embedding ${symbol}"
    VERBATIM)
  target_sources(${target} PRIVATE "${output}")
endfunction()
