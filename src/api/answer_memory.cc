#include "api/answer_memory.h"

namespace vigie::api {

AnswerMemory::Seen AnswerMemory::begin(const Digest& name, const Digest& content) {
  Shard& shard = shard_of(name);
  std::unique_lock lock(shard.mutex);
  for (;;) {
    const auto [at, is_new] = shard.entries.try_emplace(name, Entry{.content = content});
    if (is_new) return {};
    if (at->second.content != content) return {.was = Was::kOther};
    if (at->second.answer) return {.was = Was::kSame, .answer = at->second.answer};
    shard.done.wait(lock);  // whoever works on it keeps or drops it
  }
}

void AnswerMemory::keep(const Digest& name, std::string answer) {
  Shard& shard = shard_of(name);
  {
    const std::scoped_lock lock(shard.mutex);
    shard.bytes += kEntryBytes + answer.size();
    shard.entries.at(name).answer = std::make_shared<const std::string>(std::move(answer));
    shard.by_age.push_back(name);
    while (shard.bytes > bytes_per_shard_ && !shard.by_age.empty()) {
      const auto oldest = shard.entries.find(shard.by_age.front());
      shard.bytes -= kEntryBytes + oldest->second.answer->size();
      shard.entries.erase(oldest);
      shard.by_age.pop_front();
    }
  }
  shard.done.notify_all();
}

void AnswerMemory::drop(const Digest& name) {
  Shard& shard = shard_of(name);
  {
    const std::scoped_lock lock(shard.mutex);
    shard.entries.erase(name);
  }
  shard.done.notify_all();
}

}  // namespace vigie::api
