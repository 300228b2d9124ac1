// Card transactions out of files: the 30 raw fields of schema::card_raw_fields, checked against their table, and the
// label and a weight where they are wanted. Columns may stand in any order; others are ignored.
//
//   auto rows = VIGIE_TRY(read_card_rows("card.csv.xz", {.threads = 2}, progress));   // whole, for training
//   CardBlockParser parser = VIGIE_TRY(CardBlockParser::make(reader.header(), {})); // block by block, for scoring
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "base/progress.h"
#include "base/result.h"
#include "dataset/csv.h"
#include "schema/field.h"

namespace vigie::dataset {

// Rows of one block that can be used, and those that cannot.
struct CardBlock {
  std::vector<double> values;        // row-major, 30 a row: Time, Amount, V1..V28
  std::vector<std::uint8_t> labels;  // one a row, or empty
  std::vector<double> weights;       // one a row, or empty
  std::vector<std::uint32_t> rows;   // index in the CsvBlock of each row kept
  std::vector<BadRow> bad;           // the block's own and those refused here, in file order
  std::vector<double> cells;         // for CardBlockParser: what it reads besides, kept for its memory
};

// Why schema::accepts(field, value) is false, for a bad row; NaN is a missing value.
std::string why_refused(const schema::Field& field, double value);

// What to read besides the 30 raw fields.
struct CardColumns {
  bool labelled = false;
  std::string weight{};  // the column that holds each row's weight, >= 0; empty: none
};

class CardBlockParser {
 public:
  // Errors: kInvalidData naming every column that the header lacks.
  static Result<CardBlockParser> make(const CsvHeader& header, const CardColumns& columns);

  // Overwrites `out`. May be called from several threads on different blocks.
  void parse(const CsvBlock& block, CardBlock& out) const;

 private:
  CardBlockParser(std::vector<std::uint32_t> places, CardColumns columns);
  bool finite_and_in_bounds(const double* values) const;

  std::vector<std::uint32_t> places_;  // in raw order, then the label, then the weight
  CardColumns columns_;
  struct Bounds {
    std::size_t field;
    double least;
    double most;
  };
  std::vector<Bounds> bounds_;  // of the fields that have some
};

struct CardRowsOptions {
  OnBadRow on_bad_row = OnBadRow::kFail;
  std::filesystem::path rejects{};  // with kReject: where bad rows go; empty: only counted
  std::string weight{};             // CardColumns::weight
  std::size_t threads = 0;          // 0: as many as the process may use
};

struct CardRows {
  std::vector<double> values;        // row-major, 30 a row
  std::vector<std::uint8_t> labels;  // 1 is a fraud
  std::vector<double> weights;       // one a row, or empty
  std::uint64_t rejected = 0;
  std::string sha256;  // of the file's bytes as they are on disk; empty for a pipe

  std::size_t rows() const { return labels.size(); }
};

// A labelled file, CSV or NDJSON, plain or compressed. Errors carry file, line, column and field.
Result<CardRows> read_card_rows(const std::filesystem::path& path, const CardRowsOptions& options,
                                Progress& progress = no_progress());

}  // namespace vigie::dataset
