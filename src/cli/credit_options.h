// Reads what `vigie train credit` is told in words: "revenu=MonthlyIncome*12", "historique_impaye=96,98", "Class=2".
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "training/credit_rows.h"

namespace vigie::cli {

// "FIELD=COLUMN" or "FIELD=COLUMN*FACTOR". Errors are kInvalidArgument, here and below.
Result<training::FieldSource> parse_mapping(std::string_view text);

// "FIELD=VALUE,VALUE": values that mean something else than their size. A field's may come in several; the same value
// twice is refused.
Status add_special(training::CreditReading& reading, std::string_view text);

// "FIELD=rising", "falling", "peak" or "valley"; once a field.
Status add_trend(training::CreditReading& reading, std::string_view text);

// "COLUMN" or "COLUMN=VALUE": who defaulted.
Status set_target(training::CreditReading& reading, std::string_view text);

// "VALUE,VALUE": who repaid, by what the target has; may come in several.
Status add_good(training::CreditReading& reading, std::string_view text);

// "comma", "semicolon", "tab", "space", "bar", "auto", or the character itself.
Result<char> parse_delimiter(std::string_view text);

// "LOW,ACCEPTED,EXCELLENT".
Result<model::CreditThresholds> parse_thresholds(std::string_view text);

}  // namespace vigie::cli
