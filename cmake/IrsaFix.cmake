# SPDX-License-Identifier: Apache-2.0

# How every target of the project is compiled.
add_library(irsafix_warnings INTERFACE)
target_compile_options(irsafix_warnings INTERFACE
  -Wall -Wextra -Wconversion -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wformat=2
  -Wwrite-strings -Wpointer-arith -Wundef -Wvla
  $<$<BOOL:${IRSAFIX_WERROR}>:-Werror>)

add_library(irsafix_flags INTERFACE)
target_compile_definitions(irsafix_flags INTERFACE _GNU_SOURCE)
if(IRSAFIX_SANITIZE)
  list(JOIN IRSAFIX_SANITIZE "," irsafix_sanitizers)
  target_compile_options(irsafix_flags INTERFACE -fsanitize=${irsafix_sanitizers}
    -fno-sanitize-recover=all -fno-omit-frame-pointer)
  target_link_options(irsafix_flags INTERFACE -fsanitize=${irsafix_sanitizers})
endif()
if(IRSAFIX_FUZZ)
  target_compile_options(irsafix_flags INTERFACE -fsanitize=fuzzer-no-link)
endif()
if(IRSAFIX_HARDENING)
  set(CMAKE_POSITION_INDEPENDENT_CODE ON)
  target_compile_options(irsafix_flags INTERFACE -fstack-protector-strong
    -fstack-clash-protection -fcf-protection $<$<NOT:$<CONFIG:Debug>>:-D_FORTIFY_SOURCE=2>)
  target_link_options(irsafix_flags INTERFACE -pie -Wl,-z,relro,-z,now)
endif()

# irsa_room(NAME SOURCES file... [ROOMS room...] [LIBS target...])
# A room of the house: static library irsa_NAME. ROOMS are the rooms below that it may enter.
function(irsa_room name)
  cmake_parse_arguments(arg "" "" "SOURCES;ROOMS;LIBS" ${ARGN})
  add_library(irsa_${name} STATIC ${arg_SOURCES})
  target_include_directories(irsa_${name} PUBLIC ${PROJECT_SOURCE_DIR}/include)
  target_include_directories(irsa_${name} PRIVATE ${PROJECT_SOURCE_DIR}/src)
  list(TRANSFORM arg_ROOMS PREPEND irsa_)
  target_link_libraries(irsa_${name} PUBLIC irsafix_flags ${arg_ROOMS} ${arg_LIBS}
    PRIVATE irsafix_warnings)
endfunction()

# irsa_unit_test(ROOM NAME [LIBS target...]): tests/unit/ROOM/test_NAME.c, the ctest unit.ROOM.NAME
function(irsa_unit_test room name)
  cmake_parse_arguments(arg "" "" "LIBS" ${ARGN})
  set(target test_${room}_${name})
  add_executable(${target} test_${name}.c)
  target_include_directories(${target} PRIVATE ${PROJECT_SOURCE_DIR}/src)
  target_link_libraries(${target} PRIVATE irsa_${room} ${arg_LIBS} PkgConfig::cmocka
    irsafix_warnings)
  add_test(NAME unit.${room}.${name} COMMAND ${target}
    WORKING_DIRECTORY ${PROJECT_SOURCE_DIR})
  set_tests_properties(unit.${room}.${name} PROPERTIES LABELS unit TIMEOUT 300)
endfunction()

# irsa_suite(AREA RUNNER_SOURCE [LIBS target...]): every folder of tests/suites/AREA is one ctest
# suite.AREA.CASE, run as `RUNNER FOLDER`; a new case needs no C and no CMake.
function(irsa_suite area source)
  cmake_parse_arguments(arg "" "" "LIBS" ${ARGN})
  set(target suite_${area})
  add_executable(${target} ${source})
  target_include_directories(${target} PRIVATE ${PROJECT_SOURCE_DIR}/src)
  target_link_libraries(${target} PRIVATE ${arg_LIBS} irsafix_warnings)
  file(GLOB cases CONFIGURE_DEPENDS LIST_DIRECTORIES true
    ${PROJECT_SOURCE_DIR}/tests/suites/${area}/*)
  foreach(case IN LISTS cases)
    if(IS_DIRECTORY ${case})
      get_filename_component(name ${case} NAME)
      add_test(NAME suite.${area}.${name} COMMAND ${target} ${case})
      set_tests_properties(suite.${area}.${name} PROPERTIES LABELS suite TIMEOUT 60)
    endif()
  endforeach()
endfunction()

# irsa_fuzz_target(NAME [LIBS target...]): tests/fuzz/NAME_fuzzer.c. Under libFuzzer
# (IRSAFIX_FUZZ) a fuzzer; else its corpus tests/fuzz/corpus/NAME runs as the ctest fuzz.NAME.
function(irsa_fuzz_target name)
  cmake_parse_arguments(arg "" "" "LIBS" ${ARGN})
  set(target fuzz_${name})
  if(IRSAFIX_FUZZ)
    add_executable(${target} ${name}_fuzzer.c)
    target_link_options(${target} PRIVATE -fsanitize=fuzzer)
  else()
    add_executable(${target} ${name}_fuzzer.c standalone.c)
    add_test(NAME fuzz.${name} COMMAND ${target} ${CMAKE_CURRENT_SOURCE_DIR}/corpus/${name})
    set_tests_properties(fuzz.${name} PROPERTIES LABELS fuzz TIMEOUT 120)
  endif()
  target_include_directories(${target} PRIVATE ${PROJECT_SOURCE_DIR}/src)
  target_link_libraries(${target} PRIVATE ${arg_LIBS} irsafix_warnings)
endfunction()
