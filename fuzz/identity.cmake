vigie_fuzz(NAME issuer SOURCES issuer_fuzz.cc DEPS identity http base LINKS Boost::json)
