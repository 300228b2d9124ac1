vigie_fuzz(NAME csv SOURCES csv_fuzz.cc DEPS base dataset)
vigie_fuzz(NAME ndjson SOURCES ndjson_fuzz.cc DEPS base dataset)
vigie_fuzz(NAME card_json SOURCES card_json_fuzz.cc DEPS base dataset LINKS simdjson::simdjson)
vigie_fuzz(NAME transaction_rows SOURCES transaction_rows_fuzz.cc DEPS base schema dataset)
