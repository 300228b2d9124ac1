# The grammar's generator is shared with the tests, and no part of the library.
vigie_fuzz(NAME rules SOURCES rules_fuzz.cc ../src/rules/random_expressions.cc DEPS rules base LINKS yaml-cpp PkgConfig::re2)
vigie_fuzz(NAME rule_cases SOURCES rule_cases_fuzz.cc DEPS decision rules features history schema domain base)
