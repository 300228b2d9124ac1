vigie_fuzz(NAME http SOURCES http_fuzz.cc DEPS http LINKS Boost::boost)
vigie_fuzz(NAME predict_body SOURCES predict_body_fuzz.cc DEPS api http schema base)
vigie_fuzz(NAME record_body SOURCES record_body_fuzz.cc DEPS api schema base)
vigie_fuzz(NAME proxy_protocol SOURCES proxy_protocol_fuzz.cc DEPS http base)
