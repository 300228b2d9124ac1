// What libxgboost itself predicts with a model: the other side of every comparison in the tests of this folder.
#pragma once

#include <gtest/gtest.h>
#include <xgboost/c_api.h>

#include <cmath>
#include <span>
#include <string_view>
#include <vector>

namespace vigie::training {

// rows: row-major, `features` a row. The probabilities, widened to double as ours are.
inline std::vector<double> libxgboost_scores(std::string_view json, std::span<const float> rows,
                                             std::uint32_t features) {
  const std::size_t count = rows.size() / features;
  BoosterHandle booster = nullptr;
  DMatrixHandle matrix = nullptr;
  bst_ulong length = 0;
  const float* scores = nullptr;
  const bool predicted = XGBoosterCreate(nullptr, 0, &booster) == 0 &&
                         XGBoosterLoadModelFromBuffer(booster, json.data(), json.size()) == 0 &&
                         XGDMatrixCreateFromMat(rows.data(), count, features, std::nanf(""), &matrix) == 0 &&
                         XGBoosterPredict(booster, matrix, 0, 0, 0, &length, &scores) == 0;
  EXPECT_TRUE(predicted) << XGBGetLastError();
  EXPECT_EQ(length, count);
  std::vector<double> widened(scores, scores + length);
  XGDMatrixFree(matrix);
  XGBoosterFree(booster);
  return widened;
}

}  // namespace vigie::training
