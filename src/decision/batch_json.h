// JSON objects in, the same objects out with the scores appended inside: one a line (NDJSON), or as the elements of one
// array, as they came. Everything else in a row stays as it is.
#pragma once

#include <memory>

#include "base/result.h"
#include "dataset/bytes.h"
#include "decision/batch.h"

namespace vigie::decision {

// `members`: append each member's score too. `service` must outlive the form.
Result<std::unique_ptr<BatchForm>> json_form(std::unique_ptr<dataset::ByteSource> source, const CardService& service,
                                             bool members);

}  // namespace vigie::decision
