vigie_fuzz(NAME xgboost_json SOURCES xgboost_json_fuzz.cc DEPS model base)
# Its parts come with definitions that decide how large its classes are.
vigie_fuzz(NAME package SOURCES package_fuzz.cc DEPS model schema base LINKS simdjson::simdjson)
