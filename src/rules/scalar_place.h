// Where in a YAML file a part of a text value stands, which may be plain, quoted, folded (>) or literal (|).
#pragma once

#include <cstddef>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"

namespace vigie::rules {

// Where the value begins in the file: line and byte of the line, from 0, as the YAML reader says.
struct Mark {
  std::size_t line;
  std::size_t column;
};

class ScalarPlaces {
 public:
  explicit ScalarPlaces(std::string_view yaml);  // which must outlive this

  // The line and column, in characters from 1, in the file, of the place `inside` in `value`, which is the text of the
  // value at `mark`. The beginning of the value where its text does not stand in the file as it is; of
  // escapes, doubled quotes and backslashes in front of a quote or a backslash are understood.
  std::pair<std::uint64_t, std::uint64_t> find(Mark mark, std::string_view value, const Place& inside) const;

 private:
  std::string_view yaml_;
  std::vector<std::size_t> lines_;  // where each begins
};

}  // namespace vigie::rules
