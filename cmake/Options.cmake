# Flags that every target shares: the `vigie_flags` interface target.
add_library(vigie_flags INTERFACE)
target_include_directories(vigie_flags INTERFACE "${CMAKE_SOURCE_DIR}/src" "${CMAKE_BINARY_DIR}/generated")
# -ffp-contract=off: a fused multiply-add would make scores depend on the CPU they were compiled for.
target_compile_options(vigie_flags INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wno-sign-conversion -Wnon-virtual-dtor -Wold-style-cast
  -Woverloaded-virtual -Wcast-align -Wdouble-promotion -Wimplicit-fallthrough
  -ffp-contract=off -fno-math-errno -fstack-protector-strong)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  # GCC 12 sees errors in its own library through std::expected and std::optional.
  target_compile_options(vigie_flags INTERFACE -Wno-maybe-uninitialized -Wno-restrict)
else()
  target_compile_options(vigie_flags INTERFACE -Wno-gnu-statement-expression-from-macro-expansion)
endif()

if(CMAKE_BUILD_TYPE STREQUAL "Debug" OR VIGIE_SANITIZE)
  target_compile_definitions(vigie_flags INTERFACE _GLIBCXX_ASSERTIONS)
endif()
if(VIGIE_SANITIZE)
  list(JOIN VIGIE_SANITIZE "," sanitizers)
  target_compile_options(vigie_flags INTERFACE -fsanitize=${sanitizers} -fno-omit-frame-pointer -fno-sanitize-recover=all)
  target_link_options(vigie_flags INTERFACE -fsanitize=${sanitizers})
endif()
# What test programs and the programs that they start find in their environment. detect_stack_use_after_return stays off:
# g++ 12 then puts variables of 64-byte alignment where they are not aligned (GCC bug 110027), and vectors crash.
set(VIGIE_SANITIZER_ENVIRONMENT
  "ASAN_OPTIONS=detect_stack_use_after_return=0:strict_string_checks=1:check_initialization_order=1"
  "UBSAN_OPTIONS=print_stacktrace=1"
  "TSAN_OPTIONS=suppressions=${CMAKE_SOURCE_DIR}/tools/tsan.supp:halt_on_error=1:second_deadlock_stack=1")
if(VIGIE_FUZZ)
  if(NOT CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
    message(FATAL_ERROR "libFuzzer comes with clang: use the fuzz preset")
  endif()
  target_compile_options(vigie_flags INTERFACE -fsanitize=fuzzer-no-link)
endif()
if(VIGIE_COVERAGE)
  target_compile_options(vigie_flags INTERFACE --coverage)
  target_link_options(vigie_flags INTERFACE --coverage)
endif()

find_program(CCACHE ccache)
if(CCACHE AND NOT DEFINED CMAKE_CXX_COMPILER_LAUNCHER)
  set(CMAKE_CXX_COMPILER_LAUNCHER "${CCACHE}")
endif()
