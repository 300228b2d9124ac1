#include "history/ranges.h"

#include <string>

#include "history/feature.h"

namespace vigie::history {
namespace {

std::unexpected<Error> out_of_range(const char* field, std::uint64_t most) {
  return fail(Code::kInvalidArgument, "is not within 0 and " + std::to_string(most), {.field = field},
              "give a value in this range");
}

}  // namespace

Status check_time(const char* field, std::int64_t time) {
  if (time < 0 || time > domain::kLatestTime) return out_of_range(field, domain::kLatestTime);
  return {};
}

Status check(const domain::Event& event) {
  VIGIE_TRY(check_time("time", event.time));
  if (event.cents > domain::kMostCents) return out_of_range("cents", domain::kMostCents);
  if (event.country > 26 * 26) return out_of_range("country", 26 * 26);
  if (event.type >= domain::kMostTypes) return out_of_range("type", domain::kMostTypes - 1);
  return {};
}

Status check_waits(std::int64_t late, std::int64_t ahead) {
  if (late < 0 || late > 7 * kDay) return out_of_range("late", 7 * kDay);
  if (ahead < 0 || ahead > kDay) return out_of_range("ahead", kDay);
  return {};
}

}  // namespace vigie::history
