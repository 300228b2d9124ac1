#include "api/row_problems.h"

#include <utility>

namespace vigie::api {

std::string row_place(std::string_view place, std::uint64_t row) {
  return std::string(place) + ", " + std::to_string(row);
}

RowProblems::RowProblems(std::string_view place, bool french) : place_(place), french_(french) {
  json_.begin_object().key("detail").begin_array();
}

void RowProblems::add(std::uint64_t row, std::span<const Problem> problems) {
  for (const Problem& problem : problems) {
    if (full()) return;
    if (count_++ == kMostProblems) {
      write_problem(json_, {.kind = Problem::Kind::kTooMany}, place_, french_);
    } else {
      write_problem(json_, problem, row_place(place_, row), french_);
    }
  }
}

std::string RowProblems::document() && {
  json_.end_array().end_object();
  return std::move(json_).text();
}

}  // namespace vigie::api
