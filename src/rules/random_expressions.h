// Texts of expressions at random, most of which the checker accepts. For tests and fuzzing.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

namespace vigie::rules {

// `choose(n)` gives a number below n. Over sample_variables().
class RandomExpressions {
 public:
  explicit RandomExpressions(std::function<std::uint64_t(std::uint64_t)> choose) : choose_(std::move(choose)) {}

  std::string condition(int depth);

 private:
  std::string number(int depth);
  std::string count(int depth);
  std::string text(int depth);
  std::string list(int depth);  // of text
  std::string time(int depth);
  std::string any(int depth);
  std::string one_of(std::initializer_list<const char*> texts) { return texts.begin()[choose_(texts.size())]; }

  std::function<std::uint64_t(std::uint64_t)> choose_;
  int loops_ = 0;  // around
};

}  // namespace vigie::rules
