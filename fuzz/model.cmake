vigie_fuzz(NAME xgboost_json SOURCES xgboost_json_fuzz.cc DEPS model base)
# Their parts come with definitions that decide how large their classes are.
vigie_fuzz(NAME package SOURCES package_fuzz.cc DEPS model schema base LINKS simdjson::simdjson)
vigie_fuzz(NAME scorecard_json SOURCES scorecard_json_fuzz.cc DEPS model base LINKS simdjson::simdjson)
