vigie_fuzz(NAME token SOURCES token_fuzz.cc DEPS identity base LINKS Boost::json)
vigie_fuzz(NAME key_set SOURCES key_set_fuzz.cc DEPS identity base LINKS Boost::json)
vigie_fuzz(NAME lockout_file SOURCES lockout_file_fuzz.cc DEPS identity http base)
vigie_fuzz(NAME issuer SOURCES issuer_fuzz.cc DEPS identity http base LINKS Boost::json)
