#include "decision/batch.h"

#include <algorithm>
#include <vector>

#include "base/pipeline.h"

namespace vigie::decision {
namespace {

// One block on its way from text to scored text; used again from block to block.
struct Lane {
  dataset::CardBlock rows;
  std::vector<domain::CardDecision> decisions;
  std::string text;
  std::uint64_t position = 0;
};

}  // namespace

Result<BatchReport> score_batch(const CardService& service, BatchForm& form, const BatchSink& sink,
                                std::size_t threads) {
  std::vector<Lane> lanes(pipeline_slots(threads));
  form.set_lanes(lanes.size());
  BatchReport report;
  bool wrote_rows = false;
  VIGIE_TRY(sink.write(form.head()));
  const auto fill = [&](std::size_t slot) -> Result<bool> {
    const bool more = VIGIE_TRY(form.read(slot));
    lanes[slot].position = form.position();
    return more;
  };
  const auto work = [&](std::size_t slot) {
    Lane& lane = lanes[slot];
    form.parse(slot, lane.rows);
    lane.decisions.resize(lane.rows.rows.size());
    service.decide(lane.rows.values, lane.decisions);
    form.print(slot, lane.rows, lane.decisions, lane.text);
  };
  const auto drain = [&](std::size_t slot) -> Status {
    const Lane& lane = lanes[slot];
    for (const dataset::BadRow& bad : lane.rows.bad) VIGIE_TRY(sink.reject(bad));
    if (wrote_rows && !lane.text.empty()) VIGIE_TRY(sink.write(form.between()));
    VIGIE_TRY(sink.write(lane.text));
    wrote_rows = wrote_rows || !lane.text.empty();
    report.rows += lane.decisions.size();
    report.rejected += lane.rows.bad.size();
    report.frauds += static_cast<std::uint64_t>(std::ranges::count(lane.decisions, true, &domain::CardDecision::fraud));
    sink.progress(report, lane.position);
    return {};
  };
  VIGIE_TRY(run_pipeline(threads, {.fill = fill, .work = work, .drain = drain}));
  VIGIE_TRY(sink.write(form.tail()));
  return report;
}

}  // namespace vigie::decision
