#include "bench/libxgboost_predictor.h"

#include <xgboost/c_api.h>

#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstdlib>

namespace vigie::bench {
namespace {

void require(int outcome) {
  if (outcome == 0) return;
  std::fprintf(stderr, "libxgboost: %s\n", XGBGetLastError());
  std::exit(1);
}

}  // namespace

LibxgboostPredictor::LibxgboostPredictor(std::string_view json, std::size_t features) : features_(features) {
  require(XGBoosterCreate(nullptr, 0, &booster_));
  require(XGBoosterLoadModelFromBuffer(booster_, json.data(), json.size()));
  require(XGBoosterSetParam(booster_, "nthread", "1"));
}

LibxgboostPredictor::~LibxgboostPredictor() { XGBoosterFree(booster_); }

std::span<const float> LibxgboostPredictor::predict(std::span<const float> rows) {
  static constexpr char kConfig[] =
      R"({"type":0,"training":false,"iteration_begin":0,"iteration_end":0,"strict_shape":false,"missing":NaN,"cache_id":0})";
  const std::string array = "{\"data\":[" + std::to_string(reinterpret_cast<std::uintptr_t>(rows.data())) +
                            ",true],\"shape\":[" + std::to_string(rows.size() / features_) + "," +
                            std::to_string(features_) + "],\"typestr\":\"<f4\",\"version\":3}";
  const bst_ulong* shape = nullptr;
  bst_ulong dimensions = 0;
  const float* scores = nullptr;
  require(XGBoosterPredictFromDense(booster_, array.c_str(), kConfig, nullptr, &shape, &dimensions, &scores));
  return {scores, rows.size() / features_};
}

std::span<const float> LibxgboostPredictor::contributions(std::span<const float> rows) {
  constexpr int kContributions = 4;
  const std::size_t count = rows.size() / features_;
  DMatrixHandle matrix = nullptr;
  require(XGDMatrixCreateFromMat(rows.data(), count, features_, std::nanf(""), &matrix));
  bst_ulong length = 0;
  const float* values = nullptr;
  require(XGBoosterPredict(booster_, matrix, kContributions, 0, 0, &length, &values));
  XGDMatrixFree(matrix);
  return {values, length};
}

}  // namespace vigie::bench
