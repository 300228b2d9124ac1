// How long the steps of a training took.
#pragma once

#include <chrono>
#include <string>
#include <utility>
#include <vector>

namespace vigie::training {

struct StepTime {
  std::string step;
  std::chrono::duration<double> took{};
};

// Adds a step at each lap(): the time since the one before.
class Stopwatch {
 public:
  explicit Stopwatch(std::vector<StepTime>& steps) : steps_(steps) {}
  void lap(std::string step) {
    const auto now = std::chrono::steady_clock::now();
    steps_.push_back({std::move(step), now - last_});
    last_ = now;
  }

 private:
  std::vector<StepTime>& steps_;
  std::chrono::steady_clock::time_point last_ = std::chrono::steady_clock::now();
};

}  // namespace vigie::training
