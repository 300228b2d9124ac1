#include "dataset/transaction_rows.h"

#include <fmt/format.h>
#include <simdjson.h>

#include <algorithm>
#include <array>
#include <numeric>
#include <optional>
#include <thread>
#include <utility>

#include "base/number.h"
#include "base/timestamp.h"
#include "dataset/bytes.h"
#include "dataset/csv.h"
#include "dataset/json_rows.h"
#include "dataset/read.h"
#include "schema/transaction.h"

namespace vigie::dataset {
namespace {

// A row's cells: the fields of a transaction in the schema's order, then the label.
constexpr std::size_t kLabel = schema::kTransactionFields;
constexpr std::size_t kCells = kLabel + 1;
using Cells = std::array<std::string_view, kCells>;  // empty where missing

// Empty: the handbook has no such column.
constexpr std::array<std::string_view, kCells> kHandbookNames = {
    "TRANSACTION_ID", "CUSTOMER_ID", "TX_AMOUNT", "", "", "TX_DATETIME", "", "TERMINAL_ID", "", "", "TX_FRAUD"};
constexpr std::uint8_t kPayment = 1;  // place of "paiement"

struct CellField {
  schema::Field field;
  bool read = true;  // the form has such a column
};
using CellFields = std::array<CellField, kCells>;

CellFields fields_of(TransactionForm form, Labels labels) {
  CellFields fields{};
  for (std::size_t cell = 0; cell < kCells; ++cell) {
    schema::Field& field = fields[cell].field;
    field = cell == kLabel ? schema::transaction_label() : schema::transaction_fields()[cell];
    if (cell == schema::kDate) field.optional = false;  // a record without one belongs nowhere in time
    if (cell == schema::kMontant) field.above = false;
    if (cell == kLabel) field.optional = labels == Labels::kOptional;
    if (form == TransactionForm::kOwn) continue;
    fields[cell].read = !kHandbookNames[cell].empty();
    if (fields[cell].read) field.name = kHandbookNames[cell];
  }
  return fields;
}

struct Refusal {
  std::size_t cell;
  std::string reason;
};

// Rows in the making.
class RowBuilder {
 public:
  RowBuilder(TransactionForm form, Labels labels) : fields_(fields_of(form, labels)) { rows_.form = form; }

  const CellFields& fields() const { return fields_; }
  TransactionRows finish() && { return std::move(rows_); }

  // Appends a row, or says why not and appends nothing.
  std::optional<Refusal> append(const Cells& cells) {
    Values values;
    for (std::size_t cell = 0; cell < kCells; ++cell) {
      if (!fields_[cell].read) continue;
      if (auto reason = read(cell, cells[cell], values)) return Refusal{cell, std::move(*reason)};
    }
    put(rows_.id, cells[schema::kTransactionId]);
    put(rows_.client, cells[schema::kClientId]);
    put(rows_.terminal, cells[schema::kTerminalId]);
    put(rows_.country, cells[schema::kPays]);
    put(rows_.currency, cells[schema::kDevise]);
    put(rows_.channel, cells[schema::kCanal]);
    rows_.amount.push_back(values.amount);
    rows_.type.push_back(values.type);
    rows_.time.push_back(values.time);
    rows_.unpaid.push_back(values.unpaid);
    rows_.labels.push_back(values.fraud);
    return std::nullopt;
  }

 private:
  struct Values {
    double amount = 0;
    std::uint8_t type = kPayment;
    std::int64_t time = 0;
    double unpaid = kMissingNumber;
    std::uint8_t fraud = 0;
  };

  // Why a cell has no value of its field.
  std::optional<std::string> read(std::size_t cell, std::string_view text, Values& values) const {
    const schema::Field& field = fields_[cell].field;
    if (text.empty()) {
      if (field.optional) return std::nullopt;
      return "the value is missing; " + schema::expectation(field) + " is needed";
    }
    if (field.type == schema::FieldType::kText) {
      if (!schema::accepts_text(field, text)) return excerpt(text) + " is not " + schema::expectation(field);
      if (cell == schema::kDate) values.time = parse_timestamp(text).value_or(0);
      if (cell == schema::kType) values.type = static_cast<std::uint8_t>(schema::choice_of(field, text).value_or(0));
      return std::nullopt;
    }
    const auto number = parse_double(text);
    if (!number || !schema::accepts(field, *number)) return excerpt(text) + " is not " + schema::expectation(field);
    if (cell == schema::kMontant) values.amount = *number;
    if (cell == schema::kHistoriqueImpaye) values.unpaid = *number;
    if (cell == kLabel) values.fraud = *number == 1 ? 1 : 0;
    return std::nullopt;
  }

  static void put(TextColumn& column, std::string_view text) {
    text.empty() ? column.append_missing() : column.append(text);
  }

  CellFields fields_;
  TransactionRows rows_;
};

// By the column that every row's name is in.
template <typename Has>
std::optional<TransactionForm> form_of(const Has& has) {
  if (has(schema::transaction_fields()[schema::kTransactionId].name)) return TransactionForm::kOwn;
  if (has(kHandbookNames[schema::kTransactionId])) return TransactionForm::kHandbook;
  return std::nullopt;
}

std::unexpected<Error> no_form(const std::string& file, std::uint64_t line) {
  return fail(Code::kInvalidData, "there is neither a transaction_id nor a TRANSACTION_ID",
              {.file = file, .line = line},
              "give transaction_id, client_id, montant, type, date_transaction and fraude, or the columns of the Fraud "
              "Detection Handbook: TRANSACTION_ID, TX_DATETIME, CUSTOMER_ID, TERMINAL_ID, TX_AMOUNT, TX_FRAUD");
}

// The column of each cell; nothing where the file has none.
using Columns = std::array<std::optional<std::size_t>, kCells>;

Result<Columns> columns_of(const CsvHeader& header, const CellFields& fields) {
  Columns columns;
  std::vector<std::string_view> missing;
  for (std::size_t cell = 0; cell < kCells; ++cell) {
    if (!fields[cell].read) continue;
    columns[cell] = header.find(fields[cell].field.name);
    if (!columns[cell] && !fields[cell].field.optional) missing.push_back(fields[cell].field.name);
  }
  if (missing.empty()) return columns;
  return fail(Code::kInvalidData,
              fmt::format("the column{} {} {} missing", missing.size() == 1 ? "" : "s", fmt::join(missing, ", "),
                          missing.size() == 1 ? "is" : "are"),
              {.file = header.file, .line = 1}, "name the columns as docs/data.md has them");
}

Result<TransactionRows> read_csv_rows(std::unique_ptr<ByteSource> source, const TransactionRowsOptions& options,
                                      RejectFile& rejects, Progress& progress) {
  auto reader = VIGIE_TRY(CsvReader::open(std::move(source), {.on_bad_row = OnBadRow::kReject}));
  const CsvHeader& header = reader.header();
  const auto form = form_of([&](std::string_view name) { return header.find(name).has_value(); });
  if (!form) return no_form(header.file, 1);
  RowBuilder builder(*form, options.labels);
  const Columns columns = VIGIE_TRY(columns_of(header, builder.fields()));
  progress.begin("reading", reader.bytes_total(), "B");
  CsvBlock block;
  while (VIGIE_TRY(reader.next(block))) {
    std::vector<BadRow> bad(block.bad_rows().begin(), block.bad_rows().end());
    for (std::size_t row = 0; row < block.rows(); ++row) {
      Cells cells;
      for (std::size_t cell = 0; cell < kCells; ++cell) {
        if (!columns[cell]) continue;
        const std::string_view text = trim_spaces(block.field(row, *columns[cell]));
        if (!header.missing.contains(text)) cells[cell] = text;
      }
      if (auto refusal = builder.append(cells)) {
        bad.push_back(block.bad_cell(row, *columns[refusal->cell], std::move(refusal->reason)));
      }
    }
    std::ranges::stable_sort(bad, {}, &BadRow::line);
    VIGIE_TRY(put_aside(bad, header.file, options.on_bad_row, rejects));
    progress.advance_to(reader.bytes_read());
  }
  progress.end();
  return std::move(builder).finish();
}

// Lines of JSON objects, a field a cell.
class JsonRows {
 public:
  JsonRows(std::string file, const TransactionRowsOptions& options, RejectFile& rejects)
      : file_(std::move(file)), rule_(options.on_bad_row), labels_(options.labels), rejects_(rejects) {}

  Status take(std::string_view record, std::uint64_t line) {
    BadRow bad{.line = line, .at_line = line};
    simdjson::dom::object object;
    if (parser_.parse(simdjson::padded_string(record)).get(object)) {
      bad.reason = "not a JSON object on one line";
      return refuse(std::move(bad), record);
    }
    if (!builder_) {
      const auto form = form_of([&](std::string_view name) { return object[name].error() == simdjson::SUCCESS; });
      if (!form) return no_form(file_, line);
      builder_.emplace(*form, labels_);
    }
    Cells cells;
    if (!find_cells(object, cells, bad)) return refuse(std::move(bad), record);
    if (auto refusal = builder_->append(cells)) {
      bad.field = builder_->fields()[refusal->cell].field.name;
      bad.reason = std::move(refusal->reason);
      return refuse(std::move(bad), record);
    }
    return {};
  }

  TransactionRows finish() && { return builder_ ? std::move(*builder_).finish() : TransactionRows(); }

 private:
  // Views into the parser's memory and `texts_`.
  bool find_cells(const simdjson::dom::object& object, Cells& cells, BadRow& bad) {
    std::array<bool, kCells> seen{};
    for (const auto [name, value] : object) {
      const auto& fields = builder_->fields();
      const auto found =
          std::ranges::find_if(fields, [&](const CellField& field) { return field.read && field.field.name == name; });
      if (found == fields.end()) continue;
      const auto cell = static_cast<std::size_t>(found - fields.begin());
      bad.field = name;
      if (std::exchange(seen[cell], true)) {
        bad.reason = "the field comes twice";
        return false;
      }
      if (value.is_object() || value.is_array()) {
        bad.reason = "an object or array inside a field cannot be a cell";
        return false;
      }
      if (value.is_null()) continue;
      if (value.is_string()) {
        cells[cell] = value.get_string().value();
      } else if (value.is_bool()) {
        cells[cell] = value.get_bool().value() ? "1" : "0";
      } else {
        texts_[cell] = simdjson::minify(value);
        cells[cell] = texts_[cell];
      }
    }
    bad.field.clear();
    return true;
  }

  Status refuse(BadRow bad, std::string_view record) {
    bad.record = record;
    return put_aside(std::span(&bad, 1), file_, rule_, rejects_);
  }

  std::string file_;
  OnBadRow rule_;
  Labels labels_;
  RejectFile& rejects_;
  simdjson::dom::parser parser_;
  std::array<std::string, kCells> texts_;
  std::optional<RowBuilder> builder_;
};

Result<TransactionRows> read_json_rows(std::unique_ptr<ByteSource> source, const TransactionRowsOptions& options,
                                       RejectFile& rejects, Progress& progress) {
  auto reader = VIGIE_TRY(JsonRowReader::open(std::move(source), {.array = false}));
  progress.begin("reading", reader.source().size(), "B");
  JsonRows rows(reader.source().name(), options, rejects);
  JsonBlock block;
  while (VIGIE_TRY(reader.next(block))) {
    for (const JsonBlock::Row& row : block.rows) VIGIE_TRY(rows.take(block.record(row), row.line));
    progress.advance_to(reader.source().position());
  }
  progress.end();
  return std::move(rows).finish();
}

template <typename Value>
std::vector<Value> take(const std::vector<Value>& values, std::span<const std::uint32_t> order) {
  std::vector<Value> out(order.size());
  for (std::size_t i = 0; i < order.size(); ++i) out[i] = values[order[i]];
  return out;
}

void sort_by_time(TransactionRows& rows) {
  rows.sorted_here = !std::ranges::is_sorted(rows.time);
  if (!rows.sorted_here) return;
  std::vector<std::uint32_t> order(rows.rows());
  std::iota(order.begin(), order.end(), 0u);
  std::ranges::stable_sort(order, {}, [&](std::uint32_t row) { return rows.time[row]; });
  for (TextColumn* const column :
       {&rows.id, &rows.client, &rows.terminal, &rows.country, &rows.currency, &rows.channel}) {
    *column = column->take(order);
  }
  rows.amount = take(rows.amount, order);
  rows.type = take(rows.type, order);
  rows.time = take(rows.time, order);
  rows.unpaid = take(rows.unpaid, order);
  rows.labels = take(rows.labels, order);
}

}  // namespace

std::string_view to_string(TransactionForm form) { return form == TransactionForm::kOwn ? "own" : "handbook"; }

Result<TransactionRows> read_transaction_rows(std::unique_ptr<ByteSource> source, FileForm form,
                                              const TransactionRowsOptions& options, Progress& progress) {
  RejectFile rejects(options.rejects);
  const std::string file = source->name();
  TransactionRows rows =
      VIGIE_TRY(form == FileForm::kNdjson ? read_json_rows(std::move(source), options, rejects, progress)
                                          : read_csv_rows(std::move(source), options, rejects, progress));
  rows.rejected = rejects.count();
  VIGIE_TRY(rejects.commit());
  if (rows.labels.empty()) {
    return fail(Code::kInvalidData, "no row can be used", {.file = file},
                rows.rejected > 0 ? "see in the reject file why" : "give a file with rows");
  }
  sort_by_time(rows);
  return rows;
}

Result<TransactionRows> read_transaction_rows(const std::filesystem::path& path, const TransactionRowsOptions& options,
                                              Progress& progress) {
  auto source = VIGIE_TRY(open_bytes(path, Access::kMapped));
  Result<std::string> hash = std::string();
  Result<TransactionRows> rows = TransactionRows();
  {
    const std::jthread hashing([&] { hash = stored_sha256(path); });
    rows = read_transaction_rows(std::move(source), form_by_suffix(path).value_or(FileForm::kCsv), options, progress);
  }
  if (rows) rows->sha256 = VIGIE_TRY(std::move(hash));
  return rows;
}

}  // namespace vigie::dataset
