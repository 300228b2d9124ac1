vigie_fuzz(NAME history_snapshot SOURCES history_snapshot_fuzz.cc DEPS history domain base)
vigie_fuzz(NAME history_journal SOURCES history_journal_fuzz.cc DEPS history domain base)
vigie_fuzz(NAME history_redis SOURCES history_redis_fuzz.cc DEPS history domain base)
