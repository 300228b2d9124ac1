// libxgboost's fastest way to score rows that lie in memory: in-place prediction, on one thread.
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace vigie::bench {

class LibxgboostPredictor {
 public:
  // Ends the program with libxgboost's message where it refuses the model.
  LibxgboostPredictor(std::string_view json, std::size_t features);
  ~LibxgboostPredictor();
  LibxgboostPredictor(const LibxgboostPredictor&) = delete;
  LibxgboostPredictor& operator=(const LibxgboostPredictor&) = delete;

  // Row-major, `features` a row; valid until the next call.
  std::span<const float> predict(std::span<const float> rows);
  // Shapley values of the margin: `features` + 1 a row, the last the base. Valid until the next call.
  std::span<const float> contributions(std::span<const float> rows);

 private:
  void* booster_ = nullptr;
  std::size_t features_;
};

}  // namespace vigie::bench
