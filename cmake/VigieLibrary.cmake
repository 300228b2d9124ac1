# vigie_library(NAME model
#               SOURCES forest.cc ...          sources of the static library vigie_model
#               DEPS base schema               other folders; checked against cmake/ranks.txt
#               LINKS PkgConfig::archive ...   parts from outside, PRIVATE like everything here
#               TESTS forest_test.cc ...       one GoogleTest program, vigie_model_test
#               TEST_LINKS Boost::json ...     parts from outside that only the tests need
#               BENCHES forest_bench.cc ...    one Google Benchmark program, vigie_model_bench)
# Links are PRIVATE so that a folder sees only what its own row names; a header that shows another folder's types
# needs that folder in its includer's row as well.
file(STRINGS "${CMAKE_SOURCE_DIR}/cmake/ranks.txt" vigie_rank_rows REGEX "^[0-9]")

function(vigie_check_rank name)
  foreach(row IN LISTS vigie_rank_rows)
    string(REGEX REPLACE " +" ";" cells "${row}")
    list(GET cells 1 folder)
    if(folder STREQUAL name)
      list(REMOVE_AT cells 0 1)
      foreach(dep IN LISTS ARGN)
        if(NOT dep IN_LIST cells)
          message(FATAL_ERROR "src/${name} may not depend on src/${dep}: see cmake/ranks.txt")
        endif()
      endforeach()
      return()
    endif()
  endforeach()
  message(FATAL_ERROR "src/${name} has no row in cmake/ranks.txt")
endfunction()

# A GoogleTest program in ctest, with what the sanitizers need at run time.
function(vigie_add_test name target)
  add_test(NAME ${name} COMMAND ${target} --gtest_brief=1 WORKING_DIRECTORY "${CMAKE_SOURCE_DIR}")
  # Passive: as `vigie train` has it, so that a busy machine does not stall what trains inside a test program.
  set_tests_properties(${name} PROPERTIES TIMEOUT 900 ENVIRONMENT
                       "OMP_WAIT_POLICY=passive;${VIGIE_SANITIZER_ENVIRONMENT}")
endfunction()

function(vigie_library)
  cmake_parse_arguments(PARSE_ARGV 0 arg "" "NAME" "SOURCES;DEPS;LINKS;TESTS;TEST_LINKS;BENCHES")
  vigie_check_rank(${arg_NAME} ${arg_DEPS})
  set(target vigie_${arg_NAME})
  set(folders "")
  foreach(dep IN LISTS arg_DEPS)
    list(APPEND folders vigie_${dep})
  endforeach()
  if(arg_SOURCES)
    add_library(${target} STATIC ${arg_SOURCES})
    target_link_libraries(${target} PRIVATE vigie_flags ${folders} ${arg_LINKS})
    set(own ${target})
  else()
    add_library(${target} INTERFACE)
    set(own "")
  endif()
  if(VIGIE_TESTS AND arg_TESTS)
    add_executable(${target}_test ${arg_TESTS})
    target_link_libraries(${target}_test PRIVATE vigie_flags ${own} ${folders} ${arg_LINKS} ${arg_TEST_LINKS}
                          GTest::gtest_main GTest::gmock rapidcheck Threads::Threads)
    # What is tested is compiled as it is shipped; the tests themselves need to be compiled soon.
    target_compile_options(${target}_test PRIVATE $<$<CONFIG:Release>:-O1>)
    vigie_add_test(${arg_NAME} ${target}_test)
  endif()
  if(VIGIE_BENCHES AND arg_BENCHES)
    add_executable(${target}_bench ${arg_BENCHES})
    target_link_libraries(${target}_bench PRIVATE vigie_flags ${own} ${folders} ${arg_LINKS} benchmark::benchmark_main)
  endif()
endfunction()
