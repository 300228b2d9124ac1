vigie_fuzz(NAME engines SOURCES engines_fuzz.cc DEPS scoring model base)
