vigie_fuzz(NAME lockout_file SOURCES lockout_file_fuzz.cc DEPS identity http base)
