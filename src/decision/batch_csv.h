// CSV in, the same CSV out: every row as it stands with the score columns appended, in the delimiter of the input.
#pragma once

#include <memory>

#include "base/result.h"
#include "dataset/bytes.h"
#include "decision/batch.h"

namespace vigie::decision {

// `members`: append each member's score too. `service` must outlive the form. Errors: a header that lacks a column or
// has one that is to be appended.
Result<std::unique_ptr<BatchForm>> csv_form(std::unique_ptr<dataset::ByteSource> source, const CardService& service,
                                            bool members);

}  // namespace vigie::decision
