// Score probing: whoever wants to know what a model lets pass sends one transaction again and again with a little
// changed, and watches the score. This counts, for each request, how many of the same subject's last ones were nearly
// the same.
//
//   ProbingCounter probing = VIGIE_TRY(ProbingCounter::make({.fields = 29}, hash));
//   const ProbingCount count = probing.observe(hash(subject), values, now);
//   if (count.near >= 10) ...                   // a metric, an alert, or 429
//
// Two requests are near where at most `free_fields` of their values differ, and at least one does. Values that are no
// further apart than `tolerance` times the larger do not differ. So these are near: any search along up to three fields
// at a time, however far it goes (bisecting Amount, sweeping V14), and copies with up to 1 % of noise in every field.
// More noise hides: but what is then learnt is the score of other transactions, which is what ordinary requests tell
// too, and rate limits are against that. Two ordinary purchases differ in nearly all of a card's fields.
// Give the values that the decision depends on, and leave out the time: a purchase repeated later is a repetition.
//
// The very same values again are a retry and no probing: they are counted apart, take no place among the last ones
// and so push nothing out. The 30 columns of the genuine card data without Time, all sent by one subject, have another
// one near among the last 64 in 0.30 % of rows, and never more than 6 of them (card_probing_test prints it).
//
// What it does not see: probes spread over more than `recent` other requests of the same subject. Where one subject
// sends for many people, make the key of both, the subject and whom it sends for.
//
// At most `subjects` are known, with at most 4 * fields + 24 bytes for each of `recent` requests; who comes when all
// places are taken takes that of the one that was silent for longest in its part of the table. A history that was
// pushed out begins anew. Any number of threads; an ordinary
// request costs about a microsecond, under its part's lock (BM_ObserveForProbing).
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "base/keyed_hash.h"
#include "base/result.h"
#include "identity/rate_limit.h"

namespace vigie::identity {

struct ProbingOptions {
  std::size_t fields = 29;                                     // values of a request, in [3, 256]
  std::size_t recent = 64;                                     // requests of a subject that are kept, in [1, 1024]
  std::chrono::nanoseconds window = std::chrono::minutes(10);  // in [1 s, 366 days]
  std::size_t free_fields = 3;                                 // at least 1, less than half of the fields
  double tolerance = 0.02;                                     // in [0, 0.5]
  std::size_t subjects = 1'000;                                // in [1, 2^20]; all in all no more than 1 GiB
};

struct ProbingCount {
  std::uint32_t near = 0;      // of the requests kept, those that are near this one
  std::uint32_t repeated = 0;  // how often this very request came before
  std::uint32_t compared = 0;  // the requests kept within the window, this one not among them
};

class ProbingCounter {
 public:
  // kInvalidArgument, with the field, where an option is out of range.
  static Result<ProbingCounter> make(const ProbingOptions& options, const KeyedHash& hash);
  ProbingCounter(ProbingCounter&&) noexcept;
  ProbingCounter& operator=(ProbingCounter&&) noexcept;
  ~ProbingCounter();

  // Compares the request with those kept of the subject, then keeps it. `values` are options.fields; NaN is a missing
  // one, and like another. `subject` is a KeyedHash's.
  ProbingCount observe(std::uint64_t subject, std::span<const double> values, SteadyTime now);

  std::size_t subjects() const;  // known, those silent for longer than the window included

 private:
  struct Request;
  struct History;
  struct Part;
  ProbingCounter(const ProbingOptions& options, const KeyedHash& hash);
  bool near(const float* a, const float* b) const;

  ProbingOptions options_;
  KeyedHash hash_;
  std::vector<std::unique_ptr<Part>> parts_;  // a power of two
};

}  // namespace vigie::identity
