// ?on_error=fail: what is wrong with the rows of a batch, in one document. The first kMostProblems are told.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "api/problem.h"
#include "base/json_writer.h"

namespace vigie::api {

// `place` and the row behind it, as write_problem() wants a place: `"body", 3`.
std::string row_place(std::string_view place, std::uint64_t row);

class RowProblems {
 public:
  // `place`: what leads to a row, `"body"`.
  RowProblems(std::string_view place, bool french);

  void add(std::uint64_t row, std::span<const Problem> problems);

  bool any() const { return count_ > 0; }
  bool full() const { return count_ > kMostProblems; }  // what is added is not told any more
  std::string document() &&;

 private:
  std::string_view place_;
  bool french_;
  JsonWriter json_;
  std::size_t count_ = 0;
};

}  // namespace vigie::api
