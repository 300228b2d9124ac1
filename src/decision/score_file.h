// Scores a file into a file: every usable row as it stands, with the score columns appended, in the order of the input;
// rows that cannot be used go to a reject file with the reason. Constant memory, whatever the number of rows.
//
//   auto report = VIGIE_TRY(score_file(*service, "in.csv", "out.csv", {.rejects = "out.rejects.csv"}, progress));
//
// Input may be compressed (gzip, xz, zstd), output is by its suffix; both appear whole or not at all. The result does
// not depend on `threads`.
#pragma once

#include <filesystem>

#include "base/progress.h"
#include "base/result.h"
#include "dataset/bad_row.h"
#include "decision/batch.h"
#include "decision/card_service.h"

namespace vigie::decision {

struct ScoreFileOptions {
  bool members = false;  // append each member's score too
  dataset::OnBadRow on_bad_row = dataset::OnBadRow::kReject;
  std::filesystem::path rejects{};  // empty: bad rows are only counted
  std::size_t threads = 0;          // 0: as many as the process may use
};

Result<BatchReport> score_file(const CardService& service, const std::filesystem::path& input,
                               const std::filesystem::path& output, const ScoreFileOptions& options,
                               Progress& progress = no_progress());

}  // namespace vigie::decision
