// What is wrong in a file of settings, all of it.
#include <algorithm>
#include <iterator>
#include <string>
#include <utility>

#include "cli/config.h"
#include "cli/credit_setup.h"
#include "cli/fraud_setup.h"

namespace vigie::cli {
namespace {

// "fraud.bands" of "fraud.bands.moyen".
std::string group_of(const Error& error) {
  const std::string& field = error.place.field;
  const auto dot = field.find('.');
  return dot == std::string::npos ? field : field.substr(0, field.find('.', dot + 1));
}

}  // namespace

std::vector<Error> check_config_file(const std::filesystem::path& path) {
  Config config;
  std::vector<Error> problems = read_all_of_config_file(path, config);
  std::vector<Error> found;
  if (const Status providers = check_providers(config); !providers) found.push_back(providers.error());
  if (const Status thresholds = check_credit_thresholds(config.credit_thresholds); !thresholds) {
    found.push_back(thresholds.error());
  }
  if (config.fraud.on) std::ranges::copy(fraud_problems(config.fraud), std::back_inserter(found));
  // Where a value of a group could not be read, its default stands there: what follows from that is no news.
  const std::size_t unread = problems.size();
  for (Error& error : found) {
    const bool follows = std::any_of(problems.begin(), problems.begin() + static_cast<std::ptrdiff_t>(unread),
                                     [&](const Error& one) { return group_of(one) == group_of(error); });
    if (follows) continue;
    if (error.place.file.empty()) error.place.file = path.native();
    problems.push_back(std::move(error));
  }
  return problems;
}

}  // namespace vigie::cli
