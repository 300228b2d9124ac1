// JSON objects in, the same objects out with the scores appended inside: one a line (NDJSON), or as the elements of one
// array; as they came, unless FormOptions::written says otherwise (kLines for rows that came one a line only: in an
// array they may hold line ends). Everything else in a row stays as it is. A bad row that stays in place is answered by
// {"error": {"line": 7, "field": "Amount", "reason": "..."}}, in which `field` may be null.
#pragma once

#include <memory>

#include "dataset/json_rows.h"
#include "decision/batch.h"

namespace vigie::decision {

// `service` must outlive the form.
std::unique_ptr<BatchForm> json_form(dataset::JsonRowReader reader, const CardService& service,
                                     const FormOptions& options);

}  // namespace vigie::decision
