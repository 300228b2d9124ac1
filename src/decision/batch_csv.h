// CSV in, the same CSV out: every row as it stands with the score columns appended, in the delimiter of the input. Bad
// rows that stay in place have an `error` in a last column of that name, which is empty for the others, and no scores;
// their own cells are empty where the record's fields cannot be told apart. Where FormOptions::written says JSON, each
// row is an object with a member for each column: a number for a transaction's field, text for the others.
#pragma once

#include <memory>

#include "base/result.h"
#include "dataset/bytes.h"
#include "dataset/csv.h"
#include "decision/batch.h"

namespace vigie::decision {

// A reader for csv_form(). Errors: what is no CSV with a header.
Result<dataset::CsvReader> open_csv(std::unique_ptr<dataset::ByteSource> source);

// `service` must outlive the form. Errors: a header that lacks a column, or has one that is to be appended (its name is
// the place's field).
Result<std::unique_ptr<BatchForm>> csv_form(dataset::CsvReader reader, const CardService& service,
                                            const FormOptions& options);

}  // namespace vigie::decision
