// Many card transactions through parsing, features, scores and printing, in blocks on all cores: constant memory, order
// kept, reading that waits while writing is slow. What the rows are written in is a form's business (batch_csv.h,
// batch_json.h); where the text goes is the caller's: a file, a connection.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "base/result.h"
#include "dataset/bad_row.h"
#include "dataset/card_rows.h"
#include "decision/card_service.h"

namespace vigie::decision {

// What becomes of rows that cannot be used; a sink hears of each in either case.
enum class BadRows : std::uint8_t {
  kLeftOut,  // the rows that go out are those with scores
  kInPlace,  // every row goes out where it came: a bad one with what is wrong instead of scores
};

// What rows are written in.
enum class Written : std::uint8_t {
  kAsRead,  // what they are read in, as they stand
  kLines,   // JSON objects, one a line
  kArray,   // JSON objects in one array
};

struct FormOptions {
  bool members = false;  // append each member's score too
  BadRows bad_rows = BadRows::kLeftOut;
  Written written = Written::kAsRead;
};

// How rows come and go. Blocks are told apart by lane: read() runs one at a time and in order, the other two beside it
// and each other, on different lanes.
class BatchForm {
 public:
  virtual ~BatchForm() = default;

  virtual void set_lanes(std::size_t count) = 0;
  virtual Result<bool> read(std::size_t lane) = 0;  // the next block; false: there are no more
  // Overwrites `rows`: those that can be used, with their index in the block, and those that cannot.
  virtual void parse(std::size_t lane, dataset::CardBlock& rows) = 0;
  // Overwrites `text` with the rows of the block as they are to be written.
  virtual void print(std::size_t lane, const dataset::CardBlock& rows, std::span<const domain::CardDecision> decisions,
                     std::string& text) const = 0;

  // What stands before all rows, between two blocks that are not empty, and behind all rows.
  virtual std::string_view head() const { return {}; }
  virtual std::string_view between() const { return {}; }
  virtual std::string_view tail() const { return {}; }

  virtual const std::string& name() const = 0;      // of what is read, for messages
  virtual std::uint64_t position() const = 0;       // bytes, as they are stored, that read() has used
  virtual std::uint64_t size() const { return 0; }  // in all; 0 where not known
};

struct BatchReport {
  std::uint64_t rows = 0;  // scored
  std::uint64_t frauds = 0;
  std::uint64_t rejected = 0;
};

// Called one at a time and in the order of rows. An error ends the work.
struct BatchSink {
  std::function<Status(std::string_view text)> write;
  std::function<Status(const dataset::BadRow& row)> reject;
  std::function<void(const BatchReport& so_far, std::uint64_t position)> progress;
};

// The outcome does not depend on `threads` (at least 1).
Result<BatchReport> score_batch(const CardService& service, BatchForm& form, const BatchSink& sink,
                                std::size_t threads);

}  // namespace vigie::decision
