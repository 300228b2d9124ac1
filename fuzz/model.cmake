vigie_fuzz(NAME xgboost_json SOURCES xgboost_json_fuzz.cc DEPS model base)
vigie_fuzz(NAME package SOURCES package_fuzz.cc DEPS model schema base)
