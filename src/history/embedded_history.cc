#include "history/embedded_history.h"

#include <algorithm>
#include <string>

#include "history/ranges.h"

namespace vigie::history {
namespace {

const ClientPast kNoClientPast;
const TerminalPast kNoTerminalPast;

// The share of one shard.
std::size_t share(std::uint32_t most) { return (std::size_t{most} + kShards - 1) / kShards; }

bool expired(const ClientPast& past, std::int64_t horizon) {
  return past.events().empty() || past.events().back().time <= horizon;
}

bool expired(const TerminalPast& past, std::int64_t horizon) { return past.newest() <= horizon; }

template <typename Shard>
void remove_oldest(Shard& shard) {
  const auto oldest = shard.table.oldest();
  shard.owned -= oldest.record.bytes();
  shard.table.erase(oldest.key);
}

// Two at most of those that nobody's window reaches: who comes pays for who went, and nobody for many.
template <typename Shard>
void make_room(Shard& shard, std::size_t most, std::int64_t horizon) {
  for (int i = 0; i < 2 && shard.table.size() > 1 && expired(shard.table.oldest().record, horizon); ++i) {
    remove_oldest(shard);
  }
  while (shard.table.size() > most) remove_oldest(shard);
}

template <typename Shard, typename Change>
void change_record(Shard& shard, std::uint64_t key, std::size_t most, std::int64_t horizon, Change change) {
  auto& record = shard.table.touch(key);
  shard.owned -= record.bytes();
  change(record);
  shard.owned += record.bytes();
  make_room(shard, most, horizon);
}

}  // namespace

std::string_view to_string(Outcome outcome) {
  switch (outcome) {
    case Outcome::kCounted: return "counted";
    case Outcome::kDuplicate: return "duplicate";
    case Outcome::kLate: return "late";
    case Outcome::kAhead: return "ahead";
  }
  return "";
}

Result<std::unique_ptr<EmbeddedHistory>> EmbeddedHistory::make(const Bounds& bounds, ChangeLog* log) {
  if (bounds.clients == 0 || bounds.terminals == 0) {
    return fail(Code::kInvalidArgument, "is 0", {.field = bounds.clients == 0 ? "clients" : "terminals"},
                "give a number above 0");
  }
  VIGIE_TRY(check_waits(bounds.late, bounds.ahead));
  return std::unique_ptr<EmbeddedHistory>(new EmbeddedHistory(bounds, log));
}

std::int64_t EmbeddedHistory::advance(std::int64_t now) {
  std::int64_t clock = clock_.load(std::memory_order_relaxed);
  while (clock < now || clock - now > bounds_.ahead) {
    if (clock_.compare_exchange_weak(clock, now, std::memory_order_relaxed)) return now;
  }
  return clock;
}

void EmbeddedHistory::add(ClientShard& shard, const domain::Event& event, std::int64_t horizon) const {
  change_record(shard, event.client, share(bounds_.clients), horizon,
                [&](ClientPast& past) { past.add(kept(event), horizon); });
}

void EmbeddedHistory::add(TerminalShard& shard, const domain::Event& event, std::int64_t horizon) const {
  change_record(shard, event.terminal, share(bounds_.terminals), horizon,
                [&](TerminalPast& past) { past.add(static_cast<std::uint32_t>(event.time), horizon); });
}

Result<Outcome> EmbeddedHistory::observe(const domain::Event& event, std::int64_t now, FeatureRow out) {
  VIGIE_TRY(check(event));
  VIGIE_TRY(check_time("now", now));
  const std::int64_t clock = advance(now);
  const std::int64_t client_horizon = horizon(clock);
  const std::int64_t terminal_horizon = client_horizon - kRiskDelay;

  ClientShard& clients = clients_[shard_of(event.client)];
  const std::scoped_lock client_lock(clients.mutex);
  const ClientPast* const known = clients.table.find(event.client);
  const ClientPast& past = known != nullptr ? *known : kNoClientPast;
  const auto itself = past.find(event.id, client_horizon);
  write_client_features(event, past, client_horizon, itself, out);

  Outcome outcome = Outcome::kCounted;
  if (itself) {
    outcome = Outcome::kDuplicate;
  } else if (event.time < clock - bounds_.late) {
    outcome = Outcome::kLate;
  } else if (event.time > now + bounds_.ahead) {
    outcome = Outcome::kAhead;
  }
  const bool counted = outcome == Outcome::kCounted;
  if (event.terminal == 0) {
    TerminalPast::write_no_features(out);
    if (counted && log_ != nullptr) clients.number = log_->append({.event = event, .clock = clock});
  } else {
    TerminalShard& terminals = terminals_[shard_of(event.terminal)];
    const std::scoped_lock terminal_lock(terminals.mutex);
    const TerminalPast* const used = terminals.table.find(event.terminal);
    (used != nullptr ? *used : kNoTerminalPast).write_features(event.time, terminal_horizon, out);
    if (counted) {
      if (log_ != nullptr) {
        clients.number = log_->append({.event = event, .clock = clock});
        terminals.number = clients.number;
      }
      add(terminals, event, terminal_horizon);
    }
  }
  if (counted) add(clients, event, client_horizon);
  return outcome;
}

Status EmbeddedHistory::read(const domain::Event& event, FeatureRow out) const {
  VIGIE_TRY(check(event));
  const std::int64_t client_horizon = horizon(clock());
  const ClientShard& clients = clients_[shard_of(event.client)];
  const std::scoped_lock client_lock(clients.mutex);
  const ClientPast* const known = clients.table.find(event.client);
  const ClientPast& past = known != nullptr ? *known : kNoClientPast;
  write_client_features(event, past, client_horizon, past.find(event.id, client_horizon), out);
  if (event.terminal == 0) {
    TerminalPast::write_no_features(out);
    return {};
  }
  const TerminalShard& terminals = terminals_[shard_of(event.terminal)];
  const std::scoped_lock terminal_lock(terminals.mutex);
  const TerminalPast* const used = terminals.table.find(event.terminal);
  (used != nullptr ? *used : kNoTerminalPast).write_features(event.time, client_horizon - kRiskDelay, out);
  return {};
}

Result<LabelOutcome> EmbeddedHistory::label(const domain::Label& label) {
  VIGIE_TRY(check_time("time", label.time));
  const std::int64_t clock = this->clock();
  const std::int64_t terminal_horizon = horizon(clock) - kRiskDelay;
  if (label.time <= terminal_horizon) return LabelOutcome::kTooOld;
  TerminalShard& terminals = terminals_[shard_of(label.terminal)];
  const std::scoped_lock lock(terminals.mutex);
  TerminalPast* const past = terminals.table.find(label.terminal);
  if (past == nullptr) return LabelOutcome::kUnknown;
  terminals.owned -= past->bytes();
  const LabelOutcome outcome =
      past->label(label.id, static_cast<std::uint32_t>(label.time), label.fraud, terminal_horizon);
  terminals.owned += past->bytes();
  if (outcome == LabelOutcome::kTaken && log_ != nullptr) {
    terminals.number = log_->append({.kind = Change::Kind::kLabel,
                                     .fraud = label.fraud,
                                     .event = {.id = label.id, .terminal = label.terminal, .time = label.time},
                                     .clock = clock});
  }
  return outcome;
}

Result<bool> EmbeddedHistory::forget(std::uint64_t client) {
  ClientShard& clients = clients_[shard_of(client)];
  const std::scoped_lock lock(clients.mutex);
  const ClientPast* const past = clients.table.find(client);
  if (past == nullptr) return false;
  clients.owned -= past->bytes();
  clients.table.erase(client);
  if (log_ != nullptr) {
    clients.number = log_->append({.kind = Change::Kind::kForget, .event = {.client = client}, .clock = this->clock()});
  }
  return true;
}

void EmbeddedHistory::apply(const Change& change, std::uint64_t number) {
  const std::int64_t client_horizon = horizon(advance(change.clock));
  const std::int64_t terminal_horizon = client_horizon - kRiskDelay;
  const domain::Event& event = change.event;
  if (change.kind != Change::Kind::kLabel) {
    ClientShard& clients = clients_[shard_of(event.client)];
    const std::scoped_lock lock(clients.mutex);
    if (number > clients.number) {
      clients.number = number;
      if (change.kind == Change::Kind::kEvent) {
        add(clients, event, client_horizon);
      } else if (const ClientPast* const past = clients.table.find(event.client); past != nullptr) {
        clients.owned -= past->bytes();
        clients.table.erase(event.client);
      }
    }
  }
  if (change.kind == Change::Kind::kForget || event.terminal == 0) return;
  TerminalShard& terminals = terminals_[shard_of(event.terminal)];
  const std::scoped_lock lock(terminals.mutex);
  if (number <= terminals.number) return;
  terminals.number = number;
  if (change.kind == Change::Kind::kEvent) {
    add(terminals, event, terminal_horizon);
  } else if (TerminalPast* const past = terminals.table.find(event.terminal); past != nullptr) {
    terminals.owned -= past->bytes();
    past->label(event.id, static_cast<std::uint32_t>(event.time), change.fraud, terminal_horizon);
    terminals.owned += past->bytes();
  }
}

Status EmbeddedHistory::write(SnapshotWriter& writer) const {
  const auto write_shards = [&](Section::Kind kind, const auto& shards, auto append) -> Status {
    std::string payload;
    for (std::uint32_t i = 0; i < kShards; ++i) {
      Section section{.kind = kind, .shard = i};
      payload.clear();
      {
        const std::scoped_lock lock(shards[i].mutex);
        payload.reserve(shards[i].owned + shards[i].table.bytes());
        section.number = shards[i].number;
        section.records = shards[i].table.size();
        shards[i].table.each([&](std::uint64_t key, const auto& record) { append(payload, key, record); });
      }
      section.payload = payload;
      VIGIE_TRY(writer.section(section));
    }
    return {};
  };
  VIGIE_TRY(write_shards(Section::Kind::kClients, clients_, append_client));
  return write_shards(Section::Kind::kTerminals, terminals_, append_terminal);
}

Status EmbeddedHistory::restore(SnapshotReader& reader) {
  const auto restore_shard = [&](auto& shard, Section& section, auto take, std::uint32_t most) -> Status {
    shard.number = section.number;
    for (std::uint64_t i = 0; i < section.records; ++i) {
      auto record = take(section.payload);
      if (!record || shard_of(record->key) != section.shard || shard.table.find(record->key) != nullptr) {
        return reader.refuse("record " + std::to_string(i + 1) + " of a shard is none of this format");
      }
      shard.owned += record->past.bytes();
      shard.table.touch(record->key) = std::move(record->past);
      while (shard.table.size() > share(most)) remove_oldest(shard);
    }
    if (!section.payload.empty()) return reader.refuse("a shard has more than its records");
    return {};
  };
  for (;;) {
    Section section = VIGIE_TRY(reader.next());
    if (section.kind == Section::Kind::kEnd) break;
    if (section.kind == Section::Kind::kClients) {
      VIGIE_TRY(restore_shard(clients_[section.shard], section, take_client, bounds_.clients));
    } else {
      VIGIE_TRY(restore_shard(terminals_[section.shard], section, take_terminal, bounds_.terminals));
    }
  }
  advance(reader.clock());
  return {};
}

namespace {

template <typename Shards, typename Of>
std::uint64_t over_all(const Shards& shards, Of of) {
  std::uint64_t sum = 0;
  for (const auto& shard : shards) {
    const std::scoped_lock lock(shard.mutex);
    sum += of(shard);
  }
  return sum;
}

}  // namespace

std::uint64_t EmbeddedHistory::clients() const {
  return over_all(clients_, [](const auto& shard) { return shard.table.size(); });
}

std::uint64_t EmbeddedHistory::terminals() const {
  return over_all(terminals_, [](const auto& shard) { return shard.table.size(); });
}

std::uint64_t EmbeddedHistory::last_change() const {
  std::uint64_t last = 0;
  const auto of = [&](const auto& shard) { return last = std::max(last, shard.number); };
  over_all(clients_, of);
  over_all(terminals_, of);
  return last;
}

std::uint64_t memory_bound(const Bounds& bounds) {
  // A table's index is less than doubled beyond what three quarters ask for; vectors are at most doubled.
  constexpr std::uint64_t kIndex = 11;
  constexpr std::uint64_t kClient = 16 + sizeof(ClientPast) + kIndex + kMostEvents * sizeof(KeptEvent);
  constexpr std::uint64_t kTerminal =
      16 + sizeof(TerminalPast) + kIndex + 2 * (kMostHours * sizeof(Uses) + kMostFrauds * sizeof(Fraud));
  return kShards * (share(bounds.clients) * kClient + share(bounds.terminals) * kTerminal);
}

std::uint64_t EmbeddedHistory::bytes() const {
  const auto of = [](const auto& shard) { return shard.table.bytes() + shard.owned; };
  return over_all(clients_, of) + over_all(terminals_, of) + sizeof *this;
}

}  // namespace vigie::history
