// Credits out of anybody's file: which column plays which field, which one says who defaulted.
#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "base/progress.h"
#include "base/result.h"
#include "training/credit_members.h"
#include "training/fairness.h"

namespace vigie::training {

struct FieldSource {
  std::string field{};  // of schema::applicant_fields()
  std::string column{};
  double factor = 1;  // > 0: MonthlyIncome * 12 is an income a year
};

struct CreditReading {
  std::vector<FieldSource> map{};       // with `extra` empty too: every field whose name is a column's
  std::vector<std::string> extra{};     // columns that are further fields: numbers, or texts as categories
  std::vector<std::string> fairness{};  // columns to divide people by, fields or not
  std::string target = "defaut";        // the column that says who defaulted
  std::string bad = "1";                // by this value
  std::vector<std::string> good{};      // who repaid, by these; none: by the one other value that the column has
  std::vector<std::pair<std::string, std::vector<double>>> special{};  // of a field, after its factor
  std::vector<std::pair<std::string, model::Trend>> trends{};          // of a field's risk
  char delimiter = ',';                                                // '\0': guessed
  bool header = true;                                                  // false: columns are "1", "2", ...
  std::size_t threads = 0;
};

struct CreditRows {
  std::vector<CreditColumn> columns{};
  std::vector<std::uint8_t> labels{};
  std::vector<PeopleGroups> groups{};  // age bands where there is an age, then what CreditReading::fairness names
  std::uint64_t rejected = 0;          // rows that do not say whether they defaulted
  std::uint64_t indeterminate = 0;     // rows whose target is neither bad nor among CreditReading::good; left out too
  std::string sha256{};
  std::vector<std::string> notes{};
};

// The risk falls along revenu and rises along historique_impaye unless `trends` says otherwise; of other fields the
// data say it. A value that a request may not have (an age of 0, an income of 0) counts as missing, and a note says how
// many did; special values stay. Errors: kInvalidArgument for a mapping that makes no sense, kInvalidData as of
// read_table(), for a mapped column that is not numbers, where one outcome is all there is, and where the target has
// more than two values and nobody said which are good.
Result<CreditRows> read_credit_rows(const std::filesystem::path& path, const CreditReading& options,
                                    Progress& progress = no_progress());

}  // namespace vigie::training
